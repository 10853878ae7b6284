//! The failover relationship is established, once both show the same software.

use crate::driver::ApplianceRefusal;
use crate::engine::EngineError;
use crate::engine::question::PairQuestion;
use crate::engine::run::Run;
use crate::engine::wait::ROLES_MAX_SECS;
use crate::model::{FailoverRole, Failure, text};
use crate::plan::{Part, software};

impl Run<'_> {
    /// Establishes the relationship with `primary`, once both show the same software.
    pub(super) fn establish(&mut self, primary: Part) -> Result<(), Failure> {
        let backup = primary.other();
        self.must_be_equal(primary)?;
        let wanted = [(primary, FailoverRole::Primary), (backup, FailoverRole::Backup)];
        // It may stand already: by hand, or by a press whose answer was lost.
        if !self.are(&wanted, 0)? {
            let shown = self.failover(primary)?;
            if shown.role == FailoverRole::None {
                self.press_establish(primary)?;
            }
            if !self.are(&wanted, ROLES_MAX_SECS)? {
                for (part, role) in wanted {
                    let shown = self.failover(part)?;
                    self.must_be(part, role, &shown)?;
                }
            }
        }
        self.teller.say(&format!(
            "{} is primary, {} is backup{}",
            self.name(primary),
            self.name(backup),
            self.shared_host.as_ref().map_or_else(String::new, |host| format!(", for {}", text::one_line(host)))
        ));
        Ok(())
    }

    /// Nothing is pressed unless both show the same version and build.
    fn must_be_equal(&mut self, primary: Part) -> Result<(), Failure> {
        // Read anew: days may lie between the two installs, and a patch in between.
        let mut shown = Vec::new();
        for part in [primary, primary.other()] {
            shown.push((self.name(part), self.status(part)?));
        }
        let (b, b_status) = shown.pop().expect("two were looked at");
        let (a, a_status) = shown.pop().expect("two were looked at");
        if (&a_status.site_version, &a_status.site_build) != (&b_status.site_version, &b_status.site_build) {
            let (a_has, b_has) = (software(&a_status), software(&b_status));
            return Err(EngineError::SoftwareDiffers { a, a_has, b, b_has, restoring: false }.into());
        }
        if a_status.site_version.is_none() {
            self.must_agree(&PairQuestion::AreSame { a, b })?;
        }
        Ok(())
    }

    fn press_establish(&mut self, primary: Part) -> Result<(), Failure> {
        let (there, back) = (self.reached(primary.other()).clone(), self.reached(primary).clone());
        let name = self.name(primary);
        self.teller.note(&format!("{name} reaches its backup at {there}, and is reached at {back}"));
        let did = self.side_mut(primary).appliance.establish_failover(&there, &back);
        let error = match did {
            Ok(did) => return self.pressed(primary, did, |on| PairQuestion::IsEstablished { on }),
            Err(error) => error,
        };
        match error.refusal() {
            Some(ApplianceRefusal::PairKey) => {
                let said = text::one_line(&Failure::from(error).message);
                Err(EngineError::PairKey { name, said }.into())
            }
            Some(ApplianceRefusal::PairContact) => Err(self.no_partner(
                primary,
                &error.into(),
                "both are upgraded, each stands alone, and there is no failover",
            )),
            _ => self.unless_lost(primary, error),
        }
    }
}
