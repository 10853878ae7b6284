//! The verb `plan`: what push would do now, and why.

use super::appliance_session;
use super::foretell::{PlanRequest, foretell, history};
use super::high_water::HighWaterMarks;
use super::journals;
use super::meet::{self, MetAppliance};
use super::migrate;
use super::open_bundle::{self, BundleCriteria};
use super::overrides::DangerousArgs;
use super::pair;
use super::pairing::{self, ShownRole};
use super::procedure::{PairArgs, Procedure};
use super::tell_bundle;
use crate::cli::Context;
use crate::driver;
use crate::model::{Failure, FileName, ShowPath, text};
use crate::plan::{self, Facts, Terms};
use crate::report::{self, PressNotice};
use clap::Args;
use std::path::PathBuf;

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
    let request = PlanRequest {
        media: &args.media,
        dangerous: &args.dangerous,
        over_backup: args.dangerous_restore_on_backup,
        removed: args.dangerous.reason().filter(|_| args.clients_removed),
    };
    tell(&args.pair.procedure(&args.name, "handcarry-inside push MEDIA", context)?, &request, context)
}

/// Prints the plan of a procedure; changes nothing.
///
/// # Errors
/// As [`run`].
pub(super) fn tell(procedure: &Procedure<'_>, request: &PlanRequest<'_>, context: &mut Context) -> Result<(), Failure> {
    match procedure {
        Procedure::Single(name) => one(name, request, context),
        Procedure::Pair(both) => pair::plan(both, request, context),
        Procedure::Migrate(both) => migrate::plan(both, request, context),
    }
}

/// Prints the plan for one appliance.
fn one(name: &str, request: &PlanRequest<'_>, context: &mut Context) -> Result<(), Failure> {
    let PlanRequest { media, dangerous, removed, .. } = *request;
    let entry = appliance_session::entry(name, context)?;
    open_bundle::check_clock(&dangerous.accepted(), context)?;
    let mut appliance = driver::connect(&entry, context)?;
    let MetAppliance { identity, status } = meet::look(&mut *appliance, &entry, context)?;
    let role = ShownRole::look(&mut *appliance, &entry, &identity, context)?;
    let marks = HighWaterMarks::read(&context.home, &identity)?;
    let past = journals::past(&identity, context)?;
    let wanted = BundleCriteria::at(status.appliance.clone(), &marks, &past, dangerous);
    let bundle = open_bundle::open_for(media, &wanted, context)?;
    journals::answer_for(dangerous, &bundle, "plan", &identity, context)?;
    let past = journals::begun_elsewhere(&bundle, &identity, &status, past, context)?;
    let history = history(removed, &past, bundle.consignment(), &entry)?;
    let facts = Facts { status: &status, now: context.now(), history: &history };
    let plan = plan::make(bundle.consignment(), &facts, &appliance_session::policy(&entry))?;
    context.console.event("plan", report::plan_json(&plan));
    context.console.say(report::plan_text(&plan));
    tell_bundle::sources(&bundle, context);
    if let Some(offers) = status.offered.as_deref().filter(|offers| !offers.is_empty()) {
        context.console.say("the appliance's own page offers:");
        report::offers_text(offers).iter().for_each(|line| context.console.say(line));
    }
    if let Some(open) = past.open_install() {
        let name = text::one_line(&open.package.name);
        context.console.note(format!("push first finds out what became of {name}, begun on {}", open.since.human()));
    }
    tell_role(&role, &entry.name, context);
    if let Some(part) = role.in_pair().filter(|_| !plan.steps.is_empty()) {
        let pair = pairing::told_of(&entry, &past, Some(media.quoted()), context)?;
        context.console.warn("a member of a standing failover pair is not upgraded alone: push refuses it");
        context.console.note(format!("next: {}", pair.command(entry.name.as_str(), part)));
        return Ok(());
    }
    match plan.steps.is_empty() {
        true => context.console.note(format!("next: handcarry-inside receipt {} {}", entry.name, media.quoted())),
        false => {
            let consignment = bundle.consignment();
            let terms = Terms::push(consignment, &bundle.manifest_sha256())
                .without_clients(history.removal(consignment.bundle).is_some());
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
