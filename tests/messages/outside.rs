//! Samples of what goes wrong with pages, the vendor and the vault.

use handcarry::testing::media::MediaError;
use handcarry::testing::model::Sha256Digest;
use handcarry::testing::outside::exchange::ExchangeError;
use handcarry::testing::outside::vault::VaultError;
use handcarry::testing::outside::vendor::VendorError;
use handcarry::testing::web::WebError;
use std::io;
use std::path::PathBuf;

fn cause(kind: io::ErrorKind) -> io::Error {
    io::Error::from(kind)
}

pub fn web() -> Vec<WebError> {
    let origin = || "https://support.example.com".to_owned();
    let page = || "\"Updates\" (https://support.example.com/appliance/updates)".to_owned();
    let key = || "updates.install".to_owned();
    let labels = |labels: &[&str]| labels.iter().map(|label| (*label).to_owned()).collect::<Vec<_>>();
    let why = |why: &str| why.to_owned();
    vec![
        WebError::BadUrl { url: why("http://support.example.com/"), why: "it does not begin with https://" },
        WebError::OtherForm { form: "PKCS#7", command: "openssl pkcs7 -in ca.p7b -print_certs -out ca.p7b.pem".into() },
        WebError::Proxy {
            proxy: "http://proxy.example.com:3128".into(),
            origin: "https://update.example.com".into(),
            why: "it wants a user name and password (407)".into(),
        },
        WebError::BadCertificate { why: why("there is no certificate in PEM in it") },
        WebError::Unreachable { origin: origin(), why: why("no such host name") },
        WebError::Stalled { origin: origin(), secs: 60 },
        WebError::Broken { origin: origin(), why: why("the connection was closed") },
        WebError::TlsUntrusted { origin: origin(), why: why("it is not the enrolled one") },
        WebError::TlsTooOld { origin: origin(), why: why("it speaks TLS 1.1 or older, and no newer one") },
        WebError::CertificateUnfit { origin: origin(), why: why("the signature is made with SHA-1") },
        WebError::Protocol { origin: origin(), why: why("no TLS there") },
        WebError::Status { page: page(), status: 404, retry_after_secs: None },
        WebError::Status { page: page(), status: 503, retry_after_secs: Some(120) },
        WebError::CrossOrigin { what: "a link", from: page(), to: why("https://elsewhere.example.org") },
        WebError::TooManyRedirects { url: why("https://support.example.com/appliance"), limit: 10 },
        WebError::LimitExceeded { place: page(), what: "more than 8 MiB" },
        WebError::ScriptOnly { page: page() },
        WebError::ControlMissing {
            key: key(),
            page: page(),
            looked_for: labels(&["Install This Update", "Instalar Esta Atualização"]),
            there: labels(&["Check for Updates", "Update Software"]),
        },
        WebError::ControlMissing { key: key(), page: page(), looked_for: labels(&["Updates"]), there: Vec::new() },
        WebError::ControlAmbiguous {
            key: key(),
            page: page(),
            looked_for: labels(&["Install This Update"]),
            matches: labels(&["Install This Update (row Base 3.4.0)", "Install This Update (row Bomgar 10.6.2)"]),
        },
        WebError::ControlDisabled { key: key(), page: page(), label: why("Install This Update") },
        WebError::FieldUnfit { page: page(), label: why("Software Package"), why: "takes no file" },
        WebError::NotAFile { page: page(), says: why("Please log in"), leads_to: Vec::new() },
        WebError::Changed { url: why("https://update.example.com/download/1") },
        WebError::RangeRefused {
            url: why("https://update.example.com/download/1"),
            from_byte: 1_048_576,
            why: why("it sends the whole file"),
        },
        WebError::Compressed { url: why("https://update.example.com/download/1"), coding: why("gzip") },
        WebError::Source(cause(io::ErrorKind::UnexpectedEof)),
        WebError::BadProfile { why: why("line 3: en is not a list of labels") },
        WebError::KeyMissing { key: why("nav.updates") },
    ]
}

