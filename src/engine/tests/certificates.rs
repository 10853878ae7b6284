//! The site's certificate, exported with its key before the backup: of one
//! appliance, of both of a pair, by hand, and left out on a word.

use super::migrate_world::MoveWorld;
use super::pair;
use super::world::{CHAIN, Said, World, hint, nothing};
use crate::engine::question::MigrateQuestion;
use crate::engine::{Entry, Past};
use crate::model::{Exit, PackageKind, Secret, ShowPath};
use crate::simulator::{Fault, Faults};
use std::path::PathBuf;

/// Nine hours, in which what was exported stays fresh.
const LATER_SECS: i64 = 9 * 3600;

fn world() -> World {
    let mut world = World::new(&[(PackageKind::Site, "10.6.2", &[])]);
    world.rules.policy.certificates = true;
    world.rules.key_passphrase = Some(Secret::new("of the key".to_owned()));
    world
}

/// The journal's words for what was kept and installed, in order.
fn course(entries: Vec<Entry>) -> Vec<&'static str> {
    let word = |entry: &Entry| match entry {
        Entry::CertificateExported { .. } => Some("certificate"),
        Entry::CertificateLeftOut { .. } => Some("left out"),
        Entry::BackupDone { .. } => Some("backup"),
        Entry::PairStepDone { step, .. } if step == "break" => Some("break"),
        Entry::InstallStarted { .. } => Some("install"),
        _ => None,
    };
    entries.iter().filter_map(word).collect()
}

fn files(folder: &std::path::Path) -> Vec<PathBuf> {
    let found = std::fs::read_dir(folder).map(|found| found.map(|entry| entry.expect("read").path()).collect());
    found.unwrap_or_default()
}

#[test]
fn a_certificate_is_exported_with_its_key_before_the_backup_and_kept_for_its_owner_alone() {
    let mut world = world();
    world.push().expect("done");
    assert_eq!(course(world.entries()), ["certificate", "backup", "install"]);
    let kept = files(&world.rules.folders.certificates);
    let [file] = kept.as_slice() else { panic!("one file: {kept:?}") };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(file).expect("there").permissions().mode() & 0o777, 0o600);
    }
    assert!(!std::fs::read_to_string(file).expect("text").contains("of the key"));
    assert!(world.teller.has(&file.shown().to_string()) && world.teller.has("keep it until the next update"));
    assert!(!world.teller.has("destroy it when the migration"));
    let exported = world.entries().into_iter().find_map(|entry| match entry {
        Entry::CertificateExported { file, sha256, issued_to, guided, .. } => Some((file, sha256, issued_to, guided)),
        _ => None,
    });
    let (name, sha256, issued_to, guided) = exported.expect("journalled");
    assert!(name.is_some_and(|name| file.ends_with(name)) && sha256.is_some() && !guided);
    assert_eq!(issued_to, "support.example.com");
}

#[test]
fn an_export_without_a_byte_is_no_certificate_and_nothing_is_begun() {
    let mut world = world();
    world.appliance.site.faults.borrow_mut().push(Fault::CertificateEmpty);
    let failure = world.push().expect_err("it is empty");
    assert!(failure.message.contains("the export is empty"), "{}", failure.message);
    assert!(course(world.entries()).is_empty() && files(&world.rules.folders.certificates).is_empty());
    world.push().expect("exported anew");
    assert_eq!(course(world.entries()), ["certificate", "backup", "install"]);
}

#[test]
fn a_fresh_certificate_counts_for_twelve_hours_and_an_older_one_is_replaced() {
    let mut world = world();
    world.appliance.faults = Faults::from(&[Fault::InstallFails][..]);
    world.push().expect_err("its install fails");
    world.clock.advance(LATER_SECS);
    world.appliance.faults = Faults::from(&[Fault::InstallFails][..]);
    world.push().expect_err("again");
    assert_eq!(course(world.entries()), ["certificate", "backup", "install", "install"]);
    assert!(!world.teller.has("an earlier export"));
    world.clock.advance(LATER_SECS);
    world.push().expect("done");
    assert_eq!(course(world.entries())[4..], ["certificate", "backup", "install"]);
    let first = files(&world.rules.folders.certificates).into_iter().min().expect("two");
    let replaced = format!("an earlier export that this one replaces, to be destroyed: {}", first.shown());
    assert!(world.teller.has(&replaced), "{replaced}");
    let past: Past = world.noted().into_iter().collect();
    assert!(past.history().certificate.is_some());
}

#[test]
fn nobody_to_choose_a_passphrase_stops_it_before_anything_is_pressed() {
    let mut world = world();
    world.rules.key_passphrase = None;
    world.operator.away = true;
    let failure = world.push().expect_err("nobody answers");
    assert_eq!(failure.exit, Exit::Declined);
    let hint = hint(&failure);
    assert!(hint.contains("--key-passphrase-file FILE") && hint.contains("--no-certificate-export --reason"), "{hint}");
    assert!(course(world.entries()).is_empty() && files(&world.rules.folders.certificates).is_empty());
    world.operator.away = false;
    world.operator.password = "typed twice";
    world.operator.refuses = asks!(MigrateQuestion::MayMakePassphrase { .. });
    world.push().expect("done");
    let asked = |text: &str| world.operator.asked.iter().filter(|asked| asked.contains(text)).count();
    assert_eq!((asked("New passphrase for the exported private key"), asked("The same once more")), (1, 1));
    assert!(!world.rules.folders.key_passphrase.exists(), "what is typed is kept nowhere");
}

