//! The client against a server on loopback: certificates, redirects, limits,
//! downloads and uploads.

use std::{
    io::{self, Read, Write},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use handcarry::testing::{
    model::{Exit, Explain, Meter, Timestamp},
    web::{
        CertificateFacts, Client, Control, SavedCookies, Timeouts, TlsTrust, Validators, WebError, fetch_certificate,
    },
};

use crate::web::server::{Server, html, own_certificate, reply};

const QUICK: Timeouts = Timeouts { connect: Duration::from_secs(5), idle: Duration::from_millis(700) };

fn client(server: &Server) -> Client {
    Client::new(&server.url, &server.pinned(), QUICK).expect("a client")
}

fn hello() -> Server {
    Server::start(|_, stream| html(stream, "<title>Hello</title><a href=/x>X</a>"))
}

#[track_caller]
fn error<T>(result: Result<T, WebError>) -> WebError {
    match result {
        Ok(_) => panic!("an error was expected"),
        Err(error) => error,
    }
}

#[test]
fn a_pinned_certificate_is_believed_by_its_bytes_even_with_ca_true() {
    let server = hello();
    assert!(CertificateFacts::from_der(&server.der).expect("reads").is_ca);
    let page = client(&server).get("/").expect("a page");
    assert_eq!((page.title().as_str(), page.status()), ("Hello", 200));
    // The same for one that is named in a CA file.
    let ca = TlsTrust::CaFile(server.pem.clone().into_bytes());
    assert!(Client::new(&server.url, &ca, QUICK).expect("a client").get("/").is_ok());
}

#[test]
fn any_other_certificate_is_refused_and_its_fingerprint_told() {
    let server = hello();
    let (other, _, other_pem) = own_certificate(&["127.0.0.1"]);
    let trust = TlsTrust::Pinned { der: other.to_vec(), check_host: false };
    let refusal = error(Client::new(&server.url, &trust, QUICK).expect("a client").get("/"));
    let fingerprint = CertificateFacts::from_der(&server.der).expect("reads").fingerprint();
    assert!(matches!(refusal, WebError::TlsUntrusted { .. }), "{refusal}");
    assert!(refusal.to_string().contains(&fingerprint), "{refusal}");
    assert_eq!(refusal.exit(), Exit::TlsUntrusted);
    for trust in [TlsTrust::WebPki, TlsTrust::CaFile(other_pem.into_bytes())] {
        let refusal = error(Client::new(&server.url, &trust, QUICK).expect("a client").get("/"));
        assert!(matches!(refusal, WebError::TlsUntrusted { .. }), "{refusal}");
    }
}

#[test]
fn a_pinned_certificate_for_another_host_is_refused_unless_enrolled_so() {
    let (der, key, pem) = own_certificate(&["support.example.com"]);
    let server = Server::with(der, key, pem, |_, stream| html(stream, "hello"));
    let refusal = error(client(&server).get("/"));
    assert!(refusal.to_string().contains("support.example.com, not for 127.0.0.1"), "{refusal}");
    let trust = TlsTrust::Pinned { der: server.der.clone(), check_host: false };
    assert!(Client::new(&server.url, &trust, QUICK).expect("a client").get("/").is_ok());
}

#[test]
fn a_certificate_can_be_looked_at_before_any_request_is_sent() {
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = requests.clone();
    let server = Server::start(move |_, stream| {
        counter.fetch_add(1, Ordering::Relaxed);
        html(stream, "x");
    });
    let facts = fetch_certificate(&server.url, QUICK).expect("facts");
    assert_eq!(facts.der, server.der);
    assert_eq!(facts.fingerprint().len(), 95);
    assert!(facts.is_ca && facts.covers("127.0.0.1") && facts.covers("LOCALHOST") && !facts.covers("example.com"));
    assert_eq!(CertificateFacts::from_pem(facts.pem().as_bytes()).expect("reads"), facts);
    assert_eq!(facts.validity_warning(Timestamp::now()), None);
    assert!(facts.validity_warning(Timestamp::from_unix(0).expect("a time")).is_some());
    assert_eq!(requests.load(Ordering::Relaxed), 0);
}

#[test]
fn only_https_without_credentials_is_spoken() {
    for url in ["http://127.0.0.1/", "ftp://x/", "https://user:pw@127.0.0.1/", "127.0.0.1", "https://"] {
        let refusal = Client::new(url, &TlsTrust::WebPki, QUICK).err().expect("refused");
        assert!(matches!(refusal, WebError::BadUrl { .. }), "{url}");
        assert!(!refusal.to_string().contains("pw"), "{refusal}");
    }
    let closed = error(Client::new("https://127.0.0.1:1", &TlsTrust::WebPki, QUICK).expect("a client").get("/"));
    assert_eq!(closed.exit(), Exit::Unreachable, "{closed}");
    // A port that does not speak TLS.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("https://{}", listener.local_addr().expect("bound"));
    std::thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            let _ = socket.read(&mut [0; 1000]);
        }
    });
    let plain = error(Client::new(&url, &TlsTrust::WebPki, QUICK).expect("a client").get("/"));
    assert!(matches!(plain, WebError::Protocol { .. }), "{plain}");
}

