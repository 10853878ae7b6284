//! A site that moves: the whole way, each trouble with its way back, kills at
//! every record, and properties of the whole.

use super::migrate_world::MoveWorld;
use super::world::{CHAIN, KILLED, Wanted, hint, nothing};
use crate::engine::Entry;
use crate::engine::question::{MigrateQuestion, PairQuestion};
use crate::model::{Exit, FailoverRole, Version};
use crate::simulator::{Fault, Faults, settings_of};
use proptest::prelude::*;

pub(super) const STEPS: [&str; 10] = [
    "backup",
    "export-certificate",
    "import-certificate",
    "assign-address",
    "install",
    "restore",
    "dns",
    "confirm",
    "reset",
    "shut-down",
];

/// What brings NEW to the version of OLD.
pub(super) const PACKAGES: &[Wanted<'static>] = {
    let (packages, _) = CHAIN.split_at(2);
    packages
};

pub(super) fn world() -> MoveWorld {
    MoveWorld::new(PACKAGES)
}

#[track_caller]
pub(super) fn stops(world: &mut MoveWorld, exit: Exit) -> String {
    let failure = world.push().expect_err("it stops");
    assert_eq!(failure.exit, exit, "{failure:?}");
    format!("{}; {}", failure.message, hint(&failure))
}

/// Every rule that must hold at every moment, however often a run was killed.
pub(super) fn check(world: &MoveWorld) {
    let first = |at: usize, what: &str| {
        let events = world.sites[at].events.borrow();
        events.iter().find(|(_, event)| *event == what).map(|(when, _)| *when)
    };
    let installed = world.told[1].begun.borrow().clone();
    assert!(world.told[0].begun.borrow().is_empty(), "nothing is ever installed on OLD");
    let mut names: Vec<&String> = installed.iter().map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), installed.len(), "an install was repeated: {installed:?}");
    if let Some(restored) = first(1, "restore") {
        let backup = world.told[0].backups.borrow().first().copied();
        assert!(backup.is_some_and(|backup| backup <= restored), "restored without a backup");
        assert_eq!(world.told[1].done.borrow().len(), 2, "restored before NEW had OLD's version");
        assert!(installed.iter().all(|(_, when)| *when < restored), "installed after it was restored");
        for bytes in world.sites[1].restored.borrow().iter() {
            assert_eq!(*bytes, settings_of("S1"), "the settings are OLD's own");
        }
    }
    assert!(world.events(0).iter().all(|event| ["export", "reset", "shut-down"].contains(event)));
    if let Some(reset) = first(0, "reset") {
        assert!(first(1, "restore").is_some_and(|restored| restored < reset), "reset before NEW had the settings");
        let entries = world.entries(1);
        let confirmed =
            entries.iter().position(|entry| matches!(entry, Entry::PairStepDone { step, .. } if step == "confirm"));
        let ordered = entries.iter().position(|entry| matches!(entry, Entry::ResetOrdered { .. }));
        assert!(confirmed.is_some() && confirmed < ordered, "reset before NEW was confirmed to serve");
        let typed = world.operator.asked.iter().any(|asked| asked.contains("type its serial number"));
        assert!(typed, "reset without a typed word");
    }
    if let Some(off) = first(0, "shut-down") {
        assert!(first(0, "reset").is_some_and(|reset| reset < off), "shut down before it was reset");
    }
    for at in [0, 1] {
        let text = std::fs::read_to_string(&world.rules[at].folders.journal).expect("a journal");
        assert!(!text.contains("sesame"), "the passphrase is in a journal");
    }
}

/// Each journal tells the whole run, and ends it.
pub(super) fn check_journals(world: &MoveWorld, steps: &[&str]) {
    for at in [0, 1] {
        let mut told: Vec<String> = Vec::new();
        for entry in world.entries(at) {
            match entry {
                Entry::PairStepDone { step, .. } if !told.contains(&step) => told.push(step),
                Entry::PairStepUndone { step, .. } => told.retain(|done| *done != step),
                _ => {}
            }
        }
        // Killed between the last install and its record, nothing is left to install.
        told.retain(|step| step != "install");
        told.sort();
        let mut steps: Vec<&str> = steps.iter().copied().filter(|step| *step != "install").collect();
        steps.sort_unstable();
        assert_eq!(told, steps, "journal {at}");
        assert!(world.entries(at).iter().any(|entry| matches!(entry, Entry::PairDone { .. })), "journal {at}");
    }
}

