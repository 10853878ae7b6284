//! The verb `rename`: an appliance is called otherwise.

use super::enroll_renew::MAX_PEM_BYTES;
use super::journals;
use crate::cli::Context;
use crate::console::kind;
use crate::engine::Past;
use crate::inventory::{Inventory, certificate_of};
use crate::media::{self, Mode};
use crate::model::{Exit, Failure, FileName, text};
use clap::Args;

/// Call an enrolled appliance otherwise
///
/// What is remembered of it hangs on its serial number, so that nothing is lost: journal, marks, waits and backups stay.
/// A pair's run that is not over keeps the names it began with, so that it is ended first.
#[derive(Debug, Args)]
pub struct RenameArgs {
    /// Its name now
    #[arg(value_name = "OLD", value_parser = FileName::of_appliance)]
    old: FileName,
    /// Its name from now on: a-z, 0-9, '.', '_', '-'
    #[arg(value_name = "NEW", value_parser = FileName::of_appliance)]
    new: FileName,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]: no such name, the new one is taken, a run over two is not over.
pub fn run(args: &RenameArgs, context: &mut Context) -> Result<(), Failure> {
    let RenameArgs { old, new } = args;
    let inventory = Inventory::read(&context.home)?;
    let entry = inventory.appliance(old.as_str())?.clone();
    inventory.check_free(new)?;
    let mut both = vec![entry.clone()];
    both.extend(entry.pair.iter().filter_map(|pair| inventory.appliance(pair.partner.as_str()).ok().cloned()));
    for one in &both {
        no_open_pair(one.name.as_str(), &journals::past_of(one, context)?)?;
    }
    let (from, to) = (context.home.join(certificate_of(old)), context.home.join(certificate_of(new)));
    // Copied before the inventory names it and removed after, so that whenever it ends the entry has its certificate.
    if from.is_file() {
        let pem = media::read_bounded(&from, MAX_PEM_BYTES, "a certificate")?;
        media::write_durably(&to, &pem, Mode::Private)?;
    }
    Inventory::rename(&context.home, old, new)?;
    let _ = std::fs::remove_file(&from);
    context.console.event(&kind::RENAMED, serde_json::json!({ "old": old, "appliance": new }));
    context.console.say(format!("{old} is called {new} from now on"));
    Ok(())
}

/// Refuses where a run over two is not over: it goes on by the names that it began with.
pub(super) fn no_open_pair(name: &str, past: &Past) -> Result<(), Failure> {
    match past.open_pair() {
        Some(open) => {
            Err(Failure::new(Exit::PairOpen, format!("{name} is in a pair run that is not over ({})", open.told()))
                .hint(format!("end it first: {}", text::printable(&open.command))))
        }
        None => Ok(()),
    }
}
