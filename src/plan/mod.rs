//! What will be done, in what order, when: a plan is a value.
//!
//! Four planners write one language, a list of [`Step`]s of which each is one
//! [`Op`] on one appliance: [`make`] for what a bundle carries, [`make_of`]
//! for what an appliance offers by itself, [`pair`] and [`migrate()`] for two
//! appliances. Each is a pure function of what is carried, what the appliances
//! show, what was done earlier, the policy and the time. A plan is printed,
//! rehearsed, then followed step by step. That of one appliance guarantees:
//!
//! 1. a package stands after everything it requires, and a base package
//!    immediately before the package that needs it;
//! 2. between a site package and the next base or site package stands a soak,
//!    measured from the moment the first was confirmed; none stands after a
//!    base, patch or license package; it ends before its time only by
//!    [`SoakEvidence`] that was found after that package, and none
//!    stands where all client software was removed first. A site version that
//!    was installed elsewhere has its soak from when it was first seen; an
//!    appliance that serves no clients meanwhile has none;
//! 3. a backup stands before the first install, unless there is no site
//!    software whose settings could be lost, and again after each soak;
//! 4. where it is wanted, the site's certificate is exported before each backup
//!    that finds the last export old;
//! 5. what is on the appliance already is skipped, with the reason;
//! 6. where there are maintenance windows, no install begins outside one, nor
//!    where it would by its longest estimate not end inside;
//! 7. the same input makes the same plan.
//!
//! What those over two appliances guarantee stands in `topology`.
//! [`cut()`] keeps what comes before the first package that can't be used.
//!
//! It knows no files, no network and no journal: what was installed earlier
//! comes in as [`History`]. The rules are those of the vendor's upgrade guide,
//! chapter "Preparations for the upgrade".

mod cut;
mod elsewhere;
mod error;
mod estimate;
mod evidence;
mod facts;
mod held;
mod list;
mod offers;
mod op;
mod order;
mod schedule;
mod sheet;
mod single;
mod skip;
mod soak;
mod terms;
mod topology;
mod windows;

pub use cut::{Cut, cut};
pub use elsewhere::begun_elsewhere;
pub use error::{Missing, PlanError};
pub use estimate::{Estimate, install_estimate};
pub use evidence::SoakEvidence;
pub use facts::{ClientRemoval, ClockRule, Facts, FirstMet, History, PastBackup, PastInstall, Served, SitePolicy};
pub use held::{Held, held};
pub use list::PackageList;
pub use offers::{Sorted, sort_offers};
pub use op::{Carried, Install, Op, Plan, Procedure, Skipped, Step};
pub use order::{arrange, brings, requirements};
pub use schedule::{Gate, gate, needs_window};
pub use single::{has_fresh_backup, is_fresh, make, make_of};
pub use soak::{clients_later_than, clock_skew, soak_remaining};
pub use terms::{Meant, Terms};
pub use topology::{
    MigrateFacts, OldFacts, Order, PairFacts, Part, PartFacts, Switch, Topology, TopologyError, binds, migrate, pair,
    part_of, software,
};
pub use windows::{Opening, Windows};

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
