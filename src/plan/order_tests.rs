//! The order, rule by rule.

use super::*;
use crate::model::{Installed, Package, PackageKind::*};
use crate::plan::tests::{package, status};

/// Titles in their order, a base that nothing asks for with a star.
fn titles(packages: &[Package], status: Option<&Status>) -> Result<Vec<String>, PlanError> {
    let packages: Vec<PackageRef> = packages.iter().map(PackageRef::from).collect();
    let order = arrange(&packages.iter().collect::<Vec<_>>(), status, &History::default())?;
    let star = |placed: &Placed<'_>| if placed.unasked { "*" } else { "" };
    Ok(order.iter().map(|placed| format!("{}{}", placed.package.name, star(placed))).collect())
}

fn order(packages: &[Package]) -> Vec<String> {
    titles(packages, None).expect("an order")
}

#[test]
fn a_base_nobody_asks_for_goes_before_the_last_site_of_its_time() {
    let all = [
        package(Base, "3.4", &[]),
        package(Site, "11", &[(Base, "3.5")]),
        package(Site, "10.7", &[]),
        package(Site, "10.6", &[]),
        package(Base, "3.5", &[]),
    ];
    assert_eq!(order(&all), ["site 10.6", "base 3.4*", "site 10.7", "base 3.5", "site 11"]);
}

#[test]
fn a_site_that_asks_for_a_lower_base_ends_no_time() {
    let all = [
        package(Base, "3.6", &[]),
        package(Base, "3.5", &[]),
        package(Site, "10.6", &[(Base, "3.5")]),
        package(Site, "10.7", &[]),
    ];
    assert_eq!(order(&all), ["base 3.5", "site 10.6", "base 3.6*", "site 10.7"]);
}

#[test]
fn a_base_that_needs_a_site_goes_before_the_next_one() {
    let all = [package(Base, "3.6", &[(Site, "10.6")]), package(Site, "10.6", &[]), package(Site, "10.7", &[])];
    assert_eq!(order(&all), ["site 10.6", "base 3.6*", "site 10.7"]);
    let by_a_patch = [
        package(Base, "3.6", &[(Patch, "7")]),
        package(Patch, "7", &[(Site, "10.6")]),
        package(Site, "10.6", &[]),
        package(Site, "10.7", &[]),
    ];
    assert_eq!(order(&by_a_patch), ["site 10.6", "patch 7", "base 3.6*", "site 10.7"]);
}

#[test]
fn nothing_but_a_site_has_a_base_put_before_it() {
    let all = [package(License, "2", &[]), package(Base, "3.6", &[]), package(Site, "10", &[])];
    assert_eq!(order(&all), ["license 2", "base 3.6*", "site 10"]);
    assert_eq!(order(&all[..2]), ["base 3.6*", "license 2"]);
}

#[test]
fn bases_come_last_of_what_is_needed_and_stay_together() {
    let late =
        [package(Base, "3.5", &[]), package(Patch, "7", &[]), package(Site, "11", &[(Base, "3.5"), (Patch, "7")])];
    assert_eq!(order(&late), ["patch 7", "base 3.5", "site 11"]);
    let together = [
        package(Site, "11", &[(Base, "3.4"), (Base, "3.5")]),
        package(Base, "3.4", &[]),
        package(Base, "3.5", &[(Patch, "7")]),
        package(Patch, "7", &[]),
    ];
    assert_eq!(order(&together), ["patch 7", "base 3.4", "base 3.5", "site 11"]);
}

#[test]
fn what_is_there_already_is_asked_for_only_as_the_very_version() {
    let there = status("3.4", "10.5");
    let asked = |carried: &str| {
        let all = [package(Base, carried, &[]), package(Site, "11", &[(Base, "3.4")])];
        titles(&all, Some(&there)).expect("an order")
    };
    assert_eq!(asked("3.4"), ["base 3.4", "site 11"]);
    assert_eq!(asked("3.5"), ["base 3.5*", "site 11"]);
}

