//! Text that must not be seen.

use zeroize::Zeroizing;

/// A password, passphrase, token or download code.
///
/// Has no `Debug`, `Display`, `Clone` or serde form on purpose; the only way
/// to its text is [`Secret::reveal`], and its memory is wiped when dropped.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes ownership of `text`; the caller keeps no copy.
    pub fn new(text: String) -> Self {
        Secret(Zeroizing::new(text))
    }

    /// The text itself, for the one call that must send or use it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether it holds no text at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the secret out of `text`, which a page or server wrote: one that
    /// repeats what was typed must not get it into a message. Its plain and its
    /// percent-encoded forms go; a secret of less than four characters stays,
    /// since it would tear words apart and give itself away by that.
    pub fn withhold(&self, text: &str) -> String {
        if self.0.chars().count() < 4 {
            return text.to_owned();
        }
        let encode = |plus: bool| -> Zeroizing<String> {
            // Forms and pages encode a blank as `+` or as `%20`, and an echo may show either.
            let byte = |b: u8| match b {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(b).to_string(),
                b' ' if plus => "+".to_owned(),
                _ => format!("%{b:02X}"),
            };
            Zeroizing::new(self.0.bytes().map(byte).collect())
        };
        text.replace(&**self.0, "…").replace(&**encode(false), "…").replace(&**encode(true), "…")
    }

    /// A form safe to show: the last four characters of a long one, so that a
    /// person can tell two codes apart, else nothing of it.
    pub fn redacted(&self) -> String {
        let chars: Vec<char> = self.0.chars().collect();
        match chars.len() {
            // Of a shorter one, four characters would give away too much: a third at most is shown.
            12.. => format!("…{}", chars[chars.len() - 4..].iter().collect::<String>()),
            _ => "…".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_repeats_is_taken_out() {
        let secret = Secret::new("pa ss&word".to_owned());
        assert_eq!(secret.withhold("no: pa ss&word!"), "no: …!");
        assert_eq!(secret.withhold("?p=pa%20ss%26word&p=pa+ss%26word"), "?p=…&p=…");
        assert_eq!(Secret::new("a".to_owned()).withhold("a plan"), "a plan");
    }
}
