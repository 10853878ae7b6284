//! A package on its way: sent to the page that takes it, and its agreement.

use super::super::observation::Watched;
use super::super::{Did, DriverError, Handover, Uploaded, guides};
use super::Bomgar;
use super::blocked::{StepBlocked, by_hand};
use super::finding::form_in_section;
use super::outside::{is_agreement, is_outside};
use super::reading::{self, InstallProgress};
use super::session::StepPage;
use super::whose;
use crate::bundle::VerifiedReader;
use crate::driver::ApplianceRefusal;
use crate::model::{Meter, Package};
use crate::web::{FileField, Form, Page};
use std::rc::Rc;

impl Bomgar {
    /// Sends a package, once.
    pub(super) fn send_package(
        &mut self,
        package: &Package,
        source: VerifiedReader,
        meter: &dyn Meter,
        handover: Handover<'_>,
    ) -> Result<Did<Uploaded>, DriverError> {
        // One that is left over from an earlier package must not be accepted for this one.
        self.agreement = None;
        let form = self.upload_form();
        let (before, form, field) = match by_hand(form, |because| guides::upload(&self.words, package, because))? {
            Did::Done(form) => form,
            Did::ByHand(guide) => return Ok(Did::ByHand(guide)),
        };
        let (name, size) = (package.file.as_str(), package.size_bytes);
        let mut source = Watched::new(source, handover);
        let answer = self.appliance.patiently(|client| client.upload(&form, &field, name, size, &mut source, meter));
        self.answered(&package.name, &before, answer?)
    }

    /// Accepts the agreement that stands before an install.
    pub(super) fn accept_agreement(&mut self) -> Result<Did<()>, DriverError> {
        let mut sent = self.send_agreement();
        if let Ok((before, page)) = &sent
            && is_outside(page, &self.words)
        {
            // The session ended while the agreement was read, or with its
            // acceptance: log in, and where it still waits accept it, once.
            sent = self.send_agreement_again(before);
        }
        let (before, page) = match by_hand(sent, |because| guides::eula(&self.words, because))? {
            Did::Done(pages) => pages,
            Did::ByHand(guide) => return Ok(Did::ByHand(guide)),
        };
        if is_outside(&page, &self.words) {
            return Err(DriverError::SessionLost { page: page.place() });
        }
        let page = self.appliance.led_on(page, |page| {
            reading::speaks_of_install(page, &self.words) || reading::agreement(page, &self.words).is_some()
        });
        let refused = |said| Err(DriverError::Refused { what: ApplianceRefusal::Agreement, page: page.place(), said });
        if !whose::is_as(&before, &page, &self.words) && !reading::speaks_of_install(&page, &self.words) {
            return Err(whose::in_between(Some(&before), &page));
        }
        match reading::progress(&page, &self.words) {
            InstallProgress::Failed { text } => refused(text),
            InstallProgress::Running { .. } => Ok(Did::Done(())),
            InstallProgress::Silent => {
                let said = reading::new_words(Some(&before), &page);
                // An appliance that shows its agreement once more has not taken the answer.
                let again = page.status() >= 400 || reading::agreement(&page, &self.words).is_some();
                let no = again
                    || self.words.control("upload.refused").occurs_in(&said)
                    || reading::not_taken(&said, &self.words).is_some();
                if no { refused(said) } else { Ok(Did::Done(())) }
            }
        }
    }

    /// The manual installation's form and its file field.
    fn upload_form(&mut self) -> Result<(Page, Form, FileField), StepBlocked> {
        let page = self.open(StepPage::Updates)?;
        let form = form_in_section(&page, &self.words, "updates.manual", "updates.upload")?;
        let field = form.file_field(&self.words.control("updates.file"))?;
        Ok((page, form, field))
    }

