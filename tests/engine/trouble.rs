//! What goes wrong in a maintenance window, each with its own end.

use super::{OK, WAITING};
use crate::support::bench::{Bench, NAME, read_until};
use crate::support::home::copy;
use crate::support::said::{INSIDE, run};
use crate::support::wait::wait_until;
use handcarry::testing::model::Exit;
use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

#[test]
fn an_install_that_fails_is_told_and_tried_again_by_calling_again() {
    let bench = Bench::new(&[]);
    bench.push("n\n").ends(Exit::EulaDeclined.code());
    bench.lab.control(&["fault", "install-fails"]);
    let failed = bench.push("y\n").ends(Exit::InstallFailed.code());
    assert!(failed.has("Bomgar 10.6.2 was not installed"), "{failed:?}");
    bench.push("y\n").ends(WAITING);
}

#[test]
fn a_base_update_in_trouble_is_never_restarted() {
    let bench = Bench::new(&["--fault", "base-install-fails"]);
    let trouble = bench.push("y\n").ends(Exit::BaseTrouble.code());
    assert!(trouble.err.contains("DO NOT RESTART THE APPLIANCE") && trouble.err.contains("SHA-256"));
    bench.push("n\n").ends(Exit::BaseTrouble.code());
    bench.push("y\ny\n").ends(WAITING);
    let twice = ["Base 3.4.0", "Base 3.4.0", "Bomgar 10.6.2"];
    assert_eq!(bench.lab.installs(), twice, "again only when support has agreed");
}

#[test]
fn an_upload_that_is_cut_is_sent_again() {
    let bench = Bench::large(&["--fault", "upload-cut"]);
    let pushed = bench.push("y\n").ends(WAITING);
    assert!(pushed.has("sending broke off"), "{pushed:?}");
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
}

#[test]
fn an_install_that_changes_nothing_is_not_believed() {
    let bench = Bench::new(&["--fault", "install-vanishes"]);
    let push = ["push", &bench.stick(), NAME, "--agree", &bench.agreed, "--wait-max", "40s"];
    bench.inside(&push, "").ends(Exit::Unconfirmed.code());
    // Five hours later neither the usual time nor the longest wait is left.
    let trouble = bench.later("+5h", &push, "").ends(Exit::BaseTrouble.code());
    assert!(trouble.has("the appliance shows base 3.3.2"), "{trouble:?}");
    assert_eq!(bench.lab.installs(), ["Base 3.4.0"], "it was not sent again");
}

#[test]
#[cfg(unix)]
fn whoever_interrupts_a_base_update_is_told_what_goes_on_and_how_to_go_on() {
    let bench = Bench::new(&["--install-secs", "6"]);
    let child = bench
        .command(INSIDE, &["push", &bench.stick(), NAME, "--agree", &bench.agreed])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    wait_until("it installs", || bench.lab.state()["activity"] == "installing");
    std::thread::sleep(Duration::from_millis(700));
    let interrupt = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupt.expect("kill runs").success());
    let ended = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(130), "{said}");
    assert!(said.contains("installing Base 3.4.0 by itself") && said.contains("do not restart it"), "{said}");
    assert!(said.contains(&format!("to go on: handcarry-inside push {} {NAME}", bench.stick())), "{said}");
    bench.push("y\n").ends(WAITING);
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"], "it was not sent again");
}

#[test]
fn without_a_backup_nothing_is_installed() {
    let bench = Bench::new(&["--fault", "backup-fails"]);
    bench.push("y\n").ends(Exit::BackupFailed.code());
    assert!(bench.lab.installs().is_empty());
}

#[test]
fn clocks_apart_stop_it() {
    let bench = Bench::enrolled(&["--fault", "clock-skew"], "host");
    let skewed = bench.push("y\n").ends(Exit::ClockSkew.code());
    assert!(skewed.has("NTP"), "{skewed:?}");
    assert!(bench.lab.installs().is_empty());
}

#[test]
fn our_clock_and_the_appliances_must_both_have_passed() {
    let bench = Bench::enrolled(&[], "host");
    bench.push("y\n").ends(WAITING);
    bench.lab.control(&["advance", "25h"]);
    // The lab's clock is now a day ahead of ours, and that is said before all.
    bench.push("y\n").ends(Exit::ClockSkew.code());
}

#[test]
fn a_button_of_another_name_becomes_a_step_by_hand() {
    let bench = Bench::new(&["--fault", "by-hand-upload"]);
    let stick = bench.stick();
    // Where the operator's browser reaches it; a home folder's hidden parts it may not.
    let staged = bench.path("downloads");
    let mut child = bench
        .command(
            INSIDE,
            &["push", &stick, NAME, "--agree", &bench.agreed, "--by-hand-dir", &staged.display().to_string()],
        )
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let mut err = child.stderr.take().expect("piped");
    read_until(&mut err, "Is the installation of Base 3.4.0 over");
    let copies: Vec<_> = std::fs::read_dir(&staged).expect("staged").map(|e| e.expect("readable").path()).collect();
    assert_eq!(copies.len(), 1, "one copy lies ready: {copies:?}");
    assert!(!bench.path("home/inside/staging").exists(), "and nowhere else");

    // The operator at the page: another desk, which the page suits.
    bench.lab.control(&["fault", "by-hand-upload", "--clear"]);
    let second = bench.second_desk();
    run(&mut bench.command_in(second, INSIDE, &["push", &stick, NAME]), "y\nn\n").ends(Exit::EulaDeclined.code());

    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(b"y\ny\n").expect("answered");
    drop(stdin);
    let mut out = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().expect("piped"), &mut out).expect("read");
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut err, &mut rest).expect("read");
    let code = child.wait().expect("waited").code();
    assert_eq!(code, Some(i32::from(WAITING)), "{out}\n{rest}");
    assert!(out.contains("By hand:") && out.contains("/appliance"), "{out}");
    let journal = std::fs::read_to_string(bench.journal()).expect("journal");
    assert!(journal.contains("\"guided\":true") && journal.contains("guided-begun"));
    assert_eq!(std::fs::read_dir(&staged).expect("there").count(), 0, "the copy is taken away again");
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
}

