//! Fleets: fifty appliances in fifty labs, one stick with one bundle for all,
//! one command a verb; and what one appliance's trouble does to the others:
//! nothing.

mod labs;
mod states;
mod waves;

use crate::fleet::labs::Fleet;
use handcarry::testing::model::Exit;

/// As many appliances as one inventory is asked to hold here.
const MANY: usize = 50;

const OK: u8 = Exit::Ok.code();
const PARTLY: u8 = Exit::Partly.code();
const WAITING: u8 = Exit::Waiting.code();

#[test]
fn fifty_appliances_are_pushed_from_one_stick() {
    let fleet = Fleet::new(MANY);
    let (requested, _) = fleet.inside(&["request", &fleet.stick(), "--all", "--at-once", "8"]);
    requested.ends(OK);
    fleet.outside(&["fetch", &fleet.stick(), "--ca", &fleet.authorities()]).ends(OK);
    let sealed = fleet.seal_all().ends(OK);
    assert!(sealed.out.contains(" for 50 appliances, 3 packages, expires "), "{}", sealed.out);
    assert_eq!(sealed.text().matches("Written: ").count(), 1, "one bundle for all of them");

    let agreement = fleet.agreement("box00");

    // One is out of order, one refuses a package: theirs is the trouble, and nobody else's.
    fleet.labs[7].control(&["fault", "base-install-fails"]);
    fleet.labs[23].stop();
    let push = ["push", &fleet.stick(), "--all", "--at-once", "8", "--accept-eula", &agreement];
    let agreed = fleet.agreed(&push);
    assert!(fleet.labs[0].installs() == ["Base 3.4.0"] && fleet.labs[1].installs().is_empty(), "nobody agreed yet");
    let (pushed, peak) = fleet.inside(&[&push[..], &["--agree", &agreed]].concat());
    let pushed = pushed.ends(PARTLY);
    println!(
        "peak memory: {} KiB for the fleet's own run, {} KiB for the largest of {MANY} runs",
        peak.parent, peak.child
    );
    // The pages of the program itself are some 40 MiB of it, as it is not optimised here.
    assert!(peak.parent < 80 << 10, "the run over all: {} KiB", peak.parent);
    assert!(pushed.err.contains("0 of 50 appliances are done, 48 wait, 2 ended otherwise"), "{}", pushed.err);
    let row = |name: &str| {
        pushed.out.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}")).to_owned()
    };
    assert!(row("box07").contains("base-trouble"), "{}", row("box07"));
    assert!(row("box23").contains("unreachable"), "{}", row("box23"));
    assert!(row("box00").contains("waiting"), "{}", row("box00"));
    for (at, lab) in fleet.labs.iter().enumerate().filter(|(at, _)| ![7, 23].contains(at)) {
        assert_eq!(lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"], "box{at:02}");
    }
}

#[test]
fn a_group_is_worked_and_told_as_events() {
    let fleet = Fleet::new(3);
    let none = fleet.inside(&["push", &fleet.stick(), "--group", "porto"]).0.ends(Exit::NotFound.code());
    assert!(none.err.contains("is in the group porto"), "{}", none.err);
    fleet.inside(&["push", &fleet.stick()]).0.ends(Exit::Usage.code());
    fleet.inside(&["push", &fleet.stick(), "box00", "--all"]).0.ends(Exit::Usage.code());
    let word = ["push", &fleet.stick(), "--all", "--dangerous-expired", "--reason", "change 4711, agreed"];
    let refused = fleet.inside(&word).0.ends(Exit::Usage.code());
    assert!(refused.err.contains("one appliance at a time"), "{}", refused.err);

    let asked = ["push", &fleet.stick(), "--all", "--backup-password-prompt"];
    fleet.inside(&asked).0.ends(Exit::Usage.code());

    // The even ones are in the group.
    fleet.inside(&["request", &fleet.stick(), "--group", "even"]).0.ends(OK);
    fleet.outside(&["fetch", &fleet.stick(), "--ca", &fleet.authorities()]).ends(OK);
    fleet.seal_all().ends(OK);
    let first = fleet.agreement("box00");
    let push = ["push", &fleet.stick(), "--group", "even", "--accept-eula", &first];
    let agreed = fleet.agreed(&push);
    let said = fleet.inside(&[&["--json"], &push[..], &["--agree", &agreed]].concat()).0.ends(WAITING);
    let events = said.json();
    let ended: Vec<&serde_json::Value> = events.iter().filter(|event| event["event"] == "ended").collect();
    assert_eq!(ended.len(), 2);
    assert!(ended.iter().all(|event| event["code"] == "waiting" && event["hint"].as_str().is_some()));
    assert!(events.iter().any(|event| event["event"] == "step" && event["appliance"] == "box02"));
    assert!(fleet.labs[1].installs().is_empty(), "the odd one was left alone");
    for lab in &fleet.labs {
        lab.control(&["advance", "25h"]);
    }
    let second = fleet.agreement("box00");
    let push = ["push", &fleet.stick(), "--group", "even", "--accept-eula", &second];
    // What was agreed to is the same after the wait.
    fleet.inside(&[&push[..], &["--agree", &agreed]].concat()).0.ends(OK);
    let (receipts, _) = fleet.inside(&["receipt", &fleet.stick(), "--group", "even"]);
    receipts.ends(OK);
    let received = fleet.outside(&["receive", &fleet.stick()]).ends(OK);
    assert_eq!(received.out.matches("Bomgar 11.1.1: installed").count(), 2, "{}", received.out);
}

