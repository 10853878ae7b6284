//! Where an appliance's files lie, and what its journal says: read and written
//! by verbs that hold no journal of their own.

use super::at_work;
use super::overrides::DangerousArgs;
use crate::bundle::Delivery;
use crate::cli::{Context, warn_unlogged};
use crate::driver::{Appliance, Heard};
use crate::engine::{self, Entry, EntryLog, Folders, Past, RunJournal, SetAside};
use crate::events::SecurityEvent;
use crate::inventory::{ApplianceEntry, Identity};
use crate::journal::{self, JournalError};
use crate::model::{Failure, Status};
use crate::plan::PackageList;
use std::path::{Path, PathBuf};

/// Where an appliance's journal lies.
pub fn journal_path(who: &Identity, context: &Context) -> PathBuf {
    folders(context.home.root(), who).journal
}

/// Where an appliance's files lie below `root`.
pub fn folders(root: &Path, who: &Identity) -> Folders {
    let key = who.key();
    let below = |folder: &str| root.join(folder).join(key.as_str());
    Folders {
        backups: below("backups"),
        certificates: below("certificates"),
        // Apart from what it protects, so that one folder carried off does not take the other along.
        key_passphrase: root.join("keys").join(format!("certificates-{key}")),
        staging: below("staging"),
        licences: below("licences"),
        journal: root.join("journal").join(format!("{key}.jsonl")),
    }
}

/// Opens an appliance's journal for this run alone. What is set aside in it on
/// a person's word is in the event log as well.
///
/// # Errors
/// The journal's.
pub fn open(who: &Identity, context: &Context) -> Result<EntryLog, JournalError> {
    let (events, console) = (context.events.clone(), context.console.clone());
    let watch = move |at, entry: &Entry| {
        let Some(SetAside { what, refused, reason }) = entry.set_aside() else { return };
        for error in events.write(at, &[SecurityEvent::Overridden { what, refused, reason }]) {
            warn_unlogged(error, &console);
        }
    };
    let path = journal_path(who, context);
    let log = EntryLog::open(&path, context.now()).map_err(|error| at_work::named(error, &path, who, context))?;
    at_work::begin(&path, context);
    Ok(log.watched(watch))
}

/// What an appliance's journal says; nothing where there is none yet.
///
/// # Errors
/// The journal's, where it can't be read or does not hold.
pub fn past(who: &Identity, context: &Context) -> Result<Past, Failure> {
    match journal::read(&journal_path(who, context)) {
        Ok(chain) => Ok(Past::of(&chain.records)),
        Err(JournalError::Missing { .. }) => Ok(Past::default()),
        Err(error) => Err(error.into()),
    }
}

/// The same by an appliance's entry; nothing, too, where it was never met.
///
/// # Errors
/// As [`past`].
pub fn past_of(entry: &ApplianceEntry, context: &Context) -> Result<Past, Failure> {
    entry.identity().map_or_else(|| Ok(Past::default()), |who| past(&who, context))
}

/// Writes down that somebody else has begun to install what `bundle` carries,
/// where that is so and is not in the journal yet; its past then. A run that
/// is at work there writes it itself.
///
/// # Errors
/// The journal's.
pub fn begun_elsewhere(
    bundle: &Delivery,
    who: &Identity,
    status: &Status,
    mut past: Past,
    context: &Context,
) -> Result<Past, Failure> {
    let list = PackageList::carried(bundle.consignment());
    let Some(begun) = engine::begun_elsewhere(&list, status, past.history()) else { return Ok(past) };
    match open(who, context) {
        Ok(mut journal) => journal.append(context.now(), &begun)?,
        Err(JournalError::Busy { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    // Where another run holds the journal, too: this plan must go by it all the same.
    past.apply(context.now(), begun);
    Ok(past)
}

/// Asks again for what was set aside and writes it into the appliance's
/// journal, which is opened only where there is something to write.
///
/// # Errors
/// As [`DangerousArgs::answer_for`]; the journal's.
pub fn answer_for(
    dangerous: &DangerousArgs,
    bundle: &Delivery,
    verb: &str,
    who: &Identity,
    context: &mut Context,
) -> Result<(), Failure> {
    let mut journal = match bundle.dangerously_accepted().is_empty() {
        true => None,
        false => Some(open(who, context)?),
    };
    dangerous.answer_for(bundle, verb, journal.as_mut(), context)
}

/// Writes down what a verb without a journal of its own had answered and
/// accepted; opens the journal only where there is something.
///
/// # Errors
/// The journal's; the text can't be kept.
pub fn note_heard(appliance: &mut dyn Appliance, who: &Identity, context: &Context) -> Result<(), Failure> {
    let heard = Heard::by(appliance);
    if heard.is_empty() {
        return Ok(());
    }
    let mut journal = open(who, context)?;
    note_in(heard, &mut journal, who, context)
}

/// Writes it down in an appliance's journal that is open already.
///
/// # Errors
/// As [`note_heard`].
pub fn note_in(heard: Heard, journal: &mut EntryLog, who: &Identity, context: &Context) -> Result<(), Failure> {
    engine::note_heard(heard, &folders(context.home.root(), who).licences, context.now(), journal)
}

/// Says that it could not be written down, where that must not hold up what
/// else is done.
pub fn warn_of_unnoted(failure: &Failure, context: &Context) {
    context.console.warn(format!("what you answered is not in the journal: {}", failure.message));
}
