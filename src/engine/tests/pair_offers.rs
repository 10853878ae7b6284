//! Two appliances of which one or both install what they offer: the lists of
//! both are read and compared before anything is broken, and what was agreed to
//! stays as it is until both have it.

use super::migrate_world::MoveWorld;
use super::pair::{check, stops};
use super::pair_world::PairWorld;
use super::update::vendor;
use super::world::{CHAIN, KILLED};
use crate::engine::Entry;
use crate::model::{Exit, FailoverRole, Version};
use crate::plan::{Order, Switch};

const ONE_TRIP: [&str; 2] = ["Base 3.4.0", "Bomgar 10.6.2"];

/// A pair whose members both reach a vendor.
fn offered(order: Order) -> PairWorld {
    let mut world = PairWorld::new(order, &CHAIN[..2]);
    world.offered = [true; 2];
    world.appliances.iter_mut().for_each(|appliance| appliance.vendor = vendor());
    world
}

/// The same with the second site version held back on both.
fn up_to(order: Order, version: &str) -> PairWorld {
    let mut world = offered(order);
    world.rules.iter_mut().for_each(|rules| rules.up_to = Version::parse(version));
    world
}

#[test]
fn both_install_what_they_are_offered_in_either_order() {
    let mut sync = up_to(Order::FailoverSync, "10.6.2");
    let done = sync.push().expect("done");
    assert_eq!(
        (done.primary.as_str(), &done.installed),
        ("alpha", &[ONE_TRIP.map(str::to_owned).to_vec(), ONE_TRIP.map(str::to_owned).to_vec()])
    );
    let mut switched = offered(Order::FailoverAsync(Switch::Dns));
    let done = switched.push().expect("done");
    assert_eq!(done.primary.as_str(), "beta");
    assert!(switched.teller.has("left for another run: Bomgar 11.1.1"), "clients are led over once");
    for world in [&sync, &switched] {
        check(world);
        for at in [0, 1] {
            assert_eq!(world.done(at), ONE_TRIP, "{at}");
            let entries = world.entries(at);
            assert!(
                entries
                    .iter()
                    .any(|entry| matches!(entry, Entry::UpdateBegun { packages, .. } if *packages == ONE_TRIP))
            );
            assert!(entries.iter().any(|entry| matches!(entry, Entry::UpdateDone { .. })));
            assert!(!entries.iter().any(|entry| matches!(entry, Entry::PushBegun { .. })));
        }
    }
}

#[test]
fn lists_that_end_otherwise_break_nothing_and_what_differs_is_told() {
    for order in [Order::FailoverSync, Order::FailoverAsync(Switch::Dns)] {
        let mut world = offered(order);
        world.appliances[1].vendor.retain(|(title, _)| !title.starts_with("Bomgar"));
        let told = stops(&mut world, Exit::PairDiffers);
        assert!(told.contains("alpha with site 1") && told.contains("beta with site 10.5.3"), "{told}");
        assert!(told.contains("--media-b MEDIA") && told.contains("--up-to 10.5.3"), "{told}");
        let only =
            world.teller.0.borrow().iter().find(|line| line.contains("offered to alpha and not to beta")).cloned();
        assert!(only.is_some_and(|line| line.contains("Bomgar 10.6.2")), "{:?}", world.teller.0.borrow());
        assert!(world.pair.events().is_empty() && world.told.iter().all(|told| told.begun.borrow().is_empty()));
    }
}

#[test]
fn one_is_offered_and_to_the_other_it_is_carried() {
    for (at, online) in [[true, false], [false, true]].into_iter().enumerate() {
        let mut world = up_to(Order::FailoverSync, "10.6.2");
        world.offered = online;
        world.push().expect("done");
        check(&world);
        assert_eq!(world.done(at), ONE_TRIP);
        assert_eq!(world.done(1 - at).len(), 2, "{:?}", world.done(1 - at));
        assert_eq!(world.pair.roles(), [FailoverRole::Primary, FailoverRole::Backup]);
    }
}

