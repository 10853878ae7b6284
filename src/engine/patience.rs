//! How long an appliance may look as in ordinary times before that counts as
//! an answer. Pure.

use super::Rules;
use super::history::{InstallStage, Open};

/// How long is waited for one install.
#[derive(Clone, Copy)]
pub(super) struct Patience<'a> {
    /// The rules of the run.
    pub rules: &'a Rules,
    /// The longest that such a package usually takes, in seconds.
    pub usual_secs: u64,
    /// Seconds since the install came as far as it is known to be.
    pub gone_secs: u64,
}

impl Patience<'_> {
    /// Whether an appliance that has shown nothing of `open` for `quiet_secs`
    /// has answered by that. `readable` is whether it shows what would tell
    /// that the package is not there.
    ///
    /// An appliance that was down and is back with its old version may restart
    /// once more: that is no answer. So what it may have is waited for as long
    /// as such a package usually takes, and a base package, which must not be
    /// taken for one in trouble, as long as anybody waits.
    pub fn is_over(self, open: &Open, readable: bool, quiet_secs: u64) -> bool {
        let base = open.package.changes_base();
        let (settled, unanswered) = (quiet_secs >= self.rules.settle_secs, quiet_secs >= self.rules.unanswered_secs);
        match &open.stage {
            // A person has looked, and said that it is over.
            _ if open.guided => true,
            InstallStage::Sending | InstallStage::Agreement | InstallStage::Failed(_) => settled,
            InstallStage::Unanswered | InstallStage::Accepting => {
                unanswered && (!base || self.gone_secs >= self.usual_secs)
            }
            // Only a person can tell.
            InstallStage::SetOff if !readable => settled,
            InstallStage::SetOff if base => settled && self.is_overdue(),
            InstallStage::SetOff => settled && self.gone_secs >= self.usual_secs,
        }
    }

    /// Whether a base package that was taken is so late that it counts as one in trouble.
    pub fn is_overdue(self) -> bool {
        self.gone_secs >= self.usual_secs.max(self.rules.wait_max_secs)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{open, rules};
    use super::*;
    use crate::model::PackageKind;

    const HOUR: u64 = 3600;

    #[test]
    fn nothing_that_may_have_been_taken_is_given_up_before_its_usual_time() {
        let rules = rules("box", std::path::Path::new("/nowhere"));
        let over = |kind, stage, gone_secs, quiet_secs| {
            Patience { rules: &rules, usual_secs: HOUR, gone_secs }.is_over(&open(kind, stage), true, quiet_secs)
        };
        let (base, site) = (PackageKind::Base, PackageKind::Site);
        assert!(over(base, InstallStage::Sending, 0, 20), "what was cut is not there");
        assert!(!over(site, InstallStage::Unanswered, 299, 299) && over(site, InstallStage::Unanswered, 300, 300));
        assert!(!over(base, InstallStage::Unanswered, HOUR - 1, HOUR - 1), "a base package is waited for");
        assert!(over(base, InstallStage::Unanswered, HOUR, 300) && over(base, InstallStage::Accepting, HOUR, 300));
        assert!(!over(site, InstallStage::SetOff, HOUR - 1, 3000) && over(site, InstallStage::SetOff, HOUR, 20));
        assert!(!over(base, InstallStage::SetOff, 4 * HOUR - 1, HOUR), "it is not in trouble before --wait-max");
        assert!(over(base, InstallStage::SetOff, 4 * HOUR, 20) && !over(base, InstallStage::SetOff, 4 * HOUR, 19));
        let late = |usual_secs, gone_secs| Patience { rules: &rules, usual_secs, gone_secs }.is_overdue();
        assert!(!late(HOUR, 4 * HOUR - 1) && late(HOUR, 4 * HOUR), "not before --wait-max");
        assert!(!late(6 * HOUR, 5 * HOUR) && late(6 * HOUR, 6 * HOUR), "nor before its usual time");
    }

    #[test]
    fn what_no_page_tells_is_asked_of_a_person_soon() {
        let rules = rules("box", std::path::Path::new("/nowhere"));
        let patience = Patience { rules: &rules, usual_secs: HOUR, gone_secs: 60 };
        assert!(patience.is_over(&open(PackageKind::Patch, InstallStage::SetOff), false, 20));
        assert!(!patience.is_over(&open(PackageKind::Patch, InstallStage::SetOff), true, 20));
        let guided = Open { guided: true, ..open(PackageKind::Base, InstallStage::SetOff) };
        assert!(patience.is_over(&guided, true, 0), "a person has looked");
    }
}
