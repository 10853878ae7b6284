//! The verbs inside: stick → appliance.

use super::super::bench::{INSIDE, NAME, OUTSIDE, enrolment};
use super::holds::{backups_are_whole, journal_holds, journal_holds_if_begun, nowhere, papers_are_signed};
use super::{Needs, PLAIN, PUSHED, Scene, Verb, carried, carried_alone, enrolled, words, words_of};
use handcarry::testing::model::Exit;

pub const RECEIPT: Verb = Verb {
    name: "receipt",
    program: INSIDE,
    before: |_| PUSHED.copy(),
    args: |_| words("receipt box stick --offline"),
    between: |scene| papers_are_signed(scene, "stick/handcarry/receipts"),
    after: |scene, _| {
        papers_are_signed(scene, "stick/handcarry/receipts");
        scene.must(0, INSIDE, &["audit", NAME, "--receipt", "stick"], "");
        scene.must(0, OUTSIDE, &["receive", "stick"], "");
        let vault = scene.must(0, OUTSIDE, &["vault"], "");
        assert_eq!(vault.matches("installed on LAB-0001-BG").count(), 2, "{vault}");
    },
    ..PLAIN
};

pub const TRUST_APPLY: Verb = Verb {
    name: "trust apply",
    program: INSIDE,
    before: |_| {
        let scene = Scene::keyed();
        let third = scene.must(0, OUTSIDE, &words_of("keygen --no-passphrase --principal carla --out third"), "");
        let line =
            |said: &str| said.lines().find(|line| line.contains(" ssh-ed25519 ")).expect("a line").trim().to_owned();
        let third = line(&third);
        let changes = scene.must(0, OUTSIDE, &words_of("keygen --no-passphrase --principal tom --for trust"), "");
        scene.must(0, INSIDE, &["trust", "add", &line(&changes)], "y\n");
        scene.must(0, INSIDE, &["trust", "export", "stick"], "");
        scene.must(0, OUTSIDE, &["--yes", "trust", "follow", "stick"], "");
        scene.must(0, OUTSIDE, &["trust", "propose", "stick", "--add", &third], "y\n");
        scene.must(0, OUTSIDE, &["trust", "sign", "stick"], "y\n");
        scene
    },
    args: |_| words("trust apply stick"),
    or: &[Exit::TrustRefused],
    between: |scene| {
        // The old trust or the new, whole, and nothing between them.
        let listed = scene.must(0, INSIDE, &["trust", "list"], "");
        assert!(listed.contains("ana"), "{listed}");
        assert_eq!(listed.contains("Version: 1"), listed.contains("carla"), "{listed}");
    },
    after: |scene, _| {
        let listed = scene.must(0, INSIDE, &["trust", "list"], "");
        assert!(listed.contains("Version: 1") && listed.contains("carla"), "{listed}");
        let told = scene.must(0, INSIDE, &["trust", "history"], "");
        assert!(told.contains("In force: version 1"), "{told}");
        let copy = std::fs::read_to_string(scene.path("home/inside/trust/allowed_signers")).expect("there");
        assert!(copy.starts_with("# Trust version 1.") && copy.contains("carla"), "{copy}");
        papers_are_signed(scene, "home/inside/trust/versions");
    },
    ..PLAIN
};

pub const ENROLL: Verb = Verb {
    name: "enroll",
    program: INSIDE,
    args: |lab| enrolment(lab.expect("a lab")),
    or: &[Exit::Exists],
    after: |scene, _| {
        let listed = scene.must(0, INSIDE, &["list"], "");
        assert_eq!(listed.matches("box  https").count(), 1, "{listed}");
        scene.must(0, INSIDE, &["probe", NAME], "");
    },
    lab: Needs::One,
    ..PLAIN
};

pub const REQUEST: Verb = Verb {
    name: "request",
    program: INSIDE,
    before: enrolled,
    args: |_| words("request box stick"),
    between: |scene| papers_are_signed(scene, "stick/handcarry/requests"),
    after: |scene, lab| {
        papers_are_signed(scene, "stick/handcarry/requests");
        // A code that was made stands in a request, and nowhere else.
        let requests = scene.files("stick/handcarry/requests", |path| path.ends_with(".json"));
        let code = |path: &std::path::PathBuf| -> String {
            let value: serde_json::Value = serde_json::from_slice(&std::fs::read(path).expect("reads")).expect("JSON");
            value["code"].as_str().expect("a code").to_owned()
        };
        let code = code(requests.last().expect("a request"));
        nowhere(scene, "home", &code);
        let lab = lab.expect("a lab");
        let ca = lab.facts.ca.display().to_string();
        scene.lists(&lab.facts.vendor);
        scene.must(0, OUTSIDE, &["fetch", "stick", "--ca", &ca], "");
    },
    lab: Needs::One,
    ..PLAIN
};

pub const TAKE: Verb = Verb {
    name: "take",
    program: INSIDE,
    before: |_| carried_alone(),
    args: |_| words("take stick"),
    between: |scene| {
        // A bundle that can be seen is whole.
        let frames = scene.files("home/inside/store", |path| path.ends_with(".frame"));
        if !frames.is_empty() {
            scene.must(0, INSIDE, &["store", "check"], "");
        }
    },
    after: |scene, _| {
        scene.must(0, INSIDE, &["store", "check"], "");
        let objects = scene.files("home/inside/store", |path| path.contains("/objects/"));
        assert_eq!(objects.len(), 3, "each package once: {objects:?}");
        let partial = scene.files("home/inside/store", |path| path.contains("/partial/"));
        assert!(partial.is_empty(), "nothing is left behind: {partial:?}");
    },
    ..PLAIN
};

pub const BACKUP: Verb = Verb {
    name: "backup",
    program: INSIDE,
    before: enrolled,
    args: |_| words("backup box"),
    between: journal_holds_if_begun,
    after: |scene, _| {
        journal_holds(scene);
        backups_are_whole(scene);
    },
    lab: Needs::One,
    ..PLAIN
};

pub const PUSH: Verb = Verb {
    name: "push",
    program: INSIDE,
    before: |lab| carried(lab.expect("a lab")),
    // What it says on its way differs from run to run, and would be counted.
    args: |_| words("-q push stick box"),
    ends: Exit::Waiting,
    between: journal_holds_if_begun,
    after: |scene, lab| {
        assert_eq!(lab.expect("a lab").installs(), INSTALLED, "each once, in order");
        journal_holds(scene);
        backups_are_whole(scene);
    },
    lab: Needs::One,
    hasty: true,
    ..PLAIN
};

/// What is installed of it before clients must have their time.
const INSTALLED: [&str; 2] = ["Base 3.4.0", "Bomgar 10.6.2"];