#[test]
fn a_site_moves_with_its_certificate_and_settings_and_the_old_one_goes() {
    let mut world = world();
    let finished = world.push().expect("done");
    assert_eq!(finished.serves.as_str(), "beta");
    assert_eq!(finished.installed.len(), 2);
    assert_eq!(world.events(0), ["export", "reset", "shut-down"]);
    assert_eq!(world.events(1), ["import", "assign", "restore"]);
    check(&world);
    check_journals(&world, &STEPS);
    let certificates = world.sites[1].certificates.borrow().clone();
    let of_old = certificates.find("of S1").expect("imported");
    assert_eq!(of_old.addresses, ["10.0.0.2"], "the address is NEW's own");
    // The key lies where its owner only may read it, and is named to the end.
    let [file] = finished.key_files.as_slice() else { panic!("one file: {:?}", finished.key_files) };
    assert!(file.starts_with(&world.rules[0].folders.certificates));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(file).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let said = world.teller.0.borrow().join("\n");
    assert!(said.contains("destroy it when the migration is over"), "{said}");
    assert!(said.contains("failover settings, and its pre-shared key"), "{said}");
    // A kill after the last record must not begin another.
    assert_eq!(world.push().expect("nothing is left").installed, Vec::<String>::new());
    assert_eq!(world.told[0].backups.borrow().len(), 1);
}

#[test]
fn the_passphrase_is_chosen_by_a_person_where_no_file_holds_it() {
    let mut world = world();
    world.passphrase = None;
    world.operator.phrases = vec!["one sesame", "other", "open sesame", "open sesame"];
    world.push().expect("done");
    check(&world);
    let said = world.teller.0.borrow().join("\n");
    assert!(said.contains("the two differ") && !said.contains("sesame"), "{said}");
}

#[test]
fn a_wrong_passphrase_imports_nothing_and_the_next_run_exports_anew() {
    let mut world = world();
    world.plan_faults(1, &[Fault::ImportRefused]);
    let told = stops(&mut world, Exit::WrongPassphrase);
    assert!(told.contains("the passphrase is wrong") && told.contains("exports the certificate anew"), "{told}");
    assert_eq!(world.count(0, "export"), 1);
    world.plan_faults(1, &[]);
    let finished = world.push().expect("done");
    assert_eq!((world.count(0, "export"), world.count(1, "import")), (2, 1));
    assert_eq!(finished.key_files.len(), 2, "each file that holds the key is named");
    check(&world);
}

#[test]
fn a_passphrase_that_is_forgotten_meanwhile_costs_another_export() {
    let exported = |world: &MoveWorld| {
        let done = |entry: &Entry| matches!(entry, Entry::PairStepDone { step, .. } if step == "export-certificate");
        world.entries(0).iter().any(done)
    };
    let mut world = (1..)
        .map(|at| {
            let mut world = self::world();
            world.kill = Some((at, true));
            assert!(world.push().is_err_and(|failure| failure.message.ends_with(KILLED)), "it dies at {at}");
            world
        })
        .find(exported)
        .expect("it comes to the export");
    world.passphrase = Some("another");
    stops(&mut world, Exit::WrongPassphrase);
    assert_eq!((world.count(0, "export"), world.count(1, "import")), (1, 0));
    world.push().expect("done");
    assert_eq!((world.count(0, "export"), world.count(1, "import")), (2, 1));
    check(&world);
}

#[test]
fn a_warning_is_resolved_before_an_address_is_assigned() {
    let mut world = world();
    world.plan_faults(1, &[Fault::CertificateWarning]);
    let told = stops(&mut world, Exit::CertificateWarning);
    assert!(told.contains("the chain is incomplete"), "{told}");
    assert_eq!(world.count(1, "assign"), 0);
    world.plan_faults(1, &[]);
    world.push().expect("done");
    assert_eq!(world.count(1, "assign"), 1);
    check(&world);
}

#[test]
fn a_backup_that_is_refused_leaves_the_old_one_serving() {
    let mut world = world();
    world.plan_faults(1, &[Fault::RestoreRefused]);
    let told = stops(&mut world, Exit::RestoreRefused);
    assert!(told.contains("another version") && told.contains("serves as before"), "{told}");
    assert_eq!((world.count(1, "restore"), world.count(0, "reset")), (0, 0));
    world.plan_faults(1, &[]);
    world.push().expect("done");
    check(&world);
}

