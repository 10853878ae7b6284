//! Certificates, settings, reset and shutdown, by their labels.

use super::super::migration::{self, BackupToRestore, ListedCertificate, Migration};
use super::super::{ApplianceRefusal, Did, DriverError};
use super::blocked::{StepBlocked, by_hand};
use super::copy::copy;
use super::finding::form_in_section;
use super::outside::{is_login, is_outside};
use super::session::StepPage;
use super::{Bomgar, reading, whose};
use crate::driver::Words;
use crate::model::{Meter, Secret, text};
use crate::web::{Control, Form, Page, Row, WebError};
use std::io::Write;
use std::rc::Rc;

/// Most warnings of one certificate that are told.
const MAX_WARNINGS: usize = 20;

/// The certificates that the page lists, each with its row.
///
/// # Errors
/// [`WebError::ControlMissing`] where there is no table with a column of whom
/// they are issued to.
fn listed<'p>(page: &'p Page, words: &Words) -> Result<Vec<(ListedCertificate, Row<'p>)>, WebError> {
    let section = page.section(&words.control("cert.section"))?;
    let heads = section.heads();
    let column = |key: &'static str| heads.iter().position(|head| words.control(key).matches(head));
    let Some(issued_to) = column("cert.issued") else {
        let wanted = words.control("cert.issued");
        let (key, looked_for) = (wanted.key, wanted.labels);
        return Err(WebError::ControlMissing { key, page: page.place(), looked_for, there: heads });
    };
    let (fingerprint, addresses, warnings) =
        (column("cert.fingerprint"), column("cert.addresses"), column("cert.warnings"));
    let certificate = |row: &Row<'_>| {
        let cell = |at: Option<usize>| {
            let shown = at.and_then(|at| row.texts.get(at)).map(|shown| text::one_line(shown));
            // Pages put a dash where there is nothing.
            shown.filter(|shown| shown.chars().any(char::is_alphanumeric))
        };
        let listed = |at, separators: &[char]| -> Vec<String> {
            let words = cell(at).unwrap_or_default();
            let parts = words.split(|c| separators.contains(&c)).map(str::trim).filter(|part| !part.is_empty());
            parts.take(MAX_WARNINGS).map(str::to_owned).collect()
        };
        Some(ListedCertificate {
            issued_to: cell(Some(issued_to))?,
            fingerprint: cell(fingerprint),
            addresses: listed(addresses, &[',', ' ']),
            warnings: listed(warnings, &[';']),
        })
    };
    Ok(section.rows().into_iter().filter_map(|row| Some((certificate(&row)?, row))).collect())
}

/// The one row of `which`.
fn row_of<'p>(page: &'p Page, words: &Words, which: &ListedCertificate) -> Result<Row<'p>, WebError> {
    let all = listed(page, words)?;
    let there = all.iter().map(|(listed, _)| listed.to_string()).collect::<Vec<_>>();
    let mut own: Vec<Row<'p>> = all.into_iter().filter(|(listed, _)| listed.is(which)).map(|(_, row)| row).collect();
    let key = "cert.issued".to_owned();
    let looked_for = vec![which.to_string()];
    match (own.pop(), own.is_empty()) {
        (Some(row), true) => Ok(row),
        (None, _) => Err(WebError::ControlMissing { key, page: page.place(), looked_for, there }),
        _ => Err(WebError::ControlAmbiguous { key, page: page.place(), looked_for, matches: there }),
    }
}

impl Bomgar {
    /// The page with what is exported, filled in.
    fn export_form(&mut self, which: &ListedCertificate, passphrase: &Secret) -> Result<Form, StepBlocked> {
        let page = self.open(StepPage::Certificates)?;
        let mut form = form_in_section(&page, &self.words, "cert.section", "cert.go")?;
        // The box has no label; it belongs to the row that it stands in.
        form.check_in(&row_of(&page, &self.words, which)?.section, true)?;
        form.choose(&self.words.control("cert.action"), &self.words.control("cert.export"))?;
        let page = self.inside(self.appliance.client().submit(&form)?)?;
        let mut form = page.form_with_button(&self.words.control("cert.export"))?;
        // All three, by the guide. Without the key the new appliance can't
        // serve by it, and without the chain clients don't believe it.
        for key in ["cert.include", "cert.key", "cert.chain"] {
            form.check(&self.words.control(key), true)?;
        }
        form.fill(&self.words.control("cert.passphrase"), passphrase.reveal())?;
        Ok(form)
    }

