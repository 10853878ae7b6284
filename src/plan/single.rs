//! One appliance: the packages of a bundle, or what it offers by itself.

use super::elsewhere::taken_for_granted;
use super::estimate::{BACKUP, CHECK, Estimate, install_estimate};
use super::order::{Placed, arrange, requirements};
use super::sheet::{Draft, PRESS, Sheet};
use super::{
    ClockRule, Facts, History, Install, Op, PackageList, Part, Plan, PlanError, Procedure, SitePolicy, skip,
    soak_remaining,
};
use crate::model::{Consignment, PackageKind, PackageRef, Status, Timestamp, base_beside, duration_human, local_time};

/// Makes the plan for installing `consignment`'s packages.
///
/// # Errors
/// [`PlanError::Missing`] where a package needs what is neither installed nor
/// carried, [`PlanError::Cycle`] where packages need each other,
/// [`PlanError::Twins`] where two carry the same base or site version,
/// [`PlanError::NoWindow`] where no maintenance window is long enough.
pub fn make(consignment: &Consignment, facts: &Facts<'_>, policy: &SitePolicy) -> Result<Plan, PlanError> {
    make_of(&PackageList::carried(consignment), facts, policy)
}

/// Makes the plan for a list, carried or offered, by the same rules.
///
/// # Errors
/// As [`make`].
pub fn make_of(list: &PackageList, facts: &Facts<'_>, policy: &SitePolicy) -> Result<Plan, PlanError> {
    let (skipped, pending) = skip::split(list, facts);
    let ordered = arrange(&pending, Some(facts.status), facts.history)?;
    let mut writer = Writer::new(list, facts, policy);
    writer.sheet = writer.sheet.skipping(skipped);
    if ordered.is_empty() {
        return writer.finish();
    }
    writer.check();
    let removed = facts.history.removal(list.id()).is_some();
    let soaks = policy.serves && !removed;
    let mut soak = facts.history.last_site().filter(|_| soaks).and_then(|past| {
        let remaining = soak_remaining(policy, past, facts.now, facts.status.clock);
        (remaining > 0).then(|| (past.name.clone(), Some(remaining), past.elsewhere.then_some(past.at)))
    });
    if policy.serves && ordered.iter().any(|placed| waits_for_clients(placed.package)) {
        writer.sheet.plan.notes.extend(taken_for_granted(facts, policy));
    }
    let mut exported = match facts.status.no_site || !policy.certificates {
        true => None,
        false => Some(facts.history.certificate),
    };
    // Without a site there is nothing to back up, and nothing to lose.
    let mut backed_up = facts.status.no_site || has_fresh_backup(facts.history, facts.now, policy);
    if backed_up && let Some(backup) = facts.history.backup.as_ref().filter(|_| !facts.status.no_site) {
        writer.sheet.plan.notes.push(format!("the backup of {} counts: no other is made first", backup.at.human()));
    }
    for placed in &ordered {
        if waits_for_clients(placed.package)
            && let Some((after, remaining, first_seen)) = soak.take()
        {
            writer.soak(&after, remaining, first_seen);
            // A day has passed, and the site has another version: a backup is restored on the version it was made with.
            backed_up = false;
        }
        // Before the backup, so that a passphrase is asked for while nothing has begun.
        if let Some(at) = exported
            && !is_fresh(at, writer.sheet.plan.earliest_end, policy)
        {
            writer.export();
            exported = Some(Some(writer.sheet.plan.earliest_end));
        }
        if !backed_up {
            writer.backup();
            backed_up = true;
        }
        let again = facts.history.installed(placed.package.key()).map(|past| past.at);
        writer.install(placed, again);
        if placed.package.kind == PackageKind::Site && soaks {
            soak = Some((placed.package.name.clone(), None, None));
        }
    }
    writer.finish()
}

/// Whether a package must wait until the clients have had their time: a base
/// update restarts the appliance under them, a site update leaves them behind.
fn waits_for_clients(package: &PackageRef) -> bool {
    matches!(package.kind, PackageKind::Base | PackageKind::Site)
}

/// Whether the last backup is recent, of the site version there is now, and as
/// whoever runs it wants backups to be.
pub fn has_fresh_backup(history: &History, now: Timestamp, policy: &SitePolicy) -> bool {
    let Some(backup) = &history.backup else { return false };
    let newer = |site: Timestamp| backup.at >= site;
    let fresh = backup.is_as_wanted(policy) && is_fresh(Some(backup.at), now, policy);
    fresh && history.last_site().is_none_or(|past| newer(past.at))
}

/// Whether what was kept at `at`, a backup or an exported certificate, still counts.
pub fn is_fresh(at: Option<Timestamp>, now: Timestamp, policy: &SitePolicy) -> bool {
    // A clock that was put right since may have run ahead by as much as it is allowed to.
    let ages = -policy.clock_tolerance_secs..=policy.backup_fresh_secs;
    at.is_some_and(|at| ages.contains(&now.secs_since(at)))
}

