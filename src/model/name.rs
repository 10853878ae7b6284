//! File names that are safe everywhere a bundle goes.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Longest file name, in bytes: leaves room for a folder, a suffix and an
/// exFAT or ext4 name limit of 255.
pub const MAX_NAME_BYTES: usize = 120;

/// Names that Windows keeps for devices, with or without an extension.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// The name of a file in a bundle or on a stick: lower-case ASCII letters,
/// digits, `.`, `_`, `-`; begins with a letter or digit, doesn't end with a
/// dot, no two dots in a row, no device name of Windows.
///
/// So it has no separators, can't climb, can't collide by case or Unicode
/// form, and reads the same on FAT, in a zip and in a shell. It has no string
/// traits: the only way out is [`FileName::as_str`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileName(String);

impl FileName {
    /// Reads a name that must already be safe.
    ///
    /// # Errors
    /// A sentence on what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let complaint = if text.is_empty() {
            "is empty"
        } else if text.len() > MAX_NAME_BYTES {
            "is longer than 120 bytes"
        } else if !text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-')) {
            "has a character other than a-z, 0-9, '.', '_' and '-'"
        // A leading dot hides a file, and a leading dash makes it an option of the command it is given to.
        } else if !text.as_bytes()[0].is_ascii_alphanumeric() {
            "does not begin with a letter or digit"
        } else if text.ends_with('.') || text.contains("..") {
            "ends with a dot or has two in a row"
        } else if is_device(text) {
            "is a device name of Windows"
        } else {
            return Ok(FileName(text.to_owned()));
        };
        Err(format!("the file name \"{}\" {complaint}", super::text::name(text)))
    }

    /// Reads an appliance's name, which is a part of files' names here.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), with what it is.
    pub fn of_appliance(text: &str) -> Result<Self, String> {
        FileName::parse(text).map_err(|complaint| complaint.replacen("the file name", "an appliance's name", 1))
    }

    /// Makes a safe name out of a foreign one, such as a vendor's
    /// `Bomgar 10.6.2.nss`; never fails.
    pub fn from_foreign(text: &str) -> Self {
        // Both separators count, since the name may come from either kind of system.
        let base = text.rsplit(['/', '\\']).next().unwrap_or(text);
        let mut safe = String::new();
        for c in base.chars() {
            let c = match c.to_ascii_lowercase() {
                c @ ('a'..='z' | '0'..='9' | '_' | '-') => c,
                '.' if !safe.ends_with('.') => '.',
                '.' => continue,
                _ if safe.ends_with('-') => continue,
                _ => '-',
            };
            safe.push(c);
        }
        let trimmed = safe.trim_start_matches(['.', '_', '-']).trim_end_matches(['.', '-']);
        // Five bytes are kept free for `file-`, which may come before it below.
        let keep = trimmed.len().min(MAX_NAME_BYTES - 5);
        // Of a long name the end is kept: the version and the ending stand
        // there. The cut may have laid a dot or dash open at the new beginning.
        let mut safe = trimmed[trimmed.len() - keep..].trim_start_matches(['.', '_', '-']).to_owned();
        // A name of which nothing is left still needs a file, and a device's name would open the device on Windows.
        if safe.is_empty() || is_device(&safe) {
            safe.insert_str(0, "file-");
            safe = safe.trim_end_matches('-').to_owned();
        }
        FileName(safe)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_device(text: &str) -> bool {
    let stem = text.split('.').next().unwrap_or(text);
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit() && n != "0")
    };
    DEVICES.contains(&stem) || numbered("com") || numbered("lpt")
}

impl std::fmt::Display for FileName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for FileName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for FileName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        FileName::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hostile_names_are_refused() {
        for name in [
            "", ".", "..", "../x", "a/b", "a\\b", "C:x", "con", "nul.txt", "com1", "lpt9.x", "x.", "a..b", "Ä", "A",
            "a b", "-x", "a\0b",
        ] {
            assert!(FileName::parse(name).is_err(), "{name:?}");
        }
        for name in ["com0", "console", "bomgar-10.6.2.nss", "0"] {
            assert!(FileName::parse(name).is_ok(), "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn foreign_names_always_become_safe(text in any::<String>()) {
            let name = FileName::from_foreign(&text);
            prop_assert_eq!(FileName::parse(name.as_str()), Ok(name));
        }

        #[test]
        fn safe_names_stay_as_they_are(text in "[a-z0-9]{1,8}(\\.[a-z0-9]{1,8}){0,3}") {
            if let Ok(name) = FileName::parse(&text) {
                prop_assert_eq!(FileName::from_foreign(&text), name);
            }
        }
    }
}
