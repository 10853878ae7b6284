//! The verb `verify`: is this stick what it should be?

use super::appliance_session;
use super::high_water::HighWaterMarks;
use super::journals;
use super::open_bundle::{self, BundleCriteria};
use super::overrides::{self, DangerousArgs};
use super::stick;
use crate::bundle::Bundle;
use crate::cli::Context;
use crate::engine::Past;
use crate::model::{ApplianceId, Failure, ShowPath};
use clap::Args;
use std::path::PathBuf;

/// Verify a carried bundle: volumes, signatures, appliance, freshness, every byte
///
/// Nothing is parsed before its signature holds. Nothing is remembered: what
/// push accepts it verifies itself. Of several bundles on the medium every one
/// is judged, a line each, and all that are current must be good: an older one
/// for the same serial number is told as that. With --appliance the newest that
/// is admitted for it is taken.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Where the medium is mounted, or the bundle's file
    #[arg(value_name = "MEDIA|FILE")]
    media: PathBuf,
    /// The appliance it is meant for: its serial, sequence and used bundles are compared
    #[arg(long, value_name = "NAME")]
    appliance: Option<String>,
    /// Read everything N times more, past the cache, and name what is not the same each time [default without N: 2]
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "2", value_parser = clap::value_parser!(u32).range(1..=100))]
    repeat: Option<u32>,
    #[command(flatten)]
    dangerous: DangerousArgs,
}

/// Runs the verb.
///
/// # Errors
/// The bundle's error, step by step as its format numbers them.
pub fn run(args: &VerifyArgs, context: &mut Context) -> Result<(), Failure> {
    let bundle = match &args.appliance {
        Some(name) => for_appliance(name, args, context)?,
        // What is set aside must be written down, and without an appliance there is no journal.
        None if !args.dangerous.accepted().is_empty() => return Err(overrides::nowhere_to_write()),
        None => {
            let sets = open_bundle::sets(&args.media)?;
            if sets.len() > 1 {
                stick::judge(sets, |bundle, context| read(bundle, args, context), context)?;
                context.console.say("verified: all that is current is what was signed for");
                context.console.note(format!("next: handcarry-inside plan {} NAME", args.media.quoted()));
                return Ok(());
            }
            let bundle = open_bundle::open(&args.media, &BundleCriteria::anything(), context)?;
            open_bundle::tell(&bundle, context);
            read(&bundle, args, context)?;
            bundle
        }
    };
    open_bundle::tell_verified(&bundle, context);
    let packages = match bundle.manifest().packages.len() {
        1 => "its one package is".to_owned(),
        count => format!("all {count} packages are"),
    };
    context.console.say(format!("verified: {packages} what was signed for"));
    let name = args.appliance.as_deref().unwrap_or("NAME");
    context.console.note(format!("what must be done before: handcarry-inside before {name}"));
    context.console.note(format!("next: handcarry-inside plan {} {name}", args.media.quoted()));
    Ok(())
}

/// Step 7, as often as was asked.
fn read(bundle: &Bundle, args: &VerifyArgs, context: &Context) -> Result<(), Failure> {
    match args.repeat {
        Some(more) => open_bundle::verify_repeatedly(bundle, more + 1, context),
        None => open_bundle::verify_packages(bundle, context),
    }
}

/// Judges by what is remembered of one appliance.
fn for_appliance(name: &str, args: &VerifyArgs, context: &mut Context) -> Result<Bundle, Failure> {
    let entry = appliance_session::entry(name, context)?;
    let who = entry.identity();
    if who.is_none() {
        context.console.note("no serial number is known of this appliance yet; plan and push compare it");
    }
    let (marks, past) = match &who {
        Some(who) => (HighWaterMarks::read(&context.home, who)?, journals::past(who, context)?),
        None => (HighWaterMarks::blank(), Past::default()),
    };
    // A bundle is judged by the serial number; the rest is for people.
    let appliance = who.as_ref().map(|who| {
        let serial = who.serial().to_owned();
        ApplianceId { serial, model: String::new(), host: entry.name.to_string() }
    });
    let wanted = BundleCriteria::at(appliance, &marks, &past, &args.dangerous);
    let bundle = open_bundle::open(&args.media, &wanted, context)?;
    open_bundle::tell(&bundle, context);
    read(&bundle, args, context)?;
    if !args.dangerous.accepted().is_empty() {
        journals::answer_for(&args.dangerous, &bundle, "verify", &appliance_session::identity(&entry)?, context)?;
    }
    Ok(bundle)
}
