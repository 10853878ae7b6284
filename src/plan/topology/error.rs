//! Why there is no plan for several appliances.

use super::Part;
use crate::model::{Exit, Explain, FailoverRole};
use crate::plan::PlanError;

/// Why no plan can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TopologyError {
    /// Both names lead to the same appliance.
    #[error("both names lead to the appliance with serial {serial}; a pair has two")]
    SameAppliance {
        /// Its serial number.
        serial: String,
    },
    /// An appliance has another role than the plan thought.
    #[error("{name} should be {wanted}, and is {found}; nothing was changed")]
    RoleUnexpected {
        /// Its name in the inventory.
        name: String,
        /// What the plan needs.
        wanted: FailoverRole,
        /// What it shows.
        found: FailoverRole,
        /// Whether the two names are the wrong way round.
        swapped: bool,
    },
    /// The two do not have the same software while they are in a relationship.
    #[error("the two appliances differ before anything is done: {a} has {a_has}, {b} has {b_has}")]
    SoftwareDiffers {
        /// A's name.
        a: String,
        /// What it has.
        a_has: String,
        /// B's name.
        b: String,
        /// What it has.
        b_has: String,
    },
    /// The two would not end with the same software.
    #[error("the two appliances would end with different software: {a} with {a_ends}, {b} with {b_ends}")]
    EndsDiffer {
        /// A's name.
        a: String,
        /// What it would end with.
        a_ends: String,
        /// B's name.
        b: String,
        /// What it would end with.
        b_ends: String,
    },
    /// An appliance is to be reached by the host name that the pair shares.
    #[error(
        "appliance {part} would be reached by {host}, the host name that both share; each needs a name or address of its own"
    )]
    SharedName {
        /// Which one.
        part: Part,
        /// The name.
        host: String,
    },
    /// The plan of one of the appliances can't be made.
    #[error("{name}: {error}")]
    Part {
        /// Its name in the inventory.
        name: String,
        /// Why not.
        error: PlanError,
    },
}

impl Explain for TopologyError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            TopologyError::SameAppliance { .. } => {
                "enroll each appliance by an address of its own, not by the site's; handcarry-inside list shows them"
                    .to_owned()
            }
            TopologyError::RoleUnexpected { swapped: true, .. } => {
                "the first name is the primary (A), the second the backup (B): name them the other way round, \
                 or change the roles back under /login > Management > Failover first"
                    .to_owned()
            }
            TopologyError::RoleUnexpected { .. } => {
                "look at /login > Management > Failover on both; when the relationship stands as it should, \
                 run the same command again"
                    .to_owned()
            }
            TopologyError::SoftwareDiffers { .. } => {
                "a pair in a relationship has the same version and build; ask vendor support before anything is upgraded"
                    .to_owned()
            }
            TopologyError::EndsDiffer { .. } => {
                "a relationship needs the same version and build on both: seal a bundle for each appliance \
                 with the same packages"
                    .to_owned()
            }
            TopologyError::SharedName { part, .. } => format!(
                "say how its partner reaches it, best by IP address: --reach-{} HOST:PORT",
                part.to_string().to_lowercase()
            ),
            TopologyError::Part { error, .. } => return error.hint(),
        })
    }

    fn exit(&self) -> Exit {
        match self {
            TopologyError::SameAppliance { .. } => Exit::WrongAppliance,
            TopologyError::RoleUnexpected { .. } => Exit::RoleUnexpected,
            TopologyError::SoftwareDiffers { .. }
            | TopologyError::EndsDiffer { .. }
            | TopologyError::SharedName { .. } => Exit::PairDiffers,
            TopologyError::Part { error, .. } => error.exit(),
        }
    }
}
