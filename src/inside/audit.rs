//! The verb `audit`: the journal, proved and told.

use super::job;
use super::marks::sound_time;
use crate::cli::{Desk, list_papers, read_paper};
use crate::journal;
use crate::media::Medium;
use crate::model::{Failure, Receipt, ShowPath, text};
use crate::report;
use crate::trust::{AllowedSigners, LineOptions, Namespace, Policy, PublicKey, TrustStore, Trusted};
use clap::Args;
use std::path::{Path, PathBuf};

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
pub fn run(args: &AuditArgs, desk: &mut Desk) -> Result<(), Failure> {
    let entry = job::entry(&args.name, desk)?;
    let chain = journal::read(&job::journal_path(&job::identity(&entry)?, desk))?;
    desk.console.event("journal", report::journal_json(&chain));
    desk.console.say(report::journal_text(&chain));
    let mut compared = 0;
    if !args.receipt.is_empty() {
        let now = sound_time(desk)?;
        let store = store(desk)?;
        let serials = serials(&chain);
        for path in files(&args.receipt)? {
            let receipt = read_paper::<Receipt>(&path, Namespace::Receipt, &store, now)?.value;
            if !serials.contains(&receipt.appliance.serial) {
                let serial = text::one_line(&receipt.appliance.serial);
                desk.console.note(format!("{} is about another appliance ({serial})", path.shown()));
                continue;
            }
            chain.check_head(&receipt.journal).map_err(|error| Failure::from(error).about(path.shown()))?;
            compared += 1;
        }
    }
    let head = chain.head();
    desk.console.say(format!("the chain holds: {} records, head {}", head.records, head.sha256));
    if compared > 0 {
        let receipts = if compared == 1 { "1 receipt".to_owned() } else { format!("{compared} receipts") };
        desk.console.say(format!("it goes on from where {receipts} saw it"));
    } else {
        desk.console.note("not compared with any receipt; --receipt MEDIA does that");
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

/// Who may have signed a receipt of this desk: those trusted here, and its own
/// key. One of them suffices, as when the receipt was written.
fn store(desk: &Desk) -> Result<TrustStore, Failure> {
    let trusted = Trusted::read(&desk.home.trust())?;
    let mut lines = trusted.update.signers_text();
    let own: &Path = &desk.home.signing_key().with_extension("pub");
    if own.is_file() {
        let key = PublicKey::read(own)?;
        lines.push_str(&AllowedSigners::render_line("this-desk", &key, &LineOptions::only_for(&[Namespace::Receipt]))?);
        lines.push('\n');
    }
    let policy = Policy { revoked: trusted.store.policy.revoked, ..Policy::default() };
    Ok(TrustStore { signers: AllowedSigners::parse(&lines)?, policy })
}
