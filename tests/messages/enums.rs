//! Reads the sources, so that no variant is without a sample and no enum
//! without a room.

use crate::messages::rooms::rooms;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The variants of `pub enum NAME` in a source text, as rustfmt lays them out.
fn variants(text: &str, name: &str) -> BTreeSet<String> {
    let head = format!("pub enum {name} {{");
    text.lines()
        .skip_while(|line| *line != head)
        .skip(1)
        .take_while(|line| *line != "}")
        .filter_map(|line| line.strip_prefix("    "))
        .map(|line| line.chars().take_while(char::is_ascii_alphanumeric).collect::<String>())
        .filter(|word| word.starts_with(|c: char| c.is_ascii_uppercase()))
        .collect()
}

#[test]
fn every_variant_has_a_sample() {
    for room in rooms() {
        let text = std::fs::read_to_string(src().join(room.source)).expect("the enum's source is readable");
        let written = variants(&text, room.error);
        assert!(!written.is_empty(), "{} is not in src/{}", room.error, room.source);
        let shown: BTreeSet<String> = room.samples.iter().map(|sample| sample.variant().to_owned()).collect();
        assert_eq!(shown, written, "{}: variants with a sample and variants as written", room.error);
    }
}

/// Parts of `DriverError`, which is sampled with each of them.
const PARTS: [&str; 3] = ["ApplianceRefusal", "LoginBlocked", "NotTaken"];

#[test]
fn every_part_has_a_sample() {
    let text = std::fs::read_to_string(src().join("driver/refusal.rs")).expect("the source is readable");
    let rooms = rooms();
    let driver = rooms.iter().find(|room| room.error == "DriverError").expect("it has a room");
    for part in PARTS {
        let written = variants(&text, part);
        assert!(!written.is_empty(), "{part} is not there");
        for variant in written {
            let sampled = |debug: &str| debug.contains(&format!(": {variant},"));
            assert!(driver.samples.iter().any(|sample| sampled(&sample.debug)), "{part}::{variant}");
        }
    }
}

/// The names of all enums in a source text that say how they are told.
fn explained(text: &str) -> impl Iterator<Item = &str> {
    let heads = text.match_indices("#[apply(explained!)]").map(|(at, _)| &text[at..]);
    heads.filter_map(|rest| rest.split_once("pub enum ")?.1.split_whitespace().next())
}

#[test]
fn every_error_enum_has_a_room() {
    let known: Vec<(&str, &Path)> = rooms().iter().map(|room| (room.error, Path::new(room.source))).collect();
    for entry in walkdir::WalkDir::new(src()) {
        let entry = entry.expect("src is readable");
        if entry.path().extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let below = entry.path().strip_prefix(src()).expect("below src");
        if below.starts_with("lab") && cfg!(not(feature = "lab")) {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).expect("source is text");
        let by_hand = text.contains("Explain for ") && !text.contains("macro_rules! explained");
        assert!(!by_hand, "src/{} explains an error by hand, not by `explained!`", below.display());
        for name in explained(&text).filter(|name| !PARTS.contains(name)) {
            assert!(known.contains(&(name, below)), "{name} of src/{} has no room", below.display());
        }
    }
}

#[test]
fn the_reader_of_enums_sees_every_shape() {
    let text = "#[apply(explained!)]\n#[derive(Debug)]\npub enum E {\n}\n#[apply(explained!)]\npub enum F {\n}";
    assert_eq!(explained(text).collect::<Vec<_>>(), ["E", "F"]);
    let text = "pub enum E {\n    /// One.\n    One,\n    #[error(\"x\")]\n    Two { a: u8 },\n    Three {\n        Field: u8,\n    },\n    Four(u8),\n}\n";
    assert_eq!(variants(text, "E").into_iter().collect::<Vec<_>>(), ["Four", "One", "Three", "Two"]);
}
