//! Versions as the vendor writes them.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::cmp::Ordering;

/// Longest version text, in bytes.
pub const MAX_VERSION_BYTES: usize = 64;

/// A version such as `10.6.2`, `3.3.2` or `BT24-10-ONPREM1`: ASCII letters,
/// digits, `.`, `-`, `_`, `+`.
///
/// Ordered number by number (`10.6` after `9.12`, `10.6` equal to `10.6.0`);
/// text between numbers is compared as text.
#[derive(Debug, Clone)]
pub struct Version(String);

impl Version {
    /// Reads a version; `None` where it has other characters or is too long.
    pub fn parse(text: &str) -> Option<Self> {
        let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+');
        let fits = !text.is_empty() && text.len() <= MAX_VERSION_BYTES && text.bytes().all(good);
        fits.then(|| Version(text.to_owned()))
    }

    /// That of this very program.
    pub fn own() -> Self {
        Version::parse(env!("CARGO_PKG_VERSION")).expect("cargo's versions are versions")
    }

    /// The version as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parts(&self) -> Vec<Part<'_>> {
        let mut parts = Vec::new();
        for field in self.0.split(['.', '-', '_', '+']) {
            let digits = field.len() - field.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, rest) = field.split_at(digits);
            if !number.is_empty() {
                let number = number.trim_start_matches('0');
                parts.push(Part::Number(number.len(), number));
            }
            if !rest.is_empty() {
                parts.push(Part::Text(rest));
            }
        }
        while parts.last() == Some(&Part::Number(0, "")) {
            parts.pop();
        }
        parts
    }
}

/// A number is held as its digits without leading zeros, longest last, so
/// that no version is too long to compare. Text before numbers: a
/// pre-release precedes its release.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    Text(&'a str),
    Number(usize, &'a str),
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

// By `cmp` and not derived, or `10.6` and `10.6.0` would be unequal and yet neither the later.
impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Version::parse(&text)
            .ok_or_else(|| D::Error::custom("a version is at most 64 letters, digits, '.', '-', '_' and '+'"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_order_by_number() {
        let v = |text| Version::parse(text).expect("valid");
        assert!(v("10.6") > v("9.12.3"));
        assert_eq!(v("10.6"), v("10.6.0"));
        assert_eq!(v("3.03"), v("3.3"));
        assert!(v("99999999999999999999999") > v("1"));
        assert!(v("3.3.2") < v("3.3.10"));
        assert!(Version::parse("1 2").is_none());
    }
}
