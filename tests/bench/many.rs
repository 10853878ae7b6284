//! What does not grow with bytes: starting up, and many packages.

use crate::gauge::{Run, in_turn, median};
use crate::support::measured;
use crate::table::{Cost, Peak, Table};
use crate::wire::{self, NAME};
use crate::world::{INSIDE, Load, OUTSIDE, World};
use handcarry::testing::lab;
use std::process::{Command, Stdio};
use std::time::Instant;

/// How long `--version` may take, in seconds.
const START_SECS: f64 = 0.010;

/// Both programs' start.
pub fn start(runs: usize, table: &mut Table) {
    for (program, name) in [(&INSIDE, "handcarry-inside --version"), (&OUTSIDE, "handcarry-outside --version")] {
        let once = |_| {
            let began = Instant::now();
            let status =
                Command::new(program.as_str()).arg("--version").stdout(Stdio::null()).status().expect("it starts");
            assert!(status.success());
            began.elapsed().as_secs_f64()
        };
        let secs = median(&(0..runs).map(once).collect::<Vec<_>>(), |secs| *secs);
        table.cost(Cost { what: name.to_owned(), secs, most_secs: Some(START_SECS), note: String::new() });
    }
}

/// Bundles of more and more small packages.
pub fn packages(counts: &[usize], rounds: usize, table: &mut Table) {
    for count in counts {
        let world = World::new(Load { name: "packages", bytes: 1 << 20, sparse: false });
        world.carry_many(*count);
        let lab = wire::start(&world, &[]);
        wire::enroll(&world, &lab);
        let (stick, medium) = (world.text("stick"), world.text("medium"));
        let mut runs = in_turn(
            rounds,
            true,
            &mut [
                Box::new(|| world.run(&INSIDE, &["verify", &stick])),
                Box::new(|| world.run(&INSIDE, &["plan", &stick, NAME])),
                Box::new(|| {
                    let _ = std::fs::remove_dir_all(world.path("medium"));
                    std::fs::create_dir(world.path("medium")).expect("made");
                    world.run(&OUTSIDE, &["write", &medium])
                }),
            ],
        );
        for verb in ["write", "plan", "verify"] {
            let runs = runs.pop().expect("three");
            let secs = median(&runs, |run| run.secs);
            let note = format!("{:.3} ms a package", secs * 1e3 / *count as f64);
            table.cost(Cost { what: format!("{verb}, {count} packages"), secs, most_secs: None, note });
            if Some(count) == counts.last() {
                table.peak(Peak::of(verb, world.load, &runs));
            }
        }
    }
}

/// How long a plan over the longest journal of the measurement may take, in seconds.
const JOURNAL_SECS: f64 = 1.0;

/// A plan where much was done on the appliance before.
pub fn journal(records: usize, rounds: usize, table: &mut Table) {
    let world = World::new(Load { name: "journal", bytes: 1 << 20, sparse: false });
    world.carry_many(10);
    let lab = wire::start(&world, &[]);
    wire::enroll(&world, &lab);
    measured::history(&world.path(&format!("home/inside/journal/{}.jsonl", lab::SERIAL.to_lowercase())), records);
    let stick = world.text("stick");
    let plan = |_| world.run(&INSIDE, &["plan", &stick, NAME]);
    let runs: Vec<Run> = (0..rounds).map(plan).collect();
    let secs = median(&runs, |run| run.secs);
    let what = format!("plan, journal of {records} records");
    table.cost(Cost { what, secs, most_secs: Some(JOURNAL_SECS), note: String::new() });
}

/// The most memory of each verb that a bundle with a manifest as large as they may be passes through.
pub fn manifest(packages: usize, table: &mut Table) {
    // A little less than the limit: what else stands in an entry is about so long.
    const ENTRY_BYTES: usize = 640;
    let path_bytes = ((16 << 20) / packages - ENTRY_BYTES).min(4000);
    let world = World::new(Load { name: "manifest", bytes: 1 << 20, sparse: false });
    let sealing = world.carry_many_from(packages, &"d/".repeat(path_bytes / 2));
    table.peak(Peak::of("seal", world.load, &[sealing]));
    let lab = wire::start(&world, &[]);
    wire::enroll(&world, &lab);
    let (stick, medium) = (world.text("stick"), world.text("medium"));
    std::fs::create_dir(&medium).expect("made");
    let mut peak = |verb, program: &str, args: &[&str]| {
        let run = world.run(program, args);
        table.peak(Peak::of(verb, world.load, &[run]));
    };
    peak("write", &OUTSIDE, &["write", &medium]);
    peak("verify", &INSIDE, &["verify", &stick]);
    peak("plan", &INSIDE, &["plan", &stick, NAME]);
    peak("take", &INSIDE, &["take", &stick]);
    peak("store check", &INSIDE, &["store", "check"]);
}
