//! What the verbs of the outside ask of a person: each doc comment is what is read.

use crate::console::Question;
use crate::model::{PackageKind, Version};
use displaydoc::Display;

/// Answered by yes or no.
#[derive(Display)]
pub(crate) enum OutsideQuestion {
    /// {server} leads on to another server, {to}. Its certificate is checked as well, and neither cookie nor code goes
    /// there. Is it the vendor's, and may what it hands out come from there?
    MayComeFrom { server: String, to: String },
    /// Is {path} all the same the whole package {title:?} ({kind} {version})?
    IsWhole { path: String, title: String, kind: PackageKind, version: Version },
    /// Remove these {count} files from the vault and free {space}?
    Remove { count: usize, space: String },
    /// Is this what shall be installed, and do you sign it?
    SignBundle,
    /// Do these packages come from where they should, are they what shall be installed, and do you sign for it?
    SealBundle,
    /// Is {origin} the vendor's own server? Codes are sent to it, and what comes from it is sealed as the vendor's.
    IsVendors { origin: String },
    /// Propose this?
    ProposeTrust,
    /// Take this as the inside's trust?
    FollowTrust,
    /// Shall the inside trust exactly these from then on?
    SignTrust,
}

impl Question for OutsideQuestion {
    fn is_harmless(&self) -> bool {
        // Nothing is trusted by either: what is wrong is refused inside.
        matches!(self, OutsideQuestion::ProposeTrust | OutsideQuestion::FollowTrust)
    }

    fn is_of_a_person(&self) -> bool {
        matches!(self, OutsideQuestion::IsVendors { .. } | OutsideQuestion::SealBundle)
    }
}

/// Answered by a line.
#[derive(Display)]
pub(crate) enum OutsidePrompt {
    /// Appliance download code:
    Code,
    /// Who downloaded these files and vouches for them?
    WhoVouches,
    /// Nobody who is trusted here signed for {count} of the packages. Who vouches for them?
    WhoVouchesForVault { count: usize },
    /// What is {title:?}? Kind and version, such as base 3.4.0 or site 10.6.2:
    WhatIs { title: String },
    /// {why}:
    WhatIsAgain { why: String },
}

impl Question for OutsidePrompt {
    fn is_of_a_person(&self) -> bool {
        matches!(self, OutsidePrompt::WhoVouchesForVault { .. })
    }
}
