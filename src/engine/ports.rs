//! What the engine needs from around it, so that a test can stand in for each.

use super::EngineError;
use super::entry::Entry;
use super::past::Past;
use super::record::Noted;
use crate::bundle::{Bundle, BundleError, Delivery, VerifiedReader};
use crate::console::{Console, EventKind, LiveWork, Progress};
use crate::media::{DurableFile, Mode};
use crate::model::{Exit, Explain, Failure, FileName, Meter, Package, Sha256Digest, Timestamp, disk_exit, text};
use crate::web::{Timeouts, fetch_certificate};
use serde_json::Value;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

/// Tells the operator what happens.
pub trait Reporter {
    /// A result, or something to be read.
    fn say(&self, text: &str);
    /// An agreement that a person must have read before they agree to it, word for word.
    ///
    /// # Errors
    /// A [`Failure`] where nobody can have read it.
    fn show_agreement(&self, title: &str, text: &str) -> Result<(), Failure>;
    /// What is good to know.
    fn note(&self, text: &str);
    /// That something is still as it was told to be; where nobody sits through the wait, it is left out.
    fn still(&self, text: &str) {
        self.note(text);
    }
    /// Whether `what` is to be told, where an earlier call of the run told it or not.
    fn is_news(&self, _what: &str, known: bool) -> bool {
        !known
    }
    /// What goes on, shown until the next or `None`, where there is a line that can be drawn over.
    fn live(&self, _work: Option<LiveWork>) {}
    /// What needs attention.
    fn warn(&self, text: &str);
    /// An event for programs.
    fn event(&self, event: &'static EventKind, fields: Value);
    /// Long work of a known size.
    fn progress(&self, label: &str, total_bytes: u64) -> Box<dyn Bar>;
}

/// How far long work is.
pub trait Bar: Meter {
    /// Ends it.
    fn finish(self: Box<Self>);
}

/// Who tells where host names lead.
pub trait Resolver {
    /// The IP addresses of `host` as seen from here; none where it has none,
    /// or nobody here can tell.
    fn addresses(&self, host: &str) -> Vec<String>;

    /// Whether anything answers by TLS there, seen from here; `None` where nobody looks.
    fn answers(&self, _host: &str, _port: u16) -> Option<bool> {
        None
    }

    /// The fingerprint of the certificate that `host` shows on `port`, seen
    /// from here; `None` where nothing answers, or nobody here can look.
    fn shows(&self, _host: &str, _port: u16) -> Option<String> {
        None
    }
}

/// Where it is written what was done.
pub trait RunJournal {
    /// Writes an entry and waits until the disk has it.
    ///
    /// # Errors
    /// A [`Failure`] where it could not be written; nothing may be done then.
    fn append(&mut self, now: Timestamp, entry: &Entry) -> Result<(), Failure>;

    /// What it tells, up to date.
    fn past(&self) -> &Past;

    /// All entries, oldest first.
    fn entries(&self) -> &[Noted] {
        self.past().entries()
    }
}

/// Where verified packages come from.
pub trait Carrier {
    /// Opens a package; each chunk is checked before it is handed out.
    ///
    /// # Errors
    /// A [`Failure`] where the stick can't be read.
    fn package(&self, file: &FileName) -> Result<VerifiedReader, Failure>;

    /// Puts a copy of a package where a browser can choose it; every chunk is
    /// checked on the way, and nothing is named before all of it is there.
    ///
    /// # Errors
    /// A [`Failure`] where the stick can't be read or the copy not be kept.
    fn copy(&self, package: &Package, to: &Path, meter: &dyn Meter) -> Result<(), Failure> {
        let mut source = self.package(&package.file)?;
        let mut copy = DurableFile::create(to, Mode::Private, true)?;
        let mut buffer = vec![0; COPIED_BYTES];
        let mut copied = || loop {
            let got = source.read(&mut buffer)?;
            if got == 0 {
                return Ok(());
            }
            meter.advance(got as u64);
            copy.write_all(&buffer[..got])?;
        };
        copied().map_err(|error: io::Error| {
            let exit = match BundleError::in_io(&error) {
                Some(damage) => damage.exit(),
                None => disk_exit(&error).unwrap_or(Exit::Failure),
            };
            let (package, path) = (text::one_line(&package.name), to.to_owned());
            EngineError::Staging { package, path, why: error.to_string(), exit }
        })?;
        Ok(copy.commit()?)
    }

    /// The licence agreement that the sealer saw with a package, which the
    /// appliance is to show again; `None` where there is none to compare.
    fn agreement(&self, package: &Package) -> Option<Sha256Digest> {
        package.eula
    }
}

/// Bytes that a copy is made of at a time.
const COPIED_BYTES: usize = 1 << 20;

impl Reporter for Console {
    fn say(&self, text: &str) {
        Console::say(self, text);
    }

    fn show_agreement(&self, title: &str, text: &str) -> Result<(), Failure> {
        Console::show_agreement(self, title, text)
    }

    fn note(&self, text: &str) {
        Console::note(self, text);
    }

    fn still(&self, text: &str) {
        // Where a line is drawn anew each second, nobody asks whether it is still so.
        if !self.is_live() {
            Console::note(self, text);
        }
    }

    fn is_news(&self, what: &str, known: bool) -> bool {
        Console::is_news(self, what, known)
    }

    fn live(&self, work: Option<LiveWork>) {
        Console::live(self, work);
    }

    fn warn(&self, text: &str) {
        Console::warn(self, text);
    }

    fn event(&self, event: &'static EventKind, fields: Value) {
        Console::event(self, event, fields);
    }

    fn progress(&self, label: &str, total_bytes: u64) -> Box<dyn Bar> {
        Box::new(Console::progress(self, label, total_bytes))
    }
}

impl Bar for Progress {
    fn finish(self: Box<Self>) {
        Progress::finish(&self);
    }
}

/// How long an address is looked at that need not answer this machine.
// A person waits for it, and a firewall that drops what comes lets every look last this long.
const SHORT_LOOK: Duration = Duration::from_secs(5);

/// This machine's own resolver, with its hosts file.
pub struct HostResolver;

impl Resolver for HostResolver {
    fn addresses(&self, host: &str) -> Vec<String> {
        use std::net::ToSocketAddrs;
        // The port is nobody's concern: no connection is made.
        let found = (host, 443).to_socket_addrs().map(|found| found.map(|at| at.ip()).collect::<Vec<_>>());
        let found = found.unwrap_or_default();
        let four: Vec<String> = found.iter().filter(|ip| ip.is_ipv4()).map(ToString::to_string).collect();
        if four.is_empty() { found.iter().map(ToString::to_string).collect() } else { four }
    }

    fn answers(&self, host: &str, port: u16) -> Option<bool> {
        Some(self.shows(host, port).is_some())
    }

    fn shows(&self, host: &str, port: u16) -> Option<String> {
        let timeouts = Timeouts { connect: SHORT_LOOK, idle: SHORT_LOOK };
        fetch_certificate(&format!("https://{host}:{port}"), timeouts).ok().map(|facts| facts.fingerprint())
    }
}

impl Carrier for Delivery {
    fn package(&self, file: &FileName) -> Result<VerifiedReader, Failure> {
        Ok(Bundle::package(self, file)?)
    }
}
