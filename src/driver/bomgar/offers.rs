//! What the Updates page offers to install by itself: read, checked for, pressed.

use super::super::{Did, DriverError, Listing, Uploaded, guides};
use super::Bomgar;
use super::blocked::{StepBlocked, by_hand};
use super::session::StepPage;
use super::{reading, whose};
use crate::driver::Words;
use crate::model::{Offer, PackageKind, PackageRef, text};
use crate::web::{Control, Page, Row, Section, WebError};

/// Most offers taken from a list; a vendor offers a handful.
const MAX_OFFERS: usize = 200;
/// Longest title or note of an entry that is kept, in characters.
const MAX_NOTE_CHARS: usize = 300;

impl Bomgar {
    /// Presses the check for updates.
    pub(super) fn press_check(&mut self) -> Result<(), StepBlocked> {
        for _ in 0..2 {
            let page = self.open(StepPage::Updates)?;
            let form = page.form_with_button(&self.words.control("updates.check"))?;
            let answer = self.appliance.client().submit(&form)?;
            // Where the session had ended, nothing was asked: log in and press again, once.
            if whose::is_answer(self.appliance.door(), &page, &answer, &self.words)? {
                refuse_unreachable(&answer, &self.words)?;
                answer.ok()?;
                return Ok(());
            }
        }
        Err(DriverError::SessionLost { page: "/appliance".to_owned() }.into())
    }

    /// Reads what the page shows now.
    pub(super) fn read_listing(&mut self) -> Result<Listing, StepBlocked> {
        let page = self.open(StepPage::Updates)?;
        refuse_unreachable(&page, &self.words)?;
        if let Some(said) = reading::report(&page.text(), &self.words.control("updates.checking")) {
            return Ok(Listing::Checking(said));
        }
        Ok(offers(&page, &self.words)?.map_or(Listing::Nothing, Listing::Offers))
    }

    /// Presses the install of the one entry with the package's title.
    pub(super) fn press_install(&mut self, package: &PackageRef) -> Result<Did<Uploaded>, DriverError> {
        self.agreement = None;
        let pressed = self.send_install(package);
        match by_hand(pressed, |because| guides::install_offered(&self.words, &package.name, because))? {
            Did::Done((before, answer)) => self.answered(&package.name, &before, answer),
            Did::ByHand(guide) => Ok(Did::ByHand(guide)),
        }
    }

    fn send_install(&mut self, package: &PackageRef) -> Result<(Page, Page), StepBlocked> {
        let page = self.open(StepPage::Updates)?;
        let install = self.words.control("updates.install");
        let answer = {
            let section = page.section(&self.words.control("updates.available"))?;
            let entries = entries(&page, &section, &self.words)?;
            let row = only_entry(&entries, package, &page, &install)?;
            match (row.section.form_with_button(&install), row.section.link(&install)) {
                (Err(WebError::ControlMissing { .. }), Ok(link)) => {
                    self.appliance.patiently(|client| client.press(&link))
                }
                (form, _) => {
                    let form = form?;
                    self.appliance.patiently(|client| client.submit(&form))
                }
            }
        };
        Ok((page, answer?))
    }
}

/// The one entry of a package; none or two are an error, never a guess.
fn only_entry<'e, 'p>(
    entries: &'e [Entry<'p>],
    package: &PackageRef,
    page: &Page,
    install: &Control,
) -> Result<&'e Entry<'p>, WebError> {
    let named: Vec<&Entry<'p>> = entries.iter().filter(|entry| entry.title == package.name).collect();
    let (key, place, looked_for) = (install.key.clone(), page.place(), vec![package.name.clone()]);
    match named.as_slice() {
        [entry] => Ok(entry),
        [] => {
            let there = entries.iter().map(|entry| entry.title.clone()).collect();
            Err(WebError::ControlMissing { key, page: place, looked_for, there })
        }
        _ => {
            let matches = named.iter().map(|entry| [&entry.title[..], &entry.note[..]].join(" ")).collect();
            Err(WebError::ControlAmbiguous { key, page: place, looked_for, matches })
        }
    }
}

