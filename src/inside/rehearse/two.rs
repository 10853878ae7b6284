//! A run over two appliances, played through: a failover pair or a migration.
//!
//! The bundles are the real ones, and so are both engines and the journals'
//! past. What is between the two is simulated: roles and data syncs, or the
//! certificate, the settings and the reset. A fault that lasts is put right
//! after it has stopped a call, as a person would have to.

use super::super::appliance_session;
use super::super::begin::cargo;
use super::super::high_water::HighWaterMarks;
use super::super::journals;
use super::super::open_bundle::{self, BundleCriteria};
use super::super::overrides::DangerousArgs;
use super::super::procedure::{Both, address_of};
use super::super::snapshot::Snapshot;
use super::faults::OrderedFault;
use super::run::{self, PushResult};
use super::stage::{RehearsalOutput, Remembered, ScriptedOperator};
use super::{RehearseArgs, conclude, scratch, simulated, with_sight};
use crate::bundle::Bundle;
use crate::cli::Context;
use crate::driver::{self, Did};
use crate::engine::{
    Around, FirstPress, Memory, PackageSource, Past, Resolver, Rules, Run, RunJournal, RunRules, Side,
};
use crate::inventory::{ApplianceEntry, Identity};
use crate::model::{Exit, Failover, FailoverRole, Failure, Kind, Status};
use crate::plan::{
    self, ClockRule, MigrateFacts, OldFacts, Op, PairFacts, Part, PartFacts, Plan, SitePolicy, Topology,
};
use crate::report;
use crate::simulator::{Befalls, Fault, Simulated, SimulatedPair, SimulatedSite, VirtualClock};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Seconds that a simulated data sync takes: the guide says seconds to hours.
const SYNC_SECS: i64 = 1800;

/// One of the two, as it was looked at.
struct Seen {
    entry: ApplianceEntry,
    snapshot: Snapshot,
    failover: Option<Failover>,
    past: Past,
    policy: SitePolicy,
    /// What is carried for it; `None` for an appliance that is migrated from.
    bundle: Option<Bundle>,
}

/// Rehearses it.
///
/// # Errors
/// As for one appliance: how push would end.
pub(super) fn run(args: &RehearseArgs, wanted: &Both<'_>, context: &mut Context) -> Result<(), Failure> {
    let Some(media) = &args.media else { unreachable!("clap asks for it") };
    let migrates = wanted.topology == Topology::Migrate;
    let carried = |part| (part == Part::B || !migrates).then_some(media.as_path());
    let a = look(&wanted.first, args.snapshot.as_deref(), carried(Part::A), wanted, context)?;
    let b = look(&wanted.partner, args.partner_snapshot.as_deref(), carried(Part::B), wanted, context)?;
    let clock = VirtualClock::new(context.now());
    let plan = first_plan(&a, &b, wanted, args.dangerous_restore_on_backup, &clock)?;
    context.console.event("pair-plan", report::plan_json(&plan));

    let mut both = [machine(&a, Part::A, &plan, &clock), machine(&b, Part::B, &plan, &clock)];
    for (seen, appliance) in [&a, &b].into_iter().zip(&mut both) {
        appliance.clients = args.clients(&seen.policy);
    }
    let between = between([&a, &b], migrates, &mut both, wanted, &clock);
    order(&args.fault, wanted.topology, &plan, &both, &between).map(|on_one| {
        for (part, fault) in on_one {
            both[part.index()].faults.push(fault);
        }
    })?;

    let again = args.as_push(context.typed());
    let scratch = scratch()?;
    let rules = [&a, &b].map(|seen| {
        let who = Identity::of(&seen.snapshot.status.appliance.serial);
        super::rules(&seen.entry.name, seen.policy.clone(), &who, scratch.path(), context)
    });
    context.console.say("\nrehearsal on two simulated appliances; all times are virtual, and nothing is kept");
    let stage = Rc::new(RehearsalOutput::new(&context.console, Rc::clone(&clock), scratch.path(), context.home.root()));
    let told = both.iter().map(|appliance| Rc::clone(&appliance.told)).collect();
    let serial = a.snapshot.status.appliance.serial.clone();
    let ahead_secs = both[1].ahead_secs.filter(|_| b.policy.clock == ClockRule::Appliance);
    let ledgers = [&a, &b].map(|seen| Remembered(seen.past.clone()));
    let mut scene = Scene {
        wanted,
        player: ScriptedOperator { stage: Rc::clone(&stage), told, serial: Some(serial) },
        certificates: scratch
            .path()
            .join("certificates")
            .join(Identity::of(&a.snapshot.status.appliance.serial).key().as_str()),
        over_backup: args.dangerous_restore_on_backup,
        stopped: false,
        seen: [a, b],
        between,
        both,
        rules,
        ledgers,
    };
    let course = run::play(&stage, &again, &clock, ahead_secs, &mut || scene.call(&stage, &clock));
    conclude(&plan, &scene.unstruck(), &course, &stage, context)
}

