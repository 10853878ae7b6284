//! Strikes one verb everywhere.

use super::bench::{OwnLab, Scene};
use super::disk::{Disk, matters};
use super::person::Answers;
use super::trace::{Deed, Order, Point, Run, Strike};
use super::verbs::Verb;
use crate::support::said::{Code, Said};
use handcarry::testing::model::Exit;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Set to `all`, every point is struck by every error; otherwise by one of
/// them, each in its turn.
const THOROUGH: &str = "HANDCARRY_CRASHES";

/// Runs at once: verbs that only compute, and those that mostly wait for an appliance.
const BUSY_WORKERS: usize = 2;
const WAITING_WORKERS: usize = 6;

/// By how much the number of a call is off, in turn, where a point was not
/// reached and no call of that run shows where it stood: a run that waits says
/// more or less on its way, and the network cuts answers into other pieces.
const OFF: [isize; 10] = [1, -1, 2, -2, 3, -3, 4, -4, 5, -5];

/// Kills `verb` at each call that changes a file; each time it must go on.
pub fn kill_everywhere(verb: &Verb) {
    let points = points(verb);
    let strikes: Vec<_> = points.into_iter().map(|point| (point, Strike::Kill)).collect();
    everywhere(verb, &strikes);
    println!("crashes: {}: killed at each of {} points, and went on", verb.name, strikes.len());
}

/// Has each call that changes a file fail; each time it must say so, and go on.
pub fn fail_everywhere(verb: &Verb, errors: &[Strike]) {
    let points = points(verb);
    let all = points.len() * errors.len();
    let each = if thorough() { errors.len() } else { 1 };
    let turn =
        |(at, point): (usize, Point)| (0..each).map(move |more| (point.clone(), errors[(at + more) % errors.len()]));
    let strikes: Vec<_> = points.into_iter().enumerate().flat_map(turn).collect();
    everywhere(verb, &strikes);
    println!("crashes: {}: {} of {all} failures of the disk, each told and overcome", verb.name, strikes.len());
}

/// Strikes `verb` at the records that are meant, killed and refused by the
/// disk in turn.
pub fn strike_records(verb: &Verb) {
    let points = points(verb);
    let kinds = [Strike::Kill, Strike::Io, Strike::NoSpace];
    let each = if thorough() { kinds.len() } else { 1 };
    let turn =
        |(at, point): (usize, Point)| (0..each).map(move |more| (point.clone(), kinds[(at + more) % kinds.len()]));
    let strikes: Vec<_> = points.into_iter().enumerate().flat_map(turn).collect();
    everywhere(verb, &strikes);
    println!("crashes: {}: {} strikes at its records, and went on", verb.name, strikes.len());
}

/// Whether everything is struck by everything.
pub fn thorough() -> bool {
    std::env::var(THOROUGH).is_ok_and(|how| how == "all")
}

/// What a panic said.
pub fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let owned = panic.downcast_ref::<String>().cloned();
    owned.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

/// A worker's own lab, and what was done before.
struct Station {
    lab: Option<OwnLab>,
    before: Scene,
}

impl Station {
    fn open(verb: &Verb) -> Self {
        let lab = verb.lab.start();
        let before = (verb.before)(lab.as_ref());
        Station { lab, before }
    }

    fn lab(&self) -> Option<&OwnLab> {
        self.lab.as_ref()
    }

    /// A fresh copy to run in.
    fn scene(&self, verb: &Verb) -> Scene {
        if let Some(lab) = &self.lab {
            lab.reset_all();
        }
        let scene = self.before.copy();
        (verb.each)(&scene, self.lab());
        scene
    }

    fn run(&self, verb: &Verb, scene: &Scene, strike: Option<(&Point, Strike)>) -> Run {
        let args = (verb.args)(self.lab());
        let by_eye = |asked: &str| verb.asked.and_then(|answer| answer(asked, self.lab().expect("a lab")));
        let answers = match verb.asked {
            Some(_) => Answers::ByEye(&by_eye),
            None => Answers::Typed(verb.answers),
        };
        let order = Order { program: verb.program, args: &args, answers, folder: scene.root(), hasty: verb.hasty };
        order.run(strike)
    }
}

