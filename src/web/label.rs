//! Labels as people read them: what counts as the same.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Longest label that is compared, in characters; a longer text is no label.
pub(super) const MAX_LABEL_CHARS: usize = 500;

/// What is looked for on a page: a key of the profile, and the labels it may
/// have there, in every language known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// The key in the profile, such as `updates.check`.
    pub key: String,
    /// The labels; any of them will do.
    pub labels: Vec<String>,
}

impl Control {
    /// Makes a control with a single label, which is also its key.
    pub fn labelled(label: &str) -> Self {
        Control { key: label.to_owned(), labels: vec![label.to_owned()] }
    }

    /// Whether `text` is one of the labels, as [`fold`] sees them.
    pub fn matches(&self, text: &str) -> bool {
        let text = fold(text);
        // An empty text folds like an empty label, and would match every element that says nothing.
        !text.is_empty() && self.labels.iter().any(|label| fold(label) == text)
    }

    /// Whether `text` holds one of the labels beside what it says: `Label: value`,
    /// or, where the label has several words, those anywhere.
    pub(super) fn is_within(&self, text: &str) -> bool {
        let folded = fold_all(text);
        let before_colon =
            |label: &str| folded.strip_prefix(label).is_some_and(|rest| rest.trim_start().starts_with(':'));
        self.labels.iter().any(|label| {
            let folded = fold(label);
            !folded.is_empty()
                && (before_colon(&folded) || (folded.contains(' ') && Control::labelled(label).occurs_in(text)))
        })
    }

    /// Whether one of the labels occurs within `text`, as whole words.
    pub fn occurs_in(&self, text: &str) -> bool {
        let text = fold_all(text);
        self.labels.iter().map(|label| fold(label)).any(|label| {
            !label.is_empty()
                && text.match_indices(&label).any(|(at, _)| {
                    // Whole words: "Update" must not be found in "Updates", which is another button.
                    let before = text[..at].chars().next_back();
                    let after = text[at + label.len()..].chars().next();
                    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
                })
        })
    }
}

/// Folds a label for comparison: no case, no accents, white space as one
/// blank, and neither a trailing colon nor a required-field asterisk or an arrow.
///
/// Empty where the text is too long to be a label.
pub fn fold(text: &str) -> String {
    if text.chars().nth(MAX_LABEL_CHARS).is_some() {
        return String::new();
    }
    let folded = fold_all(text);
    // An arrow only says that the button leads on.
    folded.trim_end_matches([':', '*', ' ', '>', '»', '›', '→']).to_owned()
}

/// Folds text of any length, keeping all its words.
fn fold_all(text: &str) -> String {
    // Most of a page is ASCII, which has neither accents nor letters that look alike.
    if text.is_ascii() { fold_ascii(text) } else { fold_any(text) }
}

fn fold_ascii(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.bytes() {
        match letter {
            b' ' | b'\t'..=b'\r' if folded.is_empty() || folded.ends_with(' ') => {}
            b' ' | b'\t'..=b'\r' => folded.push(' '),
            letter => folded.push(char::from(letter.to_ascii_lowercase())),
        }
    }
    folded.truncate(folded.trim_end_matches(' ').len());
    folded
}

fn fold_any(text: &str) -> String {
    let plain: String = text
        // NFKD takes accents apart and makes one of letters that look
        // alike to a reader, such as wide forms and ligatures.
        .nfkd()
        // Soft hyphens and zero-width marks steer line breaks and directions: no reader sees them.
        .filter(|c| !is_combining_mark(*c) && !matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{FEFF}'))
        .flat_map(char::to_lowercase)
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_accents_space_and_colons_make_no_difference() {
        assert_eq!(fold("  Código\u{a0}de\n Download: "), "codigo de download");
        assert_eq!(fold("ATUALIZAÇÕES *"), "atualizacoes");
        assert_eq!(fold("Software :: Backup Settings"), "software :: backup settings");
        assert_eq!(fold("Co\u{301}digo"), fold("código"));
        assert_eq!(fold(&"x".repeat(MAX_LABEL_CHARS + 1)), "");
    }

    #[test]
    fn phrases_are_found_as_whole_words() {
        let failed = Control::labelled("Installation failed");
        assert!(failed.occurs_in("Error: INSTALLATION  failed."));
        assert!(!Control::labelled("Installing").occurs_in("Uninstalling"));
        assert!(!Control::labelled("").occurs_in("anything"));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn ascii_is_folded_as_any_text_is(text in "[\\x00-\\x7f]*") {
            prop_assert_eq!(fold_ascii(&text), fold_any(&text));
        }
    }
}
