//! The verb `receive`: what the inside says became of the packages.

pub(super) mod alarm;
pub(super) mod kept;

pub(super) use kept::Shelf;

use super::draft::{Drafts, Sealed};
use super::speakers::Speakers;
use super::vault::{InstalledMark, StoredPackage, Vault};
use crate::cli::{Context, PageArgs, Paper, list_papers, read_paper};
use crate::console::kind;
use crate::language::Tongue;
use crate::media::Medium;
use crate::model::{Evidence, Exit, Failure, Outcome, PackageResult, Receipt, ShowPath, local_time, text};
use crate::report::{ReceiptRow, receipts_html};
use crate::trust::Namespace;
use clap::Args;
use std::path::PathBuf;

/// Take signed receipts from a medium and note what is installed where
///
/// A trusted receipt of a bundle that was never sealed here, or of other
/// contents than were sealed, is an alarm: somebody else has a key that the
/// inside trusts. So is one whose journal can't be the journal that earlier
/// receipts of the appliance told of, and one signed by another key than those
/// that speak for the appliance. The run then ends with a code of its own, and
/// the receipt is kept in alarms/ in the home folder. On one page, refused ones too: --write.
#[derive(Debug, Args)]
pub struct ReceiveArgs {
    /// Where the medium is mounted (or the handcarry folder on it) [default: the only one plugged in]
    #[arg(value_name = "MEDIA")]
    media: Option<PathBuf>,
    #[command(flatten)]
    page: PageArgs,
}

/// Runs the verb. Receipts that were taken before change nothing.
///
/// # Errors
/// A [`Failure`] of the gravest receipt that does not hold; those that do are
/// taken all the same.
pub fn run(args: &ReceiveArgs, context: &mut Context) -> Result<(), Failure> {
    let folder = Medium::at(&context.medium(args.media.as_deref())?)?.receipts();
    let vault = Vault::open(context.home.root())?;
    let drafts = Drafts::below(context.home.root());
    let store = context.trust_store()?;
    context.warn_of_renewal(&store.policy);
    let paths = list_papers(&folder)?;
    if paths.is_empty() {
        return Err(Failure::new(Exit::NotFound, format!("no receipt lies in {}", folder.shown()))
            .hint("write one inside with 'handcarry-inside receipt NAME MEDIA'"));
    }
    let mut held: Vec<Paper<Receipt>> = Vec::new();
    let mut failures: Vec<Failure> = Vec::new();
    for path in paths {
        match read_paper::<Receipt>(&path, Namespace::Receipt, &store, context.now()) {
            Ok(paper) => {
                context.log_ignored(&path.shown(), &paper.approval);
                held.push(paper);
            }
            Err(failure) => failures.push(failure),
        }
    }
    // Oldest first, so that a journal that became shorter is seen.
    held.sort_by_key(|paper| (paper.value.created, paper.value.journal.records));
    let receipts = kept::all(Shelf::Taken, context)?.into_iter().map(|kept| kept.receipt).collect();
    let speakers = Speakers::read(context)?;
    let mut known = Known { sealed: drafts.all()?, receipts, packages: vault.packages()?, speakers };
    let unread: Vec<String> = failures.iter().map(|failure| failure.message.clone()).collect();
    let mut rows = Vec::new();
    for paper in &held {
        let taken = known.receipts.iter().any(|earlier| earlier.receipt == paper.value.receipt);
        let refused = take(paper, &mut known, &vault, &drafts, context).err();
        rows.push(ReceiptRow {
            receipt: paper.value.clone(),
            signed_by: paper.signers(),
            known: taken,
            refused: refused.as_ref().map(|failure| failure.message.clone()),
        });
        failures.extend(refused.map(|failure| failure.about(paper.path.shown())));
    }
    // What can't be written hides no alarm.
    failures.extend(args.page.write(Tongue::En, |imprint| Ok(receipts_html(&rows, &unread, imprint)), context).err());
    // The exit code is that of the gravest; the others are told all the same.
    failures.sort_by_key(|failure| !alarm::is_one(failure));
    let mut failures = failures.into_iter();
    let first = failures.next();
    failures.for_each(|failure| {
        context.console.warn(&failure.message);
        context.log_refusal(&failure);
    });
    first.map_or(Ok(()), Err)
}

/// What this half knows before a receipt is taken.
struct Known {
    sealed: Vec<Sealed>,
    receipts: Vec<Receipt>,
    packages: Vec<StoredPackage>,
    speakers: Speakers,
}

