//! The one rule by which anything is trusted.

use super::sshsig::{Claim, Message};
use super::{AllowedSigners, Namespace, PublicKey, TrustError, TrustPolicy, Trusted};
use crate::model::{Timestamp, text};
use std::path::Path;

/// Most signatures of one document at one place: as many as the largest threshold asks for.
pub const MAX_SIGNATURES: usize = 64;

/// Most reasons that are told of signatures which nobody trusted made.
// Anybody can put signatures beside a document, and pages of strangers would hide the line that matters.
const MAX_STRANGERS_TOLD: usize = 8;

/// What is trusted at one place.
#[derive(Debug, Clone, Default)]
pub struct TrustStore {
    /// Who may sign what, and when.
    pub signers: AllowedSigners,
    /// How many must, and who never counts.
    pub policy: TrustPolicy,
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

    /// How many distinct keys could sign for `namespace` at some time.
    pub fn able(&self, namespace: Namespace) -> usize {
        let mut able: Vec<&PublicKey> = Vec::new();
        for entry in self.signers.entries() {
            // Any moment of the line's own time: it is asked whether
            // enough keys could ever sign, and not whether they can now.
            let at = entry.valid_after.or(entry.valid_before).unwrap_or(Timestamp::UNIX_EPOCH);
            let counts = !self.policy.revokes(&entry.key) && entry.permits(namespace, at).is_ok();
            if counts && !able.iter().any(|key| key.is_same_secret(&entry.key)) {
                able.push(&entry.key);
            }
        }
        able.len()
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

impl std::fmt::Display for Approver {
    /// On one line: a principal is as somebody wrote it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", text::one_line(&self.principal), self.fingerprint)
    }
}

/// Decides whether `message` is approved: at least `threshold` distinct keys
/// have signed it for `namespace`, each sound, trusted for that namespace at
/// `at`, and not revoked.
///
/// Keys are counted, not names and not signatures: one key under two names
/// counts once, and so does one that signed twice, or under two applications. A signature that does not
/// count is as if it were not there, however many lie there: its key is looked
/// up before anything is hashed. This is the only function that counts.
///
/// # Errors
/// [`TrustError::NoTrust`] where nobody is trusted,
/// [`TrustError::ThresholdNotMet`] with a reason for every signature that did
/// not count.
pub fn approve(
    store: &TrustStore,
    namespace: Namespace,
    message: &[u8],
    signatures: &[Vec<u8>],
    at: Timestamp,
) -> Result<Approval, TrustError> {
    approve_message(store, &Message::of(namespace, [message]), signatures, at)
}

/// Decides as [`approve()`] does, of a message that is asked about more than once or lies in pieces.
///
/// # Errors
/// As [`approve()`].
pub fn approve_message(
    store: &TrustStore,
    message: &Message<'_>,
    signatures: &[impl AsRef<[u8]>],
    at: Timestamp,
) -> Result<Approval, TrustError> {
    let TrustStore { signers, policy } = store;
    let namespace = message.namespace();
    let trusted = trusted_keys(store);
    // Not a threshold of 0 out of 1: on a new machine there is something else to do than to ask for more signatures.
    if trusted == 0 {
        return Err(TrustError::NoTrust { namespace });
    }
    let mut counted: Vec<(PublicKey, Approver)> = Vec::new();
    let mut reasons = Reasons::default();
    for (index, signature) in signatures.iter().enumerate() {
        let claim = match Claim::read(signature.as_ref(), namespace) {
            Ok(claim) => claim,
            Err(fault) => {
                reasons.of_strangers(index, fault.to_string());
                continue;
            }
        };
        // A revoked key is no stranger. That somebody signs with it still must be told, and not be lost among those.
        if !signers.knows(&claim.key) && !policy.revokes(&claim.key) {
            reasons.of_strangers(index, format!("key {} is not among the trusted signers", claim.key.fingerprint()));
            continue;
        }
        match judge(store, &claim, message, &counted, at) {
            Ok(approver) => counted.push((claim.key, approver)),
            Err(why) => reasons.of_signers(index, why),
        }
    }
    let mut not_counted = reasons.told();
    let threshold = policy.threshold_for(namespace);
    if counted.len() < threshold {
        if trusted < threshold {
            not_counted.push(format!("only {trusted} distinct keys are trusted here, fewer than the threshold"));
        }
        let got = counted.len();
        return Err(TrustError::ThresholdNotMet { namespace, wanted: threshold, got, trusted, why: not_counted });
    }
    let approvers = counted.into_iter().map(|(_, approver)| approver).collect();
    Ok(Approval { approvers, threshold, not_counted })
}

/// How many distinct keys could count at all, whatever the namespace and time.
fn trusted_keys(store: &TrustStore) -> usize {
    let mut keys: Vec<&PublicKey> = Vec::new();
    for entry in store.signers.entries() {
        let known = keys.iter().any(|key| key.is_same_secret(&entry.key));
        if !entry.cert_authority && !store.policy.revokes(&entry.key) && !known {
            keys.push(&entry.key);
        }
    }
    keys.len()
}

/// Judges one signature by a key that is known: the name it counts for, or why not.
fn judge(
    store: &TrustStore,
    claim: &Claim,
    message: &Message<'_>,
    counted: &[(PublicKey, Approver)],
    at: Timestamp,
) -> Result<Approver, String> {
    let fingerprint = claim.key.fingerprint();
    if let Some((earlier, _)) = counted.iter().find(|(earlier, _)| earlier.is_same_secret(&claim.key)) {
        let same = if *earlier == claim.key { String::new() } else { format!(", as {}", earlier.fingerprint()) };
        return Err(format!("key {fingerprint} has signed already{same} and counts once"));
    }
    if store.policy.revokes(&claim.key) {
        return Err(format!("key {fingerprint} is revoked"));
    }
    let name = store.signers.find(&claim.key, message.namespace(), at)?;
    // The signature itself comes last. All before it costs nothing, and most that does not count is found by it.
    claim.check(message).map_err(|fault| fault.to_string())?;
    Ok(Approver { principal: text::one_line(&name), fingerprint })
}

/// Why signatures did not count. What a trusted signer must know is told in
/// full, of what anybody may put beside a document only the beginning.
#[derive(Default)]
struct Reasons {
    told: Vec<(usize, String)>,
    strangers: usize,
}

impl Reasons {
    fn of_signers(&mut self, index: usize, why: String) {
        self.told.push((index, why));
    }

