//! What makes a certificate one that no checker takes any more, whoever
//! signed it: looked for once it was refused, so that the reason can be told.

use rustls_pki_types::CertificateDer;
use x509_parser::{
    der_parser::oid,
    der_parser::oid::Oid,
    prelude::{FromDer, X509Certificate, X509Version},
    public_key::PublicKey,
};

use crate::model::text::one_line;

/// Fewest bits of an RSA key: what the library under the checker takes.
const MIN_RSA_BITS: usize = 2048;
/// Most bits of one.
const MAX_RSA_BITS: usize = 8192;

/// Signatures with a digest for which collisions are made today.
const BROKEN_DIGESTS: [(Oid<'static>, &str); 5] = [
    (oid!(1.2.840.113549.1.1.4), "MD5"),
    (oid!(1.2.840.113549.1.1.5), "SHA-1"),
    (oid!(1.3.14.3.2.29), "SHA-1"),
    (oid!(1.2.840.10045.4.1), "SHA-1"),
    (oid!(1.2.840.10040.4.3), "SHA-1"),
];

/// What is unfit about a chain, the server's own certificate first, then those
/// above it; `None` where nothing known is.
pub(super) fn of_chain(
    end_entity: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    authorities: &[CertificateDer<'static>],
) -> Option<String> {
    let own = of_server(end_entity);
    if own.is_some() {
        return own;
    }
    // Below this the chain is walked by names, as a checker does;
    // nothing is proved by that, it is only to find what to tell.
    let mut issuer = issuer_of(end_entity)?;
    // No chain is longer than what was sent.
    for _ in 0..=intermediates.len() {
        let above = intermediates.iter().chain(authorities).find(|one| subject_of(one).as_ref() == Some(&issuer))?;
        let x509 = parsed(above)?;
        let name = one_line(&x509.subject().to_string());
        let unfit = of_key(&x509).or_else(|| {
            // What an authority that is trusted by itself was signed with proves nothing.
            let own = authorities.iter().any(|authority| authority.as_ref() == above.as_ref());
            (!own).then(|| of_signature(&x509)).flatten()
        });
        if let Some(unfit) = unfit {
            return Some(format!("of the authority that signed it ({name}) {unfit}"));
        }
        let next = issuer_of(above)?;
        if next == issuer {
            return None;
        }
        issuer = next;
    }
    None
}

/// What is unfit about a server's own certificate, pinned or not: its version,
/// its key, its signature.
pub(super) fn of_server(certificate: &CertificateDer<'_>) -> Option<String> {
    let x509 = parsed(certificate)?;
    of_holder(certificate).or_else(|| of_signature(&x509))
}

/// What keeps whoever shows a certificate from proving that it is theirs.
pub(super) fn of_holder(certificate: &CertificateDer<'_>) -> Option<String> {
    let x509 = parsed(certificate)?;
    if x509.version() != X509Version::V3 {
        // Versions 1 and 2 have no extensions, so they can't name hosts and can't say that they are no authority.
        return Some(format!("it is of X.509 version {}, and only version 3 is taken", x509.version().0 + 1));
    }
    of_key(&x509)
}

/// Whether a certificate names hosts in the way that counts; a common name no longer does.
pub(super) fn names_hosts(certificate: &CertificateDer<'_>) -> bool {
    parsed(certificate).is_some_and(|x509| matches!(x509.subject_alternative_name(), Ok(Some(_))))
}

fn of_key(x509: &X509Certificate<'_>) -> Option<String> {
    match x509.public_key().parsed() {
        Ok(PublicKey::RSA(key)) if key.key_size() < MIN_RSA_BITS => Some(format!(
            "the RSA key has only {} bits, and {MIN_RSA_BITS} are the fewest that protect",
            key.key_size()
        )),
        Ok(PublicKey::RSA(key)) if key.key_size() > MAX_RSA_BITS => {
            Some(format!("the RSA key has {} bits, and {MAX_RSA_BITS} are the most that are taken", key.key_size()))
        }
        Ok(PublicKey::DSA(_)) => Some("the key is a DSA key, which is no longer taken".to_owned()),
        _ => None,
    }
}

fn of_signature(x509: &X509Certificate<'_>) -> Option<String> {
    let algorithm = &x509.signature_algorithm.algorithm;
    let (_, digest) = BROKEN_DIGESTS.into_iter().find(|(oid, _)| oid == algorithm)?;
    Some(format!("the signature is made with {digest}, which no longer protects"))
}

fn parsed<'a>(certificate: &'a CertificateDer<'_>) -> Option<X509Certificate<'a>> {
    X509Certificate::from_der(certificate.as_ref()).ok().map(|(_, x509)| x509)
}

fn subject_of(certificate: &CertificateDer<'_>) -> Option<Vec<u8>> {
    parsed(certificate).map(|x509| x509.subject().as_raw().to_vec())
}

fn issuer_of(certificate: &CertificateDer<'_>) -> Option<Vec<u8>> {
    parsed(certificate).map(|x509| x509.issuer().as_raw().to_vec())
}

#[cfg(test)]
mod tests {
    use super::super::{TlsTrust, tls::provider, verifier::ServerVerifier, wire::tls_trouble};
    use super::super::{WebError, verifier::of_holder};
    use super::*;
    use rustls::client::danger::ServerCertVerifier;
    use rustls_pki_types::{ServerName, UnixTime, pem::PemObject};
    use std::time::Duration;

    fn fixture(name: &str) -> Vec<u8> {
        let path = format!("{}/fixtures/certificates/{name}.pem", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(path).expect("a fixture")
    }

    /// What is said of the certificate `name` below the authority `root`, at `secs` of the clock.
    fn said(name: &str, root: &str, host: &str, secs: u64) -> Option<WebError> {
        let judge = ServerVerifier::new(&TlsTrust::CaFile(fixture(root)), provider()).expect("an authority");
        let certificate = CertificateDer::from_pem_slice(&fixture(name)).expect("a certificate");
        let host = ServerName::try_from(host.to_owned()).expect("a name");
        let now = UnixTime::since_unix_epoch(Duration::from_secs(secs));
        let verdict = judge.verify_server_cert(&certificate, &[], &host, &[], now);
        verdict.err().map(|error| tls_trouble("https://localhost".to_owned(), &error))
    }

    /// In 2030: after the fixtures were made, and long before they end.
    const NOW: u64 = 1_893_456_000;

    #[test]
    fn what_is_unfit_about_a_certificate_is_told_in_our_words() {
        assert!(said("good", "big-root", "localhost", NOW).is_none());
        for (name, root, told) in [
            ("sha1", "big-root", "SHA-1"),
            (
                "under-small-root",
                "small-root",
                "of the authority that signed it (CN=small-root) the RSA key has only 1024",
            ),
            ("authority", "big-root", "CA:TRUE"),
            ("version-1", "big-root", "X.509 version 1"),
            ("nameless", "big-root", "common name"),
            ("client-only", "big-root", "not made for a server"),
        ] {
            let error = said(name, root, "localhost", NOW);
            let Some(WebError::CertificateUnfit { why, .. }) = &error else { panic!("{name}: {error:?}") };
            assert!(why.contains(told), "{name}: {why}");
            assert!(!why.contains(['{', '_']) && !why.contains("webpki"), "no library's words: {why}");
        }
    }

    #[test]
    fn what_nobody_vouches_for_is_untrusted_and_a_clock_is_named() {
        for (host, root, secs, told) in [
            ("localhost", "small-root", NOW, "no authority trusted here signed it"),
            ("b.example", "big-root", NOW, "b.example"),
            ("localhost", "big-root", 1_000_000_000, "this machine's clock shows 2001-09-09"),
            ("localhost", "big-root", 9_000_000_000, "this machine's clock shows 2255-03-14"),
        ] {
            let error = said("good", root, host, secs);
            let Some(WebError::TlsUntrusted { why, .. }) = &error else { panic!("{error:?}") };
            assert!(why.contains(told), "{why}");
        }
    }

    #[test]
    fn a_pinned_certificate_that_can_prove_nothing_is_told_as_that() {
        let failed = || rustls::Error::InvalidCertificate(rustls::CertificateError::BadSignature);
        let told = |name: &str| {
            let certificate = CertificateDer::from_pem_slice(&fixture(name)).expect("a certificate");
            tls_trouble("https://localhost".to_owned(), &of_holder(failed(), &certificate))
        };
        for name in ["small-key", "version-1"] {
            assert!(matches!(told(name), WebError::CertificateUnfit { .. }), "{name}");
        }
        // Who signed it, and how, is no matter where it is known byte for byte.
        for name in ["sha1", "authority", "good"] {
            assert!(matches!(told(name), WebError::TlsUntrusted { .. }), "{name}");
        }
    }
}
