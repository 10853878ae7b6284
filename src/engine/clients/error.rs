//! Why a list of clients shows nothing.

use crate::model::explained;
use macro_rules_attribute::apply;

/// Why a list can't be read as evidence.
#[apply(explained!)]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// It holds no client.
    #[error("the list holds no client")]
    #[hint("export it as a user who may see every Jump Client; where there is none, nothing can show it: wait")]
    #[exit(ListUnread)]
    Empty,
    /// It holds more clients than any appliance carries.
    #[error("the list holds more than {limit} clients")]
    #[hint("export the list of Jump Clients once more, as CSV, and don't edit it")]
    #[exit(LimitExceeded)]
    TooMany {
        /// The limit.
        limit: u64,
    },
    /// It has more columns than any list.
    #[error("the list has more than {limit} columns")]
    #[hint("export the list of Jump Clients once more, as CSV, and don't edit it")]
    #[exit(LimitExceeded)]
    TooWide {
        /// The limit.
        limit: usize,
    },
    /// No column has the heading.
    #[error("the list has no column {}; it has {}", quoted(looked_for, " or "), quoted(there, ", "))]
    #[hint("name the column in the site's profile: [controls.\"clients.status\"] with en = [\"…\"]")]
    #[exit(ListUnread)]
    NoColumn {
        /// The headings that were looked for.
        looked_for: Vec<String>,
        /// The headings that were there.
        there: Vec<String>,
    },
    /// Two columns have the heading.
    #[error("the list has two columns {}", quoted(looked_for, " or "))]
    #[hint("name the column in the site's profile: [controls.\"clients.status\"] with en = [\"…\"]")]
    #[exit(ListUnread)]
    TwoColumns {
        /// The headings that were looked for.
        looked_for: Vec<String>,
    },
    /// A line is not a row.
    #[error("line {line} of the list can't be read: {why}")]
    #[hint("export the list of Jump Clients once more, as CSV, and don't edit it")]
    #[exit(ListUnread)]
    Malformed {
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// A status without a date, or one that can be read in two ways.
    #[error("line {line} of the list: no one date can be read in {shown:?}")]
    #[hint("where day and month can be mistaken: --day-first or --month-first")]
    #[exit(ListUnread)]
    NoDate {
        /// The line, from 1.
        line: u64,
        /// What stands there.
        shown: String,
    },
    /// A date that has not come yet.
    #[error("line {line} of the list: {shown:?} has not come yet")]
    #[hint("a clock is wrong, or the zone: --offset +02:00 says how far the list's clock is from UTC")]
    #[exit(ListUnread)]
    Future {
        /// The line, from 1.
        line: u64,
        /// What stands there.
        shown: String,
    },
}

fn quoted(names: &[String], between: &str) -> String {
    match names {
        [] => "none".to_owned(),
        names => names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(between),
    }
}
