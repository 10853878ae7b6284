//! What counts as a backup: history, password, and what it looks like.

use super::world::{CHAIN, World, hint, nothing};
use crate::driver::Migration;
use crate::engine::question::BackupQuestion;
use crate::engine::{Entry, EntryLog, Past, Restoring, RunJournal, backup_records, examine};
use crate::model::{Exit, Failure, Secret};
use crate::simulator::{Fault, Faults, SimulatedPair, settings_of};
use std::rc::Rc;

#[track_caller]
fn stops(world: &mut World, exit: Exit) -> String {
    let failure = world.push().expect_err("it stops");
    assert_eq!(failure.exit, exit, "{failure:?}");
    format!("{}; {}", failure.message, hint(&failure))
}

/// Of each backup that the journal has: protected, with history.
fn made(world: &World) -> Vec<(Option<bool>, bool)> {
    let facts = |entry| match entry {
        Entry::BackupDone { protected, history, .. } => Some((protected, history)),
        _ => None,
    };
    world.entries().into_iter().filter_map(facts).collect()
}

fn files(world: &World) -> usize {
    std::fs::read_dir(&world.rules.folders.backups).map_or(0, Iterator::count)
}

#[test]
fn a_message_or_a_page_is_no_backup_and_nothing_is_installed_on_it() {
    let page = "<html><body>The backup could not be made</body></html>";
    for (came, said) in
        [(page, "it is a web page: The backup could not"), ("Error: no space", "it is a text: Error: no space")]
    {
        let mut world = World::new(&CHAIN[..1]);
        *world.appliance.site.backup.borrow_mut() = Some(came.as_bytes().to_vec());
        let told = stops(&mut world, Exit::BackupFailed);
        assert!(told.contains(said), "{told}");
        assert!(world.told.begun.borrow().is_empty() && files(&world) == 0, "nothing is kept or installed");
        assert!(made(&world).is_empty());
        *world.appliance.site.backup.borrow_mut() = None;
        world.push().expect("done");
    }
}

#[test]
fn a_backup_that_would_find_no_room_is_not_begun() {
    let mut world = World::new(&CHAIN[..1]);
    let done = Entry::BackupDone {
        file: None,
        size_bytes: Some(u64::MAX / 2),
        sha256: None,
        protected: None,
        history: true,
        guided: false,
    };
    // Of the day before, so that it is no fresh one.
    let before = world.clock.now().plus_secs(-86_400);
    let mut journal = EntryLog::open(&world.rules.folders.journal, before).expect("opened");
    journal.append(before, &done).expect("written");
    drop(journal);
    let told = stops(&mut world, Exit::NoSpace);
    assert!(told.contains("has room for") && told.contains("move old backups"), "{told}");
    assert!(world.told.begun.borrow().is_empty() && files(&world) == 0, "nothing is installed");
}

#[test]
fn what_is_given_by_hand_is_looked_at_too_and_asked_for_again() {
    let mut world = World::faulty(&CHAIN[..1], &[Fault::ByHandBackup]);
    let saved = world.folder.path().join("saved.nsb");
    std::fs::write(&saved, "<html><body>Your session has ended</body></html>").expect("saved");
    world.operator.path = saved.to_string_lossy().into_owned();
    let told = stops(&mut world, Exit::BackupFailed);
    assert!(told.contains("it is a web page: Your session has ended"), "{told}");
    let paths = world.operator.asked.iter().filter(|asked| asked.starts_with("Path of the backup")).count();
    assert_eq!(paths, 3, "another path may be given");
    assert_eq!((files(&world), made(&world).len()), (0, 0));
}

#[test]
fn a_long_text_is_a_backup_on_a_persons_word_only() {
    let mut world = World::new(&CHAIN[..1]);
    *world.appliance.site.backup.borrow_mut() = Some("QUJD\n".repeat(20_000).into_bytes());
    world.operator.refuses = asks!(BackupQuestion::IsText { .. });
    let told = stops(&mut world, Exit::BackupFailed);
    assert!(told.contains("it is a text: QUJD"), "{told}");
    assert_eq!(files(&world), 0);
    world.operator.refuses = nothing;
    world.push().expect("done");
}

#[test]
fn a_backup_much_smaller_than_the_last_one_is_asked_about() {
    let mut world = World::new(&CHAIN);
    assert_eq!(stops(&mut world, Exit::Waiting).len(), stops(&mut world, Exit::Waiting).len());
    world.clock.advance(25 * 3600);
    *world.appliance.site.backup.borrow_mut() = Some(settings_of("S1")[..1024].to_vec());
    world.operator.refuses = asks!(BackupQuestion::IsWhole { .. });
    let told = stops(&mut world, Exit::BackupFailed);
    assert!(told.contains("it has 1.0 KiB, and the last one had 4.0 KiB"), "{told}");
    assert_eq!((world.done().len(), files(&world)), (2, 1));
    world.operator.refuses = nothing;
    world.push().expect("a person says that it is whole");
    assert_eq!(world.done().len(), 3);
}

