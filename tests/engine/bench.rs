//! Two real programs, a lab, a stick: what each test of the engine works with.

use crate::lab;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

pub use lab::{INSIDE, Lab, OUTSIDE, Said, copy};

/// The name the appliance is enrolled by.
pub const NAME: &str = "box";

/// One trip as far as the sealed stick, made once: every lab has the same
/// appliance and the same packages, so each test begins with a copy of it.
static TRIP: LazyLock<Trip> = LazyLock::new(|| Trip::make("2"));

/// The same with packages larger than the network's buffers.
static LARGE: LazyLock<Trip> = LazyLock::new(|| Trip::make("40"));

struct Trip {
    folder: tempfile::TempDir,
}

impl Lab {
    /// Titles of what was installed, in order.
    pub fn installs(&self) -> Vec<String> {
        lab::installs(&self.state())
    }
}

/// One test's own home, stick and lab, as far as enrolled.
pub struct Bench {
    pub folder: tempfile::TempDir,
    pub lab: Lab,
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
        let bench = Bench { folder, lab };
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
        let fact = |key| self.lab.fact(key);
        #[rustfmt::skip]
        let args = [
            "enroll", NAME, "--url", fact("appliance"), "--driver", "bomgar", "--vendor", fact("vendor"), "--clock", clock,
            "--user", fact("appliance_user"), "--password-file", fact("appliance_password_file"),
            "--login-user", fact("login_user"), "--login-password-file", fact("login_password_file"),
        ];
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
        let mut command = Command::new(program);
        command.args(args).env("HANDCARRY_HOME", self.path(home)).env("NO_COLOR", "1");
        command
    }

    pub fn inside(&self, args: &[&str], answers: &str) -> Said {
        run(&mut self.command(INSIDE, "home", args), answers)
    }

    pub fn outside(&self, args: &[&str], answers: &str) -> Said {
        run(&mut self.command(OUTSIDE, "home", args), answers)
    }

    pub fn push(&self, answers: &str) -> Said {
        self.inside(&["push", &self.stick(), NAME], answers)
    }

    pub fn journal(&self) -> PathBuf {
        self.path("home/inside/journal/box.jsonl")
    }
}

impl Trip {
    fn make(package_mib: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let lab = Lab::start(&folder.path().join("lab"), &["--package-mib", package_mib]);
        let bench = Bench { folder, lab };
        let key = |said: Said| {
            said.ends(0).out.lines().find(|line| line.contains(" ssh-ed25519 ")).expect("a line").to_owned()
        };
        let outer = key(bench.outside(&["keygen", "--principal", "ana@outside", "--no-passphrase"], ""));
        let inner = key(bench.inside(&["keygen", "--principal", "rui@inside", "--no-passphrase"], ""));
        bench.inside(&["trust", "add", &outer], "y\n").ends(0);
        bench.outside(&["trust", "add", &inner], "y\n").ends(0);
        std::fs::create_dir(bench.path("stick")).expect("a stick");
        bench.enroll("home", "appliance");
        bench.inside(&["request", NAME, &bench.stick()], "").ends(0);
        bench.outside(&["fetch", &bench.stick(), "--ca", bench.lab.fact("ca")], "").ends(0);
        bench.outside(&["seal", "--write", &bench.stick()], "").ends(0);
        // Each test enrols anew: its lab has a certificate of its own.
        std::fs::remove_file(bench.path("home/inside/inventory.toml")).expect("removed");
        std::fs::remove_dir_all(bench.path("home/inside/certs")).expect("removed");
        let Bench { folder, lab } = bench;
        drop(lab);
        Trip { folder }
    }
}

pub fn run(command: &mut Command, answers: &str) -> Said {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("piped");
    // A run that needs no answer may be gone by now.
    let _ = stdin.write_all(answers.as_bytes());
    drop(stdin);
    Said::from(child.wait_with_output().expect("waited for"))
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