/// Looks at one of the two: as it was saved, or as it is now; and opens the
/// bundle for it on `media`.
fn look(
    name: &str,
    saved: Option<&Path>,
    media: Option<&Path>,
    wanted: &Both<'_>,
    context: &mut Context,
) -> Result<Seen, Failure> {
    let entry = appliance_session::entry(name, context)?;
    open_bundle::check_clock(&[], context)?;
    let (snapshot, failover) = match saved {
        // A snapshot is of one appliance, and tells nothing of a pair.
        Some(path) => (Snapshot::read(path)?, None),
        None => {
            let mut appliance = driver::connect(&entry, context)?;
            let about = |error| Failure::from(error).about(&entry.name);
            let mut snapshot = Snapshot::of(&entry, appliance.status().map_err(about)?, context.now());
            let failover = match appliance.failover().map_err(about)? {
                Did::Done(shown) => Some(shown),
                Did::ByHand(_) => None,
            };
            snapshot.look(&mut *appliance)?;
            (snapshot, failover)
        }
    };
    if failover.is_none() {
        let taken = if wanted.topology == Topology::Migrate { "none" } else { "the one that the order needs" };
        context.console.note(format!("{name}: its failover role is not known here, and is taken for {taken}"));
    }
    let who = Identity::of(&snapshot.status.appliance.serial);
    let past = journals::past(&who, context)?;
    let bundle = match media {
        None => None,
        Some(media) => {
            let marks = HighWaterMarks::read(&context.home, &who)?;
            let shown = Some(snapshot.status.appliance.clone());
            let expected = BundleCriteria::at(shown, &marks, &past, &DangerousArgs::default());
            let bundle = open_bundle::open(media, &expected, context).map_err(|failure| failure.about(name))?;
            open_bundle::tell(&bundle, context);
            open_bundle::verify_packages(&bundle, context)?;
            Some(bundle)
        }
    };
    let past = match &bundle {
        Some(bundle) => with_sight(past, &snapshot, bundle.manifest()),
        None => past,
    };
    let policy = appliance_session::policy(&entry);
    Ok(Seen { entry, snapshot, failover, past, policy, bundle })
}

fn first_plan(a: &Seen, b: &Seen, wanted: &Both<'_>, over_backup: bool, clock: &VirtualClock) -> Result<Plan, Failure> {
    let now = clock.now();
    let (status_a, status_b) = (a.snapshot.status_at(now), b.snapshot.status_at(now));
    let (reached_a, reached_b) = (wanted.reached(&a.entry, Part::A), wanted.reached(&b.entry, Part::B));
    if wanted.topology == Topology::Migrate {
        return Ok(plan::migrate(&MigrateFacts {
            old: OldFacts {
                name: &a.entry.name,
                reached_by: &reached_a.host,
                status: Some(&status_a),
                failover: a.failover.as_ref(),
            },
            new: part_facts(b, &status_b, &reached_b.host),
            now,
            done: &[],
            over_backup,
            keep_old: wanted.migrate().keep_old,
        })?);
    }
    let facts = PairFacts {
        a: part_facts(a, &status_a, &reached_a.host),
        b: part_facts(b, &status_b, &reached_b.host),
        now,
        done: &[],
        breaking: false,
        shared_ip: wanted.shared_ip,
    };
    Ok(plan::pair(wanted.order(), &facts)?)
}

