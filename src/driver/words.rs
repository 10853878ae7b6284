//! What controls are called on this appliance's pages, and how a person is
//! told of them.

use crate::inventory::Language;
use crate::web::{Control, Profile, WebError};
use std::rc::Rc;

/// The labels every B Series appliance is known to use.
const EMBEDDED: &str = include_str!("bomgar/bomgar.toml");

/// The profile in force, and the language that is tried first and told first.
pub struct Words {
    profile: Profile,
    /// The site's own labels, which are told as they are.
    own: Option<Profile>,
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
        let Some(text) = site else { return Ok(Words { profile: embedded, own: None, language }) };
        let own = Profile::parse(text)?;
        let known: Vec<&str> = embedded.keys().collect();
        // Passed over, it would be found out in the window, when its step goes to a person.
        if let Some(key) = own.keys().find(|key| !known.contains(key)) {
            let why = format!("no step looks for a control {key:?}; known are {}", known.join(", "));
            return Err(WebError::BadProfile { why });
        }
        drop(known);
        Ok(Words { profile: embedded.overlay(own.clone()), own: Some(own), language })
    }

    /// The embedded labels, in both languages.
    pub fn usual() -> Rc<Self> {
        Rc::new(Self::new(None, Language::Auto).expect("the embedded profile reads"))
    }

    /// The labels of `key`, this appliance's language first.
    pub(super) fn control(&self, key: &'static str) -> Control {
        let found = self.profile.control_for(key, code(self.language));
        found.expect("the embedded profile has every control that the driver asks for")
    }

    /// The label of `key` as a person is told to look for it: the site's own
    /// where its profile has one, else in the appliance's language and beside
    /// it in the other.
    pub(super) fn told(&self, key: &str) -> String {
        match self.own_label(key) {
            Some(own) => own.to_owned(),
            None => self.beside(|language| self.label(key, language)),
        }
    }

    /// The way through a menu, from `root` by the links `keys`, in the same words.
    pub(super) fn path(&self, root: &str, keys: &[&str]) -> String {
        self.beside(|language| {
            let links =
                keys.iter().map(|key| self.own_label(key).map_or_else(|| self.label(key, language), str::to_owned));
            links.fold(root.to_owned(), |path, link| format!("{path} > {link}"))
        })
    }

    /// Whether a date such as 10/08/2012 begins with its day.
    pub(super) fn day_first(&self) -> bool {
        self.language == Language::Pt
    }

    /// A text in the appliance's language, and beside it in the other, where that differs.
    fn beside(&self, text: impl Fn(&str) -> String) -> String {
        let (first, second, name) = match self.language {
            Language::En => return text("en"),
            Language::Auto => (text("en"), text("pt"), "Portuguese"),
            // With the English name beside it: the guide in Portuguese shows its screens in English.
            other => (text(code(other)), text("en"), "English"),
        };
        if first == second { first } else { format!("{first} (in {name}: {second})") }
    }

    fn own_label(&self, key: &str) -> Option<&str> {
        let own = self.own.as_ref()?;
        own.label(key, code(self.language)).or_else(|| own.label(key, ""))
    }

    fn label(&self, key: &str, language: &str) -> String {
        let found = self.profile.label(key, language).or_else(|| self.profile.label(key, "en"));
        found.unwrap_or(key).to_owned()
    }
}

/// What a profile calls a language; empty for none in particular.
fn code(language: Language) -> &'static str {
    match language {
        Language::Auto => "",
        Language::En => "en",
        Language::Pt => "pt",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(site: Option<&str>, language: Language) -> Words {
        Words::new(site, language).expect("reads")
    }

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
        assert_eq!(words(Some(site), Language::En).control("updates.upload").labels, ["Send it", "Atualizar Software"]);
        let wrong = Words::new(Some("[controls.\"update.upload\"]\nen = [\"x\"]\n"), Language::En).map(|_| ());
        assert!(matches!(wrong, Err(WebError::BadProfile { why }) if why.contains("updates.upload")));
    }

    #[test]
    fn the_appliances_language_is_tried_first() {
        assert_eq!(words(None, Language::Pt).control("nav.updates").labels[0], "Atualizações");
    }

    #[test]
    fn a_person_is_told_the_sites_own_words() {
        let site = "[controls.\"updates.upload\"]\nde = [\"Software aktualisieren\"]\n\
                    [controls.\"nav.updates\"]\nen = [\"Upgrades\"]\n";
        for language in [Language::Auto, Language::En, Language::Pt] {
            let words = words(Some(site), language);
            assert_eq!(words.told("updates.upload"), "Software aktualisieren");
            assert_eq!(words.path("/appliance", &["nav.updates"]), "/appliance > Upgrades");
        }
        let usual = |language| words(None, language).told("updates.upload");
        assert_eq!(usual(Language::Auto), "Update Software (in Portuguese: Atualizar Software)");
        assert_eq!(usual(Language::Pt), "Atualizar Software (in English: Update Software)");
        assert_eq!(
            words(None, Language::Pt).path("/appliance", &["nav.status", "nav.basics"]),
            "/appliance > Status > Básico (in English: /appliance > Status > Basics)"
        );
        assert_eq!(words(None, Language::Auto).told("failover.port"), "TLS Port (in Portuguese: Porta TLS)");
    }
}
