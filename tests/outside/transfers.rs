//! Transfers that go wrong on the way: what arrived stays, the next run goes on.

use super::vendor::{Asked, FORM, LIST, Vendor, VendorAnswer};
use crate::outside::half::Outside;
use crate::support::said::Said;
use crate::support::wait::wait_until;
use handcarry::testing::model::Sha256Digest;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const CODE: &str = "VVVVV-WWWWW-XXXXX-YYYYY-ZZZZZ";
const HALF: usize = 500_000;

fn bytes() -> Vec<u8> {
    (0..1_000_000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

fn file(asked: &Asked) -> VendorAnswer {
    VendorAnswer::file(asked, &bytes(), "\"1\"")
}

fn fetch(bench: &Outside, vendor: &Vendor, more: &[&str]) -> Said {
    let args = ["--json", "fetch", "--code", "--server", &vendor.url, "--ca", &vendor.ca];
    bench.tell(&[&args, more].concat(), CODE)
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

#[track_caller]
fn whole(said: &Said) {
    assert_eq!(said.events("package")[0]["sha256"], Sha256Digest::of(&bytes()).to_string().as_str());
}

/// Bytes of the largest download that is not complete.
fn arrived(bench: &Outside) -> u64 {
    let files = walkdir::WalkDir::new(bench.vault().join("partial")).into_iter().flatten();
    let parts = files.filter(|entry| entry.path().extension().is_some_and(|ending| ending == "part"));
    parts.filter_map(|entry| entry.metadata().ok()).map(|meta| meta.len()).max().unwrap_or(0)
}

#[test]
fn silence_is_given_up_and_the_rest_asked_for() {
    let bench = Outside::new();
    let from = Arc::new(AtomicUsize::new(0));
    let seen = from.clone();
    let vendor = with_file(&bench, move |asked, before| {
        seen.fetch_max(asked.range().unwrap_or(0), Ordering::SeqCst);
        match before {
            0 => VendorAnswer { silent: true, ..file(asked).cut(HALF) },
            _ => file(asked),
        }
    });
    let begun = Instant::now();
    let said = fetch(&bench, &vendor, &["--idle", "2"]).ends(0);
    assert!(said.err.contains("has been silent for 2 s"), "{}", said.err);
    assert!(begun.elapsed() < Duration::from_secs(18), "silence is noticed, not waited out");
    assert!(from.load(Ordering::SeqCst) > HALF / 2, "only the rest is asked for");
    whole(&said);
}

#[test]
fn a_date_alone_is_enough_to_go_on_by_and_a_new_date_is_another_file() {
    let dated = |asked: &Asked, date: &str| {
        let mut answer = VendorAnswer::file(asked, &bytes(), date);
        answer.headers.retain(|(name, _)| *name != "ETag");
        answer.header("Last-Modified", date)
    };
    const OLD: &str = "Tue, 24 Nov 2026 03:07:10 GMT";
    const NEW: &str = "Wed, 25 Nov 2026 03:07:10 GMT";
    let bench = Outside::new();
    let vendor = with_file(&bench, move |asked, before| match before {
        0 => dated(asked, OLD).cut(HALF),
        _ => {
            assert_eq!(asked.header("if-range"), Some(OLD));
            dated(asked, OLD)
        }
    });
    whole(&fetch(&bench, &vendor, &[]).ends(0));

    let bench = Outside::new();
    let vendor = with_file(&bench, move |asked, before| match before {
        0 => dated(asked, OLD).cut(HALF),
        _ => dated(asked, NEW),
    });
    fetch(&bench, &vendor, &[]).ends(63);
    whole(&bench.run(&["--json", "fetch"]).ends(0));
}

#[test]
fn a_server_without_ranges_is_read_from_its_start_and_never_spliced() {
    // It tells nothing to go on by, and sends all of it each time.
    let plain = |bytes: Vec<u8>| {
        let headers = vec![("Content-Type", "application/octet-stream".to_owned())];
        VendorAnswer { headers, body: bytes, ..VendorAnswer::page("") }
    };
    let bench = Outside::new();
    let vendor = with_file(&bench, move |asked, before| {
        assert_eq!(asked.range(), None, "without a validator no part is asked for");
        match before {
            0 => plain(bytes()).cut(HALF),
            // Less than is here already; then all of it.
            1 => plain(bytes()).cut(HALF / 2),
            _ => plain(bytes()),
        }
    });
    whole(&fetch(&bench, &vendor, &[]).ends(0));

    // It tells an entity tag, and ignores the range that is asked for.
    let bench = Outside::new();
    let vendor = with_file(&bench, move |_, before| {
        let whole = plain(bytes()).header("ETag", "\"1\"");
        if before == 0 { whole.cut(HALF) } else { whole }
    });
    whole(&fetch(&bench, &vendor, &[]).ends(0));

    // Another file from its start is another file.
    let bench = Outside::new();
    let vendor = with_file(&bench, move |_, before| match before {
        0 => plain(bytes()).cut(HALF),
        _ => plain(bytes().iter().map(|byte| byte ^ 1).collect()),
    });
    fetch(&bench, &vendor, &[]).ends(63);
}

#[test]
fn a_file_of_another_size_than_the_page_says_is_told() {
    // A length that is too small ends the file early, and HTTP calls that whole.
    let bench = Outside::new();
    let vendor = with_file(&bench, |asked, _| {
        let mut answer = file(asked);
        answer.headers.push(("Content-Length", "1000".to_owned()));
        answer
    });
    let said = fetch(&bench, &vendor, &[]).ends(0);
    assert!(said.err.contains("\"Base 3.4.0\" is 1000 bytes, and the page said 1 MB"), "{}", said.err);
}

#[test]
fn a_link_without_a_title_is_named_by_its_file() {
    let bench = Outside::new();
    let vendor = bench.vendor(|asked| match asked.path.as_str() {
        "/" => VendorAnswer::page(FORM),
        "/list" => VendorAnswer::page(
            "<h2>Available Updates</h2><div><h3>Bomgar 10.6.2</h3><p>Read this.</p>\
             <div><a href=/bomgar-10.6.2.nss>Download</a></div></div>",
        ),
        _ => file(asked),
    });
    let said = fetch(&bench, &vendor, &[]).ends(0);
    assert_eq!(said.events("package")[0]["title"], "bomgar 10.6.2", "nobody is asked what it is: {}", said.err);
}

#[test]
fn a_part_that_contradicts_itself_is_not_used() {
    let bench = Outside::new();
    let vendor = with_file(&bench, |asked, before| match (before, asked.range()) {
        (0, _) => file(asked).cut(HALF),
        // It says that more follows than it sends.
        (_, Some(from)) => {
            let mut answer = file(asked);
            answer.headers.retain(|(name, _)| *name != "Content-Range");
            answer.header("Content-Range", &format!("bytes {from}-999999/2000000"))
        }
        _ => file(asked),
    });
    whole(&fetch(&bench, &vendor, &[]).ends(0));
}

#[test]
fn what_comes_compressed_is_refused_with_its_own_error() {
    let bench = Outside::new();
    let vendor = with_file(&bench, |asked, before| match before {
        0 => file(asked).cut(HALF),
        1 => file(asked).header("Content-Encoding", "gzip"),
        _ => file(asked).header("Content-Encoding", "identity"),
    });
    let said = fetch(&bench, &vendor, &[]).ends(62);
    assert!(said.err.contains("sent compressed (gzip)"), "{}", said.err);
    assert_eq!(arrived(&bench), HALF as u64, "what arrived before is kept, and nothing else");
    whole(&bench.run(&["--json", "fetch"]).ends(0));

    let page = bench.vendor(|_| VendorAnswer::page(FORM).header("Content-Encoding", "br"));
    let other = Outside::new();
    other.lists(&page.url);
    assert!(fetch(&other, &page, &[]).ends(52).err.contains("compressed (br)"));
}

#[test]
fn redirects_are_followed_at_home_and_never_abroad() {
    let bench = Outside::new();
    let abroad = Arc::new(AtomicUsize::new(0));
    let counted = abroad.clone();
    let other = bench.vendor(move |asked| {
        counted.fetch_add(1, Ordering::SeqCst);
        file(asked)
    });
    let away = format!("{}/file", other.url);
    let home = with_file(&bench, move |asked, before| match (before, asked.path.as_str()) {
        (_, "/mirror") => file(asked),
        (0, _) => VendorAnswer::status(302).header("Location", &away),
        _ => VendorAnswer::status(302).header("Location", "/mirror"),
    });
    let said = fetch(&bench, &home, &[]).ends(53);
    assert!(said.err.contains("a redirect of") && said.err.contains("leads away to"), "{}", said.err);
    assert_eq!(abroad.load(Ordering::SeqCst), 0);
    whole(&bench.run(&["--json", "fetch"]).ends(0));
}

#[test]
fn a_long_wait_is_told_and_not_sat_out() {
    let bench = Outside::new();
    let vendor = with_file(&bench, |asked, before| match before {
        0 => file(asked).cut(HALF),
        1 => VendorAnswer::status(429).header("Retry-After", "600"),
        _ => file(asked),
    });
    let said = fetch(&bench, &vendor, &[]).ends(62);
    assert!(said.err.contains("called again after 10 min"), "{}", said.err);
    assert_eq!(arrived(&bench), HALF as u64);
    whole(&bench.run(&["--json", "fetch"]).ends(0));

    // An HTTP date far in the future: told, at most a day is believed.
    let bench = Outside::new();
    let vendor =
        with_file(&bench, |_, _| VendorAnswer::status(503).header("Retry-After", "Fri, 31 Dec 2100 00:00:00 GMT"));
    let said = fetch(&bench, &vendor, &[]).ends(62);
    assert!(said.err.contains("called again after"), "{}", said.err);
}

#[test]
fn an_end_without_goodbye_is_a_cut_even_where_no_length_was_told() {
    let bench = Outside::new();
    let unmeasured = |asked: &Asked| {
        let whole = bytes();
        VendorAnswer {
            status: 200,
            unmeasured: true,
            body: whole,
            headers: file(asked).headers,
            ..VendorAnswer::page("")
        }
    };
    let vendor = with_file(&bench, move |asked, before| match before {
        0 => unmeasured(asked).cut(HALF),
        _ => unmeasured(asked),
    });
    let said = fetch(&bench, &vendor, &[]).ends(0);
    assert!(said.err.contains("ended the connection"), "{}", said.err);
    whole(&said);
}

/// A vendor that answers the code with a session and a redirect, and whose
/// list `list` serves to that session alone.
fn with_session(
    bench: &Outside,
    list: impl Fn(usize) -> VendorAnswer + Send + Sync + 'static,
) -> (Vendor, Arc<AtomicUsize>) {
    let posts = Arc::new(AtomicUsize::new(0));
    let lists = Arc::new(AtomicUsize::new(0));
    let (posted, listed) = (posts.clone(), lists.clone());
    let vendor = bench.vendor(move |asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", "/") => VendorAnswer::page(FORM),
        ("POST", "/list") if posted.fetch_add(1, Ordering::SeqCst) == 0 => {
            let answer = VendorAnswer::status(303).header("Location", "/updates?for=1");
            answer.header("Set-Cookie", "session=s3cret; Path=/; Secure")
        }
        ("POST", _) => VendorAnswer::page("<p>This code has already been used.</p>"),
        _ if asked.header("cookie") != Some("session=s3cret") => VendorAnswer::status(403),
        (_, "/updates?for=1") => list(listed.fetch_add(1, Ordering::SeqCst)),
        _ => file(asked),
    });
    (vendor, lists)
}

#[test]
fn a_run_killed_between_the_answer_and_the_list_has_the_session() {
    let bench = Outside::new();
    let (vendor, lists) = with_session(&bench, |before| match before {
        0 => VendorAnswer { silent: true, ..VendorAnswer::page(LIST).cut(10) },
        _ => VendorAnswer::page(LIST),
    });
    let args = ["fetch", "--code", "--server", &vendor.url, "--ca", &vendor.ca];
    let mut child = bench.command(&args).spawn().expect("starts");
    child.stdin.take().expect("piped").write_all(CODE.as_bytes()).expect("writes");
    wait_until("the list is asked for", || lists.load(Ordering::SeqCst) != 0);
    child.kill().expect("killed");
    child.wait().expect("ended");
    // The code is spent; the session alone gives the list.
    whole(&bench.run(&["--json", "fetch"]).ends(0));
}

#[test]
fn a_list_cut_in_its_middle_is_read_again() {
    let bench = Outside::new();
    let (vendor, _) = with_session(&bench, |before| match before {
        0 => VendorAnswer::page(LIST).cut(60),
        _ => VendorAnswer::page(LIST),
    });
    let lost = fetch(&bench, &vendor, &[]).ends(50);
    let facts = lost.events("support-facts")[0]["facts"].to_string();
    assert!(facts.contains("list received    never") && !facts.contains("s3cret"), "{facts}");
    whole(&bench.run(&["--json", "fetch"]).ends(0));
}
