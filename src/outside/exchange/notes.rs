//! Release notes: what the vendor's page has beside a package for people to
//! read. They are fetched when all packages are in custody, and hold up nothing.

use super::run::Exchanger;
use crate::bundle::limits::MAX_NOTES_BYTES;
use crate::model::text;
use crate::outside::vault::{ExchangeLedger, VaultError};
use crate::web::{Client, Page};

impl Exchanger<'_> {
    /// Keeps the release notes of what arrived with its record. Where a page
    /// can't be read, or lies at another server, its address is kept instead.
    pub(super) fn keep_notes(&self, client: &Client, ledger: &ExchangeLedger) -> Result<(), VaultError> {
        for offer in &ledger.exchange.offers {
            let (Some(url), Some((kept, true))) = (&offer.notes, ledger.exchange.arrived.get(&offer.number)) else {
                continue;
            };
            // As it is now: a person may have described it since.
            let Some(mut kept) = self.vault.packages()?.into_iter().find(|one| one.id == kept.id) else { continue };
            let title = text::one_line(&offer.title);
            let read = client.get(url).and_then(Page::ok).map(|page| noted(&page.text(), url));
            kept.notes = match read {
                Ok(notes) => notes,
                Err(error) => {
                    let why = text::one_line(&error.to_string());
                    self.console
                        .note(format!("The release notes of {title} can't be read, so their address is kept: {why}"));
                    // Without its query, where a code or a session may stand: what is kept is signed, and travels.
                    let address = url.split(['?', '#']).next().unwrap_or_default();
                    noted(address, address)
                }
            };
            self.vault.record(&kept)?;
        }
        Ok(())
    }
}

/// Notes as they are signed: printable lines, and no more than a manifest takes;
/// where they are cut, the end says so, and where the whole is.
fn noted(told: &str, url: &str) -> Option<String> {
    let lines: Vec<String> = told.lines().map(text::one_line).filter(|line| !line.is_empty()).collect();
    let mut notes = lines.join("\n");
    if notes.len() > MAX_NOTES_BYTES {
        let end = format!("\n(cut here; the whole is at {})", text::short_line(url, MAX_URL_CHARS));
        let room = MAX_NOTES_BYTES - end.len();
        let at = (0..=room).rev().find(|at| notes.is_char_boundary(*at)).unwrap_or_default();
        notes.truncate(at);
        notes.push_str(&end);
    }
    (!notes.is_empty()).then_some(notes)
}

/// How much of an address stands where notes are cut, in characters.
const MAX_URL_CHARS: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_printable_lines_and_where_they_are_cut_they_say_so() {
        assert_eq!(
            noted("New:\n\n  \u{1b}[31mred\t and \u{202e}so on \n", "/n").as_deref(),
            Some("New:\n[31mred and so on")
        );
        assert_eq!(noted(" \n\u{200b}\n", "/n"), None);
        let long = noted(&"ação ".repeat(9000), "https://update.example.com/notes/1").expect("notes");
        assert!(long.len() <= MAX_NOTES_BYTES && long.len() > MAX_NOTES_BYTES - 4);
        assert!(long.ends_with("(cut here; the whole is at https://update.example.com/notes/1)"), "{long}");
        let (cut, _) = long.rsplit_once('\n').expect("two lines");
        assert!(cut.starts_with("ação ação"));
    }
}
