//! What can be wrong with the vault.

use crate::journal::JournalError;
use crate::media::MediaError;
use crate::model::{Exit, Sha256Digest, ShowPath, disk_exit, disk_hint, explained, text};
use macro_rules_attribute::apply;
use std::io::ErrorKind;
use std::path::PathBuf;

/// Why the vault could not be read or changed.
#[apply(explained!)]
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// Another run works on it.
    #[error("another handcarry-outside is at work on the vault ({path})", path = path.shown())]
    #[hint("wait until it ends, then run this again")]
    #[exit(Failure)]
    Busy {
        /// The lock file.
        path: PathBuf,
    },
    /// A file of the vault could not be read.
    #[error("can't read {path}", path = path.shown())]
    #[hint(read_hint(source))]
    #[exit(disk_exit(source).unwrap_or(Exit::Failure))]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of the vault could not be written.
    #[error("can't write {path}", path = path.shown())]
    #[hint(write_hint(source))]
    #[exit(disk_exit(source).unwrap_or(Exit::Failure))]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A record does not read as it should.
    #[error("the vault's record {path} does not read as it should: {why}", path = path.shown())]
    #[hint("put that one file back from a backup, or move it aside; the packages themselves are untouched")]
    #[exit(Config)]
    RecordBroken {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A line of a chained record is not what was written.
    #[error("the vault's record {path} was changed: line {line}: {what}", path = path.shown())]
    #[hint(
        "nothing goes on by a record that can't be believed: keep it aside, find out who changed it, and put that one \
         file back from the second copy or a backup; the packages themselves are untouched"
    )]
    #[exit(VaultDamaged)]
    RecordChanged {
        /// Which.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// A package's bytes are gone.
    #[error("the vault's file for {title:?} is gone: {path}", path = path.shown())]
    #[hint(
        "bring the package back with 'handcarry-outside import' from another copy; else vendor support must \
         offer it again"
    )]
    #[exit(VaultDamaged)]
    ObjectMissing {
        /// The package's title.
        title: String,
        /// Where it should be.
        path: PathBuf,
    },
    /// A package's bytes changed.
    #[error("the vault's file for {title:?} changed: its SHA-256 is {found}, recorded was {recorded}")]
    #[hint(
        "bring the package back with 'handcarry-outside import' from another copy; else vendor support must \
         offer it again"
    )]
    #[exit(VaultDamaged)]
    ObjectDamaged {
        /// The package's title.
        title: String,
        /// What it digests to now.
        found: Sha256Digest,
        /// What it did when it was kept.
        recorded: Sha256Digest,
    },
    /// A copy came back as other bytes than were written.
    #[error("the copy at {path} came back as other bytes than were written", path = path.shown())]
    #[hint("that disk is not to be trusted; use another one for the copy")]
    #[exit(MediaLies)]
    CopyLies {
        /// Where it should be.
        path: PathBuf,
    },
    /// No number is left for bundles of an appliance.
    #[error("no further bundle for {serial} can have a number: the highest that is told of is at the format's limit")]
    #[hint(
        "no bundle ever has such a number, so it was forged or damaged: find out whence it came, and put right {path}",
        path = path.shown()
    )]
    #[exit(LimitExceeded)]
    NumbersSpent {
        /// The appliance's serial number.
        serial: String,
        /// The file that counts.
        path: PathBuf,
    },
    /// A file on this machine's disk could not be handled.
    #[error(transparent)]
    #[hint(transparent)]
    #[exit(transparent)]
    Media(#[from] MediaError),
}

impl From<JournalError> for VaultError {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Unreadable { path, source } => VaultError::Unreadable { path, source },
            JournalError::Unwritable { path, source } => VaultError::Unwritable { path, source },
            JournalError::Busy { lock, .. } => VaultError::Busy { path: lock },
            JournalError::Changed { path, line, what } => VaultError::RecordChanged { path, line, what },
            JournalError::Cut { path, what } => VaultError::RecordBroken { path, why: what },
            JournalError::Missing { path } => {
                VaultError::Unreadable { path, source: std::io::Error::from(ErrorKind::NotFound) }
            }
            JournalError::TooLarge { path, limit_bytes } => {
                let why = format!("it is larger than the limit of {}", text::bytes(limit_bytes));
                VaultError::RecordBroken { path, why }
            }
            JournalError::LineTooLong { path, bytes, limit_bytes, .. } => {
                let why = format!("a line of {bytes} bytes is longer than the limit of {limit_bytes} bytes");
                VaultError::RecordBroken { path, why }
            }
        }
    }
}

fn read_hint(error: &std::io::Error) -> String {
    disk_hint(error).unwrap_or_else(|| "look at its owner and permissions, and at the disk it lies on".to_owned())
}

fn write_hint(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::StorageFull => {
            "make room on this disk and run the same command again; what arrived is kept".to_owned()
        }
        _ => read_hint(error),
    }
}
