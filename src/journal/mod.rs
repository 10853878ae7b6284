//! What was done, provably: an append-only file of JSON lines, one record each.
//! The inside keeps one for each appliance, the vault one for each exchange and
//! one of what was removed.
//!
//! Format 1 of a line, all on one line and ended by a line feed:
//!
//! ```json
//! {"seq":1,"prev":"<64 hex>","time":"2026-03-04T05:06:07Z","kind":"…","fields":{…},"sha256":"<64 hex>"}
//! ```
//!
//! 1. `seq` counts from 1.
//! 2. `prev` is the SHA-256 of the line before, without its line feed; of
//!    nothing in the first record.
//! 3. `sha256` is the SHA-256 of the line's own bytes before `,"sha256"`.
//! 4. A record exists when its line feed is on the disk: append writes the
//!    whole line and waits for the disk.
//! 5. What follows the last line feed is a line that a crash tore. If it is
//!    whole but for its line feed, it gets it; else it is kept aside in
//!    `NAME.jsonl.torn`, cut off, and a record of kind [`TORN`] says so.
//!
//! So a changed, removed, added or reordered line is found with its number. A
//! journal that was cut at its end still holds by itself; that is what
//! [`Chain::check_head`] is for, with the head that travelled in a receipt.
//!
//! It knows no kinds of records but its own, no plan and no appliance.

mod chain;
mod error;
mod line;
mod log;
mod writer;

pub use chain::{Chain, Record, read, read_within};
pub use error::JournalError;
pub use log::{Log, LogEvent, read_log, tagged, untagged};
pub use writer::{Journal, lock_path};

use crate::media::LockWait;

/// Longest line, in bytes, line feed included: a record holds facts, no texts
/// such as licence agreements.
pub const MAX_LINE_BYTES: usize = 64 * 1024;

/// Largest journal, in bytes: some hundred thousand records.
// A journal is read and proved as a whole at each opening; beyond this that would take seconds and much memory.
pub const MAX_JOURNAL_BYTES: u64 = 256 << 20;

/// How much a log may hold, and who keeps two writers apart.
#[derive(Debug, Clone, Copy)]
pub struct LogRules {
    /// Longest line, in bytes, line feed included.
    pub line_bytes: usize,
    /// Largest file, in bytes.
    pub bytes: u64,
    /// How long the lock beside the file is waited for; `None` where what holds
    /// the log is locked as a whole.
    pub lock: Option<LockWait>,
    /// Whether another record may follow one that could not be written and was
    /// taken off again: where what is under way is worth more than to stop.
    pub goes_on: bool,
}

impl LogRules {
    /// Those of an appliance's journal.
    pub const JOURNAL: LogRules =
        LogRules { line_bytes: MAX_LINE_BYTES, bytes: MAX_JOURNAL_BYTES, lock: Some(LockWait::Moment), goes_on: false };
}

/// The kind of the record that tells of a torn line.
pub const TORN: &str = "torn-line";

#[cfg(test)]
mod tests;
