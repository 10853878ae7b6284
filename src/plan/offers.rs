//! What an appliance offers by itself, made into packages that a plan can order.

use super::order::is_later;
use super::{PackageList, PlanError};
use crate::model::{FileName, Id, Offer, PackageRef, Requirement, Status, TitleNames};

/// Offers, parted by what can be done with them now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sorted {
    /// Those that can be planned, as a plan knows packages.
    pub packages: Vec<PackageRef>,
    /// Those that stay greyed out, whatever of the others is installed.
    pub locked: Vec<Offer>,
    /// Titles that tell no kind and version, so that no rule is known for them.
    pub unknown: Vec<String>,
}

/// Parts offers. A greyed-out one can be planned when what the page says it
/// needs is there, or is offered and can be planned itself; one of which the
/// page says nothing is planned, and looked at again before it is pressed.
/// Source: guide, automatic updates ("install the available package").
///
/// # Errors
/// [`PlanError::OfferedTwice`].
pub fn sort_offers(offers: &[Offer], status: &Status, names: &TitleNames) -> Result<Sorted, PlanError> {
    let mut sorted = Sorted::default();
    let mut waiting: Vec<(PackageRef, &Offer)> = Vec::new();
    for offer in offers {
        match names.identity(&offer.title) {
            None => sorted.unknown.push(offer.title.clone()),
            Some((kind, version)) => {
                if let Some((twin, _)) =
                    waiting.iter().find(|(other, _)| other.kind == kind && other.version == version)
                {
                    let (first, second) = (twin.name.clone(), offer.title.clone());
                    return Err(PlanError::OfferedTwice { first, second });
                }
                // Steps and journal know a package by its file. Two titles
                // may come down to one name once their odd letters are gone.
                let mut file = FileName::from_foreign(&offer.title);
                if waiting.iter().any(|(other, _)| other.file == file) {
                    file = FileName::from_foreign(&format!("{}-{}", offer.title, waiting.len()));
                }
                let package = PackageRef::offered(file, offer.title.clone(), (kind, version), offer.requires());
                waiting.push((package, offer));
            }
        }
    }
    // Again and again, until no more of them find what they need.
    loop {
        let (ready, rest): (Vec<_>, Vec<_>) =
            waiting.iter().cloned().partition(|(package, _)| is_ready(package, &sorted.packages, &waiting, status));
        if ready.is_empty() {
            break;
        }
        sorted.packages.extend(ready.into_iter().map(|(package, _)| package));
        waiting = rest;
    }
    // What is left waits for something that nobody offers, or for each other.
    // Told as locked it can be asked for; pressed in any order it would fail.
    sorted.locked = waiting.into_iter().map(|(_, offer)| offer.clone()).collect();
    Ok(sorted)
}

impl Sorted {
    /// Takes out what can be planned on the appliance that `status` is of;
    /// `run` is what the journal knows it by.
    pub fn take_list(&mut self, run: Id, status: &Status) -> PackageList {
        PackageList::offered(run, status.appliance.clone(), std::mem::take(&mut self.packages))
    }
}

