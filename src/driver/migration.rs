//! What moving a site to another appliance needs of a driver: certificates,
//! settings, and the end of the old one. Source: the upgrade guide, its
//! chapter on new hardware.

use super::guides::{MenuPath, SOFTWARE, guide};
use super::{Did, DriverError, Guide, NOT_HERE, Words};
use crate::model::{Meter, Secret, text};
use std::io::{Read, Write};
use std::rc::Rc;

/// A certificate as an appliance lists it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ListedCertificate {
    /// Whom it is issued to.
    pub issued_to: String,
    /// Its fingerprint, as the page writes it; `None` where it shows none.
    pub fingerprint: Option<String>,
    /// The IP addresses it is assigned to.
    pub addresses: Vec<String>,
    /// What the page warns of; empty where it warns of nothing.
    pub warnings: Vec<String>,
}

impl ListedCertificate {
    /// Whether both are the same certificate, as far as pages tell.
    pub fn is(&self, other: &ListedCertificate) -> bool {
        // The name is second best: a renewed certificate has the same one.
        match (&self.fingerprint, &other.fingerprint) {
            (Some(one), Some(other)) => one == other,
            _ => self.issued_to.eq_ignore_ascii_case(&other.issued_to),
        }
    }
}

/// A kept backup, to be restored.
pub struct BackupToRestore<'a> {
    /// The name it is sent under.
    pub file_name: &'a str,
    /// Its size.
    pub size_bytes: u64,
    /// Its bytes.
    pub source: &'a mut dyn Read,
    /// The password that protects it; `None` for an unprotected one.
    pub password: Option<&'a Secret>,
}

/// An appliance whose site can move. Each step is by hand where a driver does
/// not have it.
pub trait Migration {
    /// What its pages are told in: the site's own words where it has any.
    fn words(&self) -> Rc<Words> {
        Words::usual()
    }

    /// Lists the certificates. Reads only.
    ///
    /// # Errors
    /// [`DriverError`] where the page can't be reached.
    fn certificates(&mut self) -> Result<Did<Vec<ListedCertificate>>, DriverError> {
        Ok(Did::ByHand(look(&self.words(), NOT_HERE.to_owned())))
    }

    /// Exports a certificate with private key and chain into `sink`; the
    /// number of bytes. It stays on the appliance.
    ///
    /// # Errors
    /// [`DriverError`] where the network or `sink` fails, or the appliance
    /// answers with a page instead of a file.
    fn export_certificate(
        &mut self,
        _which: &ListedCertificate,
        _passphrase: &Secret,
        _sink: &mut dyn Write,
    ) -> Result<Did<u64>, DriverError> {
        Ok(Did::ByHand(export(&self.words(), NOT_HERE.to_owned())))
    }

    /// Imports an exported certificate. Sent once.
    ///
    /// # Errors
    /// [`DriverError`] where the network fails or the appliance refuses it.
    fn import_certificate(
        &mut self,
        _file_name: &str,
        _bytes: &[u8],
        _passphrase: &Secret,
    ) -> Result<Did<()>, DriverError> {
        Ok(Did::ByHand(import(&self.words(), NOT_HERE.to_owned())))
    }

    /// Assigns an IP address to a certificate: `address`, where the page
    /// offers several. From then on it may show another certificate.
    ///
    /// # Errors
    /// [`DriverError`] where the network fails or the appliance refuses.
    fn assign_address(&mut self, _which: &ListedCertificate, _address: Option<&str>) -> Result<Did<()>, DriverError> {
        Ok(Did::ByHand(assign(&self.words(), NOT_HERE.to_owned())))
    }

    /// Restores the settings of a backup. Sent once.
    ///
    /// # Errors
    /// [`DriverError`] where the network fails or the appliance refuses it.
    fn restore(&mut self, _backup: BackupToRestore<'_>, _meter: &dyn Meter) -> Result<Did<()>, DriverError> {
        Ok(Did::ByHand(restore(&self.words(), NOT_HERE.to_owned())))
    }

    /// Tells that the site is fresh: nobody but the guide's first user is
    /// known to it, until settings are restored.
    fn first_login(&mut self) {}

    /// Orders the reset to factory defaults; does not wait for it. Pressed once.
    ///
    /// # Errors
    /// [`DriverError`] where the network fails or the appliance refuses.
    fn factory_reset(&mut self) -> Result<Did<()>, DriverError> {
        Ok(Did::ByHand(reset(&self.words(), NOT_HERE.to_owned())))
    }

