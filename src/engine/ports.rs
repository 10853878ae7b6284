//! What the engine needs from around it, so that a test can stand in for each.

use super::entry::Entry;
use super::past::Past;
use super::record::Noted;
use crate::bundle::{Bundle, VerifiedReader};
use crate::console::{Console, Progress};
use crate::model::{Failure, FileName, Meter, Timestamp};
use serde_json::Value;

/// Tells the operator what happens.
pub trait Reporter {
    /// A result, or something to be read.
    fn say(&self, text: &str);
    /// What a person must have read before they are asked whether they agree.
    ///
    /// # Errors
    /// A [`Failure`] where nobody can have read it.
    fn show(&self, text: &str) -> Result<(), Failure>;
    /// What is good to know.
    fn note(&self, text: &str);
    /// What needs attention.
    fn warn(&self, text: &str);
    /// An event for programs.
    fn event(&self, event: &str, fields: Value);
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
}

impl Reporter for Console {
    fn say(&self, text: &str) {
        Console::say(self, text);
    }

    fn show(&self, text: &str) -> Result<(), Failure> {
        Console::show(self, text)
    }

    fn note(&self, text: &str) {
        Console::note(self, text);
    }

    fn warn(&self, text: &str) {
        Console::warn(self, text);
    }

    fn event(&self, event: &str, fields: Value) {
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
}

impl Carrier for Bundle {
    fn package(&self, file: &FileName) -> Result<VerifiedReader, Failure> {
        Ok(Bundle::package(self, file)?)
    }
}
