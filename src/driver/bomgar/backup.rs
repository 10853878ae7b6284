//! The backup by the page: its form, filled in and sent, and the file that answers.

use super::super::{BackupMade, BackupOptions, Did, DriverError, guides};
use super::Bomgar;
use super::blocked::{StepBlocked, by_hand};
use super::copy::copy;
use super::finding::form_in_section;
use super::session::StepPage;
use super::whose;
use crate::driver::ApplianceRefusal;
use crate::model::Meter;
use crate::web::{Download, Form, WebError};
use std::io::Write;

impl Bomgar {
    /// Makes a backup as a person would and streams it into `sink`.
    pub(super) fn backup_by_page(
        &mut self,
        options: &BackupOptions<'_>,
        sink: &mut dyn Write,
        meter: &dyn Meter,
    ) -> Result<Did<BackupMade>, DriverError> {
        let form = self.backup_form(options);
        let form = match by_hand(form, |because| guides::backup(&self.words, options, because))? {
            Did::Done(form) => form,
            Did::ByHand(guide) => return Ok(Did::ByHand(guide)),
        };
        let logins = self.login.logins();
        let mut answer = self.send_backup(&form);
        if matches!(answer, Err(WebError::NotAFile { .. }))
            && let Ok(form) = self.backup_form(options)
            && self.login.logins() > logins
        {
            // The session had ended, so nothing was made: once more, in the new one.
            answer = self.send_backup(&form);
        }
        let mut download = answer.map_err(|error| match error {
            WebError::NotAFile { page, says, leads_to } => {
                // A page may repeat what was typed into it, and these
                // words reach the screen, the journal and vendor support.
                let without = |text: String| options.password.map_or(text.clone(), |secret| secret.withhold(&text));
                whose::instead_of_file(ApplianceRefusal::Backup, without(page), without(says), &leads_to)
            }
            error => error.into(),
        })?;
        let origin = self.login.client().origin();
        match copy(&mut *download.reader, sink, meter, &origin)? {
            0 => Err(DriverError::EmptyBackup),
            size_bytes => Ok(Did::Done(BackupMade { size_bytes, history: options.include_history })),
        }
    }

    fn send_backup(&self, form: &Form) -> Result<Download, WebError> {
        self.login.patiently(|client| client.submit_for_download(form))
    }

    /// The backup's form, filled in.
    fn backup_form(&mut self, options: &BackupOptions<'_>) -> Result<Form, StepBlocked> {
        let page = self.open(StepPage::Software)?;
        // The same page has the form that restores settings, with a password of its own.
        let mut form = form_in_section(&page, &self.words, "backup.section", "backup.download")?;
        let (password, confirm) = (self.words.control("backup.password"), self.words.control("backup.confirm"));
        if let Some(secret) = options.password {
            form.fill(&password, secret.reveal())?;
            form.fill(&confirm, secret.reveal())?;
        }
        form.check(&self.words.control("backup.history"), options.include_history)?;
        Ok(form)
    }
}
