//! Push in turmoil: at each of its requests to the appliance the network drops,
//! the appliance restarts, all sessions end, or a page is not what it was. It
//! ends with what it can explain; called again, it goes on; and the appliance's
//! own record says that nothing was doubled, skipped or out of order.

mod pair;

use super::bench::{INSIDE, NAME, OwnLab, Scene};
use super::person;
use super::strikes::{said, thorough};
use super::verbs;
use crate::support::said::{Code, Said};
use handcarry::testing::lab::Fault;
use handcarry::testing::model::{Exit, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What may befall any request.
const FAULTS: [Fault; 5] =
    [Fault::DropRequest, Fault::DropAnswer, Fault::RestartNow, Fault::SessionEnds, Fault::PageUnknown];

/// Runs at once: they mostly wait.
const WORKERS: usize = 10;

/// Runs after the struck one within which it must come as far as it can.
const RUNS_MAX: u32 = 4;

/// How often a request is waited for that a run does not always make.
const TRIES: usize = 3;

const TITLES: [&str; 3] = ["Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1"];

/// Which of the two runs that a bundle takes here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// From a base and a site package to the soak.
    ToTheSoak,
    /// The last package, once the soak is over.
    AfterIt,
}

impl Stage {
    /// How it ends, and how much is installed then.
    fn ends(self) -> (Exit, usize) {
        match self {
            Stage::ToTheSoak => (Exit::Waiting, 2),
            Stage::AfterIt => (Exit::Ok, 3),
        }
    }
}

/// Hours after which the soak is over.
const SOAKED: u32 = 25;

/// Something that befalls a run.
trait Strikes: std::fmt::Debug + Clone + Send + Sync {
    /// What befalls it.
    fn fault(&self) -> Fault;
    /// A lab, and what was done before; once a worker.
    fn station(&self) -> (OwnLab, Scene);
    /// Strikes one request and goes on; how the struck run ended, `None` where the request never came.
    fn once(&self, lab: &OwnLab, before: &Scene) -> Option<i32>;
}

/// A fault at a request.
#[derive(Debug, Clone)]
struct Strike {
    stage: Stage,
    fault: Fault,
    /// Method and path.
    request: String,
    /// How many like it come before.
    nth: u64,
    /// Whether it must be hit: how often a page is looked at that is looked at
    /// again and again differs from run to run.
    must: bool,
    /// Whether everything is installed afterwards, soak and all.
    whole: bool,
}

/// What came of it.
struct Told<S> {
    hit: usize,
    missed: Vec<S>,
    /// How struck runs ended, by fault and exit code.
    ends: BTreeMap<(&'static str, i32), usize>,
    failures: Vec<String>,
}

#[test]
fn a_push_goes_on_whatever_befalls_any_of_its_requests() {
    let lab = OwnLab::start();
    let scene = verbs::carried(&lab);
    let (mut trail, mut strikes) = (Vec::new(), Vec::new());
    for (stage, passed) in [(Stage::ToTheSoak, 0), (Stage::AfterIt, SOAKED)] {
        let run = person::push(&scene, &lab, passed);
        assert_eq!(run.code, stage.ends().0.number(), "{}\n{}", run.out, run.err);
        let asked = requests(&lab).split_off(trail.len());
        strikes.extend(struck(stage, &asked));
        trail.extend(asked);
        lab.advance(SOAKED.into());
    }
    drop(lab);
    let mut told = strike(&strikes);
    told.try_again(|strike| strike.must);
    let kinds: BTreeSet<&String> = trail.iter().collect();
    println!(
        "turmoil: clean pushes make {} requests of {} kinds; {} of {} strikes hit, each explained and overcome",
        trail.len(),
        kinds.len(),
        told.hit,
        strikes.len()
    );
    told.judge();
}

impl<S: Strikes> Told<S> {
    /// Strikes again what was missed and must not be.
    fn try_again(&mut self, must: impl Fn(&S) -> bool) {
        for _ in 1..TRIES {
            let missed: Vec<S> = std::mem::take(&mut self.missed).into_iter().filter(&must).collect();
            let again = strike(&missed);
            self.hit += again.hit;
            self.missed = again.missed;
            self.failures.extend(again.failures);
            again.ends.into_iter().for_each(|(end, times)| *self.ends.entry(end).or_default() += times);
        }
    }

