//! Reading an appliance's clock off its page, in the shapes pages use.
//!
//! Pure. What does not say its zone, or could be read as two dates, is no
//! time at all: a clock is compared within minutes, so nothing is guessed.

use super::calendar::{month_named, month_number, offset_secs, small, weekday_named, zone_secs};
use crate::model::{Timestamp, text};
use crate::web::{Profile, WebError, fold};
use displaydoc::Display;
use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset, Weekday};

/// Longest text that is taken for a time, in bytes.
// The longest form in use has about sixty. What is longer is a sentence with a date in it.
const MAX_CLOCK_BYTES: usize = 120;

/// Most zones that a profile may name.
const MAX_ZONES: usize = 20;

/// How a site's pages write times, where that can't be seen of the time itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClockWords {
    /// Whether `10/08/2012` is in August.
    pub day_first: bool,
    /// Whether it is in October; where neither is said, such a date is not read.
    month_first: bool,
    /// Zones by the folded words for them, in seconds east of UTC.
    zones: Vec<(String, i32)>,
    /// What a time without any zone is in.
    unsaid: Option<i32>,
}

/// Why a text is no time.
#[derive(Debug, Clone, PartialEq, Eq, Display)]
pub enum ClockDoubt {
    /// it is no date and time with year, hour and minute
    NoTime,
    /// it names no zone; a profile can: zones = {{ none = "+01:00" }} in its section clock
    NoZone,
    /// nobody can tell how far its zone {0:?} is from UTC; a profile can: zones = {{ "{0}" = "+01:00" }} in its section clock
    Zone(String),
    /// it can be read as {0} and as {1}; a profile says which: day_first = true or false in its section clock
    TwoDates(String, String),
}

impl ClockWords {
    /// What a profile says of its site's times; `usual` where it does not tell
    /// whether a date begins with its day.
    ///
    /// # Errors
    /// [`WebError::BadProfile`] for a zone that is no distance from UTC.
    pub(super) fn of(profile: &Profile, usual: bool) -> Result<Self, WebError> {
        let bad = |why: String| WebError::BadProfile { why };
        let mut words = ClockWords { day_first: profile.day_first().unwrap_or(usual), ..ClockWords::default() };
        words.month_first = profile.day_first() == Some(false);
        if profile.zones().count() > MAX_ZONES {
            return Err(bad(format!("it names more than {MAX_ZONES} zones under [clock]")));
        }
        for (name, distance) in profile.zones() {
            let folded = fold(name);
            let secs = offset_secs(distance).filter(|_| !folded.is_empty());
            let secs = secs.ok_or_else(|| {
                bad(format!(
                    "the zone {:?} under [clock] is not as far from UTC as +01:00 or -03:00 say",
                    text::one_line(name)
                ))
            })?;
            match folded.as_str() {
                "none" => words.unsaid = Some(secs),
                _ => words.zones.push((folded, secs)),
            }
        }
        Ok(words)
    }

    /// Reads a time as [`read_clock`] does, by these words.
    ///
    /// # Errors
    /// [`ClockDoubt`]: nothing is guessed.
    pub fn read(&self, shown: &str) -> Result<Timestamp, ClockDoubt> {
        if shown.len() > MAX_CLOCK_BYTES {
            return Err(ClockDoubt::NoTime);
        }
        let mut text = fold(shown);
        // A zone of several words, such as "hora de Brasilia", is one word from here on.
        for (name, secs) in self.zones.iter().filter(|(name, _)| name.contains(' ')) {
            text = text.replace(name.as_str(), &distance(*secs));
        }
        let mut seen = TimeParts { words: Some(self), ..TimeParts::default() };
        for token in text.split([' ', ',', '(', ')']).filter(|token| !token.is_empty()) {
            if seen.take(token, self.day_first).is_none() {
                return Err(seen.doubt.unwrap_or(ClockDoubt::NoTime));
            }
        }
        let dated = seen.year.is_some() && seen.time.is_some();
        match (seen.offset_secs, self.unsaid) {
            (None, None) if dated => return Err(ClockDoubt::NoZone),
            (None, unsaid) => seen.offset_secs = unsaid,
            _ => {}
        }
        seen.timestamp().ok_or(ClockDoubt::NoTime)
    }
}

/// Seconds east of UTC as a zone is written: `+01:00`.
fn distance(secs: i32) -> String {
    let sign = if secs < 0 { '-' } else { '+' };
    format!(" {sign}{:02}:{:02} ", secs.abs() / 3600, secs.abs() % 3600 / 60)
}

/// Reads a time with its zone: `Tue Nov 24 2026 03:07:10 UTC`,
/// `August 10, 2012 03:40:18 PM CDT`, `2026-11-24T03:07:10+0000`,
/// `terça-feira, 24 de novembro de 2026 03:07:10 -0300` and their like.
///
/// `day_first` says that `10/08/2012` is in August, as Portuguese pages mean
/// it; without it such a date counts only where one number is above 12.
/// Zones are UTC, GMT, offsets, the names of RFC 5322 (North America), and
/// those of Portugal, Brazil and western Europe that nobody else uses.
pub fn read_clock(text: &str, day_first: bool) -> Option<Timestamp> {
    ClockWords { day_first, ..ClockWords::default() }.read(text).ok()
}

