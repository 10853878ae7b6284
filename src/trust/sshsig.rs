//! SSHSIG, the signature format of `ssh-keygen -Y` (PROTOCOL.sshsig).

use super::armor::{Fields, signed_data};
use super::key::RawSignature;
use super::{Namespace, PublicKey};
use crate::model::{Sha256Digest, text};
use sha2::{Digest, Sha256, Sha512};
use ssh_key::HashAlg;
use std::cell::OnceCell;
use std::path::{Path, PathBuf};

/// Largest armored signature read, in bytes: one by an ed25519 key has about
/// three hundred, by the largest RSA key about six thousand.
pub const MAX_SIGNATURE_BYTES: usize = 16 * 1024;

/// What the two digests are called in a signature.
const SHA256: &str = "sha256";
const SHA512: &str = "sha512";

/// Where signature `number` (from 1) of the file at `path` lies.
pub fn signature_path(path: &Path, number: usize) -> PathBuf {
    beside(path, &format!(".{number}.sig"))
}

/// Where `ssh-keygen -Y sign` leaves its signature of the file at `path`.
pub fn plain_signature_path(path: &Path) -> PathBuf {
    beside(path, ".sig")
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Why a signature does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// Larger than [`MAX_SIGNATURE_BYTES`].
    #[error("it is larger than the limit of 16 KiB")]
    TooLarge,
    /// No armored SSHSIG, or one with something before or after it.
    #[error("it is not an SSH signature: {0}")]
    NotArmored(&'static str),
    /// The armor holds, what it contains does not.
    #[error("it is damaged")]
    Malformed,
    /// Another version than 1.
    #[error("it has format version {0}; only version 1 is known")]
    Version(u32),
    /// By a key that is not sound, or of a type that does not count.
    #[error("its key can't be used: {0}")]
    Key(String),
    /// Over another digest than the two that SSHSIG has.
    #[error("it is over a {0} digest; only sha256 and sha512 count")]
    Digest(String),
    /// Made in another way than its key's type says, as a browser makes them.
    #[error("it is of type {found}, and its key of type {key_type}")]
    Type {
        /// What it says it is.
        found: String,
        /// The key's type.
        key_type: &'static str,
    },
    /// Made for another kind of document.
    #[error("it was made for {found}, not for {expected}")]
    Namespace {
        /// What it is for.
        found: String,
        /// What it should be for.
        expected: Namespace,
    },
    /// Carries data in the field that version 1 keeps for later.
    #[error("it carries reserved data of unknown meaning")]
    Reserved,
    /// Not by this key over these bytes.
    #[error("it does not match: the document was changed, or something else was signed")]
    Mismatch,
    /// By a security key that nobody touched for it.
    #[error("nobody touched the security key for it, so nobody need have been there")]
    Untouched,
}

/// Verifies one armored signature over `message` and returns the key that made
/// it. Says nothing about whether that key is trusted: whoever counts the
/// signers says that.
///
/// # Errors
/// The [`SignatureFault`] that was found first.
pub fn verify(signature: &[u8], namespace: Namespace, message: &[u8]) -> Result<PublicKey, SignatureFault> {
    verify_message(signature, &Message::of(namespace, [message]))
}

/// Verifies as [`verify`] does.
pub(super) fn verify_message(signature: &[u8], message: &Message<'_>) -> Result<PublicKey, SignatureFault> {
    let claim = Claim::read(signature, message.namespace)?;
    claim.check(message)?;
    Ok(claim.key)
}

/// The keys that made a sound signature over `message`, each once, in the order of their signatures.
pub fn sound_keys(signatures: &[Vec<u8>], namespace: Namespace, message: &[u8]) -> Vec<PublicKey> {
    Message::of(namespace, [message]).sound_keys(signatures)
}

/// A message on its way to be verified; hashed when the first signature asks, and once.
#[derive(Debug)]
pub struct Message<'a> {
    namespace: Namespace,
    pieces: Vec<&'a [u8]>,
    sha256: OnceCell<Sha256Digest>,
    sha512: OnceCell<Vec<u8>>,
}

impl<'a> Message<'a> {
    /// Takes a message, in one piece or in many.
    pub fn of(namespace: Namespace, pieces: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let pieces = pieces.into_iter().collect();
        Message { namespace, pieces, sha256: OnceCell::new(), sha512: OnceCell::new() }
    }

