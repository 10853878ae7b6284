//! Follows a plan over the two appliances of a failover pair, with both
//! journals, and goes on after any stop.
//!
//! What it guarantees, beyond what each appliance's own [`Engine`] does:
//!
//! 1. Each step is written into both journals before and after it acts, so
//!    each of them says what the pair run did. A step that one journal has as
//!    done is done; the other is brought up to it.
//! 2. What an earlier run left open on either appliance is settled before
//!    anything else, and one appliance installs only while nothing is open on
//!    the other: there are never two installs at once.
//! 3. Before it presses anything it looks whether that is so already, and
//!    after it that it became so. A step that is not as the plan thought ends
//!    the run with what is so and the way back.
//! 4. The relationship is broken only after a backup of A and a data sync
//!    whose time is past the press, and established only with equal version
//!    and build. The pre-shared key is compared by the appliance; it is never
//!    read, shown or written down.

mod address;
mod error;
mod open;
mod relation;
mod steps;

pub use error::PairError;
pub use open::{OpenPair, has_ended, merged, open_pair};

use super::{Cargo, Engine, Entry, Ledger, Rules, Teller, Time, history, open_install};
use crate::console::{Operator, Question};
use crate::inside::driver::{Appliance, Reached};
use crate::model::{Failover, FailoverRole, Failure, FileName, Id, Manifest, Status};
use crate::plan::{self, Deed, History, PairFacts, Part, PartFacts, Switch, Topology, TopologyPlan, TopologyStep};

/// The rules of a pair's run, beyond each appliance's own.
pub struct PairRules {
    /// The order.
    pub topology: Topology,
    /// How the site's address is switched.
    pub switch: Switch,
    /// The shared IP address; `None` where it is not told.
    pub shared_ip: Option<String>,
    /// Seconds to wait for a data sync at most.
    pub sync_max_secs: u64,
    /// Seconds both may call themselves backup while roles change.
    pub roles_max_secs: u64,
    /// The command that goes on, as it is typed.
    pub again: String,
}

/// One appliance of the pair.
pub struct Member<'a> {
    /// The appliance.
    pub appliance: &'a mut dyn Appliance,
    /// Its journal.
    pub ledger: &'a mut dyn Ledger,
    /// Its own rules.
    pub rules: &'a Rules,
    /// How its partner reaches it.
    pub reached: Reached,
    /// Its IP address for hosts files; `None` where it can't be told.
    pub address: Option<String>,
    /// What is carried for it.
    pub cargo: Cargo<'a>,
    /// Whether this run has said what there is to say of its clock; false at first.
    pub clock_told: bool,
}

/// Works a pair.
pub struct PairEngine<'a> {
    /// The primary at the beginning.
    pub a: Member<'a>,
    /// The backup at the beginning.
    pub b: Member<'a>,
    /// Who answers.
    pub operator: &'a mut dyn Operator,
    /// Who tells.
    pub teller: &'a dyn Teller,
    /// Our clock.
    pub time: &'a dyn Time,
    /// The rules.
    pub rules: &'a PairRules,
}

/// How a pair's run ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairFinished {
    /// Who is primary now.
    pub primary: FileName,
    /// Who is backup now.
    pub backup: FileName,
    /// Titles of the packages this run installed, on A and on B.
    pub installed: [Vec<String>; 2],
}

/// The run under way, as both journals have it.
struct Run {
    id: Id,
    done: Vec<String>,
    installed: [Vec<String>; 2],
    /// The host name that both share, once it was read.
    shared_host: Option<String>,
}

