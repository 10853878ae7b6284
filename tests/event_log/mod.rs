//! The event log through the programs: what is in it, in what forms it is
//! printed, that a change of it is found, and that it holds up no work.

#[cfg(unix)]
mod collector;

use crate::support::home::Home;
use handcarry::testing::model::Exit;
use serde_json::Value;

const BASE: &str = "Base-3.4.0.nss";

/// Both halves with keys, and a bundle on the stick for an appliance.
fn carried() -> Home {
    let home = Home::new().trusting();
    std::fs::write(home.path(BASE), vec![0x81; 9000]).expect("written");
    home.outside(&["import", BASE, "--by", "ana", "--requires", "base=3.3.2", "--for", "LAB-1"], "").ends(0);
    home.outside(&["seal", "--from", "ana", "--appliance", "LAB-1", "--model", "B200", "--host", "h.example.com"], "")
        .ends(0);
    home.outside(&["write", "stick"], "").ends(0);
    home
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["kind"].as_str().expect("a kind")).collect()
}

#[test]
fn what_touches_trust_and_custody_is_logged_on_both_sides() {
    let home = carried();
    std::fs::create_dir(home.path("second")).expect("made");
    home.outside(&["vault", "export", "second"], "").ends(0);
    home.outside(&["vault", "import", "second"], "").ends(0);
    home.outside(&["keygen", "--out", "eve", "--principal", "eve", "--no-passphrase"], "").ends(0);
    home.outside(&["sign", "stick", "--key", "eve"], "y\n").ends(0);
    let outside = home.events("outside");
    let vault = ["imported", "sealed", "written", "vault-exported", "vault-imported"];
    let expected = [&["key-made", "trust-added"][..], &vault, &["key-made", "signed"]].concat();
    assert_eq!(kinds(&outside), expected);
    let (made, sealed, eve) = (&outside[0]["fields"], &outside[3]["fields"], &outside[7]["fields"]);
    assert_eq!(outside[5]["fields"]["fingerprint"], made["fingerprint"], "who signed what left");
    assert_eq!((&made["principal"], &made["encrypted"]), (&"ana@outside".into(), &false.into()));
    assert_eq!((&sealed["serial"], &sealed["sequence"], &sealed["packages"]), (&"LAB-1".into(), &1.into(), &1.into()));
    assert_eq!((&sealed["fingerprint"], &outside[4]["fields"]["bundle"]), (&made["fingerprint"], &sealed["bundle"]));
    assert_eq!(
        (&outside[2]["fields"]["vouched_by"], &outside[8]["fields"]["fingerprint"]),
        (&"ana".into(), &eve["fingerprint"])
    );
    for event in &outside {
        let fields = &event["fields"];
        assert!(fields["by"].is_string() && fields["pid"].is_u64(), "{event}");
        assert!(fields["command"].as_str().is_some_and(|typed| typed.starts_with("handcarry-outside ")), "{event}");
    }

    // A stranger's signature does not count and spoils nothing; a damaged bundle is refused.
    home.inside(&["verify", "stick"], "").ends(0);
    let inside = home.events("inside");
    assert_eq!(kinds(&inside), ["key-made", "trust-added", "signature-ignored"]);
    assert_eq!(inside[1]["fields"]["principals"], serde_json::json!(["ana@outside"]));
    let why = inside[2]["fields"]["why"].as_str().expect("a reason");
    assert!(
        why.contains(eve["fingerprint"].as_str().expect("a key")) && why.contains("not among the trusted"),
        "{why}"
    );
    let bundle = crate::support::home::files(&home.path("stick"))
        .into_iter()
        .find(|path| path.extension().is_some_and(|e| e == "zip"));
    let bundle = bundle.expect("a bundle");
    let mut bytes = std::fs::read(&bundle).expect("reads");
    let at = bytes.windows(64).position(|window| window.iter().all(|byte| *byte == 0x81)).expect("the package");
    bytes[at + 100] ^= 1;
    std::fs::write(&bundle, &bytes).expect("damaged");
    home.inside(&["verify", "stick"], "").ends(Exit::DigestMismatch);
    let refused = home.events("inside").pop().expect("an event");
    assert_eq!((&refused["kind"], &refused["fields"]["code"]), (&"refused".into(), &"digest-mismatch".into()));
    // The policy that is set by hand: how many must sign, and until when trust holds.
    home.inside(&["trust", "threshold", "2"], "").ends(0);
    home.inside(&["trust", "renew", "--days", "30"], "").ends(0);
    let events = home.events("inside");
    assert_eq!(kinds(&events[events.len() - 2..]), ["policy-changed"; 2]);
    let policy = &events[events.len() - 1]["fields"];
    assert_eq!((&policy["threshold"], &policy["trust_threshold"]), (&2.into(), &2.into()));
    assert!(policy["renew_by"].as_str().is_some_and(|by| by.ends_with('Z')), "{policy}");
    // Which servers packages come from is custody.
    let origin = "https://updates.example.org";
    home.outside(&["vendor", "add", origin, "--by", "ana"], "").ends(0);
    home.outside(&["vendor", "remove", origin], "").ends(0);
    let events = home.events("outside");
    let listed = &events[events.len() - 2..];
    assert_eq!(kinds(listed), ["vendor-listed", "vendor-removed"]);
    assert!(listed.iter().all(|event| event["fields"]["origin"] == origin), "{listed:?}");
    assert_eq!(listed[0]["fields"]["decided_by"], "ana");
    // Words that nobody doubts are no events.
    let before = home.events("inside").len();
    home.inside(&["verify", "nowhere"], "").ends(Exit::MediaMissing);
    home.inside(&["trust", "list"], "").ends(0);
    assert_eq!(home.events("inside").len(), before);
}

