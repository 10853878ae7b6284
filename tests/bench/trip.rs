//! A whole trip: how often the medium is read, and how long it takes from one
//! that is as slow as a stick, against copying the same bytes.

use crate::gauge::{Run, gauge, in_turn};
use crate::table::{Passes, Row, Table};
use crate::wire::{self, NAME};
use crate::world::{INSIDE, World};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Bytes a second that the slow medium gives: an ordinary stick's.
const BYTES_A_SECOND: u64 = 25_000_000;

/// How often the medium is to be read where all of it is taken first, and where it is not.
const TAKEN_PASSES: f64 = 1.01;
const STICK_PASSES: f64 = 2.01;

/// Counts the bytes that the verbs of a trip read of the medium.
pub fn passes(world: &World, table: &mut Table) {
    let stick = world.text("stick");
    for (what, supply, most) in
        [("take, plan, push", "", TAKEN_PASSES), ("plan, push from the stick", &*stick, STICK_PASSES)]
    {
        let lab = wire::start(world, &[]);
        wire::enroll(world, &lab);
        let before = if supply.is_empty() { read_of(world, &["take", &stick]).0 } else { 0 };
        let words: Vec<&str> = [supply, NAME].into_iter().filter(|word| !word.is_empty()).collect();
        let (planned, told) = read_of(world, &[&["--json", "plan"], &words[..]].concat());
        let agreed = told.event("first-press", "")["plan_sha256"].as_str().expect("a digest").to_owned();
        let (pushed, _) = read_of(world, &[&["push"], &words[..], &["--agree", &agreed]].concat());
        let bundle = bundle_bytes(&world.path("stick"));
        let times = (before + planned + pushed) as f64 / bundle as f64;
        table.passes(Passes { what, times, most });
        forget_store(world);
    }
}

/// A trip from a slow medium: all of it is taken, planned and pushed from the store.
pub fn slow(world: &World, rounds: usize, table: &mut Table) {
    let stick = world.path("stick");
    let ours = || {
        let lab = wire::start(world, &[]);
        wire::enroll(world, &lab);
        let medium = Slow::over(world, &stick);
        let take = world.run(&INSIDE, &["take", &medium.at.display().to_string()]);
        drop(medium);
        let check = world.run(&INSIDE, &["verify"]);
        let plan = world.run(&INSIDE, &["--json", "plan", NAME]);
        let agreed = plan.event("first-press", "")["plan_sha256"].as_str().expect("a digest").to_owned();
        let push = world.run(&INSIDE, &["--json", "push", NAME, "--agree", &agreed]);
        forget_store(world);
        let all = [take, check, plan, push];
        let sum = |of: fn(&Run) -> f64| all.iter().map(of).sum();
        Run { secs: sum(|run| run.secs), cpu_secs: sum(|run| run.cpu_secs), ..all[0].clone() }
    };
    let copy = || {
        let (medium, target) = (Slow::over(world, &stick), world.fast("copied"));
        let mut command = Command::new("cp");
        command.arg("-r").arg(medium.at.join("handcarry")).arg(&target);
        let run = gauge(&command, &[0], &world.path("."));
        std::fs::remove_dir_all(&target).expect("removed");
        run
    };
    let mut runs = in_turn(rounds, false, &mut [Box::new(ours), Box::new(copy)]);
    let (copy, ours) = (runs.pop().expect("two"), runs.pop().expect("two"));
    let limit = "the medium, at 25 MB/s; then the appliance, which installs and is asked whether it has";
    let row = Row::new("take, verify, plan, push", "cp -r, from a stick", world.load, 1.0 / 1.1, limit, &ours, &copy);
    table.row(row);
}

/// Runs the inside under strace: the bytes it read of the bundle's files on the stick, and what it told.
fn read_of(world: &World, args: &[&str]) -> (u64, Run) {
    let logs = world.path("traces");
    std::fs::create_dir_all(&logs).expect("made");
    // A file for each thread, so that no call is told in two lines with another's between.
    let mut command = world.command("strace", &["-ff", "-y", "-s", "0", "-e", "signal=none"]);
    command
        .args(["-e", "trace=read,pread64,readv,preadv,preadv2,copy_file_range,sendfile,splice,mmap", "-o"])
        .arg(logs.join("of"));
    command.arg(&*INSIDE).args(args);
    let run = gauge(&command, &[0], &world.path("."));
    let read = |log: &PathBuf| std::fs::read_to_string(log).expect("a trace");
    let trace: String = crate::support::home::files(&logs).iter().map(read).collect();
    std::fs::remove_dir_all(&logs).expect("removed");
    let folder = format!("{}/handcarry/bundles/", world.text("stick"));
    let of_bundles = trace.lines().filter(|line| line.contains(&folder));
    let bytes = |line: &str| {
        assert!(!line.contains("mmap("), "it is read by calls that can be counted: {line}");
        line.rsplit_once(" = ")?.1.split_whitespace().next()?.parse::<u64>().ok()
    };
    (of_bundles.filter_map(bytes).sum(), run)
}

fn bundle_bytes(stick: &Path) -> u64 {
    let files = std::fs::read_dir(stick.join("handcarry/bundles")).expect("there").flatten();
    files.map(|file| file.metadata().expect("there").len()).sum()
}

/// What was taken goes: the next run takes it again.
fn forget_store(world: &World) {
    let store = world.path("home/inside/store");
    if store.exists() {
        std::fs::remove_dir_all(store).expect("removed");
    }
}

/// A slow medium, mounted; see throttled.py.
struct Slow {
    at: PathBuf,
    server: Child,
}

impl Slow {
    fn over(world: &World, source: &Path) -> Slow {
        let at = world.path("slow");
        std::fs::create_dir_all(&at).expect("made");
        let mut command = Command::new("/usr/bin/python3");
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/filesystems/throttled.py"));
        command.arg(&at).arg(source).arg(BYTES_A_SECOND.to_string());
        let server = command.stdin(Stdio::null()).spawn().expect("python3 is needed; tests/run installs it");
        let slow = Slow { at, server };
        let begun = Instant::now();
        while !slow.at.join("handcarry").exists() {
            assert!(begun.elapsed() < Duration::from_secs(60), "the medium is there: is there /dev/fuse?");
            std::thread::sleep(Duration::from_millis(20));
        }
        slow
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        // The one for root, the other for whoever mounted it.
        for unmount in [&["umount", "-l"][..], &["fusermount", "-uz"]] {
            let _ = Command::new(unmount[0]).args(&unmount[1..]).arg(&self.at).stderr(Stdio::null()).status();
        }
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
