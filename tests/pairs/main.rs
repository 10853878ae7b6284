//! Failover pairs through the real programs, against the lab's pair: both
//! orders, in English and Portuguese, each trouble with its way back, and runs
//! that are killed.
#![cfg(feature = "lab")]

mod alone;
mod bench;
#[path = "../shared/lab.rs"]
#[allow(dead_code, reason = "each suite uses a part of it")]
mod lab;
mod rehearsal;
mod trouble;

use bench::{A, B, Bench, key};
use handcarry::lab::SHARED_IP;
use handcarry::model::Exit;

const OK: u8 = Exit::Ok.code();
const SYNC: [&str; 2] = ["--topology", "failover-sync"];
const ASYNC: [&str; 6] = ["--topology", "failover-async", "--switch", "shared-ip", "--shared-ip", SHARED_IP];
const PACKAGES: [&str; 2] = ["Base 3.4.0", "Bomgar 10.6.2"];

/// What each journal must tell of a whole run.
fn told(journal: &[String], what: &str) -> Vec<String> {
    let steps = journal.iter().filter_map(|record| record.strip_prefix(what)).map(|step| step.trim().to_owned());
    let mut once: Vec<String> = Vec::new();
    steps.for_each(|step| {
        if !once.contains(&step) {
            once.push(step);
        }
    });
    once
}

#[track_caller]
fn both_journals_tell(bench: &Bench, steps: &[&str]) {
    for name in [A, B] {
        let journal = bench.journal(name);
        assert_eq!(told(&journal, "pair-step-done"), steps, "{name}");
        assert_eq!(journal.iter().filter(|record| *record == "pair-done").count(), 1, "{name}");
        bench.inside(&["audit", name], "").ends(OK);
    }
}

#[test]
fn a_synchronous_pair_is_planned_and_upgraded_with_the_primary_first() {
    let bench = Bench::new(&[]);
    let stick = bench.stick();
    let plan = bench.inside(&[&["plan", &stick, A, B], &SYNC[..]].concat(), "").ends(OK);
    let at = |text: &str| plan.out.find(text).unwrap_or_else(|| panic!("no {text:?} in {}", plan.out));
    assert!(at("pull a data sync from alpha to beta") < at("break the failover relationship"));
    assert!(at("upgrade alpha") < at("maintenance window 2") && at("maintenance window 2") < at("upgrade beta"));
    assert!(at("upgrade beta") < at("alpha primary, beta backup"));
    assert!(plan.err.contains(&format!("next: handcarry-inside push {stick} alpha beta --topology failover-sync")));
    assert!(bench.lab.events().is_empty(), "a plan changes nothing");
    assert!(bench.journal(A).iter().all(|record| record == "status-read"), "a plan writes down what it saw, no more");

    // Nothing is pressed on either before somebody agreed to it, now or beforehand.
    for answers in ["", "n\n"] {
        let said = bench.push_answering(&SYNC, answers).ends(Exit::Declined.code());
        assert!(said.has("Begin now on alpha and beta, as told above?"), "{}", said.err);
        assert!(
            said.out.contains("beta (serial LAB-0002-BG)") && said.out.contains("break the failover"),
            "{}",
            said.out
        );
    }
    let planned =
        |order: &[&str]| bench.inside(&[&["--json", "plan", &stick, A, B], order].concat(), "").ends(OK).agreed();
    let (agreed, other) = (planned(&SYNC), planned(&ASYNC));
    let wrong = bench.push(&[&SYNC[..], &["--agree", &other]].concat()).ends(Exit::PlanChanged.code());
    assert!(wrong.has(&format!("--topology failover-sync --agree {agreed}")), "{}", wrong.err);
    assert!(bench.lab.events().is_empty() && bench.lab.state()["backups"] == serde_json::json!([]));
    assert_eq!(bench.lab.installs(), [&[][..], &[][..]] as [&[&str]; 2]);

    let done = bench.push(&[&SYNC[..], &["--agree", &agreed]].concat()).ends(OK);
    assert!(!done.has("Begin now"), "{}", done.err);
    for name in [A, B] {
        assert!(done.has(&format!("handcarry-inside after {name}")), "{}", done.err);
        assert_eq!(
            bench.journal(name).iter().filter(|record| *record == "first-press").count(),
            2,
            "the no and the word"
        );
    }
    assert!(done.has("done: alpha is primary and beta is backup"), "{done:?}");
    assert_eq!(bench.lab.installs(), [PACKAGES, PACKAGES]);
    assert_eq!(bench.lab.roles(), ["primary", "backup"]);
    let events = bench.lab.events();
    assert_eq!(events, ["b:sync-pressed", "b:synced", "b:broken", "a:established", "b:sync-pressed", "b:synced"]);
    assert!(done.has("127.0.0.1 support.example.com"), "the line for the hosts file: {}", done.out);
    assert!(done.has("on two machines or more"), "{}", done.out);
    let steps = [
        "backup",
        "sync",
        "break",
        "install-a",
        "verify-a",
        "window-2",
        "install-b",
        "verify-b",
        "establish",
        "first-sync",
    ];
    both_journals_tell(&bench, &steps);
    for name in [A, B] {
        let backups =
            std::fs::read_dir(bench.path(&format!("home/inside/backups/{}", key(name)))).expect("kept").count();
        assert_eq!(backups, 1, "{name} is backed up before its first install");
        bench.inside(&["receipt", name, &stick], "").ends(OK);
    }
    bench.push(&SYNC).ends(Exit::Replayed.code());
}

