//! What holds an appliance's next install, by this machine's clock: the
//! appliance's own is known only to whoever asks it.

use super::{History, SitePolicy, install_estimate, soak_remaining};
use crate::model::{PackageKind, Timestamp};

/// What holds an install, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Clients update to the last site package, and no window holds it longer.
    Soak(Timestamp),
    /// No window is open before.
    Window(Timestamp),
    /// No window is as long as an install may take.
    NoWindow,
}

impl Held {
    /// When the next install may begin; `None` where no time is known.
    pub fn until(self) -> Option<Timestamp> {
        match self {
            Held::Soak(until) | Held::Window(until) => Some(until),
            Held::NoWindow => None,
        }
    }

    /// Its name in events.
    pub fn word(self) -> &'static str {
        match self {
            Held::Soak(_) => "soak",
            Held::Window(_) => "window",
            Held::NoWindow => "no-window",
        }
    }
}

/// What holds the next install; `None` where it may begin now.
pub fn held(policy: &SitePolicy, history: &History, now: Timestamp) -> Option<Held> {
    let soak_secs = history.last_site().map_or(0, |site| soak_remaining(policy, site, now, None));
    let soaked = now.plus_secs(soak_secs);
    let Some(windows) = &policy.windows else { return (soak_secs > 0).then_some(Held::Soak(soaked)) };
    let takes = install_estimate(history, PackageKind::Site);
    let Some(opening) = windows.next(soaked, takes.max_secs) else { return Some(Held::NoWindow) };
    match opening.from > soaked {
        true => Some(Held::Window(opening.from)),
        false => (soak_secs > 0).then_some(Held::Soak(soaked)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PackageKey, Sha256Digest, Version};
    use crate::plan::{PastInstall, Windows};

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time")
    }

    /// A site version that was installed on Wednesday, 2026-03-04, at 22:00.
    fn installed() -> History {
        History {
            installs: vec![PastInstall {
                key: PackageKey::from(Sha256Digest::of(b"site")),
                name: "Bomgar 10.6.2".to_owned(),
                kind: PackageKind::Site,
                version: Version::parse("10.6.2").expect("a version"),
                at: at("2026-03-04T22:00:00Z"),
                elsewhere: false,
                appliance_clock: None,
                served: None,
                evidence: Vec::new(),
                took_secs: None,
            }],
            ..History::default()
        }
    }

    fn windows(written: &str) -> SitePolicy {
        let windows = Windows::parse("UTC", &[written.to_owned()]).expect("a window");
        SitePolicy { windows: Some(windows), ..SitePolicy::default() }
    }

    #[test]
    fn the_later_of_soak_and_window_holds_the_next_install() {
        let (history, plain) = (installed(), SitePolicy::default());
        let (soon, later) = (at("2026-03-05T01:00:00Z"), at("2026-03-06T12:00:00Z"));
        assert_eq!(held(&plain, &History::default(), soon), None, "nothing was installed, and any time will do");
        assert_eq!(held(&plain, &history, soon), Some(Held::Soak(at("2026-03-05T22:00:00Z"))));
        assert_eq!(held(&plain, &history, later), None);
        let saturday = windows("sat 22:00-06:00");
        assert_eq!(held(&saturday, &history, soon), Some(Held::Window(at("2026-03-07T22:00:00Z"))));
        assert_eq!(held(&saturday, &History::default(), at("2026-03-07T22:30:00Z")), None, "it is open");
        assert_eq!(held(&saturday, &History::default(), at("2026-03-07T22:00:00Z")), None, "it opens at this moment");
        let daily = windows("daily 20:00-06:00");
        assert_eq!(held(&daily, &history, soon), Some(Held::Soak(at("2026-03-05T22:00:00Z"))), "open by then");
        assert_eq!(held(&windows("sat 22:00-22:01"), &history, soon), Some(Held::NoWindow));
    }

    #[test]
    fn what_holds_an_install_has_a_name_and_an_end_where_one_is_known() {
        let until = at("2026-03-05T22:00:00Z");
        let all = [Held::Soak(until), Held::Window(until), Held::NoWindow];
        assert_eq!(
            all.map(|held| (held.word(), held.until())),
            [("soak", Some(until)), ("window", Some(until)), ("no-window", None)]
        );
    }
}
