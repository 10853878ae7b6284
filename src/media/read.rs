//! Reading: bounded, and past the page cache.

use super::{MediaError, Mount, sys};
use std::fs::File;
use std::io::{self, Read};
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
/// A link is followed: for files of this machine, not of a medium.
///
/// # Errors
/// Those of [`open_regular`]; [`MediaError::TooLarge`] above the limit.
pub fn read_bounded(path: &Path, limit_bytes: u64, what: &'static str) -> Result<Vec<u8>, MediaError> {
    take(open_regular(path)?, path, limit_bytes, what)
}

/// Like [`read_bounded`], for what lies on a medium: no link is followed.
///
/// # Errors
/// Those of [`open_carried`]; [`MediaError::TooLarge`] above the limit.
pub fn read_carried(path: &Path, limit_bytes: u64, what: &'static str) -> Result<Vec<u8>, MediaError> {
    take(open_carried(path)?, path, limit_bytes, what)
}

/// Reads the first `limit_bytes` of what lies on a medium, for whom a longer one is none.
///
/// # Errors
/// Those of [`open_carried`].
pub fn read_head(path: &Path, limit_bytes: u64) -> Result<Vec<u8>, MediaError> {
    let mut bytes = Vec::new();
    let read = open_carried(path)?.take(limit_bytes).read_to_end(&mut bytes);
    read.map_err(|source| MediaError::of("read", path, source))?;
    Ok(bytes)
}

/// Opens a regular file for reading; a link to one is followed.
///
/// Nothing else is opened, and opening never waits: a pipe would never begin,
/// a device never end, and some devices act when they are opened.
///
/// # Errors
/// [`MediaError::Missing`], [`MediaError::NotAFile`], else what the operating system says.
pub fn open_regular(path: &Path) -> Result<File, MediaError> {
    let facts = path.metadata().map_err(|source| MediaError::of("read", path, source))?;
    open_as(&facts, path, true)
}

/// Like [`open_regular`], but a link is refused: whoever prepared a medium
/// chose where it leads.
///
/// # Errors
/// [`MediaError::Linked`], and those of [`open_regular`].
pub fn open_carried(path: &Path) -> Result<File, MediaError> {
    let facts = path.symlink_metadata().map_err(|source| MediaError::of("read", path, source))?;
    if facts.is_symlink() {
        return Err(MediaError::Linked { path: path.to_path_buf() });
    }
    open_as(&facts, path, false)
}

/// Whether a regular file lies there itself, and no link to one.
pub fn is_carried(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|facts| facts.is_file())
}

fn open_as(facts: &std::fs::Metadata, path: &Path, follow: bool) -> Result<File, MediaError> {
    let odd = || MediaError::NotAFile { path: path.to_path_buf() };
    if !facts.is_file() {
        return Err(odd());
    }
    let failed = |source: io::Error| MediaError::of("read", path, source);
    let file = sys::open_at_once(path, follow).map_err(failed)?;
    // Asked of the open file once more: another could be put there in between.
    if file.metadata().map_err(failed)?.is_file() { Ok(file) } else { Err(odd()) }
}

/// Like [`read_bounded`], from a pipe too: for what a person names and another
/// program may supply, such as a secret by the shell's `<(…)`; never for what
/// lies on a medium.
///
/// # Errors
/// As [`read_bounded`], but [`MediaError::NotAFile`].
pub fn read_any(path: &Path, limit_bytes: u64, what: &'static str) -> Result<Vec<u8>, MediaError> {
    let file = File::open(path).map_err(|source| MediaError::of("read", path, source))?;
    take(file, path, limit_bytes, what)
}

fn take(file: File, path: &Path, limit_bytes: u64, what: &'static str) -> Result<Vec<u8>, MediaError> {
    let failed = |source| MediaError::of("read", path, source);
    let mut bytes = Vec::new();
    // A byte beyond the limit is asked for, and no length beforehand: a
    // file may grow while it is read, and a pipe has none.
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
/// Those of [`open_carried`].
pub fn open_uncached(path: &Path) -> Result<(File, Bypass), MediaError> {
    let file = open_carried(path)?;
    let bypass = forget(path, &file);
    Ok((file, bypass))
}

/// Has the next reading of a file that is open come from its device, as
/// [`open_uncached`] does; `path` is where the file lies.
pub fn forget(path: &Path, file: &File) -> Bypass {
    match drop_cache(file) {
        Bypass::Bypassed => drop_cache_below(path),
        cached => cached,
    }
}

/// A filesystem that a program serves (FUSE) reads its device through the
/// kernel's cache of that device, which must be dropped as well.
fn drop_cache_below(path: &Path) -> Bypass {
    let Some(mount) = Mount::of(path).filter(Mount::in_user_space) else { return Bypass::Bypassed };
    let served = format!("a program serves this filesystem ({})", mount.kind);
    // ntfs-3g and exfat-fuse are mounted as `fuseblk` and name their
    // device. Any other program may keep what it likes, where it likes.
    if mount.kind != "fuseblk" {
        return Bypass::Cached { why: format!("{served}, and what it keeps in memory can't be told") };
    }
    let device = File::open(&mount.source);
    match device.map_err(|error| error.to_string()).map(|device| sys::drop_cache(&device)) {
        Ok(Bypass::Bypassed) => Bypass::Bypassed,
        Ok(Bypass::Cached { why }) => Bypass::Cached { why: format!("{served}; of its device, {why}") },
        Err(why) => Bypass::Cached {
            why: format!("{served}, and its device {} can't be opened to drop that cache ({why})", mount.source),
        },
    }
}

/// Writes to the device everything that the filesystem holding `path` still
/// has in memory: what must return before a person is told to pull a stick.
///
/// # Errors
/// What the operating system says, sorted by [`MediaError::of`].
pub fn sync_filesystem(path: &Path) -> Result<(), MediaError> {
    sys::sync_filesystem(path).map_err(|source| MediaError::of("sync", path, source))
}