#[test]
fn what_is_offered_half_way_is_left_and_what_is_gone_is_not_passed_over() {
    let mut world = up_to(Order::FailoverSync, "10.6.2");
    world.operator.refuses = |question| question.to_string().contains("second window");
    world.push().expect_err("the second window is another day");
    // Meanwhile the vendor has more for both, and nothing holds it back any more.
    world.rules.iter_mut().for_each(|rules| rules.up_to = None);
    world.operator.refuses = super::world::nothing;
    let asked = world.operator.asked.len();
    world.push().expect("done");
    assert_eq!(
        (world.done(0), world.done(1)),
        (ONE_TRIP.map(str::to_owned).to_vec(), ONE_TRIP.map(str::to_owned).to_vec())
    );
    assert!(world.teller.has("left for another run: Bomgar 11.1.1"));
    assert!(world.operator.asked[asked..].iter().any(|asked| asked.contains("Begin now on alpha and beta")));

    let mut gone = up_to(Order::FailoverSync, "10.6.2");
    gone.operator.refuses = |question| question.to_string().contains("second window");
    gone.push().expect_err("the second window is another day");
    gone.operator.refuses = super::world::nothing;
    gone.appliances[1].vendor.clear();
    let told = stops(&mut gone, Exit::PairDiffers);
    assert!(told.contains("beta with site 10.5.3") && told.contains("--media-b MEDIA"), "{told}");
    // What it offers no more is carried to it, in the same run.
    gone.offered = [true, false];
    gone.push().expect("done");
    check(&gone);
    assert_eq!(gone.pair.roles(), [FailoverRole::Primary, FailoverRole::Backup]);
}

#[test]
fn what_is_agreed_to_is_the_same_list_until_both_have_it() {
    let mut world = up_to(Order::FailoverSync, "10.6.2");
    let (plan, first) = world.run(|run| run.foresee_pair()).expect("a plan");
    assert!(world.pair.events().is_empty() && !plan.steps.is_empty());
    world.operator.refuses = |question| question.to_string().contains("second window");
    world.push().expect_err("the second window is another day");
    let (_, second) = world.run(|run| run.foresee_pair()).expect("a plan");
    assert_eq!(first.plan_sha256, second.plan_sha256);
    let mut more = offered(Order::FailoverSync);
    let (_, other) = more.run(|run| run.foresee_pair()).expect("a plan");
    assert_ne!(first.plan_sha256, other.plan_sha256);
}

#[test]
fn a_pair_that_is_killed_at_every_record_goes_on_by_its_lists() {
    for at in 1.. {
        let mut world = up_to(Order::FailoverSync, "10.6.2");
        world.kill = Some((at, at % 2 == 0));
        let was_killed = world.push().is_err_and(|failure| failure.message.contains(KILLED));
        let end = world.push_to_the_end();
        assert!(end.is_ok(), "killed at {at}: {end:?}");
        check(&world);
        for member in [0, 1] {
            assert_eq!(world.done(member), ONE_TRIP, "killed at {at}");
        }
        if !was_killed {
            assert!(at > 60, "every record was a place to die, not only {at}");
            break;
        }
    }
}

#[test]
fn a_new_appliance_installs_what_it_is_offered_up_to_the_old_ones_version() {
    for site in ["10.5.3", ""] {
        let mut world = MoveWorld::with(&CHAIN[..1], (site, "3.3.2"), [None, None]);
        (world.offered, world.new.vendor) = (true, vendor());
        let done = world.push().expect("done");
        assert_eq!(done.installed, ONE_TRIP, "{site:?}");
        assert!(world.teller.has("left for another run: Bomgar 11.1.1"));
        assert_eq!(world.events(1).last(), Some(&"restore"));
    }
    let mut behind = MoveWorld::with(&CHAIN[..1], ("10.5.3", "3.3.2"), [None, None]);
    (behind.offered, behind.new.vendor) = (true, vendor());
    behind.new.vendor.retain(|(title, _)| title.starts_with("Base"));
    assert_eq!(behind.push().expect_err("it would differ").exit, Exit::PairDiffers);
    assert!(behind.events(1).is_empty());
}
