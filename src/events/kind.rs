//! What is logged: each kind of event, how grave it is, and what it tells.

use super::weight::{Facility, Severity};
use serde::Serialize;

/// A row of the table of kinds.
#[derive(Debug)]
pub struct EventRow {
    /// The kind's name, as records and syslog's MSGID carry it.
    pub name: &'static str,
    /// Whom it concerns.
    pub facility: Facility,
    /// How grave it is.
    pub severity: Severity,
    /// What it tells, for people.
    pub meaning: &'static str,
    /// Its members, beside those that every event has.
    pub members: &'static [&'static str],
}

/// Makes the enum and its rows from the one table below.
macro_rules! events {
    ($(
        $variant:ident = $name:literal, $facility:ident, $severity:ident, $meaning:literal {
            $($(#[doc = $doc:literal])+ $field:ident: $type:ty,)*
        }
    )+) => {
        /// One thing that is logged. Kinds and members are stable: a collector
        /// may rely on them; what is new is added.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(tag = "kind", content = "fields")]
        pub enum SecurityEvent {
            $(
                #[doc = $meaning]
                #[serde(rename = $name)]
                $variant { $($(#[doc = $doc])+ $field: $type,)* },
            )+
        }

        /// Every kind there is.
        pub(super) const ROWS: &[EventRow] = &[$(EventRow {
            name: $name,
            facility: Facility::$facility,
            severity: Severity::$severity,
            meaning: $meaning,
            members: &[$(stringify!($field)),*],
        },)+];
    };
}

events! {
    Refused = "refused", Authpriv, Warning, "a stick, bundle, paper, key, update, certificate or record was refused" {
        /// The name of the exit code that stands for the reason.
        code: &'static str,
        /// What was wrong, and where.
        message: String,
    }
    Alarm = "alarm", Authpriv, Alert, "a trusted paper tells what can't be: a key is in other hands, or records were changed" {
        /// The name of the exit code that stands for the reason.
        code: &'static str,
        /// What can't be.
        message: String,
    }
    SignatureIgnored = "signature-ignored", Authpriv, Warning, "a signature did not count, and what it lay beside was approved without it" {
        /// What it lay beside.
        document: String,
        /// Why it did not count.
        why: String,
    }
    Overridden = "overridden", Authpriv, Warning, "a refusal or a wait was set aside on a person's word" {
        /// The word that was typed.
        what: String,
        /// What was refused.
        refused: String,
        /// The person's reason.
        reason: String,
    }
    TrustAdded = "trust-added", Authpriv, Notice, "a signer is trusted from now on, by hand" {
        /// The key.
        fingerprint: String,
        /// The names it signs under.
        principals: Vec<String>,
        /// The documents it may sign; none where it may sign any.
        namespaces: Vec<String>,
    }
    PolicyChanged = "policy-changed", Authpriv, Notice, "how many must sign, or until when trust holds, was set by hand" {
        /// How many distinct keys must sign a bundle.
        threshold: usize,
        /// How many must sign a change of trust.
        trust_threshold: usize,
        /// By when trust is to be renewed; empty where it has no date.
        renew_by: String,
    }
    TrustApplied = "trust-applied", Authpriv, Notice, "a signed version of trust is in force from now on" {
        /// The version.
        version: u64,
        /// The digest of its bytes.
        sha256: String,
        /// How many distinct keys must sign from now on.
        threshold: usize,
        /// The keys that approved it by the trust before.
        by_old: Vec<String>,
        /// The keys that approved it by itself.
        by_new: Vec<String>,
    }
    KeyRevoked = "key-revoked", Authpriv, Notice, "a key never counts again" {
        /// The key.
        fingerprint: String,
        /// The version of trust that says so.
        version: u64,
    }
    TrustFollowed = "trust-followed", Authpriv, Notice, "a copy of the inside's trust was taken" {
        /// Its version.
        version: u64,
        /// The digest of its bytes.
        sha256: String,
    }
    TrustProposed = "trust-proposed", Authpriv, Notice, "a version of trust was proposed" {
        /// Its version.
        version: u64,
        /// The digest of its bytes.
        sha256: String,
    }
    TrustSigned = "trust-signed", Authpriv, Notice, "a proposed version of trust was signed" {
        /// Its version.
        version: u64,
        /// The digest of its bytes.
        sha256: String,
        /// The key.
        fingerprint: String,
    }
    KeyMade = "key-made", Authpriv, Notice, "a key to sign with was made" {
        /// The key.
        fingerprint: String,
        /// Who signs with it.
        principal: String,
        /// Where it lies.
        file: String,
        /// Whether it has a passphrase.
        encrypted: bool,
    }
    VendorListed = "vendor-listed", Authpriv, Notice, "packages may come from this server from now on" {
        /// Its scheme, host and port.
        origin: String,
        /// Who is sure of it.
        decided_by: String,
    }
    VendorRemoved = "vendor-removed", Authpriv, Notice, "packages come from this server no more" {
        /// Its scheme, host and port.
        origin: String,
        /// Who said so.
        decided_by: String,
    }
    SpeakerAdded = "speaker-added", Authpriv, Notice, "a key of the inside speaks for an appliance from now on" {
        /// The key.
        fingerprint: String,
        /// The appliance's serial number.
        serial: String,
        /// Whether a person said so; else it was the first that did.
        by_hand: bool,
    }
    SpeakerRemoved = "speaker-removed", Authpriv, Notice, "a key of the inside speaks for an appliance no more" {
        /// The key.
        fingerprint: String,
        /// The appliance's serial number.
        serial: String,
    }
    Pinned = "pinned", Authpriv, Notice, "an appliance was enrolled: by this certificate or authority it is believed" {
        /// Its name here.
        appliance: String,
        /// Its address.
        url: String,
        /// The SHA-256 of its certificate, or of the authority's file; none where a person works it.
        fingerprint: String,
        /// Whether it is an authority's.
        authority: bool,
    }
    ProgramReplaced = "program-replaced", Authpriv, Notice, "a newer handcarry took the place of the programs here" {
        /// The version before.
        from: String,
        /// The version from now on.
        to: String,
        /// The keys that signed the kit.
        signers: Vec<String>,
        /// The program.
        file: String,
    }
    Approved = "approved", Authpriv, Notice, "a second person approved what is to be pressed" {
        /// The digest of the plan.
        plan_sha256: String,
        /// The refusals that may be set aside.
        set_aside: Vec<String>,
        /// The key.
        fingerprint: String,
    }
    Sealed = "sealed", User, Info, "a bundle was sealed" {
        /// The bundle.
        bundle: String,
        /// The appliance's serial number.
        serial: String,
        /// Its number for that appliance.
        sequence: u64,
        /// The digest of its manifest.
        manifest_sha256: String,
        /// How many packages it has.
        packages: usize,
        /// The key that signed it.
        fingerprint: String,
    }
    Signed = "signed", User, Info, "a sealed bundle was signed once more" {
        /// The bundle.
        bundle: String,
        /// The digest of its manifest.
        manifest_sha256: String,
        /// The key.
        fingerprint: String,
    }
    Written = "written", User, Info, "a bundle was written onto a medium and read back" {
        /// The bundle.
        bundle: String,
        /// The first of its files.
        file: String,
        /// How many bytes they are.
        size_bytes: u64,
    }
    Taken = "taken", User, Info, "a bundle was taken into the store from a stick" {
        /// The bundle.
        bundle: String,
        /// The digest of its manifest.
        manifest_sha256: String,
        /// How many packages it has.
        packages: usize,
        /// How large it is.
        size_bytes: u64,
    }
    StorePruned = "store-pruned", User, Info, "a bundle that is installed and received was removed from the store" {
        /// The bundle.
        bundle: String,
    }
    KitWritten = "kit-written", User, Info, "a kit, which is handcarry itself, was written onto a medium and read back" {
        /// Its version.
        version: String,
        /// The digest of its list.
        sha256: String,
        /// Its folder.
        file: String,
        /// The keys that signed it.
        signers: Vec<String>,
    }
    Imported = "imported", User, Notice, "a person vouched for a package that came otherwise than by an exchange" {
        /// Its title.
        title: String,
        /// The digest of its bytes.
        sha256: String,
        /// Who vouches.
        vouched_by: String,
    }
    VaultExported = "vault-exported", User, Notice, "the vault was copied to another disk" {
        /// Where it lies.
        to: String,
        /// The statement that was signed of it.
        export: String,
        /// The key that signed it.
        fingerprint: String,
    }
    VaultImported = "vault-imported", User, Notice, "another vault was taken in" {
        /// Where it lies.
        from: String,
        /// How many packages it named.
        packages: usize,
    }
    Removed = "removed", User, Notice, "a package was removed from the vault on purpose" {
        /// Its titles.
        titles: Vec<String>,
        /// The digest of its bytes.
        sha256: String,
        /// The vault that has another copy.
        second: String,
    }
}

/// The row of the kind with that name; `None` for one of another version.
pub(super) fn row(name: &str) -> Option<&'static EventRow> {
    ROWS.iter().find(|row| row.name == name)
}

impl SecurityEvent {
    /// The kinds and their members as help and man pages list them.
    pub fn table() -> String {
        let listed = |row: &EventRow| {
            let (name, severity, members) = (row.name, row.severity.word(), row.members.join(", "));
            format!("{name:18}  {severity}: {}. Members: {members}", row.meaning)
        };
        let rows: Vec<String> = ROWS.iter().map(listed).collect();
        format!("Kinds of events, how grave each is, what it tells, and its members:\n{}", rows.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn kinds_are_distinct_and_fit_syslog() {
        let names: BTreeSet<_> = ROWS.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), ROWS.len());
        for row in ROWS {
            let is_word =
                |word: &str| word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c));
            assert!(is_word(row.name) && row.name.len() <= 32, "{}: a MSGID has at most 32 characters", row.name);
            for member in row.members {
                assert!(is_word(member) && member.len() <= 32, "{member}: a PARAM-NAME has at most 32 characters");
                assert!(!super::super::COMMON.contains(member), "{member} is a member of every event");
            }
        }
    }
}
