//! What goes wrong with media and files.

use super::explained;
use crate::model::{PERMISSION_HINT, ShowPath, explained, is_device_fault, shell_word, text};
use macro_rules_attribute::apply;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

/// What leads elsewhere, in the system's words.
const LINK: &str = if cfg!(windows) { "a reparse point (a link, a junction or the like)" } else { "a symbolic link" };

/// An error of a medium or of a file on it; names the path it concerns.
#[apply(explained!)]
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MediaError {
    /// Nothing is there under this path.
    #[error("{} is not there", path.shown())]
    #[hint("check the path; if it lies on a medium, mount that first")]
    #[exit(MediaMissing)]
    Missing {
        /// What was looked for.
        path: PathBuf,
    },
    /// A folder was expected.
    #[error("{} is not a folder", path.shown())]
    #[hint("give the folder where the medium is mounted")]
    #[exit(MediaMissing)]
    NotAFolder {
        /// What is something else.
        path: PathBuf,
    },
    /// A regular file was expected.
    #[error("{} is not a regular file", path.shown())]
    #[hint("handcarry wrote no such thing: see what it is, and move it away or give another")]
    #[exit(MediaMissing)]
    NotAFile {
        /// What is a folder, a pipe or a device.
        path: PathBuf,
    },
    /// A folder of ours is a symbolic link.
    #[error("{} is {LINK}, which leads off the medium", path.shown())]
    #[hint("handcarry makes its folders and files itself and follows no link: remove it, and ask who put it there")]
    #[exit(MediaMissing)]
    Linked {
        /// The link.
        path: PathBuf,
    },
    /// No medium is mounted there.
    #[error("{} is a folder and no medium's mount point", path.shown())]
    #[hint("give the folder where the medium is mounted; on Windows that is a drive")]
    #[exit(MediaMissing)]
    NotMounted {
        /// The folder.
        path: PathBuf,
    },
    /// The system does not let go of a medium.
    #[error("the system keeps {}: {source}", path.shown())]
    #[hint(match cfg!(windows) {
        true => "close what has files of it open, folders in Explorer too, and do it again".to_owned(),
        false => format!(
            "close what has files of it open; where only root may unmount: udisksctl unmount --block-device {}",
            shell_word(OsStr::new(device))
        ),
    })]
    #[exit(Failure)]
    InUse {
        /// Where it is mounted.
        path: PathBuf,
        /// What is mounted.
        device: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// Windows takes the name for something else.
    #[error("{} names no file: {why}", path.shown())]
    #[hint("give another name")]
    #[exit(MediaMissing)]
    Odd {
        /// The path.
        path: PathBuf,
        /// What it names instead.
        why: String,
    },
    /// The target exists and may not be overwritten.
    #[error("{} exists already", path.shown())]
    #[hint("move it away, or choose another name")]
    #[exit(Exists)]
    Exists {
        /// What exists.
        path: PathBuf,
    },
    /// The device is full.
    #[error("no space left to write {}", path.shown())]
    #[hint("free some space on the medium, or use a larger one")]
    #[exit(NoSpace)]
    NoSpace {
        /// What could not be written.
        path: PathBuf,
    },
    /// This account has used up what it may.
    #[error("no room left for this account to write {}: its quota is used up", path.shown())]
    #[hint("remove what this account no longer needs there, or have its quota raised")]
    #[exit(NoSpace)]
    Quota {
        /// What could not be written.
        path: PathBuf,
    },
    /// The filesystem takes no name this long.
    #[error("{} has a longer name than this filesystem takes", path.shown())]
    #[hint("give a shorter name, or a folder on another filesystem")]
    #[exit(Failure)]
    NameTooLong {
        /// What could not be made.
        path: PathBuf,
    },
    /// The filesystem has no room for a file this large.
    #[error("{} is larger than this filesystem allows a file to be", path.shown())]
    #[hint("write in volumes (--volume-size), or format the medium as exFAT")]
    #[exit(NoSpace)]
    FileTooLarge {
        /// What could not be written.
        path: PathBuf,
    },
    /// The device is write-protected or mounted read-only.
    #[error("{} can't be written: the medium is read-only", path.shown())]
    #[hint(
        "slide the medium's write-protect switch off, or mount it for writing; a stick that was pulled out before is \
         made read-only when its filesystem is not sound: check it (fsck), or plug it in anew"
    )]
    #[exit(ReadOnly)]
    ReadOnly {
        /// What could not be written.
        path: PathBuf,
    },
    /// The device failed or was pulled.
    #[error("the medium failed at {}", path.shown())]
    #[hint("check that the medium is plugged in firmly; if it fails again, use another one")]
    #[exit(MediaFault)]
    Fault {
        /// What was being read or written.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Not allowed.
    #[error("no permission for {}", path.shown())]
    #[hint(PERMISSION_HINT.to_owned())]
    #[exit(NoPermission)]
    Denied {
        /// What may not be read or written.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file is larger than may be read.
    #[error("{} is larger than {what} may be: {} at most", path.shown(), text::bytes(*limit_bytes))]
    #[hint("that is not what it should be: see what it is, and move it away or give another")]
    #[exit(LimitExceeded)]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What it is, for people.
        what: &'static str,
        /// The limit.
        limit_bytes: u64,
    },
    /// Anything else the operating system says.
    #[error("can't {doing} {}", path.shown())]
    #[hint("try again; if it fails again, check the disk or medium that this path lies on")]
    #[exit(Failure)]
    Io {
        /// A verb: what was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl MediaError {
    /// Sorts an error of the operating system by what a person must do.
    pub fn of(doing: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::NotFound => MediaError::Missing { path },
            io::ErrorKind::NotADirectory => MediaError::NotAFolder { path },
            io::ErrorKind::AlreadyExists => MediaError::Exists { path },
            io::ErrorKind::StorageFull => MediaError::NoSpace { path },
            io::ErrorKind::QuotaExceeded => MediaError::Quota { path },
            io::ErrorKind::InvalidFilename => MediaError::NameTooLong { path },
            io::ErrorKind::FileTooLarge => MediaError::FileTooLarge { path },
            io::ErrorKind::ReadOnlyFilesystem => MediaError::ReadOnly { path },
            io::ErrorKind::PermissionDenied => {
                let source = explained(&path, source);
                MediaError::Denied { path, source }
            }
            _ if is_device_fault(&source) => MediaError::Fault { path, source },
            _ => MediaError::Io { doing, path, source },
        }
    }
}

