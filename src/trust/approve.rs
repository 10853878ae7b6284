//! The one rule by which anything is trusted.

use super::{AllowedSigners, Namespace, Policy, PublicKey, TrustError, Trusted, sshsig};
use crate::model::{Timestamp, text};
use std::path::Path;

/// Most signatures on one document: as many as the largest threshold asks for.
pub const MAX_SIGNATURES: usize = 64;

/// What is trusted at one place.
#[derive(Debug, Clone, Default)]
pub struct TrustStore {
    /// Who may sign what, and when.
    pub signers: AllowedSigners,
    /// How many must, and who never counts.
    pub policy: Policy,
}

impl TrustStore {
    /// Reads the trust in force in `folder`: the highest signed version there,
    /// else what was set up by hand in `allowed_signers` and `policy.toml`.
    ///
    /// # Errors
    /// Those of [`Trusted::read`].
    pub fn read(folder: &Path) -> Result<Self, TrustError> {
        Ok(Trusted::read(folder)?.store)
    }
}

/// A document's approval: who signed it, and how many had to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The distinct signers that counted, in the order of their signatures.
    pub approvers: Vec<Approver>,
    /// How many were needed.
    pub threshold: usize,
    /// Why each further signature did not count; none of it spoils the approval.
    pub not_counted: Vec<String>,
}

/// One signer that counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approver {
    /// The first name on the signer's line that counts; as written where it is a pattern.
    pub principal: String,
    /// The key, as `SHA256:…`.
    pub fingerprint: String,
}

/// Decides whether `message` is approved: at least `threshold` distinct keys
/// have signed it for `namespace`, each sound, trusted for that namespace at
/// `at`, and not revoked.
///
/// Keys are counted, not names and not signatures: one key under two names
/// counts once, and so does one that signed twice. A signature that does not
/// count is as if it were not there. This is the only function that counts.
///
/// # Errors
/// [`TrustError::NoTrust`] where nobody is trusted,
/// [`TrustError::ThresholdNotMet`] with a reason for every signature that did
/// not count, [`TrustError::LimitExceeded`] for more than [`MAX_SIGNATURES`].
pub fn approve(
    store: &TrustStore,
    namespace: Namespace,
    message: &[u8],
    signatures: &[Vec<u8>],
    at: Timestamp,
) -> Result<Approval, TrustError> {
    let TrustStore { signers, policy } = store;
    let trusted = trusted_keys(store);
    if trusted == 0 {
        return Err(TrustError::NoTrust { namespace });
    }
    if signatures.len() > MAX_SIGNATURES {
        let what = format!("the number of signatures on the {} ({})", namespace.document(), signatures.len());
        return Err(TrustError::LimitExceeded { what, limit: MAX_SIGNATURES.to_string() });
    }
    let mut counted: Vec<(PublicKey, Approver)> = Vec::new();
    let mut not_counted = Vec::new();
    for (index, signature) in signatures.iter().enumerate() {
        let judged =
            judge(signers, policy, namespace, message, signature, at).and_then(|(key, approver)| {
                match counted.iter().any(|(earlier, _)| *earlier == key) {
                    true => Err(format!("key {} has signed already and counts once", approver.fingerprint)),
                    false => Ok((key, approver)),
                }
            });
        match judged {
            Ok(counts) => counted.push(counts),
            Err(why) => not_counted.push(format!("signature {}: {why}", index + 1)),
        }
    }
    // Policy::parse never lets a 0 through; a store made by hand might.
    let threshold = policy.threshold.max(1);
    if counted.len() < threshold {
        if trusted < threshold {
            not_counted.push(format!("only {trusted} distinct keys are trusted here, fewer than the threshold"));
        }
        let got = counted.len();
        return Err(TrustError::ThresholdNotMet { namespace, wanted: threshold, got, why: not_counted });
    }
    let approvers = counted.into_iter().map(|(_, approver)| approver).collect();
    Ok(Approval { approvers, threshold, not_counted })
}

/// How many distinct keys could count at all, whatever the namespace and time.
fn trusted_keys(store: &TrustStore) -> usize {
    let mut keys: Vec<&PublicKey> = Vec::new();
    for entry in store.signers.entries() {
        if !entry.cert_authority && !store.policy.revokes(&entry.key) && !keys.contains(&&entry.key) {
            keys.push(&entry.key);
        }
    }
    keys.len()
}

/// Judges one signature by itself: the key and name it counts for, or why not.
fn judge(
    signers: &AllowedSigners,
    policy: &Policy,
    namespace: Namespace,
    message: &[u8],
    signature: &[u8],
    at: Timestamp,
) -> Result<(PublicKey, Approver), String> {
    let key = sshsig::verify(signature, namespace, message).map_err(|fault| fault.to_string())?;
    let fingerprint = key.fingerprint();
    if policy.revokes(&key) {
        return Err(format!("key {fingerprint} is revoked"));
    }
    let name = signers.find(&key, namespace, at)?;
    Ok((key, Approver { principal: text::one_line(&name), fingerprint }))
}
