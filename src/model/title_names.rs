//! What packages are called at a site, where its titles are in no list of ours.

use super::package::{first_named_by, title_words};
use super::{PackageKind, Version, text};

/// Most names of one site, and the longest one, in bytes.
const MAX_NAMES: usize = 32;
const MAX_NAME_BYTES: usize = 64;

/// Names that stand before a version, each with the kind of package it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TitleNames(Vec<(String, PackageKind)>);

impl TitleNames {
    /// Reads lines such as `Appliance Firmware = base`.
    ///
    /// # Errors
    /// What is wrong with the first that is none.
    pub fn parse(lines: &[String]) -> Result<Self, String> {
        if lines.len() > MAX_NAMES {
            return Err(format!("titles has more than {MAX_NAMES} names"));
        }
        let names = lines.iter().map(|line| {
            let (name, kind) = line.rsplit_once('=')?;
            let kind = PackageKind::parse(kind).ok()?;
            let name = title_words(name).join(" ");
            let fits = !name.is_empty() && name.len() <= MAX_NAME_BYTES && !name.contains(|c: char| c.is_ascii_digit());
            fits.then(|| (name.to_lowercase(), kind)).filter(|(name, _)| text::unseen_in(name).is_none())
        });
        let names: Option<Vec<_>> = names.collect();
        names.map(TitleNames).ok_or_else(|| {
            "titles has a line that is no NAME = KIND, such as \"Appliance Firmware = base\"; NAME stands before the \
             version, and KIND is base, site, patch or license"
                .to_owned()
        })
    }

    /// The lines, as they are read.
    pub fn written(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(name, kind)| format!("{name} = {kind}"))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Kind and version of a title: as everywhere, else by the site's own names.
    pub fn identity(&self, title: &str) -> Option<(PackageKind, Version)> {
        PackageKind::of_title(title).or_else(|| {
            let words = title_words(title);
            let own = |head: &str| self.0.iter().find(|(name, _)| name == head).map(|(_, kind)| *kind);
            let (_, kind, version) = first_named_by(&words, own)?;
            Some((kind, version))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(lines: &[&str]) -> Result<TitleNames, String> {
        TitleNames::parse(&lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_sites_own_names_tell_what_the_lists_do_not() {
        let own = names(&["Appliance Firmware = base", "ESM=patch"]).expect("reads");
        let read = |title| own.identity(title).map(|(kind, version)| (kind, version.to_string()));
        assert_eq!(read("Appliance Firmware 7.4.0"), Some((PackageKind::Base, "7.4.0".to_owned())));
        assert_eq!(read("APPLIANCE FIRMWARE v7.4.0 (new)"), Some((PackageKind::Base, "7.4.0".to_owned())));
        assert_eq!(read("ESM 2024.1"), Some((PackageKind::Patch, "2024.1".to_owned())));
        assert_eq!(read("Base 3.4.0"), Some((PackageKind::Base, "3.4.0".to_owned())), "what is known stays so");
        assert_eq!(read("Old Appliance Firmware 7.4.0"), None, "never by a part");
        assert_eq!(own.written().collect::<Vec<_>>(), ["appliance firmware = base", "esm = patch"]);
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for line in
            ["", "base", " = base", "Firmware = thing", "Firmware 7 = base", &format!("{} = base", "x".repeat(65))]
        {
            names(&[line]).expect_err(line);
        }
        names(&["x = base"; 33]).expect_err("too many");
    }
}
