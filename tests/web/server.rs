//! A TLS server of a page's length: each connection in a thread, each request
//! handed to a closure that writes the answer itself.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
};

use handcarry::testing::web::TlsTrust;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};

pub type Stream = StreamOwned<ServerConnection, TcpStream>;

/// A request's line and headers; its body is still on the way.
pub struct Request {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The target without its query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// Reads the body that `Content-Length` announces.
    pub fn body(&self, stream: &mut BufReader<Stream>) -> Vec<u8> {
        let length: u64 = self.header("content-length").map_or(0, |l| l.parse().expect("a number"));
        let mut body = Vec::new();
        stream.take(length).read_to_end(&mut body).expect("the body comes");
        body
    }
}

pub struct Server {
    pub url: String,
    pub der: Vec<u8>,
    pub pem: String,
}

/// A certificate like an appliance's own: self-signed, CA:TRUE.
pub fn own_certificate(names: &[&str]) -> (CertificateDer<'static>, KeyPair, String) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>()).expect("names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).expect("signs");
    (certificate.der().clone(), key, certificate.pem())
}

impl Server {
    /// Starts one for localhost with a certificate of its own.
    pub fn start(answer: impl Fn(Request, &mut BufReader<Stream>) + Send + Sync + 'static) -> Server {
        let (der, key, pem) = own_certificate(&["localhost", "127.0.0.1"]);
        Self::with(der, key, pem, answer)
    }

    pub fn with(
        der: CertificateDer<'static>,
        key: KeyPair,
        pem: String,
        answer: impl Fn(Request, &mut BufReader<Stream>) + Send + Sync + 'static,
    ) -> Server {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![der.clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
            .expect("a certificate");
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("https://127.0.0.1:{}", listener.local_addr().expect("bound").port());
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let (config, answer) = (config.clone(), answer.clone());
                thread::spawn(move || {
                    let connection = ServerConnection::new(config).expect("configured");
                    let mut stream = BufReader::new(StreamOwned::new(connection, socket));
                    while let Some(request) = request(&mut stream) {
                        answer(request, &mut stream);
                    }
                });
            }
        });
        Server { url, der: der.to_vec(), pem }
    }

    pub fn pinned(&self) -> TlsTrust {
        TlsTrust::Pinned { der: self.der.clone(), check_host: true }
    }
}

/// Writes a whole answer.
pub fn reply(stream: &mut BufReader<Stream>, status: &str, headers: &[&str], body: &[u8]) {
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    let stream = stream.get_mut();
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).and_then(|()| stream.flush());
}

pub fn html(stream: &mut BufReader<Stream>, body: &str) {
    reply(stream, "200 OK", &["Content-Type: text/html; charset=utf-8"], body.as_bytes());
}

fn request(stream: &mut BufReader<Stream>) -> Option<Request> {
    let mut line = String::new();
    stream.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.push((name.to_owned(), value.to_owned())),
            None => return Some(Request { method, target, headers }),
        }
    }
}
