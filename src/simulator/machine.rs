//! One appliance: its software, what it installs, and how it ends.

use super::activity::{Activity, Ending, InstallRun, Times, Work};
use super::fault::Fault;
use super::faults::Faults;
use super::now::Now;
use super::software::{PackageRefusal, Software, Taken};
use crate::model::{Installed, PackageKind, Requirement, Status, Timestamp, Version, base_beside, changes_base};
use std::time::Duration;

/// Where an install that hangs stops, in percent.
const HUNG_PERCENT: u8 = 42;

/// The share of its time after which an install that fails does so: its
/// progress was seen by then, and its end was not.
const FAILS_AFTER: f32 = 0.6;

/// One appliance.
#[derive(Debug, Clone)]
pub struct Machine {
    /// What it shows, but for its clock.
    pub status: Status,
    /// How long things take.
    pub times: Times,
    /// When the last site package was installed; `None` before the first.
    pub site_since: Option<Timestamp>,
    /// Whether somebody has checked for updates since the last restart.
    pub checked: bool,
    /// Whether its site has no settings yet, and so knows the first user only.
    pub fresh_site: bool,
    /// Whether its status page has another word for the serial number, from the
    /// end of the install that changed it.
    pub labels_changed: bool,
    /// Whether its old password is refused, as after some resets.
    pub stranger: bool,
    /// Every install that was begun.
    pub installs: Vec<InstallRun>,
    /// What is on it, by title, and since when.
    pub listed: Vec<(String, Timestamp)>,
    staged: Option<Software>,
    activity: Activity,
}

impl Machine {
    /// An idle appliance.
    pub fn new(status: Status, times: Times) -> Self {
        Machine {
            fresh_site: status.no_site,
            status,
            times,
            site_since: None,
            checked: false,
            labels_changed: false,
            stranger: false,
            installs: Vec::new(),
            listed: Vec::new(),
            staged: None,
            activity: Activity::Idle,
        }
    }

    /// What it is doing; true once it has caught up.
    pub fn activity(&self) -> &Activity {
        &self.activity
    }

    /// Whether it installs, restarts or is being reset.
    pub fn is_busy(&self) -> bool {
        matches!(self.activity, Activity::Installing(_) | Activity::Restarting { .. } | Activity::Resetting { .. })
    }

    /// Whether an install goes on behind ordinary pages.
    pub fn is_hiding(&self, now: Now) -> bool {
        let Activity::Installing(work) = &self.activity else { return false };
        work.hides && now.running.saturating_sub(work.since) >= self.times.hides_after
    }

    /// How far the install is, in percent; `None` where none runs.
    pub fn percent(&self, now: Now) -> Option<u8> {
        let Activity::Installing(work) = &self.activity else { return None };
        let (whole, _) = self.times.of(work.software.kind);
        let gone = now.running.saturating_sub(work.since).as_secs_f64();
        let share = if whole.is_zero() { 1.0 } else { (gone / whole.as_secs_f64()).min(1.0) };
        // A hundred is for what is over, and pages that say so are believed.
        let percent = (share * 99.0) as u8;
        Some(if work.hung { percent.min(HUNG_PERCENT) } else { percent })
    }

    /// The package whose agreement waits to be accepted.
    pub fn staged(&self) -> Option<&Software> {
        self.staged.as_ref()
    }

