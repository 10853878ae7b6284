//! What old sites say in plain text under HTTP status 200 where newer ones
//! use a status.

use crate::model::text;
use crate::web::fold;

/// How much of a body is looked at, in bytes.
// An error page fits with all its markup, and a packed file shows a byte that is in no text long before.
pub(super) const LOOK_BYTES: usize = 4096;
/// Most characters of it that are repeated.
const MAX_SAID_CHARS: usize = 200;

/// What a text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Plain {
    /// The endpoint is not there, or not for this account.
    NotThere(String),
    /// Name or password are wrong.
    Refused(String),
    /// Something else went wrong.
    Other(String),
}

/// Reads a message; `None` where the bytes are no text that a server would
/// write as one. `whole` says whether these are all the bytes there are.
pub(super) fn message(bytes: &[u8], whole: bool) -> Option<Plain> {
    let head = &bytes[..bytes.len().min(LOOK_BYTES)];
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The cut may have gone through a character.
        Err(error) if !whole && head.len() - error.valid_up_to() < 4 => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return None,
    };
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() || text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return None;
    }
    let said: String = text::short_line(&without_tags(text), MAX_SAID_CHARS);
    let folded = fold(text);
    // By the vendor's guide to its API, an account without the permission is answered by this, too.
    Some(if folded.contains("document not found") {
        Plain::NotThere(said)
    } else if folded.contains("invalid credentials") || folded.contains("access_denied") {
        Plain::Refused(said)
    } else {
        Plain::Other(said)
    })
}

/// A text without what stands in angle brackets.
fn without_tags(text: &str) -> String {
    let mut inside = false;
    let keep = |c: char| {
        match c {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                return Some(' ');
            }
            _ => {}
        }
        (!inside).then_some(c)
    };
    text.chars().filter_map(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn old_messages_are_told_from_each_other_and_from_files() {
        let read = |text: &str| message(text.as_bytes(), true);
        assert_eq!(read("Invalid credentials\n"), Some(Plain::Refused("Invalid credentials".into())));
        let page = "<html><body><h1>Document Not Found</h1></body></html>";
        assert_eq!(read(page), Some(Plain::NotThere("Document Not Found".into())));
        assert_eq!(read("<error>No space</error>"), Some(Plain::Other("No space".into())));
        assert_eq!(read(""), None);
        assert_eq!(message(b"LAB\n\x00\x01\xff", true), None);
        assert_eq!(message(b"PK\x03\x04", true), None);
        let cut = &"é".repeat(LOOK_BYTES).into_bytes()[..LOOK_BYTES - 1];
        assert!(matches!(message(cut, false), Some(Plain::Other(_))));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_fall_over(bytes in proptest::collection::vec(any::<u8>(), 0..600), whole in any::<bool>()) {
            if let Some(Plain::NotThere(said) | Plain::Refused(said) | Plain::Other(said)) = message(&bytes, whole) {
                prop_assert!(said.chars().count() <= MAX_SAID_CHARS);
                prop_assert!(!said.chars().any(char::is_control));
            }
        }
    }
}
