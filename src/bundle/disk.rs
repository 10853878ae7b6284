//! What the system's word on a volume means for a run.

use crate::model::{Exit, disk_exit, medium_hint};
use std::io;

/// How a run ends that could not read a volume.
pub(super) fn read_exit(error: &io::Error) -> Exit {
    match error.kind() {
        // It was there when the folder was listed, so the medium went away.
        io::ErrorKind::NotFound => Exit::MediaMissing,
        _ => disk_exit(error).unwrap_or(Exit::MediaFault),
    }
}

/// How one ends that could not write it.
pub(super) fn write_exit(error: &io::Error) -> Exit {
    match error.kind() {
        io::ErrorKind::AlreadyExists => Exit::Exists,
        _ => read_exit(error),
    }
}

/// What to do about that.
pub(super) fn write_hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AlreadyExists => "move it away, or remove it if it is not needed",
        _ => medium_hint(error),
    }
}
