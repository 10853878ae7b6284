//! What two appliances show of their relationship.

use crate::driver::Did;
use crate::engine::EngineError;
use crate::engine::entry::RoleBy;
use crate::engine::run::Run;
use crate::model::{Failover, FailoverRole, Failure};
use crate::plan::Part;
use std::time::Duration;

/// Seconds between two looks.
const LOOK_SECS: u64 = 1;

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
        let begun = self.time.elapsed();
        loop {
            let (shown, by) = self.failover_and_teller(part)?;
            let over = self.time.elapsed().saturating_sub(begun).as_secs() >= secs;
            // A person has looked, and is not asked again every second.
            if shown.role == role || over || by == RoleBy::Operator {
                return Ok(shown);
            }
            self.time.sleep(Duration::from_secs(LOOK_SECS));
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
