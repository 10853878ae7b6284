//! What to do next, with a place in it for the command that was typed.

use std::fmt;

/// Stands on both sides of the place: a control character, which no text from
/// outside brings along, since it passed [`super::text`].
const PLACE: char = '\u{1a}';

/// Stands between the options of a place.
const BETWEEN: char = '\u{1f}';

/// Begins a place whose options stand beside those that were typed.
const BESIDES: &str = "+";

/// What to do next, lower case and without a full stop.
///
/// What was typed is not known where an error is made. A hint holds a place
/// for it ([`AGAIN`]), and only [`Hint::told`] fills it: whoever tells a hint
/// can't forget it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint(String);

impl Hint {
    /// The hint as a person reads it; `typed` shows the command that was typed.
    pub fn told(&self, typed: impl Fn(Again<'_>) -> String) -> String {
        let mut told = String::new();
        for (number, part) in self.0.split(PLACE).enumerate() {
            if number % 2 == 0 {
                told.push_str(part);
                continue;
            }
            let (besides, options) = part.strip_prefix(BESIDES).map_or((false, part), |options| (true, options));
            let options: Vec<&str> = options.split(BETWEEN).filter(|word| !word.is_empty()).collect();
            told.push_str(&typed(Again { options: &options, besides }));
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
pub const AGAIN: Again<'static> = Again { options: &[], besides: false };

/// The place of the command that was typed, with options that were not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again<'a> {
    /// The options, a word each.
    pub options: &'a [&'a str],
    /// Whether they stand beside what was typed of the same name, and not in its place.
    pub besides: bool,
}

impl<'a> Again<'a> {
    /// With `options`, each in place of what was typed of the same name.
    #[must_use]
    pub const fn with(self, options: &'a [&'a str]) -> Self {
        Again { options, besides: false }
    }

    /// With `options` that may be given more than once.
    #[must_use]
    pub const fn and(self, options: &'a [&'a str]) -> Self {
        Again { options, besides: true }
    }
}

impl fmt::Display for Again<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let besides = if self.besides { BESIDES } else { "" };
        write!(f, "{PLACE}{besides}{}{PLACE}", self.options.join(&BETWEEN.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::text;

    #[test]
    fn each_place_is_filled_with_its_options() {
        let and = AGAIN.and(&["--accept-eula", "x"]);
        let hint = Hint::from(format!("then: {AGAIN}; else: {}; or: {and}", AGAIN.with(&["--reason", "TEXT"])));
        let told = hint.and("; ", "last").told(|again| format!("push m {} {}", again.options.join(" "), again.besides));
        let wanted = "then: push m  false; else: push m --reason TEXT false; or: push m --accept-eula x true; last";
        assert_eq!(told, wanted);
        assert_eq!(Hint::from("no place").told(|_| unreachable!("nothing to fill")), "no place");
    }

    #[test]
    fn no_text_from_outside_holds_a_place() {
        for shown in [text::printable(&AGAIN.to_string()), text::one_line(&AGAIN.to_string())] {
            assert!(!shown.contains(PLACE), "{shown:?}");
        }
    }
}
