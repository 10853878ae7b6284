//! The audit report of the journals in `fixtures/journals`, and of records that lie.

use super::*;
use crate::journal;
use crate::language::Tongue;
use crate::model::{Sha256Digest, ShowPath, Timestamp};
use crate::report::wording::words_of;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const BOTH: [Tongue; 2] = [Tongue::En, Tongue::Pt];

fn imprint(language: Tongue) -> Imprint {
    let made = Timestamp::parse("2026-03-08T09:00:00Z").expect("a time");
    Imprint { language, program: "handcarry-inside", made, by: "rui (uid 1000)".to_owned() }
}

fn about() -> About {
    About { name: "box".into(), serial: "S1".into(), host: "box.example.com".into(), bundles: Vec::new() }
}

fn page(chain: &Chain, language: Tongue) -> String {
    audit_html(AuditFacts { about: about(), chain, receipts: &[], manifests: &[] }, &imprint(language))
}

/// All journals of the stories.
fn stories() -> Vec<Chain> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/journals");
    let folders = std::fs::read_dir(folder).expect("stories").map(|entry| entry.expect("readable").path());
    let files = folders.flat_map(|folder| ["alpha.jsonl", "beta.jsonl"].map(|name| folder.join(name)));
    files.filter(|file| file.exists()).map(|file| journal::read(&file).expect("holds")).collect()
}

fn chain(records: &[(&str, Value)]) -> Chain {
    let record = |(at, (kind, fields)): (usize, &(&str, Value))| {
        let Value::Object(fields) = fields.clone() else { panic!("an object") };
        let time = Timestamp::parse("2026-03-04T22:00:00Z").expect("a time").plus_secs(at as i64);
        Record { seq: at as u64 + 1, time, kind: (*kind).to_owned(), fields, sha256: Sha256Digest::of(&[at as u8]) }
    };
    Chain { path: PathBuf::from("j"), records: records.iter().enumerate().map(record).collect(), torn: None }
}

