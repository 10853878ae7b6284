//! What a record says of a package and of an appliance.

use crate::model::{
    FileName, Id, Installed, PackageKey, PackageKind, PackageRef, Sha256Digest, Status, Timestamp, Version,
    changes_base,
};
use serde::{Deserialize, Serialize};

/// The package an install is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installing {
    /// The bundle that carries it.
    pub bundle: Id,
    /// Its file there.
    pub file: FileName,
    /// What it is known by.
    pub key: PackageKey,
    /// Its title.
    pub name: String,
    /// What it changes.
    #[serde(rename = "package_kind")]
    pub kind: PackageKind,
    /// Its version.
    pub version: Version,
}

impl Installing {
    /// Whether it changes the base software, so that in trouble nobody restarts the appliance.
    pub fn changes_base(&self) -> bool {
        changes_base(self.kind, &self.name)
    }

    /// Names a package of a bundle, or of what the appliance offers.
    pub fn of(bundle: Id, package: &PackageRef) -> Self {
        Installing {
            bundle,
            file: package.file.clone(),
            key: package.key().clone(),
            name: package.name.clone(),
            kind: package.kind,
            version: package.version.clone(),
        }
    }
}

/// A wait after a site package that was set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoakSkip {
    /// What the site package is known by.
    pub after: PackageKey,
    /// Seconds that were left.
    pub remaining_secs: i64,
    /// The reason that was given.
    pub reason: String,
    /// The account that did it.
    pub by: String,
}

/// When a site version was installed elsewhere, as a person says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledAt {
    /// What stands for that install.
    pub after: PackageKey,
    /// When it was done, or before that.
    pub at: Timestamp,
    /// How that is known.
    pub reason: String,
    /// The account that said so.
    pub by: String,
}

/// What an appliance showed, as far as it matters for what changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Version of the base software.
    pub base: Option<Version>,
    /// Version of the site software.
    pub site: Option<Version>,
    /// Build of the site software.
    pub build: Option<String>,
    /// Its own clock.
    pub clock: Option<Timestamp>,
    /// Titles it listed as installed.
    pub listed: Option<Vec<String>>,
    /// Whether it had no site software at all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_site: bool,
    /// Whether a person typed it, because it could not be read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub typed: bool,
}

impl From<&Status> for Shown {
    fn from(status: &Status) -> Self {
        let titles = |list: &Vec<Installed>| list.iter().map(|package| package.name.clone()).collect();
        Shown {
            base: status.base_version.clone(),
            site: status.site_version.clone(),
            build: status.site_build.clone(),
            clock: status.clock,
            listed: status.installed.as_ref().map(titles),
            no_site: status.no_site,
            typed: status.typed,
        }
    }
}

/// What tells that a data sync was pulled after the press, by the clock of
/// the appliance that pulls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairMark {
    /// The time of the sync it showed before; `None` where it showed none.
    pub before: Option<Timestamp>,
    /// Its clock at the press; `None` where it could not be read.
    pub pressed: Option<Timestamp>,
}

/// Who tells a failover role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoleBy {
    /// The site's API.
    Api,
    /// Its page.
    Page,
    /// A person, who looked at the page.
    Operator,
}

/// What a person typed when asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// What was asked.
    pub question: String,
    /// What was typed.
    pub answer: String,
}

/// A count of the clients that are to update to a site package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientsCounted {
    /// What the site package is known by.
    pub after: PackageKey,
    /// Who counted: `api`, or `list` and the file.
    pub source: String,
    /// Clients that were seen.
    pub seen: u64,
    /// Of these, the ones that have not updated, or of which that is not told.
    pub outdated: u64,
    /// Clients that were listed and are gone from their computers.
    pub uninstalled: u64,
    /// Jump Clients that were connected then, whoever they belong to.
    pub connected: Option<u64>,
    /// The digest of what was counted.
    pub sha256: Sha256Digest,
}
