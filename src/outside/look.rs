//! What a file looks like that a person brought: an unfinished download, a
//! page, anything but a package. Looked at before somebody vouches for it.

use super::vault::PackageIdentity;
use crate::model::PackageKind;
use std::path::Path;

/// Bytes of a file's beginning that are looked at.
pub const HEAD_BYTES: usize = 4096;
/// Smallest package that is nothing to wonder at, in bytes: a saved message is smaller, and the vendor's have megabytes.
const SMALL_BYTES: u64 = 4 << 10;

/// Endings of downloads that are not finished, in lower case, by browsers and
/// download managers; they rename the file when all of it is there.
const UNFINISHED: [&str; 13] = [
    "crdownload",
    "part",
    "partial",
    "download",
    "opdownload",
    "tmp",
    "temp",
    "filepart",
    "aria2",
    "!ut",
    "!qb",
    "dlm",
    "unfinished",
];
/// Endings of what is no package, in lower case.
const OTHER: [&str; 17] = [
    "txt", "htm", "html", "mht", "mhtml", "pdf", "eml", "msg", "lnk", "url", "json", "xml", "csv", "doc", "docx",
    "log", "sha256",
];

/// What is odd about a file that is to be taken in as `identity`; empty where
/// nothing is. `head` is how it begins.
pub fn doubts(path: &Path, head: &[u8], size_bytes: u64, identity: Option<&PackageIdentity>) -> Vec<String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut found = Vec::new();
    if let Some(ending) = endings(&name).into_iter().find(|ending| UNFINISHED.contains(&ending.as_str())) {
        found.push(format!("a name that ends in .{ending} is that of an unfinished download"));
    }
    if let Some(other) = endings(&name).into_iter().find(|ending| OTHER.contains(&ending.as_str())) {
        found.push(format!("a name that ends in .{other} is that of no package"));
    }
    if has_part_beside(path) {
        found.push("an unfinished download of the same name lies beside it".to_owned());
    }
    if copy_number(&name).is_some() {
        found.push(
            "a number in parentheses means that it was downloaded more than once: one of the copies may be cut"
                .to_owned(),
        );
    }
    found.extend(content(head));
    if size_bytes < SMALL_BYTES {
        found.push(format!("it is only {size_bytes} bytes long, and the vendor's packages have megabytes"));
    }
    let odd = |identity: &&PackageIdentity| {
        // Patches have letters in their versions, such as BT24-10-ONPREM1, and licences may have anything.
        matches!(identity.kind, PackageKind::Base | PackageKind::Site)
            && !identity.version.as_str().bytes().all(|b| b.is_ascii_digit() || b == b'.')
    };
    if let Some(identity) = identity.filter(odd) {
        found.push(format!("{} is an odd version: such versions are numbers and dots", identity.version));
    }
    found
}

/// What a file's beginning shows that is no package.
fn content(head: &[u8]) -> Option<String> {
    if head.is_empty() {
        return None;
    }
    if head.iter().all(|byte| *byte == 0) {
        return Some("it begins with nothing but zeros: a place kept for a download that has not come".to_owned());
    }
    if head.starts_with(b"%PDF") {
        return Some("it begins as a PDF document does".to_owned());
    }
    let text = String::from_utf8_lossy(head);
    let begins = crate::model::text::trimmed(&text).to_ascii_lowercase();
    // A `<` alone may be the first byte of anything.
    if begins.starts_with('<') && begins[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '!' | '?')) {
        return Some("it begins as a web page does: an error or login page was saved in its place".to_owned());
    }
    // A character that the look cut in two is no sign of binary data.
    let whole = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    let written = whole && !head.iter().any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace());
    written.then(|| "it begins as a text does, and packages are not made of text".to_owned())
}

/// A file's name without what browsers and download managers add to it, for
/// reading a title: `Base-3.4.0 (1).nss.crdownload` is `Base-3.4.0.nss`.
pub fn plain_name(name: &str) -> String {
    let mut plain = name.to_owned();
    // Several endings may have been added, one by the browser and one by a download manager.
    while let Some((stem, ending)) = plain.rsplit_once('.')
        && UNFINISHED.contains(&ending.to_lowercase().as_str())
        && !stem.is_empty()
    {
        plain.truncate(stem.len());
    }
    if let Some((from, to)) = copy_number(&plain) {
        plain.replace_range(from..to, "");
    }
    plain
}

/// The last two endings of a name, in lower case.
// Two, because programs add theirs behind the real one: `Base-3.4.0.nss.part`.
fn endings(name: &str) -> Vec<String> {
    let mut parts = name.rsplit('.');
    let last: Vec<&str> = parts.by_ref().take(2).collect();
    let kept = if parts.next().is_some() { 2 } else { 1 };
    match name.contains('.') {
        true => last.into_iter().take(kept).map(str::to_lowercase).collect(),
        false => Vec::new(),
    }
}

