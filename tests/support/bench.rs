//! A home, a stick and a lab: what a test of one appliance works with.

use super::home::{Home, copy};
use super::lab::Lab;
use super::said::{INSIDE, Said, run};
use handcarry::testing::lab;
use serde_json::Value;
use std::io::Read;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::LazyLock;

/// The name the appliance is enrolled by.
pub const NAME: &str = "box";

/// One trip as far as the sealed stick, made once: every lab has the same
/// appliance and the same packages, so each test begins with a copy of it.
static TRIP: LazyLock<Trip> = LazyLock::new(|| Trip::make("2"));

/// The same with packages larger than the network's buffers.
static LARGE: LazyLock<Trip> = LazyLock::new(|| Trip::make("40"));

struct Trip {
    home: Home,
    /// The digest by which its push is agreed to.
    agreed: String,
}

/// One test's own home, stick and lab, as far as enrolled.
pub struct Bench {
    // Before the folder that it writes into.
    pub lab: Lab,
    home: Home,
    /// The digest by which a push of the stick's first bundle is agreed to.
    pub agreed: String,
}

impl Deref for Bench {
    type Target = Home;

    fn deref(&self) -> &Home {
        &self.home
    }
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
        let home = Home::after(&trip.home);
        let lab = Lab::start(&home.path("lab"), lab);
        let bench = Bench { home, lab, agreed: trip.agreed.clone() };
        bench.enroll("home", clock);
        bench.lists(bench.lab.fact("vendor"));
        bench
    }

    fn enroll(&self, home: &str, clock: &str) {
        let args = [&self.lab.enrolling(NAME, "appliance", clock)[..], &["--driver", "bomgar"]].concat();
        run(&mut self.command_in(home, INSIDE, &args), "y\n").ends(0);
    }

    /// A second desk that trusts the same signers and knows the same appliance.
    pub fn second_desk(&self) -> &'static str {
        copy(&TRIP.home.path("home"), &self.path("second"));
        self.enroll("second", "appliance");
        "second"
    }

    /// Runs it by a clock that has gone on by so much, such as `+5h`.
    pub fn later(&self, by: &str, args: &[&str], answers: &str) -> Said {
        run(&mut self.at(by, INSIDE, args), answers)
    }

    /// Pushes what was agreed to beforehand: the question before the first
    /// press has tests of its own.
    pub fn push(&self, answers: &str) -> Said {
        self.inside(&["push", &self.stick(), NAME, "--agree", &self.agreed], answers)
    }

    /// The same by the test's own clock, where dates of both are compared.
    pub fn push_unhurried(&self, answers: &str) -> Said {
        let args = ["push", &self.stick(), NAME, "--agree", &self.agreed];
        run(&mut self.unhurried(INSIDE, &args), answers)
    }

    /// The folder with its kept backups.
    pub fn backups(&self) -> PathBuf {
        self.path("home/inside/backups/lab-0001-bg")
    }

    pub fn journal(&self) -> PathBuf {
        self.home.journal(lab::SERIAL)
    }

    /// The fields of its records of one kind.
    #[track_caller]
    pub fn noted(&self, kind: &str) -> Vec<Value> {
        let records = self.records(lab::SERIAL).into_iter().filter(|record| record["kind"] == kind);
        records.map(|mut record| record["fields"].take()).collect()
    }
}

impl Trip {
    fn make(package_mib: &str) -> Self {
        let home = Home::hasty().trusting();
        let lab = Lab::start(&home.path("lab"), &["--package-mib", package_mib]);
        let bench = Bench { home, lab, agreed: String::new() };
        bench.enroll("home", "appliance");
        bench.lists(bench.lab.fact("vendor"));
        bench.inside(&["request", NAME, &bench.stick()], "").ends(0);
        bench.outside(&["fetch", &bench.stick(), "--ca", bench.lab.fact("ca")], "").ends(0);
        bench.outside(&["seal", "--from", bench.lab.fact("vendor"), "--write", &bench.stick()], "").ends(0);
        let agreed = bench.inside(&["--json", "plan", &bench.stick(), NAME], "").ends(0).agreed();
        bench.forget_appliances();
        Trip { home: bench.home, agreed }
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
