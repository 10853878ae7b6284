//! Runs over two appliances: failover pairs, and a site that moves.

use super::super::bench::{INSIDE, Needs, OUTSIDE, OwnLab, Scene};
use super::super::person::GOES;
use super::{PLAIN, Verb, words};
use crate::support::lab::Lab;
use crate::support::measured::measured;
use crate::support::said::Code;
use handcarry::testing::lab::{PARTNER_SERIAL, SERIAL, SHARED_IP};
use handcarry::testing::model::Exit;
use serde_json::Value;
use std::sync::LazyLock;

/// The names of the two: A and B of a pair, old and new where a site moves.
pub const FIRST: &str = "alpha";
pub const SECOND: &str = "beta";

/// What is carried for each.
const TITLES: [&str; 2] = ["Base 3.4.0", "Bomgar 10.6.2"];

/// The passphrase of an exported key.
const PASSPHRASE: &str = "carried-by-hand-7";

pub const SYNCHRONOUS: Verb = Verb {
    name: "push of a synchronous pair",
    program: INSIDE,
    before: |labs| enrolled(&PAIR, labs),
    args: |_| words("-q push stick alpha beta --topology failover-sync"),
    asked: Some(of_a_pair),
    ends: Exit::Ok,
    // Killed after its last record.
    or: &[Exit::Replayed],
    between: |scene| not_alone(scene, SECOND),
    after: |scene, labs| {
        let events = ["b:sync-pressed", "b:synced", "b:broken", "a:established", "b:sync-pressed", "b:synced"];
        upgraded(scene, labs, &events, ["primary", "backup"]);
    },
    lab: Needs::Pair,
    hasty: true,
    records: Some(of_two),
    ..PLAIN
};

pub const ASYNCHRONOUS: Verb = Verb {
    name: "push of an asynchronous pair",
    args: |_| {
        words(&format!("-q push stick alpha beta --topology failover-async --switch shared-ip --shared-ip {SHARED_IP}"))
    },
    between: |scene| not_alone(scene, FIRST),
    after: |scene, labs| {
        #[rustfmt::skip]
        let events = [
            "b:sync-pressed", "b:synced", "b:broken", "a:shared-ip-disabled", "b:shared-ip-enabled", "b:established",
            "a:sync-pressed", "a:synced",
        ];
        upgraded(scene, labs, &events, ["backup", "primary"]);
        assert_eq!(labs.expect("a lab").state()["failover"]["both_enabled"], 0, "never at both");
    },
    ..SYNCHRONOUS
};

pub const MIGRATION: Verb = Verb {
    name: "push of a site that moves",
    before: |labs| {
        let scene = enrolled(&MOVE, labs);
        scene.private("passphrase", &format!("{PASSPHRASE}\n"));
        scene
    },
    args: |_| {
        words("-q push stick alpha beta --topology migrate --key-passphrase-file passphrase --site-host localhost")
    },
    asked: Some(of_a_move),
    between: journals_hold,
    after: moved,
    lab: Needs::Move,
    ..SYNCHRONOUS
};

/// The records of a run over two at which it is struck.
fn of_two(kind: &str) -> bool {
    let kinds = [
        "pair-begun",
        "pair-step-begun",
        "pair-step-done",
        "pair-sync-pressed",
        "certificate-exported",
        "restore-sent",
        "restored",
        "reset-ordered",
        "pair-done",
    ];
    kinds.contains(&kind)
}

/// A stick with a bundle for both of a pair.
static PAIR: LazyLock<Scene> = LazyLock::new(|| carried(Needs::Pair, &[(FIRST, SERIAL), (SECOND, PARTNER_SERIAL)]));

/// A stick with a bundle for the appliance that a site moves to.
static MOVE: LazyLock<Scene> = LazyLock::new(|| carried(Needs::Move, &[(SECOND, PARTNER_SERIAL)]));

fn carried(needs: Needs, receivers: &[(&str, &str)]) -> Scene {
    let (scene, labs) = (Scene::keyed(), needs.start().expect("a lab"));
    for serial in [SERIAL, PARTNER_SERIAL] {
        measured(&scene.journal(serial));
    }
    let titles = TITLES.join(",");
    let mut seal = vec!["seal", "--packages", &titles, "--write", "stick"];
    for (name, serial) in receivers {
        let lab = enroll(&scene, &labs, name);
        scene.must(0, INSIDE, &["request", name, "stick"], "");
        scene.lists(lab.fact("vendor"));
        scene.must(0, OUTSIDE, &["fetch", "stick", "--ca", lab.fact("ca")], "");
        seal.extend(["--appliance", serial, "--from", lab.fact("vendor")]);
    }
    scene.must(0, OUTSIDE, &seal, "");
    scene.forget_appliances();
    scene
}

/// A copy of what was carried, where the appliances of these labs are known.
fn enrolled(carried: &Scene, labs: Option<&OwnLab>) -> Scene {
    let (scene, labs) = (carried.copy(), labs.expect("a lab"));
    for name in [FIRST, SECOND] {
        enroll(&scene, labs, name);
        // So that its name is known to be that of its journal.
        scene.must(0, INSIDE, &["status", name], "");
    }
    scene
}

/// Enrols one of the two; returns its lab.
fn enroll<'a>(scene: &Scene, labs: &'a OwnLab, name: &str) -> &'a Lab {
    let (lab, url): (&Lab, &str) = match (name, labs.taking_if_any()) {
        (SECOND, Some(taking)) => (taking, "appliance"),
        (SECOND, None) => (labs, "partner"),
        _ => (labs, "appliance"),
    };
    scene.must(0, INSIDE, &lab.enrolling(name, url, "appliance"), "y\n");
    lab
}