/// Runs once with nothing in the way, which must leave everything on the disk,
/// and lists where it can be struck.
fn points(verb: &Verb) -> Vec<Point> {
    let station = Station::open(verb);
    let scene = station.scene(verb);
    let mut disk = Disk::of(scene.root());
    let run = station.run(verb, &scene, None);
    assert_eq!(run.code, verb.ends.number(), "{}:\n{}\n{}", verb.name, run.out, run.err);
    disk.follow(&run);
    assert_eq!(disk.at_risk(matters), [""; 0], "{}: a run that says it is done leaves nothing to lose", verb.name);
    (verb.after)(&scene, station.lab());
    let points = match verb.records {
        Some(are_meant) => at_records(&run.points(), &scene, are_meant),
        None => run.points(),
    };
    assert!(!points.is_empty(), "{} changes nothing", verb.name);
    points
}

/// Of two journals, the records that are meant, each where one of the two gets
/// it: as it is written, and as it is synced, each in its turn.
fn at_records(points: &[Point], scene: &Scene, are_meant: fn(&str) -> bool) -> Vec<Point> {
    let journal = |deed: &Deed| match deed {
        Deed::Write { path, .. } | Deed::Sync { path } if path.extension().is_some_and(|end| end == "jsonl") => {
            Some(path.clone())
        }
        _ => None,
    };
    let is_write = |point: &&Point| matches!(point.deed, Deed::Write { .. });
    let mut written: BTreeMap<PathBuf, usize> = BTreeMap::new();
    let mut found: Vec<(String, Vec<[Point; 2]>)> = Vec::new();
    let writes =
        |path: &PathBuf| points.iter().filter(is_write).filter(|p| journal(&p.deed).as_ref() == Some(path)).count();
    for (at, point) in points.iter().enumerate() {
        let Some(path) = journal(&point.deed).filter(|_| is_write(&point)) else { continue };
        let text = std::fs::read_to_string(scene.path(&path.to_string_lossy())).expect("a journal");
        let lines: Vec<&str> = text.lines().collect();
        let nth = written.entry(path.clone()).or_default();
        let line = lines[lines.len() - writes(&path) + *nth];
        *nth += 1;
        let record: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let kind = record["kind"].as_str().expect("a kind");
        if are_meant(kind) {
            let named = format!("{kind} {}", record["fields"]["step"]);
            let sync = points[at..].iter().find(|p| !is_write(p) && journal(&p.deed).as_ref() == Some(&path));
            let both = [point.clone(), sync.expect("a record is synced").clone()];
            match found.last_mut().filter(|(last, _)| *last == named) {
                Some((_, journals)) => journals.push(both),
                None => found.push((named, vec![both])),
            }
        }
    }
    let in_turn =
        |(at, (_, journals)): (usize, (String, Vec<[Point; 2]>))| journals[at % journals.len()][at / 2 % 2].clone();
    found.into_iter().enumerate().map(in_turn).collect()
}

/// One in how many strikes may miss its point in a verb that waits for others.
const MISSED_SHARE: usize = 20;

/// Strikes at each point, on several workers.
fn everywhere(verb: &Verb, strikes: &[(Point, Strike)]) {
    let next = AtomicUsize::new(0);
    let struck: Mutex<BTreeSet<(String, Strike)>> = Mutex::new(BTreeSet::new());
    let failures: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let workers = if verb.hasty { WAITING_WORKERS } else { BUSY_WORKERS }.min(strikes.len());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let station = Station::open(verb);
                while let Some((point, strike)) = strikes.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let tried = catch_unwind(AssertUnwindSafe(|| {
                        let mut nth = point.nth;
                        for off in OFF {
                            let hit = once(verb, &station, &Point { nth, ..point.clone() }, *strike);
                            let reached = hit.at.as_ref() == Some(&point.label);
                            struck.lock().expect("not poisoned").extend(hit.at.map(|at| (at, *strike)));
                            if reached {
                                return;
                            }
                            nth = hit.aim.unwrap_or_else(|| point.nth.saturating_add_signed(off).max(1));
                        }
                    }));
                    if let Err(panic) = tried {
                        let failure = format!("{strike:?} at {}: {}", point.label, said(&*panic));
                        failures.lock().expect("not poisoned").push(failure);
                    }
                }
            });
        }
    });
    let (struck, failures) = (struck.into_inner().expect("ended"), failures.into_inner().expect("ended"));
    let told = failures.join("\n---\n");
    assert!(failures.is_empty(), "{}: {} of {} strikes:\n{told}", verb.name, failures.len(), strikes.len());
    let missed: Vec<_> =
        strikes.iter().filter(|(point, kind)| !struck.contains(&(point.label.clone(), *kind))).collect();
    missed.iter().for_each(|(point, kind)| println!("{}: not reached: {kind:?} at {}", verb.name, point.label));
    // What waits for others makes other calls in between each time, so that a count may miss.
    let may_miss = if verb.hasty { strikes.len() / MISSED_SHARE } else { 0 };
    assert!(missed.len() <= may_miss, "{}: never reached: {missed:?}", verb.name);
}

