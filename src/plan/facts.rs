//! What a plan is made from.

use super::{SoakEvidence, Windows};
use crate::model::{Id, PackageKey, PackageKind, Sha256Digest, Status, Timestamp, TitleNames, Version};
use serde::Serialize;

/// Seconds clients are given after a site package: the guide's 24 h.
// A passive Jump Client checks in at least once in 24 hours, so that a shorter wait leaves some behind.
const SOAK_SECS: i64 = 24 * 3600;

/// Seconds two clocks may differ: more than any drift between two NTP
/// clients, less than what breaks a download code.
// Above, the code that the appliance makes is refused outside, a trip later.
// Below, an appliance without a time server fails now and then for nothing.
const CLOCK_TOLERANCE_SECS: i64 = 300;

/// Seconds a backup counts as made for this maintenance window.
// A backup of the afternoon serves the night. One of yesterday lacks
// a working day, and is lost with it where the install goes wrong.
const BACKUP_FRESH_SECS: i64 = 12 * 3600;

/// What a site may decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitePolicy {
    /// Seconds to wait after a site package.
    pub soak_secs: i64,
    /// Clients that must have been seen before a count of them ends a soak.
    pub min_clients: u64,
    /// Seconds the appliance's clock and ours may differ.
    pub clock_tolerance_secs: i64,
    /// Seconds a backup stays fresh enough to install on.
    pub backup_fresh_secs: i64,
    /// Whether a backup must have logged history in it to count.
    pub backup_with_history: bool,
    /// Whether a backup that is known to be unprotected does not count.
    pub backup_with_password: bool,
    /// Whether the site's certificate is exported with its key before a backup,
    /// and counts for as long. Source: guide, "preparations".
    pub certificates: bool,
    /// Whose clock decides.
    pub clock: ClockRule,
    /// When installs may run; `None` for at any time.
    pub windows: Option<Windows>,
    /// What offered packages are called at this site besides.
    pub titles: TitleNames,
    /// Whether clients update from this appliance while it is installed on: a
    /// soak is theirs, so that one which serves nobody has none. Source: guide,
    /// "preparations" and the two chapters on failover.
    pub serves: bool,
}

impl Default for SitePolicy {
    fn default() -> Self {
        SitePolicy {
            soak_secs: SOAK_SECS,
            // One more than nothing: how many clients a site has only the site knows.
            min_clients: 1,
            clock_tolerance_secs: CLOCK_TOLERANCE_SECS,
            backup_fresh_secs: BACKUP_FRESH_SECS,
            backup_with_history: true,
            backup_with_password: false,
            // A plan of packages alone; whoever works an appliance says yes.
            certificates: false,
            clock: ClockRule::Both,
            windows: None,
            titles: TitleNames::default(),
            serves: true,
        }
    }
}

/// Whose clock a soak is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockRule {
    /// A soak is over when it is over by our clock and by the appliance's, so
    /// that setting one of them forward ends nothing.
    Both,
    /// The appliance's clock alone; ours only where it can't be read.
    Appliance,
}

/// What is so, now.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The appliance as it was just read.
    pub status: &'a Status,
    /// Our clock.
    pub now: Timestamp,
    /// What was done earlier.
    pub history: &'a History,
}

impl Facts<'_> {
    /// The time by the clock that `rule` trusts; all of a plan's times are by it.
    pub fn trusted_now(&self, rule: ClockRule) -> Timestamp {
        match rule {
            ClockRule::Both => self.now,
            // An appliance that installs shows no clock for a while. The plan must have a time all the same.
            ClockRule::Appliance => self.status.clock.unwrap_or(self.now),
        }
    }
}

/// What was done earlier, by this desk and on this appliance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Confirmed installs, oldest first.
    pub installs: Vec<PastInstall>,
    /// The last backup that was made and kept.
    pub backup: Option<PastBackup>,
    /// When the site's certificate was last exported with its key, by our clock.
    pub certificate: Option<Timestamp>,
    /// The site version that was there when the appliance was first met, as
    /// long as it is the last one known of: since when is known to nobody.
    pub met: Option<FirstMet>,
    /// The bundles before which all client software was removed.
    pub removals: Vec<ClientRemoval>,
}

