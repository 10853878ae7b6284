//! What is measured on: keys, a vault with a package, a bundle, the same
//! package as a plain file.

use crate::gauge::{Run, gauge};
use handcarry::testing::bundle::{self, VolumeSink, WriteSeek};
use handcarry::testing::lab;
use handcarry::testing::media::Medium;
use handcarry::testing::model::{ApplianceId, FileName, Source, Timestamp};
use handcarry::testing::outside::draft::{Drafts, Sealed};
use handcarry::testing::outside::vault::{Digester, Digests, StoredPackage, Vault};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// The programs as they were just built, or those in the folder that
/// `HANDCARRY_BENCH_BIN` names: another build, to compare with.
pub static INSIDE: LazyLock<String> = LazyLock::new(|| program(env!("CARGO_BIN_EXE_handcarry-inside")));
pub static OUTSIDE: LazyLock<String> = LazyLock::new(|| program(env!("CARGO_BIN_EXE_handcarry-outside")));

fn program(built: &str) -> String {
    let name = Path::new(built).file_name().expect("a file");
    std::env::var_os("HANDCARRY_BENCH_BIN")
        .map_or_else(|| built.to_owned(), |folder| Path::new(&folder).join(name).display().to_string())
}

/// The package's title, and its file's name.
pub const TITLE: &str = "Base 3.4.0";
pub const FILE: &str = "Base-3.4.0.nss";

/// How much is carried.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub name: &'static str,
    pub bytes: u64,
    /// All zeros that take no room, where the disk or memory has none for as
    /// much; else a package that the lab takes for one of its own.
    pub sparse: bool,
}

/// A folder with all of it; goes when dropped.
pub struct World {
    pub load: Load,
    folder: tempfile::TempDir,
    roomy: tempfile::TempDir,
    /// Whether all that is carried fits into memory, once and half as much again.
    fits: bool,
}

impl World {
    /// A world with keys, trust and nothing else.
    pub fn new(load: Load) -> World {
        let memory = Path::new("/dev/shm");
        let fast = if memory.is_dir() { memory.to_path_buf() } else { std::env::temp_dir() };
        let inside = |folder: &Path| tempfile::tempdir_in(folder).expect("a folder");
        let disk = inside(Path::new(env!("CARGO_TARGET_TMPDIR")));
        let fits = fast == memory && memory_bytes(memory) > load.bytes + load.bytes / 2;
        let world = World { load, folder: inside(&fast), roomy: disk, fits };
        let key = |program: &str, principal| {
            let run = world.run(program, &["--json", "keygen", "--principal", principal, "--no-passphrase"]);
            let event = run.event("key", "");
            let text = |field: &str| event[field].as_str().expect("text").to_owned();
            (text("allowed_signers"), text("fingerprint"))
        };
        let (outer, inner) = (key(&OUTSIDE, "ana@outside"), key(&INSIDE, "rui@inside"));
        for (program, (line, fingerprint)) in [(&INSIDE, outer), (&OUTSIDE, inner)] {
            world.run(program, &["trust", "add", &line, "--fingerprint", &fingerprint]);
        }
        world
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// Where several times as much can be written as is carried: in memory
    /// where that is little, else on the disk.
    pub fn roomy(&self, below: &str) -> PathBuf {
        if self.load.sparse { self.roomy.path().join(below) } else { self.path(below) }
    }

    /// A place on the disk, whatever memory has room for.
    pub fn on_disk(&self, below: &str) -> PathBuf {
        self.roomy.path().join(below)
    }

    /// Where once as much can be written as is carried, at its speed: in
    /// memory where that has the room, else on the disk.
    pub fn fast(&self, below: &str) -> PathBuf {
        if self.in_memory() { self.path(below) } else { self.roomy(below) }
    }

    pub fn in_memory(&self) -> bool {
        self.fits
    }

    /// Lets memory that was just given back lie idle for a while. Where this
    /// machine is a guest, its host takes such memory away, and whoever writes
    /// there next waits for each page; a side that began at once would find
    /// more of the pages that the other side left. Loads that fit into what a
    /// host leaves alone don't need it.
    pub fn settle(&self) {
        const LEFT_ALONE_BYTES: u64 = 1 << 30;
        const SECS: u64 = 6;
        if self.in_memory() && self.load.bytes > LEFT_ALONE_BYTES {
            std::thread::sleep(std::time::Duration::from_secs(SECS));
        }
    }

    pub fn text(&self, below: &str) -> String {
        self.path(below).display().to_string()
    }

    pub fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).env("HANDCARRY_HOME", self.path("home")).env("NO_COLOR", "1").env("LC_ALL", "C");
        command
    }

    /// Runs something that must succeed.
    pub fn run(&self, program: &str, args: &[&str]) -> Run {
        gauge(&self.command(program, args), &[0], self.folder.path())
    }

    /// Puts the package into the vault as well as beside it, seals it, and
    /// writes its bundle to `stick`, holes where there are zeros.
    pub fn carry(&self) {
        std::fs::create_dir_all(self.path("plain/packages")).expect("made");
        let plain = self.path("plain/packages").join(FILE);
        let package = lab::catalogue(self.load.bytes).swap_remove(0);
        let mut file = File::create(&plain).expect("made");
        let digests = match self.load.sparse {
            true => {
                file.set_len(self.load.bytes).expect("room");
                digests(&mut File::open(&plain).expect("there"), |_| ())
            }
            false => digests(&mut package.reader(0), |piece| file.write_all(piece).expect("room")),
        };
        let sums = format!("{}  packages/{FILE}\n", digests.sha256);
        std::fs::write(self.path("plain/SHA256SUMS"), sums).expect("written");
        let vault = Vault::open(&self.path("home/outside")).expect("a vault");
        let object = vault.object_path(&digests.sha256);
        std::fs::create_dir_all(object.parent().expect("a folder")).expect("made");
        std::fs::hard_link(&plain, object).expect("linked");
        vault.record(&kept(TITLE, FILE, digests)).expect("recorded");
        drop(vault);
        self.seal();
    }

    /// Puts `count` small packages into the vault and seals them.
    pub fn carry_many(&self, count: usize) {
        self.carry_many_from(count, "");
    }

    /// The same, imported from a folder of that path, which stands in the manifest once for each.
    /// Returns what sealing cost.
    pub fn carry_many_from(&self, count: usize, folder: &str) -> Run {
        let vault = Vault::open(&self.path("home/outside")).expect("a vault");
        for number in 0..count {
            let name = format!("BT26-{number}-ONPREM1");
            let bytes = name.repeat(300).into_bytes();
            let digests = digests(&mut &bytes[..], |_| ());
            let object = vault.object_path(&digests.sha256);
            std::fs::create_dir_all(object.parent().expect("a folder")).expect("made");
            std::fs::write(object, &bytes).expect("written");
            let mut kept = kept(&name, &format!("{name}.nss"), digests);
            if let Source::Imported { path, .. } = std::sync::Arc::make_mut(&mut kept.source) {
                path.insert_str(0, folder);
            }
            vault.record(&kept).expect("recorded");
        }
        drop(vault);
        self.seal()
    }

    fn seal(&self) -> Run {
        let appliance = ["--appliance", lab::SERIAL, "--model", lab::MODEL, "--host", lab::HOST];
        let run = self.run(&OUTSIDE, &[&["seal", "--from", "the benchmark"][..], &appliance].concat());
        let sealed = self.sealed();
        let folder = self.path("stick/handcarry/bundles");
        std::fs::create_dir_all(&folder).expect("made");
        let draft = bundle::Draft::of(std::borrow::Cow::Borrowed(&sealed.manifest), sealed.signatures.clone())
            .expect("a draft");
        let home = self.path("home/outside");
        let vault = Vault::look(&home);
        let mut open = |package: &handcarry::testing::model::Package| -> io::Result<Box<dyn Read>> {
            Ok(Box::new(File::open(vault.object_path(&package.sha256))?))
        };
        let mut sink = Holes { folder, files: Vec::new() };
        let name = bundle::bundle_name(&sealed.manifest);
        bundle::write(&draft, &mut open, &mut sink, &name, None, &()).expect("a bundle");
        run
    }

    fn sealed(&self) -> Sealed {
        let drafts = Drafts::below(&self.path("home/outside")).all().expect("drafts");
        drafts.into_iter().next_back().expect("one was sealed")
    }
}

