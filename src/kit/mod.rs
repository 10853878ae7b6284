//! handcarry itself, as it is carried: the packages of one version in a folder.
//!
//! Whoever reads a kit may be older than it, or have nothing but stock
//! tools. So its form is not a bundle's, and does not change:
//!
//! 1. `SHA256SUMS` and the signatures beside it (`SHA256SUMS.sig` as
//!    `ssh-keygen -Y sign -n handcarry-kit` leaves it, `SHA256SUMS.<n>.sig`
//!    of further people) are read as raw bytes, each with its limit.
//! 2. Distinct trusted keys are counted against the threshold.
//! 3. Only then is it parsed: lines of a SHA-256, two spaces, and a name.
//! 4. The version is what its portable archives are named for,
//!    `handcarry-VERSION-TARGET.tar.gz` or `.zip`; all say the same.
//! 5. A file is believed by its digest alone; what is not listed is passed over.
//!
//! It knows no bundle and no appliance.

mod error;
mod readme;
mod sums;
mod unpack;

pub use error::KitError;
pub use readme::{README, readme};
pub use unpack::{Unpacked, unpack};

use crate::cli::{Signed, read_signed};
use crate::media::{self, MediaError, Medium};
use crate::model::{Failure, FileName, Sha256Digest, ShowPath, Timestamp, Version};
use crate::trust::{Approval, Namespace, TrustStore, approve};
use std::path::{Path, PathBuf};
use sums::SumLine;

/// The list that is signed.
pub const SUMS: &str = "SHA256SUMS";

/// Longest list, in bytes: a hundred times ours.
const MAX_SUMS_BYTES: u64 = 64 * 1024;

/// Largest file of a kit, in bytes: twenty times ours. One is held in memory, so that what was judged is what is used.
pub const MAX_FILE_BYTES: u64 = 512 << 20;

/// Most kits on one medium.
// Each has its signatures tried, on a stick that may be made to keep this machine busy.
const MAX_KITS: usize = 64;

/// A kit whose signatures held.
#[derive(Debug, Clone)]
pub struct Kit {
    /// Where it lies.
    pub folder: PathBuf,
    /// The version of its programs.
    pub version: Version,
    /// Who signed it.
    pub approval: Approval,
    /// The list and its signatures, as they were judged.
    pub signed: Signed,
    files: Vec<SumLine>,
}

impl Kit {
    /// Opens the kit in `folder`, by the steps above.
    ///
    /// # Errors
    /// A [`Failure`]: unreadable, not signed by enough that are trusted, or a [`KitError`].
    pub fn open(folder: &Path, store: &TrustStore, now: Timestamp) -> Result<Self, Failure> {
        let path = folder.join(SUMS);
        let signed = read_signed(&path, MAX_SUMS_BYTES, "a kit's list")?;
        let approval = approve(store, Namespace::Kit, &signed.bytes, &signed.signatures, now)
            .map_err(|error| Failure::from(error).about(path.shown()))?;
        let malformed = |why| KitError::Malformed { path: path.clone(), why };
        let files = sums::parse(&signed.bytes).map_err(malformed)?;
        let version = sums::version(&files).map_err(malformed)?;
        Ok(Kit { folder: folder.to_path_buf(), version, approval, signed, files })
    }

    /// The same kit in another folder: its list was compared there.
    pub fn at(&self, folder: &Path) -> Kit {
        Kit { folder: folder.to_path_buf(), ..self.clone() }
    }

    /// The names of its files.
    pub fn files(&self) -> impl Iterator<Item = &FileName> {
        self.files.iter().map(|line| &line.name)
    }

    /// Reads one of its files whole, and compares it with its signed digest.
    ///
    /// # Errors
    /// [`KitError::Damaged`], or the medium's.
    pub fn read(&self, name: &FileName) -> Result<Vec<u8>, Failure> {
        let path = self.folder.join(name.as_str());
        let listed = self.files.iter().find(|line| line.name == *name).map(|line| line.sha256);
        let bytes = media::read_carried(&path, MAX_FILE_BYTES, "a file of a kit")?;
        match listed == Some(Sha256Digest::of(&bytes)) {
            true => Ok(bytes),
            false => Err(KitError::Damaged { path }.into()),
        }
    }

    /// The portable archive for the system this program was built for.
    ///
    /// # Errors
    /// [`KitError::NotForUs`].
    pub fn archive(&self) -> Result<&FileName, KitError> {
        self.named(format!("handcarry-{}-{ARCHIVE}", self.version.as_str()))
    }

    /// The package for Debian.
    ///
    /// # Errors
    /// [`KitError::NotForUs`].
    pub fn deb(&self) -> Result<&FileName, KitError> {
        self.named(format!("handcarry_{}_amd64.deb", self.version.as_str()))
    }

    fn named(&self, name: String) -> Result<&FileName, KitError> {
        let found = self.files().find(|file| file.as_str() == name);
        found.ok_or_else(|| KitError::NotForUs { version: self.version.clone(), wanted: name })
    }
}

/// How the archive for this system ends.
const ARCHIVE: &str = match cfg!(windows) {
    true => "x86_64-pc-windows-gnu.zip",
    false => "x86_64-unknown-linux-gnu.tar.gz",
};

/// The folders of the kits on a medium, by name; empty where there is none.
///
/// # Errors
/// [`KitError::Several`] above 64, or the medium's.
pub fn kits_on(medium: &Medium) -> Result<Vec<PathBuf>, Failure> {
    let folder = medium.kits();
    let unreadable = |error| MediaError::of("read", &folder, error);
    let entries = match std::fs::read_dir(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(unreadable)?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        // What a system leaves on a stick is no kit, nor what leads off it.
        if path.is_dir() && !path.is_symlink() && media::is_carried(&path.join(SUMS)) {
            found.push(path);
        }
        if found.len() > MAX_KITS {
            return Err(KitError::Several { path: folder, limit: MAX_KITS }.into());
        }
    }
    found.sort();
    Ok(found)
}
