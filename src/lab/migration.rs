//! What moves from one appliance to another: the file of a certificate, and
//! the texts of the pages that move it.

use super::PageLanguage;
use super::tls::TlsIdentity;
use super::toy_cipher;

/// Begins the file that a certificate is exported as.
const MAGIC: &[u8] = b"LAB-CERTIFICATE 1\n";

/// Writes a certificate with its key as a file.
pub(super) fn export(identity: &TlsIdentity, passphrase: &str) -> Vec<u8> {
    let mut plain = u32::try_from(identity.der.len()).expect("a certificate is small").to_be_bytes().to_vec();
    plain.extend(&identity.der);
    plain.extend(&identity.key);
    toy_cipher::close(MAGIC, &plain, passphrase)
}

/// Reads such a file; `None` where it is none or the passphrase is wrong.
pub(super) fn import(file: &[u8], passphrase: &str) -> Option<TlsIdentity> {
    let plain = toy_cipher::open(MAGIC, file, passphrase)?;
    let (length, rest) = plain.split_first_chunk::<4>()?;
    let (der, key) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    Some(TlsIdentity::new(der.to_vec(), key.to_vec()))
}

/// The texts of these pages.
pub(super) struct MigrationWords {
    pub(super) install_section: &'static str,
    pub(super) section: &'static str,
    pub(super) export_section: &'static str,
    pub(super) import_section: &'static str,
    pub(super) assign_section: &'static str,
    pub(super) action: &'static str,
    pub(super) go: &'static str,
    pub(super) export: &'static str,
    pub(super) import: &'static str,
    pub(super) certificate: &'static str,
    pub(super) private_key: &'static str,
    pub(super) chain: &'static str,
    pub(super) passphrase: &'static str,
    pub(super) file: &'static str,
    pub(super) password: &'static str,
    pub(super) upload: &'static str,
    pub(super) warnings: &'static str,
    pub(super) addresses: &'static str,
    pub(super) assign: &'static str,
    pub(super) save: &'static str,
    pub(super) incomplete: &'static str,
    pub(super) choose_one: &'static str,
    pub(super) wrong_password: &'static str,
    pub(super) imported: &'static str,
    pub(super) saved: &'static str,
    pub(super) restore_version: &'static str,
    pub(super) resetting: &'static str,
    pub(super) shutting: &'static str,
}

/// The texts of `language`.
pub(super) fn words(language: PageLanguage) -> &'static MigrationWords {
    match language {
        PageLanguage::English => &ENGLISH,
        PageLanguage::Portuguese => &PORTUGUESE,
    }
}

static ENGLISH: MigrationWords = MigrationWords {
    install_section: "Security :: Certificate Installation",
    section: "Security :: Certificates",
    export_section: "Security :: Certificates :: Export",
    import_section: "Security :: Import Certificates",
    assign_section: "Security :: Certificate Configuration",
    action: "Select Action",
    go: "Go",
    export: "Export",
    import: "Import",
    certificate: "Certificate",
    private_key: "Private Key",
    chain: "Certificate Chain",
    passphrase: "Passphrase",
    file: "Certificate File",
    password: "Password",
    upload: "Upload",
    warnings: "Warnings",
    addresses: "IP Addresses",
    assign: "Assign IP",
    save: "Save Configuration",
    incomplete: "The certificate chain is incomplete.",
    choose_one: "Select one certificate.",
    wrong_password: "The certificate could not be imported: the password is wrong.",
    imported: "The certificate was imported.",
    saved: "The configuration was saved.",
    restore_version: "This backup cannot be restored: it was made with another software version.",
    resetting: "The appliance is being reset to factory defaults. Do not switch it off.",
    shutting: "The appliance is shutting down.",
};

static PORTUGUESE: MigrationWords = MigrationWords {
    install_section: "Segurança :: Instalação do Certificado",
    section: "Segurança :: Certificados",
    export_section: "Segurança :: Certificados :: Exportar",
    import_section: "Segurança :: Importar Certificados",
    assign_section: "Segurança :: Configuração do Certificado",
    action: "Selecionar Ação",
    go: "Ir",
    export: "Exportar",
    import: "Importar",
    certificate: "Certificado",
    private_key: "Chave Privada",
    chain: "Cadeia de Certificados",
    passphrase: "Frase de Segurança",
    file: "Arquivo de Certificado",
    password: "Senha",
    upload: "Carregar",
    warnings: "Avisos",
    addresses: "Endereços IP",
    assign: "Atribuir IP",
    save: "Salvar Configuração",
    incomplete: "A cadeia de certificados está incompleta.",
    choose_one: "Selecione um certificado.",
    wrong_password: "O certificado não pôde ser importado: a senha está incorreta.",
    imported: "O certificado foi importado.",
    saved: "A configuração foi salva.",
    restore_version: "Este backup não pode ser restaurado: ele foi feito com outra versão do software.",
    resetting: "O aplicativo está sendo redefinido aos padrões de fábrica. Não o desligue.",
    shutting: "O aplicativo está sendo desligado.",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_comes_back_with_its_passphrase_only() {
        let identity = TlsIdentity::new(vec![1, 2, 3], vec![4, 5]);
        let file = export(&identity, "phrase");
        let back = import(&file, "phrase").expect("opens");
        assert_eq!((back.der, back.key, back.fingerprint), (identity.der, identity.key, identity.fingerprint));
        assert!(import(&file, "Phrase").is_none() && import(&file[..30], "phrase").is_none());
    }
}
