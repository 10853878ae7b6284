//! A package, as an appliance knows it, and what becomes of it on arrival.

use super::fault::Fault;
use super::faults::{Faults, Moment};
use crate::model::{FileName, PackageKind, PackageRef, Requirement, Version};

/// What an appliance must know of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Software {
    /// Its title, such as `Base 3.4.0`.
    pub title: String,
    /// The file it came in; `None` where its title makes no file name.
    pub file: Option<FileName>,
    /// What it changes.
    pub kind: PackageKind,
    /// The version it brings.
    pub version: Version,
    /// What must be there first.
    pub requires: Vec<Requirement>,
    /// Whether an agreement is shown before it installs.
    pub agreement: bool,
}

impl Software {
    /// A package as a bundle carries it, or as it is offered.
    pub fn of(package: &PackageRef, agreement: bool) -> Self {
        Software {
            title: package.name.clone(),
            file: Some(package.file.clone()),
            kind: package.kind,
            version: package.version.clone(),
            requires: package.requires.clone(),
            agreement,
        }
    }

    /// The step at which a fault for it strikes.
    pub(super) fn strikes(&self, fault: Fault, faults: &mut Faults) -> bool {
        match &self.file {
            Some(file) => faults.strikes_at(fault, &Moment::Package(file.clone())),
            None => faults.strikes(fault),
        }
    }
}

/// What became of a package that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Its agreement waits to be accepted.
    Agreement,
    /// It installs.
    Installing,
}

/// Why a package is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackageRefusal {
    /// Something installs, restarts or is being reset.
    Busy,
    /// It seems damaged.
    Damaged,
    /// Its kind is not known.
    UnknownKind,
    /// It, or a later one of its kind, is there already.
    AlreadyInstalled,
    /// Something must be there first.
    Lacks(Requirement),
}
