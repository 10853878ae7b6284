//! Bytes at rest, and what was interrupted.

use super::{again, carried, chunks, flip, objects, spare, volumes};
use crate::support::home::files;
use handcarry::testing::model::Exit;
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_bundle_that_was_taken_is_the_bundle_byte_by_byte() {
    for write in [&[][..], &["--volume-size", "7M"]] {
        let home = carried(write);
        home.inside(&["take", "stick"], "").ends(0).says("the stick may go");
        let spare = spare(&home);
        std::fs::remove_dir_all(home.path("stick")).expect("the stick goes");
        home.inside(&["verify"], "").ends(0).says("all 2 packages are what was signed for");
        home.inside(&["store", "check"], "").ends(0);
        let name = home.inside(&["--json", "store", "list"], "").ends(0).event("kept")["name"].clone();
        home.inside(&["store", "export", name.as_str().expect("a name"), "out"], "").ends(0);
        let joined = |files: Vec<std::path::PathBuf>| -> Vec<u8> {
            files.iter().flat_map(|file| std::fs::read(file).expect("reads")).collect()
        };
        assert!(joined(files(&home.path("out"))) == joined(files(&spare)), "it is exported as it was carried");
        for file in files(&home.path("home/inside/store")) {
            let mode = file.metadata().expect("there").permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{} is its owner's alone", file.display());
        }
        assert_eq!(home.events("inside").last().expect("an event")["kind"], "taken");
    }
}

#[test]
fn a_package_is_kept_once_however_many_bundles_carry_it() {
    let home = carried(&[]);
    home.inside(&["take", "stick"], "").ends(0);
    let sealing = ["seal", "--from", "ana", "--appliance", "LAB-1", "--model", "B200", "--host", "support.example.com"];
    home.outside(&[&sealing[..], &["--packages", "Base 3.4.0"]].concat(), "").ends(0);
    home.outside(&["write", "stick"], "").ends(0);
    home.inside(&["take", "stick"], "").ends(0).says("is newer");
    assert_eq!(home.inside(&["--json", "store", "list"], "").events("kept").len(), 2);
    assert_eq!(objects(&home).len(), 2);
}

#[test]
fn bytes_at_rest_are_not_believed() {
    let home = carried(&[]);
    home.inside(&["take", "stick"], "").ends(0);
    let damaged = again(&home);
    flip(&objects(&damaged)[0], 4_200_000);
    for verb in [&["verify"][..], &["store", "check"]] {
        let said = damaged.inside(verb, "").ends(Exit::DigestMismatch);
        said.says("bytes 4194304 to 8388607").says("handcarry-inside take MEDIA");
    }
    let name = damaged.inside(&["--json", "store", "list"], "").event("kept")["name"].clone();
    damaged.inside(&["store", "export", name.as_str().expect("a name"), "out"], "").ends(Exit::DigestMismatch);
    assert!(files(&damaged.path("out")).is_empty(), "nothing damaged is given out");
    let cut = again(&home);
    std::fs::write(&objects(&cut)[1], b"short").expect("written");
    cut.inside(&["verify"], "").ends(Exit::MediaFault);
    cut.inside(&["take", "stick"], "").ends(0);
    cut.inside(&["verify"], "").ends(0);
    // What of a bundle is no package is judged likewise: manifest, signature, records, their end.
    let frame = |home: &crate::support::home::Home| files(&home.path("home/inside/store/bundles")).remove(0);
    let length = std::fs::metadata(frame(&home)).expect("there").len() as usize;
    for at in [40, 300, length / 2, length - 200, length - 10] {
        let changed = again(&home);
        flip(&frame(&changed), at);
        let said = changed.inside(&["verify"], "");
        assert!((20..=34).contains(&said.code), "byte {at}: {said:?}");
        changed.inside(&["take", "stick"], "").ends(0);
        changed.inside(&["verify"], "").ends(0);
    }
}

#[test]
fn what_is_whole_stays_when_the_rest_can_not_be_read() {
    let home = carried(&[]);
    let (spare, bundle) = (spare(&home), volumes(&home).remove(0));
    let at = chunks(&bundle, 1);
    flip(&bundle, at[1] + 7);
    home.inside(&["take", "stick"], "").ends(Exit::DigestMismatch).says("what is whole is kept");
    assert_eq!(objects(&home).len(), 1, "the other package is whole");
    home.inside(&["verify"], "").ends(Exit::DigestMismatch).says("bytes 4194304 to 8388607 of base-3.4.0.nss");
    // Now everything else of it is damaged, and what was lacking is there.
    std::fs::copy(files(&spare).remove(0), &bundle).expect("copied");
    for at in [at[0], at[2], chunks(&bundle, 2)[0]] {
        flip(&bundle, at + 7);
    }
    home.inside(&["take", "stick"], "").ends(0);
    home.inside(&["verify"], "").ends(0);
}

#[test]
fn parity_mends_on_the_way() {
    let home = carried(&["--parity", "10"]);
    let bundle = volumes(&home).into_iter().find(|path| path.extension().is_some_and(|end| end == "zip"));
    let bundle = bundle.expect("it is there");
    for at in [chunks(&bundle, 1)[0], chunks(&bundle, 1)[2], chunks(&bundle, 2)[1]] {
        flip(&bundle, at + 9);
    }
    home.inside(&["take", "stick"], "")
        .ends(0)
        .says("damaged or missing, and mended by its recovery volumes: 3 blocks");
    home.inside(&["store", "check"], "").ends(0);
}

#[test]
fn two_at_once_do_not_meet() {
    let home = carried(&[]);
    home.inside(&["take", "stick"], "").ends(0);
    let lock = std::fs::File::open(home.path("home/inside/store/lock")).expect("there");
    lock.lock().expect("locked");
    for verb in [&["take", "stick"][..], &["store", "prune"]] {
        home.inside(verb, "").ends(1).says("another handcarry-inside is at work on the store");
    }
    home.inside(&["verify"], "").ends(0);
}

#[test]
fn whether_all_was_kept_before_is_told() {
    let home = carried(&[]);
    let was_kept = || home.inside(&["--json", "take", "stick"], "").ends(0).event("taken")["was_kept"].clone();
    assert_eq!(was_kept(), false);
    assert_eq!(was_kept(), true);
    flip(&objects(&home)[0], 5);
    assert_eq!(was_kept(), false, "what the disk changed was brought anew");
    assert_eq!(was_kept(), true);
    std::fs::remove_dir_all(home.path("home/inside/store/bundles")).expect("removed");
    assert_eq!(was_kept(), false, "its packages were there, and it was not");
}