/// Lets no page pass that tells of an unreachable vendor.
fn refuse_unreachable(page: &Page, words: &Words) -> Result<(), StepBlocked> {
    let control = words.control("updates.unreachable");
    match page.text().lines().find(|line| control.occurs_in(line)) {
        Some(line) => Err(DriverError::VendorAway { page: page.place(), said: shortened(line) }.into()),
        None => Ok(()),
    }
}

/// Reads the list under "Available Updates", greyed-out entries too; `None`
/// where there is no list, as before a check for updates.
///
/// # Errors
/// [`WebError`] where there is one, and which button is whose is not clear.
pub(super) fn offers(page: &Page, words: &Words) -> Result<Option<Vec<Offer>>, WebError> {
    let Ok(section) = page.section(&words.control("updates.available")) else { return Ok(None) };
    let offers: Vec<Offer> = entries(page, &section, words)?.into_iter().map(Entry::offer).take(MAX_OFFERS).collect();
    let listed = !offers.is_empty() || section.has_text(&words.control("updates.none"));
    Ok(listed.then_some(offers))
}

/// A package on the list.
struct Entry<'p> {
    title: String,
    /// What stands beside it, its size aside.
    note: String,
    /// Whether its button is there, greyed out or not.
    has_button: bool,
    /// Whether it can be pressed.
    is_open: bool,
    section: Section<'p>,
}

impl Entry<'_> {
    fn offer(self) -> Offer {
        Offer { locked: (!self.is_open).then_some(self.note), title: self.title }
    }

    /// Whether the page says of it that it can't be installed yet: its button is
    /// greyed out, or it has none and names what must come first.
    fn is_clear(&self, requires: &Control) -> bool {
        self.has_button || requires.occurs_in(&self.note)
    }
}

/// The entries of the list, whatever its markup is: a row each, or a part from
/// one package's title to the next.
fn entries<'p>(page: &Page, section: &Section<'p>, words: &Words) -> Result<Vec<Entry<'p>>, WebError> {
    let (install, requires) = (words.control("updates.install"), words.control("updates.requires"));
    let heads = section.heads();
    // In a column of its own the need stands without the word for it, and looks like a title.
    let need = heads.iter().position(|head| requires.matches(head));
    let buttons = section.count_of(&install);
    let whole = |entries: &[Entry<'_>]| {
        entries.iter().all(|entry| entry.section.count_of(&install) <= 1)
            && entries.iter().map(|entry| entry.section.count_of(&install)).sum::<usize>() == buttons
    };
    let rows: Vec<Entry<'p>> =
        section.rows().into_iter().filter_map(|row| entry(row, need, &install, &requires)).collect();
    let strange = |entry: &Entry<'_>| !entry.is_clear(&requires) && has_other_press(entry);
    // A title without a button, and a button without a title: the two may stand in different rows.
    let apart = rows.iter().any(|row| row.has_button && PackageKind::of_title(&row.title).is_none())
        && rows.iter().any(|row| !row.has_button);
    let is_elsewhere = rows.is_empty() && has_titles(section);
    if whole(&rows) && !apart && !is_elsewhere && !rows.iter().any(strange) {
        return Ok(rows);
    }
    let begins = |line: &str| PackageKind::of_title(&parted(line, &install, &requires).0).is_some();
    let pieces = section.pieces(begins).into_iter().filter_map(|row| entry(row, None, &install, &requires));
    let pieces: Vec<Entry<'p>> = pieces.collect();
    if whole(&pieces) && pieces.iter().all(|entry| entry.is_clear(&requires)) {
        return Ok(pieces);
    }
    // A button that is called otherwise is no sign that a package is locked.
    if buttons == 0 {
        return section.form_with_button(&install).map(|_| Vec::new());
    }
    let label = words.control("updates.available").labels.into_iter().next().unwrap_or_default();
    let why = "lists packages in a way that is not clear: which button belongs to which";
    Err(WebError::FieldUnfit { page: page.place(), label, why })
}

