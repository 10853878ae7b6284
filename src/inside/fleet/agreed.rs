//! What was agreed to for many at once, so that the same word goes on with what
//! is left of it, over waves, waits and a run that was cut.
//!
//! The digest that a person names is of the digests of all parts. A part that
//! is done is no longer told, and one that is away can't be: what is left is
//! agreed to where each of it is among those parts.

use crate::cli::Context;
use crate::media::{self, Mode};
use crate::model::{Failure, Sha256Digest};
use crate::plan::Terms;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Largest record of one, in bytes: of some ten thousand appliances.
const MAX_BYTES: u64 = 1 << 20;

/// Most that are kept.
// One a roll-out, and each is of weeks at most. An older one is asked about again.
const MAX_KEPT: usize = 64;

/// What was agreed to.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Agreement {
    /// Always 1.
    format: u32,
    /// The digest of each appliance's plan, in their order.
    parts: Vec<Sha256Digest>,
}

/// Keeps what `plan` is the digest of.
///
/// # Errors
/// The disk's.
pub(super) fn keep(plan: Sha256Digest, parts: &[Sha256Digest], context: &Context) -> Result<(), Failure> {
    let path = path(plan, context);
    if path.exists() {
        return Ok(());
    }
    let folder = path.parent().expect("below the home folder");
    media::create_dirs(folder, Mode::Private)?;
    let bytes = serde_json::to_vec(&Agreement { format: 1, parts: parts.to_vec() }).expect("plain data");
    media::write_durably(&path, &bytes, Mode::Private)?;
    let kept = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut kept: Vec<_> =
        kept.filter_map(|file| Some((file.metadata().ok()?.modified().ok()?, file.path()))).collect();
    kept.sort();
    for (_, old) in kept.iter().rev().skip(MAX_KEPT) {
        // One that stays is no harm.
        let _ = std::fs::remove_file(old);
    }
    Ok(())
}

/// Whether each of `left` is a part of what `plan` is the digest of.
pub(super) fn covers(plan: Sha256Digest, left: &[Sha256Digest], context: &Context) -> bool {
    let kept = media::read_bounded(&path(plan, context), MAX_BYTES, "what was agreed to").ok();
    let agreement = kept.and_then(|bytes| serde_json::from_slice::<Agreement>(&bytes).ok());
    // The digest itself says whether these are its parts: nothing is taken from the file on trust.
    agreement.is_some_and(|agreement| {
        agreement.format == 1
            && Terms::many(&agreement.parts).sha256() == plan
            && left.iter().all(|part| agreement.parts.contains(part))
    })
}

fn path(plan: Sha256Digest, context: &Context) -> PathBuf {
    context.home.join("agreed").join(format!("{plan}.json"))
}