    fn judge(&self) {
        self.ends.iter().for_each(|((fault, code), times)| println!("  {fault}: exit {code}, {times} times"));
        assert!(self.failures.is_empty(), "{} strikes:\n{}", self.failures.len(), self.failures.join("\n---\n"));
        assert!(self.missed.is_empty(), "never hit: {:?}", self.missed);
    }
}

/// Up to the soak, every request that sends something, and every page where it
/// is first asked for, by each fault; every other request by one of them in turn.
fn struck(stage: Stage, trail: &[String]) -> Vec<Strike> {
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    let mut strikes = Vec::new();
    for (at, request) in trail.iter().enumerate() {
        let count = seen.entry(request).or_default();
        let by_each = stage == Stage::ToTheSoak || thorough();
        let (nth, must) = (*count, *count == 0 && by_each || is_a_deed(request));
        *count += 1;
        for (turn, fault) in FAULTS.into_iter().enumerate() {
            let turn = thorough() || at % FAULTS.len() == turn;
            if turn || must && by_each {
                let whole = stage == Stage::ToTheSoak && turn && (thorough() || at % 2 == 0);
                strikes.push(Strike { stage, fault, request: request.clone(), nth, must, whole });
            }
        }
    }
    strikes
}

/// Whether a request does something, which each run does as often; it logs in
/// as often as its session was lost.
fn is_a_deed(request: &str) -> bool {
    request.starts_with("POST ") && !request.ends_with("/login")
}

/// Strikes everywhere, on several workers.
fn strike<S: Strikes>(strikes: &[S]) -> Told<S> {
    let next = AtomicUsize::new(0);
    let told = Mutex::new(Told { hit: 0, missed: Vec::new(), ends: BTreeMap::new(), failures: Vec::new() });
    std::thread::scope(|scope| {
        for _ in 0..WORKERS.min(strikes.len()) {
            scope.spawn(|| {
                let (lab, before) = strikes[0].station();
                while let Some(strike) = strikes.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = catch_unwind(AssertUnwindSafe(|| strike.once(&lab, &before)));
                    let mut told = told.lock().expect("not poisoned");
                    match outcome {
                        Ok(Some(code)) => {
                            told.hit += 1;
                            *told.ends.entry((strike.fault().name(), code)).or_default() += 1;
                        }
                        Ok(None) => told.missed.push(strike.clone()),
                        Err(panic) => told.failures.push(format!("{strike:?}: {}", said(&*panic))),
                    }
                }
            });
        }
    });
    told.into_inner().expect("ended")
}

impl Strikes for Strike {
    fn fault(&self) -> Fault {
        self.fault
    }

    fn station(&self) -> (OwnLab, Scene) {
        let lab = OwnLab::start();
        let before = verbs::carried(&lab);
        (lab, before)
    }

    fn once(&self, lab: &OwnLab, before: &Scene) -> Option<i32> {
        lab.reset();
        let scene = before.copy();
        let mut passed = 0;
        if self.stage == Stage::AfterIt {
            let run = person::push(&scene, lab, 0);
            assert_eq!(run.code, Exit::Waiting.number(), "{}\n{}", run.out, run.err);
            lab.advance(SOAKED.into());
            passed = SOAKED;
        }
        lab.arm_at(self.fault, &self.request, self.nth);
        let mut run = person::push(&scene, lab, passed);
        let hit = lab.state()["struck"][0]["request"] == self.request.as_str();
        lab.disarm(self.fault);
        let first = run.code;
        let (ends, installed) = self.stage.ends();
        let mut story = String::new();
        for _ in 0..RUNS_MAX {
            story += &format!("\n=== ended with {}\n{}\n{}", run.code, run.out, run.err);
            explained(&run, &[], &story);
            if run.code == ends.number() && lab.installs().len() == installed {
                break;
            }
            passed += 1;
            run = person::push(&scene, lab, passed);
        }
        assert_eq!(run.code, ends.number(), "it comes as far as it can\n{story}");
        assert_eq!(lab.installs(), TITLES[..installed], "{story}");
        if self.whole {
            // The soak is not over before its time, however often it is tried.
            passed = RUNS_MAX;
            for (hours, ends, installed) in [(20, Exit::Waiting, 2), (5, Exit::Ok, 3)] {
                lab.advance(hours.into());
                passed += hours;
                let run = person::push(&scene, lab, passed);
                story += &format!("\n=== {hours} h later, ended with {}\n{}\n{}", run.code, run.out, run.err);
                assert_eq!(run.code, ends.number(), "{story}");
                assert_eq!(lab.installs(), TITLES[..installed], "{story}");
            }
        }
        judge(lab, &scene, &story);
        hit.then_some(first)
    }
}

/// How a run may end that something befell: well, or with what it can explain.
fn explained(run: &Said, also: &[Exit], context: &str) {
    let known = [
        Exit::Ok,
        Exit::Waiting,
        Exit::Unreachable,
        Exit::HttpError,
        Exit::InBetween,
        Exit::PageUnexpected,
        Exit::BackupFailed,
        Exit::Unconfirmed,
        Exit::Declined,
    ];
    assert!(known.iter().chain(also).any(|exit| exit.number() == run.code), "{context}");
    if run.code != Exit::Ok.number() {
        assert!(run.err.contains("handcarry-inside: ") && run.err.contains("\nhint: "), "{context}");
    }
}

/// What the appliance itself says of it all.
fn judge(lab: &OwnLab, scene: &Scene, context: &str) {
    let state = lab.state();
    let time = |value: &serde_json::Value| Timestamp::parse(value.as_str().expect("a time")).expect("a time");
    let log = state["installs"].as_array().expect("a log");
    assert!(log.iter().all(|install| install["outcome"] == "installed"), "{context}");
    let first_backup = time(&state["backups"][0]["at"]);
    assert!(first_backup.secs_since(time(&log[0]["began"])) <= 0, "a backup comes first\n{context}");
    if let Some(last) = log.get(2) {
        let soaked = time(&last["began"]).secs_since(time(&log[1]["ended"]));
        assert!(soaked >= 24 * 3600, "clients had their time: {soaked}\n{context}");
    }
    assert_eq!(state["presses"].as_array().map(Vec::len), Some(0), "no restart was ordered\n{context}");
    assert_eq!(state["failed_logins"], 0, "{context}");
    scene.must(0, INSIDE, &["audit", NAME], "");
    verbs::holds::backups_are_whole(scene);
}

/// Every request so far.
fn requests(lab: &OwnLab) -> Vec<String> {
    let state = lab.state();
    let trail = state["trail"].as_array().expect("a trail").iter();
    trail.map(|asked| asked.as_str().expect("text").to_owned()).collect()
}