#[test]
fn a_later_version_brings_nothing_but_a_circle() {
    let site = |version: &str| PackageRef::from(&package(Site, version, &[]));
    let needs = |version: &str| Requirement { kind: Site, version: site(version).version };
    assert!(!brings(&site("11"), &needs("10.5"), &site("10.6")), "it can't come first");
    assert!(!brings(&site("11"), &needs("10.6"), &site("10.6")), "nor where a package asks for itself");
    assert!(brings(&site("11"), &needs("11"), &site("10.6")), "asked for all the same, it is told");
    assert!(brings(&site("10.5"), &needs("10.5"), &site("10.6")));
}

#[test]
fn later_is_said_of_one_software_only() {
    let of = |kind, version: &str| PackageRef::from(&package(kind, version, &[]));
    assert!(is_later(&of(Site, "11"), &of(Site, "10")));
    assert!(!is_later(&of(Site, "11"), &of(Base, "3")) && !is_later(&of(License, "11"), &of(License, "10")));
    assert!(!is_later(&of(Site, "11"), &of(Site, "11")));
}

#[test]
fn a_circle_is_told_without_what_leads_to_it() {
    let all =
        [package(License, "1", &[(Base, "2")]), package(Base, "2", &[(Site, "2")]), package(Site, "2", &[(Base, "2")])];
    let Err(PlanError::Cycle { packages }) = titles(&all, None) else { panic!("a circle") };
    assert_eq!(packages, ["base 2", "site 2"]);
}

#[test]
fn a_title_or_what_it_is_tells_that_a_package_is_there() {
    let mut there = status("3.4", "10.5");
    let patch = package(Patch, "7", &[]);
    let left = |status: &Status| {
        let list = crate::plan::PackageList::carried(&crate::plan::tests::consignment(vec![patch.clone()]));
        let facts = crate::plan::Facts { status, now: crate::plan::tests::now(), history: &History::default() };
        crate::plan::skip::split(&list, &facts).1.len()
    };
    let listed = |name: &str, kind| Installed { name: name.to_owned(), kind, version: None };
    there.installed = Some(vec![listed("another", None)]);
    assert_eq!(left(&there), 1, "another package says nothing of this one");
    there.installed = Some(vec![listed("patch 7", None)]);
    assert_eq!(left(&there), 0);
    there.installed = Some(vec![Installed { version: Some(patch.version.clone()), ..listed("Fix 7", Some(Patch)) }]);
    assert_eq!(left(&there), 0);
}

/// A package that brings both.
fn both(site: &str, base: &str, requires: &[(crate::model::PackageKind, &str)]) -> Package {
    Package { name: format!("Bomgar {site} + Base {base}"), ..package(Site, site, requires) }
}

#[test]
fn a_combined_package_stands_between_lower_and_higher_bases_and_meets_what_asks_for_its_own() {
    let all = [
        package(Base, "3.6", &[]),
        package(Site, "11", &[(Base, "3.5")]),
        both("10.6", "3.5", &[]),
        package(Base, "3.4", &[]),
    ];
    let titles = order(&all);
    let at = |title: &str| titles.iter().position(|told| told.trim_end_matches('*') == title).expect("there");
    assert!(
        at("base 3.4") < at("Bomgar 10.6 + Base 3.5") && at("Bomgar 10.6 + Base 3.5") < at("base 3.6"),
        "{titles:?}"
    );
    assert!(at("Bomgar 10.6 + Base 3.5") < at("site 11"), "{titles:?}");
    let late = [both("10.6", "3.5", &[]), package(Site, "11", &[(Base, "3.4")]), package(Base, "3.4", &[])];
    assert_eq!(order(&late), ["base 3.4", "Bomgar 10.6 + Base 3.5", "site 11"], "it would take the base back");
    let same = [both("10.6", "3.5", &[]), package(Base, "3.5", &[])];
    assert_eq!(order(&same), ["base 3.5*", "Bomgar 10.6 + Base 3.5"], "neither is below the other");
    let lacking = titles_of_one(&[package(Site, "11", &[(Base, "3.5")]), both("10.6", "3.4", &[])]);
    assert!(matches!(lacking, Err(PlanError::Missing(_))), "its base is too low: {lacking:?}");
}

fn titles_of_one(packages: &[Package]) -> Result<Vec<String>, PlanError> {
    titles(packages, Some(&status("3.3", "10.5")))
}
