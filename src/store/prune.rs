//! What is no longer needed goes.

use super::{Store, StoreError, names};
use crate::bundle::{self, BundleError, VolumeSet};
use crate::media::{self, MediaError};
use crate::model::{Manifest, Sha256Digest};
use std::collections::BTreeSet;
use std::path::Path;

/// What went.
#[derive(Debug, Default)]
pub struct Pruned {
    /// Packages that no bundle lists any more.
    pub packages: usize,
    /// Their bytes.
    pub bytes: u64,
}

impl Store {
    /// Reads the manifest of a kept bundle, by the digest that its folder is
    /// named by: that of the manifest whose signatures held when it was taken.
    /// Whether they hold now is not asked.
    ///
    /// # Errors
    /// As [`bundle::kept_manifest`].
    pub fn manifest(&self, set: &VolumeSet) -> Result<Manifest, StoreError> {
        let named = set.folder().file_name().and_then(|name| Sha256Digest::from_hex(name.to_str()?));
        let named = named.ok_or_else(|| BundleError::NoSuchFile { path: set.frame_path() })?;
        Ok(bundle::kept_manifest(set, named)?)
    }

    /// Removes a bundle: its frame first, so that what is left is never taken for it.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn remove(&self, set: &VolumeSet) -> Result<(), StoreError> {
        remove_file(&set.frame_path())?;
        media::sync_dir(set.folder())?;
        std::fs::remove_dir_all(set.folder()).map_err(|source| MediaError::of("remove", set.folder(), source))?;
        Ok(media::sync_dir(&self.root.join("bundles"))?)
    }

    /// Removes the packages that no kept bundle lists. Where one of the bundles
    /// can't be read nothing goes: it may be the one that needs them.
    ///
    /// # Errors
    /// As [`Store::manifest`], and what the operating system says.
    pub fn sweep_objects(&self) -> Result<Pruned, StoreError> {
        let mut wanted = BTreeSet::new();
        for set in self.sets()? {
            wanted.extend(self.manifest(&set)?.packages.iter().map(|package| package.sha256));
        }
        let objects = self.objects();
        let listed = objects.list().map_err(|source| MediaError::of("list", objects.root(), source))?;
        let mut pruned = Pruned::default();
        for object in listed {
            if object.named.is_some_and(|named| !wanted.contains(&named)) {
                remove_file(&object.path)?;
                pruned.packages += 1;
                pruned.bytes += object.size_bytes;
            }
        }
        media::sync_filesystem(&self.root)?;
        Ok(pruned)
    }

    /// Removes what was begun and not finished: packages that are not whole, and volumes that wait for others.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn sweep_unfinished(&self) -> Result<usize, StoreError> {
        let (partial, volumes) = (self.root.join("partial"), self.root.join("volumes"));
        let (packages, waiting) = (names(&partial)?, names(&volumes)?);
        packages.iter().try_for_each(|name| remove_file(&partial.join(name)))?;
        for name in &waiting {
            let folder = volumes.join(name);
            std::fs::remove_dir_all(&folder).map_err(|source| MediaError::of("remove", &folder, source))?;
        }
        media::sync_dir(&partial)?;
        media::sync_dir(&volumes)?;
        Ok(packages.len() + waiting.len())
    }
}

fn remove_file(path: &Path) -> Result<(), StoreError> {
    Ok(std::fs::remove_file(path).map_err(|source| MediaError::of("remove", path, source))?)
}
