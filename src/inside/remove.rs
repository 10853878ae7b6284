//! The verb `remove`: an appliance is looked after here no more.

use super::journals;
use super::rename::no_open_pair;
use crate::cli::Context;
use crate::console::{Operator, kind};
use crate::inside::question::InsideQuestion;
use crate::inventory::{Inventory, certificate_of};
use crate::model::{Exit, Failure, FileName};
use clap::Args;

/// Take an appliance out of the inventory, with its certificate
///
/// Its journal, marks, receipts and backups stay: they are evidence, and count again where it is enrolled anew.
#[derive(Debug, Args)]
pub struct RemoveArgs {
    /// The appliance's name in the inventory
    #[arg(value_name = "NAME", value_parser = FileName::parse)]
    name: FileName,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]: no such name, a run of it is not over, nobody agrees.
pub fn run(args: &RemoveArgs, context: &mut Context) -> Result<(), Failure> {
    let name = &args.name;
    let inventory = Inventory::read(&context.home)?;
    let past = journals::past_of(inventory.appliance(name.as_str())?, context)?;
    no_open_pair(name.as_str(), &past)?;
    if let Some(open) = past.open_install() {
        return Err(Failure::new(
            Exit::Unconfirmed,
            format!("what became of {} on {name} is not known yet", open.package.name),
        )
        .hint("push looks first, and tells; remove it then"));
    }
    if !context.operator.confirm(&InsideQuestion::RemoveAppliance { name: name.to_string() })? {
        return Err(Failure::new(Exit::Declined, format!("{name} stays")));
    }
    Inventory::remove(&context.home, name)?;
    let _ = std::fs::remove_file(context.home.join(certificate_of(name)));
    context.console.event(&kind::REMOVED, serde_json::json!({ "appliance": name }));
    context.console.say(format!("{name} is enrolled here no more; its journal, marks and backups stay"));
    Ok(())
}
