//! Which refusals a person may answer for.

use super::BundleError;

/// A refusal that an operator may have a true need to set aside, for a reason
/// that is written down. Signatures, threshold, appliance, container, entries
/// and digests have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Danger {
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
}

impl Danger {
    /// Every one there is.
    pub const ALL: &'static [Danger] = &[
        Danger::Expired,
        Danger::NotYetValid,
        Danger::Rollback,
        Danger::Replayed,
        Danger::WrongRequest,
        Danger::Clock,
    ];

    /// Its word: the flag is `--dangerous-WORD`, and WORD is typed again.
    pub const fn word(self) -> &'static str {
        match self {
            Danger::Expired => "expired",
            Danger::NotYetValid => "not-yet-valid",
            Danger::Rollback => "rollback",
            Danger::Replayed => "replayed",
            Danger::WrongRequest => "wrong-request",
            Danger::Clock => "clock",
        }
    }

    /// The danger that a refusal warns of; `None` where nobody may set it aside.
    pub fn of(error: &BundleError) -> Option<Danger> {
        match error {
            BundleError::Expired { .. } => Some(Danger::Expired),
            BundleError::NotYetValid { .. } => Some(Danger::NotYetValid),
            BundleError::Rollback { .. } | BundleError::SequenceTaken { .. } => Some(Danger::Rollback),
            BundleError::Replayed { .. } => Some(Danger::Replayed),
            BundleError::WrongRequest { .. } | BundleError::ForeignRequest { .. } => Some(Danger::WrongRequest),
            BundleError::Clock(_) => Some(Danger::Clock),
            _ => None,
        }
    }
}
