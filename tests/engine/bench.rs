//! Two real programs, a lab, a stick: what each test of the engine works with.

use crate::support::lab;
use std::io::Read;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

pub use lab::{INSIDE, Lab, OUTSIDE, Said, copy, run};

/// The name the appliance is enrolled by.
pub const NAME: &str = "box";

/// One trip as far as the sealed stick, made once: every lab has the same
/// appliance and the same packages, so each test begins with a copy of it.
static TRIP: LazyLock<Trip> = LazyLock::new(|| Trip::make("2"));

/// The same with packages larger than the network's buffers.
static LARGE: LazyLock<Trip> = LazyLock::new(|| Trip::make("40"));

struct Trip {
    folder: tempfile::TempDir,
    /// The digest by which its push is agreed to.
    agreed: String,
}

/// One test's own home, stick and lab, as far as enrolled.
pub struct Bench {
    pub folder: tempfile::TempDir,
    pub lab: Lab,
    /// The digest by which a push of the stick's first bundle is agreed to.
    pub agreed: String,
}

impl Bench {
    pub fn new(lab: &[&str]) -> Self {
        Self::enrolled(lab, "appliance")
    }

    /// With an appliance whose waits are measured by `clock`.
    pub fn enrolled(lab: &[&str], clock: &str) -> Self {
        Self::after(&TRIP, lab, clock)
    }

    /// With packages of 40 MiB.
    pub fn large(lab: &[&str]) -> Self {
        Self::after(&LARGE, &[&["--package-mib", "40"], lab].concat(), "appliance")
    }

    fn after(trip: &Trip, lab: &[&str], clock: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        copy(&trip.folder.path().join("home"), &folder.path().join("home"));
        copy(&trip.folder.path().join("stick"), &folder.path().join("stick"));
        let lab = Lab::start(&folder.path().join("lab"), lab);
        let bench = Bench { folder, lab, agreed: trip.agreed.clone() };
        bench.enroll("home", clock);
        bench
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    pub fn stick(&self) -> String {
        self.path("stick").display().to_string()
    }

    fn enroll(&self, home: &str, clock: &str) {
        let args = [&self.lab.enrolling(NAME, "appliance", clock)[..], &["--driver", "bomgar"]].concat();
        let mut command = self.command(INSIDE, home, &args);
        run(&mut command, "y\n").ends(0);
    }

    /// A second desk that trusts the same signers and knows the same appliance.
    pub fn second_desk(&self) -> &'static str {
        copy(&TRIP.folder.path().join("home"), &self.path("second"));
        self.enroll("second", "appliance");
        "second"
    }

    pub fn command(&self, program: &str, home: &str, args: &[&str]) -> Command {
        lab::program(program, &self.path(home), args)
    }

    pub fn inside(&self, args: &[&str], answers: &str) -> Said {
        run(&mut self.command(INSIDE, "home", args), answers)
    }

    /// Runs it by a clock that has gone on by so much, such as `+5h`.
    pub fn later(&self, by: &str, args: &[&str], answers: &str) -> Said {
        let mut command = crate::support::faketime::under(&format!("{by} x8"), INSIDE);
        command.args(args).env("HANDCARRY_HOME", self.path("home")).env("NO_COLOR", "1");
        run(&mut command, answers)
    }

    pub fn outside(&self, args: &[&str], answers: &str) -> Said {
        run(&mut self.command(OUTSIDE, "home", args), answers)
    }

    /// Pushes what was agreed to beforehand: the question before the first
    /// press has tests of its own.
    pub fn push(&self, answers: &str) -> Said {
        self.inside(&["push", &self.stick(), NAME, "--agree", &self.agreed], answers)
    }

    /// The same by the test's own clock, where dates of both are compared.
    pub fn push_unhurried(&self, answers: &str) -> Said {
        run(
            &mut lab::unhurried(INSIDE, &self.path("home"), &["push", &self.stick(), NAME, "--agree", &self.agreed]),
            answers,
        )
    }

    /// The folder with its kept backups.
    pub fn backups(&self) -> PathBuf {
        self.path("home/inside/backups/lab-0001-bg")
    }

    pub fn journal(&self) -> PathBuf {
        self.path("home/inside/journal/lab-0001-bg.jsonl")
    }
}

impl Trip {
    fn make(package_mib: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let lab = Lab::start(&folder.path().join("lab"), &["--package-mib", package_mib]);
        let bench = Bench { folder, lab, agreed: String::new() };
        lab::set_up(&bench.path("home"), &bench.path("stick"));
        bench.enroll("home", "appliance");
        bench.inside(&["request", NAME, &bench.stick()], "").ends(0);
        bench.outside(&["fetch", &bench.stick(), "--ca", bench.lab.fact("ca")], "").ends(0);
        bench.outside(&["seal", "--write", &bench.stick()], "").ends(0);
        let agreed = bench.inside(&["--json", "plan", &bench.stick(), NAME], "").ends(0).agreed();
        lab::forget_appliances(&bench.path("home"));
        let Bench { folder, lab, .. } = bench;
        drop(lab);
        Trip { folder, agreed }
    }
}

/// Reads a child's stderr until `text` comes.
pub fn read_until(stream: &mut impl Read, text: &str) -> String {
    let mut seen = Vec::new();
    let mut byte = [0];
    while !String::from_utf8_lossy(&seen).contains(text) {
        match stream.read(&mut byte) {
            Ok(1) => seen.push(byte[0]),
            _ => panic!("ended before {text:?}: {}", String::from_utf8_lossy(&seen)),
        }
    }
    String::from_utf8_lossy(&seen).into_owned()
}
