//! In what order the packages are sealed: the plan's own rule, over what the
//! vault offers.

use crate::model::{Exit, Failure, Package, PackageKind, PackageRef, Requirement, Status};
use crate::plan::{History, PlanError, arrange};

/// Packages in install order, and what could not be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallOrder {
    /// The packages, first to install first.
    pub packages: Vec<Package>,
    /// Requirements that nothing carried meets and of which the appliance's
    /// status says nothing: the title, and what it needs.
    pub untold: Vec<(String, Requirement)>,
}

/// Orders `packages` for an appliance as `status` shows it; `None` where its
/// state is not known.
///
/// # Errors
/// A [`Failure`] made of a [`PlanError`], with what to do about it here.
pub fn order(packages: &[Package], status: Option<&Status>) -> Result<InstallOrder, Failure> {
    let sorted = sorted(packages);
    let listed: Vec<PackageRef> = sorted.iter().map(PackageRef::from).collect();
    let given: Vec<&PackageRef> = listed.iter().collect();
    let placed = arrange(&given, status, &History::default()).map_err(|error| {
        let (exit, hint) = (exit(&error), hint(&error));
        Failure::new(exit, Failure::from(error).message).hint(hint)
    })?;
    let untold = placed
        .iter()
        .flat_map(|placed| placed.unsure.iter().map(|needs| (placed.package.name.clone(), needs.clone())))
        .collect();
    // No two of them are equal: of one kind and version the digest tells them apart.
    let own = |wanted: &PackageRef| sorted.iter().zip(&listed).find(|(_, listed)| *listed == wanted);
    let packages = placed.iter().filter_map(|placed| own(placed.package)).map(|(package, _)| package.clone()).collect();
    Ok(InstallOrder { packages, untold })
}

/// What to do outside, where a package can still be had.
fn hint(error: &PlanError) -> &'static str {
    match error {
        PlanError::Missing(_) => {
            "fetch or import the missing package, or leave this one out with --packages; when in doubt which, \
             send vendor support a picture of the appliance's Status > Basics page"
        }
        PlanError::Cycle { .. } => "check their requirements: 'handcarry-outside vault' shows them",
        PlanError::Twins { .. } => "choose one with --packages and the beginning of its digest",
        PlanError::NoWindow { .. } | PlanError::OfferedTwice { .. } => {
            unreachable!("an order has neither times nor offers")
        }
    }
}

/// Nothing is sealed yet, so no manifest can be at fault.
fn exit(error: &PlanError) -> Exit {
    match error {
        PlanError::Missing(_) | PlanError::Cycle { .. } => Exit::PrerequisiteMissing,
        PlanError::Twins { .. } => Exit::Usage,
        PlanError::NoWindow { .. } | PlanError::OfferedTwice { .. } => {
            unreachable!("an order has neither times nor offers")
        }
    }
}

