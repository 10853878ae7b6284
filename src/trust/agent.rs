//! What is asked of ssh-agent: which keys it holds, and a signature.
//!
//! Source: draft-ietf-sshm-ssh-agent, of which two requests are spoken. A
//! message is a 32-bit length, a byte that tells its kind, and its fields.

use super::PublicKey;
use crate::model::Sha256Digest;
use base64ct::{Base64Unpadded, Encoding};
use ssh_encoding::{Decode, Encode};
use std::io::{self, Read, Write};
use std::path::Path;

/// Largest answer read, in bytes: what OpenSSH's own programs take.
const MAX_ANSWER_BYTES: u32 = 256 * 1024;

const FAILURE: u8 = 5;
const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;

/// Why an agent was of no use.
#[derive(Debug, thiserror::Error)]
pub(super) enum AgentError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("it refused")]
    Refused,
    #[error("its answer would be {bytes} bytes long; at most {MAX_ANSWER_BYTES} are read")]
    TooLong { bytes: u32 },
    #[error("it answered with a message of kind {kind}")]
    Unexpected { kind: u8 },
    #[error("its answer does not read: {why}")]
    Unreadable { why: String },
}

impl From<ssh_encoding::Error> for AgentError {
    fn from(error: ssh_encoding::Error) -> Self {
        AgentError::Unreadable { why: error.to_string() }
    }
}

/// A key that an agent holds.
#[derive(Debug)]
pub(super) struct Held {
    /// As `ssh-add -l` shows it.
    pub fingerprint: String,
    /// The key, or why it can't sign here.
    pub key: Result<PublicKey, String>,
}

/// An agent that is connected to.
pub(super) struct Agent {
    stream: Box<dyn ReadWrite>,
}

trait ReadWrite: Read + Write {}

impl<T: Read + Write> ReadWrite for T {}

impl Agent {
    /// Connects to the agent that listens there.
    pub(super) fn connect(at: &Path) -> io::Result<Self> {
        Ok(Agent { stream: open(at)? })
    }

    /// The keys it holds that could sign here, and of the others why each can't.
    pub(super) fn keys(&mut self) -> Result<Vec<Held>, AgentError> {
        let answer = self.ask(&[REQUEST_IDENTITIES], IDENTITIES_ANSWER)?;
        let mut rest = answer.as_slice();
        let mut keys = Vec::new();
        for _ in 0..u32::decode(&mut rest)? {
            let (blob, comment) = (Vec::decode(&mut rest)?, Vec::decode(&mut rest)?);
            // A comment may be a file's name in any encoding.
            let comment = String::from_utf8_lossy(&comment);
            let key = PublicKey::from_bytes(&blob).map(|key| key.with_comment(&comment));
            keys.push(Held { fingerprint: fingerprint(&blob), key: key.map_err(|fault| fault.to_string()) });
        }
        Ok(keys)
    }

    /// Has `message` signed with `key`, which may wait for a person's touch or
    /// word: the signature as it is encoded.
    pub(super) fn sign(&mut self, key: &PublicKey, message: &[u8]) -> Result<Vec<u8>, AgentError> {
        let mut request = vec![SIGN_REQUEST];
        key.bytes().encode(&mut request)?;
        message.encode(&mut request)?;
        // Flags choose between RSA's digests; other keys have none.
        0u32.encode(&mut request)?;
        let answer = self.ask(&request, SIGN_RESPONSE)?;
        Ok(Vec::decode(&mut answer.as_slice())?)
    }

