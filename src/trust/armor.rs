//! What an armored SSHSIG holds, byte for byte (PROTOCOL.sshsig).

use super::sshsig::MAX_SIGNATURE_BYTES;
use super::{Namespace, SignatureFault};
use base64ct::{Base64, Encoding};
use ssh_encoding::{Decode, Encode};

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";

/// Columns of base64 in a line, as ssh-keygen wraps it.
const ARMOR_COLUMNS: usize = 70;

/// What a signature begins with.
const PREAMBLE: &[u8; 6] = b"SSHSIG";

/// The one version there is.
const VERSION: u32 = 1;

/// The fields of a signature, as they are carried.
pub(super) struct Fields {
    /// The key that it says made it, encoded.
    pub key: Vec<u8>,
    /// What it is for.
    pub namespace: String,
    /// What version 1 keeps for later.
    pub reserved: Vec<u8>,
    /// Name of the digest that was signed.
    pub hash: String,
    /// The signature itself, encoded.
    pub signature: Vec<u8>,
}

impl Fields {
    /// Reads an armored signature of version 1. The base64 may be wrapped
    /// anyhow, as ssh-keygen allows, but has one way of saying each byte, and
    /// nothing may be left over.
    pub fn read(signature: &[u8]) -> Result<Self, SignatureFault> {
        let blob = Base64::decode_vec(&unwrap(signature)?).map_err(|_| SignatureFault::Malformed)?;
        let mut rest = blob.strip_prefix(PREAMBLE).ok_or(SignatureFault::Malformed)?;
        let version = u32::decode(&mut rest).map_err(|_| SignatureFault::Malformed)?;
        if version != VERSION {
            return Err(SignatureFault::Version(version));
        }
        let fields = Self::read_rest(&mut rest).map_err(|_| SignatureFault::Malformed)?;
        // PROTOCOL.sshsig: the namespace must not be empty.
        match rest.is_empty() && !fields.namespace.is_empty() {
            true => Ok(fields),
            false => Err(SignatureFault::Malformed),
        }
    }

    fn read_rest(rest: &mut &[u8]) -> Result<Self, ssh_encoding::Error> {
        Ok(Fields {
            key: Vec::decode(rest)?,
            namespace: String::decode(rest)?,
            reserved: Vec::decode(rest)?,
            hash: String::decode(rest)?,
            signature: Vec::decode(rest)?,
        })
    }

    /// Armors it as `ssh-keygen -Y sign` does.
    pub fn armored(&self) -> Result<String, ssh_encoding::Error> {
        let mut blob = PREAMBLE.to_vec();
        VERSION.encode(&mut blob)?;
        self.key.encode(&mut blob)?;
        self.namespace.encode(&mut blob)?;
        self.reserved.encode(&mut blob)?;
        self.hash.encode(&mut blob)?;
        self.signature.encode(&mut blob)?;
        let base64 = Base64::encode_string(&blob);
        let mut armored = format!("{BEGIN}\n");
        let mut rest = base64.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(ARMOR_COLUMNS));
            armored.push_str(line);
            armored.push('\n');
            rest = after;
        }
        armored.push_str(END);
        armored.push('\n');
        Ok(armored)
    }
}

/// What a key signs for a message that has this digest.
pub(super) fn signed_data(namespace: Namespace, hash: &str, digest: &[u8]) -> Result<Vec<u8>, ssh_encoding::Error> {
    let mut signed = PREAMBLE.to_vec();
    namespace.as_str().encode(&mut signed)?;
    // What version 1 keeps for later: nothing.
    [0_u8; 0].as_slice().encode(&mut signed)?;
    hash.encode(&mut signed)?;
    digest.encode(&mut signed)?;
    Ok(signed)
}

/// Takes the base64 out of its armor, without the white space.
fn unwrap(signature: &[u8]) -> Result<String, SignatureFault> {
    if signature.len() > MAX_SIGNATURE_BYTES {
        return Err(SignatureFault::TooLarge);
    }
    let armored = std::str::from_utf8(signature).map_err(|_| SignatureFault::NotArmored("it is not text"))?;
    let body = armored
        .strip_prefix(BEGIN)
        .filter(|rest| rest.starts_with('\n'))
        .ok_or(SignatureFault::NotArmored("it does not begin with -----BEGIN SSH SIGNATURE-----"))?;
    let (body, rest) = body
        .split_once(END)
        .filter(|(body, _)| body.ends_with('\n'))
        .ok_or(SignatureFault::NotArmored("its last line is missing"))?;
    if !rest.trim_matches(['\r', '\n']).is_empty() {
        return Err(SignatureFault::NotArmored("something follows it"));
    }
    Ok(body.chars().filter(|c| !matches!(c, '\n' | '\r' | ' ' | '\t')).collect())
}
