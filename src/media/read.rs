//! Reading: bounded, and past the page cache.

use super::{MediaError, sys};
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
    refuse_odd(path)?;
    let facts = path.metadata().map_err(|source| MediaError::of("read", path, source))?;
    open_as(&facts, path, true)
}

/// Like [`open_regular`], but a link is refused: whoever prepared a medium
/// chose where it leads.
///
/// # Errors
/// [`MediaError::Linked`], and those of [`open_regular`].
pub fn open_carried(path: &Path) -> Result<File, MediaError> {
    refuse_odd(path)?;
    let facts = path.symlink_metadata().map_err(|source| MediaError::of("read", path, source))?;
    if sys::is_link(&facts) {
        return Err(MediaError::Linked { path: path.to_path_buf() });
    }
    open_as(&facts, path, false)
}

/// Whether a regular file lies there itself, and no link to one.
pub fn is_carried(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|facts| facts.is_file() && !sys::is_link(&facts))
}

/// Refuses a name that Windows takes for something else than a file.
///
/// # Errors
/// [`MediaError::Odd`].
pub fn refuse_odd(path: &Path) -> Result<(), MediaError> {
    sys::odd(path).map_or(Ok(()), |why| Err(MediaError::Odd { path: path.to_path_buf(), why }))
}

fn open_as(facts: &std::fs::Metadata, path: &Path, follow: bool) -> Result<File, MediaError> {
    let odd = || MediaError::NotAFile { path: path.to_path_buf() };
    if !facts.is_file() {
        return Err(odd());
    }
    let failed = |source: io::Error| MediaError::of("read", path, source);
    let file = sys::open_at_once(path, follow).map_err(failed)?;
    // Asked of the open file once more: another could be put there in between.
    if sys::is_regular(&file, follow).map_err(failed)? { Ok(file) } else { Err(odd()) }
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

/// A file that is read from its device.
#[derive(Debug)]
pub struct Uncached {
    file: File,
    at: u64,
}

impl Uncached {
    /// The file, to be read by [`read_exact_at`] alone.
    pub fn into_file(self) -> File {
        self.file
    }

    /// Its length in bytes.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }
}

impl Read for Uncached {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Each by its place: past its cache Windows gives whole sectors only, and the file's own place is not where
        // this reader is.
        let got = sys::read_at(&self.file, buffer, self.at)?;
        self.at += got as u64;
        Ok(got)
    }
}

/// Fills `buffer` with what stands at `offset` of a file.
///
/// # Errors
/// [`io::ErrorKind::UnexpectedEof`] where there is less, else what the operating system says.
pub fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match sys::read_at(file, buffer, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                buffer = &mut buffer[count..];
                offset += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Opens a file for reading from its device rather than from memory.
///
/// # Errors
/// Those of [`open_carried`].
pub fn open_uncached(path: &Path) -> Result<(Uncached, Bypass), MediaError> {
    let file = open_carried(path)?;
    let (past, bypass) = forget(path, &file);
    Ok((Uncached { file: past.unwrap_or(file), at: 0 }, bypass))
}

/// Has the next reading of a file that is open come from its device, as
/// [`open_uncached`] does; `path` is where the file lies. What was written to it
/// is on the device first. Where a file comes back, that one is to be read, by
/// [`read_exact_at`] alone.
pub fn forget(path: &Path, file: &File) -> (Option<File>, Bypass) {
    sys::past_cache(path, file)
}

/// Writes to the device everything that the filesystem holding `path` still
/// has in memory: what must return before a person is told to pull a stick.
///
/// # Errors
/// What the operating system says, sorted by [`MediaError::of`].
pub fn sync_filesystem(path: &Path) -> Result<(), MediaError> {
    sys::sync_filesystem(path).map_err(|source| MediaError::of("sync", path, source))
}
