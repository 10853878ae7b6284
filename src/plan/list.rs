//! What a plan is made from: packages for one appliance, in order.

use crate::model::{ApplianceId, Id, Manifest, PackageRef};

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
    pub fn carried(manifest: &Manifest) -> Self {
        PackageList {
            appliance: manifest.appliance.clone(),
            id: manifest.bundle,
            sequence: Some(manifest.sequence),
            packages: manifest.packages.iter().map(PackageRef::from).collect(),
        }
    }

    /// Lists what `appliance` offers, of what [`sort_offers`](super::sort_offers)
    /// found fit to be planned; `run` is what the journal knows it by.
    pub(super) fn offered(run: Id, appliance: ApplianceId, packages: Vec<PackageRef>) -> Self {
        PackageList { appliance, id: run, sequence: None, packages }
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
    use crate::plan::tests::{chain, manifest};

    #[test]
    fn only_a_bundle_has_a_sequence() {
        let carried = PackageList::carried(&Manifest { sequence: 7, ..manifest(vec![]) });
        assert_eq!((carried.sequence(), carried.is_offered()), (Some(7), false));
        let offered = PackageList::offered(Id::random(), chain().appliance, vec![]);
        assert_eq!((offered.sequence(), offered.is_offered()), (None, true));
    }
}