    /// Exports it by the session there is.
    fn export_once(
        &mut self,
        which: &ListedCertificate,
        passphrase: &Secret,
        sink: &mut dyn Write,
    ) -> Result<Did<u64>, DriverError> {
        let form = self.export_form(which, passphrase);
        let form = match by_hand(form, |because| migration::export(&self.words, because))? {
            Did::Done(form) => form,
            Did::ByHand(guide) => return Ok(Did::ByHand(guide)),
        };
        let mut download = match self.appliance.patiently(|client| client.submit_for_download(&form)) {
            Ok(download) => download,
            Err(WebError::NotAFile { page, says, leads_to }) => {
                let (page, said) = (passphrase.withhold(&page), passphrase.withhold(&says));
                if self.words.control("login.stale").occurs_in(&said) {
                    return Err(DriverError::SessionEnded { page, said });
                }
                return Err(whose::instead_of_file(ApplianceRefusal::Certificate, page, said, &leads_to));
            }
            Err(error) => return Err(error.into()),
        };
        let origin = self.appliance.client().origin();
        Ok(Did::Done(copy(&mut *download.reader, sink, &(), &origin)?))
    }

    /// The form for an exported certificate, and the page it stands on.
    fn import_form(&mut self, passphrase: &Secret) -> Result<(Page, Form), StepBlocked> {
        let page = self.open(StepPage::Certificates)?;
        let import = self.words.control("cert.import");
        let page = match page.link(&import) {
            Ok(link) => self.appliance.client().follow(&link)?,
            Err(WebError::ControlMissing { .. }) => self.appliance.client().submit(&page.form_with_button(&import)?)?,
            Err(error) => return Err(error.into()),
        };
        let page = self.inside(page)?;
        let mut form = page.form_with_button(&self.words.control("cert.upload"))?;
        // What the export calls a passphrase, the import calls a password.
        form.fill(&self.words.control("cert.password"), passphrase.reveal())?;
        Ok((page, form))
    }

    /// Assigns the address: the only one that is offered, or `address`.
    fn save_address(&mut self, which: &ListedCertificate, address: Option<&str>) -> Result<(), StepBlocked> {
        let page = self.open(StepPage::Certificates)?;
        let link = row_of(&page, &self.words, which)?.section.link(&self.words.control("cert.assign"))?;
        let page = self.inside(self.appliance.client().follow(&link)?)?;
        let mut form = page.form_with_button(&self.words.control("cert.save"))?;
        let boxes: Vec<String> = form.boxes().iter().map(|field| field.label.clone()).collect();
        match (boxes.as_slice(), address) {
            ([only], _) => form.check(&Control::labelled(only), true)?,
            (_, Some(address)) => form.check(&Control::labelled(address), true)?,
            (several, None) => {
                let looked_for = self.words.control("cert.addresses").labels;
                let (key, matches) = ("cert.addresses".to_owned(), several.to_vec());
                return Err(WebError::ControlAmbiguous { key, page: page.place(), looked_for, matches }.into());
            }
        }
        match self.appliance.patiently(|client| client.submit(&form)) {
            Ok(answer) => self.judged(&page, &answer, ApplianceRefusal::Certificate, &["cert.refused"]),
            Err(error) => Err(error.into()),
        }
    }

    /// The form that restores settings, filled in, and its page.
    fn restore_form(&mut self, password: Option<&Secret>) -> Result<(Page, Form), StepBlocked> {
        let page = self.open(StepPage::Software)?;
        let mut form = form_in_section(&page, &self.words, "restore.section", "restore.upload")?;
        if let Some(password) = password {
            form.fill(&self.words.control("restore.password"), password.reveal())?;
        }
        Ok((page, form))
    }

    /// Presses a button of Status > Basics.
    fn press_power(&mut self, button: &'static str) -> Result<(), StepBlocked> {
        for _ in 0..2 {
            let page = self.open(StepPage::Status)?;
            let form = page.form_with_button(&self.words.control(button))?;
            // Not patiently: an appliance that does as it was told may go down before
            // it answers, and half an hour of silence would tell nothing more.
            let answer = self.appliance.client().submit(&form)?;
            if whose::is_answer(self.appliance.door(), &page, &answer, &self.words)? {
                return self.judged(&page, &answer, ApplianceRefusal::Power, &["failover.refused"]);
            }
        }
        Err(DriverError::SessionLost { page: "/appliance".to_owned() }.into())
    }

