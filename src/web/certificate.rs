//! Looking at a server's certificate before it is trusted.

use std::{
    io,
    net::{IpAddr, TcpStream, ToSocketAddrs},
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use super::{
    Timeouts, TlsTrust, WebError,
    address::{https_url, origin_of},
    tls::{client_config, config_with, provider, server_name},
    verifier::of_holder,
    wire::{in_handshake, io_words, tls_of, tls_trouble},
};
use crate::model::{Sha256Digest, Timestamp, local_time, text::one_line};

/// Largest certificate, in bytes: ten times the largest seen.
const MAX_CERTIFICATE_BYTES: usize = 64 * 1024;
/// Most names of a certificate that are kept.
// They are printed when a certificate is enrolled, and come from a server that nobody trusts yet.
const MAX_NAMES: usize = 200;

/// What a certificate says of itself; nothing of it is believed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The certificate, DER: what [`super::TlsTrust::Pinned`] takes.
    pub der: Vec<u8>,
    /// SHA-256 over `der`.
    pub sha256: Sha256Digest,
    /// The subject's distinguished name.
    pub subject: String,
    /// The issuer's distinguished name.
    pub issuer: String,
    /// Host names and addresses it is for.
    pub names: Vec<String>,
    /// When it begins to be valid.
    pub not_before: Timestamp,
    /// When it ceases to be valid.
    pub not_after: Timestamp,
    /// Whether it may sign others (`CA:TRUE`), as appliances' own often may.
    pub is_ca: bool,
}

impl CertificateFacts {
    /// Reads one certificate, DER.
    ///
    /// # Errors
    /// [`WebError::BadCertificate`].
    pub fn from_der(der: &[u8]) -> Result<Self, WebError> {
        let bad = |why: &str| WebError::BadCertificate { why: why.to_owned() };
        if der.len() > MAX_CERTIFICATE_BYTES {
            return Err(bad("it is larger than 64 KiB"));
        }
        let (rest, x509) = X509Certificate::from_der(der).map_err(|_| bad("it is not an X.509 certificate"))?;
        // It would be part of what is pinned, and of no field that a person was shown.
        if !rest.is_empty() {
            return Err(bad("something follows it"));
        }
        let time = |t: i64| Timestamp::from_unix(t).ok_or_else(|| bad("its validity period makes no sense"));
        Ok(CertificateFacts {
            der: der.to_vec(),
            sha256: Sha256Digest::of(der),
            subject: one_line(&x509.subject().to_string()),
            issuer: one_line(&x509.issuer().to_string()),
            names: names(&x509),
            not_before: time(x509.validity().not_before.timestamp())?,
            not_after: time(x509.validity().not_after.timestamp())?,
            is_ca: x509.is_ca(),
        })
    }

    /// Reads the first certificate of a PEM text.
    ///
    /// # Errors
    /// [`WebError::BadCertificate`].
    pub fn from_pem(pem: &[u8]) -> Result<Self, WebError> {
        let der = CertificateDer::from_pem_slice(pem)
            .map_err(|_| WebError::BadCertificate { why: "there is no certificate in PEM in it".to_owned() })?;
        Self::from_der(&der)
    }

    /// Reads every certificate of a file in whatever form [`super::authorities`] takes; none of one that holds none.
    pub fn all(bytes: &[u8], path: &Path) -> Vec<Self> {
        let text = super::authorities(bytes, path).unwrap_or_default();
        let each = CertificateDer::pem_slice_iter(text.as_bytes()).flatten();
        each.filter_map(|der| Self::from_der(&der).ok()).collect()
    }

    /// The certificate as PEM text, for a file.
    pub fn pem(&self) -> String {
        let encoded = base64(&self.der);
        let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
        for line in encoded.as_bytes().chunks(64) {
            pem.push_str(std::str::from_utf8(line).expect("base64 is ASCII"));
            pem.push('\n');
        }
        pem.push_str("-----END CERTIFICATE-----\n");
        pem
    }

    /// The fingerprint as browsers and openssl show it: `AB:CD:…`, SHA-256.
    pub fn fingerprint(&self) -> String {
        self.sha256.0.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
    }

    /// Says what is wrong with its validity period at `now`; `None` when nothing is.
    pub fn validity_warning(&self, now: Timestamp) -> Option<String> {
        if now < self.not_before {
            Some(format!("its validity begins only on {}", local_time(self.not_before)))
        } else if now > self.not_after {
            Some(format!("its validity ended on {}", local_time(self.not_after)))
        } else {
            None
        }
    }

    /// Whether one of its names covers `host`, a wildcard standing for one label.
    pub fn covers(&self, host: &str) -> bool {
        // An address in a URL stands in brackets where it is IPv6, and a
        // host name may end with the root's dot; certificates have neither.
        let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase();
        let address: Option<IpAddr> = host.parse().ok();
        self.names.iter().map(|name| name.to_ascii_lowercase()).any(|name| match (address, name.parse::<IpAddr>()) {
            // Addresses are compared as such: one has several spellings, and no wildcard covers any.
            (Some(address), Ok(named)) => address == named,
            (Some(_), Err(_)) | (None, Ok(_)) => false,
            (None, Err(_)) => match (name.strip_prefix("*."), host.split_once('.')) {
                // `*.com` would cover half the world.
                // A wildcard stands for one whole label, at the left alone (RFC 6125, 6.4.3).
                (Some(suffix), Some((first, rest))) => !first.is_empty() && suffix.contains('.') && rest == suffix,
                _ => name == host,
            },
        })
    }
}

