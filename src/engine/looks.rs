//! What a file that passes for a backup looks like. Pure: bytes in, a verdict out.
//!
//! How a vendor's backups look inside is documented nowhere. So only what is
//! clearly something else is told: markup, a text, or less than any settings
//! need. Source of the need: an error page under status 200 was kept as one.

use crate::model::text;

/// How much of a file is looked at, in bytes.
pub(super) const LOOK_BYTES: usize = 4096;

/// A smaller file holds no site's settings, in bytes: an archive or an
/// encrypted file of anything has about as much around it.
const LEAST_BYTES: u64 = 512;

/// A text of more bytes is no message of a program's to a person.
const LONGEST_MESSAGE_BYTES: u64 = 64 << 10;

/// Most characters of a text that are repeated.
const MAX_SAID_CHARS: usize = 160;

/// Of a hundred bytes of a text in an old code page, how many are ASCII at least.
const ASCII_PERCENT: usize = 70;

/// What a file looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Looks {
    /// Nothing speaks against it.
    Likely,
    /// It is none; what it is instead.
    Other(String),
    /// It is a text, but a longer one than a message: whether this appliance's
    /// backups are texts only a person knows. What it begins with.
    Text(String),
}

/// Looks at the first [`LOOK_BYTES`] of a file of `size_bytes`.
pub(super) fn look(head: &[u8], size_bytes: u64) -> Looks {
    if size_bytes == 0 {
        return Looks::Other("it is empty".to_owned());
    }
    match text_of(head) {
        Some(text) if is_page(&text) => Looks::Other(format!("it is a web page: {}", said(&text))),
        Some(text) if size_bytes <= LONGEST_MESSAGE_BYTES => Looks::Other(format!("it is a text: {}", said(&text))),
        Some(text) => Looks::Text(said(&text)),
        None if size_bytes < LEAST_BYTES => Looks::Other(format!("{size_bytes} bytes hold no site's settings")),
        None => Looks::Likely,
    }
}

/// Whether a backup of `now` bytes is much smaller than the last one of its
/// kind: less than half of it.
pub(super) fn is_much_smaller(now: u64, last: u64) -> bool {
    now < last / 2
}

/// The bytes as a text; `None` where they are none: in UTF-8, in UTF-16 with a
/// mark, or in a code page of one byte a character.
fn text_of(head: &[u8]) -> Option<String> {
    let wide = |order: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = head[2..].chunks_exact(2).map(|pair| order([pair[0], pair[1]])).collect();
        String::from_utf16(&units).ok()
    };
    let text = match head {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes)?,
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes)?,
        _ => match std::str::from_utf8(head) {
            Ok(text) => text.to_owned(),
            // The cut may have gone through a character.
            Err(error) if error.error_len().is_none() => String::from_utf8_lossy(&head[..error.valid_up_to()]).into(),
            Err(_) => one_byte_a_character(head)?,
        },
    };
    let text = text.trim_start_matches('\u{feff}').to_owned();
    let printable = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{c}');
    (text.chars().all(printable) && !text.trim().is_empty()).then_some(text)
}

/// A text in an old code page has mostly ASCII in it; what is encrypted or
/// packed has not.
fn one_byte_a_character(head: &[u8]) -> Option<String> {
    let ascii = head.iter().filter(|byte| byte.is_ascii()).count();
    (ascii * 100 >= head.len() * ASCII_PERCENT).then(|| {
        let character = |byte: &u8| if byte.is_ascii() { char::from(*byte) } else { '\u{fffd}' };
        head.iter().map(character).collect()
    })
}

/// Whether a text begins as a web page does.
fn is_page(text: &str) -> bool {
    let mut rest = text.trim_start();
    while let Some(comment) = rest.strip_prefix("<!--") {
        rest = comment.split_once("-->").map_or("", |(_, after)| after.trim_start());
    }
    let lower = rest.get(..rest.len().min(2000)).unwrap_or(rest).to_lowercase();
    let begins = ["<!doctype html", "<html", "<head", "<body", "<title", "<script", "<meta", "<center", "<h1", "<p>"];
    begins.iter().any(|tag| lower.starts_with(tag)) || (lower.starts_with('<') && lower.contains("<html"))
}

