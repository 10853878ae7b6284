//! The verb `backup`: a backup now, kept and journalled, nothing else.

use super::appliance_session::{ApplianceSession, BackupArgs};
use crate::cli::Context;
use crate::inventory::Driver;
use crate::model::Failure;
use clap::Args;

/// Make a backup of the appliance and keep it
///
/// One made within twelve hours before a push counts as that push's backup.
#[derive(Debug, Args)]
pub struct BackupVerbArgs {
    /// The appliance's name in the inventory
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    backup: BackupArgs,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`] where no backup was made.
pub fn run(args: &BackupVerbArgs, context: &mut Context) -> Result<(), Failure> {
    let mut job = ApplianceSession::begin(&args.name, &args.backup, context)?;
    // By hand a look means that somebody types all that a page shows, and a backup needs none of it.
    let looks = job.entry.driver != Driver::Guided;
    job.work(context, |engine| engine.backup_alone(looks))?;
    context.console.next("keep a copy of it elsewhere, and make another whenever settings change");
    Ok(())
}