/// All client software was removed before a bundle's first site package, to be
/// installed anew after its last: the guide's alternative to the waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientRemoval {
    /// The bundle, or the run that installs what the appliance offers.
    pub bundle: Id,
    /// Why, as a person said it.
    pub reason: String,
}

impl History {
    /// The last site package that was installed.
    pub fn last_site(&self) -> Option<&PastInstall> {
        self.installs.iter().rev().find(|past| past.kind == PackageKind::Site)
    }

    /// The removal that counts for `bundle`.
    pub fn removal(&self, bundle: Id) -> Option<&ClientRemoval> {
        self.removals.iter().find(|removal| removal.bundle == bundle)
    }

    /// When the package of this key was installed; `None` if it wasn't.
    pub fn installed(&self, key: &PackageKey) -> Option<&PastInstall> {
        self.installs.iter().rev().find(|past| past.key == *key)
    }
}

/// A package that was installed and confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastInstall {
    /// What it is known by.
    pub key: PackageKey,
    /// Its title.
    pub name: String,
    /// What it changed.
    pub kind: PackageKind,
    /// Its version.
    pub version: Version,
    /// When it was confirmed, by our clock. Of one that was not installed from
    /// here, when it was first seen, or when a person says that it was installed.
    pub at: Timestamp,
    /// Whether it was installed elsewhere: by another desk, in a browser.
    pub elsewhere: bool,
    /// The appliance's clock then; `None` where it could not be read.
    pub appliance_clock: Option<Timestamp>,
    /// Since when clients update from it, where they were led to the appliance
    /// only after it was installed.
    pub served: Option<Served>,
    /// Seconds from sending it to its confirmation; `None` where that was
    /// interrupted or a person did it, so that it tells nothing.
    // What was interrupted lasted until somebody looked again, which says nothing of the next one.
    pub took_secs: Option<i64>,
    /// What was found of clients since then, oldest first.
    pub evidence: Vec<SoakEvidence>,
}

/// A site version as an appliance was first met with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstMet {
    /// The version.
    pub version: Version,
    /// When, by our clock.
    pub at: Timestamp,
    /// The appliance's clock then; `None` where it could not be read.
    pub appliance_clock: Option<Timestamp>,
}

/// When clients were led to an appliance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served {
    /// By our clock.
    pub at: Timestamp,
    /// By the appliance's; `None` where it could not be read.
    pub appliance_clock: Option<Timestamp>,
}

impl PastInstall {
    /// When its clients began to have their time, by our clock and the appliance's.
    pub fn soaks_from(&self) -> Served {
        self.served.unwrap_or(Served { at: self.at, appliance_clock: self.appliance_clock })
    }
}

/// A backup that was made and kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastBackup {
    /// When, by our clock.
    pub at: Timestamp,
    /// Its digest; `None` where a person keeps it elsewhere.
    pub sha256: Option<Sha256Digest>,
    /// Whether a password protects it; `None` where nobody told.
    pub protected: Option<bool>,
    /// Whether logged history is in it.
    pub history: bool,
}

impl PastBackup {
    /// Whether it has what whoever runs it now wants of backups.
    pub fn is_as_wanted(&self, policy: &SitePolicy) -> bool {
        let lacks_history = policy.backup_with_history && !self.history;
        !(lacks_history || policy.backup_with_password && self.protected == Some(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_taken_with_what_is_wanted_in_it() {
        let backup = |protected, history| PastBackup { at: Timestamp::UNIX_EPOCH, sha256: None, protected, history };
        let wanted = |with_password, with_history| SitePolicy {
            backup_with_password: with_password,
            backup_with_history: with_history,
            ..SitePolicy::default()
        };
        for (protected, history, policy, is) in [
            (Some(true), false, wanted(true, false), true),
            (None, false, wanted(true, false), true),
            (Some(false), false, wanted(true, false), false),
            (Some(false), false, wanted(false, false), true),
            (Some(false), true, wanted(false, true), true),
            (Some(true), false, wanted(true, true), false),
            (None, false, wanted(false, true), false),
        ] {
            assert_eq!(backup(protected, history).is_as_wanted(&policy), is, "{protected:?} {history}");
        }
    }
}
