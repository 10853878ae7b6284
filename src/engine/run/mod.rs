//! One run over one appliance or two, each with its own journal, over one
//! operator, one voice and one clock; and what every step of it can use.
//!
//! What it guarantees, whatever the plan:
//!
//! 1. One loop follows it. Of a plan over two appliances each step is written
//!    into both journals before and after it acts, so each of them says what
//!    the run did. A step that one journal has as done is done; the other is
//!    brought up to it.
//! 2. A run over two that was begun otherwise is not gone on with once it
//!    changed something.
//! 3. A step that fails ends the run; what is done so far is told, and the
//!    same command goes on.
//!
//! It knows no order: that is the plan's.

mod follow;
mod journals;
mod offers;
mod person;

pub use follow::plan_kind;

use super::agreement::append_after_heard;
use super::entry::RoleBy;
use super::role::{ask_role, untold};
use super::{Engine, EngineError, Entry, FirstPress, Memory, PackageSource, Reporter, Resolver, Rules, RunJournal};
use crate::console::{Operator, Question};
use crate::driver::{Appliance, Did, DriverError, Guide, Reached};
use crate::model::{Failover, Failure, Id, Secret, Status, Time};
use crate::plan::{Meant, Order, Part, SitePolicy, Topology};

/// One of the appliances.
pub struct Side<'a> {
    /// The appliance.
    pub appliance: &'a mut dyn Appliance,
    /// Its journal.
    pub ledger: &'a mut dyn RunJournal,
    /// Its own rules.
    pub rules: &'a Rules,
    /// How the other reaches it; `None` where there is no other.
    pub reached: Option<Reached>,
    /// The IP address by which clients reach it; `None` where nobody has told it yet.
    pub address: Option<String>,
    /// The IP address by which this machine reaches it; `None` where its name does not resolve here.
    pub here: Option<String>,
    /// What is installed on it; `None` where nothing is.
    pub goods: Option<PackageSource<'a>>,
    /// What this run knows of it; nothing at first.
    pub memory: Memory,
}

/// What is around a run.
pub struct Around<'a> {
    /// Who answers.
    pub operator: &'a mut dyn Operator,
    /// Who tells.
    pub teller: &'a dyn Reporter,
    /// Our clock.
    pub time: &'a dyn Time,
    /// Who tells where names lead.
    pub resolver: &'a dyn Resolver,
    /// Where the run stands with a person's word before the first press.
    pub first_press: &'a FirstPress,
}

/// The rules of a run over two appliances, beyond each one's own.
#[derive(Debug, Clone)]
pub struct RunRules {
    /// The verb that was typed, for what is set aside.
    pub verb: &'static str,
    /// The command that was typed, for the journals: another run may find this one open.
    pub command: String,
    /// In which order a failover pair is upgraded.
    pub order: Order,
    /// The shared IP address; `None` where it is not told.
    pub shared_ip: Option<String>,
    /// Migration: why settings may be restored on the backup of a failover
    /// pair; `None` where they may not.
    pub over_backup: Option<String>,
    /// Migration: whether OLD is left as it is in the end.
    pub keep_old: bool,
    /// Migration: why OLD may be erased although its logged history is nowhere
    /// else; `None` where it may not.
    pub lose_history: Option<String>,
    /// Migration: the site's host name; `None` for the one that OLD shows.
    pub site_host: Option<String>,
}

/// Seconds to wait for an install, a data sync or a reset at most, unless told.
/// The guide's longest install is an hour, and "some hours" its longest sync.
pub const WAIT_MAX_SECS: u64 = 4 * 3600;

impl Default for RunRules {
    fn default() -> Self {
        RunRules {
            verb: "push",
            command: String::new(),
            order: Order::FailoverSync,
            shared_ip: None,
            over_backup: None,
            keep_old: false,
            lose_history: None,
            site_host: None,
        }
    }
}

/// The run.
pub struct Run<'a> {
    pub(super) sides: Vec<Side<'a>>,
    pub(super) operator: &'a mut dyn Operator,
    pub(super) teller: &'a dyn Reporter,
    pub(super) time: &'a dyn Time,
    pub(super) resolver: &'a dyn Resolver,
    pub(super) first_press: &'a FirstPress,
    pub(super) rules: RunRules,
    /// How two are worked together; `None` of one alone.
    pub(super) topology: Option<Topology>,
    /// As the journals have it: the bundle, where one appliance is worked.
    pub(super) id: Id,
    /// Ids of the steps that are done.
    pub(super) done: Vec<String>,
    /// Titles of the packages this run installed, on A and on B.
    pub(super) installed: [Vec<String>; 2],
    /// Titles that are agreed to of what A and B offer, in order.
    pub(super) titles: [Vec<String>; 2],
    /// The site's host name, once it was read.
    pub(super) shared_host: Option<String>,
    /// The shared IP address, once it is known.
    pub(super) shared_ip: Option<String>,
    /// The passphrase of an exported key; `None` until somebody told it.
    pub(super) passphrase: Option<Secret>,
    /// Where one appliance follows its own plan: what it showed last, and its
    /// policy with the windows that count in this run.
    pub(super) own: Option<(Status, SitePolicy)>,
}