    /// Takes the pieces that `write` hands out, by their digests alone.
    pub fn written(namespace: Namespace, write: impl FnOnce(&mut dyn FnMut(&[u8]))) -> Message<'static> {
        let (mut sha256, mut sha512) = (Sha256::new(), Sha512::new());
        write(&mut |piece| {
            sha256.update(piece);
            sha512.update(piece);
        });
        let (sha256, sha512) = (Sha256Digest::finish(sha256).into(), sha512.finalize().to_vec().into());
        Message { namespace, pieces: Vec::new(), sha256, sha512 }
    }

    /// The same, by its digests alone: its bytes are needed no more.
    pub fn digested(self) -> Message<'static> {
        self.sha256();
        self.sha512();
        Message { namespace: self.namespace, pieces: Vec::new(), sha256: self.sha256, sha512: self.sha512 }
    }

    /// What kind of document it is.
    pub fn namespace(&self) -> Namespace {
        self.namespace
    }

    /// Its SHA-256.
    pub fn sha256(&self) -> Sha256Digest {
        *self.sha256.get_or_init(|| Sha256Digest::of_all(self.pieces.iter().copied()))
    }

    fn sha512(&self) -> &[u8] {
        self.sha512.get_or_init(|| {
            let mut hasher = Sha512::new();
            self.pieces.iter().for_each(|piece| hasher.update(piece));
            hasher.finalize().to_vec()
        })
    }

    /// The keys that made a sound signature over it, each once, in the order of their signatures.
    pub fn sound_keys(&self, signatures: &[impl AsRef<[u8]>]) -> Vec<PublicKey> {
        let mut keys: Vec<PublicKey> = Vec::new();
        for claim in signatures.iter().filter_map(|signature| Claim::read(signature.as_ref(), self.namespace).ok()) {
            if !keys.contains(&claim.key) && claim.check(self).is_ok() {
                keys.push(claim.key);
            }
        }
        keys
    }

    #[cfg(test)]
    pub fn is_hashed(&self) -> bool {
        self.sha256.get().is_some() || self.sha512.get().is_some()
    }

    /// The bytes that a key signs for it, where a signature is over this digest of it.
    fn signed(&self, hash: HashAlg) -> Result<Vec<u8>, ssh_encoding::Error> {
        match hash {
            HashAlg::Sha256 => signed_data(self.namespace, SHA256, &self.sha256().0),
            _ => signed_data(self.namespace, SHA512, self.sha512()),
        }
    }
}

/// A signature that reads as one should, by the key that it names: whether it
/// holds was not asked yet, so that a stranger's costs nothing but its reading.
pub(super) struct Claim {
    /// The key that it says made it.
    pub key: PublicKey,
    hash: HashAlg,
    signature: RawSignature,
}

impl Claim {
    /// Reads an armored signature. Only version 1 over SHA-256 or SHA-512 is
    /// one, and what it holds must be written in the one canonical way.
    pub fn read(signature: &[u8], namespace: Namespace) -> Result<Claim, SignatureFault> {
        let Fields { key, namespace: found, reserved, hash, signature } = Fields::read(signature)?;
        if found != namespace.as_str() {
            return Err(SignatureFault::Namespace { found: text::name(&found), expected: namespace });
        }
        // PROTOCOL.sshsig tells verifiers to ignore this field. A later
        // version may restrict a signature by it, so it is refused.
        if !reserved.is_empty() {
            return Err(SignatureFault::Reserved);
        }
        let hash = match hash.as_str() {
            SHA256 => HashAlg::Sha256,
            SHA512 => HashAlg::Sha512,
            _ => return Err(SignatureFault::Digest(text::name(&hash))),
        };
        let key = PublicKey::from_bytes(&key)?;
        let signature = RawSignature::read(&key, &signature)?;
        Ok(Claim { key, hash, signature })
    }

    /// Whether it is by its key over this message.
    pub fn check(&self, message: &Message<'_>) -> Result<(), SignatureFault> {
        let signed = message.signed(self.hash).map_err(|_| SignatureFault::Malformed)?;
        self.key.check(&signed, &self.signature)
    }
}

/// The bytes a key signs for `message`: namespace, hash algorithm and digest
/// behind the preamble, never the message itself.
pub(super) fn signed_bytes(message: &Message<'_>) -> Vec<u8> {
    // ssh-keygen's own choice, so that both make the same signature.
    message.signed(HashAlg::Sha512).expect("a namespace and a digest are short")
}

/// Wraps an encoded signature over [`signed_bytes`] as `ssh-keygen -Y sign` does.
pub(super) fn armor(key: &PublicKey, namespace: Namespace, signature: Vec<u8>) -> Result<String, ssh_encoding::Error> {
    let (namespace, hash) = (namespace.as_str().to_owned(), SHA512.to_owned());
    Fields { key: key.bytes(), namespace, reserved: Vec::new(), hash, signature }.armored()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64ct::{Base64, Encoding};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(verify(&bytes, Namespace::Bundle, b"").is_err());
        }

        #[test]
        fn no_armored_bytes_make_it_panic(
            head in prop_oneof![Just(&b"SSHSIG\0\0\0\x01"[..]), Just(&b"SSHSIG"[..]), Just(&b""[..])],
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let base64 = ssh_key::public::KeyData::Ed25519(ssh_key::public::Ed25519PublicKey([7; 32]));
            let key = ssh_key::PublicKey::from(base64).to_bytes().expect("encodes");
            for body in [[head, &bytes].concat(), [head, &[0, 0, 0, 51], &key, &bytes].concat()] {
                let armored = armored(&Base64::encode_string(&body));
                prop_assert!(verify(armored.as_bytes(), Namespace::Bundle, b"").is_err());
            }
        }

        #[test]
        fn no_text_between_the_lines_makes_it_panic(text in "[A-Za-z0-9+/= \n]{0,200}") {
            let armored = armored(&text);
            prop_assert!(verify(armored.as_bytes(), Namespace::Bundle, b"").is_err());
        }
    }

    fn armored(body: &str) -> String {
        format!("-----BEGIN SSH SIGNATURE-----\n{body}\n-----END SSH SIGNATURE-----\n")
    }

    #[test]
    fn the_limit_of_the_message_is_the_limit_of_the_code() {
        assert_eq!(MAX_SIGNATURE_BYTES, 16 * 1024);
        let large = vec![b'A'; MAX_SIGNATURE_BYTES + 1];
        assert_eq!(verify(&large, Namespace::Bundle, b""), Err(SignatureFault::TooLarge));
        assert_ne!(verify(&large[1..], Namespace::Bundle, b""), Err(SignatureFault::TooLarge));
    }
}
