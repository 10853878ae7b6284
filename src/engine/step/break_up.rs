//! The failover relationship is broken, each appliance upgraded alone.

use crate::engine::question::PairQuestion;
use crate::engine::run::Run;
use crate::model::{FailoverRole, Failure};
use crate::plan::Part;

/// Seconds an appliance is given to show that the relationship is broken: an
/// API may answer out of a cache for a minute.
const SETTLE_SECS: u64 = 90;

impl Run<'_> {
    /// Breaks the relationship at `first`, and at the other where it still stands there.
    pub(super) fn break_up(&mut self, first: Part) -> Result<(), Failure> {
        // A partner that could not be reached has not heard of it.
        for part in [first, first.other()] {
            if self.becomes(part, FailoverRole::None, 0)?.role == FailoverRole::None {
                continue;
            }
            let name = self.name(part);
            let did = self.side_mut(part).appliance.break_failover();
            match did {
                Ok(did) => self.pressed(part, did, |on| PairQuestion::IsBroken { on })?,
                Err(error) => {
                    let lost = error.may_be_done();
                    let failure = Failure::from(error);
                    if !lost {
                        return Err(failure.about(name));
                    }
                    self.teller.warn(&format!("the answer was lost: {}; looking what is so", failure.message));
                }
            }
            let shown = self.becomes(part, FailoverRole::None, SETTLE_SECS)?;
            self.must_be(part, FailoverRole::None, &shown)?;
        }
        Ok(())
    }
}