/// Writes a plan step by step; the times are set when all steps are known.
struct Writer<'a> {
    sheet: Sheet,
    offered: bool,
    clients_removed: bool,
    policy: &'a SitePolicy,
    history: &'a History,
    status: &'a Status,
}

impl<'a> Writer<'a> {
    fn new(list: &PackageList, facts: &Facts<'a>, policy: &'a SitePolicy) -> Self {
        let install = Install {
            appliance: list.appliance().clone(),
            bundle: list.id(),
            // No mark moves by what is offered: a bundle that comes later must not look older than it.
            sequence: list.sequence().unwrap_or(0),
            clients_removed: facts.history.removal(list.id()).map(|removal| removal.reason.clone()),
        };
        let clients_removed = install.clients_removed.is_some();
        let offered = list.is_offered();
        let procedure = if offered { Procedure::Update(install) } else { Procedure::Single(install) };
        let sheet = Sheet::new(procedure, facts.trusted_now(policy.clock), policy.clock);
        Writer { sheet, offered, clients_removed, policy, history: facts.history, status: facts.status }
    }

    /// Gives each step its time.
    fn finish(self) -> Result<Plan, PlanError> {
        self.sheet.finish(self.policy.windows.as_ref())
    }

    fn check(&mut self) {
        let tolerance = duration_human(self.policy.clock_tolerance_secs);
        let whose = if self.offered { "this appliance had before" } else { "the bundle is for" };
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
        self.push("check".to_owned(), Op::Check, "check identity, versions and clock".to_owned(), reason, CHECK, None);
    }

    fn export(&mut self) {
        let number = self.sheet.count(|op| *op == Op::ExportCertificate) + 1;
        self.sheet.push(export_certificate(format!("export-certificate-{number}"), Part::A, None));
    }

    fn backup(&mut self) {
        let number = self.sheet.count(|op| *op == Op::Backup) + 1;
        let reason = if number == 1 {
            "settings and configuration are saved before anything changes"
        } else {
            "the earlier backup is older than the soak and of another version"
        };
        self.push(
            format!("backup-{number}"),
            Op::Backup,
            "back up the site's settings".to_owned(),
            reason.to_owned(),
            BACKUP,
            None,
        );
    }

    /// `again` is when it was installed before, if it was and is gone.
    fn install(&mut self, placed: &Placed<'_>, again: Option<Timestamp>) {
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
            Op::Install { package: package.into(), unsure: placed.unsure.clone(), again },
            format!("install {}", package.name),
            install_reason(placed, self.status, again, self.clients_removed),
            install_estimate(self.history, package.kind),
            Some(person.join("; ")),
        );
    }

    /// `remaining_secs` is `None` where the package before has yet to be
    /// installed; `first_seen` is when one was that was installed elsewhere.
    fn soak(&mut self, after: &str, remaining_secs: Option<i64>, first_seen: Option<Timestamp>) {
        let secs = remaining_secs.unwrap_or(self.policy.soak_secs);
        let number = self.sheet.count(|op| matches!(op, Op::Soak { .. })) + 1;
        let elsewhere = first_seen.map_or_else(String::new, |at| {
            format!(
                "{after} was not installed from here, so the wait counts from when it was first seen, {}; ",
                local_time(at)
            )
        });
        self.push(
            format!("soak-{number}"),
            Op::Soak { after: after.to_owned(), remaining_secs },
            format!("wait {} for clients", duration_human(secs)),
            format!(
                "{elsewhere}clients must have time to update to {after}: one that misses a version may have to be \
                 installed anew by hand; the run stops here, and the same command goes on"
            ),
            Estimate { min_secs: secs, max_secs: secs },
            None,
        );
    }

    fn push(&mut self, id: String, op: Op, title: String, why: String, cost: Estimate, person: Option<String>) {
        self.sheet.push(Draft { id, on: Part::A, op, title, why, cost, person });
    }
}

