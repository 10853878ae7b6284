//! A lab of one's own, the program at work on it, and a driver at hand.

use handcarry::bundle::{self, Bundle, Draft, Expect, VolumeSink, WriteSeek};
use handcarry::cli::{Context, Half, Home, generate_key};
use handcarry::console::{Console, Globals, SharedOperator, Silent};
use handcarry::driver::{self, Appliance};
use handcarry::inventory::Inventory;
use handcarry::lab::{self, Fault, LabFacts, LabOptions, control};
use handcarry::model::{
    ApplianceId, CHUNK_BYTES, FileName, HostTime, Id, Manifest, Package, Sha256Digest, Source, Time, Timestamp, Version,
};
use handcarry::trust::{AllowedSigners, LineOptions, Namespace, Signer, TrustPolicy, TrustStore};
use serde_json::Value;
use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Longest wait for anything the lab does by itself.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A running lab, a home folder and a stick; dropping it stops the lab.
pub struct Bench {
    pub facts: LabFacts,
    pub dir: PathBuf,
    folder: tempfile::TempDir,
    lab: Option<JoinHandle<()>>,
}

/// What a run said.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Bench {
    pub fn start(change: impl FnOnce(&mut LabOptions)) -> Bench {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().join("lab");
        let mut options = LabOptions::new(&dir);
        options.package_bytes = 300_000;
        options.install = Duration::from_millis(700);
        options.restart = Duration::from_millis(500);
        change(&mut options);
        let (ready, wait) = mpsc::channel();
        let lab = std::thread::spawn(move || {
            lab::run(options, |facts| ready.send(facts.clone()).expect("someone waits")).expect("the lab runs");
        });
        let facts = wait.recv_timeout(PATIENCE).expect("the lab gets ready");
        std::fs::create_dir(folder.path().join("stick")).expect("a stick");
        Bench { facts, dir, folder, lab: Some(lab) }
    }

    pub fn with_faults(faults: &[Fault]) -> Bench {
        Bench::start(|options| options.faults = faults.to_vec())
    }

    pub fn arm(&self, fault: Fault, armed: bool) {
        control::fault(&self.dir, fault, armed).expect("the fault is set");
    }

    pub fn state(&self) -> Value {
        control::state(&self.dir).expect("the lab tells its state")
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path(name);
        std::fs::write(&path, text).expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("closed");
        path
    }

    /// The inventory's text.
    pub fn inventory(&self) -> String {
        std::fs::read_to_string(self.path("home/inside/inventory.toml")).unwrap_or_default()
    }

    pub fn edit_inventory(&self, from: &str, to: &str) {
        let text = self.inventory();
        assert!(text.contains(from), "{text}");
        std::fs::write(self.path("home/inside/inventory.toml"), text.replace(from, to)).expect("written");
    }

    /// Runs `handcarry-inside`, `input` typed.
    pub fn inside(&self, args: &[&str], input: &str) -> Said {
        let mut child = Command::new(env!("CARGO_BIN_EXE_handcarry-inside"))
            .args(args)
            .env("HANDCARRY_HOME", self.path("home"))
            .env("LAB_PASSWORD", lab::APPLIANCE_PASSWORD)
            .env("LAB_API_SECRET", lab::API_SECRET)
            .env_remove("NO_COLOR")
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
        let output = child.wait_with_output().expect("it ends");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        let said =
            Said { code: output.status.code().expect("a code"), out: text(output.stdout), err: text(output.stderr) };
        for secret in [lab::APPLIANCE_PASSWORD, lab::LOGIN_PASSWORD, lab::API_SECRET] {
            assert!(!said.out.contains(secret) && !said.err.contains(secret), "a password was shown");
        }
        said
    }

    /// Enrols the lab's appliance as `hq`, with what `more` adds.
    pub fn enroll(&self, more: &[&str]) -> Said {
        let (user, login) = (text(&self.facts.appliance_password_file), text(&self.facts.login_password_file));
        let mut args = vec!["enroll", "hq", "--url", &self.facts.appliance, "--user", "admin"];
        args.extend(["--login-user", "admin", "--login-password-file", &login]);
        if !more.iter().any(|arg| arg.starts_with("--password")) {
            args.extend(["--password-file", &user]);
        }
        args.extend(more);
        self.inside(&args, "y\n")
    }

    /// Enrols it and makes a signing key: ready for a request.
    pub fn ready(&self, more: &[&str]) {
        let said = self.enroll(more);
        assert_eq!(said.code, 0, "{}", said.err);
        assert_eq!(self.inside(&["keygen", "--no-passphrase"], "").code, 0);
    }

    /// Enrols it with its API account, or with the user of an old site's API.
    pub fn ready_with_api(&self, more: &[&str]) {
        let secret = text(&self.facts.api_secret_file);
        let mut args = vec!["--api-client-id", &self.facts.api_client_id, "--api-secret-file", &secret];
        args.extend(more);
        self.ready(&args);
    }

    /// The driver itself; nobody answers whom it asks.
    pub fn driver(&self) -> Box<dyn Appliance> {
        self.driver_by(Rc::new(HostTime::begin()))
    }

    /// The same, by another clock than this machine's.
    pub fn driver_by(&self, time: Rc<dyn Time>) -> Box<dyn Appliance> {
        let globals = Globals { home: None, json: false, quiet: true, no_color: true, yes: false };
        let home = Home::find(Some(&self.path("home")), Half::Inside).expect("a home");
        let entry = Inventory::read(&home).expect("reads").appliance("hq").expect("enrolled").clone();
        let context =
            Context { console: Console::new("test", &globals), operator: SharedOperator::new(Silent), time, home };
        driver::connect(&entry, &context).expect("connects")
    }

    /// The first package of the lab, in a bundle that was opened and verified.
    pub fn bundle(&self, at: usize) -> (Bundle, Package) {
        let package = &lab::catalogue(300_000)[at];
        bundle_of(self.folder.path(), package)
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Bench {
    /// Ends the lab; once is enough.
    pub fn stop(&mut self) {
        if let Some(lab) = self.lab.take() {
            let stopped = control::stop(&self.dir);
            let ended = lab.join();
            assert!(std::thread::panicking() || (stopped.is_ok() && ended.is_ok()), "the lab stops when told to");
        }
    }
}

/// Tries until `look` is satisfied, and returns what it saw.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

pub fn text(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

/// Lines of `--json` output.
pub fn events(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

fn bundle_of(folder: &Path, package: &lab::LabPackage) -> (Bundle, Package) {
    let bytes = lab::package_bytes(package);
    let now = Timestamp::now();
    let listed = Package {
        file: FileName::from_foreign(&package.file_name()),
        name: package.title.clone(),
        kind: package.kind,
        version: Version::parse(package.title.split_whitespace().nth(1).expect("a version")).expect("valid"),
        requires: package.requires.clone(),
        size_bytes: bytes.len() as u64,
        sha256: Sha256Digest::of(&bytes),
        chunks: bytes.chunks(CHUNK_BYTES as usize).map(Sha256Digest::of).collect(),
        eula: None,
        source: Source::Imported { path: "lab".into(), by: "test".into(), at: now },
    };
    let manifest = Manifest {
        format: 1,
        bundle: Id::random(),
        sequence: 1,
        appliance: ApplianceId { serial: lab::SERIAL.into(), model: lab::MODEL.into(), host: lab::HOST.into() },
        request: None,
        created: now,
        expires: now.plus_secs(3600),
        sealed_by: "test".into(),
        chunk_bytes: CHUNK_BYTES,
        packages: vec![listed.clone()],
    };
    let key = folder.join(format!("key-{}", manifest.bundle.short()));
    let public = generate_key(&key, "test", None).expect("a key");
    let signer = Signer::from_file(&key, &mut || None).expect("reads");
    let bytes_of_manifest = bundle::manifest_bytes(&manifest);
    let signature = signer.sign(Namespace::Bundle, &bytes_of_manifest).expect("signs");
    let line = AllowedSigners::render_line("test", &public, &LineOptions::only_for(&[Namespace::Bundle])).expect("one");
    let store = TrustStore { signers: AllowedSigners::parse(&line).expect("parses"), policy: TrustPolicy::default() };
    let draft = Draft { manifest: bytes_of_manifest, signatures: vec![signature] };
    let name = FileName::parse(&format!("b-{}.zip", manifest.bundle.short())).expect("safe");
    let mut open = |_: &Package| Ok(Box::new(Cursor::new(bytes.clone())) as Box<dyn Read>);
    bundle::write(&draft, &mut open, &mut Plain(folder.to_path_buf()), &name, None, &()).expect("writes");
    let set = bundle::locate(&folder.join(name.as_str())).expect("is there");
    (bundle::open(set, &store, &Expect::anything(now)).expect("opens"), listed)
}

/// Volumes straight under their names: nothing is ever cut in these tests.
struct Plain(PathBuf);

impl VolumeSink for Plain {
    fn names(&mut self) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn create(&mut self, name: &str) -> io::Result<Box<dyn WriteSeek>> {
        Ok(Box::new(std::fs::File::create(self.0.join(name))?))
    }

    fn commit_all(&mut self) -> io::Result<Vec<PathBuf>> {
        Ok(Vec::new())
    }
}
