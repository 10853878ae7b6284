//! Keys of every kind in software, security keys among them: what a card or a
//! token would sign, written by hand from PROTOCOL.sshsig and PROTOCOL.u2f.

use crate::trust::stock::line;
use base64ct::{Base64, Encoding};
use handcarry::testing::trust::{Namespace, PublicKey};
use sha2::{Digest, Sha256, Sha512};

/// The flags of a signature by a security key: somebody touched it, somebody was recognised.
pub const TOUCHED: u8 = 1;
pub const RECOGNISED: u8 = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    Ed25519,
    P256,
}

/// A key, and the application that its security key signs for; `None` where it is in none.
pub struct Token {
    curve: Curve,
    application: Option<String>,
    ed25519: ed25519_dalek::SigningKey,
    p256: p256::ecdsa::SigningKey,
}

/// What a security key adds to a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Added {
    pub flags: u8,
    pub counter: u32,
}

impl Token {
    /// The same key for the same number.
    pub fn new(curve: Curve, number: u8, application: Option<&str>) -> Self {
        let secret = [number; 32];
        Token {
            curve,
            application: application.map(str::to_owned),
            ed25519: ed25519_dalek::SigningKey::from_bytes(&secret),
            p256: p256::ecdsa::SigningKey::from_slice(&secret).expect("a scalar"),
        }
    }

    pub fn key_type(&self) -> &'static str {
        match (self.curve, &self.application) {
            (Curve::Ed25519, None) => "ssh-ed25519",
            (Curve::P256, None) => "ecdsa-sha2-nistp256",
            (Curve::Ed25519, Some(_)) => "sk-ssh-ed25519@openssh.com",
            (Curve::P256, Some(_)) => "sk-ecdsa-sha2-nistp256@openssh.com",
        }
    }

    /// The key as signatures and agents carry it.
    pub fn encoded(&self) -> Vec<u8> {
        let mut key = string(self.key_type().as_bytes());
        match self.curve {
            Curve::Ed25519 => key.extend(string(self.ed25519.verifying_key().as_bytes())),
            Curve::P256 => {
                key.extend(string(b"nistp256"));
                key.extend(string(self.p256.verifying_key().to_encoded_point(false).as_bytes()));
            }
        }
        key.extend(self.application.iter().flat_map(|application| string(application.as_bytes())));
        key
    }

    pub fn public(&self) -> PublicKey {
        PublicKey::parse(&format!("{} {}", self.key_type(), base64(&self.encoded()))).expect("a key")
    }

    /// A line that trusts it for everything.
    pub fn line(&self, name: &str) -> String {
        line(name, &self.public())
    }

    /// A signature with somebody's touch.
    pub fn sign(&self, namespace: Namespace, message: &[u8]) -> Vec<u8> {
        self.sign_with(namespace, message, Added { flags: TOUCHED, counter: 7 })
    }

    pub fn sign_with(&self, namespace: Namespace, message: &[u8], added: Added) -> Vec<u8> {
        let mut to_sign = b"SSHSIG".to_vec();
        let digest = Sha512::digest(message);
        [namespace.as_str().as_bytes(), b"", b"sha512", &digest].iter().for_each(|part| to_sign.extend(string(part)));
        self.armored(namespace, &self.raw(&to_sign, added))
    }

    /// The encoded signature over what an agent is given, or a card.
    pub fn raw(&self, to_sign: &[u8], added: Added) -> Vec<u8> {
        let trailer = [&[added.flags][..], &added.counter.to_be_bytes()].concat();
        let message = match &self.application {
            None => to_sign.to_vec(),
            Some(application) => [&Sha256::digest(application)[..], &trailer, &Sha256::digest(to_sign)].concat(),
        };
        let signature = match self.curve {
            Curve::Ed25519 => ed25519_dalek::Signer::sign(&self.ed25519, &message).to_bytes().to_vec(),
            Curve::P256 => {
                let signature: p256::ecdsa::Signature = p256::ecdsa::signature::Signer::sign(&self.p256, &message);
                let (r, s) = signature.split_bytes();
                [number(&r), number(&s)].concat()
            }
        };
        let mut raw = [string(self.key_type().as_bytes()), string(&signature)].concat();
        raw.extend(self.application.iter().flat_map(|_| trailer.clone()));
        raw
    }

    /// Armors an encoded signature as this key's.
    pub fn armored(&self, namespace: Namespace, raw: &[u8]) -> Vec<u8> {
        let mut blob = [&b"SSHSIG"[..], &1u32.to_be_bytes()].concat();
        [&self.encoded(), namespace.as_str().as_bytes(), b"", b"sha512", raw]
            .iter()
            .for_each(|part| blob.extend(string(part)));
        let armored = format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", base64(&blob));
        armored.into_bytes()
    }
}

/// One key of each kind that counts, each its own secret.
pub fn one_of_each() -> Vec<Token> {
    vec![
        Token::new(Curve::Ed25519, 1, None),
        Token::new(Curve::P256, 2, None),
        Token::new(Curve::Ed25519, 3, Some("ssh:")),
        Token::new(Curve::P256, 4, Some("ssh:signing")),
    ]
}

/// Bytes behind their length (RFC 4251, string).
pub fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).expect("short").to_be_bytes()[..], bytes].concat()
}

/// A number that is not negative (RFC 4251, mpint).
fn number(bytes: &[u8]) -> Vec<u8> {
    let at = bytes.iter().position(|byte| *byte != 0).expect("not zero");
    let sign: &[u8] = if bytes[at] & 0x80 != 0 { &[0] } else { &[] };
    string(&[sign, &bytes[at..]].concat())
}

fn base64(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}
