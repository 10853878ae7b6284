//! House style of what a person reads: what, where, what next.

use crate::messages::rooms::{Room, Sample, rooms};

/// Variants without a hint, and why none would help.
const WITHOUT_HINT: &[(&str, &str, &str)] = &[
    ("TrustError", "KeyNotMade", "the system's randomness failed, which nobody at the keyboard can mend"),
    ("BundleError", "NoSuchPackage", "a defect of ours: packages are asked for by the manifest"),
    ("JournalError", "LineTooLong", "a defect of ours: records are bounded where they are made"),
    ("LabError", "Runtime", "what the system says is all there is to say"),
    ("LabError", "Certificate", "what the system says is all there is to say"),
    ("LabError", "Refused", "the lab's own words say what it wants"),
];

/// Beginnings that are names, and so keep their capital.
const NAMES: &[&str] = &["Base 3.4.0", "Bomgar 10.6.2", "SHA256:"];

/// Fields a variant carries for the program, not for the person.
const UNTOLD: &[(&str, &str, &str)] = &[
    ("WebError", "key", "the control's name in a profile; the labels looked for are told"),
    ("InventoryError", "known", "only the one that is nearest, where one is near"),
];

/// Looks at every sample, and fails with all that was complained about.
fn each(look: impl Fn(&Room, &Sample) -> Vec<String>) {
    let mut complaints = Vec::new();
    for room in rooms() {
        for sample in &room.samples {
            let place = format!("{}::{}: {}", room.error, sample.variant(), sample.failure.message);
            complaints.extend(look(&room, sample).into_iter().map(|complaint| format!("{place}\n    {complaint}")));
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn messages_and_hints_are_in_house_style() {
    each(|_, sample| {
        let mut wrong = Vec::new();
        for text in std::iter::once(&sample.failure.message).chain(&sample.hint) {
            let named = NAMES.iter().any(|name| text.trim_start_matches('"').starts_with(name));
            let rules = [
                (named || !text.starts_with(char::is_uppercase), "begins with a capital"),
                (!text.ends_with(['.', '!', ':', ' ']), "ends in a stop"),
                (!text.contains("  ") && !text.contains(" ,") && !text.contains(".."), "is spaced badly"),
                (!text.contains('`'), "quotes with a backtick"),
                (!text.contains("Os {") && !text.contains("Some("), "shows the program's inside"),
            ];
            wrong.extend(rules.iter().filter(|(holds, _)| !holds).map(|(_, rule)| format!("{rule}: {text}")));
        }
        wrong
    });
}

#[test]
fn every_message_says_what_next() {
    each(|room, sample| {
        let argued =
            WITHOUT_HINT.iter().any(|(error, variant, _)| (*error, *variant) == (room.error, sample.variant()));
        match (sample.hint.is_some(), argued) {
            (false, false) => vec!["has no hint, and WITHOUT_HINT does not say why".to_owned()],
            (true, true) => vec!["has a hint, though WITHOUT_HINT argues that none helps".to_owned()],
            _ => Vec::new(),
        }
    });
}

#[test]
fn every_message_says_where() {
    each(|room, sample| {
        let shown = format!("{} {}", sample.failure.message, sample.hint.as_deref().unwrap_or_default());
        let untold = |field: &str| UNTOLD.iter().any(|(error, name, _)| *error == room.error && *name == field);
        let kept_back =
            texts(&sample.debug).into_iter().filter(|(field, text)| !untold(field) && !shown.contains(text));
        kept_back.map(|(field, text)| format!("carries {field} {text:?} and does not tell it")).collect()
    });
}

/// The texts in a `Debug` output, each with the field before it.
fn texts(debug: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = debug;
    let mut field = String::new();
    while let Some(at) = rest.find('"') {
        if let Some((before, _)) = rest[..at].rsplit_once(':') {
            field = before.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default().to_owned();
        }
        let mut value = String::new();
        let mut chars = rest[at + 1..].char_indices();
        let end = loop {
            match chars.next() {
                Some((_, '\\')) => value.extend(chars.next().map(|(_, c)| c)),
                Some((end, '"')) => break end,
                Some((_, c)) => value.push(c),
                None => return found,
            }
        };
        found.push((field.clone(), value));
        rest = &rest[at + 1 + end + 1..];
    }
    found
}

#[test]
fn texts_are_found_with_their_fields() {
    let debug = r#"Unknown { name: "a\"b", known: ["x", "y"], at: File("z") }"#;
    let found = texts(debug);
    let found: Vec<(&str, &str)> = found.iter().map(|(field, text)| (field.as_str(), text.as_str())).collect();
    assert_eq!(found, [("name", "a\"b"), ("known", "x"), ("known", "y"), ("at", "z")]);
}