#[test]
fn redirects_are_followed_within_the_origin_and_no_further() {
    let server = Server::start(|request, stream| match request.path() {
        "/start" => reply(stream, "302 Found", &["Location: /end?token=SECRET", "Set-Cookie: s=1; Path=/"], b""),
        "/away" => reply(stream, "302 Found", &["Location: https://evil.example.net/x?token=SECRET"], b""),
        "/plain" => reply(stream, "301 Moved", &["Location: http://127.0.0.1/"], b""),
        "/loop" => reply(stream, "307 Again", &["Location: /loop"], b""),
        _ => html(stream, &format!("<title>{}</title>cookie {:?}", request.method, request.header("cookie"))),
    });
    let client = client(&server);
    let page = client.get("/start").expect("a page");
    assert!(page.url().ends_with("/end?token=SECRET") && page.text().contains("s=1"), "{}", page.text());
    assert!(!page.place().contains("SECRET"));
    let away = error(client.get("/away?code=SECRET"));
    let told = away.to_string();
    assert!(
        matches!(away, WebError::CrossOrigin { .. }) && told.contains("/away") && told.contains("evil.example.net")
    );
    assert!(!told.contains("SECRET"), "{told}");
    assert!(matches!(error(client.get("/plain")), WebError::CrossOrigin { .. }));
    assert!(matches!(error(client.get("/loop")), WebError::TooManyRedirects { limit: 10, .. }));
    assert!(matches!(error(client.get("https://evil.example.net/")), WebError::CrossOrigin { .. }));
}

#[test]
fn silence_and_endless_pages_come_to_an_end() {
    let server = Server::start(|request, stream| match request.target.as_str() {
        "/silent" => std::thread::sleep(Duration::from_secs(3)),
        "/stall" => {
            let _ = stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
            std::thread::sleep(Duration::from_secs(3));
        }
        "/header" => {
            let _ =
                stream.get_mut().write_all(format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(70_000)).as_bytes());
        }
        "/cut" => {
            let _ = stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
            stream.get_mut().conn.send_close_notify();
            let _ = stream.get_mut().flush();
            let _ = stream.get_ref().sock.shutdown(std::net::Shutdown::Both);
        }
        _ => {
            let _ = stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            let chunk = format!("10000\r\n{}\r\n", "x".repeat(65536));
            while stream.get_mut().write_all(chunk.as_bytes()).is_ok() {}
        }
    });
    let client = client(&server);
    for path in ["/silent", "/stall"] {
        let begun = Instant::now();
        let stalled = error(client.get(path));
        assert!(matches!(stalled, WebError::Stalled { .. }), "{path}: {stalled}");
        assert!(begun.elapsed() < Duration::from_millis(2500), "{path}");
    }
    let cut = error(client.get("/cut"));
    assert!(matches!(cut, WebError::Broken { .. }), "{cut}");
    let header = error(client.get("/header"));
    assert!(header.to_string().contains("64 KiB"), "{header}");
    let endless = error(client.get("/endless"));
    assert!(endless.to_string().contains("more than 8 MiB"), "{endless}");
    assert_eq!(endless.exit(), Exit::LimitExceeded);
}

