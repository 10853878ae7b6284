//! The times of `valid-after` and `valid-before`, as ssh-keygen reads them.
//!
//! `YYYYMMDD`, `YYYYMMDDHHMM` or `YYYYMMDDHHMMSS`, with `Z` or `UTC` behind it
//! for UTC. Without, it is local time, and there OpenSSH has a quirk that is
//! kept here, so that both give the same verdict on the same file: the time is
//! taken as standard time, even in summer. Files that travel between machines
//! should say `Z`.
//!
//! The time zone is read with jiff (TZ, else the system's zone), which is pure
//! Rust: unlike the C library's, its reading is sound however many threads run.

use crate::model::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Dst, TimeZone};

/// Reads one time.
pub(super) fn parse(text: &str) -> Result<Timestamp, String> {
    let (digits, utc) = strip_utc(text);
    if !matches!(digits.len(), 8 | 12 | 14) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        let form = "a time is written YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, with Z behind it for UTC";
        return Err(form.to_owned());
    }
    let zone = if utc {
        TimeZone::UTC
    } else {
        TimeZone::try_system().map_err(|_| {
            "the time has no Z behind it, so it is local time, and this machine's time zone can't be told".to_owned()
        })?
    };
    civil(digits)
        .and_then(|civil| in_zone(civil, &zone))
        .ok_or_else(|| "there is no such day or time, or it is before 1970-01-01T00:00:01Z".to_owned())
}

/// Writes a time so that every machine reads the same.
pub(super) fn render(time: Timestamp) -> String {
    let t = time.datetime();
    format!("{:04}{:02}{:02}{:02}{:02}{:02}Z", t.year(), u8::from(t.month()), t.day(), t.hour(), t.minute(), t.second())
}

fn strip_utc(text: &str) -> (&str, bool) {
    for suffix in ["Z", "UTC"] {
        let Some(at) = text.len().checked_sub(suffix.len()) else { continue };
        if text.is_char_boundary(at) && text[at..].eq_ignore_ascii_case(suffix) {
            return (&text[..at], true);
        }
    }
    (text, false)
}

/// Reads eight, twelve or fourteen digits; `None` where the calendar or the
/// clock has no such moment.
fn civil(digits: &str) -> Option<DateTime> {
    let number = |from: usize, to: usize| digits.get(from..to).map_or(Ok(0), str::parse::<i8>).ok();
    let year: i16 = digits[..4].parse().ok()?;
    DateTime::new(year, number(4, 6)?, number(6, 8)?, number(8, 10)?, number(10, 12)?, number(12, 14)?, 0).ok()
}

/// The moment a clock set to the zone's standard time shows `civil`; `None`
/// before 1970, where ssh-keygen refuses too.
fn in_zone(civil: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let as_if_utc = TimeZone::UTC.to_timestamp(civil).ok()?;
    let offset_secs = standard_offset_secs(as_if_utc, zone);
    let seconds = as_if_utc.as_second().checked_sub(offset_secs)?;
    Timestamp::from_unix(seconds).filter(|time| time.unix() > 0)
}

/// The zone's standard offset around a moment: the one then in force, or,
/// during summer time, that of the nearest time without it.
fn standard_offset_secs(moment: jiff::Timestamp, zone: &TimeZone) -> i64 {
    let now = zone.to_offset_info(moment);
    if now.dst() == Dst::No {
        return now.offset().seconds().into();
    }
    let standard = |dst: Dst, offset: jiff::tz::Offset| (dst == Dst::No).then(|| i64::from(offset.seconds()));
    // Zones that never had anything but summer time do not exist; their
    // present offset would be the only sensible answer.
    zone.preceding(moment)
        .skip(1)
        // Eight changes are four years. A zone that was in summer time for longer has no standard time to go back to.
        .take(8)
        .find_map(|before| standard(before.dst(), before.offset()))
        .or_else(|| zone.following(moment).take(8).find_map(|after| standard(after.dst(), after.offset())))
        .unwrap_or_else(|| now.offset().seconds().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(text: &str, zone: &str) -> String {
        let zone = TimeZone::posix(zone).expect("a POSIX time zone");
        in_zone(civil(text).expect("a moment"), &zone).expect("after 1970").to_string()
    }

    #[test]
    fn utc_is_said_by_z_or_utc_in_any_case() {
        for text in ["20260304Z", "20260304z", "202603040000UTC", "20260304000000utc"] {
            assert_eq!(parse(text).expect(text).to_string(), "2026-03-04T00:00:00Z");
        }
    }

    #[test]
    fn local_time_is_standard_time_even_in_summer() {
        let berlin = "CET-1CEST,M3.5.0,M10.5.0/3";
        assert_eq!(local("202601151200", berlin), "2026-01-15T11:00:00Z");
        assert_eq!(local("202607011200", berlin), "2026-07-01T11:00:00Z");
        assert_eq!(local("202607011200", "EST5EDT,M3.2.0,M11.1.0"), "2026-07-01T17:00:00Z");
        assert_eq!(local("202607011200", "<+0545>-5:45"), "2026-07-01T06:15:00Z");
    }

    #[test]
    fn what_no_calendar_holds_is_refused() {
        for text in ["20260229Z", "20261301Z", "20260001Z", "202603042460Z", "20260304235960Z", "19700101Z"] {
            let why = parse(text).expect_err(text);
            assert!(why.starts_with("there is no such"), "{text}: {why}");
        }
        for text in ["", "Z", "2026", "2026-03-04", "+2260304Z", "20260304T0000Z", "２０２６", "20260304 Z"] {
            let why = parse(text).expect_err(text);
            assert!(why.starts_with("a time is written"), "{text}: {why}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_rendered_time_reads_back(seconds in 1i64..253_402_300_799) {
            let time = Timestamp::from_unix(seconds).expect("within the calendar");
            proptest::prop_assert_eq!(parse(&render(time)), Ok(time));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,20}") {
            let _ = parse(&text);
        }
    }
}
