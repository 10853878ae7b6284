//! What an appliance is in a failover relationship.

use super::Timestamp;
use serde::{Deserialize, Serialize};

/// An appliance's failover role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailoverRole {
    /// It stands alone: no relationship is configured.
    None,
    /// It serves the site.
    Primary,
    /// It stands by, and pulls the primary's data.
    Backup,
}

impl FailoverRole {
    /// The word the appliance's API uses.
    pub const fn word(self) -> &'static str {
        match self {
            FailoverRole::None => "none",
            FailoverRole::Primary => "primary",
            FailoverRole::Backup => "backup",
        }
    }
}

impl std::fmt::Display for FailoverRole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            FailoverRole::None => "in no failover relationship",
            role => role.word(),
        })
    }
}

/// What an appliance shows of its failover relationship at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failover {
    /// Its role.
    pub role: FailoverRole,
    /// The site's host name, which the pair shares; `None` where it shows none.
    pub shared_host: Option<String>,
    /// When it last pulled a data sync to its end, by its own clock.
    pub last_sync: Option<Timestamp>,
    /// Whether it says that a data sync is in progress.
    pub syncing: bool,
}

impl Failover {
    /// One that is in no relationship.
    pub fn alone() -> Self {
        Failover { role: FailoverRole::None, shared_host: None, last_sync: None, syncing: false }
    }
}
