//! The clock of what is simulated.

use super::now::Now;
use crate::model::{Time, Timestamp};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// A clock that moves only when it is told to.
#[derive(Debug)]
pub struct VirtualClock {
    begin: Timestamp,
    passed_secs: Cell<i64>,
}

impl VirtualClock {
    /// Starts at `begin`.
    pub fn new(begin: Timestamp) -> Rc<Self> {
        Rc::new(VirtualClock { begin, passed_secs: Cell::new(0) })
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.begin.plus_secs(self.passed_secs.get())
    }

    /// The time as the simulator takes it.
    pub fn at(&self) -> Now {
        Now { clock: self.now(), running: self.passed() }
    }

    /// How much time has passed since the beginning.
    pub fn passed(&self) -> Duration {
        Duration::from_secs(self.passed_secs.get().max(0) as u64)
    }

    /// Moves on.
    pub fn advance(&self, secs: i64) {
        self.passed_secs.set(self.passed_secs.get() + secs);
    }
}

/// Time passes as fast as it is slept.
impl Time for VirtualClock {
    fn now(&self) -> Timestamp {
        VirtualClock::now(self)
    }

    fn sleep(&self, how_long: Duration) {
        // What is shorter than the clock's second passes it all the same, so that no wait stands still.
        let secs = how_long.as_secs() + u64::from(how_long.subsec_nanos() > 0);
        self.advance(i64::try_from(secs).unwrap_or(i64::MAX));
    }

    fn elapsed(&self) -> Duration {
        self.passed()
    }
}