/// Whether something else than the install can be pressed in an entry.
fn has_other_press(entry: &Entry<'_>) -> bool {
    entry.section.buttons().iter().any(|button| !button.disabled) || !entry.section.links().is_empty()
}

/// Whether a section names packages, in whatever markup.
fn has_titles(section: &Section<'_>) -> bool {
    !section.pieces(|line| PackageKind::of_title(line).is_some()).is_empty()
}

/// One entry: a title, perhaps its size and a note, and a button that is greyed
/// out or missing where the package waits for another.
fn entry<'p>(row: Row<'p>, need: Option<usize>, install: &Control, requires: &Control) -> Option<Entry<'p>> {
    let has_button = row.section.count_of(install) > 0;
    let pressable = row.section.buttons().iter().any(|button| install.matches(&button.label) && !button.disabled);
    let is_open = pressable || row.section.link(install).is_ok();
    let mut cells: Vec<String> = row.texts.iter().map(|cell| shortened(cell)).collect();
    let needed = need.filter(|at| *at < cells.len()).map(|at| cells.remove(at)).filter(|cell| !is_none(cell));
    cells.retain(|cell| !cell.is_empty() && !install.matches(cell));
    let is_title = |cell: &String| PackageKind::of_title(cell).is_some();
    let at = cells.iter().position(is_title).unwrap_or(0);
    // Neither a package's title nor a button: a heading, a sum, a note.
    if !cells.get(at).is_some_and(is_title) && !has_button && !is_open {
        return None;
    }
    let (title, beside) = parted(cells.get(at)?, install, requires);
    cells.remove(at);
    let label = requires.labels.first().cloned().unwrap_or_default();
    let needed = needed.map(|needed| format!("{label}: {needed}"));
    let notes = cells.into_iter().filter(|cell| !is_size(cell));
    let note: Vec<String> =
        Some(beside).into_iter().chain(notes).chain(needed).filter(|note| !note.is_empty()).collect();
    Some(Entry { title, note: note.join("; "), has_button, is_open, section: row.section })
}

/// A title, and what is said behind it of what must come first; without the
/// label of a link that stands in the same line.
fn parted(text: &str, install: &Control, requires: &Control) -> (String, String) {
    let text = match first_of(text, install) {
        Some(at) if at > 0 => &text[..at],
        _ => text,
    };
    let around = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | ',' | ';' | '-' | '–');
    match first_of(text, requires) {
        Some(at) if at > 0 => (text[..at].trim_matches(around).to_owned(), text[at..].trim_matches(around).to_owned()),
        _ => (text.trim().to_owned(), String::new()),
    }
}

/// Where the first of a control's labels begins in a text, as a word.
fn first_of(text: &str, control: &Control) -> Option<usize> {
    let begins = |at: usize| {
        let rest = text[at..].to_lowercase();
        let after_word = text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        !after_word && control.labels.iter().any(|label| rest.starts_with(&label.to_lowercase()))
    };
    text.char_indices().map(|(at, _)| at).find(|at| begins(*at))
}

/// Whether a cell says that there is nothing.
fn is_none(cell: &str) -> bool {
    let cell = cell.trim().to_lowercase();
    cell.chars().all(|c| !c.is_alphanumeric())
        || ["none", "nenhum", "nenhuma", "keine", "ninguno", "aucun"].contains(&&*cell)
}

fn shortened(cell: &str) -> String {
    text::short_line(cell, MAX_NOTE_CHARS)
}

