//! The store: where the inside keeps bundles, so that the stick may go.
//!
//! Below `<home>/inside/store/`:
//!
//! | path | what |
//! |---|---|
//! | `objects/sha256/ab/<hex>` | the packages' bytes, named by their digest, each once |
//! | `bundles/<hex>/NAME.frame` | what of a bundle is no package, byte by byte; `<hex>` is its manifest's digest |
//! | `bundles/<hex>/NAME.manifest.json.<n>.sig` | signatures that lay beside it |
//! | `partial/<hex>.part` | a package that is not whole yet; what of it is whole is found by its chunks' digests |
//! | `volumes/NAME/NAME.zip.NNN` | volumes of a bundle of which others lie on other sticks, as they came |
//! | `volumes/NAME/restored/` | the same bundle, restored from them where they and recovery volumes suffice |
//!
//! What this room guarantees:
//!
//! 1. Each byte of a medium is read once. What is judged is what was copied.
//! 2. A bundle is there when its frame is, and that gets its name last: all of
//!    its packages are on the device by then, each under the digest that was
//!    signed, chunk by chunk and as a whole; but for those that are damaged on
//!    the medium, which are told, and refused whenever they are wanted.
//! 3. Nothing that lies here is believed: a bundle is opened by the same
//!    numbered procedure, by the trust and the marks of that moment, whenever
//!    it is used, and each chunk is judged again as it is read.
//! 4. A run that is killed or whose stick is pulled loses no chunk that was
//!    whole; there is no record of what is whole that could be wrong.

mod error;
mod package;
mod prune;
mod take;
mod volumes;

pub use error::StoreError;
pub use take::Taking;
pub use volumes::Begun;

use crate::bundle::{FRAME_SUFFIX, VolumeSet};
use crate::media::{self, LockWait, MediaError, Mode};
use crate::model::Sha256Digest;
use crate::objects::Objects;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Most bundles that are looked at: years of trips, and each is opened whenever one is looked for.
const MAX_BUNDLES: usize = 10_000;

/// How the name of a frame begins that is being copied; a killed copy is worth nothing.
const INCOMING_PREFIX: &str = "incoming-";

/// The store's folder.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    /// Held while this run may change the store; released when dropped.
    _lock: Option<File>,
}

impl Store {
    /// Opens the store below `home` to look at it; there may be none yet.
    pub fn look(home: &Path) -> Self {
        Store { root: home.join("store"), _lock: None }
    }

    /// Opens it to change it: makes its folders and keeps other runs out.
    ///
    /// # Errors
    /// [`StoreError::Busy`] while another run works on it.
    pub fn open(home: &Path) -> Result<Self, StoreError> {
        let root = home.join("store");
        for folder in ["bundles", "partial", "volumes"] {
            media::create_dirs(&root.join(folder), Mode::Private)?;
        }
        let path = root.join("lock");
        // Not waited for: the other run may itself be waiting for a person to plug a stick in.
        let lock = match media::lock(&path, LockWait::No) {
            Ok(Some(lock)) => Some(lock),
            Ok(None) => return Err(StoreError::Busy { path }),
            // Some network filesystems know no locks; then the person is the lock.
            Err(error) if error.kind() == ErrorKind::Unsupported => None,
            Err(source) => return Err(MediaError::of("lock", &path, source).into()),
        };
        let store = Store { root, _lock: lock };
        store.sweep();
        media::keep_names(&store.root.join("bundles"))?;
        Ok(store)
    }

    /// The bundles that are kept, by name.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn sets(&self) -> Result<Vec<VolumeSet>, StoreError> {
        let mut sets = Vec::new();
        for (_, folder) in self.folders()? {
            for name in names(&folder)? {
                if let Some(stem) = name.strip_suffix(FRAME_SUFFIX).filter(|stem| !stem.starts_with('.')) {
                    sets.push(VolumeSet::kept(&folder, &format!("{stem}.zip"), self.objects()));
                }
            }
        }
        sets.sort_by(|a, b| (a.name(), a.folder()).cmp(&(b.name(), b.folder())));
        Ok(sets)
    }

    /// The folders of bundles, with the digest of the manifest that each is named by.
    fn folders(&self) -> Result<Vec<(Sha256Digest, PathBuf)>, StoreError> {
        let root = self.root.join("bundles");
        let named = |name: &String| Some((Sha256Digest::from_hex(name)?, root.join(name)));
        Ok(names(&root)?.iter().filter_map(named).collect())
    }

    /// The packages' bytes.
    pub fn objects(&self) -> Objects {
        Objects::below(self.root.join("objects")).beside(self.root.join("partial"))
    }

    /// How much of the disk it lies on is free, in bytes; `None` where the system doesn't say.
    pub fn free_bytes(&self) -> Option<u64> {
        media::free_bytes(&self.root)
    }

    fn bundle_folder(&self, manifest: &Sha256Digest) -> PathBuf {
        self.root.join("bundles").join(manifest.to_string())
    }

    fn partial_path(&self, digest: &Sha256Digest) -> PathBuf {
        self.objects().unfinished(digest).expect("a store has a place for them")
    }

    /// Removes the frames that killed runs had not taken yet. Best effort: what can't be removed does no harm.
    fn sweep(&self) {
        for entry in std::fs::read_dir(self.root.join("partial")).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let unfinished = |name: &str| name.starts_with(INCOMING_PREFIX) || media::is_temporary(name);
            if name.to_str().is_some_and(unfinished) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

/// The names in a folder of ours, sorted; none where it is missing.
fn names(folder: &Path) -> Result<Vec<String>, StoreError> {
    let failed = |source| StoreError::from(MediaError::of("list", folder, source));
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut all = Vec::new();
    for entry in entries {
        all.extend(entry.map_err(failed)?.file_name().into_string().ok());
        if all.len() > MAX_BUNDLES {
            return Err(StoreError::TooMany { path: folder.to_owned(), limit: MAX_BUNDLES });
        }
    }
    all.sort();
    Ok(all)
}
