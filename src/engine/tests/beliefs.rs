//! What is believed of an appliance that was sent a package, and what is not.

use super::world::{CHAIN, KILLED, Wanted, World, hint};
use crate::engine::*;
use crate::model::{Exit, PackageKind};
use crate::simulator::Fault;

const SITE: [Wanted<'static>; 1] = [(PackageKind::Site, "10.6.2", &[])];
const BASE: [Wanted<'static>; 1] = [(PackageKind::Base, "3.4.0", &[])];
const HOUR: i64 = 3600;

fn sent(world: &World) -> usize {
    world.entries().iter().filter(|entry| matches!(entry, Entry::InstallStarted { .. })).count()
}

/// Runs push, and says how it ended and how many seconds that took.
fn push(world: &mut World) -> (Exit, Option<Failure>, i64) {
    let begun = world.clock.now();
    let failure = world.push().err();
    (failure.as_ref().map_or(Exit::Ok, |failure| failure.exit), failure, world.clock.now().secs_since(begun))
}

#[test]
fn what_may_have_arrived_is_never_sent_again_unattended() {
    for (packages, waits) in [(SITE, 300), (BASE, HOUR)] {
        let mut world = World::faulty(&packages, &[Fault::UploadVanishes]);
        world.operator.away = true;
        let (exit, failure, took) = push(&mut world);
        assert_eq!(exit, Exit::Unconfirmed, "{failure:?}");
        assert!(hint(&failure.expect("told")).contains("push /media/stick box"));
        assert!((waits..waits + 200).contains(&took), "{took} s: a base package is waited for by the estimate");
        assert_eq!(push(&mut world).0, Exit::Unconfirmed, "nor by the next run");
        assert_eq!((sent(&world), world.told.begun.borrow().len()), (1, 0));
        world.operator.away = false;
        world.push().expect("a person says that it is not there");
        let asked = &world.operator.asked;
        assert!(asked.iter().any(|text| text.ends_with("so that it may be sent again?")), "{asked:?}");
        assert_eq!((sent(&world), world.done().len()), (2, 1));
    }
}

#[test]
fn what_was_cut_before_its_end_is_sent_again_and_nobody_is_asked() {
    for packages in [SITE, [(PackageKind::Patch, "BT24-10", &[] as &[(PackageKind, &str)])]] {
        let mut world = World::faulty(&packages, &[Fault::UploadCut]);
        world.operator.away = packages[0].0 == PackageKind::Site;
        world.push().expect("done");
        assert_eq!((sent(&world), world.done().len()), (2, 1));
        let again = |text: &String| text.ends_with("so that it may be sent again?");
        assert!(!world.operator.asked.iter().any(again), "{:?}", world.operator.asked);
    }
}

#[test]
fn a_run_that_is_killed_knows_whether_all_was_handed_over() {
    let record = |world: &World| {
        let at = |entry: &Entry| matches!(entry, Entry::UploadHandedOver { .. });
        1 + world.entries().iter().position(at).expect("it is written before the last bytes go")
    };
    let mut world = World::new(&SITE);
    world.push().expect("done");
    let at = record(&world);
    for (kept, expected) in [(false, Exit::Ok), (true, Exit::Unconfirmed)] {
        let mut world = World::new(&SITE);
        world.kill = Some((at, kept));
        assert_eq!(world.push().expect_err("killed").message, KILLED);
        assert!(world.told.begun.borrow().is_empty(), "the last bytes did not go");
        world.operator.away = true;
        assert_eq!(push(&mut world).0, expected, "{kept}");
        assert_eq!(sent(&world), if kept { 1 } else { 2 });
    }
}

#[test]
fn a_press_that_has_the_appliance_fetch_a_package_is_not_repeated_unattended() {
    let mut world = World::new(&SITE);
    world.appliance.vendor = vec![("Bomgar 10.6.2".to_owned(), Vec::new())];
    let started =
        |world: &World| world.entries().iter().position(|entry| matches!(entry, Entry::InstallStarted { .. }));
    let mut whole = World::new(&SITE);
    whole.appliance.vendor.clone_from(&world.appliance.vendor);
    whole.update().expect("done");
    // Killed right after the press was written down, and before anything came of it.
    world.kill = Some((1 + started(&whole).expect("begun"), true));
    assert_eq!(world.update().expect_err("killed").message, KILLED);
    world.operator.away = true;
    assert_eq!(world.update().expect_err("not known").exit, Exit::Unconfirmed);
    assert_eq!(sent(&world), 1);
}

#[test]
fn a_base_that_shows_its_old_version_and_ordinary_pages_is_not_in_trouble() {
    for packages in [BASE, SITE] {
        let mut world = World::faulty(&packages, &[Fault::InstallHides]);
        world.appliance.set_times((40 * 60, 300));
        world.operator.away = true;
        world.push().expect("it is waited for by the estimate");
        assert_eq!(world.done().len(), 1);
    }
}

#[test]
fn a_base_is_in_trouble_only_after_the_estimate_and_the_longest_wait() {
    let mut world = World::faulty(&BASE, &[Fault::InstallVanishes]);
    world.operator.away = true;
    let (exit, _, took) = push(&mut world);
    assert_eq!(exit, Exit::BaseTrouble);
    assert!((4 * HOUR..5 * HOUR).contains(&took), "--wait-max, by its default: {took} s");
    assert_eq!(push(&mut world).0, Exit::BaseTrouble);
    assert_eq!(sent(&world), 1);

    let mut world = World::faulty(&BASE, &[Fault::InstallVanishes]);
    (world.operator.away, world.rules.wait_max_secs) = (true, 600);
    let (exit, failure, _) = push(&mut world);
    assert_eq!(exit, Exit::Unconfirmed, "the estimate is not over: {failure:?}");
    world.clock.advance(HOUR);
    assert_eq!(push(&mut world).0, Exit::BaseTrouble, "now both are");
}

#[test]
fn the_version_counts_before_a_sentence_about_installing() {
    let mut world = World::new(&CHAIN[..2]);
    world.appliance.explains = Some("Installing updates ends all sessions.".to_owned());
    world.appliance.set_times((600, 60));
    world.operator.away = true;
    let (exit, failure, took) = push(&mut world);
    assert_eq!(exit, Exit::Ok, "{failure:?}");
    assert!(took < HOUR, "{took} s");

    let mut world = World::faulty(&SITE, &[Fault::InstallVanishes]);
    world.appliance.explains = Some("Installing updates ends all sessions.".to_owned());
    world.operator.away = true;
    let (exit, _, took) = push(&mut world);
    assert_eq!(exit, Exit::Unconfirmed);
    assert!(took < 2 * HOUR, "words that never change are no installation: {took} s");
}

#[test]
fn pages_that_changed_are_asked_about_at_once() {
    let mut world = World::faulty(&BASE, &[Fault::LabelsChange]);
    let (exit, failure, took) = push(&mut world);
    assert_eq!(exit, Exit::Ok, "a person tells what they show: {failure:?}");
    assert!(took < 1200, "the install took 900 s, and the question came at once: {took} s");
    assert!(world.teller.has("has no \"Serial Number\""), "the true reason is told");

    let mut world = World::faulty(&BASE, &[Fault::LabelsChange]);
    (world.operator.away, _) = (true, world.told.nobody.set(true));
    let (exit, failure, took) = push(&mut world);
    assert_eq!(exit, Exit::Unconfirmed);
    assert!(failure.expect("told").message.contains("has no \"Serial Number\""));
    assert!(took < 1800, "and nobody waits for hours: {took} s");
}
