//! What is left to look at after an upgrade, by kind of client.
//!
//! Source: the vendor's guide, "Client updates". Only a change of the site
//! version touches clients; base packages, licences and patches do not.

use super::wording::{English, Portuguese, Wording};
use crate::model::{Timestamp, text};
use serde::Serialize;
use std::collections::BTreeMap;

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
    /// What the date of each client must be later than, and whether that is by
    /// the appliance's clock; `None` where no site package was installed.
    pub later_than: Option<(Timestamp, bool)>,
    /// Titles of everything that was installed, oldest first.
    pub installed: Vec<String>,
    /// What the site's API told of its clients.
    pub seen: Seen,
}

/// What the site's API told; what it did not is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Why the API told nothing at all; `None` where it was asked and told.
    pub unasked: Option<Unasked>,
    /// The Jump Clients of shared groups, counted.
    pub jump_clients: Option<Counted>,
    /// Clients that are connected now, by the API's name of their type.
    pub connected: Option<BTreeMap<String, u64>>,
    /// Version of the site software.
    pub version: Option<String>,
    /// Whether the site thinks itself sound.
    pub sound: Option<bool>,
    /// How many Jump Clients may update at once.
    pub update_limit: Option<u64>,
}

/// Why an API told nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unasked {
    /// The inventory names no account for it, or the site has none.
    NoAccount,
    /// It was to be left alone.
    LeftAlone,
    /// It could not be asked; what went wrong, in one line.
    Failed(String),
}

/// Jump Clients, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// Those that were seen.
    pub seen: u64,
    /// Of these, the ones that still need an update.
    pub outdated: u64,
    /// How many must be seen before a count means anything.
    pub wanted: u64,
}

impl Seen {
    /// What shows that a topic is done; `None` where a person must look.
    fn confirms(&self, topic: Topic, words: &dyn Wording) -> Option<String> {
        let counted = self.jump_clients?;
        let whole = counted.outdated == 0 && counted.seen >= counted.wanted && !self.has_more(counted);
        (topic == Topic::JumpClients && whole).then(|| words.updated(counted.seen))
    }

    /// What was told of a topic without confirming it.
    fn tells(&self, topic: Topic, site: &str, words: &dyn Wording) -> Option<String> {
        if self.unasked.is_some() {
            return None;
        }
        let connected = |kind: &str| self.connected.as_ref().and_then(|counts| counts.get(kind)).copied();
        let told = match topic {
            Topic::JumpClients => self.jump_clients.map(|counted| match self.has_more(counted) {
                true => words.personal(counted.seen, connected("pinned_client").unwrap_or_default()),
                false => words.behind(counted.seen, counted.outdated, counted.wanted),
            }),
            Topic::Consoles => connected("representative").map(|count| words.connected(count)),
            Topic::Jumpoints => connected("push_agent").map(|count| words.connected(count)),
            Topic::JumpClientRate => self.update_limit.map(|limit| words.limit(limit)),
            Topic::Test => self.version.as_ref().map(|version| words.version(version, site, self.sound)),
            Topic::MsiConsoles
            | Topic::Buttons
            | Topic::ConnectionAgents
            | Topic::IntegrationClients
            | Topic::Installers => None,
        };
        Some(told.unwrap_or_else(|| words.nothing()))
    }

