//! Who signed, and is it enough.
//!
//! Keys are ordinary OpenSSH ones: ed25519 from a file, and from ssh-agent also
//! ECDSA P-256 (cards and HSMs by PKCS#11) and security keys (FIDO2);
//! signatures are SSHSIG as `ssh-keygen -Y sign` makes them (PROTOCOL.sshsig
//! of OpenSSH); trust is an `allowed_signers` file (ssh-keygen(1)) beside a
//! [`TrustPolicy`]. So everything here can be checked with OpenSSH alone.
//!
//! What it guarantees: a document counts as approved only through
//! [`approve()`], the one place where signers are counted, by distinct key and
//! never by name or by number of signatures. No trust means no: there is no
//! way to go on with a warning. A signature made for one kind of document is
//! worth nothing for another ([`Namespace`]). Time is an argument, so nothing
//! here asks the clock.
//!
//! Trust itself changes by signed documents, each approved by the trust before
//! it and by its own ([`succeed()`]); which is in force is [`Trusted::read`]'s to say.
//!
//! Where it is stricter than `ssh-keygen -Y verify`: a faulty line refuses the
//! whole file (ssh-keygen skips it with a message), RSA keys and certificates
//! do not count, a security key must have been touched, what a browser signs
//! with one does not count, and a signature has one valid encoding.
//!
//! It knows no bundle, no request and no medium: a message is bytes.

mod agent;
mod allowed;
mod approve;
mod armor;
mod error;
mod files;
mod key;
mod keygen;
mod options;
mod pattern;
mod point;
mod policy;
mod signer;
mod sshsig;
mod succession;
mod trusted;
mod update;
mod validity;
mod versions;

pub use allowed::{AllowedSigner, AllowedSigners, MAX_SIGNERS_BYTES, Unusable};
pub use approve::{Approval, Approver, MAX_SIGNATURES, TrustStore, approve, approve_message};
pub use error::TrustError;
pub use key::PublicKey;
pub use keygen::NewKey;
pub use options::LineOptions;
pub use policy::{MAX_POLICY_BYTES, TrustPolicy};
pub use signer::{MAX_KEY_BYTES, Signer};
pub use sshsig::{
    MAX_SIGNATURE_BYTES, Message, SignatureFault, plain_signature_path, signature_path, sound_keys, verify,
};
pub use succession::{Refusal, Succession, succeed};
pub use trusted::Trusted;
pub use update::{MAX_UPDATE_BYTES, TrustUpdate};
pub use versions::{read_update, version_path, versions};

/// What a signature is for. Each kind of document has its own, so that a
/// signature for one never passes for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Namespace {
    /// A bundle's manifest.
    Bundle,
    /// A request from an appliance.
    Request,
    /// A receipt of what was installed.
    Receipt,
    /// A second person's word for what is about to be done to an appliance.
    Approval,
    /// A change to what is trusted.
    Trust,
    /// What an exported vault says of its packages.
    Vault,
    /// The packages of handcarry itself.
    Kit,
}

impl Namespace {
    /// Every namespace, in the order of the round trip.
    pub const ALL: &'static [Namespace] = &[
        Namespace::Request,
        Namespace::Bundle,
        Namespace::Approval,
        Namespace::Receipt,
        Namespace::Trust,
        Namespace::Vault,
        Namespace::Kit,
    ];

    /// The namespace as SSHSIG and `ssh-keygen -n` carry it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Namespace::Bundle => "handcarry-bundle",
            Namespace::Request => "handcarry-request",
            Namespace::Receipt => "handcarry-receipt",
            Namespace::Approval => "handcarry-approval",
            Namespace::Trust => "handcarry-trust",
            Namespace::Vault => "handcarry-vault",
            Namespace::Kit => "handcarry-kit",
        }
    }

    /// What a person calls a document of this kind.
    pub const fn document(self) -> &'static str {
        match self {
            Namespace::Bundle => "bundle",
            Namespace::Request => "request",
            Namespace::Receipt => "receipt",
            Namespace::Approval => "approval",
            Namespace::Trust => "trust update",
            Namespace::Vault => "vault",
            Namespace::Kit => "kit",
        }
    }
}

impl std::fmt::Display for Namespace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
