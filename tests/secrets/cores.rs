//! What a crash may leave of a run.

use crate::support::home::Home;
use crate::support::said::{OUTSIDE, finish};
use std::io::Read;

/// A key that asks to be looked at.
const LINE: &str = "anna ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";

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
