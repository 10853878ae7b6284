//! A journal of one sort of events, and what they come to.

use super::chain::{Chain, Record};
use super::{Journal, JournalError, LogRules, TORN, chain};
use crate::model::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::path::Path;

/// What a log is made of.
pub trait LogEvent: Sized {
    /// What the events come to, folded one after the other.
    type Past: Default;

    /// The record's kind and fields.
    fn parts(&self) -> (String, Map<String, Value>);

    /// Reads a record; `None` where it is of another sort than these events.
    ///
    /// # Errors
    /// What is wrong with one that should be such an event.
    fn of(record: &Record) -> Result<Option<Self>, String>;

    /// Takes the event into what came before it.
    fn apply(self, at: Timestamp, past: &mut Self::Past);
}

/// A chained log that this run alone may append to, and what it comes to. Each
/// record is read once: when the log is opened, or when it is written.
#[derive(Debug)]
pub struct Log<E: LogEvent> {
    journal: Journal,
    past: E::Past,
}

impl<E: LogEvent> Log<E> {
    /// Opens the log at `path`, proves it, mends a torn last line; makes it
    /// where there is none.
    ///
    /// # Errors
    /// As [`Journal::open`]; [`JournalError::Changed`] for a record that is no event.
    pub fn open(path: &Path, now: Timestamp, rules: &LogRules) -> Result<Self, JournalError> {
        let journal = Journal::open_within(path, now, rules)?;
        let past = folded::<E>(path, journal.records())?;
        Ok(Log { journal, past })
    }

    /// Appends an event, waits until the disk has it, and only then takes it
    /// into the past.
    ///
    /// # Errors
    /// As [`Journal::append`]; then it has not happened.
    pub fn append(&mut self, at: Timestamp, event: E) -> Result<(), JournalError> {
        let (kind, fields) = event.parts();
        self.journal.append(at, &kind, fields)?;
        event.apply(at, &mut self.past);
        Ok(())
    }

    /// What the events come to.
    pub fn past(&self) -> &E::Past {
        &self.past
    }
}

/// Reads the log at `path` and proves its chain; changes nothing. What a crash
/// left after the last line feed announced what never began.
///
/// # Errors
/// As [`super::read`]; [`JournalError::Changed`] for a record that is no event.
pub fn read_log<E: LogEvent>(path: &Path, rules: &LogRules) -> Result<E::Past, JournalError> {
    let Chain { records, .. } = chain::read_within(path, rules)?;
    folded::<E>(path, &records)
}

fn folded<E: LogEvent>(path: &Path, records: &[Record]) -> Result<E::Past, JournalError> {
    let mut past = E::Past::default();
    for record in records {
        let changed = |what| JournalError::Changed { path: path.to_path_buf(), line: record.seq, what };
        if let Some(event) = E::of(record).map_err(changed)? {
            event.apply(record.time, &mut past);
        }
    }
    Ok(past)
}

/// Kind and fields of an enum whose serde form has them as tag and content.
pub fn tagged<E: Serialize>(event: &E) -> (String, Map<String, Value>) {
    let Ok(Value::Object(mut whole)) = serde_json::to_value(event) else {
        unreachable!("an event is an object with kind and fields");
    };
    let kind = whole.remove("kind").and_then(|kind| kind.as_str().map(str::to_owned));
    let fields = whole.remove("fields").and_then(|fields| fields.as_object().cloned());
    (kind.expect("every event has a kind"), fields.unwrap_or_default())
}

/// The event of such an enum; `None` for the record that tells of a torn line.
///
/// # Errors
/// Why it reads as none.
pub fn untagged<E: DeserializeOwned>(record: &Record) -> Result<Option<E>, String> {
    if record.kind == TORN {
        return Ok(None);
    }
    let mut whole = Map::from_iter([("kind".to_owned(), Value::from(record.kind.clone()))]);
    // An event that tells nothing but its kind has no content at all.
    if !record.fields.is_empty() {
        whole.insert("fields".to_owned(), Value::Object(record.fields.clone()));
    }
    serde_json::from_value(Value::Object(whole)).map(Some).map_err(|error| error.to_string())
}
