//! An appliance's journal, and what it tells so far.

use super::entry::Entry;
use super::past::Past;
use super::ports::RunJournal;
use crate::journal::{Journal, JournalError};
use crate::model::{Failure, JournalHead, Timestamp};
use std::path::Path;

/// A journal that this run alone may append to, and its past. Each record is
/// read once: when the journal is opened, or when it is written.
#[derive(Debug)]
pub struct EntryLog {
    journal: Journal,
    past: Past,
}

impl EntryLog {
    /// Opens the journal at `path`; makes it where there is none.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn open(path: &Path, now: Timestamp) -> Result<Self, JournalError> {
        let journal = Journal::open(path, now)?;
        let past = Past::of(journal.records());
        Ok(EntryLog { journal, past })
    }

    /// How long it is and how it ends.
    pub fn head(&self) -> JournalHead {
        self.journal.head()
    }
}

impl RunJournal for EntryLog {
    fn append(&mut self, now: Timestamp, entry: &Entry) -> Result<(), Failure> {
        let (kind, fields) = entry.parts();
        self.journal.append(now, &kind, fields)?;
        // Only then: what the disk does not have has not happened.
        self.past.apply(now, entry.clone());
        Ok(())
    }

    fn past(&self) -> &Past {
        &self.past
    }
}
