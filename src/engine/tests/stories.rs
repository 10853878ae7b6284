//! One story a rule.

use super::world::{CHAIN, World, hint, nothing, start, status};
use crate::engine::question::{BackupQuestion, InstallQuestion};
use crate::engine::*;
use crate::model::{Evidence, Exit, PackageKind, Sha256Digest, Source};
use crate::plan::{ClockRule, Windows};
use crate::simulator::{Fault, settings_of};

fn exit(outcome: &Result<Finished, Failure>) -> Exit {
    match outcome {
        Ok(_) => Exit::Ok,
        Err(failure) => failure.exit,
    }
}

#[test]
fn a_chain_is_installed_with_its_wait() {
    let mut world = World::new(&CHAIN);
    world.appliance.agreement = Some("You agree.".to_owned());
    let first = world.push();
    assert_eq!(exit(&first), Exit::Waiting);
    let waiting = first.expect_err("waits");
    assert!(waiting.message.contains("site 10.6.2") && waiting.message.contains("(in 24 h)"), "{}", waiting.message);
    assert!(hint(&waiting).contains("push /media/stick box"));
    assert_eq!(world.done(), ["base 3.4.0", "site 10.6.2"]);
    world.clock.advance(23 * 3600);
    assert_eq!(exit(&world.push()), Exit::Waiting, "an hour early is too early");
    world.clock.advance(3600);
    let finished = world.push().expect("done");
    assert_eq!(finished.installed, ["site 11.1.1"]);
    assert_eq!(world.done(), ["base 3.4.0", "site 10.6.2", "site 11.1.1"]);
    assert_eq!(world.told.backups.borrow().len(), 2, "one before the first install, one after the soak");
    let begins = |asked: &&String| asked.starts_with("Begin now on box");
    let begun = world.operator.asked.iter().filter(begins).count();
    assert_eq!(begun, 2, "each run that presses something asks, and none that only waits: {:?}", world.operator.asked);
    assert_eq!(world.operator.asked.len() - begun, 3, "one agreement each, nothing else: {:?}", world.operator.asked);
    let kept = std::fs::read_dir(world.folder.path().join("licences")).expect("kept").count();
    assert_eq!(kept, 1, "the text that was agreed to, by its digest");
    let again = world.push().expect("nothing left");
    assert!(again.installed.is_empty());
}

#[test]
fn another_appliance_is_left_alone() {
    let mut world = World::new(&CHAIN);
    let mut other = status();
    other.appliance.serial = "S2".into();
    world.appliance = crate::simulator::Simulated::new(other, std::rc::Rc::clone(&world.clock));
    assert_eq!(exit(&world.push()), Exit::WrongAppliance);
    assert!(world.appliance.told.backups.borrow().is_empty());
}

#[test]
fn clocks_apart_stop_it_unless_the_appliances_own_counts() {
    let mut world = World::new(&CHAIN);
    world.appliance.ahead_secs = Some(-1200);
    let skewed = world.push().expect_err("stopped");
    assert_eq!(skewed.exit, Exit::ClockSkew);
    assert!(skewed.message.contains("20 min behind ours"), "{}", skewed.message);
    assert!(world.told.begun.borrow().is_empty() && world.told.backups.borrow().is_empty());
    world.rules.policy.clock = ClockRule::Appliance;
    assert_eq!(exit(&world.push()), Exit::Waiting);
    // By the appliance's own clock a day has passed.
    world.appliance.ahead_secs = Some(-1200 + 25 * 3600);
    assert_eq!(exit(&world.push()), Exit::Ok);
}

#[test]
fn setting_one_clock_forward_ends_no_soak() {
    let mut world = World::new(&CHAIN);
    world.rules.policy.clock_tolerance_secs = 30 * 3600;
    assert_eq!(exit(&world.push()), Exit::Waiting);
    world.appliance.ahead_secs = Some(26 * 3600);
    assert_eq!(exit(&world.push()), Exit::Waiting);
    assert_eq!(world.done().len(), 2);
}