/// What stands in braces in a sentence.
fn members(sentence: &str) -> BTreeSet<&str> {
    sentence.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

#[test]
fn both_languages_have_the_same_words_about_the_same_things() {
    let [en, pt] = BOTH.map(words_of);
    for ((name, en), (_, pt)) in en.all().into_iter().zip(pt.all()) {
        assert!(!en.is_empty() && !pt.is_empty(), "{name}");
        assert_eq!(members(en), members(pt), "{name}");
    }
    let kinds = |table: &'static [(&str, &str)]| table.iter().map(|(kind, _)| *kind).collect::<Vec<_>>();
    assert_eq!(kinds(en.events), kinds(pt.events));
    assert_eq!(kinds(en.terms), kinds(pt.terms));
    assert_eq!(kinds(en.events).into_iter().collect::<BTreeSet<_>>().len(), en.events.len(), "each once");
    for ((kind, en), (_, pt)) in en.events.iter().zip(pt.events) {
        // What is said of a choice is a language's own; what is chosen by is not.
        let names = |sentence| {
            members(sentence)
                .into_iter()
                .map(|one| one.split('?').next().unwrap_or(one).to_owned())
                .collect::<BTreeSet<_>>()
        };
        assert_eq!(names(en), names(pt), "{kind}");
        assert!(en.ends_with(['.', '}', '”']) && pt.ends_with(['.', '}', '”']), "{kind}");
    }
}

#[test]
fn every_record_of_the_stories_is_a_sentence_and_nothing_of_it_is_lost() {
    for language in BOTH {
        let words = words_of(language);
        for chain in stories() {
            let titles = Titles::of(&chain);
            for record in &chain.records {
                let told = tell(record, &titles, words);
                let sentence = told.sentence.as_str();
                assert!(
                    sentence.contains(' ') && !sentence.contains(['{', '}', '[', ']']),
                    "{}: {sentence}",
                    record.kind
                );
                assert!(
                    !sentence.contains(" .") && !sentence.contains(" ,") && !sentence.contains(": ."),
                    "{sentence}"
                );
            }
            // Each digest that a record has stands on the page, whole.
            let page = page(&chain, language);
            let text = serde_json::to_string(&chain.records).expect("JSON");
            let digests = text.split('"').map(|one| one.trim_start_matches("sha256:")).filter(|one| one.len() == 64);
            for digest in digests.filter(|one| one.bytes().all(|b| b.is_ascii_hexdigit())) {
                assert!(page.contains(digest), "{digest} of {}", chain.path.shown());
            }
        }
    }
}

#[test]
fn members_that_sentences_name_are_members_of_such_records() {
    let all: Vec<Record> = stories().into_iter().flat_map(|chain| chain.records).collect();
    for (kind, sentence) in words_of(Tongue::En).events {
        let records: Vec<&Record> = all.iter().filter(|record| record.kind == *kind).collect();
        for member in members(sentence) {
            let path = member.split(['?', ':']).next().unwrap_or(member);
            let first = path.split('.').next().unwrap_or(path);
            // What is written only where there is something to say.
            let optional = ["options", "medium", "approved_by", "expected", "shown.typed", "shown.no_site", "host"];
            let known = records.is_empty() || records.iter().any(|record| record.fields.contains_key(first));
            assert!(known || optional.contains(&path), "{kind}: {path}");
        }
    }
}

#[test]
fn custody_goes_from_the_exchange_to_the_receipt_and_gaps_are_told() {
    let (sha256, bundle) = ("ab".repeat(32), "31".repeat(16));
    let package = json!({ "bundle": bundle, "file": "p0.nss", "key": format!("sha256:{sha256}"),
        "name": "Base 3.4.0", "package_kind": "base", "version": "3.4.0" });
    let source = json!({ "how": "exchange", "origin": "https://vendor.example.com", "allowed": [],
        "exchange": "11".repeat(16), "at": "2026-03-01T10:00:00Z" });
    let mut records = vec![
        (
            "push-begun",
            json!({ "bundle": bundle, "sequence": 7, "manifest_sha256": "cd".repeat(32), "signed_by": ["ana@outside"] }),
        ),
        (
            "backup-done",
            json!({ "file": "b.nsb", "size_bytes": 4096, "sha256": "ef".repeat(32), "protected": true, "history": true, "guided": false }),
        ),
        ("install-started", json!({ "package": package, "before": {}, "attempt": 1, "source": source })),
        ("upload-handed-over", json!({ "key": format!("sha256:{sha256}") })),
        ("install-confirmed", json!({ "package": package, "evidence": "version", "guided": false, "shown": {} })),
        ("receipt-signed", json!({ "receipt": "22".repeat(16), "bundle": bundle })),
    ];
    let signed = chain(&records).records[5].time;
    let told = page(&chain(&records), Tongue::En);
    for there in [
        "Audit report of box",
        "https://vendor.example.com, downloaded",
        "in the exchange <code>1111",
        "number 7, manifest SHA-256 <code>cdcd",
        "signed by ana@outside",
        &format!("<code>{sha256}</code>"),
        "The last bytes of Base 3.4.0 are about to go",
        "Base 3.4.0 is installed: the appliance shows its version.",
        "<code>22222222",
        &format!("signed {} (record 6)", moment(signed, words_of(Tongue::En)).as_str()),
        "S1",
        "box.example.com",
        "rui (uid 1000)",
        "handcarry-inside 0.1.0",
        "The journal was compared with no receipt.",
        "Examined",
    ] {
        assert!(told.contains(there), "{there:?} in {told}");
    }
    let absent = [
        "nothing tells how it ended",
        "does not tell where it came from",
        "no backup was kept",
        "no receipt was signed since",
    ];
    assert!(absent.iter().all(|gap| !told.contains(gap)), "{told}");

    // Each that is taken away is told as missing.
    let without = |at: usize| page(&chain(&[&records[..at], &records[at + 1..]].concat()), Tongue::En);
    assert!(without(1).contains("Base 3.4.0: no backup was kept before it in its run (record 2)."));
    assert!(without(4).contains("Base 3.4.0: its install was begun (record 3), and nothing tells how it ended."));
    assert!(without(5).contains("packages were installed, and no receipt was signed since."));
    records[2].1["source"] = Value::Null;
    records[4].1["evidence"] = "operator".into();
    let told = page(&chain(&records), Tongue::Pt);
    assert!(told.contains("Base 3.4.0: o diário não informa de onde veio."), "{told}");
    assert!(told.contains("a palavra de uma pessoa (registro 5)"), "{told}");
}

#[test]
fn what_somebody_wrote_into_a_record_is_text() {
    let evil = "<script>alert(1)</script>\u{1b}[31m<img src=x onerror=alert(2)>\"'";
    let key = format!("offered:{evil}");
    let package =
        json!({ "bundle": evil, "file": evil, "key": key, "name": evil, "package_kind": evil, "version": evil });
    let chain = chain(&[
        (
            "push-begun",
            json!({ "bundle": evil, "sequence": evil, "manifest_sha256": evil, "signed_by": [evil], "options": evil }),
        ),
        ("install-started", json!({ "package": package, "before": { evil: evil }, "attempt": [evil] })),
        ("install-confirmed", json!({ "package": package, "evidence": evil, "guided": evil, "shown": evil })),
        ("install-failed", json!({ "key": key, "said": evil })),
        ("dangerous-accepted", json!({ "what": evil, "refused": { evil: evil }, "reason": evil, "by": evil })),
        (evil, json!({ evil: evil })),
    ]);
    for language in BOTH {
        let named = About { name: evil.into(), serial: evil.into(), host: evil.into(), bundles: vec![evil.into()] };
        let facts = AuditFacts { about: named, chain: &chain, receipts: &[], manifests: &[] };
        let page = audit_html(facts, &Imprint { by: evil.to_owned(), ..imprint(language) });
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains('\u{1b}'), "{page}");
        assert!(page.matches("&lt;script&gt;").count() > 20, "{page}");
        assert!(!page.contains("http"), "it needs nothing from elsewhere");
    }
}

#[test]
fn a_torn_end_and_a_clock_that_went_back_are_gaps() {
    let folder = tempfile::tempdir().expect("a folder");
    let story = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/journals/single/alpha.jsonl");
    let torn = std::fs::read_to_string(story).expect("a journal") + "{\"seq\":";
    std::fs::write(folder.path().join("j"), torn).expect("written");
    let mut chain = journal::read(&folder.path().join("j")).expect("holds");
    chain.records[1].time = chain.records[0].time.plus_secs(-1);
    let told = page(&chain, Tongue::En);
    assert!(told.contains("A crash left 7 bytes of a record") && told.contains("Record 2 is earlier"), "{told}");
}
