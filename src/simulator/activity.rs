//! What an appliance is doing, and how long that takes.

use super::software::Software;
use crate::model::{PackageKind, Timestamp};
use serde::Serialize;
use std::time::Duration;

/// How long things take.
#[derive(Debug, Clone)]
pub struct Times {
    /// An install.
    pub install: Duration,
    /// The restart after it.
    pub restart: Duration,
    /// Installs and restarts of the kinds that have their own.
    pub of_kind: Vec<(PackageKind, (Duration, Duration))>,
    /// A reset to factory defaults.
    pub reset: Duration,
    /// How long an install that hides is seen at first.
    pub hides_after: Duration,
}

impl Times {
    pub(super) fn of(&self, kind: PackageKind) -> (Duration, Duration) {
        let own = self.of_kind.iter().find(|(of, _)| *of == kind);
        own.map_or((self.install, self.restart), |(_, own)| *own)
    }
}

/// What it is doing.
#[derive(Debug, Clone)]
pub enum Activity {
    /// Nothing.
    Idle,
    /// Installing a package.
    Installing(Work),
    /// Restarting, so that nobody can reach it.
    Restarting {
        /// Since when.
        since: Duration,
        /// For how long.
        lasts: Duration,
    },
    /// Being reset to factory defaults.
    Resetting {
        /// Since when.
        since: Duration,
    },
    /// Switched off.
    Off,
    /// Showing that an install failed.
    Failed {
        /// The package's title.
        title: String,
        /// Whether it changes the base software.
        base: bool,
    },
}

/// An install under way.
#[derive(Debug, Clone)]
pub struct Work {
    /// The package.
    pub software: Software,
    pub(super) since: Duration,
    pub(super) ends: Ending,
    pub(super) hung: bool,
    pub(super) hides: bool,
}

/// How an install ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// It has not yet.
    Running,
    /// With the new version.
    Installed,
    /// With a message.
    Failed,
    /// As if all were well, and nothing has changed.
    Vanished,
}

/// An install, begun at some time.
#[derive(Debug, Clone, Serialize)]
pub struct InstallRun {
    /// The package's title.
    pub title: String,
    /// When it began.
    pub began: Timestamp,
    /// When it ended; `None` while it runs.
    pub ended: Option<Timestamp>,
    /// How.
    pub outcome: Ending,
}
