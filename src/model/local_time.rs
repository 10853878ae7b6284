//! A time as the clock on this wall shows it.

use super::Timestamp;
use jiff::tz::TimeZone;

/// Names of the days, Monday first.
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Tells a time in this machine's own zone, with UTC behind where that is another.
pub fn local_time(at: Timestamp) -> String {
    in_zone(at, &TimeZone::system())
}

fn in_zone(at: Timestamp, zone: &TimeZone) -> String {
    // jiff's calendar ends a day before ours, so that each of its times
    // has a date in every zone. A later one is told in UTC.
    let Ok(instant) = jiff::Timestamp::from_second(at.unix()) else { return at.human() };
    let (local, offset) = (zone.to_datetime(instant), zone.to_offset(instant));
    let day = DAYS[local.weekday().to_monday_zero_offset() as usize];
    if offset.seconds() == 0 {
        return format!("{day} {}", at.human());
    }
    let (sign, minutes) = (if offset.seconds() < 0 { '-' } else { '+' }, offset.seconds().unsigned_abs() / 60);
    let from_utc = format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60);
    format!("{day} {} {:02}:{:02} {from_utc} ({})", local.date(), local.hour(), local.minute(), at.human())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_here_first_and_in_utc_behind() {
        let at = Timestamp::parse("2026-12-05T23:30:00Z").expect("a time");
        let zone = |name: &str| TimeZone::get(name).expect("a zone");
        assert_eq!(in_zone(at, &zone("America/Sao_Paulo")), "Sat 2026-12-05 20:30 -03:00 (2026-12-05 23:30 UTC)");
        assert_eq!(in_zone(at, &zone("Asia/Tokyo")), "Sun 2026-12-06 08:30 +09:00 (2026-12-05 23:30 UTC)");
        assert_eq!(in_zone(at, &TimeZone::UTC), "Sat 2026-12-05 23:30 UTC");
    }
}
