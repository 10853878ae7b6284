//! Pattern lists as OpenSSH matches them: comma-separated, `*` and `?`, a
//! leading `!` negates (PATTERNS in ssh_config(5)).

/// Longest single pattern, in bytes: OpenSSH itself stops at 1023, and then
/// silently matches nothing.
pub(super) const MAX_PATTERN_BYTES: usize = 1000;

/// Whether a list matches: one pattern must, and no negated one may. A list
/// of negations alone matches nothing.
pub(super) fn list_matches<S: AsRef<str>>(patterns: &[S], text: &str) -> bool {
    let mut positive = false;
    for pattern in patterns {
        match pattern.as_ref().strip_prefix('!') {
            Some(negated) if matches(negated, text) => return false,
            Some(_) => {}
            None => positive |= matches(pattern.as_ref(), text),
        }
    }
    positive
}

/// Splits a list as OpenSSH does: a comma at the end ends it.
pub(super) fn split_list(list: &str) -> Vec<String> {
    let list = list.strip_suffix(',').unwrap_or(list);
    if list.is_empty() { Vec::new() } else { list.split(',').map(str::to_owned).collect() }
}

/// Whether one pattern without `!` matches the whole of `text`, byte by byte.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    // Where to go back to when a star took too little: star's place, text's place.
    let mut retry: Option<(usize, usize)> = None;
    // Only the last star is tried again, so the work is bounded by the
    // product of both lengths, however many stars there are.
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p, t));
                p += 1;
            }
            Some(&c) if c == b'?' || c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((star, taken)) => {
                    retry = Some((star, taken + 1));
                    p = star + 1;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}

/// Finds a name that the list matches: what a person would say after
/// `ssh-keygen -I`. `None` where no name can be found, as for a list of
/// negations.
pub(super) fn witness(patterns: &[String]) -> Option<String> {
    let positive = || patterns.iter().filter(|pattern| !pattern.starts_with('!'));
    // A pattern's own text always matches that pattern, so a plain name is its
    // own witness; where a negation catches it, a few other fillings are tried.
    let fillings: [(&str, &str); 4] = [("*", "?"), ("", "x"), ("x", "x"), ("handcarry", "0")];
    fillings
        .iter()
        .flat_map(|(star, one)| positive().map(move |pattern| pattern.replace('*', star).replace('?', one)))
        .find(|name| list_matches(patterns, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns_match_as_in_openssh() {
        for (pattern, text, expected) in [
            ("alice", "alice", true),
            ("alice", "Alice", false),
            ("alice", "alice2", false),
            ("*", "", true),
            ("*@example.com", "a@example.com", true),
            ("*@example.com", "a@example.org", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a*b*c", "aXbYbZc", true),
            ("**a", "a", true),
            ("", "", true),
            ("", "a", false),
            ("?", "é", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern:?} on {text:?}");
        }
    }

    #[test]
    fn a_negation_wins_and_never_matches_alone() {
        assert!(list_matches(&["*", "!eve"], "bob"));
        assert!(!list_matches(&["*", "!eve"], "eve"));
        assert!(!list_matches(&["!eve", "*"], "eve"));
        assert!(!list_matches(&["!eve"], "bob"));
        assert!(!list_matches::<&str>(&[], "bob"));
    }

    #[test]
    fn a_witness_is_a_name_the_list_matches() {
        let witness = |list: &str| witness(&split_list(list));
        assert_eq!(witness("alice,bob").as_deref(), Some("alice"));
        assert_eq!(witness("alice,bob,!alice").as_deref(), Some("bob"));
        assert_eq!(witness("*@example.com").as_deref(), Some("*@example.com"));
        assert_eq!(witness("*,!?").as_deref(), Some(""));
        assert_eq!(witness("!alice"), None);
        assert_eq!(witness("*,!*"), None);
        assert_eq!(witness(""), None);
    }

    proptest! {
        #[test]
        fn a_pattern_matches_its_own_text(pattern in "[a-c?*]{0,12}") {
            prop_assert!(matches(&pattern, &pattern));
        }

        #[test]
        fn matching_agrees_with_the_plain_definition(pattern in "[ab?*]{0,8}", text in "[ab]{0,8}") {
            prop_assert_eq!(matches(&pattern, &text), defined(pattern.as_bytes(), text.as_bytes()));
        }
    }

    /// The definition, recursive and slow.
    fn defined(pattern: &[u8], text: &[u8]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some((b'*', rest)) => (0..=text.len()).any(|taken| defined(rest, &text[taken..])),
            Some((b'?', rest)) => !text.is_empty() && defined(rest, &text[1..]),
            Some((c, rest)) => text.first() == Some(c) && defined(rest, &text[1..]),
        }
    }
}
