//! The operations of the interface: their names, what stands in for them, and
//! the permission each needs.

use std::collections::BTreeMap;

/// What the interface is asked for; each may be lacking by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Operation {
    Backup,
    Health,
    Info,
    Connected,
    Clients,
}

impl Operation {
    pub(super) const ALL: [Operation; 5] =
        [Operation::Backup, Operation::Health, Operation::Info, Operation::Connected, Operation::Clients];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Operation::Backup => "backup",
            Operation::Health => "health",
            Operation::Info => "clock and permissions",
            Operation::Connected => "connected clients",
            Operation::Clients => "Jump Clients' updates",
        }
    }

    /// What is done where the interface can't.
    pub(super) const fn instead(self) -> &'static str {
        match self {
            Operation::Backup => "the page is used",
            Operation::Health => "the pages or a person must do",
            Operation::Info => "the clock on the page counts",
            Operation::Connected => "they are not counted",
            Operation::Clients => "an exported client list can show it: handcarry-inside soak NAME --client-list FILE",
        }
    }

    /// The permission that says whether the account may, and what it must be.
    pub(super) fn permitted(self, permissions: &BTreeMap<String, String>) -> Option<bool> {
        let name = match self {
            Operation::Backup => "perm_backup",
            Operation::Health | Operation::Connected => "perm_command",
            Operation::Clients => "perm_configuration",
            Operation::Info => return Some(true),
        };
        let granted = permissions.get(name)?;
        // Some permissions have levels in words and some are 0 or 1. What is not a known no is tried.
        Some(!matches!(granted.as_str(), "0" | "" | "none" | "deny"))
    }
}