/// What one strike hit.
struct Hit {
    at: Option<String>,
    /// The number that the point which was meant had in this run, where it came by.
    aim: Option<usize>,
}

/// Strikes once, and goes on.
fn once(verb: &Verb, station: &Station, point: &Point, strike: Strike) -> Hit {
    let scene = station.scene(verb);
    let mut disk = Disk::of(scene.root());
    let first = station.run(verb, &scene, Some((point, strike)));
    disk.follow(&first);
    let at = first.struck();
    match (strike, first.code) {
        (Strike::Kill, code) => assert!(code == -1 || at.is_none(), "{code}\n{}\n{}", first.out, first.err),
        (error, code) if at.is_some() => told(verb, error, code, &first, &disk),
        // It hit what is written elsewhere, such as a question on the terminal
        // that so had no answer: that is explained, and the next run goes on.
        (_, code) => assert!(
            ends_well(verb, code, verb.or) || first.err.contains("hint: "),
            "{strike:?} elsewhere ended with {code}:\n{}\n{}",
            first.out,
            first.err
        ),
    }
    (verb.between)(&scene);

    let mut second = station.run(verb, &scene, None);
    disk.follow(&second);
    if (verb.mend)(&scene, station.lab(), &second) {
        second = station.run(verb, &scene, None);
        disk.follow(&second);
    }
    must_end_well(verb, &second, "going on");
    assert_eq!(disk.at_risk(matters), [""; 0], "what is called done could still be lost");
    let left = scene.files("", |path| matters(Path::new(path)) && is_temporary(path));
    assert!(left.is_empty(), "left behind: {left:?}");
    (verb.after)(&scene, station.lab());
    Hit { at, aim: first.nth(&point.label) }
}

/// Whether a run that nothing hinders may end so, or by one of `or`.
pub fn ends_well(verb: &Verb, code: i32, or: &[Exit]) -> bool {
    std::iter::once(&verb.ends).chain(or).any(|exit| code == exit.number())
}

/// Asserts that of a run; `told` is what came before it.
pub fn must_end_well(verb: &Verb, run: &Said, told: &str) {
    assert!(ends_well(verb, run.code, verb.or), "{told}\nended with {}:\n{}\n{}", run.code, run.out, run.err);
}

/// A failure of the disk is told by its own exit and a hint, or it did no harm.
fn told(verb: &Verb, error: Strike, code: i32, run: &Run, disk: &Disk) {
    let own = match error {
        Strike::NoSpace => Exit::NoSpace,
        Strike::ReadOnly => Exit::ReadOnly,
        Strike::Io | Strike::Kill => Exit::MediaFault,
    };
    if code == own.number() {
        assert!(run.err.contains("hint: "), "no hint:\n{}", run.err);
        return;
    }
    must_end_well(verb, run, &format!("{error:?}"));
    assert_eq!(disk.at_risk(matters), [""; 0], "what is called done could still be lost");
}

/// Whether a file has one of the names that unfinished files have.
pub fn is_temporary(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    handcarry::testing::media::is_temporary(name)
        || name.starts_with("import-")
        || name.ends_with(".tmp")
        || name.starts_with('.')
}
