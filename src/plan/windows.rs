//! Maintenance windows: when installs may run, in the site's own time zone.
//!
//! A window is written as people say it, and there are two kinds:
//!
//! - recurring: `daily 01:00-05:00`, `sat 22:00-04:00`, `mon-fri,sun 23:00-24:00`;
//!   an end that is not after its begin is on the next day;
//! - single: `2026-12-05 22:00 to 2026-12-06 04:00`.
//!
//! Times are those of the wall clock. A time that summer time skips is taken
//! as the one an hour later; of a time that comes twice the first is taken.
//! So a window over the change is really an hour shorter or longer, and an
//! install is planned by what it really is.

use crate::model::Timestamp;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use serde::Serialize;

/// Most windows of one appliance.
// Whoever needs more wants no windows at all, and all of them are laid out anew for each step of a plan.
const MAX_WINDOWS: usize = 64;

/// Days ahead that recurring windows are looked for: each comes twice in it,
/// so that one shortened by summer time hides none.
const HORIZON_DAYS: i64 = 15;

/// The windows of an appliance; never none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Windows {
    zone: TimeZone,
    list: Vec<Window>,
    /// As they were written, in their order.
    written: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Window {
    /// Days of the week it begins on, Monday first.
    Recurring {
        days: [bool; 7],
        from: Time,
        to: Time,
    },
    Single {
        from: DateTime,
        to: DateTime,
    },
}

/// One time a window is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Opening {
    /// When it opens.
    pub from: Timestamp,
    /// When it closes.
    pub until: Timestamp,
    /// Both in the site's time: `Sat 2026-12-05 22:00 to 04:00 America/Sao_Paulo`.
    pub local: String,
}

impl Windows {
    /// Reads windows in the time zone with this IANA name.
    ///
    /// # Errors
    /// A sentence on what is wrong.
    pub fn parse(zone: &str, written: &[String]) -> Result<Self, String> {
        let zone = TimeZone::get(zone)
            .map_err(|_| format!("{zone} is no time zone; they are named such as America/Sao_Paulo or UTC"))?;
        match written.len() {
            0 => return Err("there is no window in windows".to_owned()),
            1..=MAX_WINDOWS => {}
            _ => return Err(format!("there are more than {MAX_WINDOWS} windows")),
        }
        let list = written.iter().map(|text| window(text).map_err(|why| format!("window '{text}': {why}")));
        Ok(Windows { zone, list: list.collect::<Result<_, _>>()?, written: written.to_vec() })
    }

    /// The first time from `at` on that they are open for `need_secs` at a
    /// stretch; `None` where no window is that long, or all are past.
    ///
    /// The opening is told whole: it may have begun before `at`.
    pub fn next(&self, at: Timestamp, need_secs: i64) -> Option<Opening> {
        // A need of nothing would fit into the very end of a window, which is no time to begin anything.
        let fits = |(from, until): &(Timestamp, Timestamp)| until.secs_since((*from).max(at)) >= need_secs.max(1);
        let (from, until) = self.spans(at).into_iter().find(fits)?;
        Some(Opening { from, until, local: self.local(from, until) })
    }

    /// Seconds of the longest stretch from `at` on; 0 where all are past.
    pub fn longest_secs(&self, at: Timestamp) -> i64 {
        self.spans(at).iter().map(|(from, until)| until.secs_since((*from).max(at))).max().unwrap_or(0).max(0)
    }

    /// The windows as they were written.
    pub fn written(&self) -> impl Iterator<Item = &str> {
        self.written.iter().map(String::as_str)
    }

