//! SHA-256 digests as a type.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest; its text form is 64 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sha256Digest(pub [u8; 32]);

impl Sha256Digest {
    /// Digests bytes that are already in memory.
    pub fn of(bytes: &[u8]) -> Self {
        Sha256Digest(Sha256::digest(bytes).into())
    }

    /// Digests bytes that lie in pieces.
    pub fn of_all<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hasher = Sha256::new();
        pieces.into_iter().for_each(|piece| hasher.update(piece));
        Sha256Digest::finish(hasher)
    }

    /// Digests two runs of bytes in about three quarters of the time that one
    /// after the other takes, on one core: see [`update_two`].
    pub fn of_two(one: &[u8], other: &[u8]) -> (Self, Self) {
        let (mut first, mut second) = (Sha256::new(), Sha256::new());
        update_two(&mut first, one, &mut second, other);
        (Sha256Digest::finish(first), Sha256Digest::finish(second))
    }

    /// Takes a finished hasher.
    pub fn finish(hasher: Sha256) -> Self {
        Sha256Digest(hasher.finalize().into())
    }

    /// Reads exactly 64 lower-case hex digits; anything else is `None`.
    pub fn from_hex(text: &str) -> Option<Self> {
        // Upper case is refused: a digest has one text, so that texts can be compared, and a manifest has one form.
        let bytes = text.as_bytes();
        if bytes.len() != 64 {
            return None;
        }
        let mut digest = [0u8; 32];
        for (byte, pair) in digest.iter_mut().zip(bytes.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Some(Sha256Digest(digest))
    }

    /// The first twelve hex digits, enough for a person to compare.
    pub fn short(&self) -> String {
        self.to_string()[..12].to_owned()
    }
}

/// SHA-256 works in blocks of so many bytes.
const BLOCK_BYTES: usize = 64;

/// Gives each of two hashers its bytes, block by block in turn.
///
/// Each block's digest needs that of the block before, and a processor with
/// SHA-256 instructions spends most of a block waiting for its own results. Two
/// chains that need nothing of each other fill each other's gaps.
pub fn update_two(first: &mut Sha256, one: &[u8], second: &mut Sha256, other: &[u8]) {
    let common = one.len().min(other.len());
    let ((one, one_more), (other, other_more)) = (one.split_at(common), other.split_at(common));
    for (block, beside) in one.chunks(BLOCK_BYTES).zip(other.chunks(BLOCK_BYTES)) {
        first.update(block);
        second.update(beside);
    }
    first.update(one_more);
    second.update(other_more);
}

/// Gives the same bytes to two hashers: see [`update_two`].
pub fn update_both(first: &mut Sha256, second: &mut Sha256, bytes: &[u8]) {
    update_two(first, bytes, second, bytes);
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl std::fmt::Display for Sha256Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // In one piece: journals and manifests have hundreds of thousands of them.
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        f.write_str(std::str::from_utf8(&text).expect("hex digits are ASCII"))
    }
}

impl Serialize for Sha256Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sha256Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Sha256Digest::from_hex(&text).ok_or_else(|| D::Error::custom("a SHA-256 digest is 64 lower-case hex digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn two_at_once_are_digested_as_one_by_one(
            one in proptest::collection::vec(any::<u8>(), 0..700),
            other in proptest::collection::vec(any::<u8>(), 0..700),
        ) {
            let both = Sha256Digest::of_two(&one, &other);
            prop_assert_eq!(both, (Sha256Digest::of(&one), Sha256Digest::of(&other)));
            let (mut first, mut second) = (Sha256::new(), Sha256::new_with_prefix(&other));
            update_both(&mut first, &mut second, &one);
            prop_assert_eq!(Sha256Digest::finish(first), Sha256Digest::of(&one));
            prop_assert_eq!(Sha256Digest::finish(second), Sha256Digest::of(&[other, one].concat()));
        }
    }

    #[test]
    fn hex_is_strict_both_ways() {
        let digest = Sha256Digest::of(b"");
        assert_eq!(digest.to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(Sha256Digest::from_hex(&digest.to_string()), Some(digest));
        assert_eq!(Sha256Digest::from_hex(&digest.to_string().to_uppercase()), None);
        assert_eq!(Sha256Digest::from_hex("e3"), None);
    }
}
