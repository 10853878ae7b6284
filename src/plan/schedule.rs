//! When each step can begin: durations, waits and maintenance windows.

use super::windows::{Opening, Windows};
use super::{Op, Plan, PlanError, Step};
use crate::model::Timestamp;

/// Whether a step may begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gate {
    /// It may: it needs no window, or is in this one.
    Open(Option<Opening>),
    /// Not before `at`, when this window is open for it.
    Closed {
        /// When it may begin.
        at: Timestamp,
        /// The window.
        opening: Opening,
    },
    /// There is no window for it; what it needs, in seconds.
    Never {
        /// Seconds it needs at a stretch.
        need_secs: i64,
    },
}

/// Says whether `steps[index]` may begin at `now`.
///
/// An install begins only where it ends inside the window by its longest
/// estimate. The export and the backup before it disturb nobody, so they may run
/// just before the window opens; earlier they would be old before they are needed.
pub fn gate(windows: Option<&Windows>, steps: &[Step], index: usize, now: Timestamp) -> Gate {
    let Some(windows) = windows else { return Gate::Open(None) };
    let (need_secs, lead_secs, from) = match steps[index].op {
        Op::Install { .. } => (steps[index].cost.max_secs, 0, now),
        Op::Backup | Op::ExportCertificate => {
            let later = &steps[index + 1..];
            let Some(at) = later.iter().position(|step| matches!(step.op, Op::Install { .. })) else {
                return Gate::Open(None);
            };
            let before = &steps[index..=index + at];
            let sum = |secs: fn(&Step) -> i64| before.iter().map(secs).sum::<i64>();
            let lead_secs = sum(|step| step.cost.max_secs);
            (later[at].cost.max_secs, lead_secs, now.plus_secs(sum(|step| step.cost.min_secs)))
        }
        _ => return Gate::Open(None),
    };
    let Some(opening) = windows.next(from, need_secs) else { return Gate::Never { need_secs } };
    let at = opening.from.plus_secs(-lead_secs);
    if at <= now { Gate::Open(Some(opening)) } else { Gate::Closed { at, opening } }
}

/// The title of the step that needs a window, where `steps[index]` has none: an
/// export and a backup need the one of the install that it is made for.
pub fn needs_window(steps: &[Step], index: usize) -> String {
    let install = steps[index..].iter().find(|step| matches!(step.op, Op::Install { .. }));
    install.unwrap_or(&steps[index]).title.clone()
}

/// Sets the times of a plan's steps and of its end.
pub(super) fn set(plan: &mut Plan, windows: Option<&Windows>) -> Result<(), PlanError> {
    // Two clocks run through the plan, by the shortest and by the longest
    // estimates. They part at windows: one minute late may mean the next night.
    let (mut soonest, mut latest) = (plan.made, plan.made);
    for index in 0..plan.steps.len() {
        let window;
        (soonest, window) = begin(plan, windows, index, soonest)?;
        (latest, _) = begin(plan, windows, index, latest)?;
        let step = &mut plan.steps[index];
        (step.not_before, step.window) = (soonest, window);
        soonest = soonest.plus_secs(step.cost.min_secs);
        latest = latest.plus_secs(step.cost.max_secs);
    }
    (plan.earliest_end, plan.latest_end) = (soonest, latest);
    Ok(())
}

fn begin(
    plan: &Plan,
    windows: Option<&Windows>,
    index: usize,
    at: Timestamp,
) -> Result<(Timestamp, Option<Opening>), PlanError> {
    match gate(windows, &plan.steps, index, at) {
        Gate::Open(opening) => Ok((at, opening)),
        Gate::Closed { at, opening } => Ok((at, Some(opening))),
        Gate::Never { need_secs } => Err(PlanError::NoWindow {
            step: needs_window(&plan.steps, index),
            need_secs,
            longest_secs: windows.map_or(0, |windows| windows.longest_secs(at)),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::{chain, now, status, windows};
    use crate::plan::{Facts, History, SitePolicy, make};

    #[test]
    fn an_export_waits_for_the_window_of_the_install_that_its_backup_is_for() {
        let facts = Facts { status: &status("3.3.2", "10.5.3"), now: now(), history: &History::default() };
        let policy = SitePolicy { certificates: true, ..SitePolicy::default() };
        let mut steps = make(&chain(), &facts, &policy).expect("a plan").steps;
        steps.remove(0);
        assert_eq!((&steps[0].op, &steps[1].op), (&Op::ExportCertificate, &Op::Backup));
        let at = |index| match gate(windows("thu 01:00-03:30").as_ref(), &steps, index, now()) {
            Gate::Closed { at, .. } => at,
            other => panic!("{other:?}"),
        };
        let lead = at(1).secs_since(at(0));
        assert_eq!(lead, steps[0].cost.max_secs, "just before the backup, and not hours");
        assert_eq!(needs_window(&steps, 0), "install base 3.4.0");
    }

    #[test]
    fn a_backup_needs_the_window_of_the_install_after_it() {
        let facts = Facts { status: &status("3.3.2", "10.5.3"), now: now(), history: &History::default() };
        let mut steps = make(&chain(), &facts, &SitePolicy::default()).expect("a plan").steps;
        steps.remove(0);
        let base = "install base 3.4.0";
        assert_eq!((needs_window(&steps, 0).as_str(), needs_window(&steps, 1).as_str()), (base, base));
        let last = steps.len() - 1;
        assert_eq!(needs_window(&steps, last), "install license 25");
        assert!(matches!(gate(windows("thu 01:00-03:30").as_ref(), &steps, 0, now()), Gate::Closed { .. }));
        let short = gate(windows("thu 01:00-01:45").as_ref(), &steps, 0, now());
        assert_eq!(short, Gate::Never { need_secs: steps[1].cost.max_secs });
        steps.truncate(1);
        assert_eq!(needs_window(&steps, 0), steps[0].title);
        assert_eq!(gate(windows("thu 01:00-03:30").as_ref(), &steps, 0, now()), Gate::Open(None));
    }
}
