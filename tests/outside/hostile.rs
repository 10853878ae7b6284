//! Vendors that lose answers, change files, lie about lengths.

use super::vendor::{Asked, FORM, LIST, Vendor, VendorAnswer};
use crate::outside::half::Outside;
use crate::support::said::Said;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const CODE: &str = "VVVVV-WWWWW-XXXXX-YYYYY-ZZZZZ";

fn bytes(seed: u8) -> Vec<u8> {
    (0..1_000_000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8 ^ seed).collect()
}

fn fetch(bench: &Outside, vendor: &Vendor) -> Said {
    bench.tell(&["--json", "fetch", "--code", "--server", &vendor.url, "--ca", &vendor.ca], CODE)
}

/// A vendor whose pages are in order, and whose file `serve` serves; `serve`
/// also gets how often it was asked before.
fn with_file(bench: &Outside, serve: impl Fn(&Asked, usize) -> VendorAnswer + Send + Sync + 'static) -> Vendor {
    let asked_before = AtomicUsize::new(0);
    bench.vendor(move |asked| match asked.path.as_str() {
        "/" => VendorAnswer::page(FORM),
        "/list" => VendorAnswer::page(LIST),
        _ => serve(asked, asked_before.fetch_add(1, Ordering::SeqCst)),
    })
}

#[test]
fn an_answer_that_is_lost_names_what_support_must_know() {
    let bench = Outside::new();
    let posts = Arc::new(AtomicUsize::new(0));
    let counted = posts.clone();
    let vendor = bench.vendor(move |asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", "/") => VendorAnswer::page(FORM),
        ("POST", "/list") if counted.fetch_add(1, Ordering::SeqCst) == 0 => VendorAnswer::page("").cut(0),
        ("POST", "/list") => VendorAnswer::page("<p>This code has already been used.</p>"),
        _ => VendorAnswer::status(404),
    });
    let lost = fetch(&bench, &vendor).ends(50);
    assert!(lost.events("support-facts")[0]["facts"].to_string().contains("the list itself"), "{}", lost.out);
    // Without the code it can't go on; with it, it learns that the code is spent.
    let needed = bench.run(&["fetch"]).ends(6);
    assert!(needed.err.contains("needs the code again"), "{}", needed.err);
    let spent = fetch(&bench, &vendor).ends(61);
    let facts = spent.events("support-facts")[0]["facts"].to_string();
    for fact in ["code ends in     …ZZZZ", "code sent        2", "list received    never", &vendor.url] {
        assert!(facts.contains(fact), "{fact}: {facts}");
    }
    assert!(spent.err.contains("ask them to offer the packages again"), "{}", spent.err);
    assert_eq!(posts.load(Ordering::SeqCst), 2);
}

#[test]
fn an_answer_that_was_lost_but_not_spent_is_asked_for_again() {
    let bench = Outside::new();
    let posts = AtomicUsize::new(0);
    let vendor = bench.vendor(move |asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", "/") => VendorAnswer::page(FORM),
        ("POST", "/list") if posts.fetch_add(1, Ordering::SeqCst) == 0 => VendorAnswer::status(503),
        ("POST", "/list") => VendorAnswer::page(LIST),
        _ => VendorAnswer::file(asked, &bytes(0), "\"1\""),
    });
    let said = fetch(&bench, &vendor).ends(52);
    assert!(said.err.contains("could not be read"), "{}", said.err);
    fetch(&bench, &vendor).ends(0);
}

#[test]
fn a_file_that_changed_is_an_error_and_never_a_splice() {
    // The entity tag changes; the size changes; nothing but the bytes changes.
    let changes: [fn(&Asked, usize) -> VendorAnswer; 3] = [
        |asked, before| match before {
            0 => VendorAnswer::file(asked, &bytes(0), "\"1\"").cut(500_000),
            _ => VendorAnswer::file(asked, &bytes(1), "\"2\""),
        },
        |asked, before| match before {
            0 => VendorAnswer::file(asked, &bytes(0), "\"1\"").cut(500_000),
            _ => VendorAnswer::file(asked, &bytes(0)[..900_000], "\"1\""),
        },
        |asked, before| match before {
            0 => VendorAnswer::file(asked, &bytes(0), "\"1\"").cut(500_000),
            _ => VendorAnswer::file(asked, &bytes(1), "\"1\""),
        },
    ];
    for change in changes {
        let bench = Outside::new();
        let vendor = with_file(&bench, change);
        let said = fetch(&bench, &vendor).ends(63);
        assert!(said.err.contains("changed on the server"), "{}", said.err);
        let parts = walkdir::WalkDir::new(bench.vault().join("partial")).into_iter().flatten();
        let aside = parts.filter(|entry| entry.file_name().to_string_lossy().contains(".part.aside-")).count();
        assert_eq!(aside, 1, "what arrived is kept");
        // The next run begins anew and has the new file, whole.
        let again = bench.run(&["--json", "fetch"]).ends(0);
        let digest = again.events("package")[0]["sha256"].clone();
        let new = [bytes(1), bytes(0)[..900_000].to_vec()];
        let digests = new.map(|bytes| handcarry::testing::model::Sha256Digest::of(&bytes).to_string());
        assert!(digests.iter().any(|new| digest == new.as_str()), "{digest}");
    }
}

