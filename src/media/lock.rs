//! Locks that keep two runs apart.

use super::sys;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

/// How often a lock is tried, and how long it waits in between: a process that
/// is dying, or one that was forked and has not begun yet, lets go a moment later.
const MOMENT_TRIES: usize = 10;
/// How often where each holds it for one line: ten seconds, in which hundreds had their turn.
const TURN_TRIES: usize = 500;
const PAUSE: Duration = Duration::from_millis(20);

/// How long a lock is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockWait {
    /// Not at all: the other run may itself be waiting for a person.
    No,
    /// As long as a process takes that is dying.
    Moment,
    /// As long as many runs take of which each writes a line.
    Turn,
    /// Until it is free.
    UntilFree,
}

/// Takes the lock that is the file at `path`, made where there is none; `None`
/// where another run holds it. The system lets go of it when the file is
/// dropped or the process dies, however it dies.
///
/// # Errors
/// What the operating system says; [`io::ErrorKind::Unsupported`] on a
/// filesystem without locks.
pub fn lock(path: &Path, wait: LockWait) -> io::Result<Option<File>> {
    // Never truncated and never removed: another run may hold this very
    // file, and a lock on a file that is gone keeps nobody out.
    let lock = sys::open_private(OpenOptions::new().write(true).create(true).truncate(false), path)?;
    let tries = match wait {
        LockWait::UntilFree => return lock.lock().map(|()| Some(lock)).map_err(unsupported),
        LockWait::No => 1,
        LockWait::Moment => MOMENT_TRIES,
        LockWait::Turn => TURN_TRIES,
    };
    for left in (0..tries).rev() {
        match lock.try_lock() {
            Ok(()) => return Ok(Some(lock)),
            Err(TryLockError::WouldBlock) if left > 0 => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => break,
            Err(TryLockError::Error(error)) => return Err(unsupported(error)),
        }
    }
    Ok(None)
}

/// A lock that can't be had of a file that is open, and isn't held by another
/// run, is one that the filesystem doesn't know: each says so by an error of its own.
fn unsupported(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::Interrupted => error,
        _ => io::Error::new(io::ErrorKind::Unsupported, error),
    }
}
