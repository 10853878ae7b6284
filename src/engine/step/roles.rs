//! What two appliances show of their relationship.

use crate::driver::Did;
use crate::engine::EngineError;
use crate::engine::run::Run;
use crate::engine::wait::Wait;
use crate::model::{Failover, FailoverRole, Failure};
use crate::plan::Part;

impl Run<'_> {
    /// What B, or else A, shows late in a run; `None` where no page can be read now.
    pub(in crate::engine) fn failover_if_readable(&mut self) -> Option<Failover> {
        [Part::B, Part::A].into_iter().find_map(|part| match self.side_mut(part).appliance.failover() {
            Ok(Did::Done(shown)) => Some(shown),
            _ => None,
        })
    }

    /// Waits up to `secs` for an appliance to show a role; what it shows in the end.
    pub(super) fn becomes(&mut self, part: Part, role: FailoverRole, secs: u64) -> Result<Failover, Failure> {
        let mut wait = Wait::short(self.time, self.teller, secs);
        loop {
            match self.side_mut(part).appliance.failover() {
                Ok(Did::Done(shown)) if shown.role == role || !wait.again() => return Ok(shown),
                // A person who has looked is not asked again every second.
                Ok(Did::ByHand(guide)) => return self.told_failover(part, &guide),
                Err(error) if error.is_hopeless() || !wait.again() => {
                    return Err(Failure::from(error).about(self.name(part)));
                }
                Ok(Did::Done(_)) | Err(_) => {}
            }
        }
    }

    /// Whether each shows its role within `secs`. Both may call themselves
    /// backup for a moment while roles change.
    pub(super) fn are(&mut self, wanted: &[(Part, FailoverRole)], secs: u64) -> Result<bool, Failure> {
        for (part, role) in wanted {
            if self.becomes(*part, *role, secs)?.role != *role {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn must_be(&self, part: Part, wanted: FailoverRole, shown: &Failover) -> Result<(), Failure> {
        if shown.role == wanted {
            return Ok(());
        }
        let (name, found) = (self.name(part), shown.role);
        Err(EngineError::OtherRole { name, wanted, found }.into())
    }
}
