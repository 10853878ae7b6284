//! The list of a kit: what `sha256sum` writes.

use crate::model::{FileName, Sha256Digest, Version, text};

/// Most files in a kit: ten times ours.
const MAX_FILES: usize = 100;

/// A line of the list.
#[derive(Debug, Clone)]
pub struct SumLine {
    pub(super) sha256: Sha256Digest,
    pub(super) name: FileName,
}

/// Reads the list, whose signatures held.
pub fn parse(bytes: &[u8]) -> Result<Vec<SumLine>, String> {
    let list = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())?;
    let mut lines: Vec<SumLine> = Vec::new();
    for line in list.lines() {
        let parts = line
            .split_once("  ")
            .and_then(|(sha256, name)| Some((Sha256Digest::from_hex(sha256)?, FileName::parse(name).ok()?)));
        let (sha256, name) = parts.ok_or_else(|| format!("a line is {:?}", text::short_line(line, 80)))?;
        if lines.iter().any(|other| other.name == name) {
            return Err(format!("it lists {name} twice"));
        }
        lines.push(SumLine { sha256, name });
        if lines.len() > MAX_FILES {
            return Err(format!("it lists more than {MAX_FILES} files"));
        }
    }
    Ok(lines)
}

/// The version that all portable archives of the list are named for.
pub fn version(lines: &[SumLine]) -> Result<Version, String> {
    let mut found: Option<Version> = None;
    for line in lines {
        let archive = [".tar.gz", ".zip"].iter().find_map(|ending| line.name.as_str().strip_suffix(ending));
        let Some((version, _target)) = archive.and_then(|name| name.strip_prefix("handcarry-")?.split_once('-')) else {
            continue;
        };
        let version = Version::parse(version).ok_or_else(|| format!("{} names no version", line.name))?;
        if found.as_ref().is_some_and(|other| *other != version) {
            return Err("its archives are of several versions".to_owned());
        }
        found = Some(version);
    }
    found.ok_or_else(|| "it lists no portable archive, which tells the version".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SUM: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn listed(names: &[&str]) -> Result<Version, String> {
        let text: String = names.iter().map(|name| format!("{SUM}  {name}\n")).collect();
        version(&parse(text.as_bytes())?)
    }

    #[test]
    fn the_archives_tell_the_version() {
        let both = ["handcarry-1.2.0-x86_64-pc-windows-gnu.zip", "handcarry-1.2.0-x86_64-unknown-linux-gnu.tar.gz"];
        assert_eq!(listed(&both).expect("one version").as_str(), "1.2.0");
        assert_eq!(listed(&["handcarry_1.2.0_amd64.deb", both[0]]).expect("one version").as_str(), "1.2.0");
        let other = "handcarry-1.3.0-x86_64-unknown-linux-gnu.tar.gz";
        assert_eq!(listed(&[both[0], other]), Err("its archives are of several versions".to_owned()));
        assert!(listed(&["handcarry_1.2.0_amd64.deb"]).is_err_and(|why| why.contains("no portable archive")));
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_no_name() {
        for name in ["../evil", "a/b", "", "two words  again/x"] {
            assert!(parse(format!("{SUM}  {name}\n").as_bytes()).is_err(), "{name:?}");
        }
        assert!(parse(format!("{SUM}  a.deb\n{SUM}  a.deb\n").as_bytes()).is_err_and(|why| why.contains("twice")));
        assert!(parse(b"short  a.deb\n").is_err());
    }

    proptest! {
        #[test]
        fn no_list_makes_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(lines) = parse(&bytes) {
                let _ = version(&lines);
            }
        }
    }
}
