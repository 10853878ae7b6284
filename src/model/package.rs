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

    /// Reads the word, as a person types it.
    ///
    /// # Errors
    /// A sentence on what is wrong with it.
    pub fn parse(written: &str) -> Result<Self, String> {
        match written.trim().to_lowercase().as_str() {
            "base" => Ok(PackageKind::Base),
            "site" => Ok(PackageKind::Site),
            "patch" => Ok(PackageKind::Patch),
            "license" | "licence" => Ok(PackageKind::License),
            _ => Err("the kind is one of base, site, patch, license".to_owned()),
        }
    }

    /// Reads the kind and version out of a vendor's title, by what stands before
    /// its version: `Base 3.4.0`, `Bomgar 10.6.2 (requires Base 3.4.0)`,
    /// `BeyondTrust Remote Support 25.2.1`, `BT24-10-ONPREM1`, `License 25`.
    ///
    /// A combined package, `Bomgar 10.6.2 + Base 3.4.0`, is of its site's kind and
    /// version, since clients update after it; [`base_beside`] tells the other.
    /// `None` where it is called otherwise, or names two packages in another way:
    /// then a person must say. Source: guide, preparations ("each package prefixed
    /// by Bomgar"); the vendor's names of later years.
    pub fn of_title(title: &str) -> Option<(PackageKind, Version)> {
        if let Some((site, _)) = combined(title) {
            return Some((PackageKind::Site, site));
        }
        let words = title_words(title);
        let (at, kind, version) = first_named(&words)?;
        let rest = &words[at + 1..];
        // Behind such a word other packages are named, as in "requires Base
        // 3.4.0". They are what this one needs or replaces, not what it is.
        let until = rest.iter().position(|word| TELLS_MORE.contains(&word.to_lowercase().as_str()));
        let rest = &rest[..until.unwrap_or(rest.len())];
        // `Bomgar 10.6.2 Base 3.4.0`: two packages in one line are no combined one.
        let another = (0..rest.len()).any(|from| first_named(&rest[from..]).is_some());
        (!another).then_some((kind, version))
    }
}

/// The base software that a combined package brings beside its site software,
/// by its title; `None` for any other package.
pub fn base_beside(title: &str) -> Option<Requirement> {
    combined(title).map(|(_, version)| Requirement { kind: PackageKind::Base, version })
}

/// All that a package of this kind, version and title brings: its own, and the
/// base beside it where it is a combined one.
pub fn brought(kind: PackageKind, version: &Version, title: &str) -> impl Iterator<Item = Requirement> {
    std::iter::once(Requirement { kind, version: version.clone() }).chain(base_beside(title))
}

/// Whether installing it changes the base software, so that in trouble the
/// appliance must not be restarted. Source: guide, preparations.
pub fn changes_base(kind: PackageKind, title: &str) -> bool {
    kind == PackageKind::Base || base_beside(title).is_some()
}

/// The site and base versions of a title that names both, with one word for "and" between them.
fn combined(title: &str) -> Option<(Version, Version)> {
    let words = title_words(title);
    let (at, kind, version) = first_named(&words)?;
    let (joint, rest) = words[at + 1..].split_first()?;
    if !JOINTS.contains(&joint.to_lowercase().as_str()) {
        return None;
    }
    let (until, other, its_version) = first_named(rest)?;
    match (kind, other, rest.len() == until + 1) {
        (PackageKind::Site, PackageKind::Base, true) => Some((version, its_version)),
        (PackageKind::Base, PackageKind::Site, true) => Some((its_version, version)),
        _ => None,
    }
}

/// What joins two names to one package, in lower case.
const JOINTS: [&str; 6] = ["+", "&", "/", "and", "with", "e"];
/// How base software is called, in lower case.
// These lists are compared with all that stands before the version, never by part: a title
// that merely has one of these words in it stays unknown, and a person says what it is.
const BASE: [&str; 6] =
    ["base", "base software", "appliance base", "appliance base software", "b series appliance", "b-series appliance"];
/// How site software is called besides the vendor's name alone.
const SITE: [&str; 6] = ["remote support", "rs", "privileged remote access", "privileged access", "pra", "pa"];
/// How licences are called.
const LICENSE: [&str; 6] = ["license", "licence", "licença", "licenses", "licences", "licenças"];
/// How patches are called beside the products they are for.
const PATCH: [&str; 4] = ["security patch", "patch", "security update", "hotfix"];
/// The vendor, which may stand before each of them.
const VENDOR: [&str; 2] = ["bomgar", "beyondtrust"];
/// Words after a version with which a title begins to tell of other packages.
const TELLS_MORE: [&str; 18] = [
    "requires",
    "require",
    "required",
    "requiring",
    "requer",
    "requerido",
    "needs",
    "prerequisite",
    "prerequisites",
    "pré-requisito",
    "for",
    "para",
    "from",
    "de",
    "after",
    "after:",
    "replaces",
    "substitui",
];