#[test]
fn a_run_whose_first_backup_is_protected_makes_no_unprotected_one() {
    let mut world = World::new(&CHAIN);
    world.rules.backup_password = Some(Secret::new("hush".to_owned()));
    stops(&mut world, Exit::Waiting);
    world.rules.backup_password = None;
    world.clock.advance(25 * 3600);
    let told = stops(&mut world, Exit::BackupFailed);
    assert!(told.contains("an earlier one of this run is protected by a password"), "{told}");
    assert!(told.contains("handcarry-inside push /media/stick box --backup-password-file FILE"), "{told}");
    assert_eq!((files(&world), world.done().len()), (1, 2));
    // At a terminal it is asked for.
    world.operator.password = "hush";
    world.push().expect("done");
    assert_eq!(made(&world), [(Some(true), true), (Some(true), true)]);
    // The next run begins anew.
    world.rules.backup_history = true;
    assert!(!world.noted().into_iter().collect::<Past>().is_protected(12 * 3600));
}

#[test]
fn a_backup_without_history_does_not_count_where_history_is_wanted() {
    let mut world = World::new(&CHAIN[..1]);
    world.rules.backup_history = false;
    world.rules.policy.backup_with_history = false;
    world.operator.refuses = nothing;
    world.appliance.faults = Faults::from(&[Fault::InstallVanishes][..]);
    world.push().expect_err("the install came to nothing");
    assert!(world.teller.has("logged history is not in it, because --no-backup-history was said"));
    world.rules.backup_history = true;
    world.rules.policy.backup_with_history = true;
    world.push().expect("done");
    assert_eq!(made(&world), [(Some(false), false), (Some(false), true)], "a fresh one without it is made anew");
}

#[test]
fn a_backup_without_a_password_does_not_count_where_one_is_given() {
    let mut world = World::new(&CHAIN[..1]);
    world.appliance.faults = Faults::from(&[Fault::InstallVanishes][..]);
    world.push().expect_err("the install came to nothing");
    world.rules.backup_password = Some(Secret::new("hush".to_owned()));
    world.rules.policy.backup_with_password = true;
    world.push().expect("done");
    assert_eq!(made(&world), [(Some(false), true), (Some(true), true)]);
    assert!(world.teller.has("whoever loses the password"), "what a lost password costs is said after it, too");
}

#[test]
fn an_appliance_that_lost_its_site_is_not_taken_for_new_hardware_unasked() {
    let mut world = World::new(&CHAIN);
    stops(&mut world, Exit::Waiting);
    world.appliance.factory_reset().expect("ordered");
    world.clock.advance(25 * 3600);
    world.operator.refuses = asks!(BackupQuestion::WasReset { .. });
    stops(&mut world, Exit::Declined);
    assert_eq!(world.done().len(), 2, "nothing more is installed");
    let asked = world.operator.asked.join("\n");
    assert!(asked.contains("It showed site 10.6.2 on") && asked.contains("shows no site software now"), "{asked}");
}

/// One run of restore with the newest backup that the journal has.
fn restore(world: &mut World, over_backup: Option<&str>) -> Result<(), Failure> {
    let record = backup_records(&world.noted()).pop().expect("a backup");
    let path = world.rules.folders.backups.join(&record.file);
    let (size_bytes, sha256) = examine(&path).expect("reads");
    let known = Some(("box".to_owned(), record));
    let over_backup = over_backup.map(str::to_owned);
    let restoring = Restoring { path, size_bytes, sha256, known, password: None, over_backup };
    world.run(|engine, _| engine.restore(&restoring))
}

/// One whose backup is kept, with nothing installed since.
fn backed_up() -> World {
    let mut world = World::new(&CHAIN[..1]);
    world.run(|engine, _| engine.backup_alone(true)).expect("made");
    world
}

#[test]
fn a_pairs_backup_is_restored_only_by_a_flag_and_a_word_and_a_primary_by_a_yes() {
    let mut world = backed_up();
    world.appliance.pair = Some((SimulatedPair::new(Rc::clone(&world.clock), 60), 1));
    let failure = restore(&mut world, None).expect_err("refused");
    assert_eq!(failure.exit, Exit::RoleUnexpected);
    assert!(hint(&failure).contains("--dangerous-restore-on-backup --reason TEXT"));
    assert_eq!(restore(&mut world, Some("its pair is scrapped")).expect_err("no word").exit, Exit::Declined);
    assert!(world.appliance.site.restored.borrow().is_empty());
    world.operator.path = "restore-on-backup".to_owned();
    restore(&mut world, Some("its pair is scrapped")).expect("restored");
    let accepted = |entry: &Entry| matches!(entry, Entry::DangerousAccepted { what, verb, .. } if what == "restore-on-backup" && verb == "restore");
    assert!(world.entries().iter().any(accepted), "it is journalled");
    let mut world = backed_up();
    world.appliance.pair = Some((SimulatedPair::new(Rc::clone(&world.clock), 60), 0));
    world.operator.refuses = asks!(BackupQuestion::OverwriteFailover { .. });
    assert_eq!(restore(&mut world, None).expect_err("no yes").exit, Exit::Declined);
    assert!(world.appliance.site.restored.borrow().is_empty());
}

#[test]
fn nothing_is_restored_while_what_became_of_an_install_is_not_known() {
    let mut world = World::faulty(&CHAIN[..1], &[Fault::InstallHangs]);
    stops(&mut world, Exit::BaseTrouble);
    let failure = restore(&mut world, None).expect_err("refused");
    assert_eq!(failure.exit, Exit::Unconfirmed);
    assert!(failure.message.contains("what became of base 3.4.0 on box is not known"), "{failure:?}");
}
