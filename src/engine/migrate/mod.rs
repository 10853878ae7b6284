//! Looks at the appliance that a site moves from (OLD) and the one it moves to
//! (NEW), has their plan made, and has the one loop follow it, with both
//! journals; goes on after any stop.
//!
//! What it guarantees, beyond what each appliance's own [`Engine`](super::Engine)
//! and the [`Run`] over both do:
//!
//! 1. Nothing but the backup, the export, the reset and the shutdown is ever
//!    pressed on OLD: until its reset it serves as before.
//! 2. Settings are restored only from a backup of this run that reads back as
//!    it was kept, only where both show the same version and build, and only
//!    after a person agreed to what they overwrite.
//! 3. The exported private key is kept for its owner only; its passphrase is
//!    never written down, and whoever runs it is told what to do with the file.
//! 4. OLD is reset only after NEW was confirmed to serve, and only after its
//!    serial number was typed in that very run; not where its logged history
//!    was left out of the backup, unless a flag and a typed word say so. What became of a reset that
//!    was ordered is looked at before anything is pressed again. Nothing that
//!    shows another serial number than OLD's is reset, and nothing that shows
//!    NEW's is shut down, wherever OLD's address may lead by then.

pub(super) mod state;

use super::open_run::OpenPair;
use super::run::Run;
use super::step::{NEW, OLD};
use super::{EngineError, Entry, look};
use crate::model::{Failover, Failure, FileName, Status};
use crate::plan::{self, MigrateFacts, OldFacts, Part, PartFacts, Plan, Terms};
use crate::report::PressNotice;
use state::MigrationState;
use std::path::PathBuf;

/// What is to come of a migration.
struct MigrationAhead {
    plan: Plan,
    terms: Terms,
    /// Of OLD and NEW.
    serials: [String; 2],
    /// Ids of the steps that need not be done again.
    done: Vec<String>,
    /// The site's host name, where it is known.
    host: Option<String>,
}

/// How a migration ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// Who serves the site now.
    pub serves: FileName,
    /// Titles of the packages this run installed.
    pub installed: Vec<String>,
    /// Files with the exported private key, to be destroyed.
    pub key_files: Vec<PathBuf>,
}

