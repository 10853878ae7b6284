//! What is seen of an appliance while it takes a package and installs it.

use crate::bundle::VerifiedReader;
use crate::model::Status;
use std::io::{self, Read};

/// What can be seen of an appliance while it installs and restarts.
///
/// A line of progress may be an explanation that always stands there, so what
/// ordinary pages show beside it comes along: the version counts first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
    /// It does not answer, or says that it is not available now.
    Down,
    /// It says that it is installing.
    Installing {
        /// How far it says it is, 0 to 100.
        percent: Option<u8>,
        /// What it says, in one printable line.
        text: String,
        /// What its pages show beside that; `None` where they show nothing else.
        beside: Option<Box<Status>>,
    },
    /// It says that the installation failed.
    Failed {
        /// What it says, in one printable line.
        text: String,
        /// What its pages show beside that; `None` where they show nothing else.
        beside: Option<Box<Status>>,
    },
    /// It answers with pages that do not tell who it is or what it has.
    Unreadable {
        /// What is not as it was.
        why: String,
        /// Whether they have its menu, as in ordinary times.
        ordinary: bool,
    },
    /// It answers as it does in ordinary times.
    Ready(Status),
}

/// Called before the last bytes of a package go: from then on it may have
/// arrived. Where it fails they stay here.
pub type Handover<'a> = &'a mut dyn FnMut() -> io::Result<()>;

/// Reads a package to be sent, and calls before its last bytes are given out.
pub(super) struct Watched<'a> {
    source: VerifiedReader,
    left_bytes: u64,
    handover: Option<Handover<'a>>,
}

impl<'a> Watched<'a> {
    /// Begins with all of `source` to be read.
    pub(super) fn new(source: VerifiedReader, handover: Handover<'a>) -> Self {
        Watched { left_bytes: source.size_bytes(), source, handover: Some(handover) }
    }
}

impl Read for Watched<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(into)?;
        self.left_bytes = self.left_bytes.saturating_sub(read as u64);
        // Before these bytes are given out: once they are, nobody can say any more that they did not arrive.
        if self.left_bytes == 0
            && let Some(handover) = self.handover.take()
        {
            handover()?;
        }
        Ok(read)
    }
}
