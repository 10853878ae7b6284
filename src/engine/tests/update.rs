//! What an appliance offers by itself: the rules of a push, and its ends.

use super::killed::check;
use super::world::{CHAIN, KILLED, World, hint_after, status};
use crate::engine::question::InstallQuestion;
use crate::engine::*;
use crate::model::{Exit, PackageKind, Requirement, TitleNames, Version};
use crate::plan::Windows;
use crate::simulator::{Fault, Simulated};

fn need(kind: PackageKind, version: &str) -> Vec<Requirement> {
    vec![Requirement { kind, version: Version::parse(version).expect("a version") }]
}

/// What the lab's vendor offers, newest first as some pages list it.
pub fn vendor() -> Vec<(String, Vec<Requirement>)> {
    vec![
        ("Bomgar 11.1.1".to_owned(), need(PackageKind::Site, "10.6.2")),
        ("Bomgar 10.6.2".to_owned(), need(PackageKind::Base, "3.4.0")),
        ("Base 3.4.0".to_owned(), Vec::new()),
    ]
}

fn world(faults: &[Fault]) -> World {
    let mut world = World::faulty(&CHAIN[..1], faults);
    world.appliance.vendor = vendor();
    world
}

/// Runs it until it is done, waiting where it says so.
fn to_the_end(world: &mut World) -> Result<Finished, Failure> {
    for _ in 0..60 {
        match world.update() {
            Err(failure) if failure.exit == Exit::Waiting => world.clock.advance(3600),
            Err(failure) if failure.message.contains(KILLED) => {}
            outcome => return outcome,
        }
    }
    Err(Failure::new(Exit::Failure, "it never ends"))
}

fn exit(outcome: &Result<Finished, Failure>) -> Exit {
    outcome.as_ref().map_or_else(|failure| failure.exit, |_| Exit::Ok)
}

const ALL: [&str; 3] = ["Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1"];

#[test]
fn offers_are_installed_in_order_with_backup_agreement_and_wait() {
    let mut world = world(&[]);
    world.appliance.agreement = Some("You agree.".to_owned());
    let first = world.update().expect_err("the soak");
    assert_eq!((first.exit, world.done()), (Exit::Waiting, vec![ALL[0].to_owned(), ALL[1].to_owned()]));
    assert!(hint_after(&["update", "box"], &first).contains("handcarry-inside update box"));
    assert!(world.teller.has("Bomgar 11.1.1 (greyed out: Requires: Bomgar 10.6.2)"));
    world.clock.advance(23 * 3600);
    assert_eq!(exit(&world.update()), Exit::Waiting, "an hour early is too early");
    world.clock.advance(3600);
    assert_eq!(world.update().expect("done").installed, [ALL[2]]);
    assert_eq!(world.done(), ALL);
    assert_eq!(world.told.backups.borrow().len(), 2, "one before the first install, one after the soak");
    let asked = world.operator.asked.iter().filter(|asked| asked.contains("to fetch and install these")).count();
    assert_eq!(asked, 2, "each run that presses something asks, once: {:?}", world.operator.asked);
    let entries = world.entries();
    let offered = |entry: &Entry| matches!(entry, Entry::InstallConfirmed { package, .. } if package.key.is_offered());
    assert_eq!(entries.iter().filter(|entry| offered(entry)).count(), 3);
    assert!(matches!(entries.last(), Some(Entry::UpdateDone { .. })));
    assert!(world.update().expect("nothing left").installed.is_empty());
    assert!(world.teller.has("the appliance offers nothing new"));
}

#[test]
fn without_a_word_nothing_is_installed() {
    let mut world = world(&[]);
    world.operator.refuses = asks!(InstallQuestion::BeginOffered { .. });
    assert_eq!(exit(&world.update()), Exit::Declined);
    assert!(world.told.begun.borrow().is_empty() && world.told.backups.borrow().is_empty());
}

#[test]
fn without_a_backup_or_a_window_nothing_is_installed() {
    let mut bare = world(&[Fault::BackupEmpty]);
    assert_eq!(exit(&bare.update()), Exit::BackupFailed);
    assert!(bare.told.begun.borrow().is_empty());
    let mut closed = world(&[]);
    closed.rules.policy.windows = Some(Windows::parse("UTC", &["thu 01:00-03:30".to_owned()]).expect("a window"));
    assert_eq!(exit(&closed.update()), Exit::Waiting);
    assert!(closed.told.begun.borrow().is_empty());
}

#[test]
fn another_appliance_or_a_wrong_clock_is_left_alone() {
    let mut world = world(&[]);
    assert_eq!(exit(&world.update()), Exit::Waiting);
    let mut other = status();
    other.appliance.serial = "S2".into();
    world.appliance = Simulated::new(other, std::rc::Rc::clone(&world.clock));
    assert_eq!(exit(&world.update()), Exit::WrongAppliance);
    let mut skewed = self::world(&[]);
    skewed.appliance.ahead_secs = Some(-1200);
    assert_eq!(exit(&skewed.update()), Exit::ClockSkew);
    assert!(skewed.told.begun.borrow().is_empty());
}

