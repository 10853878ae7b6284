//! What does not grow with bytes: starting up, and many packages.

use crate::gauge::{in_turn, median};
use crate::table::{Cost, Peak, Table};
use crate::wire::{self, NAME};
use crate::world::{INSIDE, Load, OUTSIDE, World};
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
        let note = format!("below {} ms wanted{}", START_SECS * 1e3, if secs < START_SECS { "" } else { ": NOT met" });
        table.cost(Cost { what: name.to_owned(), secs, note });
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
            table.cost(Cost { what: format!("{verb}, {count} packages"), secs, note });
            if Some(count) == counts.last() {
                table.peak(Peak::of(verb, world.load, &runs));
            }
        }
    }
}