impl Run<'_> {
    /// Moves the site, as far as the rules allow now.
    ///
    /// # Errors
    /// A [`Failure`] that says how it ended: [`EngineError`]'s exits, the
    /// plan's, and all that the push of one appliance can end with.
    pub fn migrate(mut self) -> Result<Migrated, Failure> {
        let known = self.known()?;
        // Of NEW alone, since nothing is ever installed on OLD.
        self.settle(NEW)?;
        if known.is_none() && state::has_finished(self.entries(NEW), self.bundle(NEW)) {
            return Ok(self.migrated(Vec::new()));
        }
        let MigrationAhead { plan, terms, serials, done, host } = self.look_ahead_of_move(known.as_ref())?;
        self.foresee(&plan, &terms, [&serials[0], &serials[1]])?;
        self.begin(known, done, host, serials)?;
        self.follow(&plan)?;
        self.end_offers()?;
        self.note(&Entry::PairDone { run: self.id })?;
        let [_, installed] = std::mem::take(&mut self.installed);
        Ok(self.migrated(installed))
    }

    /// Makes the plan that [`migrate`](Self::migrate) would follow now, and
    /// what it would ask about; nothing is pressed but a check for updates where
    /// packages are offered.
    ///
    /// # Errors
    /// As [`migrate`](Self::migrate).
    pub fn foresee_migration(mut self) -> Result<(Plan, PressNotice), Failure> {
        let known = self.known()?;
        let MigrationAhead { plan, terms, serials, .. } = self.look_ahead_of_move(known.as_ref())?;
        let press = self.notice(&plan, &terms, [&serials[0], &serials[1]]);
        let press = if press.presses { look(press, self.side_mut(OLD).appliance) } else { press };
        Ok((plan, press))
    }

    /// Looks at both and makes the plan for what is left to do.
    fn look_ahead_of_move(&mut self, known: Option<&OpenPair>) -> Result<MigrationAhead, Failure> {
        let state = MigrationState::of(self.entries(OLD), known);
        let new = self.check(NEW)?;
        let old = match state.reset_ordered {
            true => None,
            false => Some(self.look_at_old(&new)?),
        };
        let done = self.done_of(known);
        // A backup is restored on the version it was made with, so that nothing later is installed.
        match done.iter().any(|step| step == "install" || step == "restore") {
            true => self.recall_offers(NEW),
            false => {
                let up_to = old.as_ref().and_then(|old| old.site_version.clone());
                self.read_offers(NEW, up_to.as_ref(), false)?;
            }
        }
        let roles = match done.iter().any(|step| step == "restore") {
            true => [None, None],
            false => [Some(self.failover(OLD)?), Some(self.failover(NEW)?)],
        };
        let plan = self.plan_migration(old.as_ref(), &new, &roles, &done)?;
        let host = self.rules.site_host.clone();
        let host = host.or_else(|| old.as_ref().map(|old| old.appliance.host.clone())).or(state.host);
        let serial = |status: Option<&Status>| status.map(|status| status.appliance.serial.clone());
        let old_serial = serial(old.as_ref()).or_else(|| self.begun_with());
        let serials = [old_serial.unwrap_or_default(), new.appliance.serial.clone()];
        let over_backup = self.rules.over_backup.is_some();
        let terms = Terms::migrate(&serials[0], self.rules.keep_old, over_backup, self.meant(NEW));
        Ok(MigrationAhead { plan, terms, serials, done, host })
    }

    /// Reads who OLD is: the appliance this run was begun with.
    fn look_at_old(&mut self, new: &Status) -> Result<Status, Failure> {
        let status = self.status(OLD)?;
        self.write(OLD, &Entry::seen(&status, self.time.now()))?;
        let serial = &status.appliance.serial;
        match self.begun_with() {
            Some(wanted) if wanted != *serial && *serial != new.appliance.serial => {
                Err(self.named(OLD, EngineError::wrong_appliance(&wanted, serial).into()))
            }
            _ => Ok(status),
        }
    }

    /// The serial number of OLD that the run under way was begun with, as NEW's
    /// journal has it.
    pub(super) fn begun_with(&self) -> Option<String> {
        self.side(NEW).ledger.past().open_pair()?.serial_of(OLD).map(str::to_owned)
    }

    /// Ids of the steps that need not be done again. Until its settings are
    /// restored a backup counts only as long as it is fresh, for what is
    /// changed on OLD after it is lost, and has in it what it is to have.
    fn done_of(&self, known: Option<&OpenPair>) -> Vec<String> {
        let Some(open) = known else { return Vec::new() };
        let (now, fresh_secs) = (self.time.now(), self.side(OLD).rules.policy.backup_fresh_secs);
        let mut done = open.done(false, now, 0);
        let fresh = open.when("backup").is_some_and(|at| (0..=fresh_secs).contains(&now.secs_since(at)));
        let kept = self.side(OLD).ledger.past().history().backup.as_ref();
        let whole = kept.is_some_and(|backup| backup.is_as_wanted(&self.side(OLD).rules.policy));
        // Once restored it has done its work, however old it is by now.
        if !(fresh && whole || done.iter().any(|step| step == "restore")) {
            done.retain(|step| step != "backup");
        }
        done
    }

    fn plan_migration(
        &self,
        old: Option<&Status>,
        new: &Status,
        [old_role, new_role]: &[Option<Failover>; 2],
        done: &[String],
    ) -> Result<Plan, Failure> {
        let (a, b, list) = (self.side(OLD), self.side(NEW), self.goods(NEW).list());
        Ok(plan::migrate(&MigrateFacts {
            old: OldFacts {
                name: &a.rules.name,
                reached_by: &self.reached(OLD).host,
                status: old,
                failover: old_role.as_ref(),
            },
            new: PartFacts {
                name: &b.rules.name,
                reached_by: &self.reached(NEW).host,
                status: new,
                failover: new_role.as_ref(),
                list: &list,
                history: b.ledger.past().history(),
                policy: &b.rules.policy,
            },
            now: self.time.now(),
            done,
            over_backup: self.rules.over_backup.is_some(),
            keep_old: self.rules.keep_old,
            site_host: self.rules.site_host.as_deref(),
        })?)
    }

    pub(super) fn entries(&self, part: Part) -> &[super::Noted] {
        self.side(part).ledger.entries()
    }

    fn migrated(&self, installed: Vec<String>) -> Migrated {
        let key_files = state::key_files(self.entries(OLD), &self.side(OLD).rules.folders.certificates);
        Migrated { serves: self.side(NEW).rules.name.clone(), installed, key_files }
    }

    /// What the journals say of the run under way.
    pub(super) fn state(&self) -> MigrationState {
        let open = self.side(OLD).ledger.past().open_pair().filter(|open| open.run == self.id);
        MigrationState::of(self.entries(OLD), open)
    }
}
