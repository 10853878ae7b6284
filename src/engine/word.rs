//! A refusal that is set aside on a person's word: what is said, and the word.
//!
//! Whoever sets it aside writes it into the journal before going on.

use super::entry::{Entry, SoakSkip};
use super::ports::Reporter;
use crate::console::Operator;
use crate::engine::question::EnginePrompt;
use crate::model::{Exit, Failure};

/// A refusal that somebody wants set aside.
pub struct OverrideRequest<'a> {
    /// What is refused.
    pub refused: &'a str,
    /// What setting it aside may cost.
    pub meaning: &'a str,
    /// Why it is to be set aside all the same.
    pub reason: &'a str,
    /// What is typed to set it aside.
    pub word: &'a str,
    /// What is as it was while it is not typed: "nothing was done".
    pub undone: &'a str,
}

impl OverrideRequest<'_> {
    /// Warns, and lets pass who types the word.
    ///
    /// # Errors
    /// [`Exit::Declined`] where anything else is typed.
    pub fn set_aside(&self, teller: &dyn Reporter, operator: &mut dyn Operator) -> Result<(), Failure> {
        let OverrideRequest { refused, meaning, reason, word, undone } = self;
        teller.warn(&format!("DANGEROUS: {refused}"));
        teller.warn(&format!("what that means: {meaning}"));
        teller.warn(&format!("reason given: {reason}"));
        // A word, because a yes is typed by whoever says yes to everything.
        if operator.ask(&EnginePrompt::SetAside { word: (*word).to_owned() })? == *word {
            return Ok(());
        }
        Err(Failure::new(Exit::Declined, format!("{refused}; it was not set aside, {undone}"))
            .hint(format!("only the word {word} itself sets it aside")))
    }
}

/// What a record says was set aside on a person's word.
pub struct SetAside {
    /// The word, or what stands for it.
    pub what: String,
    /// What was refused.
    pub refused: String,
    /// The person's reason.
    pub reason: String,
}

impl Entry {
    /// What was set aside by it; `None` for a record of anything else.
    pub fn set_aside(&self) -> Option<SetAside> {
        let told = |what: &str, refused: String, reason: &String| {
            Some(SetAside { what: what.to_owned(), refused, reason: reason.clone() })
        };
        match self {
            Entry::DangerousAccepted { what, refused, reason, .. } => told(what, refused.clone(), reason),
            Entry::SoakSkipped(SoakSkip { after, remaining_secs, reason, .. }) => {
                told("skip-soak", format!("the wait after {after}, {remaining_secs} seconds were left"), reason)
            }
            Entry::ClientsRemoved { after, reason, .. } => {
                told("clients-removed", format!("the wait after {after}"), reason)
            }
            Entry::ClientsRemovedFirst { bundle, reason, .. } => {
                told("clients-removed", format!("the wait after the first site package of {bundle}"), reason)
            }
            Entry::CertificateLeftOut { bundle, reason, .. } => told(
                "no-certificate-export",
                format!("the export of the site's certificate before the backup for {bundle}"),
                reason,
            ),
            _ => None,
        }
    }
}
