//! The verb `push`: stick → appliance, as far as the rules allow now.

use super::appliance_session::{BackupArgs, CertificateArgs, parse_digest, parse_wait};
use super::approve::{check_set_aside, first_press};
use super::begin::{Begun, PushRequest, tell_after};
use super::fleet::{self, Asking, RolloutArgs};
use super::foretell::PlanRequest;
use super::migrate;
use super::next;
use super::overrides::DangerousArgs;
use super::pair;
use super::plan as plan_verb;
use super::procedure::{PairArgs, Procedure};
use super::supply::{Named, Supply};
use super::take;
use super::timing::TimingArgs;
use crate::cli::Context;
use crate::console::kind;
use crate::engine::PackageSource;
use crate::model::{Failure, Sha256Digest};
use clap::Args;
use std::path::PathBuf;

/// Back up the appliance, then install what is carried, in order, with every wait
///
/// Stops cleanly for a soak and goes on when it is called again, or with --wait
/// by itself; so it does after any interruption. It first asks the appliance what is so. With
/// PARTNER and --topology both appliances of a failover pair are upgraded, or
/// the site of NAME moves to PARTNER.
#[derive(Debug, Args)]
#[command(override_usage = "handcarry-inside push [OPTIONS] [MEDIA|FILE] <NAME> [PARTNER]")]
pub struct PushArgs {
    /// Where the medium is mounted, or the bundle's file; left out, what 'take' brought into the store
    #[arg(value_name = "MEDIA|FILE")]
    media: Option<PathBuf>,
    /// The appliance's name in the inventory
    #[arg(value_name = "NAME", conflicts_with_all = ["all", "group"])]
    name: Option<String>,
    /// First take what the medium carries into the store, and push from there: the stick is read once, and may go; for
    /// many appliances 'take' comes first by itself
    #[arg(long, requires = "media", conflicts_with_all = ["all", "group"])]
    take: bool,
    /// Begin without being asked if this is the SHA-256 that plan prints: it is of the whole procedure, and stays the same
    /// over its waits
    #[arg(long, value_name = "SHA256", value_parser = parse_digest)]
    agree: Option<Sha256Digest>,
    /// Accept the licence agreement with this SHA-256 without being asked; repeatable
    #[arg(long, value_name = "SHA256", value_parser = parse_digest)]
    accept_eula: Vec<Sha256Digest>,
    /// Longest wait for one install or data sync, such as 4h or 90m
    #[arg(long, value_name = "TIME", default_value = "4h", value_parser = parse_wait)]
    wait_max: u64,
    /// Folder for the verified copy that a step by hand needs, where your browser reaches it [default: staging in the
    /// home folder]
    #[arg(long, value_name = "DIR", conflicts_with_all = ["all", "group"])]
    by_hand_dir: Option<PathBuf>,
    /// If the bundle is damaged: install the packages before the first damaged one, once asked
    #[arg(long, conflicts_with_all = ["all", "group", "topology"])]
    up_to_damage: bool,
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
    #[command(flatten)]
    dangerous: DangerousArgs,
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
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]; [`crate::model::Exit::Waiting`] where a soak is not over.
pub fn run(args: &PushArgs, context: &mut Context) -> Result<(), Failure> {
    if args.fleet.is_meant() {
        let further = args.dangerous_outside_window || args.dangerous_skip_soak || args.dangerous_alone;
        args.dangerous.check_one_at_a_time(further)?;
        args.backup.check_unasked()?;
        let asking = Asking { beforehand: args.agree, only_look: false };
        let taken = |context: &mut Context| args.take_for_many(context);
        return args.fleet.press(&|one, name| one.last(name), asking, taken, context);
    }
    let named = Named::of(args.media.as_deref(), args.name.as_deref(), &args.pair, context)?;
    let from = args.taken(named.from, context)?;
    let procedure = args.pair.procedure((named.name, named.partner), "handcarry-inside push MEDIA", context)?;
    if args.fleet.foresees() {
        return plan_verb::tell(&procedure, &args.foreseen(from), context);
    }
    check_set_aside(context)?;
    args.timing.call(args.agree, context, |agree, context| {
        let request = PushRequest { agree, ..args.request(from) };
        match &procedure {
            Procedure::Single(name) => alone(&request, from, name, context),
            Procedure::Pair(both) => pair::upgrade(&request, both, context),
            Procedure::Migrate(both) => migrate::push(&request, both, context),
        }
    })
}

