//! A time as the clock on this wall shows it.

use super::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;

/// Names of the days in English, Monday first.
pub const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// This machine's zone: the variable TZ, else the system's; UTC where neither names one, and in tests of rules.
fn here() -> TimeZone {
    if cfg!(test) { TimeZone::UTC } else { TimeZone::system() }
}

/// Tells a time in this machine's own zone, with UTC behind where that is another.
pub fn local_time(at: Timestamp) -> String {
    local_time_in(at, &DAYS)
}

/// The same in a language that names its days so, Monday first.
pub fn local_time_in(at: Timestamp, days: &[&str; 7]) -> String {
    in_zone(at, &here(), days)
}

/// Full hours of this machine's zone between two times, each `hours` after the
/// one before and counted from midnight, with the hour; at most `most` of them.
pub fn local_hours(from: Timestamp, until: Timestamp, hours: i64, most: usize) -> Vec<(Timestamp, String)> {
    hours_in((from, until), hours, most, &here())
}

fn hours_in(
    (from, until): (Timestamp, Timestamp),
    hours: i64,
    most: usize,
    zone: &TimeZone,
) -> Vec<(Timestamp, String)> {
    let instant = |at: Timestamp| jiff::Timestamp::from_second(at.unix()).ok();
    let Some(begin) = instant(from) else { return Vec::new() };
    let midnight = zone.to_datetime(begin).date().to_datetime(jiff::civil::Time::midnight());
    let mark = |number: i64| {
        // By the calendar, so that a day that is an hour shorter moves no mark after it.
        let local = midnight.checked_add(jiff::Span::new().try_hours(number.checked_mul(hours)?).ok()?).ok()?;
        let at = Timestamp::from_unix(zone.to_timestamp(local).ok()?.as_second())?;
        let (date, hour) = (local.date(), local.hour());
        let told = if hour == 0 { format!("{:02}-{:02}", date.month(), date.day()) } else { format!("{hour:02}:00") };
        Some((at, told))
    };
    let all = (0..).map_while(mark).skip_while(|(at, _)| *at < from);
    all.take_while(|(at, _)| *at <= until).take(most).collect()
}

/// The same in few words, at the head of a line among others: to the minute, with the zone's name behind.
pub fn local_brief(at: Timestamp) -> String {
    brief_in(at, &here())
}

fn brief_in(at: Timestamp, zone: &TimeZone) -> String {
    let Ok(instant) = jiff::Timestamp::from_second(at.unix()) else { return at.human() };
    // What is no zone that is known counts as UTC, and is called so.
    let info = zone.to_offset_info(instant);
    let name = if zone.is_unknown() { "UTC" } else { info.abbreviation() };
    format!("{} {name}", minute_in(at, zone))
}

/// What a clock on the wall shows then, for a time that is near: `02:47`.
pub fn local_clock(at: Timestamp) -> String {
    // Of all forms the hour and minute are the end.
    local_minute(at).split_off("2026-12-05 ".len())
}

/// The same in a table, which says once that its times are of this machine's zone: to the minute.
pub fn local_minute(at: Timestamp) -> String {
    minute_in(at, &here())
}

fn minute_in(at: Timestamp, zone: &TimeZone) -> String {
    let Ok(instant) = jiff::Timestamp::from_second(at.unix()) else { return at.human() };
    let local = zone.to_datetime(instant);
    format!("{} {:02}:{:02}", local.date(), local.hour(), local.minute())
}

fn in_zone(at: Timestamp, zone: &TimeZone, days: &[&str; 7]) -> String {
    // jiff's calendar ends a day before ours, so that each of its times
    // has a date in every zone. A later one is told in UTC.
    let Ok(instant) = jiff::Timestamp::from_second(at.unix()) else { return at.human() };
    let (local, offset) = (zone.to_datetime(instant), zone.to_offset(instant));
    let day = days[local.weekday().to_monday_zero_offset() as usize];
    if offset.seconds() == 0 {
        return format!("{day} {}", at.human());
    }
    let (sign, minutes) = (if offset.seconds() < 0 { '-' } else { '+' }, offset.seconds().unsigned_abs() / 60);
    let from_utc = format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60);
    format!("{day} {} {:02}:{:02} {from_utc} ({})", local.date(), local.hour(), local.minute(), at.human())
}

/// The time that a person means: the next `02:00` from `now` on, `2026-12-06 02:00` in this machine's zone, or RFC 3339
/// with its offset. `None` where it is none of these.
pub fn time_meant(text: &str, now: Timestamp) -> Option<Timestamp> {
    meant_in(text, now, &here())
}