fn journals_hold(scene: &Scene) {
    for (name, serial) in [(FIRST, SERIAL), (SECOND, PARTNER_SERIAL)] {
        if scene.journal(serial).exists() {
            scene.must(0, INSIDE, &["audit", name], "");
        }
    }
}

/// Whatever was struck, one of the two is not upgraded by itself unless a person says so.
fn not_alone(scene: &Scene, name: &str) {
    journals_hold(scene);
    let said = scene.run(INSIDE, &["-q", "push", "stick", name], "n\n");
    let refused = [Exit::RoleUnexpected, Exit::PairOpen, Exit::Replayed].map(Code::number);
    assert!(refused.contains(&said.code), "{name} alone: {said:?}");
}

fn ended_for_both(scene: &Scene) {
    journals_hold(scene);
    for serial in [SERIAL, PARTNER_SERIAL] {
        let ends = scene.records(serial).iter().filter(|record| record["kind"] == "pair-done").count();
        assert!(ends > 0, "the run of {serial} is over");
    }
}

fn upgraded(scene: &Scene, labs: Option<&OwnLab>, events: &[&str], roles: [&str; 2]) {
    let lab = labs.expect("a lab");
    assert_eq!(lab.installs_of_both(), [TITLES, TITLES], "each once, in order");
    assert_eq!(lab.events(), events, "nothing is pressed twice");
    assert_eq!(lab.roles(), roles);
    ended_for_both(scene);
}

fn moved(scene: &Scene, labs: Option<&OwnLab>) {
    let old = labs.expect("labs");
    let new = old.taking();
    assert_eq!(new.list("installs", Some("title")), TITLES, "each once, in order");
    let restored = new.list("restored_from", None);
    assert!(matches!(restored.len(), 1 | 2) && restored.iter().all(|from| from == SERIAL), "{restored:?}");
    assert_eq!(new.list("certificates", None), ["imported", "assigned"]);
    assert_eq!(new.state()["presses"].as_array().map(Vec::len), Some(0));
    assert!(old.list("installs", Some("title")).is_empty());
    assert_eq!(old.list("presses", Some("button")), ["reset", "shut-down"], "each once");
    assert_eq!(old.state()["activity"], "off");
    ended_for_both(scene);
    super::holds::nowhere(scene, "home", PASSPHRASE);
}

/// What every run over two asks that may be said yes to at any time.
const YES: [&str; 12] = [
    "Begin now on ",
    "Do you accept this agreement",
    "Do clients reach ",
    "Is the Inter-appliance Communication Pre-shared Key",
    "Is the certificate of ",
    "Is beta verified",
    "Is alpha verified",
    "Can the Integration Client",
    "Run the Integration Client",
    "The first window's work is done.",
    "Does beta serve ",
    // A backup that may have arrived is sent again: nobody is served there yet.
    "Restore the settings of ",
];

/// What someone says who looks at the pair; `None` where nothing is asked.
pub fn of_a_pair(asked: &str, lab: &OwnLab) -> Option<String> {
    // Whose page can't be read is not asked about by somebody else: the next run reads it.
    if asked.ends_with("the serial number: ") {
        return Some(GOES.to_owned());
    }
    let question = asked.strip_suffix(" [y/N] ")?;
    let happened = |what: &str| lab.events().iter().any(|event| event.ends_with(what));
    let on =
        |state: &Value| -> Value { if question.contains(SECOND) { state["partner"].clone() } else { state.clone() } };
    let yes = match question {
        _ if YES.iter().any(|begins| question.contains(begins)) => true,
        _ if question.ends_with("is the relationship broken there?") => happened(":broken"),
        _ if question.ends_with("is the relationship established?") => happened(":established"),
        _ => installing(question, &on(&lab.state())),
    };
    Some(if yes { "y" } else { "n" }.to_owned())
}

/// What someone says who looks at the two between which a site moves.
pub fn of_a_move(asked: &str, old: &OwnLab) -> Option<String> {
    if asked.contains("type its serial number") {
        return asked.ends_with(": ").then(|| SERIAL.to_owned());
    }
    let question = asked.strip_suffix(" [y/N] ")?;
    let new = old.taking();
    let yes = match question {
        _ if YES.iter().any(|begins| question.contains(begins)) => true,
        _ if question.contains("are the settings ") => !new.list("restored_from", None).is_empty(),
        _ if question.ends_with("is the certificate imported there?") => !new.list("certificates", None).is_empty(),
        _ if question.contains("is the reset ordered") => !old.list("presses", Some("button")).is_empty(),
        _ if question.starts_with("Is the reset of ") => old.state()["has_site"] == false,
        _ if question.contains("shut down") || question.contains("switched off") => old.state()["activity"] == "off",
        _ => installing(question, &new.state()),
    };
    Some(if yes { "y" } else { "n" }.to_owned())
}

/// The answer about a package, by an appliance's state.
fn installing(question: &str, state: &Value) -> bool {
    let title = TITLES.into_iter().find(|title| question.contains(title)).unwrap_or_default();
    let installs = state["installs"].as_array().expect("a log");
    let is_there = installs.iter().any(|install| install["title"] == title);
    match question {
        _ if question.ends_with("so that it may be sent again?") => state["activity"] == "idle" && !is_there,
        // Installs take no time here.
        _ if question.ends_with("its installation over?") || question.contains("and the appliance back?") => is_there,
        _ if question.ends_with("is it installed?") || question.starts_with("Did the appliance take") => is_there,
        _ => panic!("nobody knows what to answer to {question:?}"),
    }
}
