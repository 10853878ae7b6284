//! Paths as they are shown, and words of a command, quoted so that a POSIX
//! shell, or Windows' cmd and PowerShell, read them back as they are.

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
        let shown = text::visible(&self.to_string_lossy());
        if cfg!(windows) { as_windows_has_it(&shown) } else { shown }
    }

    fn quoted(&self) -> String {
        // A path that begins with a dash would be read as an option by the command that a person copies it into.
        match self.as_os_str().as_encoded_bytes().starts_with(b"-") {
            true if cfg!(windows) => windows_word(&as_windows_has_it(&Path::new(".").join(self).to_string_lossy())),
            true => shell_word(Path::new(".").join(self).as_os_str()),
            false if cfg!(windows) => windows_word(&as_windows_has_it(&self.to_string_lossy())),
            false => shell_word(self.as_os_str()),
        }
    }
}

/// A path with the one separator, and without the `\\?\` that Windows puts before what it looked up itself.
fn as_windows_has_it(path: &str) -> String {
    let path = path.replace('/', r"\");
    match (path.strip_prefix(r"\\?\UNC\"), path.strip_prefix(r"\\?\")) {
        (Some(share), _) => format!(r"\\{share}"),
        (_, Some(drive)) if drive.as_bytes().get(1) == Some(&b':') => drive.to_owned(),
        _ => path,
    }
}

/// Quotes one word as cmd and PowerShell both read it. Neither reads an escape
/// back, so what can't be seen only shows what it is.
fn windows_word(word: &str) -> String {
    // PowerShell has a meaning for `,` and for `@` in front, which cmd has not.
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || br"-_./:\+=".contains(&b);
    let word = text::visible(word);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word;
    }
    let (mut quoted, mut slashes) = (String::from("\""), 0);
    for c in word.chars() {
        // What stands before a quote is halved when a program takes its command line apart.
        if c == '"' {
            quoted.push_str(&r"\".repeat(slashes));
            quoted.push('"');
        }
        slashes = if c == '\\' { slashes + 1 } else { 0 };
        quoted.push(c);
    }
    quoted + &r"\".repeat(slashes) + "\""
}

/// Quotes one word. What can't be seen on a terminal, or would do something
/// there, is written as octal digits that the shell's `printf` turns back.
pub fn shell_word(word: &OsStr) -> String {
    if cfg!(windows) {
        return windows_word(&word.to_string_lossy());
    }
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
    fn on_windows_a_path_has_one_separator_and_a_word_is_quoted_for_cmd_and_powershell() {
        for (path, shown) in [
            (r"C:\hc\outside/keys/signing", r"C:\hc\outside\keys\signing"),
            (r"\\?\E:\handcarry", r"E:\handcarry"),
            (r"\\?\UNC\server\share", r"\\server\share"),
            (r"\\?\Volume{1}\", r"\\?\Volume{1}\"),
        ] {
            assert_eq!(as_windows_has_it(path), shown);
        }
        for (word, quoted) in [
            (r"E:\handcarry", r"E:\handcarry"),
            (r"E:\my stick\", r#""E:\my stick\\""#),
            (r#"say "so\""#, r#""say ""so\\""""#),
            ("", r#""""#),
            ("@a,b", r#""@a,b""#),
            ("a\u{202e}b", r#""a\u{202e}b""#),
        ] {
            assert_eq!(windows_word(word), quoted);
        }
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
