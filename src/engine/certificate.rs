//! Whether the site's certificate is exported before the backup, and what is
//! written down where somebody leaves that out.
//!
//! Source: guide, preparations ("also export a copy of your private key and
//! your SSL certificates, and save them locally").

use super::{Engine, Entry};
use crate::console::current_user;
use crate::model::{Failure, Id, text};

impl Engine<'_> {
    /// Whether a plan exports it; that it is left out goes into the journal,
    /// once a bundle.
    pub(super) fn exports_certificates(&mut self, bundle: Id) -> Result<bool, Failure> {
        let Some(reason) = self.rules.no_certificate.clone().filter(|_| self.memory.exports) else {
            return Ok(self.rules.policy.certificates && self.memory.exports);
        };
        let said = |entry: &Entry| matches!(entry, Entry::CertificateLeftOut { bundle: of, .. } if *of == bundle);
        if self.ledger.past().entries().iter().any(|(_, entry)| said(entry)) {
            return Ok(false);
        }
        self.write(Entry::CertificateLeftOut { bundle, reason: reason.clone(), by: current_user() })?;
        self.teller.warn(&format!(
            "the site's certificate is not exported: {}; where the update fails, nobody may have its private key",
            text::one_line(&reason)
        ));
        Ok(false)
    }
}
