//! What an appliance offers to install by itself, on its Updates page.

use super::{PackageKind, Requirement, Version};
use serde::{Deserialize, Serialize};

/// Longest requirement in words: `BeyondTrust Appliance Base Software 7.2.3`.
const LONGEST_WORDS: usize = 5;

/// A package on the list of available updates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Its title as shown.
    pub title: String,
    /// What the page says beside a greyed-out entry, empty where it says
    /// nothing; `None` for one that can be installed now.
    pub locked: Option<String>,
}

impl Offer {
    /// Its kind and version, where the title tells them.
    pub fn identity(&self) -> Option<(PackageKind, Version)> {
        PackageKind::of_title(&self.title)
    }

    /// Whether the page can mean a package of this title, kind and version.
    pub fn is(&self, title: &str, kind: PackageKind, version: &Version) -> bool {
        self.title == title || self.identity().is_some_and(|own| (own.0, &own.1) == (kind, version))
    }

    /// What must be installed before it, by what the page says; empty where it
    /// is not locked, and where the page names nothing.
    /// Source: guide, preparations and automatic updates.
    pub fn requires(&self) -> Vec<Requirement> {
        let own = self.identity();
        let named = self.locked.as_deref().map(named_in).unwrap_or_default();
        // A page may repeat the package's own title in the sentence;
        // taken for a need, it would wait for itself for ever.
        named.into_iter().filter(|need| own.as_ref() != Some(&(need.kind, need.version.clone()))).collect()
    }
}

/// The packages that a sentence names, each once: `Requires: Base 3.4.0`.
fn named_in(text: &str) -> Vec<Requirement> {
    let between = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '"');
    let words: Vec<&str> = text.split(between).map(|word| word.trim_end_matches(['.', ':'])).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let mut named: Vec<Requirement> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        // Two words before more: "Bomgar 10.6.2 Base 3.4.0" names two packages.
        let lengths = (2..=LONGEST_WORDS).chain(Some(1)).filter(|length| at + length <= words.len());
        let found = lengths
            .map(|length| (length, words[at..at + length].join(" ")))
            .find_map(|(length, title)| Some((length, PackageKind::of_title(&title)?)));
        let Some((length, (kind, version))) = found else {
            at += 1;
            continue;
        };
        at += length;
        let need = Requirement { kind, version };
        if !named.contains(&need) {
            named.push(need);
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn needs(title: &str, locked: &str) -> Vec<String> {
        let offer = Offer { title: title.to_owned(), locked: Some(locked.to_owned()) };
        offer.requires().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_a_greyed_out_package_waits_for_is_read() {
        assert_eq!(needs("Bomgar 10.6.2", "Requires: Base 3.4.0"), ["base 3.4.0"]);
        assert_eq!(needs("Bomgar 11.1.1", "Requer: Bomgar 10.6.2 Base 3.5.0."), ["site 10.6.2", "base 3.5.0"]);
        assert_eq!(needs("Bomgar 11.1.1", "install Bomgar Base 4.1 first (Bomgar Base 4.1)"), ["base 4.1"]);
        assert_eq!(needs("RS 25.2.1", "needs BeyondTrust Appliance Base Software 7.2.3"), ["base 7.2.3"]);
        assert_eq!(needs("RS 25.2.1", "after Privileged Remote Access 25.1.1"), ["site 25.1.1"]);
        assert_eq!(needs("BT24-10-ONPREM2", "needs BT24-10-ONPREM1 first"), ["patch BT24-10-ONPREM1"]);
        assert_eq!(needs("Base 3.4.0", "Base 3.4.0 can't be installed yet"), [""; 0], "its own name is no need");
        assert!(needs("Base 3.4.0", "").is_empty());
        let open = Offer { title: "Base 3.4.0".to_owned(), locked: None };
        assert!(open.requires().is_empty());
    }

    proptest! {
        #[test]
        fn no_sentence_is_too_strange(text in "(Base|Bomgar|BT1-|[0-9.]{0,4}|[ ,;().]|\\PC){0,20}") {
            let named = named_in(&text);
            prop_assert!(named.len() <= text.len());
        }
    }
}
