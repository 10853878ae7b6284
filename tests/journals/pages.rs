//! Reports that are written as pages, laid out by a real Chromium: on a wide
//! screen and on a narrow one nothing of them runs out of the page.

use super::desk::{Desk, STICK, Story};
use super::fixtures;
use handcarry::testing::model::Exit;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Widths of a telephone and of a screen, in CSS pixels.
const WIDTHS: [u32; 2] = [390, 1000];

/// Where the clock on the wall is not UTC.
const ZONE: &str = "America/Sao_Paulo";

/// Lays all pages out at each width, and says what of them is wider than its page.
///
/// Each page stands in a frame of that width, where the style sheet's questions
/// about the screen are answered by the frame.
fn too_wide(pages: &[(String, String)], folder: &Path) -> Vec<String> {
    let escaped = |page: &str| page.replace('&', "&amp;").replace('"', "&quot;");
    let frame = |(name, page): &(String, String)| {
        let one = |width| {
            format!(
                "<iframe title=\"{name} at {width}\" width={width} height=900 srcdoc=\"{}\"></iframe>",
                escaped(page)
            )
        };
        WIDTHS.map(one).concat()
    };
    let frames: String = pages.iter().map(frame).collect();
    // An element may not be wider than what holds it, nor reach beyond the page.
    let measure = "window.onload = () => { const told = []; let count = 0;
        for (const frame of document.querySelectorAll('iframe')) {
            const page = frame.contentDocument, root = page.documentElement;
            if (root.scrollWidth > root.clientWidth) told.push(`${frame.title}: the page is ${root.scrollWidth} wide`);
            for (const one of page.body.querySelectorAll('*')) {
                count++;
                const box = one.getBoundingClientRect();
                if (box.right > root.clientWidth + 0.5 || box.left < -0.5)
                    told.push(`${frame.title}: ${one.tagName} from ${box.left} to ${box.right}: ${one.textContent.slice(0, 60)}`);
                if (one.namespaceURI.endsWith('xhtml') && one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1)
                    told.push(`${frame.title}: ${one.tagName} is cut: ${one.textContent.slice(0, 60)}`);
            }
        }
        document.body.replaceChildren(Object.assign(document.createElement('pre'), { textContent: `measured ${count}\\n` + told.join('\\n') })); };";
    let bench = folder.join("bench.html");
    fs::write(&bench, format!("<!doctype html><meta charset=utf-8><body>{frames}<script>{measure}</script>"))
        .expect("written");
    let profile = tempfile::tempdir().expect("a folder for the browser");
    let output = Command::new("timeout")
        .args(["60", "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-dev-shm-usage",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("file://{}", bench.display()))
        .output()
        .expect("timeout is there");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "chromium is needed, see tests/run: {}", String::from_utf8_lossy(&output.stderr));
    let (_, told) = told.split_once("measured ").unwrap_or_else(|| panic!("nothing was measured: {told}"));
    let (count, told) = told.split_once('\n').expect("a count");
    assert!(count.parse::<usize>().expect("a number") > 100 * pages.len(), "{count} elements of {} pages", pages.len());
    let told = told.split("</pre>").next().unwrap_or_default();
    told.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// What a stick, a fleet and receipts are told on, by both programs.
