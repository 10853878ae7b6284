//! A vendor's server that answers as a test wants it to.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;

pub struct Vendor {
    pub url: String,
    pub ca: String,
}

/// What a client asked for.
pub struct Asked {
    pub method: String,
    pub path: String,
    pub headers: HashMap<String, String>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The first byte of `Range: bytes=N-`.
    pub fn range(&self) -> Option<usize> {
        self.header("range")?.strip_prefix("bytes=")?.trim_end_matches('-').parse().ok()
    }
}

/// What it gets.
pub struct VendorAnswer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// Bytes of the body after which the connection is dropped.
    pub cut_after: Option<usize>,
    /// Whether the connection stays open and silent before it is dropped.
    pub silent: bool,
    /// Whether only the connection's end tells the body's length.
    pub unmeasured: bool,
}

impl VendorAnswer {
    pub fn page(body: &str) -> Self {
        let headers = vec![("Content-Type", "text/html; charset=utf-8".to_owned())];
        let body = format!("<html><head><title>Updates</title></head><body>{body}</body></html>").into_bytes();
        VendorAnswer { status: 200, headers, body, cut_after: None, silent: false, unmeasured: false }
    }

    /// A file, or the rest of it where a range is asked for.
    pub fn file(asked: &Asked, bytes: &[u8], etag: &str) -> Self {
        let total = bytes.len();
        let mut headers = vec![("Content-Type", "application/octet-stream".to_owned()), ("ETag", etag.to_owned())];
        let same = asked.header("if-range").is_none_or(|theirs| theirs == etag);
        match asked.range().filter(|from| *from < total && same) {
            Some(from) => {
                headers.push(("Content-Range", format!("bytes {from}-{}/{total}", total - 1)));
                VendorAnswer { status: 206, headers, body: bytes[from..].to_vec(), ..VendorAnswer::page("") }
            }
            None => VendorAnswer { status: 200, headers, body: bytes.to_vec(), ..VendorAnswer::page("") },
        }
    }

    pub fn status(status: u16) -> Self {
        VendorAnswer { status, ..VendorAnswer::page(&format!("<p>Status {status}</p>")) }
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub fn cut(mut self, after: usize) -> Self {
        self.cut_after = Some(after);
        self
    }
}

/// The page with the form, and the list of one package that answers it.
pub const FORM: &str = "<form method=post action=/list><label>Appliance Download Key <input name=k></label>\
    <button>Get Updates</button></form>";
pub const LIST: &str = "<h2>Available Updates</h2><table><tr><th>Package</th><th>Size</th><th></th></tr>\
    <tr><td>Base 3.4.0</td><td>1 MB</td><td><a href=/file>Download</a></td></tr></table>";

impl Vendor {
    pub fn start(dir: &Path, behave: impl Fn(&Asked) -> VendorAnswer + Send + Sync + 'static) -> Self {
        let (config, ca) = certificates();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let url = format!("https://localhost:{port}");
        let ca_path = dir.join(format!("ca-{port}.pem"));
        std::fs::write(&ca_path, ca).expect("writes");
        let behave = Arc::new(behave);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, behave) = (config.clone(), behave.clone());
                std::thread::spawn(move || serve(stream, config, &*behave));
            }
        });
        Vendor { url, ca: ca_path.display().to_string() }
    }
}

fn serve(stream: TcpStream, config: Arc<ServerConfig>, behave: &dyn Fn(&Asked) -> VendorAnswer) -> Option<()> {
    let tls = StreamOwned::new(ServerConnection::new(config).ok()?, stream);
    let mut reader = BufReader::new(tls);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim().split_once(':') {
            Some((name, value)) => drop(headers.insert(name.to_lowercase(), value.trim().to_owned())),
            None => break,
        }
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let answer = behave(&Asked { method, path, headers });
    let mut tls = reader.into_inner();
    let mut head = format!("HTTP/1.1 {} X\r\nConnection: close\r\n", answer.status);
    if !answer.unmeasured && !answer.headers.iter().any(|(name, _)| *name == "Content-Length") {
        head.push_str(&format!("Content-Length: {}\r\n", answer.body.len()));
    }
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    match answer.cut_after {
        // Not a byte of an answer: the connection is gone after the question.
        Some(0) => return None,
        Some(after) => {
            tls.write_all(head.as_bytes()).ok()?;
            tls.write_all(&answer.body[..after]).ok()?;
            tls.flush().ok()?;
            if answer.silent {
                std::thread::sleep(std::time::Duration::from_secs(20));
            }
        }
        None => {
            tls.write_all(head.as_bytes()).ok()?;
            tls.write_all(&answer.body).ok()?;
            tls.conn.send_close_notify();
            tls.flush().ok()?;
        }
    }
    Some(())
}

fn certificates() -> (Arc<ServerConfig>, String) {
    let mut authority = CertificateParams::new(Vec::new()).expect("valid");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key")).expect("signs");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["localhost".to_owned(), "update.example.com".to_owned()]).expect("valid");
    let certificate = params.signed_by(&key, &authority).expect("signs");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocols")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a certificate");
    (Arc::new(config), authority.pem())
}
