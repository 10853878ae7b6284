//! The verb `rehearse`: push, played through on an appliance in memory.
//!
//! The bundle is the real one, opened and verified as push would; so are the
//! engine, its rules, the maintenance windows and the journal's past. Only the
//! appliance is simulated, from what the real one shows or showed, the clock is
//! virtual, and the operator says where a person would be asked. Nothing is
//! pressed, and nothing is kept: the stick, the home folder and the appliance
//! are as they were.

mod faults;
mod run;
mod stage;
mod two;

use super::appliance_session;
use super::appliance_session::parse_wait;
use super::begin::cargo;
use super::high_water::HighWaterMarks;
use super::journals;
use super::open_bundle::{self, BundleCriteria};
use super::overrides::DangerousArgs;
use super::pairing::ShownRole;
use super::procedure::{PairArgs, Procedure};
use super::snapshot::{Hand, Snapshot};
use crate::cli::Context;
use crate::console::TypedCommand;
use crate::driver;
use crate::engine::{Engine, Entry, FirstPress, Folders, Memory, Past, Rules, RunJournal, begun_elsewhere, is_news};
use crate::inventory::{ApplianceEntry, Identity};
use crate::model::{Exit, Failure, FileName, Manifest, duration_human, text};
use crate::plan::{self, ClockRule, Facts, History, Op, PackageList, Plan, SitePolicy, Step};
use crate::report;
use crate::simulator::{Face, Fault, Simulated, VirtualClock};
use clap::Args;
use faults::OrderedFault;
use run::{PushResult, RehearsalResult};
use stage::{RehearsalOutput, Remembered, ScriptedOperator};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// What stands for the licence agreement, which only the appliance has.
const AGREEMENT: &str = "(the appliance shows its licence agreement here, for a person to read)";

/// Play an upgrade through on a simulated appliance, in seconds, before the window
///
/// Shows when each step would be done, what would be said, where a person is
/// needed and how long the real one will take; faults can be made to strike.
/// Nothing is pressed, sent, written or kept.
#[derive(Debug, Args)]
#[command(after_long_help = Fault::table(Face::Rehearsal))]
pub struct RehearseArgs {
    /// Where the medium is mounted, or the bundle's file
    #[arg(value_name = "MEDIA|FILE", required_unless_present = "list_faults")]
    media: Option<PathBuf>,
    /// The appliance's name in the inventory, for its windows, waits and past
    #[arg(value_name = "NAME", required_unless_present_any = ["list_faults", "snapshot"])]
    name: Option<String>,
    /// Begin from this file of status --save instead of the appliance itself
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,
    /// As if the site's API showed, this long after a site package, that every client has updated: the wait ends then
    #[arg(long, value_name = "TIME", value_parser = parse_wait)]
    clients_updated: Option<u64>,
    /// Begin from this file of status --save for PARTNER, instead of the appliance itself
    #[arg(long, value_name = "FILE", requires = "topology")]
    partner_snapshot: Option<PathBuf>,
    /// Migration: as if settings might be restored on the backup of a failover pair
    #[arg(long, requires = "topology")]
    dangerous_restore_on_backup: bool,
    /// Let this fault strike, once, at a step by its number or id, else at the first it can befall; of two appliances at
    /// A or B, OLD or NEW; repeatable
    #[arg(long, value_name = "FAULT[@STEP]", value_parser = faults::parse)]
    fault: Vec<OrderedFault>,
    /// List the faults
    #[arg(long)]
    list_faults: bool,
    // Its headings would hold for what follows it.
    #[command(flatten)]
    pair: PairArgs,
}

impl RehearseArgs {
    /// As many clients as the policy wants to see, and when the last has updated.
    fn clients(&self, policy: &SitePolicy) -> Option<(u32, i64)> {
        let secs = i64::try_from(self.clients_updated?).unwrap_or(i64::MAX);
        Some((u32::try_from(policy.min_clients.max(1)).unwrap_or(u32::MAX), secs))
    }

