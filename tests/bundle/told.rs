//! What is said of a medium that holds no bundle, or one that names alone can't judge.

use crate::bundle::kit::*;
use handcarry::testing::bundle::{self, BundleError, Expect};
use handcarry::testing::model::{Exit, Explain};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

fn on(dir: &Path, name: &str) -> std::path::PathBuf {
    let folder = dir.join("handcarry/bundles");
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

#[test]
fn what_bears_a_bundles_name_and_is_none_is_named() {
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/etc/hostname", on(dir.path(), "linked.zip")).unwrap();
    std::fs::create_dir(on(dir.path(), "folder.zip")).unwrap();
    let odd = std::ffi::OsStr::from_bytes(b"odd\xff.zip.001");
    std::fs::write(on(dir.path(), "x").with_file_name(odd), "x").unwrap();
    std::fs::write(on(dir.path(), "notes.txt"), "x").unwrap();
    let error = bundle::locate(dir.path()).unwrap_err();
    let told = error.to_string();
    assert_eq!(error.exit(), Exit::NoBundle);
    for part in ["linked.zip (a link)", "folder.zip (a folder)", "(its name is not UTF-8)"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("notes"), "{told}");
    assert!(error.hint().unwrap().as_part().to_owned().contains("under a name that every system reads"));
}

#[test]
fn a_file_that_is_not_there_is_told_as_that() {
    let dir = tempfile::tempdir().unwrap();
    let error = bundle::locate(&on(dir.path(), "b.zip")).unwrap_err();
    assert!(error.exit() == Exit::NoBundle && error.to_string().ends_with("b.zip is not there"), "{error}");
}

#[test]
fn a_folder_of_too_many_files_is_to_be_emptied_and_nobody_is_asked() {
    let dir = tempfile::tempdir().unwrap();
    (0..=10_000).for_each(|number| drop(std::fs::write(on(dir.path(), &number.to_string()), "")));
    let error = bundle::locate(dir.path()).unwrap_err();
    assert_eq!(error.exit(), Exit::LimitExceeded);
    assert!(error.hint().unwrap().as_part().to_owned().contains("move away"), "{error}");
}

#[test]
fn joined_volumes_beside_their_bundle_are_never_said_to_be_foreign_or_in_the_way() {
    let dir = tempfile::tempdir().unwrap();
    let written = write(dir.path(), &[bytes(1, 5000)], Some(2048)).volumes;
    let whole: Vec<u8> = written.iter().flat_map(|path| std::fs::read(path).unwrap()).collect();
    let one = written[0].with_extension("");
    std::fs::write(&one, whole).unwrap();
    let refused = |path: &Path| bundle::open(bundle::locate(path).unwrap(), &trust(), &expect()).unwrap_err();
    let error = refused(dir.path());
    assert_eq!(error.exit(), Exit::VolumesMixed);
    assert!(!error.to_string().contains("different bundles"), "{error}");
    let hint = error.hint().unwrap().as_part().to_owned();
    assert!(hint.contains("Remove neither") && !hint.contains("remove all"), "{hint}");
    // As the hint says, each is whole by itself.
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::rename(&one, elsewhere.path().join("b.zip")).unwrap();
    verify(elsewhere.path()).unwrap();
    verify(dir.path()).unwrap();
}

#[test]
fn bytes_after_the_end_have_the_code_that_the_page_says() {
    for (volume_bytes, exit) in [(None, Exit::ContainerMalformed), (Some(2048), Exit::VolumesMixed)] {
        let dir = tempfile::tempdir().unwrap();
        let written = write(dir.path(), &[bytes(1, 5000)], volume_bytes).volumes;
        let last = written.last().unwrap();
        let mut longer = std::fs::read(last).unwrap();
        longer.push(b'\n');
        std::fs::write(last, longer).unwrap();
        let error: BundleError =
            bundle::open(bundle::locate(dir.path()).unwrap(), &trust(), &Expect { ..expect() }).unwrap_err();
        assert_eq!(error.exit(), exit, "{error}");
        assert!(error.to_string().contains("1 byte after the end"), "{error}");
    }
}

#[test]
fn recovery_volumes_without_a_whole_packet_are_told_of() {
    let dir = tempfile::tempdir().unwrap();
    let written = write(dir.path(), &[bytes(1, 5000)], None).volumes;
    let name = written[0].file_name().unwrap().to_str().unwrap().trim_end_matches(".zip").to_owned();
    for number in 1..=3 {
        std::fs::write(written[0].with_file_name(format!("{name}.recovery.{number:03}")), "noise").unwrap();
    }
    let error = bundle::examine(dir.path()).err().expect("refused");
    assert_eq!(error.exit(), Exit::NotFound);
    let told = error.to_string();
    assert!((1..=3).all(|number| told.contains(&format!("{name}.recovery.{number:03}"))), "{told}");
}