#[test]
fn a_reset_that_hangs_is_looked_at_again_and_never_ordered_twice() {
    let mut world = world();
    world.plan_faults(0, &[Fault::ResetHangs]);
    let told = stops(&mut world, Exit::ResetUnfinished);
    assert!(told.contains("the reset of alpha is not over after 60 min"), "{told}");
    assert!(told.contains("serves the site meanwhile"), "{told}");
    stops(&mut world, Exit::ResetUnfinished);
    world.plan_faults(0, &[]);
    world.push().expect("done");
    assert_eq!(world.count(0, "reset"), 1);
    assert_eq!(world.operator.asked.iter().filter(|asked| asked.contains("serial number")).count(), 1);
    check(&world);
    check_journals(&world, &STEPS);
}

#[test]
fn an_old_one_that_knows_nobody_after_its_reset_is_shut_down_by_a_person() {
    let mut world = world();
    world.plan_faults(0, &[Fault::ResetStranger]);
    world.push().expect("done");
    let asked = world.operator.asked.join("\n");
    assert!(asked.contains("Is the reset of alpha over"), "{asked}");
    assert!(asked.contains("alpha: is it shut down?"), "{asked}");
    assert_eq!(world.count(0, "shut-down"), 0, "no password is sent to a stranger");
}

#[test]
fn nothing_is_erased_without_the_typed_word_and_an_old_one_may_be_kept() {
    for typed in ["", "yes", "S2", "s1"] {
        let mut world = world();
        world.operator.serial = typed;
        let told = stops(&mut world, Exit::Declined);
        assert!(told.contains("alpha was left as it is") && told.contains("--keep-old"), "{told}");
        assert_eq!(world.count(0, "reset"), 0, "{typed:?}");
        check(&world);
        world.move_rules.keep_old = true;
        world.push().expect("the run ends with it as it is");
        check_journals(&world, &STEPS[..8]);
        assert_eq!(world.count(0, "reset"), 0);
    }
}

#[test]
fn what_is_overwritten_is_agreed_to_first() {
    let mut world = world();
    world.operator.refuses = asks!(MigrateQuestion::Restore { .. });
    stops(&mut world, Exit::Declined);
    assert_eq!(world.count(1, "restore"), 0);
    world.operator.refuses = nothing;
    world.push().expect("done");
    check(&world);
}

#[test]
fn settings_are_not_restored_on_a_pairs_backup_unless_a_flag_and_a_word_say_so() {
    let mut world = world();
    world.pair_up(FailoverRole::Backup);
    let told = stops(&mut world, Exit::RoleUnexpected);
    assert!(told.contains("--dangerous-restore-on-backup --reason TEXT"), "{told}");
    assert!(world.events(1).is_empty(), "nothing was done");
    world.move_rules.over_backup = Some("its pair is scrapped".to_owned());
    world.push().expect("done");
    let accepted = |entry: &Entry| {
        matches!(entry, Entry::DangerousAccepted { what, reason, .. }
            if what == "restore-on-backup" && reason == "its pair is scrapped")
    };
    assert!(world.entries(1).iter().any(accepted), "it is journalled");
    let mut world = self::world();
    world.pair_up(FailoverRole::Primary);
    world.move_rules.over_backup = Some("never".to_owned());
    stops(&mut world, Exit::RoleUnexpected);
}

#[test]
fn another_version_restores_nothing() {
    let mut world = MoveWorld::new(&PACKAGES[..1]);
    let told = stops(&mut world, Exit::PairDiffers);
    assert!(told.contains("beta would end with site 10.5.3, and alpha has site 10.6.2"), "{told}");
    assert!(world.events(1).is_empty() && world.told[0].backups.borrow().is_empty(), "nothing was begun");
}

#[test]
fn a_name_that_still_leads_elsewhere_stops_before_it_is_confirmed() {
    let mut world = world();
    world.names.0 = vec!["10.0.0.1".to_owned()];
    world.operator.refuses = asks!(PairQuestion::IsOwnDoing { .. });
    let told = stops(&mut world, Exit::Unconfirmed);
    assert!(told.contains("leads to 10.0.0.1, and not to 10.0.0.2 (beta)"), "{told}");
    world.names.0 = vec!["10.0.0.2".to_owned()];
    let asked = world.operator.asked.len();
    world.push().expect("done");
    assert!(!world.operator.asked[asked..].iter().any(|asked| asked.contains("DNS entry")), "it looks first");
    check(&world);
}

