//! Plans over more than one appliance: a list of steps, each on one of several
//! parts, with what each appliance installs in between.
//!
//! [`pair`] and [`migrate()`] are pure functions like [`make`](super::make): what both
//! appliances show, what is carried for them, what was done already, the
//! policy and the time. A pair's plan guarantees, whatever its order:
//!
//! 1. clients have had their time for the version they have before anything is
//!    changed, and are led past none: asynchronously one site version is installed a run;
//! 2. a backup and a data sync stand before the relationship is broken, and
//!    that stands before the first install;
//! 3. one appliance installs after the other, in two windows, and what was
//!    installed is verified before the next thing changes;
//! 4. the relationship is established last, only where both end with the same
//!    software, and a first sync follows;
//! 5. what is done already is left out; the same input makes the same plan.
//!
//! What a migration's plan guarantees stands at [`mod@migrate`].
//!
//! The rules are those of the vendor's upgrade guide: both failover chapters,
//! and the one on new hardware.

mod error;
mod failover;
mod migrate;
mod sheet;

#[cfg(test)]
mod migrate_tests;
#[cfg(test)]
mod tests;

pub use error::TopologyError;
pub use failover::{PairFacts, pair};
pub use migrate::{MigrateFacts, OldFacts, migrate};
pub use sheet::{PartFacts, software};

use super::{Estimate, Plan};
use crate::model::{FileName, Timestamp};
use serde::{Deserialize, Serialize};

/// How appliances that belong together are upgraded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Topology {
    /// Two appliances of a failover pair, the primary first; it stays primary.
    FailoverSync,
    /// Two appliances of a failover pair, the backup first; it becomes primary.
    FailoverAsync,
    /// An appliance's site moves to a new one, hardware or virtual: the old one first.
    Migrate,
}

impl Topology {
    /// As it is typed.
    pub const fn word(self) -> &'static str {
        match self {
            Topology::FailoverSync => "failover-sync",
            Topology::FailoverAsync => "failover-async",
            Topology::Migrate => "migrate",
        }
    }

    /// What the guide calls a part.
    pub const fn calls(self, part: Part) -> &'static str {
        match (self, part) {
            (Topology::Migrate, Part::A) => "OLD",
            (Topology::Migrate, Part::B) => "NEW",
            (_, Part::A) => "A",
            (_, Part::B) => "B",
        }
    }
}

impl std::fmt::Display for Topology {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

impl Topology {
    /// Whether clients update from a part while it is installed on. Of a pair
    /// that is upgraded asynchronously, and of a migration, it is always the
    /// other one that serves the site then.
    pub const fn serves_while_installing(self, part: Part) -> bool {
        matches!((self, part), (Topology::FailoverSync, Part::A))
    }
}

/// How the site's address is led to the other appliance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Switch {
    /// A shared IP address is disabled on one and enabled on the other.
    SharedIp,
    /// The site's DNS entry is changed.
    Dns,
    /// A NAT entry is changed.
    Nat,
}

impl Switch {
    /// As it is typed.
    pub const fn word(self) -> &'static str {
        match self {
            Switch::SharedIp => "shared-ip",
            Switch::Dns => "dns",
            Switch::Nat => "nat",
        }
    }
}

/// The part an appliance plays: A is the one that is named first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Part {
    /// The primary at the beginning, or the appliance that is migrated from.
    A,
    /// The backup at the beginning, or the appliance that is migrated to.
    B,
}

impl Part {
    /// Its place where both stand in a row.
    pub const fn index(self) -> usize {
        match self {
            Part::A => 0,
            Part::B => 1,
        }
    }

    /// The other of a pair.
    pub const fn other(self) -> Part {
        match self {
            Part::A => Part::B,
            Part::B => Part::A,
        }
    }
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Part::A => "A",
            Part::B => "B",
        })
    }
}

/// A plan over several appliances. All times are by the trusted clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TopologyPlan {
    /// Which order it follows.
    pub topology: Topology,
    /// How the site's address is switched; `None` where it stays.
    pub switch: Option<Switch>,
    /// Each part and the appliance's name in the inventory.
    pub parts: Vec<(Part, FileName)>,
    /// When it was made.
    pub made: Timestamp,
    /// Ids of the steps that are done already.
    pub done: Vec<String>,
    /// What is left to do, in order.
    pub steps: Vec<TopologyStep>,
    /// When it can be done at the earliest, with no pause between the windows.
    pub earliest_end: Timestamp,
    /// When it is done by the longest estimates, if nobody pauses.
    pub latest_end: Timestamp,
}

impl TopologyPlan {
    /// Whether a step that is left needs the address by which clients reach `part`.
    pub fn leads_clients_to(&self, part: Part) -> bool {
        self.steps.iter().filter(|step| step.on == part).any(|step| {
            matches!(step.deed, Deed::Verify { hosts_file: true } | Deed::Switch { by: Switch::Dns | Switch::Nat })
        })
    }
}

/// One step on one appliance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TopologyStep {
    /// A name that is unique in the topology and the same in every plan.
    pub id: String,
    /// Which appliance it is done on.
    pub on: Part,
    /// The maintenance window it falls into, from 1.
    pub window: u8,
    /// What is done.
    #[serde(flatten)]
    pub deed: Deed,
    /// The step in a few words.
    pub title: String,
    /// Why it is done, and why here.
    pub reason: String,
    /// How long it takes.
    pub estimate: Estimate,
    /// When it can begin at the earliest.
    pub earliest: Timestamp,
    /// What a person is needed for; `None` where nobody is.
    pub person: Option<String>,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[allow(clippy::large_enum_variant, reason = "a plan has a few dozen of them")]
pub enum Deed {
    /// Waits until clients have had their time for what they have now.
    Soak {
        /// The site package that they update to.
        after: String,
    },
    /// Makes a backup of the site and keeps it.
    Backup,
    /// Pulls a data sync from the partner and waits until its time is past the press.
    Sync,
    /// Breaks the failover relationship.
    Break,
    /// Installs what is carried for this appliance, by its own plan.
    Install {
        /// That plan.
        plan: Plan,
    },
    /// Has a person verify and test the new version.
    Verify {
        /// Whether the site's name leads elsewhere, so that hosts files are needed.
        hosts_file: bool,
    },
    /// Waits for the second maintenance window.
    Window,
    /// Has the Integration Client pull all session data.
    SessionData,
    /// Leads the site's address here.
    Switch {
        /// How.
        by: Switch,
    },
    /// Has a person see that the Integration Client can pull data from here.
    IntegrationClient,
    /// Establishes the relationship, with this appliance as primary.
    Establish,
    /// Exports the certificate that serves the site, with key and chain, and keeps it.
    ExportCertificate,
    /// Imports that certificate.
    ImportCertificate,
    /// Assigns the appliance's IP address to the certificate.
    AssignAddress,
    /// Restores the settings of the backup.
    Restore,
    /// Has the site's DNS entry lead here.
    Entry,
    /// Confirms that the appliance serves the site.
    Confirm,
    /// Resets the appliance to factory defaults.
    Reset,
    /// Shuts the appliance down.
    ShutDown,
}
