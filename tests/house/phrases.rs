//! Phrase books: each phrase is one that the programs say, and what they say in
//! normal course has one, hints and questions included.

use handcarry::testing::language::{lacking, phrases};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The calls and attributes whose text a person reads, as the source has them without its blanks.
const OUTLETS: [&str; 8] = [".say(", ".note(", ".show(", ".warn(", ".hint(", "[hint(", ".say(&", ".note(&"];

/// Rooms whose texts nobody reads in a run of their own: the lab is there for tests, and the book is a book.
const LEFT_OUT: [&str; 4] = ["lab", "simulator", "language", "testing.rs"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// A text of the sources as a phrase book has it: lines joined, marks as they are told, `{}` for each place.
fn as_told(literal: &str) -> String {
    let mut told = String::new();
    let mut chars = literal.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\\' => match chars.next() {
                Some('\n') => while chars.next_if(|char| char.is_whitespace()).is_some() {},
                Some('n') => told.push('\n'),
                Some(other) => told.push(other),
                None => {}
            },
            '{' | '}' if chars.next_if_eq(&char).is_some() => told.push(char),
            '{' => {
                chars.by_ref().take_while(|char| *char != '}').for_each(drop);
                told.push_str("{}");
            }
            _ => told.push(char),
        }
    }
    told
}

/// The code of a source without its remarks and its own tests.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).expect("a source");
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let lines = text[..end].lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Each literal of a source, as it is told, with what stands before it.
fn literals(code: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut left = code;
    let mut before = String::new();
    while let Some((ahead, behind)) = left.split_once('"') {
        before.extend(ahead.chars().filter(|char| !char.is_whitespace()));
        // A mark that is a character, and text that is raw.
        if before.ends_with('\'') || before.ends_with(['r', '#']) && !before.ends_with("for") {
            left = behind;
            continue;
        }
        let mut is_escaped = false;
        let Some(end) = behind.find(|char| {
            let ends = char == '"' && !is_escaped;
            is_escaped = char == '\\' && !is_escaped;
            ends
        }) else {
            break;
        };
        found.push((before.clone(), as_told(&behind[..end])));
        before = "\"\"".to_owned();
        left = &behind[end + 1..];
    }
    found
}

/// All questions: their remarks are what is read.
fn questions(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).expect("a source");
    let mut found = Vec::new();
    let mut question = String::new();
    for line in text.lines() {
        match line.strip_prefix("    /// ") {
            Some(more) => question = format!("{question} {more}").trim_start().to_owned(),
            None if line.trim_start().starts_with(|char: char| char.is_ascii_uppercase()) && !question.is_empty() => {
                found.push(as_told(&std::mem::take(&mut question)));
            }
            None if !line.trim_start().starts_with("#[") => question.clear(),
            None => {}
        }
    }
    found
}

/// The sources that say something, and with `all` those too whose words others may say.
fn sources(all: bool) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(root()).sort_by_file_name().into_iter().map(|entry| entry.expect("readable"));
    let files = files.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "rs"));
    let is_spoken = |path: &Path| {
        let below = path.strip_prefix(root()).expect("below src");
        let is_test = path.file_name().is_some_and(|name| name.to_string_lossy().ends_with("tests.rs"))
            || below.components().any(|part| part.as_os_str() == "tests");
        !is_test && (all || !LEFT_OUT.iter().any(|room| below.starts_with(room)))
    };
    files.map(|entry| entry.into_path()).filter(|path| is_spoken(path)).collect()
}

/// What `text` says where each of its places holds a name.
fn said(text: &str) -> String {
    text.replace("{}", "X1")
}

#[test]
fn what_is_said_has_a_phrase() {
    let mut missing = Vec::new();
    for path in sources(false) {
        let mut miss = |text: &str| {
            for line in lacking(&said(text)) {
                missing.push(format!("{}: {line}", path.strip_prefix(root()).expect("below src").display()));
            }
        };
        for (before, text) in literals(&code(&path)) {
            let call = before.strip_suffix("format!(").unwrap_or(&before);
            if OUTLETS.iter().any(|outlet| call.ends_with(outlet)) {
                miss(&text);
            }
        }
        if path.file_name().is_some_and(|name| name == "question.rs") {
            questions(&path).iter().for_each(|question| miss(question));
        }
    }
    assert!(missing.is_empty(), "{} texts have no Portuguese:\n{}", missing.len(), missing.join("\n"));
}

/// The words of a text and the pairs that stand side by side in it.
fn words(text: &str) -> (Vec<&str>, Vec<String>) {
    let parts: Vec<Vec<&str>> = text
        .split("{}")
        .map(|part| part.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty()).collect())
        .collect();
    let pairs = parts.iter().flat_map(|words| words.windows(2).map(|pair| pair.join(" "))).collect();
    (parts.concat(), pairs)
}

#[test]
fn every_phrase_is_one_that_is_said() {
    let mut all: Vec<String> = Vec::new();
    for path in sources(true) {
        all.extend(literals(&code(&path)).into_iter().map(|(_, text)| text));
        if path.file_name().is_some_and(|name| name == "question.rs") {
            all.extend(questions(&path));
        }
    }
    let (known, known_pairs): (Vec<_>, Vec<_>) = all.iter().map(|text| words(text)).unzip();
    let known: BTreeSet<&str> = known.concat().into_iter().collect();
    let known_pairs: BTreeSet<String> = known_pairs.concat().into_iter().collect();
    // A sentence may be put together of several literals, so that not each pair of its words stands in one.
    let is_said = |text: &str| {
        let (words, pairs) = words(text);
        let said = pairs.iter().filter(|pair| known_pairs.contains(*pair)).count();
        let is_number = |word: &str| word.starts_with(|char: char| char.is_ascii_digit());
        2 * said >= pairs.len() || pairs.len() < 4 && words.iter().all(|word| is_number(word) || known.contains(word))
    };
    let phrases = phrases().expect("well formed");
    let left_over: Vec<&str> = phrases.iter().map(|phrase| phrase.english).filter(|text| !is_said(text)).collect();
    assert!(left_over.is_empty(), "nothing says these any more:\n{}", left_over.join("\n"));
}

#[test]
fn sources_are_read_as_a_person_would() {
    let code = "console.say(format!(\"put {name:?} onto \\\n    {}\", '\"', path)).note(\"{{a}} \\\"b\\\"\")";
    let found = literals(code);
    assert_eq!(found[0].1, "put {} onto {}");
    assert!(found[0].0.ends_with("console.say(format!("));
    assert_eq!(found[1].1, "{a} \"b\"");
}
