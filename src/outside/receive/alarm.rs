//! What a trusted receipt can tell that must not be: a bundle that nobody
//! sealed here, or journals of one appliance that can't be one. Either shows
//! that a key is in other hands, or that records were changed.

use super::super::draft::Sealed;
use super::keep;
use crate::cli::{Context, Paper};
use crate::model::{Exit, Failure, Kind, PackageResult, Receipt, ShowPath, text};

/// Whether a failure is an alarm, which goes before what merely does not hold.
pub(super) fn is_one(failure: &Failure) -> bool {
    failure.kind == Kind::Alarm
}

/// Keeps the receipt beside those that were taken, as evidence, and tells
/// whoever reads events; returns the failure that the run ends with.
pub(super) fn raise(paper: &Paper<Receipt>, failure: Failure, context: &Context) -> Result<(), Failure> {
    // Kept before it is told: it is evidence, and the stick goes back inside.
    let kept = keep(paper, "alarms", context)?;
    let receipt = &paper.value;
    let signers: Vec<&str> = paper.approval.approvers.iter().map(|signer| signer.fingerprint.as_str()).collect();
    context.console.event(
        "alarm",
        serde_json::json!({
            "code": failure.exit.name(), "receipt": receipt.receipt, "bundle": receipt.bundle,
            "manifest_sha256": receipt.manifest_sha256, "appliance": receipt.appliance, "sequence": receipt.sequence,
            "journal": receipt.journal, "packages": receipt.packages, "signed_by": signers, "kept": kept,
        }),
    );
    Err(failure.and_hint("; ", format!("the receipt is kept: {}", kept.shown())))
}

/// Whether the receipt speaks of the very bundle that was sealed here.
///
/// # Errors
/// [`Exit::UnknownBundle`], with who signed the receipt and the digests.
pub(super) fn of_bundle(paper: &Paper<Receipt>, sealed: Option<&Sealed>) -> Result<(), Failure> {
    let receipt = &paper.value;
    // Both are the same alarm: a bundle that the inside believed, and that did not come from here.
    let complaint = match sealed {
        None => "was never sealed here".to_owned(),
        Some(sealed) => match otherwise(receipt, sealed) {
            Some(complaint) => format!("was sealed here, but not {complaint}"),
            None => return Ok(()),
        },
    };
    let signers: Vec<String> = paper
        .approval
        .approvers
        .iter()
        .map(|signer| format!("{} ({})", text::one_line(&signer.principal), signer.fingerprint))
        .collect();
    let message = format!(
        "ALARM: bundle {} {complaint}; of {} it tells: number {}, manifest SHA-256 {}, {}; signed by {}",
        receipt.bundle.short(),
        text::one_line(&receipt.appliance.serial),
        receipt.sequence,
        receipt.manifest_sha256,
        outcomes(receipt),
        signers.join(", ")
    );
    Err(Failure::new(Exit::UnknownBundle, message).hint(
        "whoever sealed it has a key that is trusted inside: where that is no other machine of yours, have its signer \
         found (handcarry-inside verify names it) and revoked, and the appliance looked at; nothing was noted here",
    ))
}

/// Says in what the bundle that was sealed here is another.
fn otherwise(receipt: &Receipt, sealed: &Sealed) -> Option<&'static str> {
    let manifest = &sealed.manifest;
    let carries = |fate: &PackageResult| manifest.packages.iter().any(|package| package.sha256 == fate.sha256);
    if receipt.manifest_sha256 != sealed.sha256() {
        Some("with this manifest")
    } else if receipt.appliance.serial != manifest.appliance.serial {
        Some("for this appliance")
    } else if receipt.sequence != manifest.sequence {
        Some("with this number")
    } else if !receipt.packages.iter().all(carries) {
        Some("with these packages")
    } else {
        None
    }
}

/// What became of the packages, with their digests.
fn outcomes(receipt: &Receipt) -> String {
    let told = receipt.packages.iter().map(|fate| {
        format!("{} {} (SHA-256 {})", text::one_line(&fate.name), super::outcome_words(fate.outcome), fate.sha256)
    });
    told.collect::<Vec<_>>().join(", ")
}

