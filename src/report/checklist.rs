//! What is left to look at after an upgrade, by kind of client.
//!
//! Source: the vendor's guide, "Client updates". Only a change of the site
//! version touches clients; base packages, licences and patches do not.

use super::wording::{English, Portuguese, Wording};
use crate::model::{Timestamp, text};
use serde::Serialize;

/// The language of a checklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Tongue {
    /// English.
    En,
    /// Portuguese of Brazil, as in the guide.
    Pt,
}

/// A kind of client, or something else to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// The site itself: a console logs in, a session comes up.
    Test,
    /// Installed consoles.
    Consoles,
    /// Consoles that were deployed by MSI on locked-down machines.
    MsiConsoles,
    /// Jump Clients.
    JumpClients,
    /// How many Jump Clients may update at once.
    JumpClientRate,
    /// Jumpoints.
    Jumpoints,
    /// Buttons.
    Buttons,
    /// Connection agents.
    ConnectionAgents,
    /// Integration clients.
    IntegrationClients,
    /// Installers that were made before.
    Installers,
}

impl Topic {
    /// All, in the order they are looked at.
    pub const ALL: &'static [Topic] = &[
        Topic::Test,
        Topic::Consoles,
        Topic::MsiConsoles,
        Topic::JumpClients,
        Topic::JumpClientRate,
        Topic::Jumpoints,
        Topic::Buttons,
        Topic::ConnectionAgents,
        Topic::IntegrationClients,
        Topic::Installers,
    ];
}

/// What an upgrade changed, as far as clients feel it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Upgrade {
    /// The appliance's name.
    pub name: String,
    /// Title of the last site package; `None` where none was installed.
    pub site: Option<String>,
    /// When that was confirmed.
    pub at: Option<Timestamp>,
    /// Titles of everything that was installed, oldest first.
    pub installed: Vec<String>,
    /// Topics that are known to be done, each with what shows it.
    pub confirmed: Vec<(Topic, String)>,
}

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// What it is about.
    pub topic: Topic,
    /// Its name.
    pub title: String,
    /// What to expect, and what to do.
    pub text: String,
    /// What shows that it is done; `None` where a person must look.
    pub confirmed: Option<String>,
}

/// A checklist that is ready to be printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checklist {
    /// Its language.
    pub language: Tongue,
    /// Its headline.
    pub title: String,
    /// What was installed, in one sentence.
    pub summary: String,
    /// What to look at; empty where no client is touched.
    pub items: Vec<Item>,
}

/// Makes the checklist of an upgrade; nothing but the upgrade decides it.
pub fn checklist(upgrade: &Upgrade, language: Tongue) -> Checklist {
    let words: &dyn Wording = match language {
        Tongue::En => &English,
        Tongue::Pt => &Portuguese,
    };
    let name = text::one_line(&upgrade.name);
    let installed: Vec<String> = upgrade.installed.iter().map(|title| text::one_line(title)).collect();
    let title = words.title(&name);
    let (Some(site), Some(at)) = (&upgrade.site, upgrade.at) else {
        return Checklist { language, title, summary: words.untouched(&installed), items: Vec::new() };
    };
    let (site, at) = (text::one_line(site), at.human());
    let confirmed = |topic: &Topic| upgrade.confirmed.iter().find(|(known, _)| known == topic);
    let items = Topic::ALL.iter().map(|topic| {
        let (title, text) = words.topic(*topic, &site, &at);
        Item { topic: *topic, title, text, confirmed: confirmed(topic).map(|(_, shows)| text::one_line(shows)) }
    });
    Checklist { language, title, summary: words.touched(&installed, &site, &at), items: items.collect() }
}

/// The checklist as plain text, a box before each thing to look at.
pub fn checklist_text(list: &Checklist) -> String {
    let mut lines = vec![list.title.clone(), list.summary.clone()];
    for item in &list.items {
        let (mark, shows) = match &item.confirmed {
            Some(shows) => ('x', format!(" ({shows})")),
            None => (' ', String::new()),
        };
        lines.push(format!("[{mark}] {}{shows}", item.title));
        lines.push(format!("    {}", item.text));
    }
    lines.join("\n")
}

