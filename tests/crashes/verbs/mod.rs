//! The verbs that are struck: what was done before, the command line, and what
//! must be so once the run that goes on is over.

pub mod holds;
mod inside;
mod kit;
mod outside;
mod two;

pub use inside::{BACKUP, ENROLL, PUSH, RECEIPT, REQUEST, TAKE, TRUST_APPLY};
pub use kit::{SELF_APPLY, WRITE_KIT};
pub use outside::{EXPORT, FETCH, IMPORT, KEYGEN, PRUNE, RECEIVE, SEAL, VAULT_IMPORT, WRITE, WRITE_WHOLE};
pub use two::{ASYNCHRONOUS, MIGRATION, SYNCHRONOUS};

use super::bench::{INSIDE, Needs, OUTSIDE, OwnLab, Scene, enrolment};
use super::person::Answers;
use super::trace::Order;
use crate::support::measured::measured;
use crate::support::said::{Code, Said};
use handcarry::testing::cli::write_paper;
use handcarry::testing::model::{
    Evidence, Exit, FileName, Id, JournalHead, Manifest, Outcome, PackageResult, Receipt, Sha256Digest, Timestamp,
};
use handcarry::testing::trust::Namespace;
use std::sync::LazyLock;

/// A verb and everything around it.
pub struct Verb {
    pub name: &'static str,
    pub program: &'static str,
    /// What was done before; once a worker.
    pub before: fn(Option<&OwnLab>) -> Scene,
    /// What is done before each run, in a copy of that.
    pub each: fn(&Scene, Option<&OwnLab>),
    pub args: fn(Option<&OwnLab>) -> Vec<String>,
    pub answers: &'static str,
    /// How a run ends that nothing befalls.
    pub ends: Exit,
    /// How else the run may end that goes on after a strike, because nothing is left to do.
    pub or: &'static [Exit],
    /// What must be so after a strike, before anybody has gone on.
    pub between: fn(&Scene),
    /// What a person does where going on ended with trouble that no program can
    /// mend; whether that was it, and it is to be run again.
    pub mend: fn(&Scene, Option<&OwnLab>, &Said) -> bool,
    /// What must be so in the end.
    pub after: fn(&Scene, Option<&OwnLab>),
    /// What it talks to.
    pub lab: Needs,
    /// What who looks at the appliances answers, where that depends on what is so.
    pub asked: Option<fn(&str, &OwnLab) -> Option<String>>,
    /// The records at which alone it is struck, by their kind.
    pub records: Option<fn(&str) -> bool>,
    /// Whether it waits, so that its time must go faster.
    pub hasty: bool,
}

const PLAIN: Verb = Verb {
    name: "",
    program: OUTSIDE,
    before: |_| Scene::keyed(),
    each: |_, _| {},
    args: |_| Vec::new(),
    answers: "y\ny\ny\ny\n",
    ends: Exit::Ok,
    or: &[],
    between: |_| {},
    mend: |_, _, _| false,
    after: |_, _| {},
    lab: Needs::Nothing,
    asked: None,
    records: None,
    hasty: false,
};

/// What the stick carries: what the lab's vendor lists, fetched, sealed, written.
static CARRIED: LazyLock<Scene> = LazyLock::new(|| {
    let (scene, lab) = (Scene::keyed(), OwnLab::start());
    scene.request(&lab.facts.vendor, &lab.code());
    let ca = lab.facts.ca.display().to_string();
    scene.lists(&lab.facts.vendor);
    scene.must(0, OUTSIDE, &["fetch", "stick", "--ca", &ca], "");
    scene.must(0, OUTSIDE, &["seal", "--from", &lab.facts.vendor, "--write", "stick"], "");
    measured(&scene.path("home/inside/journal/lab-0001-bg.jsonl"));
    scene
});

/// The same, pushed as far as the soak.
static PUSHED: LazyLock<Scene> = LazyLock::new(|| {
    let (scene, lab) = (CARRIED.copy(), OwnLab::start());
    enrol(&scene, Some(&lab));
    let args = words("push stick box");
    let order =
        Order { program: INSIDE, args: &args, answers: Answers::Typed("y\ny\n"), folder: scene.root(), hasty: true };
    let run = order.run(None);
    assert_eq!(run.code, Exit::Waiting.number(), "{}\n{}", run.out, run.err);
    scene
});

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

fn words_of(line: &'static str) -> Vec<&'static str> {
    line.split(' ').collect()
}

fn enrol(scene: &Scene, lab: Option<&OwnLab>) {
    let args = enrolment(lab.expect("a lab"));
    scene.must(0, INSIDE, &args.iter().map(String::as_str).collect::<Vec<_>>(), "y\n");
}

/// A stick with the lab's packages, and its appliance enrolled.
pub fn carried(lab: &OwnLab) -> Scene {
    let scene = CARRIED.copy();
    enrol(&scene, Some(lab));
    // So that its name is known to be that of its journal.
    scene.must(0, INSIDE, &["status", "box"], "");
    scene
}

/// The same where no appliance is known.
pub fn carried_alone() -> Scene {
    CARRIED.copy()
}

/// The same, pushed as far as the soak.
pub fn pushed() -> Scene {
    PUSHED.copy()
}

fn enrolled(lab: Option<&OwnLab>) -> Scene {
    let scene = Scene::keyed();
    enrol(&scene, lab);
    scene
}

fn filled() -> Scene {
    let scene = Scene::keyed();
    scene.import("Base-3.4.0.nss");
    scene.import("Bomgar-10.6.2.nss");
    scene
}

fn sealed() -> Scene {
    let scene = filled();
    scene.seal();
    scene
}

/// One package sealed and, as a receipt on the stick says, installed; taken
/// in or not yet.
fn received(taken: bool) -> Scene {
    let scene = Scene::keyed();
    scene.import("Base-3.4.0.nss");
    scene.seal();
    let manifests = scene.files("home/outside/drafts", |path| path.ends_with("manifest.json"));
    let bytes = std::fs::read(&manifests[0]).expect("reads");
    let manifest: Manifest = serde_json::from_slice(&bytes).expect("a manifest");
    let package = &manifest.packages[0];
    let receipt = Receipt {
        format: 1,
        receipt: Id::random(),
        created: Timestamp::now(),
        appliance: manifest.appliances[0].id(),
        bundle: manifest.bundle,
        sequence: manifest.appliances[0].sequence,
        manifest_sha256: Sha256Digest::of(&bytes),
        packages: vec![PackageResult {
            file: package.file.clone(),
            name: package.name.clone(),
            sha256: package.sha256,
            source: (*package.source).clone(),
            outcome: Outcome::Installed,
            evidence: Some(Evidence::Version),
            at: Some(Timestamp::now()),
        }],
        status: None,
        backup_sha256: None,
        journal: JournalHead { records: 9, sha256: Sha256Digest::of(b"journal") },
        links: Vec::new(),
    };
    let stem = FileName::from_foreign(&format!("box-{}", receipt.receipt.short()));
    let folder = scene.path("stick/handcarry/receipts");
    write_paper(&folder, &stem, &receipt, Namespace::Receipt, &scene.inner_key()).expect("writes");
    if taken {
        scene.must(0, OUTSIDE, &["receive", "stick"], "");
    }
    scene
}
