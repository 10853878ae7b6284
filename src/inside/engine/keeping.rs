//! Files that are kept: written durably, hashed on the way, read back.

use crate::media::{self, DurableFile, MediaError, Mode};
use crate::model::{Exit, Failure, Sha256Digest, text};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::path::Path;

/// A file on its way to the disk, hashed and counted.
pub(super) struct Keeping {
    inner: DurableFile,
    what: &'static str,
    limit_bytes: u64,
    sha: Sha256,
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
        Ok(Keeping { inner, what, limit_bytes, sha: Sha256::new(), bytes: 0, trouble: None })
    }

    /// Puts it in its place and reads it back; its digest.
    pub(super) fn keep(self, path: &Path) -> Result<Sha256Digest, Failure> {
        let (bytes, sha256) = (self.bytes, Sha256Digest::finish(self.sha));
        self.inner.commit()?;
        check_kept(path, bytes, &sha256)?;
        Ok(sha256)
    }
}

impl Write for Keeping {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.bytes > self.limit_bytes {
            let limit = text::bytes(self.limit_bytes);
            return Err(std::io::Error::other(format!("the {} is larger than the limit of {limit}", self.what)));
        }
        let written = self.inner.write(bytes).map_err(|error| {
            let told = std::io::Error::new(error.kind(), error.to_string());
            self.trouble = Some(error);
            told
        })?;
        self.sha.update(&bytes[..written]);
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
    let found = digest(file, path, bytes.saturating_add(1), &mut std::io::sink())?;
    if found == (bytes, *sha256) {
        return Ok(());
    }
    Err(Failure::new(Exit::MediaLies, format!("{} reads back other bytes than were written", path.display())))
}

/// Copies a file that a browser saved, of `limit_bytes` at most.
pub(super) fn take_over(from: &Path, to: &Path, limit_bytes: u64) -> Result<(u64, Sha256Digest), Failure> {
    let unread = |error| {
        Failure::new(Exit::NotFound, format!("can't read {}: {error}", from.display()))
            .hint("give the path at which the browser saved the file")
    };
    let file = std::fs::File::open(from).map_err(unread)?;
    let mut copy = DurableFile::create(to, Mode::Private, false)?;
    let (bytes, sha256) = digest(file, from, limit_bytes.saturating_add(1), &mut copy)?;
    if bytes > limit_bytes {
        let limit = text::bytes(limit_bytes);
        return Err(Failure::new(
            Exit::LimitExceeded,
            format!("{} is larger than the limit of {limit}", from.display()),
        )
        .hint("give the path of the file that the appliance sent, and of no other"));
    }
    if bytes == 0 {
        return Err(Failure::new(Exit::NotFound, format!("{} is empty", from.display()))
            .hint("look where the browser saved the file; where the file there is empty, make it anew"));
    }
    copy.commit()?;
    check_kept(to, bytes, &sha256)?;
    Ok((bytes, sha256))
}

/// Reads `limit_bytes` of a file at most.
fn digest(
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