/// Keeps the kind, so that whoever takes an `io::Error` sorts it the same way.
impl From<MediaError> for io::Error {
    fn from(error: MediaError) -> Self {
        let kind = match error {
            // As the system said it: its number tells what became of the medium.
            MediaError::Fault { source, .. } | MediaError::Io { source, .. } | MediaError::InUse { source, .. } => {
                return source;
            }
            MediaError::Missing { .. } => io::ErrorKind::NotFound,
            MediaError::NotAFolder { .. } => io::ErrorKind::NotADirectory,
            MediaError::NotMounted { .. }
            | MediaError::NotAFile { .. }
            | MediaError::Linked { .. }
            | MediaError::Odd { .. } => io::ErrorKind::InvalidInput,
            MediaError::Exists { .. } => io::ErrorKind::AlreadyExists,
            MediaError::NoSpace { .. } => io::ErrorKind::StorageFull,
            MediaError::Quota { .. } => io::ErrorKind::QuotaExceeded,
            MediaError::NameTooLong { .. } => io::ErrorKind::InvalidFilename,
            MediaError::FileTooLarge { .. } | MediaError::TooLarge { .. } => io::ErrorKind::FileTooLarge,
            MediaError::ReadOnly { .. } => io::ErrorKind::ReadOnlyFilesystem,
            MediaError::Denied { .. } => io::ErrorKind::PermissionDenied,
        };
        io::Error::new(kind, error)
    }
}
