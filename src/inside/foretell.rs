//! What is told before anything is pressed, and what it is made from.

use super::journals;
use super::overrides::DangerousArgs;
use crate::cli::Context;
use crate::console::TypedCommand;
use crate::driver::Appliance;
use crate::engine::{self, Past, removed_first};
use crate::inventory::{ApplianceEntry, Identity};
use crate::model::{Consignment, Failure};
use crate::plan::{ClientRemoval, History};
use crate::report::PressNotice;
use std::path::Path;

/// What a plan is made for, whatever it works.
pub(super) struct PlanRequest<'a> {
    /// Where the medium is mounted, or the bundle's file.
    pub media: &'a Path,
    /// What is set aside, and why.
    pub dangerous: &'a DangerousArgs,
    /// Whether settings may be restored on the backup of a failover pair.
    pub over_backup: bool,
    /// Why all client software was removed first; `None` where that is not said.
    pub removed: Option<&'a str>,
}

/// Tells what push asks about before it presses anything, and how that is
/// answered beforehand. `serving` is the appliance whose sessions end.
///
/// # Errors
/// The journal's, where an accepted agreement could not be written down.
pub(super) fn foretell(
    press: PressNotice,
    serving: &mut dyn Appliance,
    who: &Identity,
    entry: &ApplianceEntry,
    context: &Context,
) -> Result<(), Failure> {
    // Where it would only wait now, nobody is asked, and its site need not be either.
    let mut press = if press.presses { engine::look(press, serving) } else { press };
    journals::note_heard(serving, who, context)?;
    press.has_windows |= entry.windows.is_some();
    tell_press(&press, &context.typed().for_verb("push"), context);
    Ok(())
}

/// Tells what `next` asks about before it presses anything, and how that is
/// answered beforehand.
pub(super) fn tell_press(press: &PressNotice, next: &TypedCommand, context: &Context) {
    let mut event = serde_json::to_value(press).expect("plain data");
    event["line"] = press.line().into();
    event["advice"] = press.advice().into();
    context.console.event("first-press", event);
    context.console.say("");
    press.lines().iter().for_each(|line| context.console.say(line));
    if let Some(advice) = press.advice() {
        context.console.warn(advice);
    }
    context.console.note(format!("next: {next}"));
    let agreed = next.and(["--agree".to_owned(), press.plan_sha256.to_string()]);
    context.console.note(format!("or, agreed to beforehand: {agreed}"));
}

/// What was done earlier, and what is said now of the clients: why all of them
/// were `removed` first, where that is said.
///
/// # Errors
/// As [`removed_first`].
pub(super) fn history(
    removed: Option<&str>,
    past: &Past,
    consignment: &Consignment,
    entry: &ApplianceEntry,
) -> Result<History, Failure> {
    let mut history = past.history().clone();
    if let Some(reason) = removed
        && !removed_first(past, consignment.bundle, entry.name.as_str())?
    {
        history.removals.push(ClientRemoval { bundle: consignment.bundle, reason: reason.to_owned() });
    }
    Ok(history)
}
