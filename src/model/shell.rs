//! Paths as they are shown, and words of a command, quoted so that a POSIX
//! shell reads them back as they are.

use super::text;
use std::ffi::OsStr;
use std::path::Path;

/// The one way in which a path is shown: whoever prepared a medium chose names on it.
pub trait ShowPath {
    /// In a sentence: on one line, with what can't be seen as an escape.
    fn shown(&self) -> String;

    /// In a command that a person may copy: one word of it, and no option.
    fn quoted(&self) -> String;
}

impl ShowPath for Path {
    fn shown(&self) -> String {
        text::visible(&self.to_string_lossy())
    }

    fn quoted(&self) -> String {
        // A path that begins with a dash would be read as an option by the command that a person copies it into.
        match self.as_os_str().as_encoded_bytes().starts_with(b"-") {
            true => shell_word(Path::new(".").join(self).as_os_str()),
            false => shell_word(self.as_os_str()),
        }
    }
}

/// Quotes one word. What can't be seen on a terminal, or would do something
/// there, is written as octal digits that the shell's `printf` turns back.
pub fn shell_word(word: &OsStr) -> String {
    let bytes = word.as_encoded_bytes();
    match word.to_str() {
        Some(plain) if is_plain(plain) => plain.to_owned(),
        Some(shown) if text::printable(shown) == shown && !shown.contains(['\n', '\t']) => {
            format!("'{}'", shown.replace('\'', r"'\''"))
        }
        // Neither quotes nor escapes keep a terminal from obeying what
        // stands between them, so the bytes are spelt as digits.
        _ => format!("\"$(printf '{}')\"", bytes.iter().map(|byte| printf_byte(*byte)).collect::<String>()),
    }
}

/// Whether no shell sees anything in it but a word.
fn is_plain(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:@,+=%".contains(&byte))
}

fn printf_byte(byte: u8) -> String {
    // No `%` and no backslash, since this is the format of `printf` and not its argument; no quotes either.
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b' ' => char::from(byte).to_string(),
        other => format!("\\{other:03o}"),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::ffi::OsString;
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    use std::process::Command;

    /// What a shell makes of it.
    fn read_back(word: &OsStr) -> OsString {
        let mut script = OsString::from("printf %s ");
        script.push(shell_word(word));
        OsString::from_vec(Command::new("sh").arg("-c").arg(script).output().expect("a shell").stdout)
    }

    proptest! {
        #[test]
        fn no_name_forges_a_line_or_moves_the_cursor(name in "\\PC{0,20}|(\\p{Any}|[\n\t;'$]){0,20}") {
            let path = Path::new(&name);
            for shown in [path.shown(), path.quoted()] {
                prop_assert!(!shown.contains('\n') && text::printable(&shown) == shown, "{shown:?}");
            }
            prop_assert!(!path.quoted().starts_with('-'));
        }
    }

    #[test]
    fn a_path_is_shown_as_it_is_where_nothing_is_odd_in_it() {
        let path = Path::new("/media/my stick/São.zip");
        assert_eq!(
            (path.shown().as_str(), path.quoted().as_str()),
            ("/media/my stick/São.zip", "'/media/my stick/São.zip'")
        );
        let path = Path::new("-b\u{1b}[8m\nverified\u{202e}");
        assert_eq!(path.shown(), r"-b\u{1b}[8m\nverified\u{202e}");
        assert_eq!(read_back_text(&path.quoted()), "./-b\u{1b}[8m\nverified\u{202e}");
    }

    fn read_back_text(quoted: &str) -> String {
        let output = Command::new("sh").arg("-c").arg(format!("printf %s {quoted}")).output().expect("a shell");
        String::from_utf8(output.stdout).expect("text")
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
