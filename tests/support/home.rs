//! A folder with a home for both halves and a stick, and programs at work in it.

use super::faketime;
use super::said::{INSIDE, OUTSIDE, Said, run};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How fast a hasty program's own clock goes, and how soon its waits are over:
/// it looks at an appliance once a second and less, and a lab need not be
/// waited for.
const HASTE: &str = "+0 x8";

/// The folder of one test; gone when dropped.
pub struct Home {
    folder: tempfile::TempDir,
    is_hasty: bool,
}

impl Home {
    /// With an empty stick and nothing done.
    pub fn new() -> Self {
        Self::within(tempfile::tempdir().expect("a folder"))
    }

    /// The same, in a folder that was made for it.
    pub fn within(folder: tempfile::TempDir) -> Self {
        std::fs::create_dir(folder.path().join("stick")).expect("a stick");
        Home { folder, is_hasty: false }
    }

    /// The same where programs wait for labs: their clock goes several times as fast.
    pub fn hasty() -> Self {
        Home { is_hasty: true, ..Self::new() }
    }

    /// With what was done in another's home and on its stick.
    pub fn after(other: &Home) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for below in ["home", "stick"] {
            copy(&other.path(below), &folder.path().join(below));
        }
        Home { folder, is_hasty: other.is_hasty }
    }

    /// A copy of all that is there, in a folder that was made for it.
    pub fn copied(&self, folder: tempfile::TempDir) -> Self {
        copy(self.root(), folder.path());
        Home { folder, is_hasty: self.is_hasty }
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// The same as a word of a command.
    pub fn word(&self, below: &str) -> String {
        word(&self.path(below))
    }

    pub fn stick(&self) -> String {
        self.word("stick")
    }

    /// A file that only its owner may read, as a person would give a secret.
    pub fn private(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).expect("written");
        set_mode(&path, 0o600);
        word(&path)
    }

    /// A program in this folder, with pipes.
    pub fn command(&self, program: &str, args: &[&str]) -> Command {
        self.command_in("home", program, args)
    }

    /// The same for another home below this folder, as of a second desk.
    pub fn command_in(&self, home: &str, program: &str, args: &[&str]) -> Command {
        let mut command = match self.is_hasty {
            true => self.dressed(faketime::hasty(HASTE, program), args),
            false => self.unhurried(program, args),
        };
        command.env("HANDCARRY_HOME", self.path(home));
        command
    }

    /// A program at the pace of everybody's clock, where dates of both are compared.
    pub fn unhurried(&self, program: &str, args: &[&str]) -> Command {
        self.dressed(Command::new(program), args)
    }

    /// The same by another clock, as faketime writes it: `@2026-03-05 00:00:00`, `-3d`.
    pub fn at(&self, clock: &str, program: &str, args: &[&str]) -> Command {
        let command = match self.is_hasty {
            true => faketime::hasty(&format!("{clock} x8"), program),
            false => faketime::under(clock, program),
        };
        self.dressed(command, args)
    }

    fn dressed(&self, mut command: Command, args: &[&str]) -> Command {
        // Its zone is nothing of a test's.
        command.env("HANDCARRY_MEDIA", "").env("TZ", "UTC");
        command.args(args).env("HANDCARRY_HOME", self.path("home")).env("NO_COLOR", "1").env("TERM", "dumb");
        command.current_dir(self.root());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the inside to its end, `answers` typed.
    pub fn inside(&self, args: &[&str], answers: &str) -> Said {
        run(&mut self.command(INSIDE, args), answers)
    }

    pub fn outside(&self, args: &[&str], answers: &str) -> Said {
        run(&mut self.command(OUTSIDE, args), answers)
    }

    /// Gives both halves a key, each trusted by the other.
    pub fn trusting(self) -> Self {
        let line =
            |said: Said| said.out.lines().find(|line| line.contains(" ssh-ed25519 ")).expect("a line").to_owned();
        let outer = line(self.outside(&["keygen", "--principal", "ana@outside", "--no-passphrase"], "").ends(0));
        let inner = line(self.inside(&["keygen", "--principal", "rui@inside", "--no-passphrase"], "").ends(0));
        self.inside(&["trust", "add", &outer], "y\n").ends(0);
        self.outside(&["trust", "add", &inner], "y\n").ends(0);
        self
    }

    /// Lists a server among the vendor's origins, as a person does who is sure of it.
    pub fn lists(&self, vendor: &str) {
        self.outside(&["vendor", "add", vendor, "--by", "ana"], "").ends(0);
    }

    /// The options by which a script agrees to sign for all that is in the vault.
    pub fn agreeing(&self) -> Vec<String> {
        let packages = self.outside(&["--json", "vault"], "").ends(0).events("package");
        let whence = packages.iter().map(|package| match package["source"]["origin"].as_str() {
            Some(origin) => format!("--from={origin}"),
            None => format!("--from={}", package["source"]["by"].as_str().expect("a name")),
        });
        whence.collect()
    }

    pub fn inventory(&self) -> PathBuf {
        self.path("home/inside/inventory.toml")
    }

    /// Forgets the enrolled appliances: the next lab has a certificate of its own.
    pub fn forget_appliances(&self) {
        std::fs::remove_file(self.inventory()).expect("removed");
        std::fs::remove_dir_all(self.path("home/inside/certs")).expect("removed");
    }

    /// The records of a half's event log, in order.
    #[track_caller]
    pub fn events(&self, half: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(self.path(&format!("home/{half}/events.jsonl"))).expect("an event log");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// The file in which an appliance's journal is.
    pub fn journal(&self, serial: &str) -> PathBuf {
        self.path(&format!("home/inside/journal/{}.jsonl", serial.to_lowercase()))
    }

    /// The records of that journal, in order.
    #[track_caller]
    pub fn records(&self, serial: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(self.journal(serial)).expect("a journal");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }
}

/// A path as a word of a command.
pub fn word(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

/// Copies a folder and all that is below it.
pub fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.expect("readable");
        let target = to.join(entry.path().strip_prefix(from).expect("below"));
        match entry.file_type().is_dir() {
            true => std::fs::create_dir_all(&target).expect("made"),
            // A program that this process had open would be held by whatever another thread starts at that moment,
            // and nobody could run it meanwhile.
            false if is_program(entry.path()) => {
                let copied = Command::new("cp").arg("-p").arg(entry.path()).arg(&target).status();
                assert!(copied.expect("cp runs").success(), "{}", target.display());
            }
            false => drop(std::fs::copy(entry.path(), &target).expect("copied")),
        }
    }
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|facts| facts.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(_: &Path) -> bool {
    false
}

/// The files below a folder, by name.
pub fn files(below: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(below).sort_by_file_name().into_iter().map(|entry| entry.expect("readable"));
    entries.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path).collect()
}

#[cfg(unix)]
pub fn set_mode(file: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).expect("the mode can be set");
}

#[cfg(not(unix))]
pub fn set_mode(_: &Path, _: u32) {}
