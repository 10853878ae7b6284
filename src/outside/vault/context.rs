//! What a signed request said, kept without its code, so that a bundle can be
//! sealed when the stick is long gone.

use super::{Vault, VaultError};
use crate::model::{Id, Request, RequestRef, Sha256Digest, Status, Timestamp};
use serde::{Deserialize, Serialize};

/// A request as the outside remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestContext {
    /// The request's id.
    pub request: Id,
    /// SHA-256 of the request file's bytes.
    pub sha256: Sha256Digest,
    /// When the inside made it.
    pub created: Timestamp,
    /// The appliance as it was then.
    pub status: Status,
    /// The vendor's page it names.
    pub vendor: String,
    /// Who signed it.
    pub signed_by: Vec<String>,
}

impl RequestContext {
    /// Remembers `request`, whose file's digest is `sha256`, signed by `signed_by`.
    pub fn of(request: &Request, sha256: Sha256Digest, signed_by: Vec<String>) -> Self {
        RequestContext {
            request: request.request,
            sha256,
            created: request.created,
            status: request.status.clone(),
            vendor: request.vendor.clone(),
            signed_by,
        }
    }

    /// The request as a manifest refers to it.
    pub fn reference(&self) -> RequestRef {
        RequestRef { id: self.request, sha256: self.sha256 }
    }
}

impl Vault {
    /// Keeps what a request said.
    ///
    /// # Errors
    /// [`VaultError`] where it can't be made durable.
    pub fn remember(&self, context: &RequestContext) -> Result<(), VaultError> {
        self.write_record(&self.below("requests").join(format!("{}.json", context.request)), context)
    }

    /// Reads what all requests said, oldest first.
    ///
    /// # Errors
    /// [`VaultError::RecordBroken`] for one that does not read.
    pub fn contexts(&self) -> Result<Vec<RequestContext>, VaultError> {
        let mut all = Vec::new();
        for path in self.names("requests", ".json")? {
            if let Some(context) = self.read_record::<RequestContext>(&path)? {
                all.push(context);
            }
        }
        all.sort_by_key(|context| (context.created, context.request));
        Ok(all)
    }
}
