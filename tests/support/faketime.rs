//! Programs under another clock, by libfaketime. Its wrapper leaves a
//! semaphore behind for each process number and fails when one comes again,
//! so the library is loaded without it.

use std::path::PathBuf;
use std::process::Command;

/// A command whose clock is set as faketime writes it: `@2026-03-05 00:00:00`, `-3d`.
pub fn under(clock: &str, program: &str) -> Command {
    let mut command = Command::new(program);
    command.env("LD_PRELOAD", library()).env("FAKETIME", clock);
    command
}

/// A command in haste: its clock and its waits go faster, as faketime writes it
/// (`+0 x8`), while what it measures by the monotonic clock, such as how long
/// another end may take for an answer, keeps its length.
pub fn hasty(clock: &str, program: &str) -> Command {
    let mut command = under(clock, program);
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    command
}

/// Where Debian puts the library, whatever the machine.
pub fn library() -> PathBuf {
    let below = |folder: PathBuf| folder.join("faketime/libfaketime.so.1");
    let machines = std::fs::read_dir("/usr/lib").expect("/usr/lib is readable").flatten();
    let found = machines.map(|entry| below(entry.path())).find(|path| path.exists());
    found.expect("libfaketime is needed: see tests/run")
}
