//! Words of a command, quoted so that a POSIX shell reads them back as they are.

use super::text;
use std::ffi::OsStr;

/// Quotes one word. What can't be seen on a terminal, or would do something
/// there, is written as octal digits that the shell's `printf` turns back.
pub fn shell_word(word: &OsStr) -> String {
    let bytes = word.as_encoded_bytes();
    match word.to_str() {
        Some(plain) if is_plain(plain) => plain.to_owned(),
        Some(shown) if text::printable(shown) == shown && !shown.contains(['\n', '\t']) => {
            format!("'{}'", shown.replace('\'', r"'\''"))
        }
        _ => format!("\"$(printf '{}')\"", bytes.iter().map(|byte| printf_byte(*byte)).collect::<String>()),
    }
}

/// Whether no shell sees anything in it but a word.
fn is_plain(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:@,+=%".contains(&byte))
}

fn printf_byte(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b' ' => char::from(byte).to_string(),
        other => format!("\\{other:03o}"),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::ffi::OsString;
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    use std::process::Command;

    /// What a shell makes of it.
    fn read_back(word: &OsStr) -> OsString {
        let mut script = OsString::from("printf %s ");
        script.push(shell_word(word));
        OsString::from_vec(Command::new("sh").arg("-c").arg(script).output().expect("a shell").stdout)
    }

    #[test]
    fn a_shell_reads_each_word_back_as_it_was() {
        let words: [&[u8]; 14] = [
            b"/media/stick",
            b"",
            b"my stick",
            b"a  b",
            b"Rui's",
            b"$(reboot)",
            b"`id`",
            b"a\"b\\c",
            b"~",
            b"*",
            "São Paulo".as_bytes(),
            b"line\nfeed",
            b"\x1b[31mred\xff%d",
            "mark\u{202e}ed".as_bytes(),
        ];
        for word in words {
            let word = OsStr::from_bytes(word);
            assert_eq!(read_back(word), word, "{}", shell_word(word));
            let shown = shell_word(word);
            assert_eq!(
                text::one_line(&shown).len(),
                shown.replace("a  b", "a b").len(),
                "it is safe to print: {shown:?}"
            );
        }
        assert_eq!(shell_word(OsStr::new("/media/stick")), "/media/stick", "what needs no quotes has none");
    }
}
