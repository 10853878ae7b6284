//! Which releases stand between an appliance and the packages kept for it,
//! and which of them are missing. Pure.
//!
//! A release that is missing is better known here, where the vendor can be
//! asked, than in the maintenance window.

use crate::model::{Offer, Package, PackageKind, Requirement, Status, text};
use crate::plan::{self, requirements};

/// A release that is neither on the appliance nor kept.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Lacking {
    /// Which one, at least.
    pub release: Requirement,
    /// Titles of what needs it.
    pub needed_by: Vec<String>,
    /// What the appliance has instead; `None` where that is not known, or nothing.
    pub has: Option<String>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Findings {
    /// Every release that is missing, each once.
    pub lacking: Vec<Lacking>,
    /// Titles, each with a release of which nobody here knows whether the appliance has it.
    pub untold: Vec<(String, Requirement)>,
    /// Site packages of a later series than the appliance's of which nobody said what they need.
    pub silent: Vec<String>,
}

/// Looks for what is missing between `status` (`None` where it is not known)
/// and `packages`. `greyed` are the entries of the vendor's page that it
/// would not give yet; the appliance's own are in its status.
/// Source: guide, preparations ("several intermediate versions").
pub fn look(packages: &[Package], status: Option<&Status>, greyed: &[Offer]) -> Findings {
    let mut findings = Findings::default();
    for package in packages {
        for need in requirements(&package.into(), status) {
            findings.note(&package.name, need, packages, status);
        }
    }
    let own = status.and_then(|status| status.offered.as_deref()).unwrap_or_default();
    for offer in own.iter().chain(greyed) {
        for need in offer.requires() {
            let listed = own.iter().any(|other| {
                other.locked.is_none() && other.identity().is_some_and(|(kind, version)| need.is_met_by(kind, &version))
            });
            // What the page offers openly is no gap: it is only not fetched yet.
            if !listed {
                findings.note(&offer.title, need, packages, status);
            }
        }
    }
    let silent = packages.iter().filter(|package| is_silent(package, status));
    findings.silent = silent.map(|package| package.name.clone()).collect();
    findings
}

impl Findings {
    fn note(&mut self, title: &str, need: Requirement, packages: &[Package], status: Option<&Status>) {
        let own = packages.iter().find(|package| package.name == title);
        // What is only listed by a page has no version here to compare with.
        let brings = |other: &Package| match own {
            Some(own) => plan::brings(&other.into(), &need, &own.into()),
            None => need.is_met_by(other.kind, &other.version),
        };
        if packages.iter().any(|other| other.name != title && brings(other)) {
            return;
        }
        match status.and_then(|status| status.meets(&need)) {
            Some(true) => {}
            None => {
                let untold = (title.to_owned(), need);
                if !self.untold.contains(&untold) {
                    self.untold.push(untold);
                }
            }
            Some(false) => match self.lacking.iter_mut().find(|lacking| lacking.release == need) {
                Some(known) if known.needed_by.iter().any(|other| other == title) => {}
                Some(known) => known.needed_by.push(title.to_owned()),
                None => {
                    let has = status.and_then(|status| status.has_instead(&need));
                    self.lacking.push(Lacking { release: need, needed_by: vec![title.to_owned()], has });
                }
            },
        }
    }
}

impl Lacking {
    /// The finding in one line.
    pub fn told(&self) -> String {
        let has = self.has.as_ref().map_or_else(String::new, |has| format!(", and the appliance has {has}"));
        text::one_line(&format!(
            "missing: {} or later, which must be installed before {}{has}",
            self.release,
            self.needed_by.join(" and ")
        ))
    }
}

/// What to ask the vendor for, in lines that can be read out.
pub fn ask(lacking: &[Lacking], status: &Status) -> Vec<String> {
    let version = |version: Option<&crate::model::Version>| version.map_or("not known".to_owned(), ToString::to_string);
    let releases: Vec<String> = lacking.iter().map(|one| one.release.to_string()).collect();
    vec![
        format!("appliance: {}", text::one_line(&status.appliance.to_string())),
        format!("base {}, site {}", version(status.base_version.as_ref()), version(status.site_version.as_ref())),
        format!("please offer it: {}, and all that they need in their turn", releases.join(", ")),
        "they ask for a picture of the appliance's Status > Basics page".to_owned(),
    ]
}

