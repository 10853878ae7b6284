//! How fast handcarry is, measured beside the stock tools that do parts of
//! what it does.
//!
//! ```sh
//! cargo bench                       # all of it: 1 GiB and 8 GiB, 5 rounds
//! cargo bench -- verify push        # only these: start, packages, fleet, journal, manifest, verify, write, push,
//!                                   # fetch, verbs, passes, slow
//! cargo bench -- --rounds 9 --only '1 GiB'
//! ```
//!
//! It prints a table. Rates mean little on a busy machine, so whoever is
//! compared runs in turn, each round beginning with another, and what counts
//! is the middle of the rounds' ratios; the column CPU compares processor
//! time, which is steadier. 1 GiB is a package of pseudo-random bytes in
//! memory (`/dev/shm`, where there is one); 8 GiB are zeros in a sparse file,
//! and what is written of them goes to the disk below the target folder, so
//! that takes 8 GiB of room there.
//!
//! Run by `cargo test` it is a smoke test: a few MiB, one round, and it fails
//! where a measurement is missing.

mod disk;
mod fleet;
mod gauge;
#[allow(dead_code, reason = "each test program uses a part of it")]
#[path = "../fleet/labs.rs"]
mod labs;
mod many;
#[allow(dead_code, reason = "each test program uses a part of it")]
#[path = "../support/mod.rs"]
mod support;
mod table;
mod trip;
mod verbs;
mod wire;
mod world;

use std::process::ExitCode;
use table::Table;
use world::{Load, World};

const LOADS: [Load; 2] =
    [Load { name: "1 GiB", bytes: 1 << 30, sparse: false }, Load { name: "8 GiB", bytes: 8 << 30, sparse: true }];

const SMOKE: [Load; 2] =
    [Load { name: "5 MiB", bytes: 5 << 20, sparse: false }, Load { name: "20 MiB", bytes: 20 << 20, sparse: true }];

/// What a program that was not optimised takes more, for its own code.
const UNOPTIMISED_BYTES: u64 = 16 << 20;

/// What is measured, by name.
const CASES: [&str; 12] = [
    "start", "packages", "fleet", "journal", "manifest", "verify", "write", "push", "fetch", "verbs", "passes", "slow",
];

/// Those of them that need no bundle of one of the loads.
const OF_NO_LOAD: usize = 5;

/// Rounds of what takes as long as a stick.
const SLOW_ROUNDS: usize = 3;

struct Plan {
    loads: Vec<Load>,
    rounds: usize,
    counts: Vec<usize>,
    /// How many labs are pushed to from one station, and how many appliances it knows.
    labs: usize,
    known: usize,
    /// Records of the longest journal, and packages of the largest manifest.
    records: usize,
    listed: usize,
    cases: Vec<&'static str>,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.iter().any(|word| word == "--list") {
        return ExitCode::SUCCESS;
    }
    // Cargo says so when it is a benchmark that is run.
    let smoke = !words.iter().any(|word| word == "--bench");
    let plan = plan(&words, smoke);
    if plan.cases.is_empty() {
        return ExitCode::SUCCESS;
    }
    let table = measure(&plan);
    println!("\n{} cores\n{}", std::thread::available_parallelism().map_or(1, usize::from), table.render());
    if smoke {
        check(&plan, &table);
    } else if !table.is_met() {
        println!("NOT: wanted, and not so in this run");
    }
    ExitCode::SUCCESS
}

