//! The verb `verify`: is this stick what it should be?

use super::appliance_session;
use super::high_water::HighWaterMarks;
use super::journals;
use super::next;
use super::open_bundle::{self, BundleCriteria};
use super::overrides::{self, DangerousArgs};
use super::stick;
use super::supply::Supply;
use super::tell_bundle;
use crate::bundle::Bundle;
use crate::cli::{Context, PageArgs};
use crate::language::Tongue;
use crate::media::{self, Medium};
use crate::model::{ApplianceId, Failure, ShowPath, text};
use crate::report::{self, CarriedRow, CarriedVerdict, StickFacts};
use clap::Args;
use std::path::PathBuf;

/// Verify a carried bundle: volumes, signatures, appliance, freshness, every byte
///
/// Nothing is parsed before its signature holds. Nothing is remembered: what
/// push accepts it verifies itself. Of several bundles on the medium every one
/// is judged, a line each, and all that are current must be good: an older one
/// for the same serial numbers is told as that. With --appliance the newest that
/// is admitted for it is taken, and of that its own packages are read. Without a
/// medium it is the bundles in the store that are judged. What was found, on one page: --write,
/// onto the medium itself where you like.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Where the medium is mounted, or the bundle's file [default: what is kept in the store]
    #[arg(value_name = "MEDIA|FILE")]
    media: Option<PathBuf>,
    /// The appliance it is meant for: its serial, sequence and used bundles are compared
    #[arg(long, value_name = "NAME")]
    appliance: Option<String>,
    /// Read everything N times more, past the cache, and name what is not the same each time [default without N: 2]
    #[arg(long, value_name = "N", requires = "media", num_args = 0..=1, default_missing_value = "2", value_parser = clap::value_parser!(u32).range(1..=100))]
    repeat: Option<u32>,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    dangerous: DangerousArgs,
}

impl VerifyArgs {
    fn from(&self) -> Supply<'_> {
        Supply::of(self.media.as_deref())
    }
}

/// Runs the verb.
///
/// # Errors
/// The bundle's error, step by step as its format numbers them.
pub fn run(args: &VerifyArgs, context: &mut Context) -> Result<(), Failure> {
    let mut rows = args.page.is_wanted().then(Vec::new);
    let verified = verify(args, &mut rows, context);
    let Some(mut bundles) = rows else { return verified };
    let place = args.from().path().map_or("store".to_owned(), |path| path.shown().to_string());
    if let (Err(failure), true) = (&verified, bundles.is_empty()) {
        let verdict = CarriedVerdict::Bad(failure.message.clone());
        bundles.push(CarriedRow { file: place.clone(), verdict, contents: None });
    }
    // What was named may be the medium, or a bundle's file on it.
    let folder = args.from().path().and_then(|path| if path.is_dir() { Some(path) } else { path.parent() });
    let told = folder.and_then(|folder| Medium::at(folder).and_then(|medium| medium.facts()).ok());
    let filesystem = told.map(|facts| facts.filesystem).unwrap_or_default();
    let facts = StickFacts { place, filesystem, serial: folder.and_then(media::serial_of), bundles };
    // What can't be written hides nothing of what was found.
    let written = args.page.write(Tongue::En, |imprint| Ok(report::stick_html(&facts, imprint)), context);
    verified.and(written)
}

/// Verifies what is meant; `rows` is told what was found of each bundle, where a page is wanted.
fn verify(args: &VerifyArgs, rows: &mut Option<Vec<CarriedRow>>, context: &mut Context) -> Result<(), Failure> {
    if let Some(name) = &args.appliance {
        return for_appliance(name, args, rows, context);
    }
    // What is set aside must be written down, and without an appliance there is no journal.
    if !args.dangerous.accepted().is_empty() {
        return Err(overrides::nowhere_to_write());
    }
    let sets = args.from().sets(context)?;
    if sets.len() > 1 {
        stick::judge(stick::open(sets, context)?, |bundle, context| read(bundle, args, context), rows, context)?;
        context.console.say("verified: all that is current is what was signed for");
        tell_next(&next::carried_for(args.media.as_deref(), context), args, context);
        return Ok(());
    }
    whole(args, rows, context)
}

