//! Whether a clock can be believed: the one rule for every verb that judges time.

use super::{Timestamp, explained, local_time};
use macro_rules_attribute::apply;

/// How far the clocks of two honest machines may differ, in seconds: what was
/// made this much later than now is not called from the future.
// Less would refuse honest papers: a machine behind an air gap has no time server, and its clock is set by hand.
pub const CLOCK_TOLERANCE_SECS: i64 = 300;

/// 2025-01-01T00:00:00Z in Unix seconds: no clock that is right shows less,
/// since this program is younger.
// A dead battery brings a clock back to 1970 or to its board's first
// day. It must not make an expired bundle fresh again.
pub const EARLIEST_TIME_UNIX: i64 = 1_735_689_600;

/// Why a clock can't be believed.
#[apply(explained!)]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// It shows a time that is over for certain, as after a dead battery.
    #[error("this machine's clock says {}, a time before this program was made", local_time(*now))]
    #[hint("set this machine's clock, then try again")]
    #[exit(ClockUntrusted)]
    Dead {
        /// What it shows.
        now: Timestamp,
    },
    /// It shows a time before one that was trusted.
    #[error("this machine's clock says {}, yet a trusted time here was {}: the clock went back, or was ahead", local_time(*now), local_time(*last))]
    #[hint(
        "compare this machine's clock with one that is right, and set it; where it is right already, it was ahead when \
         the later time was trusted: see handcarry(7), THREATS"
    )]
    #[exit(ClockWentBack)]
    WentBack {
        /// What it shows.
        now: Timestamp,
        /// The latest time that was trusted.
        last: Timestamp,
    },
}

/// Judges a clock that shows `now` where `last_trusted` was trusted before.
///
/// # Errors
/// [`ClockError::Dead`], [`ClockError::WentBack`] beyond [`CLOCK_TOLERANCE_SECS`].
pub fn believe(now: Timestamp, last_trusted: Option<Timestamp>) -> Result<(), ClockError> {
    if now.unix() < EARLIEST_TIME_UNIX {
        return Err(ClockError::Dead { now });
    }
    match last_trusted {
        // The tolerance counts here too: a clock that is set right by hand may well go back by a minute.
        Some(last) if now.secs_since(last) < -CLOCK_TOLERANCE_SECS => Err(ClockError::WentBack { now, last }),
        _ => Ok(()),
    }
}

/// The earliest time it can be: the latest that was trusted, and no clock that
/// is right shows less than [`EARLIEST_TIME_UNIX`].
pub fn floor(last_trusted: Option<Timestamp>) -> Timestamp {
    let earliest = Timestamp::from_unix(EARLIEST_TIME_UNIX).expect("2025 is within the calendar");
    last_trusted.map_or(earliest, |last| last.max(earliest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_believed_from_the_floor_on_give_or_take_the_tolerance() {
        let last = Timestamp::parse("2026-03-04T05:06:07Z").expect("a time");
        assert_eq!(believe(last.plus_secs(-CLOCK_TOLERANCE_SECS), Some(last)), Ok(()));
        let now = last.plus_secs(-CLOCK_TOLERANCE_SECS - 1);
        assert_eq!(believe(now, Some(last)), Err(ClockError::WentBack { now, last }));
        assert_eq!(believe(now, None), Ok(()));
        let dead = Timestamp::UNIX_EPOCH.plus_secs(90);
        assert_eq!(believe(dead, Some(last)), Err(ClockError::Dead { now: dead }));
        assert_eq!(floor(None).to_string(), "2025-01-01T00:00:00Z");
        assert_eq!(floor(Some(dead)), floor(None));
        assert_eq!(floor(Some(last)), last);
    }
}
