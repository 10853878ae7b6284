//! The word of a person before anything is pressed, once a run: what comes is
//! told, then asked about. A digest that was given beforehand is that word, if
//! it is of this very procedure.
//!
//! Looking is no press: what an earlier run left open is watched to its end,
//! and waits are waited for, without a question.

use super::{EngineError, Entry};
use crate::console::{Operator, OperatorError, current_user, kind, settled};
use crate::driver::Appliance;
use crate::engine::question::InstallQuestion;
use crate::model::{AGAIN, Failure, Id, Sha256Digest};
use crate::plan::Part;
use crate::report::PressNotice;
use std::cell::{Cell, RefCell};

/// Where a run stands with that word; one for all appliances of a run.
#[derive(Debug, Default)]
pub struct FirstPress {
    /// The digest that was given beforehand.
    beforehand: Option<Sha256Digest>,
    /// What is to be told and agreed to.
    ahead: RefCell<Option<Ahead>>,
    /// The digest of what was agreed to in this run.
    given: Cell<Option<Sha256Digest>>,
    /// Whether a run over two appliances asks for both.
    for_both: Cell<bool>,
    /// Whether what comes was told before the run.
    was_told: bool,
    /// A second person's word; `None` where none is asked for.
    approvals: Option<Approvals>,
}

/// What second people agreed to, and what this run sets aside beyond a procedure.
#[derive(Debug, Clone, Default)]
pub struct Approvals {
    /// What was approved.
    pub given: Vec<Approved>,
    /// The refusals that this run sets aside, as their options end.
    pub set_aside: Vec<String>,
}

/// One procedure that a second person approved.
#[derive(Debug, Clone)]
pub struct Approved {
    /// The procedure's digest.
    pub plan_sha256: Sha256Digest,
    /// The refusals that may be set aside with it.
    pub set_aside: Vec<String>,
    /// Who signed that, and by which key.
    pub by: String,
}

impl Approvals {
    /// By whom a procedure, or before it is known any, was approved with all
    /// that this run sets aside.
    ///
    /// # Errors
    /// [`EngineError::NotApproved`].
    pub fn must_be_approved(&self, plan: Option<Sha256Digest>) -> Result<&str, EngineError> {
        let covers = |approved: &&Approved| {
            plan.is_none_or(|plan| plan == approved.plan_sha256)
                && self.set_aside.iter().all(|word| approved.set_aside.contains(word))
        };
        let by = self.given.iter().find(covers).map(|approved| approved.by.as_str());
        by.ok_or_else(|| EngineError::NotApproved { plan, set_aside: self.set_aside.clone() })
    }
}

/// What a run is about to do.
#[derive(Debug, Clone)]
pub struct Ahead {
    /// What is told.
    pub press: PressNotice,
    /// What is asked.
    pub(super) question: InstallQuestion,
    /// Of each appliance that installs what it offers: the run, and the titles
    /// that are agreed to with it.
    pub offered: Vec<(Part, Id, Vec<String>)>,
}

impl FirstPress {
    /// Nothing was agreed to yet but, where there is one, `beforehand`.
    pub fn new(beforehand: Option<Sha256Digest>) -> Self {
        FirstPress { beforehand, ..FirstPress::default() }
    }

    /// Nothing is pressed without a second person's word.
    #[must_use]
    pub fn with_approvals(mut self, approvals: Approvals) -> Self {
        self.approvals = Some(approvals);
        self
    }

    /// What comes was told already, and is only asked about.
    pub fn told_before() -> Self {
        FirstPress { was_told: true, ..FirstPress::default() }
    }

    /// The run over both appliances asks, so neither of them does for itself.
    pub fn ask_for_both(&self) {
        self.for_both.set(true);
    }

    /// Whether an appliance's own run asks.
    pub(super) fn is_own(&self) -> bool {
        !self.for_both.get()
    }

    /// Takes down what is about to be done.
    ///
    /// # Errors
    /// [`EngineError::PlanChanged`] where something else was agreed to beforehand,
    /// [`EngineError::NotApproved`] where a second person's word is asked for and not there.
    pub(super) fn foresee(&self, ahead: Ahead, teller: &dyn super::Reporter) -> Result<(), EngineError> {
        let ahead_sha256 = ahead.press.plan_sha256;
        // Where nothing is left to do, a word for what was done yesterday harms nobody.
        let wrong = self.beforehand.filter(|given| *given != ahead_sha256 && !ahead.press.steps.is_empty());
        if let Some(given) = wrong {
            ahead.press.lines().iter().for_each(|line| teller.say(line));
            return Err(EngineError::PlanChanged { given, is: ahead_sha256 });
        }
        if !ahead.press.steps.is_empty()
            && let Err(error) = self.approved_by(ahead_sha256)
        {
            ahead.press.lines().iter().for_each(|line| teller.say(line));
            return Err(error);
        }
        *self.ahead.borrow_mut() = Some(ahead);
        Ok(())
    }

