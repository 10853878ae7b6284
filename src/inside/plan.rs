//! The verb `plan`: what push would do now, and why.

use super::appliance_session;
use super::high_water::HighWaterMarks;
use super::meet::{self, MetAppliance};
use super::migrate;
use super::open_bundle::{self, BundleCriteria};
use super::overrides::DangerousArgs;
use super::pair;
use super::pairing::{self, PairArgs, PairWanted, ShownRole};
use crate::cli::Context;
use crate::console::TypedCommand;
use crate::driver::{self, Appliance};
use crate::engine::{self, Noted, history, open_install, removed_first};
use crate::inventory::{ApplianceEntry, Identity};
use crate::model::{Failure, FileName, Manifest, ShowPath, text};
use crate::plan::{self, ClientRemoval, Facts, History, Terms, Topology};
use crate::report::{self, PressNotice};
use clap::Args;
use std::path::{Path, PathBuf};

/// Print the ordered plan: each step with its reason, its length, its earliest time
///
/// Reads the appliance and the journal; changes nothing on the appliance. What
/// it shows that is new goes into the journal, and so does a refusal that is set aside.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Where the medium is mounted, or the bundle's file
    #[arg(value_name = "MEDIA|FILE")]
    media: PathBuf,
    /// The appliance's name in the inventory
    #[arg(value_name = "NAME")]
    name: String,
    /// Plan it as push does with the same option: all client software was removed first, so nothing waits
    #[arg(long, requires = "reason")]
    clients_removed: bool,
    // Their headings would hold for what follows them.
    #[command(flatten)]
    pair: PairArgs,
    #[command(flatten)]
    dangerous: DangerousArgs,
    /// Migration: restore settings on the backup of a failover pair, which loses its relationship by it
    #[arg(long, requires = "reason", help_heading = "Dangerous, each asked for again and journalled")]
    dangerous_restore_on_backup: bool,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]: the driver's, the bundle's, the plan's.
pub fn run(args: &PlanArgs, context: &mut Context) -> Result<(), Failure> {
    let removed = args.dangerous.reason().filter(|_| args.clients_removed);
    if let Some(wanted) = args.pair.wanted(&args.name, context)? {
        return both(&args.media, &wanted, &args.dangerous, args.dangerous_restore_on_backup, removed, context);
    }
    one(&args.media, &args.name, &args.dangerous, removed, context)
}

/// Prints the plan for two appliances; changes nothing.
///
/// # Errors
/// A [`Failure`]: the drivers', the bundles', the plan's.
pub(super) fn both(
    media: &Path,
    pair: &PairWanted<'_>,
    dangerous: &DangerousArgs,
    over_backup: bool,
    removed: Option<&str>,
    context: &mut Context,
) -> Result<(), Failure> {
    match pair.topology {
        Topology::Migrate => migrate::plan(media, pair, dangerous, over_backup, removed, context),
        Topology::FailoverSync | Topology::FailoverAsync => pair::plan(media, pair, dangerous, removed, context),
    }
}

