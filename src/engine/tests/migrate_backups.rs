//! A site that moves: what its backup must have in it, and be restored on.

use super::migrate::{PACKAGES, STEPS, check, check_journals, stops, world};
use super::migrate_world::MoveWorld;
use super::world::nothing;
use crate::engine::Entry;
use crate::engine::question::MigrateQuestion;
use crate::model::Exit;
use crate::simulator::settings_of;

#[test]
fn another_build_restores_nothing() {
    let world = |builds| MoveWorld::with(&PACKAGES[..1], ("10.6.2", "3.3.2"), builds);
    let mut other = world([Some("41000"), Some("41001")]);
    let told = stops(&mut other, Exit::PairDiffers);
    assert!(told.contains("alpha shows site 10.6.2 (build 41000), beta shows site 10.6.2 (build 41001)"), "{told}");
    assert_eq!((other.count(1, "restore"), other.count(0, "reset")), (0, 0));
    world([Some("41000"), Some("41000")]).push().expect("the same build is restored on");
}

#[test]
fn a_site_moves_to_hardware_that_has_none() {
    let mut world = MoveWorld::with(PACKAGES, ("", "3.3.2"), [None, None]);
    world.push().expect("done");
    check(&world);
    assert!(world.told[1].backups.borrow().is_empty(), "there was nothing to back up");
    assert!(world.teller.has("site none yet"));
    check_journals(&world, &STEPS);
}

#[test]
fn an_old_one_whose_logged_history_is_in_no_backup_is_not_erased() {
    let mut world = world();
    world.rules[0].backup_history = false;
    world.rules[0].policy.backup_with_history = false;
    let told = stops(&mut world, Exit::Declined);
    assert!(told.contains("its logged history was left out of the backup, and is nowhere else"), "{told}");
    assert!(told.contains("--keep-old") && told.contains("--dangerous-lose-history --reason TEXT"), "{told}");
    assert_eq!(world.count(0, "reset"), 0);
    // Wanting history now comes too late for what was restored, and changes nothing of that.
    world.rules[0].backup_history = true;
    world.rules[0].policy.backup_with_history = true;
    stops(&mut world, Exit::Declined);
    assert_eq!(world.count(0, "reset"), 0);
    world.move_rules.lose_history = Some("nobody asks for reports".to_owned());
    world.push().expect("done");
    let accepted = |entry: &Entry| {
        matches!(entry, Entry::DangerousAccepted { what, reason, .. }
            if what == "lose-history" && reason == "nobody asks for reports")
    };
    assert!([0, 1].iter().all(|at| world.entries(*at).iter().any(accepted)), "it is journalled");
    check(&world);
}

#[test]
fn a_backup_without_history_is_made_anew_where_a_later_call_wants_it() {
    let mut world = world();
    world.rules[0].backup_history = false;
    world.rules[0].policy.backup_with_history = false;
    world.operator.refuses = asks!(MigrateQuestion::Restore { .. });
    stops(&mut world, Exit::Declined);
    world.operator.refuses = nothing;
    world.rules[0].backup_history = true;
    world.rules[0].policy.backup_with_history = true;
    world.push().expect("done");
    assert_eq!(world.told[0].backups.borrow().len(), 2);
    check(&world);
}

#[test]
fn a_backup_that_is_not_what_was_kept_is_made_anew() {
    let mut world = world();
    world.operator.refuses = asks!(MigrateQuestion::Restore { .. });
    stops(&mut world, Exit::Declined);
    world.operator.refuses = nothing;
    let folder = &world.rules[0].folders.backups;
    let kept = std::fs::read_dir(folder).expect("kept").next().expect("one").expect("read").path();
    std::fs::write(&kept, settings_of("S9")).expect("written");
    let told = stops(&mut world, Exit::MediaLies);
    assert!(told.contains("the backup that was kept can't be used"), "{told}");
    world.push().expect("done");
    assert_eq!(world.told[0].backups.borrow().len(), 2);
    check(&world);
}

#[test]
fn a_stale_backup_is_made_anew_before_it_is_restored() {
    let mut world = world();
    world.operator.refuses = asks!(MigrateQuestion::Restore { .. });
    stops(&mut world, Exit::Declined);
    world.operator.refuses = nothing;
    world.clock.advance(3 * 24 * 3600);
    world.push().expect("done");
    assert_eq!(world.told[0].backups.borrow().len(), 2, "what changed on OLD meanwhile comes along");
    check(&world);
}
