//! Why there is no plan.

use crate::model::{Requirement, duration_human, explained};
use macro_rules_attribute::apply;

/// Why no plan can be made.
#[apply(explained!)]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Packages need what is neither on the appliance nor in the bundle.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    #[hint(
        |missing| "seal a bundle that carries {} too; when in doubt which, ask vendor support with a picture of the \
                   appliance's Status > Basics page",
        missing.iter().map(|m| m.requirement.to_string()).collect::<Vec<_>>().join(" and ")
    )]
    #[exit(PrerequisiteMissing)]
    Missing(Vec<Missing>),
    /// Packages need each other in a circle.
    #[error("no order is possible: {} need each other", .packages.join(" and "))]
    #[hint("ask vendor support for the order, then seal the bundle again with corrected requirements")]
    #[exit(ManifestInvalid)]
    Cycle {
        /// Their titles.
        packages: Vec<String>,
    },
    /// Two packages carry the same base or site version.
    #[error("{first} and {second} are the same version; which one to install can't be told")]
    #[hint("seal a bundle with only one of them")]
    #[exit(ManifestInvalid)]
    Twins {
        /// The file listed first.
        first: String,
        /// The file listed later.
        second: String,
    },
    /// An appliance offers the same version twice.
    #[error(
        "the appliance offers {first} and {second}, which are the same version; which one to install can't be told"
    )]
    #[hint("ask vendor support which one is yours, and install that one in a browser")]
    #[exit(ControlAmbiguous)]
    OfferedTwice {
        /// The title listed first.
        first: String,
        /// The title listed later.
        second: String,
    },
    /// No maintenance window is as long as the longest estimate of an install.
    #[error("no maintenance window is long enough to {step}: it may take {}, {}", duration_human(*need_secs), longest(*longest_secs))]
    #[hint(
        "change windows in inventory.toml; to install outside them all the same: --dangerous-outside-window --reason \
         TEXT"
    )]
    #[exit(Config)]
    NoWindow {
        /// The step's title.
        step: String,
        /// Its longest estimate, in seconds.
        need_secs: i64,
        /// The longest window there is, in seconds; 0 where all are past.
        longest_secs: i64,
    },
}

fn longest(secs: i64) -> String {
    match secs {
        0 => "and all windows are past".to_owned(),
        _ => format!("and the longest is {}", duration_human(secs)),
    }
}

/// A package and what it needs in vain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Its title.
    pub package: String,
    /// What it needs.
    pub requirement: Requirement,
    /// What the appliance has instead; `None` where it has none.
    pub has: Option<String>,
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} needs {}, which the bundle does not carry", self.package, self.requirement)?;
        match &self.has {
            Some(has) => write!(f, " (the appliance has {has})"),
            None => write!(f, " (the appliance does not have it)"),
        }
    }
}