impl<'a> Run<'a> {
    /// Works two appliances, A or OLD first.
    pub fn over(topology: Topology, [mut a, mut b]: [Side<'a>; 2], around: Around<'a>, rules: RunRules) -> Self {
        a.memory.serves = topology.serves_while_installing(Part::A);
        b.memory.serves = topology.serves_while_installing(Part::B);
        b.memory.exports = topology != Topology::Migrate;
        let mut run = Run::new(vec![a, b], around, rules);
        run.topology = Some(topology);
        run
    }

    fn new(sides: Vec<Side<'a>>, around: Around<'a>, rules: RunRules) -> Self {
        let Around { operator, teller, time, resolver, first_press } = around;
        Run {
            sides,
            operator,
            teller,
            time,
            resolver,
            first_press,
            shared_ip: rules.shared_ip.clone(),
            rules,
            topology: None,
            id: Id::random(),
            done: Vec::new(),
            installed: [Vec::new(), Vec::new()],
            titles: [Vec::new(), Vec::new()],
            shared_host: None,
            passphrase: None,
            own: None,
        }
    }

    /// Finds out what became of an install that an earlier run left open.
    pub(in crate::engine) fn settle(&mut self, part: Part) -> Result<(), Failure> {
        let serial = self.goods(part).list().appliance().serial.clone();
        self.engine(part).settle(&serial).map_err(|failure| self.named(part, failure))
    }

    /// Reads who an appliance is; it must be the one its bundle is for, with a
    /// clock that can be relied on.
    pub(in crate::engine) fn check(&mut self, part: Part) -> Result<Status, Failure> {
        let list = self.goods(part).list().into_owned();
        self.engine(part).check(&list).map_err(|failure| self.named(part, failure))
    }

    /// Reads an appliance's status.
    pub(in crate::engine) fn status(&mut self, part: Part) -> Result<Status, Failure> {
        let name = self.name(part);
        self.side_mut(part).appliance.status().map_err(|error| Failure::from(error).about(name))
    }

    /// Makes a backup of an appliance and keeps it.
    pub(in crate::engine) fn backup(&mut self, part: Part) -> Result<(), Failure> {
        let outcome = self.engine(part).backup();
        outcome.map_err(|failure| self.named(part, failure))
    }

    /// Writes down that clients are led to `part` from now on: their time for
    /// its version begins.
    pub(in crate::engine) fn serves(&mut self, part: Part) -> Result<(), Failure> {
        // Just after a switch it may not answer. Our own clock is enough to begin a soak by.
        let clock = self.side_mut(part).appliance.status().ok().and_then(|status| status.clock);
        self.write(part, &Entry::Serves { run: self.id, clock })
    }

    /// What an appliance shows of a failover relationship; a person tells
    /// where the page can't be read.
    pub(in crate::engine) fn failover(&mut self, part: Part) -> Result<Failover, Failure> {
        self.failover_and_teller(part).map(|(shown, _)| shown)
    }

    /// As [`failover`](Self::failover), and who tells it.
    pub(in crate::engine) fn failover_and_teller(&mut self, part: Part) -> Result<(Failover, RoleBy), Failure> {
        let name = self.name(part);
        let shown = self.side_mut(part).appliance.failover();
        match shown.map_err(|error| Failure::from(error).about(&name))? {
            Did::Done(shown) => Ok((shown, RoleBy::Page)),
            Did::ByHand(guide) => Ok((self.told_failover(part, &guide)?, RoleBy::Operator)),
        }
    }

    pub(in crate::engine) fn told_failover(&mut self, part: Part, guide: &Guide) -> Result<Failover, Failure> {
        self.guide(part, guide)?;
        let name = self.name(part);
        let Some(role) = ask_role(self.operator, &name)? else { return Err(untold(&name)) };
        self.write(part, &Entry::RoleRead { role, by: RoleBy::Operator })?;
        Ok(Failover { role, shared_host: None, last_sync: None, syncing: false })
    }

    /// Has a driver's press done, or guides a person through it.
    pub(in crate::engine) fn pressed<Q: Question>(
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

    /// Lets a press pass whose answer was lost: whoever pressed looks next what is so.
    ///
    /// # Errors
    /// The driver's, where nothing can have been done.
    pub(in crate::engine) fn unless_lost(&self, part: Part, error: DriverError) -> Result<(), Failure> {
        let lost = error.may_be_done();
        let failure = Failure::from(error);
        if !lost {
            return Err(self.named(part, failure));
        }
        self.teller.warn(&format!("the answer was lost: {}; looking what is so", failure.message));
        Ok(())
    }

    /// Tells a guide, and writes into both journals that a person does it.
    pub(in crate::engine) fn guide(&mut self, part: Part, guide: &Guide) -> Result<(), Failure> {
        self.note(&Entry::GuidedBegun {
            key: None,
            title: format!("{} on {}", guide.title, self.name(part)),
            because: guide.because.clone(),
            staged: None,
        })?;
        self.teller.say(&format!("\non {}:", self.name(part)));
        self.engine(part).tell_guide(guide, None)
    }

    /// One of the appliances.
    pub(in crate::engine) fn side(&self, part: Part) -> &Side<'a> {
        &self.sides[part.index()]
    }

    /// One of the appliances, to be worked.
    pub(in crate::engine) fn side_mut(&mut self, part: Part) -> &mut Side<'a> {
        &mut self.sides[part.index()]
    }