/// Whether a cell is a size such as `6.0 MiB` or `120 MB`.
fn is_size(cell: &str) -> bool {
    let unit = cell.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ' '));
    let units = ["b", "bytes", "kb", "kib", "mb", "mib", "gb", "gib"];
    cell.starts_with(|c: char| c.is_ascii_digit()) && units.contains(&unit.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{page_at, words};
    use super::*;
    use proptest::prelude::*;

    fn read(body: &str) -> Option<Vec<Offer>> {
        offers(&page_at("/appliance/updates", body), &words()).expect("is clear")
    }

    fn offer(title: &str, locked: Option<&str>) -> Offer {
        Offer { title: title.to_owned(), locked: locked.map(str::to_owned) }
    }

    #[test]
    fn a_list_is_read_with_what_is_greyed_out_and_why() {
        let english = "<h2>Available Updates</h2><table><tr><th>Package</th><th>Size</th><th>Note</th><th></th></tr>\
            <tr><td>Base 3.4.0</td><td>6.0 MiB</td><td></td><td><form method=post><button>Install This Update</button></form></td></tr>\
            <tr class=grey><td>Bomgar 10.6.2</td><td>6.1 MiB</td><td>Requires: Base 3.4.0</td>\
            <td><button disabled>Install This Update</button></td></tr></table><h2>Manual Installation</h2>";
        let expected = [offer("Base 3.4.0", None), offer("Bomgar 10.6.2", Some("Requires: Base 3.4.0"))];
        assert_eq!(read(english).as_deref(), Some(&expected[..]));
        let portuguese = "<h2>Atualizações Disponíveis</h2><ul><li>Bomgar 10.6.2 <a href=/i>Instalar esta Atualização</a></li></ul>\
            <table><tr><td>Bomgar 11.1.1</td><td>Requer: Bomgar 10.6.2</td></tr></table>";
        let read = read(portuguese).expect("a list");
        let both = [offer("Bomgar 10.6.2", None), offer("Bomgar 11.1.1", Some("Requer: Bomgar 10.6.2"))];
        assert_eq!(read, both, "what stands in items and what stands in a table");
    }

    #[test]
    fn no_list_is_told_from_an_empty_one() {
        assert_eq!(read("<h2>Available Updates</h2><p>This appliance is up to date.</p>"), Some(Vec::new()));
        assert_eq!(read("<h2>Atualizações Disponíveis</h2><p>Este aplicativo está atualizado.</p>"), Some(Vec::new()));
        assert_eq!(read("<h2>Available Updates</h2><p>Updates have not been checked for.</p>"), None);
        assert_eq!(read("<h2>Manual Installation</h2><table><tr><td>Base 3.4.0</td></tr></table>"), None);
    }

    /// The same three packages, in markup after markup.
    const LISTS: [&str; 8] = [
        // A row each, the need in a column of its own.
        "<table><tr><th>Package</th><th>Requires</th><th></th></tr>\
         <tr><td>Base 3.4.0</td><td>-</td><td>{open}</td></tr><tr><td>Bomgar 10.6.2</td><td>Base 3.4.0</td><td>{grey}</td></tr>\
         <tr><td>Bomgar 11.1.1</td><td>Bomgar 10.6.2</td><td></td></tr></table>",
        // Title and button in different rows.
        "<table><tr><td>Base 3.4.0</td></tr><tr><td>6.0 MiB {open}</td></tr><tr><td>Bomgar 10.6.2</td></tr>\
         <tr><td>Requires: Base 3.4.0 {grey}</td></tr><tr><td>Bomgar 11.1.1</td></tr><tr><td>Requires: Bomgar 10.6.2</td></tr></table>",
        // Title in a table of its own.
        "<table><tr><td><table><tr><td>Base 3.4.0</td></tr></table></td><td>{open}</td></tr>\
         <tr><td><table><tr><td>Bomgar 10.6.2</td></tr><tr><td>Requires: Base 3.4.0</td></tr></table></td><td>{grey}</td></tr>\
         <tr><td><table><tr><td>Bomgar 11.1.1</td></tr><tr><td>Requires: Bomgar 10.6.2</td></tr></table></td><td></td></tr></table>",
        // Boxes with a heading each.
        "<div class=p><h4>Base 3.4.0</h4><p>6.0 MiB</p>{open}</div><div class=p><h4>Bomgar 10.6.2</h4>\
         <p>Requires: Base 3.4.0</p>{grey}</div><div class=p><h4>Bomgar 11.1.1</h4><p>Requires: Bomgar 10.6.2</p></div>",
        // Items.
        "<ul><li>Base 3.4.0 {open}</li><li>Bomgar 10.6.2 (Requires: Base 3.4.0) {grey}</li>\
         <li>Bomgar 11.1.1 (Requires: Bomgar 10.6.2)</li></ul>",
        "<ul><li>Base 3.4.0 <a href=/i>Install This Update</a></li><li>Bomgar 10.6.2 (Requires: Base 3.4.0) {grey}</li>\
         <li>Bomgar 11.1.1 (Requires: Bomgar 10.6.2)</li></ul>",
        // Terms.
        "<dl><dt>Base 3.4.0<dd>{open}<dt>Bomgar 10.6.2<dd>Requires: Base 3.4.0 {grey}<dt>Bomgar 11.1.1<dd>Requires: Bomgar 10.6.2</dl>",
        // Lines of one paragraph each.
        "<p>Base 3.4.0 {open}</p><p>Bomgar 10.6.2, Requires: Base 3.4.0 {grey}</p><p>Bomgar 11.1.1, Requires: Bomgar 10.6.2</p>",
    ];

    #[test]
    fn a_list_is_read_in_whatever_markup_it_is_set() {
        let (open, grey) = ("<button>Install This Update</button>", "<button disabled>Install This Update</button>");
        let expected = [
            offer("Base 3.4.0", None),
            offer("Bomgar 10.6.2", Some("Requires: Base 3.4.0")),
            offer("Bomgar 11.1.1", Some("Requires: Bomgar 10.6.2")),
        ];
        for list in LISTS {
            let list = list.replace("{open}", open).replace("{grey}", grey);
            let body = format!(
                "<h2>Available Updates</h2><form method=post action=/i>{list}</form><h2>Manual Installation</h2>"
            );
            assert_eq!(read(&body).as_deref(), Some(&expected[..]), "{list}");
            // Each button is that of its own package, whichever is pressable.
            let swapped = body.replace(open, "{}").replace(grey, open).replace("{}", grey);
            if !list.contains("<a ") {
                let read = read(&swapped).expect("a list");
                assert!(read[0].locked.is_some() && read[1].locked.is_none(), "{swapped}: {read:?}");
            }
        }
    }

    #[test]
    fn what_is_not_clear_is_not_said_to_be_greyed_out() {
        let button = "<button>Install This Update</button>";
        for list in [
            // One title is not known, so whose button its one is can't be told.
            format!("<div>Base 3.4.0</div>{button}<div>Custom skin</div>{button}"),
            format!("<div>{button}</div><div>Base 3.4.0</div><div>{button}</div><div>Bomgar 10.6.2</div>"),
            format!("<div>Base 3.4.0</div><div>Bomgar 10.6.2</div>{button}"),
            "<table><tr><td>Base 3.4.0</td><td><button>Go on</button></td></tr></table>".to_owned(),
        ] {
            let body = format!("<h2>Available Updates</h2><form method=post action=/i>{list}</form>");
            let read = offers(&page_at("/appliance/updates", &body), &words());
            assert!(read.is_err(), "{list}: {read:?}");
        }
    }

    #[test]
    fn a_row_without_a_reason_is_greyed_out_all_the_same() {
        let list = "<h2>Available Updates</h2><table><tr><td>Custom skin</td><td><button disabled>Install This Update</button>\
            </td></tr><tr><td>Nothing here</td></tr></table>";
        assert_eq!(read(list), Some(vec![offer("Custom skin", Some(""))]));
    }

    proptest! {
        #[test]
        fn no_page_is_too_strange(
            body in "(<(h2|p|b|td|tr|table|ul|li|form|button|button disabled)>|</(p|td|tr|table|form|button|h2)>|\
                     Available Updates|Install This Update|Base 3.4.0|up to date|[^<]{0,9}){0,40}"
        ) {
            let read = offers(&page_at("/appliance/updates", &body), &words());
            let read = read.ok().flatten().unwrap_or_default();
            prop_assert!(read.len() <= MAX_OFFERS);
        }
    }
}
