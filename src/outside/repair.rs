//! The verb `repair`: a damaged bundle is restored, and compared with what was sealed.

use super::draft::Drafts;
use crate::bundle::{self, Bundle, Expect, Restored};
use crate::cli::Desk;
use crate::model::Failure;
use crate::repair::{self, RepairArgs};

/// Runs the verb.
///
/// # Errors
/// As [`repair::run`]; those of opening, for what was restored.
pub fn run(args: &RepairArgs, desk: &mut Desk) -> Result<(), Failure> {
    repair::run(args, &judge, desk)
}

/// The manifest that was sealed here says more than any signature. Of a bundle
/// that was sealed elsewhere, the signers trusted here must have signed it.
fn judge(restored: &Restored, desk: &Desk) -> Result<Option<Bundle>, Failure> {
    let drafts = Drafts::below(desk.home.root()).all()?;
    let Some(sealed) = drafts.iter().find(|sealed| sealed.manifest.bundle == restored.bundle()) else {
        let (trust, expect) = (desk.trust_store()?, Expect::anything(desk.now()));
        return Ok(Some(bundle::open_by(restored.set(), &trust, &expect, &|path| restored.open_file(path))?));
    };
    if restored.mended().lost == 0 {
        let progress = desk.console.progress("Verifying", sealed.manifest.total_bytes());
        let matches = bundle::matches(restored.set(), &sealed.bytes, &|path| restored.open_file(path), &progress);
        progress.finish();
        matches?;
    }
    Ok(None)
}
