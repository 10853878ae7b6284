//! The receipts in the home folder: those that were taken, and those that
//! were refused and are evidence.

use crate::cli::{Context, Paper, Signed, list_kept_papers, read_kept_paper};
use crate::media::{self, Mode};
use crate::model::{Failure, Receipt};
use crate::trust::{Namespace, signature_path};
use std::path::PathBuf;

/// Which of the two folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// Receipts that were taken.
    Taken,
    /// Receipts that told what can't be.
    Alarms,
}

impl Shelf {
    /// Its folder.
    pub fn folder(self, context: &Context) -> PathBuf {
        context.home.join(match self {
            Shelf::Taken => "receipts",
            Shelf::Alarms => "alarms",
        })
    }
}

/// A receipt that was kept. Its signature was judged when it was taken, and
/// its key may be revoked since.
pub struct KeptReceipt {
    /// What it says.
    pub receipt: Receipt,
    /// Its bytes and signatures.
    pub signed: Signed,
    /// Where it lies.
    pub path: PathBuf,
}

impl KeptReceipt {
    /// The keys whose signatures hold, as `SHA256:…`; none where it was changed since it was taken.
    pub fn keys(&self) -> Vec<String> {
        self.signed.fingerprints(Namespace::Receipt)
    }
}

/// Keeps the receipt's own bytes and signatures, the signatures first; returns where.
///
/// # Errors
/// A [`Failure`] where they can't be made durable.
pub fn keep(paper: &Paper<Receipt>, shelf: Shelf, context: &Context) -> Result<PathBuf, Failure> {
    let folder = shelf.folder(context);
    let target = folder.join(format!("{}.json", paper.value.receipt));
    if target.exists() {
        return Ok(target);
    }
    media::create_dirs(&folder, Mode::Private)?;
    for (at, signature) in paper.signed.signatures.iter().enumerate() {
        media::write_durably(&signature_path(&target, at + 1), signature, Mode::Private)?;
    }
    media::write_durably(&target, &paper.signed.bytes, Mode::Private)?;
    Ok(target)
}

/// Reads all that was kept there, oldest first.
///
/// # Errors
/// A [`Failure`] where one does not read as it should.
pub fn all(shelf: Shelf, context: &Context) -> Result<Vec<KeptReceipt>, Failure> {
    let mut all = Vec::new();
    for path in list_kept_papers(&shelf.folder(context))? {
        let (receipt, signed) = read_kept_paper::<Receipt>(&path)?;
        all.push(KeptReceipt { receipt, signed, path });
    }
    all.sort_by_key(|kept| (kept.receipt.created, kept.receipt.journal.records));
    Ok(all)
}
