//! Waiting for an appliance: the one place for how long and how often it is
//! looked at, for what a look that failed means, and for what is told meanwhile.
//!
//! Whoever waits says what was seen ([`Wait::saw`]) and asks whether to look
//! again ([`Wait::again`]), which pauses. It orders nothing.

use super::Reporter;
use crate::console::LiveWork;
use crate::driver::DriverError;
use crate::model::{Failure, Time, duration_human};
use crate::plan::Estimate;
use std::time::Duration;

/// Seconds an appliance may ask its vendor: minutes are much for a short list.
pub(super) const CHECK_MAX_SECS: u64 = 600;
/// Seconds in which roles change: within a minute; three leave room for a slow page.
pub(super) const ROLES_MAX_SECS: u64 = 180;
/// Seconds an appliance is given to show that a relationship is broken: an
/// API may answer out of a cache for a minute.
pub(super) const BROKEN_MAX_SECS: u64 = 90;
/// Seconds in which an ordered reset shows itself, and a shutdown is over.
pub(super) const LEAVING_MAX_SECS: u64 = 300;

/// Seconds between two looks at what takes a moment.
const LOOK_SECS: u64 = 2;
/// Seconds between two looks at what takes long: at first, and after each change.
const LOOK_FIRST_SECS: u64 = 1;
/// Seconds between two looks at what takes long, at most.
// An install takes a quarter of an hour and more. Half a minute is
// nothing to it, and each look is work for an appliance that has enough.
const LOOK_LAST_SECS: u64 = 30;
/// Seconds between two lines that say that nothing has changed.
// Enough to see that somebody still looks. More would push what matters off the screen.
const TELL_EVERY_SECS: u64 = 60;

/// One wait.
pub(super) struct Wait<'a> {
    time: &'a dyn Time,
    teller: &'a dyn Reporter,
    begun: Duration,
    longest_secs: u64,
    /// Seconds to the next look: at first, next time, at most.
    first_secs: u64,
    pause_secs: u64,
    last_secs: u64,
    /// What was seen last; since when it is in that state, and when that was told.
    seen: String,
    since: Duration,
    told: Duration,
    work: Work,
}

/// What is waited for, as a live line tells it.
#[derive(Default)]
struct Work {
    /// Which appliance, where "the appliance" would leave that open.
    name: Option<String>,
    /// How long it went on before this wait, in seconds.
    before_secs: u64,
    usual: Option<Estimate>,
}

impl<'a> Wait<'a> {
    /// Begins to wait for an install, a data sync or a reset: minutes to hours.
    pub(super) fn long(time: &'a dyn Time, teller: &'a dyn Reporter, longest_secs: u64) -> Self {
        Wait::begin(time, teller, longest_secs, (LOOK_FIRST_SECS, LOOK_LAST_SECS))
    }

    /// Begins to wait for what takes seconds, or a few minutes.
    pub(super) fn short(time: &'a dyn Time, teller: &'a dyn Reporter, longest_secs: u64) -> Self {
        Wait::begin(time, teller, longest_secs, (LOOK_SECS, LOOK_SECS))
    }

    fn begin(
        time: &'a dyn Time,
        teller: &'a dyn Reporter,
        longest_secs: u64,
        (first_secs, last_secs): (u64, u64),
    ) -> Self {
        let (begun, pause_secs, seen) = (time.elapsed(), first_secs, String::new());
        let (since, told, work) = (begun, begun, Work::default());
        Wait { time, teller, begun, longest_secs, first_secs, pause_secs, last_secs, seen, since, told, work }
    }

    /// Says whose work it is, since how many seconds it has been going on, and how long it usually takes.
    pub(super) fn of(mut self, name: &str, before_secs: u64, usual: Estimate) -> Self {
        self.work = Work { name: Some(name.to_owned()), before_secs, usual: Some(usual) };
        self
    }

    /// How long it has been waited, in seconds.
    pub(super) fn secs(&self) -> u64 {
        self.secs_since(self.begun)
    }

    /// Seconds since `from`, a reading of the same clock.
    pub(super) fn secs_since(&self, from: Duration) -> u64 {
        self.time.elapsed().saturating_sub(from).as_secs()
    }

    /// What was seen last.
    pub(super) fn seen(&self) -> &str {
        &self.seen
    }

    /// Tells a change at once, and what stays the same once a minute.
    pub(super) fn saw(&mut self, what: String) {
        let now = self.time.elapsed();
        // What stands in brackets changes with every per cent, and is no news.
        let state = |text: &str| text.split('(').next().unwrap_or_default().to_owned();
        if state(&self.seen) != state(&what) {
            self.teller.note(&what);
            (self.pause_secs, self.since, self.told) = (self.first_secs, now, now);
        } else if self.secs_since(self.told) >= TELL_EVERY_SECS {
            self.teller.still(&format!("{what}, for {} now", duration_human(self.secs_since(self.since) as i64)));
            self.told = now;
        }
        self.seen = what;
        self.teller.live(Some(self.live()));
    }

    /// What a live line tells of it.
    fn live(&self) -> LiveWork {
        let Work { name, before_secs, usual } = &self.work;
        let what = match (name, self.seen.strip_prefix("the appliance ")) {
            (Some(name), Some(does)) => format!("{name} {does}"),
            (Some(name), None) => format!("{name}: {}", self.seen),
            (None, _) => self.seen.clone(),
        };
        let gone_secs = before_secs.saturating_add(self.secs());
        let positive = |secs: i64| u64::try_from(secs).unwrap_or(0);
        let usual_secs = usual.map(|usual| (positive(usual.min_secs), positive(usual.max_secs)));
        let left_secs = usual.map(|usual| usual.max_secs - i64::try_from(gone_secs).unwrap_or(i64::MAX));
        let over = left_secs.map(|left| self.time.now().plus_secs(left));
        LiveWork { what, gone_secs, usual_secs, over }
    }

    /// Pauses before the next look; no more where the longest wait is over.
    pub(super) fn again(&mut self) -> bool {
        let left_secs = self.longest_secs.saturating_sub(self.secs());
        if left_secs == 0 {
            return false;
        }
        // The last look is when the wait is over.
        self.time.sleep(Duration::from_secs(self.pause_secs.min(left_secs)));
        self.pause_secs = (self.pause_secs * 2).min(self.last_secs);
        true
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.teller.live(None);
    }
}

/// What a look that failed means to whoever waits: something to tell where
/// another look may show more, and else the end.
///
/// # Errors
/// The driver's, where looking again does no good.
pub(super) fn unless_hopeless(error: DriverError) -> Result<String, Failure> {
    let is_hopeless = error.is_hopeless();
    let failure = Failure::from(error);
    if is_hopeless { Err(failure) } else { Ok(failure.message) }
}
