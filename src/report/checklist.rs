//! What is left to look at after an upgrade, by kind of client.
//!
//! Source: the vendor's guide, "Client updates". Only a change of the site
//! version touches clients; base packages, licences and patches do not.

use super::page::{About, Imprint, Markup, Page};
use super::topic::{Topic, Unasked};
use super::wording::{English, Portuguese, Wording, time_in};
use crate::language::Tongue;
use crate::model::{Timestamp, text};
use serde::Serialize;
use std::collections::BTreeMap;

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
    /// Whether all client software was removed first, so that it is installed
    /// anew and nothing updates by itself.
    pub removed: bool,
    /// What the site's API told of its clients.
    pub seen: ClientsSeen,
}

/// What the site's API told; what it did not is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ClientsSeen {
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

impl ClientsSeen {
    /// What shows that a topic is done; `None` where a person must look.
    fn confirms(&self, topic: Topic, words: &dyn Wording) -> Option<String> {
        let counted = self.jump_clients?;
        let whole = counted.outdated == 0 && counted.seen >= counted.wanted && !self.has_more(counted);
        // A count of other clients that are connected says nothing of those that are not.
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
        // That the API was asked and tells nothing is said too: silence would look like a topic nobody thought of.
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
pub struct Item<T> {
    /// What it is about.
    pub topic: T,
    /// Its name.
    pub title: String,
    /// What to expect, and what to do.
    pub text: String,
    /// What shows that it is done; `None` where a person must look.
    pub confirmed: Option<String>,
    /// What was seen of it without confirming it; `None` where nobody looked,
    /// or it is confirmed.
    pub told: Option<String>,
}

/// A checklist that is ready to be printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checklist<T> {
    /// Its language.
    pub language: Tongue,
    /// Its headline.
    pub title: String,
    /// What it is about, in one sentence.
    pub summary: String,
    /// What to look at; empty where no client is touched.
    pub items: Vec<Item<T>>,
}

/// Makes the checklist of an upgrade; nothing but the upgrade decides it.
pub fn checklist(upgrade: &Upgrade, language: Tongue) -> Checklist<Topic> {
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
    // Up to the full minute: a client that updated in the same minute,
    // but before the install, must not look later than it.
    let (site, at) = (text::one_line(site), words.moment(&time_in(language, at.up_to_minute()), own));
    let items = Topic::ALL.iter().map(|topic| {
        let (title, text) = match upgrade.removed {
            true => words.anew(*topic, &site, &at),
            false => words.topic(*topic, &site, &at),
        };
        // Where all was removed first nothing updates by itself, so no count of the API can tick anything.
        let confirmed = upgrade.seen.confirms(*topic, words).filter(|_| !upgrade.removed);
        let told = upgrade.seen.tells(*topic, &site, words).filter(|_| confirmed.is_none());
        Item { topic: *topic, title, text, confirmed, told: told.map(|told| text::one_line(&told)) }
    });
    let mut summary = match upgrade.removed {
        true => words.removed(&installed, &site, &at),
        false => words.touched(&installed, &site, &at),
    };
    if let Some(unasked) = &upgrade.seen.unasked {
        summary = format!("{summary} {}", text::one_line(&words.unasked(unasked)));
    }
    Checklist { language, title, summary, items: items.collect() }
}

/// The checklist as plain text, a box before each thing to look at.
pub fn checklist_text<T>(list: &Checklist<T>) -> String {
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

/// The checklist as a page; who ticks it signs it.
pub fn checklist_html<T>(list: &Checklist<T>, about: About, imprint: &Imprint) -> String {
    let item = |item: &Item<T>| {
        let mut label = Markup::tick_box(item.confirmed.is_some()).and(Markup::inline("strong", item.title.as_str()));
        if let Some(shows) = &item.confirmed {
            label.push(Markup::from(" ").and(Markup::inline("em", format!("({shows})"))));
        }
        let told = item.told.iter().map(|told| Markup::el("p", Markup::inline("em", told.as_str())));
        let text = Markup::el("p", item.text.as_str()).and(told.collect::<Markup>());
        Markup::el("li", Markup::el("label", label).and(text))
    };
    let body = Markup::el("ul", list.items.iter().map(item).collect::<Markup>());
    let (title, summary) = (list.title.as_str().into(), vec![list.summary.as_str().into()]);
    Page { title, summary, about: vec![about], body, is_signed: true }.html(imprint)
}
