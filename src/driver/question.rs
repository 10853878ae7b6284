//! What a driver asks of a person: each doc comment is what is read.

use crate::console::Question;
use displaydoc::Display;

/// Answered by yes or no.
#[derive(Display)]
pub(crate) enum DriverQuestion {
    /// {place} shows {shown:?} where the code should stand ({why}). Is that the whole code, and nothing but the code?
    IsCode { place: String, shown: String, why: String },
    /// Do you accept this agreement ({digest}), so that {place} is entered?
    AcceptAgreement { digest: String, place: String },
    /// {refusals} already. Is the password right now, and is it sent?
    SendPassword { refusals: String },
    /// {refusals} already. Is its secret right now, and is it sent?
    SendSecret { refusals: String },
    /// Has it no site software yet, so that there is nothing below /login?
    HasNoSite,
}

impl Question for DriverQuestion {
    fn kept(&self) -> Option<String> {
        Some(match self {
            // The code is a secret until it is spent.
            DriverQuestion::IsCode { place, why, .. } => {
                format!("{place} shows a text where the code should stand ({why}). Is it the code?")
            }
            other => other.to_string(),
        })
    }
}

/// Answered by a line.
#[derive(Display)]
pub(crate) enum DriverPrompt {
    /// user name on {page}:
    User { page: String },
    /// {field} of {whom}:
    SecondFactor { field: String, whom: String },
    #[displaydoc("({because})\nFrom /appliance > Status > Basics, the serial number:")]
    Serial { because: String },
    /// The appliance model:
    Model,
    /// The base software version (Enter if it shows none):
    BaseVersion,
    /// The site software version (Enter if it shows none):
    SiteVersion,
    /// Its system time as it shows it, with the zone (Enter to skip):
    Clock,
    /// What does the appliance show now: ready, installing, down, or failed?
    Shows,
    /// What does it say?
    Says,
}

impl Question for DriverPrompt {
    fn kept(&self) -> Option<String> {
        match self {
            // What is typed for a user's name is now and then the password.
            DriverPrompt::User { .. } | DriverPrompt::SecondFactor { .. } => None,
            other => Some(other.to_string()),
        }
    }
}
