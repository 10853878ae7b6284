//! The verb `lab` of the real binary.

use handcarry::testing::lab::{Face, Fault, LabFacts};
use handcarry::testing::model::Exit;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

fn inside(home: &Path, args: &[&str]) -> Output {
    command(home, args).output().expect("the binary runs")
}

fn command(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_handcarry-inside"));
    command.arg("--home").arg(home).args(args).stdin(Stdio::null());
    command
}

#[test]
fn a_lab_starts_answers_its_verbs_and_stops() {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("inside/lab");
    let lab = command(home.path(), &["lab", "--package-mib", "1", "--pages", "pt"]).stdout(Stdio::piped()).spawn();
    let mut lab = lab.expect("the lab starts");
    let began = Instant::now();
    while LabFacts::read(&dir).is_err() {
        assert!(began.elapsed() < Duration::from_secs(20), "lab.json appears");
        std::thread::sleep(Duration::from_millis(20));
    }
    let facts = LabFacts::read(&dir).expect("it reads");
    assert_eq!(facts.pid, lab.id());
    assert!(std::fs::read_to_string(&facts.appliance_password_file).is_ok_and(|text| text == "lab-appliance-pass\n"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&facts.login_password_file).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    let advanced = inside(home.path(), &["--json", "lab", "advance", "25h"]);
    let told: serde_json::Value = serde_json::from_slice(&advanced.stdout).expect("one JSON object");
    assert_eq!(told["event"], "lab");
    assert!(inside(home.path(), &["lab", "fault", "upload-cut"]).status.success());
    let state: serde_json::Value =
        serde_json::from_slice(&inside(home.path(), &["lab", "state"]).stdout).expect("JSON");
    assert_eq!(state["faults"][0], "upload-cut");
    assert!(inside(home.path(), &["lab", "fault", "upload-cut", "--clear"]).status.success());

    let unknown = inside(home.path(), &["lab", "fault", "cuts"]);
    assert_eq!(unknown.status.code(), Some(i32::from(Exit::Usage.code())));
    let said = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(Fault::of(Face::Lab).all(|fault| said.contains(fault.name())), "{said}");
    let second = inside(home.path(), &["lab"]);
    assert_eq!(second.status.code(), Some(i32::from(Exit::Exists.code())));

    assert!(inside(home.path(), &["lab", "stop"]).status.success());
    assert!(lab.wait().expect("it ends").success());
    assert!(!LabFacts::path(&dir).exists());
    let gone = inside(home.path(), &["lab", "stop"]);
    assert_eq!(gone.status.code(), Some(i32::from(Exit::NotFound.code())));
}

#[cfg(unix)]
#[test]
fn a_termination_signal_stops_it_cleanly() {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("elsewhere");
    let arg = dir.to_string_lossy().into_owned();
    let mut lab = command(home.path(), &["lab", "--dir", &arg]).stdout(Stdio::null()).spawn().expect("starts");
    while LabFacts::read(&dir).is_err() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let pid = rustix::process::Pid::from_child(&lab);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("signalled");
    assert!(lab.wait().expect("it ends").success());
    assert!(!LabFacts::path(&dir).exists());
}
