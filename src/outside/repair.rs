//! The verb `repair`: a damaged bundle is restored, and compared with what was sealed.

use super::draft::Drafts;
use crate::bundle::{self, Bundle, Expect, Restored};
use crate::cli::Context;
use crate::model::Failure;
use crate::repair::{self, RepairArgs};

/// Runs the verb.
///
/// # Errors
/// As [`repair::run`]; those of opening, for what was restored.
pub fn run(args: &RepairArgs, context: &mut Context) -> Result<(), Failure> {
    repair::run(args, &judge, context)
}

/// The manifest that was sealed here says more than any signature. Of a bundle
/// that was sealed elsewhere, the signers trusted here must have signed it.
fn judge(restored: &Restored, context: &Context) -> Result<Option<Bundle>, Failure> {
    let drafts = Drafts::below(context.home.root()).all()?;
    let Some(sealed) = drafts.iter().find(|sealed| sealed.manifest.bundle == restored.bundle()) else {
        let (trust, expect) = (context.trust_store()?, Expect::anything(context.now()));
        return Ok(Some(bundle::open_by(restored.set(), &trust, &expect, &|path| restored.open_file(path))?));
    };
    if restored.mended().lost == 0 {
        let progress = context.console.progress("Verifying", sealed.manifest.total_bytes());
        let matches = bundle::matches(restored.set(), &sealed.manifest, &|path| restored.open_file(path), &progress);
        progress.finish();
        matches?;
    }
    Ok(None)
}
