//! Two appliances that one run works together, each with its own engine and
//! journal, over one operator, one voice and one clock.
//!
//! What it guarantees, whatever the order of the run:
//!
//! 1. Each step is written into both journals before and after it acts, so
//!    each of them says what the run did. A step that one journal has as done
//!    is done; the other is brought up to it.
//! 2. A run that was begun otherwise is not gone on with once it changed
//!    something.
//! 3. A step that fails ends the run; what is done so far is told, and the
//!    same command goes on.
//!
//! It knows no order: those are the failover pair's and the migration's.

mod entry_of_site;
mod open;
mod told;

pub use open::{OpenPair, has_ended, merged, open_pair};

use super::agreement::append_after_heard;
use super::entry::RoleBy;
use super::history::is_protected;
use super::pair::PairError;
use super::press::People;
use super::role::{ask_role, untold};
use super::{
    Ahead, Engine, EngineError, Entry, FirstPress, Payload, Reporter, Resolver, Rules, RunJournal, open_install,
};
use crate::console::{Operator, Question};
use crate::driver::{Appliance, Did, Guide, Reached};
use crate::engine::question::InstallQuestion;
use crate::model::{Failover, Failure, Id, Manifest, Status, Time, text};
use crate::plan::{Op, Part, Plan, Step, Switch, Terms, Topology};
use crate::report::PressNotice;

/// One of the two appliances.
pub struct Member<'a> {
    /// The appliance.
    pub appliance: &'a mut dyn Appliance,
    /// Its journal.
    pub ledger: &'a mut dyn RunJournal,
    /// Its own rules.
    pub rules: &'a Rules,
    /// How the other reaches it.
    pub reached: Reached,
    /// The IP address by which clients reach it; `None` where nobody has told it yet.
    pub address: Option<String>,
    /// The IP address by which this machine reaches it; `None` where its name does not resolve here.
    pub here: Option<String>,
    /// What is carried for it; `None` where nothing is installed on it.
    pub cargo: Option<Payload<'a>>,
    /// Whether this run has said what there is to say of its clock; false at first.
    pub clock_told: bool,
}

/// Both of them, and what is around them.
pub struct Team<'a> {
    /// The one that is named first.
    pub a: Member<'a>,
    /// The one that is named second.
    pub b: Member<'a>,
    /// Who answers.
    pub operator: &'a mut dyn Operator,
    /// Who tells.
    pub teller: &'a dyn Reporter,
    /// Our clock.
    pub time: &'a dyn Time,
    /// Who tells where names lead.
    pub resolver: &'a dyn Resolver,
    /// The order.
    pub topology: Topology,
    /// How the site's address is switched; `None` where it stays.
    pub switch: Option<Switch>,
    /// The command that goes on, as it is typed.
    pub again: String,
    /// Where the run stands with a person's word before the first press.
    pub first_press: &'a FirstPress,
}

/// The run under way, as both journals have it.
pub(super) struct Run {
    pub(super) id: Id,
    pub(super) done: Vec<String>,
    pub(super) installed: [Vec<String>; 2],
    /// The site's host name, once it was read.
    pub(super) shared_host: Option<String>,
}

/// Whoever does the steps of a plan over two appliances.
pub(super) trait Follows<'a> {
    /// The two.
    fn team(&mut self) -> &mut Team<'a>;

    /// Does one step. What it ends with is so on the appliances when it returns.
    fn act(&mut self, step: &Step, run: &mut Run) -> Result<(), Failure>;

    /// Does all that is left of `plan`, and writes down that the run is over.
    fn follow(&mut self, plan: &Plan, run: &mut Run) -> Result<(), Failure> {
        let team = self.team();
        team.teller.event("pair-plan", crate::report::plan_json(plan));
        for id in &plan.done {
            team.teller.note(&format!("done before: {id}"));
        }
        let all = plan.steps.len() + plan.done.len();
        for (number, step) in plan.steps.iter().enumerate() {
            let number = plan.done.len() + number + 1;
            let team = self.team();
            team.teller.say(&format!("[{number}/{all}] {} (on {})", step.title, team.name(step.on)));
            team.teller.event(
                "pair-step",
                serde_json::json!({ "id": step.id, "on": step.on, "number": number, "of": all, "window": step.window_number }),
            );
            team.before_press(step)?;
            team.note(&Entry::PairStepBegun { run: run.id, step: step.id.clone(), on: step.on })?;
            if let Err(failure) = self.act(step, run) {
                return Err(self.team().stopped(step, run, failure));
            }
            self.team().note(&Entry::PairStepDone { run: run.id, step: step.id.clone(), on: step.on })?;
            run.done.push(step.id.clone());
        }
        self.team().note(&Entry::PairDone { run: run.id })
    }
}

