//! The lab's certificates, fresh for each run.

use super::{HOST, LabError};
use crate::model::Sha256Digest;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ServerConfig, crypto::ring};

/// How long the lab's certificates hold, in days.
const VALID_DAYS: i64 = 825;

/// Certificates in PEM for those who connect, and what the servers need.
pub(super) struct Certificates {
    pub(super) ca_pem: String,
    pub(super) appliance_pem: String,
    pub(super) vendor: TlsAcceptor,
    pub(super) appliance: TlsIdentity,
}

/// A certificate with its key.
#[derive(Clone)]
pub(super) struct TlsIdentity {
    /// The certificate, DER.
    pub(super) der: Vec<u8>,
    /// Its key, PKCS #8 DER.
    pub(super) key: Vec<u8>,
    /// SHA-256 of the certificate, as people compare it.
    pub(super) fingerprint: String,
}

impl TlsIdentity {
    pub(super) fn new(der: Vec<u8>, key: Vec<u8>) -> Self {
        let fingerprint = fingerprint(&der);
        TlsIdentity { der, key, fingerprint }
    }
}

/// Makes an authority, the vendor's certificate from it, and the appliance's
/// own: self-signed and marked as an authority, as such machines' are.
pub(super) fn certificates() -> Result<Certificates, LabError> {
    make().map_err(|error| LabError::Certificate(error.to_string()))
}

fn make() -> Result<Certificates, Box<dyn std::error::Error>> {
    let mut authority = params("handcarry lab authority", &[])?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;

    let vendor_key = KeyPair::generate()?;
    let vendor = params("localhost", &["localhost", "127.0.0.1"])?.signed_by(&vendor_key, &authority)?;

    let appliance_key = KeyPair::generate()?;
    let mut appliance = params(HOST, &["localhost", "127.0.0.1", HOST])?;
    appliance.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let appliance = appliance.self_signed(&appliance_key)?;

    Ok(Certificates {
        ca_pem: authority.pem(),
        appliance_pem: appliance.pem(),
        vendor: acceptor_of(&TlsIdentity::new(vendor.der().to_vec(), vendor_key.serialize_der()))?,
        appliance: TlsIdentity::new(appliance.der().to_vec(), appliance_key.serialize_der()),
    })
}

/// Writes a digest as certificates' are written: `SHA256:36:20:…`.
fn fingerprint(certificate: &[u8]) -> String {
    let pairs: Vec<String> = Sha256Digest::of(certificate).0.iter().map(|byte| format!("{byte:02X}")).collect();
    format!("SHA256:{}", pairs.join(":"))
}

fn params(name: &str, hosts: &[&str]) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(hosts.iter().map(|host| (*host).to_owned()).collect::<Vec<_>>())?;
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, name);
    params.distinguished_name.push(DnType::OrganizationName, "handcarry lab");
    let now = OffsetDateTime::now_utc();
    // From yesterday on, so that a clock which is a little slow does not refuse it.
    params.not_before = now - Duration::DAY;
    params.not_after = now + Duration::days(VALID_DAYS);
    Ok(params)
}

/// What serves with a certificate.
///
/// # Errors
/// Where certificate and key don't belong together, or are none.
pub(super) fn acceptor_of(identity: &TlsIdentity) -> Result<TlsAcceptor, tokio_rustls::rustls::Error> {
    let certificate = CertificateDer::from(identity.der.clone());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.clone()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
