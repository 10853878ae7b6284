//! Installs that nobody at this desk saw: a site version waits for its clients
//! all the same, from when it was first seen.

use crate::engine::{OK, WAITING};
use crate::support::bench::{Bench, NAME};
use crate::support::said::{INSIDE, Said, run};
use handcarry::testing::model::{Exit, Timestamp};

const YES: &str = "y\ny\ny\ny\ny\ny\n";
const FIRST: [&str; 2] = ["Base 3.4.0", "Bomgar 10.6.2"];

/// A second desk installs all that may be installed today.
fn elsewhere(bench: &Bench) -> &'static str {
    let second = bench.second_desk();
    run(&mut bench.command_in(second, INSIDE, &["push", &bench.stick(), NAME]), YES).ends(WAITING);
    assert_eq!(bench.lab.installs(), FIRST);
    second
}

fn at(bench: &Bench, home: &str, args: &[&str], answers: &str) -> Said {
    run(&mut bench.command_in(home, INSIDE, args), answers)
}

#[test]
fn a_site_version_that_another_desk_installed_waits_from_when_it_is_first_seen() {
    let bench = Bench::new(&["--api", "none"]);
    elsewhere(&bench);
    let stick = bench.stick();
    let plan = bench.inside(&["plan", &stick, NAME], "").ends(OK);
    assert!(plan.has("site 10.6.2 was not installed from here, so the wait counts from when it was first seen"));
    let waits = bench.push(YES).ends(WAITING);
    assert!(waits.err.contains("clients need time to update to site 10.6.2"), "{}", waits.err);
    assert!(waits.err.contains("handcarry-inside soak box --installed-at TIME --reason TEXT"), "{}", waits.err);
    bench.inside(&["soak", NAME], "").ends(WAITING);
    assert_eq!(bench.lab.installs(), FIRST);
    bench.lab.control(&["advance", "25h"]);
    bench.push(YES).ends(OK);
    assert_eq!(bench.lab.installs().len(), 3);
}

#[test]
fn what_is_carried_and_there_already_at_the_first_meeting_waits_too() {
    let bench = Bench::new(&["--api", "none"]);
    elsewhere(&bench);
    std::fs::remove_dir_all(bench.path("home/inside/journal")).expect("nothing is remembered");
    let stick = bench.stick();
    let rehearsed = bench.inside(&["rehearse", &stick, NAME], "").ends(OK);
    assert!(rehearsed.has("push is called 2 times"), "{}", rehearsed.out);
    bench.push(YES).ends(WAITING);
    assert_eq!(bench.lab.installs(), FIRST);
    assert!(bench.inside(&["plan", &stick, NAME], "").ends(OK).has("was not installed from here"));
    let journal = std::fs::read_to_string(bench.journal()).expect("a journal");
    assert_eq!(journal.matches("site-begun-elsewhere").count(), 1, "once is enough");
}

#[test]
fn the_version_it_is_first_met_with_has_no_wait_and_the_plan_says_that_this_is_taken_for_granted() {
    let bench = Bench::new(&["--api", "none"]);
    let plan = bench.inside(&["plan", &bench.stick(), NAME], "").ends(OK);
    assert!(plan.has("note: site 10.5.3 was there when this appliance was first met"), "{}", plan.out);
    bench.push(YES).ends(WAITING);
    assert_eq!(bench.lab.installs(), FIRST);
}

#[test]
fn a_persons_word_tells_when_it_was_installed() {
    let bench = Bench::new(&["--api", "none"]);
    elsewhere(&bench);
    bench.inside(&["status", NAME], "").ends(OK);
    let soak = |time: &str, more: &[&str], answers: &str| {
        bench.inside(&[&["soak", NAME, "--installed-at", time], more].concat(), answers)
    };
    let reason = ["--reason", "the other desk's journal, read out by Rui"];
    let days_ago = |days: i64| Timestamp::now().plus_secs(-days * 86_400).to_string();
    soak(&days_ago(2), &[], "y\n").ends(Exit::Usage.code());
    soak("yesterday", &reason, "y\n").ends(Exit::Usage.code());
    let late = soak(&days_ago(-1), &reason, "y\n").ends(Exit::Usage.code());
    assert!(late.err.contains("site 10.6.2 was seen on"), "{}", late.err);
    soak(&days_ago(2), &reason, "n\n").ends(Exit::Declined.code());
    bench.push(YES).ends(WAITING);
    soak(&days_ago(2), &reason, "y\n").ends(OK);
    assert!(bench.inside(&["audit", NAME], "").ends(OK).has("the other desk's journal, read out by Rui"));
    bench.push(YES).ends(OK);
}

#[test]
fn a_time_is_taken_only_for_what_was_installed_elsewhere() {
    let bench = Bench::new(&["--api", "none"]);
    let second = elsewhere(&bench);
    let ago = Timestamp::now().plus_secs(-2 * 86_400).to_string();
    let args = ["soak", NAME, "--installed-at", &ago, "--reason", "that is how I remember it"];
    let refused = at(&bench, second, &args, "y\n").ends(Exit::Usage.code());
    assert!(refused.err.contains("was installed from here, and its time is in the journal"), "{}", refused.err);
    at(&bench, second, &["soak", NAME], "").ends(WAITING);
}

#[test]
fn the_api_ends_the_wait_for_what_was_installed_elsewhere() {
    let bench = Bench::new(&["--client-secs", "0"]);
    elsewhere(&bench);
    crate::engine::soak::api(&bench, "");
    bench.push(YES).ends(OK);
    assert_eq!(bench.lab.installs().len(), 3);
}
