//! What a trusted receipt can tell that must not be: a bundle that nobody
//! sealed here, or journals of one appliance that can't be one. Either shows
//! that a key is in other hands, or that records were changed.

use super::super::draft::Sealed;
use super::kept::{self, Shelf};
use crate::cli::{Context, Paper};
use crate::console::kind;
use crate::model::clock::CLOCK_TOLERANCE_SECS;
use crate::model::{Exit, Failure, Kind, MAX_LINKS, PackageResult, Receipt, ShowPath, local_time, text};

/// Whether a failure is an alarm, which goes before what merely does not hold.
pub(in crate::outside) fn is_one(failure: &Failure) -> bool {
    failure.kind == Kind::Alarm
}

/// Keeps the receipt beside those that were taken, as evidence, and tells
/// whoever reads events; returns the failure that the run ends with.
pub(super) fn raise(paper: &Paper<Receipt>, failure: Failure, context: &Context) -> Result<(), Failure> {
    // Kept before it is told: it is evidence, and the stick goes back inside.
    let kept = kept::keep(paper, Shelf::Alarms, context)?;
    let receipt = &paper.value;
    let signers: Vec<&str> = paper.approval.approvers.iter().map(|signer| signer.fingerprint.as_str()).collect();
    context.console.event(
        &kind::ALARM,
        serde_json::json!({
            "code": failure.exit.name(), "receipt": receipt.receipt, "bundle": receipt.bundle,
            "manifest_sha256": receipt.manifest_sha256, "identity": receipt.appliance, "sequence": receipt.sequence,
            "journal": receipt.journal, "packages": receipt.packages, "signed_by": signers, "kept": kept,
        }),
    );
    Err(failure.and_hint("; ", format!("the receipt is kept: {}", kept.shown())))
}

/// Whether the receipt, signed by `signers`, speaks of the very bundle that
/// was sealed here.
///
/// # Errors
/// [`Exit::UnknownBundle`], with who signed the receipt and the digests.
pub(in crate::outside) fn of_bundle(
    receipt: &Receipt,
    signers: &[String],
    sealed: Option<&Sealed>,
) -> Result<(), Failure> {
    // Both are the same alarm: a bundle that the inside believed, and that did not come from here.
    let complaint = match sealed {
        None => "was never sealed here".to_owned(),
        Some(sealed) => match otherwise(receipt, sealed) {
            Some(complaint) => format!("was sealed here, but not {complaint}"),
            None => return Ok(()),
        },
    };
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
    let (manifest, serial) = (&sealed.manifest, &receipt.appliance.serial);
    let carries = |fate: &PackageResult| manifest.carries(serial, fate.sha256);
    if receipt.manifest_sha256 != sealed.sha256() {
        return Some("with this manifest");
    }
    let Some(own) = manifest.consignee(serial) else { return Some("for this appliance") };
    if receipt.sequence != own.sequence {
        Some("with this number")
    } else if !receipt.packages.iter().all(carries) {
        Some("with these packages")
    } else {
        None
    }
}

/// What became of the packages, with their digests.
pub(in crate::outside) fn outcomes(receipt: &Receipt) -> String {
    let told = receipt.packages.iter().map(|fate| {
        format!("{} {} (SHA-256 {})", text::one_line(&fate.name), super::outcome_words(fate.outcome), fate.sha256)
    });
    told.collect::<Vec<_>>().join(", ")
}

/// Whether the journal that the receipt tells of can be the one that earlier
/// receipts of its appliance told of: one journal only grows, has one record
/// at each place, and each receipt links to those before it.
///
/// # Errors
/// [`Exit::JournalForked`], [`Exit::JournalBroken`] for one that became shorter.
pub(in crate::outside) fn of_journal(receipt: &Receipt, earlier: &[Receipt]) -> Result<(), Failure> {
    let head = &receipt.journal;
    for other in earlier.iter().filter(|other| other.appliance.serial == receipt.appliance.serial) {
        if other.journal.records == head.records {
            if other.journal.sha256 != head.sha256 {
                return Err(forked(receipt, other));
            }
            continue;
        }
        // Receipts come in any order; of two, the longer journal is to be the later one.
        let (longer, before) = if head.records > other.journal.records { (receipt, other) } else { (other, receipt) };
        let linked = goes_on_from(longer, before);
        // A clock that is put right between two receipts shows them in the wrong order, and the link the right one.
        let patience = if linked { CLOCK_TOLERANCE_SECS } else { 0 };
        if before.created >= longer.created.plus_secs(patience) {
            return Err(shortened(before, longer));
        }
        if !linked {
            return Err(unlinked(longer, before));
        }
    }
    Ok(())
}

/// Whether the journal of `longer` had the record that `before` ends with.
fn goes_on_from(longer: &Receipt, before: &Receipt) -> bool {
    // A receipt that links to as many as it may says nothing of those before them.
    let beyond =
        longer.links.len() >= MAX_LINKS && longer.links.iter().all(|link| link.records > before.journal.records);
    longer.journal == before.journal || longer.links.contains(&before.journal) || beyond
}