/// Judges a bundle, whomever it is for, and reads all of it.
fn whole(args: &VerifyArgs, rows: &mut Option<Vec<CarriedRow>>, context: &Context) -> Result<(), Failure> {
    let bundle = open_bundle::open(args.from(), context)?;
    let mine = tell_bundle::whole(&bundle, context)?;
    let found = read(&bundle, args, context);
    rows.iter_mut().for_each(|rows| rows.push(row(&bundle, None, &found)));
    found?;
    tell_bundle::verified(&bundle, None, context);
    let names: Vec<String> = mine.iter().map(ToString::to_string).collect();
    conclude(&bundle, None, context);
    // Others may lie in the store, and what comes next looks at them.
    drop(bundle);
    tell_next(&names, args, context);
    if let (Some(name), []) = (&args.appliance, names.as_slice()) {
        // One that was never met: its serial number is not known here, and plan compares it.
        context.console.note(format!("what must be done before: handcarry-inside before {name}"));
        let words = format!("{} {name}", args.from().typed());
        context.console.next(format!("handcarry-inside plan {}", words.trim_start()));
    }
    Ok(())
}

/// Says that it is good; `whose` packages were read where it was not all.
fn conclude(bundle: &Bundle, whose: Option<&str>, context: &Context) {
    let whose = whose.map(|name| format!(" for {name}")).unwrap_or_default();
    let packages = match bundle.packages().count() {
        1 => format!("its one package{whose} is"),
        count => format!("all {count} packages{whose} are"),
    };
    context.console.say(format!("verified: {packages} what was signed for"));
}

/// What comes next for the appliances of this desk that it is for.
fn tell_next(names: &[String], args: &VerifyArgs, context: &Context) {
    if let [first, others @ ..] = names {
        let others = if others.is_empty() { String::new() } else { format!(", and so for {}", others.join(", ")) };
        context.console.note(format!("what must be done before: handcarry-inside before {first}{others}"));
    }
    next::after(names.iter().map(String::as_str), args.media.as_deref(), context);
}

/// Step 7, as often as was asked.
fn read(bundle: &Bundle, args: &VerifyArgs, context: &Context) -> Result<(), Failure> {
    match args.repeat {
        Some(more) => open_bundle::verify_repeatedly(bundle, more + 1, context),
        None => open_bundle::verify_packages(bundle, context),
    }
}

/// What was found of a bundle; `whose` packages were read where it was not all.
fn row(bundle: &Bundle, whose: Option<&str>, found: &Result<(), Failure>) -> CarriedRow {
    let verdict = match found {
        Ok(()) => CarriedVerdict::Good(whose.map(str::to_owned)),
        Err(failure) => CarriedVerdict::Bad(failure.message.clone()),
    };
    let file = bundle.path().file_name().map(|name| text::name(&name.to_string_lossy())).unwrap_or_default();
    CarriedRow { file, verdict, contents: Some(stick::contents(bundle)) }
}

/// Judges by what is remembered of one appliance.
fn for_appliance(
    name: &str,
    args: &VerifyArgs,
    rows: &mut Option<Vec<CarriedRow>>,
    context: &mut Context,
) -> Result<(), Failure> {
    let entry = appliance_session::entry(name, context)?;
    let Some(who) = entry.identity() else {
        context.console.note("no serial number is known of this appliance yet; plan and push compare it");
        if !args.dangerous.accepted().is_empty() {
            appliance_session::identity(&entry)?;
        }
        return whole(args, rows, context);
    };
    let (marks, past) = (HighWaterMarks::read(&context.home, &who)?, journals::past(&who, context)?);
    // A bundle is judged by the serial number; the rest is for people.
    let appliance = ApplianceId { serial: who.serial().to_owned(), model: String::new(), host: entry.name.to_string() };
    let wanted = BundleCriteria::at(appliance, &marks, &past, &args.dangerous);
    let bundle = open_bundle::open_for(args.from(), &wanted, context)?;
    tell_bundle::consignment(&bundle, false, context);
    let partly = bundle.manifest().packages.len() > bundle.consignment().packages.len();
    let found = read(&bundle, args, context);
    rows.iter_mut().for_each(|rows| rows.push(row(&bundle, partly.then_some(name), &found)));
    found?;
    if !args.dangerous.accepted().is_empty() {
        journals::answer_for(&args.dangerous, &bundle, "verify", &who, context)?;
    }
    let consignment = bundle.consignment();
    tell_bundle::verified(&bundle, Some(&consignment.appliance.serial), context);
    conclude(&bundle, partly.then_some(name), context);
    drop(bundle);
    tell_next(&[name.to_owned()], args, context);
    Ok(())
}
