//! What can be read back from an appliance.

use super::{ApplianceId, Offer, PackageKind, Requirement, Timestamp, Version, base_beside};
use serde::{Deserialize, Serialize};

/// An appliance as it was seen at one moment. What could not be read is `None`
/// or missing; nothing is guessed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// Who it is.
    pub appliance: ApplianceId,
    /// Version of the base software.
    pub base_version: Option<Version>,
    /// Version of the site software; `None` where it can't be read, and where
    /// there is none.
    pub site_version: Option<Version>,
    /// Build of the site software, as shown.
    pub site_build: Option<String>,
    /// The appliance's own clock at that moment.
    pub clock: Option<Timestamp>,
    /// Packages it lists as installed; `None` where it shows no list.
    pub installed: Option<Vec<Installed>>,
    /// Packages it offers to install, greyed-out ones too; `None` where its
    /// page shows no list, as before a check for updates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered: Option<Vec<Offer>>,
    /// Whether it is known to have no site software at all, as new hardware
    /// and an appliance after its reset: its own page shows a base version and
    /// no site, and below /login there is nothing. Source: guide, new hardware,
    /// which installs the package before the first login.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_site: bool,
    /// Whether a person typed all of it, serial number and versions, because
    /// it could not be read: their word then, and nothing that was shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub typed: bool,
}

/// A package the appliance lists as installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Installed {
    /// Its title as shown.
    pub name: String,
    /// Kind and version where the title tells them.
    pub kind: Option<PackageKind>,
    /// See `kind`.
    pub version: Option<Version>,
}

impl Installed {
    /// Reads what a title tells.
    pub fn of_title(title: &str) -> Self {
        let read = PackageKind::of_title(title);
        Installed {
            name: super::text::one_line(title),
            kind: read.as_ref().map(|(kind, _)| *kind),
            version: read.map(|(_, version)| version),
        }
    }
}

impl Status {
    /// The offer that means a package of this title, kind and version.
    pub fn offer_of(&self, title: &str, kind: PackageKind, version: &Version) -> Option<&Offer> {
        self.offered.iter().flatten().find(|offer| offer.is(title, kind, version))
    }

    /// The version that the appliance shows of one kind of software; `None`
    /// where none was read, and for kinds of which a page shows none.
    pub fn version_of(&self, kind: PackageKind) -> Option<&Version> {
        match kind {
            PackageKind::Base => self.base_version.as_ref(),
            PackageKind::Site => self.site_version.as_ref(),
            PackageKind::Patch | PackageKind::License => None,
        }
    }

    /// What the appliance has where `requirement` asks for more, in a few words.
    pub fn has_instead(&self, requirement: &Requirement) -> Option<String> {
        if self.no_site && requirement.kind == PackageKind::Site {
            return Some("no site software".to_owned());
        }
        self.version_of(requirement.kind).map(|version| format!("{} {version}", requirement.kind))
    }

    /// Whether nothing it shows speaks against the base that a package of this
    /// title brings beside its own: a combined one is there when both its parts are.
    pub fn has_base_beside(&self, title: &str) -> bool {
        base_beside(title).is_none_or(|base| self.meets(&base) != Some(false))
    }

    /// Whether what is on the appliance meets `requirement`; `None` where it
    /// can't be told from what was read.
    pub fn meets(&self, requirement: &Requirement) -> Option<bool> {
        if let Some(version) = self.version_of(requirement.kind) {
            return Some(requirement.is_met_by(requirement.kind, version));
        }
        if self.no_site && requirement.kind == PackageKind::Site {
            return Some(false);
        }
        // Without a list nothing can be told, and that is not a no.
        let listed = self.installed.as_ref()?;
        Some(listed.iter().any(|package| match (&package.kind, &package.version) {
            (Some(kind), Some(version)) => requirement.is_met_by(*kind, version),
            _ => false,
        }))
    }
}
