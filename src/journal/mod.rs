//! What was done, provably: an append-only file of JSON lines, one record each.
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
mod writer;

pub use chain::{Chain, Record, read};
pub use error::JournalError;
pub use writer::Journal;

/// Longest line, in bytes, line feed included: a record holds facts, no texts
/// such as licence agreements.
pub const MAX_LINE_BYTES: usize = 64 * 1024;

/// Largest journal, in bytes: some hundred thousand records.
// A journal is read and proved as a whole at each opening; beyond this that would take seconds and much memory.
pub const MAX_JOURNAL_BYTES: u64 = 256 << 20;

/// The kind of the record that tells of a torn line.
pub const TORN: &str = "torn-line";

#[cfg(test)]
mod tests;
