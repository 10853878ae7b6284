//! Reading an appliance's clock off its page, in the shapes pages use.
//!
//! Pure. What does not say its zone, or could be read as two dates, is no
//! time at all: a clock is compared within minutes, so nothing is guessed.

use crate::model::Timestamp;
use crate::web::fold;
use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset, Weekday};

/// Longest text that is taken for a time, in bytes.
// The longest form in use has about sixty. What is longer is a sentence with a date in it.
const MAX_CLOCK_BYTES: usize = 120;

/// Reads a time with its zone: `Tue Nov 24 2026 03:07:10 UTC`,
/// `August 10, 2012 03:40:18 PM CDT`, `2026-11-24T03:07:10+0000`,
/// `terça-feira, 24 de novembro de 2026 03:07:10 -0300` and their like.
///
/// `day_first` says that `10/08/2012` is in August, as Portuguese pages mean
/// it; without it such a date counts only where one number is above 12.
/// Zones are UTC, GMT, offsets, and the names of RFC 5322 (North America).
pub fn read_clock(text: &str, day_first: bool) -> Option<Timestamp> {
    if text.len() > MAX_CLOCK_BYTES {
        return None;
    }
    let mut seen = TimeParts::default();
    let text = fold(text);
    for token in text.split([' ', ',', '(', ')']).filter(|token| !token.is_empty()) {
        seen.take(token, day_first)?;
    }
    seen.timestamp()
}

/// The parts of a time, each at most once.
#[derive(Default)]
struct TimeParts {
    year: Option<i32>,
    month: Option<Month>,
    day: Option<u8>,
    weekday: Option<Weekday>,
    time: Option<Time>,
    afternoon: Option<bool>,
    offset_secs: Option<i32>,
}

impl TimeParts {
    /// Takes one folded word; `None` where it fits nowhere.
    fn take(&mut self, token: &str, day_first: bool) -> Option<()> {
        // `2026-11-24t03:07:10z` is a date and a time; `24th` is neither.
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let halves = token.split_once('t');
        if let Some((date, time)) = halves.filter(|(a, b)| digit(a.chars().next_back()) && digit(b.chars().next())) {
            self.take_date(date, day_first)?;
            return self.take_time(time);
        }
        let first = token.chars().next()?;
        match first {
            '+' | '-' => self.set_offset(offset_secs(token)?),
            '0'..='9' if token.contains(':') => self.take_time(token),
            '0'..='9' if token.contains(['-', '/', '.']) => self.take_date(token, day_first),
            '0'..='9' => self.take_number(token),
            _ => self.take_word(token),
        }
    }

    fn take_time(&mut self, token: &str) -> Option<()> {
        let end = token.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(token.len());
        let (digits, rest) = token.split_at(end);
        let clock = digits.split('.').next()?;
        let mut fields = clock.split(':');
        let mut field = || fields.next().map_or(Some(0), |field| small(field).filter(|_| field.len() <= 2));
        let time = Time::from_hms(field()?, field()?, field()?).ok()?;
        if fields.next().is_some() || !clock.contains(':') {
            return None;
        }
        set(&mut self.time, time)?;
        // What follows without a blank is a zone or a half of the day, as in `03:07:10Z` and `03:40PM`.
        if rest.is_empty() { Some(()) } else { self.take(rest, false) }
    }

    fn take_date(&mut self, token: &str, day_first: bool) -> Option<()> {
        let separator = ['-', '/', '.'].into_iter().find(|c| token.contains(*c))?;
        let parts: Vec<&str> = token.split(separator).collect();
        let [a, b, c] = parts[..] else { return None };
        let (year, month, day) = if a.len() == 4 {
            (a, month_number(small(b)?)?, small(c)?)
        } else if let Some(month) = month_named(b) {
            (c, month, small(a)?)
        } else {
            let (x, y) = (small(a)?, small(b)?);
            let (day, month) = match separator {
                // Where dates are written with these the day goes first.
                // Only with a slash is it the month in some countries.
                '.' | '-' => (x, y),
                _ if day_first || x > 12 => (x, y),
                _ if y > 12 || x == y => (y, x),
                _ => return None,
            };
            (c, month_number(month)?, day)
        };
        if year.len() != 4 {
            return None;
        }
        set(&mut self.year, year.parse().ok()?)?;
        set(&mut self.month, month)?;
        set(&mut self.day, day)
    }

    fn take_number(&mut self, token: &str) -> Option<()> {
        let ordinal = ["st", "nd", "rd", "th", "o", "a"];
        let number = ordinal.iter().find_map(|end| token.strip_suffix(end)).unwrap_or(token);
        match number.len() {
            4 => set(&mut self.year, number.parse().ok()?),
            1 | 2 => set(&mut self.day, small(number)?),
            _ => None,
        }
    }

