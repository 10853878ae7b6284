//! What lies on a stick, on one page: each bundle, for whom, by whom, until when, and what of it was verified.

use super::page::{About, Imprint, Markup, Page, fact, fill, moment, section};
use super::source;
use super::wording::PageWords;
use crate::model::{Consignee, Manifest, Package, text};

/// A stick, and the bundles on it.
pub struct StickFacts {
    /// Where it was mounted, or the file that was named.
    pub place: String,
    /// Its filesystem; empty where the system does not tell.
    pub filesystem: String,
    /// Its serial number; `None` where it tells none.
    pub serial: Option<String>,
    /// Its bundles, in the order they were judged.
    pub bundles: Vec<CarriedRow>,
}

/// One bundle.
pub struct CarriedRow {
    /// Its file.
    pub file: String,
    /// What was found.
    pub verdict: CarriedVerdict,
    /// What it says; `None` where nothing of it can be believed.
    pub contents: Option<CarriedContents>,
}

/// What was found of a bundle.
pub enum CarriedVerdict {
    /// All that was read of it is what was signed for; whose packages, where not all were read.
    Good(Option<String>),
    /// Another one is newer for each of its appliances, so its packages were not read.
    Older(String),
    /// It is not good, and why.
    Bad(String),
}

/// What a bundle says that enough keys signed.
pub struct CarriedContents {
    /// The manifest.
    pub manifest: Manifest,
    /// Its digest.
    pub sha256: String,
    /// Who signed it.
    pub signed_by: Vec<String>,
    /// How many must.
    pub threshold: usize,
    /// Its size.
    pub size_bytes: u64,
}

/// The stick as one page.
pub fn stick_html(facts: &StickFacts, imprint: &Imprint) -> String {
    let words = imprint.words();
    let values =
        [("place", Markup::from(text::one_line(&facts.place))), ("count", facts.bundles.len().to_string().into())];
    let mut summary = vec![fill(words.stick_summary, &values)];
    if !facts.filesystem.is_empty() {
        summary.push(fill(words.stick_medium, &[("medium", text::one_line(&facts.filesystem).into())]));
    }
    if let Some(serial) = &facts.serial {
        summary.push(fill(words.stick_serial, &[("serial", Markup::code(&text::one_line(serial)))]));
    }
    let cards: Markup = facts.bundles.iter().map(|row| card(row, words)).collect();
    let check = section(words.stick_check_head, Markup::el("p", words.stick_check));
    let title = words.stick_title.into();
    Page { title, summary, about: Vec::<About>::new(), body: cards.and(check), is_signed: true }.html(imprint)
}

fn card(row: &CarriedRow, words: &PageWords) -> Markup {
    let verdict = match &row.verdict {
        CarriedVerdict::Good(None) => words.stick_good.into(),
        CarriedVerdict::Good(Some(whose)) => fill(words.stick_good_for, &[("whose", text::one_line(whose).into())]),
        CarriedVerdict::Older(newer) => fill(words.stick_older, &[("newer", text::one_line(newer).into())]),
        CarriedVerdict::Bad(why) => fill(words.stick_bad, &[("why", words.said(why).into())]),
    };
    let mut rows = fact(words.stick_verdict, Markup::inline("strong", verdict));
    if let Some(contents) = &row.contents {
        rows.push(told(contents, words));
    }
    let table = Markup::el("table", Markup::el("tbody", rows));
    Markup::class("div", "card", Markup::el("h3", text::one_line(&row.file)).and(table))
}

fn told(contents: &CarriedContents, words: &PageWords) -> Markup {
    let manifest = &contents.manifest;
    let mut rows = fact(words.bundle, Markup::code(&manifest.bundle.to_string()));
    rows.push(fact(words.stick_manifest, Markup::from("SHA-256 ").and(Markup::code(&contents.sha256))));
    let sealed = [("at", moment(manifest.created, words)), ("by", text::one_line(&manifest.sealed_by).into())];
    rows.push(fact(words.stick_sealed, fill(words.stick_sealed_by, &sealed)));
    rows.push(fact(words.stick_expires, moment(manifest.expires, words)));
    let signers = contents.signed_by.iter().map(|signer| Markup::el("div", text::one_line(signer)));
    let needed = fill(words.stick_needed, &[("count", contents.threshold.to_string().into())]);
    rows.push(fact(words.stick_signed, signers.collect::<Markup>().and(Markup::el("div", needed))));
    rows.push(fact(words.size, text::bytes(contents.size_bytes)));
    for own in &manifest.appliances {
        rows.push(fact(words.stick_for, whom(own, words)));
    }
    for package in &manifest.packages {
        rows.push(fact(&text::one_line(&package.name), carried(package, words)));
    }
    rows
}

fn whom(own: &Consignee, words: &PageWords) -> Markup {
    let order: Vec<String> = own.packages.iter().map(ToString::to_string).collect();
    let values = [
        ("appliance", Markup::inline("strong", text::one_line(&own.id().to_string()))),
        ("sequence", own.sequence.to_string().into()),
        ("order", order.join(", ").into()),
    ];
    fill(words.stick_whom, &values)
}

fn carried(package: &Package, words: &PageWords) -> Markup {
    let kind = package.kind.to_string();
    let line = format!("{} · {} · {}", package.file, words.term(&kind), text::bytes(package.size_bytes));
    let digest = Markup::from("SHA-256 ").and(Markup::code(&package.sha256.to_string()));
    let all = [Markup::from(line), source::told(&package.source, words), digest];
    all.into_iter().map(|line| Markup::el("div", line)).collect()
}
