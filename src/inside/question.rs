//! What the verbs of the inside ask of a person: each doc comment is what is read.

use crate::console::Question;
use crate::model::{Sha256Digest, Version};
use displaydoc::Display;

/// Answered by yes or no.
#[derive(Display)]
pub(crate) enum InsideQuestion {
    /// Does the appliance itself show this fingerprint (/appliance > Security > Certificates, or its console)?
    IsFingerprintShown,
    /// Accept this very certificate for {host} all the same?
    AcceptForHost { host: String },
    /// Was {name} replaced by {serial}? Nothing that was done on the old one counts for it: no journal, wait, mark or
    /// backup
    WasReplaced { name: String, serial: String },
    /// The appliance's clock could not be read. Does its system time (/appliance > Status > Basics) agree with {now}
    /// within {tolerance}?
    DoClocksAgree { now: String, tolerance: String },
    /// Is {name} to be looked after here no more?
    RemoveAppliance { name: String },
    /// These bundles are expired, and none of them was ever begun here ({bundles}). Remove them from the store?
    RemoveExpired { bundles: String },
    /// Begin now on this appliance, as told above?
    BeginOnOne,
    /// Begin now on all {count} appliances, as told above?
    BeginOnAll { count: usize },
    /// Have you seen the plan with this SHA-256 yourself ({plan}), and shall it be done{set_aside}?
    ApprovePlan { plan: Sha256Digest, set_aside: String },
    /// Is this what was agreed, and shall it hold from now on?
    ApplyTrust,
    /// Shall handcarry {new} take the place of {own} here?
    ReplaceProgram { own: Version, new: Version },
}

impl Question for InsideQuestion {}

/// The code (Enter to go on without):
#[derive(Display)]
pub(crate) struct CodePrompt;

impl Question for CodePrompt {}