#[test]
fn what_stays_greyed_out_or_is_not_known_is_told_at_the_end() {
    let mut locked = world(&[]);
    locked.appliance.vendor[1].1 = need(PackageKind::Base, "3.9");
    let left = locked.update().expect_err("two are left");
    assert_eq!((left.exit, locked.done()), (Exit::PrerequisiteMissing, vec![ALL[0].to_owned()]));
    assert!(left.message.contains("Bomgar 10.6.2 (greyed out: Requires: Base 3.9)"), "{}", left.message);

    let mut strange = world(&[]);
    strange.appliance.vendor = vec![("Custom skin".to_owned(), Vec::new()), vendor().swap_remove(2)];
    let left = strange.update().expect_err("one is left");
    assert_eq!((left.exit, strange.done()), (Exit::UnknownKind, vec![ALL[0].to_owned()]));
}

#[test]
fn a_name_that_the_inventory_tells_is_known_by_its_kind() {
    let mut strange = world(&[]);
    strange.appliance.vendor = vec![("Appliance Firmware 3.4.0".to_owned(), Vec::new())];
    strange.rules.policy.titles = TitleNames::parse(&["Appliance Firmware = base".to_owned()]).expect("reads");
    strange.update().expect("done");
    assert_eq!(strange.done(), ["Appliance Firmware 3.4.0"]);
}

#[test]
fn a_base_update_in_trouble_stops_it_and_a_lost_answer_presses_nothing_twice() {
    let mut trouble = world(&[Fault::InstallFails]);
    assert_eq!(exit(&trouble.update()), Exit::BaseTrouble);
    assert!(trouble.teller.has("offered by the appliance and fetched by itself"));
    trouble.operator.refuses = asks!(InstallQuestion::MayTryBaseAgain { .. });
    assert_eq!(exit(&trouble.update()), Exit::BaseTrouble);
    assert_eq!(trouble.told.begun.borrow().len(), 1);
    let mut lost = world(&[Fault::UploadAnswerLost]);
    assert_eq!(exit(&lost.update()), Exit::Waiting);
    assert_eq!(lost.told.begun.borrow().len(), 2);
}

#[test]
fn what_the_driver_cannot_press_a_person_does_without_a_copy() {
    let mut world = world(&[Fault::ByHandUpload]);
    assert_eq!(exit(&world.update()), Exit::Waiting);
    assert!(world.teller.has("have the appliance install Base 3.4.0") && !world.teller.has("staging"));
    let guided = |entry: &Entry| matches!(entry, Entry::GuidedBegun { staged: None, key: Some(_), .. });
    assert!(world.entries().iter().any(guided));
}

#[test]
fn a_list_that_grew_with_the_base_is_asked_about_again_and_one_that_did_not_is_not() {
    let begun = |world: &World| {
        world
            .operator
            .asked
            .iter()
            .filter(|asked| asked.contains("to fetch and install these"))
            .cloned()
            .collect::<Vec<_>>()
    };
    let mut grown = world(&[]);
    // 3.5.0 is known to nobody before 3.4.0 is there, and needs to be between it and the site.
    grown.appliance.vendor = vec![vendor()[1].clone(), vendor()[2].clone(), ("Base 3.5.0".to_owned(), Vec::new())];
    grown.appliance.more_from = Some(ALL[0].to_owned());
    assert_eq!(grown.update().expect("done").installed, [ALL[0], "Base 3.5.0", ALL[1]]);
    assert!(grown.teller.has("since the base changed the appliance offers more: Base 3.5.0"));
    let asked = begun(&grown);
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(!asked[0].contains("3.5.0") && asked[1].contains("Base 3.5.0"), "{asked:?}");
    // Nobody agrees to what came: what was agreed to before is installed, and nothing else.
    let mut refused = world(&[]);
    refused.appliance.vendor.clone_from(&grown.appliance.vendor);
    refused.appliance.more_from = Some(ALL[0].to_owned());
    refused.operator.refuses = |question| question.to_string().contains("in this order: Base 3.5.0");
    assert_eq!((exit(&refused.update()), refused.done()), (Exit::Declined, vec![ALL[0].to_owned()]));
    let mut same = world(&[]);
    assert_eq!(exit(&same.update()), Exit::Waiting);
    assert_eq!(begun(&same).len(), 1);
}

#[test]
fn no_later_site_version_than_is_wanted_is_installed() {
    let mut world = world(&[]);
    world.rules.up_to = Version::parse("10.6.2");
    assert_eq!(world.update().expect("no more is wanted").installed, ALL[..2]);
    assert!(world.teller.has("left for another run: Bomgar 11.1.1"));
    world.rules.up_to = None;
    world.clock.advance(24 * 3600);
    assert_eq!(world.update().expect("the rest").installed, ALL[2..]);
}

#[test]
fn killed_at_every_record_it_goes_on() {
    for kept in [false, true] {
        for at in 1.. {
            let mut world = world(&[]);
            world.appliance.agreement = Some("Agree.".to_owned());
            world.kill = Some((at, kept));
            let mut first = world.update();
            if first.as_ref().is_err_and(|failure| failure.exit == Exit::Waiting) {
                world.clock.advance(24 * 3600);
                world.kill = Some((at - world.appends, kept));
                first = world.update();
            }
            let was_killed = first.as_ref().is_err_and(|failure| failure.message.contains(KILLED));
            world.kill = None;
            let end = to_the_end(&mut world);
            assert!(end.is_ok(), "killed at {at}, {kept}: {end:?}");
            assert_eq!(world.done(), ALL, "killed at {at}, {kept}");
            assert_eq!(world.told.begun.borrow().len(), 3, "killed at {at}, {kept}");
            check(&world);
            if !was_killed {
                assert!(at > 24, "every record of both runs was a place to die, not only {at}");
                break;
            }
        }
    }
}
