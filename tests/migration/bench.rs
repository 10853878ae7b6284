//! Two real programs, two labs (one has the site, one takes it), and a stick
//! with a bundle for the new one.

use crate::support::lab::{self, copy};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

pub use lab::{INSIDE, Lab, OUTSIDE, Said, run};

/// The names and serial numbers of the two.
pub const OLD: &str = "alpha";
pub const NEW: &str = "beta";
pub const OLD_SERIAL: &str = "LAB-0001-BG";
pub const NEW_SERIAL: &str = "LAB-0002-BG";

/// The file name that stands for an appliance where it is remembered.
pub fn key(name: &str) -> String {
    (if name == OLD { OLD_SERIAL } else { NEW_SERIAL }).to_lowercase()
}

/// The passphrase of the exported key.
pub const PASSPHRASE: &str = "carried-by-hand-7";

/// One trip as far as the sealed stick, made once: every new appliance is the same.
static TRIP: LazyLock<tempfile::TempDir> = LazyLock::new(trip);

/// A lab with small packages.
fn start(dir: &Path, args: &[&str]) -> Lab {
    Lab::start(dir, &[&["--package-mib", "1"], args].concat())
}

/// One test's own home, stick and labs, both appliances enrolled.
pub struct Bench {
    folder: tempfile::TempDir,
    pub old: Lab,
    pub new: Lab,
}

impl Bench {
    /// The old appliance has site 10.6.2, the new one 10.5.3; both in `language`.
    pub fn new(language: &str) -> Self {
        let common = ["--language", language];
        let old = [&common[..], &["--base", "3.4.0", "--site", "10.6.2"]].concat();
        let new = [&common[..], &["--serial", NEW_SERIAL]].concat();
        Bench::with(&old, &new, "appliance")
    }

    /// `reached` is the fact with the new appliance's address.
    pub fn with(old: &[&str], new: &[&str], reached: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        copy(&TRIP.path().join("home"), &folder.path().join("home"));
        copy(&TRIP.path().join("stick"), &folder.path().join("stick"));
        let old = start(&folder.path().join("old"), old);
        let new = start(&folder.path().join("new"), new);
        let bench = Bench { folder, old, new };
        bench.enroll(OLD, &bench.old, "appliance");
        bench.enroll(NEW, &bench.new, reached);
        let file = bench.path("passphrase");
        std::fs::write(&file, format!("{PASSPHRASE}\n")).expect("written");
        close(&file);
        bench
    }

    fn enroll(&self, name: &str, lab: &Lab, url: &str) {
        self.inside(&lab.enrolling(name, url, "appliance"), "y\n").ends(0);
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

    /// The words of a migration's push, with these options.
    pub fn words(&self, options: &[&str]) -> Vec<String> {
        let (stick, file) = (self.stick(), self.path("passphrase").display().to_string());
        let words = ["push", &stick, OLD, NEW, "--topology", "migrate", "--key-passphrase-file", &file];
        words.iter().chain(options).map(|word| (*word).to_owned()).collect()
    }

    /// Moves the site; the name leads to this machine, where both labs are.
    pub fn push(&self, options: &[&str], answers: &str) -> Said {
        let words = self.words(&[&["--site-host", "localhost"], options].concat());
        self.inside(&words.iter().map(String::as_str).collect::<Vec<_>>(), answers)
    }

    /// One appliance's journal.
    pub fn journal(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(&format!("home/inside/journal/{}.jsonl", key(name)))).expect("a journal")
    }

    /// The files with exported keys.
    pub fn key_files(&self) -> Vec<PathBuf> {
        let folder = self.path(&format!("home/inside/certificates/{}", key(OLD)));
        let found = std::fs::read_dir(folder).expect("kept").map(|entry| entry.expect("read").path());
        found.filter(|path| path.extension().is_some_and(|extension| extension == "certificate")).collect()
    }

    /// The steps that a journal has as done, each once.
    pub fn done(&self, name: &str) -> Vec<String> {
        let mut done: Vec<String> = Vec::new();
        for line in self.journal(name).lines() {
            let record: serde_json::Value = serde_json::from_str(line).expect("JSON");
            if record["kind"] == "pair-step-done" {
                let step = record["fields"]["step"].as_str().expect("a step").to_owned();
                if !done.contains(&step) {
                    done.push(step);
                }
            }
        }
        done
    }
}

/// Keys, trust, a request of the new appliance, and the bundle for it on the stick.
fn trip() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |below: &str| folder.path().join(below);
    let lab = start(&path("lab"), &["--serial", NEW_SERIAL]);
    let home = path("home");
    let half = |half: &str, args: &[&str], answers: &str| run(&mut lab::program(half, &home, args), answers).ends(0);
    lab::set_up(&home, &path("stick"));
    let stick = path("stick").display().to_string();
    half(INSIDE, &lab.enrolling(NEW, "appliance", "appliance"), "y\n");
    half(INSIDE, &["request", NEW, &stick], "");
    half(OUTSIDE, &["fetch", &stick, "--ca", lab.fact("ca")], "");
    let packages = "Base 3.4.0,Bomgar 10.6.2";
    let seal = ["seal", "--appliance", NEW_SERIAL, "--packages", packages, "--write", &stick];
    half(OUTSIDE, &seal, "y\n");
    lab::forget_appliances(&home);
    drop(lab);
    folder
}

#[cfg(unix)]
fn close(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).expect("closed");
}

#[cfg(not(unix))]
fn close(_: &Path) {}
