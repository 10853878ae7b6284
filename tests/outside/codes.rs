//! Codes that a person typed, and what the vendor says of codes in its own words.

use crate::outside::half::Outside;
use crate::outside::vendor::{FORM, LIST, Vendor, VendorAnswer};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const CODE: &str = "A7K2M-9QX4T-WB3NR-5HJ8P-C6DVE";

/// A vendor that counts the codes it gets, and answers the page `said` to each.
fn vendor(bench: &Outside, said: &'static str) -> (Vendor, Arc<AtomicUsize>) {
    let sent = Arc::new(AtomicUsize::new(0));
    let count = sent.clone();
    let vendor = bench.vendor(move |asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", _) => {
            count.fetch_add(1, Ordering::SeqCst);
            VendorAnswer::page(said)
        }
        (_, "/file") => VendorAnswer::file(asked, &[7; 1 << 20], "\"1\""),
        _ => VendorAnswer::page(FORM),
    });
    (vendor, sent)
}

#[test]
fn an_odd_code_is_not_sent_without_a_word() {
    let bench = Outside::new();
    let (vendor, sent) = vendor(&bench, LIST);
    let server = ["--server", &vendor.url, "--ca", &vendor.ca];
    let fetch = |how: &[&str], typed: &str| bench.tell(&[&["fetch"], how, &server[..]].concat(), typed);
    for slip in ["XXXX", &CODE[..23], &CODE[..28], "A7K2M 9QX4T WB3NR 5HJ8P C6DVE"] {
        let kept = bench.private("code", &format!("\u{feff}{slip}\r\n"));
        let file = ["--code-file", &kept];
        for (how, typed) in [(&["--code"][..], slip), (&["--code", slip], ""), (&file, "")] {
            let said = fetch(how, typed).ends(5);
            assert!(said.err.contains("looks odd") && said.err.contains("--odd-code"), "{slip}: {}", said.err);
            assert_eq!(sent.load(Ordering::SeqCst), 0, "{slip}");
        }
        fetch(&file, "n\n").ends(5);
    }
    assert_eq!(sent.load(Ordering::SeqCst), 0);
    fetch(&["--code"], &format!("XXXX\nn\n{CODE}\n")).ends(0);
    fetch(&["--code", "--odd-code"], "XXXX-1").ends(0);
    fetch(&["--code"], "XXXX-2\ny\n").ends(0);
    assert_eq!(sent.load(Ordering::SeqCst), 3);
}

#[test]
fn a_refusal_in_other_words_is_a_refusal() {
    for (said, exit) in [
        ("<p>The key you entered is not valid.</p>", 60),
        ("<h1>Sorry</h1><p>We do not know this: your code could not be found.</p>", 60),
        ("<p>A chave que introduziu não é válida.</p>", 60),
        ("<p>This key was already used on 12 May.</p>", 61),
        ("<p>If your key is not valid, call us.</p>", 53),
    ] {
        let bench = Outside::new();
        let (vendor, _) = vendor(&bench, said);
        let told = bench.tell(&["fetch", "--code", "--server", &vendor.url, "--ca", &vendor.ca], CODE);
        let told = told.ends(exit);
        assert_eq!(
            told.err.contains("it says: \"The key you entered is not valid.\""),
            said.contains("The key you"),
            "{}",
            told.err
        );
    }
}
