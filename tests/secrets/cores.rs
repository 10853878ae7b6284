//! What a crash may leave of a run.

use crate::support::home::Home;
use crate::support::said::{OUTSIDE, finish};
use std::io::{Read, Write};

/// A key that asks to be looked at.
const LINE: &str = "anna ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";

#[test]
fn a_passphrase_stays_out_of_the_swap() {
    let home = Home::new();
    let mut child = home.command(OUTSIDE, &["keygen", "--principal", "ana"]).spawn().expect("starts");
    // To the end of the question that stands there, whatever it says: it waits for an answer then, and says no more.
    let asked = |child: &mut std::process::Child, question: &str| {
        let (mut said, mut byte) = (String::new(), [0]);
        while !said.ends_with(": ") {
            child.stderr.as_mut().expect("piped").read_exact(&mut byte).expect("it asks");
            said.push(char::from(byte[0]));
        }
        assert!(said.contains(question), "{said}");
    };
    let locked = |child: &std::process::Child| {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("it waits for an answer");
        let line = status.lines().find_map(|line| line.strip_prefix("VmLck:")).expect("a number").to_owned();
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number")
    };
    asked(&mut child, "New passphrase for");
    let before = locked(&child);
    child.stdin.as_mut().expect("piped").write_all(b"correct horse\n").expect("typed");
    asked(&mut child, "The same again");
    let after = locked(&child);
    finish(child, "correct horse\n").ends(0);
    assert!(before == 0 && after > 0, "{before} KiB, then {after} KiB");
}

#[test]
fn no_core_file_is_left_of_a_run() {
    let home = Home::new();
    let mut child = home.command(OUTSIDE, &["trust", "add", LINE]).spawn().expect("starts");
    // It has begun when it says the first thing.
    child.stderr.as_mut().expect("piped").read_exact(&mut [0]).expect("it asks");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).expect("it waits for an answer");
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).expect("a limit");
    let allowed: Vec<&str> = core.split_whitespace().take(2).collect();
    finish(child, "n\n").ends(5);
    assert_eq!(allowed, ["0", "0"], "now, and as far as it could be raised");
}
