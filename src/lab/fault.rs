//! The faults that the lab plays, by name.

use super::LabError;
use crate::model::text;
use crate::simulator::{Face, Fault};

/// The fault of that name.
///
/// # Errors
/// [`LabError::UnknownFault`] where the lab plays none of that name.
pub fn named_fault(name: &str) -> Result<Fault, LabError> {
    let known = Fault::named(name).filter(|fault| fault.is_played_by(Face::Lab));
    known.ok_or_else(|| LabError::UnknownFault(text::one_line(name)))
}

/// The names of all that the lab plays.
pub(super) fn names() -> String {
    Fault::of(Face::Lab).map(Fault::name).collect::<Vec<_>>().join(", ")
}