fn take(
    paper: &Paper<Receipt>,
    known: &mut Known,
    vault: &Vault,
    drafts: &Drafts,
    context: &Context,
) -> Result<(), Failure> {
    let receipt = &paper.value;
    if receipt.format != 1 {
        return Err(Failure::new(Exit::Config, format!("it is of format {}, which is not known here", receipt.format))
            .hint("update this half of handcarry"));
    }
    let taken = known.receipts.iter().any(|earlier| earlier.receipt == receipt.receipt);
    let sealed = known.sealed.iter().find(|sealed| sealed.manifest.bundle == receipt.bundle);
    let serial = &receipt.appliance.serial;
    alarm::of_bundle(receipt, &paper.signers(), sealed)
        .and_then(|()| known.speakers.judge(serial, paper))
        .and_then(|()| if taken { Ok(()) } else { alarm::of_journal(receipt, &known.receipts) })
        .or_else(|failure| alarm::raise(paper, failure, context))?;
    known.speakers.hear(serial, paper, context)?;

    let mut marked = 0;
    for fate in receipt.packages.iter().filter(|fate| is_there(fate.outcome)) {
        marked += mark(fate, receipt, &mut known.packages, vault)?;
    }
    // The inside may know a higher number than a home that was restored from a backup, and refuses what is below it.
    drafts.count([(serial.as_str(), receipt.sequence)])?;
    // Kept last. Killed before this, the next run takes the receipt again, and marks that are there change nothing.
    kept::keep(paper, Shelf::Taken, context)?;
    tell(receipt, taken, marked, context);
    known.receipts.push(receipt.clone());
    Ok(())
}

/// Marks the records of one package; returns how many it changed.
fn mark(
    fate: &PackageResult,
    receipt: &Receipt,
    packages: &mut [StoredPackage],
    vault: &Vault,
) -> Result<usize, Failure> {
    let serial = &receipt.appliance.serial;
    let mut changed = 0;
    for kept in packages {
        let ours = kept.is_for(serial) || kept.appliance.is_none();
        // By bundle and appliance: a receipt that is read again must not mark twice.
        let told = kept.installed.iter().any(|mark| mark.serial == *serial && mark.bundle == receipt.bundle);
        if kept.sha256 != fate.sha256 || !ours || told {
            continue;
        }
        kept.installed.push(InstalledMark {
            serial: serial.clone(),
            bundle: receipt.bundle,
            receipt: receipt.receipt,
            outcome: fate.outcome,
            evidence: fate.evidence,
            at: fate.at,
        });
        vault.record(kept)?;
        changed += 1;
    }
    Ok(changed)
}

fn tell(receipt: &Receipt, taken: bool, marked: usize, context: &Context) {
    let serial = text::one_line(&receipt.appliance.serial);
    let again = if taken { " (taken before)" } else { "" };
    context.console.say(format!(
        "Receipt {} of {} for bundle {} on {serial}{again}:",
        receipt.receipt.short(),
        local_time(receipt.created),
        receipt.bundle.short()
    ));
    for fate in &receipt.packages {
        let at = fate.at.map_or_else(String::new, |at| format!(" at {}", local_time(at)));
        let shown = fate.evidence.map_or_else(String::new, |evidence| format!(", {}", evidence_words(evidence)));
        context.console.say(format!("  {}: {}{at}{shown}", text::one_line(&fate.name), outcome_words(fate.outcome)));
        context.console.say(format!("    {}", fate.source));
    }
    let typed = receipt.status.as_ref().is_some_and(|status| status.typed);
    if typed {
        context.console.say("  serial number and versions of its state now were typed by a person, not read");
    }
    context.console.event(
        &kind::RECEIVED,
        serde_json::json!({
            "receipt": receipt.receipt, "bundle": receipt.bundle, "identity": receipt.appliance,
            "sequence": receipt.sequence, "packages": receipt.packages, "known": taken, "marked": marked, "typed": typed,
        }),
    );
}

fn is_there(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Installed | Outcome::AlreadyInstalled)
}

fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Installed => "installed",
        Outcome::AlreadyInstalled => "was installed already",
        Outcome::Pending => "not installed yet",
        Outcome::Failed => "the installation failed",
    }
}

fn evidence_words(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Version => "shown by the version on the appliance",
        Evidence::Build => "shown by the build on the appliance",
        Evidence::Listed => "shown by the appliance's list of packages",
        Evidence::Operator => "by the operator's word alone",
    }
}
