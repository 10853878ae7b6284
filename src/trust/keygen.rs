//! Making a key: a convenience, since `ssh-keygen -t ed25519` does the same.

use super::{PublicKey, TrustError};
use crate::model::{Secret, text};
use ssh_key::rand_core::OsRng;
use ssh_key::{Algorithm, LineEnding, PrivateKey};
use zeroize::Zeroizing;

/// A key that was just made and lies nowhere yet. It is a secret: no `Debug`.
pub struct NewKey {
    /// The private key as OpenSSH writes it, encrypted where it has a passphrase.
    pub private: Zeroizing<String>,
    /// Its public half.
    pub public: PublicKey,
}

impl NewKey {
    /// Makes an ed25519 key; writes nothing.
    ///
    /// Without a passphrase the private key is stored as it is; with one it is
    /// encrypted as OpenSSH does by default (AES-256-CTR, bcrypt-pbkdf, 16 rounds).
    ///
    /// # Errors
    /// [`TrustError::KeyNotMade`].
    pub fn make(comment: &str, passphrase: Option<&Secret>) -> Result<Self, TrustError> {
        let not_made = |error: ssh_key::Error| TrustError::KeyNotMade { why: error.to_string() };
        let mut key = PrivateKey::random(&mut OsRng, Algorithm::Ed25519).map_err(not_made)?;
        key.set_comment(text::one_line(comment));
        let public = PublicKey::from_data(key.public_key().key_data(), key.comment())
            .map_err(|why| TrustError::KeyNotMade { why })?;
        if let Some(passphrase) = passphrase {
            key = key.encrypt(&mut OsRng, passphrase.reveal()).map_err(not_made)?;
        }
        let private = key.to_openssh(LineEnding::LF).map_err(not_made)?;
        Ok(NewKey { private, public })
    }
}