    /// Who approved it, where that is asked for.
    fn approved_by(&self, plan: Sha256Digest) -> Result<Option<String>, EngineError> {
        let by = |approvals: &Approvals| approvals.must_be_approved(Some(plan)).map(str::to_owned);
        self.approvals.as_ref().map(by).transpose()
    }

    /// Has a person agree before the first press, where nobody did yet, and
    /// returns what is to be written down; `None` where nothing is.
    pub(super) fn ask(&self, people: &mut People<'_>) -> Result<Option<PressConsent>, Failure> {
        let ahead = self.ahead.borrow().clone().expect("what is done was foreseen");
        let plan_sha256 = ahead.press.plan_sha256;
        // By the digest: the next round of an update offers other titles, and is asked about anew.
        if self.given.get() == Some(plan_sha256) {
            return Ok(None);
        }
        // Only now: who is connected changes by the minute.
        let press = people.look(ahead.press);
        people.tell(&press, self.was_told);
        let beforehand = self.beforehand == Some(plan_sha256);
        if beforehand {
            people.teller.event(&kind::QUESTION, settled(&ahead.question));
        }
        let yes = beforehand || people.confirm(&ahead.question, plan_sha256)?;
        if yes {
            self.given.set(Some(plan_sha256));
        }
        let approved_by = self.approved_by(plan_sha256)?;
        let connected = press.connected;
        let entry = Entry::FirstPress { plan_sha256, yes, beforehand, by: current_user(), approved_by, connected };
        Ok(Some(PressConsent { yes, entry, question: ahead.question.to_string(), offered: ahead.offered }))
    }
}

/// A person's word, to be written down.
pub(super) struct PressConsent {
    yes: bool,
    /// What is written down.
    pub(super) entry: Entry,
    question: String,
    offered: Vec<(Part, Id, Vec<String>)>,
}

impl PressConsent {
    /// What was agreed to beside it of what is offered, if it was a yes.
    pub(super) fn taken(self) -> Result<Vec<(Part, Id, Vec<String>)>, EngineError> {
        match self.yes {
            true => Ok(self.offered),
            false => Err(EngineError::Declined { question: self.question }),
        }
    }
}

/// Who is asked and what can be asked about.
pub(super) struct People<'a> {
    /// Whoever answers.
    pub(super) operator: &'a mut dyn Operator,
    /// Who tells.
    pub(super) teller: &'a dyn super::Reporter,
    /// The appliance that serves the site.
    pub(super) serving: &'a mut dyn Appliance,
}

impl People<'_> {
    /// Adds what only the site tells. What can't be read now stops nothing.
    fn look(&mut self, press: PressNotice) -> PressNotice {
        let press = look(press, self.serving);
        self.serving.notices().iter().for_each(|line| self.teller.note(line));
        press
    }

    fn tell(&self, press: &PressNotice, was_told: bool) {
        self.teller.event(&kind::FIRST_PRESS, serde_json::to_value(press).expect("plain data"));
        if was_told {
            return;
        }
        press.lines().iter().for_each(|line| self.teller.say(line));
        if let Some(advice) = press.advice() {
            self.teller.warn(&advice);
        }
    }

    fn confirm(&mut self, question: &InstallQuestion, plan_sha256: Sha256Digest) -> Result<bool, Failure> {
        match self.operator.confirm(question) {
            Ok(yes) => Ok(yes),
            Err(error @ OperatorError::NoAnswer(_)) => Err(Failure::from(error).hint(format!(
                "run it at a terminal, or agree beforehand: {}",
                AGAIN.with(&["--agree", &plan_sha256.to_string()])
            ))),
            Err(error) => Err(error.into()),
        }
    }
}

/// Adds what only the site tells: who is connected, and how many clients may
/// update at once. What can't be read now stops nothing.
pub fn look(mut press: PressNotice, serving: &mut dyn Appliance) -> PressNotice {
    if press.ends_sessions {
        press.connected = serving.connected().ok().flatten().map(|connected| connected.counts);
    }
    if let Some(limit) = &mut press.limit {
        limit.shown = serving.update_limit().ok().flatten();
    }
    press
}