#[test]
fn without_a_backup_no_install_follows() {
    let mut world = World::faulty(&CHAIN, &[Fault::BackupEmpty]);
    assert_eq!(exit(&world.push()), Exit::BackupFailed);
    assert!(world.told.begun.borrow().is_empty());
    assert_eq!(exit(&world.push()), Exit::Waiting, "the next run makes one");
}

#[test]
fn a_backup_is_kept_private_with_its_digest() {
    let mut world = World::new(&CHAIN[..1]);
    world.push().expect("done");
    let entries = world.entries();
    let done = entries.iter().find_map(|entry| match entry {
        Entry::BackupDone { file: Some(file), sha256: Some(sha256), .. } => Some((file.clone(), *sha256)),
        _ => None,
    });
    let (file, sha256) = done.expect("journalled");
    let path = world.rules.folders.backups.join(file);
    assert_eq!(Sha256Digest::of(&std::fs::read(&path).expect("kept")), sha256);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    }
    for gap in ["recordings", "no more than 50", "encryption key", "/appliance (network", "certificates are not in it"]
    {
        assert!(world.teller.has(gap), "{gap}");
    }
    assert!(!world.teller.has("--no-backup-history"), "logged history is no gap here");
}

#[test]
fn a_backup_by_hand_is_taken_over_or_vouched_for() {
    for path in ["saved.nsb", ""] {
        let mut world = World::faulty(&CHAIN[..1], &[Fault::ByHandBackup]);
        if !path.is_empty() {
            let saved = world.folder.path().join(path);
            std::fs::write(&saved, settings_of("S1")).expect("saved");
            world.operator.path = saved.to_string_lossy().into_owned();
        }
        world.push().expect("done");
        let guided = |entry: &Entry| matches!(entry, Entry::BackupDone { guided: true, file, .. } if file.is_some() != path.is_empty());
        assert!(world.entries().iter().any(guided), "{path:?}");
    }
    let mut world = World::faulty(&CHAIN[..1], &[Fault::ByHandBackup]);
    world.operator.refuses = asks!(BackupQuestion::IsKeptElsewhere);
    assert_eq!(exit(&world.push()), Exit::BackupFailed);
}

#[test]
fn an_agreement_that_is_not_accepted_installs_nothing() {
    let mut world = World::new(&CHAIN[..1]);
    world.appliance.agreement = Some("You agree to \u{1b}[31mmuch.".to_owned());
    world.operator.refuses = asks!(InstallQuestion::AcceptLicence { .. });
    let refused = world.push().expect_err("refused");
    assert_eq!(refused.exit, Exit::EulaDeclined);
    assert!(world.told.begun.borrow().is_empty());
    assert!(world.teller.has("You agree to [31mmuch."), "shown whole, without its control characters");
    let digest = Sha256Digest::of("You agree to \u{1b}[31mmuch.".as_bytes());
    assert!(hint(&refused).contains(&digest.to_string()));

    world.rules.accepted = vec![digest];
    let asked = world.operator.asked.len();
    world.push().expect("accepted beforehand");
    let since = &world.operator.asked[asked..];
    assert_eq!(since, ["Begin now on box, as told above?"], "the agreement is asked about no more");
    assert!(world.entries().iter().any(|entry| matches!(entry, Entry::EulaAccepted { beforehand: true, .. })));
}

#[test]
fn an_agreement_that_nobody_could_read_is_neither_shown_nor_accepted() {
    let mut world = World::new(&CHAIN[..1]);
    world.appliance.agreement = Some("You agree.".to_owned());
    world.teller.1.set(true);
    assert_eq!(exit(&world.push()), Exit::OutputLost);
    assert!(world.told.begun.borrow().is_empty());
    assert!(!world.operator.asked.iter().any(|question| question.contains("Do you accept")));
    let told = |entry: &Entry| matches!(entry, Entry::EulaShown { .. } | Entry::EulaAccepted { .. });
    assert!(!world.entries().iter().any(told), "{:?}", world.entries());
    world.teller.1.set(false);
    world.push().expect("shown, read and accepted");
    assert!(world.entries().iter().any(|entry| matches!(entry, Entry::EulaShown { .. })));
}

