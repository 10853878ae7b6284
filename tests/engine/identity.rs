//! An appliance is its serial number: whatever it is called here, it has one
//! journal, one wait, one memory and one lock; and no other box has them.

use crate::engine::{OK, WAITING};
use crate::support::bench::{Bench, NAME};
use crate::support::home::copy;
use crate::support::lab::Lab;
use crate::support::said::{INSIDE, Said, run};
use handcarry::testing::journal::Journal;
use handcarry::testing::model::{Exit, Timestamp};

const ONE: &str = "twin and box are one appliance, LAB-0001-BG";
const OTHER: &str = "LAB-0009-BG";

/// Enrols the same appliance once more.
fn twin(bench: &Bench, more: &[&str]) -> Said {
    let args = [&bench.lab.enrolling("twin", "appliance", "appliance")[..], more].concat();
    bench.inside(&args, "y\n")
}

fn push(bench: &Bench, name: &str) -> Said {
    bench.inside(&["push", &bench.stick(), name], &"y\n".repeat(9))
}

/// Changes the inventory as a person would.
fn edit(bench: &Bench, change: impl FnOnce(String) -> String) {
    let path = bench.inventory();
    let text = std::fs::read_to_string(&path).expect("reads");
    std::fs::write(&path, change(text)).expect("written");
}

#[test]
fn two_names_of_one_appliance_share_wait_memory_and_lock() {
    let bench = Bench::new(&["--api", "none"]);
    push(&bench, NAME).ends(WAITING);
    let known = bench.inside(&["list"], "").ends(OK);
    assert!(known.has("serial number: LAB-0001-BG"), "{}", known.out);

    let refused = twin(&bench, &["--serial", "lab-0001-bg"]).ends(Exit::Exists.code());
    assert!(refused.err.contains("is enrolled already, and called box"), "{}", refused.err);
    assert!(twin(&bench, &[]).ends(OK).err.contains("box has the same address"));
    let waits = push(&bench, "twin").ends(WAITING);
    assert!(waits.err.contains(ONE) && waits.err.contains("update to Bomgar 10.6.2"), "{}", waits.err);
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
    assert!(bench.inside(&["soak", "twin"], "").ends(WAITING).err.contains(ONE));
    let audit = |name| bench.inside(&["audit", name], "").ends(OK).out;
    assert_eq!(audit("twin"), audit(NAME));

    let held = Journal::open(&bench.journal(), Timestamp::now()).expect("free");
    for name in [NAME, "twin"] {
        let busy = push(&bench, name).ends(Exit::Busy.code());
        assert!(busy.err.contains("another run is at work on this appliance"), "{}", busy.err);
    }
    drop(held);
    let two = ["--topology", "failover-sync"];
    let stick = bench.stick();
    for verb in ["plan", "push"] {
        let said = bench.inside(&[&[verb, &stick, NAME, "twin"], &two[..]].concat(), "").ends(Exit::Usage.code());
        assert!(said.err.contains("box and twin are one appliance"), "{}", said.err);
    }

    bench.lab.control(&["advance", "25h"]);
    push(&bench, "twin").ends(OK);
    push(&bench, NAME).ends(Exit::Replayed.code());
}

#[test]
fn the_rules_of_an_appliance_are_the_same_under_both_names() {
    let bench = Bench::new(&["--api", "none"]);
    bench.inside(&["status", NAME], "").ends(OK);
    let windows = ["--window", "sat 22:00-04:00", "--time-zone", "America/Sao_Paulo"];
    twin(&bench, &windows).ends(OK);
    let before = bench.lab.state()["uploads"].clone();
    for name in [NAME, "twin"] {
        let said = push(&bench, name);
        match name {
            // Nobody knows yet that they are one.
            NAME => drop(said.ends(WAITING)),
            _ => assert!(said.ends(Exit::Config.code()).err.contains("gives them different windows")),
        }
    }
    assert_ne!(bench.lab.state()["uploads"], before, "the first one went on");
    edit(&bench, |text| text.replace("[appliances.twin]", "[appliances.twin]\nserial = \"LAB-0001-BG\""));
    assert!(push(&bench, NAME).ends(Exit::Config.code()).err.contains("hint: make windows the same"));
}

