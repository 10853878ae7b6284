//! The verb `repair`: a damaged bundle is restored, and opened by all steps.

use super::high_water::latest_trusted;
use crate::bundle::{self, Bundle, Expect, Restored};
use crate::cli::Context;
use crate::model::Failure;
use crate::repair::{self, RepairArgs};

/// Runs the verb.
///
/// # Errors
/// As [`repair::run`]; those of opening, for what was restored.
pub fn run(args: &RepairArgs, context: &mut Context) -> Result<(), Failure> {
    repair::run(args, &open, context)
}

/// Steps 1 to 6, for nobody in particular: what is for whom is judged when it is used.
fn open(restored: &Restored, context: &Context) -> Result<Option<Bundle>, Failure> {
    let trust = context.trust_store()?;
    let mut expect = Expect::anything(context.now());
    expect.last_trusted = latest_trusted(&context.home)?;
    Ok(Some(bundle::open_by(restored.set(), &trust, &expect, &|path| restored.open_file(path))?))
}
