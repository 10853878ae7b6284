//! What keeps a step from being done, and what is made of it: a guide, an
//! error, or word of an installation.

use super::super::{Did, DriverError, Guide};
use crate::driver::ApplianceRefusal;
use crate::web::WebError;

/// Why a page was not reached or a control not pressed.
pub(super) enum StepBlocked {
    /// The page is not as expected: a person can still do it.
    Lost(WebError),
    /// Nobody can do it now.
    Broken(DriverError),
    /// The appliance is installing and shows nothing else.
    Installing { percent: Option<u8>, text: String },
    /// The appliance says that an installation failed, and shows nothing else.
    Failed { page: String, text: String },
}

impl From<WebError> for StepBlocked {
    fn from(error: WebError) -> Self {
        // With these the page has come and only looks otherwise, so a person can still
        // do the step. What else goes wrong would go wrong in a browser as well.
        match error {
            WebError::ControlMissing { .. }
            | WebError::ControlAmbiguous { .. }
            | WebError::ControlDisabled { .. }
            | WebError::FieldUnfit { .. }
            | WebError::ScriptOnly { .. } => StepBlocked::Lost(error),
            error => StepBlocked::Broken(error.into()),
        }
    }
}

impl From<DriverError> for StepBlocked {
    fn from(error: DriverError) -> Self {
        StepBlocked::Broken(error)
    }
}

/// What a person can do becomes a guide, the rest an error.
pub(super) fn by_hand<T>(
    outcome: Result<T, StepBlocked>,
    guide: impl FnOnce(String) -> Guide,
) -> Result<Did<T>, DriverError> {
    match outcome {
        Ok(done) => Ok(Did::Done(done)),
        Err(StepBlocked::Lost(error)) => Ok(Did::ByHand(guide(error.to_string()))),
        Err(blocked) => Err(broken(blocked)),
    }
}

/// The error for what nobody can do now.
pub(super) fn broken(blocked: StepBlocked) -> DriverError {
    match blocked {
        StepBlocked::Lost(error) => error.into(),
        StepBlocked::Broken(error) => error,
        StepBlocked::Installing { text, .. } => DriverError::Busy { said: text },
        StepBlocked::Failed { page, text } => {
            DriverError::Refused { what: ApplianceRefusal::Package, page, said: text }
        }
    }
}

/// Whether there is nothing at a page's address.
pub(super) fn is_missing(blocked: &StepBlocked) -> bool {
    matches!(blocked, StepBlocked::Broken(DriverError::Web(WebError::Status { status: 404, .. })))
}

/// Whether an error is what a restarting appliance looks like from outside.
pub(super) fn is_down(error: &WebError) -> bool {
    match error {
        WebError::Unreachable { .. } | WebError::Stalled { .. } | WebError::Broken { .. } => true,
        // Its own server while the rest starts, and a balancer before it, answer so.
        WebError::Status { status, .. } => matches!(status, 500..600),
        _ => false,
    }
}