    /// What it lacks of `requires`; `None` where nothing is known to be missing.
    pub fn lacks<'r>(&self, requires: &'r [Requirement]) -> Option<&'r Requirement> {
        requires.iter().find(|need| self.status.meets(need) == Some(false))
    }

    /// Whether `software`, or a later one of its kind, is on it already.
    pub fn has(&self, software: &Software) -> bool {
        let at_least = |version: &Option<Version>| version.as_ref().is_some_and(|own| *own >= software.version);
        if !self.status.has_base_beside(&software.title) {
            return false;
        }
        match software.kind {
            PackageKind::Base => at_least(&self.status.base_version),
            PackageKind::Site => at_least(&self.status.site_version),
            PackageKind::Patch | PackageKind::License => self.listed.iter().any(|(title, _)| *title == software.title),
        }
    }

    /// Takes a package that arrived, or that it fetched by itself.
    ///
    /// # Errors
    /// [`PackageRefusal`]; nothing has changed then.
    pub fn take(&mut self, software: Software, now: Now, faults: &mut Faults) -> Result<Taken, PackageRefusal> {
        self.judge(&software, faults)?;
        if software.agreement {
            self.staged = Some(software);
            return Ok(Taken::Agreement);
        }
        self.begin(software, now, faults);
        Ok(Taken::Installing)
    }

    /// Says whether it would take a package.
    ///
    /// # Errors
    /// [`PackageRefusal`].
    pub fn judge(&self, software: &Software, faults: &mut Faults) -> Result<(), PackageRefusal> {
        if self.is_busy() {
            return Err(PackageRefusal::Busy);
        }
        if software.strikes(Fault::PackageRefused, faults) {
            return Err(PackageRefusal::Damaged);
        }
        if software.strikes(Fault::UnknownKind, faults) {
            return Err(PackageRefusal::UnknownKind);
        }
        if software.strikes(Fault::AlreadyInstalled, faults) || self.has(software) {
            return Err(PackageRefusal::AlreadyInstalled);
        }
        self.lacks(&software.requires).map_or(Ok(()), |need| Err(PackageRefusal::Lacks(need.clone())))
    }

    /// Accepts the agreement that waits, and begins to install; whether one waited.
    pub fn accept(&mut self, now: Now, faults: &mut Faults) -> bool {
        let Some(software) = self.staged.take() else { return false };
        self.begin(software, now, faults);
        true
    }

    /// Declines the agreement that waits.
    pub fn decline(&mut self) {
        self.staged = None;
    }

    /// Begins to install, whatever was asked before.
    pub fn begin(&mut self, software: Software, now: Now, faults: &mut Faults) {
        let base = changes_base(software.kind, &software.title);
        let fails = software.strikes(Fault::InstallFails, faults)
            || (base && software.strikes(Fault::BaseInstallFails, faults));
        let ends = match fails {
            true => Ending::Failed,
            false if software.strikes(Fault::InstallVanishes, faults) => Ending::Vanished,
            false => Ending::Installed,
        };
        let hung = ends == Ending::Installed && software.strikes(Fault::InstallHangs, faults);
        let hides = software.strikes(Fault::InstallHides, faults);
        self.labels_changed = software.strikes(Fault::LabelsChange, faults);
        let (title, began) = (software.title.clone(), now.clock);
        self.installs.push(InstallRun { title, began, ended: None, outcome: Ending::Running });
        self.staged = None;
        self.activity = Activity::Installing(Work { software, since: now.running, ends, hung, hides });
    }

    /// Restarts it, where it has nothing to do.
    pub fn restart(&mut self, now: Now) {
        if matches!(self.activity, Activity::Idle) {
            self.activity = Activity::Restarting { since: now.running, lasts: self.times.restart };
        }
    }

    /// Begins the reset to factory defaults.
    pub fn reset(&mut self, now: Now, faults: &mut Faults) {
        self.stranger = faults.strikes(Fault::ResetStranger);
        self.activity = Activity::Resetting { since: now.running };
    }

    /// Restores the settings of a backup that was made on the site version
    /// `made_on`, where that is known; false where it does not fit.
    pub fn restore(&mut self, made_on: Option<&Version>, faults: &Faults) -> bool {
        let other = made_on.is_some_and(|version| Some(version) != self.status.site_version.as_ref());
        let fits = !other && !faults.armed(Fault::RestoreRefused);
        self.fresh_site &= !fits;
        fits
    }

    /// Ends a restart: it can be reached again.
    pub fn come_up(&mut self) {
        if matches!(self.activity, Activity::Restarting { .. }) {
            self.activity = Activity::Idle;
        }
        self.checked = false;
    }

    /// Switches it off.
    pub fn shut_down(&mut self) {
        self.activity = Activity::Off;
    }

    /// Lets an install that hangs go on.
    pub fn let_go_on(&mut self) {
        if let Activity::Installing(work) = &mut self.activity {
            work.hung = false;
        }
    }

    /// When it changes next by itself, since the beginning; `None` where it
    /// waits for somebody.
    pub fn due(&self, faults: &Faults) -> Option<Duration> {
        match &self.activity {
            Activity::Installing(Work { hung: true, .. }) => None,
            Activity::Resetting { .. } if faults.armed(Fault::ResetHangs) => None,
            Activity::Installing(work) => {
                let (whole, _) = self.times.of(work.software.kind);
                Some(work.since + if work.ends == Ending::Failed { whole.mul_f32(FAILS_AFTER) } else { whole })
            }
            Activity::Resetting { since } => Some(*since + self.times.reset),
            Activity::Restarting { since, lasts } => Some(*since + *lasts),
            Activity::Idle | Activity::Off | Activity::Failed { .. } => None,
        }
    }

    /// Brings it to where it is by now.
    pub fn catch_up(&mut self, now: Now, faults: &Faults) {
        // Again and again: one look may come after an install, its restart and whatever followed.
        while let Some(due) = self.due(faults).filter(|due| *due <= now.running) {
            match std::mem::replace(&mut self.activity, Activity::Idle) {
                Activity::Installing(work) => self.end(work, due, now.clock_at(due)),
                Activity::Resetting { .. } => {
                    self.forget_site();
                    self.activity = Activity::Restarting { since: due, lasts: self.times.restart };
                }
                Activity::Restarting { .. } => self.checked = false,
                Activity::Idle | Activity::Off | Activity::Failed { .. } => {}
            }
        }
    }

    fn end(&mut self, work: Work, due: Duration, at: Timestamp) {
        if let Some(install) = self.installs.last_mut() {
            (install.ended, install.outcome) = (Some(at), work.ends);
        }
        let (_, lasts) = self.times.of(work.software.kind);
        // Without a restart: it stays with its message, and nobody may restart it.
        if work.ends == Ending::Failed {
            let base = changes_base(work.software.kind, &work.software.title);
            self.activity = Activity::Failed { title: work.software.title, base };
            return;
        }
        if work.ends == Ending::Installed {
            self.take_in(&work.software, at);
        }
        self.activity = Activity::Restarting { since: due, lasts };
    }

    /// Makes a package part of the appliance.
    fn take_in(&mut self, software: &Software, at: Timestamp) {
        let version = Some(software.version.clone());
        let status = &mut self.status;
        match software.kind {
            // What it never showed it does not show now.
            PackageKind::Base if status.base_version.is_some() => status.base_version = version,
            PackageKind::Site if status.site_version.is_some() || status.no_site => {
                (status.site_version, status.no_site) = (version, false);
                // Nobody knows a build before it is installed.
                status.site_build = None;
            }
            _ => {}
        }
        if let Some(base) = base_beside(&software.title).filter(|_| status.base_version.is_some()) {
            status.base_version = Some(base.version);
        }
        if let Some(list) = &mut status.installed {
            let (name, kind) = (software.title.clone(), Some(software.kind));
            list.push(Installed { name, kind, version: Some(software.version.clone()) });
        }
        if software.kind == PackageKind::Site {
            self.site_since = Some(at);
        }
        self.listed.push((software.title.clone(), at));
    }

    /// What a factory reset leaves: no site, and nothing that was known of it.
    fn forget_site(&mut self) {
        let status = &mut self.status;
        (status.site_version, status.site_build, status.no_site) = (None, None, true);
        if let Some(list) = &mut status.installed {
            list.clear();
        }
        (self.fresh_site, self.checked) = (true, false);
        self.listed.clear();
    }
}