    fn of_strangers(&mut self, index: usize, why: String) {
        self.strangers += 1;
        if self.strangers <= MAX_STRANGERS_TOLD {
            self.told.push((index, why));
        }
    }

    fn told(self) -> Vec<String> {
        let mut told: Vec<String> =
            self.told.into_iter().map(|(index, why)| format!("signature {}: {why}", index + 1)).collect();
        if let Some(more) = self.strangers.checked_sub(MAX_STRANGERS_TOLD).filter(|more| *more > 0) {
            told.push(format!("and {more} more that nobody trusted made"));
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trust::{LineOptions, NewKey, Signer};

    fn signer(folder: &Path, name: &str) -> Signer {
        let path = folder.join(name);
        std::fs::write(&path, NewKey::make(name, None).expect("a key").private.as_bytes()).expect("written");
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("closed");
        Signer::from_file(&path, &mut || None).expect("reads")
    }

    #[test]
    fn a_document_is_hashed_only_for_a_key_that_could_count() {
        let folder = tempfile::tempdir().expect("a folder");
        let (alice, stranger) = (signer(folder.path(), "alice"), signer(folder.path(), "stranger"));
        let line = AllowedSigners::render_line("alice", alice.public(), &LineOptions::default()).expect("a line");
        let mut store = TrustStore { signers: AllowedSigners::parse(&line).expect("reads"), ..TrustStore::default() };
        let by = |signer: &Signer| signer.sign(Namespace::Bundle, b"text").expect("signs").into_bytes();
        let message = Message::of(Namespace::Bundle, [&b"text"[..]]);
        assert!(approve_message(&store, &message, &vec![by(&stranger); 3], Timestamp::now()).is_err());
        store.policy.revoked = vec![alice.public().fingerprint()];
        assert!(approve_message(&store, &message, &[by(&alice)], Timestamp::now()).is_err());
        assert!(!message.is_hashed());
        store.policy.revoked.clear();
        assert!(approve_message(&store, &message, &[by(&stranger), by(&alice)], Timestamp::now()).is_ok());
        assert!(message.is_hashed());
    }
}