/// A title's words without the punctuation around them, and without what
/// stands in parentheses after its beginning.
pub(super) fn title_words(title: &str) -> Vec<&str> {
    let bare = match title.find(['(', '[']) {
        Some(at) if at > 0 => &title[..at],
        _ => title,
    };
    let around = |c: char| matches!(c, ',' | ';' | ':' | '.' | '"' | '\'' | ')' | '(' | '[' | ']' | '–' | '®' | '™');
    bare.split_whitespace().map(|word| word.trim_matches(around)).filter(|word| !word.is_empty()).collect()
}

/// The kind and version that the words begin with, and where the version stands.
fn first_named(words: &[&str]) -> Option<(usize, PackageKind, Version)> {
    first_named_by(words, kind_of_name)
}

/// The same where `kind_of` tells the kind by the name before the version, in lower case.
pub(super) fn first_named_by(
    words: &[&str],
    kind_of: impl Fn(&str) -> Option<PackageKind>,
) -> Option<(usize, PackageKind, Version)> {
    let at = words.iter().position(|word| word.contains(|c: char| c.is_ascii_digit()))?;
    let (before, number) = words[at].split_at(words[at].find(|c: char| c.is_ascii_digit())?);
    let head = |more: &str| {
        let head = words[..at].iter().copied().chain(Some(more)).filter(|word| !word.is_empty());
        head.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
    };
    // `BT24-10-ONPREM1`: a patch's number is its version.
    if before.eq_ignore_ascii_case("bt") && number.contains('-') {
        let head = head("");
        let known = head.is_empty() || PATCH.contains(&of_vendor(&head)) || is_patch_of(&head);
        return Some((at, PackageKind::Patch, known.then(|| Version::parse(words[at])).flatten()?));
    }
    // `Base7.3.0`, `v25.2.1`
    let head = if before.eq_ignore_ascii_case("v") { head("") } else { head(before) };
    Some((at, kind_of(&head)?, Version::parse(number)?))
}

/// The kind of what is called so.
fn kind_of_name(head: &str) -> Option<PackageKind> {
    let own = of_vendor(head);
    if BASE.contains(&own) {
        Some(PackageKind::Base)
    } else if LICENSE.contains(&own) {
        Some(PackageKind::License)
    } else if SITE.contains(&own) || VENDOR.contains(&own) {
        Some(PackageKind::Site)
    } else {
        None
    }
}

/// A name without the vendor's before it, unless it is nothing else.
fn of_vendor(head: &str) -> &str {
    let own = VENDOR.iter().find_map(|vendor| head.strip_prefix(vendor)?.strip_prefix(' '));
    own.unwrap_or(head)
}

