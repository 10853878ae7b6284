//! The settings: restored on NEW from the backup of OLD; and the proof that
//! NEW serves the site.

use super::state::BackupRef;
use super::{Entry, MigrateEngine, MigrateError, NEW, OLD, Run};
use crate::console::current_user;
use crate::driver::{self, BackupToRestore, Did, by_hand};
use crate::engine::question::{BackupQuestion, EnginePrompt, MigrateQuestion};
use crate::engine::{OverrideRequest, keeping};
use crate::media::{MediaError, open_uncached};
use crate::model::{Failover, FailoverRole, Failure, ShowPath, Status, text};
use crate::plan::{TopologyError, software};

impl MigrateEngine<'_> {
    /// Restores the settings, after a person agreed to what they overwrite.
    pub(super) fn restore(&mut self, run: &Run) -> Result<(), Failure> {
        let state = self.state(run);
        let Some(backup) = state.backup else { return Err(self.anew(run, "backup", "no backup was made in this run")) };
        self.check_equal()?;
        let paired = self.team.failover(NEW)?;
        self.agree_to_overwrite(&backup, &paired)?;
        if state.restore_sent {
            self.team.teller.note(
                "an earlier run sent this backup and did not hear what came of it; as nobody is served yet, it is sent again",
            );
        }
        let (old, new) = (self.team.name(OLD), self.team.name(NEW));
        let Some(file) = &backup.file else {
            let guide = by_hand::restore(format!("the backup of {old} was not kept here"));
            self.team.note(&Entry::RestoreSent { run: run.id, sha256: None })?;
            return self.team.pressed(NEW, Did::ByHand(guide), |on| BackupQuestion::AreSettingsRestored { on });
        };
        let path = self.team.a.rules.folders.backups.join(file);
        let opened = open_uncached(&path).map_err(Failure::from).and_then(|(file, _)| {
            let size = file.metadata().map(|facts| facts.len());
            let size = size.map_err(|error| MediaError::of("read", &path, error))?;
            match &backup.sha256 {
                Some(sha256) => keeping::check_kept(&path, size, sha256).map(|()| (file, size)),
                None => Ok((file, size)),
            }
        });
        let (mut source, size_bytes) = match opened {
            Ok(opened) => opened,
            Err(failure) => {
                let why = failure.message;
                self.undo(run, "backup", &why)?;
                let again = self.team.again.clone();
                return Err(MigrateError::Kept { what: "backup", path, why, again }.into());
            }
        };
        let asked = match (&self.team.a.rules.backup_password, backup.protected) {
            (None, Some(true)) => {
                Some(self.team.operator.secret(&EnginePrompt::PasswordOf { path: path.shown().to_string() })?)
            }
            _ => None,
        };
        self.team.note(&Entry::RestoreSent { run: run.id, sha256: backup.sha256 })?;
        let bar = self.team.teller.progress("restoring", size_bytes);
        let password = match backup.protected {
            Some(false) => None,
            _ => asked.as_ref().or(self.team.a.rules.backup_password.as_ref()),
        };
        let kept = BackupToRestore { file_name: file, size_bytes, source: &mut source, password };
        let did = self.team.b.appliance.restore(kept, &*bar);
        bar.finish();
        match did {
            Ok(did) => {
                if let Did::ByHand(_) = &did {
                    self.team.teller.note(&format!("the backup lies at {}", path.shown()));
                }
                self.team.pressed(NEW, did, |on| BackupQuestion::AreSettingsRestored { on })?;
            }
            Err(error) => {
                let (lost, refused) = (error.may_be_done(), error.refuses(driver::ApplianceRefusal::Restore));
                let failure = Failure::from(error);
                if refused {
                    let said = text::one_line(&failure.message);
                    return Err(MigrateError::Restore { name: new, said, again: self.team.again.clone() }.into());
                }
                if !lost {
                    return Err(self.team.named(NEW, failure));
                }
                self.team.teller.warn(&format!("the answer was lost: {}", failure.message));
                self.team.must_agree(&MigrateQuestion::AreSettingsThere { old: old.clone(), new: new.clone() })?;
            }
        }
        self.team
            .teller
            .say(&format!("the settings of {old} are restored on {new}, its users and passwords among them"));
        self.team.teller.note(&format!(
            "log in to /login of {new} with a user of {old} from now on; the inventory's login of {new} must be one of them"
        ));
        Ok(())
    }

    /// Nothing is restored unless both show the same version and build.
    fn check_equal(&mut self) -> Result<(), Failure> {
        let (old, new) = (self.team.status(OLD)?, self.team.status(NEW)?);
        let builds = old.site_build.as_ref().zip(new.site_build.as_ref());
        if let (Some(one), Some(other)) = (&old.site_version, &new.site_version) {
            if one == other && builds.is_none_or(|(one, other)| one == other) {
                return Ok(());
            }
            return Err(MigrateError::Software {
                old: self.team.name(OLD),
                old_has: software(&old),
                new: self.team.name(NEW),
                new_has: software(&new),
                again: self.team.again.clone(),
            }
            .into());
        }
        let (old, new) = (self.team.name(OLD), self.team.name(NEW));
        self.team.must_agree(&MigrateQuestion::AreSame { old, new })
    }

    fn agree_to_overwrite(&mut self, backup: &BackupRef, paired: &Failover) -> Result<(), Failure> {
        let (old, new) = (self.team.name(OLD), self.team.name(NEW));
        let file = backup.file.as_deref().unwrap_or("kept elsewhere").to_owned();
        self.team.teller.say(&format!(
            "\nrestoring overwrites on {new}: its settings, users and their passwords, its failover settings, and its \
             pre-shared key"
        ));
        if paired.role == FailoverRole::Backup {
            self.set_aside(&new)?;
        }
        self.team.must_agree(&MigrateQuestion::Restore { old, backup: file, at: backup.at.human(), new })
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
            .set_aside(self.team.teller, self.team.operator)?;
        let (bundle, by) = (self.team.bundle(NEW), current_user());
        let (what, verb) = (WORD.to_owned(), "push".to_owned());
        self.team.write(NEW, &Entry::DangerousAccepted { bundle, what, refused, reason, by, verb })
    }

    /// Confirms that NEW serves: by what it shows, by what its site says of
    /// itself, and by a person who has tried it.
    pub(super) fn confirm(&mut self, run: &Run) -> Result<(), Failure> {
        let new = self.team.name(NEW);
        let status = self.team.status(NEW)?;
        let not_serving = |why: String, again: &str| -> Failure {
            MigrateError::NotServing { name: new.clone(), why, again: again.to_owned() }.into()
        };
        let wanted = self.team.status(OLD).ok().filter(|old| old.site_version.is_some());
        if let Some(why) = wanted.as_ref().and_then(|old| differs(old, &status)) {
            return Err(not_serving(why, &self.team.again));
        }
        // Its API has the users of the backup now: that it lets nobody in says nothing.
        let health = self.team.b.appliance.health().ok().flatten();
        if let Some(health) = &health
            && !health.sound
        {
            let said = health.complaint.as_deref().map_or_else(|| "nothing more".to_owned(), text::one_line);
            return Err(not_serving(format!("its site says that it is not well: {said}"), &self.team.again));
        }
        let version = status.site_version.as_ref().map_or_else(|| "the site's version".to_owned(), ToString::to_string);
        let host = run.shared_host.as_deref().map_or_else(|| "the site's host name".to_owned(), text::one_line);
        let shown = text::one_line(&status.appliance.host);
        self.team.teller.say(&format!(
            "{new} shows site {version} and the host name {shown}{}",
            if health.is_some() { ", and its site says that it is well" } else { "" }
        ));
        self.team.teller.say(&format!(
            "\nBy hand: confirm that {new} serves {host}\n  1. start a console: it connects to {host}, and Help > About \
             shows {version}\n  2. log in to /login by the site's name with a user of the old appliance: the settings are \
             there\n  3. make a session with a remote computer, and see that it works as it should"
        ));
        self.team.teller.event("verify", serde_json::json!({ "name": new, "version": version, "host": host }));
        self.team.must_agree(&MigrateQuestion::DoesServe { new, host })
    }
}

/// How NEW differs from OLD in what it would serve.
fn differs(old: &Status, new: &Status) -> Option<String> {
    let same = new.site_version == old.site_version;
    (!same).then(|| format!("it shows {}, and the old one {}", software(new), software(old)))
}