#[test]
fn errors_of_http_are_pages_still_and_tell_when_to_call_again() {
    let server = Server::start(|request, stream| {
        assert_eq!(request.header("accept-encoding"), None);
        assert_eq!(request.header("user-agent"), Some(concat!("handcarry/", env!("CARGO_PKG_VERSION"))));
        reply(stream, "503 Busy", &["Retry-After: 90", "Content-Type: text/html"], b"<title>Restarting</title>");
    });
    let page = client(&server).get("/?code=SECRET").expect("a page");
    assert_eq!((page.status(), page.retry_after_secs(), page.title().as_str()), (503, Some(90), "Restarting"));
    let status = error(page.ok());
    assert_eq!(status.to_string(), format!("the page \"Restarting\" ({}/) answered with HTTP status 503", server.url));
    assert_eq!(status.hint(), Some("the server asks to be called again after 2 min".into()));
}

#[test]
fn forms_go_out_as_a_browser_sends_them_and_never_to_another_origin() {
    let server = Server::start(|request, stream| match request.target.as_str() {
        "/" => html(
            stream,
            "<form action=/login method=post><input type=hidden name=t value='a&b'><label>Username <input name=u></label>\
             <label>Password <input type=password name=p></label><input name=off value=1 disabled>\
             <label>Keep <input type=checkbox name=k checked></label><label>Language <select name=l><option value=en>English\
             <option value=pt>Português</select></label><button name=do value=login>Login</button><button>Other</button></form>\
             <form action=/find><input name=q value=x><button>Find</button></form>\
             <form action=https://evil.example.net/ method=post><button>Steal</button></form>\
             <form action='javascript:x()' method=post><button>Script</button></form>",
        ),
        _ => {
            let body = request.body(stream);
            let referer = request.header("referer").map(|r| r.ends_with('/'));
            let text = format!("{} {} {} {referer:?}", request.method, request.target, String::from_utf8_lossy(&body));
            html(stream, &format!("<pre>{}</pre>", text.replace('&', "&amp;")));
        }
    });
    let client = client(&server);
    let page = client.get("/").expect("a page");
    let label = Control::labelled;
    let mut form = page.form_with_button(&label("login")).expect("a form");
    form.fill(&label("username"), "zoë").expect("fills");
    form.fill(&label("Password"), "p w+&").expect("fills");
    form.check(&label("Keep"), false).expect("clears");
    form.choose(&label("language"), &label("portugues")).expect("chooses");
    let answer = client.submit(&form).expect("an answer");
    assert_eq!(answer.text().trim(), "POST /login t=a%26b&u=zo%C3%AB&p=p+w%2B%26&l=pt&do=login Some(true)");
    let found = client.submit(&page.form_with_button(&label("Find")).expect("a form")).expect("an answer");
    assert_eq!(found.text().trim(), "GET /find?q=x  Some(true)".split_whitespace().collect::<Vec<_>>().join(" "));
    let steal = error(client.submit(&page.form_with_button(&label("Steal")).expect("a form")));
    assert!(matches!(steal, WebError::CrossOrigin { what: "a form", .. }), "{steal}");
    let script = error(client.submit(&page.form_with_button(&label("Script")).expect("a form")));
    assert!(matches!(script, WebError::FieldUnfit { .. }), "{script}");
}

#[test]
fn a_form_goes_out_in_the_character_set_that_it_accepts() {
    let server = Server::start(|request, stream| match request.target.as_str() {
        "/" => {
            let form = |path: &str, accepts: &str| {
                format!(
                    "<form action={path} method=post {accepts}><input type=hidden name=_charset_>\
                     <label>Word <input name=w></label><button>Send {path}</button></form>"
                )
            };
            let forms = [
                form("utf", "accept-charset='nonsense, utf-8'"),
                form("own", ""),
                form("odd", "accept-charset=nonsense"),
            ];
            let page = format!("<title>T</title>\u{e7}{}", forms.concat());
            let latin: Vec<u8> = page.chars().map(|c| c as u8).collect();
            super::server::reply(stream, "200 OK", &["Content-Type: text/html; charset=iso-8859-1"], &latin);
        }
        _ => {
            let body = String::from_utf8(request.body(stream)).expect("ASCII");
            html(stream, &format!("<pre>{}</pre>", body.replace('&', "&amp;")));
        }
    });
    let client = client(&server);
    let page = client.get("/").expect("a page");
    for (path, sent) in [
        ("utf", "_charset_=UTF-8&w=zo%C3%AB"),
        ("own", "_charset_=windows-1252&w=zo%EB"),
        ("odd", "_charset_=windows-1252&w=zo%EB"),
    ] {
        let mut form = page.form_with_button(&Control::labelled(&format!("Send {path}"))).expect("a form");
        form.fill(&Control::labelled("Word"), "zo\u{eb}").expect("fills");
        assert_eq!(client.submit(&form).expect("an answer").text().trim(), sent, "{path}");
    }
}

