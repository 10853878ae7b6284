//! Which servers codes go to, and whose word it is where packages come from.

use crate::outside::half::{Outside, appliance};
use crate::outside::vendor::{FORM, LIST, VendorAnswer};
use crate::support::requested;
use crate::support::said::{OUTSIDE, Said, run};
use handcarry::testing::model::Exit;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const CODE: &str = "A7K2M-9QX4T-WB3NR-5HJ8P-C6DVE";
const UNLISTED: u8 = Exit::VendorNotListed.code();

/// A server that counts who comes, and hands out one package.
fn counting(bench: &Outside, is_listed: bool) -> (crate::outside::vendor::Vendor, Arc<AtomicUsize>) {
    let met = Arc::new(AtomicUsize::new(0));
    let count = met.clone();
    let answer = move |asked: &crate::outside::vendor::Asked| {
        count.fetch_add(1, Ordering::SeqCst);
        match (asked.method.as_str(), asked.path.as_str()) {
            ("POST", _) => VendorAnswer::page(LIST),
            (_, "/file") => VendorAnswer::file(asked, &[7; 1 << 20], "\"1\""),
            _ => VendorAnswer::page(FORM),
        }
    };
    let vendor = match is_listed {
        true => bench.vendor(answer),
        false => crate::outside::vendor::Vendor::start(bench.root(), answer),
    };
    (vendor, met)
}

#[test]
fn whoever_signs_a_request_chooses_no_server() {
    let bench = Outside::new();
    let inside = bench.insider();
    let (vendor, met) = counting(&bench, false);
    bench.request(&inside, &vendor.url, "S1", Some(CODE), 0);
    let fetch = ["fetch", &bench.stick(), "--ca", &vendor.ca];
    let refused = bench.run(&fetch).ends(UNLISTED).says(&vendor.url);
    assert_eq!(met.load(Ordering::SeqCst), 0, "nobody came to it");
    assert!(!bench.vault().join("exchanges").exists(), "no exchange was begun");
    assert!(!refused.has(CODE));

    // The command in the hint is the way on, for whoever is sure.
    let (_, hint) = refused.err.split_once("says so: handcarry-outside ").expect("a command");
    let words: Vec<&str> = hint.lines().next().expect("a line").split(' ').collect();
    bench.tell(&words, "y\n").ends(Exit::Declined);
    bench.run(&fetch).ends(UNLISTED);
    bench.run(&[&words[..], &["--by", "ana"]].concat()).ends(Exit::Ok);
    bench.run(&fetch).ends(Exit::Ok);
    assert!(met.load(Ordering::SeqCst) > 0);
    bench.run(&["vault"]).ends(Exit::Ok).says(&format!("from {} at ", vendor.url));
}

/// Runs it at a terminal, where somebody types.
fn at_a_terminal(bench: &Outside, args: &[&str], typed: &str) -> Said {
    let line = format!("{OUTSIDE} {}", args.join(" "));
    run(&mut bench.unhurried("script", &["-qec", &line, "/dev/null"]), typed)
}

#[test]
fn a_person_at_a_terminal_is_asked_and_believed() {
    let bench = Outside::new();
    bench.key();
    let add = ["vendor", "add", "https://updates.example.org"];
    at_a_terminal(&bench, &add, "n\n").ends(Exit::Declined).says("was not listed");
    assert!(!bench.path("home/outside/vendors.json").exists());
    at_a_terminal(&bench, &add, "y\n").ends(Exit::Ok).says("the vendor's own server?");
    bench.run(&["vendor", "list"]).ends(Exit::Ok).says("https://updates.example.org  since ");

    let file = bench.package("Base-3.4.0.nss", 9_000);
    bench.run(&["import", &file, "--by", "ana", "--for", "S1"]).ends(Exit::Ok);
    let seal = ["seal", "--appliance", "S1", "--model", "B200", "--host", "h.example.com"];
    at_a_terminal(&bench, &seal, "n\n").ends(Exit::Declined).says("nothing was signed");
    let sealed = at_a_terminal(&bench, &seal, "y\n").ends(Exit::Ok).says("number 1");
    // What is signed for was read before it was asked about.
    let (shown, asked) = (sealed.out.find("vouched for by \"ana\""), sealed.out.find("do you sign for it?"));
    assert!(shown.is_some() && shown < asked, "{}", sealed.out);
}

