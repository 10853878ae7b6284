//! A lab that runs, and programs that say something: what every suite that
//! works with an appliance begins with.

use crate::support::faketime;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

pub const INSIDE: &str = env!("CARGO_BIN_EXE_handcarry-inside");
pub const OUTSIDE: &str = env!("CARGO_BIN_EXE_handcarry-outside");

/// How long a lab may take until it is ready, many of them at once on a busy machine.
const READY_WITHIN: Duration = Duration::from_secs(120);

/// How a program ended and what it said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    #[track_caller]
    pub fn ends(self, code: u8) -> Self {
        assert_eq!(self.code, i32::from(code), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    pub fn has(&self, text: &str) -> bool {
        self.out.contains(text) || self.err.contains(text)
    }

    /// The digest by which what it told can be agreed to, before anything is pressed.
    #[track_caller]
    pub fn agreed(&self) -> String {
        let digest = self.event("first-press")["plan_sha256"].as_str().map(str::to_owned);
        digest.expect("the digest of a plan")
    }

    /// The last event of that name on stdout.
    #[track_caller]
    pub fn event(&self, name: &str) -> serde_json::Value {
        let mut events = self.out.lines().rev().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        events.find(|event| event["event"] == name).unwrap_or_else(|| panic!("no event {name}: {self:?}"))
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

/// A lab that was begun and need not be ready yet.
pub struct Begun {
    child: Child,
    dir: PathBuf,
}

/// A running lab; killed when dropped.
pub struct Lab {
    child: Child,
    dir: PathBuf,
    facts: serde_json::Value,
}

impl Begun {
    /// Waits until it is ready.
    pub fn ready(self) -> Lab {
        let Begun { child, dir } = self;
        let ready = dir.join("lab.json");
        let until = Instant::now() + READY_WITHIN;
        while !ready.exists() {
            assert!(Instant::now() < until, "the lab is ready within {READY_WITHIN:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
        let facts = serde_json::from_slice(&std::fs::read(ready).expect("read")).expect("JSON");
        Lab { child, dir, facts }
    }
}

impl Lab {
    /// Begins one with small packages and short waits, unless `args` say otherwise.
    pub fn begin(dir: &Path, args: &[&str]) -> Begun {
        let mut command = Command::new(INSIDE);
        command.arg("lab").arg("--dir").arg(dir).args(args).env("HANDCARRY_HOME", dir.join("home"));
        for (option, value) in [("--package-mib", "2"), ("--install-secs", "0.05"), ("--restart-secs", "0.05")] {
            if !args.contains(&option) {
                command.args([option, value]);
            }
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Begun { child: command.spawn().expect("the lab starts"), dir: dir.to_path_buf() }
    }

    pub fn start(dir: &Path, args: &[&str]) -> Self {
        Self::begin(dir, args).ready()
    }

    /// Ends it for good, as an appliance that is dead.
    pub fn die(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub fn fact(&self, key: &str) -> &str {
        self.facts[key].as_str().expect("a fact")
    }

    /// The words that enrol one of its appliances; `url` is the fact with its address.
    #[rustfmt::skip]
    pub fn enrolling<'a>(&'a self, name: &'a str, url: &str, clock: &'a str) -> Vec<&'a str> {
        vec![
            "enroll", name, "--url", self.fact(url), "--vendor", self.fact("vendor"), "--clock", clock,
            "--user", self.fact("appliance_user"), "--password-file", self.fact("appliance_password_file"),
            "--login-user", self.fact("login_user"), "--login-password-file", self.fact("login_password_file"),
        ]
    }

    pub fn control(&self, args: &[&str]) -> String {
        let mut command = Command::new(INSIDE);
        command.arg("lab").args(args).arg("--dir").arg(&self.dir);
        Said::from(command.output().expect("runs")).ends(0).out
    }

    pub fn state(&self) -> serde_json::Value {
        serde_json::from_str(&self.control(&["state"])).expect("JSON")
    }

    /// Has it stop by itself.
    pub fn stop(&self) {
        self.control(&["stop"]);
    }

    /// Titles of what was installed, in order.
    pub fn installs(&self) -> Vec<String> {
        installs(&self.state())
    }

    /// What was installed on A and on B, in order.
    pub fn installs_of_both(&self) -> [Vec<String>; 2] {
        let state = self.state();
        [installs(&state), installs(&state["partner"])]
    }

    /// The roles of A and of B.
    pub fn roles(&self) -> [String; 2] {
        let state = self.state();
        [0, 1].map(|at| state["failover"]["members"][at]["role"].as_str().expect("a role").to_owned())
    }

    /// What was pressed and came to an end between the two, in order: `b:synced`.
    pub fn events(&self) -> Vec<String> {
        let state = self.state();
        let events = state["failover"]["events"].as_array().expect("events").iter();
        let text = |event: &serde_json::Value, key: &str| event[key].as_str().expect("text").to_owned();
        events.map(|event| format!("{}:{}", text(event, "on"), text(event, "what"))).collect()
    }

    /// The texts of one list of the lab's record, or one field of its entries.
    pub fn list(&self, of: &str, field: Option<&str>) -> Vec<String> {
        let state = self.state();
        let text =
            |item: &serde_json::Value| field.map_or(item, |field| &item[field]).as_str().expect("text").to_owned();
        state[of].as_array().expect("a list").iter().map(text).collect()
    }
}

/// Titles of what an appliance of a lab's state installed, in order.
fn installs(appliance: &serde_json::Value) -> Vec<String> {
    let log = appliance["installs"].as_array().expect("a log");
    log.iter().map(|install| install["title"].as_str().expect("a title").to_owned()).collect()
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How fast a program's own clock goes, and how soon its waits are over: it
/// looks at an appliance once a second and less, and a lab need not be waited for.
const HASTE: &str = "+0 x8";

/// A program over a home folder, without colours, in haste.
pub fn program(program: &str, home: &Path, args: &[&str]) -> Command {
    over(faketime::under(HASTE, program), home, args)
}

/// The same at the pace of everybody's clock.
pub fn unhurried(program: &str, home: &Path, args: &[&str]) -> Command {
    over(Command::new(program), home, args)
}

fn over(mut command: Command, home: &Path, args: &[&str]) -> Command {
    command.args(args).env("HANDCARRY_HOME", home).env("NO_COLOR", "1");
    command
}

/// Runs a program to its end; `answers` are typed one a line.
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

/// Gives both halves below `home` a key, each trusted by the other, and makes the stick.
pub fn set_up(home: &Path, stick: &Path) {
    let half = |half: &str, args: &[&str], answers: &str| run(&mut program(half, home, args), answers).ends(0);
    let line = |said: Said| said.out.lines().find(|line| line.contains(" ssh-ed25519 ")).expect("a line").to_owned();
    let outer = line(half(OUTSIDE, &["keygen", "--principal", "ana@outside", "--no-passphrase"], ""));
    let inner = line(half(INSIDE, &["keygen", "--principal", "rui@inside", "--no-passphrase"], ""));
    half(INSIDE, &["trust", "add", &outer], "y\n");
    half(OUTSIDE, &["trust", "add", &inner], "y\n");
    std::fs::create_dir(stick).expect("a stick");
}

/// Forgets the enrolled appliances: the next lab has a certificate of its own.
pub fn forget_appliances(home: &Path) {
    std::fs::remove_file(home.join("inside/inventory.toml")).expect("removed");
    std::fs::remove_dir_all(home.join("inside/certs")).expect("removed");
}

/// Copies a folder and all that is below it.
pub fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.expect("readable");
        let target = to.join(entry.path().strip_prefix(from).expect("below"));
        match entry.file_type().is_dir() {
            true => std::fs::create_dir_all(&target).expect("made"),
            false => drop(std::fs::copy(entry.path(), &target).expect("copied")),
        }
    }
}
