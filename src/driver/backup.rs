//! How a backup is asked for, and what came.

use crate::model::Secret;

/// How a backup is asked for.
pub struct BackupOptions<'a> {
    /// The password that protects it; `None` for an unprotected one.
    pub password: Option<&'a Secret>,
    /// Whether logged history goes along.
    pub include_history: bool,
}

/// A backup that came whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupMade {
    /// Its bytes.
    pub size_bytes: u64,
    /// Whether logged history is in it: not every way asks whether it is wanted.
    pub history: bool,
}