#[test]
fn a_server_that_ends_early_or_late_keeps_nothing_wrong() {
    let bench = Outside::new();
    let short = with_file(&bench, |asked, _| {
        let mut answer = VendorAnswer::file(asked, &bytes(0)[..1000], "\"1\"");
        answer.headers.push(("Content-Length", "1000000".to_owned()));
        answer
    });
    let said = fetch(&bench, &short).ends(62);
    assert!(said.err.contains("1 of 1 packages did not arrive"), "{}", said.err);
    assert!(said.events("support-facts")[0]["facts"].to_string().contains("Base 3.4.0"), "{}", said.out);
    assert_eq!(bench.run(&["--json", "vault"]).ends(0).events("package").len(), 0);

    let bench = Outside::new();
    let empty = with_file(&bench, |asked, _| VendorAnswer::file(asked, &[], "\"1\""));
    fetch(&bench, &empty).ends(62);
}

#[test]
fn a_busy_server_is_asked_again_and_a_closed_door_is_told() {
    let bench = Outside::new();
    let busy = with_file(&bench, |asked, before| match before {
        0 => {
            let mut answer = VendorAnswer::status(503);
            answer.headers.push(("Retry-After", "1".to_owned()));
            answer
        }
        _ => VendorAnswer::file(asked, &bytes(0), "\"1\""),
    });
    fetch(&bench, &busy).ends(0);

    let bench = Outside::new();
    let gone = with_file(&bench, |_, _| VendorAnswer::status(410));
    let said = fetch(&bench, &gone).ends(62);
    assert!(said.err.contains("410"), "{}", said.err);
    let exchange = said.events("exchange")[0]["exchange"].as_str().expect("an id").to_owned();
    let given_up = bench.run(&["fetch", "--abandon", &exchange[..8]]).ends(0);
    assert!(given_up.out.contains("did not arrive   Base 3.4.0"), "{}", given_up.out);
    bench.run(&["fetch", "--abandon", &exchange]).ends(4);
    bench.run(&["fetch"]).ends(2);
}

#[test]
fn a_link_that_ran_out_is_renewed_from_the_list() {
    let bench = Outside::new();
    let lists = AtomicUsize::new(0);
    let vendor = bench.vendor(move |asked| match asked.path.as_str() {
        "/" => VendorAnswer::page(FORM),
        "/list" => match lists.fetch_add(1, Ordering::SeqCst) {
            0 => VendorAnswer::page(&LIST.replace("/file", "/old")),
            _ => VendorAnswer::page(LIST),
        },
        "/old" => VendorAnswer::status(403),
        _ => VendorAnswer::file(asked, &bytes(0), "\"1\""),
    });
    fetch(&bench, &vendor).ends(0);
}

#[test]
fn rows_that_open_later_are_fetched_later() {
    let bench = Outside::new();
    let lists = AtomicUsize::new(0);
    let grey = "<table><tr><td>Base 3.4.0</td><td><a href=/file>Download</a></td></tr>\
        <tr><td>Bomgar 10.6.2</td><td>Requires: Base 3.4.0</td></tr></table>";
    let open = "<table><tr><td>Bomgar 10.6.2</td><td>Requires: Base 3.4.0</td>\
        <td><a href=/file2>Download</a></td></tr></table>";
    let vendor = bench.vendor(move |asked| match asked.path.as_str() {
        "/" => VendorAnswer::page(FORM),
        "/list" => match lists.fetch_add(1, Ordering::SeqCst) {
            0 => VendorAnswer::page(&format!("<h2>Available Updates</h2>{grey}")),
            _ => VendorAnswer::page(&format!("<h2>Available Updates</h2>{open}")),
        },
        "/file2" => VendorAnswer::file(asked, &bytes(2), "\"2\""),
        _ => VendorAnswer::file(asked, &bytes(0), "\"1\""),
    });
    let said = fetch(&bench, &vendor).ends(0);
    assert_eq!(said.events("package").len(), 2, "{}", said.out);
}

