//! Public keys.

use super::point::{Point, Proof};
use super::{SignatureFault, TrustError};
use crate::model::{Sha256Digest, text};
use ssh_encoding::Decode;
use ssh_key::HashAlg;
use ssh_key::public::{EcdsaPublicKey, KeyData};
use std::hash::{Hash, Hasher};
use std::path::Path;

/// Longest comment kept, in characters: more than any host name or address.
const MAX_COMMENT_CHARS: usize = 256;

/// Longest application of a security key, in bytes: `ssh:` and a name of
/// somebody's choice. It is shown on one line.
const MAX_APPLICATION_BYTES: usize = 128;

/// The types of keys that count, as OpenSSH names them.
const COUNTING: &[&str] =
    &["ssh-ed25519", "ecdsa-sha2-nistp256", "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"];

/// The same for whoever brought another one.
const ONLY: &str = "only ed25519 and ECDSA P-256 keys count, in a security key (sk-) or not";

/// The flag of a signature by a security key that somebody touched (WebAuthn, section 6.1).
const USER_PRESENT: u8 = 1;

/// A public key whose point is sound: of ed25519 or P-256, and perhaps in a
/// security key, which signs for one application alone.
///
/// Equal to another when type, point and application are the same; the comment is for people.
#[derive(Debug, Clone)]
pub struct PublicKey {
    data: KeyData,
    point: Point,
    comment: String,
}

/// What is in a signature besides the point's: read, and not verified yet.
pub(super) struct RawSignature {
    proof: Proof,
    /// What a security key adds of its own: flags, and a counter that rises.
    added: Option<[u8; 5]>,
}

