//! A lab that runs: in a program of its own, where a test kills it or has its
//! own words for it, or in a thread of the test.

use super::said::{INSIDE, run};
use handcarry::testing::lab::{self, Fault, LabFacts, LabOptions, control};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a lab may take until it is ready, many of them at once on a busy machine.
const READY_WITHIN: Duration = Duration::from_secs(120);

/// How long a killed run's install may keep a lab from its rest.
const AT_REST_WITHIN: Duration = Duration::from_secs(30);

/// A lab that was begun and need not be ready yet.
pub struct Begun {
    running: Running,
    dir: PathBuf,
}

enum Running {
    Program(Child),
    Thread(JoinHandle<()>),
    Ended,
}

/// A running lab; it ends when dropped.
pub struct Lab {
    pub facts: LabFacts,
    /// The same by name.
    told: Value,
    dir: PathBuf,
    running: Running,
}

impl Begun {
    /// Waits until it is ready.
    pub fn ready(self) -> Lab {
        let until = Instant::now() + READY_WITHIN;
        let facts = loop {
            match LabFacts::read(&self.dir) {
                Ok(facts) => break facts,
                Err(error) => assert!(Instant::now() < until, "the lab is ready within {READY_WITHIN:?}: {error:?}"),
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        Lab::ready(facts, self.dir, self.running)
    }
}

impl Lab {
    /// Begins a program with small packages and short waits, unless `args` say otherwise.
    pub fn begin(dir: &Path, args: &[&str]) -> Begun {
        let mut command = Command::new(INSIDE);
        command.arg("lab").arg("--dir").arg(dir).args(args).env("HANDCARRY_HOME", dir.join("home"));
        for (option, value) in [("--package-mib", "2"), ("--install-secs", "0.05"), ("--restart-secs", "0.05")] {
            if !args.contains(&option) {
                command.args([option, value]);
            }
        }
        Self::by(command, dir)
    }

    /// Begins the program that a test puts together, whose lab is in `dir`.
    pub fn by(mut command: Command, dir: &Path) -> Begun {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Begun { running: Running::Program(command.spawn().expect("the lab starts")), dir: dir.to_path_buf() }
    }

    pub fn start(dir: &Path, args: &[&str]) -> Self {
        Self::begin(dir, args).ready()
    }

    /// Starts one in a thread, with packages of 300 kB and installs that can be watched.
    pub fn within(dir: &Path, change: impl FnOnce(&mut LabOptions)) -> Self {
        let mut options = LabOptions::new(dir);
        options.package_bytes = 300_000;
        options.install = Duration::from_millis(700);
        options.restart = Duration::from_millis(500);
        change(&mut options);
        let (ready, wait) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            lab::run(options, |facts| ready.send(facts.clone()).expect("someone waits")).expect("the lab runs");
        });
        let facts = wait.recv_timeout(READY_WITHIN).expect("the lab gets ready");
        assert_eq!(LabFacts::read(dir).expect("lab.json reads"), facts);
        Lab::ready(facts, dir.to_path_buf(), Running::Thread(thread))
    }

