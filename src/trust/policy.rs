//! How many must sign, and whose signature is worth nothing any more.

use super::{Namespace, PublicKey, TrustError, files};
use crate::model::{ShowPath, Timestamp, text};
use serde::Deserialize;
use std::path::Path;

/// Largest policy read, in bytes: room for a thousand revoked keys.
pub const MAX_POLICY_BYTES: u64 = 128 * 1024;

/// Largest threshold: more people than can be asked to sign one bundle.
pub(super) const MAX_THRESHOLD: usize = 64;

/// The rules beside the list of signers, from `policy.toml`:
///
/// ```toml
/// threshold = 2
/// trust_threshold = 3
/// renew_by = "2027-03-01T00:00:00Z"
/// revoked = ["SHA256:…", "ssh-ed25519 AAAA… lost laptop"]
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustPolicy {
    /// How many distinct keys must sign; 1 unless the file says otherwise, never 0.
    pub threshold: usize,
    /// The same for a change of trust; as many unless the file says otherwise.
    pub trust_threshold: usize,
    /// When the trust must have been renewed; `None` where nobody set a date.
    pub renew_by: Option<Timestamp>,
    /// Fingerprints (`SHA256:…`) of keys that never count, whatever else says they do.
    pub revoked: Vec<String>,
}

impl Default for TrustPolicy {
    fn default() -> Self {
        TrustPolicy { threshold: 1, trust_threshold: 1, renew_by: None, revoked: Vec::new() }
    }
}

/// The file as it is written.
#[derive(Deserialize)]
// A misspelt `revoked` that is passed over would leave a lost key trusted.
#[serde(deny_unknown_fields)]
struct PolicyText {
    #[serde(default = "one")]
    threshold: u64,
    trust_threshold: Option<u64>,
    renew_by: Option<String>,
    #[serde(default)]
    revoked: Vec<String>,
}

fn one() -> u64 {
    1
}

impl TrustPolicy {
    /// Reads a policy from its TOML text. Revoked keys may be written as
    /// fingerprints or as whole public key lines.
    ///
    /// # Errors
    /// [`TrustError::PolicyMalformed`].
    pub fn parse(text: &str) -> Result<Self, TrustError> {
        Self::parse_named(text, "the policy")
    }

    /// Reads a policy file; the default policy where there is none.
    ///
    /// # Errors
    /// [`TrustError::FileUnreadable`], [`TrustError::LimitExceeded`],
    /// [`TrustError::PolicyMalformed`].
    pub fn read(path: &Path) -> Result<Self, TrustError> {
        match files::read_text(path, MAX_POLICY_BYTES)? {
            Some(text) => Self::parse_named(&text, &path.shown()),
            None => Ok(TrustPolicy::default()),
        }
    }

    /// How many distinct keys must sign a document of that kind.
    pub fn threshold_for(&self, namespace: Namespace) -> usize {
        // Parsing never lets a 0 through; a policy made by hand might.
        match namespace {
            Namespace::Trust => self.trust_threshold.max(1),
            Namespace::Bundle
            | Namespace::Request
            | Namespace::Receipt
            | Namespace::Vault
            | Namespace::Approval
            | Namespace::Kit => self.threshold.max(1),
        }
    }

    /// How many must sign, in words.
    pub fn needed(&self) -> String {
        let (documents, trust) = (self.threshold_for(Namespace::Bundle), self.threshold_for(Namespace::Trust));
        match documents == trust {
            true => format!("{documents}, by distinct keys"),
            false => format!("{documents}, by distinct keys; for a change of trust {trust}"),
        }
    }

    /// Whether `key` never counts.
    pub fn revokes(&self, key: &PublicKey) -> bool {
        self.revoked.contains(&key.fingerprint())
    }

    fn parse_named(text: &str, file: &str) -> Result<Self, TrustError> {
        let malformed = |why: String| TrustError::PolicyMalformed { file: file.to_owned(), why };
        let written: PolicyText = toml::from_str(text).map_err(|error| malformed(explain(text, &error)))?;
        let threshold = threshold_of(written.threshold).map_err(malformed)?;
        let trust_threshold = written.trust_threshold.map_or(Ok(threshold), threshold_of).map_err(malformed)?;
        let renew_by = written.renew_by.map(|at| {
            Timestamp::parse(&at).ok_or_else(|| {
                malformed(format!("renew_by {:?} is not a time such as 2027-03-01T00:00:00Z", shown(&at)))
            })
        });
        let revoked = written.revoked.iter().map(|entry| fingerprint_of(entry).map_err(malformed));
        let revoked = revoked.collect::<Result<_, _>>()?;
        Ok(TrustPolicy { threshold, trust_threshold, renew_by: renew_by.transpose()?, revoked })
    }
}

fn threshold_of(written: u64) -> Result<usize, String> {
    match usize::try_from(written).unwrap_or(usize::MAX) {
        0 => Err("a threshold of 0 would accept what nobody signed".to_owned()),
        threshold if threshold > MAX_THRESHOLD => {
            Err(format!("a threshold of {threshold} is above the limit of {MAX_THRESHOLD}"))
        }
        threshold => Ok(threshold),
    }
}

/// Reads a revoked key. An entry that can't be understood is an error: it
/// would leave a key trusted that somebody meant to revoke.
fn fingerprint_of(entry: &str) -> Result<String, String> {
    let entry = entry.trim();
    if !entry.starts_with("SHA256:") {
        return PublicKey::parse(entry).map(|key| key.fingerprint()).map_err(|error| {
            format!("the revoked key {:?} is neither a fingerprint nor a key line ({error})", shown(entry))
        });
    }
    canonical_fingerprint(entry)
}

/// Reads `SHA256:…`, only as `ssh-keygen -l` prints it.
pub(super) fn canonical_fingerprint(entry: &str) -> Result<String, String> {
    let fingerprint: ssh_key::Fingerprint = entry
        .parse()
        .map_err(|_| format!("the revoked key {:?} is not a fingerprint: SHA256: and 43 characters", shown(entry)))?;
    let canonical = fingerprint.to_string();
    if canonical != entry || !entry.starts_with("SHA256:") {
        return Err(format!("the revoked key {:?} is not a fingerprint as ssh-keygen -l prints it", shown(entry)));
    }
    Ok(canonical)
}

fn shown(entry: &str) -> String {
    text::short_line(entry, 80)
}

/// The TOML reader's message with its line, on one line.
fn explain(text: &str, error: &toml::de::Error) -> String {
    let line_at = |at: usize| text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
    let line = error.span().map(|span| line_at(span.start));
    let message = text::one_line(error.message());
    line.map_or(message.clone(), |line| format!("line {line}: {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_error_names_its_line_whatever_stands_before_it() {
        let error = TrustPolicy::parse("# ação\nthreshold = 1\nrevoked = é\n").expect_err("faulty");
        assert!(error.to_string().starts_with("the policy is not a trust policy: line 3: "), "{error}");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,80}") {
            let _ = TrustPolicy::parse(&text);
        }

        #[test]
        fn no_nearly_right_text_makes_the_reader_panic(
            text in "(threshold|trust_threshold|renew_by|2027|revoked|=|\\[|\\]|\"|SHA256:|1|-|,|\n| |é|#|ssh-ed25519|\\{|\\}){0,24}"
        ) {
            if let Ok(policy) = TrustPolicy::parse(&text) {
                prop_assert!(policy.threshold >= 1);
            }
        }
    }
}
