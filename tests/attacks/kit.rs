//! An appliance of the lab, a desk that has it enrolled, a stick, and a sealer
//! who signs whatever an attack needs.

use crate::support::faketime;
use handcarry::bundle::{self, Draft, VolumeSink, WriteSeek};
use handcarry::cli::generate_key;
use handcarry::lab::{self, LabFacts, LabOptions, control};
use handcarry::model::*;
use handcarry::trust::{AllowedSigners, LineOptions, Namespace, Signer};
use serde_json::Value;
use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

/// What the appliance is called at the desk.
pub const NAME: &str = "box";

/// Bytes of each package.
const PACKAGE_BYTES: u64 = 300_000;

pub struct Bench {
    pub dir: PathBuf,
    pub now: Timestamp,
    signer: Signer,
    folder: tempfile::TempDir,
    lab: Option<JoinHandle<()>>,
}

#[derive(Debug)]
pub struct Said {
    pub code: u8,
    pub out: String,
    pub err: String,
}

impl Said {
    #[track_caller]
    pub fn ends(self, exit: Exit) -> Said {
        assert_eq!(self.code, exit.code(), "{} expected\n{}\n{}", exit.name(), self.out, self.err);
        self
    }

    #[track_caller]
    pub fn says(self, part: &str) -> Said {
        assert!(self.err.contains(part) || self.out.contains(part), "{part:?} is not in\n{}\n{}", self.out, self.err);
        self
    }
}

