//! What stands on the stage: one appliance or two, simulated, with the past of
//! their journals, and what is between two. Push is called here.
//!
//! What is between two are roles and data syncs, or a certificate, settings and
//! a reset. A fault that lasts is put right after it has stopped a call, as
//! a person would have to.

use super::super::appliance_session;
use super::super::journals;
use super::super::procedure::{Both, MigrateArgs, address_of};
use super::super::snapshot::Hand;
use super::faults::order;
use super::look::Seen;
use super::run::{self, PushResult};
use super::stage::{RehearsalOutput, Remembered, ScriptedOperator};
use super::{AGREEMENT, RehearseArgs};
use crate::cli::Context;
use crate::engine::{
    Around, Engine, FirstPress, Folders, Memory, PackageSource, Resolver, Rules, Run, RunJournal, RunRules, Side,
};
use crate::model::{FailoverRole, Failure, Kind};
use crate::plan::{
    self, ClockRule, Facts, MigrateFacts, OldFacts, Op, PackageList, PairFacts, Part, PartFacts, Plan, Topology,
};
use crate::simulator::{Simulated, SimulatedPair, SimulatedSite, VirtualClock};
use std::path::Path;
use std::rc::Rc;

/// Seconds that a simulated data sync takes: the guide says seconds to hours.
const SYNC_SECS: i64 = 1800;

/// An appliance on the stage.
struct Player {
    seen: Seen,
    appliance: Simulated,
    rules: Rules,
    ledger: Remembered,
}

/// Everything that stands on the stage.
pub(super) struct Scene<'w, 'c> {
    wanted: Option<&'w Both<'w>>,
    stage: Rc<RehearsalOutput<'c>>,
    operator: ScriptedOperator<'c>,
    clock: Rc<VirtualClock>,
    move_rules: RunRules,
    players: Vec<Player>,
    between: Rc<SimulatedPair>,
    /// Whether the last call ended otherwise than well or with a wait.
    stopped: bool,
}

/// The plan that is rehearsed, for what was `seen`.
pub(super) fn first_plan(
    seen: &[Seen],
    wanted: Option<&Both<'_>>,
    over_backup: bool,
    clock: &VirtualClock,
) -> Result<Plan, Failure> {
    let now = clock.now();
    let statuses: Vec<_> = seen.iter().map(|seen| seen.snapshot.status_at(now)).collect();
    let (Some(wanted), [a, b]) = (wanted, seen) else {
        let facts = Facts { status: &statuses[0], now, history: seen[0].past.history() };
        return Ok(plan::make(seen[0].consignment(), &facts, &seen[0].policy)?);
    };
    let reached =
        |seen: &Seen, part| seen.entry.as_ref().map(|entry| wanted.reached(entry, part).host).unwrap_or_default();
    let hosts = [reached(a, Part::A), reached(b, Part::B)];
    let facts = |at: usize, list| PartFacts {
        name: seen[at].name(),
        reached_by: &hosts[at],
        status: &statuses[at],
        failover: seen[at].failover.as_ref(),
        list,
        history: seen[at].past.history(),
        policy: &seen[at].policy,
    };
    let list = |seen: &Seen| PackageList::carried(seen.consignment());
    if wanted.topology == Topology::Migrate {
        let (status, failover) = (Some(&statuses[0]), a.failover.as_ref());
        let old = OldFacts { name: a.name(), reached_by: &hosts[0], status, failover };
        let MigrateArgs { keep_old, site_host } = wanted.migrate();
        return Ok(plan::migrate(&MigrateFacts {
            old,
            new: facts(1, &list(b)),
            now,
            done: &[],
            over_backup,
            keep_old: *keep_old,
            site_host: site_host.as_deref(),
        })?);
    }
    let shared_ip = wanted.shared_ip;
    let lists = [list(a), list(b)];
    let facts =
        PairFacts { a: facts(0, &lists[0]), b: facts(1, &lists[1]), now, done: &[], breaking: false, shared_ip };
    Ok(plan::pair(wanted.order(), &facts)?)
}

