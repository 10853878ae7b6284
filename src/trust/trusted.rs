//! What is trusted at one place and moment.

use super::{TrustError, TrustStore, TrustUpdate};
use crate::model::Sha256Digest;

/// The trust in force at one place.
#[derive(Debug, Clone)]
pub struct Trusted {
    /// It as a document.
    pub update: TrustUpdate,
    /// SHA-256 of that document's bytes.
    pub sha256: Sha256Digest,
    /// It as it counts here, keys revoked by hand included.
    pub store: TrustStore,
}

impl Trusted {
    /// Takes a version as it is, without anything revoked by hand.
    ///
    /// # Errors
    /// As [`TrustUpdate::store`].
    pub fn of(update: TrustUpdate) -> Result<Self, TrustError> {
        Ok(Trusted { sha256: update.sha256(), store: update.store()?, update })
    }
}