#[test]
fn many_are_pushed_from_the_store_of_one_station() {
    let fleet = Fleet::new(3);
    fleet.inside(&["request", &fleet.stick(), "--all"]).0.ends(OK);
    fleet.outside(&["fetch", &fleet.stick(), "--ca", &fleet.authorities()]).ends(OK);
    fleet.seal_all().ends(OK);
    let agreement = fleet.agreement("box00");
    fleet.inside(&["take", &fleet.stick()]).0.ends(OK);
    std::fs::remove_dir_all(std::path::Path::new(&fleet.stick()).join("handcarry/bundles")).expect("the stick goes");
    let push = ["push", "--all", "--accept-eula", &agreement];
    let agreed = fleet.agreed(&push);
    fleet.inside(&[&push[..], &["--agree", &agreed]].concat()).0.ends(WAITING);
    for lab in &fleet.labs[1..] {
        assert_eq!(lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
    }
}

#[test]
fn many_are_updated_by_one_word_and_a_list_that_changed_is_not() {
    let fleet = Fleet::new(3);
    let lab = |at: usize| &fleet.labs[at];
    fleet.inside(&["update"]).0.ends(Exit::Usage.code());
    fleet.inside(&["update", "box00", "--all"]).0.ends(Exit::Usage.code());
    let alone = ["update", "--all", "--dangerous-skip-soak", "--reason", "change 4711, agreed"];
    fleet.inside(&alone).0.ends(Exit::Usage.code());
    fleet.inside(&["update", "--all", "--backup-password-prompt"]).0.ends(Exit::Usage.code());
    lab(2).control(&["fault", "vendor-away"]);
    let looked = fleet.inside(&["update", "--all", "--dry-run"]).0.ends(OK);
    for line in [
        "box00 (serial LAB-0000-FL): export the site's certificate",
        "then install Base 3.4.0, then install Bomgar 10.6.2",
    ] {
        assert!(looked.out.contains(line), "{line}: {}", looked.out);
    }
    assert!(looked.out.contains("box02: not known now, so nothing is pressed there"), "{}", looked.out);
    assert!(fleet.labs.iter().all(|lab| lab.installs().is_empty()), "a dry run installs nothing");

    // The licence agreement's digest, as one run that nobody answers tells it.
    let single = fleet.inside(&["--json", "update", "box00", "--dry-run"]).0.ends(OK).agreed();
    let declined = fleet.inside(&["update", "box00", "--agree", &single]).0.ends(Exit::EulaDeclined.code());
    let (_, eula) = declined.err.rsplit_once("--accept-eula ").expect("the digest is told");
    let update = ["update", "--group", "even", "--accept-eula", eula.trim()];
    let agreed = fleet.agreed(&update);
    let (_, rest) = declined.err.split_once("hint").expect("a hint");
    assert!(rest.contains("handcarry-inside update box00"), "{rest}");
    // Now the third is there, too: what was agreed to was not this.
    lab(2).control(&["fault", "vendor-away", "--clear"]);
    let changed = fleet.inside(&[&update[..], &["--agree", &agreed]].concat()).0.ends(Exit::PlanChanged.code());
    assert!(
        changed.out.contains("box02 (serial LAB-0002-FL): export the site's certificate"),
        "it is shown: {}",
        changed.out
    );
    assert!(lab(2).installs().is_empty());
    let agreed = fleet.agreed(&update);
    let done = fleet.inside(&[&["--json"], &update[..], &["--agree", &agreed]].concat()).0.ends(WAITING);
    let events = done.json();
    assert!(events.iter().any(|event| event["event"] == "offers" && event["appliance"] == "box02"));
    for at in [0, 2] {
        assert_eq!(lab(at).installs(), ["Base 3.4.0", "Bomgar 10.6.2"], "box{at:02}");
    }
    assert!(lab(1).installs().is_empty(), "the odd one was left alone");
}

#[test]
fn what_needs_a_person_ends_that_run_alone() {
    let fleet = Fleet::new(2);
    fleet.inside(&["request", &fleet.stick(), "--all"]).0.ends(OK);
    fleet.outside(&["fetch", &fleet.stick(), "--ca", &fleet.authorities()]).ends(OK);
    fleet.seal_all().ends(OK);
    let push = ["push", &fleet.stick(), "--all"];
    let agreed = fleet.agreed(&push);
    let said = fleet.inside(&[&push[..], &["--agree", &agreed]].concat()).0.ends(PARTLY);
    assert_eq!(said.out.matches("eula-declined").count(), 2, "nobody is there to accept it: {}", said.out);
    assert!(said.out.contains("--accept-eula"), "the way on is told: {}", said.out);
    assert!(fleet.labs.iter().all(|lab| lab.installs() == ["Base 3.4.0"]));
}

#[test]
fn a_passphrase_is_asked_for_once_for_all_and_thrice_at_most() {
    let fleet = Fleet::new(2);
    let key = fleet.path("home/inside/keys/signing").display().to_string();
    let lock = ["-q", "-p", "-P", "", "-N", "open sesame 7", "-f", &key];
    assert!(std::process::Command::new("ssh-keygen").args(lock).status().expect("runs").success());
    let request = ["request", &fleet.stick(), "--all"];
    let told = fleet.answering(&request, "open sesame 6\nopen sesame 7\n").ends(OK);
    assert_eq!(told.err.matches("Passphrase for").count(), 2, "{}", told.err);
    assert!(!told.err.contains("open sesame") && !told.out.contains("open sesame"), "{told:?}");
    let papers = std::fs::read_dir(fleet.path("stick/handcarry/requests")).expect("a folder").flatten();
    let requests = papers.filter(|paper| paper.file_name().to_string_lossy().ends_with(".json")).count();
    assert_eq!(requests, 2);
    let wrong = fleet.answering(&request, "one\ntwo\nthree\nopen sesame 7\n").ends(Exit::WrongPassphrase.code());
    assert_eq!(wrong.err.matches("Passphrase for").count(), 3, "{}", wrong.err);
}