    /// A page behind the login; where the session ended nothing was done yet.
    pub(super) fn inside(&self, page: Page) -> Result<Page, StepBlocked> {
        match is_outside(&page, &self.words) {
            true => Err(DriverError::SessionLost { page: page.place() }.into()),
            false => Ok(page.ok()?),
        }
    }

    /// Understands the answer to a press: what it refused.
    fn judged(
        &self,
        before: &Page,
        answer: &Page,
        what: ApplianceRefusal,
        refusals: &[&'static str],
    ) -> Result<(), StepBlocked> {
        if !whose::is_answer(self.appliance.door(), before, answer, &self.words)? {
            return Err(DriverError::SessionLost { page: answer.place() }.into());
        }
        let said = reading::new_words(Some(before), answer);
        match answer.status() >= 400 || refusals.iter().any(|key| self.words.control(key).occurs_in(&said)) {
            true => Err(DriverError::Refused { what, page: answer.place(), said }.into()),
            false => Ok(()),
        }
    }
}

impl Migration for Bomgar {
    fn words(&self) -> Rc<Words> {
        Rc::clone(&self.words)
    }

    fn certificates(&mut self) -> Result<Did<Vec<ListedCertificate>>, DriverError> {
        let page = self.open(StepPage::Certificates);
        let read = page.and_then(|page| Ok(listed(&page, &self.words)?.into_iter().map(|(own, _)| own).collect()));
        by_hand(read, |because| migration::look(&self.words, because))
    }

    fn export_certificate(
        &mut self,
        which: &ListedCertificate,
        passphrase: &Secret,
        sink: &mut dyn Write,
    ) -> Result<Did<u64>, DriverError> {
        match self.export_once(which, passphrase, sink) {
            // Nothing came of it, and an export changes nothing: the next look at the page logs in again.
            Err(DriverError::SessionEnded { .. }) => self.export_once(which, passphrase, sink),
            done => done,
        }
    }

    fn import_certificate(
        &mut self,
        file_name: &str,
        bytes: &[u8],
        passphrase: &Secret,
    ) -> Result<Did<()>, DriverError> {
        let filled = self.import_form(passphrase).and_then(|(page, form)| {
            let field = form.file_field(&self.words.control("cert.file"))?;
            Ok((page, form, field))
        });
        let (page, form, field) = match by_hand(filled, |because| migration::import(&self.words, because))? {
            Did::Done(filled) => filled,
            Did::ByHand(guide) => return Ok(Did::ByHand(guide)),
        };
        let (size, mut source) = (bytes.len() as u64, bytes);
        let answer =
            self.appliance.patiently(|client| client.upload(&form, &field, file_name, size, &mut source, &()))?;
        let said = passphrase.withhold(&reading::new_words(Some(&page), &answer));
        // It has a way on of its own: nothing was imported, and the next run exports anew.
        if self.words.control("cert.wrong_password").occurs_in(&said) {
            return Err(DriverError::Refused { what: ApplianceRefusal::CertificateKey, page: answer.place(), said });
        }
        let judged = self.judged(&page, &answer, ApplianceRefusal::Certificate, &["cert.refused"]);
        by_hand(judged, |because| migration::import(&self.words, because))
    }

    fn assign_address(&mut self, which: &ListedCertificate, address: Option<&str>) -> Result<Did<()>, DriverError> {
        let saved = self.save_address(which, address);
        by_hand(saved, |because| migration::assign(&self.words, because))
    }

