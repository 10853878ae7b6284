//! The packages' bytes, named by their digest.

use super::{IMPORT_PREFIX, StoredPackage, Vault, VaultError};
use crate::media::{self, Mode};
use crate::model::{Id, Meter, Sha256Digest};
use crate::objects::{self, Digests};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

impl Vault {
    /// Opens a package's bytes to read them; who reads checks the digests.
    ///
    /// # Errors
    /// [`VaultError::ObjectMissing`] where they are gone.
    pub fn open_object(&self, sha256: &Sha256Digest, title: &str) -> Result<File, VaultError> {
        let path = self.object_path(sha256);
        match media::open_regular(&path).map_err(std::io::Error::from) {
            Ok(file) => Ok(file),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(VaultError::ObjectMissing { title: title.to_owned(), path })
            }
            Err(source) => Err(VaultError::Unreadable { path, source }),
        }
    }

    /// Whether bytes with this digest and size lie in their place: see [`Objects::has`](crate::objects::Objects::has).
    pub fn has_object(&self, digest: &Sha256Digest, size_bytes: u64) -> bool {
        self.kept().has(digest, size_bytes)
    }

    /// Puts a synced file of the vault in its place by its digest. Where the
    /// same bytes lie there already, the second copy goes.
    ///
    /// # Errors
    /// [`VaultError::Media`] where it can't be moved or made durable.
    pub(super) fn put_in_place(&self, from: &Path, digests: &Digests) -> Result<(), VaultError> {
        Ok(self.kept().put_in_place(from, digests)?)
    }

    /// Copies a foreign file into the vault, digesting it on the way.
    ///
    /// # Errors
    /// [`VaultError`] where it can't be read, or the copy not be made durable.
    pub fn copy_in(&self, from: &Path, meter: &dyn Meter) -> Result<Digests, VaultError> {
        let source = media::open_regular(from)
            .map_err(|error| VaultError::Unreadable { path: from.to_owned(), source: error.into() })?;
        let incoming = self.below("partial").join(format!("{IMPORT_PREFIX}{}", Id::random()));
        media::create_dirs(&self.below("partial"), Mode::Private)?;
        let mut target = media::DurableFile::create(&incoming, Mode::Private, false)?;
        let digests = pour(source, from, meter, |piece| {
            target.write_all(piece).map_err(|source| VaultError::Unwritable { path: incoming.clone(), source })
        })?;
        target.commit()?;
        self.put_in_place(&incoming, &digests)?;
        Ok(digests)
    }

    /// Reads a package's bytes again and compares them with its record.
    ///
    /// # Errors
    /// [`VaultError::ObjectMissing`], [`VaultError::ObjectDamaged`].
    pub fn check(&self, kept: &StoredPackage, meter: &dyn Meter) -> Result<(), VaultError> {
        self.open_object(&kept.sha256, &kept.title)?;
        let found = self.digest_file(&self.object_path(&kept.sha256), meter)?;
        if found.sha256 == kept.sha256 && found.chunks == kept.chunks {
            let path = self.object_path(&kept.sha256);
            return Ok(media::keep_names(path.parent().expect("an object's path has a folder"))?);
        }
        Err(VaultError::ObjectDamaged { title: kept.title.clone(), found: found.sha256, recorded: kept.sha256 })
    }

    fn digest_file(&self, path: &Path, meter: &dyn Meter) -> Result<Digests, VaultError> {
        let file = media::open_regular(path)
            .map_err(|error| VaultError::Unreadable { path: path.to_owned(), source: error.into() })?;
        pour(file, path, meter, |_| Ok(()))
    }
}

/// Reads `from` to its end, digesting it aside, and hands each piece on.
pub(super) fn pour(
    mut from: impl Read,
    path: &Path,
    meter: &dyn Meter,
    take: impl FnMut(&[u8]) -> Result<(), VaultError>,
) -> Result<Digests, VaultError> {
    let unreadable = |source| VaultError::Unreadable { path: path.to_owned(), source };
    objects::pour(&mut from, meter, &unreadable, take)
}
