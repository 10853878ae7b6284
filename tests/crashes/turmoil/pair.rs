//! A push over a failover pair in turmoil, on either of the two: it is too long
//! for every request, so that some are struck, as a seed has it.

use super::{FAULTS, RUNS_MAX, Strikes, explained, strike};
use crate::bench::{INSIDE, OwnLab, Scene};
use crate::person::{self, Answers};
use crate::strikes::thorough;
use crate::support::said::{Code, Said};
use crate::verbs::{ASYNCHRONOUS, SYNCHRONOUS, Verb};
use handcarry::testing::lab::Fault;
use handcarry::testing::model::Exit;
use serde_json::Value;

/// How many strikes each seed makes: a run over two takes five times as long as one over one appliance.
const STRIKES: usize = 8;

/// Their seeds; with `HANDCARRY_CRASHES=all` there are many more of each.
const SEEDS: [u64; 2] = [0x5eed, 0xfeed];

/// How else a run over two may end that something befell.
const OF_TWO: [Exit; 4] = [Exit::SyncUnfinished, Exit::PartnerUnreachable, Exit::SwitchHalf, Exit::RoleUnexpected];

/// A fault at a request to one of the two.
#[derive(Clone)]
struct StrikeOnOne {
    verb: &'static Verb,
    fault: Fault,
    /// `a` or `b`.
    on: &'static str,
    /// Method and path.
    request: String,
}

impl std::fmt::Debug for StrikeOnOne {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {:?} on {}, {}", self.fault.name(), self.request, self.on, self.verb.name)
    }
}

#[test]
fn a_synchronous_pair_goes_on_whatever_befalls_requests_to_either() {
    befall(&SYNCHRONOUS);
}

#[test]
fn an_asynchronous_pair_goes_on_whatever_befalls_requests_to_either() {
    befall(&ASYNCHRONOUS);
}

fn befall(verb: &'static Verb) {
    let trails = trails(verb);
    let each = if thorough() { STRIKES * 16 } else { STRIKES };
    let strikes: Vec<_> = SEEDS.iter().flat_map(|seed| some(verb, &trails, *seed, each)).collect();
    let mut told = strike(&strikes);
    told.try_again(|_| true);
    println!("turmoil: {}: {} of {} strikes hit, each explained and overcome", verb.name, told.hit, strikes.len());
    told.judge();
}

/// What a clean run asks of each of the two, each request once.
fn trails(verb: &Verb) -> Vec<(&'static str, String)> {
    let lab = verb.lab.start().expect("a lab");
    let scene = (verb.before)(Some(&lab));
    let looked = [requests(&lab.state()), requests(&lab.state()["partner"])].map(|asked| asked.len());
    let run = push(&scene, &lab, verb);
    assert_eq!(run.code, Exit::Ok.number(), "{}\n{}", run.out, run.err);
    (verb.after)(&scene, Some(&lab));
    let state = lab.state();
    let mut all: Vec<(&'static str, String)> = Vec::new();
    for ((on, appliance), before) in [("a", &state), ("b", &state["partner"])].into_iter().zip(looked) {
        for asked in requests(appliance).into_iter().skip(before) {
            if !all.contains(&(on, asked.clone())) {
                all.push((on, asked));
            }
        }
    }
    all
}

/// Some of the strikes that there could be, the same for the same seed.
fn some(verb: &'static Verb, trails: &[(&'static str, String)], seed: u64, count: usize) -> Vec<StrikeOnOne> {
    let mut state = seed;
    let mut next = |below: usize| {
        // Knuth's constants: the upper half is random enough to pick by.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let strikes = (0..count).map(|_| {
        let (on, request) = trails[next(trails.len())].clone();
        StrikeOnOne { verb, fault: FAULTS[next(FAULTS.len())], on, request }
    });
    strikes.collect()
}

fn push(scene: &Scene, lab: &OwnLab, verb: &Verb) -> Said {
    let mut command = person::hasty(scene, INSIDE, 0);
    command.args((verb.args)(Some(lab)));
    let answer = verb.asked.expect("somebody looks at both");
    person::attended(&mut command, &Answers::ByEye(&|asked| answer(asked, lab)))
}

fn requests(appliance: &Value) -> Vec<String> {
    let trail = appliance["trail"].as_array().expect("a trail").iter();
    trail.map(|asked| asked.as_str().expect("text").to_owned()).collect()
}

impl Strikes for StrikeOnOne {
    fn fault(&self) -> Fault {
        self.fault
    }

    fn station(&self) -> (OwnLab, Scene) {
        let lab = self.verb.lab.start().expect("a lab");
        let before = (self.verb.before)(Some(&lab));
        (lab, before)
    }

    fn once(&self, lab: &OwnLab, before: &Scene) -> Option<i32> {
        lab.reset_all();
        let scene = before.copy();
        lab.arm_on(self.fault, &self.request, 0, Some(self.on));
        let mut run = push(&scene, lab, self.verb);
        let state = lab.state();
        let struck = if self.on == "a" { &state["struck"] } else { &state["partner"]["struck"] };
        let hit = struck[0]["request"] == self.request.as_str();
        lab.disarm(self.fault);
        let (first, mut story) = (run.code, String::new());
        for _ in 0..RUNS_MAX {
            story += &format!("\n=== ended with {}\n{}\n{}", run.code, run.out, run.err);
            explained(&run, &OF_TWO, &story);
            if run.code == self.verb.ends.number() {
                break;
            }
            (self.verb.between)(&scene);
            run = push(&scene, lab, self.verb);
        }
        assert_eq!(run.code, self.verb.ends.number(), "it comes to its end\n{story}");
        (self.verb.after)(&scene, Some(lab));
        hit.then_some(first)
    }
}