impl PublicKey {
    /// Reads one line as in a `.pub` file: `ssh-ed25519 AAAA… comment`.
    ///
    /// # Errors
    /// [`TrustError::PublicKeyMalformed`] where it is anything else, a type of
    /// key that does not count included.
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
            counting if counts(counting) => {}
            other if is_key_type(other) => return Err(malformed(refused(other))),
            _ => return Err(malformed("it does not begin with the type of a key, such as ssh-ed25519".to_owned())),
        }
        Self::from_blob(algorithm, blob, comment).map_err(malformed)
    }

    /// Whether `line` is as in a `.pub` file of a type that does not count, as
    /// an RSA key's is.
    pub fn is_of_another_type(line: &str) -> bool {
        line.split_whitespace().next().is_some_and(|word| is_key_type(word) && !counts(word))
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

    /// Reads the base64 part of a key line that said of which type it is.
    pub(super) fn from_blob(key_type: &str, blob: &str, comment: &str) -> Result<Self, String> {
        let line = format!("{key_type} {blob}");
        // The reader takes a length field that lies; ssh-keygen does not, and
        // such a key would count here and not there. Encoded anew it differs.
        let key = ssh_key::PublicKey::from_openssh(&line).ok();
        let key = key.filter(|key| key.to_openssh().is_ok_and(|anew| anew == line));
        let key = key.ok_or("its base64 part is damaged or cut")?;
        Self::from_data(key.key_data(), comment)
    }

    /// Reads a key as signatures and agents carry it.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, SignatureFault> {
        let key_type = String::decode(&mut &*bytes).map_err(|_| SignatureFault::Malformed)?;
        // What does not count is told by its name, whatever follows it.
        if !counts(&key_type) && is_key_type(&key_type) {
            return Err(SignatureFault::Key(refused(&key_type)));
        }
        let key = ssh_key::PublicKey::from_bytes(bytes).map_err(|_| SignatureFault::Malformed)?;
        // As in `from_blob`: what is encoded otherwise is another key to ssh-keygen.
        if key.to_bytes().ok().as_deref() != Some(bytes) {
            return Err(SignatureFault::Malformed);
        }
        Self::from_data(key.key_data(), "").map_err(SignatureFault::Key)
    }

    /// Takes a key another format carried.
    pub(super) fn from_data(data: &KeyData, comment: &str) -> Result<Self, String> {
        let point = match data {
            KeyData::Ed25519(key) => Point::of_ed25519(&key.0),
            KeyData::SkEd25519(key) => Point::of_ed25519(&key.public_key().0),
            KeyData::Ecdsa(EcdsaPublicKey::NistP256(key)) => Point::of_p256(key.as_bytes()),
            KeyData::SkEcdsaSha2NistP256(key) => Point::of_p256(key.ec_point().as_bytes()),
            other => return Err(refused(other.algorithm().as_str())),
        };
        let key = PublicKey { data: data.clone(), point: point?, comment: String::new() }.with_comment(comment);
        match key.application() {
            // It is shown to whoever trusts the key, so two that differ must not look alike.
            Some(application)
                if application.len() > MAX_APPLICATION_BYTES || text::one_line(application) != application =>
            {
                Err(format!("its application is not one printable line of at most {MAX_APPLICATION_BYTES} bytes"))
            }
            _ => Ok(key),
        }
    }

    /// The same key under another comment.
    pub(super) fn with_comment(self, comment: &str) -> Self {
        PublicKey { comment: text::short_line(comment, MAX_COMMENT_CHARS), ..self }
    }

    /// Its type, as OpenSSH names it.
    pub fn key_type(&self) -> &'static str {
        match &self.data {
            KeyData::Ecdsa(_) => "ecdsa-sha2-nistp256",
            KeyData::SkEd25519(_) => "sk-ssh-ed25519@openssh.com",
            KeyData::SkEcdsaSha2NistP256(_) => "sk-ecdsa-sha2-nistp256@openssh.com",
            _ => "ssh-ed25519",
        }
    }

    /// What a security key signs with it for; `None` where it is in none.
    pub fn application(&self) -> Option<&str> {
        match &self.data {
            KeyData::SkEd25519(key) => Some(key.application()),
            KeyData::SkEcdsaSha2NistP256(key) => Some(key.application()),
            _ => None,
        }
    }

    /// Whether whoever can sign with one can sign with the other: the same
    /// point, whatever type and application it is carried as.
    pub fn is_same_secret(&self, other: &PublicKey) -> bool {
        self.point == other.point
    }

    /// Whether `signature` is by this key over `signed`, and a security key was touched for it.
    pub(super) fn check(&self, signed: &[u8], signature: &RawSignature) -> Result<(), SignatureFault> {
        let holds = match (self.application(), signature.added) {
            (None, None) => self.point.verifies(signed, &signature.proof),
            // PROTOCOL.u2f, SSH U2F Signatures.
            (Some(application), Some(added)) => {
                let digests = [application.as_bytes(), signed].map(|bytes| Sha256Digest::of(bytes).0);
                let message = [&digests[0][..], &added, &digests[1]].concat();
                self.point.verifies(&message, &signature.proof)
            }
            _ => false,
        };
        match (holds, signature.added) {
            (false, _) => Err(SignatureFault::Mismatch),
            // ssh-keygen asks for no touch. Without one, whoever has the machine signs as long as the key is plugged in.
            (true, Some([flags, ..])) if flags & USER_PRESENT == 0 => Err(SignatureFault::Untouched),
            (true, _) => Ok(()),
        }
    }

    /// `SHA256:…`, as `ssh-keygen -l` prints it.
    pub fn fingerprint(&self) -> String {
        self.data.fingerprint(HashAlg::Sha256).to_string()
    }

    /// `ssh-ed25519 AAAA… comment`, without a line feed.
    pub fn openssh(&self) -> String {
        self.as_ssh().to_openssh().expect("a key that was read has an OpenSSH form")
    }

    /// The key as signatures and agents carry it.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.as_ssh().to_bytes().expect("a key that was read can be encoded")
    }

    fn as_ssh(&self) -> ssh_key::PublicKey {
        ssh_key::PublicKey::new(self.data.clone(), self.comment.clone())
    }

    /// What the key is called; empty where it has no comment.
    pub fn comment(&self) -> &str {
        &self.comment
    }
}

impl RawSignature {
    /// Reads an encoded signature, which must be of its key's type.
    pub fn read(key: &PublicKey, bytes: &[u8]) -> Result<Self, SignatureFault> {
        let mut rest = bytes;
        let malformed = |_| SignatureFault::Malformed;
        let found = String::decode(&mut rest).map_err(malformed)?;
        if found != key.key_type() {
            return Err(SignatureFault::Type { found: text::name(&found), key_type: key.key_type() });
        }
        let proof = Vec::decode(&mut rest).map_err(malformed)?;
        let proof = Proof::read(key.point.curve(), &proof).ok_or(SignatureFault::Malformed)?;
        let added = match key.application() {
            Some(_) => Some(rest.try_into().map_err(|_| SignatureFault::Malformed)?),
            None if rest.is_empty() => None,
            None => return Err(SignatureFault::Malformed),
        };
        Ok(RawSignature { proof, added })
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.data == other.data
    }
}

impl Eq for PublicKey {}

impl Hash for PublicKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.data.hash(state);
    }
}

impl std::fmt::Display for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.fingerprint())
    }
}

/// Whether keys of that type count.
pub(super) fn counts(key_type: &str) -> bool {
    COUNTING.contains(&key_type)
}

/// Says of a type of key that it does not count, as the end of a sentence about the key.
pub(super) fn refused(key_type: &str) -> String {
    let what = match key_type {
        certificate if certificate.contains("-cert-") => "a certificate",
        rsa if rsa.contains("rsa") => "an RSA key",
        _ => "a key",
    };
    format!("it is {what} of type {key_type}; {ONLY}")
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
