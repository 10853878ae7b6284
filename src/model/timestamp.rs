//! Points in time, as documents carry them.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use time::{Duration, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339, macros::datetime};

/// The ends of the calendar.
const FIRST: OffsetDateTime = datetime!(0000-01-01 00:00:00 UTC);
const LAST: OffsetDateTime = datetime!(9999-12-31 23:59:59 UTC);

/// A point in time to the second, in UTC; its text form is RFC 3339
/// (`2026-03-04T05:06:07Z`). It lies in the years 0 to 9999: others have no such form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Timestamp = Timestamp(OffsetDateTime::UNIX_EPOCH);

    /// The system clock, now. Only [`HostTime`](super::HostTime) calls this, and
    /// the lab; rules take time as an argument, runs ask their [`Time`](super::Time).
    pub fn now() -> Self {
        // A clock outside the calendar shows the epoch, which `clock::believe` refuses as dead.
        Self::of(OffsetDateTime::now_utc()).unwrap_or(Self::UNIX_EPOCH)
    }

    /// Seconds since 1970-01-01T00:00:00Z; `None` outside the years 0-9999.
    pub fn from_unix(seconds: i64) -> Option<Self> {
        OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(Self::of)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix(self) -> i64 {
        self.0.unix_timestamp()
    }

    /// Reads RFC 3339 with any offset; `None` where it isn't, or lies in UTC
    /// outside the years 1970 to 9999: no document is older than its format.
    pub fn parse(text: &str) -> Option<Self> {
        OffsetDateTime::parse(text, &Rfc3339).ok().and_then(Self::of).filter(|time| *time >= Self::UNIX_EPOCH)
    }

    /// This time moved by `seconds`, held at the ends of the calendar.
    #[must_use]
    pub fn plus_secs(self, seconds: i64) -> Self {
        // Saturation and not an error: a limit that far away is as good
        // as none, and no document may end a run by a large number.
        Timestamp(self.0.saturating_add(Duration::seconds(seconds)).clamp(FIRST, LAST))
    }

    fn of(time: OffsetDateTime) -> Option<Self> {
        // Fractions go, because the text form has none: a time that was written and read again must equal itself.
        let utc = time.checked_to_offset(UtcOffset::UTC)?.replace_nanosecond(0).expect("zero is a valid nanosecond");
        (FIRST..=LAST).contains(&utc).then_some(Timestamp(utc))
    }

    /// The full minute at or after this time: what is shown to the minute is
    /// never told too early.
    #[must_use]
    pub fn up_to_minute(self) -> Self {
        self.plus_secs((60 - self.unix().rem_euclid(60)) % 60)
    }

    /// Seconds from `earlier` to this; negative when it is later.
    pub fn secs_since(self, earlier: Timestamp) -> i64 {
        (self.0 - earlier.0).whole_seconds()
    }

    /// The calendar time in UTC.
    pub fn datetime(self) -> OffsetDateTime {
        self.0
    }

    /// A form for file names: `20260304t050607z`.
    pub fn compact(self) -> String {
        let t = self.0;
        format!(
            "{:04}{:02}{:02}t{:02}{:02}{:02}z",
            t.year(),
            u8::from(t.month()),
            t.day(),
            t.hour(),
            t.minute(),
            t.second()
        )
    }

    /// A form for people: `2026-03-04 05:06 UTC`.
    pub fn human(self) -> String {
        let t = self.0;
        format!("{:04}-{:02}-{:02} {:02}:{:02} UTC", t.year(), u8::from(t.month()), t.day(), t.hour(), t.minute())
    }
}

/// Reads a length of time as people write it, in seconds: `90s`, `30min`, `25h`, `2d`, `1h 30m`.
/// `None` where it is none, or has months or years, which are of no length.
pub fn parse_duration(written: &str) -> Option<u64> {
    let span: jiff::Span = written.parse().ok()?;
    let length = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()?;
    u64::try_from(length.as_secs()).ok()
}

/// Formats a length of time for people: `45 s`, `15 min`, `24 h`, `3 d 2 h`.
pub fn duration_human(seconds: i64) -> String {
    let s = seconds.unsigned_abs();
    match s {
        0..=89 => format!("{s} s"),
        90..=7199 => format!("{} min", s.div_ceil(60)),
        7200..=172_799 if s % 3600 < 60 => format!("{} h", s / 3600),
        7200..=172_799 => format!("{} h {} min", s / 3600, s % 3600 / 60),
        _ => format!("{} d {} h", s / 86_400, s % 86_400 / 3600),
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.format(&Rfc3339).map_err(|_| std::fmt::Error)?)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Timestamp::parse(&text)
            .ok_or_else(|| D::Error::custom("a time is written as in RFC 3339 and lies in the years 1970 to 9999"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_utc_to_the_second() {
        let t = Timestamp::parse("2026-03-04T07:06:07.9+02:00").expect("valid");
        assert_eq!(t.to_string(), "2026-03-04T05:06:07Z");
        assert_eq!(t.compact(), "20260304t050607z");
        assert_eq!(t.plus_secs(60).secs_since(t), 60);
    }

    #[test]
    fn a_minute_is_never_told_too_early() {
        let shown = |secs: i64| Timestamp::from_unix(secs).expect("valid").up_to_minute().human();
        assert_eq!(shown(1_772_600_760), "2026-03-04 05:06 UTC");
        assert_eq!(shown(1_772_600_761), "2026-03-04 05:07 UTC");
        assert_eq!(shown(-1), "1970-01-01 00:00 UTC");
    }

    #[test]
    fn what_lies_outside_the_calendar_is_no_time() {
        for text in [
            "9999-12-31T23:59:59-01:00",
            "0000-01-01T00:00:00+01:00",
            "0000-01-01T00:00:00Z",
            "1970-01-01T00:59:59+01:00",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
        assert!(Timestamp::parse("9999-12-31T22:59:59-01:00").is_some());
        assert_eq!(Timestamp::parse("1970-01-01T01:00:00+01:00"), Some(Timestamp::UNIX_EPOCH));
    }

    proptest! {
        #[test]
        fn no_time_panics_whatever_is_done_with_it(
            (year, month, day) in (0..=9999u16, 1..=12u8, 1..=31u8),
            (hour, minute, second) in (0..=24u8, 0..=60u8, 0..=61u8),
            (sign, ahead, past) in ("[-+]", 0..=24u8, 0..=60u8),
            (at, by) in (any::<i64>(), any::<i64>()),
        ) {
            let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{sign}{ahead:02}:{past:02}");
            for time in [Timestamp::parse(&text), Timestamp::from_unix(at)].into_iter().flatten() {
                for time in [time, time.plus_secs(by), time.plus_secs(i64::MIN), time.plus_secs(i64::MAX), time.up_to_minute()] {
                    let written = time.to_string();
                    prop_assert_eq!((written.len(), time.compact().len(), time.human().len()), (20, 16, 20));
                    prop_assert!(time.secs_since(Timestamp::UNIX_EPOCH) == time.unix());
                    let _ = (super::super::local_time::local_time(time), time.plus_secs(by).secs_since(time));
                    prop_assert_eq!(Timestamp::parse(&written), Some(time).filter(|time| time.unix() >= 0));
                }
            }
        }
    }

    #[test]
    fn durations_read_as_people_say_them() {
        assert_eq!(duration_human(24 * 3600), "24 h");
        assert_eq!(duration_human(900), "15 min");
        assert_eq!(duration_human(26 * 3600 + 1800), "26 h 30 min");
    }
}
