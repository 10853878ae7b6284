//! One package on its way: whole, or on from where it was cut, never spliced
//! out of two different files.

use super::ExchangeError;
use super::ahead::{Pieces, read_ahead};
use super::page::read_requires;
use crate::bundle::limits::MAX_ALLOWED;
use crate::console::{Console, going_on};
use crate::model::{FileName, Id, Meter, Source, Time, text};
use crate::outside::kind::title_of_file;
use crate::outside::vault::{Announced, Event, ExchangeLedger, ListedPackage, Partial, StoredPackage, Vault};
use crate::web::{Client, Download, WebError, origin};
use std::ops::Range;
use std::time::Duration;

/// Bytes that are written and then digested while the processor still has them at hand.
const PART_BYTES: usize = 256 << 10;
/// Bytes before the cut that are asked for again and compared, so that a
/// server that ignores its own validators does not splice two files.
const OVERLAP_BYTES: u64 = 64 * 1024;
/// Largest package, in bytes: its chunk digests still fit a record.
const MAX_PACKAGE_BYTES: u64 = 256 << 30;
/// How often a download is taken up again without a byte in between.
// Lost connections are common. A server that gives nothing three times
// is down, and a person decides better than a loop.
const FRUITLESS_ATTEMPTS: u32 = 3;
/// Longest wait that a server may ask for before this run gives up, in seconds.
// Somebody sits before it. A minute is waited out; for longer the run is better ended, and the time told.
const MAX_WAIT_SECS: u64 = 60;

/// Brings packages from the server into the vault.
pub(super) struct Downloader<'a> {
    pub vault: &'a Vault,
    pub console: &'a Console,
    pub time: &'a dyn Time,
    pub client: &'a Client,
}

