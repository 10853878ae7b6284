//! Roll-outs: the canary first and whole, then wave after wave, on one word
//! that holds over waits, waves and a run that was cut.

use super::labs::Fleet;
use super::{OK, PARTLY, WAITING};
use crate::support::said::{INSIDE, Said};
#[cfg(target_os = "linux")]
use crate::support::strace;
use crate::support::wait::wait_until;
use handcarry::testing::model::Exit;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

const FIRST: [&str; 2] = ["Base 3.4.0", "Bomgar 10.6.2"];
const ALL: [&str; 3] = ["Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1"];

/// A fleet whose packages lie on its stick.
fn sealed(size: usize) -> Fleet {
    let fleet = Fleet::new(size);
    fleet.inside(&["request", &fleet.stick(), "--all"]).0.ends(OK);
    fleet.outside(&["fetch", &fleet.stick(), "--ca", &fleet.authorities()]).ends(OK);
    fleet.seal_all().ends(OK);
    fleet
}

/// The appliances of each wave that was begun.
fn begun(said: &Said) -> Vec<Value> {
    said.events("wave").into_iter().map(|wave| wave["appliances"].clone()).collect()
}

#[test]
fn the_canary_goes_first_with_its_waits_and_a_failure_begins_no_more() {
    let fleet = sealed(6);
    let (stick, first) = (fleet.stick(), fleet.agreement("box03"));
    let rollout = ["--json", "push", &stick, "--all", "--canary", "box03", "--wave", "2", "--accept-eula", &first];
    let agreed = fleet.agreed(&rollout);
    let go = |more: &[&str]| fleet.inside(&[&rollout[..], &["--agree", &agreed], more].concat()).0;
    let untouched = |but: &[usize]| {
        let others = fleet.labs.iter().enumerate().filter(|(at, _)| !but.contains(at));
        others.for_each(|(at, lab)| assert!(lab.installs().is_empty(), "box{at:02}"));
    };
    let odd = fleet.inside(&["push", &stick, "--group", "even", "--canary", "box03"]).0.ends(Exit::Usage);
    odd.says("box03 is not among the appliances that are meant");
    fleet.inside(&["push", &stick, "box00", "--canary", "box03"]).0.ends(Exit::Usage);

    // Its first site package is in, and its clients are not: nobody else begins.
    let held = go(&[]).ends(WAITING);
    assert_eq!(begun(&held), [serde_json::json!(["box03"])]);
    assert_eq!(fleet.labs[3].installs(), FIRST);
    assert_eq!(held.event("not-begun")["appliances"].as_array().map(Vec::len), Some(5));
    let command = held.event("not-begun")["command"].as_str().expect("a command").to_owned();
    assert!(command.starts_with("handcarry-inside push --all") && command.contains(&agreed), "no stick: {command}");
    let hint = held.event("waiting")["hint"].as_str().expect("a hint").to_owned();
    let at_will = hint.rsplit_once("without waiting for it: ").expect("the way on at will").1;
    assert!(!at_will.contains("--canary") && at_will.contains("--wave 2"), "{at_will}");
    untouched(&[3]);

    // It is whole, and its last wait holds the others all the same, before anybody is asked.
    fleet.labs[3].advance(25);
    let second = fleet.agreement("box03");
    let held = go(&["--accept-eula", &second]).ends(WAITING);
    assert_eq!(fleet.labs[3].installs(), ALL);
    assert!(held.event("waiting")["message"].as_str().is_some_and(|why| why.contains("box03 waits")), "{held:?}");
    let unasked = fleet.inside(&rollout).0.ends(WAITING);
    assert!(begun(&unasked).is_empty() && unasked.has("5 were not begun"), "{unasked:?}");
    untouched(&[3]);

    // By the same word, though the canary's part of it is done.
    fleet.labs[3].advance(25);
    fleet.labs[1].control(&["fault", "base-install-fails"]);
    let stopped = go(&["--at-once", "1"]).ends(PARTLY);
    assert_eq!(begun(&stopped), [serde_json::json!(["box00", "box01"])]);
    assert_eq!(stopped.event("not-begun")["appliances"], serde_json::json!(["box02", "box04", "box05"]));
    assert_eq!(fleet.labs[0].installs(), FIRST, "who was under way went on to its end");
    untouched(&[0, 1, 3]);
    assert!(stopped.event("error")["hint"].as_str().is_some_and(|hint| hint.contains("--except NAME")), "{stopped:?}");

    // Who waits is no failure, and holds no wave.
    let left = go(&["--except", "box01"]).ends(WAITING);
    assert_eq!(begun(&left), [serde_json::json!(["box00", "box02"]), serde_json::json!(["box04", "box05"])]);
    for at in [0, 2, 4, 5] {
        assert_eq!(fleet.labs[at].installs(), FIRST, "box{at:02}");
    }
    // Another plan is another word.
    let other = fleet.inside(&["push", &stick, "--all", "--agree", &first]).0.ends(Exit::PlanChanged);
    assert!(other.err.contains("agreed"), "{}", other.err);
}

