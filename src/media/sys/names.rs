//! Names that Windows takes for something else than a file.

/// What a name is that is none of a file, for people; `None` of all others.
pub(super) fn odd(name: &str) -> Option<String> {
    if name.contains(':') {
        return Some("what stands behind its colon is a stream beside the file".to_owned());
    }
    // An ending, blanks and a dot at the end change nothing: `nul .txt` is the device.
    let stem = name.split('.').next().unwrap_or(name).trim_end_matches(' ').to_ascii_uppercase();
    let numbered = |prefix: &str| {
        let digit =
            stem.strip_prefix(prefix).and_then(|rest| rest.chars().next().filter(|c| rest.len() == c.len_utf8()));
        // Windows counts superscripts as digits.
        digit.is_some_and(|c| matches!(c, '1'..='9' | '¹' | '²' | '³'))
    };
    let device = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&stem.as_str());
    (device || numbered("COM") || numbered("LPT")).then(|| format!("Windows takes {stem} for a device"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_and_streams_are_no_names() {
        for name in ["NUL", "con", "nul.txt", "Aux .zip", "COM1", "lpt9.zip", "com¹", "CONIN$", "b.zip:x", "b:"] {
            assert!(odd(name).is_some(), "{name}");
        }
        for name in ["b.zip", "console", "com", "com10", "com0", "nul-1.zip", "handcarry", ".nul", "comma"] {
            assert_eq!(odd(name), None, "{name}");
        }
    }
}
