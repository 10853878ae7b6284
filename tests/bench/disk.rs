//! Verifying and writing, against the stock tools that do parts of it.

use crate::gauge::{Run, gauge, in_turn};
use crate::table::{Peak, Row, Table};
use crate::world::{FILE, INSIDE, OUTSIDE, World};
use std::path::Path;
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
    table.row(Row::new("verify", "openssl dgst", world.load, 2.0, limit, &ours, &openssl));
}

/// What `write` does, one after the other: the source digested, copied and
/// synced, the cache dropped, the copy digested.
const LIKE: &str = "openssl dgst -sha256 \"$0\" && cp --sparse=never \"$0\" \"$1\" && sync \"$1\" \
    && dd of=\"$1\" oflag=nocache conv=notrunc,fdatasync count=0 status=none && openssl dgst -sha256 \"$1\"";

/// Its first half: what is done before anything is read back.
const FIRST_HALF: &str = "openssl dgst -sha256 \"$0\" && cp --sparse=never \"$0\" \"$1\" && sync \"$1\"";

/// `write` against its like, onto a medium that is as fast as can be had, and
/// onto the disk, where what is read back comes from it and not from memory.
pub fn write(world: &World, rounds: usize, table: &mut Table) {
    let medium = world.fast("medium");
    let like = || by_hand(world, LIKE, &medium);
    let first_half = || by_hand(world, FIRST_HALF, &medium);
    let mut runs =
        in_turn(rounds, false, &mut [Box::new(|| written(world, &medium)), Box::new(like), Box::new(first_half)]);
    let (first_half, like) = (runs.pop().expect("three"), runs.pop().expect("three"));
    let whole = runs.pop().expect("three");
    table.peak(Peak::of("write", world.load, &whole));
    let less = |run: &Run| Run { secs: run.secs - run.phase_secs("Reading back"), ..run.clone() };
    let before: Vec<Run> = whole.iter().map(less).collect();
    let limit = match world.in_memory() {
        true => "how fast memory comes, which one thread fills; SHA-256 goes on beside it",
        false => "the disk",
    };
    // The processor time of a phase can't be told from that of the whole.
    let row = Row::new("write, not yet read back", "openssl; cp; sync", world.load, 1.25, limit, &before, &first_half);
    table.row(Row { cpu_times: f64::NAN, ..row });
    let limit = "the same, then all of it read and digested again";
    table.row(Row::new("write, with read-back", "… drop cache; openssl", world.load, 1.25, limit, &whole, &like));

    let medium = world.on_disk("medium");
    let like = || by_hand(world, LIKE, &medium);
    let mut runs = in_turn(rounds, false, &mut [Box::new(|| written(world, &medium)), Box::new(like)]);
    let (like, ours) = (runs.pop().expect("two"), runs.pop().expect("two"));
    let limit = "the disk: writing, then reading what it wrote";
    table.row(Row::new("write to the disk", "… drop cache; openssl", world.load, 1.25, limit, &ours, &like));
}

fn written(world: &World, medium: &Path) -> Run {
    empty(world, medium);
    let run = world.run(&OUTSIDE, &["--json", "write", &medium.display().to_string()]);
    let _ = std::fs::remove_dir_all(medium);
    run
}

fn by_hand(world: &World, line: &str, medium: &Path) -> Run {
    empty(world, medium);
    let mut command = Command::new("sh");
    command.arg("-c").arg(line).arg(world.path("plain/packages").join(FILE)).arg(medium.join(FILE));
    let run = gauge(&command, &[0], &world.path("."));
    let _ = std::fs::remove_dir_all(medium);
    run
}

fn empty(world: &World, medium: &Path) {
    std::fs::create_dir_all(medium).expect("made");
    world.settle();
}