#[test]
fn trust_that_changes_is_logged_and_so_is_a_key_that_is_revoked() {
    let home = Home::new().trusting();
    let mut lines = Vec::new();
    for (name, signs) in [("lost", "bundle"), ("tom", "trust")] {
        let made = ["keygen", "--out", name, "--principal", name, "--for", signs, "--no-passphrase"];
        lines.push(home.outside(&made, "").ends(0).out.trim().to_owned());
    }
    lines.iter().for_each(|line| drop(home.inside(&["trust", "add", line], "y\n").ends(0)));
    home.inside(&["trust", "export", "stick"], "").ends(0);
    home.outside(&["trust", "follow", "stick"], "y\n").ends(0);
    home.outside(&["trust", "propose", "stick", "--revoke", "lost"], "y\n").ends(0);
    home.outside(&["trust", "sign", "stick", "--key", "tom"], "y\n").ends(0);
    home.inside(&["trust", "apply", "stick"], "y\n").ends(0);
    let (outside, inside) = (home.events("outside"), home.events("inside"));
    assert_eq!(kinds(&outside[4..]), ["trust-followed", "trust-proposed", "trust-signed"]);
    let added = ["trust-added"; 3];
    assert_eq!(kinds(&inside), [&["key-made"][..], &added[..], &["trust-applied", "key-revoked"]].concat());
    let (applied, revoked) = (&inside[4]["fields"], &inside[5]["fields"]);
    assert_eq!(applied["sha256"], outside[6]["fields"]["sha256"]);
    assert_eq!(applied["by_old"], serde_json::json!([outside[3]["fields"]["fingerprint"]]));
    assert_eq!(outside[6]["fields"]["fingerprint"], outside[3]["fields"]["fingerprint"]);
    assert_eq!(revoked["fingerprint"], outside[2]["fields"]["fingerprint"]);
}

