//! An appliance is met: who answers under a name of the inventory.
//!
//! 1. Whoever answers is who it is: by its serial number the journal, the
//!    marks and the waits are found, under whatever name it was called.
//! 2. A name that had no serial number yet gets the one that answers, in the
//!    inventory. Two names of one appliance share all that is remembered, and
//!    are told to; where their rules differ, nothing is done under either.
//! 3. Where another box answers than before, nothing of the old one counts.
//!    It is told; who installs must say that it was replaced.
//! 4. What it shows is written down where it is new, so that an install that
//!    was done elsewhere is known from when it was first seen.

use super::journals;
use crate::cli::Context;
use crate::console::Operator;
use crate::driver::Appliance;
use crate::engine::{self, Entry as Record, EntryLog, RunJournal};
use crate::inside::question::InsideQuestion;
use crate::inventory::{ApplianceEntry, Identity, Inventory, InventoryError, serial_complaint};
use crate::journal::JournalError;
use crate::model::{Failure, Status, text};

/// An appliance that answered.
pub struct MetAppliance {
    /// Who it is.
    pub identity: Identity,
    /// What it shows.
    pub status: Status,
}

/// Reads an appliance, for a verb that installs nothing: who it is, and what
/// of it is new to its journal.
///
/// # Errors
/// The driver's; [`InventoryError::Twins`]; the journal's, where an accepted
/// agreement could not be written down.
pub fn look(appliance: &mut dyn Appliance, entry: &ApplianceEntry, context: &Context) -> Result<MetAppliance, Failure> {
    let status = appliance.status();
    if let (Err(_), Some(known)) = (&status, entry.identity())
        && let Err(failure) = journals::note_heard(appliance, &known, context)
    {
        // A no that ends it, say; the failure itself says more.
        journals::warn_of_unnoted(&failure, context);
    }
    let status = status?;
    let (identity, replaced) = recognise(entry, &status, context)?;
    if let Some(replaced) = replaced {
        context.console.warn(format!(
            "{replaced}: nothing that was done on the old one counts for it; push and update ask whether it was replaced"
        ));
    }
    journals::note_heard(appliance, &identity, context)?;
    if let Err(failure) = note(&identity, &status, context) {
        context.console.warn(format!("what it shows is not in its journal: {}", failure.message));
    }
    Ok(MetAppliance { identity, status })
}

/// Who answers under a name, bound to it where nobody was yet; with the error
/// where somebody else was.
///
/// # Errors
/// [`InventoryError::Twins`]; the inventory can't be read or written.
pub fn recognise(
    entry: &ApplianceEntry,
    status: &Status,
    context: &Context,
) -> Result<(Identity, Option<InventoryError>), Failure> {
    let who = Identity::of(&status.appliance.serial);
    let (name, serial) = (entry.name.to_string(), text::one_line(who.serial()));
    let inventory = Inventory::read(&context.home)?;
    let path = inventory.path().to_path_buf();
    for twin in inventory.twins(&entry.name, &who) {
        let twin_name = twin.name.to_string();
        // Two rules for one appliance: its wait, say, would depend on which name is typed.
        if let Some(key) = entry.differs_from(twin) {
            return Err(InventoryError::Twins { name, twin: twin_name, serial, key, path }.into());
        }
        context.console.warn(format!(
            "{name} and {twin_name} are one appliance, {serial}: its journal, marks, waits and lock are the same under both names"
        ));
    }
    match entry.identity() {
        Some(known) if known == who => Ok((who, None)),
        Some(known) => {
            let was = text::one_line(known.serial());
            Ok((who, Some(InventoryError::Replaced { name, was, now: serial, url: entry.url.clone(), path })))
        }
        None => {
            bind(entry, &who, context)?;
            Ok((who, None))
        }
    }
}

/// Asks whether a name's box was replaced by the one that answers; binds the
/// name to it then. Goes into the journal of the one that answers.
///
/// # Errors
/// The given one where nobody says so.
pub fn ask_replaced(
    replaced: InventoryError,
    entry: &ApplianceEntry,
    who: &Identity,
    journal: &mut EntryLog,
    context: &mut Context,
) -> Result<(), Failure> {
    context.console.warn(replaced.to_string());
    let (name, serial) = (entry.name.to_string(), text::one_line(who.serial()));
    let question = InsideQuestion::WasReplaced { name, serial };
    // Nobody there is no yes: another box under an old name may as well be a wrong cable.
    let yes = context.operator.confirm(&question).unwrap_or_default();
    journal.append(context.now(), &Record::Asked { question: question.to_string(), yes })?;
    if yes { bind(entry, who, context) } else { Err(replaced.into()) }
}

fn bind(entry: &ApplianceEntry, who: &Identity, context: &Context) -> Result<(), Failure> {
    if let Some(complaint) = serial_complaint(who.serial()) {
        let what = format!("can't be remembered: the serial number that the appliance shows {complaint}");
        let path = context.home.join("inventory.toml");
        return Err(InventoryError::Entry { path, name: entry.name.to_string(), what }.into());
    }
    Inventory::bind(&context.home, &entry.name, who.serial())?;
    context.console.note(format!("{} is {} from now on; by that number it is remembered", entry.name, who.serial()));
    Ok(())
}

/// Writes down what an appliance shows, where its journal does not know it
/// yet. A run that is at work on it sees it by itself.
fn note(who: &Identity, status: &Status, context: &Context) -> Result<(), Failure> {
    match journals::open(who, context) {
        Ok(mut journal) if engine::is_news(journal.entries(), status) => {
            journal.append(context.now(), &Record::seen(status, context.now()))
        }
        Ok(_) => Ok(()),
        Err(JournalError::Busy { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
