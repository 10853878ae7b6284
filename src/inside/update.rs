//! The verb `update`: an appliance that reaches its vendor installs what it is
//! offered, as far as the rules allow now.

use super::appliance_session::{ApplianceSession, BackupArgs, CertificateArgs, parse_digest, parse_wait};
use super::approve::{check_set_aside, first_press};
use super::begin::{PushRequest, leave_pair, tell_after};
use super::fleet::{self, Asking, RolloutArgs};
use super::foretell::{tell_nothing_left, tell_press};
use super::high_water::sound_time;
use super::migrate;
use super::next;
use super::overrides::{DangerousArgs, parse_reason};
use super::pair;
use super::pairing::{self, ShownRole};
use super::procedure::{PairArgs, Procedure};
use super::supply::Supply;
use super::timing::TimingArgs;
use crate::cli::Context;
use crate::console::kind;
use crate::engine::{self, Alone, EngineError, Offered, left_over};
use crate::inventory::Driver;
use crate::model::{Exit, Failure, Id, Sha256Digest, Version};
use crate::report::{self, PressNotice};
use clap::Args;
use std::path::PathBuf;

/// Have an appliance that reaches its vendor install what it is offered, with every wait
///
/// Presses its check for updates, lists what it offers, and has it fetch and
/// install that in order, with the backup, waits, windows and journal of push.
/// It stops and goes on as push does. With PARTNER and --topology both
/// appliances of a failover pair are upgraded, or the site of NAME moves to
/// PARTNER; what one of them is not offered can be carried to it.
#[derive(Debug, Args)]
pub struct UpdateArgs {
    /// The appliance's name in the inventory
    #[arg(value_name = "NAME", required_unless_present_any = ["all", "group"], conflicts_with_all = ["all", "group"])]
    name: Option<String>,
    /// Check and print the plan; install nothing
    #[arg(long)]
    dry_run: bool,
    /// Begin without being asked if this is the SHA-256 that --dry-run prints: it is of the titles in their order
    #[arg(long, value_name = "SHA256", value_parser = parse_digest)]
    agree: Option<Sha256Digest>,
    /// Install no later site version than this of what is offered
    #[arg(long, value_name = "VERSION", value_parser = parse_version)]
    up_to: Option<Version>,
    /// Accept the licence agreement with this SHA-256 without being asked; repeatable
    #[arg(long, value_name = "SHA256", value_parser = parse_digest)]
    accept_eula: Vec<Sha256Digest>,
    /// Longest wait for one install or data sync, such as 4h or 90m; a check for updates ends after 10 minutes at most
    #[arg(long, value_name = "TIME", default_value = "4h", value_parser = parse_wait)]
    wait_max: u64,
    /// All client software was removed before the first site package, and is installed anew after the last: no wait
    #[arg(long, requires = "reason", conflicts_with_all = ["all", "group"])]
    clients_removed: bool,
    #[command(flatten)]
    backup: BackupArgs,
    #[command(flatten)]
    certificate: CertificateArgs,
    // The headings of these would hold for what follows them.
    #[command(flatten)]
    fleet: RolloutArgs,
    #[command(flatten)]
    timing: TimingArgs,
    #[command(flatten)]
    pair: PairArgs,
    /// NAME's packages are carried: where the medium is mounted, or the bundle's file
    #[arg(long, value_name = "MEDIA|FILE", requires = "topology", help_heading = "Failover pair")]
    media_a: Option<PathBuf>,
    /// PARTNER's packages are carried, likewise
    #[arg(long, value_name = "MEDIA|FILE", requires = "topology", help_heading = "Failover pair")]
    media_b: Option<PathBuf>,
    /// Install outside the maintenance windows
    #[arg(long, requires = "reason", help_heading = "Dangerous, each asked for again and journalled")]
    dangerous_outside_window: bool,
    /// Go on although clients may not have updated since the last site package
    #[arg(long, requires = "reason", help_heading = "Dangerous, each asked for again and journalled")]
    dangerous_skip_soak: bool,
    /// Install on one of a failover pair alone, while the pair stands or its run is not over
    #[arg(
        long,
        requires = "reason",
        conflicts_with = "topology",
        help_heading = "Dangerous, each asked for again and journalled"
    )]
    dangerous_alone: bool,
    /// Migration: restore settings on the backup of a failover pair, which loses its relationship by it
    #[arg(long, requires = "reason", help_heading = "Dangerous, each asked for again and journalled")]
    dangerous_restore_on_backup: bool,
    /// Migration: erase the old appliance although its logged history is in no backup
    #[arg(long, requires = "reason", help_heading = "Dangerous, each asked for again and journalled")]
    dangerous_lose_history: bool,
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
    let dangerous = DangerousArgs::because(args.reason.clone());
    if args.fleet.is_meant() {
        let further = args.dangerous_outside_window || args.dangerous_skip_soak || args.dangerous_alone;
        dangerous.check_one_at_a_time(further)?;
        args.backup.check_unasked()?;
        let asking = Asking { beforehand: args.agree, only_look: args.dry_run };
        return args.fleet.press(&|one, name| one.last(name), asking, |_| Ok(()), context);
    }
    let name = fleet::one(args.name.as_deref())?;
    let procedure = args.pair.procedure((name, args.pair.partner()), "handcarry-inside update", context)?;
    let request = args.request(&procedure, &dangerous)?;
    let only_look = args.dry_run || args.fleet.foresees();
    if !only_look {
        check_set_aside(context)?;
    }
    match &procedure {
        Procedure::Single(name) if only_look => foresee(args, &request, name, context),
        Procedure::Pair(both) if only_look => pair::foresee(&request, both, context),
        Procedure::Migrate(both) if only_look => migrate::foresee(&request, both, context),
        _ => args.timing.call(args.agree, context, |agree, context| {
            let request = PushRequest { agree, ..args.request(&procedure, &dangerous)? };
            match &procedure {
                Procedure::Single(name) => alone(args, &request, name, context),
                Procedure::Pair(both) => pair::upgrade(&request, both, context),
                Procedure::Migrate(both) => migrate::push(&request, both, context),
            }
        }),
    }
}

