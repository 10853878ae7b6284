//! Where they lie, how they come there, and what lies there.

use super::{BackgroundDigester, Digests};
use crate::media::{self, MediaError};
use crate::model::{Meter, Sha256Digest};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Bytes read at once while they are copied or digested.
pub const PIECE_BYTES: usize = 1 << 20;

/// A folder of objects; there may be none yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objects {
    root: PathBuf,
    /// Where those lie that are not whole, as `<hex>.part`.
    unfinished: Option<PathBuf>,
}

/// A file among objects, not read yet.
#[derive(Debug)]
pub struct Object {
    /// Where it lies.
    pub path: PathBuf,
    /// Its size now.
    pub size_bytes: u64,
    /// The digest that its place names; `None` where it is in no object's place.
    pub named: Option<Sha256Digest>,
}

impl Objects {
    /// Those below `root`.
    pub fn below(root: PathBuf) -> Self {
        Objects { root, unfinished: None }
    }

    /// The same, with a folder where those lie that are not whole.
    pub fn beside(self, unfinished: PathBuf) -> Self {
        Objects { unfinished: Some(unfinished), ..self }
    }

    /// Where the bytes with `digest` lie, or what there is of them.
    pub fn found(&self, digest: &Sha256Digest) -> PathBuf {
        let path = self.path(digest);
        let unfinished = self.unfinished(digest).filter(|unfinished| !path.exists() && unfinished.exists());
        unfinished.unwrap_or(path)
    }

    /// Where what there is of them lies as long as it is not whole.
    pub fn unfinished(&self, digest: &Sha256Digest) -> Option<PathBuf> {
        self.unfinished.as_ref().map(|folder| folder.join(format!("{digest}.part")))
    }

    /// Where the bytes with `digest` lie.
    pub fn path(&self, digest: &Sha256Digest) -> PathBuf {
        let hex = digest.to_string();
        self.root.join("sha256").join(&hex[..2]).join(hex)
    }

    /// Whether bytes with this digest and size lie in their place.
    // By its size alone, since it is asked at every turn. Whoever uses the bytes checks their digest.
    pub fn has(&self, digest: &Sha256Digest, size_bytes: u64) -> bool {
        std::fs::metadata(self.path(digest)).is_ok_and(|meta| meta.is_file() && meta.len() == size_bytes)
    }

    /// Puts a file of the same filesystem, synced and digested, in its place.
    /// Where the same bytes lie there already, the second copy goes.
    ///
    /// # Errors
    /// What the operating system says, sorted by [`MediaError::of`].
    pub fn put_in_place(&self, from: &Path, digests: &Digests) -> Result<(), MediaError> {
        let to = self.path(&digests.sha256);
        let folder = to.parent().expect("an object's path has a folder");
        media::create_dirs(folder, media::Mode::Private)?;
        // By its bytes and not by its name: one that is damaged is replaced by the good one that just came.
        if self.has(&digests.sha256, digests.size_bytes) && digest(&to, &())? == *digests {
            media::keep_names(folder)?;
            return std::fs::remove_file(from).map_err(|source| MediaError::of("remove", from, source));
        }
        media::move_durably(from, &to)
    }

    /// Lists all files there, the largest first, so that all cores end together
    /// that share the reading of them.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn list(&self) -> io::Result<Vec<Object>> {
        let mut all = Vec::new();
        if !self.root.exists() {
            return Ok(all);
        }
        for entry in walkdir::WalkDir::new(&self.root) {
            let entry = entry?;
            if entry.file_type().is_dir() {
                continue;
            }
            let size_bytes = entry.metadata()?.len();
            let path = entry.into_path();
            let hex = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let named = Sha256Digest::from_hex(hex).filter(|digest| self.path(digest) == path);
            all.push(Object { path, size_bytes, named });
        }
        all.sort_by(|a, b| b.size_bytes.cmp(&a.size_bytes).then_with(|| a.path.cmp(&b.path)));
        Ok(all)
    }

    /// Their folder.
    pub fn root(&self) -> &Path {
        &self.root
    }
}

/// Digests a file of this machine.
///
/// # Errors
/// What the operating system says, sorted by [`MediaError::of`].
pub fn digest(path: &Path, meter: &dyn Meter) -> Result<Digests, MediaError> {
    let unreadable = |source| MediaError::of("read", path, source);
    pour(&mut media::open_regular(path)?, meter, &unreadable, |_| Ok(()))
}

/// Reads `from` to its end, digesting it aside, and hands each piece on;
/// `unreadable` tells an error of reading.
///
/// # Errors
/// That, and what `take` says.
pub fn pour<E>(
    from: &mut dyn Read,
    meter: &dyn Meter,
    unreadable: &dyn Fn(io::Error) -> E,
    mut take: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<Digests, E> {
    let digester = BackgroundDigester::default();
    loop {
        let (piece, read) = digester.read(from, PIECE_BYTES);
        read.map_err(unreadable)?;
        if piece.is_empty() {
            return Ok(digester.finish());
        }
        take(&piece)?;
        meter.advance(piece.len() as u64);
        digester.update(piece);
    }
}
