//! A folder with a home, sticks and, where wanted, a lab.

use handcarry::cli::generate_key;
use handcarry::cli::write_paper;
use handcarry::model::{ApplianceId, DownloadCode, FileName, Id, Request, Status, Timestamp, Version};
use handcarry::trust::{LineOptions, Namespace, Signer};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

pub const OUTSIDE: &str = env!("CARGO_BIN_EXE_handcarry-outside");
pub const INSIDE: &str = env!("CARGO_BIN_EXE_handcarry-inside");

pub struct Bench {
    dir: tempfile::TempDir,
}

/// What a run said, and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// Asserts the exit code, showing all that was said where it differs.
    #[track_caller]
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// The JSON events of one kind.
    pub fn events(&self, kind: &str) -> Vec<serde_json::Value> {
        let lines = self.out.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        lines.filter(|event| event["event"] == kind).collect()
    }
}

impl Bench {
    pub fn new() -> Self {
        let bench = Bench { dir: tempfile::tempdir().expect("a temporary folder") };
        std::fs::create_dir(bench.path("stick")).expect("a stick");
        bench
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.dir.path().join(below)
    }

    pub fn vault(&self) -> PathBuf {
        self.path("home/outside/vault")
    }

    pub fn stick(&self) -> String {
        self.path("stick").display().to_string()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(OUTSIDE);
        command.args(args).env("HANDCARRY_HOME", self.path("home")).env("TERM", "dumb").current_dir(self.dir.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs `handcarry-outside` with these lines on its standard input.
    pub fn tell(&self, args: &[&str], input: &str) -> Said {
        let mut child = self.command(args).spawn().expect("the program starts");
        let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
        said(child.wait_with_output().expect("it ends"))
    }

    pub fn run(&self, args: &[&str]) -> Said {
        self.tell(args, "")
    }

    /// Makes a signing key for this half.
    pub fn key(&self) {
        self.run(&["keygen", "--no-passphrase", "--principal", "anna"]).ends(0);
    }

    /// A package file with a title of its own and known bytes.
    pub fn package(&self, name: &str, size: usize) -> String {
        let seed = name.bytes().fold(7u32, |seed, byte| seed.wrapping_mul(31).wrapping_add(u32::from(byte)));
        let bytes: Vec<u8> = (0..size as u32).map(|at| (at.wrapping_mul(seed | 1) >> 11) as u8).collect();
        std::fs::write(self.path(name), bytes).expect("writes");
        self.path(name).display().to_string()
    }

    /// An inside that this outside trusts.
    pub fn inside(&self) -> Signer {
        let path = self.path("inside.key");
        let key = generate_key(&path, "ines", None).expect("a key");
        let scope = LineOptions::only_for(&[Namespace::Request, Namespace::Receipt]);
        let line = handcarry::trust::AllowedSigners::render_line("ines", &key, &scope).expect("a line");
        self.run(&["trust", "add", &line, "--fingerprint", &key.fingerprint()]).ends(0);
        Signer::from_file(&path, &mut || None).expect("opens")
    }

    /// A signed request on the stick, made `ago` seconds ago.
    pub fn request(&self, signer: &Signer, vendor: &str, serial: &str, code: Option<&str>, ago: i64) -> Id {
        let request = Request {
            format: 1,
            request: Id::random(),
            created: Timestamp::now().plus_secs(-ago),
            status: status(serial),
            vendor: vendor.to_owned(),
            code: code.map(|code| DownloadCode::parse(code).expect("a code")),
        };
        let stem = FileName::from_foreign(&format!("{serial}-{}", request.request.short()));
        let folder = self.path("stick/handcarry/requests");
        write_paper(&folder, &stem, &request, Namespace::Request, signer).expect("writes");
        request.request
    }
}

pub fn said(output: Output) -> Said {
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

pub fn appliance(serial: &str) -> ApplianceId {
    ApplianceId { serial: serial.to_owned(), model: "B200".to_owned(), host: "support.example.com".to_owned() }
}

pub fn status(serial: &str) -> Status {
    Status {
        appliance: appliance(serial),
        base_version: Version::parse("3.3.2"),
        site_version: Version::parse("10.5.3"),
        site_build: None,
        clock: None,
        installed: None,
        offered: None,
        no_site: false,
        typed: false,
    }
}

/// A running lab; stopped when dropped.
pub struct Lab {
    child: Child,
    dir: PathBuf,
    pub vendor: String,
    pub ca: String,
}

impl Lab {
    pub fn start(bench: &Bench, args: &[&str]) -> Self {
        let dir = bench.path("lab");
        let mut command = Command::new(INSIDE);
        command.arg("lab").arg("--dir").arg(&dir).args(["--package-mib", "1"]).args(args);
        command.env("HANDCARRY_HOME", bench.path("lab-home")).stdin(Stdio::null());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the lab starts");
        let ready = dir.join("lab.json");
        let until = Instant::now() + Duration::from_secs(60);
        while !ready.exists() {
            assert!(Instant::now() < until, "the lab is ready within a minute");
            std::thread::sleep(Duration::from_millis(50));
        }
        let facts: serde_json::Value = serde_json::from_slice(&std::fs::read(ready).expect("reads")).expect("JSON");
        let text = |key: &str| facts[key].as_str().expect("is there").to_owned();
        Lab { child, dir, vendor: text("vendor"), ca: text("ca") }
    }

    fn control(&self, args: &[&str]) -> String {
        let mut command = Command::new(INSIDE);
        command.arg("lab").args(args).arg("--dir").arg(&self.dir);
        let said = said(command.output().expect("runs")).ends(0);
        said.out.trim().to_owned()
    }

    pub fn code(&self) -> String {
        self.control(&["code"])
    }

    pub fn fault(&self, name: &str) {
        self.control(&["fault", name]);
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
