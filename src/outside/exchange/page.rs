//! Reading the vendor's page: the form for the code, and the list that answers.

use super::ExchangeError;
use crate::model::{PackageKind, Requirement, text};
use crate::outside::vault::{CodeRefusal, ListedPackage};
use crate::web::{Control, Form, Link, Page, Profile, Row, fold};
use std::collections::BTreeSet;

/// The labels that come with the program.
const EMBEDDED: &str = include_str!("../vendor.toml");
/// Most rows that are read: the vendor lists a handful.
const MAX_OFFERS: usize = 1000;
/// Longest title that is kept, in bytes: what a manifest takes.
const MAX_TITLE_BYTES: usize = 256;
/// Most lines in which a refusal is looked for: a page that gives one has a few dozen.
const MAX_LINES: usize = 1000;
/// Most cells of a row that are read, and most colons of a cell behind which a
/// requirement is looked for; the vendor's rows have five cells and one colon.
// A page may have megabytes in one cell, and the code is spent by then: nobody must wait minutes for its reading.
const MAX_CELLS: usize = 16;
const MAX_COLONS: usize = 16;
/// How much of an answer that can't be read is told, in characters.
const MAX_TOLD_CHARS: usize = 200;

/// What is looked for on the vendor's pages.
#[derive(Debug, Clone)]
pub struct Labels {
    code: Control,
    submit: Control,
    list: Control,
    download: Control,
    requires: Control,
    notes: Control,
    spent: Control,
    unknown: Control,
    none: Control,
}

/// What the vendor answered to a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VendorAnswer {
    /// A list with at least one row.
    Offers(Vec<ListedPackage>),
    /// No list, and a reason that was understood.
    Refused {
        /// It.
        refusal: CodeRefusal,
        /// The page's own words for it.
        says: String,
    },
}

impl Labels {
    /// Takes the embedded labels with a site's own laid over them.
    ///
    /// # Errors
    /// [`ExchangeError::Web`] where the site's profile does not read.
    pub fn new(site: Option<&str>) -> Result<Self, ExchangeError> {
        let mut profile = Profile::parse(EMBEDDED)?;
        if let Some(site) = site {
            profile = profile.overlay(Profile::parse(site)?);
        }
        let control = |key: &str| profile.control(key);
        Ok(Labels {
            code: control("vendor.code")?,
            submit: control("vendor.submit")?,
            list: control("vendor.list")?,
            download: control("vendor.download")?,
            requires: control("vendor.requires")?,
            notes: control("vendor.notes")?,
            spent: control("vendor.spent")?,
            unknown: control("vendor.unknown")?,
            none: control("vendor.none")?,
        })
    }

    /// Finds the form that takes the code and types it in.
    ///
    /// # Errors
    /// [`ExchangeError::Web`] where the page has no such form, or several.
    pub fn fill_code(&self, page: &Page, code: &str) -> Result<Form, ExchangeError> {
        let pressed = page.form_with_button(&self.submit).ok().filter(|form| form.has_field(&self.code));
        let mut form = match pressed {
            Some(form) => form,
            // The page names its button in a way of its own; the field is what counts.
            None => page.form_with_field(&self.code)?,
        };
        form.fill(&self.code, code)?;
        Ok(form)
    }

    /// Reads the vendor's answer. A list counts more than any sentence beside it.
    ///
    /// # Errors
    /// [`ExchangeError::AnswerUnread`] where it holds neither a list nor a
    /// known refusal.
    pub fn read_answer(&self, page: &Page) -> Result<VendorAnswer, ExchangeError> {
        let offers = self.offers(page);
        // A list with greyed-out rows alone gives nothing to fetch, so the page's words are read as well.
        if offers.iter().any(|offer| offer.link.is_some()) {
            return Ok(VendorAnswer::Offers(offers));
        }
        if let Some((refusal, says)) = self.refusal(page) {
            return Ok(VendorAnswer::Refused { refusal, says: text::short_line(&says, MAX_TOLD_CHARS) });
        }
        Err(ExchangeError::AnswerUnread {
            page: page.place(),
            status: page.status(),
            retry_after_secs: page.retry_after_secs(),
            says: text::short_line(&page.text(), MAX_TOLD_CHARS),
        })
    }

    /// Why the page gives no list, and the line that says so: by a phrase of the
    /// profile, else by what a short sentence says of the code in other words.
    fn refusal(&self, page: &Page) -> Option<(CodeRefusal, String)> {
        let all = page.text();
        let said = [
            (&self.spent, CodeRefusal::Spent),
            (&self.unknown, CodeRefusal::Unknown),
            (&self.none, CodeRefusal::Nothing),
        ];
        if let Some((phrase, refusal)) = said.into_iter().find(|(phrase, _)| phrase.occurs_in(&all)) {
            let line = all.lines().take(MAX_LINES).find(|line| phrase.occurs_in(line));
            return Some((refusal, line.unwrap_or_default().to_owned()));
        }
        // A server in trouble judges no code.
        let judged = |line: &str| refusal_in(line).filter(|_| page.status() < 500).map(|why| (why, line.to_owned()));
        all.lines().take(MAX_LINES).find_map(judged)
    }

