//! Writing a journal: one writer at a time, a record counts when the disk has it.

use super::chain::{Chain, Record, Torn, prove};
use super::{JournalError, LogRules, TORN, line};
use crate::media::{self, LockWait, Mode};
use crate::model::{JournalHead, Sha256Digest, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// A journal that this run alone may append to.
#[derive(Debug)]
pub struct Journal {
    file: File,
    chain: Chain,
    /// Bytes of whole records; what a failed append left behind them is taken off.
    whole_bytes: u64,
    /// Held until the journal is dropped; the system lets go of it when the
    /// process dies, however it dies. `None` where something around it is held.
    _lock: Option<File>,
    line_bytes: usize,
    goes_on: bool,
    /// Set when an append failed part-way: then nothing more is written.
    broken: bool,
}

impl Journal {
    /// Opens the journal at `path` for appending, proves it, mends a torn
    /// last line. Makes it, and its folder, where there is none.
    ///
    /// # Errors
    /// [`JournalError::Busy`] where another run holds it,
    /// [`JournalError::Changed`] where it does not hold.
    pub fn open(path: &Path, now: Timestamp) -> Result<Self, JournalError> {
        Self::open_within(path, now, &LogRules::JOURNAL)
    }

    /// The same for a log with rules of its own.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn open_within(path: &Path, now: Timestamp, rules: &LogRules) -> Result<Self, JournalError> {
        let unwritable =
            |source| JournalError::Unwritable { path: path.to_path_buf(), source: media::explained(path, source) };
        let folder = path.parent().unwrap_or(Path::new("."));
        media::create_dirs(folder, Mode::Private).map_err(|error| unwritable(error.into()))?;
        // The lock is on a file of its own and comes before the journal is opened:
        // otherwise two runs could both read the same end and both go on from it.
        let lock = rules.lock.map(|wait| take_lock(&lock_path(path), wait)).transpose()?;
        // In append mode the system puts each record at the end, whatever the file's position is after it was read.
        let mut file =
            media::open_private(OpenOptions::new().read(true).append(true).create(true), path).map_err(unwritable)?;
        media::note_private(path, &file);
        let mut bytes = Vec::new();
        let read = Read::by_ref(&mut file).take(rules.bytes + 1).read_to_end(&mut bytes);
        read.map_err(|source| JournalError::Unreadable { path: path.to_path_buf(), source })?;
        if bytes.len() as u64 > rules.bytes {
            return Err(JournalError::TooLarge { path: path.to_path_buf(), limit_bytes: rules.bytes });
        }
        let chain = prove(path, &bytes, rules)?;
        // A run that was killed before the disk had its record, or the file's
        // name, left what this one is about to believe.
        let above = folder.parent().filter(|above| !above.as_os_str().is_empty());
        let folders = [Some(folder), above];
        let durable = file.sync_all().and_then(|()| folders.into_iter().flatten().try_for_each(sync_folder));
        if let Err(source) = durable {
            if bytes.is_empty() {
                // What can't be relied on is not left for a later run to believe.
                let _ = std::fs::remove_file(path);
            }
            return Err(unwritable(source));
        }
        let torn_bytes = chain.torn.as_ref().map_or(0, |torn| torn.bytes.len());
        let whole_bytes = (bytes.len() - torn_bytes) as u64;
        let mut journal = Journal {
            file,
            chain,
            whole_bytes,
            _lock: lock,
            line_bytes: rules.line_bytes,
            goes_on: rules.goes_on,
            broken: false,
        };
        journal.mend(now)?;
        Ok(journal)
    }

    /// Appends a record and waits until the disk has it. `fields` must
    /// serialise as an object.
    ///
    /// # Errors
    /// [`JournalError::Unwritable`]; the record is taken off again as far as
    /// the disk allows, so that no later run believes what a failed sync left,
    /// and the journal takes no further one.
    /// [`JournalError::LineTooLong`]; nothing was written.
    pub fn append(&mut self, time: Timestamp, kind: &str, fields: impl Serialize) -> Result<&Record, JournalError> {
        let fields = match serde_json::to_value(fields) {
            Ok(Value::Object(fields)) => fields,
            Ok(other) => Map::from_iter([("value".to_owned(), other)]),
            Err(error) => return Err(self.unwritable(std::io::Error::other(error))),
        };
        if self.broken {
            return Err(self.unwritable(std::io::Error::other("an earlier record could not be written")));
        }
        let head = self.chain.head();
        let mut text = line::write(head.records + 1, head.sha256, time, kind, &fields);
        // The line feed is not in yet, so one byte less is allowed.
        if text.len() >= self.line_bytes {
            let (path, bytes, limit_bytes) = (self.chain.path.clone(), text.len() + 1, self.line_bytes);
            return Err(JournalError::LineTooLong { path, kind: kind.to_owned(), bytes, limit_bytes });
        }
        let sha256 = Sha256Digest::of(text.as_bytes());
        text.push('\n');
        // Set before the write and cleared after it: whatever happens in
        // between, a panic too, leaves a journal that takes nothing more.
        self.broken = true;
        self.put(text.as_bytes())?;
        self.broken = false;
        self.chain.records.push(Record { seq: head.records + 1, time, kind: kind.to_owned(), fields, sha256 });
        Ok(self.chain.records.last().expect("a record was just pushed"))
    }

    /// Writes bytes at the end and waits until the disk has them.
    fn put(&mut self, bytes: &[u8]) -> Result<(), JournalError> {
        if let Err(source) = self.file.write_all(bytes).and_then(|()| self.file.sync_all()) {
            // A sync that failed says nothing of what is on the disk. The record
            // goes, so that a later run does not believe what this one could not.
            let is_off = self.file.set_len(self.whole_bytes).is_ok();
            let _ = self.file.sync_all();
            self.broken = !(self.goes_on && is_off);
            return Err(self.unwritable(source));
        }
        self.whole_bytes += bytes.len() as u64;
        Ok(())
    }

    /// All records.
    pub fn records(&self) -> &[Record] {
        &self.chain.records
    }

    /// How long it is and how it ends.
    pub fn head(&self) -> JournalHead {
        self.chain.head()
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.chain.path
    }

    /// Puts right what a crash left after the last line feed.
    fn mend(&mut self, now: Timestamp) -> Result<(), JournalError> {
        let Some(Torn { bytes, whole }) = self.chain.torn.take() else { return Ok(()) };
        if whole {
            let taken = self.whole_bytes;
            // The line feed alone goes again where it can't be had.
            self.whole_bytes += bytes.len() as u64;
            if let Err(error) = self.put(b"\n") {
                self.whole_bytes = taken;
                return Err(error);
            }
            let head = self.chain.head();
            let whole = line::read(&bytes).and_then(|whole| line::placed(whole, head.records + 1, head.sha256));
            let record = whole.expect("proved while it was read");
            self.chain.records.push(record);
            return Ok(());
        }
        let aside = beside(&self.chain.path, "torn");
        let keep = || -> std::io::Result<()> {
            // Appended, since a machine that loses power often may tear more than one line.
            let mut file = media::open_private(OpenOptions::new().append(true).create(true), &aside)?;
            file.write_all(&bytes)?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            sync_folder(aside.parent().unwrap_or(Path::new(".")))
        };
        keep().map_err(|source| JournalError::Unwritable { path: aside.clone(), source })?;
        // Cut only when it is kept aside and durable: of two copies one is always whole.
        self.file.set_len(self.whole_bytes).and_then(|()| self.file.sync_all()).map_err(|e| self.unwritable(e))?;
        let kept = aside.file_name().map(|name| name.to_string_lossy().into_owned());
        let fields = serde_json::json!({ "bytes": bytes.len(), "sha256": Sha256Digest::of(&bytes), "kept": kept });
        // A record tells of it, so that the chain itself says that something is missing here.
        self.append(now, TORN, fields).map(drop)
    }

    fn unwritable(&self, source: std::io::Error) -> JournalError {
        JournalError::Unwritable { path: self.chain.path.clone(), source }
    }
}

/// `path` with another suffix appended.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().map(std::ffi::OsStr::to_os_string).unwrap_or_default();
    name.push(".");
    name.push(suffix);
    path.with_file_name(name)
}

/// The file whose lock keeps a second writer from the log at `path`.
pub fn lock_path(path: &Path) -> PathBuf {
    beside(path, "lock")
}

fn take_lock(path: &Path, wait: LockWait) -> Result<File, JournalError> {
    // The locked file is one beside the log: a lock on the log itself would come after it was opened.
    match media::lock(path, wait) {
        Ok(Some(lock)) => Ok(lock),
        Ok(None) => Err(JournalError::Busy { lock: path.to_path_buf(), run: None, name: None }),
        Err(source) => Err(JournalError::Unwritable { path: path.to_path_buf(), source }),
    }
}

fn sync_folder(folder: &Path) -> std::io::Result<()> {
    media::sync_dir(folder).map_err(std::io::Error::from)
}
