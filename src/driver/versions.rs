//! Reading versions and lists of packages off a page. Pure.

use crate::model::{Installed, Version, text};

/// Most packages taken from a list; an appliance's whole life has fewer.
pub const MAX_INSTALLED: usize = 1000;

/// Reads the version out of what stands beside a label: `3.3.2`,
/// `Base 3.3.2`, `10.5.3 (37380-749b17ca)`, `v10.6`. The first word that
/// begins with a digit; `None` where there is none.
pub fn read_version(shown: &str) -> Option<Version> {
    let words = shown.split([' ', '\t', '\n', '\u{a0}', ',', ';', '(', ')', '[', ']']);
    words
        .map(|word| word.strip_prefix(['v', 'V']).unwrap_or(word))
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        .and_then(Version::parse)
}

/// Reads the packages out of the rows under "Installed Packages": a title in
/// one cell (`Base 3.3.2`), or name and version in two. Rows that say nothing
/// of a package (`None`, a dash) are left out.
pub fn read_installed<'a>(rows: impl IntoIterator<Item = &'a [String]>) -> Vec<Installed> {
    rows.into_iter().filter_map(read_row).take(MAX_INSTALLED).collect()
}

fn read_row(cells: &[String]) -> Option<Installed> {
    let cells: Vec<String> = cells.iter().map(|cell| text::one_line(cell)).filter(|cell| !cell.is_empty()).collect();
    let whole = Installed::of_title(&cells.join(" "));
    // By a cell and not by its place: beside the title stand dates, sizes and buttons, in an order of their own.
    let known = cells.iter().map(|cell| Installed::of_title(cell)).find(|package| package.kind.is_some());
    if let Some(package) = known {
        return Some(package);
    }
    let first = cells.into_iter().next()?;
    match whole.kind {
        Some(_) => Some(Installed { name: first, ..whole }),
        None if !first.chars().any(|c| c.is_ascii_digit()) => None,
        None => Some(Installed { name: first, kind: None, version: None }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PackageKind;
    use proptest::prelude::*;

    #[test]
    fn versions_are_found_in_what_is_shown() {
        for (shown, version) in [
            ("3.3.2", "3.3.2"),
            ("Base 3.3.2", "3.3.2"),
            ("10.5.3 (37380-749b17ca33d2)", "10.5.3"),
            ("v10.6, build 7", "10.6"),
            ("[19.1.8]", "19.1.8"),
        ] {
            assert_eq!(read_version(shown).map(|v| v.to_string()).as_deref(), Some(version), "{shown}");
        }
        for shown in ["", "-", "unknown", "none installed"] {
            assert!(read_version(shown).is_none(), "{shown}");
        }
    }

    #[test]
    fn packages_are_found_in_rows() {
        let rows: Vec<Vec<String>> = [
            vec!["Package", "Version"],
            vec!["Base 3.3.2", "2026-01-02"],
            vec!["Bomgar", "10.5.3"],
            vec!["BT24-10-ONPREM1"],
            vec!["Custom skin 7"],
            vec!["—"],
            vec![],
        ]
        .into_iter()
        .map(|row| row.into_iter().map(str::to_owned).collect())
        .collect();
        let read = read_installed(rows.iter().map(Vec::as_slice));
        let shown: Vec<_> = read.iter().map(|p| (p.name.as_str(), p.kind)).collect();
        assert_eq!(
            shown,
            [
                ("Base 3.3.2", Some(PackageKind::Base)),
                ("Bomgar", Some(PackageKind::Site)),
                ("BT24-10-ONPREM1", Some(PackageKind::Patch)),
                ("Custom skin 7", None),
            ]
        );
        assert_eq!(read[1].version, Version::parse("10.5.3"));
    }

    proptest! {
        #[test]
        fn a_version_reads_back_whatever_stands_around_it(
            version in "[0-9]{1,4}(\\.[0-9]{1,4}){1,3}", before in "[a-z]{0,8}", after in "( [(]?[a-z0-9-]{1,12}[)]?)?"
        ) {
            let read = read_version(&format!("{before} {version}{after}"));
            prop_assert_eq!(read.map(|v| v.to_string()), Some(version));
        }

        #[test]
        fn no_row_is_too_strange(cells in proptest::collection::vec(any::<String>(), 0..5)) {
            let _ = read_installed([cells.as_slice()]);
            cells.iter().for_each(|cell| drop(read_version(cell)));
        }
    }
}
