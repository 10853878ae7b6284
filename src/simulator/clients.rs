//! The clients of a site. After a site package all need an update; they fetch
//! it one by one, spread over the time that was chosen.

use super::now::Now;
use crate::model::Timestamp;
use std::time::Duration;

/// Of this many clients one never updates, where some lag.
// In a lab of twelve these are three: enough to be seen, and few enough that most do update.
const LAGGARDS: u32 = 4;

/// The clients of a site.
#[derive(Debug, Clone, Copy)]
pub struct Clients {
    /// How many there are.
    pub count: u32,
    /// How long after a site package the last of them has updated.
    pub update: Duration,
    /// Whether some never update.
    pub lag: bool,
}

impl Clients {
    /// When client `number`, from 0, has fetched what came at `since`; `None`
    /// where it has not yet.
    pub fn updated(&self, number: u32, since: Timestamp, now: Now) -> Option<Timestamp> {
        if self.lag && number % LAGGARDS == LAGGARDS - 1 {
            return None;
        }
        let share = f64::from(number + 1) / f64::from(self.count.max(1));
        let at = since.plus_secs((self.update.as_secs_f64() * share).ceil() as i64);
        (now.clock >= at).then_some(at)
    }

    /// How many have not fetched what came at `since`.
    pub fn outdated(&self, since: Timestamp, now: Now) -> u32 {
        let gone = now.clock.secs_since(since).max(0) as f64;
        let whole = self.update.as_secs_f64();
        let share = if whole > 0.0 { (gone / whole).min(1.0) } else { 1.0 };
        let reached = (share * f64::from(self.count)) as u32;
        let updated = reached - if self.lag { reached / LAGGARDS } else { 0 };
        self.count - updated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_update_one_by_one_and_some_never() {
        let since = Timestamp::from_unix(1_700_000_000).expect("in range");
        let after = |secs| Now { clock: since.plus_secs(secs), running: Duration::ZERO };
        let clients = Clients { count: 8, update: Duration::from_secs(80), lag: false };
        let outdated = [0, 9, 10, 79, 80].map(|secs| clients.outdated(since, after(secs)));
        assert_eq!(outdated, [8, 8, 7, 1, 0]);
        assert_eq!(Clients { lag: true, ..clients }.outdated(since, after(1000)), 2);
    }
}
