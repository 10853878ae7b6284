//! What a person says of a package where its title does not tell: kind,
//! version, requirements.

use super::vault::{PackageIdentity, StoredPackage};
use crate::console::Operator;
use crate::model::{Exit, Failure, PackageKind, Requirement, Version, text};
use crate::outside::question::OutsidePrompt;

/// `TITLE=kind:version`, given beforehand on the command line.
#[derive(Debug, Clone)]
pub struct KindOverride {
    /// The title it is about.
    pub title: String,
    /// What that package is.
    pub identity: PackageIdentity,
}

/// Reads `TITLE=kind:version` for clap.
///
/// # Errors
/// A sentence on what is wrong with it.
pub fn parse_told(written: &str) -> Result<KindOverride, String> {
    // From the right, since a title may hold a `=` and a version can't.
    let (title, identity) = written.rsplit_once('=').ok_or("write it as TITLE=KIND:VERSION")?;
    Ok(KindOverride { title: title.trim().to_owned(), identity: parse_identity(identity)? })
}

/// Reads `base:3.4.0` or `base 3.4.0`.
///
/// # Errors
/// A sentence on what is wrong with it.
pub fn parse_identity(written: &str) -> Result<PackageIdentity, String> {
    let (kind, version) =
        written.trim().split_once([':', ' ']).ok_or("write it as KIND:VERSION, such as base:3.4.0")?;
    Ok(PackageIdentity { kind: PackageKind::parse(kind)?, version: parse_version(version)? })
}

/// Reads `base=3.4.0` for clap.
///
/// # Errors
/// A sentence on what is wrong with it.
pub fn parse_requirement(written: &str) -> Result<Requirement, String> {
    let (kind, version) = written.split_once(['=', ':']).ok_or("write it as KIND=VERSION, such as base=3.4.0")?;
    Ok(Requirement { kind: PackageKind::parse(kind)?, version: parse_version(version)? })
}

/// Reads a version for clap.
///
/// # Errors
/// A sentence on what is wrong with it.
pub fn parse_version(written: &str) -> Result<Version, String> {
    Version::parse(written.trim())
        .ok_or_else(|| "a version is at most 64 letters, digits, '.', '-', '_' and '+'".to_owned())
}

/// Gives a package its identity from what was told beforehand, or asks.
/// `None` where nobody answers: then it stays unknown, and nothing is guessed.
pub fn identify(kept: &StoredPackage, told: &[KindOverride], operator: &mut dyn Operator) -> Option<PackageIdentity> {
    if let Some(told) = told.iter().find(|told| told.title == kept.title) {
        return Some(told.identity.clone());
    }
    if let Some(identity) = &kept.identity {
        return Some(identity.clone());
    }
    ask(&kept.title, operator).ok()
}

/// Asks for a package's kind and version until the answer reads.
///
/// # Errors
/// A [`Failure`] where nobody answers, or the answers do not read.
pub fn ask(title: &str, operator: &mut dyn Operator) -> Result<PackageIdentity, Failure> {
    let mut prompt = OutsidePrompt::WhatIs { title: text::one_line(title) };
    // Three times: a pipe that answers wrongly would be asked for ever.
    for _ in 0..3 {
        match parse_identity(&operator.ask(&prompt)?) {
            Ok(identity) => return Ok(identity),
            Err(why) => prompt = OutsidePrompt::WhatIsAgain { why },
        }
    }
    Err(Failure::new(Exit::Declined, format!("nobody said what {:?} is", text::one_line(title))))
}

/// Makes a title out of a file's name where that tells one: `Base-3.4.0.nss`
/// reads as `Base 3.4.0`; else the name itself.
pub fn title_of_file(name: &str) -> String {
    let stem = match name.rsplit_once('.') {
        // `Base-3.4.0` ends in `.0`, which is no ending of a file.
        Some((stem, ending)) if !stem.is_empty() && ending.bytes().all(|b| b.is_ascii_alphabetic()) => stem,
        _ => name,
    };
    let candidates = [stem.to_owned(), stem.replacen(['-', '_'], " ", 1), stem.replace(['-', '_'], " ")];
    let told = candidates.iter().find(|candidate| PackageKind::of_title(candidate).is_some());
    text::one_line(told.map_or(name, String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::Scripted;

    #[test]
    fn file_names_tell_titles() {
        assert_eq!(title_of_file("Base-3.4.0.nss"), "Base 3.4.0");
        assert_eq!(title_of_file("bomgar_10.6.2.nss"), "bomgar 10.6.2");
        assert_eq!(title_of_file("Bomgar-Base-4.1.nss"), "Bomgar Base 4.1");
        assert_eq!(title_of_file("BT24-10-ONPREM1.nss"), "BT24-10-ONPREM1");
        assert_eq!(title_of_file("update(3).bin"), "update(3).bin");
    }

    #[test]
    fn what_people_write_is_read() {
        let told = parse_told("Special update = x=base:3.4.0").expect("reads");
        assert_eq!((told.title.as_str(), told.identity.version.as_str()), ("Special update = x", "3.4.0"));
        assert_eq!(parse_requirement("site=10.6.2").expect("reads").to_string(), "site 10.6.2");
        for bad in ["base", "base=", "tool=1", "base=1 2"] {
            assert!(parse_requirement(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_person_may_answer_twice() {
        let mut operator = Scripted::new(["what?", "site 10.6.2"]);
        assert_eq!(ask("Mystery", &mut operator).expect("answers").kind, PackageKind::Site);
        assert!(ask("Mystery", &mut operator).is_err());
    }
}
