//! The verb `watch`: where the run stands that is at work on an appliance, seen
//! from a second terminal, until it ends.

use super::appliance_session;
use super::at_work::{self, AtWork};
use super::{journals, next};
use crate::cli::Context;
use crate::console::kind;
use crate::inventory::ApplianceEntry;
use crate::model::Failure;
use clap::Args;
use std::time::Duration;

/// Between two looks at what the run says.
// It says something once a second at most, and a look is a small file.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Watch the run that is at work on an appliance, from a second terminal, until it ends
///
/// It tells which command it is, whose, since when, and each thing that it says. It asks the appliance nothing, disturbs
/// nothing, and may be ended at any time.
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// The appliance's name in the inventory
    #[arg(value_name = "NAME")]
    name: String,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]: no such appliance, or its journal can't be read.
pub fn run(args: &WatchArgs, context: &mut Context) -> Result<(), Failure> {
    let entry = appliance_session::entry(&args.name, context)?;
    let seen = match entry.identity() {
        Some(who) => {
            let mut seen: Option<AtWork> = None;
            let journal = journals::journal_path(&who, context);
            while let Some(run) = at_work::now(&journal, context) {
                tell(&run, seen.as_ref(), context);
                seen = Some(run);
                context.time.sleep(LOOK_EVERY);
            }
            seen
        }
        None => None,
    };
    context.console.say(match seen {
        Some(_) => "the run has ended".to_owned(),
        None => format!("no run is at work on {} now", entry.name),
    });
    tell_standing(&entry, context)
}

/// Tells what is new of a run.
fn tell(run: &AtWork, before: Option<&AtWork>, context: &Context) {
    if before == Some(run) {
        return;
    }
    context.console.event(&kind::AT_WORK, run.json());
    if before.is_none_or(|before| before.told() != run.told()) {
        context.console.say(run.told());
    }
    let stands = run.stands();
    if !stands.is_empty() && before.is_none_or(|before| before.stands() != stands) {
        context.console.say(format!("  {stands}"));
    }
}

/// Where the appliance stands by its journal, and what is due.
fn tell_standing(entry: &ApplianceEntry, context: &Context) -> Result<(), Failure> {
    let (line, due) = next::of_one(entry, context)?;
    context.console.say(line);
    due.iter().for_each(|due| context.console.next(due));
    Ok(())
}
