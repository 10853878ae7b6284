//! The folder that a run works in: a home for both halves, a stick, and what
//! was done there before; and the lab, where a verb needs one.

pub use crate::support::lab::Lab;
pub use crate::support::said::{INSIDE, OUTSIDE};

use crate::support::{home, requested};
use handcarry::testing::lab;
use handcarry::testing::model::ApplianceId;
use handcarry::testing::trust::Signer;
use std::io::Write;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{LazyLock, Once};
use std::time::Duration;

pub const NAME: &str = "box";

/// Size of a package: one piece of everything that is read and written piece by piece.
pub const PACKAGE_BYTES: u64 = 9_000;

/// Both halves with keys, trusting each other: what every verb begins with.
static KEYS: LazyLock<Scene> = LazyLock::new(|| {
    let scene = Scene::empty();
    let line = |out: String| out.lines().find(|line| line.contains(" ssh-ed25519 ")).expect("a line").trim().to_owned();
    let outer = line(scene.must(0, OUTSIDE, &["keygen", "--principal", "ana", "--no-passphrase"], ""));
    let inner = line(scene.must(0, INSIDE, &["keygen", "--principal", "rui", "--no-passphrase"], ""));
    scene.must(0, INSIDE, &["trust", "add", &outer], "y\n");
    scene.must(0, OUTSIDE, &["trust", "add", &inner], "y\n");
    scene
});

/// A folder in memory where there is such a place: a sync that is counted need
/// not be waited for.
fn folder(prefix: &str) -> tempfile::TempDir {
    static SWEPT: Once = Once::new();
    let memory = Path::new("/dev/shm");
    SWEPT.call_once(|| sweep(memory));
    let prefix = format!("{prefix}{}-", std::process::id());
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix(&prefix);
    builder.tempdir_in(memory).or_else(|_| builder.tempdir()).expect("a folder")
}

/// Removes what earlier runs left: scenes that are shared to the end of a run
/// are never dropped.
fn sweep(memory: &Path) {
    for entry in std::fs::read_dir(memory).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(rest) = name.strip_prefix("crash-") else { continue };
        let process = rest.trim_start_matches("lab-").split('-').next().unwrap_or_default();
        let is_over = process.parse::<u32>().is_ok_and(|id| !Path::new("/proc").join(id.to_string()).exists());
        if is_over {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

pub struct Scene {
    dir: tempfile::TempDir,
}

impl Scene {
    /// A folder with nothing done in it.
    pub fn empty() -> Self {
        let scene = Scene { dir: folder("crash-") };
        for below in ["home", "stick", "tmp", "second"] {
            std::fs::create_dir(scene.path(below)).expect("a folder");
        }
        scene
    }

    /// Both halves with keys and trust.
    pub fn keyed() -> Self {
        KEYS.copy()
    }

    pub fn copy(&self) -> Self {
        self.copied(folder("crash-"))
    }

    /// A copy in a folder below `place`.
    pub fn copy_to(&self, place: &Path) -> Self {
        self.copied(tempfile::Builder::new().prefix("crash-").tempdir_in(place).expect("a folder"))
    }

    fn copied(&self, dir: tempfile::TempDir) -> Self {
        home::copy(self.dir.path(), dir.path());
        Scene { dir }
    }

    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.dir.path().join(below)
    }

    /// The files whose path below the folder `fits`.
    pub fn files(&self, below: &str, fits: impl Fn(&str) -> bool) -> Vec<PathBuf> {
        let entries = walkdir::WalkDir::new(self.path(below)).sort_by_file_name().into_iter().flatten();
        let files = entries.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path);
        files.filter(|path| fits(&path.strip_prefix(self.root()).expect("below").to_string_lossy())).collect()
    }

    /// Runs a program with nothing in its way; returns its exit code and what it said.
    pub fn run(&self, program: &str, args: &[&str], answers: &str) -> (Option<i32>, String, String) {
        self.spawn(Command::new(program).args(args), answers)
    }

    /// As [`Scene::run`], for a command that is about to run one.
    pub fn spawn(&self, command: &mut Command, answers: &str) -> (Option<i32>, String, String) {
        command.env("HANDCARRY_HOME", self.path("home")).env("TMPDIR", self.path("tmp"));
        command.env("NO_COLOR", "1").current_dir(self.root());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("starts");
        let _ = child.stdin.take().expect("piped").write_all(answers.as_bytes());
        let output = child.wait_with_output().expect("ends");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    /// Runs a program that must end so; returns its standard output.
    #[track_caller]
    pub fn must(&self, code: i32, program: &str, args: &[&str], answers: &str) -> String {
        let (ended, out, err) = self.run(program, args, answers);
        assert_eq!(ended, Some(code), "{args:?}\n{out}\n{err}");
        out
    }

    /// A package file to import.
    pub fn package(&self, name: &str) -> String {
        let bytes: Vec<u8> = name.bytes().map(|byte| byte ^ 0x80).cycle().take(PACKAGE_BYTES as usize).collect();
        std::fs::write(self.path(name), bytes).expect("written");
        name.to_owned()
    }

    pub fn import(&self, name: &str) {
        let file = self.package(name);
        let args = ["import", &file, "--by", "ana", "--for", lab::SERIAL];
        self.must(0, OUTSIDE, &args, "");
    }

    pub fn seal(&self) {
        let args = ["seal", "--from", "ana", "--appliance", lab::SERIAL, "--model", lab::MODEL, "--host", lab::HOST];
        self.must(0, OUTSIDE, &args, "");
    }

    /// Lists a server among the vendor's origins.
    pub fn lists(&self, vendor: &str) {
        self.must(0, OUTSIDE, &["vendor", "add", vendor, "--by", "ana"], "");
    }

    pub fn inner_key(&self) -> Signer {
        Signer::from_file(&self.path("home/inside/keys/signing"), &mut || None).expect("opens")
    }

    /// A signed request with this code on the stick, as the inside makes it.
    pub fn request(&self, vendor: &str, code: &str) {
        let appliance =
            ApplianceId { serial: lab::SERIAL.to_owned(), model: lab::MODEL.to_owned(), host: lab::HOST.to_owned() };
        requested::request(&self.path("stick"), &self.inner_key(), appliance, vendor, Some(code), 0);
    }
}

/// A lab in a folder of its own.
pub struct OwnLab {
    // Before the folder that it writes into.
    lab: Lab,
    _folder: tempfile::TempDir,
}

impl OwnLab {
    pub fn start() -> Self {
        let folder = folder("crash-lab-");
        let lab = Lab::within(&folder.path().join("lab"), |options| {
            options.package_bytes = PACKAGE_BYTES;
            options.install = Duration::ZERO;
            options.restart = Duration::ZERO;
        });
        OwnLab { lab, _folder: folder }
    }
}

impl Deref for OwnLab {
    type Target = Lab;

    fn deref(&self) -> &Lab {
        &self.lab
    }
}

/// What enrols the appliance of a lab.
pub fn enrolment(lab: &Lab) -> Vec<String> {
    lab.enrolling(NAME, "appliance", "appliance").into_iter().map(str::to_owned).collect()
}