/// Shakes hands with the server and returns the certificate it shows; sends
/// no request, believes nothing, and hangs up.
///
/// The handshake is completed, so the server has proven that it holds the
/// certificate's private key.
///
/// # Errors
/// [`WebError::BadUrl`], [`WebError::Unreachable`], [`WebError::Stalled`],
/// [`WebError::Protocol`], [`WebError::BadCertificate`].
pub fn fetch_certificate(url: &str, timeouts: Timeouts) -> Result<CertificateFacts, WebError> {
    let provider = provider();
    let witness = Arc::new(Witness { seen: Mutex::new(None), provider: provider.clone() });
    // A verifier of its own and not a switch in the real one: nobody can leave that switch on.
    shake_hands(url, Arc::new(config_with(provider, witness.clone())), timeouts)?;
    let seen = witness.seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
    CertificateFacts::from_der(&seen.ok_or_else(|| WebError::BadCertificate { why: "none was shown".to_owned() })?)
}

/// Shakes hands with the server, and says whether `trust` believes what it
/// shows; sends no request, and hangs up.
///
/// # Errors
/// [`WebError::TlsUntrusted`] where it does not; else as [`fetch_certificate`].
pub fn check_certificate(url: &str, trust: &TlsTrust, timeouts: Timeouts) -> Result<(), WebError> {
    shake_hands(url, client_config(trust)?, timeouts)
}

/// Completes a handshake and hangs up.
fn shake_hands(url: &str, config: Arc<ClientConfig>, timeouts: Timeouts) -> Result<(), WebError> {
    let url = https_url(url)?;
    let origin = origin_of(&url);
    let name =
        server_name(&url).ok_or_else(|| WebError::BadUrl { url: origin.clone(), why: "its host name can't be one" })?;
    let unreachable = |error: &io::Error| WebError::Unreachable { origin: origin.clone(), why: io_words(error) };
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
    // The name is resolved here, because the certificate is asked for without the HTTP
    // client and its proxy: what is enrolled must be the appliance's and not a proxy's.
    let mut socket =
        connect(&host, url.port_or_known_default().unwrap_or(443), timeouts.connect).map_err(|e| unreachable(&e))?;

    let mut connection = ClientConnection::new(config, name).map_err(|error| tls_trouble(origin.clone(), &error))?;
    let begun = Instant::now();
    while connection.is_handshaking() {
        // `complete_io` returns with each record, so a server that
        // trickles them would never be timed out by the socket.
        if begun.elapsed() > timeouts.connect {
            return Err(WebError::Stalled { origin, secs: timeouts.connect.as_secs() });
        }
        connection.complete_io(&mut socket).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                WebError::Stalled { origin: origin.clone(), secs: timeouts.connect.as_secs() }
            }
            io::ErrorKind::InvalidData => match tls_of(&error) {
                Some(tls) => tls_trouble(origin.clone(), tls),
                None => WebError::Protocol { origin: origin.clone(), why: "no TLS there".to_owned() },
            },
            _ => unreachable(&in_handshake(error)),
        })?;
    }
    connection.send_close_notify();
    // The certificate is here; how the other end takes the goodbye is its business.
    let _ = connection.complete_io(&mut socket);
    Ok(())
}

fn connect(host: &str, port: u16, timeout: Duration) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the host name has no address");
    // A name may have any number of addresses, and each dead one costs the whole timeout.
    for address in (host, port).to_socket_addrs()?.take(8) {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(socket) => {
                socket.set_read_timeout(Some(timeout))?;
                socket.set_write_timeout(Some(timeout))?;
                return Ok(socket);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Host names and addresses; the common name counts only where there are none.
fn names(x509: &X509Certificate<'_>) -> Vec<String> {
    let mut names = Vec::new();
    if let Ok(Some(alternatives)) = x509.subject_alternative_name() {
        for name in &alternatives.value.general_names {
            match name {
                GeneralName::DNSName(name) => names.push(one_line(name)),
                GeneralName::IPAddress(bytes) => {
                    let v4 = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
                    let v6 = <[u8; 16]>::try_from(*bytes).map(IpAddr::from);
                    names.extend(v4.or(v6).map(|address| address.to_string()));
                }
                _ => {}
            }
        }
    }
    if names.is_empty() {
        names.extend(x509.subject().iter_common_name().filter_map(|cn| cn.as_str().ok()).map(one_line));
    }
    names.truncate(MAX_NAMES);
    names
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        // The last group is filled with zero bits, and signs stand for the bytes that are not there.
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= group.len() { digit as char } else { '=' });
        }
    }
    text
}

/// Writes down the certificate that is shown and believes it for the length
/// of a handshake after which nothing is sent. Used by nothing else.
#[derive(Debug)]
struct Witness {
    seen: Mutex<Option<Vec<u8>>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        *self.seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(end_entity.to_vec());
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let verdict = verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms);
        verdict.map_err(|error| of_holder(error, cert))
    }

    // The signature is checked in earnest: without it anybody could show a certificate that they only copied.
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
