//! The plan itself, and how its steps are written.

use super::estimate::{BACKUP, CHECK, Estimate, install_estimate};
use super::order::{Placed, requirements};
use super::windows::Opening;
use super::{ClockRule, Facts, History, PlanError, Policy, schedule};
use crate::model::{
    ApplianceId, FileName, Id, Manifest, Package, PackageKind, Requirement, Sha256Digest, Status, Timestamp, Version,
    duration_human,
};
use serde::Serialize;

/// An ordered plan. All times are by the trusted clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The appliance it is for.
    pub appliance: ApplianceId,
    /// The bundle it installs.
    pub bundle: Id,
    /// That bundle's sequence.
    pub sequence: u64,
    /// Whether the appliance offers the packages by itself: then nothing is
    /// carried, and `bundle` is the id of the run.
    pub offered: bool,
    /// When it was made.
    pub made: Timestamp,
    /// Whose clock its times are by.
    pub clock: ClockRule,
    /// Why all client software was removed first, so that nothing waits for
    /// it; `None` where it was not.
    pub clients_removed: Option<String>,
    /// What is carried and need not be installed.
    pub skipped: Vec<Skipped>,
    /// What will be done, in order; empty where nothing is left to do.
    pub steps: Vec<Step>,
    /// What is taken for granted, for who agrees to it.
    pub notes: Vec<String>,
    /// When it can be done at the earliest, by the shortest estimates.
    pub earliest_end: Timestamp,
    /// When it is done by the longest estimates, if nobody pauses; with
    /// windows, each install in the first that is long enough.
    pub latest_end: Timestamp,
}

/// A carried package that need not be installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The package.
    pub package: Carried,
    /// Why not.
    pub reason: String,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// A name that is unique in the plan and the same in every plan for the
    /// same thing.
    pub id: String,
    /// What is done.
    #[serde(flatten)]
    pub action: Action,
    /// The step in a few words.
    pub title: String,
    /// Why it is done, and why here.
    pub reason: String,
    /// How long it takes.
    pub estimate: Estimate,
    /// When it can begin at the earliest.
    pub earliest: Timestamp,
    /// The maintenance window it begins in; `None` where it needs none.
    pub window: Option<Opening>,
    /// What a person is needed for; `None` where nobody is.
    pub person: Option<String>,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Action {
    /// Reads who the appliance is and compares its clock with ours.
    Check,
    /// Makes a backup and keeps it.
    Backup,
    /// Installs a package and confirms it.
    Install {
        /// The package.
        package: Carried,
        /// What it needs and the appliance does not show; a person must say.
        unsure: Vec<Requirement>,
        /// When it was installed before, where it was and is gone.
        again: Option<Timestamp>,
    },
    /// Waits until clients have had time to update.
    Soak {
        /// Title of the site package they update to.
        after: String,
        /// Seconds to wait from now on; `None` where that package is not yet installed.
        remaining_secs: Option<i64>,
    },
}

/// The part of a package that a plan speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Carried {
    /// Its file in the bundle.
    pub file: FileName,
    /// Its title.
    pub name: String,
    /// What it changes.
    pub kind: PackageKind,
    /// Its version.
    pub version: Version,
    /// Its size.
    pub size_bytes: u64,
    /// Its digest; `None` where the appliance fetches it by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256Digest>,
}

impl From<&Package> for Carried {
    fn from(package: &Package) -> Self {
        Carried {
            file: package.file.clone(),
            name: package.name.clone(),
            kind: package.kind,
            version: package.version.clone(),
            size_bytes: package.size_bytes,
            // What an appliance offers has no bytes here.
            sha256: (package.size_bytes > 0).then_some(package.sha256),
        }
    }
}

