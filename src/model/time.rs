//! Time as a run lives through it: nobody else asks what time it is, or waits.

use super::Timestamp;
use std::cell::Cell;
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
pub struct HostTime {
    begun: Instant,
    /// What was slept and the clock did not count.
    uncounted: Cell<Duration>,
}

impl HostTime {
    /// Starts counting now.
    pub fn begin() -> Self {
        HostTime { begun: Instant::now(), uncounted: Cell::default() }
    }
}

impl Time for HostTime {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, how_long: Duration) {
        let from = Instant::now();
        std::thread::sleep(how_long);
        // A wait that is over was as long as it was to be: where sleep and clock go at another pace, as on a machine
        // that is simulated, the limits of waits and what is waited for must go together.
        self.uncounted.set(self.uncounted.get() + how_long.saturating_sub(from.elapsed()));
    }

    fn elapsed(&self) -> Duration {
        self.begun.elapsed() + self.uncounted.get()
    }
}