    fn take_word(&mut self, token: &str) -> Option<()> {
        let word = token.replace('.', "");
        if matches!(word.as_str(), "de" | "do" | "of" | "at" | "as" | "on" | "em") {
            return Some(());
        }
        if let "am" | "pm" = word.as_str() {
            return set(&mut self.afternoon, word == "pm");
        }
        if let Some(month) = month_named(&word) {
            return set(&mut self.month, month);
        }
        if let Some(weekday) = weekday_named(&word) {
            return set(&mut self.weekday, weekday);
        }
        self.set_offset(zone_secs(&word)?)
    }

    /// A zone may be said twice (`+0000 (UTC)`), if both say the same.
    fn set_offset(&mut self, offset_secs: i32) -> Option<()> {
        match self.offset_secs.replace(offset_secs) {
            Some(other) if other != offset_secs => None,
            _ => Some(()),
        }
    }

    fn timestamp(self) -> Option<Timestamp> {
        let date = Date::from_calendar_date(self.year?, self.month?, self.day?).ok()?;
        // A weekday that does not fit shows that day and month were taken for each other.
        if date.year() < 1970 || self.weekday.is_some_and(|weekday| weekday != date.weekday()) {
            return None;
        }
        let time = self.time?;
        let hour = match (self.afternoon, time.hour()) {
            (None, hour) => hour,
            (Some(_), 0 | 13..) => return None,
            (Some(afternoon), hour) => hour % 12 + if afternoon { 12 } else { 0 },
        };
        let time = time.replace_hour(hour).ok()?;
        let offset = UtcOffset::from_whole_seconds(self.offset_secs?).ok()?;
        // Near the calendar's ends the offset could leave it.
        let local = PrimitiveDateTime::new(date, time).assume_utc().unix_timestamp();
        Timestamp::from_unix(local - i64::from(offset.whole_seconds()))
    }
}

fn set<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.replace(value).is_none().then_some(())
}

fn small(text: &str) -> Option<u8> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn month_number(number: u8) -> Option<Month> {
    Month::try_from(number).ok()
}

/// English and Portuguese, whole or the first three letters, folded.
fn month_named(word: &str) -> Option<Month> {
    const NAMES: [[&str; 2]; 12] = [
        ["january", "janeiro"],
        ["february", "fevereiro"],
        ["march", "marco"],
        ["april", "abril"],
        ["may", "maio"],
        ["june", "junho"],
        ["july", "julho"],
        ["august", "agosto"],
        ["september", "setembro"],
        ["october", "outubro"],
        ["november", "novembro"],
        ["december", "dezembro"],
    ];
    let fits = |name: &str| word == name || word.len() >= 3 && word.len() <= 4 && name.starts_with(word);
    let at = NAMES.iter().position(|names| names.iter().any(|name| fits(name)))?;
    month_number(u8::try_from(at + 1).ok()?)
}

/// English and Portuguese, whole or the first three letters, folded.
fn weekday_named(word: &str) -> Option<Weekday> {
    use Weekday::*;
    const NAMES: [(Weekday, [&str; 2]); 7] = [
        (Monday, ["monday", "segunda"]),
        (Tuesday, ["tuesday", "terca"]),
        (Wednesday, ["wednesday", "quarta"]),
        (Thursday, ["thursday", "quinta"]),
        (Friday, ["friday", "sexta"]),
        (Saturday, ["saturday", "sabado"]),
        (Sunday, ["sunday", "domingo"]),
    ];
    let word = word.strip_suffix("-feira").unwrap_or(word);
    let fits = |name: &str| word == name || (3..=5).contains(&word.len()) && name.starts_with(word);
    NAMES.iter().find(|(_, names)| names.iter().any(|name| fits(name))).map(|(day, _)| *day)
}

/// Seconds east of UTC of a zone's name. Source: RFC 5322, section 4.3.
fn zone_secs(word: &str) -> Option<i32> {
    let hours = match word {
        "utc" | "gmt" | "ut" | "z" => 0,
        "edt" => -4,
        "est" | "cdt" => -5,
        "cst" | "mdt" => -6,
        "mst" | "pdt" => -7,
        "pst" => -8,
        // Names beyond these mean other hours in other countries, and an hour's error would pass for a wrong clock.
        _ => return word.strip_prefix("utc").or_else(|| word.strip_prefix("gmt")).and_then(offset_secs),
    };
    Some(hours * 3600)
}

