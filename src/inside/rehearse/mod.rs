//! The verb `rehearse`: push, played through on an appliance in memory.
//!
//! The bundle is the real one, opened and verified as push would; so are the
//! engine, its rules, the maintenance windows and the journal's past. Only the
//! appliance is simulated, from what the real one shows or showed, the clock is
//! virtual, and the operator says where a person would be asked. Nothing is
//! pressed, and nothing is kept: the stick, the home folder and the appliance
//! are as they were.

mod faults;
mod look;
mod run;
mod scene;
mod stage;

use super::appliance_session::{self, KeyArgs, parse_wait};
use super::journals;
use super::next;
use super::procedure::{PairArgs, Procedure};
use super::supply::{Named, Supply, is_medium};
use crate::cli::Context;
use crate::console::{TypedCommand, kind};
use crate::engine::plan_kind;
use crate::model::{Exit, Failure, duration_human, local_brief, local_time, text};
use crate::plan::{Plan, SitePolicy, Topology};
use crate::report;
use crate::simulator::{Face, Fault, VirtualClock};
use clap::Args;
use faults::OrderedFault;
use look::Seen;
use run::RehearsalResult;
use scene::Scene;
use stage::RehearsalOutput;
use std::path::PathBuf;
use std::rc::Rc;

/// What stands for the licence agreement, which only the appliance has.
const AGREEMENT: &str = "(the appliance shows its licence agreement here, for a person to read)";

/// Play an upgrade through on a simulated appliance, in seconds, before the window
///
/// Shows when each step would be done, what would be said, where a person is
/// needed and how long the real one will take; faults can be made to strike.
/// Nothing is pressed, sent, written or kept.
#[derive(Debug, Args)]
#[command(override_usage = "handcarry-inside rehearse [OPTIONS] [MEDIA|FILE] <NAME> [PARTNER]")]
#[command(after_long_help = Fault::table(Face::Rehearsal))]
pub struct RehearseArgs {
    /// Where the medium is mounted, or the bundle's file; left out, what 'take' brought into the store
    #[arg(value_name = "MEDIA|FILE")]
    media: Option<PathBuf>,
    /// The appliance's name in the inventory, for its windows, waits and past; without one a snapshot is begun from
    #[arg(value_name = "NAME")]
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
    /// As if no certificate were exported before the backup
    #[arg(long)]
    no_certificate_export: bool,
    #[command(flatten)]
    key: KeyArgs,
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

    /// Where the bundle is looked for, and the appliance, where one was named.
    fn named(&self, context: &Context) -> Result<(Supply<'_>, Option<Named<'_>>), Failure> {
        match (&self.media, &self.name, &self.snapshot) {
            (Some(media), None, Some(_)) if is_medium(media, context) => Ok((Supply::Medium(media), None)),
            _ => {
                let named = Named::of(self.media.as_deref(), self.name.as_deref(), &self.pair, context)?;
                Ok((named.from, Some(named)))
            }
        }
    }

    /// The push that is played through, as it would be typed.
    fn as_push(&self, typed: &TypedCommand) -> TypedCommand {
        let push =
            typed.for_verb("push").without(&[], &["--snapshot", "--partner-snapshot", "--clients-updated", "--fault"]);
        let with_reason = self.dangerous_restore_on_backup || self.no_certificate_export;
        if with_reason { push.and(["--reason", "TEXT"]) } else { push }
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
    let (from, named) = args.named(context)?;
    let both = named.map(|named| (named.name, named.partner));
    let procedure = both.map(|both| args.pair.procedure(both, "handcarry-inside push MEDIA", context)).transpose()?;
    let wanted = match &procedure {
        Some(Procedure::Pair(both) | Procedure::Migrate(both)) => Some(both),
        Some(Procedure::Single(_)) | None => None,
    };
    let topology = wanted.map(|both| both.topology);
    // Nothing is installed on an appliance that is migrated from.
    let carried = Some(from).filter(|_| topology != Some(Topology::Migrate));
    let name = wanted.map(|both| both.first.as_str()).or(named.map(|named| named.name));
    let mut seen = vec![Seen::look(name, args.snapshot.as_deref(), carried, topology, context)?];
    if let Some(both) = wanted {
        let saved = args.partner_snapshot.as_deref();
        seen.push(Seen::look(Some(&both.partner), saved, Some(from), topology, context)?);
    }
    for one in &mut seen {
        one.policy.certificates = !args.no_certificate_export;
    }
    let clock = VirtualClock::new(context.now());
    let plan = scene::first_plan(&seen, wanted, args.dangerous_restore_on_backup, &clock)?;
    context.console.event(plan_kind(&plan), report::plan_json(&plan));

    let scratch = scratch()?;
    let stage = Rc::new(RehearsalOutput::new(&context.console, Rc::clone(&clock), scratch.path(), context.home.root()));
    let mut scene = Scene::set(seen, (args, wanted), &plan, (&stage, &clock), (scratch.path(), context))?;
    let mut again = args.as_push(&context.typed());
    if named.is_none() {
        context.console.note("no NAME was given: the waits are the guide's, without windows and without a past");
        again = again.last("NAME");
    }
    let on = if wanted.is_some() { "two simulated appliances" } else { "a simulated appliance" };
    context.console.say(format!("\nrehearsal on {on}; all times are virtual, and nothing is kept"));
    let ahead_secs = scene.ahead_secs();
    let course = run::play(&stage, &again, &clock, ahead_secs, &mut || scene.call());
    conclude(&plan, &scene.unstruck(), &course, &stage, context)?;
    match (wanted, named) {
        // As two they may be known by what was typed alone, and one of two is not pushed by itself.
        (Some(both), _) if !is_under_way(&both.first, context) => {
            context.console.next(args.as_push(&context.typed()).for_verb("plan").to_string());
        }
        (Some(both), _) => next::after([both.first.as_str()], from.path(), context),
        (None, Some(named)) => next::after([named.name], from.path(), context),
        (None, None) => {}
    }
    Ok(())
}

/// Whether a run over two was begun with an appliance and is not over.
fn is_under_way(name: &str, context: &Context) -> bool {
    let past = appliance_session::entry(name, context).and_then(|entry| journals::past_of(&entry, context));
    past.is_ok_and(|past| past.open_pair().is_some())
}

/// Where a rehearsal keeps what is thrown away.
fn scratch() -> Result<tempfile::TempDir, Failure> {
    tempfile::Builder::new().prefix("handcarry-rehearsal-").tempdir().map_err(|error| {
        Failure::new(Exit::Failure, format!("no temporary folder for the rehearsal: {error}"))
            .hint("free some space there, or name another folder in TMPDIR")
    })
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
        &kind::REHEARSAL,
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
    course.calls.iter().for_each(|at| console.say(format!("  {}", local_brief(*at))));
    console.say(format!("a person is asked {}:", times(people.len())));
    for asked in &people {
        console.say(format!("  {}  {}: {}", local_brief(asked.at), text::one_line(&asked.step), asked.asks));
    }
    if !plan.steps.is_empty() {
        console.say(format!(
            "the real one takes {} to {}, and is done between {} and {}, if nobody pauses and nothing fails",
            duration_human(shortest),
            duration_human(longest),
            local_time(plan.earliest_end),
            local_time(plan.latest_end)
        ));
    }
    for name in unstruck {
        console.warn(format!("the fault {name} did not strike: no step came to where it can"));
    }
    let took = duration_human(ended.secs_since(course.begun));
    match &course.last {
        None => console.say(format!("rehearsed to a good end at {}, after {took}", local_time(ended))),
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