fn told_by_other_verbs() -> Vec<(String, String)> {
    let read = Story::read(&fixtures().join("asynchronous-dns"));
    let desk = Desk::of(&read);
    desk.stop_after(&read, read.records());
    let mut pages = Vec::new();
    for language in ["en", "pt"] {
        let mut page = |name: &str, args: &[&str], exit: Exit| {
            let path = desk.path(&format!("{name}-{language}.html"));
            let word = path.display().to_string();
            let args = [args, &["--write", &word, "--language", language]].concat();
            desk.run_in(ZONE, &args, "").ends(exit);
            let page = fs::read_to_string(&path).expect("a page");
            pages.push((format!("{name}-{language}.html"), page.clone()));
            page
        };
        let fleet = page("fleet", &["list", "--state"], Exit::Ok);
        for there in ["alpha", "beta", "S1", "S2", "3.4.0"] {
            assert!(fleet.contains(there), "{there}: {fleet}");
        }
        let stick = page("stick", &["verify", STICK], Exit::Ok);
        let good = ["yes: every byte is what was signed for", "sim: cada byte é o que foi assinado"];
        assert_eq!(stick.matches(good[usize::from(language == "pt")]).count(), 2, "{stick}");
        for there in ["sealer", "S1", "S2", "Base 3.4.0", "SHA256:"] {
            assert!(stick.to_lowercase().contains(&there.to_lowercase()), "{there}: {stick}");
        }
        // Another verdict of the same stick: one byte is another, and the page says so though the run fails.
        let bundles = desk.path("stick/handcarry/bundles");
        let file = fs::read_dir(&bundles).expect("bundles").next().expect("one").expect("readable").path();
        let good_bytes = fs::read(&file).expect("read");
        let mut bytes = good_bytes.clone();
        let at = bytes.windows(9).position(|part| part == b"package 0").expect("of a package");
        bytes[at] ^= 1;
        fs::write(&file, bytes).expect("written");
        let damaged = page("damaged", &["verify", STICK], Exit::DigestMismatch);
        assert_eq!(damaged.matches(["NO: ", "NÃO: "][usize::from(language == "pt")]).count(), 1, "{damaged}");
        fs::write(&file, good_bytes).expect("written");
    }
    pages
}

#[test]
fn what_runs_out_of_a_page_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let page = format!("<!doctype html><p>{}</p>{}", "x".repeat(300), "<i></i>".repeat(200));
    let told = too_wide(&[("wide".to_owned(), page)], folder.path());
    assert!(told.iter().any(|line| line.contains("wide at 390: the page is")), "{told:?}");
    assert!(
        told.iter().any(|line| line.contains("P is cut") || line.contains("wide at 1000: the page is")),
        "{told:?}"
    );
}

#[test]
fn reports_stay_within_their_page_on_a_wide_screen_and_a_narrow_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut pages = Vec::new();
    for story in ["single-agreement", "asynchronous-dns", "update", "migration"] {
        let read = Story::read(&fixtures().join(story));
        let desk = Desk::of(&read);
        desk.stop_after(&read, read.records());
        let name = read.names()[0];
        for language in ["en", "pt"] {
            let file = format!("audit-{language}.html");
            let path = desk.path(&file);
            let word = path.display().to_string();
            let args = ["audit", name, "--write", &word, "--language", language];
            desk.run_in(ZONE, &args, "").ends(Exit::Ok);
            // Never over another file.
            desk.run_in(ZONE, &args, "").ends(Exit::Exists);
            pages.push((format!("{story}-{file}"), fs::read_to_string(&path).expect("a page")));
        }
    }
    for (story, records) in [("single", 3), ("asynchronous-dns", 2), ("synchronous", 2)] {
        let read = Story::read(&fixtures().join(story));
        let desk = Desk::of(&read);
        desk.stop_after(&read, records);
        for language in ["en", "pt"] {
            let file = format!("plan-{language}.html");
            let path = desk.path(&file);
            let word = path.display().to_string();
            let args = [&read.plan()[..], &["--write", &word, "--language", language]].concat();
            let said = desk.run_in(ZONE, &args, &desk.typed(&read, true));
            let next = said.events("next").pop().expect("what comes next")["command"].to_string();
            assert!(next.contains("handcarry-inside push") && !next.contains("--write"), "{next}");
            pages.push((format!("{story}-{file}"), fs::read_to_string(&path).expect("a page")));
        }
    }
    pages.extend(told_by_other_verbs());
    if let Some(kept) = std::env::var_os("HANDCARRY_PAGES") {
        // To be looked at by eye.
        for (name, page) in &pages {
            fs::write(Path::new(&kept).join(name), page).expect("kept");
        }
    }
    assert_eq!(too_wide(&pages, folder.path()), Vec::<String>::new());
    let (_, page) = &pages[0];
    assert!(page.contains("<time>-03:00</time> <time>(2026-03-0"), "local time first, UTC behind it: {page}");
}
