//! A download that is not complete yet: its bytes so far and what the server
//! said of the whole.

use super::{StoredPackage, Vault, VaultError};
use crate::media::{self, Mode};
use crate::model::{FileName, Id};
use crate::objects::{Digester, Digests, PIECE_BYTES};
use crate::web::Validators;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

/// Bytes after which a growing download is synced. The next ones arrive
/// meanwhile, so a power cut costs at most twice as many.
const SYNC_EVERY_BYTES: u64 = 64 << 20;

/// What the server said of the file, so that the rest can be asked for and a
/// changed file is noticed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announced {
    /// What tells its states apart.
    pub validators: Validators,
    /// Its whole size; `None` where the server did not say.
    pub size_bytes: Option<u64>,
    /// The name the server gave it.
    pub file_name: Option<FileName>,
}

/// A download's bytes so far, digested.
pub struct Partial {
    path: PathBuf,
    state_path: PathBuf,
    file: File,
    digester: Digester,
    /// How much of it is on the disk, as far as syncs have said.
    synced_bytes: u64,
    unsynced_bytes: u64,
    /// A sync that goes on beside the download, and how much was there when it began.
    syncing: Option<(u64, JoinHandle<io::Result<()>>)>,
    /// What the server said when it began; `None` before the first answer.
    pub announced: Option<Announced>,
}

impl Vault {
    /// Opens download `number` of an exchange, new or as far as it came; what
    /// is there is digested again, so that the end is a digest of all of it.
    ///
    /// # Errors
    /// [`VaultError`] where it can't be read or made.
    pub fn partial(&self, exchange: Id, number: usize) -> Result<Partial, VaultError> {
        let folder = self.below("partial").join(exchange.to_string());
        media::create_dirs(&folder, Mode::Private)?;
        let path = folder.join(format!("{number}.part"));
        let state_path = folder.join(format!("{number}.json"));
        if !path.exists() {
            media::write_durably(&path, b"", Mode::Private)?;
        }
        let unreadable = |source| VaultError::Unreadable { path: path.clone(), source };
        let mut file = File::options().read(true).write(true).open(&path).map_err(unreadable)?;
        let mut digester = Digester::default();
        let mut piece = vec![0u8; PIECE_BYTES];
        loop {
            match file.read(&mut piece).map_err(unreadable)? {
                0 => break,
                count => digester.update(&piece[..count]),
            }
        }
        let announced = self.read_record(&state_path)?;
        let (unsynced_bytes, synced_bytes) = (0, digester.size_bytes());
        Ok(Partial { path, state_path, file, digester, synced_bytes, unsynced_bytes, syncing: None, announced })
    }

    /// How many bytes of download `number` of an exchange are there.
    pub fn partial_bytes(&self, exchange: Id, number: usize) -> u64 {
        let path = self.below("partial").join(exchange.to_string()).join(format!("{number}.part"));
        std::fs::metadata(path).map_or(0, |meta| meta.len())
    }

    /// Keeps what the server said of the file, before its first byte.
    ///
    /// # Errors
    /// [`VaultError`] where it can't be made durable.
    pub fn note_announced(&self, partial: &mut Partial, announced: Announced) -> Result<(), VaultError> {
        self.write_record(&partial.state_path, &announced)?;
        partial.announced = Some(announced);
        Ok(())
    }

    /// Puts a complete download in its place and writes its record. Safe to
    /// run again after a crash at any point of it.
    ///
    /// # Errors
    /// [`VaultError`] where something can't be made durable.
    pub fn take_in(&self, exchange: Id, number: usize, kept: &StoredPackage) -> Result<(), VaultError> {
        let path = self.below("partial").join(exchange.to_string()).join(format!("{number}.part"));
        let digests = Digests { size_bytes: kept.size_bytes, sha256: kept.sha256, chunks: kept.chunks.clone() };
        // A run that was killed between the move and the record finds the bytes in their place and goes on from there.
        if path.exists() {
            self.put_in_place(&path, &digests)?;
        } else if !self.has_object(&kept.sha256, kept.size_bytes) {
            return Err(VaultError::ObjectMissing { title: kept.title.clone(), path: self.object_path(&kept.sha256) });
        } else {
            media::keep_names(self.object_path(&kept.sha256).parent().expect("an object's path has a folder"))?;
        }
        if !self.has_record(kept.id) {
            self.record(kept)?;
        }
        Ok(())
    }
}

impl Partial {
    /// How many bytes are there.
    pub fn len(&self) -> u64 {
        self.digester.size_bytes()
    }

