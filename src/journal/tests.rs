//! The journal is believed only as it was written.

use super::*;
use crate::model::{Exit, Explain, Timestamp};
use proptest::prelude::*;
use serde_json::json;
use std::path::{Path, PathBuf};

fn now() -> Timestamp {
    Timestamp::parse("2026-03-04T22:00:00Z").expect("a time")
}

fn written(folder: &Path, records: usize) -> (PathBuf, Vec<u8>) {
    let path = folder.join("journal/box.jsonl");
    let mut journal = Journal::open(&path, now()).expect("opened");
    for i in 0..records {
        journal.append(now().plus_secs(i as i64), "step", json!({ "number": i, "text": "ä\n\"" })).expect("appended");
    }
    let bytes = std::fs::read(&path).expect("read");
    (path, bytes)
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, bytes) = written(folder.path(), 3);
    let chain = read(&path).expect("holds");
    assert_eq!(chain.records.len(), 3);
    assert_eq!(chain.records[2].fields["number"], 2);
    assert_eq!(bytes.iter().filter(|b| **b == b'\n').count(), 3);
    let head = chain.head();
    chain.check_head(&head).expect("its own head");
    let journal = Journal::open(&path, now()).expect("opened again");
    assert_eq!(journal.head(), head);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_record_gives_a_field_as_what_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, _) = written(folder.path(), 3);
    let record = &read(&path).expect("holds").records[2];
    assert_eq!((record.text("text"), record.text("number"), record.text("none")), (Some("ä\n\""), None, None));
    assert_eq!((record.read::<u64>("number"), record.read::<u64>("text")), (Some(2), None));
}

#[test]
fn a_log_is_read_up_to_its_limits_and_no_further() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, bytes) = written(folder.path(), 3);
    let longest = bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::len).max().expect("lines");
    let within = |bytes, line_bytes| chain::read_within(&path, &LogRules { bytes, line_bytes, ..LogRules::JOURNAL });
    let size = bytes.len() as u64;
    within(size, longest).expect("it just fits");
    for limit_bytes in [size - 1, 1] {
        let large = within(limit_bytes, longest).expect_err("too large");
        assert!(matches!(large, JournalError::TooLarge { limit_bytes: told, .. } if told == limit_bytes), "{large}");
    }
    for line_bytes in [longest - 1, 1] {
        let long = within(size, line_bytes).expect_err("too long");
        assert!(long.to_string().contains(&format!("longer than the limit of {line_bytes} bytes")), "{long}");
    }
    let missing = chain::read_within(&folder.path().join("none"), &LogRules::JOURNAL);
    assert!(matches!(missing, Err(JournalError::Missing { .. })));
}

#[test]
fn a_log_is_opened_and_written_up_to_its_limits() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, bytes) = written(folder.path(), 3);
    let rules = |bytes, line_bytes| LogRules { bytes, line_bytes, ..LogRules::JOURNAL };
    let size = bytes.len() as u64;
    for limit_bytes in [size - 1, 1] {
        let large = Journal::open_within(&path, now(), &rules(limit_bytes, 4096)).expect_err("too large");
        assert!(matches!(large, JournalError::TooLarge { limit_bytes: told, .. } if told == limit_bytes), "{large}");
    }
    let mut journal = Journal::open_within(&path, now(), &rules(size, 4096)).expect("it just fits");
    let seq = journal.append(now(), "step", json!({})).expect("appended").seq;
    assert_eq!((seq, journal.records().last().map(|record| record.seq)), (4, Some(4)));
    let line_bytes = std::fs::read(&path).expect("read").len() - bytes.len();
    let one = |name: &str, line_bytes| {
        let path = folder.path().join(name);
        Journal::open_within(&path, now(), &rules(size, line_bytes))?.append(now(), "step", json!({})).map(drop)
    };
    one("fits", line_bytes).expect("a line of the longest length");
    let long = one("does-not", line_bytes - 1).expect_err("a byte too long");
    assert!(matches!(long, JournalError::LineTooLong { bytes, .. } if bytes == line_bytes), "{long}");
}

/// Events of a log of the tests' own.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", content = "fields", rename_all = "kebab-case")]
enum Event {
    Begun,
    Counted { by: u64 },
}

impl LogEvent for Event {
    /// How often it was begun, and what was counted.
    type Past = (u64, u64);

    fn parts(&self) -> (String, serde_json::Map<String, serde_json::Value>) {
        tagged(self)
    }

    fn of(record: &Record) -> Result<Option<Self>, String> {
        untagged(record)
    }

    fn apply(self, _: Timestamp, past: &mut (u64, u64)) {
        match self {
            Event::Begun => past.0 += 1,
            Event::Counted { by } => past.1 += by,
        }
    }
}

