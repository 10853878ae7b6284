//! The verbs that no stock tool is like: the most memory each holds.

use crate::gauge::{Run, gauge};
use crate::table::{Peak, Table};
use crate::world::{FILE, INSIDE, OUTSIDE, TITLE, World};
use handcarry::testing::lab;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Percent of recovery volumes that repair works with.
const PARITY: &str = "10";

/// As many cores as any machine has: what the programs hold must not grow with them.
const CORES: &str = "256";

/// Runs each once.
pub fn verbs(world: &World, table: &mut Table) {
    let run = |program: &str, args: &[&str]| {
        gauge(world.command(program, args).env("RAYON_NUM_THREADS", CORES), &[0], &world.path("."))
    };
    let mut peak = |verb, run: &Run| table.peak(Peak::of(verb, world.load, std::slice::from_ref(run)));
    let home = world.roomy("other-home");
    let package = world.path("plain/packages").join(FILE).display().to_string();
    let mut import =
        world.command(&OUTSIDE, &["import", &package, "--doubtful", "--by", "the benchmark", "--for", lab::SERIAL]);
    import.env("HANDCARRY_HOME", &home).env("RAYON_NUM_THREADS", CORES);
    peak("import", &gauge(&import, &[0], &world.path(".")));
    clear(&home);

    peak("vault check", &run(&OUTSIDE, &["vault", "check"]));
    let copy = world.roomy("copy");
    std::fs::create_dir_all(&copy).expect("made");
    peak("vault export", &run(&OUTSIDE, &["vault", "export", &text(&copy)]));
    clear(&copy);

    let sealed = [
        "seal",
        "--from",
        "the benchmark",
        "--packages",
        TITLE,
        "--appliance",
        lab::SERIAL,
        "--model",
        lab::MODEL,
        "--host",
        lab::HOST,
    ];
    peak("seal", &run(&OUTSIDE, &sealed));
    let taken = world.roomy("taken");
    let mut take = world.command(&INSIDE, &["take", &world.text("stick")]);
    crate::support::home::copy(&world.path("home/inside/trust"), &taken.join("inside/trust"));
    take.env("HANDCARRY_HOME", &taken).env("RAYON_NUM_THREADS", CORES);
    peak("take", &gauge(&take, &[0], &world.path(".")));
    let mut check = world.command(&INSIDE, &["store", "check"]);
    check.env("HANDCARRY_HOME", &taken).env("RAYON_NUM_THREADS", CORES);
    peak("store check", &gauge(&check, &[0], &world.path(".")));
    clear(&taken);
    peak("verify --repeat", &run(&INSIDE, &["verify", &world.text("stick"), "--repeat", "2"]));

    let (protected, repaired) = (world.roomy("protected"), world.roomy("repaired"));
    std::fs::create_dir_all(&protected).expect("made");
    peak("write --parity", &run(&OUTSIDE, &["write", &text(&protected), "--parity", PARITY]));
    damage(&protected);
    peak("repair", &run(&INSIDE, &["repair", &text(&protected), "--in", &text(&repaired)]));
    clear(&protected);
    clear(&repaired);
}

/// Changes a few bytes in the middle of the bundle.
fn damage(medium: &Path) {
    let files = std::fs::read_dir(medium.join("handcarry/bundles")).expect("readable").flatten();
    let mut paths: Vec<PathBuf> = files.map(|entry| entry.path()).collect();
    paths.retain(|path| !path.to_string_lossy().contains(".recovery."));
    let path = paths.into_iter().max_by_key(|path| path.metadata().map_or(0, |meta| meta.len())).expect("a bundle");
    let file = std::fs::File::options().write(true).open(&path).expect("writable");
    let middle = file.metadata().expect("there").len() / 2;
    file.write_all_at(&[0xA5; 100], middle).expect("written");
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn clear(folder: &Path) {
    std::fs::remove_dir_all(folder).expect("removed");
}
