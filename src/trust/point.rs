//! Points of the two curves, and what their secrets signed.

use ssh_encoding::Decode;
use ssh_key::Mpint;

/// Which of the two curves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Curve {
    Ed25519,
    P256,
}

/// A sound point: a key's public half, whatever else its type carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Point {
    Ed25519(ed25519_dalek::VerifyingKey),
    P256(p256::ecdsa::VerifyingKey),
}

/// A signature as its curve has it, which nobody has verified yet.
#[derive(Debug, Clone)]
pub(super) enum Proof {
    Ed25519(ed25519_dalek::Signature),
    P256(p256::ecdsa::Signature),
}

/// Byte with which a point begins that has both its coordinates.
const UNCOMPRESSED: u8 = 4;

/// Bytes of a coordinate of P-256.
const COORDINATE_BYTES: usize = 32;

/// The order of P-256, less one.
const P256_ORDER_LESS_ONE: [u8; COORDINATE_BYTES] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x50,
];

impl Point {
    pub fn of_ed25519(bytes: &[u8; 32]) -> Result<Self, &'static str> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| "it is not a point of the curve")?;
        if key.is_weak() {
            // Of small order: one signature would hold for many messages.
            return Err("it is a weak key that anyone can sign for");
        }
        Ok(Point::Ed25519(key))
    }

    /// Takes a point in SEC 1's form, as `ecdsa-sha2-nistp256` keys carry it.
    pub fn of_p256(sec1: &[u8]) -> Result<Self, &'static str> {
        // A compressed point is the same key under a second fingerprint, and ssh-keygen takes none.
        let Some((&UNCOMPRESSED, coordinates)) = sec1.split_first() else {
            return Err("it is not a point with both coordinates");
        };
        let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(sec1).map_err(|_| "it is not a point of the curve")?;
        // As sshkey_ec_validate_public of OpenSSH: a key that it refuses must not count here.
        let unsound = |coordinate: &[u8]| {
            coordinate >= P256_ORDER_LESS_ONE.as_slice()
                || coordinate[..COORDINATE_BYTES / 2].iter().all(|byte| *byte == 0)
        };
        if coordinates.chunks(COORDINATE_BYTES).any(unsound) {
            return Err("it is a weak key, with a coordinate that no sound one has");
        }
        Ok(Point::P256(key))
    }

    pub fn curve(&self) -> Curve {
        match self {
            Point::Ed25519(_) => Curve::Ed25519,
            Point::P256(_) => Curve::P256,
        }
    }

    /// Whether `proof` is by this point's secret over `message`.
    pub fn verifies(&self, message: &[u8], proof: &Proof) -> bool {
        match (self, proof) {
            // Strict: refuses the malleable and small-order forms that a plain check lets pass.
            (Point::Ed25519(key), Proof::Ed25519(proof)) => key.verify_strict(message, proof).is_ok(),
            (Point::P256(key), Proof::P256(proof)) => {
                p256::ecdsa::signature::Verifier::verify(key, message, proof).is_ok()
            }
            _ => false,
        }
    }
}

impl Proof {
    /// Reads the bytes that a signature of OpenSSH has for this curve; `None`
    /// where they are anything but the one way of writing it.
    pub fn read(curve: Curve, bytes: &[u8]) -> Option<Self> {
        match curve {
            Curve::Ed25519 => ed25519_dalek::Signature::from_slice(bytes).ok().map(Proof::Ed25519),
            Curve::P256 => {
                let mut rest = bytes;
                let (r, s) = (scalar(&mut rest)?, scalar(&mut rest)?);
                // Both halves of the scalars' range count: cards and OpenSSL make either.
                let proof = p256::ecdsa::Signature::from_scalars(r, s).ok()?;
                rest.is_empty().then_some(Proof::P256(proof))
            }
        }
    }
}

/// A number of RFC 4251, of the length that P-256 has.
fn scalar(rest: &mut &[u8]) -> Option<[u8; COORDINATE_BYTES]> {
    let number = Mpint::decode(rest).ok()?;
    let bytes = number.as_positive_bytes()?;
    let mut scalar = [0; COORDINATE_BYTES];
    scalar[COORDINATE_BYTES.checked_sub(bytes.len())?..].copy_from_slice(bytes);
    Some(scalar)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..90)) {
            let _ = Point::of_p256(&bytes);
            let framed = [&[0, 0, 0, 32], bytes.as_slice()].concat();
            for curve in [Curve::Ed25519, Curve::P256] {
                let _ = (Proof::read(curve, &bytes), Proof::read(curve, &framed));
            }
        }
    }
}