    /// The push that is played through, as it would be typed.
    fn as_push(&self, typed: &TypedCommand) -> TypedCommand {
        let push =
            typed.for_verb("push").without(&[], &["--snapshot", "--partner-snapshot", "--clients-updated", "--fault"]);
        if self.dangerous_restore_on_backup { push.and(["--reason", "TEXT"]) } else { push }
    }
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]: the bundle's, the plan's, or how push would end; a wait is none.
pub fn run(args: &RehearseArgs, context: &mut Context) -> Result<(), Failure> {
    if args.list_faults {
        faults::list(&context.console);
        return Ok(());
    }
    if let Some(name) = &args.name
        && let Procedure::Pair(both) | Procedure::Migrate(both) = args.pair.procedure(name, context)?
    {
        return two::run(args, &both, context);
    }
    let media = args.media.as_ref().expect("clap asks for it");
    let entry = args.name.as_ref().map(|name| appliance_session::entry(name, context)).transpose()?;
    open_bundle::check_clock(&[], context)?;
    let snapshot = snapshot(args.snapshot.as_deref(), entry.as_ref(), context)?;
    let who = Identity::of(&snapshot.status.appliance.serial);
    let (marks, past) = match &entry {
        Some(_) => (HighWaterMarks::read(&context.home, &who)?, journals::past(&who, context)?),
        None => (HighWaterMarks::blank(), Past::default()),
    };
    let shown = Some(snapshot.status.appliance.clone());
    let wanted = match &entry {
        Some(_) => BundleCriteria::at(shown, &marks, &past, &DangerousArgs::default()),
        None => BundleCriteria { appliance: shown, ..BundleCriteria::anything() },
    };
    let bundle = open_bundle::open(media, &wanted, context)?;
    open_bundle::tell(&bundle, context);
    open_bundle::verify_packages(&bundle, context)?;

    let past = with_sight(past, &snapshot, bundle.manifest());
    let policy = entry.as_ref().map(appliance_session::policy).unwrap_or_default();
    let clock = VirtualClock::new(context.now());
    let plan = first_plan(&bundle, &snapshot, past.history(), &policy, &clock)?;
    context.console.event("plan", report::plan_json(&plan));
    let mut appliance = simulated(&snapshot, &plan.steps, &clock);
    appliance.clients = args.clients(&policy);
    for ordered in &args.fault {
        ordered.order(&plan, &mut appliance)?;
    }

    let mut again = args.as_push(context.typed());
    if entry.is_none() {
        context.console.note("no NAME was given: the waits are the guide's, without windows and without a past");
        again = again.last("NAME");
    }
    let scratch = scratch()?;
    let rules = rules(&snapshot.name, policy, &who, scratch.path(), context);

    context.console.say("\nrehearsal on a simulated appliance; all times are virtual, and nothing is kept");
    let stage = Rc::new(RehearsalOutput::new(&context.console, Rc::clone(&clock), scratch.path(), context.home.root()));
    let (mut ledger, told) = (Remembered(past), Rc::clone(&appliance.told));
    let mut player = ScriptedOperator { stage: Rc::clone(&stage), told: vec![Rc::clone(&told)], serial: None };
    let cargo = cargo(&bundle, &[]);
    let ahead_secs = appliance.ahead_secs.filter(|_| rules.policy.clock == ClockRule::Appliance);
    let course = run::play(&stage, &again, &clock, ahead_secs, &mut || {
        let before = ledger.entries().len();
        let first_press = FirstPress::default();
        let mut engine = Engine {
            appliance: &mut appliance,
            operator: &mut player,
            teller: &*stage,
            time: &*clock,
            ledger: &mut ledger,
            rules: &rules,
            first_press: &first_press,
            memory: Memory::default(),
        };
        let outcome = engine.push(&cargo).map(drop);
        let (installed, written) = (told.done.borrow().clone(), ledger.entries()[before..].to_vec());
        PushResult { outcome, installed, written, sooner: appliance.clients_updated_in() }
    });
    let unstruck: Vec<_> = appliance.faults.names().into_iter().map(str::to_owned).collect();
    conclude(&plan, &unstruck, &course, &stage, context)
}

/// Where a rehearsal keeps what is thrown away.
fn scratch() -> Result<tempfile::TempDir, Failure> {
    tempfile::Builder::new().prefix("handcarry-rehearsal-").tempdir().map_err(|error| {
        Failure::new(Exit::Failure, format!("no temporary folder for the rehearsal: {error}"))
            .hint("free some space there, or name another folder in TMPDIR")
    })
}

/// The rules of a rehearsal, whose files lie below `scratch`.
fn rules(name: &FileName, policy: SitePolicy, who: &Identity, scratch: &Path, context: &Context) -> Rules {
    // It is only told, never written: a message names the journal that the real run would have.
    let folders = Folders { journal: journals::journal_path(who, context), ..journals::folders(scratch, who) };
    Rules { rehearsal: true, ..appliance_session::rules(name, policy, folders) }
}

