//! What a look at an appliance's pages found.

/// One control a step needs, and whether it is there.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ControlReport {
    /// The step that needs it.
    pub step: &'static str,
    /// The control's key in the profile.
    pub control: String,
    /// The page it was looked for on: its title and address without query.
    pub page: String,
    /// What was found.
    pub finding: ProbeFinding,
    /// What the step becomes because of it.
    pub makes: Makes,
    /// Labels on the page that are no known control's: it may be among them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<String>,
}

/// What a look at the page found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "finding", rename_all = "lowercase")]
pub enum ProbeFinding {
    /// Exactly one.
    Found {
        /// Its label as shown.
        label: String,
        /// What stands beside it, as it was read; `None` where nothing is read of it.
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<String>,
    },
    /// Exactly one, but what stands beside it can't be read.
    Unread {
        /// Its label as shown.
        label: String,
        /// What stands beside it.
        value: String,
        /// Why it can't be read.
        why: String,
    },
    /// None.
    Missing {
        /// The labels that were looked for.
        looked_for: Vec<String>,
        /// The labels that were there.
        there: Vec<String>,
    },
    /// More than one.
    Ambiguous {
        /// Their labels.
        matches: Vec<String>,
    },
    /// The page itself could not be reached, or shows it only after a press.
    Unreachable {
        /// Why.
        why: String,
    },
}

/// The step whose report says that there is no site software to look at yet.
pub const NO_SITE: &str = "no-site";

/// What a finding makes of its step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Makes {
    /// The driver does it.
    Automatic,
    /// The operator does it, guided.
    Guided,
}
