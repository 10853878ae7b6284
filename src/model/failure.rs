//! An error on its way to the person.

use super::{Exit, Explain, Hint, Kind};

/// An error on its way to the person: message, hint and exit code, no type left.
///
/// A verb returns `Result<(), Failure>`, and `?` turns any [`Explain`] error
/// into one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong and where, lower case, no full stop.
    pub message: String,
    /// What to do next.
    pub hint: Option<Hint>,
    /// The exit code: for the shell, and for nothing else.
    pub exit: Exit,
    /// What it is to whoever decides by it.
    pub kind: Kind,
}

impl Failure {
    /// Makes a failure that a verb itself found.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Failure { message: message.into(), hint: None, exit, kind: Kind::of(exit) }
    }

    /// Says what it is about: the message then begins with `what`.
    #[must_use]
    pub fn about(mut self, what: impl std::fmt::Display) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// Says more of what it is than its exit does.
    #[must_use]
    pub fn of_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// Adds what else to do, after `between` where there is a hint already.
    #[must_use]
    pub fn and_hint(mut self, between: &str, more: impl Into<Hint>) -> Self {
        let more = more.into();
        self.hint = Some(match self.hint {
            Some(hint) => hint.and(between, more),
            None => more,
        });
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl<E: Explain> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            // Many messages quote their cause already, and a person who reads it twice looks for two faults.
            if !message.contains(&text) {
                message.push_str(": ");
                message.push_str(&text);
            }
            source = cause.source();
        }
        // The last gate: causes carry texts of servers, pages and media, and none may move a terminal's cursor.
        let (exit, message) = (error.exit(), super::text::printable(&message));
        Failure { message, hint: error.hint(), exit, kind: Kind::of(exit) }
    }
}
