//! A kept backup, put back by itself: after an upgrade that failed, or onto a
//! fresh appliance where the old one is dead.
//!
//! What it guarantees: the backup is the very file that was looked at; it is
//! restored only on the software it was made with; a failover relationship is
//! not lost unasked; a person agreed to what it overwrites, and typed the
//! serial number where the backup is another appliance's. It is sent once.

use super::keeping::check_kept;
use super::{BackupRecord, Engine, Entry, OverrideRequest, Shown};
use crate::console::{current_user, kind};
use crate::driver::{self, BackupToRestore, Did};
use crate::engine::question::{BackupQuestion, EnginePrompt};
use crate::media::{Uncached, open_uncached};
use crate::model::{
    AGAIN, FailoverRole, Failure, Id, Secret, Sha256Digest, ShowPath, Status, duration_human, explained, local_time,
    text,
};
use crate::plan::software;
use macro_rules_attribute::apply;
use std::path::PathBuf;

/// Why a backup was not restored.
#[apply(explained!)]
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// There is no site whose settings they could be.
    #[error("nothing was restored: {name} has no site software yet")]
    #[hint(
        "install the site package that the backup was made with first: handcarry-inside push MEDIA {name}; then: \
         {AGAIN}"
    )]
    #[exit(PrerequisiteMissing)]
    NoSite {
        /// The appliance's name.
        name: String,
    },
    /// It was made with other software.
    #[error("nothing was restored: the backup was made with {made_with}, and {name} shows {has}")]
    #[hint(match newer {
        Some(true) => format!(
            "the backup is of newer software: bring {name} to that version and build, handcarry-inside push MEDIA \
             {name}; then: {AGAIN}"
        ),
        Some(false) => format!(
            "the backup is of older software, and nobody but vendor support takes {name} back to that; a backup that \
             was made since is restored with --backup FILE"
        ),
        None => format!(
            "a backup is restored on the version and build it was made with; ask vendor support which build {name} needs"
        ),
    })]
    #[exit(RestoreRefused)]
    Software {
        /// What it was made with.
        made_with: String,
        /// The appliance's name.
        name: String,
        /// What it shows.
        has: String,
        /// Whether the backup is of newer software; `None` where the versions are the same and the builds differ.
        newer: Option<bool>,
    },
    /// What became of an install is not known.
    #[error("nothing was restored: what became of {package} on {name} is not known")]
    #[hint("the push or update of {name} that began it finds out and goes on; when it is over: {AGAIN}")]
    #[exit(Unconfirmed)]
    InstallOpen {
        /// The package's title.
        package: String,
        /// The appliance's name.
        name: String,
    },
    /// It is the backup of a failover pair.
    #[error("nothing was restored: {name} is the backup of a failover pair, and would lose its relationship")]
    #[hint(
        "the primary is the one whose settings count; to do it all the same: {}",
        AGAIN.with(&["--dangerous-restore-on-backup", "--reason", "TEXT"])
    )]
    #[exit(RoleUnexpected)]
    Paired {
        /// The appliance's name.
        name: String,
    },
    /// The serial number was not typed.
    #[error("nothing was restored: the serial number of {name} was not typed")]
    #[hint("to go on: {AGAIN}")]
    #[exit(Declined)]
    NotTyped {
        /// The appliance's name.
        name: String,
    },
    /// The appliance refused it.
    #[error("{name} did not restore the settings, saying: {said}")]
    #[hint(
        "nothing is changed by that as far as it says; look at /login > Management > Software Management; a wrong \
         password of the backup is refused, too; when the cause is gone: {AGAIN}"
    )]
    #[exit(RestoreRefused)]
    Refused {
        /// The appliance's name.
        name: String,
        /// What it said.
        said: String,
    },
}

/// A backup that is to be restored, looked at already.
pub struct Restoring {
    /// Where it lies.
    pub path: PathBuf,
    /// Its size.
    pub size_bytes: u64,
    /// Its digest.
    pub sha256: Sha256Digest,
    /// The name of the appliance it was made of, and what its journal says of
    /// it; `None` where no journal here knows it.
    pub known: Option<(String, BackupRecord)>,
    /// The password that protects it; asked for where it is needed and `None`.
    pub password: Option<Secret>,
    /// Why a failover pair's backup may lose its relationship; `None` where it
    /// may not.
    pub over_backup: Option<String>,
}

impl Restoring {
    fn record(&self) -> Option<&BackupRecord> {
        self.known.as_ref().map(|(_, record)| record)
    }
}

