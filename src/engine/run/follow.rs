//! The loop: it follows a plan step by step, whoever planned it.

use super::{Run, RunRules, Side};
use crate::console::{EventKind, kind};
use crate::engine::press::People;
use crate::engine::{Around, Engine, Entry, Finished, HostResolver, PackageSource, step};
use crate::model::{Failure, Id, Status};
use crate::plan::{Part, Plan, Procedure, SitePolicy, Step};
use crate::report;

/// The kind of event that tells a plan: one over two appliances holds the
/// plans of each, which are told by themselves when their turn comes.
pub const fn plan_kind(plan: &Plan) -> &'static EventKind {
    match plan.procedure {
        Procedure::Single(_) | Procedure::Update(_) => &kind::PLAN,
        Procedure::Pair { .. } | Procedure::Migrate { .. } => &kind::PAIR_PLAN,
    }
}

impl Run<'_> {
    /// Does what is left of `plan`. What is done by the journals is left out of
    /// it already; each step asks the appliance before it acts.
    ///
    /// # Errors
    /// The first step's that fails, after that was written down.
    pub(in crate::engine) fn follow(&mut self, plan: &Plan) -> Result<(), Failure> {
        let of_two = plan.procedure.topology().is_some();
        if of_two {
            self.teller.event(plan_kind(plan), report::plan_json(plan));
        }
        for id in &plan.done {
            self.teller.note(&format!("done before: {id}"));
        }
        for (index, step) in plan.steps.iter().enumerate() {
            // The window before the question: nobody is asked about what can't begin now.
            self.gate(plan, index)?;
            if step.op.presses() {
                self.before_press()?;
            }
            self.announce(plan, index);
            if of_two {
                self.note(&Entry::PairStepBegun { run: self.id, step: step.id.clone(), on: step.on })?;
            }
            let outcome = match step::is_done(self, step) {
                Ok(false) => step::perform(self, step, &plan.steps[index + 1..]).inspect(|()| self.tell_done(step)),
                outcome => outcome.map(drop),
            };
            // The steps of one appliance write records of their own, package by package.
            if !of_two {
                outcome?;
                if self.offers_grew(&plan.steps, index)? {
                    break;
                }
                continue;
            }
            outcome.map_err(|failure| self.stopped(step, failure))?;
            self.note(&Entry::PairStepDone { run: self.id, step: step.id.clone(), on: step.on })?;
            self.done.push(step.id.clone());
        }
        Ok(())
    }

    /// Lets a step begin only in a maintenance window that is long enough for
    /// it. Where two are worked, each one's own plan sees to that.
    fn gate(&mut self, plan: &Plan, index: usize) -> Result<(), Failure> {
        let Some((status, policy)) = self.own.clone() else { return Ok(()) };
        let on = plan.steps[index].on;
        let mut engine = self.engine(on);
        engine.gate_window(policy.windows.as_ref(), &plan.steps, index, &status)?;
        let begin_before = engine.memory.begin_before;
        self.side_mut(on).memory.begin_before = begin_before;
        Ok(())
    }

    /// Asks before the first step that presses something.
    fn before_press(&mut self) -> Result<(), Failure> {
        let serving = self.sides.first_mut().expect("a run has an appliance");
        let answer = self.first_press.ask(&mut People {
            operator: &mut *self.operator,
            teller: self.teller,
            serving: &mut *serving.appliance,
        })?;
        let Some(answer) = answer else { return Ok(()) };
        self.note(&answer.entry)?;
        for (part, run, packages) in answer.taken()? {
            let part = match self.topology {
                Some(_) => part,
                // Where one of two is at work by itself the other's journal is not at hand, and has it already.
                None if run == self.id => Part::A,
                None => continue,
            };
            let options = self.side(part).rules.options.clone();
            self.write(part, &Entry::UpdateBegun { run, packages, options })?;
        }
        Ok(())
    }

    fn announce(&self, plan: &Plan, index: usize) {
        let step = &plan.steps[index];
        let (number, of) = (plan.done.len() + index + 1, plan.done.len() + plan.steps.len());
        let text = report::step_text(step);
        let (on, window) = (step.on, step.window_number);
        if plan.procedure.topology().is_none() {
            self.teller.say(&format!("[{number}/{of}] {text}"));
            return self.teller.event(&kind::STEP, serde_json::json!({ "id": step.id, "number": number, "of": of }));
        }
        self.teller.say(&format!("[{number}/{of}] {text} (on {})", self.name(on)));
        let event = serde_json::json!({ "id": step.id, "on": on, "number": number, "of": of, "window": window });
        self.teller.event(&kind::PAIR_STEP, event);
    }

    /// Tells that a step was done in this run that changed an appliance, or what is kept of it.
    fn tell_done(&self, step: &Step) {
        if step.op.presses() {
            self.teller.event(&kind::STEP_DONE, serde_json::json!({ "id": step.id, "on": step.on }));
        }
    }

    /// Writes down and tells that a step ended a run over two, and what is done so far.
    fn stopped(&mut self, step: &Step, failure: Failure) -> Failure {
        let entry = Entry::PairStopped {
            run: self.id,
            step: step.id.clone(),
            why: failure.message.clone(),
            exit: failure.exit.name().to_owned(),
        };
        // Where the journal itself is what failed, the failure says so.
        let _ = self.note(&entry);
        let done = if self.done.is_empty() { "nothing".to_owned() } else { self.done.join(", ") };
        self.teller.warn(&format!("the pair run stops at: {}; done so far: {done}", step.title));
        self.teller.event(&kind::PAIR_STOPPED, serde_json::json!({ "step": step.id, "done": self.done }));
        failure
    }

    /// Has one of two appliances follow its own plan: its order, backup, soak,
    /// windows and journal. Nothing is open on the other meanwhile.
    pub(in crate::engine) fn upgrade(&mut self, part: Part) -> Result<(), Failure> {
        if self.side(part.other()).ledger.past().open_install().is_some() {
            self.settle(part.other())?;
        }
        let goods = self.goods(part).clone();
        let titles = self.titles[part.index()].clone();
        let outcome = match goods {
            PackageSource::Carried(cargo) => self.engine(part).push(&cargo),
            PackageSource::Offered(list) => self.engine(part).update_agreed(&list, &titles),
        };
        let finished = outcome.map_err(|failure| self.named(part, failure))?;
        self.installed[part.index()].extend(finished.installed);
        Ok(())
    }
}

impl Engine<'_> {
    /// Follows this appliance's own plan with `goods`, in the run `id`.
    pub(in crate::engine) fn follow(
        &mut self,
        goods: &PackageSource<'_>,
        id: Id,
        plan: &Plan,
        (status, policy): (Status, SitePolicy),
    ) -> Result<Finished, Failure> {
        let side = Side {
            appliance: &mut *self.appliance,
            ledger: &mut *self.ledger,
            rules: self.rules,
            reached: None,
            address: None,
            here: None,
            goods: Some(goods.clone()),
            memory: self.memory.clone(),
        };
        let around = Around {
            operator: &mut *self.operator,
            teller: self.teller,
            time: self.time,
            resolver: &HostResolver,
            first_press: self.first_press,
        };
        let mut run = Run::new(vec![side], around, RunRules::default());
        (run.id, run.own) = (id, Some((status.clone(), policy)));
        run.follow(plan)?;
        let [installed, _] = run.installed;
        Ok(Finished { installed, status: run.own.map_or(status, |(status, _)| status) })
    }
}
