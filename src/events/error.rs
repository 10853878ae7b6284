//! What can be wrong with the event log.

use crate::journal::JournalError;
use crate::model::{Exit, ShowPath, disk_exit, explained};
use macro_rules_attribute::apply;
use std::path::PathBuf;

/// Why the event log can't be believed, or an event is not in it or not sent.
#[apply(explained!)]
#[derive(Debug, thiserror::Error)]
pub enum EventLogError {
    /// A line is not what was written.
    #[error("the event log {} was changed: line {line}: {what}", path.shown())]
    #[hint(
        "what it tells can't be believed: compare it with what your syslog collector has, find out who changed it, and \
         keep it; where {} is moved aside, a new one begins",
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
    /// The log is larger than any real one.
    #[error("the event log {} is full", path.shown())]
    #[hint("move {} to an archive; a new one begins by itself", path.shown())]
    #[exit(LimitExceeded)]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Reading or writing it failed.
    #[error(transparent)]
    #[hint(transparent)]
    #[exit(transparent)]
    Journal(JournalError),
    /// A collector did not take it.
    #[error("{to} did not take an event")]
    #[hint("look whether a syslog collector listens there; 'log --format syslog' prints what it missed")]
    #[exit(disk_exit(source).unwrap_or(Exit::Unreachable))]
    Unsent {
        /// Where it was sent.
        to: String,
        /// Why.
        source: std::io::Error,
    },
}

impl From<JournalError> for EventLogError {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Changed { path, line, what } => EventLogError::Changed { path, line, what },
            JournalError::TooLarge { path, .. } => EventLogError::Full { path },
            other => EventLogError::Journal(other),
        }
    }
}