impl<'a> PairEngine<'a> {
    /// Upgrades the pair, as far as the rules allow now.
    ///
    /// # Errors
    /// A [`Failure`] that says how it ended: [`PairError`]'s exits, the plan's,
    /// and all that the push of one appliance can end with.
    pub fn push(&mut self) -> Result<PairFinished, Failure> {
        let known = self.known()?;
        // Nothing else is done while what became of an install is not known.
        for part in [Part::A, Part::B] {
            let manifest: &Manifest = self.member(part).cargo.manifest;
            self.engine(part).settle(manifest).map_err(|failure| self.named(part, failure))?;
        }
        let breaking = known.as_ref().is_some_and(|open| open.breaking);
        let done_if = |pair: &Self, stands| {
            let open = known.as_ref();
            open.map(|open| open.done(stands, pair.time.now(), pair.fresh_secs())).unwrap_or_default()
        };
        let survey = self.look(&done_if(self, !breaking))?;
        let done = done_if(self, !breaking || survey.stands());
        let plan = self.plan(&survey, &done, breaking)?;
        self.gate_first(&plan, &survey)?;
        if plan.steps.is_empty() && known.is_none() {
            return Ok(self.finished(survey.primary(), [Vec::new(), Vec::new()]));
        }
        let mut run = self.begin(known, done, survey.shared_host())?;
        self.teller.event("pair-plan", crate::report::topology_json(&plan));
        for id in &plan.done {
            self.teller.note(&format!("done before: {id}"));
        }
        let all = plan.steps.len() + plan.done.len();
        for (number, step) in plan.steps.iter().enumerate() {
            let number = plan.done.len() + number + 1;
            self.teller.say(&format!("[{number}/{all}] {} (on {})", step.title, self.member(step.on).rules.name));
            self.teller.event(
                "pair-step",
                serde_json::json!({ "id": step.id, "on": step.on, "number": number, "of": all, "window": step.window }),
            );
            self.note(&Entry::PairStepBegun { run: run.id, step: step.id.clone(), on: step.on })?;
            if let Err(failure) = self.act(step, &mut run) {
                return Err(self.stopped(step, &run, failure));
            }
            self.note(&Entry::PairStepDone { run: run.id, step: step.id.clone(), on: step.on })?;
            run.done.push(step.id.clone());
        }
        self.note(&Entry::PairDone { run: run.id })?;
        let primary = self.primary_after();
        Ok(self.finished(primary, run.installed))
    }

    /// Who is primary when all is done.
    fn primary_after(&self) -> Part {
        match self.rules.topology {
            Topology::FailoverSync => Part::A,
            Topology::FailoverAsync => Part::B,
        }
    }