    fn ready(facts: LabFacts, dir: PathBuf, running: Running) -> Self {
        let told = serde_json::to_value(&facts).expect("JSON");
        Lab { facts, told, dir, running }
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Ends it for good, as an appliance that is dead; one in a thread is asked to.
    pub fn die(&mut self) {
        match std::mem::replace(&mut self.running, Running::Ended) {
            Running::Program(mut child) => {
                let _ = child.kill();
                let _ = child.wait();
            }
            Running::Thread(thread) => {
                let ended = control::stop(&self.dir).is_ok() && thread.join().is_ok();
                assert!(std::thread::panicking() || ended, "the lab stops when told to");
            }
            Running::Ended => {}
        }
    }

    /// Has it stop by itself.
    pub fn stop(&self) {
        control::stop(&self.dir).expect("it stops");
    }

    /// A text of its record, by name.
    pub fn fact(&self, key: &str) -> &str {
        self.told[key].as_str().expect("a fact")
    }

    /// The words that enrol one of its appliances; `url` is the fact with its address.
    #[rustfmt::skip]
    pub fn enrolling<'a>(&'a self, name: &'a str, url: &str, clock: &'a str) -> Vec<&'a str> {
        vec![
            "enroll", name, "--url", self.fact(url), "--vendor", self.fact("vendor"), "--clock", clock,
            "--user", self.fact("appliance_user"), "--password-file", self.fact("appliance_password_file"),
            "--login-user", self.fact("login_user"), "--login-password-file", self.fact("login_password_file"),
            "--key-passphrase-file", self.fact("key_passphrase_file"),
        ]
    }

    /// Runs one of the lab's verbs, as a person does.
    pub fn control(&self, args: &[&str]) -> String {
        let mut command = Command::new(INSIDE);
        command.arg("lab").args(args).arg("--dir").arg(&self.dir);
        run(&mut command, "").ends(0).out
    }

    pub fn arm(&self, fault: Fault) {
        control::fault(&self.dir, fault, true).expect("the fault is armed");
    }

    /// The same for one request, by what it asks for and how many like it come before.
    pub fn arm_at(&self, fault: Fault, request: &str, after: u64) {
        self.arm_on(fault, request, after, None);
    }

    /// The same for one appliance of a pair: `a` or `b`.
    pub fn arm_on(&self, fault: Fault, request: &str, after: u64, on: Option<&str>) {
        let aim = control::Aim { after, at: Some(request), on };
        control::fault_on(&self.dir, fault, true, &aim).expect("the fault is armed");
    }

    pub fn disarm(&self, fault: Fault) {
        control::fault(&self.dir, fault, false).expect("the fault is cleared");
    }

    /// Lets its clock go on.
    pub fn advance(&self, hours: u64) {
        control::advance(&self.dir, hours * 3600).expect("its clock goes on");
    }

    /// As at its start; waits for an install that a killed run has begun.
    pub fn reset(&self) {
        let until = Instant::now() + AT_REST_WITHIN;
        while control::reset(&self.dir).is_err() {
            assert!(Instant::now() < until, "the lab comes to rest");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The vendor's support puts on the list again what was downloaded.
    pub fn restore(&self) {
        control::restore(&self.dir).expect("restored");
    }

    /// A code from the vendor's support.
    pub fn code(&self) -> String {
        control::support_code(&self.dir).expect("a code")["code"].as_str().expect("text").to_owned()
    }

    pub fn state(&self) -> Value {
        control::state(&self.dir).expect("the lab tells its state")
    }

    /// Titles of what was installed, in order, as often as it was.
    pub fn installs(&self) -> Vec<String> {
        installs(&self.state())
    }

    /// What was installed on each of a pair.
    pub fn installs_of_both(&self) -> [Vec<String>; 2] {
        let state = self.state();
        [installs(&state), installs(&state["partner"])]
    }

    /// The roles of a pair's first and second.
    pub fn roles(&self) -> [String; 2] {
        let state = self.state();
        [0, 1].map(|at| state["failover"]["members"][at]["role"].as_str().expect("a role").to_owned())
    }

    /// What was pressed and came to an end between the two, in order: `b:synced`.
    pub fn events(&self) -> Vec<String> {
        let state = self.state();
        let events = state["failover"]["events"].as_array().expect("events").iter();
        let text = |event: &Value, key: &str| event[key].as_str().expect("text").to_owned();
        events.map(|event| format!("{}:{}", text(event, "on"), text(event, "what"))).collect()
    }

    /// The texts of one list of its record, or one field of its entries.
    pub fn list(&self, of: &str, field: Option<&str>) -> Vec<String> {
        let state = self.state();
        let text = |item: &Value| field.map_or(item, |field| &item[field]).as_str().expect("text").to_owned();
        state[of].as_array().expect("a list").iter().map(text).collect()
    }
}

/// Titles of what an appliance of a lab's state installed, in order.
fn installs(appliance: &Value) -> Vec<String> {
    let log = appliance["installs"].as_array().expect("a log");
    log.iter().map(|install| install["title"].as_str().expect("a title").to_owned()).collect()
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.die();
    }
}
