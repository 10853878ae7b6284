//! Site versions that were installed elsewhere: by another desk, in a browser.
//!
//! The guide gives clients a day after each site version, whoever installed
//! it. So a version that was installed at a time unknown here begins its wait
//! when it is first seen. Only the version that an appliance is first met with
//! has none: the site ran before anybody here asked. But where a bundle
//! carries that very version, somebody installed it since its code was made.

use super::{Facts, FirstMet, History, PackageList, SitePolicy};
use crate::model::{PackageKind, Requirement, Status, Timestamp, Version, local_time};

/// The version an appliance was first met with, where `list` has it or
/// one before it, so that somebody else has begun to install what is listed.
pub fn begun_elsewhere<'h>(list: &PackageList, status: &Status, history: &'h History) -> Option<&'h FirstMet> {
    let met = history.met.as_ref().filter(|met| status.site_version.as_ref() == Some(&met.version))?;
    // A bundle is made for what the appliance had when its code was made. That
    // it shows one of these versions means that somebody installed it since.
    let carried = |(kind, version): (PackageKind, &Version)| {
        kind == PackageKind::Site && Requirement { kind, version: version.clone() }.is_met_by(kind, &met.version)
    };
    list.packages().iter().any(|package| carried((package.kind, &package.version))).then_some(met)
}

/// What is taken for granted of the version an appliance was first met with:
/// to be read before anything is installed on it. `None` once a day has passed.
pub(super) fn taken_for_granted(facts: &Facts<'_>, policy: &SitePolicy) -> Option<String> {
    let met = facts.history.met.as_ref()?;
    let is_young = |at: Timestamp| facts.now.secs_since(at) < policy.soak_secs;
    (facts.status.site_version.as_ref() == Some(&met.version) && is_young(met.at)).then(|| {
        format!(
            "site {} was there when this appliance was first met, on {}; since when is not known here, and its clients \
             are taken to have had their day: where it was installed since yesterday, wait",
            met.version,
            local_time(met.at)
        )
    })
}
