//! A comparison for a terminal, and for programs.

use super::{Change, Comparison, Facet, Facing, Packages, SightOf, Value};
use crate::language::Tongue;
use crate::model::{FailoverRole, Timestamp, duration_human, local_time_in, text};
use crate::report::wording::{PageWords, words_of};
use serde_json::json;

/// The comparison in lines, what changed first.
pub fn comparison_text(told: &Comparison, language: Tongue) -> Vec<String> {
    let words = words_of(language);
    let mut lines = vec![format!(
        "{}: {} ({})",
        words.compared_before,
        local_time_in(told.before.1, words.days),
        of(&told.before.0, words)
    )];
    lines.push(format!(
        "{}: {} ({})",
        words.compared_after,
        local_time_in(told.after.1, words.days),
        of(&told.after.0, words)
    ));
    if !told.is_changed() {
        lines.push(words.compared_nothing.to_owned());
    }
    let width = told.facets.iter().map(|facing| name(facing.facet, words).chars().count()).max().unwrap_or_default();
    let width = width.max(words.compared_packages.chars().count());
    let row = |name: &str, value: String| format!("  {name:width$}  {value}");
    let heads = [
        (Change::Changed, words.compared_changed),
        (Change::Same, words.compared_same),
        (Change::Unknown, words.compared_unknown),
    ];
    for (change, head) in heads {
        let mut rows: Vec<String> =
            told.with(change).map(|facing| row(name(facing.facet, words), both(facing, words))).collect();
        if let Some(packages) = &told.packages {
            rows.extend(
                of_packages(packages, change, words).into_iter().map(|told| row(words.compared_packages, told)),
            );
        }
        if !rows.is_empty() {
            lines.push(format!("{head}:"));
            lines.append(&mut rows);
        }
    }
    if !told.connected.is_empty() {
        lines.push(format!("{}:", words.compared_connected));
    }
    for (kind, before, after) in &told.connected {
        let count = |count: &Option<u64>| count.unwrap_or_default();
        lines.push(row(&text::one_line(kind), format!("{} -> {}", count(before), count(after))));
    }
    lines
}

/// The comparison as an event.
pub fn comparison_json(told: &Comparison) -> serde_json::Value {
    let values = told.facets.iter().map(|facing| {
        json!({
            "what": word(facing.facet),
            "before": facing.before.as_ref().map(plain),
            "after": facing.after.as_ref().map(plain),
            "became": match facing.change() {
                Change::Changed => "changed",
                Change::Same => "same",
                Change::Unknown => "unknown",
            },
        })
    });
    let counts = told.connected.iter();
    let counts = counts.map(|(kind, before, after)| json!({ "kind": kind, "before": before, "after": after }));
    let (file, run) = match &told.before.0 {
        SightOf::File(path) => (Some(path), None),
        SightOf::Run(run) => (None, Some(run)),
        SightOf::Now => (None, None),
    };
    let list = |of: fn(&Packages) -> &Vec<String>| told.packages.as_ref().map(of).cloned().unwrap_or_default();
    json!({
        "file": file, "since_run": run, "before_seen": told.before.1, "after_seen": told.after.1,
        "is_changed": told.is_changed(), "values": values.collect::<Vec<_>>(),
        "added": list(|packages| &packages.added), "gone": list(|packages| &packages.gone),
        "kept": told.packages.as_ref().map(|packages| packages.kept), "connected": counts.collect::<Vec<_>>(),
    })
}

/// What of the packages belongs below such a heading.
pub(super) fn of_packages(packages: &Packages, change: Change, words: &PageWords) -> Vec<String> {
    let named = |words: &str, titles: &[String]| {
        titles.iter().map(|title| words.replace("{it}", &text::one_line(title))).collect::<Vec<_>>()
    };
    match change {
        Change::Changed => {
            [named(words.compared_added, &packages.added), named(words.compared_gone, &packages.gone)].concat()
        }
        Change::Same if packages.kept > 0 => vec![words.compared_kept.replace("{count}", &packages.kept.to_string())],
        Change::Same | Change::Unknown => Vec::new(),
    }
}

