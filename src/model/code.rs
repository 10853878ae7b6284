//! The code that an appliance gives for its packages, and how one looks.

use super::{Secret, text};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A one-time appliance download code. Its serde form is its text, because a
/// request exists to carry it; it has no other way to be seen.
pub struct DownloadCode(pub Secret);

/// Longest download code, in bytes; the vendor's are far shorter.
pub const MAX_CODE_BYTES: usize = 512;

/// The codes that were seen so far: groups, and characters in each. No page of
/// the vendor's with one is public, so another form is asked about, not refused.
const SEEN_GROUPS: usize = 5;
const SEEN_GROUP_CHARS: usize = 5;
/// Letters and digits of those codes: none that is taken for another on paper.
pub const CODE_ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// Fewest letters and digits of what is taken for a code without a question:
/// what is good once must not be guessed by trying.
const MIN_SURE_CHARS: usize = 10;
/// Characters of a group in which a code without groups is shown back: what an
/// eye compares at once.
const SHOWN_GROUP_CHARS: usize = 5;

impl DownloadCode {
    /// Reads a code as it was typed or shown: printable ASCII, without the
    /// blanks and invisible marks at its ends. `None` where it is empty, too
    /// long or has other characters.
    pub fn parse(text: &str) -> Option<Self> {
        let code = text::trimmed(text);
        // Other characters come from a page's formatting or a word processor, such as
        // a dash that looks like a hyphen, and the vendor refuses the code for them.
        let fits = !code.is_empty() && code.len() <= MAX_CODE_BYTES && code.bytes().all(|b| (b' '..=b'~').contains(&b));
        fits.then(|| DownloadCode(Secret::new(code.to_owned())))
    }

    /// Why what a page shows in a code's place may be something else; `None`
    /// where it looks like a code and like nothing else.
    pub fn doubt(&self) -> Option<String> {
        let code = self.0.reveal();
        // A doubt is no refusal: no page of the vendor's with a code is public,
        // so whoever sees the page is told what looks odd, and decides.
        if code.contains(' ') {
            return Some("it has blanks in it".to_owned());
        }
        if let Some(odd) = code.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-') {
            return Some(format!("it has a {odd:?} in it"));
        }
        let plain: Vec<char> = code.chars().filter(|c| *c != '-').collect();
        if plain.len() < MIN_SURE_CHARS {
            return Some(match plain.len() {
                1 => "it is a single letter or digit".to_owned(),
                count => format!("it is only {count} letters and digits long"),
            });
        }
        // Placeholders such as XXXXX-XXXXX stand where a code will be shown.
        if plain.iter().all(|c| *c == plain[0]) {
            return Some("it is one character again and again".to_owned());
        }
        let groups: Vec<&str> = code.split('-').collect();
        if groups.iter().any(|group| group.is_empty()) {
            return Some("it has a hyphen with nothing beside it".to_owned());
        }
        let digits = plain.iter().any(char::is_ascii_digit);
        let (upper, lower) = (plain.iter().any(char::is_ascii_uppercase), plain.iter().any(char::is_ascii_lowercase));
        // Words have no digits, and are in small letters or begin with a capital.
        let mixed = digits && (upper || lower);
        let sure = match groups.len() {
            1 => mixed,
            _ if groups.iter().all(|group| group.len() == groups[0].len()) => digits || (upper && !lower),
            // Groups of unequal length are how sentences look when they are joined by hyphens.
            _ => mixed && plain.len() >= 2 * MIN_SURE_CHARS,
        };
        if !sure {
            return Some(match groups.len() {
                1 => "it may be a word or a number".to_owned(),
                _ => format!("it may be words: {} groups of {}", groups.len(), counts(&groups)),
            });
        }
        None
    }

    /// Why what a person typed may not be the code: as [`DownloadCode::doubt`],
    /// and where it has another form than the codes that were seen.
    pub fn doubt_typed(&self) -> Option<String> {
        let code = self.0.reveal();
        let groups: Vec<&str> = code.split('-').collect();
        if groups.len() == SEEN_GROUPS
            && groups.iter().all(|group| group.len() == SEEN_GROUP_CHARS)
            && code.bytes().all(|b| b == b'-' || CODE_ALPHABET.contains(&b))
        {
            return None;
        }
        let seen = format!("the codes seen so far are {SEEN_GROUPS} groups of {SEEN_GROUP_CHARS}");
        let plain = code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let odd = groups.iter().position(|group| group.len() != SEEN_GROUP_CHARS);
        Some(match self.doubt() {
            // A letter was lost, most likely: told is where to look for it.
            _ if groups.len() == SEEN_GROUPS && plain && odd.is_some() => {
                let at = odd.unwrap_or_default();
                let (number, has) = (at + 1, groups[at].len());
                format!("its groups are of {}: group {number} has {has}; {seen}", counts(&groups))
            }
            _ if groups.len() == 1 && plain && code.len() >= MIN_SURE_CHARS => {
                format!("it is {} letters and digits in one piece; {seen}", code.len())
            }
            Some(why) => format!("{why}; {seen}"),
            None if groups.len() == SEEN_GROUPS && groups.iter().all(|group| group.len() == SEEN_GROUP_CHARS) => {
                let odd = code.chars().find(|c| *c != '-' && !CODE_ALPHABET.contains(&(*c as u8))).unwrap_or_default();
                format!("it has a {odd:?}, which no code seen so far has")
            }
            None => format!("it is {} groups of {}; {seen}", groups.len(), counts(&groups)),
        })
    }

    /// Whether both are the same code.
    pub fn is(&self, other: &DownloadCode) -> bool {
        self.0.reveal() == other.0.reveal()
    }

    /// The code for a person who compares it with another: its groups, or,
    /// where it has none, groups made of it.
    pub fn in_groups(&self) -> String {
        let code = self.0.reveal();
        // A code that has groups is shown by its own, because those are what the other screen or the paper shows.
        if code.contains(['-', ' ']) || code.len() <= SHOWN_GROUP_CHARS + 1 {
            return code.split('-').collect::<Vec<_>>().join(" - ");
        }
        let chars: Vec<char> = code.chars().collect();
        chars.chunks(SHOWN_GROUP_CHARS).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }
}