#[test]
fn another_old_appliance_under_the_same_name_is_refused() {
    let mut world = world();
    world.operator.refuses = asks!(MigrateQuestion::Restore { .. });
    stops(&mut world, Exit::Declined);
    let mut other = super::world::status();
    other.appliance.serial = "S9".to_owned();
    other.site_version = Version::parse("10.6.2");
    world.old = crate::simulator::Simulated::new(other, std::rc::Rc::clone(&world.clock));
    let told = stops(&mut world, Exit::WrongAppliance);
    assert!(told.starts_with("alpha: "), "{told}");
}

#[test]
fn who_answers_in_the_old_ones_place_is_not_erased() {
    for (successor, why) in [("S2", "what answers as alpha is beta"), ("S9", "this appliance shows serial S9")] {
        let mut world = world();
        world.operator.serial = successor;
        *world.sites[0].successor.borrow_mut() = Some(successor.to_owned());
        let told = stops(&mut world, Exit::WrongAppliance);
        assert!(told.contains(why), "{told}");
        assert_eq!((world.count(0, "reset"), world.count(0, "shut-down")), (0, 0));
        // Nor in the next run, before which nobody mended it.
        stops(&mut world, Exit::WrongAppliance);
        assert_eq!((world.count(0, "reset"), world.count(0, "shut-down")), (0, 0));
    }
    // Nor switched off, where the address changed hands after the reset.
    let mut world = world();
    world.plan_faults(0, &[Fault::ResetHangs]);
    stops(&mut world, Exit::ResetUnfinished);
    world.plan_faults(0, &[]);
    *world.sites[0].successor.borrow_mut() = Some("S2".to_owned());
    stops(&mut world, Exit::WrongAppliance);
    assert_eq!(world.count(0, "shut-down"), 0);
    *world.sites[0].successor.borrow_mut() = None;
    world.push().expect("done");
    check(&world);
}

#[test]
fn killed_at_every_record_a_migration_goes_on() {
    for (from, kept) in [(1, false), (2, true)] {
        for at in (from..).step_by(2) {
            let mut world = world();
            world.kill = Some((at, kept));
            let was_killed = world.push().is_err_and(|failure| failure.message.ends_with(KILLED));
            check(&world);
            let mut end = world.push();
            for _ in 0..5 {
                if end.is_ok() {
                    break;
                }
                world.clock.advance(60);
                end = world.push();
            }
            assert!(end.is_ok(), "killed at {at}, {kept}: {end:?}");
            check(&world);
            check_journals(&world, &STEPS);
            assert_eq!(world.count(0, "reset"), 1, "killed at {at}, {kept}");
            if !was_killed {
                assert!(at > 50, "every record was a place to die, not only {at}");
                break;
            }
        }
    }
}

fn any_fault_on_old() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::ByHandExport),
        Just(Fault::ByHandReset),
        Just(Fault::ByHandShutDown),
        Just(Fault::ExportAnswerLost),
        Just(Fault::ResetAnswerLost),
        Just(Fault::ShutDownAnswerLost),
    ]
}

fn any_fault_on_new() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::ByHandImport),
        Just(Fault::ByHandAssign),
        Just(Fault::ByHandRestore),
        Just(Fault::ImportAnswerLost),
        Just(Fault::AssignAnswerLost),
        Just(Fault::RestoreAnswerLost),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_goes_wrong_while_a_site_moves_the_rules_hold(
        on_old in prop::collection::vec(any_fault_on_old(), 0..3),
        on_new in prop::collection::vec(any_fault_on_new(), 0..4),
        lost in any::<bool>(),
        kills in prop::collection::vec((1usize..80, any::<bool>()), 0..4),
        keep_old in any::<bool>(),
    ) {
        let mut world = world();
        world.plan_faults(0, &on_old);
        world.plan_faults(1, &on_new);
        if lost {
            world.new.faults = Faults::from(&[Fault::UploadCut, Fault::AgreementAnswerLost][..]);
        }
        world.move_rules.keep_old = keep_old;
        let mut kills = kills.into_iter();
        let mut runs = 0;
        loop {
            runs += 1;
            prop_assert!(runs < 60, "it comes to an end: {:?}", world.teller.0.borrow().iter().rev().take(30).collect::<Vec<_>>());
            world.kill = kills.next();
            let outcome = world.push();
            check(&world);
            if outcome.is_ok() {
                break;
            }
            world.clock.advance(60);
        }
        check_journals(&world, if keep_old { &STEPS[..8] } else { &STEPS });
        prop_assert_eq!(world.count(0, "reset"), usize::from(!keep_old));
    }
}
