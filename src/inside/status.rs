//! The verb `status`: who an appliance is and what it shows now.

use super::appliance_session;
use super::at_work;
use super::compare::{self, CompareArgs};
use super::fleet::{self, FleetArgs};
use super::journals;
use super::meet::{self, MetAppliance};
use super::pairing::ShownRole;
use super::snapshot::Snapshot;
use crate::cli::Context;
use crate::console::{Console, kind};
use crate::driver;
use crate::model::{Exit, Failure, ShowPath, Status, duration_human, local_time, text};
use crate::report;
use clap::Args;
use std::path::PathBuf;

/// Read who an appliance is, its versions, its clock, its failover role, and what it lists as installed
///
/// Where a run is at work on it, that is told first. Nothing is pressed and nothing is changed. With --save the same goes into a
/// file that an upgrade can be rehearsed from, with which steps a person will
/// have to do; the pages of the steps are looked at for that. With --compare it
/// tells what changed since, and what did not.
#[derive(Debug, Args)]
#[command(mut_arg("write", |write| write.requires("compare").conflicts_with_all(["all", "group"])))]
pub struct StatusArgs {
    /// The appliance's name in the inventory
    #[arg(
        value_name = "NAME",
        required_unless_present_any = ["all", "group", "compare"],
        conflicts_with_all = ["all", "group"]
    )]
    name: Option<String>,
    /// Keep it in this new file, for rehearse --snapshot and for --compare
    #[arg(long, value_name = "FILE", conflicts_with_all = ["all", "group"])]
    save: Option<PathBuf>,
    #[command(flatten)]
    compare: CompareArgs,
    #[command(flatten)]
    fleet: FleetArgs,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]: the driver's; the file can't be written, or is not of this appliance.
pub fn run(args: &StatusArgs, context: &mut Context) -> Result<(), Failure> {
    if args.fleet.is_meant() {
        args.compare.check_of_many()?;
        return args.fleet.read(|one, name| one.last(name), context);
    }
    if args.compare.between_files(args.name.as_deref(), context)? {
        return Ok(());
    }
    let for_file = args.compare.name_for_file(context).filter(|_| args.name.is_none());
    let entry = appliance_session::entry(fleet::one(args.name.as_deref().or(for_file))?, context)?;
    if let Some(path) = args.save.as_ref().filter(|path| path.exists()) {
        return Err(Failure::new(Exit::Exists, format!("{} is there already", path.shown()))
            .hint("name a new file; a snapshot is never overwritten"));
    }
    let was = match args.compare.is_wanted() {
        true => args.compare.was(&entry, &journals::past_of(&entry, context)?, for_file.is_some())?,
        false => None,
    };
    if args.compare.is_wanted() && was.is_none() {
        let nothing = compare::nothing_yet(&entry);
        if args.fleet.is_one() {
            context.console.say(nothing.message);
            return Ok(());
        }
        return Err(nothing);
    }
    if let Some(run) = entry.identity().and_then(|who| at_work::now(&journals::journal_path(&who, context), context)) {
        context.console.event(&kind::AT_WORK, run.json());
        context.console.say(format!("run     {}", run.told()));
        context.console.say(format!("        {}", run.stands()));
    }
    let mut appliance = driver::connect(&entry, context)?;
    let MetAppliance { identity, status } = meet::look(&mut *appliance, &entry, context)?;
    // Now, before further pages are read: its clock is compared with this moment.
    let mut snapshot = Snapshot::of(&entry, status, context.now());
    let role = ShownRole::look(&mut *appliance, &entry, &identity, context)?;
    snapshot.role = role.role();
    let ahead_secs = snapshot.clock_ahead_secs();
    context.console.event(
        &kind::STATUS_READ,
        serde_json::json!({
            "status": snapshot.status, "clock_ahead_secs": ahead_secs, "failover": role.json(),
        }),
    );
    if was.is_none() {
        tell(&snapshot.status, ahead_secs, &role, &context.console);
    }
    if was.is_some() || args.save.is_some() {
        snapshot.look_around(&mut *appliance, &entry);
        journals::note_heard(&mut *appliance, &identity, context)?;
    }
    appliance.notices().iter().for_each(|line| context.console.note(line));
    if let Some(was) = was {
        if was.knows_hands {
            snapshot.look(&mut *appliance)?;
        }
        return args.compare.tell_since(was, &snapshot, &entry, context);
    }
    let Some(path) = &args.save else { return Ok(()) };
    snapshot.look(&mut *appliance)?;
    snapshot.save(path)?;
    context.console.event(&kind::SAVED, serde_json::json!({ "path": path, "by_hand": snapshot.by_hand }));
    context.console.say(format!("saved: {}", path.shown()));
    context.console.next(format!("handcarry-inside rehearse MEDIA {} --snapshot {}", entry.name, path.quoted()));
    Ok(())
}

/// What is said of a status that nobody read off the appliance.
pub(super) const TYPED: &str = "serial number and versions are as a person typed them; they could not be read from the appliance, and are \
     marked so in what is signed";

/// Tells a status; what the appliance does not show is said to be so.
fn tell(status: &Status, ahead_secs: Option<i64>, role: &ShownRole, console: &Console) {
    let shown = |value: Option<String>| value.map_or("not shown".to_owned(), |value| text::one_line(&value));
    let version = |version: &Option<crate::model::Version>| shown(version.as_ref().map(ToString::to_string));
    let who = &status.appliance;
    if status.typed {
        console.warn(TYPED);
    }
    console.say(format!("serial  {}", text::one_line(&who.serial)));
    console.say(format!("model   {}", text::one_line(&who.model)));
    console.say(format!("host    {}", text::one_line(&who.host)));
    console.say(format!("base    {}", version(&status.base_version)));
    console.say(match status.no_site {
        true => "site    none yet: no site software is installed, and nothing is below /login".to_owned(),
        false => format!("site    {}", version(&status.site_version)),
    });
    console.say(format!("build   {}", shown(status.site_build.clone())));
    console.say(format!("clock   {}", clock_text(status, ahead_secs)));
    console.say(format!("role    {}", role.told()));
    match &status.installed {
        None => console.say("installed: it shows no list"),
        Some(list) => {
            console.say(format!("installed: {} listed", list.len()));
            list.iter().for_each(|package| console.say(format!("  {}", text::one_line(&package.name))));
        }
    }
    if let Some(offers) = &status.offered {
        console.say(format!("offered: {} listed", offers.len()));
        report::offers_text(offers).iter().for_each(|line| console.say(line));
    }
}

fn clock_text(status: &Status, ahead_secs: Option<i64>) -> String {
    let (Some(clock), Some(ahead)) = (status.clock, ahead_secs) else { return "not shown".to_owned() };
    match ahead {
        0 => format!("{}, as ours", local_time(clock)),
        _ => {
            let side = if ahead < 0 { "behind" } else { "ahead of" };
            format!("{}, {} {side} ours", local_time(clock), duration_human(ahead))
        }
    }
}