/// By kind, then version, each package once.
fn sorted(packages: &[Package]) -> Vec<Package> {
    let rank = |kind| match kind {
        PackageKind::Base => 0u8,
        PackageKind::Site => 1,
        PackageKind::Patch => 2,
        PackageKind::License => 3,
    };
    let mut sorted = packages.to_vec();
    // The digest decides where kind and version are one, so that the same packages give the same manifest.
    sorted.sort_by(|a, b| (rank(a.kind), &a.version, a.sha256).cmp(&(rank(b.kind), &b.version, b.sha256)));
    sorted.dedup_by(|a, b| (a.kind, &a.version, a.sha256) == (b.kind, &b.version, b.sha256));
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ApplianceId, FileName, Sha256Digest, Source, Timestamp, Version};
    use crate::plan::brings;
    use proptest::prelude::*;

    fn package(title: &str, requires: &[&str]) -> Package {
        let (kind, version) = PackageKind::of_title(title).expect("a title that tells");
        let requirement = |text: &&str| {
            let (kind, version) = PackageKind::of_title(text).expect("a requirement that tells");
            Requirement { kind, version }
        };
        Package {
            file: FileName::from_foreign(title),
            name: title.to_owned(),
            kind,
            version,
            requires: requires.iter().map(requirement).collect(),
            size_bytes: 1,
            sha256: Sha256Digest::of(title.as_bytes()),
            chunks: vec![Sha256Digest::of(title.as_bytes())],
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

    fn status(base: &str, site: &str) -> Status {
        Status {
            appliance: ApplianceId { serial: "S".to_owned(), model: "M".to_owned(), host: "h".to_owned() },
            base_version: Version::parse(base),
            site_version: Version::parse(site),
            site_build: None,
            clock: None,
            installed: None,
            offered: None,
            no_site: false,
            typed: false,
        }
    }

    fn titles(packages: &[Package], status: Option<&Status>) -> Vec<String> {
        order(packages, status).expect("an order").packages.into_iter().map(|package| package.name).collect()
    }

    #[test]
    fn a_base_comes_right_before_the_site_that_needs_it() {
        let packages = [
            package("License 25", &[]),
            package("Bomgar 11.1.1", &["Bomgar 10.6.2", "Base 3.5.0"]),
            package("Base 3.5.0", &["Base 3.4.0"]),
            package("Bomgar 10.6.2", &["Base 3.4.0"]),
            package("Base 3.4.0", &["Base 3.3.2"]),
        ];
        assert_eq!(
            titles(&packages, Some(&status("3.3.2", "10.5.3"))),
            ["Base 3.4.0", "Bomgar 10.6.2", "Base 3.5.0", "Bomgar 11.1.1", "License 25"]
        );
        let apart = [
            package("Base 3.4.0", &["Bomgar 10.6.2"]),
            package("Base 3.5.0", &["BT1-X"]),
            package("Bomgar 10.6.2", &[]),
            package("BT1-X", &[]),
            package("Bomgar 11.1.1", &["Base 3.4.0", "Base 3.5.0"]),
        ];
        assert_eq!(
            titles(&apart, Some(&status("3.3.2", "10.5.3"))),
            ["Bomgar 10.6.2", "BT1-X", "Base 3.4.0", "Base 3.5.0", "Bomgar 11.1.1"],
            "what one of its bases needs does not come between"
        );
    }

    #[test]
    fn a_base_that_nothing_asks_for_goes_before_the_last_site_of_its_time() {
        let chain = [
            package("Bomgar 11.1.1", &["Bomgar 10.6.2"]),
            package("Bomgar 10.6.2", &["Base 3.4.0"]),
            package("Base 3.4.0", &[]),
            package("License 25", &[]),
        ];
        let with = |more: &[Package]| titles(&[&chain, more].concat(), Some(&status("3.3.2", "10.5.3")));
        assert_eq!(
            with(&[package("Base 3.5.0", &[])]),
            ["Base 3.4.0", "Bomgar 10.6.2", "Base 3.5.0", "Bomgar 11.1.1", "License 25"],
            "not last"
        );
        assert_eq!(
            with(&[package("Base 3.5.0", &["Base 3.4.5"]), package("Base 3.4.5", &[])]),
            ["Base 3.4.0", "Bomgar 10.6.2", "Base 3.4.5", "Base 3.5.0", "Bomgar 11.1.1", "License 25"],
            "with what it asks for itself"
        );
        assert_eq!(
            with(&[package("Base 3.3.9", &[])]),
            ["Base 3.3.9", "Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1", "License 25"],
            "its time ends with the base that a site asks for"
        );
        assert_eq!(
            with(&[package("Base 3.5.0", &[]), package("Bomgar 12.1", &["Base 4.0"]), package("Base 4.0", &[])]),
            ["Base 3.4.0", "Bomgar 10.6.2", "Base 3.5.0", "Bomgar 11.1.1", "Base 4.0", "Bomgar 12.1", "License 25"],
            "the last of its time, not of all"
        );
        assert_eq!(
            with(&[package("Base 3.5.0", &["Bomgar 11.1.1"])]),
            ["Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1", "License 25", "Base 3.5.0"],
            "one that asks for all of them can't but follow them"
        );
    }

    #[test]
    fn where_nothing_asks_for_a_base_it_goes_before_the_first_site() {
        let packages = [package("Bomgar 10.6.2", &[]), package("Base 3.4.0", &[])];
        assert_eq!(titles(&packages, None), ["Base 3.4.0", "Bomgar 10.6.2"]);
        let more =
            [package("License 25", &[]), package("Bomgar 11.1.1", &[]), packages[0].clone(), packages[1].clone()];
        assert_eq!(titles(&more, None), ["Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1", "License 25"]);
        let alone = [package("License 25", &[]), package("Base 3.4.0", &[])];
        assert_eq!(titles(&alone, None), ["Base 3.4.0", "License 25"]);
    }

    #[test]
    fn what_is_missing_is_named() {
        let packages = [package("Bomgar 11.1.1", &["Bomgar 10.6.2"])];
        let missing = order(&packages, Some(&status("3.4.0", "10.5.3"))).expect_err("nothing meets it");
        assert_eq!(missing.exit, Exit::PrerequisiteMissing);
        assert_eq!(
            missing.message,
            "Bomgar 11.1.1 needs site 10.6.2, which the bundle does not carry (the appliance has site 10.5.3)"
        );
        let untold = order(&packages, None).expect("can't be told without a status").untold;
        assert_eq!(untold.len(), 1);
    }

    #[test]
    fn circles_and_twins_are_named() {
        let circle = [package("Base 3.4.0", &["Bomgar 10.6.2"]), package("Bomgar 10.6.2", &["Base 3.4.0"])];
        assert!(order(&circle, None).is_err_and(|failure| failure.message.contains("need each other")));
        let mut twin = package("Base 3.4.0", &[]);
        twin.sha256 = Sha256Digest::of(b"other bytes");
        assert!(
            order(&[package("Base 3.4.0", &[]), twin], None)
                .is_err_and(|failure| failure.message.contains("same version"))
        );
        assert_eq!(titles(&[package("Base 3.4.0", &[]), package("Base 3.4.0", &[])], None), ["Base 3.4.0"]);
    }

    #[test]
    fn what_is_named_and_carried_comes_first_even_where_it_is_installed() {
        let packages = [
            package("Bomgar 10.6.2", &["Base 3.3.2"]),
            package("Bomgar 11.1.1", &["Base 3.4.0"]),
            package("Base 3.3.2", &[]),
            package("Base 3.4.0", &[]),
        ];
        assert_eq!(
            titles(&packages, Some(&status("3.3.2", "10.5.3"))),
            ["Base 3.3.2", "Bomgar 10.6.2", "Base 3.4.0", "Bomgar 11.1.1"]
        );
    }

    /// A base that does not stand where it belongs, by the rule alone: after
    /// it come bases, then what asks for the last of them; one that nothing
    /// asks for has a site package there, or needs each that is carried.
    fn misplaced_base(order: &[Package], status: &Status) -> Option<String> {
        let is_base = |package: &Package| package.kind == PackageKind::Base;
        let asks = |who: &Package, base: &Package| {
            let is_for = |need: &Requirement| {
                brings(&base.into(), need, &who.into()) && !is_met_lower(order, base, need, status)
            };
            who.file != base.file && who.requires.iter().any(is_for)
        };
        order.iter().enumerate().filter(|(_, package)| is_base(package)).find_map(|(at, base)| {
            let next = order.get(at + 1);
            if next.is_some_and(is_base) {
                return None;
            }
            let asked = order.iter().any(|who| asks(who, base));
            let right = match next {
                Some(next) if asked => asks(next, base),
                Some(next) if next.kind == PackageKind::Site => true,
                _ if asked => false,
                _ => order.iter().filter(|p| p.kind == PackageKind::Site).all(|site| needs(order, base, site)),
            };
            (!right).then(|| base.name.clone())
        })
    }

    /// Whether the appliance, or a lower base that is carried, meets a need already.
    fn is_met_lower(order: &[Package], base: &Package, need: &Requirement, status: &Status) -> bool {
        let enough = status.meets(need) == Some(true) && base.version != need.version;
        enough || order.iter().any(|p| need.is_met_by(p.kind, &p.version) && p.version < base.version)
    }

    /// Whether `from` asks for `to`, whatever lies between.
    fn needs(order: &[Package], from: &Package, to: &Package) -> bool {
        let mut reached = vec![from];
        let mut at = 0;
        while let Some(who) = reached.get(at).copied() {
            let before = order.iter().filter(|p| {
                (p.kind == who.kind && p.version < who.version)
                    || who.requires.iter().any(|need| brings(&(*p).into(), need, &who.into()))
            });
            let new: Vec<&Package> = before.filter(|p| !reached.iter().any(|r| r.file == p.file)).collect();
            reached.extend(new);
            at += 1;
        }
        reached.iter().any(|p| p.file == to.file)
    }

    proptest! {
        #[test]
        fn every_order_is_one(
            shape in proptest::collection::vec((0u8..4, 1u8..6, proptest::collection::vec((0u8..4, 1u8..6), 0..3)), 0..9),
            base in 1u8..6,
            site in 1u8..6,
        ) {
            let title = |kind: u8, version: u8| match kind {
                0 => format!("Base {version}.0"),
                1 => format!("Bomgar {version}.0"),
                2 => format!("BT{version}-X"),
                _ => format!("License {version}"),
            };
            let packages: Vec<Package> = shape.iter().map(|(kind, version, requires)| {
                let requires: Vec<String> = requires.iter().map(|(kind, version)| title(*kind, *version)).collect();
                package(&title(*kind, *version), &requires.iter().map(String::as_str).collect::<Vec<_>>())
            }).collect();
            let status = status(&format!("{base}.0"), &format!("{site}.0"));
            let ordered = order(&packages, Some(&status));
            let Ok(ordered) = ordered else { return Ok(()) };
            for (at, package) in ordered.packages.iter().enumerate() {
                for requirement in &package.requires {
                    let carried = ordered.packages[..at].iter().any(|p| requirement.is_met_by(p.kind, &p.version));
                    let told = status.meets(requirement) != Some(false);
                    prop_assert!(carried || told, "{} before {}", package.name, requirement);
                }
                for later in &ordered.packages[at + 1..] {
                    let same_software = package.kind == later.kind
                        && matches!(package.kind, PackageKind::Base | PackageKind::Site);
                    prop_assert!(!same_software || package.version < later.version);
                }
            }
            prop_assert_eq!(misplaced_base(&ordered.packages, &status), None);
        }
    }
}
