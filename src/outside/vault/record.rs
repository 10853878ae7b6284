//! One record a package: what it is, where it came from, what became of it.

use super::{Vault, VaultError};
use crate::model::{
    ApplianceId, Evidence, FileName, Id, Outcome, Package, PackageKind, RequestRef, Requirement, Sha256Digest, Source,
    Timestamp, Version, shared_source,
};
use crate::objects::Digests;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// A package in custody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredPackage {
    /// Always 1.
    pub format: u32,
    /// This record's id.
    pub id: Id,
    /// Its title as the vendor gave it.
    pub title: String,
    /// Kind and version; `None` until a person says what the title does not tell.
    pub identity: Option<PackageIdentity>,
    /// What must be on the appliance first.
    pub requires: Vec<Requirement>,
    /// What the vendor wrote about requirements where it could not be read.
    pub requires_unread: Option<String>,
    /// The name it gets in a bundle.
    pub file: FileName,
    /// Its size.
    pub size_bytes: u64,
    /// SHA-256 of all of it.
    pub sha256: Sha256Digest,
    /// SHA-256 of each chunk, in order.
    pub chunks: Vec<Sha256Digest>,
    /// SHA-256 of its licence agreement's text where it is known.
    pub eula: Option<Sha256Digest>,
    /// How it was obtained.
    #[serde(with = "shared_source")]
    pub source: Arc<Source>,
    /// Its release notes as the vendor's page had them, or where they stand; `None` where it had none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// The appliance it was obtained for; `None` where nobody said.
    pub appliance: Option<ApplianceId>,
    /// The request it answers; `None` for a typed code or an import without one.
    pub request: Option<RequestRef>,
    /// Where receipts say it was installed.
    pub installed: Vec<InstalledMark>,
}

/// What a package is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageIdentity {
    /// What it changes.
    pub kind: PackageKind,
    /// Its version.
    pub version: Version,
}

/// What a signed receipt said of one package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstalledMark {
    /// On which appliance.
    pub serial: String,
    /// By which bundle.
    pub bundle: Id,
    /// By which receipt.
    pub receipt: Id,
    /// Installed by that bundle, or there already.
    pub outcome: Outcome,
    /// What showed it.
    pub evidence: Option<Evidence>,
    /// When; `None` where the receipt does not say.
    pub at: Option<Timestamp>,
}

impl PackageIdentity {
    /// Reads kind and version out of a title; `None` where a person must say.
    pub fn of_title(title: &str) -> Option<Self> {
        PackageKind::of_title(title).map(|(kind, version)| PackageIdentity { kind, version })
    }
}

impl StoredPackage {
    /// Makes a record of what `digests` were made of, with nothing else known.
    pub fn new(title: &str, file: FileName, digests: Digests, source: impl Into<Arc<Source>>) -> Self {
        StoredPackage {
            format: 1,
            id: Id::random(),
            title: title.to_owned(),
            identity: PackageIdentity::of_title(title),
            requires: Vec::new(),
            requires_unread: None,
            file,
            size_bytes: digests.size_bytes,
            sha256: digests.sha256,
            chunks: digests.chunks,
            eula: None,
            notes: None,
            source: source.into(),
            appliance: None,
            request: None,
            installed: Vec::new(),
        }
    }

    /// Whether it was obtained for the appliance with `serial`.
    pub fn is_for(&self, serial: &str) -> bool {
        self.appliance.as_ref().is_some_and(|appliance| appliance.serial == serial)
    }

    /// Whether a receipt says it is on the appliance with `serial`.
    pub fn is_installed_on(&self, serial: &str) -> bool {
        self.installed.iter().any(|mark| mark.serial == serial)
    }

    /// When it came into the vault.
    pub fn at(&self) -> Timestamp {
        match &*self.source {
            Source::Exchange { at, .. } | Source::Imported { at, .. } => *at,
        }
    }

    /// The package as a manifest lists it; `None` while its identity is unknown.
    pub fn package(&self) -> Option<Package> {
        let identity = self.identity.clone()?;
        Some(Package {
            file: self.file.clone(),
            name: self.title.clone(),
            kind: identity.kind,
            version: identity.version,
            requires: self.requires.clone(),
            size_bytes: self.size_bytes,
            sha256: self.sha256,
            chunks: self.chunks.clone(),
            eula: self.eula,
            source: self.source.clone(),
            notes: self.notes.clone(),
        })
    }
}

impl Vault {
    /// Reads all package records, oldest first.
    ///
    /// # Errors
    /// [`VaultError::RecordBroken`] for one that does not read.
    pub fn packages(&self) -> Result<Vec<StoredPackage>, VaultError> {
        let mut all = self.records()?.collect::<Result<Vec<_>, _>>()?;
        all.sort_by(|a, b| (a.at(), &a.title, a.id).cmp(&(b.at(), &b.title, b.id)));
        Ok(all)
    }

    /// The titles of all packages that it has records of, by what their bytes are.
    ///
    /// # Errors
    /// As [`packages`](Self::packages).
    pub fn titles(&self) -> Result<BTreeMap<Sha256Digest, String>, VaultError> {
        self.records()?.map(|kept| kept.map(|kept| (kept.sha256, kept.title))).collect()
    }

    fn records(&self) -> Result<impl Iterator<Item = Result<StoredPackage, VaultError>>, VaultError> {
        let paths = self.names("packages", ".json")?.into_iter();
        Ok(paths.filter_map(|path| self.read_record(&path).transpose()))
    }

    /// Writes a package's record, in place of the one with the same id.
    ///
    /// # Errors
    /// [`VaultError`] where it can't be made durable.
    pub fn record(&self, kept: &StoredPackage) -> Result<(), VaultError> {
        self.write_record(&self.record_path(kept.id), kept)
    }

    /// Whether there is a package record with this id.
    pub fn has_record(&self, id: Id) -> bool {
        self.record_path(id).exists()
    }

    fn record_path(&self, id: Id) -> PathBuf {
        self.below("packages").join(format!("{id}.json"))
    }
}
