//! Cookies that outlive a run.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ureq::{Cookie, http::Uri};

use super::Client;

/// Most cookies that are taken back.
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
    /// The cookies it holds now.
    pub fn cookies(&self) -> SavedCookies {
        let jar = self.agent.cookie_jar_lock();
        SavedCookies { origin: self.origin(), lines: jar.iter().map(|cookie| cookie.to_string()).collect() }
    }

    /// Takes cookies back that an earlier client of the same origin held;
    /// those of another origin are ignored.
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

#[cfg(test)]
mod tests {
    use super::*;

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