impl<'w, 'c> Scene<'w, 'c> {
    /// Sets the stage for `plan`, with what is to go wrong; what is thrown away
    /// lies in `scratch`.
    ///
    /// # Errors
    /// A [`Failure`] where a fault can't befall what is rehearsed.
    pub(super) fn set(
        seen: Vec<Seen>,
        (args, wanted): (&RehearseArgs, Option<&'w Both<'w>>),
        plan: &Plan,
        (stage, clock): (&Rc<RehearsalOutput<'c>>, &Rc<VirtualClock>),
        (scratch, context): (&Path, &Context),
    ) -> Result<Self, Failure> {
        let mut appliances: Vec<Simulated> = [Part::A, Part::B]
            .into_iter()
            .zip(&seen)
            .map(|(part, seen)| simulated(seen, part, plan, args, clock))
            .collect();
        let between = between(&seen, &mut appliances, wanted, clock);
        order(&args.fault, wanted.map(|both| both.topology), plan, &mut appliances, &between)?;
        let told = appliances.iter().map(|appliance| Rc::clone(&appliance.told)).collect();
        let first = &seen[0];
        let serial = first.snapshot.status.appliance.serial.clone();
        let move_rules = wanted.map_or_else(RunRules::default, |both| RunRules {
            order: both.order(),
            shared_ip: both.shared_ip(),
            over_backup: args.dangerous_restore_on_backup.then(|| "rehearsal".to_owned()),
            keep_old: both.migrate().keep_old,
            site_host: both.migrate().site_host.clone(),
            ..RunRules::default()
        });
        let player = |(seen, appliance): (Seen, Simulated)| {
            let who = seen.identity();
            // It is only told, never written: a message names the journal that the real run would have.
            let journal = journals::journal_path(&who, context);
            let folders = Folders { journal, ..journals::folders(scratch, &who) };
            let mut rules = appliance_session::rules(seen.name(), seen.policy.clone(), folders);
            // Where no file has it, a person is shown to be needed for it.
            rules.key_passphrase = match &seen.entry {
                Some(entry) => args.key.passphrase(entry, context)?,
                None => None,
            };
            Ok(Player { ledger: Remembered(seen.past.clone()), seen, appliance, rules })
        };
        Ok(Scene {
            wanted,
            stage: Rc::clone(stage),
            operator: ScriptedOperator { stage: Rc::clone(stage), told, serial },
            clock: Rc::clone(clock),
            move_rules,
            players: seen.into_iter().zip(appliances).map(player).collect::<Result<_, Failure>>()?,
            between,
            stopped: false,
        })
    }

    /// By how many seconds the clock that counts is ahead of the virtual one:
    /// that of the appliance which is installed on last.
    pub(super) fn ahead_secs(&self) -> i64 {
        let last = self.players.last().filter(|player| player.rules.policy.clock == ClockRule::Appliance);
        last.and_then(|player| player.appliance.ahead_secs).unwrap_or(0)
    }

    /// One call of push, as a process of its own would be.
    pub(super) fn call(&mut self) -> PushResult {
        if std::mem::take(&mut self.stopped) {
            self.between.mend();
            self.players.iter().for_each(|player| player.appliance.site.mend());
        }
        let before: Vec<usize> = self.players.iter().map(|player| player.ledger.entries().len()).collect();
        let outcome = self.push();
        // A wait is no stop: what lasts has to last until it has ended a call.
        self.stopped = outcome.as_ref().is_err_and(|failure| failure.kind != Kind::Waiting);
        let written =
            self.players.iter().zip(before).flat_map(|(player, from)| player.ledger.entries()[from..].to_vec());
        let appliances = || self.players.iter().map(|player| &player.appliance);
        PushResult {
            outcome,
            installed: appliances().flat_map(|appliance| appliance.told.done.borrow().clone()).collect(),
            written: written.collect(),
            sooner: appliances().filter_map(Simulated::clients_updated_in).max(),
        }
    }

    fn push(&mut self) -> Result<(), Failure> {
        // What comes stands in the plan, above.
        let first_press = FirstPress::told_before();
        let (operator, teller, time) = (&mut self.operator, &*self.stage, &*self.clock);
        let wanted = self.wanted;
        let mut sides = self.players.iter_mut().zip([Part::A, Part::B]).map(|(player, part)| player.side(part, wanted));
        let first = sides.next().expect("an appliance is rehearsed");
        let (Some(wanted), Some(second)) = (wanted, sides.next()) else {
            let Side { appliance, ledger, rules, goods, memory, .. } = first;
            let mut engine =
                Engine { appliance, operator, teller, time, ledger, rules, first_press: &first_press, memory };
            let Some(PackageSource::Carried(cargo)) = goods else { unreachable!("a bundle was opened for it") };
            return engine.push(&cargo).map(drop);
        };
        let around = Around { operator, teller, time, resolver: &Nowhere, first_press: &first_press };
        let run = Run::over(wanted.topology, [first, second], around, self.move_rules.clone());
        match wanted.topology {
            Topology::Migrate => run.migrate().map(drop),
            Topology::FailoverSync | Topology::FailoverAsync => run.upgrade_pair().map(drop),
        }
    }

    /// The faults that did not strike.
    pub(super) fn unstruck(&self) -> Vec<String> {
        let of_one = |player: &Player| {
            let own = player.appliance.faults.names().into_iter().map(str::to_owned).collect::<Vec<_>>();
            own.into_iter().chain(player.appliance.site.planned())
        };
        self.players.iter().flat_map(of_one).chain(self.between.planned()).collect()
    }
}

impl Player {
    fn side(&mut self, part: Part, wanted: Option<&Both<'_>>) -> Side<'_> {
        let beside = wanted.zip(self.seen.entry.as_ref());
        let reached = beside.map(|(both, entry)| both.reached(entry, part));
        Side {
            appliance: &mut self.appliance,
            ledger: &mut self.ledger,
            rules: &self.rules,
            address: beside.and_then(|(both, entry)| both.address(entry, part)),
            here: reached.as_ref().map(|reached| address_of(reached).unwrap_or_else(|| reached.host.clone())),
            reached,
            goods: self.seen.bundle.as_ref().map(|bundle| PackageSource::Carried(bundle.cargo())),
            memory: Memory::default(),
        }
    }
}

/// An appliance in memory that is like the real one, and whose installs take
/// as long as its plan lets one expect.
fn simulated(seen: &Seen, part: Part, plan: &Plan, args: &RehearseArgs, clock: &Rc<VirtualClock>) -> Simulated {
    let snapshot = &seen.snapshot;
    let mut appliance = Simulated::new(snapshot.status.clone(), Rc::clone(clock));
    appliance.ahead_secs = snapshot.clock_ahead_secs();
    appliance.agreement = Some(AGREEMENT.to_owned());
    appliance.hands = snapshot.by_hand.iter().flatten().map(|hand: &Hand| hand.word()).collect();
    appliance.clients = args.clients(&seen.policy);
    // Every byte was verified a moment ago.
    appliance.reads = false;
    let own = plan.upgrades().find(|(on, _)| *on == part).map(|(_, own)| own);
    for step in &own.unwrap_or(plan).steps {
        if let Op::Install { package, .. } = &step.op {
            appliance.set_times_of(package.kind, run::pace(step.cost.max_secs));
        }
    }
    appliance
}

/// What is between two: a relationship, or a certificate to be moved.
fn between(
    seen: &[Seen],
    appliances: &mut [Simulated],
    wanted: Option<&Both<'_>>,
    clock: &Rc<VirtualClock>,
) -> Rc<SimulatedPair> {
    let between = SimulatedPair::new(Rc::clone(clock), SYNC_SECS);
    let (Some(wanted), [a, b]) = (wanted, seen) else { return between };
    let roles = [a, b].map(|seen| seen.failover.as_ref().map(|failover| failover.role));
    if wanted.topology == Topology::Migrate {
        for (one, appliance) in seen.iter().zip(appliances.iter_mut()) {
            let shown = &one.snapshot.status.appliance;
            let reached = one.entry.as_ref().map(|entry| wanted.reached(entry, Part::B));
            let address = reached.map(|reached| address_of(&reached).unwrap_or(reached.host)).unwrap_or_default();
            let certificate = format!("of {}", shown.serial);
            appliance.site = SimulatedSite::new(Rc::clone(clock), &shown.host, &certificate, &address);
        }
        between.set_roles(roles.map(|role| role.unwrap_or(FailoverRole::None)));
    } else if let [Some(a), Some(b)] = roles {
        between.set_roles([a, b]);
    }
    for (at, appliance) in appliances.iter_mut().enumerate() {
        appliance.pair = Some((Rc::clone(&between), at));
    }
    between
}

/// Names lead nowhere in a rehearsal: a person says where.
struct Nowhere;

impl Resolver for Nowhere {
    fn addresses(&self, _host: &str) -> Vec<String> {
        Vec::new()
    }
}
