//! A vendor that leads on to another server after the code is spent.

use crate::outside::half::Outside;
use crate::outside::vendor::{Asked, FORM, LIST, Vendor, VendorAnswer};
use crate::support::said::Said;
use std::sync::{Arc, Mutex};

const CODE: &str = "A7K2M-9QX4T-WB3NR-5HJ8P-C6DVE";

/// Two servers, each with a certificate of its own, and one file with both authorities.
struct Two {
    bench: Outside,
    vendor: Vendor,
    other: String,
    ca: String,
    /// What the other one was asked, and with which cookie, referer and origin.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Two {
    fn start(
        other: impl Fn(&Asked, usize) -> VendorAnswer + Send + Sync + 'static,
        vendor: impl Fn(&Asked, &str) -> VendorAnswer + Send + Sync + 'static,
    ) -> Self {
        let bench = Outside::new();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = asked.clone();
        let elsewhere = bench.vendor(move |asked| {
            let told = ["cookie", "referer", "origin"].iter().filter_map(|name| asked.header(name)).collect::<Vec<_>>();
            let mut log = log.lock().expect("sound");
            log.push(format!("{} {} {}", asked.method, asked.path, told.join(" ")).trim().to_owned());
            other(asked, log.len())
        });
        let to = elsewhere.url.clone();
        let vendor = bench.vendor(move |asked| vendor(asked, &to));
        let both = [&vendor.ca, &elsewhere.ca].map(|path| std::fs::read_to_string(path).expect("reads")).concat();
        let ca = bench.path("both.pem").display().to_string();
        std::fs::write(&ca, both).expect("writes");
        Two { bench, vendor, other: elsewhere.url, ca, asked }
    }

    fn fetch(&self, more: &[&str], typed: &str) -> Said {
        let args = ["fetch", "--code", "--server", &self.vendor.url, "--ca", &self.ca];
        self.bench.tell(&[&args[..], more].concat(), typed)
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("sound").clone()
    }
}

fn file(asked: &Asked) -> VendorAnswer {
    VendorAnswer::file(asked, &[0x81; 1 << 20], "\"1\"")
}

fn to(place: &str) -> VendorAnswer {
    VendorAnswer { status: 302, ..VendorAnswer::page("") }.header("Location", place)
}

/// A vendor in whose list each download leads to the other server.
fn downloads_elsewhere(asked: &Asked, other: &str) -> VendorAnswer {
    match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", _) => VendorAnswer::page(LIST).header("Set-Cookie", "session=secret; Path=/"),
        (_, "/file") => to(&format!("{other}/at/file?token=1")),
        _ => VendorAnswer::page(FORM).header("Set-Cookie", "session=secret; Path=/"),
    }
}

#[test]
fn a_download_at_another_server_has_a_way_on() {
    let two = Two::start(|asked, _| file(asked), downloads_elsewhere);
    let said = two.fetch(&[], CODE).ends(53);
    assert!(said.err.contains(&format!("leads on to another server, {}.", two.other)), "asked: {}", said.err);
    assert!(said.err.contains(&format!("--allow-origin {}", two.other)), "{}", said.err);
    assert!(!said.err.contains("run the same command again"), "{}", said.err);
    assert!(two.asked().is_empty(), "nothing went there unasked");
    two.bench.run(&["fetch", "--allow-origin", "http://files.example.com"]).ends(2);
    // The code is spent; the exchange goes on without it.
    let said = two.bench.run(&["--json", "fetch", "--ca", &two.ca, "--allow-origin", &two.other]).ends(0);
    assert_eq!(said.events("package")[0]["title"], "Base 3.4.0");
    assert_eq!(two.asked(), ["GET /at/file?token=1"], "no cookie, no referer");
}

#[test]
fn a_yes_counts_for_the_exchange_and_for_no_other() {
    let two = Two::start(
        |asked, count| if count == 1 { VendorAnswer::status(404) } else { file(asked) },
        downloads_elsewhere,
    );
    two.fetch(&[], &format!("{CODE}\ny\n")).ends(62);
    // Nobody answers any more, and nobody is asked: the record knows, the authority included.
    let said = two.bench.run(&["fetch"]).ends(0);
    assert!(!said.err.contains("another server"), "{}", said.err);
    assert_eq!(two.asked().len(), 2);
    let code = format!("B{}", &CODE[1..]);
    two.fetch(&[], &format!("{code}\nn\n")).ends(53);
    assert_eq!(two.asked().len(), 2);
}

#[test]
fn a_list_at_another_server_is_read_there_and_the_code_stays() {
    let two = Two::start(
        |asked, _| if asked.path == "/file" { file(asked) } else { VendorAnswer::page(LIST) },
        |asked, other| match asked.method.as_str() {
            "POST" => to(&format!("{other}/list")),
            _ => VendorAnswer::page(FORM),
        },
    );
    two.fetch(&[], CODE).ends(53);
    let said = two.bench.tell(&["--json", "fetch", "--ca", &two.ca], "y\n").ends(0);
    assert_eq!(said.events("package").len(), 1);
    assert_eq!(two.asked(), ["GET /list", "GET /file"]);
}

#[test]
fn a_code_is_never_sent_on_to_another_server() {
    let two = Two::start(
        |_, _| VendorAnswer::page(LIST),
        |asked, other| match asked.method.as_str() {
            "POST" => VendorAnswer { status: 307, ..to(&format!("{other}/list")) },
            _ => VendorAnswer::page(FORM),
        },
    );
    two.fetch(&["--allow-origin", &two.other.clone()], &format!("{CODE}\ny\n")).ends(53);
    assert!(two.asked().iter().all(|asked| !asked.starts_with("POST")), "{:?}", two.asked());
}

#[test]
fn the_other_servers_certificate_is_checked_as_well() {
    let two = Two::start(|asked, _| file(asked), downloads_elsewhere);
    let args = ["fetch", "--code", "--server", &two.vendor.url, "--ca", &two.vendor.ca, "--allow-origin", &two.other];
    let said = two.bench.tell(&args, CODE);
    assert_ne!(said.code, 0);
    assert!(said.err.contains("the certificate of") && said.err.contains("is not trusted"), "{}", said.err);
    assert!(two.asked().is_empty(), "{:?}", two.asked());
}