/// Where a moment is known from.
pub(super) fn of(of: &SightOf, words: &PageWords) -> String {
    match of {
        SightOf::Now => words.compared_now.to_owned(),
        SightOf::File(path) => words.compared_file.replace("{it}", &text::one_line(path)),
        SightOf::Run(run) => words.compared_run.replace("{it}", &run.to_string()),
    }
}

/// A facet's name.
pub(super) fn name(facet: Facet, words: &PageWords) -> &'static str {
    match facet {
        Facet::Model => words.compared_model,
        Facet::Host => words.host,
        Facet::Base => words.compared_base,
        Facet::Site => words.compared_site,
        Facet::Build => words.compared_build,
        Facet::Role => words.fleet_role,
        Facet::Clock => words.compared_clock,
        Facet::Certificate => words.compared_certificate,
        Facet::UpdateLimit => words.compared_limit,
        Facet::Offered => words.compared_offered,
        Facet::ByHand => words.compared_by_hand,
    }
}

/// A value of a moment; `None` where nobody saw it.
pub(super) fn value(value: Option<&Value>, words: &PageWords) -> String {
    let listed = |texts: Vec<String>| if texts.is_empty() { words.compared_none.to_owned() } else { texts.join(", ") };
    match value {
        None => words.compared_unseen.to_owned(),
        Some(Value::Text(value)) => text::one_line(value),
        Some(Value::NoSite) => words.compared_no_site.to_owned(),
        Some(Value::Role(FailoverRole::None)) => words.compared_none.to_owned(),
        Some(Value::Role(role)) => words.term(role.word()).to_owned(),
        Some(Value::Ahead(0)) => words.compared_as_ours.to_owned(),
        Some(Value::Ahead(secs)) => {
            let side = if *secs < 0 { words.compared_behind } else { words.compared_ahead };
            side.replace("{it}", &duration_human(*secs))
        }
        Some(Value::Until(until)) => when(*until, words),
        Some(Value::Count(count)) => count.to_string(),
        Some(Value::Titles(titles)) => listed(titles.iter().map(|title| text::one_line(title)).collect()),
        Some(Value::Steps(steps)) => listed(steps.iter().map(|step| hand(step, words).to_owned()).collect()),
    }
}

fn hand<'a>(step: &'a str, words: &PageWords) -> &'a str {
    match step {
        "backup" => words.compared_hand_backup,
        "upload" => words.compared_hand_upload,
        other => other,
    }
}

fn when(at: Timestamp, words: &PageWords) -> String {
    local_time_in(at, words.days)
}

/// What a facet was and is; once where it is the same.
fn both(facing: &Facing, words: &PageWords) -> String {
    let after = value(facing.after.as_ref(), words);
    match facing.change() {
        Change::Same => after,
        Change::Changed | Change::Unknown => format!("{} -> {after}", value(facing.before.as_ref(), words)),
    }
}

/// A facet's word in events.
fn word(facet: Facet) -> &'static str {
    match facet {
        Facet::Model => "model",
        Facet::Host => "host",
        Facet::Base => "base",
        Facet::Site => "site",
        Facet::Build => "build",
        Facet::Role => "role",
        Facet::Clock => "clock",
        Facet::Certificate => "certificate",
        Facet::UpdateLimit => "update-limit",
        Facet::Offered => "offered",
        Facet::ByHand => "by-hand",
    }
}

/// A value for programs: the same in every language.
fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::NoSite => "none".to_owned(),
        Value::Role(role) => role.word().to_owned(),
        Value::Ahead(secs) => secs.to_string(),
        Value::Until(until) => until.to_string(),
        Value::Count(count) => count.to_string(),
        Value::Titles(titles) => titles.iter().cloned().collect::<Vec<_>>().join(", "),
        Value::Steps(steps) => steps.join(", "),
    }
}