/// The checklist as one page that stands alone and prints well.
pub fn checklist_html(list: &Checklist) -> String {
    let lang = match list.language {
        Tongue::En => "en",
        Tongue::Pt => "pt-BR",
    };
    let item = |item: &Item| {
        let (checked, shows) = match &item.confirmed {
            Some(shows) => (" checked", format!(" <em>({})</em>", escaped(shows))),
            None => ("", String::new()),
        };
        format!(
            "<li><label><input type=\"checkbox\"{checked}> <strong>{}</strong>{shows}</label><p>{}</p></li>\n",
            escaped(&item.title),
            escaped(&item.text)
        )
    };
    let items: String = list.items.iter().map(item).collect();
    let (title, summary) = (escaped(&list.title), escaped(&list.summary));
    format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n{STYLE}\
         </head>\n<body>\n<h1>{title}</h1>\n<p>{summary}</p>\n<ul>\n{items}</ul>\n</body>\n</html>\n"
    )
}

const STYLE: &str = "<style>\n\
    body { font: 11pt/1.4 sans-serif; max-width: 46em; margin: 2em auto; padding: 0 1em; }\n\
    ul { list-style: none; padding: 0; }\n\
    li { break-inside: avoid; margin: 0 0 .8em; }\n\
    p { margin: .2em 0 0 1.7em; }\n\
    h1 + p { margin-left: 0; }\n\
    </style>\n";

/// Text as HTML shows it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upgrade() -> Upgrade {
        Upgrade {
            name: "lisbon".into(),
            site: Some("Bomgar 10.6.2".into()),
            at: Timestamp::parse("2026-03-04T22:00:00Z"),
            installed: vec!["Base 3.4.0".into(), "Bomgar <10.6.2>\u{1b}".into()],
            confirmed: vec![(Topic::JumpClients, "41 of 41 are up to date".into())],
        }
    }

    #[test]
    fn every_topic_is_there_in_both_languages() {
        for language in [Tongue::En, Tongue::Pt] {
            let list = checklist(&upgrade(), language);
            assert_eq!(list.items.len(), Topic::ALL.len());
            for item in &list.items {
                assert!(item.text.len() > 40 && !item.title.is_empty(), "{item:?}");
                assert_eq!(item.confirmed.is_some(), item.topic == Topic::JumpClients);
            }
        }
        let titles = |language| checklist(&upgrade(), language).items.into_iter().map(|item| item.text);
        assert!(titles(Tongue::En).zip(titles(Tongue::Pt)).all(|(en, pt)| en != pt), "each is translated");
    }

    #[test]
    fn what_is_known_is_ticked_and_the_rest_is_open() {
        let told = checklist_text(&checklist(&upgrade(), Tongue::En));
        assert!(told.contains("[x] Jump Clients (41 of 41 are up to date)"), "{told}");
        assert_eq!(told.matches("[ ]").count(), Topic::ALL.len() - 1);
        assert!(told.contains("2026-03-04 22:00 UTC"), "the date that clients are compared with: {told}");
    }

    #[test]
    fn no_client_is_touched_without_a_site_package() {
        let base = Upgrade { site: None, at: None, installed: vec!["Base 3.4.0".into()], ..upgrade() };
        for language in [Tongue::En, Tongue::Pt] {
            let list = checklist(&base, language);
            assert!(list.items.is_empty() && list.summary.contains("Base 3.4.0"), "{list:?}");
        }
    }

    #[test]
    fn a_page_shows_text_and_runs_nothing() {
        let page = checklist_html(&checklist(&upgrade(), Tongue::En));
        assert!(page.contains("Bomgar &lt;10.6.2&gt;") && !page.contains('\u{1b}'), "{page}");
        assert!(!page.contains("<script") && !page.contains("http"), "it needs nothing from elsewhere");
        assert_eq!(page.matches(" checked").count(), 1);
    }
}