#[test]
fn an_asynchronous_pair_moves_its_shared_address_in_between() {
    let bench = Bench::new(&[]);
    let done = bench.push(&ASYNC).ends(OK);
    assert!(done.has("done: beta is primary and alpha is backup"), "{done:?}");
    assert_eq!(bench.lab.installs(), [PACKAGES, PACKAGES]);
    assert_eq!(bench.lab.roles(), ["backup", "primary"]);
    #[rustfmt::skip]
    assert_eq!(bench.lab.events(), [
        "b:sync-pressed", "b:synced", "b:broken", "a:shared-ip-disabled", "b:shared-ip-enabled", "b:established",
        "a:sync-pressed", "a:synced",
    ]);
    let state = bench.lab.state();
    assert_eq!(state["failover"]["both_enabled"], 0);
    assert_eq!(state["failover"]["members"][1]["shared_ip"], true);
    let began = |of: &serde_json::Value| of["installs"][0]["began"].as_str().expect("a time").to_owned();
    assert!(began(&state["partner"]) < began(&state), "B before A");
    assert!(done.has("pulled all session data from alpha"), "the site is older than 10.6: {}", done.err);
    #[rustfmt::skip]
    both_journals_tell(&bench, &[
        "backup", "sync", "break", "install-b", "verify-b", "session-data", "switch", "window-2", "install-a",
        "verify-a", "establish", "first-sync",
    ]);
}

#[test]
fn a_pair_on_portuguese_pages_goes_the_same_way() {
    let bench = Bench::new(&["--language", "pt"]);
    bench.push(&ASYNC).ends(OK);
    assert_eq!(bench.lab.installs(), [PACKAGES, PACKAGES]);
    assert_eq!(bench.lab.roles(), ["backup", "primary"]);
    assert_eq!(bench.lab.state()["failover"]["both_enabled"], 0);
}

#[test]
fn dns_is_changed_by_a_person_and_the_second_window_is_waited_for() {
    let bench = Bench::new(&["--site", "10.6.0"]);
    let options = ["--topology", "failover-async", "--switch", "dns"];
    // Two agreements of B's packages at most, then verified, switched, and no second window yet.
    let waits = bench.push_answering(&options, "y\ny\ny\ny\nn\n").ends(Exit::Waiting.code());
    assert!(waits.has("make it point to 127.0.0.1"), "{}", waits.out);
    assert!(!waits.has("session data"), "from 10.6 on they are synced afterwards");
    assert!(waits.err.contains("go on in the second one, for alpha"), "{}", waits.err);
    assert_eq!(bench.lab.installs(), [&[][..], &PACKAGES[..]]);
    bench.push(&options).ends(OK);
    assert_eq!(bench.lab.installs(), [PACKAGES, PACKAGES]);
    assert_eq!(bench.lab.roles(), ["backup", "primary"]);
}

#[test]
fn what_does_not_belong_together_is_refused_at_once() {
    let bench = Bench::new(&[]);
    let refused = |options: &[&str]| bench.push(options).ends(Exit::Usage.code());
    assert!(refused(&["--topology", "failover-async"]).has("--switch shared-ip, dns or nat"));
    refused(&["--topology", "failover-sync", "--switch", "dns"]);
    refused(&["--topology", "failover-async", "--switch", "dns", "--shared-ip", SHARED_IP]);
    refused(&[]);
    let stick = bench.stick();
    bench.inside(&["push", &stick, A, A, "--topology", "failover-sync"], "").ends(Exit::Usage.code());
    let reach = [&SYNC[..], &["--reach-b", "support.example.com"]].concat();
    let shared = bench.push(&reach).ends(Exit::PairDiffers.code());
    assert!(shared.has("the host name that both share"), "{shared:?}");
    assert_eq!(bench.lab.installs(), [&[][..], &[][..]] as [&[&str]; 2]);
    assert!(bench.lab.events().is_empty());
}
