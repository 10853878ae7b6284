//! An appliance's journal, and what it tells so far.

use super::entry::Entry;
use super::past::Past;
use super::ports::RunJournal;
use crate::journal::{Journal, JournalError, Record};
use crate::model::{Failure, JournalHead, Timestamp};
use std::path::Path;

/// The kind of an [`Entry::ReceiptSigned`]: records are many, and need not be parsed to find these.
const RECEIPT_SIGNED: &str = "receipt-signed";

/// A journal that this run alone may append to, and its past. Each record is
/// read once: when the journal is opened, or when it is written.
#[derive(Debug)]
pub struct EntryLog {
    journal: Journal,
    past: Past,
    /// Where it stood at each receipt.
    receipts: Vec<JournalHead>,
    watch: Option<Watch>,
}

/// What is told of a record, and when it was written.
type Told = dyn Fn(Timestamp, &Entry);

/// Who is told of each record once the disk has it.
struct Watch(Box<Told>);

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watch")
    }
}

impl EntryLog {
    /// Opens the journal at `path`; makes it where there is none.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn open(path: &Path, now: Timestamp) -> Result<Self, JournalError> {
        let journal = Journal::open(path, now)?;
        let past = Past::of(journal.records());
        let signed = |record: &&Record| record.kind == RECEIPT_SIGNED;
        let receipts = journal.records().iter().filter(signed).map(Record::head).collect();
        Ok(EntryLog { journal, past, receipts, watch: None })
    }

    /// Has `watch` told of each further record once the disk has it.
    #[must_use]
    pub fn watched(self, watch: impl Fn(Timestamp, &Entry) + 'static) -> Self {
        EntryLog { watch: Some(Watch(Box::new(watch))), ..self }
    }

    /// Where it stood at each receipt that was signed, the newest last.
    pub fn receipts(&self) -> &[JournalHead] {
        &self.receipts
    }
}

impl RunJournal for EntryLog {
    fn append(&mut self, now: Timestamp, entry: &Entry) -> Result<(), Failure> {
        let (kind, fields) = entry.parts();
        self.journal.append(now, &kind, fields)?;
        if kind == RECEIPT_SIGNED {
            self.receipts.push(self.journal.head());
        }
        // Only then: what the disk does not have has not happened.
        self.past.apply(now, entry.clone());
        if let Some(Watch(watch)) = &self.watch {
            watch(now, entry);
        }
        Ok(())
    }

    fn past(&self) -> &Past {
        &self.past
    }
}
