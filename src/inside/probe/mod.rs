//! The verb `probe`: which steps will be automatic and which guided.

mod saved;
mod starter;

use super::fleet::FleetArgs;
use super::{journals, meet, next};
use crate::cli::Context;
use crate::console::{Console, kind};
use crate::driver::{self, ControlReport, Makes, NO_SITE, Offers, ProbeFinding, SavedPage, Words};
use crate::inventory::{ApplianceEntry, Driver, Inventory, Language};
use crate::model::{Exit, Failure, ShowPath, local_time};
use clap::Args;
use std::path::PathBuf;

/// Most labels of a page that are listed beside a missing one.
const MAX_LISTED: usize = 12;

/// Look at an appliance's pages without pressing anything, days before the window
///
/// Logs in and reads the pages that the steps need. Each control is listed as
/// found, missing or there twice; a step that needs one which is not found becomes a
/// guided step: handcarry tells what to do, and a person does it. Where the
/// inventory names an account for the site's API, what that may do is listed
/// too, and which steps are done by it. What is missing can be begun in a
/// profile. With --page a page that was saved with a browser is looked at, and
/// nothing is connected to.
#[derive(Debug, Args)]
pub struct ProbeArgs {
    /// The appliance's name in the inventory
    #[arg(value_name = "NAME", required_unless_present_any = ["page", "all", "group"], conflicts_with_all = ["all", "group"])]
    name: Option<String>,
    /// Write what is missing into this new file, as a profile to be filled in
    #[arg(long, value_name = "FILE", conflicts_with_all = ["all", "group"])]
    write_profile: Option<PathBuf>,
    /// Look at a page that was saved with a browser as HTML, and at no appliance
    #[arg(long, value_name = "FILE", conflicts_with_all = ["all", "group"])]
    page: Option<PathBuf>,
    /// What the saved page is [default: what it shows itself to be]
    #[arg(long = "as", value_name = "PAGE", value_enum, requires = "page")]
    kind: Option<SavedPage>,
    /// Labels for the saved page [default: those of NAME, or the built-in ones]
    #[arg(long, value_name = "FILE", requires = "page")]
    profile: Option<PathBuf>,
    /// The language of the saved page [default: that of NAME, or auto]
    #[arg(long, value_name = "LANGUAGE", value_enum, requires = "page")]
    pages: Option<Language>,
    #[command(flatten)]
    fleet: FleetArgs,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`] where the appliance can't be reached or refuses the login.
pub fn run(args: &ProbeArgs, context: &mut Context) -> Result<(), Failure> {
    if args.fleet.is_meant() {
        return args.fleet.read(|one, name| one.last(name), context);
    }
    if let Some(path) = args.write_profile.as_ref().filter(|path| path.exists()) {
        return Err(Failure::new(Exit::Exists, format!("{} is there already", path.shown()))
            .hint("name a new file; a profile is never overwritten"));
    }
    if let Some(page) = &args.page {
        return saved::run(page, args, context);
    }
    let inventory = Inventory::read(&context.home)?;
    let entry = inventory.appliance(args.name.as_deref().unwrap_or_default())?.clone();
    let mut appliance = driver::connect(&entry, context)?;
    let reports = appliance.probe()?;
    let offers = appliance.offers()?;
    // Who it is, where the pages say so and nobody need be asked.
    let tells = |report: &ControlReport| report.step != "status" || report.makes == Makes::Automatic;
    if entry.driver == Driver::Bomgar && reports.iter().all(tells) {
        meet::look(&mut *appliance, &entry, context)?;
    } else if let Some(who) = entry.identity() {
        journals::note_heard(&mut *appliance, &who, context)?;
    }
    let by_api: Vec<&str> = offers.iter().flat_map(|offers| offers.able()).collect();
    let mut steps = steps(&reports);
    let bare = steps.iter().any(|(step, _)| *step == NO_SITE);
    steps.retain(|(step, _)| *step != NO_SITE);
    for (step, makes) in &mut steps {
        // Even where its page has no such control, which the API does without.
        if by_api.contains(step) {
            *makes = Makes::Automatic;
        }
    }
    if let Some(offers) = &offers {
        context.console.event(&kind::API, offers);
    }
    for report in &reports {
        context.console.event(&kind::CONTROL, report);
    }
    let named = |makes| steps.iter().filter(|(_, m)| *m == makes).map(|(step, _)| *step).collect::<Vec<_>>();
    let (automatic, guided) = (named(Makes::Automatic), named(Makes::Guided));
    context.console.event(
        &kind::PROBE,
        serde_json::json!({ "automatic": automatic, "guided": guided, "by_api": by_api, "no_site": bare }),
    );
    if entry.driver == Driver::Guided {
        context.console.say(format!("{} is worked by hand: every step is guided", entry.name));
        return Ok(());
    }
    appliance.words().caution().iter().for_each(|line| context.console.warn(line));
    for (step, makes) in &steps {
        tell(step, *makes, by_api.contains(step), &reports, &context.console);
    }
    if let Some(offers) = &offers {
        tell_offers(offers, &context.console);
    }
    if bare {
        context.console.say(
            "it has no site software yet: backup, restore and failover are on pages that come with a site package; \
             probe again once one is installed",
        );
    }
    appliance.notices().iter().for_each(|line| context.console.warn(line));
    context.console.note("the licence agreement and the code itself show only after a press; they are looked at then");
    if guided.is_empty() {
        context.console.say(if bare {
            "every step that shows will be automatic"
        } else {
            "every step will be automatic"
        });
        next::after([entry.name.as_str()], None, context);
    } else {
        context.console.say(format!("guided: {}; automatic: {}", listed(&guided), listed(&automatic)));
    }
    let spoken = spoken(&appliance.words(), &reports);
    match &args.write_profile {
        Some(path) => starter::write(path, spoken, &reports, Some(&entry), context)?,
        None if !guided.is_empty() => context.console.note(how_to_heal(&entry, spoken, &reports, context)),
        None => {}
    }
    Ok(())
}

/// The language that the labels which were found are in.
fn spoken(words: &Words, reports: &[ControlReport]) -> &'static str {
    words.spoken(reports.iter().filter_map(|report| match &report.finding {
        ProbeFinding::Found { label, .. } | ProbeFinding::Unread { label, .. } => {
            Some((report.control.as_str(), label.as_str()))
        }
        _ => None,
    }))
}

/// How a control that a page shows under another label is made known.
fn how_to_heal(entry: &ApplianceEntry, language: &str, reports: &[ControlReport], context: &Context) -> String {
    let unfit = |report: &&ControlReport| {
        matches!(report.finding, ProbeFinding::Missing { .. } | ProbeFinding::Ambiguous { .. })
    };
    let first = reports.iter().find(unfit);
    let key = first.map_or("updates.upload", |report| report.control.as_str());
    let file = format!("profiles/{}.toml", entry.name);
    format!(
        "where a page shows a control under another label, write that label into {}:\n  \
         [controls.\"{key}\"]\n  {language} = [\"the label, as the page shows it\"]\n\
         and name the file under [appliances.{}] in the inventory: profile = \"{file}\"; --write-profile FILE begins \
         one with all of them, and handcarry-profile(5) tells every key",
        context.home.join(&file).shown(),
        entry.name,
    )
}

/// Each step once, in order; guided as soon as one of its controls makes it so.
fn steps(reports: &[ControlReport]) -> Vec<(&'static str, Makes)> {
    let mut steps: Vec<(&'static str, Makes)> = Vec::new();
    for report in reports {
        match steps.iter_mut().find(|(step, _)| *step == report.step) {
            Some((_, makes)) if report.makes == Makes::Guided => *makes = Makes::Guided,
            Some(_) => {}
            None => steps.push((report.step, report.makes)),
        }
    }
    steps
}

fn tell(step: &str, makes: Makes, by_api: bool, reports: &[ControlReport], console: &Console) {
    console.say(match (makes, by_api) {
        (_, true) => format!("{step}: automatic, by the API; the page is for when that fails"),
        (Makes::Guided, false) => format!("{step}: guided"),
        (Makes::Automatic, false) => format!("{step}: automatic"),
    });
    for report in reports.iter().filter(|report| report.step == step) {
        let key = &report.control;
        let found = matches!(report.finding, ProbeFinding::Found { .. });
        let without = if report.makes == Makes::Automatic && !found { "; the step does without it" } else { "" };
        let told = match &report.finding {
            ProbeFinding::Found { label, value: None } => format!("  found      {key}: {label}"),
            ProbeFinding::Found { label, value: Some(value) } => format!("  found      {key}: {label} = {value}"),
            ProbeFinding::Unread { label, value, why } => {
                format!("  unread     {key}: {label} shows {value:?}, but {why}")
            }
            ProbeFinding::Missing { looked_for, there } => {
                let more = if there.len() > MAX_LISTED { ", …" } else { "" };
                let there: Vec<&str> = there.iter().map(String::as_str).take(MAX_LISTED).collect();
                format!(
                    "  missing    {key}: no {} on {}; it has {}{more}",
                    looked_for.join(" or "),
                    report.page,
                    if there.is_empty() { "nothing of the sort".to_owned() } else { there.join(", ") }
                )
            }
            ProbeFinding::Ambiguous { matches } => {
                format!("  ambiguous  {key}: {} on {}: {}", matches.len(), report.page, matches.join(", "))
            }
            ProbeFinding::Unreachable { why } => format!("  not seen   {key}: {why}"),
        };
        console.say(told + without);
    }
}

/// Lists what the API may do.
fn tell_offers(offers: &Offers, console: &Console) {
    let version = offers.version.as_deref().unwrap_or("of no told version");
    let clock = offers.clock.map_or("none".to_owned(), local_time);
    console.say(format!("API {version}, its clock: {clock}"));
    for offer in &offers.steps {
        console.say(match &offer.lacks {
            None => format!("  by API     {}", offer.step),
            Some(why) => format!("  not by API {}: {why}", offer.step),
        });
    }
    for (name, granted) in &offers.permissions {
        console.say(format!("  granted    {name}: {granted}"));
    }
}

fn listed(steps: &[&str]) -> String {
    if steps.is_empty() { "none".to_owned() } else { steps.join(", ") }
}
