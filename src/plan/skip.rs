//! Which packages are left to install.

use super::{Facts, PackageList, Skipped};
use crate::model::{Installed, PackageKind, PackageRef, Requirement, local_time};

/// Parts the packages into those the appliance has and those to install.
pub(super) fn split<'a>(list: &'a PackageList, facts: &Facts<'_>) -> (Vec<Skipped>, Vec<&'a PackageRef>) {
    let mut skipped = Vec::new();
    let mut pending = Vec::new();
    for package in list.packages() {
        match reason_to_skip(package, facts) {
            Some(why) => skipped.push(Skipped { package: package.into(), why }),
            None => pending.push(package),
        }
    }
    (skipped, pending)
}

/// Why a package need not be installed; `None` where it must be.
///
/// What the appliance shows counts for more than what was done earlier: a
/// version that was installed and is gone (a restored snapshot, say) is
/// pending again.
fn reason_to_skip(package: &PackageRef, facts: &Facts<'_>) -> Option<String> {
    let own = Requirement { kind: package.kind, version: package.version.clone() };
    let shown = match package.kind {
        PackageKind::Base => facts.status.base_version.as_ref(),
        PackageKind::Site => facts.status.site_version.as_ref(),
        PackageKind::Patch | PackageKind::License => None,
    };
    if let Some(version) = shown {
        let met = own.is_met_by(package.kind, version) && facts.status.has_base_beside(&package.name);
        let whose = if facts.status.typed { "as a person typed, it" } else { "the appliance" };
        return met.then(|| format!("{whose} has {} {version} already", package.kind));
    }
    let listed = |list: &Vec<Installed>| {
        list.iter()
            .any(|p| p.name == package.name || (p.kind, p.version.as_ref()) == (Some(own.kind), Some(&own.version)))
    };
    // By title or by what it is: pages write the same package in more than one way.
    if facts.status.installed.as_ref().is_some_and(listed) {
        return Some("the appliance lists it as installed".to_owned());
    }
    let past = facts.history.installed(package.key())?;
    // Only where the appliance shows what it has can something be missing. Of
    // patches and licences the journal is all there is: a list may leave them out.
    let gone = (facts.status.installed.is_some() || facts.status.no_site)
        && matches!(package.kind, PackageKind::Base | PackageKind::Site);
    (!gone).then(|| format!("the journal has it as installed on {}", local_time(past.at)))
}
