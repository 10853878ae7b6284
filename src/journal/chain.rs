//! Reading a journal and proving it.

use super::{JournalError, LogRules, line};
use crate::media;
use crate::model::{JournalHead, Sha256Digest, Timestamp, map_on_all_cores};
use serde::Serialize;
use serde_json::{Map, Value};
use std::io::Read;
use std::path::{Path, PathBuf};

/// One record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Record {
    /// Its number, from 1.
    pub seq: u64,
    /// When it was written, by this machine's clock.
    pub time: Timestamp,
    /// What it tells of.
    pub kind: String,
    /// What it tells.
    pub fields: Map<String, Value>,
    /// SHA-256 of its line, without the line feed.
    pub sha256: Sha256Digest,
}

impl Record {
    /// How the journal ended when this was its last record.
    pub fn head(&self) -> JournalHead {
        JournalHead { records: self.seq, sha256: self.sha256 }
    }

    /// Its line, without the line feed, where the record before it has the
    /// digest `prev`; byte for byte the one it was read from.
    pub fn line(&self, prev: Sha256Digest) -> String {
        line::write(self.seq, prev, self.time, &self.kind, &self.fields)
    }

    /// A field's text; `None` where it is missing or no text.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str)
    }

    /// A field as a type of ours; `None` where it is missing or doesn't read as one.
    pub fn read<T: serde::de::DeserializeOwned>(&self, field: &str) -> Option<T> {
        self.fields.get(field).and_then(|value| serde_json::from_value(value.clone()).ok())
    }
}

/// What a crash left after the last whole line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Torn {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether only the line feed is missing.
    pub whole: bool,
}

/// A journal that holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// Where it lies.
    pub path: PathBuf,
    /// Its records.
    pub records: Vec<Record>,
    /// What follows the last line feed, if anything does.
    pub torn: Option<Torn>,
}

/// Reads the journal at `path` and proves its chain; changes nothing.
///
/// # Errors
/// [`JournalError::Missing`], [`JournalError::Changed`] with the line.
pub fn read(path: &Path) -> Result<Chain, JournalError> {
    read_within(path, &LogRules::JOURNAL)
}

/// The same for a log with rules of its own.
///
/// # Errors
/// As [`read`].
pub fn read_within(path: &Path, rules: &LogRules) -> Result<Chain, JournalError> {
    let unreadable = |source| JournalError::Unreadable { path: path.to_path_buf(), source };
    let file = media::open_regular(path).map_err(std::io::Error::from).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => JournalError::Missing { path: path.to_path_buf() },
        _ => unreadable(error),
    })?;
    let mut bytes = Vec::new();
    // One byte more than the limit tells a journal that is too large from one that just fits.
    file.take(rules.bytes + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > rules.bytes {
        return Err(JournalError::TooLarge { path: path.to_path_buf(), limit_bytes: rules.bytes });
    }
    prove(path, &bytes, rules)
}

impl Chain {
    /// How long it is and how it ends.
    pub fn head(&self) -> JournalHead {
        self.records.last().map_or_else(|| JournalHead { records: 0, sha256: Sha256Digest::of(b"") }, Record::head)
    }

    /// Proves that this journal goes on from where `head` saw it.
    ///
    /// # Errors
    /// [`JournalError::Cut`] where it is shorter, or another.
    pub fn check_head(&self, head: &JournalHead) -> Result<(), JournalError> {
        let cut = |what| Err(JournalError::Cut { path: self.path.clone(), what });
        // More records are no fault: the journal went on after the receipt was made. Fewer mean that it was cut.
        if head.records > self.records.len() as u64 {
            return cut(format!("a receipt has seen {} records, here are {}", head.records, self.records.len()));
        }
        let at = match head.records {
            0 => Sha256Digest::of(b""),
            n => self.records[n as usize - 1].sha256,
        };
        // The length alone proves nothing: a journal that was rewritten may have as many records.
        if at != head.sha256 {
            return cut(format!("record {} is not the one that a receipt has seen", head.records));
        }
        Ok(())
    }
}

/// Proves the bytes of a journal; `path` is for messages.
pub(super) fn prove(path: &Path, bytes: &[u8], rules: &LogRules) -> Result<Chain, JournalError> {
    let mut chain = Chain { path: path.to_path_buf(), records: Vec::new(), torn: None };
    let mut prev = Sha256Digest::of(b"");
    // `split_inclusive` keeps the line feed, because a record without one does not count.
    let lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
    let read = |line: &&[u8]| match line.strip_suffix(b"\n") {
        // The writer never makes such a line, and a parser should not meet one.
        Some(_) if line.len() > rules.line_bytes => {
            Err(format!("it is longer than the limit of {} bytes", rules.line_bytes))
        }
        text => line::read(text.unwrap_or(line)),
    };
    // Each by itself is read beside the others; whether it follows the one before is asked one after the other.
    let whole = map_on_all_cores(&lines, read);
    for (line, whole) in lines.into_iter().zip(whole) {
        let seq = chain.records.len() as u64 + 1;
        let changed = |what: String| JournalError::Changed { path: path.to_path_buf(), line: seq, what };
        if !line.ends_with(b"\n") {
            let is_whole = whole.is_ok();
            if let Ok(whole) = whole {
                // Whole, so it must be the next record, or someone put it there.
                line::placed(whole, seq, prev).map_err(changed)?;
            }
            chain.torn = Some(Torn { bytes: line.to_vec(), whole: is_whole });
            break;
        }
        let record = whole.and_then(|whole| line::placed(whole, seq, prev)).map_err(changed)?;
        prev = record.sha256;
        chain.records.push(record);
    }
    Ok(chain)
}
