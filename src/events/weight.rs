//! How grave an event is, and whom it concerns, as syslog counts it.

/// Whom a message concerns; the number is syslog's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facility {
    /// What was done by a person who may.
    User = 1,
    /// Trust, keys and refusals.
    Authpriv = 10,
}

/// How grave a message is; the number is syslog's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Somebody must act at once.
    Alert = 1,
    /// Somebody should look.
    Warning = 4,
    /// As it should be, and of weight.
    Notice = 5,
    /// As it should be.
    Info = 6,
}

impl Severity {
    /// Its name in syslog's documents.
    pub const fn word(self) -> &'static str {
        match self {
            Severity::Alert => "alert",
            Severity::Warning => "warning",
            Severity::Notice => "notice",
            Severity::Info => "info",
        }
    }
}