/// `Remote Support Patch` and the like: a product, and what it is of it.
fn is_patch_of(head: &str) -> bool {
    let own = of_vendor(head);
    let of = |product: &&str| own.strip_prefix(*product).is_some_and(|rest| PATCH.contains(&rest.trim_start()));
    SITE.iter().chain(&VENDOR).chain(&BASE).any(of)
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
                // A later base or site replaces an earlier one. A patch or licence is
                // added to what is there, and a later one is no proof of an earlier one.
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
    use proptest::prelude::*;

    fn read(title: &str) -> Option<(PackageKind, String)> {
        PackageKind::of_title(title).map(|(kind, version)| (kind, version.to_string()))
    }

    #[test]
    fn titles_tell_the_kind_by_what_stands_before_the_version() {
        for (title, kind, version) in [
            ("Base 3.4.0", PackageKind::Base, "3.4.0"),
            ("Bomgar Base 4.1", PackageKind::Base, "4.1"),
            ("Base Software 7.4.0", PackageKind::Base, "7.4.0"),
            ("Base7.3.0", PackageKind::Base, "7.3.0"),
            ("BeyondTrust Base 6.2.1", PackageKind::Base, "6.2.1"),
            ("BeyondTrust Appliance Base Software 7.2.3", PackageKind::Base, "7.2.3"),
            ("B Series Appliance 7.2.4", PackageKind::Base, "7.2.4"),
            ("Base 3.4.0 for Bomgar 10.6.2", PackageKind::Base, "3.4.0"),
            ("Bomgar 10.6.2 (Enterprise)", PackageKind::Site, "10.6.2"),
            ("Bomgar 10.6.2 (requires Base 3.4.0)", PackageKind::Site, "10.6.2"),
            ("Bomgar 10.6.2 (Requires: Base 3.4.0)", PackageKind::Site, "10.6.2"),
            ("Bomgar 10.6.2, requires Base 3.4.0", PackageKind::Site, "10.6.2"),
            ("Bomgar 10.6.2 Requer: Base 3.4.0", PackageKind::Site, "10.6.2"),
            ("BeyondTrust 24.2.3", PackageKind::Site, "24.2.3"),
            ("Remote Support 25.2.1", PackageKind::Site, "25.2.1"),
            ("RS 25.2.1", PackageKind::Site, "25.2.1"),
            ("RS v25.2.1", PackageKind::Site, "25.2.1"),
            ("BeyondTrust Remote Support 25.1.2", PackageKind::Site, "25.1.2"),
            ("Privileged Remote Access 25.1.1", PackageKind::Site, "25.1.1"),
            ("PRA 25.1.1", PackageKind::Site, "25.1.1"),
            ("BT24-10-ONPREM1", PackageKind::Patch, "BT24-10-ONPREM1"),
            ("BT25-02-ONPREM", PackageKind::Patch, "BT25-02-ONPREM"),
            ("BT24-10-ONPREM1 Patch", PackageKind::Patch, "BT24-10-ONPREM1"),
            ("Security Patch BT24-10", PackageKind::Patch, "BT24-10"),
            ("Remote Support Patch BT24-10-ONPREM1", PackageKind::Patch, "BT24-10-ONPREM1"),
            ("License 25 seats", PackageKind::License, "25"),
            ("Bomgar License 25", PackageKind::License, "25"),
        ] {
            assert_eq!(read(title), Some((kind, version.to_owned())), "{title}");
        }
    }

    #[test]
    fn an_odd_title_is_asked_about() {
        for title in [
            "",
            "Something else",
            "Base",
            "ESM 2024.1",
            "Note: Base 3.4.0",
            "Bomgar 10.6.2 Base 3.4.0",
            "Bomgar 10.6.2 + Bomgar 11.1.1",
            "Bomgar 10.6.2 + Base 3.4.0 + License 25",
            "Base 3.4.0 + License 25",
            "Bomgar 10.6.2 or Base 3.4.0",
            "Bomgar Plugin 1.2",
            "Database 7.3.0",
            "Baseline 7.3.0",
            "2024 Base 3.4.0",
            "Tool BT24-10",
            "3.4.0",
        ] {
            assert_eq!(read(title), None, "{title}");
        }
    }

    #[test]
    fn a_title_that_joins_both_is_a_site_package_that_brings_a_base() {
        for title in
            ["Bomgar 10.6.2 + Base 3.4.0", "Base 3.4.0 and Bomgar 10.6.2", "Bomgar 10.6.2 & Base Software 3.4.0"]
        {
            assert_eq!(read(title), Some((PackageKind::Site, "10.6.2".to_owned())), "{title}");
            assert_eq!(base_beside(title).map(|base| base.to_string()).as_deref(), Some("base 3.4.0"), "{title}");
            assert!(changes_base(PackageKind::Site, title), "{title}");
        }
        for title in ["Bomgar 10.6.2", "Bomgar 10.6.2 (requires Base 3.4.0)", "Bomgar 10.6.2 Base 3.4.0"] {
            assert!(base_beside(title).is_none() && !changes_base(PackageKind::Site, title), "{title}");
        }
        assert!(changes_base(PackageKind::Base, "Base 3.4.0"));
    }

    proptest! {
        /// What follows a version changes no kind: not what it needs, not what it is for.
        #[test]
        fn what_stands_after_the_version_changes_no_kind(
            name in "(Bomgar|BeyondTrust|RS|PRA|Remote Support|Base|Bomgar Base|License)",
            version in "[0-9]{1,2}(\\.[0-9]{1,2}){1,2}",
            other in "(Base|Bomgar|License|RS|BT24-10)",
            how in "(\\(requires |\\(Requires: |, requires |; needs | \\[for | requer )",
            end in "[)\\].]?",
        ) {
            let bare = read(&format!("{name} {version}"));
            prop_assert!(bare.is_some());
            prop_assert_eq!(read(&format!("{name} {version} {how}{other} 3.4.0{end}")), bare);
        }

        /// A word that no product has before its version: asked, never guessed.
        #[test]
        fn a_name_that_is_not_known_is_never_guessed(
            first in "(Bomgar |Base |RS |)", odd in "[a-z]{6,9}x", last in "( Base| Bomgar|)", version in "[0-9]{1,2}\\.[0-9]"
        ) {
            prop_assert_eq!(read(&format!("{first}{odd}{last} {version}")), None);
        }

        #[test]
        fn no_title_is_too_strange(title in "(Base|Bomgar|BT1-|[0-9.]{0,4}|[ ,;().+]|\\PC){0,12}") {
            if let Some((_, version)) = PackageKind::of_title(&title) {
                prop_assert!(title.contains(version.as_str()));
            }
        }
    }
}
