//! The verb `soak`: where the wait after a site package stands, and what may
//! end it before its time.

use super::appliance_session::{ApplianceSession, BackupArgs};
use super::fleet::{self, FleetArgs};
use super::next;
use super::overrides::parse_reason;
use crate::cli::Context;
use crate::console::kind;
use crate::driver::{self, ClientListWords};
use crate::engine::clients::{self, Reading, parse_offset};
use crate::engine::{Engine, EngineError, Soaking};
use crate::model::{AGAIN, Exit, Failure, Status, Timestamp, text};
use crate::plan;
use clap::{ArgGroup, Args};
use std::path::PathBuf;

/// Count the clients that have updated since the last site package
///
/// A wait of 24 hours follows each site package. It ends early where every
/// Jump Client has updated: asked of the site's API, or read from the list of
/// Jump Clients that a console exports. Without either, all client software
/// may be removed first, and installed anew at the end. A site version that
/// was installed elsewhere waits from when it was first seen, or from when a
/// person says that it was installed. What was found is journalled; push and
/// plan go by it.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("word").args(["clients_removed", "installed_at"])))]
pub struct SoakArgs {
    /// The appliance's name in the inventory
    #[arg(value_name = "NAME", required_unless_present_any = ["all", "group"], conflicts_with_all = ["all", "group"])]
    name: Option<String>,
    /// List of Jump Clients that a console exported, as CSV
    #[arg(long, value_name = "FILE", conflicts_with_all = ["clients_removed", "installed_at", "all", "group"])]
    client_list: Option<PathBuf>,
    /// How far the list's clock is from UTC, such as +02:00, where its dates don't say
    #[arg(long, value_name = "OFFSET", requires = "client_list", value_parser = parse_offset, allow_hyphen_values = true)]
    offset: Option<i32>,
    /// In the list, 10/08/2026 is in August [default: as the appliance's language has it]
    #[arg(long, requires = "client_list", conflicts_with = "month_first")]
    day_first: bool,
    /// In the list, 10/08/2026 is in October
    #[arg(long, requires = "client_list")]
    month_first: bool,
    /// All client software was removed and is installed anew after the last package
    #[arg(long, requires = "reason", conflicts_with_all = ["all", "group"])]
    clients_removed: bool,
    /// When the site version was installed, where that was not done from here: 2026-03-04T05:06:07Z
    #[arg(long, value_name = "TIME", value_parser = parse_time, requires = "reason", conflicts_with_all = ["all", "group"])]
    installed_at: Option<Timestamp>,
    /// Why the clients were removed, or how the time is known; goes into the journal
    #[arg(long, value_name = "TEXT", value_parser = parse_reason, requires = "word")]
    reason: Option<String>,
    #[command(flatten)]
    fleet: FleetArgs,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]; [`crate::model::Exit::Waiting`] where the wait is not over.
pub fn run(args: &SoakArgs, context: &mut Context) -> Result<(), Failure> {
    if args.fleet.is_meant() {
        return args.fleet.read(|one, name| one.last(name), context);
    }
    let name = fleet::one(args.name.as_deref())?;
    let mut job = ApplianceSession::begin(name, &BackupArgs::default(), context)?;
    let mut words = driver::client_list_words(&job.entry, context)?;
    words.day_first = !args.month_first && (args.day_first || words.day_first);
    let ended = job.work(context, |engine| -> Result<Option<(Soaking, bool)>, Failure> {
        let (status, before) = engine.soaking()?;
        let Some(before) = before.filter(|before| before.remaining_secs > 0 || args.reason.is_none()) else {
            return match args.reason {
                Some(_) => Err(no_wait(name)),
                None => Ok(None),
            };
        };
        if before.remaining_secs == 0 {
            return Ok(Some((before, false)));
        }
        match &args.client_list {
            Some(file) => {
                let reading = reading(engine, &before, &status, words, args.offset);
                let listed = clients::read_file(file, &reading)?;
                engine.take_list(&before.past, &listed, &file.to_string_lossy())?;
            }
            None => match (&args.reason, args.installed_at) {
                (Some(reason), Some(at)) => engine.installed_at(&before.past, at, reason)?,
                (Some(reason), None) => engine.clients_removed(&before.past, reason)?,
                (None, _) if engine.count_clients(&before.past)? => {}
                (None, _) => engine.teller.note(
                    "nothing here counts the clients: give an exported list with --client-list FILE, \
                     or name an API account in the inventory",
                ),
            },
        }
        let policy = engine.rules.policy.clone();
        let after = engine.soak_at(&status, &policy).unwrap_or(before);
        Ok(Some((after, true)))
    })?;
    let Some((soaking, early)) = ended else {
        context.console.event(&kind::SOAK, serde_json::json!({ "after": null, "remaining_secs": 0 }));
        context.console.say("there is no wait: no site package was installed since this appliance was first met");
        return Ok(());
    };
    let after = text::one_line(&soaking.past.name);
    let remaining_secs = soaking.remaining_secs;
    let event = serde_json::json!({ "after": after, "remaining_secs": remaining_secs, "until": soaking.until });
    context.console.event(&kind::SOAK, event);
    if remaining_secs > 0 {
        let (whose, until, elsewhere) = (soaking.whose, soaking.until, soaking.past.elsewhere);
        let name = job.entry.name.clone();
        // Not this verb, which only looks.
        let then = next::when_over(&job.entry, context).unwrap_or_else(|| AGAIN.to_string());
        return Err(EngineError::Waiting { after, until, whose, remaining_secs, name, elsewhere, then }.into());
    }
    context.console.say(match early {
        true => format!("the wait for {after} is over before its time"),
        false => format!("the wait for {after} is over"),
    });
    // By this machine's clock alone it may still wait.
    match next::when_over(&job.entry, context) {
        Some(command) => context.console.next(command),
        None => next::after([job.entry.name.as_str()], None, context),
    }
    Ok(())
}

/// Reads a time with its zone.
fn parse_time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| "a time is written with its zone, such as 2026-03-04T05:06:07Z".to_owned())
}

/// There is no wait that the word could end, and it is kept for none to come:
/// it would not be said for the bundle that makes one.
fn no_wait(name: &str) -> Failure {
    Failure::new(Exit::NothingToDo, format!("there is no wait on {name} that this could end, and it was not kept"))
        .hint(format!(
            "before the first site package, say it with what is installed: handcarry-inside push MEDIA {name} \
             --clients-removed --reason TEXT, or update {name} with the same"
        ))
}

/// How the list is to be read: by the clock that counts.
fn reading(
    engine: &Engine<'_>,
    soaking: &Soaking,
    status: &Status,
    words: ClientListWords,
    offset_secs: Option<i32>,
) -> Reading {
    let now = engine.time.now();
    // A list may be written by either clock, and what neither has reached yet was read by a wrong zone.
    let latest = status.clock.map_or(now, |clock| clock.max(now));
    let (after, _) = plan::clients_later_than(&engine.rules.policy, &soaking.past);
    Reading {
        status: words.status,
        name: words.name,
        group: words.group,
        day_first: words.day_first,
        offset_secs,
        after,
        until: latest.plus_secs(engine.rules.policy.clock_tolerance_secs),
    }
}