    fn offers(&self, page: &Page) -> Vec<ListedPackage> {
        // Without the heading that is known, all rows of the page are looked
        // at: the code is spent, and nothing must be missed for a label.
        let section = page.section(&self.list).unwrap_or_else(|_| page.whole());
        let rows = section.rows();
        // In a column of its own what a package requires stands without the word for it.
        let needs = section.heads().iter().position(|head| self.requires.matches(head));
        let mut offers: Vec<ListedPackage> =
            rows.iter().take(MAX_OFFERS).flat_map(|row| self.offers_of(row, needs)).collect();
        // A download link outside of any row that could be read would be lost
        // with the session, so it is taken too and named by its file later.
        let known: BTreeSet<String> = offers.iter().filter_map(|offer| offer.link.clone()).collect();
        let stray = page.links().into_iter().filter(|link| self.download.matches(&link.label));
        let stray: BTreeSet<String> =
            stray.map(|link| link.url().to_owned()).filter(|url| !known.contains(url)).collect();
        offers.extend(stray.into_iter().map(|url| offer_of("", None, None, Some(url))));
        offers.truncate(MAX_OFFERS);
        for (index, offer) in offers.iter_mut().enumerate() {
            offer.number = index + 1;
        }
        offers
    }

    fn offers_of(&self, row: &Row<'_>, needs: Option<usize>) -> Vec<ListedPackage> {
        let mut texts = row.texts.clone();
        let needed = needs.filter(|at| *at < texts.len()).map(|at| texts.remove(at));
        let mut told = self.read_texts(&texts);
        let needed = needed.map(|cell| self.split_requires(&cell).1.unwrap_or(cell));
        told.requires = needed.filter(|cell| cell.chars().any(char::is_alphanumeric)).or(told.requires);
        let mut links = row.section.links();
        let notes = links.iter().find(|link| self.notes.matches(&link.label)).map(|link| link.url().to_owned());
        // A row whose only link leads to its notes gives nothing to fetch.
        links.retain(|link| !self.notes.matches(&link.label));
        let marked: Vec<&Link> = links.iter().filter(|link| self.download.matches(&link.label)).collect();
        let chosen: Vec<&Link> = match (marked.as_slice(), links.as_slice()) {
            // A row with one link needs no known label: its title may be the link.
            ([], [only]) => vec![only],
            _ => marked,
        };
        if chosen.is_empty() {
            // A greyed-out row tells what comes later; a heading row tells nothing.
            let package = PackageKind::of_title(&told.title).is_some() || told.requires.is_some();
            let offer = ListedPackage { notes, ..offer_of(&told.title, told.requires, told.size, None) };
            return if package { vec![offer] } else { Vec::new() };
        }
        let of = |link: &Link| {
            let link = Some(link.url().to_owned());
            let offer = offer_of(&told.title, told.requires.clone(), told.size.clone(), link);
            ListedPackage { notes: notes.clone(), ..offer }
        };
        chosen.into_iter().map(of).collect()
    }

    /// Tells title, requirement and size apart in the texts of a row's cells.
    fn read_texts(&self, cells: &[String]) -> RowTold {
        let mut told = RowTold::default();
        for cell in cells.iter().take(MAX_CELLS) {
            let (before, after) = self.split_requires(cell);
            if let Some(after) = after {
                told.requires = told.requires.or(Some(after));
            }
            let before = text::one_line(&before);
            if before.is_empty() || self.download.matches(&before) || self.notes.matches(&before) {
                continue;
            }
            if read_size(&before).is_some() {
                told.size = told.size.or(Some(before));
            } else if told.title.is_empty() {
                told.title = fit(before);
            }
        }
        told
    }

    /// Cuts `Bomgar 10.6.2 Requires: Base 3.4.0` at its label, which stands right
    /// before a colon: no more words are looked at than the longest label and an
    /// asterisk behind it have.
    fn split_requires(&self, cell: &str) -> (String, Option<String>) {
        let words = self.requires.labels.iter().map(|label| label.split_whitespace().count()).max().unwrap_or(0) + 1;
        for (at, _) in cell.match_indices(':').take(MAX_COLONS) {
            let (before, after) = (&cell[..at], cell[at + 1..].trim());
            let starts: Vec<usize> = last_words(before, words);
            // The longest first, as the label is written.
            if let Some(start) = starts.iter().rev().find(|start| self.requires.matches(&before[**start..])) {
                return (before[..*start].to_owned(), Some(after.to_owned()).filter(|text| !text.is_empty()));
            }
        }
        (cell.to_owned(), None)
    }
}

/// Where the last `count` words of a text begin, the last one first.
fn last_words(text: &str, count: usize) -> Vec<usize> {
    let begin = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    text.rsplit(char::is_whitespace).filter(|word| !word.is_empty()).take(count).map(begin).collect()
}

