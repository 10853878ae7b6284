//! Random identifiers.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A random 128-bit identifier of a bundle, request, exchange or receipt;
/// its text form is 32 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id([u8; 16]);

impl Id {
    /// Draws a fresh one from the operating system.
    ///
    /// # Panics
    /// Where the operating system has no randomness to give: nothing that is
    /// signed or named could be trusted then.
    pub fn random() -> Self {
        let mut bytes = [0u8; 16];
        // No `Result`: there is no way to go on without randomness, and a caller that could pass over it one day would.
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        Id(bytes)
    }

    /// Reads exactly 32 lower-case hex digits; anything else is `None`.
    pub fn from_hex(text: &str) -> Option<Self> {
        // `from_str_radix` would take a plus sign and capitals, so that one id had several texts.
        let lower = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let value = (text.len() == 32 && lower).then(|| u128::from_str_radix(text, 16).ok()).flatten()?;
        Some(Id(value.to_be_bytes()))
    }

    /// Its sixteen bytes, in the order of its digits.
    pub fn bytes(&self) -> [u8; 16] {
        self.0
    }

    /// Takes sixteen bytes as they come.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Id(bytes)
    }

    /// Whether a person means this one by `which`, its first digits.
    pub fn begins_with(&self, which: &str) -> bool {
        // An empty beginning fits every id: a variable that was not set must not choose one.
        !which.is_empty() && self.to_string().starts_with(which)
    }

    /// The first eight hex digits, for file names and people.
    pub fn short(&self) -> String {
        self.to_string()[..8].to_owned()
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Id::from_hex(&text).ok_or_else(|| D::Error::custom("an id is 32 lower-case hex digits"))
    }
}
