//! Files that are kept: written durably, hashed on the way, read back.

use super::looks::LOOK_BYTES;
use crate::media::{self, DurableFile, MediaError, Mode};
use crate::model::{Exit, Failure, Sha256Digest, ShowPath, text};
use sha2::{Digest, Sha256};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

/// What is left free of a disk that a file is kept on, in bytes.
// The journal lies on the same disk as a rule, and a run that can't write it stops in the middle of its work.
const RESERVE_BYTES: u64 = 16 << 20;

/// How much may be kept in `folder` now, in bytes.
pub(super) fn room_bytes(folder: &Path) -> u64 {
    // Where the system doesn't say, the writing itself will.
    media::free_bytes(folder).map_or(u64::MAX, |free| free.saturating_sub(RESERVE_BYTES))
}

/// A file on its way to the disk, hashed and counted.
pub(super) struct Keeping {
    inner: DurableFile,
    what: &'static str,
    limit_bytes: u64,
    /// What the disk has for it; what else is written there needs the rest.
    room_bytes: u64,
    sha: Sha256,
    /// What it begins with, [`LOOK_BYTES`] at most.
    pub(super) head: Vec<u8>,
    /// Bytes that were written.
    pub(super) bytes: u64,
    /// Why our disk did not take it.
    pub(super) trouble: Option<std::io::Error>,
}

impl Keeping {
    /// Begins a file that its owner only may read; one that is there is never
    /// overwritten. `what` it is and how large at most is told where it is larger.
    pub(super) fn begin(path: &Path, what: &'static str, limit_bytes: u64) -> Result<Self, Failure> {
        let inner = DurableFile::create(path, Mode::Private, false)?;
        let room_bytes = path.parent().map_or(u64::MAX, room_bytes);
        let sha = Sha256::new();
        Ok(Keeping { inner, what, limit_bytes, room_bytes, sha, head: Vec::new(), bytes: 0, trouble: None })
    }

    /// Puts it in its place and reads it back; its digest.
    pub(super) fn keep(self, path: &Path) -> Result<Sha256Digest, Failure> {
        let (bytes, sha256) = (self.bytes, Sha256Digest::finish(self.sha));
        self.inner.commit()?;
        check_kept(path, bytes, &sha256)?;
        // What a look at the folder's rights could not take away again.
        path.parent().map(media::remove_leftovers);
        Ok(sha256)
    }
}

impl Write for Keeping {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.bytes > self.limit_bytes {
            let limit = text::bytes(self.limit_bytes);
            return Err(std::io::Error::other(format!("the {} is larger than the limit of {limit}", self.what)));
        }
        let full = self.bytes.saturating_add(bytes.len() as u64) > self.room_bytes;
        let written = if full { Err(ErrorKind::StorageFull.into()) } else { self.inner.write(bytes) };
        let written = written.map_err(|error: std::io::Error| {
            // An error can't be copied. The driver gets its words, and the error itself stays here for ours.
            let told = std::io::Error::new(error.kind(), error.to_string());
            self.trouble = Some(error);
            told
        })?;
        self.sha.update(&bytes[..written]);
        let left = LOOK_BYTES.saturating_sub(self.head.len()).min(written);
        self.head.extend(&bytes[..left]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// A name that is not taken: a second file of one second gets a number.
pub(super) fn free_name(folder: &Path, stem: &str, extension: &str) -> String {
    let numbered = (2..).map(|n| format!("{stem}-{n}.{extension}"));
    std::iter::once(format!("{stem}.{extension}"))
        .chain(numbered)
        .find(|name| !folder.join(name).exists())
        .expect("one of endless names is free")
}

/// Reads a kept file back.
pub(super) fn check_kept(path: &Path, bytes: u64, sha256: &Sha256Digest) -> Result<(), Failure> {
    let (file, _) = media::open_uncached(path)?;
    // One byte more than was written, so that a file which grew is seen to have.
    let found = digest(file, path, bytes.saturating_add(1), &mut std::io::sink())?;
    if found == (bytes, *sha256) {
        return Ok(());
    }
    Err(Failure::new(Exit::MediaLies, format!("{} reads back other bytes than were written", path.shown())))
}

/// Why a file that a person named was not taken over.
pub(super) enum Untaken {
    /// It is not the right file: another path may do.
    OtherFile(Failure),
    /// No other path would change that.
    Ours(Failure),
}

impl From<Failure> for Untaken {
    fn from(failure: Failure) -> Self {
        Untaken::Ours(failure)
    }
}

impl From<Untaken> for Failure {
    fn from(untaken: Untaken) -> Self {
        match untaken {
            Untaken::OtherFile(failure) | Untaken::Ours(failure) => failure,
        }
    }
}

/// Copies a file that a browser saved, of `limit_bytes` at most; it is kept by
/// [`Keeping::keep`].
pub(super) fn take_over(from: &Path, to: &Path, limit_bytes: u64) -> Result<Keeping, Untaken> {
    let unread = |error: media::MediaError| {
        let missing = Failure::new(Exit::NotFound, error.to_string());
        Untaken::OtherFile(missing.hint("give the path at which the browser saved the file"))
    };
    let file = media::open_regular(from).map_err(unread)?;
    let mut copy = Keeping::begin(to, "file", limit_bytes.saturating_add(1))?;
    let (bytes, _) = digest(file, from, limit_bytes.saturating_add(1), &mut copy)?;
    if bytes > limit_bytes {
        let limit = text::bytes(limit_bytes);
        return Err(Failure::new(Exit::LimitExceeded, format!("{} is larger than the limit of {limit}", from.shown()))
            .hint("give the path of the file that the appliance sent, and of no other")
            .into());
    }
    if bytes == 0 {
        let empty = Failure::new(Exit::NotFound, format!("{} is empty", from.shown()));
        return Err(Untaken::OtherFile(
            empty.hint("look where the browser saved the file; where the file there is empty, make it anew"),
        ));
    }
    Ok(copy)
}

/// Reads `limit_bytes` of a file at most.
pub(super) fn digest(
    file: impl Read,
    path: &Path,
    limit_bytes: u64,
    copy: &mut dyn Write,
) -> Result<(u64, Sha256Digest), Failure> {
    let failed = |error| MediaError::of("copy", path, error);
    let mut reader = file.take(limit_bytes);
    let mut sha = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    let mut bytes = 0;
    loop {
        let got = reader.read(&mut buffer).map_err(failed)?;
        if got == 0 {
            return Ok((bytes, Sha256Digest::finish(sha)));
        }
        sha.update(&buffer[..got]);
        copy.write_all(&buffer[..got]).map_err(failed)?;
        bytes += got as u64;
    }
}