#[test]
fn a_passphrase_is_made_and_kept_on_a_persons_yes() {
    let mut world = world();
    world.rules.key_passphrase = None;
    world.push().expect("done");
    let kept = std::fs::read_to_string(&world.rules.folders.key_passphrase).expect("kept");
    assert!(kept.trim_end().len() == 32 && kept.ends_with('\n'), "{kept}");
    let asked = |text: &str| world.operator.asked.iter().filter(|asked| asked.contains(text)).count();
    assert_eq!((asked("Make one, and keep it in"), asked("New passphrase")), (1, 0));
    assert_eq!(files(&world.rules.folders.certificates).len(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&world.rules.folders.key_passphrase).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_certificate_that_can_not_be_exported_from_here_is_exported_by_a_person() {
    let mut world = world();
    world.appliance.site.faults.borrow_mut().push(Fault::ByHandExport);
    let saved = world.rules.folders.backups.parent().expect("a folder").join("saved.pem");
    std::fs::write(&saved, "-----BEGIN ENCRYPTED PRIVATE KEY-----").expect("written");
    world.operator.path = saved.to_string_lossy().into_owned();
    world.push().expect("done");
    assert!(world.teller.has("include the certificate, the private key and the certificate chain"));
    let copies = files(&world.rules.folders.certificates);
    assert_eq!(std::fs::read(&copies[0]).expect("kept"), std::fs::read(&saved).expect("there"));
    assert!(matches!(
        world.entries().iter().find(|entry| matches!(entry, Entry::CertificateExported { .. })),
        Some(Entry::CertificateExported { guided: true, .. })
    ));
    // A person who keeps it elsewhere says so, and one who has none is not believed to.
    for (refuses, done) in
        [(nothing as super::world::Which, true), (|asked| asked.to_string().contains("exported"), false)]
    {
        let mut world = self::world();
        world.appliance.site.faults.borrow_mut().push(Fault::ByHandExport);
        world.operator.refuses = refuses;
        assert_eq!(world.push().is_ok(), done);
        assert_eq!(course(world.entries()).contains(&"backup"), done);
    }
}

#[test]
fn the_export_is_left_out_by_a_reason_which_is_journalled_once() {
    let mut world = world();
    world.rules.policy.certificates = false;
    world.rules.no_certificate = Some("in the safe since May".to_owned());
    world.appliance.faults = Faults::from(&[Fault::InstallFails][..]);
    world.push().expect_err("its install fails");
    world.push().expect("done");
    assert_eq!(course(world.entries()), ["left out", "backup", "install", "install"]);
    let said = world.entries().into_iter().find_map(|entry| entry.set_aside()).expect("set aside");
    assert_eq!((said.what.as_str(), said.reason.as_str()), ("no-certificate-export", "in the safe since May"));
    assert!(world.teller.has("is not exported: in the safe since May"));
}

#[test]
fn both_of_a_pair_have_theirs_exported_before_the_backup_and_before_anything_is_broken() {
    let mut world = pair::sync();
    for rules in &mut world.rules {
        rules.policy.certificates = true;
        rules.key_passphrase = Some(Secret::new("of the key".to_owned()));
    }
    world.push_to_the_end().expect("done");
    for at in [0, 1] {
        let mut course = course(world.entries(at));
        course.truncate(if at == 0 { 3 } else { 2 });
        assert_eq!(course, [&["certificate", "backup", "break"][..], &["certificate", "break"]][at], "{at}");
        assert!(!files(&world.rules[at].folders.certificates).is_empty());
    }
    pair::check(&world);
}

#[test]
fn of_a_pair_the_reason_stands_in_both_journals_before_anything_is_broken() {
    let mut world = pair::sync();
    for rules in &mut world.rules {
        rules.no_certificate = Some("elsewhere".to_owned());
    }
    world.push_to_the_end().expect("done");
    for at in [0, 1] {
        let course = course(world.entries(at));
        assert_eq!(course[0], "left out");
        assert!(!course[1..].contains(&"left out") && !course.contains(&"certificate"), "{course:?}");
    }
    let said: &Said = &world.teller;
    assert!(said.has("is not exported: elsewhere"));
}

#[test]
fn an_appliance_that_takes_anothers_site_exports_none_of_its_own() {
    let mut world = MoveWorld::new(&CHAIN[..2]);
    for rules in &mut world.rules {
        rules.policy.certificates = true;
    }
    world.push().expect("done");
    assert_eq!(world.events(0).iter().filter(|event| **event == "export").count(), 1);
    assert!(!world.events(1).contains(&"export"), "{:?}", world.events(1));
}
