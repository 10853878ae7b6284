//! What a visitor sees after a form was taken.

use crate::lab::html::Notice;

/// The page that comes next: no form's handler shows another's page itself.
pub(super) enum Next {
    /// The page of updates, with a notice.
    Updates(KeptNotice),
    /// The page of updates, asked for anew.
    UpdatesAnew,
    /// The licence agreement, with a notice.
    Agreement(KeptNotice),
    /// The licence agreement, asked for anew.
    AgreementAnew,
    /// The install's progress.
    Progress,
    /// The form was not, or is no longer, its own.
    StaleForm,
}

/// A notice, kept.
pub(super) enum KeptNotice {
    Error(String),
    Good(String),
}

impl KeptNotice {
    pub(super) fn error(text: &str) -> Self {
        KeptNotice::Error(text.to_owned())
    }

    pub(super) fn notice(&self) -> Notice<'_> {
        match self {
            KeptNotice::Error(text) => Notice::Error(text),
            KeptNotice::Good(text) => Notice::Good(text),
        }
    }
}
