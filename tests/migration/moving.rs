//! Two real programs, two labs (one has the site, one takes it), and a stick
//! with a bundle for the new one.

use crate::support::home::Home;
use crate::support::lab::Lab;
use crate::support::said::Said;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

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
static TRIP: LazyLock<Home> = LazyLock::new(trip);

/// A lab with small packages.
fn start(dir: &Path, args: &[&str]) -> Lab {
    Lab::start(dir, &[&["--package-mib", "1"], args].concat())
}

/// One test's own home, stick and labs, both appliances enrolled.
pub struct Migration {
    // Before the folder that they write into.
    pub old: Lab,
    pub new: Lab,
    home: Home,
}

impl Deref for Migration {
    type Target = Home;

    fn deref(&self) -> &Home {
        &self.home
    }
}

impl Migration {
    /// As where no file has the passphrase of exported keys.
    pub fn without_passphrase(self) -> Self {
        let inventory = self.path("home/inside/inventory.toml");
        let known = std::fs::read_to_string(&inventory).expect("enrolled");
        let left: Vec<&str> = known.lines().filter(|line| !line.starts_with("key_passphrase_file")).collect();
        std::fs::write(&inventory, left.join("\n") + "\n").expect("written");
        self
    }

    /// The old appliance has site 10.6.2, the new one 10.5.3; both in `language`.
    pub fn new(language: &str) -> Self {
        let common = ["--pages", language];
        let old = [&common[..], &["--base", "3.4.0", "--site", "10.6.2"]].concat();
        let new = [&common[..], &["--serial", NEW_SERIAL]].concat();
        Migration::with(&old, &new, "appliance")
    }

    /// `reached` is the fact with the new appliance's address.
    pub fn with(old: &[&str], new: &[&str], reached: &str) -> Self {
        let home = Home::after(&TRIP);
        let old = start(&home.path("old"), old);
        let new = start(&home.path("new"), new);
        let bench = Migration { home, old, new };
        bench.enroll(OLD, &bench.old, "appliance");
        bench.enroll(NEW, &bench.new, reached);
        bench.private("passphrase", &format!("{PASSPHRASE}\n"));
        bench
    }

    fn enroll(&self, name: &str, lab: &Lab, url: &str) {
        self.inside(&lab.enrolling(name, url, "appliance"), "y\n").ends(0);
    }

    /// The words of a migration's push, with these options.
    pub fn words(&self, options: &[&str]) -> Vec<String> {
        let (stick, file) = (self.stick(), self.word("passphrase"));
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
        std::fs::read_to_string(self.home.journal(&key(name))).expect("a journal")
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
        for record in self.records(&key(name)) {
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
fn trip() -> Home {
    let home = Home::hasty().trusting();
    let lab = start(&home.path("lab"), &["--serial", NEW_SERIAL]);
    let stick = home.stick();
    home.inside(&lab.enrolling(NEW, "appliance", "appliance"), "y\n").ends(0);
    home.inside(&["request", NEW, &stick], "").ends(0);
    home.lists(lab.fact("vendor"));
    home.outside(&["fetch", &stick, "--ca", lab.fact("ca")], "").ends(0);
    let packages = "Base 3.4.0,Bomgar 10.6.2";
    let seal =
        ["seal", "--from", lab.fact("vendor"), "--appliance", NEW_SERIAL, "--packages", packages, "--write", &stick];
    home.outside(&seal, "y\n").ends(0);
    home.forget_appliances();
    home
}
