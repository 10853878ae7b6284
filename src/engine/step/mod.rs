//! What each operation of a plan does, one file an operation or a few that
//! share what they look at.
//!
//! [`is_done`] asks the appliance whether a step is done already, where that
//! can be asked without a press and without a person; whatever else may be so
//! already, `perform` looks for before it presses. After a press it looks that
//! it became so. A step that is not as the plan thought ends the run with what
//! is so and the way back.

mod break_up;
mod certificate;
mod compare;
mod confirm;
mod entry;
mod establish;
mod install;
mod person;
mod reset;
mod restore;
mod roles;
mod shut_down;
mod soak;
mod switch;
mod sync;
mod verify;
mod window;

use super::run::Run;
use crate::model::Failure;
use crate::plan::{Op, Part, Step, Switch};

/// The appliance that a site moves from, and the one it moves to.
pub(super) const OLD: Part = Part::A;
pub(super) const NEW: Part = Part::B;

/// Whether the appliance shows that a step is done already.
///
/// # Errors
/// The driver's; what forbids the step whether it is done or not.
pub(super) fn is_done(run: &mut Run<'_>, step: &Step) -> Result<bool, Failure> {
    match &step.op {
        Op::Install { package, unsure, .. } => run.is_installed(step.on, package, unsure),
        Op::ImportCertificate => run.is_imported(),
        Op::Switch { by: Switch::Dns } | Op::Entry => run.entry_leads_here(step.on),
        _ => Ok(false),
    }
}

/// Does a step. What it ends with is so on the appliance when it returns.
/// `next` are the steps after it.
///
/// # Errors
/// A [`Failure`] that says how it ended, and what goes on.
pub(super) fn perform(run: &mut Run<'_>, step: &Step, next: &[Step]) -> Result<(), Failure> {
    let on = step.on;
    match &step.op {
        Op::Check => run.tell_check(on),
        Op::Backup => run.backup(on),
        Op::Install { package, again, .. } => run.install(on, package, again.is_some()),
        Op::Soak { after, .. } => run.soak(on, after, next),
        Op::Upgrade { .. } => run.upgrade(on),
        Op::Compare => run.compare(),
        Op::Sync => run.sync(&step.id, on),
        Op::Break => run.break_up(on),
        Op::Verify { hosts_file } => run.verify(on, *hosts_file),
        Op::Window => run.second_window(on),
        Op::SessionData => run.pull_session_data(on),
        Op::Switch { by } => run.switch(*by, on),
        Op::IntegrationClient => run.see_integration_client(on),
        Op::Establish => run.establish(on),
        Op::ExportCertificate => run.export(on),
        Op::ImportCertificate => run.import(),
        Op::AssignAddress => run.assign(),
        Op::Restore => run.restore(),
        Op::Entry => run.switch(Switch::Dns, on),
        Op::Confirm => run.confirm(),
        Op::Reset => run.reset(),
        Op::ShutDown => run.shut_down(),
    }
}
