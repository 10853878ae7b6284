//! Every failure that a verb makes itself is met somewhere.
//!
//! tests/cli/failures.txt has a line for each `Failure::new(` under src/: the
//! file, words of the message as they stand in that file, and where it is met:
//! a session (which then shows those words), another test, or `not reached:`
//! with the reason.

use crate::cli::prompt::golden;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

struct Row {
    source: String,
    words: String,
    met: String,
}

fn rows() -> Vec<Row> {
    let text = std::fs::read_to_string(golden("failures.txt")).expect("the table is there");
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| match line.split(" | ").collect::<Vec<_>>().as_slice() {
            [source, words, met] => {
                Row { source: (*source).to_owned(), words: (*words).to_owned(), met: (*met).to_owned() }
            }
            _ => panic!("not three columns: {line}"),
        })
        .collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

#[test]
fn every_failure_has_a_row() {
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    rows().into_iter().for_each(|row| *told.entry(row.source).or_default() += 1);
    let mut written: BTreeMap<String, usize> = BTreeMap::new();
    for entry in walkdir::WalkDir::new(root().join("src")) {
        let entry = entry.expect("src is readable");
        let below = entry.path().strip_prefix(root()).expect("below the root").display().to_string();
        if !below.ends_with(".rs") || below.contains("/tests/") {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).expect("source is text");
        match text.matches("Failure::new(").count() {
            0 => {}
            count => drop(written.insert(below, count)),
        }
    }
    let differ = |file: &&String| told.get(*file) != written.get(*file);
    let wrong: Vec<String> = told
        .keys()
        .chain(written.keys())
        .filter(differ)
        .map(|file| format!("{file}: {:?} rows, {:?} failures", told.get(file), written.get(file)))
        .collect();
    assert!(wrong.is_empty(), "tests/cli/failures.txt is not complete:\n{}", wrong.join("\n"));
}

#[test]
fn every_row_holds() {
    let mut wrong = Vec::new();
    for Row { source, words, met } in rows() {
        let text = std::fs::read_to_string(root().join(&source)).unwrap_or_default();
        if !text.contains(&words) {
            wrong.push(format!("{source} does not say: {words}"));
        }
        if let Some(reason) = met.strip_prefix("not reached: ") {
            if reason.len() < 10 {
                wrong.push(format!("{source}: {words}: no reason"));
            }
            continue;
        }
        let place = std::fs::read_to_string(root().join(&met)).unwrap_or_default();
        if place.is_empty() || met.ends_with(".session") && !place.contains(&words) {
            wrong.push(format!("{met} does not show: {words}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
