//! A plan for a bundle of which some packages can't be used: what comes before
//! the first of them.

use super::{Carried, Op, Plan, PlanError, SitePolicy, schedule};
use crate::model::{FileName, PackageKind};

/// A plan, and why it is no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// What can be done.
    pub plan: Plan,
    /// The package that it stops before; `None` where all of it can be done.
    pub before: Option<Carried>,
}

/// Cuts `plan` before the first package that it would install and that is
/// among `unusable`. Nothing after that is kept, because it may need what is
/// missing. Nor is a base package that stands just before it: base software
/// comes immediately before what needs it, not a trip earlier. A plan that is
/// cut ends with an install, or is empty.
///
/// # Errors
/// As [`make`](super::make), where the plan had no window.
pub fn cut(mut plan: Plan, unusable: &[FileName], policy: &SitePolicy) -> Result<Cut, PlanError> {
    let stop = plan.steps.iter().enumerate().find_map(|(at, step)| match &step.op {
        Op::Install { package, .. } if unusable.contains(&package.file) => Some((at, package.clone())),
        _ => None,
    });
    let Some((at, before)) = stop else { return Ok(Cut { plan, before: None }) };
    let kept = |action: &Op| matches!(action, Op::Install { package, .. } if package.kind != PackageKind::Base);
    // Back to the last install that stands for itself. What lies behind
    // it, a soak or a backup, would be waited for or made for nothing.
    let length = plan.steps[..at].iter().rposition(|step| kept(&step.op)).map_or(0, |last| last + 1);
    plan.steps.truncate(length);
    schedule::set(&mut plan, policy.windows.as_ref())?;
    Ok(Cut { plan, before: Some(before) })
}
