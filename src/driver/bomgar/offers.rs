//! What the Updates page offers to install by itself: read, checked for, pressed.

use super::super::{Did, DriverError, Listing, Uploaded, guides};
use super::Bomgar;
use super::blocked::{StepBlocked, by_hand};
use super::session::StepPage;
use super::{reading, whose};
use crate::driver::Words;
use crate::model::{Offer, PackageKind, PackageRef, text};
use crate::web::{Control, Page, Row, WebError};

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
        Ok(offers(&page, &self.words).map_or(Listing::Nothing, Listing::Offers))
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
            let rows = section.rows();
            let row = only_row(&rows, package, &page, &install)?;
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

/// The one row of a package; none or two are an error, never a guess.
fn only_row<'r, 'p>(
    rows: &'r [Row<'p>],
    package: &PackageRef,
    page: &Page,
    install: &Control,
) -> Result<&'r Row<'p>, WebError> {
    let title_of = |row: &Row<'_>| title(&row.texts.iter().map(|cell| shortened(cell)).collect::<Vec<_>>());
    let named: Vec<&Row<'p>> = rows.iter().filter(|row| title_of(row).as_deref() == Some(&*package.name)).collect();
    let (key, place, looked_for) = (install.key.clone(), page.place(), vec![package.name.clone()]);
    match named.as_slice() {
        [row] => Ok(row),
        [] => {
            let there = rows.iter().filter_map(title_of).collect();
            Err(WebError::ControlMissing { key, page: place, looked_for, there })
        }
        _ => {
            let matches = named.iter().map(|row| row.texts.join(" ")).collect();
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
pub(super) fn offers(page: &Page, words: &Words) -> Option<Vec<Offer>> {
    let section = page.section(&words.control("updates.available")).ok()?;
    let install = words.control("updates.install");
    let offers: Vec<Offer> = section.rows().iter().filter_map(|row| offer(row, &install)).take(MAX_OFFERS).collect();
    let listed = !offers.is_empty() || section.has_text(&words.control("updates.none"));
    listed.then_some(offers)
}

/// One row: a title, perhaps its size and a note, and a button that is greyed
/// out or missing where the package waits for another.
fn offer(row: &Row<'_>, install: &Control) -> Option<Offer> {
    let cells: Vec<String> = row.texts.iter().map(|cell| shortened(cell)).filter(|cell| !cell.is_empty()).collect();
    let title = title(&cells)?;
    let known = PackageKind::of_title(&title).is_some();
    let buttons = row.section.buttons();
    let own = |label: &str| install.matches(label);
    let shown = buttons.iter().any(|button| own(&button.label));
    let pressable = buttons.iter().any(|button| own(&button.label) && !button.disabled);
    let open = pressable || row.section.link(install).is_ok();
    // Neither a package's title nor a button: a heading, a sum, a note.
    if !known && !shown && !open {
        return None;
    }
    let is_note = |cell: &&String| **cell != title && !own(cell) && !is_size(cell);
    let note: Vec<&str> = cells.iter().filter(is_note).map(String::as_str).collect();
    let locked = (!open).then(|| note.join("; "));
    Some(Offer { title, locked })
}

/// The cell that tells kind and version, else the first.
fn title(cells: &[String]) -> Option<String> {
    let known = cells.iter().find(|cell| PackageKind::of_title(cell).is_some());
    known.or(cells.first()).cloned()
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
        offers(&page_at("/appliance/updates", body), &words())
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
        assert_eq!(read, [offer("Bomgar 11.1.1", Some("Requer: Bomgar 10.6.2"))], "a table before a list of items");
    }

    #[test]
    fn no_list_is_told_from_an_empty_one() {
        assert_eq!(read("<h2>Available Updates</h2><p>This appliance is up to date.</p>"), Some(Vec::new()));
        assert_eq!(read("<h2>Atualizações Disponíveis</h2><p>Este aplicativo está atualizado.</p>"), Some(Vec::new()));
        assert_eq!(read("<h2>Available Updates</h2><p>Updates have not been checked for.</p>"), None);
        assert_eq!(read("<h2>Manual Installation</h2><table><tr><td>Base 3.4.0</td></tr></table>"), None);
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
            let read = read(&body).unwrap_or_default();
            prop_assert!(read.len() <= MAX_OFFERS);
        }
    }
}