#[test]
fn a_log_comes_to_what_its_events_say_and_a_torn_line_says_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log.jsonl");
    let open = || Log::<Event>::open(&path, now(), &LogRules::JOURNAL).expect("opened");
    let mut log = open();
    log.append(now(), Event::Begun).expect("appended");
    log.append(now(), Event::Counted { by: 5 }).expect("appended");
    assert_eq!(*log.past(), (1, 5));
    drop(log);
    std::fs::write(&path, [std::fs::read(&path).expect("read"), b"torn".to_vec()].concat()).expect("torn");
    let mut log = open();
    log.append(now(), Event::Counted { by: 2 }).expect("appended");
    assert_eq!(*log.past(), (1, 7));
    drop(log);
    assert_eq!(read_log::<Event>(&path, &LogRules::JOURNAL).expect("holds"), (1, 7));

    let mut journal = Journal::open(&path, now()).expect("opened");
    journal.append(now(), "another", json!({})).expect("appended");
    drop(journal);
    let changed = read_log::<Event>(&path, &LogRules::JOURNAL).expect_err("no such event");
    assert!(matches!(changed, JournalError::Changed { line: 5, .. }), "{changed}");
}

#[test]
fn two_writers_are_one_too_many() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("box.jsonl");
    let first = Journal::open(&path, now()).expect("opened");
    let second = Journal::open(&path, now()).expect_err("busy");
    assert!(matches!(second, JournalError::Busy { .. }), "{second}");
    drop(first);
    Journal::open(&path, now()).expect("free again");
}

#[test]
fn a_line_torn_anywhere_is_mended() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, bytes) = written(folder.path(), 3);
    let last = bytes[..bytes.len() - 1].iter().rposition(|b| *b == b'\n').expect("three lines") + 1;
    for end in last..=bytes.len() {
        std::fs::write(&path, &bytes[..end]).expect("cut");
        let before = read(&path).expect("holds but for its end");
        let mut journal = Journal::open(&path, now()).expect("mended");
        journal.append(now(), "after", json!({})).expect("appended");
        let kinds: Vec<&str> = journal.records().iter().map(|r| r.kind.as_str()).collect();
        let expected: &[&str] = match end {
            _ if end == last => &["step", "step", "after"],
            _ if end + 1 >= bytes.len() => &["step", "step", "step", "after"],
            _ => &["step", "step", TORN, "after"],
        };
        assert_eq!(kinds, expected, "cut at {end}: {:?}", before.torn);
        drop(journal);
        read(&path).expect("holds");
    }
    let aside = std::fs::read(path.with_file_name("box.jsonl.torn")).expect("kept aside");
    assert!(!aside.is_empty());
}

#[test]
fn a_shortened_journal_is_found_by_a_head() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, bytes) = written(folder.path(), 3);
    let head = read(&path).expect("holds").head();
    let second = bytes.iter().position(|b| *b == b'\n').expect("lines") + 1;
    std::fs::write(&path, &bytes[..second]).expect("cut");
    let chain = read(&path).expect("holds by itself");
    let error = chain.check_head(&head).expect_err("found");
    assert_eq!(error.exit(), Exit::JournalBroken);
    assert!(error.to_string().contains("3 records, here are 1"), "{error}");
}

#[test]
fn a_record_has_a_longest_length() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut journal = Journal::open(&folder.path().join("box.jsonl"), now()).expect("opened");
    let error = journal.append(now(), "long", json!({ "text": "x".repeat(MAX_LINE_BYTES) })).expect_err("too long");
    assert!(matches!(error, JournalError::LineTooLong { .. }));
    journal.append(now(), "short", json!({})).expect("nothing was written of the other");
}

/// The number of the line that is found to be wrong; 0 where the whole holds.
fn found(path: &Path, bytes: &[u8]) -> u64 {
    match chain::prove(path, bytes, &LogRules::JOURNAL) {
        Err(JournalError::Changed { line, .. }) => line,
        Err(error) => panic!("{error}"),
        Ok(_) => 0,
    }
}

proptest! {
    #[test]
    fn any_changed_byte_is_found(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, bytes) = written(folder.path(), 4);
        let at = at.index(bytes.len() - 1);
        let mut changed = bytes.clone();
        changed[at] = to;
        prop_assume!(changed != bytes);
        let line = bytes[..at].iter().filter(|b| **b == b'\n').count() as u64 + 1;
        prop_assert_eq!(found(&path, &changed), line);
    }

    #[test]
    fn a_changed_last_line_feed_is_torn_or_found(to in any::<u8>()) {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, mut bytes) = written(folder.path(), 2);
        let end = bytes.len() - 1;
        prop_assume!(to != b'\n');
        bytes[end] = to;
        let chain = chain::prove(&path, &bytes, &LogRules::JOURNAL).expect("its end may be torn");
        prop_assert!(chain.torn.is_some() && chain.records.len() == 1);
    }

    #[test]
    fn any_removed_doubled_or_moved_line_is_found(a in 0usize..5, b in 0usize..5, how in 0u8..3) {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, bytes) = written(folder.path(), 6);
        let mut lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
        match how {
            0 => drop(lines.remove(a)),
            1 => lines.insert(b, lines[a]),
            _ => lines.swap(a, b),
        }
        prop_assume!(lines.concat() != bytes);
        prop_assert_ne!(found(&path, &lines.concat()), 0);
    }
}
