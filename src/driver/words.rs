//! What controls are called on this appliance's pages, and how a person is
//! told of them.

use super::ClockWords;
use crate::inventory::Language;
use crate::web::{Control, Profile, WebError};
use std::rc::Rc;

/// The labels every B Series appliance is known to use.
const EMBEDDED: &str = include_str!("bomgar/bomgar.toml");
/// Labels in further languages, which nobody has compared with pages of the vendor's.
const UNPROVEN: [(Language, &str); 3] = [
    (Language::De, include_str!("bomgar/languages/de.toml")),
    (Language::Es, include_str!("bomgar/languages/es.toml")),
    (Language::Fr, include_str!("bomgar/languages/fr.toml")),
];

/// The control that ends a session, which no step presses.
const LOGOUT: &str = "login.logout";

/// The profile in force, and the language that is tried first and told first.
pub struct Words {
    profile: Profile,
    /// The site's own labels, which are told as they are.
    own: Option<Profile>,
    language: Language,
    clock: ClockWords,
}

impl Words {
    /// Lays the site's own profile text over the embedded one.
    ///
    /// # Errors
    /// [`WebError::BadProfile`] for the site's text, or where it names a
    /// control that no step looks for: most likely misspelt.
    pub(super) fn new(site: Option<&str>, language: Language) -> Result<Self, WebError> {
        let mut embedded = Profile::parse(EMBEDDED)?;
        // Only where it is asked for: with the labels of all languages more than one control would match.
        if let Some((_, further)) = UNPROVEN.iter().find(|(other, _)| *other == language) {
            embedded = embedded.overlay(Profile::parse(further)?);
        }
        let begins_with_day = !matches!(language, Language::Auto | Language::En);
        let Some(text) = site else {
            let clock = ClockWords::of(&embedded, begins_with_day)?;
            return Ok(Words { profile: embedded, own: None, language, clock });
        };
        let own = Profile::parse(text)?;
        let known: Vec<&str> = embedded.keys().collect();
        // Passed over, it would be found out in the window, when its step goes to a person.
        if let Some(key) = own.keys().find(|key| !known.contains(key)) {
            let why = format!("no step looks for a control {key:?}; known are {}", known.join(", "));
            return Err(WebError::BadProfile { why });
        }
        drop(known);
        let profile = embedded.overlay(own.clone());
        // A session that ends under a step looks like an appliance that keeps none, and nobody thinks of a label then.
        let ends = profile.control(LOGOUT)?;
        let others = own.keys().filter(|key| *key != LOGOUT);
        let ending = |key: &str| {
            Some((key.to_owned(), own.control(key).ok()?.labels.into_iter().find(|label| ends.matches(label))?))
        };
        if let Some((key, label)) = others.filter_map(ending).next() {
            let why = format!("the control {key:?} is called {label:?} there, which logs out ({LOGOUT})");
            return Err(WebError::BadProfile { why });
        }
        let clock = ClockWords::of(&profile, begins_with_day)?;
        Ok(Words { profile, own: Some(own), language, clock })
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

    /// What is to be said of the labels themselves; `None` of proven ones.
    pub fn caution(&self) -> Option<String> {
        let unproven = UNPROVEN.iter().any(|(language, _)| *language == self.language);
        unproven.then(|| {
            format!(
                "the labels in {:?} are unproven: nobody has compared them with pages of the vendor's; what is missing \
                 below is called otherwise, and a profile mends it",
                code(self.language)
            )
        })
    }

    /// Whether a label is that of a control, whichever it is.
    pub(super) fn knows(&self, label: &str) -> bool {
        self.profile.keys().any(|key| self.profile.control(key).is_ok_and(|control| control.matches(label)))
    }

    /// The language of a page with these labels of controls: the one that most
    /// of them are in.
    pub fn spoken<'a>(&self, labels: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> &'static str {
        let says = |language: &str| {
            let in_it = |(key, label): &(&str, &str)| self.profile.says(key, language, label);
            labels.clone().filter(in_it).count()
        };
        // The labels decide and not what was asked for: a page in another language gets its labels under that one. What
        // several have alike is called the same in each, and then it is the one that was asked for, or English.
        let own = code(self.language);
        let own = if own.is_empty() { "en" } else { own };
        let others = ["en", "pt"].into_iter().filter(|other| *other != own);
        others.fold(own, |most, other| if says(other) > says(most) { other } else { most })
    }

    /// Whether a date such as 10/08/2012 begins with its day.
    pub(super) fn day_first(&self) -> bool {
        self.clock.day_first
    }

    /// How this appliance's pages write times.
    pub(super) fn clock(&self) -> &ClockWords {
        &self.clock
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
        Language::De => "de",
        Language::Es => "es",
        Language::Fr => "fr",
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
    fn further_languages_name_every_control_and_count_only_where_they_are_asked_for() {
        let embedded = Profile::parse(EMBEDDED).expect("reads");
        for (language, text) in UNPROVEN {
            assert!(text.lines().next().is_some_and(|line| line.contains("unproven")), "{language:?}");
            let further = Profile::parse(text).expect("reads");
            assert!(further.keys().eq(embedded.keys()), "{language:?}");
            assert!(words(None, language).caution().is_some() && words(None, language).day_first());
        }
        assert_eq!(words(None, Language::De).control("updates.upload").labels[0], "Software aktualisieren");
        assert_eq!(
            words(None, Language::Fr).told("updates.upload"),
            "Mettre à jour le logiciel (in English: Update Software)"
        );
        let auto = words(None, Language::Auto);
        assert!(auto.caution().is_none() && !auto.control("updates.upload").matches("Software aktualisieren"));
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
