//! What the rules of a plan over two appliances read off one of them.

use super::{Part, Topology, TopologyError};
use crate::model::{Failover, FileName, PackageKind, Sha256Digest, Status, Timestamp, Version};
use crate::plan::sheet::{Draft, Sheet};
use crate::plan::{Estimate, Facts, History, Op, PackageList, Plan, SitePolicy, make_of};

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
    /// What is carried for it, or what it offers by itself.
    pub list: &'a PackageList,
    /// What was done on it earlier.
    pub history: &'a History,
    /// Its rules.
    pub policy: &'a SitePolicy,
}

impl PartFacts<'_> {
    /// Whether all client software was removed before its packages are installed.
    pub(super) fn clients_removed(&self) -> bool {
        self.history.removal(self.list.id()).is_some()
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
    let listed = part.list.packages().iter().filter(|package| package.kind == PackageKind::Site);
    let last = listed.max_by(|a, b| a.version.cmp(&b.version));
    match (last, &part.status.site_version) {
        // What is listed is older than what is there, and will be skipped.
        (Some(package), Some(shown)) if package.version < *shown => (Some(shown.clone()), None),
        (Some(package), _) => (Some(package.version.clone()), package.key().digest()),
        (None, shown) => (shown.clone(), None),
    }
}

impl Sheet {
    /// The appliance's own plan, as it is when its turn comes at the earliest.
    pub(super) fn plan_of(&self, topology: Topology, part: Part, own: &PartFacts<'_>) -> Result<Plan, TopologyError> {
        // Both clocks have moved on by then. Were only ours moved, the
        // appliance would look hours behind, and its soak longer than it is.
        let later_secs = self.plan.earliest_end.secs_since(self.plan.made);
        let mut status = own.status.clone();
        status.clock = status.clock.map(|clock| clock.plus_secs(later_secs));
        let facts = Facts { status: &status, now: self.plan.earliest_end, history: own.history };
        // Its certificate is exported before that, with the other's; NEW has none of its own to keep.
        let serves = topology.serves_while_installing(part);
        let policy = SitePolicy { serves, certificates: false, ..own.policy.clone() };
        let made = make_of(own.list, &facts, &policy);
        made.map_err(|error| TopologyError::Part { name: own.name.to_string(), error })
    }

    /// Adds that an appliance follows its own plan.
    pub(super) fn upgrade(&mut self, id: &str, on: Part, plan: Plan, title: String, why: String) {
        let length = |end: Timestamp| end.secs_since(plan.made);
        let cost = Estimate { min_secs: length(plan.earliest_end), max_secs: length(plan.latest_end) };
        let person = Some("the licence agreement, if the appliance shows one".to_owned());
        self.push(Draft { id: id.to_owned(), on, op: Op::Upgrade { plan: Box::new(plan) }, title, why, cost, person });
    }
}
