//! Profiles: which labels a control may have, by language.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Control, WebError, fold};
use crate::model::text::one_line;

/// Largest profile, in bytes: a thousand controls in a dozen languages.
const MAX_PROFILE_BYTES: usize = 256 * 1024;
/// Most labels of one control, over all languages.
// Each label is compared with each element of each page.
const MAX_LABELS: usize = 64;
/// Longest label, in characters.
const MAX_CHARS: usize = 200;

/// Labels by control and language, read from TOML:
///
/// ```toml
/// [controls."updates.check"]
/// en = ["Check for Updates"]
/// pt = ["Verificar Atualizações"]
///
/// [clock]
/// day_first = true
/// zones = { IST = "+05:30" }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    controls: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    clock: ClockText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileText {
    #[serde(default)]
    controls: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    clock: ClockText,
}

/// How times are written, where they don't tell themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockText {
    day_first: Option<bool>,
    #[serde(default)]
    zones: BTreeMap<String, String>,
}

impl Profile {
    /// Reads a profile; unknown tables, empty labels and oversize are refused.
    ///
    /// # Errors
    /// [`WebError::BadProfile`].
    pub fn parse(toml: &str) -> Result<Self, WebError> {
        let bad = |why: String| WebError::BadProfile { why };
        if toml.len() > MAX_PROFILE_BYTES {
            return Err(bad("it is larger than 256 KiB".to_owned()));
        }
        // Unknown keys are refused, or a slip in a name would leave the
        // label without effect, and the page would be called wrong.
        let ProfileText { controls, clock } = toml::from_str(toml).map_err(|error| bad(one_line(error.message())))?;
        for (key, languages) in &controls {
            if let Some(complaint) = complaint(key, languages) {
                return Err(bad(format!("control {key:?} {complaint}")));
            }
        }
        Ok(Profile { controls, clock })
    }

    /// Returns this profile with `site` laid over it: where the site names a
    /// control and language, its labels stand alone; all else stays.
    #[must_use]
    // A site's labels replace those of their language and are not added:
    // an appliance that renamed a button may use the old name for another.
    pub fn overlay(mut self, site: Profile) -> Self {
        for (key, languages) in site.controls {
            self.controls.entry(key).or_default().extend(languages);
        }
        self.clock.day_first = site.clock.day_first.or(self.clock.day_first);
        self.clock.zones.extend(site.clock.zones);
        self
    }

    /// Looks a control up, with the labels of every language.
    ///
    /// # Errors
    /// [`WebError::KeyMissing`].
    pub fn control(&self, key: &str) -> Result<Control, WebError> {
        self.control_for(key, "")
    }

    /// Looks a control up, the labels of `language` first.
    ///
    /// # Errors
    /// [`WebError::KeyMissing`].
    pub fn control_for(&self, key: &str, language: &str) -> Result<Control, WebError> {
        let languages = self.controls.get(key).ok_or_else(|| WebError::KeyMissing { key: key.to_owned() })?;
        let first = languages.get(language).into_iter().flatten();
        // The other languages follow: a page is in that of whoever set the appliance up.
        let rest = languages.iter().filter(|(other, _)| *other != language).flat_map(|(_, labels)| labels);
        let mut labels: Vec<String> = Vec::new();
        for label in first.chain(rest) {
            if !labels.contains(label) {
                labels.push(label.clone());
            }
        }
        Ok(Control { key: key.to_owned(), labels })
    }

    /// The first label of `key` in `language`; with no language, the first in any.
    pub fn label(&self, key: &str, language: &str) -> Option<&str> {
        let languages = self.controls.get(key)?;
        let labels = match language {
            "" => languages.values().find(|labels| !labels.is_empty()),
            language => languages.get(language),
        };
        labels?.first().map(String::as_str)
    }

    /// Whether `label` is one of `key`'s in `language`.
    pub fn says(&self, key: &str, language: &str, label: &str) -> bool {
        let labels = self.controls.get(key).and_then(|languages| languages.get(language));
        labels.into_iter().flatten().any(|known| fold(known) == fold(label))
    }

    /// Whether dates begin with their day; `None` where nobody says.
    pub fn day_first(&self) -> Option<bool> {
        self.clock.day_first
    }

    /// Zones by their names, each with its distance from UTC as written.
    pub fn zones(&self) -> impl Iterator<Item = (&str, &str)> {
        self.clock.zones.iter().map(|(name, distance)| (name.as_str(), distance.as_str()))
    }

    /// Every key, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.controls.keys().map(String::as_str)
    }
}

fn complaint(key: &str, languages: &BTreeMap<String, Vec<String>>) -> Option<&'static str> {
    let labels = || languages.values().flatten();
    if key.is_empty() || key.len() > 80 {
        Some("has a key that is empty or longer than 80 bytes")
    } else if languages
        .keys()
        .any(|l| !(2..=8).contains(&l.len()) || !l.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
    {
        Some("names a language other than by a short code such as en or pt")
    } else if labels().next().is_none() {
        Some("has no label")
    } else if labels().count() > MAX_LABELS {
        Some("has more than 64 labels")
    } else if labels().any(|label| label.trim().is_empty() || label.chars().count() > MAX_CHARS) {
        Some("has a label that is empty or longer than 200 characters")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "[controls.\"a.b\"]\nen = [\"One\", \"Two\"]\npt = [\"Um\", \"One\"]\n";

    #[test]
    fn every_language_is_offered_and_the_wanted_one_first() {
        let profile = Profile::parse(BASE).expect("parses");
        assert_eq!(profile.control("a.b").expect("is there").labels, ["One", "Two", "Um"]);
        assert_eq!(profile.control_for("a.b", "pt").expect("is there").labels, ["Um", "One", "Two"]);
        assert!(matches!(profile.control("a.c"), Err(WebError::KeyMissing { .. })));
    }

    #[test]
    fn a_site_overrides_one_language_and_leaves_the_rest() {
        let site = Profile::parse("[controls.\"a.b\"]\nen = [\"Eins\"]\n[controls.x]\nen=[\"X\"]").expect("parses");
        let profile = Profile::parse(BASE).expect("parses").overlay(site);
        assert_eq!(profile.control("a.b").expect("is there").labels, ["Eins", "Um", "One"]);
        assert!(profile.control("x").is_ok());
    }

    #[test]
    fn careless_profiles_are_refused() {
        for toml in [
            "[control.x]\nen=[\"X\"]",
            "[controls.x]\nen=\"X\"",
            "[controls.x]\nen=[\" \"]",
            "[controls.x]\n",
            "[controls.x]\nEnglish=[\"X\"]",
            "[controls.x]\nen=[\"X\"]\n[controls.x]\nen=[\"Y\"]",
        ] {
            assert!(matches!(Profile::parse(toml), Err(WebError::BadProfile { .. })), "{toml}");
        }
        assert!(Profile::parse(&format!("# {}", "x".repeat(MAX_PROFILE_BYTES))).is_err());
    }
}