/// `5, 5 and 4`.
fn counts(groups: &[&str]) -> String {
    let counts: Vec<String> = groups.iter().map(|group| group.len().to_string()).collect();
    match counts.split_last() {
        Some((_, first)) if first.iter().all(|count| *count == counts[0]) && counts[counts.len() - 1] == counts[0] => {
            counts[0].clone()
        }
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
        None => String::new(),
    }
}

impl Serialize for DownloadCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.reveal())
    }
}

impl<'de> Deserialize<'de> for DownloadCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        DownloadCode::parse(&text)
            .ok_or_else(|| D::Error::custom("a download code is printable ASCII, at most 512 bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(text: &str) -> DownloadCode {
        DownloadCode::parse(text).unwrap_or_else(|| panic!("{text:?} can be typed"))
    }

    #[test]
    fn a_label_a_sentence_or_a_word_is_no_code() {
        for not in [
            "Submit this key to the update server.",
            "Your key is: ABCDE-FGHJK",
            "Appliance Download Key: ABCDE",
            "Copy",
            "XXXX",
            "ABCDE",
            "XXXXX-XXXXX-XXXXX",
            "Unavailable",
            "Acknowledgement",
            "-----BEGIN",
            "update-server",
            "Read-Only-Mode",
            "https://update.example.com/",
            "bomgar-10.6.2.nss",
            "12.11.2012",
        ] {
            assert!(code(not).doubt().is_some(), "{not}");
        }
        for real in [
            "ABCDE-FGHJK",
            "ABCDE-FGHJK-LMNPQ",
            "ABCD-1234-EFGH",
            "a1b2c3d4e5f60718",
            "A7K2M-9QX4T-WB3NR-5HJ8P-C6DVE",
            "550e8400-e29b-41d4-a716-446655440000",
        ] {
            assert_eq!(code(real).doubt(), None, "{real}");
        }
    }

    #[test]
    fn what_is_typed_is_held_against_the_codes_that_were_seen() {
        assert_eq!(code("\u{feff} A7K2M-9QX4T-WB3NR-5HJ8P-C6DVE\u{a0}\r\n").doubt_typed(), None);
        for (typed, why) in [
            ("XXXX", "only 4 letters"),
            ("A7K2M-9QX4T-WB3NR-5HJ8P", "4 groups of 5"),
            ("A7K2M-9QX4T-WB3NR-5HJ8P-C6DV", "5, 5, 5, 5 and 4: group 5 has 4"),
            ("ABCDE-FGH-KLMNP-QRSTU-VWXYZ", "group 2 has 3"),
            ("ABCDEFGHJKLMNPQRSTUVWXYZ", "24 letters and digits in one piece"),
            ("A7K2M-9QX4T-WB3NR-5HJ8P-C6DVO", "'O'"),
            ("A7K2M 9QX4T WB3NR 5HJ8P C6DVE", "blanks"),
            ("A7K2M9QX4TWB3NR5HJ8PC6DVE", "in one piece"),
            ("a7k2m-9qx4t-wb3nr-5hj8p-c6dve", "'a'"),
        ] {
            let doubt = code(typed).doubt_typed().unwrap_or_else(|| panic!("{typed} is taken"));
            assert!(doubt.contains(why), "{typed}: {doubt}");
        }
    }

    #[test]
    fn a_code_is_shown_back_in_groups() {
        assert_eq!(code("ABCDE-FGHJK").in_groups(), "ABCDE - FGHJK");
        assert_eq!(code("ABCDEFGHJKLM").in_groups(), "ABCDE FGHJK LM");
        assert_eq!(code("XXXX").in_groups(), "XXXX");
    }

    proptest! {
        /// One character lost, one too many, or one that no code has: never taken without a question.
        #[test]
        fn a_slip_of_the_hand_is_seen(text in "([A-HJ-NP-Z2-9]{5}-){4}[A-HJ-NP-Z2-9]{5}", at in 0usize..29, odd in "[a-z01IO .]") {
            prop_assert_eq!(code(&text).doubt_typed(), None);
            let mut lost = text.clone();
            lost.remove(at);
            prop_assert!(code(&lost).doubt_typed().is_some());
            let mut more = text.clone();
            more.insert(at, 'A');
            prop_assert!(code(&more).doubt_typed().is_some());
            let mut other = text.clone();
            other.replace_range(at..=at, &odd);
            prop_assert!(DownloadCode::parse(&other).is_none_or(|code| code.doubt_typed().is_some()));
        }

        /// Whatever holds a blank between its words is no code by itself.
        #[test]
        fn a_sentence_is_always_doubted(words in proptest::collection::vec("[!-~]{1,9}", 2..8)) {
            prop_assert!(code(&words.join(" ")).doubt().is_some());
        }
    }
}
