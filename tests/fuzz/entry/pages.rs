//! Pages and what is read off them; profiles; names.

use super::{shown, text};
use handcarry::testing::driver::{read_clock, read_version};
use handcarry::testing::model::FileName;
use handcarry::testing::web::{Control, Page, Profile};
use std::time::{Duration, Instant};

/// Longest that a page may take, twice what its own limit says: debug builds are slow.
const PATIENCE: Duration = Duration::from_secs(30);

/// A query of a page's address, which nobody is told.
const QUERY: &str = "token=SECRET";

/// Stack in which a page must be read, in bytes: a quarter of what a thread has.
const STACK_BYTES: usize = 512 << 10;

/// Nothing in a page takes for ever, overflows the stack or gets control
/// characters into what is shown. A first line `content-type: …` is the header.
pub fn form(data: &[u8]) {
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let reading = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, || everything(data));
        if let Err(panic) = reading.expect("a thread").join() {
            std::panic::resume_unwind(panic);
        }
    });
    assert!(begun.elapsed() < PATIENCE, "it took {:?}", begun.elapsed());
}

fn everything(data: &[u8]) {
    let header = data.strip_prefix(b"content-type: ").and_then(|rest| {
        let at = rest.iter().position(|byte| *byte == b'\n')?;
        Some((std::str::from_utf8(&rest[..at]).ok()?, &rest[at + 1..]))
    });
    let (kind, body) = header.map_or((None, data), |(kind, body)| (Some(kind), body));
    let page = match Page::parse("https://appliance.example.com/a/b?token=SECRET", 200, kind, body) {
        Ok(page) => page,
        Err(error) => return told(&error.to_string(), false),
    };
    // Broken markup may turn an address into a text that everybody sees on the page.
    let seen = [page.text(), page.title()].iter().any(|text| text.contains(QUERY))
        || page.forms().iter().flat_map(|form| form.fields()).any(|field| field.label.contains(QUERY))
        || page.buttons().iter().any(|button| button.label.contains(QUERY))
        || !only_leads(&String::from_utf8_lossy(body));
    let told = |message: &str| told(message, seen);
    let control =
        Control { key: "a".to_owned(), labels: vec!["A".to_owned(), "Updates".to_owned(), "Username".to_owned()] };
    told(&page.place());
    told(&page.title());
    let _ = (page.text(), page.links(), page.has(&control), page.has_text(&control), page.refresh());
    page.buttons().iter().for_each(|button| shown(&button.label));
    let errors = [
        page.value_of(&control).err(),
        page.datetime_of(&control).err(),
        page.link(&control).err(),
        page.rows_under(&control).map(|rows| rows.len()).err(),
        page.form_with_button(&control).err(),
        page.form_with_field(&control).err(),
        page.section(&control).map(|section| section.forms().len()).err(),
    ];
    errors.into_iter().flatten().for_each(|error| told(&error.to_string()));
    let forms = page.forms().into_iter().chain(page.form_with_button(&control)).chain(page.form_with_field(&control));
    for mut form in forms {
        form.fields().iter().for_each(|field| shown(&field.label));
        let tries = [
            form.fill(&control, "x").err(),
            form.check(&control, true).err(),
            form.choose(&control, &control).err(),
            form.file_field(&control).err(),
        ];
        tries.into_iter().flatten().for_each(|error| told(&error.to_string()));
    }
}

/// Whether the query stands only where a page leads to, and in no text or value.
fn only_leads(body: &str) -> bool {
    body.match_indices(QUERY).all(|(at, _)| {
        let word = body[..at].rsplit(|c: char| c.is_whitespace() || c == '<').next().unwrap_or_default();
        word.contains("href=") || word.contains("action=")
    })
}

/// What is said of a page is printable, bounded, and shows no query but one
/// that is `seen` as a text of the page.
fn told(message: &str, seen: bool) {
    shown(message);
    assert!(message.len() < 64 << 10 && (seen || !message.contains(QUERY)), "{message}");
}

/// A clock that is read means one moment, and reads the same when written plainly.
pub fn clock(data: &[u8]) {
    let Some(text) = text(data) else { return };
    for day_first in [false, true] {
        if let Some(time) = read_clock(text, day_first) {
            assert_eq!(read_clock(&time.to_string(), !day_first), Some(time), "{text:?}");
        }
    }
    let _ = read_version(text);
}

/// Every name made out of a foreign one is safe.
pub fn names(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let made = FileName::from_foreign(text);
    assert_eq!(FileName::parse(made.as_str()).as_ref(), Ok(&made), "made of {text:?}");
    match FileName::parse(text) {
        Ok(name) => assert_eq!(name.as_str(), text),
        Err(error) => shown(&error),
    }
}

/// A profile's every control has a label, and laying it over itself changes nothing.
pub fn profile(data: &[u8]) {
    let Some(text) = text(data) else { return };
    match Profile::parse(text) {
        Ok(profile) => {
            for key in profile.keys() {
                assert!(!profile.control(key).expect("is there").labels.is_empty());
            }
            assert_eq!(profile.clone().overlay(profile.clone()), profile);
        }
        Err(error) => shown(&error.to_string()),
    }
}