impl Bench {
    /// A lab, an enrolled appliance, a trusted sealer and an empty stick.
    pub fn new() -> Bench {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().join("lab");
        let mut options = LabOptions::new(&dir);
        options.package_bytes = PACKAGE_BYTES;
        options.install = Duration::from_millis(400);
        options.restart = Duration::from_millis(300);
        let (ready, wait) = mpsc::channel::<LabFacts>();
        let lab = std::thread::spawn(move || {
            lab::run(options, |facts| ready.send(facts.clone()).expect("someone waits")).expect("the lab runs");
        });
        let facts = wait.recv_timeout(Duration::from_secs(30)).expect("the lab gets ready");
        let (signer, line) = key(folder.path(), "sealer", &LineOptions::only_for(&[Namespace::Bundle]));
        let bench = Bench { dir, now: Timestamp::now(), signer, folder, lab: Some(lab) };
        std::fs::create_dir_all(bench.bundles()).expect("a stick");
        bench.inside(&["trust", "add", &line], "y\n").ends(Exit::Ok);
        let file = |path: &Path| path.display().to_string();
        let (password, login) = (file(&facts.appliance_password_file), file(&facts.login_password_file));
        let mut enroll = vec!["enroll", NAME, "--url", &facts.appliance, "--clock", "appliance", "--user", "admin"];
        enroll.extend([
            "--serial",
            lab::SERIAL,
            "--password-file",
            &password,
            "--login-user",
            "admin",
            "--login-password-file",
            &login,
        ]);
        bench.inside(&enroll, "y\n").ends(Exit::Ok);
        bench
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    pub fn stick(&self) -> String {
        self.path("stick").display().to_string()
    }

    pub fn bundles(&self) -> PathBuf {
        self.path("stick/handcarry/bundles")
    }

    /// A manifest for the lab's appliance with the first `count` packages.
    pub fn manifest(&self, sequence: u64, count: usize) -> Manifest {
        Manifest {
            format: 1,
            bundle: Id::random(),
            sequence,
            appliance: ApplianceId { serial: lab::SERIAL.into(), model: lab::MODEL.into(), host: lab::HOST.into() },
            request: None,
            created: self.now.plus_secs(-3600),
            expires: self.now.plus_secs(86_400),
            sealed_by: "sealer".into(),
            chunk_bytes: CHUNK_BYTES,
            packages: lab::catalogue(PACKAGE_BYTES)[..count].iter().map(listed).collect(),
        }
    }

    /// Signs a manifest by the trusted sealer and puts the bundle onto the stick, alone.
    pub fn seal(&self, manifest: &Manifest) -> PathBuf {
        self.seal_by(&self.signer, Namespace::Bundle, manifest)
    }

    pub fn seal_by(&self, signer: &Signer, namespace: Namespace, manifest: &Manifest) -> PathBuf {
        for entry in std::fs::read_dir(self.bundles()).expect("readable") {
            std::fs::remove_file(entry.expect("readable").path()).expect("removed");
        }
        self.add_by(signer, namespace, manifest)
    }

    /// The same beside what lies there, by the trusted sealer.
    pub fn add(&self, manifest: &Manifest) -> PathBuf {
        self.add_by(&self.signer, Namespace::Bundle, manifest)
    }

    /// The same by anybody.
    pub fn add_by(&self, signer: &Signer, namespace: Namespace, manifest: &Manifest) -> PathBuf {
        let bytes = bundle::manifest_bytes(manifest);
        let signature = signer.sign(namespace, &bytes).expect("signs");
        let draft = Draft { manifest: bytes, signatures: vec![signature] };
        let name = FileName::parse(&format!("b-{}.zip", manifest.bundle.short())).expect("safe");
        let catalogue = lab::catalogue(PACKAGE_BYTES);
        let mut open = |package: &Package| -> io::Result<Box<dyn Read>> {
            let made = catalogue.iter().find(|made| made.title == package.name).expect("of the catalogue");
            Ok(Box::new(Cursor::new(lab::package_bytes(made))))
        };
        bundle::write(&draft, &mut open, &mut Plain(self.bundles()), &name, None, &()).expect("writes");
        self.bundles().join(name.as_str())
    }

    /// Another key, and the line that would trust it.
    pub fn key(&self, name: &str, options: &LineOptions) -> (Signer, String) {
        key(self.folder.path(), name, options)
    }

    pub fn command(&self, clock: Option<&str>, args: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_handcarry-inside");
        let mut command = match clock {
            Some(clock) => faketime::under(clock, program),
            None => Command::new(program),
        };
        command.args(args).env("HANDCARRY_HOME", self.path("home")).env("TZ", "UTC").env("LOGNAME", "rui");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn inside(&self, args: &[&str], input: &str) -> Said {
        answer(self.command(None, args).spawn().expect("the program starts"), input)
    }

    /// The same under another clock: faketime's `YYYY-MM-DD hh:mm:ss` or `-3d`.
    pub fn at(&self, clock: &str, args: &[&str], input: &str) -> Said {
        let child = self.command(Some(clock), args).spawn();
        answer(child.expect("the program starts"), input)
    }

    /// verify --appliance, plan and push, each with the same flags.
    pub fn verbs(&self, flags: &[&str]) -> [Vec<String>; 3] {
        let stick = self.stick();
        [vec!["verify", &stick, "--appliance", NAME], vec!["plan", &stick, NAME], vec!["push", &stick, NAME]]
            .map(|verb| verb.into_iter().chain(flags.iter().copied()).map(str::to_owned).collect())
    }

    /// All three verbs refuse it so, and leave no trace at desk or appliance.
    #[track_caller]
    pub fn refused(&self, exit: Exit, part: &str) {
        self.refused_at(None, exit, part);
    }

    #[track_caller]
    pub fn refused_at(&self, clock: Option<&str>, exit: Exit, part: &str) {
        let before = (self.marks(), self.uploads());
        for verb in self.verbs(&[]) {
            let args: Vec<&str> = verb.iter().map(String::as_str).collect();
            let said = match clock {
                Some(clock) => self.at(clock, &args, "y\ny\n"),
                None => self.inside(&args, "y\ny\n"),
            };
            let said = said.ends(exit).says(part);
            assert!(said.err.contains("hint: "), "{}: no hint: {}", args[0], said.err);
            assert_eq!((self.marks(), self.uploads()), before, "{} left a trace", args[0]);
        }
    }

    pub fn push(&self, flags: &[&str], input: &str) -> Said {
        let stick = self.stick();
        let args: Vec<&str> = ["push", &stick, NAME].into_iter().chain(flags.iter().copied()).collect();
        self.inside(&args, input)
    }

    /// The marks' bytes; none where there is no file.
    pub fn marks(&self) -> Option<Vec<u8>> {
        std::fs::read(self.marks_path()).ok()
    }

    pub fn marks_path(&self) -> PathBuf {
        self.path("home/inside/marks/lab-0001-bg.json")
    }

    /// Puts marks in place as if this had been accepted before.
    pub fn remember(&self, accepted: Option<(u64, Id)>, last_trusted: Option<Timestamp>, used: &[Id], requests: &[Id]) {
        let accepted = accepted.map(|(sequence, bundle)| serde_json::json!({ "sequence": sequence, "bundle": bundle }));
        let marks = serde_json::json!({
            "format": 1, "serial": lab::SERIAL, "accepted": accepted, "last_trusted": last_trusted,
            "used": used, "requests": requests,
        });
        std::fs::create_dir_all(self.path("home/inside/marks")).expect("made");
        std::fs::write(self.marks_path(), serde_json::to_vec(&marks).expect("JSON")).expect("written");
    }

    /// What the journal has of one kind.
    pub fn journal(&self, kind: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(self.path("home/inside/journal/lab-0001-bg.jsonl")).unwrap_or_default();
        let records = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        records.filter(|record| record["kind"] == kind).collect()
    }

    /// SHA-256 of everything the appliance was sent.
    pub fn uploads(&self) -> Vec<String> {
        let state = control::state(&self.dir).expect("the lab tells its state");
        let uploads = state["uploads"].as_array().cloned().expect("a list of uploads");
        uploads.iter().map(|upload| upload["sha256"].as_str().expect("a digest").to_owned()).collect()
    }

    pub fn advance(&self, hours: u64) {
        let (hours, dir) = (format!("{hours}h"), self.dir.display().to_string());
        self.inside(&["lab", "advance", &hours, "--dir", &dir], "").ends(Exit::Ok);
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if let Some(lab) = self.lab.take() {
            let _ = control::stop(&self.dir);
            let _ = lab.join();
        }
    }
}

pub fn answer(mut child: Child, input: &str) -> Said {
    let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
    said(child.wait_with_output().expect("it ends"))
}

pub fn said(output: Output) -> Said {
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().and_then(|code| u8::try_from(code).ok()).expect("an exit code");
    Said { code, out: text(output.stdout), err: text(output.stderr) }
}

fn key(folder: &Path, name: &str, options: &LineOptions) -> (Signer, String) {
    let path = folder.join(name);
    let public = generate_key(&path, name, None).expect("a key");
    let line = AllowedSigners::render_line(name, &public, options).expect("a line");
    (Signer::from_file(&path, &mut || None).expect("reads"), line)
}

fn listed(made: &lab::LabPackage) -> Package {
    let bytes = lab::package_bytes(made);
    let now = Timestamp::now();
    Package {
        file: FileName::from_foreign(&made.file_name()),
        name: made.title.clone(),
        kind: made.kind,
        version: Version::parse(made.title.split_whitespace().nth(1).expect("a version")).expect("valid"),
        requires: made.requires.clone(),
        size_bytes: bytes.len() as u64,
        sha256: Sha256Digest::of(&bytes),
        chunks: bytes.chunks(CHUNK_BYTES as usize).map(Sha256Digest::of).collect(),
        eula: None,
        source: Source::Imported { path: "lab".into(), by: "test".into(), at: now },
    }
}

/// Volumes straight under their names.
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