pub fn vendor() -> Vec<VendorError> {
    let listed = || "https://update.bomgar.com".to_owned();
    let origin = || "https://updates.example.org:8443".to_owned();
    vec![
        VendorError::NotListed { whose: "the request 0a1b2c3d".to_owned(), origin: origin(), listed: listed() },
        VendorError::NotListed {
            whose: "--server".to_owned(),
            origin: "https://[::1]:8443".to_owned(),
            listed: listed(),
        },
        VendorError::Unknown { origin: origin(), listed: listed() },
        VendorError::Broken { path: "/home/op/outside/vendors.json".into(), why: "EOF at line 1".to_owned() },
        VendorError::Web(WebError::BadUrl { url: "update.example.com".to_owned(), why: "it is not a URL" }),
        VendorError::Media(MediaError::ReadOnly { path: "/home/op/outside".into() }),
    ]
}

pub fn vault() -> Vec<VaultError> {
    let path = || PathBuf::from("/home/op/outside/vault/packages/0a1b2c3d.json");
    let title = || "Base 3.4.0".to_owned();
    vec![
        VaultError::Busy { path: "/home/op/outside/vault/lock".into() },
        VaultError::Unreadable { path: path(), source: cause(io::ErrorKind::PermissionDenied) },
        VaultError::Unwritable { path: path(), source: cause(io::ErrorKind::StorageFull) },
        VaultError::Unwritable { path: path(), source: cause(io::ErrorKind::PermissionDenied) },
        VaultError::NumbersSpent { serial: "LAB-1".into(), path: "/home/op/outside/drafts/sequences.json".into() },
        VaultError::RecordBroken { path: path(), why: "missing field 'title' at line 4".to_owned() },
        VaultError::RecordChanged {
            path: "/home/op/outside/vault/exchanges/0a1b2c3d.jsonl".into(),
            line: 3,
            what: "its bytes are not those that were written".to_owned(),
        },
        VaultError::ObjectMissing { title: title(), path: "/home/op/outside/vault/objects/sha256/0a/0a1b".into() },
        VaultError::ObjectDamaged {
            title: title(),
            found: Sha256Digest::of(b"found"),
            recorded: Sha256Digest::of(b"recorded"),
        },
        VaultError::CopyLies { path: "/mnt/second/vault/objects/sha256/0a/0a1b".into() },
        VaultError::Media(MediaError::Missing { path: path() }),
    ]
}

pub fn exchange() -> Vec<ExchangeError> {
    let server = || "https://update.example.com".to_owned();
    let code = || "…X7Q2".to_owned();
    let page = || "\"Updates\" (https://update.example.com/)".to_owned();
    let unread = |status, retry_after_secs| ExchangeError::AnswerUnread {
        page: page(),
        status,
        retry_after_secs,
        says: "We will be back soon".to_owned(),
    };
    vec![
        ExchangeError::CodeSpent { server: server(), code: code(), by_us: false },
        ExchangeError::CodeSpent { server: server(), code: code(), by_us: true },
        ExchangeError::CodeUnknown { server: server(), code: code(), says: "Unknown code.".into() },
        ExchangeError::Elsewhere { server: server(), origin: "https://files.example.com".into() },
        ExchangeError::NothingListed { server: server(), code: code() },
        unread(200, None),
        unread(503, Some(600)),
        ExchangeError::Incomplete {
            missing: 1,
            listed: 3,
            why: "the server sent an empty file".to_owned(),
            gone: false,
            retry_after_secs: None,
        },
        ExchangeError::Incomplete {
            missing: 1,
            listed: 3,
            why: "HTTP status 503".to_owned(),
            gone: false,
            retry_after_secs: Some(600),
        },
        ExchangeError::Incomplete {
            missing: 1,
            listed: 3,
            why: "HTTP status 410".to_owned(),
            gone: true,
            retry_after_secs: None,
        },
        ExchangeError::Changed { title: "Base 3.4.0".to_owned() },
        ExchangeError::NoRoom {
            needed_bytes: 3 << 30,
            free_bytes: 1 << 30,
            folder: "/home/op/outside/vault".to_owned(),
        },
        ExchangeError::CodeNeeded { exchange: "0a1b2c3d".to_owned(), code: code() },
        ExchangeError::Web(WebError::Unreachable { origin: server(), why: "no such host name".to_owned() }),
        ExchangeError::Vault(VaultError::Busy { path: "/home/op/outside/vault/lock".into() }),
    ]
}
