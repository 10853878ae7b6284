//! A package as plans, engine and drivers speak of it, wherever its bytes are.

use super::{FileName, Package, PackageKey, PackageKind, Requirement, Version, brought};

/// One package to install: of a bundle, or offered by the appliance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageRef {
    /// Its file in the bundle, or a name made of its title; steps and journal
    /// name it so.
    pub file: FileName,
    /// Its title as the vendor gave it.
    pub name: String,
    /// What it changes.
    pub kind: PackageKind,
    /// Its version.
    pub version: Version,
    /// What must be on the appliance first.
    pub requires: Vec<Requirement>,
    // Not public: a digest is taken over from a bundle's package, and comes from nowhere else.
    key: PackageKey,
    size_bytes: Option<u64>,
}

impl PackageRef {
    /// Names a package that the appliance offers by `title` and fetches by itself.
    pub fn offered(
        file: FileName,
        title: String,
        (kind, version): (PackageKind, Version),
        requires: Vec<Requirement>,
    ) -> Self {
        let key = PackageKey::Offered(title.clone());
        PackageRef { file, name: title, kind, version, requires, key, size_bytes: None }
    }

    /// What a journal knows it by.
    pub fn key(&self) -> &PackageKey {
        &self.key
    }

    /// All that it brings.
    pub fn brought(&self) -> impl Iterator<Item = Requirement> {
        brought(self.kind, &self.version, &self.name)
    }

    /// Whether it meets `requirement`, once installed.
    pub fn meets(&self, requirement: &Requirement) -> bool {
        self.brought().any(|own| requirement.is_met_by(own.kind, &own.version))
    }

    /// Its size; `None` where its bytes are never here.
    pub fn size_bytes(&self) -> Option<u64> {
        self.size_bytes
    }
}

impl From<&Package> for PackageRef {
    fn from(package: &Package) -> Self {
        PackageRef {
            file: package.file.clone(),
            name: package.name.clone(),
            kind: package.kind,
            version: package.version.clone(),
            requires: package.requires.clone(),
            key: package.key(),
            size_bytes: Some(package.size_bytes),
        }
    }
}
