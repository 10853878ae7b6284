//! Which site versions were installed elsewhere, as the journal shows.

use super::entry::{Entry, InstalledAt};
use crate::model::{PackageKey, PackageKind, Timestamp, Version};
use crate::plan::{FirstMet, History, PastInstall};

/// What is known of an appliance's site versions, record by record.
#[derive(Debug, Clone, Default)]
pub(super) struct Sites {
    /// The last version that was seen, or confirmed.
    last: Option<Version>,
    /// The version that is being installed from here: what shows it is no news.
    open: Option<Version>,
}

impl Sites {
    /// Takes in one record. A version later than any before it, which is not
    /// being installed from here, was installed elsewhere: it goes into
    /// `history` with the time at which it is first seen.
    pub(super) fn see(&mut self, at: Timestamp, entry: &Entry, history: &mut History) {
        if let Some(shown) = entry.shown()
            && let Some(version) = &shown.site
        {
            self.shown(version, at, shown.clock, history);
        }
        match entry {
            Entry::InstallStarted { package, .. } if package.kind == PackageKind::Site => {
                self.open = Some(package.version.clone());
            }
            Entry::InstallConfirmed { package, .. } if package.kind == PackageKind::Site => {
                self.open = None;
                self.last = Some(package.version.clone());
                history.met = None;
            }
            Entry::InstallAbandoned { .. } | Entry::InstallRefused { .. } => self.open = None,
            Entry::SiteBegunElsewhere { version, first_seen, appliance_clock } => {
                history.met = None;
                history.installs.push(elsewhere(version, *first_seen, *appliance_clock));
            }
            Entry::SiteInstalledAt(InstalledAt { after, at, .. }) => {
                let told = history.installs.iter_mut().find(|past| past.key == *after && *at < past.at);
                if let Some(past) = told {
                    // Both clocks go back by as much, because a soak is over only when it is by both.
                    let sooner = past.at.secs_since(*at);
                    past.appliance_clock = past.appliance_clock.map(|clock| clock.plus_secs(-sooner));
                    past.at = *at;
                }
            }
            _ => {}
        }
    }

    fn shown(&mut self, version: &Version, at: Timestamp, clock: Option<Timestamp>, history: &mut History) {
        // It shows a moment before it is confirmed, and would pass for somebody else's work.
        if self.open.as_ref() == Some(version) {
            return;
        }
        match &self.last {
            None => history.met = Some(FirstMet { version: version.clone(), at, appliance_clock: clock }),
            Some(last) if version > last => {
                history.met = None;
                history.installs.push(elsewhere(version, at, clock));
            }
            Some(_) => {}
        }
        self.last = Some(version.clone());
    }
}

fn elsewhere(version: &Version, at: Timestamp, appliance_clock: Option<Timestamp>) -> PastInstall {
    PastInstall {
        key: PackageKey::Elsewhere(version.clone(), at),
        name: format!("{} {version}", PackageKind::Site),
        kind: PackageKind::Site,
        version: version.clone(),
        at,
        elsewhere: true,
        appliance_clock,
        served: None,
        took_secs: None,
        evidence: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::{Installing, Shown};
    use super::super::record::Noted;
    use super::*;
    use crate::engine::Past;
    use crate::model::{Evidence, FileName, Id, Sha256Digest};

    fn at(hours: i64) -> Timestamp {
        Timestamp::parse("2026-03-04T05:06:07Z").expect("a time").plus_secs(hours * 3600)
    }

    fn shown(site: &str) -> Shown {
        Shown { site: Version::parse(site), ..Shown::default() }
    }

    fn seen(hours: i64, site: &str) -> Noted {
        (at(hours), Entry::StatusRead { serial: "S".into(), shown: shown(site), clock_ahead_secs: None })
    }

    fn package(version: &str) -> Installing {
        Installing {
            bundle: Id::random(),
            file: FileName::from_foreign("x.nss"),
            key: Sha256Digest::of(version.as_bytes()).into(),
            name: format!("Bomgar {version}"),
            kind: PackageKind::Site,
            version: Version::parse(version).expect("a version"),
        }
    }

    fn begun(hours: i64, version: &str, before: &str) -> Noted {
        (
            at(hours),
            Entry::InstallStarted { package: package(version), before: shown(before), attempt: 1, source: None },
        )
    }

    fn confirmed(hours: i64, version: &str) -> Noted {
        let (package, evidence) = (package(version), Evidence::Version);
        (at(hours), Entry::InstallConfirmed { package, evidence, guided: false, shown: shown(version) })
    }

    fn history(entries: &[Noted]) -> History {
        entries.iter().cloned().collect::<Past>().history().clone()
    }

    /// The sites that are known to have been installed, with where and when.
    fn sites(entries: &[Noted]) -> Vec<(String, bool, Timestamp)> {
        let history = history(entries);
        history.installs.into_iter().map(|past| (past.version.to_string(), past.elsewhere, past.at)).collect()
    }

    #[test]
    fn a_site_version_that_nobody_here_installed_begins_its_wait_when_first_seen() {
        let first = [seen(0, "10.5.3"), seen(1, "10.5.3")];
        assert!(sites(&first).is_empty(), "what is first met has no wait");
        assert_eq!(history(&first).met.expect("met").at, at(0));
        let newer = [seen(0, "10.5.3"), seen(5, "10.6.2"), seen(9, "10.6.2")];
        assert_eq!(sites(&newer), [("10.6.2".to_owned(), true, at(5))]);
        assert_eq!(history(&newer).met, None);
        let before = [seen(0, "10.5.3"), begun(5, "11.1.1", "10.6.2"), confirmed(6, "11.1.1")];
        assert_eq!(sites(&before), [("10.6.2".to_owned(), true, at(5)), ("11.1.1".to_owned(), false, at(6))]);
    }

    #[test]
    fn what_is_installed_from_here_is_no_other_desks() {
        let looked_at = [seen(0, "10.5.3"), begun(1, "10.6.2", "10.5.3"), seen(2, "10.6.2"), confirmed(3, "10.6.2")];
        assert_eq!(sites(&looked_at), [("10.6.2".to_owned(), false, at(3))]);
        let later = [&looked_at[..], &[seen(30, "10.6.2")]].concat();
        assert_eq!(sites(&later).len(), 1);
        // Put back by a snapshot, and installed again by somebody.
        let again = [&looked_at[..], &[seen(30, "10.5.3"), seen(31, "10.6.2")]].concat();
        assert_eq!(sites(&again)[1], ("10.6.2".to_owned(), true, at(31)));
    }

    #[test]
    fn a_person_may_say_that_it_was_installed_sooner_never_later() {
        let mut entries = vec![seen(0, "10.5.3"), seen(48, "10.6.2")];
        let after = history(&entries).last_site().expect("one").key.clone();
        let told = |hours| {
            Entry::SiteInstalledAt(InstalledAt {
                after: after.clone(),
                at: at(hours),
                reason: "r".into(),
                by: "b".into(),
            })
        };
        entries.push((at(49), told(60)));
        assert_eq!(history(&entries).last_site().expect("one").at, at(48));
        entries.push((at(49), told(20)));
        assert_eq!(history(&entries).last_site().expect("one").at, at(20));
    }
}
