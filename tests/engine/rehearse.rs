//! Rehearsals and snapshots through the real program: nothing is changed, and
//! each fault leads where push would end.

use crate::support::bench::{Bench, NAME};
use crate::support::said::Said;
use handcarry::testing::model::{Exit, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

const OK: u8 = Exit::Ok.code();

/// Every file and folder below `root`: when it was changed, and what it holds.
fn tree(root: &Path) -> BTreeMap<String, (SystemTime, Option<Vec<u8>>)> {
    let look = |entry: walkdir::DirEntry| {
        let meta = entry.metadata().expect("readable");
        let bytes = meta.is_file().then(|| std::fs::read(entry.path()).expect("read"));
        (entry.path().display().to_string(), (meta.modified().expect("a time"), bytes))
    };
    walkdir::WalkDir::new(root).into_iter().map(|entry| look(entry.expect("readable"))).collect()
}

fn snapshot(bench: &Bench) -> String {
    let path = bench.path("box.json").display().to_string();
    bench.inside(&["status", NAME, "--save", &path], "").ends(OK);
    path
}

fn rehearse(bench: &Bench, more: &[&str]) -> Said {
    bench.inside(&[&["--json", "rehearse", &bench.stick()], more].concat(), "")
}

#[test]
fn a_rehearsal_shows_the_whole_chain_and_changes_nothing() {
    let bench = Bench::new(&[]);
    let status = bench.inside(&["status", NAME], "").ends(OK);
    assert!(status.has("serial  LAB-0001-BG") && status.has("site    10.5.3"), "{status:?}");
    let saved = snapshot(&bench);
    bench.inside(&["status", NAME, "--save", &saved], "").ends(Exit::Exists.code());

    let before = (tree(&bench.path("home")), tree(&bench.path("stick")));
    let pages = bench.lab.state()["backups"].clone();
    for more in [&[NAME][..], &[NAME, "--snapshot", &saved], &["--snapshot", &saved]] {
        let said = rehearse(&bench, more).ends(OK);
        let end = said.event("rehearsal");
        assert_eq!((&end["good"], &end["exit"]), (&Value::Bool(true), &Value::from(0)), "{more:?}");
        assert_eq!(end["installed"], serde_json::json!(["Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1"]));
        assert_eq!(end["calls"].as_array().map(Vec::len), Some(2), "the soak is waited for");
        let longest = end["longest_secs"].as_i64().expect("a time");
        assert!(end["shortest_secs"].as_i64().expect("a time") < longest && longest > 24 * 3600);
        let time = |value: &Value| Timestamp::parse(value.as_str().expect("text")).expect("a time");
        let took = time(&end["ended"]).secs_since(time(&end["begun"]));
        assert!(took > 24 * 3600 && took <= longest, "{took} of {longest}");
        let asked = said.events("person");
        let begins = |asked: &&Value| asked["asks"].as_str().is_some_and(|asks| asks.starts_with("Begin now on box"));
        assert_eq!(asked.iter().filter(begins).count(), 2, "once a call that presses something: {asked:?}");
        let phrases =
            |asked: &&Value| asked["step"].as_str().is_some_and(|step| step.starts_with("export-certificate-"));
        // Without a name nobody knows of a file that holds the passphrase.
        let known = more.contains(&NAME);
        assert_eq!(asked.iter().filter(phrases).count(), usize::from(!known), "made once: {asked:?}");
        assert_eq!(asked.iter().filter(|asked| !phrases(asked)).count(), 5, "and a licence each: {asked:?}");
        assert!(
            asked
                .iter()
                .filter(|asked| !begins(asked) && !phrases(asked))
                .all(|asked| asked["step"].as_str().is_some_and(|step| step.starts_with("install-")))
        );
        assert!(said.err.contains("home/inside/backups/lab-0001-bg/"), "paths are those of the real one: {}", said.err);
    }
    assert!(
        before == (tree(&bench.path("home")), tree(&bench.path("stick"))),
        "the home and the stick are as they were"
    );
    assert!(bench.lab.installs().is_empty() && bench.lab.state()["backups"] == pages);
}

#[test]
fn a_wait_ends_early_where_every_client_has_updated() {
    let bench = Bench::new(&[]);
    let saved = snapshot(&bench);
    let said = rehearse(&bench, &["--snapshot", &saved, "--clients-updated", "3h"]).ends(OK);
    let end = said.event("rehearsal");
    assert_eq!(end["installed"], serde_json::json!(["Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1"]));
    let time = |value: &Value| Timestamp::parse(value.as_str().expect("text")).expect("a time");
    let took = time(&end["ended"]).secs_since(time(&end["begun"]));
    assert!((3 * 3600..20 * 3600).contains(&took), "{took}");
    let never = rehearse(&bench, &["--snapshot", &saved, "--clients-updated", "90h"]).ends(OK);
    let end = never.event("rehearsal");
    assert!(time(&end["ended"]).secs_since(time(&end["begun"])) > 24 * 3600, "the wait itself is no longer for that");
}

#[test]
fn each_fault_leads_where_push_would_end() {
    let bench = Bench::new(&[]);
    let saved = snapshot(&bench);
    let listed = bench.inside(&["--json", "rehearse", "--list-faults"], "").ends(OK);
    // Those of two appliances are rehearsed where there are two.
    let of_one = |fault: &Value| ["backup", "install"].iter().any(|befalls| fault["befalls"] == *befalls);
    let names: Vec<Value> =
        listed.events("fault").into_iter().filter(of_one).map(|fault| fault["name"].clone()).collect();
    // Each push of the rehearsal plans anew; the first plan has all steps.
    let rehearsed = rehearse(&bench, &["--snapshot", &saved]).ends(OK);
    let steps = rehearsed.events("plan").first().expect("a plan")["steps"].clone();
    let site_at = steps.as_array().expect("steps").iter().position(|step| step["title"] == "install Bomgar 10.6.2");
    let id = steps[site_at.expect("a step")]["id"].as_str().expect("an id").to_owned();
    let table = [
        ("backup-empty", Exit::BackupFailed, true),
        ("by-hand-backup", Exit::Ok, true),
        ("upload-cut", Exit::Ok, true),
        ("upload-answer-lost", Exit::Ok, true),
        ("upload-vanishes", Exit::Ok, true),
        ("package-refused", Exit::PackageRejected, false),
        ("by-hand-upload", Exit::Ok, true),
        ("agreement-answer-lost", Exit::Ok, true),
        ("by-hand-agreement", Exit::Ok, true),
        ("install-fails", Exit::BaseTrouble, true),
        ("install-vanishes", Exit::BaseTrouble, true),
        ("install-hangs", Exit::BaseTrouble, false),
        ("install-hides", Exit::Ok, true),
        ("labels-change", Exit::Ok, true),
    ];
    assert_eq!(table.iter().map(|row| Value::from(row.0)).collect::<Vec<_>>(), names, "every fault is tried");
    for (fault, exit, good) in table {
        let said = rehearse(&bench, &["--snapshot", &saved, "--fault", fault]).ends(exit.code());
        let end = said.event("rehearsal");
        assert_eq!(
            (&end["good"], &end["code"]),
            (&Value::from(good), &Value::from(exit.name())),
            "{fault}: {}",
            said.err
        );
        assert_eq!(end["unstruck"], serde_json::json!([]), "{fault}");
        if exit != Exit::Ok {
            let stop = &end["stops"][0];
            assert!(stop["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{fault} says what goes on: {stop}");
        }
        if fault.starts_with("by-hand") {
            assert!(said.err.contains("By hand:"), "{fault}: {}", said.err);
        }
    }
    let at_site = format!("install-fails@{id}");
    let said = rehearse(&bench, &["--snapshot", &saved, "--fault", &at_site]).ends(Exit::InstallFailed.code());
    assert!(said.err.contains("push would end: Bomgar 10.6.2 was not installed"), "{}", said.err);
    assert_eq!(said.event("rehearsal")["good"], true, "calling push again mends it");
    let second = rehearse(&bench, &["--snapshot", &saved, "--fault", "backup-empty@8"]).ends(Exit::BackupFailed.code());
    assert_eq!(second.event("rehearsal")["stops"][0]["code"], "backup-failed");
    assert_eq!(second.events("installed").len(), 3, "the first backup was made");
    let both = ["--snapshot", &saved, "--fault", "upload-cut@4", "--fault", "install-fails@5"];
    rehearse(&bench, &both).ends(Exit::InstallFailed.code());
}

#[test]
fn windows_and_the_past_count_as_they_do_in_a_push() {
    let bench = Bench::new(&[]);
    bench.push("y\ny\n").ends(Exit::Waiting.code());
    let before = (tree(&bench.path("home")), tree(&bench.path("stick")));
    let said = rehearse(&bench, &[NAME]).ends(OK);
    let end = said.event("rehearsal");
    assert_eq!(end["installed"], serde_json::json!(["Bomgar 11.1.1"]), "the rest is installed already");
    assert_eq!(end["calls"].as_array().map(Vec::len), Some(2), "the soak that runs is waited for");
    assert!(before == (tree(&bench.path("home")), tree(&bench.path("stick"))), "the journal is as it was");

    let inventory = bench.inventory();
    let mut file = std::fs::OpenOptions::new().append(true).open(inventory).expect("the inventory");
    writeln!(file, "windows = [\"sat 22:00-04:00\"]\ntime_zone = \"UTC\"").expect("written");
    let said = rehearse(&bench, &[NAME]).ends(OK);
    let begun =
        said.events("step").into_iter().find(|step| step["id"].as_str().is_some_and(|id| id.starts_with("install-")));
    let at = begun.expect("an install")["rehearsed_at"].as_str().and_then(Timestamp::parse).expect("a time").datetime();
    let late = at.hour() >= 21 && at.weekday().number_from_monday() == 6;
    assert!(late || at.hour() < 4 && at.weekday().number_from_monday() == 7, "{at}");
}

#[test]
fn what_can_not_be_rehearsed_is_said() {
    let bench = Bench::new(&[]);
    let saved = snapshot(&bench);
    let over = bench.inside(&["status", NAME, "--save", &saved], "").ends(Exit::Exists.code());
    assert!(over.err.contains("never overwritten"), "{}", over.err);
    let ends = |more: &[&str], exit: Exit| rehearse(&bench, more).ends(exit.code());
    ends(&["--snapshot", &saved, "--fault", "flood"], Exit::Usage);
    let none = ends(&["--snapshot", &saved, "--fault", "install-fails@99"], Exit::NotFound);
    assert!(none.err.contains("1 check, 2 export-certificate-1, 3 backup-1"), "{}", none.err);
    ends(&["--snapshot", &saved, "--fault", "backup-empty@4"], Exit::Usage);
    ends(&[], Exit::Usage);
    ends(&["nobody"], Exit::NotFound);
    let good = std::fs::read_to_string(&saved).expect("read");
    std::fs::write(&saved, good.replace("LAB-0001-BG", "LAB-0002-BG")).expect("written");
    ends(&["--snapshot", &saved], Exit::WrongAppliance);
    std::fs::write(&saved, good.replacen('{', "{\"colour\": 1,", 1)).expect("written");
    let bad = ends(&["--snapshot", &saved], Exit::Config);
    assert!(bad.err.contains("does not read as a snapshot"), "{}", bad.err);
}
