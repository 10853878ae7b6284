//! Cookies that outlive a run.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::{Date, Month, OffsetDateTime, Time};
use ureq::{
    Body, Cookie,
    http::{Response, Uri, header},
};
use url::Url;

use super::Client;

/// Most cookies that are taken back.
// The file is ours, but what lies in it came from a server.
const MAX_COOKIES: usize = 200;
/// Longest cookie that is taken back, in bytes.
const MAX_COOKIE_BYTES: usize = 8 * 1024;

/// A client's cookies, to be kept in a private file so that an interrupted
/// exchange can go on in the same session. They are secrets: no `Debug`.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedCookies {
    /// The origin they belong to.
    pub(super) origin: String,
    /// Each as a `Set-Cookie` line.
    pub(super) lines: Vec<String>,
}

impl SavedCookies {
    /// Whether a cookie that was held `earlier` has another value now: the
    /// server began another session in its place.
    pub fn replaced_since(&self, earlier: &SavedCookies) -> bool {
        // Compared by name and value alone: a server that only moves a cookie's end has not begun another session.
        let pair = |line: &str| -> (String, String) {
            let pair = line.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (name.trim().to_owned(), value.trim().to_owned())
        };
        let now: BTreeMap<_, _> = self.lines.iter().map(|line| pair(line)).collect();
        let then = earlier.lines.iter().map(|line| pair(line));
        then.into_iter().any(|(name, value)| now.get(&name).is_some_and(|held| *held != value))
    }
}

impl Client {
    /// Holds each cookie whose end is told as a time for as long as this client
    /// lives, if that time is not past by the clock that the answer shows.
    ///
    /// It is the server's clock that ends a session, and the server that says
    /// so; by ours a cookie of one that is an hour behind would be over at once.
    pub(super) fn keep_sessions(&self, url: &Url, answer: &Response<Body>) {
        let shown = answer.headers().get(header::DATE).and_then(|date| date.to_str().ok()).and_then(read_date);
        // Without a Date nothing tells by which clock the end was meant, so the HTTP library's judgement stands.
        let (Some(now), Ok(uri)) = (shown, url.as_str().parse::<Uri>()) else { return };
        let lines = answer.headers().get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
        for line in lines.filter_map(|line| without_end(line, now)) {
            if let Ok(cookie) = Cookie::parse(line, &uri) {
                // One that does not fit the origin is not ours to send.
                let _ = self.agent.cookie_jar_lock().insert(cookie, &uri);
            }
        }
    }

    /// The cookies it holds now.
    pub fn cookies(&self) -> SavedCookies {
        let jar = self.agent.cookie_jar_lock();
        SavedCookies { origin: self.origin(), lines: jar.iter().map(|cookie| cookie.to_string()).collect() }
    }

    /// Takes cookies back that an earlier client of the same origin held;
    /// those of another origin are ignored.
    // A cookie goes to the origin it came from and to no other: the
    // file may have been made when the vendor's address was another.
    pub fn restore_cookies(&self, saved: &SavedCookies) {
        let Ok(uri) = format!("{}/", self.origin()).parse::<Uri>() else { return };
        if saved.origin != self.origin() {
            return;
        }
        let mut jar = self.agent.cookie_jar_lock();
        for line in saved.lines.iter().take(MAX_COOKIES).filter(|line| line.len() <= MAX_COOKIE_BYTES) {
            if let Ok(cookie) = Cookie::parse(line.clone(), &uri) {
                // One that does not fit the origin is not ours to send.
                let _ = jar.insert(cookie, &uri);
            }
        }
    }

    /// Forgets all cookies: logs out on this side.
    pub fn forget_cookies(&self) {
        self.agent.cookie_jar_lock().clear();
    }
}