/// Seconds of `+02`, `-3`, `+0530` or `-03:00`; at most 14 hours.
fn offset_secs(text: &str) -> Option<i32> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match rest.split_once(':') {
        Some((hours, minutes)) if minutes.len() == 2 => (hours, minutes),
        Some(_) => return None,
        None if rest.len() == 4 => rest.split_at_checked(2)?,
        None => (rest, "0"),
    };
    let fits = (1..=2).contains(&hours.len());
    let (hours, minutes) = (i32::from(small(hours)?), i32::from(small(minutes)?));
    // No place on earth is farther from UTC than 14 hours.
    let secs = hours * 3600 + minutes * 60;
    (fits && minutes < 60 && secs <= 14 * 3600).then_some(sign * secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn utc(text: &str) -> Option<Timestamp> {
        Timestamp::parse(text)
    }

    #[test]
    fn the_shapes_that_pages_use() {
        let t = utc("2026-11-24T03:07:10Z");
        for text in [
            "Tue Nov 24 2026 03:07:10 UTC",
            "Tue Nov 24 03:07:10 UTC 2026",
            "Tue, 24 Nov 2026 03:07:10 +0000",
            "Tuesday, November 24th, 2026 at 3:07:10 a.m. GMT",
            "2026-11-24T03:07:10Z",
            "2026-11-24T03:07:10.877+0000",
            "2026-11-24 03:07:10 UTC",
            "2026-11-24T00:07:10-03:00",
            "24-Nov-2026 03:07:10 UTC",
            "24/11/2026 03:07:10 UTC",
            "11/24/2026 03:07:10 UTC",
            "24.11.2026 04:07:10 UTC+1",
            "terça-feira, 24 de novembro de 2026 00:07:10 -0300",
            "Ter, 24 nov. 2026 às 03:07:10 (UTC)",
            "November 23, 2026 10:07:10 PM EST",
            "Mon Nov 23 2026 19:07:10 GMT-0800 (PST)",
        ] {
            assert_eq!(read_clock(text, false), t, "{text}");
        }
        assert_eq!(read_clock("August 10, 2012 03:40:18 PM CDT", false), utc("2012-08-10T20:40:18Z"));
        assert_eq!(read_clock("2019-10-07T00:32:50.877+0000", false), utc("2019-10-07T00:32:50Z"));
        assert_eq!(read_clock("10/08/2012 12:00 UTC", true), utc("2012-08-10T12:00:00Z"));
        assert_eq!(read_clock("Thu Jan 1 1970 00:00:30 UTC", false), utc("1970-01-01T00:00:30Z"));
    }

    #[test]
    fn what_can_be_read_two_ways_is_not_read() {
        for text in [
            "",
            "Tue Nov 24 2026 03:07:10",
            "10/08/2012 12:00 UTC",
            "Mon Nov 24 2026 03:07:10 UTC",
            "Nov 24 2026 03:07:10 IST",
            "Nov 24 2026 03:07:10 UTC EST",
            "Nov 24 2026 13:07:10 PM UTC",
            "Nov 31 2026 03:07:10 UTC",
            "Nov 24 2026 25:07:10 UTC",
            "Nov 24 26 03:07:10 UTC",
            "Nov 24 2026 03 UTC",
            "Nov 24 2026 03:07:10:09 UTC",
            "Nov 24 2026 03:07:10 +2500",
            "about Nov 24 2026 03:07:10 UTC",
        ] {
            assert_eq!(read_clock(text, false), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in any::<String>(), day_first in any::<bool>()) {
            let _ = read_clock(&text, day_first);
        }

        #[test]
        fn words_of_times_in_any_order_never_panic(
            text in "([0-9]{1,5}|[-+/:.,tz ]|nov|tue|pm|utc|de|gmt){0,14}"
        ) {
            let _ = read_clock(&text, true);
        }

        #[test]
        fn every_time_reads_back(secs in 0i64..4_102_444_800, east in -14i32..=14, half in any::<bool>()) {
            let t = Timestamp::from_unix(secs).expect("in range");
            let shift = east * 3600 + if half && east.abs() < 14 { 1800 * east.signum() } else { 0 };
            let local = t.plus_secs(i64::from(shift)).datetime();
            let day = local.date();
            let (h, m, s) = local.to_hms();
            let sign = if shift < 0 { '-' } else { '+' };
            let (oh, om) = (shift.abs() / 3600, shift.abs() % 3600 / 60);
            let month = day.month().to_string();
            let weekday = day.weekday().to_string();
            let noon = if h < 12 { "AM" } else { "PM" };
            let h12 = (h + 11) % 12 + 1;
            for text in [
                format!("{} {} {} {} {h:02}:{m:02}:{s:02} {sign}{oh:02}{om:02}",
                    &weekday[..3], &month[..3], day.day(), day.year()),
                format!("{month} {:02}, {} {h12:02}:{m:02}:{s:02} {noon} GMT{sign}{oh:02}:{om:02}", day.day(), day.year()),
                format!("{:04}-{:02}-{:02}T{h:02}:{m:02}:{s:02}{sign}{oh:02}{om:02}",
                    day.year(), u8::from(day.month()), day.day()),
                format!("{:02}/{:02}/{} {h:02}:{m:02}:{s:02} UTC{sign}{oh:02}:{om:02}",
                    day.day(), u8::from(day.month()), day.year()),
            ] {
                prop_assert_eq!(read_clock(&text, true), Some(t), "{}", text);
            }
        }
    }
}
