//! Time: how long a soak still lasts, how far two clocks are apart.

use super::evidence::convinces;
use super::{ClockRule, PastInstall, SitePolicy};
use crate::model::{Status, Timestamp};

/// Seconds that must still pass after `past` before the next base or site
/// package; 0 when the soak is over, or something shows that it need not last.
/// It begins when clients are led to the appliance, where that was later than the install.
///
/// Each clock is compared with itself only. A clock that was set back makes
/// the wait longer, never shorter; under [`ClockRule::Both`] one that was set
/// forward changes nothing.
pub fn soak_remaining(
    policy: &SitePolicy,
    past: &PastInstall,
    now: Timestamp,
    appliance_clock: Option<Timestamp>,
) -> i64 {
    if convinces(&past.evidence, policy) {
        return 0;
    }
    let from = past.soaks_from();
    let left = |now: Timestamp, then: Timestamp| policy.soak_secs - now.secs_since(then);
    let ours = left(now, from.at);
    // Never one clock against the other: what they differ by would be taken from the wait or added to it.
    let theirs = appliance_clock.zip(from.appliance_clock).map(|(now, then)| left(now, then));
    let remaining = match (policy.clock, theirs) {
        (ClockRule::Both, Some(theirs)) => ours.max(theirs),
        (ClockRule::Appliance, Some(theirs)) => theirs,
        (_, None) => ours,
    };
    remaining.max(0)
}

/// What the date of each client must be later than, once it has updated to
/// `past`, and whether that is by the appliance's clock, which lists of clients
/// are written by. Where both clocks count, the later of the two.
pub fn clients_later_than(policy: &SitePolicy, past: &PastInstall) -> (Timestamp, bool) {
    match (policy.clock, past.appliance_clock) {
        (ClockRule::Appliance, Some(clock)) => (clock, true),
        (ClockRule::Both, Some(clock)) => (clock.max(past.at), false),
        (_, None) => (past.at, false),
    }
}

/// Seconds by which the appliance's clock is ahead of `now`, negative when it
/// is behind; `None` where it can't be read.
pub fn clock_skew(status: &Status, now: Timestamp) -> Option<i64> {
    status.clock.map(|clock| clock.secs_since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_ahead_is_positive_and_one_that_is_not_shown_is_none() {
        let now = crate::plan::tests::now();
        let mut status = crate::plan::tests::status("3", "10");
        for (clock, skew) in [(Some(now.plus_secs(90)), Some(90)), (Some(now.plus_secs(-7)), Some(-7)), (None, None)] {
            status.clock = clock;
            assert_eq!(clock_skew(&status, now), skew);
        }
    }
}