    /// Understands what came back for a package that was sent, or whose install
    /// was pressed.
    pub(super) fn answered(&mut self, package: &str, before: &Page, page: Page) -> Result<Did<Uploaded>, DriverError> {
        // "One moment, please" is no answer yet: the page that it leads to is.
        let words = Rc::clone(&self.words);
        let page = self.appliance.led_on(page, |page| {
            let said = reading::new_words(Some(before), page);
            let refuses =
                || words.control("upload.refused").occurs_in(&said) || reading::not_taken(&said, &words).is_some();
            is_outside(page, &words)
                || reading::speaks_of_install(page, &words)
                || reading::agreement(page, &words).is_some()
                || refuses()
        });
        if is_outside(&page, &self.words) {
            return Err(self.answered_outside(before, &page));
        }
        if page.status() < 400
            && let Some(text) = reading::agreement(&page, &self.words)
        {
            self.agreement = Some(page);
            return Ok(Did::Done(Uploaded::Eula { text }));
        }
        match reading::progress(&page, &self.words) {
            InstallProgress::Running { .. } => Ok(Did::Done(Uploaded::Installing)),
            InstallProgress::Failed { text } => {
                Err(DriverError::Refused { what: ApplianceRefusal::Package, page: page.place(), said: text })
            }
            // Whatever its status, it is no verdict of the appliance's.
            InstallProgress::Silent if !whose::is_as(before, &page, &self.words) => {
                Err(whose::in_between(Some(before), &page))
            }
            InstallProgress::Silent => {
                let said = reading::new_words(Some(before), &page);
                if let Some(why) = reading::not_taken(&said, &self.words) {
                    return Err(DriverError::NotTaken { why, page: page.place(), said });
                }
                // A 5xx is left to a person: it may be the restart that comes with an install.
                if matches!(page.status(), 400..500) || self.words.control("upload.refused").occurs_in(&said) {
                    return Err(DriverError::Refused { what: ApplianceRefusal::Package, page: page.place(), said });
                }
                if self.words.control("updates.unreachable").occurs_in(&said) {
                    return Err(DriverError::VendorAway { page: page.place(), said });
                }
                let because = format!(
                    "the appliance has the package, and {} answered with something handcarry does not know: {said}; \
                     where these words mean something, a profile makes them known: install.running or install.failed \
                     for an installation, upload.refused for a refusal, eula.heading, eula.accept and eula.submit for \
                     an agreement",
                    page.place()
                );
                self.answer = Some(self.appliance.seen("answer", &page));
                Ok(Did::ByHand(guides::finish(&self.words, package, because)))
            }
        }
    }

    /// A login page came for a package. Only the appliance's own, where it says
    /// that the session is over, and nothing stepped in between that might have
    /// followed on taking it, says that it was not taken.
    fn answered_outside(&self, before: &Page, page: &Page) -> DriverError {
        let said = reading::new_words(Some(before), page);
        let own = self.appliance.door().is_some_and(|door| door.is(page, &self.words));
        if own && page.redirects() <= 1 && self.words.control("login.stale").occurs_in(&said) {
            return DriverError::SessionEnded { page: page.place(), said };
        }
        match own || is_agreement(page, &self.words) {
            true => DriverError::AnswerLost { page: page.place() },
            false => whose::in_between(Some(before), page),
        }
    }

    /// Accepts the agreement that the last upload was answered by.
    fn send_agreement(&mut self) -> Result<(Page, Page), StepBlocked> {
        let page = match self.agreement.take() {
            Some(page) => page,
            None => self.open(StepPage::Updates)?,
        };
        self.tick_and_send(page)
    }

    /// Accepts it in a new session, where it stood or on the page that took the
    /// package; one with another text nobody has accepted yet.
    fn send_agreement_again(&mut self, before: &Page) -> Result<(Page, Page), StepBlocked> {
        let text = reading::agreement(before, &self.words);
        let page = match self.appliance.back_to(before.url()) {
            Ok(page) if reading::agreement(&page, &self.words).is_some() => page,
            _ => self.open(StepPage::Updates)?,
        };
        match reading::agreement(&page, &self.words) {
            Some(other) if Some(&other) != text.as_ref() => Err(DriverError::SessionLost { page: page.place() }.into()),
            // It waits for nobody any more: it was accepted, and the session ended with that.
            None if text.is_some() => Err(DriverError::AnswerLost { page: page.place() }.into()),
            _ => self.tick_and_send(page),
        }
    }

    /// Ticks the agreement's box and sends it; the page it stood on and the answer.
    fn tick_and_send(&mut self, page: Page) -> Result<(Page, Page), StepBlocked> {
        let accept = self.words.control("eula.accept");
        let mut form = page.form_with_button(&self.words.control("eula.submit"))?;
        form.check(&accept, true)?;
        let answer = self.appliance.patiently(|client| client.submit(&form))?;
        Ok((page, answer))
    }
}
