//! What goes wrong between two appliances, and the way back.

use crate::pairs::pair::{A, B, Pair};
use crate::pairs::{ASYNC, OK, PACKAGES, SYNC};
use crate::support::said::{INSIDE, Said};
use crate::support::wait::wait_until;
use handcarry::testing::model::Exit;
use std::io::Write;
use std::process::Stdio;

const NONE: [&[&str]; 2] = [&[], &[]];

#[test]
fn roles_that_are_not_as_thought_change_nothing() {
    for language in ["en", "pt"] {
        let bench = Pair::new(&["--pages", language]);
        bench.lab.control(&["fault", "role-surprise"]);
        let stopped = bench.push(&SYNC).ends(Exit::RoleUnexpected.code());
        assert!(stopped.has("alpha should be primary, and is backup; nothing was changed"), "{}", stopped.err);
        assert!(stopped.has("name them the other way round"), "{}", stopped.err);
        let stick = bench.stick();
        let plan = bench.inside(&[&["plan", &stick, A, B], &SYNC[..]].concat(), "");
        plan.ends(Exit::RoleUnexpected.code());
        assert!(bench.lab.events().is_empty());
        assert_eq!(bench.lab.installs_of_both(), NONE);
    }
}

#[test]
fn a_sync_that_never_ends_breaks_nothing_and_is_waited_for_again() {
    let options = [&SYNC[..], &["--wait-max", "2s"]].concat();
    let english = Pair::new(&["--fault", "sync-never-ends"]);
    english.push(&options).ends(Exit::SyncUnfinished.code());
    drop(english);
    let bench = Pair::new(&["--fault", "sync-never-ends", "--pages", "pt"]);
    let stopped = bench.push(&options).ends(Exit::SyncUnfinished.code());
    assert!(stopped.has("nothing was broken or installed"), "{}", stopped.err);
    assert_eq!(bench.lab.roles(), ["primary", "backup"]);
    assert_eq!(bench.lab.events(), ["b:sync-pressed"]);
    for name in [A, B] {
        assert!(bench.journal(name).contains(&"pair-stopped sync".to_owned()), "{name}");
    }
    bench.lab.control(&["fault", "sync-never-ends", "--clear"]);
    bench.push(&SYNC).ends(OK);
    assert_eq!(bench.lab.installs_of_both(), [PACKAGES, PACKAGES]);
    assert_eq!(bench.lab.events().iter().filter(|event| *event == "b:sync-pressed").count(), 2);
}

/// A login agreement that comes while a sync is waited for, and is declined:
/// it is asked about once, and the wait is over.
#[test]
fn a_wait_for_a_sync_ends_at_a_login_agreement_that_is_declined() {
    let bench = Pair::new(&["--fault", "sync-never-ends"]);
    let stick = bench.stick();
    let args = [&["push", &stick, A, B, "--address-b", "127.0.0.1"], &SYNC[..]].concat();
    let mut command = bench.command(INSIDE, &args);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("starts");
    let mut answers = child.stdin.take().expect("piped");
    // What will be done is agreed to, the keys are the same; then the sync is waited for.
    answers.write_all(b"y\ny\n").expect("answered");
    wait_until("the sync is pressed within a minute", || bench.lab.events().contains(&"b:sync-pressed".to_owned()));
    bench.lab.control(&["fault", "login-agreement", "--on", "b"]);
    bench.lab.control(&["fault", "session-ends", "--on", "b"]);
    answers.write_all("n\n".repeat(9).as_bytes()).expect("answered");
    let said = Said::from(child.wait_with_output().expect("ends"));
    assert_eq!(said.code, i32::from(Exit::LoginAgreement.code()), "{}", said.err);
    assert_eq!(said.err.matches("[y/N]").count(), 3, "one question, one answer: {}", said.err);
    assert_eq!(bench.lab.roles(), ["primary", "backup"], "nothing was broken");
}

#[test]
fn partners_that_do_not_reach_each_other_stop_it_before_anything_is_broken() {
    let portuguese = Pair::new(&["--fault", "partner-unreachable", "--pages", "pt"]);
    let stopped = portuguese.push(&ASYNC).ends(Exit::PartnerUnreachable.code());
    assert!(stopped.has("contatar o site parceiro"), "{}", stopped.err);
    drop(portuguese);
    let bench = Pair::new(&["--fault", "partner-unreachable"]);
    let stopped = bench.push(&ASYNC).ends(Exit::PartnerUnreachable.code());
    assert!(stopped.has("could not be contacted") && stopped.has("the pair is as it was"), "{}", stopped.err);
    assert_eq!(bench.lab.roles(), ["primary", "backup"]);
    assert_eq!(bench.lab.installs_of_both(), NONE);
    bench.lab.control(&["fault", "partner-unreachable", "--clear"]);
    bench.push(&ASYNC).ends(OK);
    assert_eq!(bench.lab.roles(), ["backup", "primary"]);
}

#[test]
fn keys_that_differ_are_named_and_never_shown() {
    for language in ["en", "pt"] {
        let bench = Pair::new(&["--fault", "key-differs", "--pages", language]);
        let stopped = bench.push(&SYNC).ends(Exit::PairDiffers.code());
        assert!(stopped.has("the pre-shared keys are not the same"), "{}", stopped.err);
        assert!(stopped.has("/login > Management > Security"), "{}", stopped.err);
        assert_eq!(bench.lab.installs_of_both(), [PACKAGES, PACKAGES], "both are upgraded by then");
        assert_eq!(bench.lab.roles(), ["none", "none"]);
        assert!(!stopped.has("lab-inter-appliance-key"));
        if language == "pt" {
            continue;
        }
        bench.lab.control(&["fault", "key-differs", "--clear"]);
        let done = bench.push(&SYNC).ends(OK);
        assert_eq!(bench.lab.roles(), ["primary", "backup"]);
        assert_eq!(bench.lab.installs_of_both(), [PACKAGES, PACKAGES], "nothing is installed again");
        assert!(!done.has("lab-inter-appliance-key"));
    }
}

