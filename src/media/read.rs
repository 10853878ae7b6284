//! Reading: bounded, and past the page cache.

use super::{MediaError, sys};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Whether a read-back really came from the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bypass {
    /// The operating system was made to forget the bytes first.
    Bypassed,
    /// The bytes may come from memory, so a read-back proves less.
    Cached {
        /// Why, for people.
        why: String,
    },
}

/// Reads a whole file of at most `limit_bytes`; `what` names it for people
/// ("request", "inventory").
///
/// # Errors
/// [`MediaError::TooLarge`] above the limit, [`MediaError::Missing`] where
/// nothing is there, else what the operating system says.
pub fn read_bounded(path: &Path, limit_bytes: u64, what: &'static str) -> Result<Vec<u8>, MediaError> {
    let failed = |source| MediaError::of("read", path, source);
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(limit_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limit_bytes {
        return Err(MediaError::TooLarge { path: path.to_path_buf(), what, limit_bytes });
    }
    Ok(bytes)
}

/// Makes the operating system forget what it holds of `file` in memory, after
/// writing it to the device.
pub fn drop_cache(file: &File) -> Bypass {
    match file.sync_all() {
        Ok(()) => sys::drop_cache(file),
        // A file opened for reading on a read-only medium: nothing is unwritten then.
        Err(_) => sys::drop_cache(file),
    }
}

/// Opens a file for reading from its device rather than from memory.
///
/// # Errors
/// [`MediaError::Missing`] where nothing is there, else what the operating
/// system says.
pub fn open_uncached(path: &Path) -> Result<(File, Bypass), MediaError> {
    let file = File::open(path).map_err(|source| MediaError::of("open", path, source))?;
    let bypass = drop_cache(&file);
    Ok((file, bypass))
}

/// Writes to the device everything that the filesystem holding `path` still
/// has in memory: what must return before a person is told to pull a stick.
///
/// # Errors
/// What the operating system says, sorted by [`MediaError::of`].
pub fn sync_filesystem(path: &Path) -> Result<(), MediaError> {
    sys::sync_filesystem(path).map_err(|source| MediaError::of("sync", path, source))
}