#[test]
fn cookies_outlive_the_client_but_not_the_origin() {
    let server = Server::start(|request, stream| {
        let cookie = request.header("cookie").unwrap_or("none").to_owned();
        let headers = ["Set-Cookie: session=SECRET; Path=/; HttpOnly; Secure", "Content-Type: text/html"];
        reply(stream, "200 OK", &headers, cookie.as_bytes());
    });
    let first = client(&server);
    assert_eq!(first.get("/a/b").expect("a page").text().trim(), "none");
    assert_eq!(first.get("/a/b").expect("a page").text().trim(), "session=SECRET");
    let saved = serde_json::to_string(&first.cookies()).expect("json");
    let saved: SavedCookies = serde_json::from_str(&saved).expect("cookies");
    let second = client(&server);
    second.restore_cookies(&saved);
    assert_eq!(second.get("/a/b").expect("a page").text().trim(), "session=SECRET");
    second.forget_cookies();
    assert_eq!(second.get("/a/b").expect("a page").text().trim(), "none");
    let other = hello();
    let elsewhere = client(&other);
    elsewhere.restore_cookies(&saved);
    assert_eq!(serde_json::to_value(elsewhere.cookies()).expect("json")["lines"], serde_json::json!([]));
}

#[test]
fn a_download_goes_on_where_it_stopped_if_the_file_is_the_same() {
    let etag = Arc::new(Mutex::new("\"one\"".to_owned()));
    let current = etag.clone();
    let server = Server::start(move |request, stream| {
        let file: Vec<u8> = (0..100_000u32).map(|i| i as u8).collect();
        let etag = current.lock().expect("not poisoned").clone();
        let headers = [
            format!("ETag: {etag}"),
            "Content-Disposition: attachment; filename=\"Base 3.4.0.nss\"".to_owned(),
            "Accept-Ranges: bytes".to_owned(),
        ];
        let mut headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        let range =
            request.header("range").and_then(|r| r.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
        let same = request.header("if-range").is_none_or(|known| known == etag);
        match (request.path(), range) {
            ("/html", _) => html(stream, "<title>Login</title>Please log in"),
            ("/gone", _) => reply(stream, "410 Gone", &["Content-Type: text/html"], b"<title>Gone</title>"),
            ("/cut", _) => {
                let _ = stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf");
                let _ = stream.get_mut().flush();
                let _ = stream.get_ref().sock.shutdown(std::net::Shutdown::Both);
            }
            ("/unsure", _) => {
                let _ = stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf");
                let _ = stream.get_mut().flush();
                let _ = stream.get_ref().sock.shutdown(std::net::Shutdown::Both);
            }
            (_, Some(from)) if from >= file.len() => {
                reply(stream, "416 Range", &["Content-Range: bytes */100000"], b"");
            }
            (_, Some(from)) if same || request.path() == "/careless" => {
                let range = format!("Content-Range: bytes {from}-99999/100000");
                headers.push(&range);
                reply(stream, "206 Partial", &headers, &file[from..]);
            }
            _ => reply(stream, "200 OK", &headers, &file),
        }
    });
    let client = client(&server);
    let mut whole = client.download("/file?code=SECRET", 0, &Validators::default()).expect("a download");
    assert_eq!((whole.status, whole.from_byte, whole.total_bytes, whole.accepts_ranges), (200, 0, Some(100_000), true));
    assert_eq!(whole.title.as_deref(), Some("Base 3.4.0.nss"));
    assert_eq!(whole.file_name.as_ref().map(|n| n.as_str()), Some("base-3.4.0.nss"));
    let mut bytes = Vec::new();
    whole.reader.read_to_end(&mut bytes).expect("all of it");
    assert_eq!(bytes.len(), 100_000);

    let mut rest = client.download("/file", 99_990, &whole.validators).expect("the rest");
    assert_eq!((rest.status, rest.from_byte, rest.total_bytes), (206, 99_990, Some(100_000)));
    let mut tail = Vec::new();
    rest.reader.read_to_end(&mut tail).expect("all of it");
    assert_eq!(tail, bytes[99_990..]);

    let past = error(client.download("/file", 100_001, &whole.validators));
    assert!(past.to_string().contains("only 100000 bytes"), "{past}");
    *etag.lock().expect("not poisoned") = "\"two\"".to_owned();
    let anew = client.download("/file", 99_990, &whole.validators).expect("from its start");
    assert_eq!((anew.status, anew.from_byte), (200, 0));
    let changed = error(client.download("/careless?code=SECRET", 99_990, &whole.validators));
    assert!(matches!(changed, WebError::Changed { .. }) && !changed.to_string().contains("SECRET"), "{changed}");
    assert_eq!(changed.exit(), Exit::DownloadChanged);

    let page = error(client.download("/html", 0, &Validators::default()));
    assert!(matches!(page, WebError::NotAFile { .. }) && page.to_string().contains("Please log in"), "{page}");
    assert!(matches!(error(client.download("/gone", 0, &Validators::default())), WebError::Status { status: 410, .. }));
    for path in ["/cut", "/unsure"] {
        let mut short = client.download(path, 0, &Validators::default()).expect("a beginning");
        let broken = short.reader.read_to_end(&mut Vec::new()).expect_err("a short file passed for a whole one");
        let broken = client.transfer_error(broken);
        assert!(matches!(broken, WebError::Broken { .. }), "{path}: {broken}");
    }
}

#[derive(Default)]
struct Count(AtomicU64);

impl Meter for Count {
    fn advance(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

const UPLOAD_PAGE: &str = "<title>Updates</title><form action=/up method=post enctype=multipart/form-data>\
    <input type=hidden name=token value=T><label>Software Package <input type=file name=\"pkg\"></label>\
    <button name=go value=1>Update Software</button></form>";

#[test]
fn an_upload_is_streamed_with_its_exact_length() {
    let server = Server::start(|request, stream| match request.target.as_str() {
        "/" => html(stream, UPLOAD_PAGE),
        _ => {
            assert_eq!(request.header("transfer-encoding"), None);
            let body = request.body(stream);
            let kind = request.header("content-type").expect("a type");
            let boundary = kind.strip_prefix("multipart/form-data; boundary=").expect("multipart");
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nT\r\n\
                 --{boundary}\r\nContent-Disposition: form-data; name=\"go\"\r\n\r\n1\r\n\
                 --{boundary}\r\nContent-Disposition: form-data; name=\"pkg\"; filename=\"a%22b.nss\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            );
            let tail = format!("\r\n--{boundary}--\r\n");
            let whole = [head.as_bytes(), &[7u8; 3_000_000][..], tail.as_bytes()].concat();
            html(stream, if body == whole { "exact" } else { "other bytes" });
        }
    });
    let client = client(&server);
    let page = client.get("/").expect("a page");
    let form = page.form_with_button(&Control::labelled("Update Software")).expect("a form");
    let field = form.file_field(&Control::labelled("Software Package")).expect("a field");
    let count = Count::default();
    let mut file = io::repeat(7).take(3_000_000);
    let answer = client.upload(&form, &field, "a\"b.nss", 3_000_000, &mut file, &count).expect("an answer");
    assert_eq!(answer.text().trim(), "exact");
    assert_eq!(count.0.load(Ordering::Relaxed), 3_000_000);

    let short = error(client.upload(&form, &field, "a", 10, &mut io::repeat(7).take(9), &()));
    assert!(matches!(short, WebError::Source(_)), "{short}");
    struct Bad;
    impl Read for Bad {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("chunk 3 is damaged"))
        }
    }
    let damaged = handcarry::testing::model::Failure::from(error(client.upload(&form, &field, "a", 10, &mut Bad, &())));
    assert!(damaged.message.contains("chunk 3 is damaged"), "{}", damaged.message);
}

#[test]
fn an_early_answer_to_an_upload_is_heard() {
    let server = Server::start(|request, stream| match request.target.as_str() {
        "/" => html(stream, UPLOAD_PAGE),
        _ => {
            // Reads a little, answers, and hangs up on all that is still coming.
            let _ = stream.read_exact(&mut [0; 100_000]);
            reply(
                stream,
                "413 Too Large",
                &["Content-Type: text/html", "Connection: close"],
                b"<title>No space left</title>",
            );
            std::thread::sleep(Duration::from_millis(200));
            let _ = stream.get_ref().sock.shutdown(std::net::Shutdown::Both);
        }
    });
    let client = client(&server);
    let page = client.get("/").expect("a page");
    let form = page.form_with_button(&Control::labelled("Update Software")).expect("a form");
    let field = form.file_field(&Control::labelled("Software Package")).expect("a field");
    let count = Count::default();
    let size = 200_000_000;
    let answer = client.upload(&form, &field, "a", size, &mut io::repeat(7).take(size), &count).expect("an answer");
    assert_eq!((answer.status(), answer.title().as_str()), (413, "No space left"));
    assert!(count.0.load(Ordering::Relaxed) < size, "it went on reading the file for nobody");
}

#[test]
fn a_page_is_asked_for_again_where_a_kept_connection_had_ended_and_nothing_else_is() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = asked.clone();
    // Each connection answers one request; at the next it hangs up, as one that
    // had said goodbye while nobody looked.
    let used = Arc::new(Mutex::new(Vec::new()));
    let server = Server::start(move |request, stream| {
        let peer = stream.get_ref().sock.peer_addr().expect("connected").port();
        log.lock().expect("ours").push(format!("{} {}", request.method, request.path()));
        let _ = request.body(stream);
        let mut used = used.lock().expect("ours");
        if used.contains(&peer) {
            let _ = stream.get_ref().sock.shutdown(std::net::Shutdown::Both);
            return;
        }
        used.push(peer);
        html(
            stream,
            "<form method=post action=/do><input name=a value=1><button>Do</button></form><a href=/key>Key</a>",
        );
    });
    let client = client(&server);
    let page = client.get("/one").expect("a page");
    client.get("/two").expect("asked for once more, on another connection");
    assert_eq!(*asked.lock().expect("ours"), ["GET /one", "GET /two", "GET /two"]);

    for press in [true, false] {
        client.get("/again").expect("a connection that is kept");
        let before = asked.lock().expect("ours").len();
        let refusal = match press {
            true => error(client.submit(&page.form_with_button(&Control::labelled("Do")).expect("a form"))),
            false => error(client.press(&page.link(&Control::labelled("Key")).expect("a link"))),
        };
        assert!(matches!(refusal, WebError::Broken { .. }), "{refusal}");
        assert!(!refusal.to_string().contains("docs.rs"), "{refusal}");
        assert_eq!(asked.lock().expect("ours").len(), before + 1, "what does something goes once");
    }
}

