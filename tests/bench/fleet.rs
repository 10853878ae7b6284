//! Many appliances from one station: fifty in labs of their own, and the
//! overview and the plans of five hundred.

use crate::gauge::{Run, gauge, median};
use crate::labs::Fleet;
use crate::support::said::INSIDE;
use crate::support::strace;
use crate::table::{Cost, Peak, Table};
use crate::world::Load;
use handcarry::testing::driver::Appliance;
use handcarry::testing::journal;
use handcarry::testing::model::{Exit, Sha256Digest, Status, Timestamp, Version};
use handcarry::testing::outside::draft::Drafts;
use handcarry::testing::plan::{self, Facts, History, SitePolicy};
use handcarry::testing::report;
use handcarry::testing::simulator::{Simulated, VirtualClock};
use std::fmt::Write;
use std::rc::Rc;
use std::time::Instant;

/// How long what is asked of all of them, and of none by a line, may take, in seconds.
const WANTED_SECS: f64 = 2.0;

/// Pushes to as many labs from one station, then asks what is known of `known`.
pub fn fleet(labs: usize, known: usize, rounds: usize, table: &mut Table) {
    let fleet = Fleet::new(labs);
    let stick = fleet.stick();
    fleet.inside(&["request", &stick, "--all", "--at-once", "8"]).0.ends(0);
    fleet.outside(&["fetch", &stick, "--ca", &fleet.authorities()]).ends(0);
    fleet.seal_all().ends(0);
    let agreement = fleet.agreement("box00");
    let bundles = fleet.path("stick/handcarry/bundles");
    let carried: u64 = std::fs::read_dir(&bundles).expect("there").flatten().map(|file| size(&file.path())).sum();
    let read: u64 = strace::read_of(&fleet, "/stick/handcarry/bundles/", &["take", &stick], 0).into_values().sum();
    // From here on nobody can read it.
    std::fs::remove_dir_all(&bundles).expect("removed");
    let push = ["push", "--all", "--at-once", "8", "--accept-eula", &agreement];
    let agreed = fleet.agreed(&push);
    let push = fleet.command(INSIDE, &[&push[..], &["--agree", &agreed]].concat());
    let run = gauge(&push, &[i32::from(Exit::Waiting.code())], &fleet.path("."));
    let note = format!(
        "{:.1} s of processor for all, {:.2} passes over the medium; its waits last an eighth",
        run.cpu_secs,
        read as f64 / carried as f64
    );
    table.cost(Cost { what: format!("push --all, {labs} labs"), secs: run.secs, most_secs: None, note });
    table.peak(Peak::of("push --all", Load { name: "3 MiB", bytes: carried, sparse: false }, &[run]));
    overview(&fleet, known, rounds, table);
    plans(&fleet, known, rounds, table);
}

fn size(path: &std::path::Path) -> u64 {
    path.metadata().expect("there").len()
}

/// What `list --state` and the command that is due cost, of many appliances that each have the journal of one.
fn overview(fleet: &Fleet, known: usize, rounds: usize, table: &mut Table) {
    let chain = journal::read(&fleet.journal("LAB-0000-FL")).expect("a journal");
    let section = std::fs::read_to_string(fleet.inventory()).expect("an inventory");
    let begin = section.find("[appliances.box00]").expect("its section");
    let own = &section[begin..];
    let own = own[1..].find("\n[appliances.box").map_or(own, |end| &own[..=end]);
    let mut inventory = section[..begin].to_owned();
    for at in 0..known {
        let (name, serial) = (format!("known{at}"), format!("KNOWN-{at:04}-FL"));
        let text = own.replace("[appliances.box00", &format!("[appliances.{name}")).replace("LAB-0000-FL", &serial);
        writeln!(inventory, "{text}").expect("a string");
        let (mut prev, mut lines) = (Sha256Digest::of(b""), String::new());
        for record in &chain.records {
            let mut record = record.clone();
            if record.fields.contains_key("serial") {
                record.fields.insert("serial".to_owned(), serial.clone().into());
            }
            let line = record.line(prev);
            prev = Sha256Digest::of(line.as_bytes());
            writeln!(lines, "{line}").expect("a string");
        }
        std::fs::write(fleet.journal(&serial), lines).expect("written");
    }
    std::fs::write(fleet.inventory(), inventory).expect("written");
    for (what, args) in [
        ("list --state", &["--json", "list", "--state"][..]),
        ("next", &["next"]),
        ("a verb's end", &["trust", "list"]),
    ] {
        let once = |_| gauge(&fleet.unhurried(INSIDE, args), &[0], &fleet.path("."));
        let runs: Vec<Run> = (0..rounds).map(once).collect();
        if what == "list --state" {
            assert_eq!(runs[0].out.matches("\"event\":\"state\"").count(), known, "{}", runs[0].out);
        }
        let secs = median(&runs, |run| run.secs);
        let note = format!("{:.2} s of processor; ", median(&runs, |run| run.cpu_secs));
        table.cost(Cost { what: format!("{what}, {known} appliances"), secs, most_secs: Some(WANTED_SECS), note });
        if what == "list --state" {
            table.peak(Peak::of("list --state", Load { name: "500", bytes: 1, sparse: false }, &runs));
        }
    }
}

/// What planning for as many costs, by what simulated appliances show, told as text and as an event.
fn plans(fleet: &Fleet, known: usize, rounds: usize, table: &mut Table) {
    let drafts = Drafts::below(&fleet.path("home/outside")).all().expect("drafts");
    let manifest = drafts.into_iter().next_back().expect("one was sealed").manifest;
    let consignment = manifest.consignment("LAB-0000-FL").expect("it is for the first");
    let clock = VirtualClock::new(Timestamp::now());
    let status = Status {
        appliance: consignment.appliance.clone(),
        base_version: Version::parse("3.3.2"),
        site_version: Version::parse("10.5.3"),
        site_build: Some("46351".to_owned()),
        clock: None,
        installed: Some(Vec::new()),
        offered: None,
        no_site: false,
        typed: false,
    };
    let one = |_| Simulated::new(status.clone(), Rc::clone(&clock));
    let mut appliances: Vec<Simulated> = (0..known).map(one).collect();
    let once = |_| {
        let began = Instant::now();
        for appliance in &mut appliances {
            let (status, history) = (appliance.status().expect("it shows it"), History::default());
            let facts = Facts { status: &status, now: clock.now(), history: &history };
            let plan = plan::make(&consignment, &facts, &SitePolicy::default()).expect("a plan");
            assert!(!report::plan_text(&plan).is_empty() && report::plan_json(&plan).is_object());
        }
        began.elapsed().as_secs_f64()
    };
    let secs = median(&(0..rounds).map(once).collect::<Vec<_>>(), |secs| *secs);
    table.cost(Cost {
        what: format!("plans and reports, {known} simulated"),
        secs,
        most_secs: Some(WANTED_SECS),
        note: String::new(),
    });
}