fn part_facts<'f>(seen: &'f Seen, status: &'f Status, reached_by: &'f str) -> PartFacts<'f> {
    PartFacts {
        name: &seen.entry.name,
        reached_by,
        status,
        failover: seen.failover.as_ref(),
        manifest: seen.bundle.as_ref().expect("it was opened for whoever is installed on").manifest(),
        history: seen.past.history(),
        policy: &seen.policy,
    }
}

fn machine(seen: &Seen, part: Part, plan: &Plan, clock: &Rc<VirtualClock>) -> Simulated {
    let own = plan.upgrades().find(|(on, _)| *on == part);
    simulated(&seen.snapshot, own.map_or(&[], |(_, plan)| &plan.steps), clock)
}

/// What is between the two: a relationship, or a certificate to be moved.
fn between(
    seen: [&Seen; 2],
    migrates: bool,
    both: &mut [Simulated; 2],
    wanted: &Both<'_>,
    clock: &Rc<VirtualClock>,
) -> Rc<SimulatedPair> {
    let between = SimulatedPair::new(Rc::clone(clock), SYNC_SECS);
    let role = |seen: &Seen| seen.failover.as_ref().map(|failover| failover.role);
    let roles = [role(seen[0]), role(seen[1])];
    if migrates {
        for (one, appliance) in seen.into_iter().zip(both.iter_mut()) {
            let shown = &one.snapshot.status.appliance;
            let reached = wanted.reached(&one.entry, Part::B);
            let address = address_of(&reached).unwrap_or(reached.host);
            appliance.site =
                SimulatedSite::new(Rc::clone(clock), &shown.host, &format!("of {}", shown.serial), &address);
        }
        between.set_roles(roles.map(|role| role.unwrap_or(FailoverRole::None)));
    } else if let [Some(a), Some(b)] = roles {
        between.set_roles([a, b]);
    }
    for (at, appliance) in both.iter_mut().enumerate() {
        appliance.pair = Some((Rc::clone(&between), at));
    }
    between
}

/// Tells what is between the two what is to go wrong; what is to go wrong on
/// one of them comes back.
fn order(
    faults: &[OrderedFault],
    topology: Topology,
    plan: &Plan,
    both: &[Simulated; 2],
    between: &SimulatedPair,
) -> Result<Vec<(Part, Fault)>, Failure> {
    let (mut on_one, mut of_pair) = (Vec::new(), Vec::new());
    let installs = plan.steps.iter().find(|step| matches!(step.op, Op::Upgrade { .. }));
    for ordered in faults {
        let side = ordered.side(topology)?;
        let fault = ordered.fault;
        match fault.befalls() {
            // Where nobody says on which, on the one that installs first.
            Befalls::Backup | Befalls::Install => {
                on_one.push((side.or(installs.map(|step| step.on)).unwrap_or(Part::B), fault));
            }
            Befalls::Pair if topology != Topology::Migrate => of_pair.push(fault),
            Befalls::Migration if topology == Topology::Migrate => {
                let part = side.unwrap_or(if fault.befalls_old() { Part::A } else { Part::B });
                both[part.index()].site.faults.borrow_mut().push(fault);
            }
            _ => {
                let what = format!("the fault {fault} can't befall {topology}");
                return Err(Failure::new(Exit::Usage, what)
                    .hint("handcarry-inside rehearse --list-faults tells what each can befall"));
            }
        }
    }
    between.set_faults(&of_pair);
    Ok(on_one)
}

/// Everything that stands on the stage.
struct Scene<'w, 'c> {
    wanted: &'w Both<'w>,
    player: ScriptedOperator<'c>,
    certificates: PathBuf,
    over_backup: bool,
    /// Whether the last call ended otherwise than well or with a wait.
    stopped: bool,
    seen: [Seen; 2],
    between: Rc<SimulatedPair>,
    both: [Simulated; 2],
    rules: [Rules; 2],
    ledgers: [Remembered; 2],
}

