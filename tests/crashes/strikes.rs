//! Strikes one verb everywhere.

use super::bench::{Lab, OwnLab, Scene};
use super::disk::{Disk, matters};
use super::trace::{Order, Point, Run, Strike};
use super::verbs::Verb;
use handcarry::testing::model::Exit;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Set to `all`, every point is struck by every error; otherwise by one of
/// them, each in its turn.
const THOROUGH: &str = "HANDCARRY_CRASHES";

/// Runs at once: verbs that only compute, and those that mostly wait for an appliance.
const BUSY_WORKERS: usize = 2;
const WAITING_WORKERS: usize = 6;

/// By how much the number of a call is off, in turn, where a point was not
/// reached: a run that waits says more or less on its way, and the network cuts
/// answers into other pieces.
const OFF: [isize; 7] = [0, 1, -1, 2, -2, 3, -3];

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
        let lab = verb.lab.then(OwnLab::start);
        let before = (verb.before)(lab.as_deref());
        Station { lab, before }
    }

    fn lab(&self) -> Option<&Lab> {
        self.lab.as_deref()
    }

    /// A fresh copy to run in.
    fn scene(&self, verb: &Verb) -> Scene {
        if let Some(lab) = &self.lab {
            lab.reset();
        }
        let scene = self.before.copy();
        (verb.each)(&scene, self.lab());
        scene
    }

    fn run(&self, verb: &Verb, scene: &Scene, strike: Option<(&Point, Strike)>) -> Run {
        let args = (verb.args)(self.lab());
        let order = Order {
            program: verb.program,
            args: &args,
            answers: verb.answers,
            folder: scene.root(),
            hasty: verb.hasty,
        };
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
    assert_eq!(run.code, Some(i32::from(verb.ends.code())), "{}:\n{}\n{}", verb.name, run.out, run.err);
    disk.follow(&run);
    assert_eq!(disk.at_risk(matters), [""; 0], "{}: a run that says it is done leaves nothing to lose", verb.name);
    (verb.after)(&scene, station.lab());
    let points = run.points();
    assert!(!points.is_empty(), "{} changes nothing", verb.name);
    points
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
                        for off in OFF {
                            let nth = point.nth.saturating_add_signed(off).max(1);
                            let at = once(verb, &station, &Point { nth, ..point.clone() }, *strike);
                            let reached = at.as_ref() == Some(&point.label);
                            struck.lock().expect("not poisoned").extend(at.map(|at| (at, *strike)));
                            if reached {
                                return;
                            }
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

/// Strikes once, and goes on; returns where it struck.
fn once(verb: &Verb, station: &Station, point: &Point, strike: Strike) -> Option<String> {
    let scene = station.scene(verb);
    let mut disk = Disk::of(scene.root());
    let first = station.run(verb, &scene, Some((point, strike)));
    disk.follow(&first);
    let at = first.struck();
    match (strike, first.code) {
        (Strike::Kill, code) => assert!(code.is_none() || at.is_none(), "{code:?}\n{}\n{}", first.out, first.err),
        (error, code) if at.is_some() => told(verb, error, code, &first, &disk),
        // It hit what is written elsewhere, such as a question on the terminal
        // that so had no answer: that is explained, and the next run goes on.
        (_, code) => assert!(
            ends_well(verb, code, verb.or) || first.err.contains("hint: "),
            "{strike:?} elsewhere ended with {code:?}:\n{}\n{}",
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
    at
}

/// Whether a run that nothing hinders may end so, or by one of `or`.
pub fn ends_well(verb: &Verb, code: Option<i32>, or: &[Exit]) -> bool {
    std::iter::once(&verb.ends).chain(or).any(|exit| code == Some(i32::from(exit.code())))
}

/// Asserts that of a run; `told` is what came before it.
pub fn must_end_well(verb: &Verb, run: &Run, told: &str) {
    assert!(ends_well(verb, run.code, verb.or), "{told}\nended with {:?}:\n{}\n{}", run.code, run.out, run.err);
}

/// A failure of the disk is told by its own exit and a hint, or it did no harm.
fn told(verb: &Verb, error: Strike, code: Option<i32>, run: &Run, disk: &Disk) {
    let own = match error {
        Strike::NoSpace => Exit::NoSpace,
        Strike::ReadOnly => Exit::ReadOnly,
        Strike::Io | Strike::Kill => Exit::MediaFault,
    };
    if code == Some(i32::from(own.code())) {
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
