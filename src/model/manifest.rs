//! What a bundle says of itself. `bundle` reads and writes it; nothing here does I/O.

use super::{FileName, Id, PackageKey, PackageKind, Requirement, Sha256Digest, Timestamp, Version, local_time, text};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Bytes in a chunk: small enough to hold one a core in memory, large enough
/// that the digests of 8 GiB are 64 KiB of manifest.
pub const CHUNK_BYTES: u64 = 4 << 20;

/// What a manifest says that it was made by.
const MADE_BY: &str = concat!("handcarry-outside ", env!("CARGO_PKG_VERSION"));

/// The least version of handcarry that reads what this one seals.
// Raised with whatever a manifest may say that an older one refuses: that one then says what to carry, not what it can't read.
const LEAST_READER: &str = "0.1.0";

/// Which appliance a document is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplianceId {
    /// Serial number, as Status > Basics shows it; what identity is judged by.
    pub serial: String,
    /// Model, as shown.
    pub model: String,
    /// Host name it is reached by.
    pub host: String,
}

/// `manifest.json` of format 1: everything that is signed for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Always 1.
    pub format: u32,
    /// This bundle's own id.
    pub bundle: Id,
    /// The program that made it, and its version; for people.
    pub made_by: String,
    /// The least version of handcarry that reads it; an older one says that it is too old.
    pub least_reader: Version,
    /// When it was sealed.
    pub created: Timestamp,
    /// From when on it is refused.
    pub expires: Timestamp,
    /// Who sealed it: the principal, for people; the signature is what counts.
    pub sealed_by: String,
    /// Bytes in each chunk but a package's last: always [`CHUNK_BYTES`].
    pub chunk_bytes: u64,
    /// The appliances it is for, by serial number; never empty.
    pub appliances: Vec<Consignee>,
    /// The packages, each once however many appliances want it, in the order
    /// in which the appliances' lists first name them.
    pub packages: Vec<Package>,
}

/// An appliance that a bundle is for, and what it is to install of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consignee {
    /// Serial number; no other appliance of the bundle has it.
    pub serial: String,
    /// Model, as shown.
    pub model: String,
    /// Host name it is reached by.
    pub host: String,
    /// Rises with each bundle for this appliance, from 1.
    pub sequence: u64,
    /// This appliance's request that it answers; `None` for a code typed by hand.
    pub request: Option<RequestRef>,
    /// The files of its packages, in install order; never empty.
    pub packages: Vec<FileName>,
}

/// What a bundle carries for one appliance: all that whoever installs there
/// needs to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consignment {
    /// The bundle.
    pub bundle: Id,
    /// The appliance.
    pub appliance: ApplianceId,
    /// Its number among the bundles for this appliance.
    pub sequence: u64,
    /// The appliance's request that it answers.
    pub request: Option<RequestRef>,
    /// When the bundle was sealed.
    pub created: Timestamp,
    /// Its packages, in install order.
    pub packages: Vec<Package>,
}

/// The request a bundle answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestRef {
    /// The request's id.
    pub id: Id,
    /// SHA-256 of the request file's bytes.
    pub sha256: Sha256Digest,
}

/// One package as the manifest lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Its file under `packages/`.
    pub file: FileName,
    /// Its title as the vendor gave it.
    pub name: String,
    /// What it changes.
    pub kind: PackageKind,
    /// Its version.
    pub version: Version,
    /// What must be on the appliance first.
    pub requires: Vec<Requirement>,
    /// Its size.
    pub size_bytes: u64,
    /// SHA-256 of all of it.
    pub sha256: Sha256Digest,
    /// SHA-256 of each chunk, in order.
    pub chunks: Vec<Sha256Digest>,
    /// SHA-256 of its licence agreement's text where it is known beforehand.
    pub eula: Option<Sha256Digest>,
    /// How it was obtained.
    // Shared, since it is most of the largest manifest, and a package is handed on in parts of it.
    #[serde(with = "shared_source")]
    pub source: Arc<Source>,
    /// Its release notes as the vendor's page had them when it was fetched, or where they stand; for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

/// How a package came into the vault.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "lowercase", deny_unknown_fields)]
pub enum Source {
    /// Downloaded from the vendor in an exchange of the outside that sealed it.
    Exchange {
        /// The vendor's origin, to which the code went: scheme, host and port.
        origin: String,
        /// Other origins that it may have come from: the vendor's server led
        /// there, and a person allowed it.
        allowed: Vec<String>,
        /// The exchange's id.
        exchange: Id,
        /// When the download was complete.
        at: Timestamp,
    },
    /// Brought by a person.
    Imported {
        /// The file it was read from.
        path: String,
        /// Who vouched for it.
        by: String,
        /// When.
        at: Timestamp,
        /// Whether its SHA-256 was compared with one that the vendor publishes.
        compared: bool,
    },
}

/// A source that several packages share is read and written as its own.
pub mod shared_source {
    use super::*;

    /// Writes it.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(source: &Arc<Source>, serializer: S) -> Result<S::Ok, S::Error> {
        source.as_ref().serialize(serializer)
    }

    /// Reads it.
    ///
    /// # Errors
    /// The deserializer's.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<Source>, D::Error> {
        Source::deserialize(deserializer).map(Arc::new)
    }
}