/// Installs what is carried for one appliance.
fn alone(request: &PushRequest<'_>, media: Supply<'_>, name: &str, context: &mut Context) -> Result<(), Failure> {
    let begun = request.begin_carried(media, name, None, context);
    let mut begun = begun.map_err(|failure| request.or_in_part(failure))?;
    let Begun { job, goods } = &mut begun;
    let PackageSource::Carried(cargo) = goods.source(&job.identity) else { return Ok(()) };
    job.first_press = first_press(request.agree, context)?;
    let finished =
        job.work(context, |engine| engine.push(&cargo)).map_err(|failure| job.in_trouble(failure, context))?;
    // Only at the end: a run that waits for its clients needs this bundle once more.
    begun.use_up(context)?;
    context
        .console
        .event(&kind::DONE, serde_json::json!({ "installed": finished.installed, "status": finished.status }));
    context.console.say(match finished.installed.len() {
        0 => "done: nothing was left to install".to_owned(),
        1 => "done: 1 package was installed in this run, and none is left".to_owned(),
        n => format!("done: {n} packages were installed in this run, and none is left"),
    });
    tell_after(&[&begun.job], context);
    next::after([name], media.path(), context);
    Ok(())
}

impl PushArgs {
    /// Takes the medium into the store before the first press, so that it is
    /// read once for all. Where that can't be, each run reads it for itself.
    fn take_for_many(&self, context: &mut Context) -> Result<(), Failure> {
        let Some(media) = &self.media else { return Ok(()) };
        match fleet::take(media, context)? {
            Ok(()) => context.console.goes_on_by(context.typed().without_word(media.as_os_str())),
            Err(why) => {
                context.console.warn(format!("the medium is not in the store, so each run reads it for itself: {why}"));
            }
        }
        Ok(())
    }

    /// Where to push from: the store, where the medium is taken into it first.
    fn taken<'a>(&self, from: Supply<'a>, context: &mut Context) -> Result<Supply<'a>, Failure> {
        match from {
            Supply::Medium(media) if self.take => {
                take::take(media, context)?;
                // The stick may be gone by then.
                let without = context.typed().without(&["--take"], &[]).without_word(media.as_os_str());
                context.console.goes_on_by(without);
                Ok(Supply::Store)
            }
            from => Ok(from),
        }
    }

    /// What is told of it before anything is pressed.
    fn foreseen<'a>(&'a self, from: Supply<'a>) -> PlanRequest<'a> {
        PlanRequest {
            media: from,
            dangerous: &self.dangerous,
            over_backup: self.dangerous_restore_on_backup,
            removed: self.dangerous.reason().filter(|_| self.clients_removed),
            certificate: &self.certificate,
            page: None,
            ics: None,
            of_many: true,
        }
    }

    fn request<'a>(&'a self, from: Supply<'a>) -> PushRequest<'a> {
        PushRequest {
            verb: "push",
            media: [Some(from); 2],
            up_to: None,
            agree: self.agree,
            accepted: &self.accept_eula,
            wait_max_secs: self.wait_max,
            by_hand_dir: self.by_hand_dir.as_deref(),
            up_to_damage: self.up_to_damage,
            removed: self.dangerous.reason().filter(|_| self.clients_removed),
            backup: &self.backup,
            certificate: &self.certificate,
            dangerous: &self.dangerous,
            outside_window: self.dangerous_outside_window,
            skip_soak: self.dangerous_skip_soak,
            alone: self.dangerous_alone,
            restore_on_backup: self.dangerous_restore_on_backup,
            lose_history: self.dangerous_lose_history,
        }
    }
}
