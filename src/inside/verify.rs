//! The verb `verify`: is this stick what it should be?

use super::appliance_session;
use super::high_water::HighWaterMarks;
use super::journals;
use super::open_bundle::{self, BundleCriteria};
use super::overrides::{self, DangerousArgs};
use super::stick;
use super::tell_bundle;
use crate::bundle::Bundle;
use crate::cli::Context;
use crate::model::{ApplianceId, Failure, ShowPath};
use clap::Args;
use std::path::PathBuf;

/// Verify a carried bundle: volumes, signatures, appliance, freshness, every byte
///
/// Nothing is parsed before its signature holds. Nothing is remembered: what
/// push accepts it verifies itself. Of several bundles on the medium every one
/// is judged, a line each, and all that are current must be good: an older one
/// for the same serial numbers is told as that. With --appliance the newest that
/// is admitted for it is taken, and of that its own packages are read.
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
    if let Some(name) = &args.appliance {
        return for_appliance(name, args, context);
    }
    // What is set aside must be written down, and without an appliance there is no journal.
    if !args.dangerous.accepted().is_empty() {
        return Err(overrides::nowhere_to_write());
    }
    let sets = open_bundle::sets(&args.media)?;
    if sets.len() > 1 {
        stick::judge(sets, |bundle, context| read(bundle, args, context), context)?;
        context.console.say("verified: all that is current is what was signed for");
        context.console.note(format!("next: handcarry-inside plan {} NAME", args.media.quoted()));
        return Ok(());
    }
    whole(args, context)
}

/// Judges a bundle, whomever it is for, and reads all of it.
fn whole(args: &VerifyArgs, context: &Context) -> Result<(), Failure> {
    let bundle = open_bundle::open(&args.media, context)?;
    let mine = tell_bundle::whole(&bundle, context)?;
    read(&bundle, args, context)?;
    tell_bundle::verified(&bundle, None, context);
    let named = args.appliance.as_deref().or(match mine.as_slice() {
        [only] => Some(only.as_str()),
        _ => None,
    });
    conclude(&bundle, None, named.unwrap_or("NAME"), args, context);
    Ok(())
}

/// Says that it is good, and what comes next; `whose` packages were read where it was not all.
fn conclude(bundle: &Bundle, whose: Option<&str>, next: &str, args: &VerifyArgs, context: &Context) {
    let whose = whose.map(|name| format!(" for {name}")).unwrap_or_default();
    let packages = match bundle.packages().count() {
        1 => format!("its one package{whose} is"),
        count => format!("all {count} packages{whose} are"),
    };
    context.console.say(format!("verified: {packages} what was signed for"));
    context.console.note(format!("what must be done before: handcarry-inside before {next}"));
    context.console.note(format!("next: handcarry-inside plan {} {next}", args.media.quoted()));
}

/// Step 7, as often as was asked.
fn read(bundle: &Bundle, args: &VerifyArgs, context: &Context) -> Result<(), Failure> {
    match args.repeat {
        Some(more) => open_bundle::verify_repeatedly(bundle, more + 1, context),
        None => open_bundle::verify_packages(bundle, context),
    }
}

/// Judges by what is remembered of one appliance.
fn for_appliance(name: &str, args: &VerifyArgs, context: &mut Context) -> Result<(), Failure> {
    let entry = appliance_session::entry(name, context)?;
    let Some(who) = entry.identity() else {
        context.console.note("no serial number is known of this appliance yet; plan and push compare it");
        if !args.dangerous.accepted().is_empty() {
            appliance_session::identity(&entry)?;
        }
        return whole(args, context);
    };
    let (marks, past) = (HighWaterMarks::read(&context.home, &who)?, journals::past(&who, context)?);
    // A bundle is judged by the serial number; the rest is for people.
    let appliance = ApplianceId { serial: who.serial().to_owned(), model: String::new(), host: entry.name.to_string() };
    let wanted = BundleCriteria::at(appliance, &marks, &past, &args.dangerous);
    let bundle = open_bundle::open_for(&args.media, &wanted, context)?;
    tell_bundle::consignment(&bundle, context);
    read(&bundle, args, context)?;
    if !args.dangerous.accepted().is_empty() {
        journals::answer_for(&args.dangerous, &bundle, "verify", &who, context)?;
    }
    let consignment = bundle.consignment();
    tell_bundle::verified(&bundle, Some(&consignment.appliance.serial), context);
    let partly = bundle.manifest().packages.len() > consignment.packages.len();
    conclude(&bundle, partly.then_some(name), name, args, context);
    Ok(())
}
