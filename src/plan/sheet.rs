//! A plan as it is written: step by step, with the clock kept.

use super::{ClockRule, Estimate, Op, Part, Plan, PlanError, Procedure, Skipped, Step, Windows, schedule};
use crate::model::Timestamp;

/// Looking at a page or pressing a button.
pub(super) const PRESS: Estimate = Estimate { min_secs: 5, max_secs: 120 };
/// A person starts a console on two machines and makes a session.
pub(super) const VERIFY: Estimate = Estimate { min_secs: 600, max_secs: 3600 };
/// A person changes an entry, and it spreads.
pub(super) const ENTRY: Estimate = Estimate { min_secs: 120, max_secs: 3600 };

/// One step as a planner names it; its times come from where it is put.
pub(super) struct Draft {
    pub id: String,
    pub on: Part,
    pub op: Op,
    pub title: String,
    pub why: String,
    pub cost: Estimate,
    /// What a person is needed for.
    pub person: Option<String>,
}

/// A plan that is being written.
pub(super) struct Sheet {
    pub(super) plan: Plan,
    /// The window of a pair that the next step falls into.
    pub(super) window_number: Option<u8>,
}

impl Sheet {
    pub(super) fn new(procedure: Procedure, made: Timestamp, clock: ClockRule) -> Self {
        let plan = Plan {
            procedure,
            made,
            clock,
            done: Vec::new(),
            skipped: Vec::new(),
            steps: Vec::new(),
            notes: Vec::new(),
            earliest_end: made,
            latest_end: made,
        };
        Sheet { plan, window_number: None }
    }

    /// Leaves out the steps that are `done` already.
    pub(super) fn without(mut self, done: &[String]) -> Self {
        self.plan.done = done.to_vec();
        self
    }

    /// Says what need not be installed.
    pub(super) fn skipping(mut self, skipped: Vec<Skipped>) -> Self {
        self.plan.skipped = skipped;
        self
    }

    /// Adds a step, unless it is done already.
    pub(super) fn push(&mut self, draft: Draft) {
        let Draft { id, on, op, title, why, cost, person } = draft;
        if self.plan.done.contains(&id) {
            return;
        }
        let not_before = self.plan.earliest_end;
        self.plan.earliest_end = not_before.plus_secs(cost.min_secs);
        self.plan.latest_end = self.plan.latest_end.plus_secs(cost.max_secs);
        let window_number = self.window_number;
        self.plan.steps.push(Step { id, on, op, title, why, cost, not_before, window: None, window_number, person });
    }

    /// How many steps of one kind there are.
    pub(super) fn count(&self, is_one: impl Fn(&Op) -> bool) -> usize {
        self.plan.steps.iter().filter(|step| is_one(&step.op)).count()
    }

    /// The plan, each install in a window of its own appliance.
    pub(super) fn finish(mut self, windows: Option<&Windows>) -> Result<Plan, PlanError> {
        schedule::set(&mut self.plan, windows)?;
        Ok(self.plan)
    }
}