/// Where a browser's number stands in a name: ` (1)` before the ending or at the end.
fn copy_number(name: &str) -> Option<(usize, usize)> {
    let to = name.rfind(')')? + 1;
    let from = name[..to].rfind('(')?;
    let number = &name[from + 1..to - 1];
    let after = &name[to..];
    // Browsers count up from 1, so that four digits are rather a year of the title.
    let fits = (1..=3).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
        && (after.is_empty() || (after.starts_with('.') && after[1..].bytes().all(|b| b.is_ascii_alphanumeric())));
    fits.then(|| (name[..from].trim_end().len(), to))
}

/// Whether an unfinished download of the same name lies beside `path`.
fn has_part_beside(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    UNFINISHED.iter().any(|ending| path.with_file_name(format!("{name}.{ending}")).exists())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// How a package may begin.
    const BINARY: &[u8] = b"NSS1 a header\n\x00\x01\xfe\xff\x80";

    fn told(name: &str, head: &[u8], size: u64) -> String {
        let title = name.replacen('-', " ", 1);
        let identity = PackageIdentity::of_title(title.strip_suffix(".nss").unwrap_or(&title));
        doubts(Path::new(name), head, size, identity.as_ref()).join("; ")
    }

    #[test]
    fn what_looks_like_a_package_is_taken_without_a_word() {
        for name in
            ["Base-3.4.0.nss", "Bomgar-10.6.2.nss", "update.bin", "BT24-10-ONPREM1.nss", "package", "RS-25.2.1.nss"]
        {
            assert_eq!(told(name, BINARY, 18 << 20), "", "{name}");
        }
    }

    #[test]
    fn what_does_not_is_told() {
        for (name, head, size, why) in [
            ("Bomgar-10.6.2.nss.crdownload", BINARY, 18 << 20, "unfinished"),
            ("Bomgar-10.6.2.nss.PART", BINARY, 18 << 20, "unfinished"),
            ("Bomgar-10.6.2.crdownload", BINARY, 18 << 20, "unfinished"),
            ("Bomgar-10.6.2.download", BINARY, 18 << 20, "unfinished"),
            ("x.part.nss", BINARY, 18 << 20, "unfinished"),
            ("Bomgar-10.6.2 (1).nss", BINARY, 18 << 20, "more than once"),
            ("Bomgar-10.6.2(12)", BINARY, 18 << 20, "more than once"),
            ("anything.txt", BINARY, 18 << 20, "ends in .txt"),
            ("Base-3.4.0.nss.html", BINARY, 18 << 20, "ends in .html"),
            ("Base-3.4.0.nss", b"\xef\xbb\xbf\r\n <!DOCTYPE html>\0", 18 << 20, "web page"),
            ("Base-3.4.0.nss", b"<?xml version='1.0'?>\0", 18 << 20, "web page"),
            ("Base-3.4.0.nss", b"Error: no such code.\n", 18 << 20, "as a text does"),
            ("Base-3.4.0.nss", "não há".as_bytes(), 18 << 20, "as a text does"),
            ("Base-3.4.0.nss", &[0; 512], 18 << 20, "zeros"),
            ("Base-3.4.0.nss", BINARY, 1100, "only 1100 bytes"),
            ("Bomgar 10.6.2nss", BINARY, 18 << 20, "odd version"),
        ] {
            let told = told(name, head, size);
            assert!(told.contains(why), "{name}: {told}");
        }
    }

    #[test]
    fn names_lose_what_browsers_add() {
        for (name, plain) in [
            ("Base-3.4.0 (1).nss.crdownload", "Base-3.4.0.nss"),
            ("Base-3.4.0.nss.part", "Base-3.4.0.nss"),
            ("Base-3.4.0(2).nss", "Base-3.4.0.nss"),
            ("Bomgar 10.6.2 (Enterprise).nss", "Bomgar 10.6.2 (Enterprise).nss"),
            (".part", ".part"),
        ] {
            assert_eq!(plain_name(name), plain);
        }
    }

    proptest! {
        /// Whatever a page or a message says, it is no package.
        #[test]
        fn no_text_passes_for_a_package(text in "[ -~áéí\n]{1,300}") {
            prop_assert!(!told("Base-3.4.0.nss", text.as_bytes(), 18 << 20).is_empty());
        }

        #[test]
        fn no_name_is_too_strange(name in "\\PC{0,20}(\\.part| \\(1\\)|)") {
            let _ = plain_name(&name);
            let _ = doubts(Path::new(&name), BINARY, 1, None);
        }
    }
}