/// Reads the command line; of `cargo test` as well, whose own options say nothing here.
fn plan(words: &[String], smoke: bool) -> Plan {
    let loads = if smoke { SMOKE } else { LOADS };
    let mut plan = Plan {
        loads: loads.to_vec(),
        rounds: if smoke { 1 } else { 5 },
        counts: if smoke { vec![1, 3] } else { vec![10, 100, 1000, 10_000] },
        labs: if smoke { 2 } else { 50 },
        known: if smoke { 20 } else { 500 },
        records: if smoke { 40 } else { 100_000 },
        listed: if smoke { 3 } else { 10_000 },
        cases: CASES.to_vec(),
    };
    let mut filters = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "--rounds" => plan.rounds = rest.next().and_then(|n| n.parse().ok()).expect("--rounds N"),
            "--only" => {
                let name = rest.next().expect("--only LOAD");
                plan.loads.retain(|load| load.name == name);
            }
            option if option.starts_with('-') => {}
            filter => filters.push(filter),
        }
    }
    if !filters.is_empty() {
        plan.cases.retain(|case| filters.iter().any(|filter| case == filter));
    }
    plan
}

fn measure(plan: &Plan) -> Table {
    let mut table = Table::default();
    let wanted = |case: &str| plan.cases.contains(&case);
    if wanted("start") {
        many::start(4 * plan.rounds + 1, &mut table);
    }
    if wanted("packages") {
        many::packages(&plan.counts, plan.rounds, &mut table);
    }
    if wanted("fleet") {
        fleet::fleet(plan.labs, plan.known, plan.rounds, &mut table);
    }
    if wanted("journal") {
        many::journal(plan.records, plan.rounds, &mut table);
    }
    if wanted("manifest") {
        many::manifest(plan.listed, &mut table);
    }
    let carrying = CASES[OF_NO_LOAD..].iter().copied().filter(|case| wanted(case)).collect::<Vec<_>>();
    for load in plan.loads.iter().filter(|_| !carrying.is_empty()) {
        eprintln!("{}: making it", load.name);
        let world = World::new(*load);
        world.carry();
        // From one load is enough of what is counted, or takes as long as a stick.
        let first = plan.loads.first().is_some_and(|first| first.bytes == load.bytes);
        for case in &carrying {
            match *case {
                "passes" if first => trip::passes(&world, &mut table),
                "slow" if first => trip::slow(&world, plan.rounds.min(SLOW_ROUNDS), &mut table),
                "passes" | "slow" => {}
                "verify" => disk::verify(&world, plan.rounds, &mut table),
                "write" => disk::write(&world, plan.rounds, &mut table),
                "push" => wire::push(&world, plan.rounds, &mut table),
                "verbs" => verbs::verbs(&world, &mut table),
                _ => wire::fetch(&world, plan.rounds, &mut table),
            }
        }
    }
    table
}

/// What a smoke run must have measured: all of it, in numbers that can be.
fn check(plan: &Plan, table: &Table) {
    let carried = |case: &str| if plan.cases.contains(&case) { plan.loads.len() } else { 0 };
    let once = |case: &str| usize::from(plan.cases.contains(&case));
    let rows = 2 * carried("verify") + 3 * carried("write") + carried("push") + 2 * carried("fetch") + once("slow");
    assert_eq!(table.rows.len(), rows);
    assert_eq!(table.passes.len(), 2 * once("passes"));
    let verbs = carried("verify") + carried("write") + carried("push") + carried("fetch") + 9 * carried("verbs");
    assert_eq!(table.peaks.len(), verbs + 3 * once("packages") + 6 * once("manifest") + 2 * once("fleet"));
    // Counted and not timed, so that no busy machine excuses it.
    assert!(table.passes.iter().all(|passes| passes.times <= passes.most), "{:?}", table.passes);
    for row in &table.rows {
        assert!(row.secs > 0.0 && row.other_secs > 0.0 && row.times.is_finite(), "{row:?}");
    }
    for peak in &table.peaks {
        assert!((1 << 20..table::MOST_BYTES + UNOPTIMISED_BYTES).contains(&peak.bytes), "{peak:?}");
    }
    assert!(table.costs.iter().all(|cost| cost.secs > 0.0), "{:?}", table.costs);
    let said = table.render();
    assert!(table.rows.iter().all(|row| said.contains(row.what) && said.contains(row.limit)), "{said}");
}
