//! Why a list of clients shows nothing.

use crate::model::{Exit, Explain};

/// Why a list can't be read as evidence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// It holds no client.
    #[error("the list holds no client")]
    Empty,
    /// It holds more clients than any appliance carries.
    #[error("the list holds more than {limit} clients")]
    TooMany {
        /// The limit.
        limit: u64,
    },
    /// It has more columns than any list.
    #[error("the list has more than {limit} columns")]
    TooWide {
        /// The limit.
        limit: usize,
    },
    /// No column has the heading.
    #[error("the list has no column {}; it has {}", quoted(looked_for, " or "), quoted(there, ", "))]
    NoColumn {
        /// The headings that were looked for.
        looked_for: Vec<String>,
        /// The headings that were there.
        there: Vec<String>,
    },
    /// Two columns have the heading.
    #[error("the list has two columns {}", quoted(looked_for, " or "))]
    TwoColumns {
        /// The headings that were looked for.
        looked_for: Vec<String>,
    },
    /// A line is not a row.
    #[error("line {line} of the list can't be read: {why}")]
    Malformed {
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// A status without a date, or one that can be read in two ways.
    #[error("line {line} of the list: no one date can be read in {shown:?}")]
    NoDate {
        /// The line, from 1.
        line: u64,
        /// What stands there.
        shown: String,
    },
    /// A date that has not come yet.
    #[error("line {line} of the list: {shown:?} has not come yet")]
    Future {
        /// The line, from 1.
        line: u64,
        /// What stands there.
        shown: String,
    },
}

impl Explain for ListError {
    fn hint(&self) -> Option<String> {
        Some(
            match self {
                ListError::Empty => {
                    "export it as a user who may see every Jump Client; where there is none, nothing can show it: wait"
                }
                ListError::TooMany { .. } | ListError::TooWide { .. } | ListError::Malformed { .. } => {
                    "export the list of Jump Clients once more, as CSV, and don't edit it"
                }
                ListError::NoColumn { .. } | ListError::TwoColumns { .. } => {
                    "name the column in the site's profile: [controls.\"clients.status\"] with en = [\"…\"]"
                }
                ListError::NoDate { .. } => "where day and month can be mistaken: --day-first or --month-first",
                ListError::Future { .. } => {
                    "a clock is wrong, or the zone: --offset +02:00 says how far the list's clock is from UTC"
                }
            }
            .to_owned(),
        )
    }

    fn exit(&self) -> Exit {
        match self {
            ListError::TooMany { .. } | ListError::TooWide { .. } => Exit::LimitExceeded,
            _ => Exit::Unconfirmed,
        }
    }
}

fn quoted(names: &[String], between: &str) -> String {
    match names {
        [] => "none".to_owned(),
        names => names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(between),
    }
}
