//! Receipts that came back on a medium, on one page: what became of what was carried.

use super::page::{About, Imprint, Markup, Page, fact, fill, moment, section};
use super::source;
use super::wording::PageWords;
use crate::model::{Evidence, Outcome, PackageResult, Receipt, text};

/// One receipt, and what came of taking it.
pub struct ReceiptRow {
    /// What it says.
    pub receipt: Receipt,
    /// Who signed it.
    pub signed_by: Vec<String>,
    /// Whether it was taken before.
    pub known: bool,
    /// Why it was refused; `None` where it was taken.
    pub refused: Option<String>,
}

/// The receipts as one page; `unread` are papers whose signature did not hold, and why.
pub fn receipts_html(rows: &[ReceiptRow], unread: &[String], imprint: &Imprint) -> String {
    let words = imprint.words();
    let refused = rows.iter().filter(|row| row.refused.is_some()).count() + unread.len();
    let counts = [("taken", rows.len() - (refused - unread.len())), ("refused", refused)];
    let counts = counts.map(|(name, count)| (name, Markup::from(count.to_string())));
    let mut body: Markup = rows.iter().map(|row| card(row, words)).collect();
    if !unread.is_empty() {
        let list: Markup = unread.iter().map(|why| Markup::el("li", words.said(why))).collect();
        body.push(section(words.receipts_unread, Markup::el("ul", list)));
    }
    let summary = vec![fill(words.receipts_summary, &counts)];
    Page { title: words.receipts_title.into(), summary, about: Vec::<About>::new(), body, is_signed: true }
        .html(imprint)
}

fn card(row: &ReceiptRow, words: &PageWords) -> Markup {
    let receipt = &row.receipt;
    let mut rows = Markup::default();
    if let Some(why) = &row.refused {
        rows.push(fact(words.receipts_refused, Markup::inline("strong", words.said(why))));
    }
    rows.push(fact(words.receipt, Markup::code(&receipt.receipt.to_string())));
    rows.push(fact(words.made, moment(receipt.created, words)));
    rows.push(fact(words.serial, text::one_line(&receipt.appliance.serial)));
    rows.push(fact(words.host, text::one_line(&receipt.appliance.host)));
    rows.push(fact(words.carried_by, {
        let values = [
            ("bundle", Markup::code(&receipt.bundle.to_string())),
            ("sequence", receipt.sequence.to_string().into()),
            ("manifest_sha256", Markup::code(&receipt.manifest_sha256.to_string())),
        ];
        fill(words.receipts_bundle, &values)
    }));
    rows.push(fact(words.receipts_signed_by, text::one_line(&row.signed_by.join(", "))));
    if let Some(backup) = receipt.backup_sha256 {
        rows.push(fact(words.receipts_backup, Markup::code(&backup.to_string())));
    }
    let head = [
        ("records", receipt.journal.records.to_string().into()),
        ("sha256", Markup::code(&receipt.journal.sha256.to_string())),
    ];
    rows.push(fact(words.receipts_journal, fill(words.receipts_head, &head)));
    if let Some(status) = &receipt.status {
        let version = |version: &Option<crate::model::Version>| {
            Markup::from(version.as_ref().map_or("–".to_owned(), |version| text::one_line(version.as_str())))
        };
        let values = [("base", version(&status.base_version)), ("site", version(&status.site_version))];
        let typed = if status.typed { words.receipts_typed } else { "" };
        rows.push(fact(words.receipts_shows, fill(words.receipts_versions, &values).and(typed)));
    }
    for package in &receipt.packages {
        rows.push(fact(&text::one_line(&package.name), fate(package, words)));
    }
    let known = if row.known { Markup::inline("small", words.receipts_known) } else { Markup::default() };
    let title = Markup::from(text::one_line(&receipt.appliance.to_string())).and(" ").and(known);
    Markup::class("div", "card", Markup::el("h3", title).and(Markup::el("table", Markup::el("tbody", rows))))
}

/// What became of a package.
fn fate(package: &PackageResult, words: &PageWords) -> Markup {
    let outcome = match package.outcome {
        Outcome::Installed => "installed",
        Outcome::AlreadyInstalled => "already-installed",
        Outcome::Pending => "pending",
        Outcome::Failed => "failed",
    };
    let mut told = Markup::inline("strong", words.term(outcome));
    let evidence = package.evidence.map(|evidence| match evidence {
        Evidence::Version => "version",
        Evidence::Build => "build",
        Evidence::Listed => "listed",
        Evidence::Operator => "operator",
    });
    told.push(evidence.map(|evidence| Markup::from(format!(": {}", words.term(evidence)))).unwrap_or_default());
    if let Some(at) = package.at {
        told.push(Markup::el("div", moment(at, words)));
    }
    told.push(Markup::el("div", source::told(&package.source, words)));
    told.and(Markup::el("div", Markup::from("SHA-256 ").and(Markup::code(&package.sha256.to_string()))))
}
