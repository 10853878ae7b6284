//! Trust as a document: all of it at one version, as it travels to be signed
//! and as it is kept (man/handcarry.7, TRUST UPDATES).

use super::policy::{MAX_THRESHOLD, canonical_fingerprint};
use super::{AllowedSigners, Namespace, TrustError, TrustPolicy, TrustStore};
use crate::model::{Sha256Digest, Timestamp, text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Largest trust update, in bytes: the longest lists allowed below, twice.
pub const MAX_UPDATE_BYTES: u64 = 1024 * 1024;

/// Most signers of one version, and most revoked keys.
const MAX_KEYS: usize = 1_000;

/// Longest note, in bytes: a sentence or two on why.
const MAX_NOTE_BYTES: usize = 512;

/// Most days from one version to when the next must be in force: five years.
// A date that nobody lives to see would let a revocation be withheld for ever.
const MAX_RENEWAL_DAYS: i64 = 1_826;

/// Largest version: what every JSON reader keeps exactly (2^53 - 1).
const MAX_VERSION: u64 = (1 << 53) - 1;

/// All of the trust of one place at one version; never a difference, so that
/// whoever signs sees everything that will hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustUpdate {
    /// Always 1.
    pub format: u32,
    /// 0 for trust that was set up by hand, then one more each time.
    pub version: u64,
    /// SHA-256 of the version it follows; `None` for version 0.
    pub previous: Option<Sha256Digest>,
    /// When it was proposed; `None` for version 0.
    pub created: Option<Timestamp>,
    /// When the next version must be in force; in version 0 `None` where nobody set a date.
    pub renew_by: Option<Timestamp>,
    /// How many distinct keys must sign.
    pub threshold: usize,
    /// The same for a change of trust.
    pub trust_threshold: usize,
    /// allowed_signers lines in their canonical form, one signer each.
    pub signers: Vec<String>,
    /// Fingerprints of keys that never count.
    pub revoked: Vec<String>,
    /// Why, for people; may be empty.
    pub note: String,
}

impl TrustUpdate {
    /// Writes down trust that was set up by hand as version 0. Lines that
    /// never count (certificate authorities, other types of key) are left out.
    ///
    /// # Errors
    /// [`TrustError::SignersLine`] for a line that can't be written again.
    pub fn bootstrap(store: &TrustStore) -> Result<Self, TrustError> {
        let counting = store.signers.entries().iter().filter(|entry| !entry.cert_authority);
        let lines = counting
            .map(|entry| AllowedSigners::render_line(&entry.principals.join(","), &entry.key, &entry.options()));
        let lines = lines.collect::<Result<Vec<_>, _>>()?;
        Ok(TrustUpdate {
            format: 1,
            version: 0,
            previous: None,
            created: None,
            renew_by: store.policy.renew_by,
            threshold: store.policy.threshold,
            trust_threshold: store.policy.trust_threshold,
            signers: once_each(lines),
            revoked: once_each(store.policy.revoked.clone()),
            note: String::new(),
        })
    }