/// Bytes that a filesystem in memory can take without anything going to the disk.
fn memory_bytes(filesystem: &Path) -> u64 {
    let medium = Medium { root: filesystem.to_path_buf() };
    let free = medium.facts().map_or(0, |facts| facts.free_bytes);
    let told = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let available = told.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let kib = available.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok());
    free.min(kib.unwrap_or(0) * 1024)
}

fn kept(title: &str, file: &str, digests: Digests) -> StoredPackage {
    let at = Timestamp::now();
    let source = Source::Imported { path: file.to_owned(), by: "the benchmark".to_owned(), at, compared: false };
    let mut kept = StoredPackage::new(title, FileName::from_foreign(file), digests, source);
    let (serial, model, host) = (lab::SERIAL.to_owned(), lab::MODEL.to_owned(), lab::HOST.to_owned());
    kept.appliance = Some(ApplianceId { serial, model, host });
    kept
}

fn digests(reader: &mut dyn Read, mut each: impl FnMut(&[u8])) -> Digests {
    let mut digester = Digester::default();
    let mut piece = vec![0; 1 << 20];
    loop {
        match reader.read(&mut piece).expect("readable") {
            0 => return digester.finish(),
            count => {
                digester.update(&piece[..count]);
                each(&piece[..count]);
            }
        }
    }
}

/// Writes volumes with holes where there are only zeros.
struct Holes {
    folder: PathBuf,
    files: Vec<PathBuf>,
}

impl VolumeSink for Holes {
    fn names(&mut self) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn create(&mut self, name: &str) -> io::Result<Box<dyn WriteSeek>> {
        self.files.push(self.folder.join(name));
        Ok(Box::new(Holed(File::create(self.folder.join(name))?)))
    }

    fn commit_all(&mut self) -> io::Result<Vec<PathBuf>> {
        Ok(self.files.clone())
    }
}

struct Holed(File);

impl Write for Holed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() < 4096 || bytes.iter().any(|byte| *byte != 0) {
            return self.0.write(bytes);
        }
        // The file grows all the same: whoever patches a byte goes back to its end.
        let end = self.0.seek(SeekFrom::Current(bytes.len() as i64))?;
        self.0.set_len(end)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Seek for Holed {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}
