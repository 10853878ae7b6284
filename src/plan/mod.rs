//! What will be done, in what order, when: a plan is a value.
//!
//! [`make`] is a pure function of the manifest, what the appliance shows, what
//! was done earlier, the policy and the time. The plan it returns is printed,
//! then consumed step by step. It guarantees:
//!
//! 1. a package stands after everything it requires, and a base package
//!    immediately before the package that needs it;
//! 2. between a site package and the next base or site package stands a soak,
//!    measured from the moment the first was confirmed; none stands after a
//!    base, patch or license package; it ends before its time only by
//!    [`SoakEvidence`] that was found after that package, and none
//!    stands where all client software was removed first. A site version that
//!    was installed elsewhere has its soak from when it was first seen; an
//!    appliance that serves no clients meanwhile has none;
//! 3. a backup stands before the first install, unless there is no site
//!    software whose settings could be lost, and again after each soak;
//! 4. what is on the appliance already is skipped, with the reason;
//! 5. where there are maintenance windows, no install begins outside one, nor
//!    where it would by its longest estimate not end inside;
//! 6. the same input makes the same plan.
//!
//! [`cut()`] keeps what comes before the first package that can't be used.
//!
//! It knows no files, no network and no journal: what was installed earlier
//! comes in as [`History`]. The rules are those of the vendor's upgrade guide,
//! chapter "Preparations for the upgrade".

mod cut;
mod elsewhere;
mod error;
mod estimate;
mod evidence;
mod facts;
mod offers;
mod order;
mod schedule;
mod skip;
mod soak;
mod steps;
mod terms;
mod topology;
mod windows;

pub use cut::{Cut, cut};
pub use elsewhere::begun_elsewhere;
pub use error::{Missing, PlanError};
pub use estimate::{Estimate, install_estimate};
pub use evidence::SoakEvidence;
pub use facts::{ClockRule, Facts, History, Met, PastBackup, PastInstall, Policy, Removal, Served};
pub use offers::{Sorted, offered_list, sort_offers};
pub use order::{Placed, arrange, brings, requirements};
pub use schedule::{Gate, gate, needs_window};
pub use soak::{clients_later_than, clock_skew, soak_remaining};
pub use steps::{Action, Carried, Plan, Skipped, Step};
pub use terms::Terms;
pub use topology::{
    Deed, MigrateFacts, OldFacts, PairFacts, Part, PartFacts, Switch, Topology, TopologyError, TopologyPlan,
    TopologyStep, migrate, pair, software,
};
pub use windows::{Opening, Windows};

use crate::model::{Manifest, Package, PackageKind, Timestamp};
use elsewhere::taken_for_granted;

/// Makes the plan for installing `manifest`'s packages.
///
/// # Errors
/// [`PlanError::Missing`] where a package needs what is neither installed nor
/// carried, [`PlanError::Cycle`] where packages need each other,
/// [`PlanError::Twins`] where two carry the same base or site version,
/// [`PlanError::NoWindow`] where no maintenance window is long enough.
pub fn make(manifest: &Manifest, facts: &Facts<'_>, policy: &Policy) -> Result<Plan, PlanError> {
    write(manifest, facts, policy, false)
}

/// Makes the plan for what an appliance offers by itself, by the same rules.
///
/// # Errors
/// As [`make`].
pub fn make_offered(list: &Manifest, facts: &Facts<'_>, policy: &Policy) -> Result<Plan, PlanError> {
    write(list, facts, policy, true)
}

fn write(manifest: &Manifest, facts: &Facts<'_>, policy: &Policy, offered: bool) -> Result<Plan, PlanError> {
    let (skipped, pending) = skip::split(manifest, facts, offered);
    let ordered = arrange(&pending, Some(facts.status), facts.history)?;
    let mut writer = steps::Writer::new(manifest, facts, policy, skipped, offered);
    if ordered.is_empty() {
        return writer.finish();
    }
    writer.check();
    let removed = facts.history.removal(manifest.bundle).is_some();
    let soaks = policy.serves && !removed;
    let mut soak = facts.history.last_site().filter(|_| soaks).and_then(|past| {
        let remaining = soak_remaining(policy, past, facts.now, facts.status.clock);
        (remaining > 0).then(|| (past.name.clone(), Some(remaining), past.elsewhere.then_some(past.at)))
    });
    if policy.serves && ordered.iter().any(|placed| waits_for_clients(placed.package)) {
        writer.note(taken_for_granted(facts, policy));
    }
    // Without a site there is nothing to back up, and nothing to lose.
    let mut backed_up = facts.status.no_site || has_fresh_backup(facts.history, facts.now, policy);
    for placed in &ordered {
        if waits_for_clients(placed.package)
            && let Some((after, remaining, first_seen)) = soak.take()
        {
            writer.soak(&after, remaining, first_seen);
            backed_up = false;
        }
        if !backed_up {
            writer.backup();
            backed_up = true;
        }
        let again = facts.history.installed(&placed.package.key(offered)).map(|past| past.at);
        writer.install(placed, again);
        if placed.package.kind == PackageKind::Site && soaks {
            soak = Some((placed.package.name.clone(), None, None));
        }
    }
    writer.finish()
}

/// Whether a package must wait until the clients have had their time: a base
/// update restarts the appliance under them, a site update leaves them behind.
fn waits_for_clients(package: &Package) -> bool {
    matches!(package.kind, PackageKind::Base | PackageKind::Site)
}

/// Whether the last backup is recent, of the site version there is now, and as
/// whoever runs it wants backups to be.
pub fn has_fresh_backup(history: &History, now: Timestamp, policy: &Policy) -> bool {
    let Some(backup) = &history.backup else { return false };
    let age_secs = now.secs_since(backup.at);
    let newer = |site: Timestamp| backup.at >= site;
    // A clock that was put right since may have run ahead by as much as it is allowed to.
    let ages = -policy.clock_tolerance_secs..=policy.backup_fresh_secs;
    let fresh = backup.is_as_wanted(policy) && ages.contains(&age_secs);
    fresh && history.last_site().is_none_or(|past| newer(past.at))
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
