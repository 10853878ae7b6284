//! The failover page and the shared address, by their labels.

use super::super::{DriverError, Reached};
use super::blocked::StepBlocked;
use super::outside::is_outside;
use super::session::StepPage;
use super::{Bomgar, reading, whose};
use crate::driver::ApplianceRefusal;
use crate::driver::ClockWords;
use crate::driver::Words;
use crate::model::{Failover, FailoverRole, text};
use crate::web::{Control, Form, Page, WebError, fold};

/// Most words that a time on the page is made of.
// The longest form that pages use has eight: `terça-feira, 24 de novembro de 2026 03:07:10 -0300`.
const MAX_TIME_WORDS: usize = 10;

/// Reads the failover page: exactly one of the three things it can say of the role.
///
/// # Errors
/// [`WebError::ControlMissing`] where it says none of them,
/// [`WebError::ControlAmbiguous`] where it says two.
pub(super) fn read(page: &Page, words: &Words) -> Result<Failover, WebError> {
    let says = [
        ("failover.primary", FailoverRole::Primary),
        ("failover.backup", FailoverRole::Backup),
        ("failover.alone", FailoverRole::None),
    ];
    // A page may explain the role it has not. Which sentence counts is not guessed.
    let said: Vec<_> = says.into_iter().filter(|(key, _)| page.has_text(&words.control(key))).collect();
    let role = match said.as_slice() {
        [(_, role)] => *role,
        [] => {
            let looked_for = says.iter().flat_map(|(key, _)| words.control(key).labels).collect();
            let key = "failover.primary".to_owned();
            return Err(WebError::ControlMissing { key, page: page.place(), looked_for, there: Vec::new() });
        }
        several => {
            let matches = several.iter().map(|(_, role)| role.to_string()).collect();
            let looked_for = several.iter().flat_map(|(key, _)| words.control(key).labels).collect();
            let key = "failover.primary".to_owned();
            return Err(WebError::ControlAmbiguous { key, page: page.place(), looked_for, matches });
        }
    };
    let all = page.text();
    let key = match role {
        FailoverRole::Primary => "failover.primary",
        FailoverRole::Backup => "failover.backup",
        FailoverRole::None => "failover.shared",
    };
    let host =
        words_after(&all, &words.control(key)).first().map(|word| word.trim_matches(['.', ',', '(', ')']).to_owned());
    let pulled = words_after(&all, &words.control("failover.pulled"));
    Ok(Failover {
        role,
        shared_host: host.filter(|host| is_host(host)),
        last_sync: time_in(&pulled, words.clock()),
        syncing: page.has_text(&words.control("failover.syncing")),
    })
}

/// The words that follow one of the phrases, the first time it occurs.
fn words_after(all: &str, phrase: &Control) -> Vec<String> {
    let words: Vec<&str> = all.split_whitespace().collect();
    let folded: Vec<String> = words.iter().map(|word| fold(word)).collect();
    for label in &phrase.labels {
        let wanted: Vec<String> = label.split_whitespace().map(fold).collect();
        if wanted.is_empty() {
            continue;
        }
        if let Some(at) = folded.windows(wanted.len()).position(|window| window == wanted) {
            let rest = &words[at + wanted.len()..];
            return rest.iter().take(MAX_TIME_WORDS).map(|word| text::one_line(word)).collect();
        }
    }
    Vec::new()
}

/// The longest run of first words that is a time with its zone.
fn time_in(words: &[String], clock: &ClockWords) -> Option<crate::model::Timestamp> {
    // Longest first: a zone may be said twice, as in `+0000 (UTC)`.
    (3..=words.len()).rev().find_map(|count| {
        let line = words[..count].join(" ");
        clock.read(line.trim_end_matches('.')).ok()
    })
}

/// Whether a word can be a host name: letters, digits, dots, hyphens, and at least one dot.
fn is_host(word: &str) -> bool {
    word.contains('.') && word.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
}

impl Bomgar {
    /// What the failover page shows.
    pub(super) fn failover_page(&mut self) -> Result<Failover, StepBlocked> {
        let page = self.open(StepPage::Failover)?;
        Ok(read(&page, &self.words)?)
    }

    /// Presses a button of the failover page, once it is filled in. A login
    /// page as answer means that nothing was done: then once more.
    pub(super) fn press_failover(
        &mut self,
        button: &'static str,
        fill: impl Fn(&Page, &mut Form, &Words) -> Result<(), WebError>,
    ) -> Result<(), StepBlocked> {
        for _ in 0..2 {
            let page = self.open(StepPage::Failover)?;
            let mut form = page.form_with_button(&self.words.control(button))?;
            fill(&page, &mut form, &self.words)?;
            let answer = self.login.patiently(|client| client.submit(&form))?;
            if whose::is_answer(self.login.door(), &page, &answer, &self.words)? {
                return judged(&page, &answer, &self.words);
            }
        }
        Err(DriverError::SessionLost { page: "/login".to_owned() }.into())
    }

    /// Fills in where the two reach each other.
    pub(super) fn establish_page(&mut self, backup: &Reached, primary: &Reached) -> Result<(), StepBlocked> {
        self.press_failover("failover.establish", |page, form, words| {
            for (group, at) in [("failover.new_backup", backup), ("failover.reverse", primary)] {
                // Both groups have fields by the same two names.
                let section = page.section(&words.control(group))?;
                form.fill_in(&section, &words.control("failover.host"), &at.host)?;
                form.fill_in(&section, &words.control("failover.port"), &at.port.to_string())?;
            }
            Ok(())
        })
    }