    /// Whether no byte is there.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds bytes at the end.
    ///
    /// # Errors
    /// [`VaultError::Unwritable`], as when the disk is full; bytes before these
    /// are kept.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), VaultError> {
        let end = self.len();
        // The place is sought each time, since `matches` reads by the same handle.
        let written = self.file.seek(SeekFrom::Start(end)).and_then(|_| self.file.write_all(bytes));
        if let Err(source) = written {
            // A piece that only half fits would be digested as less than is there.
            let _ = self.file.set_len(end);
            return Err(self.unwritable(source));
        }
        self.unsynced_bytes += bytes.len() as u64;
        self.digester.update(bytes);
        if self.unsynced_bytes >= SYNC_EVERY_BYTES { self.sync_beside() } else { Ok(()) }
    }

    /// Begins to sync what is there, once the sync before is done.
    fn sync_beside(&mut self) -> Result<(), VaultError> {
        if let Err(error) = self.synced() {
            return self.doubt(error);
        }
        self.unsynced_bytes = 0;
        let file = self.file.try_clone().map_err(|source| self.unwritable(source))?;
        // Data alone: the size travels with it (fdatasync(2)), and times are of no use to anybody.
        self.syncing = Some((self.len(), std::thread::spawn(move || file.sync_data())));
        Ok(())
    }

    /// Waits for a sync that goes on beside the download.
    fn synced(&mut self) -> Result<(), VaultError> {
        let Some((bytes, syncing)) = self.syncing.take() else { return Ok(()) };
        syncing.join().expect("a sync does not panic").map_err(|source| self.unwritable(source))?;
        self.synced_bytes = bytes;
        Ok(())
    }

    fn unwritable(&self, source: io::Error) -> VaultError {
        VaultError::Unwritable { path: self.path.clone(), source }
    }

    /// Whether the kept bytes from `start` on begin with `bytes`, or are a
    /// beginning of them.
    ///
    /// # Errors
    /// [`VaultError::Unreadable`].
    pub fn matches(&mut self, start: u64, bytes: &[u8]) -> Result<bool, VaultError> {
        let overlap = usize::try_from(self.len().saturating_sub(start)).unwrap_or(usize::MAX).min(bytes.len());
        let mut kept = vec![0u8; overlap];
        self.file
            .seek(SeekFrom::Start(start))
            .and_then(|_| self.file.read_exact(&mut kept))
            .map_err(|source| VaultError::Unreadable { path: self.path.clone(), source })?;
        Ok(kept == bytes[..overlap])
    }

    /// Syncs what arrived.
    ///
    /// What a failed sync was for may be lost, and a second one says nothing
    /// of it; so all of it is written anew, and where that fails too, what was
    /// not synced is taken off, for the next run to ask for again.
    ///
    /// # Errors
    /// [`VaultError::Unwritable`].
    pub fn sync(&mut self) -> Result<(), VaultError> {
        let synced = self.synced().and_then(|()| self.file.sync_all().map_err(|source| self.unwritable(source)));
        if let Err(error) = synced {
            return self.doubt(error);
        }
        (self.synced_bytes, self.unsynced_bytes) = (self.len(), 0);
        Ok(())
    }

    /// A sync failed: writes all of it anew, or takes off what it was for.
    fn doubt(&mut self, error: VaultError) -> Result<(), VaultError> {
        if self.write_anew().is_err() {
            let _ = self.file.set_len(self.synced_bytes);
            return Err(error);
        }
        (self.synced_bytes, self.unsynced_bytes) = (self.len(), 0);
        Ok(())
    }

    /// Copies it to other blocks of the disk, in place of itself.
    fn write_anew(&mut self) -> Result<(), VaultError> {
        let unwritable = |source| VaultError::Unwritable { path: self.path.clone(), source };
        let mut copy = media::DurableFile::create(&self.path, Mode::Private, true)?;
        self.file.rewind().and_then(|()| std::io::copy(&mut self.file, &mut copy)).map_err(unwritable)?;
        copy.commit()?;
        // The handle so far is of the file that was just replaced.
        self.file = File::options().read(true).write(true).open(&self.path).map_err(unwritable)?;
        Ok(())
    }

    /// Sets it aside, so that the download begins anew; nothing is deleted.
    ///
    /// # Errors
    /// [`VaultError`] where it can't be moved.
    pub fn set_aside(mut self) -> Result<(), VaultError> {
        // Synced first: what is set aside may be all that ever came of this package.
        self.sync()?;
        let mark = Id::random().short();
        for path in [&self.path, &self.state_path] {
            if path.exists() {
                let mut name = path.clone().into_os_string();
                name.push(format!(".aside-{mark}"));
                media::move_durably(path, Path::new(&name))?;
            }
        }
        Ok(())
    }

    /// Ends it: synced, and the digests of all of it.
    ///
    /// # Errors
    /// [`VaultError::Unwritable`].
    pub fn finish(mut self) -> Result<Digests, VaultError> {
        self.sync()?;
        Ok(self.digester.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Sha256Digest, Source, Timestamp};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn a_download_cut_anywhere_goes_on_to_the_same_digest(cut in 0usize..5_000_000) {
            let bytes: Vec<u8> = (0..5_000_000u32).map(|i| (i % 253) as u8).collect();
            let home = tempfile::tempdir().expect("a temporary folder");
            let vault = Vault::open(home.path()).expect("opens");
            let id = Id::random();
            let mut first = vault.partial(id, 1).expect("opens");
            let announced = Announced { size_bytes: Some(5_000_000), ..Announced::default() };
            vault.note_announced(&mut first, announced.clone()).expect("writes");
            first.append(&bytes[..cut]).expect("writes");
            drop(first);
            let mut second = vault.partial(id, 1).expect("opens again");
            prop_assert_eq!(second.len(), cut as u64);
            prop_assert_eq!(second.announced.as_ref(), Some(&announced));
            let start = cut.saturating_sub(1000);
            prop_assert!(second.matches(start as u64, &bytes[start..]).expect("reads"));
            prop_assert!(start == cut || !second.matches(start as u64, &[255]).expect("reads"));
            second.append(&bytes[cut..]).expect("writes");
            let digests = second.finish().expect("syncs");
            prop_assert_eq!(digests.sha256, Sha256Digest::of(&bytes));

            let source = Source::Exchange { origin: "https://update.example.com".to_owned(), allowed: Vec::new(), exchange: id, at: Timestamp::from_unix(0).expect("in range") };
            let kept = StoredPackage::new("Base 1.0", FileName::from_foreign("base"), digests, source);
            vault.take_in(id, 1, &kept).expect("takes it in");
            vault.take_in(id, 1, &kept).expect("and again, as after a crash");
            vault.check(&kept, &()).expect("whole");
            prop_assert_eq!(vault.packages().expect("reads"), vec![kept]);
        }
    }
}
