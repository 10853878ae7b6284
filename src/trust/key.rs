//! Public keys.

use super::TrustError;
use crate::model::text;
use ed25519_dalek::VerifyingKey;
use ssh_key::{HashAlg, public::KeyData};
use std::hash::{Hash, Hasher};
use std::path::Path;

/// Longest comment kept, in characters: more than any host name or address.
const MAX_COMMENT_CHARS: usize = 256;

/// An ed25519 public key that is a sound point of the curve.
///
/// Equal to another when the key is the same; the comment is for people.
#[derive(Debug, Clone)]
pub struct PublicKey {
    key: VerifyingKey,
    comment: String,
}

impl PublicKey {
    /// Reads one line as in a `.pub` file: `ssh-ed25519 AAAA… comment`.
    ///
    /// # Errors
    /// [`TrustError::PublicKeyMalformed`] where it is anything else, another
    /// type of key included.
    pub fn parse(line: &str) -> Result<Self, TrustError> {
        let malformed = |why: String| TrustError::PublicKeyMalformed { why };
        let line = line.trim_matches([' ', '\t', '\r', '\n']);
        if line.contains(['\n', '\0']) {
            return Err(malformed("it has more than one line".to_owned()));
        }
        let mut words = line.splitn(2, [' ', '\t']);
        let algorithm = words.next().unwrap_or_default();
        let rest = words.next().unwrap_or_default().trim_start_matches([' ', '\t']);
        let (blob, comment) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
        match algorithm {
            "" => return Err(malformed("it is empty".to_owned())),
            "ssh-ed25519" => {}
            other if is_key_type(other) => {
                return Err(malformed(format!("it is of type {other}; only ed25519 keys are used")));
            }
            _ => return Err(malformed("it does not begin with ssh-ed25519".to_owned())),
        }
        Self::from_blob(blob, comment).map_err(malformed)
    }

    /// Whether `line` is as in a `.pub` file of another type than ed25519, as
    /// an RSA key's is.
    pub fn is_of_another_type(line: &str) -> bool {
        line.split_whitespace().next().is_some_and(|word| word != "ssh-ed25519" && is_key_type(word))
    }

    /// Reads a `.pub` file: one key, comments and empty lines around it allowed.
    ///
    /// # Errors
    /// [`TrustError::KeyUnreadable`], [`TrustError::LimitExceeded`],
    /// [`TrustError::KeyMalformed`].
    pub fn read(path: &Path) -> Result<Self, TrustError> {
        let bytes = super::files::read_bounded(path, super::MAX_KEY_BYTES)?;
        let malformed =
            |why: String| TrustError::KeyMalformed { path: path.to_owned(), expected: "an OpenSSH public key", why };
        let text = text::decoded(&bytes).ok_or_else(|| malformed("it is not text".to_owned()))?;
        let mut lines = text.lines().map(text::trimmed).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let line = lines.next().ok_or_else(|| malformed("it is empty".to_owned()))?;
        if line.contains("PRIVATE KEY") {
            return Err(malformed("it is a private key".to_owned()));
        }
        if lines.next().is_some() {
            return Err(malformed("it has more than one line".to_owned()));
        }
        Self::parse(line).map_err(|error| match error {
            TrustError::PublicKeyMalformed { why } => malformed(why),
            other => other,
        })
    }

    /// Reads the base64 part of a key line whose type said ed25519.
    pub(super) fn from_blob(blob: &str, comment: &str) -> Result<Self, String> {
        let line = format!("ssh-ed25519 {blob}");
        // The reader takes a length field that lies; ssh-keygen does not, and
        // such a key would count here and not there. Encoded anew it differs.
        let key = ssh_key::PublicKey::from_openssh(&line).ok();
        let key = key.filter(|key| key.to_openssh().is_ok_and(|anew| anew == line));
        let key = key.ok_or("its base64 part is damaged or cut")?;
        Self::from_data(key.key_data(), comment)
    }

    /// Takes a key another format carried.
    pub(super) fn from_data(data: &KeyData, comment: &str) -> Result<Self, String> {
        let Some(ed25519) = data.ed25519() else {
            return Err(format!("it is of type {}; only ed25519 keys are used", data.algorithm()));
        };
        let key = VerifyingKey::from_bytes(&ed25519.0).map_err(|_| "it is not a point of the curve".to_owned())?;
        if key.is_weak() {
            // Of small order: one signature would hold for many messages.
            return Err("it is a weak key that anyone can sign for".to_owned());
        }
        let comment = text::short_line(comment, MAX_COMMENT_CHARS);
        Ok(PublicKey { key, comment })
    }

    /// `SHA256:…`, as `ssh-keygen -l` prints it.
    pub fn fingerprint(&self) -> String {
        self.data().fingerprint(HashAlg::Sha256).to_string()
    }

    /// `ssh-ed25519 AAAA… comment`, without a line feed.
    pub fn openssh(&self) -> String {
        let key = ssh_key::PublicKey::new(self.data(), self.comment.clone());
        key.to_openssh().expect("an ed25519 key always has an OpenSSH form")
    }

    /// What the key is called; empty where it has no comment.
    pub fn comment(&self) -> &str {
        &self.comment
    }

    pub(super) fn data(&self) -> KeyData {
        KeyData::Ed25519(ssh_key::public::Ed25519PublicKey(self.key.to_bytes()))
    }

    pub(super) fn verifying(&self) -> &VerifyingKey {
        &self.key
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for PublicKey {}

impl Hash for PublicKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.as_bytes().hash(state);
    }
}

impl std::fmt::Display for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.fingerprint())
    }
}

/// Whether a word is the name of an OpenSSH key type (of any, ed25519 too).
///
/// A closed list: an unknown word before a key must be an error, or a typing
/// mistake in an option would pass for a key type nobody uses.
pub(super) fn is_key_type(word: &str) -> bool {
    const TYPES: &[&str] = &[
        "ssh-ed25519",
        "ssh-rsa",
        "rsa-sha2-256",
        "rsa-sha2-512",
        "ssh-dss",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com",
        "sk-ecdsa-sha2-nistp256@openssh.com",
        "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
        "ssh-xmss@openssh.com",
        "ssh-ed25519-cert-v01@openssh.com",
        "ssh-rsa-cert-v01@openssh.com",
        "rsa-sha2-256-cert-v01@openssh.com",
        "rsa-sha2-512-cert-v01@openssh.com",
        "ssh-dss-cert-v01@openssh.com",
        "ecdsa-sha2-nistp256-cert-v01@openssh.com",
        "ecdsa-sha2-nistp384-cert-v01@openssh.com",
        "ecdsa-sha2-nistp521-cert-v01@openssh.com",
        "sk-ssh-ed25519-cert-v01@openssh.com",
        "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
        "ssh-xmss-cert-v01@openssh.com",
    ];
    TYPES.contains(&word)
}
