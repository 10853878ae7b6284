//! How often the stick is read.

use super::{again, carried, flip, objects, stick_of, volumes};
use crate::support::home::Home;
use crate::support::strace;
use std::collections::BTreeMap;

/// Bytes that `args` read of each file below `folder`.
fn read_of(home: &Home, folder: &str, args: &[&str]) -> BTreeMap<String, u64> {
    strace::read_of(home, folder, args, 0)
}

/// What lies there, by path and size.
fn sizes(home: &Home) -> BTreeMap<String, u64> {
    let size = |path: &std::path::PathBuf| std::fs::metadata(path).expect("there").len();
    volumes(home).iter().map(|path| (path.canonicalize().expect("there").display().to_string(), size(path))).collect()
}

#[test]
fn each_byte_of_a_stick_is_read_once() {
    let home = carried(&[]);
    assert_eq!(read_of(&home, "/stick/handcarry/bundles/", &["take", "stick"]), sizes(&home));
    let home = carried(&["--volume-size", "7M"]);
    assert!(volumes(&home).len() > 2, "it is cut");
    assert_eq!(read_of(&home, "/stick/handcarry/bundles/", &["take", "stick"]), sizes(&home));
}

#[test]
fn each_byte_of_several_sticks_is_read_once() {
    let home = carried(&["--volume-size", "7M"]);
    let all = volumes(&home);
    let (first, rest) = all.split_first().expect("volumes");
    let (one, two) = (stick_of(&home, "one", rest), stick_of(&home, "two", std::slice::from_ref(first)));
    assert_eq!(home.inside(&["take", &one], "").code, 6, "it waits for the first volume");
    let read = read_of(&home, "/two/handcarry/bundles/", &["take", &two]);
    assert_eq!(read.values().sum::<u64>(), std::fs::metadata(first).expect("there").len());
    assert_eq!(objects(&home).len(), 2);
}

#[test]
fn what_is_kept_is_not_read_again_and_what_is_damaged_is() {
    let home = carried(&[]);
    home.inside(&["take", "stick"], "").ends(0);
    let home = again(&home);
    let again = read_of(&home, "/stick/handcarry/bundles/", &["take", "stick"]).into_values().sum::<u64>();
    assert!(again < 20_000, "only what lies around the packages: {again}");
    flip(&objects(&home)[0], 5_000_000);
    let again = read_of(&home, "/stick/handcarry/bundles/", &["take", "stick"]).into_values().sum::<u64>();
    assert!((1 << 22..(1 << 22) + 20_000).contains(&again), "and the one chunk that is damaged here: {again}");
    home.inside(&["store", "check"], "").ends(0);
}