#[test]
fn a_roll_out_that_was_cut_goes_on_with_the_same_waves() {
    let fleet = sealed(4);
    let (stick, first) = (fleet.stick(), fleet.agreement("box00"));
    let rollout = ["--json", "push", &stick, "--all", "--wave", "2", "--accept-eula", &first];
    let agreed = fleet.agreed(&rollout);
    let rollout = [&rollout[..], &["--agree", &agreed]].concat();
    let mut command = fleet.command(INSIDE, &rollout);
    let mut seen: Vec<String> = Vec::new();
    let mut child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().expect("runs");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
    // In the midst of the second wave: both of its runs are at work.
    for name in ["box02", "box03"] {
        let at_work = |line: String| {
            let event: Value = serde_json::from_str(&line).expect("JSON");
            event["event"] == "step" && event["appliance"] == name
        };
        if !seen.iter().any(|event| at_work(event.clone())) {
            assert!(lines.by_ref().inspect(|line| seen.push(line.clone())).any(at_work), "{name} is begun");
        }
    }
    child.kill().expect("killed");
    child.wait().expect("it is gone");
    // The runs that it began go on by themselves.
    wait_until("no run is at work any more", || {
        let states = fleet.inside(&["--json", "list", "--state"]).0.ends(OK).events("state");
        states.iter().all(|state| state["stands"] != "running")
    });
    let again = fleet.inside(&rollout).0.ends(WAITING);
    assert_eq!(begun(&again), [serde_json::json!(["box00", "box01"]), serde_json::json!(["box02", "box03"])]);
    for lab in &fleet.labs {
        assert_eq!(lab.installs(), FIRST, "each once");
    }
    for lab in &fleet.labs {
        lab.advance(25);
    }
    let second = fleet.agreement("box00");
    let goes_on = [&rollout[..], &["--accept-eula", &second]].concat();
    fleet.inside(&goes_on).0.ends(OK);
    let done = fleet.inside(&goes_on).0.ends(OK);
    assert!(begun(&done).is_empty() && done.has("4 of 4 appliances are done") || done.events("ended").is_empty());
    for lab in &fleet.labs {
        assert_eq!(lab.installs(), ALL, "each once");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_stick_is_read_once_for_all() {
    /// What each run looks at before its word is asked for: manifest and signature, and what leads to them.
    const FRAME_BYTES: u64 = 100_000;

    let fleet = sealed(3);
    let (stick, first) = (fleet.stick(), fleet.agreement("box00"));
    let push = ["push", &stick, "--all", "--accept-eula", &first];
    let agreed = fleet.agreed(&push);
    let files = std::fs::read_dir(fleet.path("stick/handcarry/bundles")).expect("there").flatten();
    let carried: u64 = files.map(|file| file.metadata().expect("a file").len()).sum();
    let push = [&push[..], &["--agree", &agreed]].concat();
    let read: u64 = strace::read_of(&fleet, "/stick/handcarry/bundles/", &push, i32::from(WAITING)).into_values().sum();
    assert!((carried..carried + 3 * FRAME_BYTES).contains(&read), "{read} of {carried} bytes");
    assert!(fleet.labs.iter().all(|lab| lab.installs() == FIRST));
}
