//! The one judge of servers' certificates.

use std::path::Path;
use std::sync::Arc;

use rustls::{
    CertificateError, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject};

use super::{CertificateFacts, TlsTrust, WebError, authorities};
use crate::model::text::one_line;

/// Most certificates of a CA file: the public lists hold some 150.
const MAX_CA_CERTIFICATES: usize = 1_000;

/// Believes a certificate that chains to an authority, or that is one of those
/// named byte for byte.
///
/// Identity comes first because appliances' own certificates are often
/// self-signed with `CA:TRUE`, which chain building refuses as a server's
/// whatever is trusted. A certificate believed by identity may be expired: it
/// says when it was made, not whether it is the enrolled one.
#[derive(Debug)]
pub(super) struct Judge {
    authorities: Option<Arc<WebPkiServerVerifier>>,
    known: Vec<CertificateDer<'static>>,
    /// Believed whatever host is called.
    moved: Vec<CertificateDer<'static>>,
    check_host: bool,
    provider: Arc<CryptoProvider>,
}

impl Judge {
    /// Makes the judge for this trust.
    ///
    /// # Errors
    /// [`WebError::BadCertificate`].
    pub fn new(trust: &TlsTrust, provider: Arc<CryptoProvider>) -> Result<Self, WebError> {
        let bad = |why: &str| WebError::BadCertificate { why: why.to_owned() };
        if let TlsTrust::Moved { own, der } = trust {
            CertificateFacts::from_der(der)?;
            let mut judge = Judge::new(own, provider)?;
            judge.moved.push(CertificateDer::from(der.clone()));
            return Ok(judge);
        }
        let mut roots = RootCertStore::empty();
        let (known, check_host) = match trust {
            TlsTrust::WebPki => {
                roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
                (Vec::new(), true)
            }
            TlsTrust::CaFile(pem) => {
                let pem = authorities(pem, Path::new("FILE"))?;
                let certificates: Result<Vec<CertificateDer<'static>>, _> =
                    CertificateDer::pem_slice_iter(pem.as_bytes()).take(MAX_CA_CERTIFICATES).collect();
                let certificates = certificates.map_err(|_| bad("it is not PEM"))?;
                if certificates.is_empty() {
                    return Err(bad("there is no certificate in it"));
                }
                for certificate in &certificates {
                    // One that can't be an authority may still be the server's own.
                    let _ = roots.add(certificate.clone());
                }
                (certificates, true)
            }
            TlsTrust::Moved { .. } => unreachable!("it was taken apart above"),
            TlsTrust::Pinned { der, check_host } => {
                CertificateFacts::from_der(der)?;
                (vec![CertificateDer::from(der.clone())], *check_host)
            }
        };
        let authorities = match roots.is_empty() {
            true => None,
            false => {
                let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone());
                Some(builder.build().map_err(|error| bad(&error.to_string()))?)
            }
        };
        Ok(Judge { authorities, known, moved: Vec::new(), check_host, provider })
    }
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.moved.iter().any(|moved| moved.as_ref() == end_entity.as_ref()) {
            return Ok(ServerCertVerified::assertion());
        }
        if self.known.iter().any(|known| known.as_ref() == end_entity.as_ref()) {
            let facts = CertificateFacts::from_der(end_entity).map_err(|error| refused(error.to_string()))?;
            let host = server_name.to_str();
            if self.check_host && !facts.covers(&host) {
                let names = one_line(&facts.names.join(", "));
                return Err(refused(format!("it is the trusted one, but made for {names}, not for {host}")));
            }
            return Ok(ServerCertVerified::assertion());
        }
        let Some(authorities) = &self.authorities else {
            let shown = CertificateFacts::from_der(end_entity).map(|f| f.fingerprint()).unwrap_or_default();
            return Err(refused(format!("it is not the enrolled one; its SHA-256 fingerprint is {shown}")));
        };
        authorities.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Says for people why a certificate was refused; `None` where the error is
/// not about a certificate.
pub(super) fn refusal(error: &rustls::Error) -> Option<String> {
    let rustls::Error::InvalidCertificate(why) = error else {
        return None;
    };
    Some(match why {
        CertificateError::Other(OtherError(own)) => match own.downcast_ref::<Refusal>() {
            Some(refusal) => refusal.0.clone(),
            None => one_line(&own.to_string()),
        },
        CertificateError::UnknownIssuer => "no authority trusted here signed it".to_owned(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "it has expired, or this machine's clock is wrong".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet, or this machine's clock is wrong".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is made for another host name".to_owned()
        }
        other => one_line(&format!("{other}")),
    })
}

#[derive(Debug)]
struct Refusal(String);

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

fn refused(why: String) -> rustls::Error {
    rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(Refusal(why)))))
}