/// Changes a byte in the middle of a package on the stick.
fn damage(bench: &Bench, title: &str) {
    let folder = bench.path("stick/handcarry/bundles");
    let mut files = std::fs::read_dir(folder).expect("readable").map(|entry| entry.expect("readable").path());
    let path = files.find(|path| path.extension().is_some_and(|kind| kind == "zip")).expect("the bundle");
    let catalogue = handcarry::testing::lab::catalogue(1 << 20);
    let package = catalogue.iter().find(|package| package.title == title).expect("the lab's own");
    let mut wanted = vec![0; 4096];
    std::io::Read::read_exact(&mut package.reader(0), &mut wanted).expect("generated");
    let mut bytes = std::fs::read(&path).expect("readable");
    let at = bytes.windows(64).position(|window| window == &wanted[..64]).expect("carried as it is");
    bytes[at + 5000] ^= 1;
    std::fs::write(&path, bytes).expect("written");
}

#[test]
fn what_comes_before_a_damaged_package_can_be_installed() {
    let bench = Bench::new(&[]);
    let whole = bench.path("whole");
    copy(&bench.path("stick"), &whole);
    damage(&bench, "Bomgar 11.1.1");
    let stick = bench.stick();
    let damaged = bench.inside(&["push", &stick, NAME], "y\n").ends(Exit::DigestMismatch.code());
    assert!(damaged.has(&format!("handcarry-inside push {stick} {NAME} --up-to-damage")), "{damaged:?}");
    let partly = ["push", &stick, NAME, "--up-to-damage"];
    let declined = bench.inside(&partly, "n\n").ends(Exit::Declined.code());
    assert!(declined.has("Install what comes before it (Base 3.4.0, Bomgar 10.6.2)"), "{declined:?}");
    assert!(bench.lab.installs().is_empty());
    let stopped = bench.inside(&partly, "y\ny\ny\n").ends(Exit::DigestMismatch.code());
    assert!(stopped.has("stopped before Bomgar 11.1.1") && stopped.has("2 packages were installed"), "{stopped:?}");
    bench.lab.control(&["advance", "25h"]);
    let nothing = bench.inside(&partly, "y\n").ends(Exit::DigestMismatch.code());
    assert!(nothing.has("nothing was installed"), "{nothing:?}");
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
    // The bundle is not used up: a whole copy of it does the rest.
    bench.inside(&["push", &whole.display().to_string(), NAME], "y\ny\n").ends(OK);
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1"]);
}

#[test]
fn a_base_package_is_not_installed_without_the_damaged_site_that_needs_it() {
    let bench = Bench::new(&[]);
    damage(&bench, "Bomgar 10.6.2");
    let stopped =
        bench.inside(&["push", &bench.stick(), NAME, "--up-to-damage"], "y\n").ends(Exit::DigestMismatch.code());
    assert!(stopped.has("nothing was installed"), "{stopped:?}");
    let journal = std::fs::read_to_string(bench.journal()).expect("journal");
    assert!(bench.lab.installs().is_empty() && !journal.contains("backup-started"));
}

#[test]
fn two_pushes_at_once_are_one_too_many() {
    let bench = Bench::new(&["--install-secs", "8"]);
    let stick = bench.stick();
    let mut first = bench
        .command(INSIDE, &["push", &stick, NAME, "--agree", &bench.agreed])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let mut err = first.stderr.take().expect("piped");
    read_until(&mut err, "the appliance is installing");
    let second = bench.push("").ends(Exit::Busy.code());
    assert!(second.err.contains("another run is at work"), "{}", second.err);
    bench.inside(&["audit", NAME], "").ends(OK);
    first.kill().expect("killed");
    first.wait().expect("gone");
    bench.push("y\n").ends(WAITING);
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
}

#[test]
fn a_push_that_is_killed_goes_on() {
    let bench = Bench::large(&[]);
    let stick = bench.stick();
    for millis in [150, 400, 700, 1000, 1500, 2200] {
        let mut child = bench
            .command(INSIDE, &["push", &stick, NAME, "--agree", &bench.agreed])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        let _ = child.stdin.take().expect("piped").write_all(b"y\ny\n");
        std::thread::sleep(Duration::from_millis(millis));
        child.kill().expect("killed");
        child.wait().expect("gone");
    }
    // A kill between two records may leave a question that only a person answers.
    bench.push("y\ny\ny\n").ends(WAITING);
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
    bench.inside(&["audit", NAME], "").ends(OK);
}
