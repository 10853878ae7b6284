//! The backups that a journal has, each with what it was made of.

use super::entry::{Entry, Shown};
use super::keeping;
use super::looks::{self, LOOK_BYTES, Looks};
use super::record::Noted;
use crate::media;
use crate::model::{Exit, Failure, Sha256Digest, ShowPath, Timestamp, text};
use std::io::Read;
use std::path::Path;

/// A backup that was kept, as a journal has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupRecord {
    /// When.
    pub at: Timestamp,
    /// The file below `backups/NAME/`.
    pub file: String,
    /// Its size.
    pub size_bytes: u64,
    /// Its digest.
    pub sha256: Sha256Digest,
    /// Whether a password protects it; `None` where nobody told.
    pub protected: Option<bool>,
    /// Whether logged history is in it.
    pub history: bool,
    /// The serial number that the appliance showed last before it.
    pub serial: Option<String>,
    /// What it showed last before it.
    pub shown: Option<Shown>,
}

/// The backups whose files were kept here, oldest first.
pub fn backup_records(entries: &[Noted]) -> Vec<BackupRecord> {
    let (mut serial, mut shown) = (None, None);
    let mut records = Vec::new();
    for (at, entry) in entries {
        match entry {
            Entry::StatusRead { serial: who, shown: what, .. } => {
                // What it showed last before a backup is what that was made with: a backup itself can't be asked.
                (serial, shown) = (Some(who.clone()), Some(what.clone()));
            }
            Entry::InstallConfirmed { shown: what, .. } => shown = Some(what.clone()),
            Entry::BackupDone {
                file: Some(file),
                size_bytes: Some(size_bytes),
                sha256: Some(sha256),
                protected,
                history,
                ..
            } => records.push(BackupRecord {
                at: *at,
                file: file.clone(),
                size_bytes: *size_bytes,
                sha256: *sha256,
                protected: *protected,
                history: *history,
                serial: serial.clone(),
                shown: shown.clone(),
            }),
            _ => {}
        }
    }
    records
}

/// Most kept backups that are named to whoever looks for one.
const MAX_NAMED: usize = 5;

/// Names what lies in an appliance's folder of backups, the newest first.
pub fn kept_there(folder: &Path) -> String {
    let read = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = read.filter(|entry| entry.path().is_file());
    let name = |entry: &std::fs::DirEntry| text::one_line(&entry.file_name().to_string_lossy());
    // Their names begin with the time when they were made.
    let mut names: Vec<String> = files.map(|entry| name(&entry)).filter(|name| !name.starts_with('.')).collect();
    names.sort_unstable_by(|one, other| other.cmp(one));
    if names.is_empty() {
        return "where it lies elsewhere, or is of another appliance: --backup FILE".to_owned();
    }
    let more = names.len().saturating_sub(MAX_NAMED);
    names.truncate(MAX_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("one of those in {}, with --backup FILE: {}{more}", folder.shown(), names.join(", "))
}

/// Reads a file that is to be restored: its size and digest.
///
/// # Errors
/// [`Exit::NotFound`] where it can't be read, [`Exit::RestoreRefused`] where it
/// is clearly no backup.
pub fn examine(path: &Path) -> Result<(u64, Sha256Digest), Failure> {
    let unread = |error: media::MediaError| {
        Failure::new(Exit::NotFound, format!("can't read the backup: {error}"))
            .hint("give the path of a kept backup: --backup FILE")
    };
    let open = || media::open_regular(path).map_err(unread);
    let file = open()?;
    let mut head = Vec::new();
    let read = open()?.take(LOOK_BYTES as u64).read_to_end(&mut head);
    read.map_err(|source| unread(media::MediaError::of("read", path, source)))?;
    let (size_bytes, sha256) = keeping::digest(file, path, u64::MAX, &mut std::io::sink())?;
    match looks::look(&head, size_bytes) {
        Looks::Other(what) => Err(Failure::new(Exit::RestoreRefused, format!("{} is no backup: {what}", path.shown()))
            .hint("give the path of a kept backup: --backup FILE")),
        Looks::Text(_) | Looks::Likely => Ok((size_bytes, sha256)),
    }
}
