//! Which certificate is believed.

use std::sync::Arc;

use rustls::{CipherSuite, ClientConfig, client::danger::ServerCertVerifier, crypto::CryptoProvider};
use rustls_pki_types::ServerName;
use url::Url;

use super::{WebError, verifier::ServerVerifier};

/// What makes a server's certificate trusted. There is no way to turn checking off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsTrust {
    /// The public authorities that browsers trust: for the vendor.
    WebPki,
    /// The authorities in a PEM file, and none but those.
    CaFile(Vec<u8>),
    /// This very certificate, byte for byte, whoever signed it.
    Pinned {
        /// The end entity's certificate, DER.
        der: Vec<u8>,
        /// Whether its names must cover the host that is called.
        check_host: bool,
    },
    /// What another trust believes, or this very certificate, byte for byte and
    /// whatever host it is made for: it moved here with its site.
    Moved {
        /// The other trust.
        own: Box<TlsTrust>,
        /// The end entity's certificate, DER.
        der: Vec<u8>,
    },
}

/// Makes the TLS configuration for a trust.
///
/// # Errors
/// [`WebError::BadCertificate`].
pub(super) fn client_config(trust: &TlsTrust) -> Result<Arc<ClientConfig>, WebError> {
    let provider = provider();
    let judge = Arc::new(ServerVerifier::new(trust, provider.clone())?);
    Ok(Arc::new(config_with(provider, judge)))
}

/// The cryptography in use. Of what both ends can, AES-128-GCM comes first, as
/// in browsers: it is as far out of reach as AES-256, for fewer rounds on an
/// old appliance.
pub(super) fn provider() -> Arc<CryptoProvider> {
    let mut provider = rustls::crypto::ring::default_provider();
    provider.cipher_suites.sort_by_key(|suite| !LIGHTEST.contains(&suite.suite()));
    Arc::new(provider)
}

/// The suites with AES-128-GCM.
const LIGHTEST: [CipherSuite; 3] = [
    CipherSuite::TLS13_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
];

/// Makes a configuration around a verifier: TLS 1.2 and 1.3, HTTP/1.1 only.
pub(super) fn config_with(provider: Arc<CryptoProvider>, verifier: Arc<dyn ServerCertVerifier>) -> ClientConfig {
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring supports TLS 1.2 and 1.3");
    // rustls calls every verifier but its own dangerous, and its own believes no pinned certificate.
    let mut config = builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    // The HTTP client speaks nothing newer.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

/// The name that a URL's host goes by in TLS.
pub(super) fn server_name(url: &Url) -> Option<ServerName<'static>> {
    let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']');
    ServerName::try_from(host.to_owned()).ok()
}