/// Prints the plan for one appliance; changes nothing.
///
/// # Errors
/// A [`Failure`]: the driver's, the bundle's, the plan's.
pub(super) fn one(
    media: &Path,
    name: &str,
    dangerous: &DangerousArgs,
    removed: Option<&str>,
    context: &mut Context,
) -> Result<(), Failure> {
    let entry = appliance_session::entry(name, context)?;
    open_bundle::check_clock(&dangerous.accepted(), context)?;
    let mut appliance = driver::connect(&entry, context)?;
    let MetAppliance { identity, status } = meet::look(&mut *appliance, &entry, context)?;
    let role = ShownRole::look(&mut *appliance, &entry, &identity, context)?;
    let marks = HighWaterMarks::read(&context.home, &identity)?;
    let entries = appliance_session::noted(&identity, context)?;
    let wanted = BundleCriteria::at(Some(status.appliance.clone()), &marks, &entries, dangerous);
    let bundle = open_bundle::open(media, &wanted, context)?;
    appliance_session::answer_for(dangerous, &bundle, "plan", &identity, context)?;
    let entries = appliance_session::begun_elsewhere(&bundle, &identity, &status, entries, context)?;
    let past = past(removed, &entries, bundle.manifest(), &entry)?;
    let facts = Facts { status: &status, now: context.now(), history: &past };
    let plan = plan::make(bundle.manifest(), &facts, &appliance_session::policy(&entry))?;
    context.console.event("plan", report::plan_json(&plan));
    context.console.say(report::plan_text(&plan));
    if let Some(offers) = status.offered.as_deref().filter(|offers| !offers.is_empty()) {
        context.console.say("the appliance's own page offers:");
        report::offers_text(offers).iter().for_each(|line| context.console.say(line));
    }
    if let Some(open) = open_install(&entries) {
        let name = text::one_line(&open.package.name);
        context.console.note(format!("push first finds out what became of {name}, begun on {}", open.since.human()));
    }
    tell_role(&role, &entry.name, context);
    if let Some(part) = role.in_pair().filter(|_| !plan.steps.is_empty()) {
        let pair = pairing::told_of(&entry, &entries, Some(media.quoted()), context)?;
        context.console.warn("a member of a standing failover pair is not upgraded alone: push refuses it");
        context.console.note(format!("next: {}", pair.command(entry.name.as_str(), part)));
        return Ok(());
    }
    match plan.steps.is_empty() {
        true => context.console.note(format!("next: handcarry-inside receipt {} {}", entry.name, media.quoted())),
        false => {
            let manifest = bundle.manifest();
            let terms = Terms::push(manifest, &bundle.manifest_sha256())
                .without_clients(past.removal(manifest.bundle).is_some());
            let press = PressNotice::of_plan(&plan, &[(&entry.name, identity.serial())], context.now(), terms.sha256());
            foretell(press, &mut *appliance, &identity, &entry, context)?;
        }
    }
    Ok(())
}

/// Says what the appliance is in a failover pair; that it is in none goes
/// without saying.
fn tell_role(role: &ShownRole, name: &FileName, context: &Context) {
    context.console.event("role", serde_json::json!({ "name": name, "failover": role.json() }));
    match role {
        ShownRole::NotRead(_) => {
            context.console.note(format!("its failover role is {}; push looks, and asks", role.told()))
        }
        ShownRole::Is(_) if role.in_pair().is_some() => context.console.say(format!("{name} is {}", role.told())),
        ShownRole::Is(_) => {}
    }
}

/// Tells what push asks about before it presses anything, and how that is
/// answered beforehand. `serving` is the appliance whose sessions end.
///
/// # Errors
/// The journal's, where an accepted agreement could not be written down.
pub(super) fn foretell(
    press: PressNotice,
    serving: &mut dyn Appliance,
    who: &Identity,
    entry: &ApplianceEntry,
    context: &Context,
) -> Result<(), Failure> {
    // Where it would only wait now, nobody is asked, and its site need not be either.
    let mut press = if press.presses { engine::look(press, serving) } else { press };
    appliance_session::note_heard(serving, who, context)?;
    press.has_windows |= entry.windows.is_some();
    tell_press(&press, &context.typed().for_verb("push"), context);
    Ok(())
}

/// Tells what `next` asks about before it presses anything, and how that is
/// answered beforehand.
pub(super) fn tell_press(press: &PressNotice, next: &TypedCommand, context: &Context) {
    let mut event = serde_json::to_value(press).expect("plain data");
    event["line"] = press.line().into();
    event["advice"] = press.advice().into();
    context.console.event("first-press", event);
    context.console.say("");
    press.lines().iter().for_each(|line| context.console.say(line));
    if let Some(advice) = press.advice() {
        context.console.warn(advice);
    }
    context.console.note(format!("next: {next}"));
    let agreed = next.and(["--agree".to_owned(), press.plan_sha256.to_string()]);
    context.console.note(format!("or, agreed to beforehand: {agreed}"));
}

/// What was done earlier, and what is said now of the clients: why all of them
/// were `removed` first, where that is said.
///
/// # Errors
/// As [`removed_first`].
pub(super) fn past(
    removed: Option<&str>,
    entries: &[Noted],
    manifest: &Manifest,
    entry: &ApplianceEntry,
) -> Result<History, Failure> {
    let mut past = history(entries);
    if let Some(reason) = removed
        && !removed_first(entries, manifest.bundle, entry.name.as_str())?
    {
        past.removals.push(ClientRemoval { bundle: manifest.bundle, reason: reason.to_owned() });
    }
    Ok(past)
}
