//! The end of OLD: shut down. Source: guide, new hardware, the steps to return
//! the old appliance.

use super::OLD;
use super::reset::Look;
use crate::driver::{Did, by_hand};
use crate::engine::question::MigrateQuestion;
use crate::engine::run::Run;
use crate::engine::wait::{LEAVING_MAX_SECS, Wait};
use crate::model::Failure;

impl Run<'_> {
    /// Shuts OLD down, unless it is off already.
    pub(super) fn shut_down(&mut self) -> Result<(), Failure> {
        let old = self.name(OLD);
        if self.look_at_leaving()? == Look::Gone {
            // Silence may as well be a cable. Whoever stands before it knows.
            return self.must_agree(&MigrateQuestion::IsSwitchedOff { old });
        }
        match self.side_mut(OLD).appliance.shut_down() {
            Ok(did) => self.pressed(OLD, did, |on| MigrateQuestion::IsShutDown { on })?,
            Err(error) => {
                // Fresh from its reset it may know our login no more.
                if error.is_of_a_stranger() || error.is_other_page() {
                    let guide = by_hand::shut_down(&self.side(OLD).appliance.words(), Failure::from(error).message);
                    return self.pressed(OLD, Did::ByHand(guide), |on| MigrateQuestion::IsShutDown { on });
                }
                if !error.may_be_done() {
                    return Err(self.named(OLD, error.into()));
                }
            }
        }
        let mut wait = Wait::short(self.time, self.teller, LEAVING_MAX_SECS);
        while self.look_at_leaving()? != Look::Gone {
            if !wait.again() {
                return self.must_agree(&MigrateQuestion::IsShutDownThough { old });
            }
        }
        self.teller.say(&format!("{old} does not answer any more"));
        Ok(())
    }
}
