//! What an auditor asks about: what the journal does not show, and what was set aside.

use super::AuditFacts;
use super::custody::Custody;
use crate::journal::Record;
use crate::model::{Outcome, duration_human, text};
use crate::report::page::{Markup, fill};
use crate::report::wording::PageWords;
use std::collections::BTreeSet;

/// All of them, a sentence each.
pub(super) fn of(facts: &AuditFacts<'_>, custody: &[Custody<'_>], words: &PageWords) -> Vec<Markup> {
    let mut gaps = of_chain(facts, words);
    custody.iter().for_each(|one| gaps.extend(of_package(one, facts, words)));
    let installed = |one: &&Custody<'_>| one.has("install-confirmed") && !of_offers(one);
    let bundles: BTreeSet<&str> = custody.iter().filter(installed).map(|one| one.bundle).collect();
    for bundle in bundles {
        let of_it = custody.iter().filter(|one| one.bundle == bundle && one.has("install-confirmed"));
        let named = [("bundle", Markup::code(bundle))];
        if of_it.into_iter().any(|one| one.receipts(facts).next().is_none()) {
            gaps.push(fill(words.gap_no_receipt, &named));
        }
        if !facts.manifests.iter().any(|kept| kept.manifest.bundle.to_string() == bundle) {
            gaps.push(fill(words.gap_manifest, &named));
        }
    }
    gaps.extend(facts.chain.records.iter().filter_map(|record| set_aside(record, words)));
    gaps
}

/// Whether the appliance fetched it by itself, so that no bundle carried it.
fn of_offers(one: &Custody<'_>) -> bool {
    one.begun.is_some_and(|record| record.kind == "update-begun")
}

fn of_chain(facts: &AuditFacts<'_>, words: &PageWords) -> Vec<Markup> {
    let mut gaps = Vec::new();
    if facts.receipts.is_empty() {
        gaps.push(words.gap_not_compared.into());
    }
    if let Some(torn) = &facts.chain.torn {
        gaps.push(fill(words.gap_torn, &[("bytes", torn.bytes.len().to_string().into())]));
    }
    let back = facts.chain.records.windows(2).filter(|two| two[1].time < two[0].time);
    gaps.extend(back.map(|two| fill(words.gap_clock, &[seq(&two[1])])));
    gaps
}

fn seq(record: &Record) -> (&'static str, Markup) {
    ("seq", record.seq.to_string().into())
}

fn of_package(one: &Custody<'_>, facts: &AuditFacts<'_>, words: &PageWords) -> Vec<Markup> {
    let package = || ("package", Markup::from(one.title()));
    let last = |kind: &str| one.records.iter().rev().find(|record| record.kind == kind);
    let mut gaps = Vec::new();
    if one.source.is_none() && !of_offers(one) {
        gaps.push(fill(words.gap_source, &[package()]));
    }
    let ends = ["install-confirmed", "install-failed", "install-refused", "install-abandoned", "eula-declined"];
    let ended = ends.iter().chain(&["agreement-declined"]).filter_map(|kind| last(kind)).map(|record| record.seq).max();
    if let Some(begun) = last("install-started").filter(|begun| ended.is_none_or(|ended| ended < begun.seq)) {
        gaps.push(fill(words.gap_open, &[package(), seq(begun)]));
    }
    if let Some(confirmed) = last("install-confirmed") {
        let is_guided = confirmed.fields.get("guided").and_then(serde_json::Value::as_bool) == Some(true);
        match confirmed.text("evidence") {
            Some("operator") => gaps.push(fill(words.gap_word, &[package(), seq(confirmed)])),
            _ if is_guided => gaps.push(fill(words.gap_guided, &[package(), seq(confirmed)])),
            _ => {}
        }
        for (receipt, outcome) in one.outcomes(facts).into_iter().filter(|(_, said)| **said == Outcome::Failed) {
            let outcome = words.term(super::word(outcome)).into();
            let values = [package(), ("receipt", Markup::code(&receipt)), ("outcome", outcome)];
            gaps.push(fill(words.gap_outcome, &values));
        }
    }
    if let Some(begun) = one.records.iter().find(|record| record.kind == "install-started") {
        let kept = facts.chain.records.iter().any(|record| record.kind == "backup-done" && record.seq < begun.seq);
        if !kept {
            gaps.push(fill(words.gap_backup, &[package(), seq(begun)]));
        }
    }
    gaps
}

/// What a person set aside, or left out, with the reason that was given.
fn set_aside(record: &Record, words: &PageWords) -> Option<Markup> {
    let sentence = match record.kind.as_str() {
        "backup-failed" => words.gap_backup_failed,
        "dangerous-accepted" => words.gap_set_aside,
        "soak-skipped" => words.gap_soak,
        "clients-removed" | "clients-removed-first" => words.gap_clients,
        "certificate-left-out" => words.gap_certificate,
        _ => return None,
    };
    let text =
        |name: &'static str, field: &str| (name, Markup::from(text::one_line(record.text(field).unwrap_or_default())));
    let rest = record.read("remaining_secs").map(duration_human).unwrap_or_default();
    let values = [text("by", "by"), text("reason", "reason"), text("why", "why"), text("what", "refused")];
    Some(fill(sentence, &[&values[..], &[("rest", rest.into()), seq(record)]].concat()))
}
