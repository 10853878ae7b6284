//! A vendor package: what it is called, what it is, what it needs.

use super::Version;
use serde::{Deserialize, Serialize};

/// What a package changes on the appliance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PackageKind {
    /// The base software; no wait after it (guide: preparations).
    Base,
    /// The site software, the packages prefixed "Bomgar": clients update
    /// after it, so 24 h must pass before the next one.
    Site,
    /// An out-of-band fix that does not change the version.
    Patch,
    /// A licence add-on.
    License,
}

impl PackageKind {
    /// The lower-case word used in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            PackageKind::Base => "base",
            PackageKind::Site => "site",
            PackageKind::Patch => "patch",
            PackageKind::License => "license",
        }
    }

    /// Reads the kind and version out of a vendor's title: `Base 3.4.0`,
    /// `Bomgar 10.6.2`, `BeyondTrust 22.1.1`, `BT24-10-ONPREM1`, `License 25`.
    ///
    /// `None` where the title fits no pattern: then a person must say.
    /// Source: guide, preparations ("each package prefixed by Bomgar").
    pub fn of_title(title: &str) -> Option<(PackageKind, Version)> {
        let mut words = title.split_whitespace();
        let first = words.next()?;
        let version = || {
            let numbered = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit());
            title.split_whitespace().skip(1).find(numbered).and_then(Version::parse)
        };
        match first.to_ascii_lowercase().as_str() {
            "base" => Some((PackageKind::Base, version()?)),
            "bomgar" | "beyondtrust" if words.clone().any(|w| w.eq_ignore_ascii_case("base")) => {
                Some((PackageKind::Base, version()?))
            }
            "bomgar" | "beyondtrust" => Some((PackageKind::Site, version()?)),
            "license" | "licence" | "licença" => Some((PackageKind::License, version()?)),
            word if word.starts_with("bt") && word.contains('-') => Some((PackageKind::Patch, Version::parse(first)?)),
            _ => None,
        }
    }
}

impl std::fmt::Display for PackageKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What must be on the appliance before a package is installed: for `base`
/// and `site` at least this version, for the others exactly this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Which software.
    pub kind: PackageKind,
    /// Its version.
    pub version: Version,
}

impl Requirement {
    /// Whether a package of `kind` and `version`, once installed, meets this.
    pub fn is_met_by(&self, kind: PackageKind, version: &Version) -> bool {
        self.kind == kind
            && match kind {
                PackageKind::Base | PackageKind::Site => *version >= self.version,
                PackageKind::Patch | PackageKind::License => *version == self.version,
            }
    }
}

impl std::fmt::Display for Requirement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_tell_the_kind() {
        let read = |title| PackageKind::of_title(title).map(|(kind, version)| (kind, version.to_string()));
        assert_eq!(read("Base 3.4.0"), Some((PackageKind::Base, "3.4.0".into())));
        assert_eq!(read("Bomgar 10.6.2 (Enterprise)"), Some((PackageKind::Site, "10.6.2".into())));
        assert_eq!(read("Bomgar Base 4.1"), Some((PackageKind::Base, "4.1".into())));
        assert_eq!(read("BT24-10-ONPREM1"), Some((PackageKind::Patch, "BT24-10-ONPREM1".into())));
        assert_eq!(read("License 25 seats"), Some((PackageKind::License, "25".into())));
        assert_eq!(read("Something else"), None);
    }
}
