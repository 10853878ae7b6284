//! What OLD's journal says of the migration under way, read as facts.

use crate::engine::open_run::OpenPair;
use crate::engine::{Entry, Noted};
use crate::model::{Id, Sha256Digest, Timestamp};
use crate::plan::Topology;
use std::path::{Path, PathBuf};

/// The facts.
#[derive(Debug, Default)]
pub(in crate::engine) struct MigrationState {
    /// The certificate that was exported last, where it may be imported.
    pub(in crate::engine) exported: Option<Exported>,
    /// The backup that was made last.
    pub(in crate::engine) backup: Option<BackupRef>,
    /// Whether that backup was sent to be restored before.
    pub(in crate::engine) restore_sent: bool,
    /// Whether logged history was in the backup that was sent last; `None`
    /// where none was.
    pub(in crate::engine) history_sent: Option<bool>,
    /// Whether OLD's reset was ordered.
    pub(in crate::engine) reset_ordered: bool,
    /// What OLD showed as its site's version last, and its host name.
    pub(in crate::engine) host: Option<String>,
}

/// A certificate that was exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct Exported {
    /// The file below the folder of certificates; `None` where a person has it.
    pub(in crate::engine) file: Option<String>,
    /// The file's digest.
    pub(in crate::engine) sha256: Option<Sha256Digest>,
    /// Whom it is issued to; empty where nobody could read it.
    pub(in crate::engine) issued_to: String,
    /// Its fingerprint, as the page wrote it.
    pub(in crate::engine) fingerprint: Option<String>,
}

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct BackupRef {
    /// The file below the folder of backups; `None` where a person has it.
    pub(in crate::engine) file: Option<String>,
    /// The file's digest.
    pub(in crate::engine) sha256: Option<Sha256Digest>,
    /// Whether a password protects it; `None` where nobody told.
    pub(in crate::engine) protected: Option<bool>,
    /// Whether logged history is in it.
    pub(in crate::engine) history: bool,
    /// When it was made.
    pub(in crate::engine) at: Timestamp,
}

impl MigrationState {
    /// Whether what NEW got has OLD's logged history in it.
    pub(in crate::engine) fn moved_history(&self) -> bool {
        self.history_sent.or(self.backup.as_ref().map(|backup| backup.history)).unwrap_or_default()
    }

    /// Reads the entries since `open` was begun; of none where it was not.
    pub(in crate::engine) fn of(entries: &[Noted], open: Option<&OpenPair>) -> Self {
        let mut state = MigrationState::default();
        let Some(open) = open else { return state };
        let begins = |(_, entry): &Noted| matches!(entry, Entry::PairBegun { run, .. } if *run == open.run);
        let from = entries.iter().rposition(begins).unwrap_or(entries.len());
        for (at, entry) in &entries[from..] {
            match entry {
                Entry::CertificateExported { file, sha256, issued_to, fingerprint, .. } => {
                    state.exported = Some(Exported {
                        file: file.clone(),
                        sha256: *sha256,
                        issued_to: issued_to.clone(),
                        fingerprint: fingerprint.clone(),
                    });
                }
                Entry::BackupDone { file, sha256, protected, history, .. } => {
                    state.backup = Some(BackupRef {
                        file: file.clone(),
                        sha256: *sha256,
                        protected: *protected,
                        history: *history,
                        at: *at,
                    });
                    state.restore_sent = false;
                }
                Entry::RestoreSent { .. } => {
                    state.restore_sent = true;
                    // Of the one that was sent, not of the last that was made: only that one is on NEW.
                    state.history_sent = state.backup.as_ref().map(|backup| backup.history);
                }
                Entry::ResetOrdered { host, .. } => {
                    state.reset_ordered = true;
                    state.host = Some(host.clone());
                }
                _ => {}
            }
        }
        state
    }
}

/// Whether NEW's journal has the end of a migration with this bundle as the
/// last that was done: a kill after its last record must not begin another.
pub(in crate::engine) fn has_finished(entries: &[Noted], bundle: Id) -> bool {
    let last = entries.iter().rev().find_map(|(_, entry)| match entry {
        Entry::PairDone { run } => Some(Some(*run)),
        Entry::PairBegun { .. } | Entry::PairLeft { .. } => Some(None),
        _ => None,
    });
    let Some(ended) = last.flatten() else { return false };
    entries.iter().any(|(_, entry)| {
        matches!(entry, Entry::PairBegun { run, topology: Topology::Migrate, bundle: of, .. } if *run == ended && *of == bundle)
    })
}

/// The files with an exported key that are still there.
pub(in crate::engine) fn key_files(entries: &[Noted], folder: &Path) -> Vec<PathBuf> {
    let files = entries.iter().filter_map(|(_, entry)| match entry {
        Entry::CertificateExported { file: Some(file), .. } => Some(folder.join(file)),
        _ => None,
    });
    files.filter(|path| path.exists()).collect()
}