    /// When they are open after `at`, in order, none touching the next.
    fn spans(&self, at: Timestamp) -> Vec<(Timestamp, Timestamp)> {
        let today = self.civil(at).map(|civil| civil.date());
        let mut spans: Vec<(Timestamp, Timestamp)> = Vec::new();
        for window in &self.list {
            match *window {
                Window::Single { from, to } => spans.extend(self.instant(from).zip(self.instant(to))),
                // A window is at most a day long, so that of yesterday may still be open.
                Window::Recurring { days, from, to } => spans.extend(
                    today
                        .into_iter()
                        .flat_map(|today| (-1..=HORIZON_DAYS).filter_map(move |n| day_after(today, n)))
                        .filter(|day| days[day.weekday().to_monday_zero_offset() as usize])
                        .filter_map(|day| {
                            let end = if to <= from { day_after(day, 1)? } else { day };
                            self.instant(day.to_datetime(from)).zip(self.instant(end.to_datetime(to)))
                        }),
                ),
            }
        }
        spans.retain(|(from, until)| until > from && *until > at);
        spans.sort();
        let mut merged: Vec<(Timestamp, Timestamp)> = Vec::new();
        for (from, until) in spans {
            match merged.last_mut() {
                // Windows that touch are one: an install may begin in the first and end in the second.
                Some(last) if from <= last.1 => last.1 = last.1.max(until),
                _ => merged.push((from, until)),
            }
        }
        merged
    }

    fn instant(&self, civil: DateTime) -> Option<Timestamp> {
        let at = self.zone.to_ambiguous_timestamp(civil).compatible().ok()?;
        Timestamp::from_unix(at.as_second())
    }

    fn civil(&self, at: Timestamp) -> Option<DateTime> {
        Some(self.zone.to_datetime(jiff::Timestamp::from_second(at.unix()).ok()?))
    }

    /// The time zone's IANA name.
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    fn local(&self, from: Timestamp, until: Timestamp) -> String {
        let (Some(begin), Some(end)) = (self.civil(from), self.civil(until)) else {
            return format!("{} to {}", from.human(), until.human());
        };
        let same_night = until.secs_since(from) <= 86_400;
        let end = if same_night { format!("{:02}:{:02}", end.hour(), end.minute()) } else { stamp(end) };
        format!("{} to {end} {}", stamp(begin), self.zone_name())
    }
}

/// `Sat 2026-12-05 22:00`.
fn stamp(at: DateTime) -> String {
    let day = DAYS[at.weekday().to_monday_zero_offset() as usize];
    let capital = format!("{}{}", day[..1].to_ascii_uppercase(), &day[1..]);
    format!("{capital} {} {:02}:{:02}", at.date(), at.hour(), at.minute())
}

fn day_after(day: Date, days: i64) -> Option<Date> {
    let span: Span = days.days();
    day.checked_add(span).ok()
}

/// Names of the days, Monday first.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const FORM: &str = "a window is written 'daily 01:00-05:00', 'sat 22:00-04:00', 'mon-fri 23:00-05:00' \
                    or '2026-12-05 22:00 to 2026-12-06 04:00'";

fn window(text: &str) -> Result<Window, String> {
    if let Some((from, to)) = text.split_once(" to ") {
        let (from, to) = (moment(from)?, moment(to)?);
        if to <= from {
            return Err("it ends before it begins".to_owned());
        }
        return Ok(Window::Single { from, to });
    }
    let (days, hours) = text.trim().split_once(' ').ok_or(FORM)?;
    let (from, to) = hours.trim().split_once('-').ok_or(FORM)?;
    Ok(Window::Recurring { days: weekdays(days)?, from: time(from)?, to: time(to)? })
}

fn weekdays(text: &str) -> Result<[bool; 7], String> {
    let text = text.to_ascii_lowercase();
    if text == "daily" {
        return Ok([true; 7]);
    }
    let mut days = [false; 7];
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (mut day, last) = (weekday(first)?, weekday(last)?);
        days[day.to_monday_zero_offset() as usize] = true;
        // Round the end of the week, so that `fri-mon` is four days.
        while day != last {
            day = day.next();
            days[day.to_monday_zero_offset() as usize] = true;
        }
    }
    Ok(days)
}

fn weekday(text: &str) -> Result<Weekday, String> {
    let at = DAYS.iter().position(|day| *day == text).ok_or("days are daily, mon, tue, wed, thu, fri, sat, sun")?;
    Ok(Weekday::from_monday_zero_offset(at as i8).expect("there are seven"))
}

