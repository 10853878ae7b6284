//! What can be wrong with a journal.

use super::{MAX_JOURNAL_BYTES, MAX_LINE_BYTES};
use crate::model::{Exit, Explain, ShowPath, disk_exit, text};
use std::path::PathBuf;

/// Why a journal can't be believed or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// There is none.
    #[error("there is no journal {}", path.shown())]
    Missing {
        /// Where it would be.
        path: PathBuf,
    },
    /// Reading failed.
    #[error("can't read {}", path.shown())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Writing, or waiting for the disk, failed; the record does not count.
    #[error("can't write {}", path.shown())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Another run holds it.
    #[error("another run is at work on this appliance (it holds {})", lock.shown())]
    Busy {
        /// The lock.
        lock: PathBuf,
    },
    /// A line is not what was written.
    #[error("{} line {line}: {what}", path.shown())]
    Changed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// The journal is shorter than a receipt says, or another.
    #[error("{}: {what}", path.shown())]
    Cut {
        /// The file.
        path: PathBuf,
        /// What a receipt says and what is there.
        what: String,
    },
    /// A record is longer than a line may be.
    #[error("a journal record {kind:?} of {bytes} bytes is longer than the limit of {MAX_LINE_BYTES} bytes a line")]
    LineTooLong {
        /// The record's kind.
        kind: String,
        /// Its length.
        bytes: usize,
    },
    /// The journal is larger than any real one.
    #[error("{} is larger than the limit of {} for a journal", path.shown(), text::bytes(MAX_JOURNAL_BYTES))]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
}

impl Explain for JournalError {
    fn hint(&self) -> Option<String> {
        match self {
            JournalError::Missing { .. } => Some("nothing was done with this appliance yet".to_owned()),
            JournalError::Unreadable { path, .. } | JournalError::Unwritable { path, .. } => {
                Some(format!("look at free space, owner and permissions of {}", path.shown()))
            }
            JournalError::Busy { .. } => Some("wait until it ends; two runs at once could install twice".to_owned()),
            JournalError::Changed { path, .. } | JournalError::Cut { path, .. } => Some(format!(
                "nothing is installed on a journal that can't be believed: keep {} as it is, \
                 and find out who changed it",
                path.shown()
            )),
            JournalError::LineTooLong { .. } => None,
            JournalError::TooLarge { .. } => Some("move it to an archive; a new one begins by itself".to_owned()),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            JournalError::Missing { .. } => Exit::NotFound,
            JournalError::Unreadable { source, .. } | JournalError::Unwritable { source, .. } => {
                disk_exit(source).unwrap_or(Exit::Failure)
            }
            JournalError::Busy { .. } => Exit::Failure,
            JournalError::Changed { .. } | JournalError::Cut { .. } => Exit::JournalBroken,
            JournalError::LineTooLong { .. } | JournalError::TooLarge { .. } => Exit::LimitExceeded,
        }
    }
}
