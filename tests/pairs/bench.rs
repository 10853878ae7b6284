//! Two real programs, a lab with a pair, a stick with a bundle for each.

use crate::support::lab::{self, copy};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

pub use lab::{INSIDE, Lab, OUTSIDE, Said, run};

/// The names the two are enrolled by.
pub const A: &str = "alpha";
pub const B: &str = "beta";

/// The file name that stands for an appliance where it is remembered.
pub fn key(name: &str) -> &'static str {
    if name == A { "lab-0001-bg" } else { "lab-0002-bg" }
}

/// One trip as far as the sealed stick, made once: every lab's pair is the same.
static TRIP: LazyLock<tempfile::TempDir> = LazyLock::new(|| trip("Base 3.4.0,Bomgar 10.6.2"));

/// A lab with a pair, and small packages.
fn start(dir: &Path, args: &[&str]) -> Lab {
    Lab::start(dir, &[&["--pair", "--package-mib", "1", "--sync-secs", "1"], args].concat())
}

/// One test's own home, stick and lab, both appliances enrolled.
pub struct Bench {
    folder: tempfile::TempDir,
    pub lab: Lab,
}

impl Bench {
    pub fn new(lab: &[&str]) -> Self {
        Self::after(&TRIP, lab)
    }

    /// With a bundle of these packages for each.
    pub fn carrying(packages: &str) -> Self {
        Self::after(&trip(packages), &[])
    }

    fn after(trip: &tempfile::TempDir, lab: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        copy(&trip.path().join("home"), &folder.path().join("home"));
        copy(&trip.path().join("stick"), &folder.path().join("stick"));
        let lab = start(&folder.path().join("lab"), lab);
        let bench = Bench { folder, lab };
        bench.enroll();
        bench
    }

    fn enroll(&self) {
        for (name, url) in [(A, "appliance"), (B, "partner")] {
            self.inside(&self.lab.enrolling(name, url, "appliance"), "y\n").ends(0);
        }
    }

    /// Has the inventory say that the two are a pair, and `more` of A.
    pub fn pair(&self, more: &str) {
        let inventory = self.path("home/inside/inventory.toml");
        let text = std::fs::read_to_string(&inventory).expect("an inventory");
        let (head, sections) = text.split_once(&format!("[appliances.{A}]\n")).expect("A's section");
        let (own, rest) = sections.split_once(&format!("[appliances.{B}]\n")).expect("B's section");
        let plain = |section: &str| {
            let ours = ["pair", "topology", "switch", "shared_ip", "groups"];
            let lines = section.lines().filter(|line| !ours.iter().any(|key| line.starts_with(&format!("{key} ="))));
            lines.map(|line| format!("{line}\n")).collect::<String>()
        };
        let (own, rest) = (plain(own), plain(rest));
        let both =
            format!("{head}[appliances.{A}]\npair = \"{B}\"\n{more}{own}[appliances.{B}]\npair = \"{A}\"\n{rest}");
        std::fs::write(inventory, both).expect("written");
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    pub fn stick(&self) -> String {
        self.path("stick").display().to_string()
    }

    pub fn command(&self, program: &str, args: &[&str]) -> Command {
        lab::program(program, &self.path("home"), args)
    }

    pub fn inside(&self, args: &[&str], answers: &str) -> Said {
        run(&mut self.command(INSIDE, args), answers)
    }

    pub fn outside(&self, args: &[&str]) -> Said {
        run(&mut self.command(OUTSIDE, args), "")
    }

    /// Pushes the pair with these options, every question answered with yes.
    pub fn push(&self, options: &[&str]) -> Said {
        self.push_answering(options, &"y\n".repeat(40))
    }

    pub fn push_answering(&self, options: &[&str], answers: &str) -> Said {
        self.inside(&[&["push", &self.stick(), A, B], options].concat(), answers)
    }

    /// The kinds of records and their step in one appliance's journal: `pair-step-done sync`.
    pub fn journal(&self, name: &str) -> Vec<String> {
        let text = self.path(&format!("home/inside/journal/{}.jsonl", key(name)));
        let text = std::fs::read_to_string(text).expect("a journal");
        let records = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
        let told = |record: serde_json::Value| {
            let step = record["fields"]["step"].as_str().map_or_else(String::new, |step| format!(" {step}"));
            format!("{}{step}", record["kind"].as_str().expect("a kind"))
        };
        records.map(told).collect()
    }
}

/// Keys, trust, a request of each appliance, and a bundle for each on the stick.
fn trip(packages: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let lab = start(&folder.path().join("lab"), &[]);
    let bench = Bench { folder, lab };
    lab::set_up(&bench.path("home"), &bench.path("stick"));
    bench.enroll();
    for (name, serial) in [(A, "LAB-0001-BG"), (B, "LAB-0002-BG")] {
        bench.inside(&["request", name, &bench.stick()], "").ends(0);
        bench.outside(&["fetch", &bench.stick(), "--ca", bench.lab.fact("ca")]).ends(0);
        let seal = ["seal", "--appliance", serial, "--packages", packages, "--write", &bench.stick()];
        run(&mut bench.command(OUTSIDE, &seal), "y\n").ends(0);
    }
    lab::forget_appliances(&bench.path("home"));
    let Bench { folder, lab } = bench;
    drop(lab);
    folder
}
