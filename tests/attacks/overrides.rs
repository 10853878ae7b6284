//! Refusals that are set aside: flag, reason, word, record; and those that never are.

use crate::attacks::target::{NAME, Target};
use crate::support::said::Said;
use handcarry::testing::model::{Exit, Id, RequestRef, Sha256Digest};
use handcarry::testing::trust::{LineOptions, Namespace};

const WHY: &str = "change 4711, agreed with the vendor";

/// `flag` sets one refusal aside in each verb, on its word alone, and is written down.
fn set_aside(bench: &Target, word: &str, clock: Option<&str>, refusal: &str) {
    let flag = format!("--dangerous-{word}");
    let run = |flags: &[&str], verb: usize, input: &str| -> Said {
        let args = bench.verbs(flags)[verb].clone();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        match clock {
            Some(clock) => bench.at(clock, &args, input),
            None => bench.inside(&args, input),
        }
    };
    for (verb, name) in ["verify", "plan", "push"].into_iter().enumerate() {
        run(&[&flag], verb, "").ends(Exit::Usage).says("--reason");
        let before = (bench.journal("dangerous-accepted").len(), bench.uploads(), bench.marks());
        let flags = [flag.as_str(), "--reason", WHY];
        run(&flags, verb, "y\n").ends(Exit::Declined).says(refusal).says("; it was not set aside, nothing was done");
        run(&[&flags[..], &["--yes"]].concat(), verb, "").ends(Exit::Declined);
        assert_eq!((bench.journal("dangerous-accepted").len(), bench.uploads(), bench.marks()), before, "{name}");
        run(&flags, verb, &format!("{word}\ny\ny\ny\n")).ends(Exit::Ok).says("DANGEROUS: ").says(WHY);
        let records = bench.journal("dangerous-accepted");
        let record = records.last().expect("it is journalled");
        let fields = &record["fields"];
        assert_eq!((records.len(), fields["what"].as_str()), (before.0 + 1, Some(word)));
        assert_eq!((fields["reason"].as_str(), fields["verb"].as_str()), (Some(WHY), Some(name)));
        assert!(fields["by"].as_str().is_some_and(|by| by.contains("rui")), "{fields}");
        assert!(fields["refused"].as_str().is_some_and(|refused| refused.contains(refusal)), "{fields}");
        assert!(record["time"].is_string());
    }
    bench.inside(&["audit", NAME], "").ends(Exit::Ok).says("dangerous-accepted");
    // Each is an event of the desk, too, beside the pin by which the appliance is believed.
    let events = bench.events("inside");
    let pinned: Vec<_> = events.iter().filter(|event| event["kind"] == "pinned").collect();
    let certificate = pinned[0]["fields"]["fingerprint"].as_str().map(|shown| shown.replace(':', "").len());
    assert_eq!((pinned.len(), &pinned[0]["fields"]["appliance"], certificate), (1, &NAME.into(), Some(64)));
    let set_aside = events.iter().filter(|event| event["kind"] == "overridden").map(|event| &event["fields"]);
    let set_aside: Vec<_> = set_aside.filter(|fields| fields["what"] == word && fields["reason"] == WHY).collect();
    assert_eq!(set_aside.len(), 3, "one for each verb: {events:?}");
    assert!(set_aside.iter().all(|fields| fields["refused"].as_str().is_some_and(|told| told.contains(refusal))));
}

#[test]
fn dangerous_expired() {
    let bench = Target::new();
    let mut manifest = bench.manifest(1, 1);
    manifest.expires = bench.now.plus_secs(-60);
    bench.seal(&manifest);
    set_aside(&bench, "expired", None, "the bundle expired at");
}

#[test]
fn dangerous_not_yet_valid() {
    let bench = Target::new();
    let mut manifest = bench.manifest(1, 1);
    manifest.created = bench.now.plus_secs(3600);
    bench.seal(&manifest);
    // The mark then stands in the future, so the clock is refused from then on.
    set_aside(&bench, "not-yet-valid", None, "the bundle was sealed at");
    bench.seal(&bench.manifest(2, 1));
    bench.refused(Exit::ClockWentBack, "the clock went back");
    // A mark that ran ahead is no dead end.
    bench.push(&["--dangerous-clock", "--reason", WHY], "clock\ny\ny\ny\n").ends(Exit::Ok);
}

#[test]
fn dangerous_rollback_moves_no_mark_back() {
    let bench = Target::new();
    let newer = Id::random();
    bench.remember(Some((5, newer)), None, &[], &[]);
    bench.seal(&bench.manifest(4, 1));
    set_aside(&bench, "rollback", None, "its sequence is 4");
    let marks: serde_json::Value = serde_json::from_slice(&bench.marks().expect("kept")).expect("JSON");
    assert_eq!(marks["accepted"]["sequence"], 5);
    assert_eq!(marks["accepted"]["bundle"], newer.to_string());
}

