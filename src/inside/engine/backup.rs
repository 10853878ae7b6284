//! The backup before anything changes: made, read back, kept, its gaps said.

use super::keeping::{Keeping, free_name, take_over};
use super::{Engine, EngineError, Entry};
use crate::inside::driver::{BackupOptions, Did, Guide};
use crate::media::{self, MediaError, Mode};
use crate::model::{Exit, Failure, Sha256Digest, text};
use std::path::Path;

/// What the vendor's backup leaves out. Source: vendor, backup API and
/// back-up procedures; the certificates: guide, preparations.
pub const GAPS: [&str; 5] = [
    "recordings are not in it",
    "files larger than 200 KB in the file store are not in it",
    "the vault's encryption key is not in it: it has a backup of its own",
    "settings of /appliance (network, clock, certificates) are not in it: keep pictures of those pages",
    "export the certificates with their private key too, under /appliance > Security > Certificates",
];

/// How often the path of a backup is asked for before it counts as none.
const PATH_TRIES: usize = 3;

/// Largest backup that is read back or taken over, in bytes: settings and
/// logged history, no recordings.
const MAX_BACKUP_BYTES: u64 = 64 << 30;

impl Engine<'_> {
    /// Makes a backup and keeps it.
    ///
    /// # Errors
    /// [`EngineError::BackupFailed`] where there is none to rely on; what the
    /// driver says where the login or the certificate is refused.
    pub fn backup(&mut self) -> Result<(), Failure> {
        let rules = self.rules;
        self.teller.note("a backup of the appliance has gaps:");
        for gap in GAPS {
            self.teller.note(&format!("  - {gap}"));
        }
        let folder = rules.folders.backups.clone();
        media::create_dirs(&folder, Mode::Private)?;
        let file = free_name(&folder, &format!("{}-{}", rules.name, self.time.now().compact()), "nsb");
        let path = folder.join(&file);
        self.write(Entry::BackupStarted {
            file: file.clone(),
            protected: rules.backup_password.is_some(),
            history: rules.backup_history,
        })?;
        let made = self.download(&path);
        match made {
            Ok(Did::Done((size_bytes, sha256))) => {
                self.teller.say(&format!("backup kept: {} ({})", path.display(), text::bytes(size_bytes)));
                self.keep(Some(file), size_bytes, sha256, Some(rules.backup_password.is_some()), false)
            }
            Ok(Did::ByHand(guide)) => self.guided_backup(&guide, &file, &path),
            Err(failure) => self.backup_failed(failure),
        }
    }

    fn download(&mut self, path: &Path) -> Result<Did<(u64, Sha256Digest)>, Failure> {
        let options =
            BackupOptions { password: self.rules.backup_password.as_ref(), include_history: self.rules.backup_history };
        let mut sink = Keeping::begin(path, "backup", MAX_BACKUP_BYTES)?;
        let bar = self.teller.progress("backup", 0);
        let made = self.appliance.backup(&options, &mut sink, &*bar);
        bar.finish();
        self.tell_news();
        if let Some(trouble) = sink.trouble {
            // Our own disk's words say more than what the driver made of them.
            return Err(MediaError::of("write", path, trouble).into());
        }
        let told = match made? {
            Did::Done(bytes) => bytes,
            Did::ByHand(guide) => return Ok(Did::ByHand(guide)),
        };
        if sink.bytes == 0 || told != sink.bytes {
            let what = format!("the appliance announced {told} bytes of backup and sent {}", sink.bytes);
            return Err(Failure::new(Exit::BackupFailed, what));
        }
        Ok(Did::Done((sink.bytes, sink.keep(path)?)))
    }

    fn keep(
        &mut self,
        file: Option<String>,
        size_bytes: u64,
        sha256: Sha256Digest,
        protected: Option<bool>,
        guided: bool,
    ) -> Result<(), Failure> {
        let event = serde_json::json!({ "file": file, "size_bytes": size_bytes, "sha256": sha256 });
        self.teller.event("backup", event);
        self.write(Entry::BackupDone { file, size_bytes: Some(size_bytes), sha256: Some(sha256), protected, guided })
    }

    /// The operator makes it with a browser; a copy is kept if its path is told.
    fn guided_backup(&mut self, guide: &Guide, file: &str, path: &Path) -> Result<(), Failure> {
        self.tell_guide(guide, None)?;
        let mut tries = 0;
        loop {
            let answer =
                self.operator.ask("Path of the backup file, to keep a copy of it here (Enter to keep none):")?;
            if answer.is_empty() {
                return self.guided_backup_elsewhere();
            }
            tries += 1;
            match take_over(Path::new(&answer), path, MAX_BACKUP_BYTES) {
                Ok((size_bytes, sha256)) => {
                    self.teller.say(&format!("backup kept: {} ({})", path.display(), text::bytes(size_bytes)));
                    return self.keep(Some(file.to_owned()), size_bytes, sha256, None, true);
                }
                // A path typed wrongly is no reason to make the backup anew.
                Err(failure) if tries < PATH_TRIES && failure.exit == Exit::NotFound => {
                    self.teller.warn(&failure.message);
                }
                Err(failure) => return self.backup_failed(failure),
            }
        }
    }

    /// No copy is kept here: the operator's word is all there is.
    fn guided_backup_elsewhere(&mut self) -> Result<(), Failure> {
        let question = "No copy is kept here. Is a backup of this appliance saved in a safe place?".to_owned();
        if !self.ask(question)? {
            let none = Failure::new(Exit::Declined, "the operator has none");
            let again = &self.rules.again;
            return self.backup_failed(none.hint(format!("make one in a browser and keep it safe, then: {again}")));
        }
        let none = Entry::BackupDone { file: None, size_bytes: None, sha256: None, protected: None, guided: true };
        self.write(none)
    }

    fn backup_failed(&mut self, failure: Failure) -> Result<(), Failure> {
        self.write(Entry::BackupFailed { why: failure.message.clone() })?;
        match failure.exit {
            Exit::LoginRefused
            | Exit::TlsUntrusted
            | Exit::NoSpace
            | Exit::ReadOnly
            | Exit::MediaFault
            | Exit::NoPermission => Err(failure),
            _ => Err(EngineError::BackupFailed { why: failure.message, next: failure.hint }.into()),
        }
    }
}
