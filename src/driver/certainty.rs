//! One answer to what an error leaves open: whether a press may have arrived
//! all the same, and whether looking again does any good. Every wait and every
//! press of the engine asks here, so that none drifts from the others.

use super::{ApplianceRefusal, DriverError};
use crate::console::OperatorError;
use crate::web::WebError;

/// What is sure after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// What was pressed was not done; looking again may show something else.
    NotDone,
    /// What was pressed may be done: its answer was lost, or is not
    /// understood. It is looked what is so; nothing is pressed again.
    MayBeDone,
    /// Nothing will come of looking again, or it does harm: a refused login
    /// locks the account, another certificate may be an impostor's, and
    /// a person who said no is not asked a second time.
    Hopeless,
}

impl DriverError {
    /// What is sure after it.
    pub fn certainty(&self) -> Certainty {
        match self {
            DriverError::Web(error) => of_web(error),
            DriverError::LoginRefused { .. }
            | DriverError::Barred { .. }
            | DriverError::LockoutNear { .. }
            | DriverError::LoginAgreement { .. }
            | DriverError::Password(_)
            | DriverError::ClusterNode { .. }
            | DriverError::NoAnswer(_)
            // Its own verdict, which stays until somebody has it check again.
            | DriverError::VendorAway { .. } => Certainty::Hopeless,
            DriverError::SessionLost { .. }
            | DriverError::Busy { .. }
            | DriverError::StatusUnreadable(_)
            // While it starts it may show its site before its own pages.
            | DriverError::Cloud { .. }
            | DriverError::AnswerLost { .. } => Certainty::MayBeDone,
            // It may have passed the press on before it answered in the appliance's place.
            DriverError::InBetween { .. } if !self.is_not_passed_on() => Certainty::MayBeDone,
            DriverError::Refused { .. }
            | DriverError::NotTaken { .. }
            | DriverError::SessionEnded { .. }
            | DriverError::InBetween { .. }
            | DriverError::EmptyBackup
            | DriverError::Sink(_) => Certainty::NotDone,
        }
    }

    /// Whether a wait ends by it.
    pub fn is_hopeless(&self) -> bool {
        self.certainty() == Certainty::Hopeless
    }

    /// Whether what was pressed may be done although its answer did not come.
    pub fn may_be_done(&self) -> bool {
        self.certainty() == Certainty::MayBeDone
    }

    /// Whether it may pass by itself, so that looking again, or sending again
    /// what did not arrive, is worth while. A proxy that lets nothing through
    /// and a page without an end stay what they are.
    pub fn may_pass(&self) -> bool {
        match self {
            DriverError::SessionEnded { .. } | DriverError::InBetween { .. } => true,
            DriverError::Web(WebError::Proxy { .. } | WebError::LimitExceeded { .. }) => false,
            error => error.may_be_done(),
        }
    }

    /// The step that the appliance refused; `None` where it refused none.
    pub fn refusal(&self) -> Option<ApplianceRefusal> {
        match self {
            DriverError::Refused { what, .. } => Some(*what),
            _ => None,
        }
    }

    /// Whether the appliance refused this very step.
    pub fn refuses(&self, what: ApplianceRefusal) -> bool {
        self.refusal() == Some(what)
    }

    /// Whether the appliance refused the package, or its licence agreement.
    pub fn refuses_install(&self) -> bool {
        matches!(self.refusal(), Some(ApplianceRefusal::Package | ApplianceRefusal::Agreement))
    }

    /// Whether the appliance answered with another page than the one that was
    /// asked for: a login, a start, one whose controls are gone.
    pub fn is_other_page(&self) -> bool {
        match self {
            DriverError::SessionLost { .. }
            | DriverError::SessionEnded { .. }
            | DriverError::StatusUnreadable(_)
            | DriverError::Cloud { .. } => true,
            DriverError::Web(error) => error.is_other_page(),
            _ => false,
        }
    }

    /// Whether a page came that can't be read, so that a person may read it.
    pub fn is_page_unread(&self) -> bool {
        self.is_other_page()
            || matches!(
                self,
                DriverError::Web(
                    WebError::ControlAmbiguous { .. }
                        | WebError::Protocol { .. }
                        | WebError::Status { .. }
                        | WebError::Compressed { .. }
                )
            )
    }