/// Whether the journal that the receipt tells of can be the one that earlier
/// receipts of its appliance told of: one journal only grows, and has one
/// record at each place.
///
/// # Errors
/// [`Exit::JournalForked`], [`Exit::JournalBroken`] for one that became shorter.
pub(super) fn of_journal(receipt: &Receipt, earlier: &[Receipt]) -> Result<(), Failure> {
    let (serial, head) = (&receipt.appliance.serial, &receipt.journal);
    for other in earlier.iter().filter(|other| other.appliance.serial == *serial) {
        if other.journal.records == head.records && other.journal.sha256 != head.sha256 {
            return Err(forked(receipt, other));
        }
        let shorter = other.created <= receipt.created && other.journal.records > head.records;
        // An older receipt that comes late shows the same of one that was taken.
        let late = receipt.created < other.created && head.records > other.journal.records;
        if shorter {
            return Err(shortened(receipt, other));
        }
        if late {
            return Err(shortened(other, receipt));
        }
    }
    Ok(())
}

fn forked(receipt: &Receipt, other: &Receipt) -> Failure {
    Failure::new(
        Exit::JournalForked,
        format!(
            "ALARM: the journal of {} ends with record {} as {}, but receipt {} of {} has that record as {}",
            text::one_line(&receipt.appliance.serial),
            receipt.journal.records,
            receipt.journal.sha256,
            other.receipt.short(),
            other.created.human(),
            other.journal.sha256
        ),
    )
    .hint(
        "records were changed inside, or two desks keep journals of one appliance; compare with 'handcarry-inside audit \
         NAME --receipt' before anything else is installed",
    )
}

/// `later` tells of fewer records than `earlier`.
fn shortened(later: &Receipt, earlier: &Receipt) -> Failure {
    Failure::new(
        Exit::JournalBroken,
        format!(
            "ALARM: the journal of {} has {} records in receipt {} of {}, but had {} in receipt {} of {}",
            text::one_line(&later.appliance.serial),
            later.journal.records,
            later.receipt.short(),
            later.created.human(),
            earlier.journal.records,
            earlier.receipt.short(),
            earlier.created.human()
        ),
    )
    .hint("records were lost or removed inside; run 'handcarry-inside audit' there before anything else is installed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ApplianceId, Id, JournalHead, Sha256Digest, Timestamp};

    fn told(serial: &str, at_secs: i64, records: u64, last: &[u8]) -> Receipt {
        Receipt {
            format: 1,
            receipt: Id::random(),
            created: Timestamp::UNIX_EPOCH.plus_secs(at_secs),
            appliance: ApplianceId { serial: serial.to_owned(), model: String::new(), host: String::new() },
            bundle: Id::random(),
            sequence: 1,
            manifest_sha256: Sha256Digest::of(b""),
            packages: Vec::new(),
            status: None,
            backup_sha256: None,
            journal: JournalHead { records, sha256: Sha256Digest::of(last) },
        }
    }

    #[test]
    fn one_journal_only_grows_and_has_one_record_at_each_place() {
        let known = [told("S1", 100, 5, b"five"), told("S1", 200, 9, b"nine"), told("S2", 300, 2, b"two")];
        let verdict = |receipt: Receipt| of_journal(&receipt, &known).map_err(|failure| failure.exit);
        for good in [
            told("S1", 300, 9, b"nine"),
            told("S1", 300, 12, b"twelve"),
            told("S1", 150, 7, b"seven"),
            told("S1", 50, 5, b"five"),
            told("S3", 300, 1, b"other"),
        ] {
            assert_eq!(verdict(good), Ok(()));
        }
        for at in [50, 100, 150, 200, 300] {
            assert_eq!(verdict(told("S1", at, 5, b"other")), Err(Exit::JournalForked), "{at}");
        }
        for (at, records) in [(300, 8), (200, 8), (150, 3), (50, 6), (150, 12)] {
            assert_eq!(verdict(told("S1", at, records, b"x")), Err(Exit::JournalBroken), "{at} {records}");
        }
    }
}