/// A site package that says nothing of the site software it needs, while the
/// appliance's is of an earlier series.
fn is_silent(package: &Package, status: Option<&Status>) -> bool {
    let series = |version: &crate::model::Version| version.as_str().split('.').next().map(str::to_owned);
    let says = requirements(&package.into(), status).iter().any(|need| need.kind == PackageKind::Site);
    let there = status.and_then(|status| status.site_version.as_ref());
    package.kind == PackageKind::Site
        && !says
        && there.is_some_and(|there| *there < package.version && series(there) != series(&package.version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ApplianceId, FileName, Sha256Digest, Source, Timestamp, Version};
    use proptest::prelude::*;

    fn package(title: &str, requires: &[&str]) -> Package {
        let (kind, version) = PackageKind::of_title(title).expect("tells");
        let need = |title: &&str| PackageKind::of_title(title).map(|(kind, version)| Requirement { kind, version });
        Package {
            file: FileName::from_foreign(title),
            name: title.to_owned(),
            kind,
            version,
            requires: requires.iter().filter_map(need).collect(),
            size_bytes: 1,
            sha256: Sha256Digest::of(title.as_bytes()),
            chunks: Vec::new(),
            eula: None,
            notes: None,
            source: Source::Imported {
                path: "x".to_owned(),
                by: "x".to_owned(),
                at: Timestamp::from_unix(0).expect("in range"),
                compared: false,
            }
            .into(),
        }
    }

    fn status(base: Option<&str>, site: Option<&str>) -> Status {
        Status {
            appliance: ApplianceId { serial: "S1".to_owned(), model: "B200".to_owned(), host: "h".to_owned() },
            base_version: base.and_then(Version::parse),
            site_version: site.and_then(Version::parse),
            site_build: None,
            clock: None,
            installed: None,
            offered: None,
            no_site: false,
            typed: false,
        }
    }

    fn told(findings: &Findings) -> Vec<String> {
        findings.lacking.iter().map(Lacking::told).collect()
    }

    #[test]
    fn every_missing_release_is_named_with_all_that_need_it() {
        let packages = [
            package("Bomgar 12.1", &["Bomgar 11.1.1", "Base 4.1"]),
            package("Bomgar 12.2", &["Bomgar 12.1", "Base 4.1"]),
            package("Base 3.4.0", &["Base 3.3.2"]),
        ];
        let found = look(&packages, Some(&status(Some("3.3.2"), Some("10.5.3"))), &[]);
        assert_eq!(
            told(&found),
            [
                "missing: site 11.1.1 or later, which must be installed before Bomgar 12.1, and the appliance has site 10.5.3",
                "missing: base 4.1 or later, which must be installed before Bomgar 12.1 and Bomgar 12.2, and the appliance has base 3.3.2",
            ]
        );
        let asked = ask(&found.lacking, &status(Some("3.3.2"), Some("10.5.3")));
        assert!(asked[2].contains("site 11.1.1, base 4.1"), "{asked:?}");
        assert!(look(&packages[2..], Some(&status(Some("3.3.2"), None)), &[]).lacking.is_empty());
    }

    #[test]
    fn what_the_pages_grey_out_counts_too() {
        let offer =
            |title: &str, locked: Option<&str>| Offer { title: title.into(), locked: locked.map(str::to_owned) };
        let mut seen = status(Some("3.4.0"), Some("10.5.3"));
        seen.offered = Some(vec![offer("Bomgar 11.1.1", Some("Requires: Bomgar 10.6.2"))]);
        let found = look(&[], Some(&seen), &[offer("Bomgar 12.1", Some("Requires: Bomgar 11.1.1"))]);
        let releases: Vec<String> = found.lacking.iter().map(|one| one.release.to_string()).collect();
        assert_eq!(releases, ["site 10.6.2", "site 11.1.1"]);
        seen.offered =
            Some(vec![offer("Bomgar 10.6.2", None), offer("Bomgar 11.1.1", Some("Requires: Bomgar 10.6.2"))]);
        assert_eq!(look(&[], Some(&seen), &[]), Findings::default(), "what is offered openly is no gap");
    }

    #[test]
    fn what_nobody_can_tell_is_no_gap_but_said() {
        let packages = [package("Bomgar 12.1", &["Base 4.1"])];
        let found = look(&packages, Some(&status(None, Some("10.5.3"))), &[]);
        assert!(found.lacking.is_empty());
        assert_eq!(found.untold.len(), 1);
        assert_eq!(found.silent, ["Bomgar 12.1"], "a jump of a series with no word on what comes between");
        assert!(look(&packages, Some(&status(None, Some("12.0"))), &[]).silent.is_empty());
        assert_eq!(look(&packages, None, &[]).untold.len(), 1);
    }

    proptest! {
        #[test]
        fn nothing_is_missing_exactly_where_an_order_is_found(
            needs in prop::collection::vec(prop::option::of(0usize..5), 5),
            base in 0usize..3,
        ) {
            let titles = ["Base 3.4.0", "Base 3.5.0", "Bomgar 10.6.2", "Bomgar 11.1.1", "Bomgar 12.1"];
            // A package of a lower version never needs a higher one, as no vendor's does.
            let need = |at: usize| needs[at].filter(|need| *need < at).map(|need| titles[need]);
            let kept: Vec<Package> = (0..5).filter(|at| at % 2 == 0 || needs[*at].is_some())
                .map(|at| package(titles[at], need(at).as_slice())).collect();
            let seen = status(["3.3.2", "3.4.0", "3.5.0"].get(base).copied(), Some("10.5.3"));
            let found = look(&kept, Some(&seen), &[]);
            let ordered = crate::outside::order::order(&kept, Some(&seen));
            prop_assert_eq!(found.lacking.is_empty(), ordered.is_ok());
        }
    }
}
