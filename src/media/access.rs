//! Who may use a file: what stands in the way of this account, and whether
//! what was made for its owner alone is that.
//!
//! A mode that was asked for is a wish: exFAT, FAT and many network and FUSE
//! filesystems keep none. So it is read back, and what is not as it was
//! promised is remembered until it is told.

use super::{Mount, sys};
use crate::model::ShowPath;
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// How many files of which folder are not private though they were made so.
// A static and no return value: files are made private deep below the verbs, by
// code that has no console. Whoever has one takes the list when the run ends.
static EXPOSED: Mutex<BTreeMap<PathBuf, (Exposed, usize)>> = Mutex::new(BTreeMap::new());

/// That a file or folder was to be for its owner alone, and is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposed {
    /// The file or folder.
    pub path: PathBuf,
    /// How others may use it, as it was read back: its mode, or who they are.
    pub how: String,
    /// The name of the filesystem, where the system tells it.
    pub filesystem: Option<String>,
}

impl fmt::Display for Exposed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.filesystem {
            Some(kind) => write!(f, "{}, on {kind}", self.how),
            None => f.write_str(&self.how),
        }
    }
}

impl Exposed {
    /// What makes it private.
    pub const REMEDY: &'static str = if cfg!(windows) {
        "keep it on a disk that has permissions, which is NTFS (--home DIR), in a folder that is yours alone"
    } else {
        "keep it on a disk that has permissions (--home DIR), or mount this one so that its files are yours alone \
         (uid=, umask=0077)"
    };

    /// Reads back whether what was made, and lies or will lie at `path`, is its
    /// owner's alone; `None` where it is, or the system does not tell.
    pub(super) fn look(path: &Path, made: &File) -> Option<Exposed> {
        // What can't be looked at may be open to anybody.
        let unknown = |error| Some(format!("who may use it can't be told: {error}"));
        let how = sys::exposure(made).unwrap_or_else(unknown)?;
        let filesystem = Mount::of(path.parent().unwrap_or(path)).map(|mount| mount.kind);
        Some(Exposed { path: path.to_path_buf(), how, filesystem })
    }

    /// Keeps it to be told.
    fn remember(self) {
        let folder = match self.path.is_dir() {
            true => self.path.clone(),
            false => self.path.parent().unwrap_or(Path::new(".")).to_path_buf(),
        };
        let mut exposed = EXPOSED.lock().unwrap_or_else(PoisonError::into_inner);
        exposed.entry(folder).or_insert((self, 0)).1 += 1;
    }
}

/// Reads back whether an open file that was made private is that; what is not
/// is told at the end of the run.
pub fn note_private(path: &Path, file: &File) {
    if let Some(exposed) = Exposed::look(path, file) {
        exposed.remember();
    }
}

/// The same for a folder.
pub fn note_private_folder(path: &Path) {
    if let Some(exposed) = sys::open_folder(path).ok().and_then(|folder| Exposed::look(path, &folder)) {
        exposed.remember();
    }
}

/// Takes what was found exposed since the last time: one sentence for each
/// filesystem and mode, naming the folders.
pub fn take_exposed() -> Vec<String> {
    let found = std::mem::take(&mut *EXPOSED.lock().unwrap_or_else(PoisonError::into_inner));
    let mut alike: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (folder, (exposed, count)) in found {
        let what = if count == 1 { exposed.path.shown() } else { format!("{} ({count})", folder.shown()) };
        alike.entry(exposed.to_string()).or_default().push(what);
    }
    let told = |(how, what): (String, Vec<String>)| {
        format!(
            "others on this machine can read what was to be yours alone ({how}): {}; {}",
            what.join(", "),
            Exposed::REMEDY
        )
    };
    alike.into_iter().map(told).collect()
}

/// The same error, with whose the file or folder is that stands in the way,
/// where the system denied permission.
pub fn explained(path: &Path, error: io::Error) -> io::Error {
    // An error without a number of the operating system was made here and explained before.
    if error.kind() != io::ErrorKind::PermissionDenied || error.raw_os_error().is_none() {
        return error;
    }
    match sys::barrier(path) {
        Some(barrier) => io::Error::new(error.kind(), format!("{error}: {barrier}")),
        None => error,
    }
}