    /// Whether the page leaves the answer to a person, or the person left it out.
    pub fn leaves_it_to_a_person(&self) -> bool {
        match self {
            DriverError::NoAnswer(error) => !matches!(error, OperatorError::Unheard(..)),
            DriverError::Web(WebError::ControlAmbiguous { .. }) => true,
            error => error.is_other_page(),
        }
    }

    /// Whether another certificate was shown than the enrolled one.
    pub fn shows_another_certificate(&self) -> bool {
        matches!(self, DriverError::Web(WebError::TlsUntrusted { .. }))
    }

    /// Whether what answers knows neither our login nor its own certificate, as
    /// an appliance does that is fresh from a reset.
    pub fn is_of_a_stranger(&self) -> bool {
        matches!(self, DriverError::LoginRefused { .. } | DriverError::LockoutNear { .. })
            || self.shows_another_certificate()
    }
}

fn of_web(error: &WebError) -> Certainty {
    match error {
        WebError::BadUrl { .. }
        | WebError::BadCertificate { .. }
        | WebError::OtherForm { .. }
        | WebError::BadProfile { .. }
        | WebError::KeyMissing { .. }
        | WebError::TlsUntrusted { .. }
        | WebError::TlsTooOld { .. }
        | WebError::CertificateUnfit { .. } => Certainty::Hopeless,
        WebError::Unreachable { .. }
        | WebError::Proxy { .. }
        | WebError::Stalled { .. }
        | WebError::Broken { .. }
        | WebError::Protocol { .. }
        | WebError::Status { .. }
        | WebError::Compressed { .. }
        | WebError::LimitExceeded { .. }
        | WebError::CrossOrigin { .. }
        | WebError::TooManyRedirects { .. }
        | WebError::ScriptOnly { .. }
        | WebError::ControlMissing { .. }
        | WebError::ControlDisabled { .. }
        | WebError::FieldUnfit { .. }
        | WebError::NotAFile { .. } => Certainty::MayBeDone,
        // Found before anything is pressed, or about a file of ours.
        WebError::ControlAmbiguous { .. }
        | WebError::Changed { .. }
        | WebError::RangeRefused { .. }
        | WebError::Source(_) => Certainty::NotDone,
    }
}

#[cfg(test)]
mod tests {
    use super::super::LoginBlocked;
    use super::*;

    #[test]
    fn what_locks_an_account_or_was_declined_is_hopeless() {
        let page = || "/login".to_owned();
        for error in [
            DriverError::LoginAgreement { page: page() },
            DriverError::LoginRefused { user: "rui".into(), page: page(), said: String::new() },
            DriverError::Barred { why: LoginBlocked::Locked, page: page(), said: String::new() },
            DriverError::Barred { why: LoginBlocked::PasswordExpired, page: page(), said: String::new() },
            DriverError::Barred { why: LoginBlocked::SessionLimit, page: page(), said: String::new() },
            DriverError::LockoutNear { user: "rui".into(), path: "/login", times: 2 },
            OperatorError::NoAnswer("what it shows".into()).into(),
            WebError::TlsUntrusted { origin: "https://a".into(), why: "another".into() }.into(),
        ] {
            assert_eq!(error.certainty(), Certainty::Hopeless, "{error}");
        }
        assert!(
            DriverError::from(WebError::Unreachable { origin: "https://a".into(), why: "gone".into() }).may_be_done()
        );
        assert!(DriverError::Busy { said: String::new() }.may_be_done());
        let refused = DriverError::Refused { what: ApplianceRefusal::Pair, page: page(), said: String::new() };
        assert_eq!(refused.certainty(), Certainty::NotDone);
        let in_between = |status| DriverError::InBetween { page: page(), status, said: String::new() }.certainty();
        assert_eq!([200, 403, 502, 504].map(in_between), [Certainty::MayBeDone; 4], "it may have passed it on");
        assert_eq!([407, 413].map(in_between), [Certainty::NotDone; 2]);
    }
}
