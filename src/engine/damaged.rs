//! A bundle with damaged packages: how far it can be used.

use super::{Engine, EngineError, Payload};
use crate::engine::question::InstallQuestion;
use crate::model::{Failure, text};
use crate::plan::{self, Carried, Cut, Plan, SitePolicy};

impl Engine<'_> {
    /// What can be done of `plan` without the damaged packages; asks before
    /// less is done than was signed for.
    pub(super) fn up_to_damage(
        &mut self,
        cargo: &Payload<'_>,
        plan: Plan,
        policy: &SitePolicy,
    ) -> Result<Cut, Failure> {
        let cut = plan::cut(plan, cargo.damaged, policy)?;
        let Some(damaged) = &cut.before else { return Ok(cut) };
        let names: Vec<String> = cut.plan.installs().map(|package| text::one_line(&package.name)).collect();
        if names.is_empty() {
            return Err(self.stopped_before(damaged, &[]));
        }
        let damaged = text::one_line(&damaged.name);
        self.must_agree(&InstallQuestion::StopBefore { damaged, before: names.join(", ") })?;
        Ok(cut)
    }

    /// How a run ends that can go no further.
    pub(super) fn stopped_before(&self, damaged: &Carried, installed: &[String]) -> Failure {
        let installed = match installed.len() {
            0 => "nothing was installed".to_owned(),
            1 => "1 package was installed in this run".to_owned(),
            count => format!("{count} packages were installed in this run"),
        };
        EngineError::PackageDamaged { package: text::one_line(&damaged.name), installed }.into()
    }
}