    /// Every appliance's part.
    pub(in crate::engine) fn parts(&self) -> impl Iterator<Item = Part> + use<> {
        [Part::A, Part::B].into_iter().take(self.sides.len())
    }

    /// How the other reaches it.
    pub(in crate::engine) fn reached(&self, part: Part) -> &Reached {
        self.side(part).reached.as_ref().expect("each of two is reached by the other")
    }

    /// Its name in the inventory.
    pub(in crate::engine) fn name(&self, part: Part) -> String {
        self.side(part).rules.name.to_string()
    }

    /// What is to be installed on an appliance.
    pub(in crate::engine) fn goods(&self, part: Part) -> &PackageSource<'a> {
        self.side(part).goods.as_ref().expect(INSTALLED_ON)
    }

    /// What is installed on it, as it is agreed to.
    pub(in crate::engine) fn meant(&self, part: Part) -> Meant<'_> {
        match self.goods(part) {
            PackageSource::Carried(cargo) => Meant::Carried(cargo.consignment, &cargo.manifest_sha256),
            PackageSource::Offered(list) => Meant::Offered(&list.appliance().serial, &self.titles[part.index()]),
        }
    }

    /// The engine of one appliance, over the same operator, voice and clock.
    pub(in crate::engine) fn engine(&mut self, part: Part) -> Engine<'_> {
        let beside = self.sides.get(part.other().index());
        let is_protected = |beside: &Side<'_>| beside.ledger.past().is_protected(beside.rules.policy.backup_fresh_secs);
        let protected_beside = beside.is_some_and(is_protected);
        // Not by `side_mut`: the operator is lent out at the same time.
        let side = &mut self.sides[part.index()];
        let mut memory = side.memory.clone();
        memory.protected_beside |= protected_beside;
        // Whoever gets this engine says what there is to say of the clocks, and the next one need not.
        side.memory.clock_told = true;
        Engine {
            appliance: &mut *side.appliance,
            operator: &mut *self.operator,
            teller: self.teller,
            time: self.time,
            ledger: &mut *side.ledger,
            rules: side.rules,
            first_press: self.first_press,
            memory,
        }
    }

    /// Says which appliance a failure is about, where there are two.
    pub(in crate::engine) fn named(&self, part: Part, failure: Failure) -> Failure {
        if self.topology.is_none() { failure } else { failure.about(self.name(part)) }
    }

    /// Writes an entry into one journal.
    pub(in crate::engine) fn write(&mut self, part: Part, entry: &Entry) -> Result<(), Failure> {
        let now = self.time.now();
        let side = self.side_mut(part);
        append_after_heard(entry, side.appliance, side.rules, now, side.ledger)
    }

    /// Writes an entry into every journal.
    pub(in crate::engine) fn note(&mut self, entry: &Entry) -> Result<(), Failure> {
        self.parts().try_for_each(|part| self.write(part, entry))
    }

    /// Asks a grave question; anything but a yes ends the run.
    pub(in crate::engine) fn must_agree(&mut self, question: &dyn Question) -> Result<(), Failure> {
        if self.ask(question)? {
            return Ok(());
        }
        Err(EngineError::Declined { question: question.to_string() }.into())
    }

    /// Asks a grave question and writes the answer into every journal.
    pub(in crate::engine) fn ask(&mut self, question: &dyn Question) -> Result<bool, Failure> {
        let yes = self.operator.confirm(question)?;
        self.note(&Entry::Asked { question: question.to_string(), yes })?;
        Ok(yes)
    }
}

/// What the verbs see to before a run.
const INSTALLED_ON: &str = "packages are carried or offered for each appliance that is installed on";
