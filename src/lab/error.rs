//! What can go wrong with the lab itself.

use super::fault;
use crate::model::{ShowPath, explained};
use macro_rules_attribute::apply;
use std::path::PathBuf;

/// Why the lab does not run or does not answer.
#[apply(explained!)]
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The runtime could not be started.
    #[error("can't start the lab")]
    #[hint(none)]
    #[exit(Failure)]
    Runtime(#[source] std::io::Error),
    /// A file or folder of the lab can't be written or read.
    #[error("can't use {}", .0.shown())]
    #[hint("choose another folder with --dir")]
    #[exit(Failure)]
    File(PathBuf, #[source] std::io::Error),
    /// A port could not be had.
    #[error("can't listen on 127.0.0.1:{0}")]
    #[hint("choose another port, or 0 for any free one")]
    #[exit(Failure)]
    Port(u16, #[source] std::io::Error),
    /// A certificate could not be made.
    #[error("can't make the lab's certificates: {0}")]
    #[hint(none)]
    #[exit(Failure)]
    Certificate(String),
    /// A lab runs in that folder already.
    #[error("a lab already runs in {}", .0.shown())]
    #[hint("stop it with 'lab stop', or choose another folder with --dir")]
    #[exit(Exists)]
    Running(PathBuf),
    /// No lab runs in that folder.
    #[error("no lab runs in {}", .0.shown())]
    #[hint("start one with 'handcarry-inside lab', in the same --dir")]
    #[exit(NotFound)]
    NotRunning(PathBuf),
    /// `lab.json` does not read as it should.
    #[error("{} is not a lab's record: {why}", .path.shown())]
    #[hint("remove the file and start the lab again")]
    #[exit(Config)]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The control port refused.
    #[error("the lab refused: {0}")]
    #[hint(none)]
    #[exit(Failure)]
    Refused(String),
    /// There is no such fault.
    #[error("there is no fault {0:?}")]
    #[hint("known: {}", fault::names())]
    #[exit(Usage)]
    UnknownFault(String),
}