fn meant_in(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    if let Some(at) = Timestamp::parse(text) {
        return Some(at);
    }
    // As in windows: a time that summer time skips is the one an hour later, of one that comes twice the first is meant.
    let instant = |civil: DateTime| {
        let at = zone.to_ambiguous_timestamp(civil).compatible().ok()?;
        Timestamp::from_unix(at.as_second())
    };
    if let Ok(civil) = DateTime::strptime("%Y-%m-%d %H:%M", text) {
        return instant(civil);
    }
    let time = Time::strptime("%H:%M", text).ok()?;
    let today = zone.to_datetime(jiff::Timestamp::from_second(now.unix()).ok()?).date();
    let days = [Some(today), today.tomorrow().ok()];
    days.into_iter().flatten().filter_map(|day| instant(day.to_datetime(time))).find(|at| *at >= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_here_first_and_in_utc_behind() {
        let at = Timestamp::parse("2026-12-05T23:30:00Z").expect("a time");
        let zone = |name: &str| TimeZone::get(name).expect("a zone");
        assert_eq!(
            in_zone(at, &zone("America/Sao_Paulo"), &DAYS),
            "Sat 2026-12-05 20:30 -03:00 (2026-12-05 23:30 UTC)"
        );
        assert_eq!(in_zone(at, &zone("Asia/Tokyo"), &DAYS), "Sun 2026-12-06 08:30 +09:00 (2026-12-05 23:30 UTC)");
        assert_eq!(in_zone(at, &TimeZone::UTC, &DAYS), "Sat 2026-12-05 23:30 UTC");
        assert_eq!(minute_in(at, &zone("Asia/Tokyo")), "2026-12-06 08:30");
        assert_eq!(brief_in(at, &zone("Asia/Tokyo")), "2026-12-06 08:30 JST");
        assert_eq!(brief_in(at, &TimeZone::unknown()), "2026-12-05 23:30 UTC");
    }

    #[test]
    fn a_time_is_meant_in_this_zone_and_an_hour_is_the_next_one() {
        let zone = TimeZone::get("Europe/Lisbon").expect("a zone");
        let now = Timestamp::parse("2027-03-27T02:00:01Z").expect("a time");
        let meant = |text: &str| meant_in(text, now, &zone).map(|at| at.to_string());
        // The clocks go on by an hour at one: the next two o'clock is one hour nearer than a day.
        assert_eq!(meant("02:00").as_deref(), Some("2027-03-28T01:00:00Z"));
        assert_eq!(meant("01:30").as_deref(), Some("2027-03-28T01:30:00Z"), "it is skipped, so an hour later");
        assert_eq!(meant("02:01").as_deref(), Some("2027-03-27T02:01:00Z"));
        assert_eq!(meant("2027-07-01 02:00").as_deref(), Some("2027-07-01T01:00:00Z"));
        assert_eq!(meant("2027-07-01T02:00:00-03:00").as_deref(), Some("2027-07-01T05:00:00Z"));
        for none in ["", "2", "24:00", "25:00", "02:60", "tomorrow", "2027-02-30 02:00", "02:00 pm", "2027-07-01"] {
            assert_eq!(meant(none), None, "{none}");
        }
    }

    #[test]
    fn a_planned_time_behind_the_change_of_clocks_is_told_by_the_offset_of_its_own_day() {
        let lisbon = TimeZone::get("Europe/Lisbon").expect("a zone");
        let told = |text: &str| in_zone(Timestamp::parse(text).expect("a time"), &lisbon, &DAYS);
        // The eve of summer time has no offset at all, and the day after has one.
        assert_eq!(told("2027-03-27T02:00:00Z"), "Sat 2027-03-27 02:00 UTC");
        assert_eq!(told("2027-03-28T02:00:00Z"), "Sun 2027-03-28 03:00 +01:00 (2027-03-28 02:00 UTC)");
        // Half past one comes twice that night, and the two are told apart.
        assert_eq!(told("2026-10-25T00:30:00Z"), "Sun 2026-10-25 01:30 +01:00 (2026-10-25 00:30 UTC)");
        assert_eq!(told("2026-10-25T01:30:00Z"), "Sun 2026-10-25 01:30 UTC");
    }

    #[test]
    fn marks_are_full_hours_of_the_calendar_here() {
        let at = |text: &str| Timestamp::parse(text).expect("a time");
        let zone = TimeZone::get("Europe/Lisbon").expect("a zone");
        // That night the clock goes from 01:00 to 02:00.
        let told: Vec<String> = hours_in((at("2026-03-28T20:30:00Z"), at("2026-03-29T13:00:00Z")), 6, 9, &zone)
            .into_iter()
            .map(|(at, told)| format!("{told} {at}"))
            .collect();
        assert_eq!(told, ["03-29 2026-03-29T00:00:00Z", "06:00 2026-03-29T05:00:00Z", "12:00 2026-03-29T11:00:00Z"]);
        assert_eq!(hours_in((at("2026-03-28T00:00:00Z"), at("2026-04-28T00:00:00Z")), 1, 4, &zone).len(), 4);
    }
}
