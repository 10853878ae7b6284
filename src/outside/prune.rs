//! `vault prune`: removes what a signed receipt says is installed and a second
//! copy still has; nothing else, and nothing unasked.

use super::mirror;
use super::receive::Shelf;
use super::vault::{Removal, StoredPackage, Vault};
use crate::cli::{Context, Paper, list_kept_papers, read_paper};
use crate::console::{Operator, kind};
use crate::events::SecurityEvent;
use crate::model::{Exit, Failure, Outcome, Receipt, Sha256Digest, text};
use crate::outside::question::OutsideQuestion;
use crate::trust::Namespace;
use clap::Args;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Fewest digits of a digest that name a package.
const DIGEST_DIGITS: usize = 6;

#[derive(Debug, Args)]
pub(super) struct PruneArgs {
    /// Remove this one without being asked, by the beginning of its digest, and no other; repeatable
    #[arg(long, value_name = "DIGEST")]
    yes_remove: Vec<String>,
    /// Folder that holds the second copy [default: the one in vault.toml]
    #[arg(long, value_name = "DIR")]
    also: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// [`Exit::NothingToDo`] where nothing may be removed, [`Exit::Declined`]
/// where the person says no.
pub(super) fn run(args: &PruneArgs, context: &mut Context) -> Result<(), Failure> {
    let vault = Vault::open(context.home.root())?;
    let receipts = receipts(context)?;
    let copies = mirror::folder(args.also.as_deref(), context)?;
    if let Some(folder) = &copies {
        mirror::there(folder)?;
    }
    let copies = copies.map(|folder| mirror::open(&vault, &folder)).transpose()?;
    let mut removals = Vec::new();
    for (sha256, records) in by_object(&vault)? {
        let chosen = args.yes_remove.is_empty() || args.yes_remove.iter().any(|which| means(which, &sha256));
        if !chosen {
            continue;
        }
        match removal(&records, &receipts, copies.as_ref(), context) {
            Ok(removal) => removals.push(removal),
            Err(why) => context.console.note(format!("Stays: {} ({why})", titles(&records).join(", "))),
        }
    }
    if let Some(which) = args.yes_remove.iter().find(|which| !removals.iter().any(|r| means(which, &r.sha256))) {
        return Err(Failure::new(Exit::NotFound, format!("nothing that may be removed begins with {which:?}"))
            .hint("give six digits or more of a digest; run it without --yes-remove to see what may go and what stays, and why"));
    }
    if removals.is_empty() {
        return Err(Failure::new(Exit::NothingToDo, "nothing in the vault may be removed")
            .hint("a package may go when a signed receipt says it is installed and a second copy has it"));
    }
    let space = text::bytes(removals.iter().map(|removal| removal.size_bytes).sum());
    for removal in &removals {
        let receipts: Vec<String> = removal.receipts.iter().map(|receipt| receipt.short()).collect();
        context.console.say(format!(
            "To be removed: {}  {}  SHA-256 {}; installed by receipt {}; a copy is whole in {}",
            removal.titles.join(", "),
            text::bytes(removal.size_bytes),
            removal.sha256.short(),
            receipts.join(", "),
            removal.second
        ));
        context.console.event(&kind::REMOVAL, serde_json::json!({ "removal": removal }));
    }
    if args.yes_remove.is_empty() {
        let question = OutsideQuestion::Remove { count: removals.len(), space: space.clone() };
        if !context.operator.confirm(&question)? {
            return Err(Failure::new(Exit::Declined, "nothing was removed").hint("the vault is as it was"));
        }
    }
    for removal in &removals {
        vault.remove_object(removal)?;
        context.log(&SecurityEvent::Removed {
            titles: removal.titles.clone(),
            sha256: removal.sha256.to_string(),
            second: removal.second.clone(),
        });
    }
    context
        .console
        .say(format!("Removed {} files, {space}; their records stay, and removals.jsonl says why", removals.len()));
    Ok(())
}

/// What would be removed, or why not.
fn removal(
    records: &[StoredPackage],
    receipts: &[Paper<Receipt>],
    copies: Option<&Vault>,
    context: &Context,
) -> Result<Removal, String> {
    let mut proofs = Vec::new();
    // The same bytes may serve several appliances, and each of them must have them.
    for kept in records {
        let Some(appliance) = &kept.appliance else { return Err("it is for no appliance in particular".to_owned()) };
        let proof = receipts.iter().find(|paper| says_installed(&paper.value, kept, &appliance.serial));
        let serial = text::one_line(&appliance.serial);
        proofs.push(proof.ok_or(format!("no signed receipt says it is installed on {serial}"))?.value.receipt);
    }
    let copies = copies.ok_or("there is no second copy")?;
    let kept = records.first().expect("grouped by what is there");
    if !copies.has_object(&kept.sha256, kept.size_bytes) || !copies.has_record(kept.id) {
        return Err("the second copy lacks it".to_owned());
    }
    let progress = context.console.progress(&format!("Reading the second copy of {}", kept.title), kept.size_bytes);
    // Read to its end and not only looked at: from then on it is the only one.
    let checked = copies.check(kept, &progress);
    progress.finish();
    checked.map_err(|error| format!("the second copy is not whole: {error}"))?;
    proofs.sort();
    proofs.dedup();
    Ok(Removal {
        at: context.now(),
        sha256: kept.sha256,
        size_bytes: kept.size_bytes,
        titles: titles(records),
        receipts: proofs,
        second: copies.root().to_string_lossy().into_owned(),
    })
}

fn says_installed(receipt: &Receipt, kept: &StoredPackage, serial: &str) -> bool {
    let told = |outcome| matches!(outcome, Outcome::Installed | Outcome::AlreadyInstalled);
    let marked = kept.installed.iter().any(|mark| mark.receipt == receipt.receipt && mark.serial == serial);
    // Our own mark and the signed receipt must both say so: a record
    // here is no signature, and a receipt of another trip no mark.
    marked
        && receipt.appliance.serial == serial
        && receipt.packages.iter().any(|fate| fate.sha256 == kept.sha256 && told(fate.outcome))
}

/// The receipts in the vault whose signatures hold now.
fn receipts(context: &Context) -> Result<Vec<Paper<Receipt>>, Failure> {
    let paths = list_kept_papers(&Shelf::Taken.folder(context))?;
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let store = context.trust_store()?;
    let mut held = Vec::new();
    for path in paths {
        match read_paper::<Receipt>(&path, Namespace::Receipt, &store, context.now()) {
            Ok(paper) => held.push(paper),
            Err(failure) => context.console.warn(&failure.message),
        }
    }
    Ok(held)
}

/// Records by the bytes they tell of, for the bytes that are here.
fn by_object(vault: &Vault) -> Result<BTreeMap<Sha256Digest, Vec<StoredPackage>>, Failure> {
    let mut all: BTreeMap<Sha256Digest, Vec<StoredPackage>> = BTreeMap::new();
    for kept in vault.packages()? {
        if vault.has_object(&kept.sha256, kept.size_bytes) {
            all.entry(kept.sha256).or_default().push(kept);
        }
    }
    Ok(all)
}

fn titles(records: &[StoredPackage]) -> Vec<String> {
    let mut titles: Vec<String> = records.iter().map(|kept| text::one_line(&kept.title)).collect();
    titles.dedup();
    titles
}

fn means(which: &str, digest: &Sha256Digest) -> bool {
    which.len() >= DIGEST_DIGITS && digest.to_string().starts_with(&which.to_lowercase())
}
