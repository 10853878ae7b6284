//! What both halves ask of a person: each doc comment is what is read.

use crate::console::Question;
use displaydoc::Display;

/// Answered by yes or no.
#[derive(Display)]
pub(crate) enum CliQuestion {
    /// The code {shown} looks odd: {why}. Is it exactly as the appliance shows it?
    IsOddCode { shown: String, why: String },
    /// Compared with the key's owner, and to be trusted?
    IsKeyCompared,
    /// Signatures needed from now on: {now}. That is fewer than before. Is it meant?
    LowerThreshold { now: String },
}

impl Question for CliQuestion {}

/// Answered by a line that is not shown.
#[derive(Display)]
pub(crate) enum CliPrompt {
    /// New passphrase for {key}:
    NewPassphrase { key: String },
    /// The same again:
    PassphraseAgain,
    /// Passphrase for {key}:
    Passphrase { key: String },
}

impl Question for CliPrompt {}
