//! What a journal knows a package by.

use super::{Sha256Digest, Timestamp, Version};
use serde::{Deserialize, Serialize};
use std::fmt;

const DIGEST: &str = "sha256:";
const OFFERED: &str = "offered:";
const ELSEWHERE: &str = "elsewhere:";

/// What a package is known by: the digest of its bytes, or, where these were
/// never here, what was seen of it instead. Written as `sha256:HEX`,
/// `offered:TITLE` or `elsewhere:VERSION@TIME`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum PackageKey {
    /// SHA-256 of its bytes.
    Digest(Sha256Digest),
    /// The title by which the appliance offers it; its bytes go from the
    /// vendor to the appliance.
    Offered(String),
    /// The version of a site package that was installed elsewhere, and when it
    /// was first seen.
    Elsewhere(Version, Timestamp),
}

impl PackageKey {
    /// Reads one as it is written.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(hex) = text.strip_prefix(DIGEST) {
            return Sha256Digest::from_hex(hex).map(PackageKey::Digest);
        }
        if let Some(title) = text.strip_prefix(OFFERED) {
            return Some(PackageKey::Offered(title.to_owned()));
        }
        // A version has no `@` in it, so the first one divides the two.
        let (version, at) = text.strip_prefix(ELSEWHERE)?.split_once('@')?;
        Some(PackageKey::Elsewhere(Version::parse(version)?, Timestamp::parse(at)?))
    }

    /// The digest of its bytes; `None` where they were never here.
    pub fn digest(&self) -> Option<Sha256Digest> {
        match self {
            PackageKey::Digest(sha256) => Some(*sha256),
            PackageKey::Offered(_) | PackageKey::Elsewhere(..) => None,
        }
    }

    /// Whether the appliance fetches it by itself.
    pub fn is_offered(&self) -> bool {
        matches!(self, PackageKey::Offered(_))
    }
}

impl From<Sha256Digest> for PackageKey {
    fn from(sha256: Sha256Digest) -> Self {
        PackageKey::Digest(sha256)
    }
}

impl fmt::Display for PackageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PackageKey::Digest(sha256) => write!(f, "{DIGEST}{sha256}"),
            PackageKey::Offered(title) => write!(f, "{OFFERED}{title}"),
            PackageKey::Elsewhere(version, at) => write!(f, "{ELSEWHERE}{version}@{at}"),
        }
    }
}

impl TryFrom<String> for PackageKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        Self::parse(&text).ok_or("expected sha256:HEX, offered:TITLE or elsewhere:VERSION@TIME")
    }
}

impl From<PackageKey> for String {
    fn from(key: PackageKey) -> Self {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_reads_as_it_was_written_and_only_bytes_have_a_digest() {
        let sha256 = Sha256Digest::of(b"x");
        let at = Timestamp::parse("2026-03-04T05:06:07Z").expect("a time");
        let version = Version::parse("10.6.2").expect("a version");
        for (key, digest) in [
            (PackageKey::Digest(sha256), Some(sha256)),
            (PackageKey::Offered("Base 3.4.0: new".to_owned()), None),
            (PackageKey::Elsewhere(version, at), None),
        ] {
            assert_eq!(PackageKey::parse(&key.to_string()).as_ref(), Some(&key));
            assert_eq!(key.digest(), digest, "{key}");
        }
        for odd in ["", "abc", "sha256:12", "elsewhere:10.6.2", "elsewhere:@2026-03-04T05:06:07Z"] {
            assert_eq!(PackageKey::parse(odd), None, "{odd}");
        }
    }
}
