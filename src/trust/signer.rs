//! Whoever can sign: a key file or ssh-agent.

use super::agent::{Agent, AgentError, Held};
use super::{Message, Namespace, PublicKey, TrustError, files, sshsig};
use crate::model::{Secret, ShowPath};
use ssh_encoding::Encode;
use ssh_key::{Kdf, PrivateKey};
use std::path::{Path, PathBuf};

/// Largest key file read, in bytes: the largest OpenSSH writes is a tenth of it.
pub const MAX_KEY_BYTES: u64 = 64 * 1024;

/// Most bcrypt-pbkdf rounds accepted: ssh-keygen makes 16 unless told
/// otherwise, and a thousand take seconds. A file that asks for more would
/// keep this program busy for hours.
const MAX_KDF_ROUNDS: u32 = 4096;

/// A key that can sign. It has no `Debug`, and wipes the private key's memory
/// when dropped.
pub struct Signer {
    public: PublicKey,
    means: Means,
}

enum Means {
    File(Box<PrivateKey>),
    Agent { socket: PathBuf },
}

impl Signer {
    /// Reads an OpenSSH ed25519 private key. `passphrase` is asked once, and
    /// only where the key is encrypted; `None` means nobody knows it.
    ///
    /// # Errors
    /// [`TrustError::KeyUnreadable`], [`TrustError::KeyTooOpen`],
    /// [`TrustError::LimitExceeded`], [`TrustError::KeyMalformed`],
    /// [`TrustError::KeyWrongType`], [`TrustError::PassphraseNeeded`],
    /// [`TrustError::WrongPassphrase`].
    pub fn from_file(path: &Path, passphrase: &mut dyn FnMut() -> Option<Secret>) -> Result<Signer, TrustError> {
        let key = read(path)?;
        let key = if key.is_encrypted() { decrypt(key, path, passphrase)? } else { key };
        Ok(Signer { public: public_of(&key, path)?, means: Means::File(Box::new(key)) })
    }

    /// Reads the public half that lies in a private key's file, encrypted or
    /// not; the comment only where it is not.
    ///
    /// # Errors
    /// As [`Signer::from_file`], but for those of the passphrase.
    pub fn public_half(path: &Path) -> Result<PublicKey, TrustError> {
        public_of(&read(path)?, path)
    }

