//! A plan over several appliances as it is written, step by step, with the
//! clock kept; and what its rules read off one appliance.

use super::{Deed, Part, Switch, Topology, TopologyError, TopologyPlan, TopologyStep};
use crate::model::{Failover, FileName, Manifest, PackageKind, Sha256Digest, Status, Timestamp, Version};
use crate::plan::{Estimate, Facts, History, Plan, Policy, make};

/// Looking at a page or pressing a button.
pub(super) const PRESS: Estimate = Estimate { min_secs: 5, max_secs: 120 };
/// The guide gives no time for a backup; recordings are not in it.
pub(super) const BACKUP: Estimate = Estimate { min_secs: 60, max_secs: 900 };
/// A person starts a console on two machines and makes a session.
pub(super) const VERIFY: Estimate = Estimate { min_secs: 600, max_secs: 3600 };
/// A person changes an entry, and it spreads.
pub(super) const ENTRY: Estimate = Estimate { min_secs: 120, max_secs: 3600 };

/// One appliance of a plan, as it is now.
#[derive(Debug, Clone, Copy)]
pub struct PartFacts<'a> {
    /// Its name in the inventory.
    pub name: &'a FileName,
    /// The host by which the other reaches it.
    pub reached_by: &'a str,
    /// What it shows.
    pub status: &'a Status,
    /// What it shows of the relationship; `None` where nobody could tell.
    pub failover: Option<&'a Failover>,
    /// What is carried for it.
    pub manifest: &'a Manifest,
    /// What was done on it earlier.
    pub history: &'a History,
    /// Its rules.
    pub policy: &'a Policy,
}

impl PartFacts<'_> {
    /// Whether all client software was removed before its bundle is installed.
    pub(super) fn clients_removed(&self) -> bool {
        self.history.removal(self.manifest.bundle).is_some()
    }
}

/// What site software an appliance shows, in a few words.
pub fn software(status: &Status) -> String {
    if status.no_site {
        return "no site software".to_owned();
    }
    let version =
        status.site_version.as_ref().map_or_else(|| "a site version not shown".to_owned(), |v| format!("site {v}"));
    match &status.site_build {
        Some(build) => format!("{version} (build {build})"),
        None => version,
    }
}

/// What an appliance ends with: the site version, and the file that brings it.
pub(super) fn ends_with(part: &PartFacts<'_>) -> (Option<Version>, Option<Sha256Digest>) {
    let carried = part.manifest.packages.iter().filter(|package| package.kind == PackageKind::Site);
    let last = carried.max_by(|a, b| a.version.cmp(&b.version));
    match (last, &part.status.site_version) {
        (Some(package), Some(shown)) if package.version < *shown => (Some(shown.clone()), None),
        (Some(package), _) => (Some(package.version.clone()), Some(package.sha256)),
        (None, shown) => (shown.clone(), None),
    }
}

/// A plan that is being written.
pub(super) struct Sheet {
    pub(super) plan: TopologyPlan,
    /// The window the next step falls into, from 1.
    pub(super) window: u8,
}

impl Sheet {
    pub(super) fn new(
        topology: Topology,
        switch: Option<Switch>,
        [a, b]: [FileName; 2],
        now: Timestamp,
        done: &[String],
    ) -> Self {
        let plan = TopologyPlan {
            topology,
            switch,
            parts: vec![(Part::A, a), (Part::B, b)],
            made: now,
            done: done.to_vec(),
            steps: Vec::new(),
            earliest_end: now,
            latest_end: now,
        };
        Sheet { plan, window: 1 }
    }

    /// The appliance's own plan, as it is when its turn comes at the earliest.
    pub(super) fn plan_of(&self, part: Part, own: &PartFacts<'_>) -> Result<Plan, TopologyError> {
        let later_secs = self.plan.earliest_end.secs_since(self.plan.made);
        let mut status = own.status.clone();
        status.clock = status.clock.map(|clock| clock.plus_secs(later_secs));
        let facts = Facts { status: &status, now: self.plan.earliest_end, history: own.history };
        let policy = Policy { serves: self.plan.topology.serves_while_installing(part), ..own.policy.clone() };
        let made = make(own.manifest, &facts, &policy);
        made.map_err(|error| TopologyError::Part { name: own.name.to_string(), error })
    }

    /// How long such a plan takes.
    pub(super) fn length(plan: &Plan) -> Estimate {
        let span = |end: Timestamp| end.secs_since(plan.made);
        Estimate { min_secs: span(plan.earliest_end), max_secs: span(plan.latest_end) }
    }

    /// Adds a step, unless it is done already.
    #[allow(clippy::too_many_arguments, reason = "one step, spelled out where it is written")]
    pub(super) fn push(
        &mut self,
        id: &str,
        on: Part,
        deed: Deed,
        title: String,
        reason: String,
        estimate: Estimate,
        person: Option<String>,
    ) {
        if self.plan.done.iter().any(|done| done == id) {
            return;
        }
        let earliest = self.plan.earliest_end;
        self.plan.earliest_end = earliest.plus_secs(estimate.min_secs);
        self.plan.latest_end = self.plan.latest_end.plus_secs(estimate.max_secs);
        let (id, window) = (id.to_owned(), self.window);
        self.plan.steps.push(TopologyStep { id, on, window, deed, title, reason, estimate, earliest, person });
    }
}