#[test]
fn a_code_by_hand_goes_to_no_other_server_either() {
    let bench = Outside::new();
    let (vendor, met) = counting(&bench, false);
    let args = ["fetch", "--code", "--server", &vendor.url, "--ca", &vendor.ca];
    bench.tell(&args, CODE).ends(UNLISTED);
    let request = bench.insider();
    bench.request(&request, "https://update.bomgar.com", "S1", Some(CODE), 0);
    bench.run(&["fetch", &bench.stick(), "--server", &vendor.url]).ends(UNLISTED);
    bench.run(&["vendor", "remove", "https://update.bomgar.com"]).ends(Exit::Ok);
    bench.tell(&["fetch", "--code"], CODE).ends(UNLISTED).says("the default has https://update.bomgar.com");
    bench.run(&["fetch", &bench.stick()]).ends(UNLISTED);
    assert_eq!(met.load(Ordering::SeqCst), 0);
}

#[test]
fn one_request_with_another_server_holds_up_no_other() {
    let bench = Outside::new();
    let inside = bench.insider();
    let (vendor, met) = counting(&bench, true);
    bench.request(&inside, "https://localhost:1", "S1", Some(CODE), 0);
    bench.request(&inside, &vendor.url, "S2", Some("B7K2M-9QX4T-WB3NR-5HJ8P-C6DVE"), 0);
    let said = bench.run(&["--json", "fetch", &bench.stick(), "--ca", &vendor.ca]).ends(UNLISTED);
    assert!(met.load(Ordering::SeqCst) > 0);
    assert_eq!(said.events("package").len(), 1);
    assert_eq!(said.events("package")[0]["identity"]["serial"], "S2");
}

#[test]
fn an_exchange_is_gone_on_with_only_while_its_server_is_listed() {
    let bench = Outside::new();
    let is_cut = Arc::new(AtomicBool::new(true));
    let (cut, met) = (is_cut.clone(), Arc::new(AtomicUsize::new(0)));
    let count = met.clone();
    let vendor = bench.vendor(move |asked| {
        count.fetch_add(1, Ordering::SeqCst);
        match (asked.method.as_str(), asked.path.as_str()) {
            ("POST", _) => VendorAnswer::page(LIST),
            (_, "/file") if cut.load(Ordering::SeqCst) => VendorAnswer::status(503),
            (_, "/file") => VendorAnswer::file(asked, &[7; 1 << 20], "\"1\""),
            _ => VendorAnswer::page(FORM),
        }
    });
    bench.tell(&["fetch", "--code", "--server", &vendor.url, "--ca", &vendor.ca], CODE).ends(62);
    bench.run(&["vendor", "remove", &vendor.url]).ends(Exit::Ok);
    let before = met.load(Ordering::SeqCst);
    bench.run(&["fetch"]).ends(UNLISTED).says("the exchange ");
    assert_eq!(met.load(Ordering::SeqCst), before, "nobody came to it");
    is_cut.store(false, Ordering::SeqCst);
    bench.lists(&vendor.url);
    bench.run(&["fetch"]).ends(Exit::Ok);
}

