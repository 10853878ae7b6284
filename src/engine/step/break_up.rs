//! The failover relationship is broken, each appliance upgraded alone.

use crate::engine::question::PairQuestion;
use crate::engine::run::Run;
use crate::engine::wait::BROKEN_MAX_SECS;
use crate::model::{FailoverRole, Failure};
use crate::plan::Part;

impl Run<'_> {
    /// Breaks the relationship at `first`, and at the other where it still stands there.
    pub(super) fn break_up(&mut self, first: Part) -> Result<(), Failure> {
        // A partner that could not be reached has not heard of it.
        for part in [first, first.other()] {
            if self.becomes(part, FailoverRole::None, 0)?.role == FailoverRole::None {
                continue;
            }
            match self.side_mut(part).appliance.break_failover() {
                Ok(did) => self.pressed(part, did, |on| PairQuestion::IsBroken { on })?,
                Err(error) => self.unless_lost(part, error)?,
            }
            let shown = self.becomes(part, FailoverRole::None, BROKEN_MAX_SECS)?;
            self.must_be(part, FailoverRole::None, &shown)?;
        }
        Ok(())
    }
}
