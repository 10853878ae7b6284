//! What can be wrong with the vault.

use crate::media::MediaError;
use crate::model::{Exit, Explain, Sha256Digest, ShowPath, disk_exit, disk_hint};
use std::io::ErrorKind;
use std::path::PathBuf;

/// Why the vault could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// Another run works on it.
    #[error("another handcarry-outside is at work on the vault ({path})", path = path.shown())]
    Busy {
        /// The lock file.
        path: PathBuf,
    },
    /// A file of the vault could not be read.
    #[error("can't read {path}", path = path.shown())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of the vault could not be written.
    #[error("can't write {path}", path = path.shown())]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A record does not read as it should.
    #[error("the vault's record {path} does not read as it should: {why}", path = path.shown())]
    RecordBroken {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A package's bytes are gone.
    #[error("the vault's file for {title:?} is gone: {path}", path = path.shown())]
    ObjectMissing {
        /// The package's title.
        title: String,
        /// Where it should be.
        path: PathBuf,
    },
    /// A package's bytes changed.
    #[error("the vault's file for {title:?} changed: its SHA-256 is {found}, recorded was {recorded}")]
    ObjectDamaged {
        /// The package's title.
        title: String,
        /// What it digests to now.
        found: Sha256Digest,
        /// What it did when it was kept.
        recorded: Sha256Digest,
    },
    /// A copy came back as other bytes than were written.
    #[error("the copy at {path} came back as other bytes than were written", path = path.shown())]
    CopyLies {
        /// Where it should be.
        path: PathBuf,
    },
    /// A file on this machine's disk could not be handled.
    #[error(transparent)]
    Media(#[from] MediaError),
}

impl Explain for VaultError {
    fn hint(&self) -> Option<String> {
        match self {
            VaultError::Busy { .. } => Some("wait until it ends, then run this again".to_owned()),
            VaultError::Unwritable { source, .. } if source.kind() == ErrorKind::StorageFull => {
                Some("make room on this disk and run the same command again; what arrived is kept".to_owned())
            }
            VaultError::Unwritable { source, .. } | VaultError::Unreadable { source, .. }
                if disk_hint(source).is_some() =>
            {
                disk_hint(source)
            }
            VaultError::RecordBroken { .. } => {
                Some("put that one file back from a backup, or move it aside; the packages themselves are untouched".to_owned())
            }
            VaultError::ObjectMissing { .. } | VaultError::ObjectDamaged { .. } => Some(
                "bring the package back with 'handcarry-outside import' from another copy; else vendor support must offer it again"
                    .to_owned(),
            ),
            VaultError::CopyLies { .. } => Some("that disk is not to be trusted; use another one for the copy".to_owned()),
            VaultError::Media(error) => error.hint(),
            VaultError::Unreadable { .. } | VaultError::Unwritable { .. } => {
                Some("look at its owner and permissions, and at the disk it lies on".to_owned())
            }
        }
    }

    fn exit(&self) -> Exit {
        match self {
            VaultError::Unwritable { source, .. } | VaultError::Unreadable { source, .. } => {
                disk_exit(source).unwrap_or(Exit::Failure)
            }
            VaultError::Busy { .. } => Exit::Failure,
            VaultError::CopyLies { .. } => Exit::MediaLies,
            VaultError::RecordBroken { .. } => Exit::Config,
            VaultError::ObjectMissing { .. } | VaultError::ObjectDamaged { .. } => Exit::VaultDamaged,
            VaultError::Media(error) => error.exit(),
        }
    }
}