    /// Orders it to shut down. Pressed once.
    ///
    /// # Errors
    /// [`DriverError`] where the network fails or the appliance refuses.
    fn shut_down(&mut self) -> Result<Did<()>, DriverError> {
        Ok(Did::ByHand(shut_down(&self.words(), NOT_HERE.to_owned())))
    }
}

const CERTIFICATES: MenuPath = ("/appliance", &["nav.security", "nav.certificates"]);
const STATUS: MenuPath = ("/appliance", &["nav.status", "nav.basics"]);

/// Looking at the certificates.
pub(crate) fn look(words: &Words, because: String) -> Guide {
    let instructions = vec![
        "log in on /appliance and open the page".to_owned(),
        format!("find the site's certificate by {}", words.told("cert.issued")),
        "read the warnings beside it; each must be resolved before an address is assigned to it".to_owned(),
    ];
    guide(words, "look at the certificates", CERTIFICATES, instructions, because)
}

/// Exporting the site's certificate.
pub(crate) fn export(words: &Words, because: String) -> Guide {
    let instructions = vec![
        "log in on /appliance and open the page".to_owned(),
        format!(
            "tick the certificate that is assigned to the active IP address, and choose {} at the top",
            words.told("cert.export")
        ),
        "include the certificate, the private key and the certificate chain, and set a passphrase".to_owned(),
        "save the file where nobody else can read it: whoever has it and the passphrase can pose as the site"
            .to_owned(),
    ];
    guide(words, "export the site's certificate with its private key", CERTIFICATES, instructions, because)
}

/// Importing it.
pub(crate) fn import(words: &Words, because: String) -> Guide {
    let instructions = vec![
        "log in on /appliance of the new appliance and open the page".to_owned(),
        format!("in the section {}, press {}", words.told("cert.installation"), words.told("cert.import")),
        "choose the exported file; its passphrase goes into the field for the password".to_owned(),
        format!("press {}, once", words.told("cert.upload")),
    ];
    guide(words, "import the site's certificate", CERTIFICATES, instructions, because)
}

/// Assigning the address.
pub(crate) fn assign(words: &Words, because: String) -> Guide {
    let instructions = vec![
        "log in on /appliance of the new appliance and open the page".to_owned(),
        "see that no warning stands beside the site's certificate; resolve those that do".to_owned(),
        format!("click {} in its row", words.told("cert.assign")),
        format!("check the IP address at the bottom of the page, and press {}", words.told("cert.save")),
    ];
    guide(words, "assign the IP address to the site's certificate", CERTIFICATES, instructions, because)
}

/// Restoring settings.
pub(crate) fn restore(words: &Words, because: String) -> Guide {
    let instructions = vec![
        "log in on /login of the new appliance and open the page; its first login is admin with the password password"
            .to_owned(),
        format!("in the section {}, choose the backup", words.told("restore.section")),
        format!("press {}, once", words.told("restore.upload")),
    ];
    guide(words, "restore the settings", SOFTWARE, instructions, because)
}

/// Resetting to factory defaults.
pub(crate) fn reset(words: &Words, because: String) -> Guide {
    let instructions = vec![
        "log in on /appliance of the OLD appliance, and compare its serial number".to_owned(),
        format!("press {}, and wait until it is over", words.told("power.reset")),
    ];
    guide(words, "reset the old appliance to factory defaults", STATUS, instructions, because)
}

/// Shutting down.
pub(crate) fn shut_down(words: &Words, because: String) -> Guide {
    let instructions = vec![
        "log in on /appliance of the OLD appliance; after the reset with its first password".to_owned(),
        format!("press {}", words.told("power.off")),
        "one that can't be logged in to is switched off at its power button, or in the virtual machine's console"
            .to_owned(),
    ];
    guide(words, "shut the old appliance down", STATUS, instructions, because)
}

/// A certificate in a few words.
impl std::fmt::Display for ListedCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&text::one_line(&self.issued_to))?;
        match &self.fingerprint {
            Some(fingerprint) => write!(f, " ({})", text::one_line(fingerprint)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_the_same_by_fingerprint_or_else_by_name() {
        let listed = |issued_to: &str, fingerprint: Option<&str>| ListedCertificate {
            issued_to: issued_to.to_owned(),
            fingerprint: fingerprint.map(str::to_owned),
            addresses: Vec::new(),
            warnings: Vec::new(),
        };
        let own = listed("support.example.com", Some("AA"));
        assert!(own.is(&listed("other", Some("AA"))) && !own.is(&listed("support.example.com", Some("BB"))));
        assert!(own.is(&listed("Support.Example.com", None)) && !own.is(&listed("other", None)));
        assert_eq!(own.to_string(), "support.example.com (AA)");
    }
}