#[test]
fn only_whoever_looks_at_the_origin_seals() {
    let bench = Outside::new();
    bench.key();
    let (vendor, _) = counting(&bench, true);
    let args = ["fetch", "--code", "--server", &vendor.url, "--ca", &vendor.ca, "--serial", "S1"];
    bench.tell(&[&args[..], &["--model", "B200", "--host", "h.example.com"]].concat(), CODE).ends(Exit::Ok);
    // A pipe says yes to anything, and is nobody.
    let asked = bench.tell(&["--yes", "seal"], "y\ny\ny\n").ends(Exit::Declined);
    assert!(
        asked.out.contains(&vendor.url) && asked.out.contains("SHA-256"),
        "it is shown before it is asked: {asked:?}"
    );
    bench.run(&["seal", "--from", "https://update.bomgar.com"]).ends(Exit::Declined).says(&vendor.url);
    bench.run(&["seal", "--from", "ana"]).ends(Exit::Declined);
    assert!(!bench.path("home/outside/drafts").exists(), "no number was used up");
    let sealed = bench.run(&["--json", "seal", "--from", &vendor.url, "--write", &bench.stick()]).ends(Exit::Ok);
    let source = &sealed.events("sealed")[0]["packages"][0]["source"];
    assert_eq!((&source["how"], &source["origin"]), (&"exchange".into(), &vendor.url.as_str().into()));

    // It is signed, and whoever signs next or installs sees it.
    let folder = std::fs::read_dir(bench.path("stick/handcarry/bundles")).expect("reads");
    let zip = folder.flatten().next().expect("a bundle").path();
    let manifest = Command::new("unzip").arg("-p").arg(&zip).arg("manifest.json").output().expect("runs").stdout;
    assert!(String::from_utf8_lossy(&manifest).contains(&format!("\"origin\": \"{}\"", vendor.url)));
    let id = sealed.events("sealed")[0]["bundle"].as_str().expect("an id")[..8].to_owned();
    bench.tell(&["sign", &id], "n\n").ends(Exit::Declined).says(&format!("from {} at", vendor.url));
    let line = std::fs::read_to_string(bench.path("home/outside/keys/signing.pub")).expect("a key");
    bench.inside(&["trust", "add", &line, "--principal", "anna"], "y\n").ends(Exit::Ok);
    bench.inside(&["verify", &bench.stick()], "").ends(Exit::Ok).says(&format!("from {} at", vendor.url));
}

#[test]
fn whoever_was_led_on_to_is_told_of_in_the_bundle() {
    let bench = Outside::new();
    bench.key();
    let files = bench.vendor(|asked| VendorAnswer::file(asked, &[9; 1 << 20], "\"1\""));
    let to = files.url.clone();
    let vendor = bench.vendor(move |asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", _) => VendorAnswer::page(LIST),
        (_, "/file") => VendorAnswer::status(302).header("Location", &format!("{to}/file")),
        _ => VendorAnswer::page(FORM),
    });
    let both = [&vendor.ca, &files.ca].map(|path| std::fs::read_to_string(path).expect("reads")).concat();
    let ca = bench.word("both.pem");
    std::fs::write(&ca, both).expect("written");
    let args = ["fetch", "--code", "--server", &vendor.url, "--ca", &ca, "--allow-origin", &files.url];
    let whose = ["--serial", "S1", "--model", "B200", "--host", "h.example.com"];
    bench.tell(&[&args[..], &whose].concat(), CODE).ends(Exit::Ok).says(&format!("by way of {}", files.url));
    bench.run(&["seal", "--from", &vendor.url]).ends(Exit::Declined);
    let sealed = bench.run(&["--json", "seal", "--from", &vendor.url, "--from", &files.url]).ends(Exit::Ok);
    assert_eq!(sealed.events("sealed")[0]["packages"][0]["source"]["allowed"][0], files.url.as_str());
}

#[test]
fn a_list_that_was_spoilt_admits_nobody() {
    let bench = Outside::new();
    let inside = bench.insider();
    let (vendor, met) = counting(&bench, true);
    requested::request(&bench.path("stick"), &inside, appliance("S1"), &vendor.url, Some(CODE), 0);
    std::fs::write(bench.path("home/outside/vendors.json"), "[{}]").expect("written");
    bench.run(&["fetch", &bench.stick(), "--ca", &vendor.ca]).ends(Exit::Config);
    assert_eq!(met.load(Ordering::SeqCst), 0);
}
