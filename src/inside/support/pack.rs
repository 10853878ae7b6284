//! What a pack is made of, and how it becomes a zip.

use super::PackFacts;
use crate::engine;
use crate::inventory::{ApplianceEntry, Credentials, PasswordAt, Trust};
use crate::journal::{self, Chain};
use crate::model::{Timestamp, text};
use serde_json::json;
use std::path::Path;

/// Most records of the journal that are taken; the newest.
const MAX_RECORDS: usize = 2000;

/// Texts by the name of their file, in order.
pub(super) struct Parts(Vec<(String, String)>);

impl Parts {
    /// Gathers what is known and cleans every text of it.
    pub(super) fn gather(
        entry: &ApplianceEntry,
        seen: &PackFacts,
        journal: Option<&Path>,
        now: Timestamp,
        clean: &dyn Fn(&str) -> String,
    ) -> Self {
        let mut parts = vec![("inventory.txt".to_owned(), entry_text(entry))];
        let chain = journal.map(journal::read);
        match &chain {
            None => {
                parts.push(("journal-unread.txt".to_owned(), "it was not met yet, so it has no journal".to_owned()))
            }
            Some(Ok(chain)) => {
                parts.push(("journal.jsonl".to_owned(), records(chain)));
                let head = serde_json::to_string_pretty(&chain.head()).expect("a head is plain data");
                parts.push(("journal-head.json".to_owned(), head));
            }
            Some(Err(error)) => parts.push(("journal-unread.txt".to_owned(), text::printable(&error.to_string()))),
        }
        match &seen.now {
            Some(Ok(status)) => {
                let status = json!({ "read_at": now, "status": status });
                parts.push(("status-now.json".to_owned(), format!("{status:#}\n")));
            }
            Some(Err(why)) => parts.push(("status-unread.txt".to_owned(), why.clone())),
            None => {}
        }
        for (number, page) in seen.pages.iter().enumerate() {
            let shown = format!("{}\nread at {}\n\n{}\n", page.place, page.at, page.text);
            parts.push((format!("pages/{}-{}.txt", number + 1, page.name), shown));
        }
        let told = seen.told.text();
        if !told.is_empty() {
            parts.push(("messages.txt".to_owned(), told));
        }
        // First, since it is what support reads; made last, since it sums up the rest.
        parts.insert(
            0,
            (
                "for-support.txt".to_owned(),
                summary(entry, seen, chain.as_ref().and_then(|chain| chain.as_ref().ok()), now),
            ),
        );
        Parts(parts.into_iter().map(|(name, text)| (name, clean(&text))).collect())
    }

    /// Its files, each with its text.
    pub(super) fn files(&self) -> &[(String, String)] {
        &self.0
    }
}

/// What vendor support asks first.
fn summary(entry: &ApplianceEntry, seen: &PackFacts, chain: Option<&Chain>, now: Timestamp) -> String {
    let mut lines = vec![
        format!("appliance: {} ({})", entry.name, text::one_line(&entry.host())),
        format!("made at: {now} (this machine's clock)"),
        format!("made by: handcarry {} on {}", env!("CARGO_PKG_VERSION"), std::env::consts::OS),
    ];
    let records = chain.map(|chain| chain.records.as_slice()).unwrap_or_default();
    let last = records.iter().rev().find_map(|record| match engine::Entry::of(record)? {
        engine::Entry::StatusRead { serial, shown, clock_ahead_secs } => {
            Some((record.time, serial, shown, clock_ahead_secs))
        }
        _ => None,
    });
    if let Some((at, serial, shown, ahead)) = last {
        let or_none = |value: Option<String>| value.map_or("not shown".to_owned(), |value| text::one_line(&value));
        lines.push(format!("status as last read by a push: {at}"));
        lines.push(format!("  serial: {}", text::one_line(&serial)));
        lines.push(format!("  base: {}", or_none(shown.base.map(|version| version.to_string()))));
        lines.push(format!("  site: {}", or_none(shown.site.map(|version| version.to_string()))));
        lines.push(format!("  build: {}", or_none(shown.build)));
        lines.push(format!("  its clock: {}", or_none(shown.clock.map(|clock| clock.to_string()))));
        lines.push(format!("  seconds its clock was ahead: {}", or_none(ahead.map(|secs| secs.to_string()))));
        for title in shown.listed.unwrap_or_default() {
            lines.push(format!("  installed: {}", text::one_line(&title)));
        }
    }
    if let Some(trouble) = &seen.trouble {
        lines.push(format!("\nthe run ended with:\n{}", trouble));
        lines.push("\nThe appliance was not restarted, and its session was left open.".to_owned());
    }
    lines.join("\n") + "\n"
}

/// The journal's records since the last push began, as its lines have them.
fn records(chain: &Chain) -> String {
    // Support asks about this upgrade. What is older stays in the house.
    let begun = chain
        .records
        .iter()
        .rposition(|record| matches!(record.kind.as_str(), "push-begun" | "update-begun"))
        .unwrap_or(0);
    let from = begun.max(chain.records.len().saturating_sub(MAX_RECORDS));
    let line = |record| serde_json::to_string(record).expect("a record is plain data") + "\n";
    chain.records[from..].iter().map(line).collect()
}

/// The inventory's entry: which passwords there are, never one of them.
fn entry_text(entry: &ApplianceEntry) -> String {
    let trust = match &entry.trust {
        Trust::Pinned { check_host: true, .. } => "its very certificate, and the host name in it",
        Trust::Pinned { check_host: false, .. } => "its very certificate",
        Trust::Ca(_) => "an authority of the site",
        Trust::Nothing => "nothing is sent to it",
    };
    let plain = |value: serde_json::Result<serde_json::Value>| {
        value.ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let soak = entry.soak_hours.map_or("24 (the guide's)".to_owned(), |hours| hours.to_string());
    format!(
        "name: {}\nurl: {}\ndriver: {}\nlanguage: {}\ncertificate: {trust}\nclock: {}\n/appliance: {}\n/login: {}\n\
         profile of its own: {}\nsoak hours: {soak}\nmaintenance windows: {}\n",
        entry.name,
        text::one_line(&entry.url),
        plain(serde_json::to_value(entry.driver)),
        plain(serde_json::to_value(entry.language)),
        plain(serde_json::to_value(entry.clock)),
        who(&entry.appliance),
        who(&entry.login),
        if entry.profile.is_some() { "yes" } else { "no" },
        if entry.windows.is_some() { "yes" } else { "no" },
    )
}

fn who(credentials: &Credentials) -> String {
    let user = credentials.user.as_deref().map_or("a user who is asked for".to_owned(), text::one_line);
    let kept = match credentials.password {
        PasswordAt::Prompt => "typed when needed",
        PasswordAt::File(_) => "kept in a file",
        PasswordAt::Env(_) => "in a variable",
    };
    format!("{user}, with a password {kept}")
}
