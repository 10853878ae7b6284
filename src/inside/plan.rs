//! The verb `plan`: what push would do now, and why.

use super::carried::{self, Wanted};
use super::danger::DangerousArgs;
use super::driver;
use super::engine::{history, open_install};
use super::job;
use super::marks::Marks;
use super::meet::{self, Met};
use super::migrate;
use super::pair;
use super::pairing::{self, PairArgs, Role};
use crate::desk::Desk;
use crate::model::{Failure, FileName, text};
use crate::plan::{self, Facts, Topology};
use crate::report;
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
    pub(super) media: PathBuf,
    /// The appliance's name in the inventory
    #[arg(value_name = "NAME")]
    pub(super) name: String,
    #[command(flatten)]
    pair: PairArgs,
    #[command(flatten)]
    pub(super) dangerous: DangerousArgs,
    /// Migration: restore settings on the backup of a failover pair, which loses its relationship by it
    #[arg(long, requires = "reason", help_heading = "Dangerous, each asked for again and journalled")]
    pub(super) dangerous_restore_on_backup: bool,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]: the driver's, the bundle's, the plan's.
pub fn run(args: &PlanArgs, desk: &mut Desk) -> Result<(), Failure> {
    if let Some(wanted) = args.pair.wanted(&args.name, desk)? {
        return match wanted.topology {
            Topology::Migrate => migrate::plan(args, &wanted, desk),
            Topology::FailoverSync | Topology::FailoverAsync => pair::plan(args, &wanted, desk),
        };
    }
    let entry = job::entry(&args.name, desk)?;
    carried::check_clock(&args.dangerous.accepted(), desk)?;
    let mut appliance = driver::connect(&entry, desk)?;
    let Met { identity, status } = meet::look(&mut *appliance, &entry, desk)?;
    let role = Role::look(&mut *appliance, &entry, &identity, desk)?;
    let marks = Marks::read(&desk.home, &identity)?;
    let entries = job::noted(&identity, desk)?;
    let wanted = Wanted::at(Some(status.appliance.clone()), &marks, &entries, &args.dangerous);
    let bundle = carried::open(&args.media, &wanted, desk)?;
    job::answer_for(&args.dangerous, &bundle, "plan", &identity, desk)?;
    let facts = Facts { status: &status, now: desk.now(), history: &history(&entries) };
    let plan = plan::make(bundle.manifest(), &facts, &job::policy(&entry))?;
    desk.console.event("plan", report::plan_json(&plan));
    desk.console.say(report::plan_text(&plan));
    if let Some(offers) = status.offered.as_deref().filter(|offers| !offers.is_empty()) {
        desk.console.say("the appliance's own page offers:");
        report::offers_text(offers).iter().for_each(|line| desk.console.say(line));
    }
    if let Some(open) = open_install(&entries) {
        let name = text::one_line(&open.package.name);
        desk.console.note(format!("push first finds out what became of {name}, begun on {}", open.since.human()));
    }
    tell_role(&role, &entry.name, desk);
    if let Some(part) = role.in_pair().filter(|_| !plan.steps.is_empty()) {
        let pair = pairing::told_of(&entry, &entries, Some(args.media.display().to_string()), desk)?;
        desk.console.warn("a member of a standing failover pair is not upgraded alone: push refuses it");
        desk.console.note(format!("next: {}", pair.command(entry.name.as_str(), part)));
        return Ok(());
    }
    match plan.steps.is_empty() {
        true => desk.console.note(format!("next: handcarry-inside receipt {} {}", entry.name, args.media.display())),
        false => desk.console.note(format!("next: handcarry-inside push {} {}", args.media.display(), entry.name)),
    }
    Ok(())
}

/// Says what the appliance is in a failover pair; that it is in none goes
/// without saying.
fn tell_role(role: &Role, name: &FileName, desk: &Desk) {
    desk.console.event("role", serde_json::json!({ "name": name, "failover": role.json() }));
    match role {
        Role::NotRead(_) => desk.console.note(format!("its failover role is {}; push looks, and asks", role.told())),
        Role::Is(_) if role.in_pair().is_some() => desk.console.say(format!("{name} is {}", role.told())),
        Role::Is(_) => {}
    }
}