#[test]
fn it_is_printed_for_people_for_syslog_and_byte_for_byte() {
    let home = carried();
    let kept = std::fs::read_to_string(home.path("home/outside/events.jsonl")).expect("a log");
    assert_eq!(home.outside(&["log", "--format", "jsonl"], "").ends(0).out, kept);
    let last = kept.lines().last().expect("a line");
    let head: Value = serde_json::from_str(last).expect("JSON");
    let people = home.outside(&["log"], "").ends(0);
    assert_eq!(people.out.lines().count(), kept.lines().count());
    assert!(people.out.contains("  notice   trust-added "), "{}", people.out);
    // By these two a cut at the end is seen.
    people.says(&format!(
        "5 events, the last with SHA-256 {}",
        handcarry::testing::model::Sha256Digest::of(last.as_bytes())
    ));
    assert_eq!(head["seq"], 5);
    let syslog = home.outside(&["log", "--format", "syslog"], "").ends(0);
    for (line, kept) in syslog.out.lines().zip(kept.lines()) {
        let record: Value = serde_json::from_str(kept).expect("JSON");
        let (time, kind) = (record["time"].as_str().expect("a time"), record["kind"].as_str().expect("a kind"));
        assert!(line.starts_with('<') && line.contains(&format!(">1 {time} ")), "{line}");
        let (seq, pid) = (&record["seq"], &record["fields"]["pid"]);
        assert!(line.contains(&format!(" handcarry-outside {pid} {kind} [handcarry@32473 seq=\"{seq}\" ")), "{line}");
    }
    let json = home.outside(&["--json", "log"], "").ends(0);
    assert_eq!((json.events("logged").len(), json.events("log")[0]["records"].as_u64()), (5, Some(5)));
    assert_eq!(home.outside(&["log", "--since", "2999-01-01"], "").ends(0).out, "");
    assert_eq!(home.outside(&["log", "--since", "1h"], "").ends(0).out.lines().count(), 5);
    home.outside(&["log", "--since", "yesterday"], "").ends(Exit::Usage);
    Home::new().inside(&["log"], "").ends(Exit::NotFound).says("nothing was logged here yet");
}

#[test]
fn a_changed_log_is_refused_and_the_work_goes_on() {
    let home = carried();
    let path = home.path("home/outside/events.jsonl");
    let whole = std::fs::read_to_string(&path).expect("a log");
    let changed = whole.replace("\"vouched_by\":\"ana\"", "\"vouched_by\":\"rui\"");
    assert_ne!(changed, whole);
    let without: String =
        whole.lines().enumerate().filter(|(at, _)| *at != 1).map(|(_, line)| format!("{line}\n")).collect();
    for (text, line) in [(changed, 3), (without, 2)] {
        std::fs::write(&path, &text).expect("written");
        for format in [&["log"][..], &["log", "--format", "jsonl"], &["log", "--format", "syslog"]] {
            let said = home.outside(format, "").ends(Exit::JournalBroken);
            assert!(said.out.is_empty(), "nothing of it is told: {}", said.out);
            said.says(&format!("events.jsonl was changed: line {line}: "));
        }
        let key = format!("key{line}");
        let said = home.outside(&["keygen", "--out", &key, "--no-passphrase"], "").ends(0);
        said.says("warning: this run is not logged as it should be: ");
        assert!(home.path(&key).exists());
        assert_eq!(std::fs::read_to_string(&path).expect("reads"), text, "nothing is put right");
    }
    // Moved aside, a new one begins.
    std::fs::rename(&path, home.path("evidence")).expect("moved");
    home.outside(&["keygen", "--out", "key", "--no-passphrase"], "").ends(0);
    assert_eq!(kinds(&home.events("outside")), ["key-made"]);
}

#[test]
fn a_torn_last_line_is_told_and_set_aside_by_the_next_event() {
    let home = carried();
    let path = home.path("home/outside/events.jsonl");
    let whole = std::fs::read(&path).expect("a log");
    std::fs::write(&path, &whole[..whole.len() - 20]).expect("torn");
    home.outside(&["log"], "").ends(0).says("the last line was torn by a crash").says("4 events");
    home.outside(&["keygen", "--out", "key", "--no-passphrase"], "").ends(0);
    let events = home.events("outside");
    assert_eq!(kinds(&events)[4..], ["torn-line", "key-made"]);
    home.outside(&["log"], "").ends(0).says("torn-line");
}

#[test]
fn a_log_that_can_not_be_written_and_a_collector_that_is_gone_hold_up_nothing() {
    let home = Home::new();
    // A folder in the log's place.
    std::fs::create_dir_all(home.path("home/outside/events.jsonl")).expect("made");
    let said = home.outside(&["keygen", "--no-passphrase", "--syslog", "gone"], "").ends(0);
    said.says("warning: this run is not logged as it should be: ").says("gone did not take an event");
    assert!(home.path("home/outside/keys/signing").exists());
    home.outside(&["trust", "list", "--syslog", "udp://nohost"], "")
        .ends(Exit::Usage)
        .says("--syslog names no collector");
}
