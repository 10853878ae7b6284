//! Text from outside, made safe to print.

use parse_size::UnitSystem;

/// Longest text from outside that is shown in one piece, in characters.
/// A licence agreement is the longest thing a person is asked to read.
// Without a limit a hostile page could fill the terminal's history and push away what was said before.
pub const MAX_SHOWN_CHARS: usize = 200_000;

/// Returns `text` without control characters, escape sequences' introducers
/// and invisible direction marks; line feeds and tabs stay.
///
/// Cut at [`MAX_SHOWN_CHARS`], and says so.
pub fn printable(text: &str) -> String {
    let mut shown: String = text.chars().filter(|c| is_printable(*c)).take(MAX_SHOWN_CHARS).collect();
    if shown.chars().count() == MAX_SHOWN_CHARS {
        shown.push_str("\n[cut: longer than 200,000 characters]");
    }
    shown
}

/// Returns `text` as one printable line: white space folded, ends trimmed.
pub fn one_line(text: &str) -> String {
    printable(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As [`one_line`], and no more than its first `max_chars` characters.
pub fn short_line(text: &str, max_chars: usize) -> String {
    one_line(text).chars().take(max_chars).collect()
}

/// Longest foreign name that is shown whole, in characters: longer than any
/// file's name that handcarry makes.
const MAX_NAME_CHARS: usize = 200;

/// Returns `text` on one line, with what can't be seen as an escape such as
/// `\n` or `\u{1b}`: what is dropped unseen makes two names look like one.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // People know these two as `\n` and `\t`, and `\u{a}` less well.
            '\n' | '\t' => shown.extend(c.escape_default()),
            c if is_printable(c) && (c == ' ' || !c.is_whitespace()) => shown.push(c),
            c => shown.extend(c.escape_unicode()),
        }
    }
    shown
}

/// Shows a name that others chose: as [`visible`], and cut where it is endless.
pub fn name(text: &str) -> String {
    match text.char_indices().nth(MAX_NAME_CHARS) {
        Some((end, _)) => format!("{}… ({} bytes)", visible(&text[..end]), text.len()),
        None => visible(text),
    }
}

/// Reads a small text as editors save it: UTF-8, or UTF-16 where its mark says
/// so, without the mark itself. `None` where it is neither.
pub fn decoded(bytes: &[u8]) -> Option<String> {
    // Notepad and PowerShell save text as UTF-16 with a mark in front, and a person does not see it.
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let units = rest.is_empty().then(|| pairs.iter().map(|pair| unit(*pair)))?;
        char::decode_utf16(units).collect::<Result<String, _>>().ok()
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        bytes => {
            let text = std::str::from_utf8(bytes).ok()?;
            Some(text.strip_prefix('\u{FEFF}').unwrap_or(text).to_owned())
        }
    }
}

/// `text` without blanks, line ends and marks that nobody sees at its ends:
/// what an editor, a web page or a shell put around what a person meant.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(is_unseen)
}

/// `text` without the marks at its ends that take no room; blanks stay, since a
/// person may have typed them.
pub fn unmarked(text: &str) -> &str {
    text.trim_matches(|c: char| is_unseen(c) && !c.is_whitespace())
}

/// The first character in `text` that a reader does not see, other than a
/// blank or tab; `None` where there is none.
pub fn unseen_in(text: &str) -> Option<char> {
    text.chars().find(|c| is_unseen(*c) && !matches!(c, ' ' | '\t'))
}

/// Whether a reader sees nothing where it stands.
fn is_unseen(c: char) -> bool {
    // The soft hyphen and its like take no room, and come along when a code is copied from a web page.
    matches!(c, '\u{AD}' | '\u{180E}' | '\u{2060}'..='\u{2064}') || c.is_whitespace() || !is_printable(c)
}

fn is_printable(c: char) -> bool {
    match c {
        '\n' | '\t' => true,
        // A mark of direction turns text around for the eye alone, and
        // a mark without width makes two names look like one.
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' => false,
        _ => !c.is_control(),
    }
}

/// A number of things for people: `1 package`, `2 packages`.
pub fn counted(count: impl TryInto<u64>, what: &str) -> String {
    match count.try_into().unwrap_or(u64::MAX) {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

/// Formats a number of bytes for people, in units of 1024.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let mut value = count as f64;
    let mut unit = "B";
    for next in UNITS {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    format!("{value:.1} {unit}")
}

/// Reads a number of bytes as people write it: `4G`, `700M`, `4GiB`, `12345`.
/// `G` counts in 1024; `GB` in 1000, as it is printed on sticks.
///
/// # Errors
/// A sentence on what is wrong with it.
pub fn parse_bytes(written: &str) -> Result<u64, String> {
    let units = if written.ends_with(['B', 'b']) { UnitSystem::Decimal } else { UnitSystem::Binary };
    match parse_size::Config::new().with_unit_system(units).parse_size(written) {
        Ok(0) | Err(parse_size::Error::PosOverflow) => Err("that size makes no sense".to_owned()),
        Err(_) => Err("write a size as 4G, 700M or a number of bytes (K, M, G count in 1024)".to_owned()),
        Ok(bytes) => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_their_teeth() {
        assert_eq!(printable("a\u{1b}[31mb\u{202e}c\rd\n"), "a[31mbcd\n");
        assert_eq!(one_line("  a \n\t b "), "a b");
    }

    #[test]
    fn what_nobody_sees_is_no_part_of_a_text() {
        for around in
            ["\u{feff}", "\u{200b}", "\u{a0}", " ", "\r\n", "\t", "\u{ad}", "\u{2060}", "\u{202a}", "\0", "\u{3000}"]
        {
            assert_eq!(trimmed(&format!("{around}a b{around}{around}")), "a b", "{around:?}");
        }
        assert_eq!(unmarked("\u{feff} a\u{200b}b \u{200b}"), " a\u{200b}b ");
        assert_eq!(
            (unseen_in("a b\tc"), unseen_in("a\u{a0}b"), unseen_in("a\u{feff}")),
            (None, Some('\u{a0}'), Some('\u{feff}'))
        );
    }

    #[test]
    fn texts_are_read_as_editors_save_them() {
        let wide = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
        let le: Vec<u8> = wide("\u{feff}pá").iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let be: Vec<u8> = wide("\u{feff}pá").iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for bytes in [&le[..], &be, "pá".as_bytes(), "\u{feff}pá".as_bytes()] {
            assert_eq!(decoded(bytes).as_deref(), Some("pá"), "{bytes:?}");
        }
        for bytes in [&b"p\xe1"[..], &b"\xff\xfea"[..], &b"\xff\xfe\x00\xd8"[..]] {
            assert_eq!(decoded(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn bytes_read_as_people_say_them() {
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(4 << 20), "4.0 MiB");
        assert_eq!(bytes((4 << 30) - 1), "4.0 GiB");
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        assert_eq!(parse_bytes("4G"), Ok(4 << 30));
        assert_eq!(parse_bytes("700 MiB"), Ok(700 << 20));
        assert_eq!(parse_bytes("12345"), Ok(12345));
        assert_eq!((parse_bytes("4GiB"), parse_bytes("4GB")), (Ok(4 << 30), Ok(4_000_000_000)));
        for bad in ["", "G", "4X", "0", "99999999999999999999", "-1", "99999999T"] {
            assert!(parse_bytes(bad).is_err(), "{bad}");
        }
    }
}