    /// Whether more Jump Clients are connected than were counted: those of
    /// personal lists are in no count.
    fn has_more(&self, counted: Counted) -> bool {
        let connected = self.connected.as_ref().and_then(|counts| counts.get("pinned_client"));
        connected.is_some_and(|connected| *connected > counted.seen)
    }
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
    /// What the site's API told of it without confirming it; `None` where it
    /// was not asked, or confirms it.
    pub told: Option<String>,
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
    let (Some(site), Some((at, own))) = (&upgrade.site, upgrade.later_than) else {
        return Checklist { language, title, summary: words.untouched(&installed), items: Vec::new() };
    };
    let (site, at) = (text::one_line(site), words.moment(&at.up_to_minute().human(), own));
    let items = Topic::ALL.iter().map(|topic| {
        let (title, text) = words.topic(*topic, &site, &at);
        let confirmed = upgrade.seen.confirms(*topic, words);
        let told = upgrade.seen.tells(*topic, &site, words).filter(|_| confirmed.is_none());
        Item { topic: *topic, title, text, confirmed, told: told.map(|told| text::one_line(&told)) }
    });
    let mut summary = words.touched(&installed, &site, &at);
    if let Some(unasked) = &upgrade.seen.unasked {
        summary = format!("{summary} {}", text::one_line(&words.unasked(unasked)));
    }
    Checklist { language, title, summary, items: items.collect() }
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
        lines.extend(item.told.iter().map(|told| format!("    - {told}")));
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
        let told = item.told.as_ref().map_or_else(String::new, |told| format!("<p><em>{}</em></p>", escaped(told)));
        format!(
            "<li><label><input type=\"checkbox\"{checked}> <strong>{}</strong>{shows}</label><p>{}</p>{told}</li>\n",
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
            later_than: Timestamp::parse("2026-03-04T21:59:07Z").map(|at| (at, true)),
            installed: vec!["Base 3.4.0".into(), "Bomgar <10.6.2>\u{1b}".into()],
            seen: Seen {
                jump_clients: Some(Counted { seen: 41, outdated: 0, wanted: 1 }),
                connected: Some(BTreeMap::from([("representative".into(), 2), ("pinned_client".into(), 40)])),
                version: Some("10.6.2".into()),
                sound: Some(true),
                ..Seen::default()
            },
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
                assert_eq!(
                    item.told.is_some(),
                    item.topic != Topic::JumpClients,
                    "what could not be confirmed is said"
                );
            }
        }
        let titles = |language| checklist(&upgrade(), language).items.into_iter().map(|item| item.text);
        assert!(titles(Tongue::En).zip(titles(Tongue::Pt)).all(|(en, pt)| en != pt), "each is translated");
    }

    #[test]
    fn what_is_known_is_ticked_and_the_rest_is_open() {
        let told = checklist_text(&checklist(&upgrade(), Tongue::En));
        assert!(told.contains("[x] Jump Clients (all 41 of shared groups have updated"), "{told}");
        assert_eq!(told.matches("[ ]").count(), Topic::ALL.len() - 1);
        let english = "each date is later than 2026-03-04 22:00 UTC by the appliance's clock.";
        assert!(told.contains(english), "the date that clients are compared with: {told}");
        let told = checklist_text(&checklist(&upgrade(), Tongue::Pt));
        let portuguese = "cada data é posterior a 2026-03-04 22:00 UTC pelo relógio do aplicativo.";
        assert!(told.contains(portuguese), "{told}");
        let host = Upgrade { later_than: upgrade().later_than.map(|(at, _)| (at, false)), ..upgrade() };
        assert!(checklist_text(&checklist(&host, Tongue::En)).contains("later than 2026-03-04 22:00 UTC. One"));
    }

    #[test]
    fn nothing_is_ticked_without_a_whole_count() {
        let with = |change: fn(&mut Seen)| {
            let mut upgrade = upgrade();
            change(&mut upgrade.seen);
            [Tongue::En, Tongue::Pt].map(|language| checklist_text(&checklist(&upgrade, language)))
        };
        let few: fn(&mut Seen) = |seen| {
            (seen.jump_clients, seen.connected) = (Some(Counted { seen: 3, outdated: 0, wanted: 10 }), None);
        };
        let behind: fn(&mut Seen) = |seen| seen.jump_clients = Some(Counted { seen: 41, outdated: 2, wanted: 1 });
        let personal: fn(&mut Seen) = |seen| seen.connected = Some(BTreeMap::from([("pinned_client".into(), 60)]));
        let away: fn(&mut Seen) = |seen| *seen = Seen { unasked: Some(Unasked::NoAccount), ..Seen::default() };
        for (change, english, portuguese) in [
            (few, "3 of shared groups were seen, and 10 are asked for", "3 dos grupos compartilhados"),
            (behind, "2 of 41 of shared groups have not updated", "2 de 41"),
            (personal, "60 are connected and only 41 were counted", "60 estão conectados"),
            (away, "the inventory names no account", "o inventário não indica"),
        ] {
            let [en, pt] = with(change);
            assert!(!en.contains("[x]") && !pt.contains("[x]"), "{en}");
            assert!(en.contains(english), "{en}");
            assert!(pt.contains(portuguese), "{pt}");
        }
    }

    #[test]
    fn no_client_is_touched_without_a_site_package() {
        let base = Upgrade { site: None, later_than: None, installed: vec!["Base 3.4.0".into()], ..upgrade() };
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
