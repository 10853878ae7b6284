//! What to do next, with a place in it for the command that was typed.

use std::fmt;

/// Stands on both sides of the place: a control character, which no text from
/// outside brings along, since it passed [`super::text`].
const PLACE: char = '\u{1a}';

/// Stands between the options of a place.
const BETWEEN: char = '\u{1f}';

/// What to do next, lower case and without a full stop.
///
/// What was typed is not known where an error is made. A hint holds a place
/// for it ([`AGAIN`]), and only [`Hint::told`] fills it: whoever tells a hint
/// can't forget it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint(String);

impl Hint {
    /// The hint as a person reads it. `typed` shows the command that was
    /// typed, with these options instead of those of the same name.
    pub fn told(&self, typed: impl Fn(&[&str]) -> String) -> String {
        let mut told = String::new();
        for (number, part) in self.0.split(PLACE).enumerate() {
            match number % 2 {
                0 => told.push_str(part),
                _ => told.push_str(&typed(&part.split(BETWEEN).filter(|word| !word.is_empty()).collect::<Vec<_>>())),
            }
        }
        told
    }

    /// The same, and `more` behind it.
    #[must_use]
    pub fn and(self, between: &str, more: impl Into<Hint>) -> Self {
        Hint(self.0 + between + &more.into().0)
    }

    /// Its text, places and all: to be part of a longer hint, or to be searched.
    pub fn as_part(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for Hint {
    fn from(text: T) -> Self {
        Hint(text.into())
    }
}

/// In a hint: the command that was typed, with all its options.
pub const AGAIN: Again<'static> = Again(&[]);

/// The place of the command that was typed.
#[derive(Debug, Clone, Copy)]
pub struct Again<'a>(&'a [&'a str]);

impl<'a> Again<'a> {
    /// The same with further `options`, a word each, in place of those of the
    /// same name.
    #[must_use]
    pub const fn with(self, options: &'a [&'a str]) -> Self {
        Again(options)
    }
}

impl fmt::Display for Again<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PLACE}{}{PLACE}", self.0.join(&BETWEEN.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::text;

    #[test]
    fn each_place_is_filled_with_its_options() {
        let hint = Hint::from(format!("to go on: {AGAIN}; else: {}", AGAIN.with(&["--reason", "TEXT"])));
        let told = hint.and("; ", "last").told(|options| format!("push m {}", options.join(" ")));
        assert_eq!(told, "to go on: push m ; else: push m --reason TEXT; last");
        assert_eq!(Hint::from("no place").told(|_| unreachable!("nothing to fill")), "no place");
    }

    #[test]
    fn no_text_from_outside_holds_a_place() {
        for shown in [text::printable(&AGAIN.to_string()), text::one_line(&AGAIN.to_string())] {
            assert!(!shown.contains(PLACE), "{shown:?}");
        }
    }
}
