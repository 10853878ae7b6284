//! What controls are called on this appliance's pages.

use crate::inventory::Language;
use crate::web::{Control, Profile, WebError};

/// The labels every B Series appliance is known to use.
const EMBEDDED: &str = include_str!("bomgar.toml");

/// The profile in force, and the language that is tried first and told first.
pub(super) struct Words {
    profile: Profile,
    language: Language,
}

impl Words {
    /// Lays the site's own profile text over the embedded one.
    ///
    /// # Errors
    /// [`WebError::BadProfile`] for the site's text, or where it names a
    /// control that no step looks for: most likely misspelt.
    pub(super) fn new(site: Option<&str>, language: Language) -> Result<Self, WebError> {
        let embedded = Profile::parse(EMBEDDED)?;
        let Some(text) = site else { return Ok(Words { profile: embedded, language }) };
        let site = Profile::parse(text)?;
        let known: Vec<&str> = embedded.keys().collect();
        // Passed over, it would be found out in the window, when its step goes to a person.
        if let Some(key) = site.keys().find(|key| !known.contains(key)) {
            let why = format!("no step looks for a control {key:?}; known are {}", known.join(", "));
            return Err(WebError::BadProfile { why });
        }
        drop(known);
        Ok(Words { profile: embedded.overlay(site), language })
    }

    /// The labels of `key`, this appliance's language first.
    pub(super) fn control(&self, key: &'static str) -> Control {
        let found = match self.language {
            Language::Auto => self.profile.control(key),
            Language::En => self.profile.control_for(key, "en"),
            Language::Pt => self.profile.control_for(key, "pt"),
        };
        found.expect("the embedded profile has every control that the driver asks for")
    }

    /// The language that is told first.
    pub(super) fn language(&self) -> Language {
        self.language
    }

    /// Whether a date such as 10/08/2012 begins with its day.
    pub(super) fn day_first(&self) -> bool {
        self.language == Language::Pt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_profile_speaks_both_languages() {
        let profile = Profile::parse(EMBEDDED).expect("reads");
        for key in profile.keys() {
            for language in ["en", "pt"] {
                let table: toml::Table = EMBEDDED.parse().expect("is TOML");
                assert!(table["controls"][key].get(language).is_some(), "{key} in {language}");
            }
        }
    }

    #[test]
    fn a_site_adds_labels_and_is_told_of_misspelt_keys() {
        let site = "[controls.\"updates.upload\"]\nen = [\"Send it\"]\n";
        let words = Words::new(Some(site), Language::En).expect("reads");
        assert_eq!(words.control("updates.upload").labels, ["Send it", "Atualizar Software"]);
        let wrong = Words::new(Some("[controls.\"update.upload\"]\nen = [\"x\"]\n"), Language::En).map(|_| ());
        assert!(matches!(wrong, Err(WebError::BadProfile { why }) if why.contains("updates.upload")));
    }

    #[test]
    fn the_appliances_language_is_tried_first() {
        let words = Words::new(None, Language::Pt).expect("reads");
        assert_eq!(words.control("nav.updates").labels[0], "Atualizações");
    }
}
