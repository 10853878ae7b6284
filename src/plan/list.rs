//! What a plan is made from: packages for one appliance, in order.

use super::Plan;
use crate::model::{ApplianceId, Consignment, Id, PackageKind, PackageRef};

/// The packages of a bundle, or those that an appliance offers by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageList {
    appliance: ApplianceId,
    id: Id,
    sequence: Option<u64>,
    packages: Vec<PackageRef>,
}

impl PackageList {
    /// Lists what a bundle carries.
    // The words alone, not the proof that they are signed: a plan is worked out of them and presses nothing, and `plan`
    // stands above `bundle`, where the proof is made. What a plan names is looked up in the proof again when it is sent.
    pub fn carried(consignment: &Consignment) -> Self {
        PackageList {
            appliance: consignment.appliance.clone(),
            id: consignment.bundle,
            sequence: Some(consignment.sequence),
            packages: consignment.packages.iter().map(PackageRef::from).collect(),
        }
    }

    /// Lists what `appliance` offers, of what [`sort_offers`](super::sort_offers)
    /// found fit to be planned; `run` is what the journal knows it by.
    pub(super) fn offered(run: Id, appliance: ApplianceId, packages: Vec<PackageRef>) -> Self {
        PackageList { appliance, id: run, sequence: None, packages }
    }

    /// The list that the appliance `serial` is still to be asked for; `run` is
    /// what the journal knows it by.
    pub fn awaited(run: Id, serial: &str) -> Self {
        let appliance = ApplianceId { serial: serial.to_owned(), model: String::new(), host: String::new() };
        PackageList::offered(run, appliance, Vec::new())
    }

    /// The same with those of its packages that `kept` takes, and no others.
    #[must_use]
    pub fn only(mut self, kept: impl FnMut(&PackageRef) -> bool) -> Self {
        self.packages.retain(kept);
        self
    }

    /// The same without what `plan` installs behind its first site package:
    /// clients that are led over once go past no version.
    #[must_use]
    pub fn up_to_first_site(self, plan: &Plan) -> Self {
        let at = plan.installs().position(|package| package.kind == PackageKind::Site);
        let behind = at.map_or(usize::MAX, |at| at + 1);
        let cut: Vec<_> = plan.installs().skip(behind).map(|package| package.file.clone()).collect();
        self.only(|package| !cut.contains(&package.file))
    }

    /// The one appliance it is for.
    pub fn appliance(&self) -> &ApplianceId {
        &self.appliance
    }

    /// The bundle, or the run that installs what is offered.
    pub fn id(&self) -> Id {
        self.id
    }

    /// The bundle's sequence number; `None` of what is offered.
    pub fn sequence(&self) -> Option<u64> {
        self.sequence
    }

    /// The packages.
    pub fn packages(&self) -> &[PackageRef] {
        &self.packages
    }

    /// Whether the appliance fetches them by itself.
    pub fn is_offered(&self) -> bool {
        self.sequence.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::{chain, consignment, now, status};
    use crate::plan::{Facts, History, SitePolicy, make_of};

    #[test]
    fn behind_the_first_site_package_nothing_is_kept() {
        let list = PackageList::carried(&chain());
        let facts = Facts { status: &status("3.3.2", "10.5.3"), now: now(), history: &History::default() };
        let plan = make_of(&list, &facts, &SitePolicy::default()).expect("a plan");
        let names = |list: &PackageList| list.packages().iter().map(|one| one.name.clone()).collect::<Vec<_>>();
        let sites = |list: &PackageList| list.packages().iter().filter(|one| one.kind == PackageKind::Site).count();
        assert_eq!(sites(&list), 2);
        let kept = list.clone().up_to_first_site(&plan);
        assert_eq!((sites(&kept), kept.packages().last().map(|one| one.kind)), (1, Some(PackageKind::Site)));
        assert_eq!(
            names(&kept.clone().up_to_first_site(&make_of(&kept, &facts, &SitePolicy::default()).expect("one"))),
            names(&kept)
        );
    }

    #[test]
    fn only_a_bundle_has_a_sequence() {
        let carried = PackageList::carried(&Consignment { sequence: 7, ..consignment(vec![]) });
        assert_eq!((carried.sequence(), carried.is_offered()), (Some(7), false));
        let offered = PackageList::offered(Id::random(), chain().appliance, vec![]);
        assert_eq!((offered.sequence(), offered.is_offered()), (None, true));
    }
}