#[test]
fn a_page_is_asked_for_again_where_a_kept_connection_ends_in_the_middle_of_it() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = asked.clone();
    let used = Arc::new(Mutex::new(Vec::new()));
    // Each connection answers one request, says goodbye and lingers; what comes later is answered by half.
    let server = Server::start(move |request, stream| {
        let peer = stream.get_ref().sock.peer_addr().expect("connected").port();
        log.lock().expect("ours").push(request.path().to_owned());
        let mut used = used.lock().expect("ours");
        if used.contains(&peer) {
            let half = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\n\r\n<title>half";
            let _ = stream.get_mut().write_all(half.as_bytes()).and_then(|()| stream.get_mut().flush());
            let _ = stream.get_ref().sock.shutdown(std::net::Shutdown::Both);
            return;
        }
        used.push(peer);
        html(stream, "<title>whole</title>");
        if request.path() == "/goodbye" {
            stream.get_mut().conn.send_close_notify();
            let _ = stream.get_mut().flush();
        }
    });
    let client = client(&server);
    client.get("/one").expect("a page");
    assert_eq!(client.get("/two").expect("asked for once more").title(), "whole");
    client.get("/goodbye").expect("one more connection");
    assert_eq!(client.get("/after").expect("on another connection").title(), "whole");
    let asked = asked.lock().expect("ours");
    assert_eq!(asked[..3], ["/one", "/two", "/two"]);
    assert!(asked.iter().filter(|path| *path == "/after").count() <= 2, "{asked:?}");
}