/// A `Set-Cookie` line without its end, where that is a time after `now`;
/// `None` where it has none, is over, or ends after so many seconds.
fn without_end(line: &str, now: OffsetDateTime) -> Option<String> {
    let of = |part: &str, name: &str| part.split('=').next().is_some_and(|n| n.trim().eq_ignore_ascii_case(name));
    let parts: Vec<&str> = line.split(';').collect();
    let (pair, attributes) = parts.split_first()?;
    // Max-Age counts before Expires (RFC 6265, 5.3), and asks no clock of the server's.
    if attributes.iter().any(|part| of(part, "max-age")) {
        return None;
    }
    // Of several the last one counts (RFC 6265, 5.3).
    let end = attributes.iter().rev().find(|part| of(part, "expires"))?.split_once('=')?.1;
    if read_date(end)? <= now {
        return None;
    }
    let rest = attributes.iter().filter(|part| !of(part, "expires"));
    Some(std::iter::once(pair).chain(rest).copied().collect::<Vec<_>>().join(";"))
}

/// Reads a date as HTTP and cookies write it, whatever stands between its
/// words (RFC 6265, section 5.1.1).
pub(super) fn read_date(text: &str) -> Option<OffsetDateTime> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != ':').filter(|word| !word.is_empty()) {
        let lower = word.to_ascii_lowercase();
        let named = MONTHS.iter().position(|name| lower.starts_with(name));
        if let (None, [hour, minute, second]) = (time, word.split(':').collect::<Vec<_>>().as_slice()) {
            time = Some(Time::from_hms(hour.parse().ok()?, minute.parse().ok()?, second.parse().ok()?).ok()?);
        } else if let (None, 1..=2, Ok(number)) = (day, word.len(), word.parse::<u8>()) {
            day = Some(number);
        } else if let (None, Some(at)) = (month, named) {
            month = Some(Month::try_from(u8::try_from(at + 1).ok()?).ok()?);
        } else if let (None, 2..=4, Ok(number)) = (year, word.len(), word.parse::<i32>()) {
            year = Some(match number {
                0..=69 => number + 2000,
                70..=99 => number + 1900,
                _ => number,
            });
        }
    }
    Some(Date::from_calendar_date(year?, month?, day?).ok()?.with_time(time?).assume_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_ends_by_the_clock_of_who_set_it() {
        let now = read_date("Tue, 24 Nov 2026 10:00:00 GMT").expect("a date");
        let kept = |line: &str| without_end(line, now);
        let later = "id=1; Expires=Tue, 24-Nov-2026 10:20:00 GMT; Path=/a; Secure";
        assert_eq!(kept(later).as_deref(), Some("id=1; Path=/a; Secure"));
        assert_eq!(kept("id=1; expires=Tuesday, 24-Nov-26 10:00:01 GMT").as_deref(), Some("id=1"));
        for left in [
            "id=; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "id=1; Expires=Tue, 24 Nov 2026 10:00:00 GMT",
            "id=1; Max-Age=60; Expires=Tue, 24 Nov 2026 10:20:00 GMT",
            "id=1; Expires=soon",
            "id=1; Path=/",
        ] {
            assert_eq!(kept(left), None, "{left}");
        }
    }

    #[test]
    fn dates_are_read_in_all_three_forms_of_http() {
        let all = ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"];
        for text in all {
            assert_eq!(read_date(text).map(|date| date.unix_timestamp()), Some(784_111_777), "{text}");
        }
        for text in ["", "now", "06 Nov 1994", "31 Feb 2020 00:00:00", "06 Nov 1994 24:00:00"] {
            assert_eq!(read_date(text), None, "{text}");
        }
    }

    #[test]
    fn another_session_is_known_by_its_cookie() {
        let held =
            |lines: &[&str]| SavedCookies { origin: String::new(), lines: lines.iter().map(|l| (*l).into()).collect() };
        let before = held(&["id=1; Path=/a", "lang=en"]);
        for (now, replaced) in [
            (&["id=1; Path=/a; Max-Age=9", "lang=en"][..], false),
            (&["lang=en", "id=2; Path=/a"], true),
            (&["lang=en"], false),
            (&["lang=en", "id=1", "flash=x"], false),
        ] {
            assert_eq!(held(now).replaced_since(&before), replaced, "{now:?}");
        }
    }
}
