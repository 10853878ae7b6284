//! The audit report: a journal that was proved, for who examines it.
//!
//! A sentence an event; by package, from where it came to the receipt; all
//! digests whole; what the journal does not show, and what was set aside; a
//! place to sign. It is made from the records that the text and the JSON tell,
//! and judges nothing that they do not have.

mod custody;
mod gaps;
mod sentence;
#[cfg(test)]
mod tests;

use super::page::{About, Imprint, Markup, Page, fill, moment, section};
use super::wording::PageWords;
use crate::journal::{Chain, Record};
use crate::model::{Manifest, Outcome, Receipt, text};
use sentence::{Titles, tell};
use std::collections::BTreeSet;

/// What an audit report is made from.
pub struct AuditFacts<'a> {
    /// The appliance; the bundles are the journal's to tell.
    pub about: About,
    /// Its journal, proved.
    pub chain: &'a Chain,
    /// The receipts that it was compared with.
    pub receipts: &'a [SeenReceipt],
    /// The manifests that were kept of its bundles, each with the digest that the journal has.
    pub manifests: &'a [KeptManifest],
}

/// A receipt whose signature held, and whose journal goes on in this one.
pub struct SeenReceipt {
    /// What it says.
    pub receipt: Receipt,
    /// Who signed it.
    pub signed_by: Vec<String>,
}

/// A manifest that was kept of a bundle that was begun.
pub struct KeptManifest {
    /// What it says.
    pub manifest: Manifest,
    /// The fingerprints of the keys that signed it, where the signatures were kept too.
    pub keys: Vec<String>,
}

/// The audit report as one page.
pub fn audit_html(facts: AuditFacts<'_>, imprint: &Imprint) -> String {
    let words = imprint.words();
    let titles = Titles::of(facts.chain);
    let custody = custody::of(&facts);
    let gaps = gaps::of(&facts, &custody, words);
    let cards: Markup = custody.iter().map(|one| one.card(&facts, &titles, words)).collect();
    let cards = if cards.is_empty() { Markup::el("p", words.packages_none) } else { cards };
    let gaps = match gaps.is_empty() {
        true => Markup::el("p", words.gaps_none),
        false => Markup::el("ul", gaps.into_iter().map(|gap| Markup::el("li", gap)).collect::<Markup>()),
    };
    let body = section(words.packages, cards)
        .and(section(words.gaps_head, gaps))
        .and(section(words.events_head, records(facts.chain, &titles, words)));
    let mut summary = proof(&facts, words);
    summary.extend(span(facts.chain, words));
    let bundles: BTreeSet<&str> =
        facts.chain.records.iter().filter(is_begun).filter_map(|record| record.text("bundle")).collect();
    let about = About { bundles: bundles.into_iter().map(text::one_line).collect(), ..facts.about };
    let title = fill(words.audit_title, &[("name", text::one_line(&about.name).into())]);
    Page { title, summary, about: vec![about], body, is_signed: true }.html(imprint)
}

/// The kinds of records that have a sentence.
#[cfg(test)]
pub fn record_kinds() -> impl Iterator<Item = &'static str> {
    super::wording::words_of(crate::language::Tongue::En).events.iter().map(|(kind, _)| *kind)
}

fn is_begun(record: &&Record) -> bool {
    record.kind == "push-begun"
}

/// That the chain holds, and what it was compared with.
fn proof(facts: &AuditFacts<'_>, words: &PageWords) -> Vec<Markup> {
    let head = facts.chain.head();
    let holds = [("records", head.records.to_string().into()), ("sha256", Markup::code(&head.sha256.to_string()))];
    let mut lines = vec![fill(words.audit_holds, &holds)];
    if facts.receipts.is_empty() {
        lines.push(words.audit_no_receipts.into());
        return lines;
    }
    lines.push(words.audit_receipts.into());
    lines.extend(facts.receipts.iter().map(|seen| {
        let receipt = &seen.receipt;
        let values = [
            ("receipt", Markup::code(&receipt.receipt.to_string())),
            ("at", moment(receipt.created, words)),
            ("signed_by", text::one_line(&seen.signed_by.join(", ")).into()),
            ("records", receipt.journal.records.to_string().into()),
            ("sha256", Markup::code(&receipt.journal.sha256.to_string())),
        ];
        fill(words.audit_receipt, &values)
    }));
    lines
}

fn span(chain: &Chain, words: &PageWords) -> Option<Markup> {
    let (Some(first), Some(last)) = (chain.records.first(), chain.records.last()) else {
        return Some(words.audit_empty.into());
    };
    let values = [("first", moment(first.time, words)), ("last", moment(last.time, words))];
    Some(fill(words.audit_span, &values))
}

/// All records, a row each.
fn records(chain: &Chain, titles: &Titles, words: &PageWords) -> Markup {
    let heads = [("number", words.record), ("when", words.when), ("", words.what)];
    let head: Markup = heads.iter().map(|(class, name)| Markup::class("th", class, *name)).collect();
    let row = |record: &Record| {
        let told = tell(record, titles, words);
        let mut what = told.sentence;
        if !told.rest.is_empty() {
            let mut also = Markup::from(words.also);
            for (number, (name, value)) in told.rest.into_iter().enumerate() {
                also.push(format!("{} {name}=", if number == 0 { "" } else { "," }));
                also.push(value);
            }
            what.push(Markup::el("div", Markup::inline("small", also)));
        }
        let digest = Markup::from(format!("{} ", words.record_sha256)).and(Markup::code(&record.sha256.to_string()));
        what.push(Markup::el("div", Markup::inline("small", digest)));
        let cell = |name: &str, value: Markup| Markup::cell(name, value);
        let number = cell(words.record, record.seq.to_string().into());
        let when = cell(words.when, moment(record.time, words));
        Markup::el("tr", number.and(when).and(cell(words.what, what)))
    };
    let rows: Markup = chain.records.iter().map(row).collect();
    let table = Markup::el("thead", Markup::el("tr", head)).and(Markup::el("tbody", rows));
    Markup::class("table", "stack", table)
}

/// An outcome as papers write it.
const fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Installed => "installed",
        Outcome::AlreadyInstalled => "already-installed",
        Outcome::Pending => "pending",
        Outcome::Failed => "failed",
    }
}
