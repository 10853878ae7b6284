//! An appliance of the lab, a desk that has it enrolled, a stick, and a sealer
//! who signs whatever an attack needs.

use crate::support::carried::{self, PACKAGE_BYTES};
use crate::support::home::Home;
use crate::support::lab::Lab;
use crate::support::said::{INSIDE, Said, run};
use handcarry::testing::lab;
use handcarry::testing::model::*;
use handcarry::testing::trust::{LineOptions, Namespace, Signer};
use serde_json::Value;
use std::ops::Deref;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// What the appliance is called at the desk.
pub const NAME: &str = "box";

/// What is attacked: a desk and its appliance.
pub struct Target {
    // Before the folder that it writes into.
    pub lab: Lab,
    home: Home,
    pub now: Timestamp,
    signer: Signer,
}

impl Deref for Target {
    type Target = Home;

    fn deref(&self) -> &Home {
        &self.home
    }
}

impl Target {
    /// A lab, an enrolled appliance, a trusted sealer and an empty stick.
    pub fn new() -> Target {
        let home = Home::new();
        let lab = Lab::within(&home.path("lab"), |options| {
            options.package_bytes = PACKAGE_BYTES;
            options.install = Duration::from_millis(400);
            options.restart = Duration::from_millis(300);
        });
        let (signer, line) = carried::key(home.root(), "sealer", &LineOptions::only_for(&[Namespace::Bundle]));
        let target = Target { home, lab, now: Timestamp::now(), signer };
        std::fs::create_dir_all(target.bundles()).expect("a stick");
        target.inside(&["trust", "add", &line], "y\n").ends(Exit::Ok);
        let enroll = [&target.lab.enrolling(NAME, "appliance", "appliance")[..], &["--serial", lab::SERIAL]].concat();
        target.inside(&enroll, "y\n").ends(Exit::Ok);
        target
    }

    pub fn bundles(&self) -> PathBuf {
        self.path("stick/handcarry/bundles")
    }

    /// A manifest for the lab's appliance with the first `count` packages.
    pub fn manifest(&self, sequence: u64, count: usize) -> Manifest {
        carried::manifest(self.now, sequence, &lab::catalogue(PACKAGE_BYTES)[..count])
    }

    /// Signs a manifest by the trusted sealer and puts the bundle onto the stick, alone.
    pub fn seal(&self, manifest: &Manifest) -> PathBuf {
        self.seal_by(&self.signer, Namespace::Bundle, manifest)
    }

    pub fn seal_by(&self, signer: &Signer, namespace: Namespace, manifest: &Manifest) -> PathBuf {
        for entry in std::fs::read_dir(self.bundles()).expect("readable") {
            std::fs::remove_file(entry.expect("readable").path()).expect("removed");
        }
        self.add_by(signer, namespace, manifest)
    }

    /// The same beside what lies there, by the trusted sealer.
    pub fn add(&self, manifest: &Manifest) -> PathBuf {
        self.add_by(&self.signer, Namespace::Bundle, manifest)
    }

    /// The same by anybody.
    pub fn add_by(&self, signer: &Signer, namespace: Namespace, manifest: &Manifest) -> PathBuf {
        carried::seal(signer, namespace, manifest, &self.bundles())
    }

    /// Another key, and the line that would trust it.
    pub fn key(&self, name: &str, options: &LineOptions) -> (Signer, String) {
        carried::key(self.root(), name, options)
    }

    fn dressed(&self, mut command: Command) -> Command {
        command.env("TZ", "UTC").env("LOGNAME", "rui");
        command
    }

    pub fn command(&self, args: &[&str]) -> Command {
        self.dressed(self.home.command(INSIDE, args))
    }

    pub fn inside(&self, args: &[&str], input: &str) -> Said {
        run(&mut self.command(args), input)
    }

    /// The same under another clock: faketime's `YYYY-MM-DD hh:mm:ss` or `-3d`.
    pub fn at(&self, clock: &str, args: &[&str], input: &str) -> Said {
        run(&mut self.dressed(self.home.at(clock, INSIDE, args)), input)
    }

    /// verify --appliance, plan and push, each with the same flags.
    pub fn verbs(&self, flags: &[&str]) -> [Vec<String>; 3] {
        let stick = self.stick();
        [vec!["verify", &stick, "--appliance", NAME], vec!["plan", &stick, NAME], vec!["push", &stick, NAME]]
            .map(|verb| verb.into_iter().chain(flags.iter().copied()).map(str::to_owned).collect())
    }

    /// All three verbs refuse it so, and leave no trace at desk or appliance.
    #[track_caller]
    pub fn refused(&self, exit: Exit, part: &str) {
        self.refused_at(None, exit, part);
    }

    #[track_caller]
    pub fn refused_at(&self, clock: Option<&str>, exit: Exit, part: &str) {
        let before = (self.marks(), self.uploads());
        for verb in self.verbs(&[]) {
            let args: Vec<&str> = verb.iter().map(String::as_str).collect();
            let said = match clock {
                Some(clock) => self.at(clock, &args, "y\ny\n"),
                None => self.inside(&args, "y\ny\n"),
            };
            let said = said.ends(exit).says(part);
            assert!(said.err.contains("hint: "), "{}: no hint: {}", args[0], said.err);
            assert_eq!((self.marks(), self.uploads()), before, "{} left a trace", args[0]);
        }
    }

    pub fn push(&self, flags: &[&str], input: &str) -> Said {
        let stick = self.stick();
        let args: Vec<&str> = ["push", &stick, NAME].into_iter().chain(flags.iter().copied()).collect();
        self.inside(&args, input)
    }

    /// The marks' bytes; none where there is no file.
    pub fn marks(&self) -> Option<Vec<u8>> {
        std::fs::read(self.marks_path()).ok()
    }

    pub fn marks_path(&self) -> PathBuf {
        self.path("home/inside/marks/lab-0001-bg.json")
    }

    /// Puts marks in place as if this had been accepted before.
    pub fn remember(&self, accepted: Option<(u64, Id)>, last_trusted: Option<Timestamp>, used: &[Id], requests: &[Id]) {
        let accepted = accepted.map(|(sequence, bundle)| serde_json::json!({ "sequence": sequence, "bundle": bundle }));
        let marks = serde_json::json!({
            "format": 1, "serial": lab::SERIAL, "accepted": accepted, "last_trusted": last_trusted,
            "used": used, "requests": requests,
        });
        std::fs::create_dir_all(self.path("home/inside/marks")).expect("made");
        std::fs::write(self.marks_path(), serde_json::to_vec(&marks).expect("JSON")).expect("written");
    }

    /// What the journal has of one kind.
    pub fn journal(&self, kind: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(self.home.journal(lab::SERIAL)).unwrap_or_default();
        let records = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        records.filter(|record| record["kind"] == kind).collect()
    }

    /// SHA-256 of everything the appliance was sent.
    pub fn uploads(&self) -> Vec<String> {
        let state = self.lab.state();
        let uploads = state["uploads"].as_array().cloned().expect("a list of uploads");
        uploads.iter().map(|upload| upload["sha256"].as_str().expect("a digest").to_owned()).collect()
    }
}