/// `longer` does not know the record that `before` ends with.
fn unlinked(longer: &Receipt, before: &Receipt) -> Failure {
    Failure::new(
        Exit::JournalForked,
        format!(
            "ALARM: the journal of {} in receipt {} of {} does not go on from record {}, {}, with which it ended in receipt {} of {}",
            text::one_line(&longer.appliance.serial),
            longer.receipt.short(),
            local_time(longer.created),
            before.journal.records,
            before.journal.sha256,
            before.receipt.short(),
            local_time(before.created)
        ),
    )
    .hint(FORKED)
}

/// What to do about journals that can't be one.
const FORKED: &str = "records were changed inside, or two desks keep journals of one appliance; compare with \
                      'handcarry-inside audit NAME --receipt' before anything else is installed";

fn forked(receipt: &Receipt, other: &Receipt) -> Failure {
    Failure::new(
        Exit::JournalForked,
        format!(
            "ALARM: the journal of {} ends with record {} as {}, but receipt {} of {} has that record as {}",
            text::one_line(&receipt.appliance.serial),
            receipt.journal.records,
            receipt.journal.sha256,
            other.receipt.short(),
            local_time(other.created),
            other.journal.sha256
        ),
    )
    .hint(FORKED)
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
            local_time(later.created),
            earlier.journal.records,
            earlier.receipt.short(),
            local_time(earlier.created)
        ),
    )
    .hint("records were lost or removed inside; run 'handcarry-inside audit' there before anything else is installed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ApplianceId, Id, JournalHead, Sha256Digest, Timestamp};

    fn told(serial: &str, at_secs: i64, records: u64, last: &[u8], links: &[(u64, &[u8])]) -> Receipt {
        Receipt {
            format: 1,
            receipt: Id::random(),
            created: Timestamp::UNIX_EPOCH.plus_secs(at_secs * 10),
            appliance: ApplianceId { serial: serial.to_owned(), model: String::new(), host: String::new() },
            bundle: Id::random(),
            sequence: 1,
            manifest_sha256: Sha256Digest::of(b""),
            packages: Vec::new(),
            status: None,
            backup_sha256: None,
            journal: JournalHead { records, sha256: Sha256Digest::of(last) },
            links: links
                .iter()
                .map(|(records, last)| JournalHead { records: *records, sha256: Sha256Digest::of(last) })
                .collect(),
        }
    }

    const FIVE: (u64, &[u8]) = (5, b"five");
    const SEVEN: (u64, &[u8]) = (7, b"seven");
    const NINE: (u64, &[u8]) = (9, b"nine");

    #[test]
    fn one_journal_only_grows_and_has_one_record_at_each_place() {
        let known = [
            told("S1", 100, 5, b"five", &[]),
            told("S1", 200, 9, b"nine", &[FIVE, SEVEN]),
            told("S2", 300, 2, b"two", &[]),
        ];
        let verdict = |receipt: Receipt| of_journal(&receipt, &known).map_err(|failure| failure.exit);
        for good in [
            told("S1", 300, 9, b"nine", &[FIVE]),
            told("S1", 300, 12, b"twelve", &[FIVE, NINE]),
            told("S1", 150, 7, b"seven", &[FIVE]),
            told("S1", 50, 5, b"five", &[]),
            told("S3", 300, 1, b"other", &[]),
        ] {
            assert_eq!(verdict(good), Ok(()));
        }
        for at in [50, 100, 150, 200, 300] {
            assert_eq!(verdict(told("S1", at, 5, b"other", &[])), Err(Exit::JournalForked), "{at}");
        }
        for (at, records) in [(300, 8), (200, 8), (150, 3), (50, 6), (150, 12)] {
            assert_eq!(verdict(told("S1", at, records, b"x", &[FIVE])), Err(Exit::JournalBroken), "{at} {records}");
        }
        // Longer than what was seen, and grown from another: each of the two is asked.
        for forged in [
            told("S1", 300, 12, b"twelve", &[]),
            told("S1", 300, 12, b"twelve", &[FIVE]),
            told("S1", 300, 12, b"twelve", &[FIVE, (9, b"other")]),
            told("S1", 150, 6, b"six", &[FIVE]),
        ] {
            assert_eq!(verdict(forged), Err(Exit::JournalForked));
        }
    }

    #[test]
    fn a_clock_that_is_put_right_between_two_receipts_is_no_alarm() {
        let known = [told("S1", 100, 5, b"five", &[])];
        let back = |secs_back: i64, links: &[(u64, &[u8])]| {
            of_journal(&told("S1", 100 - secs_back / 10, 6, b"six", links), &known).map_err(|failure| failure.exit)
        };
        assert_eq!(back(60, &[FIVE]), Ok(()));
        assert_eq!(back(60, &[]), Err(Exit::JournalBroken), "nothing proves that it is the same journal");
        assert_eq!(back(600, &[FIVE]), Err(Exit::JournalBroken), "no honest clock differs by so much");
    }

    #[test]
    fn what_lies_before_the_most_links_of_a_receipt_is_not_asked_of_it() {
        let known = [told("S1", 100, 5, b"five", &[])];
        let mut long = told("S1", 300, 9_000, b"last", &[]);
        long.links = (0..MAX_LINKS as u64)
            .map(|at| JournalHead { records: 10 + at, sha256: Sha256Digest::of(b"one") })
            .collect();
        assert_eq!(of_journal(&long, &known), Ok(()));
        long.links[0].records = 4;
        assert!(of_journal(&long, &known).is_err(), "it reaches further back than that, and passes over it");
    }
}