impl Downloader<'_> {
    /// Brings one package: its record is in the vault when this returns.
    ///
    /// # Errors
    /// [`ExchangeError`]; what arrived is kept.
    pub fn bring(&self, ledger: &mut ExchangeLedger, offer: &ListedPackage) -> Result<(), ExchangeError> {
        let id = ledger.exchange.id;
        let arrived = ledger.exchange.arrived.get(&offer.number).map(|(kept, _)| kept.clone());
        let kept = match arrived {
            // An earlier run got all of it and was cut while it put it in its place.
            Some(kept) => kept,
            None => {
                let kept = self.fetch(id, offer, ledger)?;
                // Written before the file is moved. Killed in between, the next
                // run finds no beginning of it, and knows by this what it was.
                let event = Event::Arrived { number: offer.number, kept: Box::new(kept.clone()) };
                ledger.write(self.time.now(), event)?;
                kept
            }
        };
        self.vault.take_in(id, offer.number, &kept)?;
        Ok(ledger.write(self.time.now(), Event::Kept { number: offer.number })?)
    }

    /// Whether the link itself seems to be no good any more.
    pub fn is_stale(&self, error: &ExchangeError) -> bool {
        match error {
            // 429 means later. Any other 4xx, or a page in the file's
            // place, means that this link gives nothing any more.
            ExchangeError::Web(WebError::NotAFile { .. }) => true,
            ExchangeError::Web(WebError::Status { status, .. }) => (400..500).contains(status) && *status != 429,
            _ => false,
        }
    }

    fn fetch(&self, id: Id, offer: &ListedPackage, ledger: &ExchangeLedger) -> Result<StoredPackage, ExchangeError> {
        let url = offer.link.as_deref().expect("only offers with a link are brought");
        let mut partial = self.vault.partial(id, offer.number)?;
        let mut attempt = Attempt { fruitless: 0, blind: false };
        while !is_complete(&partial) {
            let before = partial.len();
            match self.rest(url, offer, &mut partial, &attempt) {
                Ok(()) => break,
                // Set aside and not deleted: the vendor lists a package
                // once, and what looks changed may be the only copy.
                Err(ExchangeError::Changed { title }) => {
                    partial.set_aside()?;
                    return Err(ExchangeError::Changed { title });
                }
                Err(error) => {
                    // What came before the cut is made durable before
                    // anything is tried again: it may be all that ever comes.
                    partial.sync()?;
                    attempt.after(error, partial.len() > before, self, &offer.title)?;
                }
            }
        }
        let announced = partial.announced.clone().unwrap_or_default();
        let digests = partial.finish()?;
        if digests.size_bytes == 0 {
            return Err(ExchangeError::Incomplete {
                missing: 1,
                listed: 1,
                why: "the server sent an empty file".to_owned(),
                gone: false,
                retry_after_secs: None,
            });
        }
        let title = match (offer.title.as_str(), &announced.file_name) {
            // On pages that name a package elsewhere than beside its link.
            ("", Some(name)) => title_of_file(name.as_str()),
            ("", None) => format!("download {}", offer.number),
            (title, _) => title.to_owned(),
        };
        let file = announced.file_name.unwrap_or_else(|| FileName::from_foreign(&title));
        // What the exchange may have led on to is told as well: which of them sent the bytes, only their servers know.
        let allowed = ledger.exchange.allowed.iter().take(MAX_ALLOWED).cloned().collect();
        let origin = origin(&ledger.exchange.server)?;
        let source = Source::Exchange { origin, allowed, exchange: id, at: self.time.now() };
        let mut kept = StoredPackage::new(&title, file, digests, source);
        if let Some(note) = &offer.requires {
            match read_requires(note) {
                Some(requires) => kept.requires = requires,
                None => kept.requires_unread = Some(note.clone()),
            }
        }
        kept.appliance.clone_from(&ledger.exchange.appliance);
        kept.request.clone_from(&ledger.exchange.request);
        Ok(kept)
    }

    /// Asks for what is missing and appends it; returns when all is there.
    fn rest(
        &self,
        url: &str,
        offer: &ListedPackage,
        partial: &mut Partial,
        attempt: &Attempt,
    ) -> Result<(), ExchangeError> {
        let known = partial.announced.clone().unwrap_or_default();
        // Without a validator the middle of another file could come under the same name (RFC 9110, 13.1.5: If-Range).
        let validated = known.validators.etag.is_some() || known.validators.last_modified.is_some();
        let from_byte = match validated && !attempt.blind {
            true => partial.len().saturating_sub(OVERLAP_BYTES),
            // From its start, and compared with what is here on the way.
            false => 0,
        };
        let changed = || ExchangeError::Changed { title: offer.title.clone() };
        let download = self.client.download(url, from_byte, &known.validators).map_err(|error| match error {
            WebError::Changed { .. } => changed(),
            error => error.into(),
        })?;
        // Noted before the first byte is: a run that is killed in between knows which file its beginning belongs to.
        match &partial.announced {
            None => self.vault.note_announced(partial, announced(&download))?,
            Some(known) if contradicts(known, &download) => return Err(changed()),
            Some(_) => {}
        }
        // Appended, it would leave a hole that no digest of the vendor's shows.
        if download.from_byte > partial.len() {
            return Err(self.protocol("it sent a later part than was asked for"));
        }
        // A size that is unknown, or smaller than what is here, must not make the bar run beyond its end.
        let total = download.total_bytes.unwrap_or(0).max(partial.len());
        let title = text::one_line(&offer.title);
        let _told = going_on(format!("what arrived of {title} is kept, and only the rest is fetched then"));
        let progress = self.console.progress(&offer.title, total);
        progress.advance(partial.len());
        let outcome = self.pour(download, partial, &progress, &changed);
        progress.finish();
        outcome
    }

    fn pour(
        &self,
        mut download: Download,
        partial: &mut Partial,
        meter: &dyn Meter,
        changed: &dyn Fn() -> ExchangeError,
    ) -> Result<(), ExchangeError> {
        // A server that does not say how much it sends is bounded all the same.
        let limit = download.total_bytes.unwrap_or(MAX_PACKAGE_BYTES).min(MAX_PACKAGE_BYTES);
        let from_byte = download.from_byte;
        let at = read_ahead(&mut *download.reader, |pieces| {
            self.take_all(&pieces, from_byte..limit, partial, meter, changed)
        })?;
        match download.total_bytes {
            Some(total) if at < total => {
                Err(WebError::Broken { origin: self.client.origin(), why: "the file ended early".to_owned() }.into())
            }
            // A file without an announced size that is shorter than what is here is another file.
            None if at < partial.len() => Err(changed()),
            _ => Ok(()),
        }
    }

    /// Appends what is new in the pieces; returns where they end.
    fn take_all(
        &self,
        pieces: &Pieces,
        range: Range<u64>,
        partial: &mut Partial,
        meter: &dyn Meter,
        changed: &dyn Fn() -> ExchangeError,
    ) -> Result<u64, ExchangeError> {
        let mut at = range.start;
        loop {
            let piece = pieces.next();
            let count = piece.bytes().len();
            if at + count as u64 > range.end {
                return Err(self.protocol("it sent more bytes than it announced"));
            }
            let known = usize::try_from(partial.len().saturating_sub(at)).unwrap_or(usize::MAX).min(count);
            if known > 0 && !partial.matches(at, &piece.bytes()[..known])? {
                return Err(changed());
            }
            for part in piece.bytes()[known..].chunks(PART_BYTES) {
                partial.append(part)?;
                meter.advance(part.len() as u64);
            }
            at += count as u64;
            // What came before an error is kept, so the error waited.
            if !pieces.done(piece).map_err(|error| self.interrupted(error))? {
                return Ok(at);
            }
        }
    }

    /// Silence is told as such; whatever else ends a body in its middle is a cut.
    fn interrupted(&self, error: std::io::Error) -> ExchangeError {
        let why = error.to_string();
        match self.client.transfer_error(error) {
            error @ (WebError::Stalled { .. } | WebError::Broken { .. }) => error.into(),
            _ => WebError::Broken { origin: self.client.origin(), why }.into(),
        }
    }

    fn protocol(&self, why: &str) -> ExchangeError {
        WebError::Protocol { origin: self.client.origin(), why: why.to_owned() }.into()
    }
}

