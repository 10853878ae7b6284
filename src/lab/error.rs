//! What can go wrong with the lab itself.

use super::fault::Fault;
use crate::model::{Exit, Explain, ShowPath};
use std::path::PathBuf;

/// Why the lab does not run or does not answer.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The runtime could not be started.
    #[error("can't start the lab")]
    Runtime(#[source] std::io::Error),
    /// A file or folder of the lab can't be written or read.
    #[error("can't use {}", .0.shown())]
    File(PathBuf, #[source] std::io::Error),
    /// A port could not be had.
    #[error("can't listen on 127.0.0.1:{0}")]
    Port(u16, #[source] std::io::Error),
    /// A certificate could not be made.
    #[error("can't make the lab's certificates: {0}")]
    Certificate(String),
    /// A lab runs in that folder already.
    #[error("a lab already runs in {}", .0.shown())]
    Running(PathBuf),
    /// No lab runs in that folder.
    #[error("no lab runs in {}", .0.shown())]
    NotRunning(PathBuf),
    /// `lab.json` does not read as it should.
    #[error("{} is not a lab's record: {why}", .path.shown())]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The control port refused.
    #[error("the lab refused: {0}")]
    Refused(String),
    /// There is no such fault.
    #[error("there is no fault {0:?}")]
    UnknownFault(String),
}

impl Explain for LabError {
    fn hint(&self) -> Option<String> {
        match self {
            LabError::Runtime(_) | LabError::Certificate(_) | LabError::Refused(_) => None,
            LabError::File(..) => Some("choose another folder with --dir".into()),
            LabError::Port(..) => Some("choose another port, or 0 for any free one".into()),
            LabError::Running(_) => Some("stop it with 'lab stop', or choose another folder with --dir".into()),
            LabError::NotRunning(_) => Some("start one with 'handcarry-inside lab', in the same --dir".into()),
            LabError::Record { .. } => Some("remove the file and start the lab again".into()),
            LabError::UnknownFault(_) => {
                Some(format!("known: {}", Fault::ALL.iter().map(|fault| fault.name()).collect::<Vec<_>>().join(", ")))
            }
        }
    }

    fn exit(&self) -> Exit {
        match self {
            LabError::Running(_) => Exit::Exists,
            LabError::NotRunning(_) => Exit::NotFound,
            LabError::Record { .. } => Exit::Config,
            LabError::UnknownFault(_) => Exit::Usage,
            _ => Exit::Failure,
        }
    }
}