#[test]
fn a_name_that_is_changed_by_hand_leaves_nothing_behind() {
    let bench = Bench::new(&["--api", "none"]);
    push(&bench, NAME).ends(WAITING);
    edit(&bench, |text| text.replace("[appliances.box]", "[appliances.lisbon]"));
    assert!(push(&bench, "lisbon").ends(WAITING).err.contains("Bomgar 10.6.2"));
    let unbound =
        |text: String| text.lines().filter(|line| !line.starts_with("serial")).map(|l| l.to_owned() + "\n").collect();
    edit(&bench, unbound);
    bench.inside(&["audit", "lisbon"], "").ends(Exit::NotFound.code());
    assert!(push(&bench, "lisbon").ends(WAITING).err.contains("lisbon is LAB-0001-BG from now on"));
    // A home folder that moved, and an inventory that was lost.
    std::fs::rename(bench.path("home"), bench.path("moved")).expect("moved");
    std::fs::remove_file(bench.path("moved/inside/inventory.toml")).expect("lost");
    let enroll = bench.lab.enrolling("porto", "appliance", "appliance");
    run(&mut bench.command_in("moved", INSIDE, &enroll), "y\n").ends(OK);
    run(&mut bench.command_in("moved", INSIDE, &["push", &bench.stick(), "porto"]), "y\ny\ny\n").ends(WAITING);
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
}

#[test]
fn a_home_that_is_put_back_as_it_was_goes_by_what_the_appliance_shows() {
    let bench = Bench::new(&["--api", "none"]);
    copy(&bench.path("home"), &bench.path("kept"));
    push(&bench, NAME).ends(WAITING);
    std::fs::rename(bench.path("home"), bench.path("lost")).expect("moved");
    std::fs::rename(bench.path("kept"), bench.path("home")).expect("put back");
    let said = push(&bench, NAME).ends(WAITING);
    assert!(said.err.contains("Bomgar 10.6.2"), "its clients are waited for all the same: {}", said.err);
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"], "nothing twice");
}

#[test]
fn a_box_that_took_anothers_place_inherits_nothing() {
    let bench = Bench::new(&["--api", "none"]);
    push(&bench, NAME).ends(WAITING);
    let other = Lab::start(&bench.path("other"), &["--serial", OTHER, "--api", "none"]);
    let lead_to = |to: &Lab, from: &Lab| {
        let certificate = to.fact("appliance_certificate").to_owned();
        std::fs::copy(certificate, bench.path("home/inside/certs/box.pem")).expect("copied");
        edit(&bench, |text| text.replace(from.fact("appliance"), to.fact("appliance")));
    };
    lead_to(&other, &bench.lab);
    let told = "box was LAB-0001-BG until now, and LAB-0009-BG answers at";
    for verb in [vec!["status", NAME], vec!["request", NAME, &bench.stick()]] {
        assert!(bench.inside(&verb, "").ends(OK).err.contains(told), "{verb:?}");
    }
    let stick = bench.stick();
    let refused = |args: &[&str], answers: &str| {
        let said = bench.inside(args, answers).ends(Exit::WrongAppliance.code());
        assert!(said.err.contains(told) && said.err.contains("serial = \"LAB-0009-BG\""), "{}", said.err);
    };
    refused(&["push", &stick, NAME], "n\n");
    refused(&["update", NAME], "");
    refused(&["backup", NAME], "n\n");
    assert_eq!(other.state()["backups"].as_array().map(Vec::len), Some(0));

    // The way on: a person says so. The old one's bundle is for the old one all the same.
    let wrong = bench.inside(&["push", &stick, NAME], "y\n").ends(Exit::WrongAppliance.code());
    assert!(wrong.err.contains("the bundle is for"), "{}", wrong.err);
    let free = bench.inside(&["soak", NAME], "").ends(OK);
    assert!(!free.err.contains(told) && free.has("there is no wait"), "{}", free.err);
    bench.inside(&["backup", NAME], "").ends(OK);
    let journal = std::fs::read_to_string(bench.path("home/inside/journal/lab-0009-bg.jsonl")).expect("its own");
    assert!(journal.contains("Was box replaced by LAB-0009-BG?") && !journal.contains("install-confirmed"));
    // And back: the old one has kept its own.
    lead_to(&bench.lab, &other);
    bench.inside(&["soak", NAME], "y\n").ends(WAITING);
}

#[test]
fn a_certificate_that_moved_is_no_pin_of_any_name() {
    let bench = Bench::new(&["--api", "none"]);
    bench.inside(&["status", NAME], "").ends(OK);
    let other = Lab::start(&bench.path("other"), &["--serial", OTHER, "--api", "none"]);
    edit(&bench, |text| text.replace(bench.lab.fact("appliance"), other.fact("appliance")));
    for name in ["box-moved", "moved", "lab-0001-bg", "lab-0001-bg-moved"] {
        let enroll = other.enrolling(name, "appliance", "appliance");
        bench.inside(&enroll, "y\n").ends(OK);
        bench.inside(&["status", NAME], "").ends(Exit::TlsUntrusted.code());
    }
    assert_eq!(other.state()["failed_logins"].as_u64().zip(other.state()["logins"].as_u64()), Some((0, 0)));
}
