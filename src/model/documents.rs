//! The two papers that travel beside bundles: the request going out and the
//! receipt coming back. Both are signed; `cli` reads and writes them.

use super::{ApplianceId, DownloadCode, FileName, Id, Sha256Digest, Source, Status, Timestamp};
use serde::{Deserialize, Serialize};

/// The vendor's update page, unless another is named (guide: manual updates).
pub const DEFAULT_VENDOR: &str = "https://update.bomgar.com";

/// Most earlier receipts that one receipt links to, the newest ones.
// Years of receipts, and a tenth of what a paper may be.
pub const MAX_LINKS: usize = 1_000;

/// Asks the outside for packages: written by the inside, format 1.
///
/// Has no `Debug`: it holds the download code.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Always 1.
    pub format: u32,
    /// This request's id.
    pub request: Id,
    /// When it was made, by the inside's clock.
    pub created: Timestamp,
    /// The appliance as it was then.
    pub status: Status,
    /// The vendor's update page.
    pub vendor: String,
    /// The appliance download code; `None` where vendor support must give it
    /// (before Base 3.3.2) or where it goes on paper.
    pub code: Option<DownloadCode>,
}

impl Request {
    /// Whether both were made with one code.
    pub fn has_code_of(&self, other: &Request) -> bool {
        self.code.as_ref().zip(other.code.as_ref()).is_some_and(|(own, code)| own.is(code))
    }
}

/// Says what became of a bundle: written by the inside, format 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Always 1.
    pub format: u32,
    /// This receipt's id.
    pub receipt: Id,
    /// When it was made.
    pub created: Timestamp,
    /// The appliance.
    pub appliance: ApplianceId,
    /// The bundle it is about.
    pub bundle: Id,
    /// That bundle's sequence.
    pub sequence: u64,
    /// SHA-256 of that bundle's manifest, as its bytes were read.
    pub manifest_sha256: Sha256Digest,
    /// What became of each package, in install order.
    pub packages: Vec<PackageResult>,
    /// The appliance after the last step; `None` where it could not be read.
    pub status: Option<Status>,
    /// SHA-256 of the backup made before the first install.
    pub backup_sha256: Option<Sha256Digest>,
    /// Where the journal stood, so that a shortened journal is found.
    pub journal: JournalHead,
    /// Where it stood at each receipt before, as it tells now, the newest last
    /// and at most [`MAX_LINKS`]: so that a rewritten journal is found, too.
    pub links: Vec<JournalHead>,
}

/// What became of one package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageResult {
    /// Its file in the bundle.
    pub file: FileName,
    /// Its title.
    pub name: String,
    /// Its digest.
    pub sha256: Sha256Digest,
    /// How the outside obtained it, as the bundle's signers said.
    pub source: Source,
    /// What became of it.
    pub outcome: Outcome,
    /// What showed that; `None` unless installed, or there already by a person's
    /// word.
    pub evidence: Option<Evidence>,
    /// When; `None` unless something was done.
    pub at: Option<Timestamp>,
}

/// What became of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Installed by this bundle and confirmed.
    Installed,
    /// Was on the appliance already; nothing was done.
    AlreadyInstalled,
    /// Not yet installed.
    Pending,
    /// Tried, and the appliance refused or failed.
    Failed,
}

/// What showed that a package is installed; never an HTTP 200 alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// The appliance shows its version.
    Version,
    /// The appliance shows another build than before.
    Build,
    /// The appliance lists it as installed.
    Listed,
    /// The operator says so.
    Operator,
}

/// A journal's length and the digest of its last record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JournalHead {
    /// How many records.
    pub records: u64,
    /// SHA-256 of the last record's line; of nothing for an empty journal.
    pub sha256: Sha256Digest,
}
