//! Custody: what was downloaded once and can't be downloaded again.
//!
//! Below `<home>/outside/vault/`:
//!
//! | path | what |
//! |---|---|
//! | `objects/sha256/ab/<hex>` | the packages' bytes, named by their digest |
//! | `packages/<id>.json` | one record a package: title, origin, digests, where it was installed |
//! | `requests/<id>.json` | what each signed request said, without its code |
//! | `exchanges/<id>.jsonl` | each exchange as it happened: a chained log as [`crate::journal`] has it, one event a line |
//! | `exchanges/<id>.session.json` | its cookies, so that a cut exchange goes on without a new code; they leave this machine in no copy |
//! | `partial/<exchange>/<n>.part` | a download that is not complete yet |
//! | `removals.jsonl` | what was removed on purpose, chained likewise, written down before it went |
//!
//! What is called kept has been synced, its folders too. A second copy is a
//! vault of the same shape elsewhere, without sessions. It knows no network
//! and no page, and removes a package only where it is told to.

mod context;
mod copy;
mod error;
mod exchange;
mod ledger;
mod object;
mod partial;
mod record;
mod removal;
mod survey;

pub use context::RequestContext;
pub use copy::{Joined, refuse_unprintable};
pub use error::VaultError;
pub use exchange::{CodeRefusal, Event, Exchange, ListedPackage, SessionNote};
pub use ledger::ExchangeLedger;
pub use partial::{Announced, Partial};
pub use record::{InstalledMark, PackageIdentity, StoredPackage};
pub use removal::Removal;
pub use survey::{ObjectFault, ObjectFinding};

use crate::media::{self, LockWait, Mode};
use crate::model::{Id, Sha256Digest};
use crate::objects::Objects;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Largest record of ours that is read, in bytes: the chunk digests of a
/// 256 GiB package are about 4 MiB of JSON.
const MAX_RECORD_BYTES: u64 = 16 << 20;

/// How the name of a file begins that is being copied into the vault; the
/// original lies elsewhere, so a killed copy is worth nothing.
const IMPORT_PREFIX: &str = "import-";

/// The vault's folder.
#[derive(Debug)]
pub struct Vault {
    root: PathBuf,
    /// Held while this run may change the vault; released when dropped.
    _lock: Option<File>,
}

impl Vault {
    /// Opens the vault below `home` to look at it; there may be none yet.
    pub fn look(home: &Path) -> Self {
        Vault { root: home.join("vault"), _lock: None }
    }

    /// Opens it to change it: makes its folder and keeps other runs out.
    ///
    /// # Errors
    /// [`VaultError::Busy`] while another run works on it.
    pub fn open(home: &Path) -> Result<Self, VaultError> {
        let root = home.join("vault");
        media::create_dirs(&root, Mode::Private)?;
        let path = root.join("lock");
        // Not waited for: the other run may itself be waiting for a person.
        match media::lock(&path, LockWait::No) {
            Ok(Some(lock)) => {
                // Only under the lock, when all that lies there unfinished is nobody's.
                sweep(home);
                for place in ["vault", "vault/packages", "vault/exchanges", "vault/requests", "drafts", "receipts"] {
                    media::keep_names(&home.join(place))?;
                }
                Ok(Vault { root, _lock: Some(lock) })
            }
            Ok(None) => Err(VaultError::Busy { path }),
            // Some network filesystems know no locks; then the person is the lock.
            Err(error) if error.kind() == std::io::ErrorKind::Unsupported => Ok(Vault { root, _lock: None }),
            Err(source) => Err(VaultError::Unwritable { path, source }),
        }
    }

    /// The vault's own folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn below(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.join(path)
    }

    /// Reads a JSON record of ours; `None` where there is none.
    fn read_record<T: serde::de::DeserializeOwned>(&self, path: &Path) -> Result<Option<T>, VaultError> {
        if !path.exists() {
            return Ok(None);
        }
        let bytes = media::read_bounded(path, MAX_RECORD_BYTES, "a vault record")?;
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| VaultError::RecordBroken { path: path.to_owned(), why: error.to_string() })
    }

    /// Writes a JSON record of ours, durably, in place of an older one.
    fn write_record(&self, path: &Path, value: &impl serde::Serialize) -> Result<(), VaultError> {
        let mut bytes = serde_json::to_vec_pretty(value).expect("records of ours serialise");
        bytes.push(b'\n');
        if let Some(folder) = path.parent() {
            media::create_dirs(folder, Mode::Private)?;
        }
        Ok(media::write_durably(path, &bytes, Mode::Private)?)
    }

    /// Lists the files with `suffix` in one of our folders, by name.
    fn names(&self, folder: &str, suffix: &str) -> Result<Vec<PathBuf>, VaultError> {
        let folder = self.below(folder);
        let unreadable = |source| VaultError::Unreadable { path: folder.clone(), source };
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unreadable(error)),
        };
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry.map_err(unreadable)?.path();
            let ours = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with(suffix));
            if ours {
                paths.push(path);
            }
        }
        paths.sort();
        Ok(paths)
    }

    /// Where the bytes with `digest` lie.
    pub fn object_path(&self, digest: &Sha256Digest) -> PathBuf {
        self.kept().path(digest)
    }

    fn kept(&self) -> Objects {
        Objects::below(self.below("objects"))
    }
}

/// Removes what killed runs left under temporary names: never a package, never
/// a record, but perhaps a copy of a session's cookies. Best effort: what
/// can't be removed does no harm.
fn sweep(home: &Path) {
    let places = ["vault/exchanges", "vault/packages", "vault/requests", "vault/partial", "drafts"];
    for place in places {
        let files = walkdir::WalkDir::new(home.join(place)).max_depth(2).into_iter().flatten();
        for file in files.filter(|entry| entry.file_type().is_file()) {
            let name = file.file_name().to_str().unwrap_or_default();
            let import = name.strip_prefix(IMPORT_PREFIX).is_some_and(|id| Id::from_hex(id).is_some());
            if media::is_temporary(name) || import {
                let _ = std::fs::remove_file(file.path());
            }
        }
    }
    // A draft is one from its manifest on; before that it is a signature of nothing.
    for draft in std::fs::read_dir(home.join("drafts")).into_iter().flatten().flatten() {
        let folder = draft.path();
        let named = draft.file_name().to_str().and_then(Id::from_hex).is_some();
        if named && folder.is_dir() && !folder.join("manifest.json").exists() {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}
