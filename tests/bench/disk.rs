//! Verifying and writing, against the stock tools that do parts of it.

use crate::gauge::{Run, gauge, in_turn};
use crate::table::{Peak, Row, Table};
use crate::world::{FILE, INSIDE, OUTSIDE, World};
use std::process::Command;

/// `verify` against two tools that compute the same SHA-256.
pub fn verify(world: &World, rounds: usize, table: &mut Table) {
    let stock = |program: &str, args: &[&str]| {
        let mut command = world.command(program, args);
        command.current_dir(world.path("plain"));
        gauge(&command, &[0], &world.path("."))
    };
    let file = format!("packages/{FILE}");
    let mut runs = in_turn(
        rounds,
        true,
        &mut [
            Box::new(|| world.run(&INSIDE, &["verify", &world.text("stick")])),
            Box::new(|| stock("sha256sum", &["-c", "SHA256SUMS"])),
            Box::new(|| stock("openssl", &["dgst", "-sha256", &file])),
        ],
    );
    let (openssl, sha256sum) = (runs.pop().expect("three"), runs.pop().expect("three"));
    let ours = runs.pop().expect("three");
    table.peak(Peak::of("verify", world.load, &ours));
    let limit = "SHA-256, over half of its processor time; then reading from the page cache, and CRC-32";
    table.row(Row::new("verify", "sha256sum -c", world.load, 3.5, limit, &ours, &sha256sum));
    table.row(Row::new("verify", "openssl dgst", world.load, 1.8, limit, &ours, &openssl));
}

/// `write` against copying, syncing and digesting, one after the other.
pub fn write(world: &World, rounds: usize, table: &mut Table) {
    let medium = world.fast("medium");
    let empty = || {
        let _ = std::fs::remove_dir_all(&medium);
        std::fs::create_dir_all(&medium).expect("made");
        world.settle();
    };
    let source = world.path("plain/packages").join(FILE);
    let three = || {
        empty();
        let mut command = Command::new("sh");
        command.arg("-c").arg("cp --sparse=never \"$0\" \"$1\" && sync \"$1\" && openssl dgst -sha256 \"$1\"");
        command.arg(&source).arg(medium.join(FILE));
        gauge(&command, &[0], &world.path("."))
    };
    let ours = || {
        empty();
        world.run(&OUTSIDE, &["--json", "write", &medium.display().to_string()])
    };
    let mut runs = in_turn(rounds, false, &mut [Box::new(ours), Box::new(three)]);
    let _ = std::fs::remove_dir_all(&medium);
    let (three, whole) = (runs.pop().expect("two"), runs.pop().expect("two"));
    table.peak(Peak::of("write", world.load, &whole));
    let less = |run: &Run| Run { secs: run.secs - run.phase_secs("Reading back"), ..run.clone() };
    let written: Vec<Run> = whole.iter().map(less).collect();
    let other = "cp; sync; openssl dgst";
    let limit = match world.in_memory() {
        true => "how fast memory comes, which one thread fills; SHA-256 goes on beside it",
        false => "the disk",
    };
    // The processor time of a phase can't be told from that of the whole.
    let row = Row::new("write, not yet read back", other, world.load, 1.0, limit, &written, &three);
    table.row(Row { cpu_times: f64::NAN, ..row });
    let limit = "the same, then all of it read and digested again";
    table.row(Row::new("write, with read-back", other, world.load, 1.0, limit, &whole, &three));
}