    /// Opens the page of the shared address; page and form, "Save Changes" pressed.
    fn shared_ip_form(&mut self, address: Option<&str>) -> Result<(Page, Form), StepBlocked> {
        for _ in 0..2 {
            let page = self.open(StepPage::Network)?;
            let link = match address {
                Some(address) => {
                    page.link(&Control { key: "network.shared".to_owned(), labels: vec![address.to_owned()] })?
                }
                // Which of several addresses is the shared one is not guessed.
                None => page.link(&self.words.control("network.shared"))?,
            };
            let page = self.appliance.client().follow(&link)?;
            if is_outside(&page, &self.words) {
                continue;
            }
            let page = page.ok()?;
            let form = page.form_with_field(&self.words.control("network.enabled"))?;
            // A form with this field may belong to another button, such as one that removes the address.
            if !self.words.control("network.save").matches(form.button()) {
                return Err(page
                    .form_with_button(&self.words.control("network.save"))
                    .map(drop)
                    .err()
                    .map_or_else(|| StepBlocked::Lost(unfit(&page, form.button())), StepBlocked::from));
            }
            return Ok((page, form));
        }
        Err(DriverError::SessionLost { page: "/appliance".to_owned() }.into())
    }

    /// Whether the shared address is enabled.
    pub(super) fn read_shared_ip(&mut self, address: Option<&str>) -> Result<bool, StepBlocked> {
        let (_, form) = self.shared_ip_form(address)?;
        Ok(form.is_checked(&self.words.control("network.enabled"))?)
    }

    /// Ticks or clears its box and saves.
    pub(super) fn save_shared_ip(&mut self, address: Option<&str>, enabled: bool) -> Result<(), StepBlocked> {
        for _ in 0..2 {
            let (page, mut form) = self.shared_ip_form(address)?;
            form.check(&self.words.control("network.enabled"), enabled)?;
            let answer = self.appliance.patiently(|client| client.submit(&form))?;
            if whose::is_answer(self.appliance.door(), &page, &answer, &self.words)? {
                return judged(&page, &answer, &self.words);
            }
        }
        Err(DriverError::SessionLost { page: "/appliance".to_owned() }.into())
    }
}

fn unfit(page: &Page, button: &str) -> WebError {
    WebError::FieldUnfit { page: page.place(), label: text::one_line(button), why: "is not known to save changes" }
}

/// Understands the answer to a press: what it refused, and why.
fn judged(before: &Page, answer: &Page, words: &Words) -> Result<(), StepBlocked> {
    let said = reading::new_words(Some(before), answer);
    // The particular reasons first: a page that names the key or the partner says that it refuses, too.
    let refusals = [
        ("failover.no_key", ApplianceRefusal::PairKey),
        ("failover.no_partner", ApplianceRefusal::PairContact),
        ("failover.refused", ApplianceRefusal::Pair),
    ];
    let found = refusals.into_iter().find(|(key, _)| words.control(key).occurs_in(&said));
    let what = match found {
        Some((_, what)) => what,
        None if answer.status() >= 400 => ApplianceRefusal::Pair,
        None => return Ok(()),
    };
    Err(DriverError::Refused { what, page: answer.place(), said }.into())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{page_at, words};
    use super::*;
    use proptest::prelude::*;

    fn page(body: &str) -> Page {
        page_at("/login", body)
    }

    #[test]
    fn the_guides_own_backup_page_is_read() {
        let backup = page(
            "<h2>Failover :: Backup Site Instance Status</h2><p>This is the Backup site instance for support.example.com</p>\
             <p><button>Sync Now</button> The last data-sync was successfully pulled at August 10, 2012 03:40:18 PM CDT. \
             (Refresh Status)</p>",
        );
        let read = read(&backup, &words()).expect("reads");
        assert_eq!(read.role, FailoverRole::Backup);
        assert_eq!(read.shared_host.as_deref(), Some("support.example.com"));
        assert_eq!(read.last_sync.map(|at| at.to_string()).as_deref(), Some("2012-08-10T20:40:18Z"));
        assert!(!read.syncing);
    }

    #[test]
    fn a_page_alone_tells_the_shared_name_and_two_roles_are_none() {
        let alone = page(
            "<p>Failover is currently not configured.</p><p>NOTE: … The shared hostname fr-ent.example.com should not be \
             used for either hostname field.</p>",
        );
        let shown = read(&alone, &words()).expect("reads");
        assert_eq!((shown.role, shown.shared_host.as_deref()), (FailoverRole::None, Some("fr-ent.example.com")));
        assert!(read(&page("<p>Failover</p>"), &words()).is_err());
        let two = "<p>This is the Backup site instance for a.b</p><p>This is the Primary site instance for a.b</p>";
        assert!(matches!(read(&page(two), &words()), Err(WebError::ControlAmbiguous { .. })));
    }

    #[test]
    fn the_portuguese_page_says_the_same() {
        let backup = page(
            "<p>Esta é a instância do site de Backup de suporte.exemplo.com.br</p>\
             <p>A última sincronização de dados foi obtida com êxito em 10 de agosto de 2012 15:40:18 UTC.</p>",
        );
        let read = read(&backup, &words()).expect("reads");
        assert_eq!((read.role, read.shared_host.as_deref()), (FailoverRole::Backup, Some("suporte.exemplo.com.br")));
        assert_eq!(read.last_sync.map(|at| at.to_string()).as_deref(), Some("2012-08-10T15:40:18Z"));
    }

    proptest! {
        #[test]
        fn no_failover_page_is_too_strange(
            body in "(<(p|b|h2|form|button|fieldset)>|</(p|form)>|This is the Backup site instance for|successfully pulled at|\
                     August 10, 2012 03:40:18 PM|[^<]{0,9}| ){0,30}"
        ) {
            let _ = read(&page(&body), &words());
        }
    }
}
