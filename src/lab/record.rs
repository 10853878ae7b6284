//! What tests and people want to know of an appliance afterwards.

use crate::model::{Sha256Digest, Timestamp};
use serde::Serialize;

/// How many requests are taken down, so that a lab that runs for days stays small.
const MAX_TRAIL: usize = 400;

/// What was done with an appliance.
#[derive(Default, Serialize)]
pub(super) struct LabRecord {
    pub(super) presses: Vec<FatalPress>,
    pub(super) uploads: Vec<UploadedPackage>,
    pub(super) backups: Vec<Backup>,
    pub(super) restores: u32,
    /// The serial numbers that restored backups were made on.
    pub(super) restored_from: Vec<String>,
    /// What was done with certificates: `exported`, `imported`, `assigned`.
    pub(super) certificates: Vec<&'static str>,
    pub(super) restarts: u32,
    /// How often the appliance was told to check for updates.
    pub(super) checks: u32,
    pub(super) logins: u32,
    pub(super) failed_logins: u32,
    pub(super) logouts: u32,
    /// How often the agreement before the login was accepted.
    pub(super) login_agreements: u32,
    requests: u64,
    /// What the first [`MAX_TRAIL`] of them asked for.
    trail: Vec<String>,
    /// Where faults befell requests.
    struck: Vec<Struck>,
}

impl LabRecord {
    /// Takes down a request, and what befell it.
    pub(super) fn note(&mut self, asked: String, struck: Option<&'static str>) {
        self.requests += 1;
        if let Some(fault) = struck {
            self.struck.push(Struck { fault, request: asked.clone() });
        }
        if self.trail.len() < MAX_TRAIL {
            self.trail.push(asked);
        }
    }
}

/// A fault befell a request.
#[derive(Serialize)]
struct Struck {
    fault: &'static str,
    request: String,
}

/// A button was pressed that ends an appliance.
#[derive(Serialize)]
pub(super) struct FatalPress {
    pub(super) button: String,
    pub(super) at: Timestamp,
}

/// A package was uploaded.
#[derive(Serialize)]
pub(super) struct UploadedPackage {
    pub(super) file: String,
    pub(super) size_bytes: u64,
    pub(super) sha256: Sha256Digest,
    pub(super) outcome: &'static str,
}

/// A backup was taken.
#[derive(Serialize)]
pub(super) struct Backup {
    pub(super) size_bytes: u64,
    pub(super) sha256: Sha256Digest,
    pub(super) password: bool,
    pub(super) history: bool,
    /// `page` or `api`.
    pub(super) by: &'static str,
    pub(super) at: Timestamp,
}
