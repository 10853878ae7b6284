//! TABLE.md holds the vendor's upgrade guide against this repository: every
//! heading of the guide that has a rule, every rule with what is made of it,
//! and tests that exist.

use crate::support::functions::{Tested, tested};
use std::collections::BTreeMap;
use std::path::Path;

/// The headings of the guide by page, in its order; the last has no rule.
const HEADINGS: [&str; 18] = [
    "p. 3 Update the software: preparations",
    "p. 4 Update the software: client updates",
    "p. 6 A single appliance, automatic updates",
    "p. 8 A single appliance, manual updates",
    "p. 9 Two appliances in failover: considerations",
    "p. 10 Synchronous: backup and synchronisation",
    "p. 10 Synchronous: upgrade A",
    "p. 12 Synchronous: verify and test",
    "p. 12 Synchronous: upgrade B",
    "p. 12 Synchronous: establish the relationship again",
    "p. 14 Asynchronous: backup and synchronisation",
    "p. 15 Asynchronous: upgrade B",
    "p. 16 Asynchronous: verify and test",
    "p. 16 Asynchronous: make B the primary",
    "p. 17 Asynchronous: upgrade A",
    "p. 17 Asynchronous: establish the relationship again",
    "p. 19 Upgrade the hardware",
    "p. 21 Disclaimer, licensing, support",
];

/// What handcarry does not do of the guide's rules: one that is closed, or
/// found, changes this list with the table.
const GAPS: [&str; 0] = [];

fn table() -> (String, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guide/TABLE.md");
    let whole = std::fs::read_to_string(path).expect("the table");
    let (guide, journeys) = whole.split_once("\n# Journeys").expect("the journeys stand last");
    (guide.to_owned(), journeys.to_owned())
}

#[test]
fn every_heading_of_the_guide_has_its_rules() {
    let (guide, _) = table();
    let parts: Vec<(&str, &str)> =
        guide.split("\n## ").skip(1).map(|part| part.split_once('\n').expect("more than a heading")).collect();
    let headings: Vec<&str> = parts.iter().map(|(heading, _)| *heading).collect();
    assert_eq!(headings, HEADINGS);
    for (heading, text) in &parts {
        let has_rules = !rows(text).is_empty();
        let last = Some(heading) == HEADINGS.last();
        assert_eq!(has_rules, !last, "{heading}");
        assert_eq!(last, text.contains("No rule"), "{heading}");
    }
}

#[test]
fn every_rule_says_what_is_made_of_it_and_names_tests_that_exist() {
    let (guide, _) = table();
    let tests = tested();
    let rows = rows(&guide);
    assert!(rows.len() >= 65, "the table shrank to {} rules", rows.len());
    let mut wrong = Vec::new();
    for row in &rows {
        let [rule, here, held] = &row[..] else { panic!("three cells: {row:?}") };
        assert!(rule.len() > 8 && here.len() > 5, "{row:?}");
        let names = named(held);
        assert!(!names.is_empty(), "no test holds {rule:?}");
        wrong.extend(names.into_iter().filter_map(|name| Some(format!("{name}: {}", holds_nothing(name, &tests)?))));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Folders whose tests run the lab, a page or a text, and not handcarry: what
/// they show of a rule is that the lab keeps it.
const NOT_HANDCARRY: [&str; 7] =
    ["tests/lab", "tests/web", "tests/messages", "tests/docs", "tests/shared", "src/lab", "src/web"];

/// Why a test holds no rule of the guide; `None` where it may.
fn holds_nothing(name: &str, tests: &BTreeMap<String, Vec<Tested>>) -> Option<String> {
    match tests.get(name).map(Vec::as_slice).unwrap_or_default() {
        [] => Some("there is no such test".to_owned()),
        [one] if NOT_HANDCARRY.iter().any(|folder| one.file.starts_with(folder)) => {
            Some(format!("{} does not run handcarry", one.file.display()))
        }
        [_] => None,
        several => Some(format!("one name, {} tests: either may vanish", several.len())),
    }
}

#[test]
fn every_gap_is_on_the_list() {
    let (guide, _) = table();
    for gap in GAPS {
        assert!(guide.contains(gap), "closed? then take it off the list: {gap}");
    }
    assert_eq!(rows(&guide).iter().filter(|row| row[1].contains("gap: ")).count(), GAPS.len());
}

#[test]
fn every_journey_is_made_on_pages_of_both_languages() {
    let (_, journeys) = table();
    let tests = tested();
    let rows = rows(&journeys);
    assert!(rows.len() >= 9, "a journey went missing");
    for row in &rows {
        let [journey, english, portuguese] = &row[..] else { panic!("three cells: {row:?}") };
        assert_eq!((named(english).len(), named(portuguese).len()), (1, 1), "{journey}");
        for name in named(english).into_iter().chain(named(portuguese)) {
            assert_eq!(holds_nothing(name, &tests), None, "{journey}: {name}");
        }
        for name in named(portuguese) {
            let body = &tests[name][0].body;
            assert!(body.contains("\"pt\"") || body.contains("LANGUAGES"), "{journey}: {name} sees no Portuguese page");
        }
    }
}

/// The rows of a table in Markdown, each as its cells, headings left out.
fn rows(text: &str) -> Vec<Vec<String>> {
    let lines: Vec<&str> = text.lines().collect();
    let is_row = |line: &str| line.starts_with("| ");
    let heads = |at: usize| lines.get(at + 1).is_some_and(|next| next.starts_with("| ---"));
    let kept = lines.iter().enumerate().filter(|(at, line)| is_row(line) && !line.starts_with("| ---") && !heads(*at));
    kept.map(|(_, line)| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// What stands between backticks in a cell.
fn named(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}
