//! The verb `repair`: a damaged bundle is restored, and opened by all steps.

use super::marks::latest_trusted;
use crate::bundle::{self, Bundle, Expect, Restored};
use crate::cli::Desk;
use crate::model::Failure;
use crate::repair::{self, RepairArgs};

/// Runs the verb.
///
/// # Errors
/// As [`repair::run`]; those of opening, for what was restored.
pub fn run(args: &RepairArgs, desk: &mut Desk) -> Result<(), Failure> {
    repair::run(args, &open, desk)
}

/// Steps 1 to 6, for nobody in particular: what is for whom is judged when it is used.
fn open(restored: &Restored, desk: &Desk) -> Result<Option<Bundle>, Failure> {
    let trust = desk.trust_store()?;
    let mut expect = Expect::anything(desk.now());
    expect.last_trusted = latest_trusted(&desk.home)?;
    Ok(Some(bundle::open_by(restored.set(), &trust, &expect, &|path| restored.open_file(path))?))
}