fn is_ready(package: &PackageRef, ready: &[PackageRef], waiting: &[(PackageRef, &Offer)], status: &Status) -> bool {
    let meets = |need: &Requirement, other: &PackageRef| other.meets(need) && !is_later(other, package);
    package.requires.iter().all(|need| match status.meets(need) {
        Some(true) => true,
        _ if ready.iter().any(|other| meets(need, other)) => true,
        // Nobody can tell, and none of the others brings it: a person says.
        None => !waiting.iter().any(|(other, _)| meets(need, other)),
        Some(false) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{now, status};
    use super::*;
    use crate::model::PackageKind;
    use crate::plan::{Facts, History, Procedure, SitePolicy, make_of};
    use proptest::prelude::*;

    fn offer(title: &str, locked: Option<&str>) -> Offer {
        Offer { title: title.to_owned(), locked: locked.map(str::to_owned) }
    }

    fn names(sorted: &Sorted) -> Vec<&str> {
        sorted.packages.iter().map(|package| package.name.as_str()).collect()
    }

    #[test]
    fn a_chain_that_is_greyed_out_is_planned_with_its_waits() {
        let offers = [
            offer("Bomgar 11.1.1", Some("Requires: Bomgar 10.6.2")),
            offer("Bomgar 10.6.2", Some("Requires: Base 3.4.0")),
            offer("Base 3.4.0", None),
        ];
        let status = status("3.3.2", "10.5.3");
        let mut sorted = sort_offers(&offers, &status, &TitleNames::default()).expect("sorted");
        assert!(sorted.locked.is_empty() && sorted.unknown.is_empty());
        let list = sorted.take_list(Id::random(), &status);
        let facts = Facts { status: &status, now: now(), history: &History::default() };
        let plan = make_of(&list, &facts, &SitePolicy::default()).expect("a plan");
        let ids: Vec<&str> = plan.steps.iter().map(|step| step.id.as_str()).collect();
        let expected = [
            "check",
            "backup-1",
            "install-base-3.4.0",
            "install-bomgar-10.6.2",
            "soak-1",
            "backup-2",
            "install-bomgar-11.1.1",
        ];
        assert_eq!(ids, expected);
        assert!(
            matches!(plan.procedure, Procedure::Update(_)) && !plan.steps[0].why.contains("bundle"),
            "{}",
            plan.steps[0].why
        );
    }

    #[test]
    fn what_waits_for_something_that_nobody_offers_stays_locked() {
        let offers = [
            offer("Bomgar 11.1.1", Some("Requires: Bomgar 10.6.2")),
            offer("Base 3.4.0", None),
            offer("Bomgar 12.1", Some("")),
            offer("Custom skin", None),
        ];
        let sorted = sort_offers(&offers, &status("3.3.2", "10.5.3"), &TitleNames::default()).expect("sorted");
        assert_eq!(names(&sorted), ["Base 3.4.0", "Bomgar 12.1"], "one without a reason is looked at later");
        assert_eq!((sorted.locked, sorted.unknown), (vec![offers[0].clone()], vec!["Custom skin".to_owned()]));
    }

    #[test]
    fn what_nobody_can_tell_is_planned_unless_another_offer_would_bring_it() {
        let offers = [
            offer("Custom 3: patch", None),
            offer("Bomgar 11.1.1", Some("Requires: License 25")),
            offer("License 25", Some("Requires: Base 9.9")),
        ];
        let there = status("3.3.2", "10.5.3");
        assert_eq!(
            names(&sort_offers(&offers[..2], &there, &TitleNames::default()).expect("sorted")),
            ["Bomgar 11.1.1"]
        );
        let sorted = sort_offers(&offers, &there, &TitleNames::default()).expect("sorted");
        assert_eq!((names(&sorted), &sorted.locked[..]), (vec![], &offers[1..]));
    }

    #[test]
    fn two_of_the_same_version_are_an_error_and_no_guess() {
        let offers = [offer("Bomgar 10.6.2", None), offer("Bomgar 10.6.2 (Enterprise)", None)];
        let twice = sort_offers(&offers, &status("3.4.0", "10.5.3"), &TitleNames::default());
        assert!(matches!(twice, Err(PlanError::OfferedTwice { .. })));
    }

    proptest! {
        #[test]
        fn no_offer_is_lost_and_none_goes_before_what_it_needs(
            locks in prop::collection::vec(prop::option::of(0usize..6), 6),
        ) {
            let titles = ["Base 3.4.0", "Base 3.5.0", "Bomgar 10.6.2", "Bomgar 11.1.1", "Bomgar 12.1", "License 25"];
            let locked = |need: &Option<usize>| need.map(|at| format!("Requires: {}", titles[at]));
            let offers: Vec<Offer> = titles.iter().zip(&locks).map(|(title, need)| offer(title, locked(need).as_deref())).collect();
            let status = status("3.3.2", "10.5.3");
            let sorted = sort_offers(&offers, &status, &TitleNames::default()).expect("sorted");
            prop_assert_eq!(sorted.packages.len() + sorted.locked.len(), offers.len());
            for (at, package) in sorted.packages.iter().enumerate() {
                for need in &package.requires {
                    let earlier = sorted.packages[..at].iter().any(|other| need.is_met_by(other.kind, &other.version));
                    prop_assert!(earlier || status.meets(need) == Some(true) || need.kind == PackageKind::License);
                }
            }
        }
    }
}