/// What a text says, without markup, in one short line.
fn said(text: &str) -> String {
    let mut inside = false;
    let bare: String = text
        .chars()
        .filter_map(|c| match c {
            '<' => {
                inside = true;
                Some(' ')
            }
            '>' if inside => {
                inside = false;
                None
            }
            c => (!inside).then_some(c),
        })
        .collect();
    let words: Vec<&str> = bare.split_whitespace().collect();
    let line = text::one_line(&words.join(" "));
    match line.char_indices().nth(MAX_SAID_CHARS) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(bytes: &[u8]) -> Looks {
        look(&bytes[..bytes.len().min(LOOK_BYTES)], bytes.len() as u64)
    }

    fn other(bytes: &[u8]) -> String {
        match whole(bytes) {
            Looks::Other(what) => what,
            looks => panic!("taken for {looks:?}: {}", String::from_utf8_lossy(bytes)),
        }
    }

    #[test]
    fn an_error_page_or_a_text_is_no_backup_in_whatever_letters() {
        assert_eq!(
            other(b"Error: the backup could not be made."),
            "it is a text: Error: the backup could not be made."
        );
        let page = "<html><body>The backup could not be made</body></html>";
        assert_eq!(other(page.as_bytes()), "it is a web page: The backup could not be made");
        let long = format!("<!DOCTYPE html>\n<p>{}</p>", "no ".repeat(60_000));
        assert!(other(long.as_bytes()).starts_with("it is a web page: no no"));
        assert!(other(b"\xef\xbb\xbf<!-- a proxy -->\n<HTML>No</HTML>").ends_with(": No"));
        assert!(other(br#"{"error":"no space"}"#).contains("no space"));
        assert!(other(b"<?xml version=\"1.0\"?><error>No space</error>").contains("No space"));
        let wide: Vec<u8> = "\u{feff}n\u{e3}o foi poss\u{ed}vel".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(other(&wide).contains("foi poss"));
        assert!(other(b"N\xe3o foi poss\xedvel fazer o backup").contains("foi poss"));
        assert!(other(b"").contains("empty") && other(&[0, 1, 2]).contains("3 bytes hold no site's settings"));
    }

    #[test]
    fn what_may_be_a_backup_is_let_through() {
        for head in
            [&b"PK\x03\x04"[..], b"\x1f\x8b\x08\x00", b"Salted__\x01\x02\xff", b"LAB-NSB 1\n\x00\x01", b"<\x00\x01"]
        {
            let mut file = head.to_vec();
            file.resize(4096, 0);
            assert_eq!(whole(&file), Looks::Likely, "{head:?}");
        }
        // A long text that is no page may be what this vendor's backups are.
        let armored = format!("-----BEGIN BACKUP-----\n{}", "QUJD\n".repeat(20_000));
        assert!(matches!(whole(armored.as_bytes()), Looks::Text(said) if said.starts_with("-----BEGIN BACKUP-----")));
    }

    #[test]
    fn less_than_half_of_the_last_one_is_much_smaller() {
        assert!(is_much_smaller(49, 100) && !is_much_smaller(50, 100) && !is_much_smaller(400, 100));
    }

    proptest! {
        #[test]
        fn no_text_is_taken_for_a_backup(text in "[ -~\n\u{e0}-\u{ff}]{1,300}", extra in 0u64..60_000) {
            prop_assume!(!text.trim().is_empty());
            prop_assert!(matches!(look(text.as_bytes(), text.len() as u64 + extra), Looks::Other(_)));
        }

        #[test]
        fn what_is_packed_is_never_taken_for_a_text(seed in any::<u64>()) {
            // As random as what is encrypted: SHA-256 in a row.
            let mut bytes = Vec::new();
            let mut block = crate::model::Sha256Digest::of(&seed.to_le_bytes());
            while bytes.len() < LOOK_BYTES {
                bytes.extend(block.0);
                block = crate::model::Sha256Digest::of(&block.0);
            }
            prop_assert_eq!(look(&bytes, 1 << 20), Looks::Likely);
        }

        #[test]
        fn no_bytes_make_it_fall_over(bytes in proptest::collection::vec(any::<u8>(), 0..600), size in any::<u64>()) {
            let _ = look(&bytes, size);
        }
    }
}