    /// Begins a run, or goes on with the one that the journals know.
    fn begin(
        &mut self,
        known: Option<OpenPair>,
        done: Vec<String>,
        shared_host: Option<String>,
    ) -> Result<Run, Failure> {
        let id = match known {
            Some(open) => {
                self.teller.note(&format!("going on with the pair run {}: {}", open.run.short(), open.told()));
                open.run
            }
            None => Id::random(),
        };
        for part in [Part::A, Part::B] {
            // A kill between two writes leaves one journal behind the other.
            let entries = self.member(part).ledger.entries();
            let own = open_pair(&entries).filter(|own| own.run == id);
            if own.is_none() && !has_ended(&entries, id) {
                let partner = self.member(part.other());
                let begun = Entry::PairBegun {
                    run: id,
                    topology: self.rules.topology,
                    switch: (self.rules.topology == Topology::FailoverAsync).then_some(self.rules.switch),
                    part,
                    partner: partner.rules.name.clone(),
                    partner_serial: partner.cargo.manifest.appliance.serial.clone(),
                    bundle: self.member(part).cargo.manifest.bundle,
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

    /// The open run as both journals have it together. One that was begun
    /// otherwise binds only once the relationship may be broken.
    fn known(&self) -> Result<Option<OpenPair>, Failure> {
        let mut open = Vec::new();
        for part in [Part::A, Part::B] {
            let own = open_pair(&self.member(part).ledger.entries());
            match own {
                Some(own) if !self.is_this(part, &own) && own.breaking => return Err(self.other_run(part, &own)),
                own => open.push(own.filter(|own| self.is_this(part, own))),
            }
        }
        let (b, a) = (open.pop().flatten(), open.pop().flatten());
        match (&a, &b) {
            (Some(one), Some(other)) if one.run != other.run && one.breaking => Ok(a),
            (Some(one), Some(other)) if one.run != other.run && other.breaking => Ok(b),
            _ => Ok(merged(a, b)),
        }
    }

    /// Seconds for which a backup and a sync count before the relationship is broken.
    fn fresh_secs(&self) -> i64 {
        self.a.rules.policy.backup_fresh_secs
    }

    /// Whether an open run is this one: the same order, parts, partner and bundle.
    fn is_this(&self, part: Part, open: &OpenPair) -> bool {
        let switch = (self.rules.topology == Topology::FailoverAsync).then_some(self.rules.switch);
        open.topology == self.rules.topology
            && open.switch == switch
            && open.part == part
            && open.partner == self.member(part.other()).rules.name
            && open.bundle == self.member(part).cargo.manifest.bundle
    }

    fn other_run(&self, part: Part, open: &OpenPair) -> Failure {
        let own = &self.member(part).rules.name;
        let (first, second) = match open.part {
            Part::A => (own, &open.partner),
            Part::B => (&open.partner, own),
        };
        let again = format!("handcarry-inside push MEDIA {first} {second} {}", open.options());
        PairError::OtherRun { name: own.to_string(), open: open.told(), again }.into()
    }

    /// The relationship is not broken before the first appliance's window is
    /// open for what is installed there.
    fn gate_first(&mut self, plan: &TopologyPlan, survey: &Survey) -> Result<(), Failure> {
        if plan.done.iter().any(|step| step == "break") {
            return Ok(());
        }
        let installs = plan.steps.iter().find_map(|step| match &step.deed {
            Deed::Install { plan } => Some((step.on, plan)),
            _ => None,
        });
        let Some((part, own)) = installs.filter(|(_, own)| !own.steps.is_empty()) else { return Ok(()) };
        let rules = self.member(part).rules;
        let windows = rules.policy.windows.as_ref().filter(|_| rules.outside_window.is_none());
        let status = match part {
            Part::A => &survey.a,
            Part::B => &survey.b,
        };
        let outcome = self.engine(part).gate_window(windows, &own.steps, 0, status);
        outcome.map_err(|failure| self.named(part, failure))
    }

    /// Looks at both appliances before anything is pressed; each must be the
    /// one its bundle is for, with a clock that can be relied on.
    fn look(&mut self, done: &[String]) -> Result<Survey, Failure> {
        let mut seen = Vec::new();
        for part in [Part::A, Part::B] {
            let manifest: &Manifest = self.member(part).cargo.manifest;
            let status = self.engine(part).check(manifest).map_err(|failure| self.named(part, failure))?;
            seen.push(status);
        }
        let roles = match done.iter().any(|step| step == "break") {
            // From here on each step looks for itself.
            true => [None, None],
            false => [Some(self.failover(Part::A)?), Some(self.failover(Part::B)?)],
        };
        let shared = match &roles {
            [None, None] => self.failover_if_readable(),
            _ => None,
        };
        let b = seen.pop().expect("two were looked at");
        let a = seen.pop().expect("two were looked at");
        Ok(Survey { a, b, roles, shared })
    }

    fn plan(&self, survey: &Survey, done: &[String], breaking: bool) -> Result<TopologyPlan, Failure> {
        let (history_a, history_b) = (history(&self.a.ledger.entries()), history(&self.b.ledger.entries()));
        let [role_a, role_b] = &survey.roles;
        let shared = survey.shared.as_ref();
        let facts = PairFacts {
            a: facts_of(&self.a, &survey.a, role_a.as_ref().or(shared), &history_a),
            b: facts_of(&self.b, &survey.b, role_b.as_ref(), &history_b),
            now: self.time.now(),
            done,
            breaking,
        };
        Ok(plan::pair(self.rules.topology, self.rules.switch, &facts)?)
    }

    fn finished(&self, primary: Part, installed: [Vec<String>; 2]) -> PairFinished {
        let name = |part| self.member(part).rules.name.clone();
        PairFinished { primary: name(primary), backup: name(primary.other()), installed }
    }

    /// Writes down and tells that a step ended the run, and what is done so far.
    fn stopped(&mut self, step: &TopologyStep, run: &Run, failure: Failure) -> Failure {
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

    fn member(&self, part: Part) -> &Member<'a> {
        match part {
            Part::A => &self.a,
            Part::B => &self.b,
        }
    }

    fn member_mut(&mut self, part: Part) -> &mut Member<'a> {
        match part {
            Part::A => &mut self.a,
            Part::B => &mut self.b,
        }
    }

    fn name(&self, part: Part) -> String {
        self.member(part).rules.name.to_string()
    }

    /// The engine of one appliance, over the same operator, voice and clock.
    fn engine(&mut self, part: Part) -> Engine<'_> {
        self.engine_and_cargo(part).0
    }

    /// The engine of one appliance and what is carried for it.
    fn engine_and_cargo(&mut self, part: Part) -> (Engine<'_>, &Cargo<'a>) {
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
            begin_before: None,
        };
        (engine, &member.cargo)
    }

    /// Says which appliance a failure is about.
    fn named(&self, part: Part, failure: Failure) -> Failure {
        failure.about(self.name(part))
    }

    fn write(&mut self, part: Part, entry: &Entry) -> Result<(), Failure> {
        let now = self.time.now();
        self.member_mut(part).ledger.append(now, entry)
    }

    /// Writes an entry into both journals.
    fn note(&mut self, entry: &Entry) -> Result<(), Failure> {
        self.write(Part::A, entry)?;
        self.write(Part::B, entry)
    }

    /// Asks a grave question; anything but a yes ends the run.
    fn must_agree(&mut self, question: String) -> Result<(), Failure> {
        if self.ask(question.clone())? {
            return Ok(());
        }
        Err(super::EngineError::Declined { question, again: self.rules.again.clone() }.into())
    }

    /// Asks a grave question and writes the answer into both journals.
    fn ask(&mut self, question: String) -> Result<bool, Failure> {
        let yes = self.operator.confirm(&Question::grave(question.clone()))?;
        self.note(&Entry::Asked { question, yes })?;
        Ok(yes)
    }

    /// Whether nothing is open on an appliance.
    fn is_settled(&self, part: Part) -> bool {
        open_install(&self.member(part).ledger.entries()).is_none()
    }
}

/// What the plan is made from, of one appliance.
fn facts_of<'f>(
    member: &'f Member<'_>,
    status: &'f Status,
    failover: Option<&'f Failover>,
    history: &'f History,
) -> PartFacts<'f> {
    PartFacts {
        name: &member.rules.name,
        reached_by: &member.reached.host,
        status,
        failover,
        manifest: member.cargo.manifest,
        history,
        policy: &member.rules.policy,
    }
}

/// The appliance a step of the table is on, for a record that is brought up.
fn step_part(step: &str, otherwise: Part) -> Part {
    match step {
        "install-a" | "verify-a" | "backup" => Part::A,
        "install-b" | "verify-b" | "sync" | "break" => Part::B,
        _ => otherwise,
    }
}

/// What both appliances show.
struct Survey {
    a: Status,
    b: Status,
    roles: [Option<Failover>; 2],
    /// What could be read of the shared host name later on.
    shared: Option<Failover>,
}

impl Survey {
    /// Whether the relationship is seen to stand.
    fn stands(&self) -> bool {
        let role = |at: usize| self.roles[at].as_ref().map(|failover| failover.role);
        (role(0), role(1)) == (Some(FailoverRole::Primary), Some(FailoverRole::Backup))
    }

    /// Who is seen to be primary; A where nobody is.
    fn primary(&self) -> Part {
        let is_primary = |failover: &Failover| failover.role == FailoverRole::Primary;
        if self.roles[1].as_ref().is_some_and(is_primary) { Part::B } else { Part::A }
    }

    fn shared_host(&self) -> Option<String> {
        let all = self.roles.iter().flatten().chain(&self.shared);
        all.filter_map(|failover| failover.shared_host.clone()).next()
    }
}
