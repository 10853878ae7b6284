//! Text that must not be seen.

use base64ct::{Base64, Base64Unpadded, Base64UrlUnpadded, Encoding};
use zeroize::Zeroizing;

/// Shortest secret that is taken out of a text, in characters.
// Shorter ones stand in every text by chance.
const MIN_WITHHELD_CHARS: usize = 4;

/// A password, passphrase, token or download code.
///
/// Has no `Debug`, `Display`, `Clone` or serde form on purpose; the only way
/// to its text is [`Secret::reveal`]. Its memory stays out of the swap where the
/// system allows that, and is wiped when dropped.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes ownership of `text`; the caller keeps no copy.
    pub fn new(text: String) -> Self {
        keep_in_memory(&text);
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
    /// repeats what was typed must not get it into a message. It goes as it is,
    /// with its white space folded, and as addresses, forms, pages, JSON and
    /// base64 encode it; a secret of less than four characters stays, since it
    /// would tear words apart and give itself away by that.
    pub fn withhold(&self, text: &str) -> String {
        if self.0.chars().count() < MIN_WITHHELD_CHARS {
            return text.to_owned();
        }
        let mut left = Zeroizing::new(text.to_owned());
        for form in self.forms() {
            // Escapes are written with either case of digits, and letters of a password count only as they are.
            *left = left.replace(&**form, "…");
        }
        left.to_string()
    }

    /// The forms in which it may come back, the longest first: one may hold another.
    fn forms(&self) -> Vec<Zeroizing<String>> {
        let plain: &str = &self.0;
        let folded = || plain.split_whitespace().collect::<Vec<_>>().join(" ");
        let json = serde_json::to_string(plain).unwrap_or_default();
        let mut forms: Vec<Zeroizing<String>> = [
            plain.to_owned(),
            folded(),
            percent(plain, false, true),
            percent(plain, false, false),
            percent(plain, true, true),
            percent(plain, true, false),
            json[1..json.len().max(2) - 1].to_owned(),
            escaped(plain, |unit| format!("\\u{unit:04x}")),
            escaped(plain, |unit| format!("\\u{unit:04X}")),
            entities(plain, "&#39;", "&quot;"),
            entities(plain, "&#x27;", "&#34;"),
            entities(plain, "&apos;", "&quot;"),
            Base64::encode_string(plain.as_bytes()),
            Base64Unpadded::encode_string(plain.as_bytes()),
            Base64UrlUnpadded::encode_string(plain.as_bytes()),
        ]
        .map(Zeroizing::new)
        .into();
        forms.retain(|form| form.chars().count() >= MIN_WITHHELD_CHARS);
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        forms.dedup();
        forms
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

/// Locks the pages of `text`. Where the system allows no more locked memory, or
/// none, they may be swapped out as all others.
fn keep_in_memory(text: &str) {
    // Several secrets share a page, and the first that is dropped would let it go for all: so it stays locked until
    // the run ends. A run has a handful.
    if !text.is_empty()
        && let Ok(guard) = region::lock(text.as_ptr(), text.len())
    {
        std::mem::forget(guard);
    }
}

/// As addresses and forms encode it: a blank is `%20` in the one, and `+` in the other.
fn percent(plain: &str, plus: bool, upper: bool) -> String {
    let byte = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(b).to_string(),
        b' ' if plus => "+".to_owned(),
        _ if upper => format!("%{b:02X}"),
        _ => format!("%{b:02x}"),
    };
    plain.bytes().map(byte).collect()
}

/// As JSON that is all ASCII has it.
fn escaped(plain: &str, unit: impl Fn(u16) -> String) -> String {
    let mut escaped = String::new();
    for c in plain.chars() {
        match c {
            '"' | '\\' => escaped.extend(['\\', c]),
            ' '..='~' => escaped.push(c),
            _ => escaped.extend(c.encode_utf16(&mut [0; 2]).iter().map(|one| unit(*one))),
        }
    }
    escaped
}

/// As pages have it, with these entities for the two quotes.
fn entities(plain: &str, single: &str, double: &str) -> String {
    let amp = plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    amp.replace('\'', single).replace('"', double)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_encoding_gets_it_through() {
        let secret = Secret::new("pä <s>  w\"o'r&d\\".to_owned());
        for said in [
            "pä <s>  w\"o'r&d\\",
            "pä <s> w\"o'r&d\\",
            "p%C3%A4%20%3Cs%3E%20%20w%22o%27r%26d%5C",
            "p%c3%a4+%3cs%3e++w%22o%27r%26d%5c",
            "pä <s>  w\\\"o'r&d\\\\",
            "p\\u00e4 <s>  w\\\"o'r&d\\\\",
            "p\\u00E4 <s>  w\\\"o'r&d\\\\",
            "pä &lt;s&gt;  w&quot;o&#39;r&amp;d\\",
            "pä &lt;s&gt;  w&#34;o&#x27;r&amp;d\\",
            "cMOkIDxzPiAgdyJvJ3ImZFw=",
        ] {
            assert_eq!(secret.withhold(&format!("it said: {said}!")), "it said: …!", "{said}");
        }
    }

    #[test]
    fn what_a_page_repeats_is_taken_out() {
        let secret = Secret::new("pa ss&word".to_owned());
        assert_eq!(secret.withhold("no: pa ss&word!"), "no: …!");
        assert_eq!(secret.withhold("?p=pa%20ss%26word&p=pa+ss%26word"), "?p=…&p=…");
        assert_eq!(Secret::new("a".to_owned()).withhold("a plan"), "a plan");
    }
}
