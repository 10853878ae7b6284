//! What keeps a step from being done, and what is made of it: a guide, an
//! error, or word of an installation.

use super::super::error::Refusal;
use super::super::{Did, DriverError, Guide};
use crate::web::WebError;

/// Why a page was not reached or a control not pressed.
pub(super) enum Trouble {
    /// The page is not as expected: a person can still do it.
    Lost(WebError),
    /// Nobody can do it now.
    Broken(DriverError),
    /// The appliance is installing and shows nothing else.
    Installing { percent: Option<u8>, text: String },
    /// The appliance says that an installation failed, and shows nothing else.
    Failed { page: String, text: String },
}

impl From<WebError> for Trouble {
    fn from(error: WebError) -> Self {
        match error {
            WebError::ControlMissing { .. }
            | WebError::ControlAmbiguous { .. }
            | WebError::ControlDisabled { .. }
            | WebError::FieldUnfit { .. }
            | WebError::ScriptOnly { .. } => Trouble::Lost(error),
            error => Trouble::Broken(error.into()),
        }
    }
}

impl From<DriverError> for Trouble {
    fn from(error: DriverError) -> Self {
        Trouble::Broken(error)
    }
}

/// What a person can do becomes a guide, the rest an error.
pub(super) fn by_hand<T>(
    outcome: Result<T, Trouble>,
    guide: impl FnOnce(String) -> Guide,
) -> Result<Did<T>, DriverError> {
    match outcome {
        Ok(done) => Ok(Did::Done(done)),
        Err(Trouble::Lost(error)) => Ok(Did::ByHand(guide(error.to_string()))),
        Err(trouble) => Err(broken(trouble)),
    }
}

/// The error for what nobody can do now.
pub(super) fn broken(trouble: Trouble) -> DriverError {
    match trouble {
        Trouble::Lost(error) => error.into(),
        Trouble::Broken(error) => error,
        Trouble::Installing { text, .. } => DriverError::Busy { said: text },
        Trouble::Failed { page, text } => DriverError::Refused { what: Refusal::Package, page, said: text },
    }
}

/// Whether there is nothing at a page's address.
pub(super) fn is_missing(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Broken(DriverError::Web(WebError::Status { status: 404, .. })))
}

/// Whether an error is what a restarting appliance looks like from outside.
pub(super) fn is_down(error: &WebError) -> bool {
    match error {
        WebError::Unreachable { .. } | WebError::Stalled { .. } | WebError::Broken { .. } => true,
        WebError::Status { status, .. } => matches!(status, 500..600),
        _ => false,
    }
}
