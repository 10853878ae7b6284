//! A run over two appliances in their journals: begun, gone on with, or another's.

use super::{INSTALLED_ON, Run};
use crate::engine::EngineError;
use crate::engine::open_run::{OpenPair, has_ended, merged};
use crate::engine::{Ahead, Entry, InstallQuestion};
use crate::model::{Failure, Id, text};
use crate::plan::{self, Part, Plan, Switch, Terms, Topology};
use crate::report::PressNotice;

impl Run<'_> {
    /// The open run as both journals have it together. One that was begun
    /// otherwise binds only once it may have changed something.
    pub(in crate::engine) fn known(&self) -> Result<Option<OpenPair>, Failure> {
        let mut open = Vec::new();
        for part in [Part::A, Part::B] {
            let own = self.side(part).ledger.past().open_pair().cloned();
            match own {
                Some(own) if !self.is_this(part, &own) && own.bound => return Err(self.other_run(part, &own)),
                own => open.push(own.filter(|own| self.is_this(part, own))),
            }
        }
        let (b, a) = (open.pop().flatten(), open.pop().flatten());
        match (&a, &b) {
            // Where each has a run of its own, the one that has changed something is gone on with.
            (Some(one), Some(other)) if one.run != other.run && one.bound => Ok(a),
            (Some(one), Some(other)) if one.run != other.run && other.bound => Ok(b),
            _ => Ok(merged(a, b)),
        }
    }

    /// Begins a run, or goes on with the one that the journals know.
    /// `serials` are those of the two.
    pub(in crate::engine) fn begin(
        &mut self,
        known: Option<OpenPair>,
        done: Vec<String>,
        shared_host: Option<String>,
        serials: [String; 2],
    ) -> Result<(), Failure> {
        let Some(topology) = self.topology else { return Ok(()) };
        let id = match known {
            Some(open) => {
                self.teller.note(&format!("going on with the pair run {}: {}", open.run.short(), open.told()));
                open.run
            }
            None => Id::random(),
        };
        let [serial_a, serial_b] = serials;
        for (part, partner_serial) in [(Part::A, serial_b), (Part::B, serial_a)] {
            // A kill between two writes leaves one journal behind the other.
            let entries = self.side(part).ledger.entries();
            let own = self.side(part).ledger.past().open_pair().filter(|own| own.run == id).cloned();
            if own.is_none() && !has_ended(entries, id) {
                let begun = Entry::PairBegun {
                    run: id,
                    topology,
                    switch: self.switched_by(),
                    part,
                    partner: self.side(part.other()).rules.name.clone(),
                    partner_serial,
                    bundle: self.bundle(part),
                    offered: self.are_offered(part),
                    command: self.rules.command.clone(),
                };
                self.write(part, &begun)?;
            }
            // Whoever goes on later must type what was added since: an address that was asked for, say.
            let command = &self.rules.command;
            if own.as_ref().is_some_and(|own| !command.is_empty() && own.command != *command) {
                self.write(part, &Entry::PairResumed { run: id, command: command.clone() })?;
            }
            let has = own.map(|own| own.done(false, self.time.now(), 0)).unwrap_or_default();
            for step in done.iter().filter(|step| !has.contains(step)) {
                let on = plan::part_of(step).unwrap_or(part);
                self.write(part, &Entry::PairStepDone { run: id, step: step.clone(), on })?;
            }
        }
        (self.id, self.done, self.shared_host) = (id, done, shared_host);
        Ok(())
    }

    /// Takes down what is about to be done, for the one question before the first press.
    pub(in crate::engine) fn foresee(&mut self, plan: &Plan, terms: &Terms, serials: [&str; 2]) -> Result<(), Failure> {
        let press = self.notice(plan, terms, serials);
        let question = InstallQuestion::Begin { on: press.names() };
        self.first_press.ask_for_both();
        let ahead = Ahead { press, question, offered: self.agreed_titles() };
        Ok(self.first_press.foresee(ahead, self.teller)?)
    }

    /// What is to come of a plan over two, with the digest that is agreed to.
    pub(in crate::engine) fn notice(&self, plan: &Plan, terms: &Terms, serials: [&str; 2]) -> PressNotice {
        let on = [(&self.side(Part::A).rules.name, serials[0]), (&self.side(Part::B).rules.name, serials[1])];
        let mut press = PressNotice::of_plan(plan, &on, self.time.now(), terms.sha256());
        press.has_windows |= [Part::A, Part::B].iter().any(|part| self.side(*part).rules.policy.windows.is_some());
        press
    }

    /// The bundle, or the list that is offered, that a journal knows the run by:
    /// its own appliance's, or else the other's.
    pub(in crate::engine) fn bundle(&self, part: Part) -> Id {
        let own = self.side(part).goods.as_ref();
        own.or(self.side(part.other()).goods.as_ref()).expect(INSTALLED_ON).list().id()
    }

    /// How the site's address is switched; `None` where it stays, or by its entry alone.
    fn switched_by(&self) -> Option<Switch> {
        self.rules.order.switch().filter(|_| self.topology != Some(Topology::Migrate))
    }

    /// Whether an open run is this one: the same order, parts, partner and bundle.
    fn is_this(&self, part: Part, open: &OpenPair) -> bool {
        Some(open.topology) == self.topology
            && open.switch == self.switched_by()
            && open.part == part
            && open.partner == self.side(part.other()).rules.name
            && (open.bundle == self.bundle(part) || open.offered && !self.are_offered(part))
    }

    /// Whether what is installed on an appliance, or else on the other, is
    /// offered. What one offers no more may be carried to it half-way.
    fn are_offered(&self, part: Part) -> bool {
        let own = self.side(part).goods.as_ref();
        own.or(self.side(part.other()).goods.as_ref()).expect(INSTALLED_ON).are_offered()
    }

    fn other_run(&self, part: Part, open: &OpenPair) -> Failure {
        let own = &self.side(part).rules.name;
        let command = text::printable(&open.command);
        EngineError::OtherRun { name: own.to_string(), open: open.told(), command }.into()
    }
}
