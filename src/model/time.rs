//! Time as a run lives through it: nobody else asks what time it is, or waits.

use super::Timestamp;
use std::time::{Duration, Instant};

/// A clock that can be waited by.
pub trait Time {
    /// The time now.
    fn now(&self) -> Timestamp;
    /// Lets time pass.
    fn sleep(&self, how_long: Duration);
    /// Time since some moment before, that no clock change touches.
    fn elapsed(&self) -> Duration;
}

/// This machine's clock.
pub struct HostTime(Instant);

impl HostTime {
    /// Starts counting now.
    pub fn begin() -> Self {
        HostTime(Instant::now())
    }
}

impl Time for HostTime {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, how_long: Duration) {
        std::thread::sleep(how_long);
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