    fn restore(&mut self, backup: BackupToRestore<'_>, meter: &dyn Meter) -> Result<Did<()>, DriverError> {
        let filled = self.restore_form(backup.password).and_then(|(page, form)| {
            let field = form.file_field(&self.words.control("restore.file"))?;
            Ok((page, form, field))
        });
        let (page, form, field) = match by_hand(filled, |because| migration::restore(&self.words, because))? {
            Did::Done(filled) => filled,
            Did::ByHand(guide) => return Ok(Did::ByHand(guide)),
        };
        let BackupToRestore { file_name, size_bytes, source, password } = backup;
        let answer =
            self.login.patiently(|client| client.upload(&form, &field, file_name, size_bytes, source, meter))?;
        let said = reading::new_words(Some(&page), &answer);
        let said = password.map_or(said.clone(), |password| password.withhold(&said));
        if self.words.control("restore.done").occurs_in(&said) {
            // The users of the backup are the site's now.
            self.login.forget_account();
            return Ok(Did::Done(()));
        }
        // A restore may end the session, since other users are on the site now: then its login is the answer.
        if !is_login(&answer, &self.words) && !whose::is_as(&page, &answer, &self.words) {
            return Err(whose::in_between(Some(&page), &answer).withholding(password));
        }
        if answer.status() >= 400 || self.words.control("restore.refused").occurs_in(&said) {
            return Err(DriverError::Refused { what: ApplianceRefusal::Restore, page: answer.place(), said });
        }
        // Settings bring users along, so that it may well ask for another login now.
        let because = format!(
            "the backup was sent, and {} answered with something handcarry does not know: {said}; \
             look whether the settings are there before it is sent again",
            answer.place()
        );
        Ok(Did::ByHand(migration::restore(&self.words, because)))
    }

    fn first_login(&mut self) {
        self.login.expect_first_login();
    }

    fn factory_reset(&mut self) -> Result<Did<()>, DriverError> {
        let pressed = self.press_power("power.reset");
        by_hand(pressed, |because| migration::reset(&self.words, because))
    }

    fn shut_down(&mut self) -> Result<Did<()>, DriverError> {
        let pressed = self.press_power("power.off");
        by_hand(pressed, |because| migration::shut_down(&self.words, because))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{page_at, words};
    use super::*;
    use proptest::prelude::*;

    fn page(body: &str) -> Page {
        page_at("/appliance", body)
    }

    #[test]
    fn certificates_are_read_by_their_columns() {
        let english = page(
            "<h2>Security :: Certificates</h2><table><tr><th></th><th>IP Addresses</th><th>Issued To</th><th>Warnings</th></tr>\
             <tr><td><input type=checkbox name=c value=1></td><td>10.0.0.1, 10.0.0.2</td><td>support.example.com</td><td></td></tr>\
             <tr><td><input type=checkbox name=c value=2></td><td>-</td><td>other.example.com</td>\
             <td>The chain is incomplete; it expires soon</td></tr></table>",
        );
        let found: Vec<ListedCertificate> =
            listed(&english, &words()).expect("reads").into_iter().map(|(own, _)| own).collect();
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].issued_to.as_str(), &found[0].fingerprint), ("support.example.com", &None));
        assert_eq!(found[0].addresses, ["10.0.0.1", "10.0.0.2"]);
        assert!(found[0].warnings.is_empty() && found[1].addresses.is_empty());
        assert_eq!(found[1].warnings, ["The chain is incomplete", "it expires soon"]);
        let portuguese = page(
            "<h2>Segurança :: Certificados</h2><table><tr><th>Emitido Para</th><th>Avisos</th></tr>\
             <tr><td>suporte.exemplo.com.br</td><td>-</td></tr></table>",
        );
        assert_eq!(listed(&portuguese, &words()).expect("reads")[0].0.issued_to, "suporte.exemplo.com.br");
        let none = page("<h2>Security :: Certificates</h2><p>Nothing.</p>");
        assert!(matches!(listed(&none, &words()), Err(WebError::ControlMissing { .. })));
    }

    #[test]
    fn one_of_two_that_seem_the_same_is_not_guessed() {
        let twins = page(
            "<h2>Security :: Certificates</h2><table><tr><th>Issued To</th></tr><tr><td>a.example.com</td></tr>\
             <tr><td>a.example.com</td></tr></table>",
        );
        let which = listed(&twins, &words()).expect("reads").remove(0).0;
        assert!(matches!(row_of(&twins, &words(), &which), Err(WebError::ControlAmbiguous { .. })));
    }

    proptest! {
        #[test]
        fn no_list_of_certificates_is_too_strange(
            body in "(<(h2|table|tr|td|th|a|input type=checkbox)>|</(h2|table|tr|td|th)>|Security :: Certificates|\
                     Issued To|Warnings|Fingerprint|[^<]{0,9}| ){0,40}"
        ) {
            let _ = listed(&page(&format!("<h2>Security :: Certificates</h2>{body}")), &words());
        }
    }
}
