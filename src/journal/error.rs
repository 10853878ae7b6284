//! What can be wrong with a journal.

use crate::model::{Exit, ShowPath, disk_exit, explained, text};
use macro_rules_attribute::apply;
use std::path::PathBuf;

/// Why a journal can't be believed or written.
#[apply(explained!)]
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// There is none.
    #[error("there is no journal {}", path.shown())]
    #[hint("nothing was done with this appliance yet")]
    #[exit(NotFound)]
    Missing {
        /// Where it would be.
        path: PathBuf,
    },
    /// Reading failed.
    #[error("can't read {}", path.shown())]
    #[hint("look at free space, owner and permissions of {}", path.shown())]
    #[exit(disk_exit(source).unwrap_or(Exit::Failure))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Writing, or waiting for the disk, failed; the record does not count.
    #[error("can't write {}", path.shown())]
    #[hint("look at free space, owner and permissions of {}", path.shown())]
    #[exit(disk_exit(source).unwrap_or(Exit::Failure))]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Another run holds it.
    #[error("another run is at work on this appliance: {}", run.clone().unwrap_or_else(|| format!("it holds {}", lock.shown())))]
    #[hint(
        "see where it stands: handcarry-inside watch {}; two runs at once could install twice",
        name.as_deref().unwrap_or("NAME")
    )]
    #[exit(Busy)]
    Busy {
        /// The lock.
        lock: PathBuf,
        /// Which run, by whom and since when; `None` where it does not say.
        run: Option<String>,
        /// The appliance's name here, where it has one.
        name: Option<String>,
    },
    /// A line is not what was written.
    #[error("{} line {line}: {what}", path.shown())]
    #[hint(
        "nothing is installed on a journal that can't be believed: keep {} as it is, and find out who changed it; \
         where settings can't wait: handcarry(7), GOING BACK",
        path.shown()
    )]
    #[exit(JournalBroken)]
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
    #[hint(
        "nothing is installed on a journal that can't be believed: keep {} as it is, and find out who changed it; \
         where settings can't wait: handcarry(7), GOING BACK",
        path.shown()
    )]
    #[exit(JournalBroken)]
    Cut {
        /// The file.
        path: PathBuf,
        /// What a receipt says and what is there.
        what: String,
    },
    /// A record is longer than a line may be.
    #[error("a journal record {kind:?} of {bytes} bytes is longer than the limit of {limit_bytes} bytes a line of {}", path.shown())]
    #[hint(none)]
    #[exit(LimitExceeded)]
    LineTooLong {
        /// The file.
        path: PathBuf,
        /// The record's kind.
        kind: String,
        /// Its length.
        bytes: usize,
        /// The longest it may have.
        limit_bytes: usize,
    },
    /// The journal is larger than any real one.
    #[error("{} is larger than the limit of {} for a journal", path.shown(), text::bytes(*limit_bytes))]
    #[hint("move it to an archive; a new one begins by itself")]
    #[exit(LimitExceeded)]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most it may have.
        limit_bytes: u64,
    },
}
