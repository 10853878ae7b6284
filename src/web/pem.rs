//! Certificates in whatever form a person was given them.

use std::path::Path;

use super::{CertificateFacts, WebError};
use crate::model::{ShowPath, text};

/// The object identifiers that tell what a DER file is, as they are encoded:
/// PKCS#7 signed data, and PKCS#7 data (within a PKCS#12 file).
const SIGNED_DATA: &[u8] = &[0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];
const DATA: &[u8] = &[0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01];
/// Within how many bytes one of them stands.
// They stand within the first few fields; further on the same bytes could be part of a key.
const HEAD_BYTES: usize = 64;

/// Reads the certificates of a file as PEM text: PEM as editors save it, or one
/// certificate in DER. `path` is named in the command that turns another form.
///
/// # Errors
/// [`WebError::OtherForm`] for PKCS#7 and PKCS#12; [`WebError::BadCertificate`]
/// where there is no certificate in it.
pub fn authorities(bytes: &[u8], path: &Path) -> Result<String, WebError> {
    let file = path.quoted();
    let turned = Path::new(&format!("{}.pem", path.to_string_lossy())).quoted();
    let other = |form: &'static str, command: String| WebError::OtherForm { form, command };
    // Every certificate in DER begins with this byte, and no text does.
    if bytes.first() == Some(&0x30) {
        let head = &bytes[..bytes.len().min(HEAD_BYTES)];
        let has = |oid: &[u8]| head.windows(oid.len()).any(|window| window == oid);
        // Read as one certificate it would fail at some byte deep inside,
        // and the person would not learn that only the form is another.
        if has(SIGNED_DATA) {
            let command = format!("openssl pkcs7 -inform DER -in {file} -print_certs -out {turned}");
            return Err(other("PKCS#7 (DER)", command));
        }
        if has(DATA) {
            return Err(other("PKCS#12", format!("openssl pkcs12 -in {file} -nokeys -out {turned}")));
        }
        return CertificateFacts::from_der(bytes).map(|facts| facts.pem());
    }
    let bad = |why: &str| WebError::BadCertificate { why: why.to_owned() };
    let text = text::decoded(bytes).ok_or_else(|| bad("it is neither text nor a certificate in DER"))?;
    // Editors and mail programs indent lines, and the reader of PEM takes none of that.
    let text = text.lines().map(text::trimmed).collect::<Vec<_>>().join("\n") + "\n";
    let has = |label: &str| text.contains(&format!("-----BEGIN {label}-----"));
    if has("CERTIFICATE") {
        return Ok(text);
    }
    if has("PKCS7") || has("CMS") {
        return Err(other("PKCS#7", format!("openssl pkcs7 -in {file} -print_certs -out {turned}")));
    }
    if has("TRUSTED CERTIFICATE") {
        return Err(other("openssl's own form", format!("openssl x509 -in {file} -out {turned}")));
    }
    Err(match text.contains("PRIVATE KEY-----") {
        true => bad("it holds a private key and no certificate"),
        false => bad("there is no certificate in it"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate() -> CertificateFacts {
        let made = rcgen::generate_simple_self_signed(vec!["a.example".to_owned()]).expect("made");
        CertificateFacts::from_der(made.cert.der()).expect("reads")
    }

    fn read(bytes: &[u8]) -> Result<String, WebError> {
        authorities(bytes, Path::new("our ca.p7b"))
    }

    #[test]
    fn a_certificate_is_read_in_every_form_that_holds_one() {
        let facts = certificate();
        let pem = facts.pem();
        let wide: Vec<u8> = format!("\u{feff}{pem}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let saved = format!("\u{feff}\u{a0}{}", pem.replace('\n', " \r\n"));
        let noted = format!("subject=CN = a\n\n{pem}{pem}");
        for bytes in [pem.as_bytes(), &facts.der, &wide, saved.as_bytes(), noted.as_bytes()] {
            let text = read(bytes).expect("reads");
            assert_eq!(CertificateFacts::from_pem(text.as_bytes()).expect("PEM").der, facts.der);
        }
    }

    #[test]
    fn what_is_in_another_form_names_the_command_that_turns_it() {
        let der = [&[0x30, 0x82, 0x04, 0x00][..], SIGNED_DATA, &[0; 80]].concat();
        let pfx = [&[0x30, 0x82, 0x04, 0x00, 0x02, 0x01, 0x03, 0x30, 0x82, 0x03, 0x00][..], DATA, &[0; 80]].concat();
        for (bytes, command) in [
            (&der[..], "openssl pkcs7 -inform DER -in 'our ca.p7b' -print_certs -out 'our ca.p7b.pem'"),
            (&pfx, "openssl pkcs12 -in 'our ca.p7b' -nokeys -out 'our ca.p7b.pem'"),
            (b"-----BEGIN PKCS7-----\nAAAA", "openssl pkcs7 -in 'our ca.p7b' -print_certs -out 'our ca.p7b.pem'"),
        ] {
            assert!(matches!(read(bytes), Err(WebError::OtherForm { command: told, .. }) if told == command));
        }
        for bytes in [&b"-----BEGIN PRIVATE KEY-----\n"[..], b"hello", b"\x30\x03\x02\x01\x01", b"\xff\x00"] {
            assert!(matches!(read(bytes), Err(WebError::BadCertificate { .. })));
        }
    }
}
