//! The gates of time: clocks, maintenance windows and soaks. A closed one ends the
//! run cleanly, with the time when the same command goes on.

use super::history::Open;
use super::{Engine, EngineError, Entry, OverrideRequest, Soaking};
use crate::console::{current_user, kind};
use crate::model::{AGAIN, Failure, Id, Status, Timestamp, text};
use crate::plan::{self, ClockRule, Facts, Gate, PlanError, SitePolicy, Step, Windows};
use std::time::Duration;

/// What is typed to install outside the windows, as the flag ends.
const WORD: &str = "outside-window";

/// Refuses clocks that are too far apart, where both count. `ahead` is by how
/// many seconds the appliance's is ahead of ours; `None` where it can't be read.
///
/// # Errors
/// [`EngineError::ClockSkew`].
pub fn check_clocks(policy: &SitePolicy, ahead: Option<i64>) -> Result<(), EngineError> {
    let tolerance_secs = policy.clock_tolerance_secs;
    match ahead {
        Some(ahead_secs) if policy.clock == ClockRule::Both && ahead_secs.abs() > tolerance_secs => {
            Err(EngineError::ClockSkew { ahead_secs, tolerance_secs })
        }
        _ => Ok(()),
    }
}

impl Engine<'_> {
    /// The windows of this run: none where a person sets them aside, asked
    /// again at the keyboard and journalled.
    pub(super) fn windows(&mut self, bundle: Id, verb: &str) -> Result<Option<Windows>, Failure> {
        let windows = self.rules.policy.windows.clone();
        let Some(reason) = self.rules.outside_window.clone() else { return Ok(windows) };
        if windows.is_none() {
            self.teller.note(&format!("--dangerous-{WORD} was not needed: there are no windows"));
            return Ok(None);
        }
        let refused = "installs begin in the maintenance windows only, and you ask for any time";
        let meaning = "the site goes away and all sessions end while people work with it";
        OverrideRequest { refused, meaning, reason: &reason, word: WORD, undone: "nothing was done" }
            .set_aside(self.teller, self.operator)?;
        self.write(Entry::DangerousAccepted {
            bundle,
            what: WORD.to_owned(),
            refused: refused.to_owned(),
            reason,
            by: current_user(),
            verb: verb.to_owned(),
        })?;
        Ok(None)
    }

    /// Lets a step begin only in a window that is long enough for it.
    pub(super) fn gate_window(
        &mut self,
        windows: Option<&Windows>,
        steps: &[Step],
        index: usize,
        status: &Status,
    ) -> Result<(), Failure> {
        let now = self.trusted_now(status);
        let step = &steps[index];
        match plan::gate(windows, steps, index, now) {
            Gate::Open(opening) => {
                let spare_secs = opening.map(|open| open.until.secs_since(now) - step.cost.max_secs);
                let spare = spare_secs.map(|secs| Duration::from_secs(secs.max(0) as u64));
                // By the time that runs: a clock that is set while an agreement is read must not lengthen the window.
                self.memory.begin_before = spare.map(|spare| self.time.elapsed() + spare);
                Ok(())
            }
            Gate::Closed { at: until, opening } => {
                let window = opening.local;
                self.write(Entry::WindowClosed { step: step.id.clone(), until, window: window.clone() })?;
                let event = serde_json::json!({ "step": step.id, "until": until, "window": window });
                self.teller.event(&kind::WINDOW, event);
                let step = text::one_line(&step.title);
                Err(EngineError::WindowClosed { step, until, window }.into())
            }
            Gate::Never { need_secs } => {
                let longest_secs = windows.map_or(0, |windows| windows.longest_secs(now));
                Err(PlanError::NoWindow { step: plan::needs_window(steps, index), need_secs, longest_secs }.into())
            }
        }
    }

    /// Refuses to set an install off when answering or sending took so long
    /// that it would no longer end in its window.
    pub(super) fn check_in_time(&mut self, open: &Open) -> Result<(), Failure> {
        if self.memory.begin_before.is_none_or(|latest| self.time.elapsed() <= latest) {
            return Ok(());
        }
        self.abandon(open, "its maintenance window had no room for it any more".to_owned())?;
        let package = text::one_line(&open.package.name);
        Err(EngineError::WindowMissed { package }.into())
    }

    /// The time by the clock that counts, as the status was read before.
    fn trusted_now(&self, status: &Status) -> Timestamp {
        let history = plan::History::default();
        Facts { status, now: self.time.now(), history: &history }.trusted_now(self.rules.policy.clock)
    }

    /// Lets the run pass when the clients have had their time. `next` are the
    /// steps after the soak: where they need a window, it is told with it.
    pub(super) fn gate_soak(&mut self, after: &str, next: &[Step], policy: &SitePolicy) -> Result<(), Failure> {
        let status = self.appliance.status()?;
        let Some(mut soaking) = self.soak_at(&status, policy) else { return Ok(()) };
        if soaking.remaining_secs > 0 {
            self.end_soak(&soaking.past, soaking.remaining_secs)?;
            // By the journal, which has by now whatever was just found.
            soaking = self.soak_at(&status, policy).unwrap_or(soaking);
        }
        let Soaking { remaining_secs, until: over, whose, .. } = soaking;
        if remaining_secs == 0 {
            return Ok(());
        }
        let until = match next.is_empty() {
            true => over,
            false => match plan::gate(policy.windows.as_ref(), next, 0, over) {
                Gate::Closed { at, .. } => at,
                Gate::Open(_) | Gate::Never { .. } => over,
            },
        };
        self.write(Entry::Waiting { after: after.to_owned(), until, remaining_secs })?;
        let event = serde_json::json!({ "until": until, "remaining_secs": remaining_secs, "after": after });
        self.teller.event(&kind::SOAK, event);
        let (after, name, elsewhere) = (text::one_line(after), self.rules.name.clone(), soaking.past.elsewhere);
        let then = AGAIN.to_string();
        Err(EngineError::Waiting { after, until, whose, remaining_secs, name, elsewhere, then }.into())
    }
}