#[test]
fn dangerous_replayed() {
    let bench = Target::new();
    let manifest = bench.manifest(4, 1);
    bench.remember(Some((4, manifest.bundle)), None, &[manifest.bundle], &[]);
    bench.seal(&manifest);
    set_aside(&bench, "replayed", None, "was used already");
}

#[test]
fn dangerous_wrong_request() {
    let bench = Target::new();
    bench.remember(None, None, &[], &[Id::random()]);
    let mut manifest = bench.manifest(1, 1);
    manifest.appliances[0].request = Some(RequestRef { id: Id::random(), sha256: Sha256Digest::of(b"") });
    bench.seal(&manifest);
    set_aside(&bench, "wrong-request", None, "which was not made here");
}

#[test]
fn dangerous_clock_takes_the_latest_signed_time() {
    let bench = Target::new();
    bench.seal(&bench.manifest(1, 1));
    set_aside(&bench, "clock", Some("@1970-01-01 00:02:00"), "a time before this program was made");
    let marks: serde_json::Value = serde_json::from_slice(&bench.marks().expect("kept")).expect("JSON");
    assert_eq!(marks["last_trusted"], bench.manifest(1, 1).created.to_string(), "1970 is never remembered");
}

/// Whoever keeps the media back keeps revocations back, and so no trust holds for ever.
#[test]
fn dangerous_overdue_trust() {
    let bench = Target::new();
    bench.seal(&bench.manifest(1, 1));
    let policy = format!("renew_by = \"{}\"\n", bench.now.plus_secs(-60));
    std::fs::write(bench.path("home/inside/trust/policy.toml"), policy).expect("written");
    bench.refused(Exit::TrustOverdue, "the trust here was to be renewed by");
    set_aside(&bench, "overdue-trust", None, "the trust here was to be renewed by");
    bench.inside(&["trust", "renew", "--days", "60"], "").ends(Exit::Ok);
    bench.push(&[], "y\ny\n").ends(Exit::Replayed);
}

#[test]
fn a_flag_sets_aside_its_own_refusal_only() {
    let bench = Target::new();
    bench.remember(Some((5, Id::random())), None, &[], &[]);
    let mut manifest = bench.manifest(4, 1);
    manifest.expires = bench.now.plus_secs(-60);
    bench.seal(&manifest);
    let flags = ["--dangerous-expired", "--reason", WHY];
    bench.push(&flags, "expired\ny\n").ends(Exit::Rollback);
    let both = [&flags[..], &["--dangerous-rollback"]].concat();
    bench.push(&both, "rollback\nno\n").ends(Exit::Declined);
    assert_eq!(bench.uploads(), Vec::<String>::new());
    bench.push(&both, "rollback\nexpired\ny\ny\n").ends(Exit::Ok);
}

#[test]
fn signatures_appliance_and_digests_have_no_override() {
    let bench = Target::new();
    let all = [
        "--dangerous-expired",
        "--dangerous-not-yet-valid",
        "--dangerous-rollback",
        "--dangerous-replayed",
        "--dangerous-wrong-request",
        "--dangerous-clock",
        "--dangerous-overdue-trust",
        "--reason",
        WHY,
    ];
    let words = "clock\nreplayed\nrollback\nwrong-request\nnot-yet-valid\nexpired\ny\ny\n";
    let stranger = bench.key("stranger", &LineOptions::default()).0;
    bench.seal_by(&stranger, Namespace::Bundle, &bench.manifest(1, 1));
    bench.push(&all, words).ends(Exit::ThresholdNotMet);
    let mut other = bench.manifest(1, 1);
    other.appliances[0].serial = "LAB-0002-BG".into();
    bench.seal(&other);
    bench.push(&all, words).ends(Exit::WrongAppliance);
    let path = bench.seal(&bench.manifest(1, 1));
    let mut bytes = std::fs::read(&path).expect("readable");
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(&path, bytes).expect("written");
    bench.push(&all, words).ends(Exit::DigestMismatch);
    assert_eq!((bench.uploads(), bench.marks(), bench.journal("dangerous-accepted").len()), (vec![], None, 0));
}

#[test]
fn nothing_is_set_aside_where_no_journal_takes_it_down() {
    let bench = Target::new();
    bench.seal(&bench.manifest(1, 1));
    let args = ["verify", &bench.stick(), "--dangerous-expired", "--reason", WHY];
    bench.inside(&args, "expired\n").ends(Exit::Usage).says("--appliance NAME");
}
