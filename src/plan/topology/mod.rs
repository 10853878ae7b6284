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
mod ids;
mod migrate;
mod part_facts;

#[cfg(test)]
mod migrate_tests;
#[cfg(test)]
mod tests;

pub use error::TopologyError;
pub use failover::{PairFacts, pair};
pub use ids::{binds, part_of};
pub use migrate::{MigrateFacts, OldFacts, migrate};
pub use part_facts::{PartFacts, software};

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
        // B of a synchronous pair is installed while A serves already
        // with the new version, so that no client waits for it.
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

/// In which order a failover pair is upgraded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The primary first, which stays primary.
    FailoverSync,
    /// The backup first, which becomes primary; the site's address is led there.
    FailoverAsync(Switch),
}

impl Order {
    /// As it is chosen.
    pub const fn topology(self) -> Topology {
        match self {
            Order::FailoverSync => Topology::FailoverSync,
            Order::FailoverAsync(_) => Topology::FailoverAsync,
        }
    }

    /// How the site's address is switched; `None` where it stays.
    pub const fn switch(self) -> Option<Switch> {
        match self {
            Order::FailoverSync => None,
            Order::FailoverAsync(switch) => Some(switch),
        }
    }

    /// Who is primary in the end.
    pub const fn primary(self) -> Part {
        match self {
            Order::FailoverSync => Part::A,
            Order::FailoverAsync(_) => Part::B,
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
