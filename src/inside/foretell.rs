//! What is told before anything is pressed, and what it is made from.

use super::appliance_session::{self, CertificateArgs};
use super::journals;
use super::overrides::DangerousArgs;
use super::supply::Supply;
use crate::cli::{Context, PageArgs};
use crate::console::{TypedCommand, kind};
use crate::driver::Appliance;
use crate::engine::{self, Past, removed_first};
use crate::inventory::{ApplianceEntry, Identity};
use crate::media::{self, Mode};
use crate::model::{Consignment, Failure, Sha256Digest, ShowPath};
use crate::plan::{ClientRemoval, History, Plan};
use crate::report::{self, PlanFacts, PressNotice};
use std::path::Path;

/// What a plan is made for, whatever it works.
pub(super) struct PlanRequest<'a> {
    /// Where the bundle is looked for.
    pub media: Supply<'a>,
    /// What is set aside, and why.
    pub dangerous: &'a DangerousArgs,
    /// Whether settings may be restored on the backup of a failover pair.
    pub over_backup: bool,
    /// Why all client software was removed first; `None` where that is not said.
    pub removed: Option<&'a str>,
    /// How certificates are exported.
    pub certificate: &'a CertificateArgs,
    /// Where its page goes; `None` where none can be asked for.
    pub page: Option<&'a PageArgs>,
    /// Where its times are kept as a calendar.
    pub ics: Option<&'a Path>,
    /// Whether it is told to a run over many, which then has push do it unasked.
    pub of_many: bool,
}

impl PlanRequest<'_> {
    /// Writes the plan's page, where one is wanted: `on` are its appliances with their serial numbers, and it is
    /// agreed to by that digest.
    ///
    /// # Errors
    /// The file is there already or can't be written.
    pub(super) fn write_page(
        &self,
        plan: &Plan,
        on: &[(&ApplianceEntry, &str)],
        sha256: Sha256Digest,
        carried: &[&Consignment],
        context: &Context,
    ) -> Result<(), Failure> {
        let Some((page, (first, _))) = self.page.zip(on.first()) else { return Ok(()) };
        let install = |own: &Plan| own.procedure.install().map(|install| install.bundle.to_string());
        let bundle = |part: usize| {
            let mut own = plan.upgrades().filter(|(of, _)| of.index() == part);
            install(plan).or_else(|| own.find_map(|(_, own)| install(own)))
        };
        // The serial number is the one that it showed, which the inventory may not know yet.
        let about = on.iter().enumerate().map(|(part, (entry, serial))| report::About {
            serial: (*serial).to_owned(),
            bundles: bundle(part).into_iter().collect(),
            ..appliance_session::about(entry)
        });
        let agreed_by = (!plan.steps.is_empty()).then_some(sha256);
        let carried = carried.iter().flat_map(|own| &own.packages);
        let facts = PlanFacts { plan, about: about.collect(), agreed_by, carried: carried.collect() };
        page.write(appliance_session::tongue(first), |imprint| Ok(report::plan_html(facts, imprint)), context)
    }
}

/// Says that nothing is left to do on an appliance: because what was carried is `used`, or because it has all of it.
pub(super) fn tell_nothing_left(used: bool, context: &Context) {
    context.console.event(&kind::NOTHING_LEFT, serde_json::json!({ "used": used }));
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
    tell_press(&press, &by_push(context), context);
    Ok(())
}

/// The command that does what plan told.
fn by_push(context: &Context) -> TypedCommand {
    // Another page or calendar of the same plan is not what comes next.
    context.typed().without(&[], &["--write", "--ics"]).for_verb("push")
}

/// Keeps the times of a plan as a calendar, where that is asked for.
///
/// # Errors
/// The disk's, or that the file is there.
pub(super) fn keep_times(
    plan: &Plan,
    press: &PressNotice,
    ics: Option<&Path>,
    context: &Context,
) -> Result<(), Failure> {
    let Some(path) = ics else { return Ok(()) };
    let command = by_push(context).and(["--agree".to_owned(), press.plan_sha256.to_string()]);
    let times = report::calendar(plan, &press.names(), &command.to_string(), press.plan_sha256, context.now());
    media::write_durably_new(path, times.as_bytes(), Mode::Shared)?;
    context.console.event(&kind::CALENDAR_WRITTEN, serde_json::json!({ "path": path }));
    context.console.say(format!("written: {}", path.shown()));
    Ok(())
}

/// Tells what `next` asks about before it presses anything, and how that is
/// answered beforehand.
pub(super) fn tell_press(press: &PressNotice, next: &TypedCommand, context: &Context) {
    let mut event = serde_json::to_value(press).expect("plain data");
    event["line"] = press.line().into();
    event["advice"] = press.advice().into();
    context.console.event(&kind::FIRST_PRESS, event);
    context.console.say("");
    press.lines().iter().for_each(|line| context.console.say(line));
    if let Some(advice) = press.advice() {
        context.console.warn(advice);
    }
    context.console.next(next.to_string());
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
