//! Which refusals a person may answer for.

use super::BundleError;

/// A refusal that an operator may have a true need to set aside, for a reason
/// that is written down. Signatures, threshold, appliance, container, entries
/// and digests have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Override {
    /// The bundle's time is over.
    Expired,
    /// The bundle was sealed later than now.
    NotYetValid,
    /// The bundle is older than one that was accepted.
    Rollback,
    /// The bundle was used up.
    Replayed,
    /// The bundle answers another request.
    WrongRequest,
    /// The clock can't be right, or went back.
    Clock,
    /// The trust that judges was to be renewed by now.
    OverdueTrust,
}

impl Override {
    /// Every one there is.
    pub const ALL: &'static [Override] = &[
        Override::Expired,
        Override::NotYetValid,
        Override::Rollback,
        Override::Replayed,
        Override::WrongRequest,
        Override::Clock,
        Override::OverdueTrust,
    ];

    /// Its word: the flag is `--dangerous-WORD`, and WORD is typed again.
    pub const fn word(self) -> &'static str {
        match self {
            Override::Expired => "expired",
            Override::NotYetValid => "not-yet-valid",
            Override::Rollback => "rollback",
            Override::Replayed => "replayed",
            Override::WrongRequest => "wrong-request",
            Override::Clock => "clock",
            Override::OverdueTrust => "overdue-trust",
        }
    }

    /// The danger that a refusal warns of; `None` where nobody may set it aside.
    pub fn of(error: &BundleError) -> Option<Override> {
        match error {
            BundleError::Expired { .. } => Some(Override::Expired),
            BundleError::NotYetValid { .. } => Some(Override::NotYetValid),
            BundleError::Rollback { .. } | BundleError::SequenceTaken { .. } => Some(Override::Rollback),
            BundleError::Replayed { .. } => Some(Override::Replayed),
            BundleError::WrongRequest { .. } | BundleError::ForeignRequest { .. } => Some(Override::WrongRequest),
            BundleError::Clock(_) => Some(Override::Clock),
            BundleError::TrustOverdue { .. } => Some(Override::OverdueTrust),
            // What is new has no override until somebody decides here that it may have one.
            _ => None,
        }
    }
}
