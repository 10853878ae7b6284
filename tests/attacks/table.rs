//! TABLE.md names only tests that exist.

use std::collections::BTreeSet;
use std::path::Path;

/// The functions of all test files and of `src`, as `file-or-folder::name` says in the table.
fn functions() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = ["tests", "src"].into_iter().flat_map(|below| walkdir::WalkDir::new(root.join(below)));
    let mut names = BTreeSet::new();
    for file in
        files.map(|entry| entry.expect("readable")).filter(|entry| entry.path().extension() == Some("rs".as_ref()))
    {
        let text = std::fs::read_to_string(file.path()).expect("text");
        // The rotations are a table of a macro: `name, refused,` on a line each.
        if text.contains("rotations! {") {
            let rows = text.lines().filter_map(|line| line.trim().split_once(", "));
            names.extend(rows.map(|(name, _)| name.to_owned()).filter(|name| name.starts_with('n')));
        }
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (at, line) in lines.iter().enumerate() {
            let tested = lines[at.saturating_sub(3)..at].contains(&"#[test]");
            if let (true, Some(rest)) = (tested, line.strip_prefix("fn "))
                && let Some((name, _)) = rest.split_once('(')
            {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

#[test]
fn every_test_named_in_the_table_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = std::fs::read_to_string(root.join("tests/attacks/TABLE.md")).expect("the table");
    let functions = functions();
    let (mut missing, mut named, mut rows) = (Vec::new(), 0, 0);
    for line in table
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| Case") && !line.starts_with("| --- "))
    {
        rows += 1;
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 2, "two cells: {line}");
        let names: Vec<&str> = cells[1].split('`').skip(1).step_by(2).collect();
        for name in &names {
            named += 1;
            let there = match name.strip_prefix("fixtures/") {
                Some(_) => root.join(name).exists(),
                None => functions.contains(*name),
            };
            if !there {
                missing.push((*name).to_owned());
            }
        }
        assert!(!names.is_empty() || cells[1].starts_with("does not apply: "), "neither a test nor a reason: {line}");
    }
    assert!(missing.is_empty(), "named but not there: {missing:?}");
    assert!(rows >= 60 && named >= 60, "the table shrank: {rows} rows, {named} tests");
}