    /// Chooses a key that ssh-agent holds, by its fingerprint (`SHA256:…`) or
    /// by its `.pub` file. The agent is the one SSH_AUTH_SOCK names; on
    /// Windows, without it, the system's own.
    ///
    /// # Errors
    /// [`TrustError::AgentAbsent`], [`TrustError::AgentFault`],
    /// [`TrustError::AgentLacksKey`], [`TrustError::AgentKeyUnusable`]; for a file those of [`PublicKey::read`].
    pub fn from_agent(public_key_file_or_fingerprint: &str) -> Result<Signer, TrustError> {
        let wanted = match public_key_file_or_fingerprint {
            fingerprint if fingerprint.starts_with("SHA256:") => fingerprint.to_owned(),
            file => PublicKey::read(Path::new(file))?.fingerprint(),
        };
        let socket = agent_socket().ok_or(TrustError::AgentAbsent)?;
        let held = connect(&socket)?.keys().map_err(|error| agent_fault(&socket, &error))?;
        match held.iter().find(|held| held.fingerprint == wanted) {
            Some(Held { key: Ok(key), .. }) => Ok(Signer { public: key.clone(), means: Means::Agent { socket } }),
            Some(Held { key: Err(why), .. }) => Err(TrustError::AgentKeyUnusable { wanted, why: why.clone() }),
            None => {
                // An agent holds its owner's login keys as well: those that can't sign here are no fault.
                let held = held.into_iter().filter(|held| held.key.is_ok()).map(|held| held.fingerprint).collect();
                Err(TrustError::AgentLacksKey { wanted: crate::model::text::one_line(&wanted), held })
            }
        }
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs `message` for `namespace`: an armored SSHSIG over SHA-512, as
    /// `ssh-keygen -Y sign` makes it. It is verified before it is returned.
    ///
    /// # Errors
    /// [`TrustError::AgentFault`], [`TrustError::AgentRefused`],
    /// [`TrustError::SignatureUnsound`].
    pub fn sign(&self, namespace: Namespace, message: &[u8]) -> Result<String, TrustError> {
        self.sign_message(&Message::of(namespace, [message]))
    }

    /// Signs a document that lies in pieces, or of which just the digests are there.
    ///
    /// # Errors
    /// As [`Signer::sign`].
    pub fn sign_message(&self, message: &Message<'_>) -> Result<String, TrustError> {
        let to_sign = sshsig::signed_bytes(message);
        let signature = match &self.means {
            Means::File(key) => ssh_signature(key, &to_sign).map_err(|error| self.unsound(&error))?,
            Means::Agent { socket } => connect(socket)?.sign(&self.public, &to_sign).map_err(|error| match error {
                AgentError::Refused => TrustError::AgentRefused { fingerprint: self.public.fingerprint() },
                other => agent_fault(socket, &other),
            })?,
        };
        let armored =
            sshsig::armor(&self.public, message.namespace(), signature).map_err(|error| self.unsound(&error))?;
        // A faulty agent or memory must not put a bad signature on the stick.
        match sshsig::verify_message(armored.as_bytes(), message) {
            Ok(key) if key == self.public => Ok(armored),
            Ok(_) => Err(self.unsound(&"it is by another key")),
            Err(fault) => Err(self.unsound(&fault)),
        }
    }

    fn unsound(&self, why: &dyn std::fmt::Display) -> TrustError {
        TrustError::SignatureUnsound { fingerprint: self.public.fingerprint(), why: why.to_string() }
    }
}

/// Signs with a key of a file: the signature as it is encoded.
fn ssh_signature(key: &PrivateKey, to_sign: &[u8]) -> Result<Vec<u8>, ssh_key::Error> {
    let pair = key.key_data().ed25519().ok_or(ssh_key::Error::PublicKey)?;
    let signing = ed25519_dalek::SigningKey::try_from(pair)?;
    let signature = ed25519_dalek::Signer::sign(&signing, to_sign);
    let mut encoded = Vec::new();
    "ssh-ed25519".encode(&mut encoded)?;
    signature.to_bytes().as_slice().encode(&mut encoded)?;
    Ok(encoded)
}

/// Reads a private key of the one kind that signs from its file, still encrypted.
fn read(path: &Path) -> Result<PrivateKey, TrustError> {
    let pem = files::read_private(path, MAX_KEY_BYTES)?;
    let key = PrivateKey::from_openssh(pem.as_slice()).map_err(|_| malformed(path, what_it_is_instead(&pem)))?;
    if key.algorithm().is_ed25519() {
        return Ok(key);
    }
    Err(TrustError::KeyWrongType { path: path.to_owned(), algorithm: key.algorithm().to_string() })
}

fn public_of(key: &PrivateKey, path: &Path) -> Result<PublicKey, TrustError> {
    PublicKey::from_data(key.public_key().key_data(), key.comment()).map_err(|why| malformed(path, &why))
}

fn malformed(path: &Path, why: &str) -> TrustError {
    let (path, why) = (path.to_owned(), why.to_owned());
    TrustError::KeyMalformed { path, expected: "an OpenSSH private key", why }
}

fn decrypt(
    key: PrivateKey,
    path: &Path,
    passphrase: &mut dyn FnMut() -> Option<Secret>,
) -> Result<PrivateKey, TrustError> {
    let malformed =
        |why: String| TrustError::KeyMalformed { path: path.to_owned(), expected: "an OpenSSH private key", why };
    match key.kdf() {
        Kdf::Bcrypt { rounds, .. } if *rounds > MAX_KDF_ROUNDS => {
            let what = format!("the number of bcrypt rounds ({rounds}) of {}", path.shown());
            return Err(TrustError::LimitExceeded { what, limit: format!("{MAX_KDF_ROUNDS} rounds") });
        }
        Kdf::Bcrypt { .. } => {}
        _ => return Err(malformed("it is encrypted in an unknown way".to_owned())),
    }
    let secret = passphrase().ok_or_else(|| TrustError::PassphraseNeeded { path: path.to_owned() })?;
    let opened = key.decrypt(secret.reveal()).map_err(|error| match error {
        ssh_key::Error::AlgorithmUnsupported { .. } | ssh_key::Error::AlgorithmUnknown => {
            malformed(format!("its cipher {} is not known here", key.cipher()))
        }
        // Anything else is what a wrong passphrase looks like: the decrypted
        // bytes make no sense. A damaged file can't be told from that.
        _ => TrustError::WrongPassphrase { path: path.to_owned() },
    })?;
    // The outer public key is not encrypted, so it proves nothing by itself.
    if opened.public_key().key_data() != key.public_key().key_data() {
        return Err(malformed("its public and private halves do not belong together".to_owned()));
    }
    Ok(opened)
}

/// Says what a file is that is no OpenSSH private key.
fn what_it_is_instead(bytes: &[u8]) -> &'static str {
    let begins = |prefix: &str| bytes.starts_with(prefix.as_bytes());
    if bytes.is_empty() {
        "it is empty"
    } else if begins("ssh-") || begins("ecdsa-") || begins("sk-") {
        "it is a public key; name the file without .pub"
    } else if begins("-----BEGIN OPENSSH PRIVATE KEY-----") {
        "it is damaged or cut"
    } else if begins("-----BEGIN ") {
        "it is a key in another format"
    } else if begins("PuTTY-User-Key-File") {
        "it is a PuTTY key; export it in OpenSSH format with PuTTYgen"
    } else {
        "it does not begin with -----BEGIN OPENSSH PRIVATE KEY-----"
    }
}

fn agent_socket() -> Option<PathBuf> {
    let named = std::env::var_os("SSH_AUTH_SOCK").filter(|socket| !socket.is_empty()).map(PathBuf::from);
    named.or_else(system_agent)
}

#[cfg(windows)]
fn system_agent() -> Option<PathBuf> {
    Some(PathBuf::from(r"\\.\pipe\openssh-ssh-agent"))
}

/// Only Windows has one agent at one place.
#[cfg(not(windows))]
fn system_agent() -> Option<PathBuf> {
    None
}

fn connect(socket: &Path) -> Result<Agent, TrustError> {
    Agent::connect(socket).map_err(|error| agent_fault(socket, &error.into()))
}

fn agent_fault(socket: &Path, error: &AgentError) -> TrustError {
    TrustError::AgentFault { socket: socket.shown(), why: crate::model::text::one_line(&error.to_string()) }
}