/// Opens the journal of one appliance, and meets it.
fn opened(request: &PushRequest<'_>, name: &str, context: &mut Context) -> Result<ApplianceSession, Failure> {
    let mut job = request.job(name, context)?;
    // Where a person works it, what it shows is what that person types: asked when it is needed.
    if job.entry.driver != Driver::Guided {
        job.meet(context)?;
    }
    Ok(job)
}

/// Tells what one appliance would install.
fn foresee(args: &UpdateArgs, request: &PushRequest<'_>, name: &str, context: &mut Context) -> Result<(), Failure> {
    let mut job = opened(request, name, context)?;
    let serial = job.identity.serial().to_owned();
    look(&mut job, &serial, args.fleet.foresees(), context)
}

/// Has one appliance install what it offers.
fn alone(args: &UpdateArgs, request: &PushRequest<'_>, name: &str, context: &mut Context) -> Result<(), Failure> {
    let mut job = opened(request, name, context)?;
    let serial = job.identity.serial().to_owned();
    // After the dry run, which asks nothing: the other one of a pair may be half-way.
    let reason = request.why(args.dangerous_alone);
    leave_pair(&mut job, request.verb, reason.as_deref(), context)?;
    job.rules.options = request.options(name, context);
    job.rules.alone = Some(Alone { verb: "update", pair: pairing::told(&job, None, context)?, reason });
    job.first_press = first_press(request.agree, context)?;
    let finished =
        job.work(context, |engine| engine.update(&serial)).map_err(|failure| job.in_trouble(failure, context))?;
    context
        .console
        .event(&kind::DONE, serde_json::json!({ "installed": finished.installed, "status": finished.status }));
    context.console.say(match finished.installed.len() {
        0 => "done: nothing was left to install".to_owned(),
        1 => "done: 1 package was installed in this run, and none is offered any more".to_owned(),
        n => format!("done: {n} packages were installed in this run, and none is offered any more"),
    });
    tell_after(&[&job], context);
    next::after([name], None, context);
    Ok(())
}

impl UpdateArgs {
    /// What is asked for, as push and update share it.
    ///
    /// # Errors
    /// [`Exit::Usage`] where nothing would be offered to anybody.
    fn request<'a>(
        &'a self,
        procedure: &Procedure<'_>,
        dangerous: &'a DangerousArgs,
    ) -> Result<PushRequest<'a>, Failure> {
        let media = [&self.media_a, &self.media_b].map(|media| media.as_deref().map(Supply::Medium));
        let nothing_offered = match procedure {
            Procedure::Migrate(_) => media.iter().any(Option::is_some),
            Procedure::Single(_) | Procedure::Pair(_) => media.iter().all(Option::is_some),
        };
        if nothing_offered {
            let what = "everything would be carried, and nothing installed that an appliance offers";
            return Err(Failure::new(Exit::Usage, what).hint("that is handcarry-inside push MEDIA NAME PARTNER"));
        }
        Ok(PushRequest {
            verb: "update",
            media,
            up_to: self.up_to.as_ref(),
            agree: self.agree,
            accepted: &self.accept_eula,
            wait_max_secs: self.wait_max,
            by_hand_dir: None,
            up_to_damage: false,
            removed: dangerous.reason().filter(|_| self.clients_removed),
            backup: &self.backup,
            certificate: &self.certificate,
            dangerous,
            outside_window: self.dangerous_outside_window,
            skip_soak: self.dangerous_skip_soak,
            alone: self.dangerous_alone,
            restore_on_backup: self.dangerous_restore_on_backup,
            lose_history: self.dangerous_lose_history,
        })
    }
}

/// Reads a version on the command line.
fn parse_version(text: &str) -> Result<Version, String> {
    Version::parse(text).ok_or_else(|| "a version is numbers and dots, such as 10.6.2".to_owned())
}

/// Has it check, and prints what would be done.
fn look(job: &mut ApplianceSession, serial: &str, of_many: bool, context: &mut Context) -> Result<(), Failure> {
    let policy = job.rules.policy.clone();
    let (offered, press): (Offered, PressNotice) = job.work(context, |engine| {
        let offered = engine.offered(serial, Id::random(), &policy)?;
        engine.tell_offers(&offered);
        let ahead = engine.ahead_of(&offered);
        let press = if ahead.presses { engine::look(ahead, &mut *engine.appliance) } else { ahead };
        Ok::<_, Failure>((offered, press))
    })?;
    context.console.event(&kind::PLAN, report::plan_json(&offered.plan));
    if offered.plan.steps.is_empty() {
        left_over(&offered)?;
        tell_nothing_left(false, context);
        return Ok(());
    }
    let role = ShownRole::read(&mut *job.appliance, &job.entry);
    job.work(context, |engine| engine.note_heard())?;
    if let Some(part) = role.in_pair() {
        let pair = pairing::told(job, None, context)?;
        if of_many {
            return Err(EngineError::OneOfAPair { name: job.entry.name.to_string(), role: part, pair }.into());
        }
        context.console.warn(format!("{} is {}: update refuses it alone", job.entry.name, role.told()));
        context.console.next(pair.command(job.entry.name.as_str(), part));
        return Ok(());
    }
    tell_press(&press, &context.typed().without(&["--dry-run"], &[]), context);
    Ok(())
}