impl Source {
    /// The origins it may have come from; none where a person brought it.
    pub fn origins(&self) -> Vec<&str> {
        match self {
            Source::Exchange { origin, allowed, .. } => {
                std::iter::once(origin).chain(allowed).map(String::as_str).collect()
            }
            Source::Imported { .. } => Vec::new(),
        }
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Source::Exchange { origin, allowed, exchange, at } => {
                write!(f, "from {} at {} (exchange {})", text::one_line(origin), local_time(*at), exchange.short())?;
                match allowed.as_slice() {
                    [] => Ok(()),
                    others => write!(f, ", by way of {}", text::one_line(&others.join(", "))),
                }
            }
            Source::Imported { path, by, at, compared } => {
                let (by, path) = (text::one_line(by), text::one_line(path));
                let compared = if *compared { "" } else { "not " };
                write!(
                    f,
                    "imported at {} from {path}, vouched for by {by:?}, {compared}compared with a digest of the vendor's",
                    local_time(*at)
                )
            }
        }
    }
}

impl Package {
    /// What a journal knows it by.
    pub fn key(&self) -> PackageKey {
        PackageKey::Digest(self.sha256)
    }
}

impl Manifest {
    /// Puts consignments of one bundle together: each package once, everything
    /// in the one order that format 1 has. There must be one at least.
    pub fn of(mut consignments: Vec<Consignment>, expires: Timestamp, sealed_by: String) -> Self {
        consignments.sort_by(|one, other| one.appliance.serial.cmp(&other.appliance.serial));
        let (bundle, created) = (consignments[0].bundle, consignments[0].created);
        let mut listed = BTreeSet::new();
        let (mut appliances, mut packages) = (Vec::new(), Vec::new());
        for Consignment { appliance, sequence, request, packages: own, .. } in consignments {
            let ApplianceId { serial, model, host } = appliance;
            let files = own.iter().map(|package| package.file.clone()).collect();
            appliances.push(Consignee { serial, model, host, sequence, request, packages: files });
            packages.extend(own.into_iter().filter(|package| listed.insert(package.file.clone())));
        }
        let made_by = MADE_BY.to_owned();
        let least_reader = Version::parse(LEAST_READER).expect("the constant is a version");
        Manifest {
            format: 1,
            bundle,
            made_by,
            least_reader,
            created,
            expires,
            sealed_by,
            chunk_bytes: CHUNK_BYTES,
            appliances,
            packages,
        }
    }

    /// Bytes of all packages together, each counted once.
    pub fn total_bytes(&self) -> u64 {
        total_bytes(&self.packages)
    }

    /// What it carries for the appliance with `serial`; `None` where it is not for that one.
    pub fn consignment(&self, serial: &str) -> Option<Consignment> {
        Some(self.consignment_of(self.consignee(serial)?))
    }

    /// The appliance with `serial`, where it is for that one.
    pub fn consignee(&self, serial: &str) -> Option<&Consignee> {
        self.appliances.iter().find(|appliance| appliance.serial == serial)
    }

    /// What it carries for one of its appliances.
    pub fn consignment_of(&self, consignee: &Consignee) -> Consignment {
        Consignment {
            bundle: self.bundle,
            appliance: consignee.id(),
            sequence: consignee.sequence,
            request: consignee.request.clone(),
            created: self.created,
            packages: self.packages_of(consignee).cloned().collect(),
        }
    }

    /// For each of its appliances the numbers of its packages among all, from 1,
    /// in install order: how people are told of them.
    pub fn orders(&self) -> Vec<Vec<usize>> {
        let listed: BTreeMap<&FileName, usize> = self.packages.iter().map(|package| &package.file).zip(1..).collect();
        let numbers = |own: &Consignee| own.packages.iter().filter_map(|file| listed.get(file).copied()).collect();
        self.appliances.iter().map(numbers).collect()
    }

    /// The packages of one of its appliances, in install order.
    pub fn packages_of<'m>(&'m self, consignee: &'m Consignee) -> impl Iterator<Item = &'m Package> {
        let listed: BTreeMap<&FileName, &Package> =
            self.packages.iter().map(|package| (&package.file, package)).collect();
        // One that is not listed makes no manifest: reading one refuses it.
        consignee.packages.iter().filter_map(move |file| listed.get(file).copied())
    }

    /// Whether a package is for the appliance with `serial`.
    pub fn carries(&self, serial: &str, sha256: Sha256Digest) -> bool {
        let is_it = |package: &&Package| package.sha256 == sha256;
        let (own, package) = (self.consignee(serial), self.packages.iter().find(is_it));
        own.zip(package).is_some_and(|(own, package)| own.packages.contains(&package.file))
    }
}

impl Consignee {
    /// Which appliance it is.
    pub fn id(&self) -> ApplianceId {
        ApplianceId { serial: self.serial.clone(), model: self.model.clone(), host: self.host.clone() }
    }
}

impl Consignment {
    /// Bytes of its packages together.
    pub fn total_bytes(&self) -> u64 {
        total_bytes(&self.packages)
    }
}

fn total_bytes(packages: &[Package]) -> u64 {
    packages.iter().fold(0, |sum, package| sum.saturating_add(package.size_bytes))
}

/// A serial number as it is compared where two spellings must be one
/// appliance: case and blanks around it make no other.
pub fn fold_serial(serial: &str) -> String {
    serial.trim().to_uppercase()
}

impl std::fmt::Display for ApplianceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.host.as_str(), self.model.as_str()) {
            ("", _) => write!(f, "serial {}", self.serial),
            (host, "") => write!(f, "{host} (serial {})", self.serial),
            (host, model) => write!(f, "{host} ({model}, serial {})", self.serial),
        }
    }
}