impl Engine<'_> {
    /// Restores a kept backup.
    ///
    /// # Errors
    /// [`RestoreError`]'s exits; the driver's and the journal's;
    /// [`MediaLies`](crate::model::Exit::MediaLies) where the file is not what was looked at.
    pub fn restore(&mut self, backup: &Restoring) -> Result<(), Failure> {
        let name = self.rules.name.to_string();
        // An install that is still at work would go on over settings that were put there meanwhile.
        if let Some(open) = self.ledger.past().open_install() {
            let package = text::one_line(&open.package.name);
            return Err(RestoreError::InstallOpen { package, name }.into());
        }
        // Before anything is read from /login: a fresh site lets nobody else in.
        if self.ledger.past().is_site_fresh() {
            self.appliance.first_login();
        }
        let status = self.look_before_restore()?;
        if status.no_site {
            return Err(RestoreError::NoSite { name }.into());
        }
        self.tell_backup(backup);
        self.must_be_its_software(backup, &status)?;
        self.may_lose_relationship(backup, &status)?;
        self.agree_to_restore(backup, &status)?;
        // As late as can be, and past the cache: it is this file that goes, whatever it was when it was looked at.
        let (file, size_bytes) = (open_uncached(&backup.path)?.0, backup.size_bytes);
        check_kept(&backup.path, size_bytes, &backup.sha256)?;
        let password = self.password_of(backup)?;
        self.send_backup(backup, file, password.as_ref().or(backup.password.as_ref()))
    }

    fn look_before_restore(&mut self) -> Result<Status, Failure> {
        let status = self.appliance.status()?;
        self.tell_news();
        self.write(Entry::seen(&status, self.time.now()))?;
        Ok(status)
    }

    /// Says which backup it is, and whose.
    fn tell_backup(&self, backup: &Restoring) {
        let (path, size) = (backup.path.shown(), text::bytes(backup.size_bytes));
        self.teller.say(&format!("backup: {path} ({size}, SHA-256 {})", backup.sha256));
        let Some((of, record)) = &backup.known else {
            self.teller
                .warn("no journal here knows this file: of which appliance it is and what is in it can't be told");
            return;
        };
        let serial = record.serial.as_deref().map_or_else(|| "not known".to_owned(), text::one_line);
        let age = duration_human(self.time.now().secs_since(record.at));
        let protected = match record.protected {
            Some(true) => "protected by a password",
            Some(false) => "not protected",
            None => "whether it is protected is not known",
        };
        let logged = if record.history { "with logged history" } else { "without logged history" };
        self.teller.say(&format!(
            "  made of {of} (serial {serial}) on {}, {age} ago, with {}; {protected}, {logged}",
            local_time(record.at),
            made_with(record).unwrap_or_else(|| "software not known".to_owned()),
        ));
        self.teller.say("  what was changed after it is lost; recordings and what else it never had stay as they are");
    }

    /// Nothing is restored unless the appliance has the software that the
    /// backup was made with.
    fn must_be_its_software(&mut self, backup: &Restoring, status: &Status) -> Result<(), Failure> {
        let made = backup.record().and_then(|record| record.shown.clone()).unwrap_or_default();
        let builds = made.build.as_ref().zip(status.site_build.as_ref());
        let name = self.rules.name.to_string();
        match (&made.site, &status.site_version) {
            (Some(one), Some(other)) if one == other && builds.is_none_or(|(one, other)| one == other) => Ok(()),
            (Some(made_of), Some(has)) => {
                let newer = (made_of != has).then(|| made_of > has);
                let made_with = backup.record().and_then(made_with).unwrap_or_default();
                Err(RestoreError::Software { made_with, name, has: software(status), newer }.into())
            }
            _ => self.must_agree(&BackupQuestion::IsOfThisSoftware { on: name, software: software(status) }),
        }
    }

    /// A relationship is lost only on a person's word, which is journalled.
    fn may_lose_relationship(&mut self, backup: &Restoring, status: &Status) -> Result<(), Failure> {
        const WORD: &str = "restore-on-backup";
        let name = self.rules.name.to_string();
        // Told by a person where no page is read: the flag must do there as well, and nothing without it.
        let (role, by) = self.role()?;
        self.write(Entry::RoleRead { role, by })?;
        match (role, &backup.over_backup) {
            (FailoverRole::None, _) => Ok(()),
            (FailoverRole::Backup, None) => Err(RestoreError::Paired { name }.into()),
            (FailoverRole::Backup, Some(reason)) => {
                let refused =
                    format!("{name} is the backup of a failover pair, and restoring takes it out of its relationship");
                let meaning = "its partner stands alone afterwards, and the relationship is made anew by hand";
                OverrideRequest { refused: &refused, meaning, reason, word: WORD, undone: "nothing was restored" }
                    .set_aside(self.teller, self.operator)?;
                // There is no bundle: the record is about the appliance alone.
                let (bundle, by) = (Id::random(), current_user());
                let (what, reason, verb) = (WORD.to_owned(), reason.clone(), "restore".to_owned());
                self.write(Entry::DangerousAccepted { bundle, what, refused, reason, by, verb })
            }
            (FailoverRole::Primary, _) => {
                let host = text::one_line(&status.appliance.host);
                self.must_agree(&BackupQuestion::OverwriteFailover { on: name, host })
            }
        }
    }

    /// Has a person agree; where the backup is not the appliance's own, by its
    /// serial number.
    fn agree_to_restore(&mut self, backup: &Restoring, status: &Status) -> Result<(), Failure> {
        let name = self.rules.name.to_string();
        let serial = &status.appliance.serial;
        self.teller.say(&format!(
            "\nrestoring overwrites on {name}: its settings, users and their passwords, its failover settings, and its \
             pre-shared key; whoever is connected is thrown out"
        ));
        let of = backup.record().and_then(|record| record.serial.clone());
        if of.as_deref() == Some(serial.as_str()) {
            return self.must_agree(&BackupQuestion::Restore { on: name });
        }
        let whose = match (&of, &backup.known) {
            (Some(of), Some((other, _))) => format!("of another appliance, {other} (serial {})", text::one_line(of)),
            _ => "of an appliance that is not known".to_owned(),
        };
        self.teller.warn(&format!("the backup is {whose}; {name} has serial {}", text::one_line(serial)));
        // A yes is quickly given, and what another appliance's settings overwrite does not come back.
        let typed = self.operator.ask(&EnginePrompt::Overwrite { on: name.clone() })?;
        let agreed = typed == *serial && !serial.is_empty();
        let question = format!("overwrite {name}, whose serial number is {serial}, with a backup {whose}");
        self.write(Entry::Asked { question, yes: agreed })?;
        match agreed {
            true => Ok(()),
            false => Err(RestoreError::NotTyped { name }.into()),
        }
    }

    /// The password that protects it, where nobody gave one yet.
    fn password_of(&mut self, backup: &Restoring) -> Result<Option<Secret>, Failure> {
        let protected = backup.record().and_then(|record| record.protected);
        if backup.password.is_some() || protected == Some(false) {
            return Ok(None);
        }
        let asked = match protected {
            Some(true) => EnginePrompt::BackupPassword,
            _ => EnginePrompt::BackupPasswordIfAny,
        };
        Ok(Some(self.operator.secret(&asked)?).filter(|password| !password.is_empty()))
    }

    fn send_backup(
        &mut self,
        backup: &Restoring,
        mut file: Uncached,
        password: Option<&Secret>,
    ) -> Result<(), Failure> {
        let (name, sha256) = (self.rules.name.to_string(), backup.sha256);
        let file_name = backup.path.file_name().map(|own| own.to_string_lossy().into_owned()).unwrap_or_default();
        let made_on = backup.record().and_then(|record| record.serial.clone());
        self.write(Entry::RestoreBegun { sha256, file: file_name.clone(), made_on })?;
        let bar = self.teller.progress("restoring", backup.size_bytes);
        let kept =
            BackupToRestore { file_name: &file_name, size_bytes: backup.size_bytes, source: &mut file, password };
        let did = self.appliance.restore(kept, &*bar);
        bar.finish();
        let guided = match did {
            Ok(Did::Done(())) => false,
            Ok(Did::ByHand(guide)) => {
                self.tell_guide(&guide, None)?;
                self.teller.note(&format!("the backup lies at {}", backup.path.shown()));
                self.must_agree(&BackupQuestion::AreSettingsRestored { on: name.clone() })?;
                true
            }
            Err(error) => {
                let (lost, refused) = (error.may_be_done(), error.refuses(driver::ApplianceRefusal::Restore));
                let failure = Failure::from(error);
                if refused {
                    let said = text::one_line(&failure.message);
                    let entry = Entry::RestoreRefused { sha256, said: said.clone() };
                    let refused = RestoreError::Refused { name, said };
                    return Err(self.ended(entry, refused));
                }
                if !lost {
                    return Err(failure);
                }
                self.teller.warn(&format!("the answer was lost: {}", failure.message));
                self.must_agree(&BackupQuestion::AreSettingsThere { on: name.clone() })?;
                true
            }
        };
        self.write(Entry::Restored { sha256, guided })?;
        self.teller.event(&kind::RESTORED, serde_json::json!({ "sha256": sha256, "guided": guided }));
        Ok(())
    }
}

/// What a backup was made with, in a few words; `None` where the journal does not tell.
fn made_with(record: &BackupRecord) -> Option<String> {
    let Shown { site: Some(site), build, .. } = record.shown.as_ref()? else { return None };
    Some(match build {
        Some(build) => format!("site {site} (build {})", text::one_line(build)),
        None => format!("site {site}"),
    })
}
