//! How one version of trust follows another.

use super::trusted::Trusted;
use super::{Approval, Namespace, TrustError, TrustUpdate, approve};
use crate::model::clock::CLOCK_TOLERANCE_SECS;
use crate::model::{Sha256Digest, Timestamp};

/// A trust update that may follow: read, and approved by both.
#[derive(Debug, Clone)]
pub struct Succession {
    /// What will be trusted.
    pub update: TrustUpdate,
    /// SHA-256 of its bytes.
    pub sha256: Sha256Digest,
    /// Who of those trusted so far approved it.
    pub by_old: Approval,
    /// Who of those trusted from then on approved it.
    pub by_new: Approval,
}

/// Why an update does not follow from the trust in force.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is what is in force already.
    #[error("version {0} is in force here already")]
    Repeated(u64),
    /// Another document under the number that is in force.
    #[error("it is another version {0} than the one that is in force here")]
    Twin(u64),
    /// A lower number than the one in force.
    #[error("version {found} is older than version {current}, which is in force here")]
    Older {
        /// Its number.
        found: u64,
        /// The number in force.
        current: u64,
    },
    /// A number was left out.
    #[error("version {found} does not follow version {current}, which is in force here: version {} is missing", current + 1)]
    Skipped {
        /// Its number.
        found: u64,
        /// The number in force.
        current: u64,
    },
    /// Made to follow other trust than is in force.
    #[error("version {found} was made to follow another version {current} than the one in force here")]
    OtherTrust {
        /// Its number.
        found: u64,
        /// The number in force.
        current: u64,
    },
    /// A revoked key is no longer revoked.
    #[error("it takes back the revocation of {0}, and a revoked key stays revoked")]
    Unrevoked(String),
}

/// Decides whether the update in `bytes` may follow `current`, step by step;
/// nothing is parsed before the trust in force has approved it:
///
/// 1. it is not the very document that is in force
/// 2. the trust in force approves its bytes
/// 3. it reads as a trust update should
/// 4. its version is the next one, it names the digest of the one in force,
///    and every revoked key stays revoked
/// 5. the trust it brings approves its bytes too
/// 6. it was not made in the future
///
/// Both approvals are [`approve()`]'s, the one place where signers are counted.
///
/// # Errors
/// [`TrustError::UpdateRefused`] (1, 4), [`TrustError::NotApproved`] (2, 5),
/// those of [`TrustUpdate::parse`] (3), [`TrustError::UpdateFromFuture`] (6).
pub fn succeed(
    current: &Trusted,
    bytes: &[u8],
    signatures: &[Vec<u8>],
    at: Timestamp,
) -> Result<Succession, TrustError> {
    let sha256 = Sha256Digest::of(bytes);
    // First, and by the digest alone: the medium that brought what is
    // in force may come again, whatever became of its signers.
    if sha256 == current.sha256 {
        return Err(TrustError::UpdateRefused(Refusal::Repeated(current.update.version)));
    }
    let by = |by: &'static str| move |source| TrustError::NotApproved { by, source: Box::new(source) };
    let by_old = approve(&current.store, Namespace::Trust, bytes, signatures, at).map_err(by("the trust in force"))?;

    let update = TrustUpdate::parse(bytes)?;
    follows(&current.update, current.sha256, &update).map_err(TrustError::UpdateRefused)?;

    let by_new =
        approve(&update.store()?, Namespace::Trust, bytes, signatures, at).map_err(by("the trust it brings"))?;
    match update.created {
        Some(created) if created.secs_since(at) > CLOCK_TOLERANCE_SECS => {
            Err(TrustError::UpdateFromFuture { created, now: at })
        }
        _ => Ok(Succession { update, sha256, by_old, by_new }),
    }
}

/// Decides whether an update that was applied once could follow `current` at
/// all. When that was is nobody's record, so any moment since it was made does:
/// the approvals change only where a signer's time begins or ends.
///
/// # Errors
/// Those of [`succeed`] for the moment at which it was made.
pub(super) fn succeeded(current: &Trusted, update: &TrustUpdate, signatures: &[Vec<u8>]) -> Result<(), TrustError> {
    let made = update.created.unwrap_or(Timestamp::UNIX_EPOCH);
    // The machine that applied it may have been as much behind as is tolerated.
    let earliest = made.plus_secs(-CLOCK_TOLERANCE_SECS);
    let brought = update.store()?;
    let begins = current.store.signers.entries().iter().chain(brought.signers.entries());
    let begins = begins.filter_map(|entry| entry.valid_after).filter(|at| *at > earliest);
    let bytes = update.bytes();
    let mut judged = [made, earliest].into_iter().chain(begins).map(|at| succeed(current, &bytes, signatures, at));
    let first = judged.next().expect("one moment at least").map(drop);
    if first.is_ok() || judged.any(|verdict| verdict.is_ok()) { Ok(()) } else { first }
}

fn follows(current: &TrustUpdate, current_sha256: Sha256Digest, next: &TrustUpdate) -> Result<(), Refusal> {
    let (current, found, kept) = (current.version, next.version, &current.revoked);
    if found == current {
        return Err(Refusal::Twin(current));
    }
    if found < current {
        return Err(Refusal::Older { found, current });
    }
    if found > current + 1 {
        return Err(Refusal::Skipped { found, current });
    }
    if next.previous != Some(current_sha256) {
        return Err(Refusal::OtherTrust { found, current });
    }
    match kept.iter().find(|key| !next.revoked.contains(key)) {
        Some(key) => Err(Refusal::Unrevoked(key.clone())),
        None => Ok(()),
    }
}