/// How a download that was cut is taken up again within one run.
struct Attempt {
    fruitless: u32,
    /// The server can't go on in the middle: from the start then.
    blind: bool,
}

impl Attempt {
    /// Waits and returns where another attempt is worth it.
    fn after(
        &mut self,
        error: ExchangeError,
        progressed: bool,
        courier: &Downloader<'_>,
        title: &str,
    ) -> Result<(), ExchangeError> {
        // One byte is progress: a slow and lossy line gets there in the end.
        self.fruitless = if progressed { 1 } else { self.fruitless + 1 };
        let ExchangeError::Web(cause) = &error else { return Err(error) };
        let wait_secs = match cause {
            WebError::RangeRefused { .. } if !self.blind => {
                self.blind = true;
                0
            }
            WebError::Unreachable { .. } | WebError::Stalled { .. } | WebError::Broken { .. } => {
                u64::from(self.fruitless)
            }
            WebError::Status { status: 429 | 500..=599, retry_after_secs, .. } => {
                retry_after_secs.unwrap_or(u64::from(self.fruitless))
            }
            _ => return Err(error),
        };
        if self.fruitless >= FRUITLESS_ATTEMPTS || wait_secs > MAX_WAIT_SECS {
            return Err(error);
        }
        let hint = if wait_secs > 0 { format!("; goes on in {wait_secs} s") } else { String::new() };
        courier.console.note(format!("{title}: {cause}{hint}"));
        courier.time.sleep(Duration::from_secs(wait_secs));
        Ok(())
    }
}

fn is_complete(partial: &Partial) -> bool {
    let size = partial.announced.as_ref().and_then(|announced| announced.size_bytes);
    // Without an announced size only the server can say that it is all, so it is asked.
    size.is_some_and(|size| size == partial.len() && size > 0)
}

fn announced(download: &Download) -> Announced {
    Announced {
        validators: download.validators.clone(),
        size_bytes: download.total_bytes,
        file_name: download.file_name.clone(),
    }
}

/// Whether the answer tells of another file than the one begun.
fn contradicts(known: &Announced, download: &Download) -> bool {
    let differ = |a: &Option<String>, b: &Option<String>| matches!((a, b), (Some(a), Some(b)) if a != b);
    differ(&known.validators.etag, &download.validators.etag)
        || matches!((known.size_bytes, download.total_bytes), (Some(a), Some(b)) if a != b)
        // The date is the weaker of the two (RFC 9110, 8.8.2): servers behind one name often differ in it.
        || (known.validators.etag.is_none()
            && differ(&known.validators.last_modified, &download.validators.last_modified))
}