#[test]
fn the_journal_says_where_each_package_came_from_before_it_is_sent() {
    let mut world = World::new(&CHAIN[..2]);
    world.push().expect("nothing is left to wait for");
    let begun = |entries: Vec<Entry>| -> Vec<Option<Source>> {
        let begun = entries.into_iter().filter_map(|entry| match entry {
            Entry::InstallStarted { source, .. } => Some(source),
            _ => None,
        });
        begun.collect()
    };
    let signed: Vec<_> =
        world.bundle.consignment().packages.iter().map(|one| Some(Source::clone(&one.source))).collect();
    assert_eq!((begun(world.entries()), signed.len()), (signed, 2));
    // What the appliance fetches by itself comes from nobody here.
    let mut world = World::new(&CHAIN[..1]);
    world.appliance.vendor = super::update::vendor();
    world.update().expect_err("the soak");
    assert_eq!(begun(world.entries()), [None, None]);
}

#[test]
fn a_cut_upload_is_sent_again_after_a_look() {
    let mut world = World::faulty(&CHAIN[..1], &[Fault::UploadCut, Fault::UploadCut]);
    world.push().expect("done at the third time");
    assert_eq!(world.told.begun.borrow().len(), 1);
    let attempts = world.entries().iter().filter(|entry| matches!(entry, Entry::InstallStarted { .. })).count();
    assert_eq!(attempts, 3);
    let mut world = World::faulty(&CHAIN[..1], &[Fault::UploadCut, Fault::UploadCut, Fault::UploadCut]);
    assert_eq!(exit(&world.push()), Exit::Unconfirmed, "three times is enough for one run");
    world.push().expect("the next run sends it");
}

#[test]
fn a_lost_answer_is_not_a_reason_to_send_twice() {
    for fault in [Fault::UploadAnswerLost, Fault::AgreementAnswerLost] {
        let mut world = World::faulty(&CHAIN[..1], std::slice::from_ref(&fault));
        world.appliance.agreement = (fault == Fault::AgreementAnswerLost).then(|| "Agree.".to_owned());
        world.push().expect("confirmed by looking");
        assert_eq!(world.told.begun.borrow().len(), 1, "{fault:?}");
    }
}

#[test]
fn a_base_update_in_trouble_stops_everything() {
    let mut world = World::faulty(&CHAIN, &[Fault::InstallFails]);
    let trouble = world.push().expect_err("stopped");
    assert_eq!(trouble.exit, Exit::BaseTrouble);
    assert!(trouble.message.contains("DO NOT RESTART"), "{}", trouble.message);
    assert!(world.teller.has("Installation failed: not enough space"));
    world.operator.refuses = asks!(InstallQuestion::MayTryBaseAgain { .. });
    assert_eq!(exit(&world.push()), Exit::BaseTrouble, "it stays so until support has agreed");
    assert_eq!(world.told.begun.borrow().len(), 1);
    world.operator.refuses = nothing;
    assert_eq!(exit(&world.push()), Exit::Waiting);
    assert_eq!(world.done(), ["base 3.4.0", "site 10.6.2"]);
}

#[test]
fn a_site_update_that_fails_is_tried_again_by_calling_again() {
    let mut world = World::faulty(&[(PackageKind::Site, "10.6.2", &[])], &[Fault::InstallFails]);
    assert_eq!(exit(&world.push()), Exit::InstallFailed);
    world.push().expect("done");
    let mut world = World::faulty(&[(PackageKind::Site, "10.6.2", &[])], &[Fault::PackageRefused]);
    let refused = world.push().expect_err("refused");
    assert_eq!(refused.exit, Exit::PackageRejected);
    assert!(refused.message.contains("not for this appliance"), "{}", refused.message);
}

#[test]
fn an_install_that_hangs_is_waited_for_and_not_repeated() {
    let mut world = World::faulty(&[(PackageKind::Site, "10.6.2", &[])], &[Fault::InstallHangs]);
    for _ in 0..2 {
        let before = world.clock.now();
        assert_eq!(exit(&world.push()), Exit::Unconfirmed);
        assert!(world.clock.now().secs_since(before) >= 4 * 3600);
    }
    assert_eq!(world.told.begun.borrow().len(), 1);
    let mut world = World::faulty(&CHAIN, &[Fault::InstallHangs]);
    assert_eq!(exit(&world.push()), Exit::BaseTrouble);
}