/// What is simulated: as it was saved, or as it is now.
fn snapshot(saved: Option<&Path>, entry: Option<&ApplianceEntry>, context: &mut Context) -> Result<Snapshot, Failure> {
    if let Some(path) = saved {
        return Snapshot::read(path);
    }
    let entry = entry.expect("clap asks for a name where there is no snapshot");
    let mut appliance = driver::connect(entry, context)?;
    let status = appliance.status()?;
    let mut snapshot = Snapshot::of(entry, status, context.now());
    snapshot.look(&mut *appliance)?;
    let role = ShownRole::read(&mut *appliance, entry);
    if role.in_pair().is_some() {
        context.console.warn(format!(
            "{} is {}: push refuses it alone; to rehearse both: rehearse MEDIA A B --topology …, or --pair",
            entry.name,
            role.told()
        ));
    }
    Ok(snapshot)
}

/// What the journal would have once the appliance was looked at as it was saved.
fn with_sight(mut past: Past, snapshot: &Snapshot, manifest: &Manifest) -> Past {
    if is_news(past.entries(), &snapshot.status) {
        past.apply(snapshot.taken, Entry::seen(&snapshot.status, snapshot.taken));
    }
    if let Some(begun) = begun_elsewhere(&PackageList::carried(manifest), &snapshot.status, past.history()) {
        past.apply(snapshot.taken, begun);
    }
    past
}

fn first_plan(
    bundle: &crate::bundle::Bundle,
    snapshot: &Snapshot,
    history: &History,
    policy: &SitePolicy,
    clock: &VirtualClock,
) -> Result<Plan, Failure> {
    let now = clock.now();
    Ok(plan::make(bundle.manifest(), &Facts { status: &snapshot.status_at(now), now, history }, policy)?)
}

/// An appliance in memory that is like the real one, and whose installs take
/// as long as its plan lets one expect.
fn simulated(snapshot: &Snapshot, steps: &[Step], clock: &Rc<VirtualClock>) -> Simulated {
    let mut appliance = Simulated::new(snapshot.status.clone(), Rc::clone(clock));
    appliance.ahead_secs = snapshot.clock_ahead_secs();
    appliance.agreement = Some(AGREEMENT.to_owned());
    appliance.hands = snapshot.by_hand.iter().flatten().map(|hand: &Hand| hand.word()).collect();
    // Every byte was verified a moment ago.
    appliance.reads = false;
    for step in steps {
        if let Op::Install { package, .. } = &step.op {
            appliance.set_times_of(package.kind, run::pace(step.cost.max_secs));
        }
    }
    appliance
}

/// Tells how long the real one takes, where a person is needed, which faults
/// did not strike, and how the rehearsal ended; that is how the run ends, too.
fn conclude(
    plan: &Plan,
    unstruck: &[String],
    course: &RehearsalResult,
    stage: &RehearsalOutput<'_>,
    context: &Context,
) -> Result<(), Failure> {
    let console = &context.console;
    let (shortest, longest) = (plan.earliest_end.secs_since(plan.made), plan.latest_end.secs_since(plan.made));
    let people = stage.people();
    let ended = course.ended;
    console.event(
        "rehearsal",
        serde_json::json!({
            "good": course.good(), "exit": course.exit().code(), "code": course.exit().name(),
            "installed": course.installed, "begun": course.begun, "ended": ended, "calls": course.calls,
            "people": people, "stops": course.stops, "unstruck": unstruck,
            "shortest_secs": shortest, "longest_secs": longest,
            "earliest_end": plan.earliest_end, "latest_end": plan.latest_end,
        }),
    );
    console.say("");
    console.say(format!("push is called {}:", times(course.calls.len())));
    course.calls.iter().for_each(|at| console.say(format!("  {}", at.human())));
    console.say(format!("a person is asked {}:", times(people.len())));
    for asked in &people {
        console.say(format!("  {}  {}: {}", asked.at.human(), text::one_line(&asked.step), asked.asks));
    }
    if !plan.steps.is_empty() {
        console.say(format!(
            "the real one takes {} to {}, and is done between {} and {}, if nobody pauses and nothing fails",
            duration_human(shortest),
            duration_human(longest),
            plan.earliest_end.human(),
            plan.latest_end.human()
        ));
    }
    for name in unstruck {
        console.warn(format!("the fault {name} did not strike: no step came to where it can"));
    }
    let took = duration_human(ended.secs_since(course.begun));
    match &course.last {
        None => console.say(format!("rehearsed to a good end at {}, after {took}", ended.human())),
        Some(failure) => console.say(format!(
            "not rehearsed to a good end: after {took} push still ends with exit {} ({})",
            failure.exit.code(),
            failure.exit.name()
        )),
    }
    course.outcome()
}

fn times(count: usize) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        n => format!("{n} times"),
    }
}
