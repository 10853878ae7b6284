//! The settings: restored on NEW from the backup of OLD.

use super::{NEW, OLD};
use crate::console::current_user;
use crate::driver::{ApplianceRefusal, BackupToRestore, Did, by_hand};
use crate::engine::EngineError;
use crate::engine::migrate::state::BackupRef;
use crate::engine::question::{BackupQuestion, EnginePrompt, MigrateQuestion};
use crate::engine::run::Run;
use crate::engine::{Entry, OverrideRequest, keeping};
use crate::media::{MediaError, open_uncached};
use crate::model::{Failover, FailoverRole, Failure, ShowPath, local_time, text};
use crate::plan::{TopologyError, software};

impl Run<'_> {
    /// Restores the settings, after a person agreed to what they overwrite.
    pub(super) fn restore(&mut self) -> Result<(), Failure> {
        let state = self.state();
        let Some(backup) = state.backup else { return Err(self.anew("backup", "no backup was made in this run")) };
        self.must_have_the_same()?;
        let paired = self.failover(NEW)?;
        self.agree_to_overwrite(&backup, &paired)?;
        if state.restore_sent {
            self.teller.note(
                "an earlier run sent this backup and did not hear what came of it; as nobody is served yet, it is sent again",
            );
        }
        let (old, new) = (self.name(OLD), self.name(NEW));
        let Some(file) = &backup.file else {
            let guide =
                by_hand::restore(&self.side(NEW).appliance.words(), format!("the backup of {old} was not kept here"));
            self.note(&Entry::RestoreSent { run: self.id, sha256: None })?;
            return self.pressed(NEW, Did::ByHand(guide), |on| BackupQuestion::AreSettingsRestored { on });
        };
        let path = self.side(OLD).rules.folders.backups.join(file);
        let opened = open_uncached(&path).map_err(Failure::from).and_then(|(file, _)| {
            let size = file.length().map_err(|error| MediaError::of("read", &path, error))?;
            match &backup.sha256 {
                Some(sha256) => keeping::check_kept(&path, size, sha256).map(|()| (file, size)),
                None => Ok((file, size)),
            }
        });
        let (mut source, size_bytes) = match opened {
            Ok(opened) => opened,
            Err(failure) => {
                let why = failure.message;
                self.undo("backup", &why)?;
                return Err(EngineError::KeptUnusable { what: "backup", path, why }.into());
            }
        };
        let asked = match (&self.side(OLD).rules.backup_password, backup.protected) {
            (None, Some(true)) => {
                Some(self.operator.secret(&EnginePrompt::PasswordOf { path: path.shown().to_string() })?)
            }
            _ => None,
        };
        // Before it goes, so that the next run knows that its settings may be there.
        self.note(&Entry::RestoreSent { run: self.id, sha256: backup.sha256 })?;
        let bar = self.teller.progress("restoring", size_bytes);
        let password = match backup.protected {
            Some(false) => None,
            _ => asked.as_ref().or(self.side(OLD).rules.backup_password.as_ref()),
        };
        let kept = BackupToRestore { file_name: file, size_bytes, source: &mut source, password };
        let did = self.side_mut(NEW).appliance.restore(kept, &*bar);
        bar.finish();
        match did {
            Ok(did) => {
                if let Did::ByHand(_) = &did {
                    self.teller.note(&format!("the backup lies at {}", path.shown()));
                }
                self.pressed(NEW, did, |on| BackupQuestion::AreSettingsRestored { on })?;
            }
            Err(error) => {
                let (lost, refused) = (error.may_be_done(), error.refuses(ApplianceRefusal::Restore));
                let failure = Failure::from(error);
                if refused {
                    let said = text::one_line(&failure.message);
                    return Err(EngineError::RestoreRefused { name: new, said }.into());
                }
                if !lost {
                    return Err(self.named(NEW, failure));
                }
                self.teller.warn(&format!("the answer was lost: {}", failure.message));
                self.must_agree(&MigrateQuestion::AreSettingsThere { old: old.clone(), new: new.clone() })?;
            }
        }
        self.teller.say(&format!("the settings of {old} are restored on {new}, its users and passwords among them"));
        self.teller.note(&format!(
            "log in to /login of {new} with a user of {old} from now on; the inventory's login of {new} must be one of them"
        ));
        Ok(())
    }

    /// Nothing is restored unless both show the same version and build.
    fn must_have_the_same(&mut self) -> Result<(), Failure> {
        // Read anew: software was installed since the plan was made.
        let (old, new) = (self.status(OLD)?, self.status(NEW)?);
        let builds = old.site_build.as_ref().zip(new.site_build.as_ref());
        if let (Some(one), Some(other)) = (&old.site_version, &new.site_version) {
            if one == other && builds.is_none_or(|(one, other)| one == other) {
                return Ok(());
            }
            return Err(EngineError::SoftwareDiffers {
                a: self.name(OLD),
                a_has: software(&old),
                b: self.name(NEW),
                b_has: software(&new),
                restoring: true,
            }
            .into());
        }
        let (old, new) = (self.name(OLD), self.name(NEW));
        self.must_agree(&MigrateQuestion::AreSame { old, new })
    }

    fn agree_to_overwrite(&mut self, backup: &BackupRef, paired: &Failover) -> Result<(), Failure> {
        let (old, new) = (self.name(OLD), self.name(NEW));
        let file = backup.file.as_deref().unwrap_or("kept elsewhere").to_owned();
        self.teller.say(&format!(
            "\nrestoring overwrites on {new}: its settings, users and their passwords, its failover settings, and its \
             pre-shared key"
        ));
        if paired.role == FailoverRole::Backup {
            self.set_aside(&new)?;
        }
        self.must_agree(&MigrateQuestion::Restore { old, backup: file, at: local_time(backup.at), new })
    }

    /// A relationship is lost only on a person's word, which is journalled.
    fn set_aside(&mut self, new: &str) -> Result<(), Failure> {
        const WORD: &str = "restore-on-backup";
        let refused = format!("{new} is the backup of a failover pair, and restoring takes it out of its relationship");
        let Some(reason) = self.rules.over_backup.clone() else {
            let (name, role) = (new.to_owned(), FailoverRole::Backup);
            return Err(TopologyError::NewIsPaired { name, role }.into());
        };
        let meaning = "its partner stands alone afterwards, and the relationship is made anew by hand";
        OverrideRequest { refused: &refused, meaning, reason: &reason, word: WORD, undone: "nothing was restored" }
            .set_aside(self.teller, self.operator)?;
        let (bundle, by) = (self.bundle(NEW), current_user());
        let (what, verb) = (WORD.to_owned(), self.rules.verb.to_owned());
        self.write(NEW, &Entry::DangerousAccepted { bundle, what, refused, reason, by, verb })
    }
}