#[test]
fn an_install_that_changes_nothing_is_no_success() {
    let mut world = World::faulty(&[(PackageKind::Site, "10.6.2", &[])], &[Fault::InstallVanishes]);
    let unknown = world.push().expect_err("not believed");
    assert_eq!(unknown.exit, Exit::Unconfirmed);
    assert!(unknown.message.contains("site 10.5.3"), "{}", unknown.message);
    world.push().expect("the operator has looked, so it is sent again");
    let [.., looked, begin] = &world.operator.asked[..] else { panic!("asked: {:?}", world.operator.asked) };
    assert!(looked.contains("may be sent again") && begin.starts_with("Begin now"), "{looked} {begin}");
}

#[test]
fn what_the_driver_cannot_press_a_person_does_with_a_verified_copy() {
    let mut world = World::faulty(&CHAIN[..1], &[Fault::ByHandUpload]);
    world.push().expect("done by hand");
    assert_eq!(world.done(), ["base 3.4.0"]);
    assert!(world.teller.has("/appliance > Updates") && world.teller.has("staging/p0.nss"));
    assert!(!world.rules.folders.staging.join("p0.nss").exists(), "taken away when it is installed");
    let guided =
        |entry: &Entry| matches!(entry, Entry::InstallConfirmed { guided: true, evidence: Evidence::Version, .. });
    assert!(world.entries().iter().any(guided));

    let mut world = World::faulty(&CHAIN[..1], &[Fault::ByHandAgreement]);
    world.appliance.agreement = Some("Agree.".to_owned());
    world.push().expect("accepted by hand");

    let mut world = World::faulty(&CHAIN[..1], &[Fault::ByHandUpload]);
    world.operator.refuses = asks!(InstallQuestion::IsOver { .. } | InstallQuestion::WasBegun { .. });
    assert_eq!(exit(&world.push()), Exit::Declined);
    assert!(world.rules.folders.staging.join("p0.nss").exists(), "the copy stays for the next time");
    world.operator.refuses = nothing;
    world.push().expect("done by the driver");
    assert_eq!(world.told.begun.borrow().len(), 1);
}

#[test]
fn where_nothing_can_be_read_the_operators_word_counts() {
    let mut world = World::new(&[(PackageKind::Patch, "BT24-10", &[])]);
    let finished = world.push().expect("done");
    assert_eq!(finished.installed.len(), 1);
    let word = |entry: &Entry| matches!(entry, Entry::InstallConfirmed { evidence: Evidence::Operator, .. });
    assert!(world.entries().iter().any(word));
    assert!(world.push().expect("not again").installed.is_empty(), "the journal remembers what the appliance can't");
}

#[test]
fn a_version_that_is_gone_again_is_installed_only_on_a_word() {
    let mut world = World::new(&CHAIN[..1]);
    world.push().expect("done");
    world.appliance = crate::simulator::Simulated::new(status(), std::rc::Rc::clone(&world.clock));
    world.operator.refuses = asks!(InstallQuestion::InstallOnceMore { .. });
    assert_eq!(exit(&world.push()), Exit::Declined);
    world.operator.refuses = nothing;
    world.push().expect("on a word");
}

#[test]
fn the_soak_of_an_earlier_bundle_counts() {
    let mut world = World::new(&[(PackageKind::Site, "10.6.2", &[])]);
    world.push().expect("done");
    let journal = world.rules.folders.journal.clone();
    let appliance_now = world.appliance;
    let mut next = World::new(&[(PackageKind::Site, "11.1.1", &[(PackageKind::Site, "10.6.2")])]);
    next.clock.advance(world.clock.now().secs_since(start()));
    next.rules.folders.journal = journal;
    let clock = world.clock;
    next.clock = std::rc::Rc::clone(&clock);
    next.told = std::rc::Rc::clone(&appliance_now.told);
    next.appliance = appliance_now;
    assert_eq!(exit(&next.push()), Exit::Waiting);
    clock.advance(24 * 3600);
    next.push().expect("done");
}