impl Scene<'_, '_> {
    /// One call of push, as a process of its own would be.
    fn call(&mut self, stage: &RehearsalOutput<'_>, clock: &VirtualClock) -> PushResult {
        if std::mem::take(&mut self.stopped) {
            self.mend();
        }
        let before = [self.ledgers[0].entries().len(), self.ledgers[1].entries().len()];
        let outcome = self.push(stage, clock);
        // A wait is no stop: what lasts has to last until it has ended a call.
        self.stopped = outcome.as_ref().is_err_and(|failure| failure.kind != Kind::Waiting);
        let written = self.ledgers.iter().zip(before).flat_map(|(ledger, from)| ledger.entries()[from..].to_vec());
        let installed = self.both.iter().flat_map(|appliance| appliance.told.done.borrow().clone());
        let sooner = self.both.iter().filter_map(Simulated::clients_updated_in).max();
        PushResult { outcome, installed: installed.collect(), written: written.collect(), sooner }
    }

    fn push(&mut self, stage: &RehearsalOutput<'_>, clock: &VirtualClock) -> Result<(), Failure> {
        let [seen_a, seen_b] = &self.seen;
        let [appliance_a, appliance_b] = &mut self.both;
        let [ledger_a, ledger_b] = &mut self.ledgers;
        let [rules_a, rules_b] = &self.rules;
        let wanted = self.wanted;
        fn side<'m>(
            seen: &'m Seen,
            appliance: &'m mut Simulated,
            ledger: &'m mut Remembered,
            rules: &'m Rules,
            reached: driver::Reached,
            address: Option<String>,
        ) -> Side<'m> {
            let here = address_of(&reached).or_else(|| Some(reached.host.clone()));
            let goods = seen.bundle.as_ref().map(|bundle| PackageSource::Carried(cargo(bundle, &[])));
            Side { appliance, ledger, rules, address, here, reached: Some(reached), goods, memory: Memory::default() }
        }
        let first_press = FirstPress::default();
        let both = [(seen_a, Part::A), (seen_b, Part::B)];
        let [reached_a, reached_b] = both.map(|(seen, part)| wanted.reached(&seen.entry, part));
        let [address_a, address_b] = both.map(|(seen, part)| wanted.address(&seen.entry, part));
        let sides = [
            side(seen_a, appliance_a, ledger_a, rules_a, reached_a, address_a),
            side(seen_b, appliance_b, ledger_b, rules_b, reached_b, address_b),
        ];
        let around = Around {
            operator: &mut self.player,
            teller: stage,
            time: clock,
            resolver: &Nowhere,
            first_press: &first_press,
        };
        let migrate = wanted.migrate();
        let rules = RunRules {
            order: wanted.order(),
            shared_ip: wanted.shared_ip(),
            over_backup: self.over_backup.then(|| "rehearsal".to_owned()),
            keep_old: migrate.keep_old,
            site_host: migrate.site_host.clone(),
            certificates: self.certificates.clone(),
            ..RunRules::default()
        };
        let run = Run::over(wanted.topology, sides, around, rules);
        match wanted.topology {
            Topology::Migrate => run.migrate().map(drop),
            Topology::FailoverSync | Topology::FailoverAsync => run.upgrade_pair().map(drop),
        }
    }

    /// Puts right what lasts.
    fn mend(&self) {
        self.between.mend();
        self.both.iter().for_each(|appliance| appliance.site.mend());
    }

    /// What did not strike.
    fn unstruck(&self) -> Vec<String> {
        let own = self.both.iter().flat_map(|appliance| appliance.faults.names());
        let moving = self.both.iter().flat_map(|appliance| appliance.site.planned());
        own.map(str::to_owned).chain(moving).chain(self.between.planned()).collect()
    }
}

/// Names lead nowhere in a rehearsal: a person says where.
struct Nowhere;

impl Resolver for Nowhere {
    fn addresses(&self, _host: &str) -> Vec<String> {
        Vec::new()
    }
}
