//! The folder that a run works in: a home for both halves, a stick, and what
//! was done there before; and the lab, where a verb needs one.

pub use crate::support::lab::Lab;
pub use crate::support::said::{INSIDE, OUTSIDE};

use crate::support::home::Home;
use crate::support::requested;
use crate::support::said::{self, Code, Said};
use handcarry::testing::inventory::Identity;
use handcarry::testing::lab::{self, LabOptions};
use handcarry::testing::model::{ApplianceId, Version};
use handcarry::testing::trust::Signer;
use std::ops::Deref;
use std::path::{Path, PathBuf};
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

/// A home with folders beside it, all of which a run may write into.
pub struct Scene {
    home: Home,
}

impl Deref for Scene {
    type Target = Home;

    fn deref(&self) -> &Home {
        &self.home
    }
}

impl Scene {
    /// A folder with nothing done in it.
    pub fn empty() -> Self {
        let scene = Scene { home: Home::within(folder("crash-")) };
        for below in ["home", "tmp", "second"] {
            std::fs::create_dir(scene.path(below)).expect("a folder");
        }
        scene
    }

    /// Both halves with keys and trust.
    pub fn keyed() -> Self {
        KEYS.copy()
    }

    pub fn copy(&self) -> Self {
        Scene { home: self.home.copied(folder("crash-")) }
    }

    /// A copy in a folder below `place`.
    pub fn copy_to(&self, place: &Path) -> Self {
        let folder = tempfile::Builder::new().prefix("crash-").tempdir_in(place).expect("a folder");
        Scene { home: self.home.copied(folder) }
    }

    /// The files whose path below the folder `fits`.
    pub fn files(&self, below: &str, fits: impl Fn(&str) -> bool) -> Vec<PathBuf> {
        let entries = walkdir::WalkDir::new(self.path(below)).sort_by_file_name().into_iter().flatten();
        let files = entries.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path);
        files.filter(|path| fits(&path.strip_prefix(self.root()).expect("below").to_string_lossy())).collect()
    }

    /// Runs a program with nothing in its way.
    pub fn run(&self, program: &str, args: &[&str], answers: &str) -> Said {
        said::run(self.command(program, args).env("TMPDIR", self.path("tmp")), answers)
    }

    /// Runs a program that must end so; returns its standard output.
    #[track_caller]
    pub fn must(&self, code: impl Code, program: &str, args: &[&str], answers: &str) -> String {
        self.run(program, args, answers).ends(code).out
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

    /// A signed request with this code on the stick, as the inside makes it and remembers it.
    pub fn request(&self, vendor: &str, code: &str) {
        let appliance =
            ApplianceId { serial: lab::SERIAL.to_owned(), model: lab::MODEL.to_owned(), host: lab::HOST.to_owned() };
        let made = requested::request(&self.path("stick"), &self.inner_key(), appliance, vendor, Some(code), 0);
        let marks = serde_json::json!({
            "format": 1, "serial": lab::SERIAL, "accepted": null, "last_trusted": null, "used": [], "requests": [made],
        });
        let file = self.path(&format!("home/inside/marks/{}.json", Identity::of(lab::SERIAL).key()));
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        std::fs::write(file, marks.to_string()).expect("written");
    }
}

/// The labs that a verb works with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    One,
    /// One with a failover pair.
    Pair,
    /// One whose site moves, and one that takes it.
    Move,
}

impl Needs {
    pub fn start(self) -> Option<OwnLab> {
        let lab = match self {
            Needs::Nothing => return None,
            Needs::One => OwnLab::start(),
            Needs::Pair => OwnLab::within(|options| {
                options.pair = true;
                options.sync = Duration::from_secs(1);
            }),
            Needs::Move => {
                let version = |text| Version::parse(text).expect("a version");
                let mut old = OwnLab::within(|options| {
                    options.base = version("3.4.0");
                    options.site = version("10.6.2");
                });
                let taking = OwnLab::within(|options| options.serial = lab::PARTNER_SERIAL.to_owned());
                old.taking = Some(Box::new(taking));
                old
            }
        };
        Some(lab)
    }
}

/// A lab in a folder of its own, and the one that takes its site.
pub struct OwnLab {
    // Before the folder that it writes into.
    lab: Lab,
    _folder: tempfile::TempDir,
    taking: Option<Box<OwnLab>>,
}

impl OwnLab {
    pub fn start() -> Self {
        OwnLab::within(|_| {})
    }

    fn within(change: impl FnOnce(&mut LabOptions)) -> Self {
        let folder = folder("crash-lab-");
        let lab = Lab::within(&folder.path().join("lab"), |options| {
            options.package_bytes = PACKAGE_BYTES;
            options.install = Duration::ZERO;
            options.restart = Duration::ZERO;
            change(options);
        });
        OwnLab { lab, _folder: folder, taking: None }
    }

    /// The lab that takes the site of this one.
    pub fn taking(&self) -> &Lab {
        self.taking.as_ref().expect("a site moves")
    }

    /// The same where there is one.
    pub fn taking_if_any(&self) -> Option<&Lab> {
        self.taking.as_ref().map(|taking| &taking.lab)
    }

    /// As at their start.
    pub fn reset_all(&self) {
        self.lab.reset();
        self.taking.iter().for_each(|taking| taking.reset());
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
