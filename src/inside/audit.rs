//! The verb `audit`: the journal, proved and told.

use super::appliance_session;
use super::high_water::sound_time;
use super::journals;
use crate::cli::{Context, list_papers, read_paper};
use crate::journal;
use crate::media::Medium;
use crate::model::{Failure, Receipt, ShowPath, text};
use crate::report;
use crate::trust::Namespace;
use clap::Args;
use std::path::PathBuf;

/// Prove the journal's chain and print it
///
/// With receipts given, it must also go on from where each of them saw it: a
/// journal that was cut at its end is found only that way.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// The appliance's name in the inventory
    #[arg(value_name = "NAME")]
    name: String,
    /// A receipt's file, or a medium with receipts, to compare with; repeatable
    #[arg(long, value_name = "FILE|MEDIA")]
    receipt: Vec<PathBuf>,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]: there is no journal, a line was changed, it was cut, a
/// receipt is not signed by anyone trusted.
pub fn run(args: &AuditArgs, context: &mut Context) -> Result<(), Failure> {
    let entry = appliance_session::entry(&args.name, context)?;
    let chain = journal::read(&journals::journal_path(&appliance_session::identity(&entry)?, context))?;
    context.console.event("journal", report::journal_json(&chain));
    // Printed before it is compared: a journal that was cut is evidence all the same.
    context.console.say(report::journal_text(&chain));
    let mut compared = 0;
    if !args.receipt.is_empty() {
        let now = sound_time(context)?;
        // What this desk signed itself is among them.
        let store = context.trust_with_own(Namespace::Receipt)?;
        let serials = serials(&chain);
        for path in files(&args.receipt)? {
            let receipt = read_paper::<Receipt>(&path, Namespace::Receipt, &store, now)?.value;
            // A medium carries the receipts of many appliances. What
            // they say of other journals is no fault of this one.
            if !serials.contains(&receipt.appliance.serial) {
                let serial = text::one_line(&receipt.appliance.serial);
                context.console.note(format!("{} is about another appliance ({serial})", path.shown()));
                continue;
            }
            chain.check_head(&receipt.journal).map_err(|error| Failure::from(error).about(path.shown()))?;
            compared += 1;
        }
    }
    let head = chain.head();
    context.console.say(format!("the chain holds: {} records, head {}", head.records, head.sha256));
    if compared > 0 {
        let receipts = if compared == 1 { "1 receipt".to_owned() } else { format!("{compared} receipts") };
        context.console.say(format!("it goes on from where {receipts} saw it"));
    } else {
        context.console.note("not compared with any receipt; --receipt MEDIA does that");
    }
    Ok(())
}

/// Receipts named one by one, and all of each medium.
fn files(given: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in given {
        match path.is_dir() {
            true => files.extend(list_papers(&Medium::at(path)?.receipts())?),
            false => files.push(path.clone()),
        }
    }
    Ok(files)
}

/// The serial numbers the journal has seen.
fn serials(chain: &journal::Chain) -> Vec<String> {
    chain.records.iter().filter_map(|record| record.text("serial").map(str::to_owned)).collect()
}