/// The world begins on a Wednesday at 22:00.
fn with_window(written: &str) -> World {
    let mut world = World::new(&CHAIN);
    world.rules.policy.windows = Some(Windows::parse("UTC", &[written.to_owned()]).expect("a window"));
    world
}

#[test]
fn outside_its_windows_nothing_is_begun() {
    let mut world = with_window("thu 01:00-03:30");
    let closed = world.push().expect_err("not now");
    assert_eq!(closed.exit, Exit::Waiting);
    assert!(closed.message.contains("may go on at Thu 2026-03-05 00:45 UTC"), "{}", closed.message);
    assert!(world.told.backups.borrow().is_empty() && world.told.begun.borrow().is_empty());
    world.clock.advance(3 * 3600);
    let soak = world.push().expect_err("the soak");
    assert_eq!(world.done(), ["base 3.4.0", "site 10.6.2"]);
    assert!(
        soak.message.contains("go on after Thu 2026-03-12 00:45 UTC"),
        "soak and window together: {}",
        soak.message
    );
    world.clock.advance(7 * 86_400);
    world.push().expect("done");
    assert_eq!(world.done().len(), 3);
}

#[test]
fn an_install_that_would_not_end_in_its_window_waits_for_the_next() {
    let mut world = with_window("daily 22:00-23:30");
    // Each takes 15 minutes here, but may take an hour by the guide: the second no longer fits.
    world.appliance.set_times((1500, 600));
    let closed = world.push().expect_err("no room for the second");
    assert_eq!((closed.exit, world.done()), (Exit::Waiting, vec!["base 3.4.0".to_owned()]));
    assert!(closed.message.contains("install site 10.6.2 may go on at Thu 2026-03-05 22:00"), "{}", closed.message);
}

#[test]
fn a_word_that_was_given_too_late_begins_nothing() {
    let mut world = with_window("daily 22:00-23:10");
    world.operator.thinks = Some((std::rc::Rc::clone(&world.clock), 3600));
    world.operator.over = asks!(InstallQuestion::Begin { .. });
    let closed = world.push().expect_err("too late");
    assert!(closed.message.contains("outside the maintenance windows: install base 3.4.0"), "{}", closed.message);
    assert!(closed.exit == Exit::Waiting && world.told.begun.borrow().is_empty());
}

#[test]
fn an_agreement_that_was_answered_too_late_begins_nothing() {
    let mut world = with_window("daily 22:00-23:10");
    world.appliance.agreement = Some("You agree.".to_owned());
    world.operator.thinks = Some((std::rc::Rc::clone(&world.clock), 3600));
    world.operator.over = asks!(InstallQuestion::AcceptLicence { .. });
    let missed = world.push().expect_err("too late");
    assert!(missed.message.contains("its maintenance window has no room"), "{}", missed.message);
    assert!(missed.exit == Exit::Waiting && world.told.begun.borrow().is_empty());
    world.clock.advance(23 * 3600);
    world.operator.thinks = None;
    assert_eq!(exit(&world.push()), Exit::Waiting);
    assert_eq!(world.done(), ["base 3.4.0"], "the next night it is sent once more");
}

#[test]
fn windows_are_set_aside_by_a_word_and_a_reason_only() {
    let mut world = with_window("thu 01:00-03:30");
    world.rules.outside_window = Some("change 4711, agreed by Rui".to_owned());
    world.operator.path = "yes".to_owned();
    assert_eq!(exit(&world.push()), Exit::Declined, "the word itself is needed");
    assert!(world.told.begun.borrow().is_empty());
    world.operator.path = "outside-window".to_owned();
    world.push().expect_err("the soak");
    assert_eq!(world.done().len(), 2);
    let accepted = |entry: &Entry| matches!(entry, Entry::DangerousAccepted { what, .. } if what == "outside-window");
    assert_eq!(world.entries().iter().filter(|entry| accepted(entry)).count(), 1);
}