/// The parts of a time, each at most once.
#[derive(Default)]
struct TimeParts<'w> {
    words: Option<&'w ClockWords>,
    /// Why a word was not taken, where that is known.
    doubt: Option<ClockDoubt>,
    year: Option<i32>,
    month: Option<Month>,
    day: Option<u8>,
    weekday: Option<Weekday>,
    time: Option<Time>,
    afternoon: Option<bool>,
    offset_secs: Option<i32>,
}

impl TimeParts<'_> {
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
            // `24. November`: the day, as German numbers it.
            '0'..='9' if token.trim_end_matches('.').bytes().all(|b| b.is_ascii_digit()) => {
                self.take_number(token.trim_end_matches('.'))
            }
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
                _ if y > 12 || x == y || self.month_first() => (y, x),
                _ => {
                    let named = |day: u8, month: u8| Some(format!("{day} {}", month_number(month)?));
                    self.doubt = named(x, y).zip(named(y, x)).map(|(one, other)| ClockDoubt::TwoDates(one, other));
                    return None;
                }
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
        if matches!(
            word.as_str(),
            "de" | "do" | "of" | "at" | "as" | "on" | "em" | "um" | "uhr" | "del" | "a" | "le" | "el" | "den" | "der"
        ) {
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
        let own = self.words.and_then(|words| words.zones.iter().find(|(name, _)| *name == word));
        match own.map(|(_, secs)| *secs).or_else(|| zone_secs(&word)) {
            Some(secs) => self.set_offset(secs),
            None => {
                // In a sentence other words stand before the date, and none of them is a zone.
                let dated = self.time.is_some() && self.offset_secs.is_none();
                self.doubt = dated.then(|| ClockDoubt::Zone(word.to_uppercase()));
                None
            }
        }
    }

    /// Whether the site's profile says that its dates begin with the month.
    fn month_first(&self) -> bool {
        self.words.is_some_and(|words| words.month_first)
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

    #[test]
    fn the_zones_of_the_guides_countries_are_known_and_those_of_several_are_not() {
        for (zone, hour) in [("WET", 3), ("WEST", 4), ("CET", 4), ("CEST", 5), ("BRT", 0), ("BRST", 1)] {
            let text = format!("24 Nov 2026 {hour:02}:07:10 {zone}");
            assert_eq!(read_clock(&text, true), utc("2026-11-24T03:07:10Z"), "{text}");
        }
        assert_eq!(read_clock("Dienstag, 24. November 2026 um 04:07:10 MEZ", true), utc("2026-11-24T03:07:10Z"));
        assert_eq!(read_clock("mardi 24 novembre 2026 04:07:10 CET", true), utc("2026-11-24T03:07:10Z"));
        assert_eq!(read_clock("martes 24 de noviembre de 2026 04:07:10 CET", true), utc("2026-11-24T03:07:10Z"));
        assert_eq!(
            (month_named("jui"), month_named("mar"), weekday_named("mar")),
            (None, Some(Month::March), Some(Weekday::Tuesday))
        );
    }

    #[test]
    fn what_is_not_read_is_told_and_a_profile_can_mend_it() {
        let read = |toml: &str, text: &str| {
            ClockWords::of(&Profile::parse(toml).expect("reads"), false).expect("is good").read(text)
        };
        let ist = "Nov 24 2026 08:37:10 IST";
        assert_eq!(read("", ist), Err(ClockDoubt::Zone("IST".to_owned())));
        assert_eq!(read("[clock]\nzones = { IST = \"+05:30\" }", ist).ok(), utc("2026-11-24T03:07:10Z"));
        let in_words = "24/11/2026 00:07:10 Horário de Brasília";
        assert!(matches!(read("", in_words), Err(ClockDoubt::Zone(_))));
        let brasilia = "[clock]\nzones = { \"Horário de Brasília\" = \"-03:00\" }";
        assert_eq!(read(brasilia, in_words).ok(), utc("2026-11-24T03:07:10Z"));
        let bare = "2026-11-24 00:07:10";
        assert_eq!(read("", bare), Err(ClockDoubt::NoZone));
        assert_eq!(read("[clock]\nzones = { none = \"-03:00\" }", bare).ok(), utc("2026-11-24T03:07:10Z"));
        let twice = "05/03/2027 12:00 UTC";
        let doubt = read("", twice).expect_err("two dates");
        assert_eq!(doubt, ClockDoubt::TwoDates("5 March".to_owned(), "3 May".to_owned()));
        assert!(doubt.to_string().contains("5 March and as 3 May") && doubt.to_string().contains("day_first"));
        assert_eq!(read("[clock]\nday_first = true", twice).ok(), utc("2027-03-05T12:00:00Z"));
        assert_eq!(read("[clock]\nday_first = false", twice).ok(), utc("2027-05-03T12:00:00Z"));
        assert_eq!(read("", "soon"), Err(ClockDoubt::NoTime));
        let wrong = Profile::parse("[clock]\nzones = { IST = \"half past\" }").expect("reads");
        assert!(matches!(ClockWords::of(&wrong, false), Err(WebError::BadProfile { .. })));
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
