//! What a bundle says of itself. `bundle` reads and writes it; nothing here does I/O.

use super::{FileName, Id, PackageKey, PackageKind, Requirement, Sha256Digest, Timestamp, Version, text};
use serde::{Deserialize, Serialize};

/// Bytes in a chunk: small enough to hold one a core in memory, large enough
/// that the digests of 8 GiB are 64 KiB of manifest.
pub const CHUNK_BYTES: u64 = 4 << 20;

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
    /// Rises with each bundle for one appliance, from 1.
    pub sequence: u64,
    /// The one appliance it is for.
    pub appliance: ApplianceId,
    /// The request it answers; `None` for a code typed by hand.
    pub request: Option<RequestRef>,
    /// When it was sealed.
    pub created: Timestamp,
    /// From when on it is refused.
    pub expires: Timestamp,
    /// Who sealed it: the principal, for people; the signature is what counts.
    pub sealed_by: String,
    /// Bytes in each chunk but a package's last: always [`CHUNK_BYTES`].
    pub chunk_bytes: u64,
    /// The packages, in install order; never empty.
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
    pub source: Source,
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
                write!(f, "from {} at {} (exchange {})", text::one_line(origin), at.human(), exchange.short())?;
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
                    at.human()
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
    /// Bytes of all packages together.
    pub fn total_bytes(&self) -> u64 {
        self.packages.iter().fold(0, |sum, package| sum.saturating_add(package.size_bytes))
    }
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
