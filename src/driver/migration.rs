//! What moving a site to another appliance needs of a driver: certificates,
//! settings, and the end of the old one. Source: the upgrade guide, its
//! chapter on new hardware.

use super::guides::{SOFTWARE, both, guide};
use super::{Did, DriverError, Guide, NOT_HERE};
use crate::inventory::Language;
use crate::model::{Meter, Secret, text};
use std::io::{Read, Write};

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
    /// Lists the certificates. Reads only.
    ///
    /// # Errors
    /// [`DriverError`] where the page can't be reached.
    fn certificates(&mut self) -> Result<Did<Vec<ListedCertificate>>, DriverError> {
        Ok(Did::ByHand(look(Language::Auto, NOT_HERE.to_owned())))
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
        Ok(Did::ByHand(export(Language::Auto, NOT_HERE.to_owned())))
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
        Ok(Did::ByHand(import(Language::Auto, NOT_HERE.to_owned())))
    }

    /// Assigns an IP address to a certificate: `address`, where the page
    /// offers several. From then on it may show another certificate.
    ///
    /// # Errors
    /// [`DriverError`] where the network fails or the appliance refuses.
    fn assign_address(&mut self, _which: &ListedCertificate, _address: Option<&str>) -> Result<Did<()>, DriverError> {
        Ok(Did::ByHand(assign(Language::Auto, NOT_HERE.to_owned())))
    }

    /// Restores the settings of a backup. Sent once.
    ///
    /// # Errors
    /// [`DriverError`] where the network fails or the appliance refuses it.
    fn restore(&mut self, _backup: BackupToRestore<'_>, _meter: &dyn Meter) -> Result<Did<()>, DriverError> {
        Ok(Did::ByHand(restore(Language::Auto, NOT_HERE.to_owned())))
    }

    /// Tells that the site is fresh: nobody but the guide's first user is
    /// known to it, until settings are restored.
    fn first_login(&mut self) {}

    /// Orders the reset to factory defaults; does not wait for it. Pressed once.
    ///
    /// # Errors
    /// [`DriverError`] where the network fails or the appliance refuses.
    fn factory_reset(&mut self) -> Result<Did<()>, DriverError> {
        Ok(Did::ByHand(reset(Language::Auto, NOT_HERE.to_owned())))
    }

    /// Orders it to shut down. Pressed once.
    ///
    /// # Errors
    /// [`DriverError`] where the network fails or the appliance refuses.
    fn shut_down(&mut self) -> Result<Did<()>, DriverError> {
        Ok(Did::ByHand(shut_down(Language::Auto, NOT_HERE.to_owned())))
    }
}

const CERTIFICATES: (&str, &str) = ("/appliance > Security > Certificates", "/appliance > Segurança > Certificados");
const STATUS: (&str, &str) = ("/appliance > Status > Basics", "/appliance > Status > Básico");

/// Looking at the certificates.
pub(crate) fn look(language: Language, because: String) -> Guide {
    let instructions = vec![
        "log in on /appliance and open the page".to_owned(),
        format!("find the site's certificate by {}", both(language, ("Issued To", "Emitido Para"))),
        "read the warnings beside it; each must be resolved before an address is assigned to it".to_owned(),
    ];
    guide(language, "look at the certificates", CERTIFICATES, instructions, because)
}

/// Exporting the site's certificate.
pub(crate) fn export(language: Language, because: String) -> Guide {
    let instructions = vec![
        "log in on /appliance and open the page".to_owned(),
        format!(
            "tick the certificate that is assigned to the active IP address, and choose {} at the top",
            both(language, ("Export", "Exportar"))
        ),
        "include the certificate, the private key and the certificate chain, and set a passphrase".to_owned(),
        "save the file where nobody else can read it: whoever has it and the passphrase can pose as the site"
            .to_owned(),
    ];
    guide(language, "export the site's certificate with its private key", CERTIFICATES, instructions, because)
}

/// Importing it.
pub(crate) fn import(language: Language, because: String) -> Guide {
    let instructions = vec![
        "log in on /appliance of the new appliance and open the page".to_owned(),
        format!(
            "in the section {}, press {}",
            both(language, ("Certificate Installation", "Instalação do Certificado")),
            both(language, ("Import", "Importar"))
        ),
        "choose the exported file; its passphrase goes into the field for the password".to_owned(),
        format!("press {}, once", both(language, ("Upload", "Carregar"))),
    ];
    guide(language, "import the site's certificate", CERTIFICATES, instructions, because)
}

/// Assigning the address.
pub(crate) fn assign(language: Language, because: String) -> Guide {
    let instructions = vec![
        "log in on /appliance of the new appliance and open the page".to_owned(),
        "see that no warning stands beside the site's certificate; resolve those that do".to_owned(),
        format!("click {} in its row", both(language, ("Assign IP", "Atribuir IP"))),
        format!(
            "check the IP address at the bottom of the page, and press {}",
            both(language, ("Save Configuration", "Salvar Configuração"))
        ),
    ];
    guide(language, "assign the IP address to the site's certificate", CERTIFICATES, instructions, because)
}

/// Restoring settings.
pub(crate) fn restore(language: Language, because: String) -> Guide {
    let instructions = vec![
        "log in on /login of the new appliance and open the page; its first login is admin with the password password"
            .to_owned(),
        format!(
            "in the section {}, choose the backup",
            both(language, ("Software :: Restore Settings", "Software :: Restaurar Configurações"))
        ),
        format!("press {}, once", both(language, ("Upload Backup", "Carregar Backup"))),
    ];
    guide(language, "restore the settings", SOFTWARE, instructions, because)
}

/// Resetting to factory defaults.
pub(crate) fn reset(language: Language, because: String) -> Guide {
    let instructions = vec![
        "log in on /appliance of the OLD appliance, and compare its serial number".to_owned(),
        format!(
            "press {}, and wait until it is over",
            both(language, ("Reset Appliance to Factory Defaults", "Redefinir Aplicativo aos Padrões de Fábrica"))
        ),
    ];
    guide(language, "reset the old appliance to factory defaults", STATUS, instructions, because)
}

/// Shutting down.
pub(crate) fn shut_down(language: Language, because: String) -> Guide {
    let instructions = vec![
        "log in on /appliance of the OLD appliance; after the reset with its first password".to_owned(),
        format!("press {}", both(language, ("Shut Down This Appliance", "Desligar Este Aplicativo"))),
        "one that can't be logged in to is switched off at its power button, or in the virtual machine's console"
            .to_owned(),
    ];
    guide(language, "shut the old appliance down", STATUS, instructions, because)
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