/// Writes a plan step by step; the times are set when all steps are known.
pub(super) struct Writer<'a> {
    plan: Plan,
    policy: &'a Policy,
    history: &'a History,
    status: &'a Status,
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        manifest: &Manifest,
        facts: &Facts<'a>,
        policy: &'a Policy,
        skipped: Vec<Skipped>,
        offered: bool,
    ) -> Self {
        let made = facts.trusted_now(policy.clock);
        let plan = Plan {
            appliance: manifest.appliance.clone(),
            bundle: manifest.bundle,
            sequence: manifest.sequence,
            offered,
            made,
            clock: policy.clock,
            clients_removed: facts.history.removal(manifest.bundle).map(|removal| removal.reason.clone()),
            skipped,
            steps: Vec::new(),
            notes: Vec::new(),
            earliest_end: made,
            latest_end: made,
        };
        Writer { plan, policy, history: facts.history, status: facts.status }
    }

    /// Gives each step its time.
    pub(super) fn finish(mut self) -> Result<Plan, PlanError> {
        schedule::set(&mut self.plan, self.policy.windows.as_ref())?;
        Ok(self.plan)
    }

    /// Adds what is taken for granted.
    pub(super) fn note(&mut self, note: Option<String>) {
        self.plan.notes.extend(note);
    }

    pub(super) fn check(&mut self) {
        let tolerance = duration_human(self.policy.clock_tolerance_secs);
        let whose = if self.plan.offered { "this appliance had before" } else { "the bundle is for" };
        let mut reason = match self.policy.clock {
            ClockRule::Both => format!(
                "the serial number must be the one {whose}, and the clocks may differ by {tolerance} \
                 at most: much on the appliance relies on its clock"
            ),
            ClockRule::Appliance => format!(
                "the serial number must be the one {whose}; \
                 this appliance's own clock is the one that counts here"
            ),
        };
        if self.status.no_site {
            reason.push_str("; it has no site software yet, so there is nothing to back up first");
        }
        self.push(
            "check".to_owned(),
            Action::Check,
            "check identity, versions and clock".to_owned(),
            reason,
            CHECK,
            None,
        );
    }

    pub(super) fn backup(&mut self) {
        let number = self.plan.steps.iter().filter(|step| step.action == Action::Backup).count() + 1;
        let reason = if number == 1 {
            "settings and configuration are saved before anything changes"
        } else {
            "the earlier backup is older than the soak and of another version"
        };
        self.push(
            format!("backup-{number}"),
            Action::Backup,
            "back up the site's settings".to_owned(),
            reason.to_owned(),
            BACKUP,
            None,
        );
    }

    /// `again` is when it was installed before, if it was and is gone.
    pub(super) fn install(&mut self, placed: &Placed<'_>, again: Option<Timestamp>) {
        let package = placed.package;
        let mut person = vec!["the licence agreement, if the appliance shows one"];
        if !placed.unsure.is_empty() {
            person.push("a word on what the appliance does not show");
        }
        if again.is_some() {
            person.push("a word on whether to install it once more");
        }
        self.push(
            format!("install-{}", package.file),
            Action::Install { package: package.into(), unsure: placed.unsure.clone(), again },
            format!("install {}", package.name),
            install_reason(placed, self.status, again, self.plan.clients_removed.is_some()),
            install_estimate(self.history, package.kind),
            Some(person.join("; ")),
        );
    }

    /// `remaining_secs` is `None` where the package before has yet to be
    /// installed; `first_seen` is when one was that was installed elsewhere.
    pub(super) fn soak(&mut self, after: &str, remaining_secs: Option<i64>, first_seen: Option<Timestamp>) {
        let secs = remaining_secs.unwrap_or(self.policy.soak_secs);
        let number = self.plan.steps.iter().filter(|step| matches!(step.action, Action::Soak { .. })).count() + 1;
        let elsewhere = first_seen.map_or_else(String::new, |at| {
            format!(
                "{after} was not installed from here, so the wait counts from when it was first seen, {}; ",
                at.human()
            )
        });
        self.push(
            format!("soak-{number}"),
            Action::Soak { after: after.to_owned(), remaining_secs },
            format!("wait {} for clients", duration_human(secs)),
            format!(
                "{elsewhere}clients must have time to update to {after}: one that misses a version may have to be \
                 installed anew by hand; push stops here and goes on when it is called again"
            ),
            Estimate { min_secs: secs, max_secs: secs },
            None,
        );
    }

    fn push(
        &mut self,
        id: String,
        action: Action,
        title: String,
        reason: String,
        estimate: Estimate,
        person: Option<String>,
    ) {
        let earliest = self.plan.made;
        self.plan.steps.push(Step { id, action, title, reason, estimate, earliest, window: None, person });
    }
}

fn install_reason(placed: &Placed<'_>, status: &Status, again: Option<Timestamp>, removed: bool) -> String {
    let package = placed.package;
    let mut reason = match package.kind {
        PackageKind::Base if placed.unasked => "nothing carried asks for it, so its place is the usual one: \
             immediately before a site package; no wait follows it, and in trouble the appliance must not be restarted"
            .to_owned(),
        PackageKind::Base => "base software comes immediately before what needs it, and no wait follows it; \
             in trouble the appliance must not be restarted"
            .to_owned(),
        PackageKind::Site if removed => {
            "the site is away meanwhile, and all users are thrown out; no client is left to \
             update; it takes longer where much data such as recordings is stored"
                .to_owned()
        }
        PackageKind::Site => "the site is away meanwhile, sessions end, and clients update afterwards; \
             it takes longer where much data such as recordings is stored"
            .to_owned(),
        PackageKind::Patch => "a fix that leaves the version as it is; no wait follows it".to_owned(),
        PackageKind::License => "a licence add-on; clients need no update and no wait follows it".to_owned(),
    };
    let needs: Vec<String> = requirements(package, Some(status)).iter().map(ToString::to_string).collect();
    if !needs.is_empty() {
        reason = format!("after {}: {reason}", needs.join(" and "));
    }
    let offer = status.offer_of(&package.name, package.kind, &package.version);
    if let Some(locked) = offer.and_then(|offer| offer.locked.as_deref()) {
        let says = if locked.is_empty() { "without a reason".to_owned() } else { format!("saying: {locked}") };
        reason = format!("{reason}; greyed out on the appliance's page now, {says}");
    }
    if let Some(at) = again {
        reason = format!("{reason}; it was installed on {} and the appliance no longer shows it", at.human());
    }
    reason
}
