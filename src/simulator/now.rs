//! The time, as an argument.

use crate::model::Timestamp;
use std::time::Duration;

/// What time it is: by the clock, and since the beginning.
///
/// Both move together until somebody sets the clock forward: a soak is then
/// over, an install that runs takes no less time for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// By the clock.
    pub clock: Timestamp,
    /// Since the beginning.
    pub running: Duration,
}

impl Now {
    /// The clock's time at an earlier moment since the beginning.
    pub(super) fn clock_at(self, running: Duration) -> Timestamp {
        let ago = self.running.saturating_sub(running).as_secs();
        self.clock.plus_secs(-i64::try_from(ago).unwrap_or(i64::MAX))
    }
}