#[test]
fn a_cookie_ends_by_the_clock_of_whoever_set_it() {
    // An hour behind: by our clock each of these cookies is over.
    let server = Server::start(|request, stream| match request.path() {
        "/set" => {
            let at = |secs: i64| {
                let at = time::OffsetDateTime::now_utc() + time::Duration::seconds(secs - 3600);
                at.format(&time::format_description::well_known::Rfc2822).expect("a date").replace("+0000", "GMT")
            };
            let (date, kept) = (format!("Date: {}", at(0)), format!("Set-Cookie: kept=1; Expires={}", at(60)));
            let over = format!("Set-Cookie: over=1; Expires={}", at(-60));
            reply(stream, "200 OK", &["Content-Type: text/html", &date, &kept, &over], b"<title>set</title>");
        }
        _ => {
            let cookie = request.header("cookie").unwrap_or("none").to_owned();
            html(stream, &format!("<title>{cookie}</title>"));
        }
    });
    let client = client(&server);
    client.get("/set").expect("a page");
    assert_eq!(client.get("/").expect("a page").title(), "kept=1");
}

#[test]
fn old_tls_is_told_as_old_and_what_is_no_tls_as_that() {
    let hello = {
        // A ServerHello of TLS 1.0, as a server of 2008 answers.
        let mut body = vec![3, 1];
        body.extend([7; 32]);
        body.extend([0, 0, 0x2f, 0]);
        let mut record = vec![22, 3, 1, 0, 4 + body.len() as u8, 2, 0, 0, body.len() as u8];
        record.extend(&body);
        record
    };
    let answers: [(&[u8], bool); 4] = [
        (&hello, true),
        // Alerts: protocol version, handshake failure.
        (&[21, 3, 1, 0, 2, 2, 70], true),
        (&[21, 3, 3, 0, 2, 2, 40], true),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", false),
    ];
    for (answer, old) in answers {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("https://127.0.0.1:{}", listener.local_addr().expect("bound").port());
        let answer = answer.to_vec();
        std::thread::spawn(move || {
            for mut socket in listener.incoming().flatten().take(2) {
                let _ = socket.read(&mut [0; 4096]);
                let _ = socket.write_all(&answer);
            }
        });
        let looked = error(fetch_certificate(&url, QUICK));
        let got = error(Client::new(&url, &TlsTrust::WebPki, QUICK).expect("a client").get("/"));
        for said in [looked, got] {
            assert_eq!(matches!(said, WebError::TlsTooOld { .. }), old, "{said}");
            assert_eq!(said.exit() == Exit::TlsTooOld, old, "{said}");
            assert_eq!(said.hint().is_some_and(|hint| hint.as_part().contains("--driver guided")), old, "{said}");
            assert!(!said.to_string().contains(['{', '(']) || old, "{said}");
        }
    }
}

#[test]
fn a_page_without_goodbye_is_whole_where_its_markup_ends() {
    let server = Server::start(|request, stream| {
        let end = if request.path() == "/whole" { "</HTML>\r\n" } else { "" };
        let page = format!("HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<html><title>Old</title>{end}");
        let _ = stream.get_mut().write_all(page.as_bytes()).and_then(|()| stream.get_mut().flush());
        let _ = stream.get_ref().sock.shutdown(std::net::Shutdown::Both);
    });
    let client = client(&server);
    assert_eq!(client.get("/whole").expect("a page").title(), "Old");
    let cut = error(client.get("/cut"));
    assert!(matches!(cut, WebError::Broken { .. }) && cut.to_string().contains("the end may be missing"), "{cut}");
}
