//! The verb `update`: an appliance that reaches its vendor installs what it is
//! offered, as far as the rules allow now.

use super::appliance_session::{ApplianceSession, BackupArgs, parse_digest, parse_wait};
use super::approve::{check_set_aside, first_press};
use super::begin::leave_pair;
use super::foretell::tell_press;
use super::high_water::sound_time;
use super::overrides::parse_reason;
use super::pairing::{self, ShownRole};

use crate::cli::Context;
use crate::engine::{self, Alone, Offered, left_over};
use crate::model::{Failure, Id, Sha256Digest};
use crate::report::{self, PressNotice};
use clap::Args;

/// Have an appliance that reaches its vendor install what it is offered, with every wait
///
/// Presses its check for updates, lists what it offers, and has it fetch and
/// install that in order, with the backup, waits, windows and journal of push.
/// It stops and goes on as push does.
#[derive(Debug, Args)]
pub struct UpdateArgs {
    /// The appliance's name in the inventory
    #[arg(value_name = "NAME")]
    name: String,
    /// Check and print the plan; install nothing
    #[arg(long)]
    dry_run: bool,
    /// Begin without being asked if this is the SHA-256 that --dry-run prints: it is of the titles in their order
    #[arg(long, value_name = "SHA256", value_parser = parse_digest)]
    agree: Option<Sha256Digest>,
    /// Accept the licence agreement with this SHA-256 without being asked; repeatable
    #[arg(long, value_name = "SHA256", value_parser = parse_digest)]
    accept_eula: Vec<Sha256Digest>,
    /// Longest wait for one install, such as 4h or 90m; a check for updates ends after 10 minutes at most
    #[arg(long, value_name = "TIME", default_value = "4h", value_parser = parse_wait)]
    wait_max: u64,
    /// All client software was removed before the first site package, and is installed anew after the last: no wait
    #[arg(long, requires = "reason")]
    clients_removed: bool,
    #[command(flatten)]
    backup: BackupArgs,
    /// Install outside the maintenance windows
    #[arg(long, requires = "reason", help_heading = "Dangerous, each asked for again and journalled")]
    dangerous_outside_window: bool,
    /// Go on although clients may not have updated since the last site package
    #[arg(long, requires = "reason", help_heading = "Dangerous, each asked for again and journalled")]
    dangerous_skip_soak: bool,
    /// Install on a member of a standing failover pair alone
    #[arg(long, requires = "reason", help_heading = "Dangerous, each asked for again and journalled")]
    dangerous_alone: bool,
    /// Why a refusal is set aside; goes into the journal
    #[arg(long, value_name = "TEXT", value_parser = parse_reason, help_heading = "Dangerous, each asked for again and journalled")]
    reason: Option<String>,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]; [`crate::model::Exit::Waiting`] where a soak is not over.
pub fn run(args: &UpdateArgs, context: &mut Context) -> Result<(), Failure> {
    sound_time(context)?;
    let mut job = ApplianceSession::begin(&args.name, &args.backup, context)?;
    job.rules.wait_max_secs = args.wait_max;
    job.rules.accepted.clone_from(&args.accept_eula);
    job.rules.outside_window = args.reason.clone().filter(|_| args.dangerous_outside_window);
    job.rules.skip_soak = args.reason.clone().filter(|_| args.dangerous_skip_soak);
    job.rules.clients_removed = args.reason.clone().filter(|_| args.clients_removed);
    let serial = job.identity.serial().to_owned();
    if args.dry_run {
        return look(&mut job, &serial, context);
    }
    check_set_aside(context)?;
    // After the dry run, which asks nothing: the other one of a pair may be half-way.
    leave_pair(&mut job, context)?;
    let reason = args.reason.clone().filter(|_| args.dangerous_alone);
    job.rules.alone = Some(Alone { verb: "update", pair: pairing::told(&job, None, context)?, reason });
    job.first_press = first_press(args.agree, context)?;
    let finished =
        job.work(context, |engine| engine.update(&serial)).map_err(|failure| job.in_trouble(failure, context))?;
    context.console.event("done", serde_json::json!({ "installed": finished.installed, "status": finished.status }));
    context.console.say(match finished.installed.len() {
        0 => "done: nothing was left to install".to_owned(),
        1 => "done: 1 package was installed in this run, and none is offered any more".to_owned(),
        n => format!("done: {n} packages were installed in this run, and none is offered any more"),
    });
    if !finished.installed.is_empty() {
        context.console.note(format!("next: handcarry-inside after {}", job.entry.name));
    }
    Ok(())
}

/// Has it check, and prints what would be done.
fn look(job: &mut ApplianceSession, serial: &str, context: &mut Context) -> Result<(), Failure> {
    let policy = job.rules.policy.clone();
    let (offered, press): (Offered, PressNotice) = job.work(context, |engine| {
        let offered = engine.offered(serial, Id::random(), &policy)?;
        engine.tell_offers(&offered);
        let ahead = engine.ahead_of(&offered);
        let press = if ahead.presses { engine::look(ahead, &mut *engine.appliance) } else { ahead };
        Ok::<_, Failure>((offered, press))
    })?;
    context.console.event("plan", report::plan_json(&offered.plan));
    if offered.plan.steps.is_empty() {
        return Ok(left_over(&offered)?);
    }
    let role = ShownRole::read(&mut *job.appliance, &job.entry);
    job.work(context, |engine| engine.note_heard())?;
    if let Some(part) = role.in_pair() {
        let pair = pairing::told(job, None, context)?;
        context.console.warn(format!("{} is {}: update refuses it alone", job.entry.name, role.told()));
        context.console.note(format!("next: {}", pair.command(job.entry.name.as_str(), part)));
        return Ok(());
    }
    tell_press(&press, &context.typed().without(&["--dry-run"], &[]), context);
    Ok(())
}