#[test]
fn an_appliance_that_is_not_there_stops_it_before_anything_is_done() {
    let bench = Pair::new(&[]);
    let inventory = bench.inventory();
    let text = std::fs::read_to_string(&inventory).expect("an inventory");
    std::fs::write(&inventory, text.replace(bench.lab.fact("partner"), "https://localhost:1")).expect("written");
    let gone = bench.push(&SYNC).ends(Exit::Unreachable.code());
    assert!(gone.err.contains("beta"), "{}", gone.err);
    assert!(bench.lab.events().is_empty());
    assert_eq!(bench.lab.installs_of_both(), NONE);
}

#[test]
fn a_stick_with_a_bundle_for_one_only_says_what_is_missing() {
    let bench = Pair::new(&[]);
    std::fs::remove_dir_all(bench.path("stick/handcarry/bundles")).expect("removed");
    // The vendor is another in each lab; the packages were fetched in the one of the trip.
    let vault = bench.outside(&["--json", "vault"], "").ends(OK).events("package");
    let origin = vault[0]["source"]["origin"].as_str().expect("an origin");
    let seal = ["seal", "--appliance", "LAB-0001-BG", "--packages", "Base 3.4.0,Bomgar 10.6.2", "--from", origin];
    bench.outside(&[&seal[..], &["--write", &bench.stick()]].concat(), "").ends(OK);
    let stopped = bench.push(&SYNC).ends(Exit::WrongAppliance.code());
    assert!(
        stopped.has("a pair is upgraded with packages for both") && stopped.has("handcarry-inside request beta"),
        "{}",
        stopped.err
    );
    assert_eq!(bench.lab.installs_of_both(), NONE);
}

#[test]
fn an_install_that_fails_on_one_is_no_install_on_the_other() {
    let bench = Pair::new(&[]);
    bench.lab.control(&["fault", "install-fails", "--on", "a"]);
    let failed = bench.push(&SYNC).ends(Exit::BaseTrouble.code());
    assert!(failed.err.contains("alpha: the base update Base 3.4.0 is in trouble"), "{}", failed.err);
    assert!(failed.err.contains("send them this support pack: "), "{}", failed.err);
    let packs = |name| std::fs::read_dir(bench.path(&format!("home/inside/support/{name}"))).map_or(0, Iterator::count);
    assert_eq!((packs(A), packs(B)), (1, 0), "of the one in trouble");
    assert_eq!(bench.lab.installs_of_both(), [&["Base 3.4.0"][..], &[][..]]);
    assert_eq!(bench.lab.roles(), ["none", "none"]);
    // Vendor support has agreed; it is tried again and goes on.
    bench.push(&SYNC).ends(OK);
    assert_eq!(bench.lab.installs_of_both()[1], PACKAGES);
}

#[test]
fn an_open_pair_run_is_not_ended_by_another_order_nor_left_in_silence() {
    let bench = Pair::new(&[]);
    bench.lab.control(&["fault", "key-differs"]);
    bench.push(&SYNC).ends(Exit::PairDiffers.code());
    let other = bench.push(&ASYNC).ends(Exit::PairOpen.code());
    assert!(other.has("--topology failover-sync"), "{}", other.err);
    let stick = bench.stick();
    let alone = bench.inside(&["push", &stick, A], "n\n").ends(Exit::PairOpen.code());
    assert!(alone.has("is in a pair run that is not over"), "{}", alone.err);
    for verb in [&["rename", B, "gamma"][..], &["remove", A]] {
        let kept = bench.inside(verb, "y\n").ends(Exit::PairOpen.code());
        assert!(kept.has("is in a pair run that is not over") && kept.has("end it first: "), "{}", kept.err);
    }
    let alone = ["push", &stick, A, "--dangerous-alone", "--reason", "beta burnt down, change 4711"];
    bench.inside(&alone, "alone\n").ends(Exit::Replayed.code());
    let journal = bench.journal(A);
    let left = journal.iter().position(|kind| kind == "pair-left").expect("left");
    assert_eq!(journal[left - 1], "dangerous-accepted", "with who and why before it");
}

/// A run that is killed while B installs goes on, and installs nothing twice.
#[test]
fn a_pair_run_killed_during_an_install_goes_on() {
    let bench = Pair::new(&["--install-secs", "3"]);
    let stick = bench.stick();
    let args = [&["push", &stick, A, B], &ASYNC[..]].concat();
    let mut child = bench
        .command(INSIDE, &args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut answers = child.stdin.take().expect("piped");
    answers.write_all("y\n".repeat(40).as_bytes()).expect("answered");
    wait_until("B installs within a minute", || bench.lab.state()["partner"]["activity"] == "installing");
    child.kill().expect("killed");
    child.wait().expect("gone");
    bench.push(&ASYNC).ends(OK);
    assert_eq!(bench.lab.installs_of_both(), [PACKAGES, PACKAGES]);
    assert_eq!(bench.lab.roles(), ["backup", "primary"]);
}