#[test]
fn pages_that_are_not_the_vendors_get_no_code() {
    let bench = Outside::new();
    let posts = Arc::new(AtomicUsize::new(0));
    let counted = posts.clone();
    let vendor = bench.vendor(move |asked| {
        counted.fetch_add(usize::from(asked.method == "POST"), Ordering::SeqCst);
        VendorAnswer::page("<form method=post><label>Password <input name=p></label><button>Login</button></form>")
    });
    let said = fetch(&bench, &vendor).ends(53);
    assert!(said.err.contains("Appliance Download Key"), "{}", said.err);
    assert_eq!(posts.load(Ordering::SeqCst), 0);
    assert_eq!(bench.run(&["--json", "vault"]).ends(0).events("unfinished").len(), 0);
}

#[test]
fn a_title_that_tells_nothing_is_asked_about_and_never_guessed() {
    let bench = Outside::new();
    let vendor = bench.vendor(|asked| match asked.path.as_str() {
        "/" => VendorAnswer::page(FORM),
        "/list" => VendorAnswer::page(&LIST.replace("Base 3.4.0", "Emergency\u{1b}[31m fix \u{202e}seven")),
        _ => VendorAnswer::file(asked, &bytes(0), "\"1\""),
    });
    let said = fetch(&bench, &vendor).ends(0);
    let package = &said.events("package")[0];
    assert_eq!((&package["title"], &package["kind"]), (&"Emergency[31m fix seven".into(), &serde_json::Value::Null));
    assert!(said.err.contains("vault describe"), "{}", said.err);
    assert!(!said.err.contains('\u{1b}') && !said.err.contains('\u{202e}'));

    bench.key();
    let digest = package["sha256"].as_str().expect("a digest");
    let seal =
        ["seal", "--from", &vendor.url, "--appliance", "S1", "--model", "M", "--host", "h", "--packages", &digest[..8]];
    bench.run(&seal).ends(5);
    bench.run(&["vault", "describe", &digest[..8], "--kind", "patch", "--version", "7"]).ends(0);
    bench.run(&seal).ends(0);
}

/// Runs where a small filesystem can be mounted; elsewhere there is nothing to fill.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_keeps_what_arrived() {
    let bench = Outside::new();
    let home = bench.path("home");
    std::fs::create_dir(&home).expect("a folder");
    let mount = |options: &str| {
        let home = home.as_os_str();
        let output =
            std::process::Command::new("mount").args(["-t", "tmpfs", "-o", options, "none"]).arg(home).output();
        output.is_ok_and(|output| output.status.success())
    };
    if !mount("size=80m") {
        eprintln!("passed over: no filesystem can be mounted here");
        return;
    }
    let big: Arc<Vec<u8>> =
        Arc::new((0..100_000_000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect());
    let served = big.clone();
    // The page says 1 MB; the file is larger than the disk.
    let vendor = with_file(&bench, move |asked, _| VendorAnswer::file(asked, &served, "\"1\""));
    let full = fetch(&bench, &vendor);
    let room = mount("remount,size=400m");
    let again = room.then(|| bench.run(&["--json", "fetch"]));
    let _ = std::process::Command::new("umount").arg(&home).status();
    let full = full.ends(11);
    assert!(full.err.contains("what arrived is kept"), "{}", full.err);
    let again = again.expect("more room can be had").ends(0);
    let digest = handcarry::testing::model::Sha256Digest::of(&big).to_string();
    assert_eq!(again.events("package")[0]["sha256"], digest.as_str());
}

#[test]
fn a_list_too_large_for_the_disk_waits_for_room() {
    let bench = Outside::new();
    let vendor = with_file(&bench, |asked, _| VendorAnswer::file(asked, &bytes(0), "\"1\""));
    let greedy = bench.vendor(|asked| match asked.path.as_str() {
        "/" => VendorAnswer::page(FORM),
        _ => VendorAnswer::page(&LIST.replace("1 MB", "900,000 GB")),
    });
    let said = fetch(&bench, &greedy).ends(11);
    assert!(said.err.contains("not enough room for the packages: "), "{}", said.err);
    assert_eq!(said.events("support-facts").len(), 0, "{}", said.out);
    // That exchange waits for room; others are not in its way.
    let said = bench.tell(&["fetch", "--code", "--server", &vendor.url, "--ca", &vendor.ca], CODE).ends(11);
    assert!(said.out.contains("Base 3.4.0  [base 3.4.0]"), "{}", said.out);
}