    /// Sends one request and reads the fields of its answer.
    fn ask(&mut self, request: &[u8], wanted: u8) -> Result<Vec<u8>, AgentError> {
        let mut framed = Vec::new();
        request.encode(&mut framed)?;
        self.stream.write_all(&framed)?;
        self.stream.flush()?;
        let mut length = [0; 4];
        self.stream.read_exact(&mut length)?;
        let bytes = u32::from_be_bytes(length);
        if bytes > MAX_ANSWER_BYTES {
            return Err(AgentError::TooLong { bytes });
        }
        let mut answer = vec![0; bytes as usize];
        self.stream.read_exact(&mut answer)?;
        match answer.split_first() {
            Some((kind, fields)) if *kind == wanted => Ok(fields.to_vec()),
            Some((&FAILURE, _)) => Err(AgentError::Refused),
            Some((kind, _)) => Err(AgentError::Unexpected { kind: *kind }),
            None => Err(AgentError::Unreadable { why: "it is empty".to_owned() }),
        }
    }
}

/// As `ssh-keygen -l` prints it, of a key of any type.
fn fingerprint(blob: &[u8]) -> String {
    format!("SHA256:{}", Base64Unpadded::encode_string(&Sha256Digest::of(blob).0))
}

#[cfg(unix)]
fn open(at: &Path) -> io::Result<Box<dyn ReadWrite>> {
    Ok(Box::new(std::os::unix::net::UnixStream::connect(at)?))
}

#[cfg(windows)]
fn open(at: &Path) -> io::Result<Box<dyn ReadWrite>> {
    Ok(Box::new(crate::media::open_pipe(at)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An agent that answers the same to everything.
    struct Answers(io::Cursor<Vec<u8>>);

    impl Read for Answers {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.0.read(into)
        }
    }

    impl Write for Answers {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn agent(answer: &[u8]) -> Agent {
        Agent { stream: Box::new(Answers(io::Cursor::new(answer.to_vec()))) }
    }

    fn told(answer: &[u8]) -> String {
        agent(answer).keys().expect_err("no answer").to_string()
    }

    #[test]
    fn an_answer_is_bounded_and_of_the_kind_that_was_asked_for() {
        assert_eq!(told(&[0, 0, 0, 1, FAILURE]), "it refused");
        assert_eq!(told(&[0, 0, 0, 1, 28]), "it answered with a message of kind 28");
        assert_eq!(told(&[0, 4, 0, 1]), "its answer would be 262145 bytes long; at most 262144 are read");
        assert_eq!(told(&[0, 0, 0, 0]), "its answer does not read: it is empty");
        assert_eq!(told(&[0, 0, 0, 2, IDENTITIES_ANSWER]), "failed to fill whole buffer");
        // One key is told of, and none is there.
        let short = told(&[0, 0, 0, 5, IDENTITIES_ANSWER, 0, 0, 0, 1]);
        assert!(short.starts_with("its answer does not read"), "{short}");
    }

    #[test]
    fn what_can_sign_nothing_here_is_held_with_its_reason() {
        let text = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
        let key = PublicKey::parse(text).expect("a key");
        let mut rsa = Vec::new();
        b"ssh-rsa"[..].encode(&mut rsa).expect("encoded");
        let mut fields = vec![IDENTITIES_ANSWER];
        3u32.encode(&mut fields).expect("encoded");
        for (blob, comment) in [(&b"no key at all"[..], &b""[..]), (&rsa, b"work"), (&key.bytes(), b"alice \xff")] {
            blob.encode(&mut fields).expect("encoded");
            comment.encode(&mut fields).expect("encoded");
        }
        let mut answer = Vec::new();
        fields.encode(&mut answer).expect("encoded");
        let keys = agent(&answer).keys().expect("keys");
        let [junk, rsa, held] = keys.as_slice() else { panic!("three keys: {keys:?}") };
        assert_eq!(junk.key.as_ref().expect_err("no key"), "it is damaged");
        let why = rsa.key.as_ref().expect_err("not used");
        assert!(why.contains("it is an RSA key of type ssh-rsa"), "{why}");
        let there = held.key.as_ref().expect("a key");
        assert_eq!((there, there.comment()), (&key, "alice \u{fffd}"));
        assert_eq!(held.fingerprint, key.fingerprint());
    }
}
