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
        let links = row.section.links();
        let marked: Vec<&Link> = links.iter().filter(|link| self.download.matches(&link.label)).collect();
        let chosen: Vec<&Link> = match (marked.as_slice(), links.as_slice()) {
            // A row with one link needs no known label: its title may be the link.
            ([], [only]) => vec![only],
            _ => marked,
        };
        if chosen.is_empty() {
            // A greyed-out row tells what comes later; a heading row tells nothing.
            let package = PackageKind::of_title(&told.title).is_some() || told.requires.is_some();
            return if package { vec![offer_of(&told.title, told.requires, told.size, None)] } else { Vec::new() };
        }
        let of =
            |link: &Link| offer_of(&told.title, told.requires.clone(), told.size.clone(), Some(link.url().to_owned()));
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
            if before.is_empty() || self.download.matches(&before) {
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
    ListedPackage { number: 0, title: title.to_owned(), requires, size, link }
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
mod tests {
    use super::*;

    fn labels() -> Labels {
        Labels::new(None).expect("the embedded profile reads")
    }

    fn told(cells: &[&str]) -> (String, Option<String>, Option<String>) {
        let told = labels().read_texts(&cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>());
        (told.title, told.requires, told.size)
    }

    #[test]
    fn sizes_on_pages_are_rounded() {
        for (written, bytes) in [
            ("1 MB", 1_000_000),
            ("1.4 GB", 1_500_000_000),
            ("12.0 MiB", 12 << 20),
            ("12 MB", 12 << 20),
            ("1024 bytes", 1024),
            ("much", 7),
        ] {
            assert!(size_agrees(written, bytes), "{written} {bytes}");
        }
        for (written, bytes) in
            [("12 MB", 6_000_000), ("1.4 GB", 900_000_000), ("1024 bytes", 1000), ("700 KB", 7 << 20), ("1 MB", 1000)]
        {
            assert!(!size_agrees(written, bytes), "{written} {bytes}");
        }
    }

    #[test]
    fn a_row_is_read_whatever_the_order_of_its_cells() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            told(&["Bomgar 10.6.2", "12.0 MiB", "Requires: Base 3.4.0", "Download"]),
            ("Bomgar 10.6.2".to_owned(), some("Base 3.4.0"), some("12.0 MiB"))
        );
        assert_eq!(
            told(&["Descarregar", "Base 3.4.0 Requer: Base 3.3.2", "8388608 bytes"]),
            ("Base 3.4.0".to_owned(), some("Base 3.3.2"), some("8388608 bytes"))
        );
        assert_eq!(told(&["Note: Base 3.4.0"]), ("Note: Base 3.4.0".to_owned(), None, None));
    }

    #[test]
    fn what_a_package_requires_is_read_from_a_column_of_its_own() {
        let html = "<h2>Available Updates</h2><table><tr><th>Package<th>Requires<th>Size<th></tr>\
            <tr><td>Base 3.4.0<td>-<td>6 MB<td><a href=/1>Download</a></tr>\
            <tr><td>Bomgar 10.6.2<td>Base 3.4.0<td>6 MB<td><a href=/2>Download</a></tr>\
            <tr><td>Bomgar 11.1.1<td>Requires: Bomgar 10.6.2<td>6 MB<td><a href=/3>Download</a></tr></table>";
        let page = Page::parse("https://update.example.com/", 200, None, html.as_bytes()).expect("reads");
        let Ok(VendorAnswer::Offers(offers)) = labels().read_answer(&page) else { panic!("no list") };
        let told: Vec<_> = offers.iter().map(|offer| (offer.title.as_str(), offer.requires.as_deref())).collect();
        let expected =
            [("Base 3.4.0", None), ("Bomgar 10.6.2", Some("Base 3.4.0")), ("Bomgar 11.1.1", Some("Bomgar 10.6.2"))];
        assert_eq!(told, expected);
    }

    #[test]
    fn no_page_takes_more_than_bounded_work() {
        let table =
            |cells: &str| format!("<h2>Available Updates</h2><table><tr>{cells}<td><a href=/d>Download</a></table>");
        let cell = |text: &str| table(&format!("<td>{text}</td>"));
        for (what, html) in [
            ("colons of one cell", cell(&"a :".repeat(300_000))),
            ("colons without a blank", cell(&"a:".repeat(400_000))),
            ("words before one colon", cell(&format!("{}:", "a ".repeat(400_000)))),
            ("cells", table(&"<td>a : b : c :</td>".repeat(40_000))),
            ("rows", format!("<h2>Available Updates</h2><table>{}</table>", "<tr><td>a:<td>b".repeat(40_000))),
            ("headings", "<h2>Available Updates</h2><p>x".repeat(25_000)),
            ("headings of old pages", "<div><b>Available Updates</b></div><p>x".repeat(25_000)),
            ("links", "<a href=/1>Download</a>".repeat(30_000)),
            ("lines", format!("<pre>{}</pre>", "the code is\n".repeat(60_000))),
        ] {
            let begun = std::time::Instant::now();
            let page = Page::parse("https://v.example/", 200, None, html.as_bytes()).expect("a page");
            let parsed = begun.elapsed();
            let _ = (labels().read_answer(&page), labels().fill_code(&page, "x"));
            // Some hundred times what it takes, without the parser; what grows
            // with the square of a page takes minutes.
            assert!(begun.elapsed() - parsed < std::time::Duration::from_secs(20), "{what}: {:?}", begun.elapsed());
        }
    }

    #[test]
    fn a_refusal_is_known_in_other_words() {
        for (said, refusal) in [
            ("The key you entered is not valid.", Some(CodeRefusal::Unknown)),
            ("Sorry, that code isn’t valid. Please try again.", Some(CodeRefusal::Unknown)),
            ("We could not find this download code: it does not exist", Some(CodeRefusal::Unknown)),
            ("Invalid Appliance Download Key", Some(CodeRefusal::Unknown)),
            ("Your download key has expired.", Some(CodeRefusal::Unknown)),
            ("O código introduzido não é válido.", Some(CodeRefusal::Unknown)),
            ("A chave não foi encontrada", Some(CodeRefusal::Unknown)),
            ("This download key was already used on 12 May.", Some(CodeRefusal::Spent)),
            ("Esta chave já foi usada.", Some(CodeRefusal::Spent)),
            ("If your key is not valid, contact support.", None),
            ("Enter your Appliance Download Key", None),
            ("Se a chave for inválida, contacte o suporte", None),
            ("The page was not found", None),
        ] {
            assert_eq!(refusal_in(said), refusal, "{said}");
        }
        let answer = |status: u16| {
            let page = Page::parse("https://v.example/", status, None, b"<p>The key you entered is not valid.</p>");
            labels().read_answer(&page.expect("a page"))
        };
        let says = "The key you entered is not valid.".to_owned();
        assert_eq!(answer(200).expect("read"), VendorAnswer::Refused { refusal: CodeRefusal::Unknown, says });
        assert!(answer(503).is_err(), "a server in trouble judges no code");
    }

    #[test]
    fn requirements_are_read_whole_or_not_at_all() {
        let read = |note| read_requires(note).map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(read("Base 3.4.0"), Some(vec!["base 3.4.0".to_owned()]));
        assert_eq!(read("Base 3.4.0; Bomgar 10.6.2"), Some(vec!["base 3.4.0".to_owned(), "site 10.6.2".to_owned()]));
        assert_eq!(read("Base 3.4.0, a talk with support"), None);
        assert_eq!(read(" "), None);
    }

    #[test]
    fn sizes_are_read_as_written() {
        assert_eq!(read_size("12 MiB"), Some(12 << 20));
        assert_eq!(read_size("1,5 GB"), Some(1_500_000_000));
        assert_eq!(read_size("8,388,608 bytes"), Some(8_388_608));
        assert_eq!((read_size("12.345 B"), read_size("7 kB")), (Some(12_345), Some(7000)));
        for not in ["Bomgar 10.6.2", "10.6.2", "", "MB", "3 apples", "12", "99999999 TB", "3b MB"] {
            assert_eq!(read_size(not), None, "{not}");
        }
    }
}