/// Reads `22:00`; `24:00` is the midnight that ends a day.
fn time(text: &str) -> Result<Time, String> {
    let complaint = || "a time is written as 22:00".to_owned();
    let digits = |part: &str| -> Option<i8> {
        (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?
    };
    let (hour, minute) = text.trim().split_once(':').ok_or_else(complaint)?;
    match (digits(hour), digits(minute)) {
        (Some(24), Some(0)) => Ok(Time::midnight()),
        (Some(hour), Some(minute)) => Time::new(hour, minute, 0, 0).map_err(|_| complaint()),
        _ => Err(complaint()),
    }
}

fn moment(text: &str) -> Result<DateTime, String> {
    let (day, hours) = text.trim().split_once(' ').ok_or("a day and time are written as 2026-12-05 22:00")?;
    let day: Date = day.parse().map_err(|_| "a day is written as 2026-12-05".to_owned())?;
    let midnight_after = hours.trim() == "24:00";
    let day = if midnight_after { day_after(day, 1).ok_or("there is no such day")? } else { day };
    Ok(day.to_datetime(time(hours)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn windows(zone: &str, written: &[&str]) -> Windows {
        let written: Vec<String> = written.iter().map(|text| (*text).to_owned()).collect();
        Windows::parse(zone, &written).expect("windows")
    }

    fn t(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time")
    }

    fn next(windows: &Windows, at: &str, need_secs: i64) -> Option<(String, String)> {
        windows.next(t(at), need_secs).map(|open| (open.from.to_string(), open.until.to_string()))
    }

    fn span(from: &str, until: &str) -> Option<(String, String)> {
        Some((from.to_owned(), until.to_owned()))
    }

    #[test]
    fn a_night_window_is_in_the_sites_time_and_goes_on_past_midnight() {
        let sat = windows("America/Sao_Paulo", &["sat 22:00-04:00"]);
        // 2026-12-05 is a Saturday; Sao Paulo is three hours behind UTC.
        let open = span("2026-12-06T01:00:00Z", "2026-12-06T07:00:00Z");
        assert_eq!(next(&sat, "2026-12-03T12:00:00Z", 3600), open);
        assert_eq!(next(&sat, "2026-12-06T03:00:00Z", 3600), open, "it is open now");
        assert_eq!(
            next(&sat, "2026-12-06T06:30:00Z", 3600),
            span("2026-12-13T01:00:00Z", "2026-12-13T07:00:00Z"),
            "too late for this one"
        );
        assert_eq!(next(&sat, "2026-12-03T12:00:00Z", 7 * 3600), None, "none is that long");
        assert_eq!(sat.longest_secs(t("2026-12-03T12:00:00Z")), 6 * 3600);
        let told = sat.next(t("2026-12-03T12:00:00Z"), 1).expect("opens").local;
        assert_eq!(told, "Sat 2026-12-05 22:00 to 04:00 America/Sao_Paulo");
    }

    #[test]
    fn summer_time_makes_a_window_really_shorter_and_longer() {
        let sun = windows("Europe/Lisbon", &["sun 00:30-04:30"]);
        // Clocks go forward at 01:00 UTC on 2026-03-29 and back at 01:00 UTC on 2026-10-25.
        assert_eq!(
            next(&sun, "2026-03-28T12:00:00Z", 1),
            span("2026-03-29T00:30:00Z", "2026-03-29T03:30:00Z"),
            "three hours"
        );
        assert_eq!(
            next(&sun, "2026-03-28T12:00:00Z", 4 * 3600),
            span("2026-04-04T23:30:00Z", "2026-04-05T03:30:00Z"),
            "the next one has four"
        );
        assert_eq!(
            next(&sun, "2026-10-24T12:00:00Z", 5 * 3600),
            span("2026-10-24T23:30:00Z", "2026-10-25T04:30:00Z"),
            "five hours"
        );
        let skipped = windows("Europe/Lisbon", &["sun 01:30-03:00"]);
        assert_eq!(next(&skipped, "2026-03-28T12:00:00Z", 1), span("2026-03-29T01:30:00Z", "2026-03-29T02:00:00Z"));
    }

    #[test]
    fn windows_that_touch_are_one() {
        let nights = windows("UTC", &["fri 22:00-24:00", "sat 00:00-02:00", "2026-12-05 01:00 to 2026-12-05 03:30"]);
        let open = span("2026-12-04T22:00:00Z", "2026-12-05T03:30:00Z");
        assert_eq!(next(&nights, "2026-12-04T12:00:00Z", 5 * 3600), open);
        let always = windows("UTC", &["daily 00:00-24:00"]);
        assert!(always.longest_secs(t("2026-12-04T12:00:00Z")) > 14 * 86_400);
    }

    #[test]
    fn what_is_over_or_of_no_length_opens_nothing() {
        let twice = windows("UTC", &["2026-12-05 22:00 to 2026-12-06 04:00", "2026-12-09 22:00 to 2026-12-10 04:00"]);
        let second = span("2026-12-09T22:00:00Z", "2026-12-10T04:00:00Z");
        assert_eq!(next(&twice, "2026-12-06T04:00:00Z", 60), second);
        assert_eq!(twice.spans(t("2026-12-06T04:00:00Z")).len(), 1, "one that ends now is over");
        // An hour that the clocks leave out: in São Paulo there is no midnight on this day.
        let missing = windows("America/Sao_Paulo", &["2018-11-04 00:00 to 2018-11-04 01:00"]);
        assert!(missing.spans(t("2018-11-01T00:00:00Z")).is_empty());
        let none = Windows::parse("UTC", &[]).expect_err("none");
        assert_eq!(none, "there is no window in windows");
    }

    #[test]
    fn a_single_window_passes() {
        let once = windows("UTC", &["2026-12-05 22:00 to 2026-12-06 04:00"]);
        assert_eq!(
            next(&once, "2026-01-01T00:00:00Z", 60),
            span("2026-12-05T22:00:00Z", "2026-12-06T04:00:00Z"),
            "however far"
        );
        assert_eq!(next(&once, "2026-12-06T04:00:00Z", 60), None);
        assert_eq!(once.longest_secs(t("2026-12-07T00:00:00Z")), 0);
    }

    #[test]
    fn what_is_no_window_is_refused_with_the_form() {
        for (text, word) in [
            ("sat", "written"),
            ("sat 22", "written"),
            ("caturday 22:00-04:00", "days are"),
            ("sat 25:00-04:00", "time"),
            ("sat 2:00-04:00", "time"),
            ("2026-13-05 22:00 to 2026-12-06 04:00", "day"),
            ("2026-12-06 04:00 to 2026-12-05 22:00", "before it begins"),
        ] {
            let why = Windows::parse("UTC", &[text.to_owned()]).expect_err(text);
            assert!(why.contains(word), "{text}: {why}");
        }
        assert!(Windows::parse("Mars/Olympus", &["daily 00:00-24:00".to_owned()]).is_err());
        assert!(Windows::parse("UTC", &[]).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}", zone in "\\PC{0,20}") {
            let _ = Windows::parse(&zone, &[text]);
        }

        /// What is promised is open, long enough, and the first.
        #[test]
        fn an_opening_holds_what_it_promises(
            at in 1_767_225_600i64..1_830_000_000,
            begin in 0u32..24, length in 1u32..24, day in 0usize..7, need in 1i64..30_000,
            zone in prop_oneof![Just("Europe/Lisbon"), Just("America/Sao_Paulo"), Just("Australia/Lord_Howe")],
        ) {
            let text = format!("{} {begin:02}:00-{:02}:00", DAYS[day], (begin + length) % 24);
            let windows = windows(zone, &[&text]);
            let at = Timestamp::from_unix(at).expect("a time");
            if let Some(open) = windows.next(at, need) {
                prop_assert!(open.until.secs_since(open.from.max(at)) >= need);
                prop_assert!(open.until > at && open.from.secs_since(at) <= 15 * 86_400);
                prop_assert_eq!(windows.next(open.from.max(at), need), Some(open));
            } else {
                prop_assert!(windows.longest_secs(at) < need);
            }
        }
    }
}
