//! Points in time, as documents carry them.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use time::{Duration, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// A point in time to the second, in UTC; its text form is RFC 3339
/// (`2026-03-04T05:06:07Z`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Timestamp = Timestamp(OffsetDateTime::UNIX_EPOCH);

    /// The system clock, now. Only the two halves call this; rules take time
    /// as an argument.
    pub fn now() -> Self {
        Self::from(OffsetDateTime::now_utc())
    }

    /// Seconds since 1970-01-01T00:00:00Z; `None` outside the years 0-9999.
    pub fn from_unix(seconds: i64) -> Option<Self> {
        OffsetDateTime::from_unix_timestamp(seconds).ok().filter(|t| (0..=9999).contains(&t.year())).map(Self::from)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix(self) -> i64 {
        self.0.unix_timestamp()
    }

    /// Reads RFC 3339 with any offset; `None` where it isn't.
    pub fn parse(text: &str) -> Option<Self> {
        OffsetDateTime::parse(text, &Rfc3339).ok().map(Self::from)
    }

    /// This time moved by `seconds`, held at the ends of the calendar.
    #[must_use]
    pub fn plus_secs(self, seconds: i64) -> Self {
        Timestamp(self.0.saturating_add(Duration::seconds(seconds)))
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

impl From<OffsetDateTime> for Timestamp {
    fn from(time: OffsetDateTime) -> Self {
        let utc = time.to_offset(UtcOffset::UTC);
        Timestamp(utc.replace_nanosecond(0).expect("zero is a valid nanosecond"))
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
        Timestamp::parse(&text).ok_or_else(|| D::Error::custom("a time is written as in RFC 3339"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_utc_to_the_second() {
        let t = Timestamp::parse("2026-03-04T07:06:07.9+02:00").expect("valid");
        assert_eq!(t.to_string(), "2026-03-04T05:06:07Z");
        assert_eq!(t.compact(), "20260304t050607z");
        assert_eq!(t.plus_secs(60).secs_since(t), 60);
    }

    #[test]
    fn a_minute_is_never_told_too_early() {
        let shown = |text: &str| Timestamp::parse(text).expect("valid").up_to_minute().human();
        assert_eq!(shown("2026-03-04T05:06:00Z"), "2026-03-04 05:06 UTC");
        assert_eq!(shown("2026-03-04T05:06:01Z"), "2026-03-04 05:07 UTC");
        assert_eq!(shown("1969-12-31T23:59:59Z"), "1970-01-01 00:00 UTC");
    }

    #[test]
    fn durations_read_as_people_say_them() {
        assert_eq!(duration_human(24 * 3600), "24 h");
        assert_eq!(duration_human(900), "15 min");
        assert_eq!(duration_human(26 * 3600 + 1800), "26 h 30 min");
    }
}