    /// The canonical form, the bytes that are signed: JSON with two spaces of
    /// indent, members in the order above, a line feed at the end.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("a trust update has only string keys");
        bytes.push(b'\n');
        bytes
    }

    /// Reads a trust update; only the canonical form is one.
    ///
    /// # Errors
    /// [`TrustError::LimitExceeded`], [`TrustError::UpdateMalformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, TrustError> {
        if bytes.len() as u64 > MAX_UPDATE_BYTES {
            let limit = text::bytes(MAX_UPDATE_BYTES);
            return Err(TrustError::LimitExceeded { what: "the trust update".to_owned(), limit });
        }
        let malformed = |why: String| TrustError::UpdateMalformed { why };
        let update: TrustUpdate =
            serde_json::from_slice(bytes).map_err(|error| malformed(text::one_line(&error.to_string())))?;
        if update.format != 1 {
            return Err(malformed(format!("it is of format {}, and this program reads format 1", update.format)));
        }
        if update.bytes() != bytes {
            return Err(malformed("it is not in canonical form".to_owned()));
        }
        update.check().map_err(malformed)?;
        Ok(update)
    }

    /// The trust that it says.
    ///
    /// # Errors
    /// [`TrustError::SignersLine`] where a line does not read.
    pub fn store(&self) -> Result<TrustStore, TrustError> {
        let signers = AllowedSigners::parse(&self.signers_text())?;
        let TrustUpdate { threshold, trust_threshold, renew_by, ref revoked, .. } = *self;
        let policy = TrustPolicy { threshold, trust_threshold, renew_by, revoked: revoked.clone() };
        Ok(TrustStore { signers, policy })
    }

    /// Its signers as the text of an allowed_signers file.
    pub fn signers_text(&self) -> String {
        self.signers.iter().map(|line| format!("{line}\n")).collect()
    }

    /// SHA-256 of its canonical form: what the next version names.
    pub fn sha256(&self) -> Sha256Digest {
        Sha256Digest::of(&self.bytes())
    }

    /// Checks what the types can't say.
    fn check(&self) -> Result<(), String> {
        let by_hand = self.version == 0;
        if self.version > MAX_VERSION {
            return Err(format!("version {} is above 2^53 - 1", self.version));
        }
        if by_hand != self.previous.is_none() || by_hand != self.created.is_none() {
            return Err("version 0 alone follows nothing and has no time".to_owned());
        }
        for threshold in [self.threshold, self.trust_threshold] {
            if !(1..=MAX_THRESHOLD).contains(&threshold) {
                return Err(format!("a threshold of {threshold} is not between 1 and {MAX_THRESHOLD}"));
            }
        }
        if let Some(created) = self.created {
            let days = self.renew_by.map(|by| by.secs_since(created).div_euclid(86_400));
            if !days.is_some_and(|days| (0..=MAX_RENEWAL_DAYS).contains(&days)) {
                return Err(format!("it is not to be renewed within {MAX_RENEWAL_DAYS} days of the time it was made"));
            }
        }
        for (what, list) in [("signers", &self.signers), ("revoked keys", &self.revoked)] {
            let distinct: BTreeSet<&String> = list.iter().collect();
            if list.len() > MAX_KEYS {
                return Err(format!("it has {} {what}, above the limit of {MAX_KEYS}", list.len()));
            }
            if distinct.len() != list.len() {
                return Err(format!("one of its {what} is there twice"));
            }
        }
        // Those who are asked to sign read it, so it must not be able to forge a line of what they are shown.
        if self.note.len() > MAX_NOTE_BYTES || text::one_line(&self.note) != self.note {
            return Err(format!("its note is not one printable line of at most {MAX_NOTE_BYTES} bytes"));
        }
        self.revoked.iter().try_for_each(|entry| canonical_fingerprint(entry).map(drop))?;
        self.signers.iter().try_for_each(|line| check_line(line))?;
        // Trust set up by hand may be of any kind; a signed version must leave
        // a way on, or nothing could ever be approved again.
        if by_hand {
            Ok(())
        } else {
            [Namespace::Bundle, Namespace::Trust].into_iter().try_for_each(|ns| self.reach(ns))
        }
    }

    /// Whether enough keys could sign for `namespace` at some time.
    fn reach(&self, namespace: Namespace) -> Result<(), String> {
        let store = self.store().map_err(|error| error.to_string())?;
        let (able, wanted) = (store.able(namespace), store.policy.threshold_for(namespace));
        match able >= wanted {
            true => Ok(()),
            false => Err(format!(
                "only {able} of its keys may sign a {}, and its threshold is {wanted}: none could be approved any more",
                namespace.document()
            )),
        }
    }
}

/// Leaves out what stands there already; the order stays.
fn once_each(list: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    list.into_iter().filter(|entry| seen.insert(entry.clone())).collect()
}

/// Each line is one signer that can count, written in the one canonical way.
fn check_line(line: &str) -> Result<(), String> {
    let shown = || text::short_line(line, 80);
    let read = AllowedSigners::parse(line).map_err(|error| error.to_string())?;
    let [entry] = read.entries() else {
        return Err(format!("{:?} is not one line with a key that counts", shown()));
    };
    if entry.cert_authority {
        return Err(format!("{:?} is a certificate authority, and certificates are not used", shown()));
    }
    let written = AllowedSigners::render_line(&entry.principals.join(","), &entry.key, &entry.options());
    match written.is_ok_and(|written| written == line) {
        true => Ok(()),
        false => Err(format!("{:?} is not in canonical form", shown())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(TrustUpdate::parse(&bytes).is_err());
        }

        #[test]
        fn no_nearly_right_text_makes_it_panic(
            version in any::<u64>(), threshold in any::<u64>(), line in "\\PC{0,60}", note in "\\PC{0,40}",
        ) {
            let json = serde_json::json!({
                "format": 1, "version": version, "previous": null, "created": null, "renew_by": null,
                "threshold": threshold, "trust_threshold": threshold, "signers": [line], "revoked": [], "note": note,
            });
            let _ = TrustUpdate::parse(json.to_string().as_bytes());
        }
    }
}