impl<'a> Team<'a> {
    /// The open run as both journals have it together. One that was begun
    /// otherwise binds only once it may have changed something.
    pub(super) fn known(&self) -> Result<Option<OpenPair>, Failure> {
        let mut open = Vec::new();
        for part in [Part::A, Part::B] {
            let own = open_pair(&self.member(part).ledger.entries());
            match own {
                Some(own) if !self.is_this(part, &own) && own.bound => return Err(self.other_run(part, &own)),
                own => open.push(own.filter(|own| self.is_this(part, own))),
            }
        }
        let (b, a) = (open.pop().flatten(), open.pop().flatten());
        match (&a, &b) {
            (Some(one), Some(other)) if one.run != other.run && one.bound => Ok(a),
            (Some(one), Some(other)) if one.run != other.run && other.bound => Ok(b),
            _ => Ok(merged(a, b)),
        }
    }

    /// Begins a run, or goes on with the one that the journals know.
    /// `serials` are those of the two.
    pub(super) fn begin(
        &mut self,
        known: Option<OpenPair>,
        done: Vec<String>,
        shared_host: Option<String>,
        serials: [String; 2],
    ) -> Result<Run, Failure> {
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
            let entries = self.member(part).ledger.entries();
            let own = open_pair(&entries).filter(|own| own.run == id);
            if own.is_none() && !has_ended(&entries, id) {
                let begun = Entry::PairBegun {
                    run: id,
                    topology: self.topology,
                    switch: self.switch,
                    part,
                    partner: self.member(part.other()).rules.name.clone(),
                    partner_serial,
                    bundle: self.bundle(part),
                    command: self.again.clone(),
                };
                self.write(part, &begun)?;
            }
            let has = own.map(|own| own.done(false, self.time.now(), 0)).unwrap_or_default();
            for step in done.iter().filter(|step| !has.contains(step)) {
                let on = step_part(step, part);
                self.write(part, &Entry::PairStepDone { run: id, step: step.clone(), on })?;
            }
        }
        Ok(Run { id, done, installed: [Vec::new(), Vec::new()], shared_host })
    }

    /// Takes down what is about to be done, for the one question before the first press.
    pub(super) fn foresee(&mut self, plan: &Plan, terms: &Terms, serials: [&str; 2]) -> Result<(), Failure> {
        let on = [(&self.a.rules.name, serials[0]), (&self.b.rules.name, serials[1])];
        let mut press = PressNotice::of_plan(plan, &on, self.time.now(), terms.sha256());
        press.has_windows |= [Part::A, Part::B].iter().any(|part| self.member(*part).rules.policy.windows.is_some());
        let question = InstallQuestion::Begin { on: press.names() };
        self.first_press.ask_for_both();
        let ahead = Ahead { press, question, offered: None };
        Ok(self.first_press.foresee(ahead, self.teller, &self.again)?)
    }

    /// Asks before the first step that presses something. An install asks by
    /// itself: it may be waiting for its clients.
    fn before_press(&mut self, step: &Step) -> Result<(), Failure> {
        let looks_only = matches!(step.op, Op::Upgrade { .. } | Op::Verify { .. } | Op::Window | Op::Confirm);
        if looks_only {
            return Ok(());
        }
        let answer = self.first_press.ask(&mut People {
            operator: &mut *self.operator,
            teller: self.teller,
            serving: Some(&mut *self.a.appliance),
            again: &self.again,
            rehearsal: self.a.rules.rehearsal,
        })?;
        let Some(answer) = answer else { return Ok(()) };
        self.note(&answer.entry)?;
        answer.taken(&self.again)?;
        Ok(())
    }

    /// Finds out what became of an install that an earlier run left open.
    pub(super) fn settle(&mut self, part: Part) -> Result<(), Failure> {
        let manifest = self.manifest(part);
        self.engine(part).settle(manifest).map_err(|failure| self.named(part, failure))
    }

    /// Reads who an appliance is; it must be the one its bundle is for, with a
    /// clock that can be relied on.
    pub(super) fn check(&mut self, part: Part) -> Result<Status, Failure> {
        let manifest = self.manifest(part);
        self.engine(part).check(manifest).map_err(|failure| self.named(part, failure))
    }

    /// Reads an appliance's status.
    pub(super) fn status(&mut self, part: Part) -> Result<Status, Failure> {
        let name = self.name(part);
        self.member_mut(part).appliance.status().map_err(|error| Failure::from(error).about(name))
    }

    /// Makes a backup of an appliance and keeps it.
    pub(super) fn backup(&mut self, part: Part) -> Result<(), Failure> {
        let outcome = self.engine(part).backup();
        outcome.map_err(|failure| self.named(part, failure))
    }

    /// Installs what is carried for one appliance, by its own engine: its
    /// order, backup, soak, windows and journal. Nothing is open on the other
    /// meanwhile.
    pub(super) fn install(&mut self, part: Part, run: &mut Run) -> Result<(), Failure> {
        if open_install(&self.member(part.other()).ledger.entries()).is_some() {
            self.settle(part.other())?;
        }
        let (mut engine, cargo) = self.engine_and_cargo(part);
        let outcome = engine.push(cargo);
        let finished = outcome.map_err(|failure| self.named(part, failure))?;
        run.installed[part.index()].extend(finished.installed);
        Ok(())
    }

    /// Lets the run pass when the clients of an appliance have had their time.
    pub(super) fn soak(&mut self, part: Part, after: &str) -> Result<(), Failure> {
        let policy = self.member(part).rules.policy.clone();
        let outcome = self.engine(part).gate_soak(after, &[], &policy);
        outcome.map_err(|failure| self.named(part, failure))
    }

    /// Writes down that clients are led to `part` from now on: their time for
    /// its version begins.
    pub(super) fn serves(&mut self, part: Part, run: Id) -> Result<(), Failure> {
        let clock = self.member_mut(part).appliance.status().ok().and_then(|status| status.clock);
        self.write(part, &Entry::Serves { run, clock })
    }

    /// What an appliance shows of a failover relationship; a person tells
    /// where the page can't be read.
    pub(super) fn failover(&mut self, part: Part) -> Result<Failover, Failure> {
        self.failover_and_teller(part).map(|(shown, _)| shown)
    }

    /// As [`failover`](Self::failover), and who tells it.
    pub(super) fn failover_and_teller(&mut self, part: Part) -> Result<(Failover, RoleBy), Failure> {
        let name = self.name(part);
        let shown = self.member_mut(part).appliance.failover();
        match shown.map_err(|error| Failure::from(error).about(&name))? {
            Did::Done(shown) => Ok((shown, RoleBy::Page)),
            Did::ByHand(guide) => Ok((self.told_failover(part, &guide)?, RoleBy::Operator)),
        }
    }

    fn told_failover(&mut self, part: Part, guide: &Guide) -> Result<Failover, Failure> {
        self.guide(part, guide)?;
        let name = self.name(part);
        let Some(role) = ask_role(self.operator, &name)? else { return Err(untold(&name, &self.again)) };
        self.write(part, &Entry::RoleRead { role, by: RoleBy::Operator })?;
        Ok(Failover { role, shared_host: None, last_sync: None, syncing: false })
    }

    /// Has a driver's press done, or guides a person through it.
    pub(super) fn pressed<Q: Question>(
        &mut self,
        part: Part,
        did: Did<()>,
        question: impl FnOnce(String) -> Q,
    ) -> Result<(), Failure> {
        match did {
            Did::Done(()) => Ok(()),
            Did::ByHand(guide) => {
                self.guide(part, &guide)?;
                self.must_agree(&question(self.name(part)))
            }
        }
    }

    /// Tells a guide, and writes into both journals that a person does it.
    pub(super) fn guide(&mut self, part: Part, guide: &Guide) -> Result<(), Failure> {
        self.note(&Entry::GuidedBegun {
            key: None,
            title: format!("{} on {}", guide.title, self.name(part)),
            because: guide.because.clone(),
            staged: None,
        })?;
        self.teller.say(&format!("\non {}:", self.name(part)));
        self.engine(part).tell_guide(guide, None)
    }

    /// One of the two.
    pub(super) fn member(&self, part: Part) -> &Member<'a> {
        match part {
            Part::A => &self.a,
            Part::B => &self.b,
        }
    }

    /// One of the two, to be worked.
    pub(super) fn member_mut(&mut self, part: Part) -> &mut Member<'a> {
        match part {
            Part::A => &mut self.a,
            Part::B => &mut self.b,
        }
    }

    /// Its name in the inventory.
    pub(super) fn name(&self, part: Part) -> String {
        self.member(part).rules.name.to_string()
    }

    /// What is carried for an appliance on which something is installed.
    pub(super) fn manifest(&self, part: Part) -> &'a Manifest {
        self.member(part).cargo.as_ref().expect(CARRIED).manifest
    }

    /// The engine of one appliance, over the same operator, voice and clock.
    pub(super) fn engine(&mut self, part: Part) -> Engine<'_> {
        self.engine_of(part).0
    }

    /// The engine of one appliance and what is carried for it.
    pub(super) fn engine_and_cargo(&mut self, part: Part) -> (Engine<'_>, &Payload<'a>) {
        let (engine, cargo) = self.engine_of(part);
        (engine, cargo.expect(CARRIED))
    }

    fn engine_of(&mut self, part: Part) -> (Engine<'_>, Option<&Payload<'a>>) {
        let beside = self.member(part.other());
        let protected_beside = is_protected(&beside.ledger.entries(), beside.rules.policy.backup_fresh_secs);
        // Not by `member_mut`: the operator is lent out at the same time.
        let member = match part {
            Part::A => &mut self.a,
            Part::B => &mut self.b,
        };
        let engine = Engine {
            appliance: &mut *member.appliance,
            operator: &mut *self.operator,
            teller: self.teller,
            time: self.time,
            ledger: &mut *member.ledger,
            rules: member.rules,
            clock_told: std::mem::replace(&mut member.clock_told, true),
            protected_beside,
            serves: self.topology.serves_while_installing(part),
            begin_before: None,
            first_press: self.first_press,
        };
        (engine, member.cargo.as_ref())
    }

    /// Says which appliance a failure is about.
    pub(super) fn named(&self, part: Part, failure: Failure) -> Failure {
        failure.about(self.name(part))
    }

    /// Writes an entry into one journal.
    pub(super) fn write(&mut self, part: Part, entry: &Entry) -> Result<(), Failure> {
        let now = self.time.now();
        let member = self.member_mut(part);
        append_after_heard(entry, member.appliance, member.rules, now, member.ledger)
    }

    /// Writes an entry into both journals.
    pub(super) fn note(&mut self, entry: &Entry) -> Result<(), Failure> {
        self.write(Part::A, entry)?;
        self.write(Part::B, entry)
    }

    /// Asks a grave question; anything but a yes ends the run.
    pub(super) fn must_agree(&mut self, question: &dyn Question) -> Result<(), Failure> {
        if self.ask(question)? {
            return Ok(());
        }
        Err(EngineError::Declined { question: question.to_string(), again: self.again.clone() }.into())
    }

    /// Asks a grave question and writes the answer into both journals.
    pub(super) fn ask(&mut self, question: &dyn Question) -> Result<bool, Failure> {
        let yes = self.operator.confirm(question)?;
        self.note(&Entry::Asked { question: question.to_string(), yes })?;
        Ok(yes)
    }

    /// Writes down and tells that a step ended the run, and what is done so far.
    fn stopped(&mut self, step: &Step, run: &Run, failure: Failure) -> Failure {
        let entry = Entry::PairStopped {
            run: run.id,
            step: step.id.clone(),
            why: failure.message.clone(),
            exit: failure.exit.name().to_owned(),
        };
        // Where the journal itself is what failed, the failure says so.
        let _ = self.note(&entry);
        let done = if run.done.is_empty() { "nothing".to_owned() } else { run.done.join(", ") };
        self.teller.warn(&format!("the pair run stops at: {}; done so far: {done}", step.title));
        self.teller.event("pair-stopped", serde_json::json!({ "at": step.id, "done": run.done }));
        failure
    }

    /// The bundle a journal knows the run by: its own appliance's, or else the
    /// other's.
    pub(super) fn bundle(&self, part: Part) -> Id {
        let own = self.member(part).cargo.as_ref();
        own.or(self.member(part.other()).cargo.as_ref()).expect(CARRIED).manifest.bundle
    }

    /// Whether an open run is this one: the same order, parts, partner and bundle.
    fn is_this(&self, part: Part, open: &OpenPair) -> bool {
        open.topology == self.topology
            && open.switch == self.switch
            && open.part == part
            && open.partner == self.member(part.other()).rules.name
            && open.bundle == self.bundle(part)
    }

    fn other_run(&self, part: Part, open: &OpenPair) -> Failure {
        let own = &self.member(part).rules.name;
        let again = text::printable(&open.command);
        PairError::OtherRun { name: own.to_string(), open: open.told(), again }.into()
    }
}

/// What the verbs see to before a run.
const CARRIED: &str = "a bundle is carried for each appliance that is installed on";

/// The appliance a step of the table is on, for a record that is brought up.
fn step_part(step: &str, otherwise: Part) -> Part {
    match step {
        "install-a" | "verify-a" | "backup" | "export-certificate" | "reset" | "shut-down" => Part::A,
        "install-b" | "verify-b" | "sync" | "break" | "import-certificate" | "assign-address" | "install"
        | "restore" | "dns" | "confirm" => Part::B,
        _ => otherwise,
    }
}
