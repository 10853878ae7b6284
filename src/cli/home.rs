//! Where a half keeps its files.

use super::Half;
use crate::media::{self, LockWait, MediaError, Mode};
use crate::model::{Exit, Failure};
use std::fs::File;
use std::path::{Path, PathBuf};

/// One half's folder under the home folder. Paths only: whoever writes makes
/// the folders, durably and private.
#[derive(Debug, Clone)]
pub struct Home {
    root: PathBuf,
}

impl Home {
    /// Finds it: `given` (`--home` or `HANDCARRY_HOME`), else
    /// `$XDG_DATA_HOME/handcarry`, else `~/.local/share/handcarry`, on Windows
    /// `%LOCALAPPDATA%\handcarry`.
    ///
    /// # Errors
    /// A [`Failure`] where none of these is set.
    pub fn find(given: Option<&Path>, half: Half) -> Result<Self, Failure> {
        let from = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let given = given
            .map(Path::to_path_buf)
            // A relative path there is to be ignored: the XDG rules say so,
            // since it would mean another folder in each working directory.
            .or_else(|| from("XDG_DATA_HOME").filter(|path| path.is_absolute()).map(|path| path.join("handcarry")))
            .or_else(|| from("LOCALAPPDATA").map(|path| path.join("handcarry")))
            .or_else(|| from("HOME").map(|path| path.join(".local/share/handcarry")))
            .ok_or_else(|| {
                Failure::new(Exit::Config, "no home folder: neither --home, HANDCARRY_HOME nor HOME is set")
                    .hint("say where keys and records lie with --home DIR")
            })?;
        Ok(Home { root: given.join(half.folder()) })
    }

    /// The half's own folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path below it.
    pub fn join(&self, below: impl AsRef<Path>) -> PathBuf {
        // Its parts one by one: a path that was written with `/` has Windows' separator then, wherever it is shown.
        self.root.join(below).components().collect()
    }

    /// The default signing key.
    pub fn signing_key(&self) -> PathBuf {
        self.join("keys/signing")
    }

    /// The default key for changes of trust, where it is another one.
    pub fn trust_key(&self) -> PathBuf {
        self.join("keys/trust")
    }

    /// The folder with whom this half trusts.
    pub fn trust(&self) -> PathBuf {
        self.join("trust")
    }

    /// Waits until no other run changes what `what` names, such as `marks`;
    /// over when what it returns is dropped.
    ///
    /// # Errors
    /// A [`Failure`] where the lock can't be made or taken.
    pub fn turn(&self, what: &str) -> Result<Option<File>, Failure> {
        media::create_dirs(&self.root, Mode::Private)?;
        let path = self.join(format!("{what}.lock"));
        match media::lock(&path, LockWait::UntilFree) {
            // Where a filesystem knows no locks, the moment between reading and keeping stays open.
            Err(error) if error.kind() == std::io::ErrorKind::Unsupported => Ok(None),
            Err(source) => Err(MediaError::of("lock", &path, source).into()),
            Ok(lock) => Ok(lock),
        }
    }

    /// The trusted signers, in OpenSSH's format.
    pub fn allowed_signers(&self) -> PathBuf {
        self.join("trust/allowed_signers")
    }
}
