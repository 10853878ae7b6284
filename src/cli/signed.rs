//! A file with its signatures beside it: `FILE.1.sig`, `FILE.2.sig`, …, and
//! `FILE.sig` as `ssh-keygen -Y sign` itself names it.

use crate::media::{self, Mode};
use crate::model::{Exit, Failure, ShowPath};
use crate::trust::{
    MAX_SIGNATURE_BYTES, MAX_SIGNATURES, Message, Namespace, PublicKey, Signer, plain_signature_path, signature_path,
    sound_keys,
};
use std::path::{Path, PathBuf};

/// A file's raw bytes and the signatures beside it, none of them judged yet.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The bytes that are signed.
    pub bytes: Vec<u8>,
    /// The signatures, armored.
    pub signatures: Vec<Vec<u8>>,
}

/// Reads the file at `path`, at most `limit_bytes` of it, and its signatures.
///
/// # Errors
/// A [`Failure`] where one of them can't be read, or the file is larger than its limit.
pub fn read_signed(path: &Path, limit_bytes: u64, what: &'static str) -> Result<Signed, Failure> {
    media::refuse_linked(path)?;
    let bytes = media::read_carried(path, limit_bytes, what)?;
    let numbered = (1..=MAX_SIGNATURES).map(|number| signature_path(path, number));
    // Numbers have no gaps, so the first that is missing ends them, and a folder full of names costs nothing.
    let mut beside: Vec<PathBuf> = numbered.take_while(|path| media::is_carried(path)).collect();
    let plain = plain_signature_path(path);
    if media::is_carried(&plain) {
        beside.push(plain);
    }
    let mut signatures = Vec::new();
    for path in beside {
        // One that is too large is none, and is judged so with the others.
        signatures.push(media::read_head(&path, MAX_SIGNATURE_BYTES as u64 + 1)?);
    }
    Ok(Signed { bytes, signatures })
}

impl Signed {
    /// The bytes as a document for `namespace`, to hold the signatures against.
    pub fn message(&self, namespace: Namespace) -> Message<'_> {
        Message::of(namespace, [&self.bytes[..]])
    }

    /// The distinct keys that made a sound signature for `namespace`; says
    /// nothing about whether any of them is trusted.
    pub fn keys(&self, namespace: Namespace) -> Vec<PublicKey> {
        sound_keys(&self.signatures, namespace, &self.bytes)
    }

    /// The same as fingerprints, `SHA256:…`.
    pub fn fingerprints(&self, namespace: Namespace) -> Vec<String> {
        self.keys(namespace).iter().map(PublicKey::fingerprint).collect()
    }

    /// Signs once more, by a key that has not signed yet.
    ///
    /// # Errors
    /// A [`Failure`] where that key signed already ([`Exit::Exists`]), or can't sign.
    pub fn sign(&mut self, namespace: Namespace, signer: &Signer) -> Result<String, Failure> {
        let fingerprint = signer.public().fingerprint();
        // A second signature by one key adds nothing to a threshold, and would only look as if it did.
        if self.keys(namespace).contains(signer.public()) {
            return Err(Failure::new(
                Exit::Exists,
                format!("the {} has a signature by {fingerprint} already", namespace.document()),
            )
            .hint("keys are counted, not signatures: the next one must be by another person's key"));
        }
        let armored = signer.sign(namespace, &self.bytes)?;
        self.signatures.push(armored.clone().into_bytes());
        Ok(armored)
    }
}

/// Writes a signature durably beside the file at `path`, under the first free
/// number; returns where.
///
/// # Errors
/// A [`Failure`] where it can't be written, or no number is free.
pub fn add_signature(path: &Path, armored: &str, mode: Mode) -> Result<PathBuf, Failure> {
    let free =
        // A dangling link is a name that is taken, too, so what the link leads to is not asked.
        (1..=MAX_SIGNATURES).map(|number| signature_path(path, number)).find(|path| path.symlink_metadata().is_err());
    let free = free.ok_or_else(|| {
        Failure::new(Exit::LimitExceeded, format!("{} has {MAX_SIGNATURES} signatures already", path.shown()))
            .hint("remove those that do not count")
    })?;
    media::write_durably_new(&free, armored.as_bytes(), mode)?;
    Ok(free)
}
