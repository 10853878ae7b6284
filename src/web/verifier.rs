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

use super::{CertificateFacts, TlsTrust, WebError, authorities, fitness};
use crate::model::{Timestamp, text::one_line};

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
pub(super) struct ServerVerifier {
    authorities: Option<Arc<WebPkiServerVerifier>>,
    known: Vec<CertificateDer<'static>>,
    /// Believed whatever host is called.
    moved: Vec<CertificateDer<'static>>,
    check_host: bool,
    provider: Arc<CryptoProvider>,
}

impl ServerVerifier {
    /// Makes the judge for this trust.
    ///
    /// # Errors
    /// [`WebError::BadCertificate`].
    pub fn new(trust: &TlsTrust, provider: Arc<CryptoProvider>) -> Result<Self, WebError> {
        let bad = |why: &str| WebError::BadCertificate { why: why.to_owned() };
        if let TlsTrust::Moved { own, der } = trust {
            CertificateFacts::from_der(der)?;
            let mut judge = ServerVerifier::new(own, provider)?;
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
                Some(builder.build().map_err(|_| bad("none of its authorities can be used"))?)
            }
        };
        Ok(ServerVerifier { authorities, known, moved: Vec::new(), check_host, provider })
    }
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        // Byte for byte: a fingerprint, a key or a name in common is not the certificate that somebody compared.
        if self.moved.iter().any(|moved| moved.as_ref() == end_entity.as_ref()) {
            return Ok(ServerCertVerified::assertion());
        }
        if self.known.iter().any(|known| known.as_ref() == end_entity.as_ref()) {
            let facts = CertificateFacts::from_der(end_entity).map_err(|error| untrusted(error.to_string()))?;
            let host = server_name.to_str();
            if self.check_host && !facts.covers(&host) {
                let names = one_line(&facts.names.join(", "));
                return Err(untrusted(format!("it is the trusted one, but made for {names}, not for {host}")));
            }
            return Ok(ServerCertVerified::assertion());
        }
        // The fingerprint is told, so that whoever stands at the machine can compare it.
        let Some(authorities) = &self.authorities else {
            let shown = CertificateFacts::from_der(end_entity).map(|f| f.fingerprint()).unwrap_or_default();
            return Err(untrusted(format!("it is not the enrolled one; its SHA-256 fingerprint is {shown}")));
        };
        let verdict = authorities.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        verdict.map_err(|error| self.explained(error, end_entity, intermediates))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        // The proof that the server holds the key is never left out: a
        // pinned certificate is public, and anybody can show it.
        let verdict = verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms);
        verdict.map_err(|error| of_holder(error, cert))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let verdict = verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms);
        verdict.map_err(|error| of_holder(error, cert))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Why a certificate is not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Distrust {
    /// Nothing vouches for it.
    Untrusted(String),
    /// It is of a kind that can't be checked, whoever vouches for it.
    Unfit(String),
}

impl ServerVerifier {
    /// Says of what the library refused whether it is too old to be taken at all.
    fn explained(
        &self,
        error: rustls::Error,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
    ) -> rustls::Error {
        let rustls::Error::InvalidCertificate(why) = &error else { return error };
        let facts = CertificateFacts::from_der(end_entity).ok();
        let signed_itself = facts.as_ref().is_some_and(|facts| facts.subject == facts.issuer);
        let unfit = match why {
            // These are told of first, whatever else is amiss.
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. }
            | CertificateError::Revoked => None,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                let nameless =
                    "it names its host only as a common name, and not as an alternative name, which alone counts";
                (!fitness::names_hosts(end_entity)).then(|| nameless.to_owned())
            }
            // It would be told of its age, its digest or its names otherwise, and none of these is why it was refused.
            _ if signed_itself => return untrusted("no authority trusted here signed it: it signed itself".to_owned()),
            _ => fitness::of_chain(end_entity, intermediates, &self.known).or_else(|| {
                let own =
                    "it is an authority's certificate itself (CA:TRUE), which is no server's below another authority";
                let authority = facts.is_some_and(|facts| facts.is_ca);
                (authority && !matches!(why, CertificateError::UnknownIssuer)).then(|| own.to_owned())
            }),
        };
        unfit.map_or(error, |why| refused(Distrust::Unfit(why)))
    }
}

/// Says of a proof that does not hold whether its certificate is too old to make one.
pub(super) fn of_holder(error: rustls::Error, certificate: &CertificateDer<'_>) -> rustls::Error {
    match fitness::of_holder(certificate) {
        Some(why) => refused(Distrust::Unfit(why)),
        None => error,
    }
}

/// Says for people why a certificate was refused; `None` where the error is
/// not about a certificate.
pub(super) fn refusal(error: &rustls::Error) -> Option<Distrust> {
    let rustls::Error::InvalidCertificate(why) = error else {
        return None;
    };
    let day = |time: &UnixTime| i64::try_from(time.as_secs()).ok().and_then(Timestamp::from_unix).map(Timestamp::human);
    let clock = |time, limit, text: &str| match (day(time), day(limit)) {
        (Some(now), Some(limit)) => format!("{text} {limit}, and this machine's clock shows {now}"),
        _ => format!("{text} another time than this machine's clock shows"),
    };
    Some(match why {
        CertificateError::Other(OtherError(own)) => match own.downcast_ref::<Distrust>() {
            Some(refusal) => refusal.clone(),
            None => Distrust::Unfit("it breaks the rules for a server's certificate".to_owned()),
        },
        CertificateError::UnknownIssuer => Distrust::Untrusted("no authority trusted here signed it".to_owned()),
        CertificateError::ExpiredContext { time, not_after } => {
            Distrust::Untrusted(clock(time, not_after, "its validity ended on"))
        }
        CertificateError::NotValidYetContext { time, not_before } => {
            Distrust::Untrusted(clock(time, not_before, "its validity begins on"))
        }
        CertificateError::Expired => {
            Distrust::Untrusted("its validity has ended, or this machine's clock is wrong".to_owned())
        }
        CertificateError::NotValidYet => {
            Distrust::Untrusted("its validity has not begun, or this machine's clock is wrong".to_owned())
        }
        CertificateError::NotValidForName => Distrust::Untrusted("it is made for another host name".to_owned()),
        CertificateError::NotValidForNameContext { expected, .. } => {
            let host = one_line(&expected.to_str());
            Distrust::Untrusted(format!("it is made for another host name than {host}"))
        }
        CertificateError::Revoked => Distrust::Untrusted("its authority has revoked it".to_owned()),
        CertificateError::BadSignature => Distrust::Untrusted("a signature does not hold".to_owned()),
        CertificateError::BadEncoding => Distrust::Unfit("it does not read as a certificate".to_owned()),
        CertificateError::UnhandledCriticalExtension => {
            Distrust::Unfit("it makes conditions that are not understood here".to_owned())
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            Distrust::Unfit("it is not made for a server".to_owned())
        }
        _ => Distrust::Unfit("it is signed, or made, in a way that is not taken".to_owned()),
    })
}

impl std::fmt::Display for Distrust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Distrust::Untrusted(why) | Distrust::Unfit(why)) = self;
        f.write_str(why)
    }
}

impl std::error::Error for Distrust {}

fn untrusted(why: String) -> rustls::Error {
    refused(Distrust::Untrusted(why))
}

fn refused(why: Distrust) -> rustls::Error {
    rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(why))))
}