/// The step that exports the certificate before anything changes on an
/// appliance; of two with the name of the one that is meant.
pub(super) fn export_certificate(id: String, on: Part, of: Option<&str>) -> Draft {
    let of = of.map_or_else(String::new, |name| format!(" of {name}"));
    Draft {
        id,
        on,
        op: Op::ExportCertificate,
        title: format!("export the site's certificate{of}, with its private key and chain"),
        why: "it is in no backup, and brings the site up again where an update fails; exporting does not take it away"
            .to_owned(),
        cost: PRESS,
        person: Some("a passphrase for the private key, unless a file holds it".to_owned()),
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
    if let Some(base) = base_beside(&package.name) {
        reason = format!("it brings {base} too, so that in trouble the appliance must not be restarted; {reason}");
    }
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
        reason = format!("{reason}; it was installed on {} and the appliance no longer shows it", local_time(at));
    }
    reason
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Package, PackageKind::*};
    use crate::plan::tests::{chain, consignment, now, package, past, status};
    use crate::plan::{ClientRemoval, FirstMet, PastBackup, Plan};

    fn plan(packages: Vec<Package>, status: &Status, history: &History, policy: &SitePolicy) -> Plan {
        make(&consignment(packages), &Facts { status, now: now(), history }, policy).expect("a plan")
    }

    fn why(plan: &Plan, id: &str) -> String {
        plan.steps.iter().find(|step| step.id == id).expect(id).why.clone()
    }

    #[test]
    fn each_step_says_why_it_stands_there() {
        let (there, policy) = (status("3.3.2", "10.5.3"), SitePolicy::default());
        let mut history = History::default();
        let asked = plan(chain().packages, &there, &history, &policy);
        assert!(why(&asked, "backup-1").starts_with("settings and configuration are saved before"));
        assert!(why(&asked, "backup-2").starts_with("the earlier backup is older"));
        assert!(why(&asked, "install-base-3.4.0.nss").contains("base software comes immediately before what needs it"));
        assert!(why(&asked, "install-site-10.6.2.nss").contains("clients update afterwards"));
        let unasked = plan(vec![package(Base, "3.4.0", &[])], &there, &history, &policy);
        assert!(why(&unasked, "install-base-3.4.0.nss").starts_with("nothing carried asks for it"));
        history.removals = vec![ClientRemoval { bundle: chain().bundle, reason: "none is left".to_owned() }];
        let removed = plan(chain().packages, &there, &history, &policy);
        assert!(why(&removed, "install-site-10.6.2.nss").contains("no client is left to update"));
        assert!(why(&removed, "install-base-3.4.0.nss").contains("base software comes immediately before"));
    }

    #[test]
    fn a_person_is_named_for_what_the_appliance_does_not_show() {
        let needs = || vec![package(Site, "10.6.2", &[(License, "25")])];
        let said = |packages, status: &Status| {
            let plan = plan(packages, status, &History::default(), &SitePolicy::default());
            plan.steps.last().and_then(|step| step.person.clone()).expect("a person")
        };
        let agreement = "the licence agreement, if the appliance shows one";
        let unsure = format!("{agreement}; a word on what the appliance does not show");
        assert_eq!(said(needs(), &status("3.4.0", "10.5.3")), unsure);
        assert_eq!(said(vec![package(Site, "10.6.2", &[])], &status("3.4.0", "10.5.3")), agreement);
    }

    #[test]
    fn a_wait_is_taken_for_granted_only_where_one_would_be_kept() {
        let met =
            FirstMet { version: status("3", "10.6.2").site_version.expect("read"), at: now(), appliance_clock: None };
        let history = History { met: Some(met), ..History::default() };
        let there = status("3.4.0", "10.6.2");
        let notes = |packages, serves| {
            let policy = SitePolicy { serves, ..SitePolicy::default() };
            plan(packages, &there, &history, &policy).notes.len()
        };
        assert_eq!(notes(vec![package(Site, "11.1.1", &[])], true), 1);
        assert_eq!(notes(vec![package(Site, "11.1.1", &[])], false), 0, "nobody's clients are led here");
        assert_eq!(notes(vec![package(License, "25", &[])], true), 0, "a licence waits for nobody");
    }

    #[test]
    fn a_certificate_is_exported_first_and_a_backup_that_counts_is_named() {
        let (there, base) = (status("3.3", "10.5.3"), || vec![package(Base, "3.4.0", &[])]);
        let ids = |plan: &Plan| plan.steps.iter().map(|step| step.id.clone()).collect::<Vec<_>>();
        let exports = SitePolicy { certificates: true, ..SitePolicy::default() };
        let fresh = plan(base(), &there, &History::default(), &exports);
        assert_eq!(ids(&fresh), ["check", "export-certificate-1", "backup-1", "install-base-3.4.0.nss"]);
        let backup = PastBackup { at: now(), sha256: None, protected: None, history: true };
        let history = History { backup: Some(backup), ..History::default() };
        let backed_up = plan(base(), &there, &history, &SitePolicy::default());
        assert_eq!(ids(&backed_up), ["check", "install-base-3.4.0.nss"]);
        let counts = format!("the backup of {} counts: no other is made first", now().human());
        assert!(backed_up.notes.contains(&counts), "{:?}", backed_up.notes);
        let bare = Status { no_site: true, site_version: None, ..there };
        let none = plan(base(), &bare, &history, &SitePolicy::default());
        assert!(!none.notes.contains(&counts), "no site is there to be backed up: {:?}", none.notes);
    }

    #[test]
    fn what_the_journal_knows_is_gone_only_where_the_appliance_shows_what_it_has() {
        let history = History { installs: vec![past(Base, "3.4.0", 90)], ..History::default() };
        let steps = |status: &Status| {
            plan(vec![package(Base, "3.4.0", &[])], status, &history, &SitePolicy::default()).steps.len()
        };
        let silent = status("", "10.5.3");
        assert_eq!(steps(&silent), 0);
        assert_eq!(steps(&Status { installed: Some(vec![]), ..silent.clone() }), 3, "its list has it no more");
        assert_eq!(steps(&Status { no_site: true, site_version: None, ..silent }), 2, "it was reset");
    }
}