/// What a line says of a code, whatever its words: it names the code, and says
/// in a few words that it is no good. A condition or an advice says nothing.
fn refusal_in(line: &str) -> Option<CodeRefusal> {
    if line.chars().count() > MAX_TOLD_CHARS {
        return None;
    }
    let folded = fold(line).replace('\u{2019}', "'");
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric() && c != '\'').collect();
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| Control::labelled(phrase).occurs_in(&folded));
    let names_it = words.iter().any(|word| ["code", "key", "codigo", "chave"].contains(word));
    // Good pages say "If the code is not valid, …", too.
    if !names_it || words.iter().any(|word| CONDITIONS.contains(word)) {
        return None;
    }
    if says(&USED) {
        return Some(CodeRefusal::Spent);
    }
    says(&NO_GOOD).then_some(CodeRefusal::Unknown)
}

/// Words with which a sentence tells of what may be, in English and Portuguese.
const CONDITIONS: [&str; 10] =
    ["if", "when", "whether", "unless", "should", "se", "quando", "caso", "deve", "verifique"];
/// That a code was used.
const USED: [&str; 12] = [
    "already used",
    "already been used",
    "has been used",
    "was used",
    "been redeemed",
    "already redeemed",
    "ja usado",
    "ja usada",
    "ja utilizado",
    "ja utilizada",
    "ja foi usado",
    "ja foi usada",
];
/// That a code is no good.
const NO_GOOD: [&str; 38] = [
    "not valid",
    "isn't valid",
    "invalid",
    "no longer valid",
    "not recognized",
    "not recognised",
    "unrecognized",
    "unrecognised",
    "unknown",
    "not known",
    "not found",
    "not be found",
    "cannot be found",
    "can't be found",
    "couldn't be found",
    "does not exist",
    "doesn't exist",
    "incorrect",
    "not correct",
    "wrong",
    "expired",
    "not accepted",
    "rejected",
    "refused",
    "nao e valido",
    "nao e valida",
    "invalido",
    "invalida",
    "desconhecido",
    "desconhecida",
    "nao foi encontrado",
    "nao foi encontrada",
    "nao existe",
    "incorreto",
    "incorreta",
    "expirou",
    "nao reconhecido",
    "nao reconhecida",
];

fn fit(mut title: String) -> String {
    while title.len() > MAX_TITLE_BYTES {
        // By characters, so that none is cut in two: the title is shown and signed.
        title.pop();
    }
    title
}

#[derive(Debug, Default, PartialEq, Eq)]
struct RowTold {
    title: String,
    requires: Option<String>,
    size: Option<String>,
}

fn offer_of(title: &str, requires: Option<String>, size: Option<String>, link: Option<String>) -> ListedPackage {
    ListedPackage { number: 0, title: title.to_owned(), requires, size, link, notes: None }
}

/// Reads a note of requirements: `Base 3.4.0, Bomgar 10.6.2`; `None` where any
/// of it can't be read, since half a requirement is worse than a question.
pub fn read_requires(note: &str) -> Option<Vec<Requirement>> {
    let parts = note.split([',', ';']).map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| PackageKind::of_title(part).map(|(kind, version)| Requirement { kind, version }))
        .collect::<Option<Vec<_>>>()
        .filter(|requires| !requires.is_empty())
}

/// Reads a size as pages write them: `120 MB`, `1,2 GiB`, `8388608 bytes`.
/// Rounded as it was written; good for a look at free space, not for a check.
pub fn read_size(written: &str) -> Option<u64> {
    let written = written.trim().to_lowercase();
    let count = ["bytes", "byte", "b"].iter().find_map(|unit| written.strip_suffix(unit)).unwrap_or_default();
    // A count of bytes has no fraction, so its marks are thousands. `1,2 GiB` is how Portuguese writes 1.2.
    let plain = match count.trim_end().ends_with(|c: char| c.is_ascii_digit()) {
        true => count.replace([',', '.'], "") + "b",
        false => written.replace(',', "."),
    };
    parse_size::Config::new().with_byte_suffix(parse_size::ByteSuffix::Require).parse_size(plain).ok()
}

/// Whether a file of `bytes` can be what a page calls `written`: pages round to
/// their last digit, either way, and some say MB and mean MiB. What is no size
/// agrees with everything.
pub fn size_agrees(written: &str, bytes: u64) -> bool {
    let Some(size) = read_size(written) else { return true };
    let unit = written.trim().trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',')).trim();
    let power = match unit.to_lowercase().as_str() {
        "kb" | "kib" => 1,
        "mb" | "mib" => 2,
        "gb" | "gib" => 3,
        _ => return size == bytes,
    };
    let number =
        written.trim().split(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',')).next().unwrap_or_default();
    let decimals = number.rsplit_once(['.', ',']).map_or(0, |(_, decimals)| decimals.len());
    let Ok(value) = number.replace(',', ".").parse::<f64>() else { return true };
    let last_digit = 0.1f64.powi(i32::try_from(decimals).unwrap_or(i32::MAX));
    // A 1 may be a rounded 0.6, and is no rounded 0.1.
    let low = (value - last_digit).max(value / 2.0);
    let (low, high) = (low * 1000f64.powi(power), (value + last_digit) * 1024f64.powi(power));
    (low..=high).contains(&(bytes as f64))
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
