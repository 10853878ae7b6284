//! Volumes on several sticks.

use super::{again, carried, flip, objects, stick_of, volumes};
use crate::support::home::files;
use handcarry::testing::model::Exit;

#[test]
fn volumes_come_on_several_sticks_in_any_order() {
    let home = carried(&["--volume-size", "4M"]);
    let all = volumes(&home);
    assert_eq!(all.len(), 5);
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 4, 0, 1, 3]] {
        let home = again(&home);
        for (nth, volume) in order.into_iter().enumerate() {
            let stick = stick_of(&home, &format!("stick-{nth}"), std::slice::from_ref(&all[volume]));
            let said = home.inside(&["take", &stick], "");
            match nth {
                4 => drop(said.ends(0).says("the stick may go")),
                _ => drop(said.ends(Exit::Waiting).says("this stick may go").says("missing")),
            }
        }
        home.inside(&["verify"], "").ends(0);
        assert!(files(&home.path("home/inside/store/volumes")).is_empty(), "they are needed no more");
    }
}

#[test]
fn a_damaged_volume_is_brought_again_alone() {
    let home = carried(&["--volume-size", "9M"]);
    let all = volumes(&home);
    let (first, second) = all.split_at(1);
    let (one, two) = (stick_of(&home, "one", first), stick_of(&home, "two", second));
    flip(&home.path("one/handcarry/bundles").join(first[0].file_name().expect("a name")), 1_000_000);
    home.inside(&["take", &one], "").ends(Exit::Waiting);
    home.inside(&["take", &two], "").ends(Exit::DigestMismatch).says(".zip.001 bytes");
    assert_eq!(objects(&home).len(), 1);
    let three = stick_of(&home, "three", first);
    home.inside(&["take", &three], "").ends(0);
    home.inside(&["verify"], "").ends(0);
}

#[test]
fn volumes_of_two_bundles_under_one_name_are_told() {
    let home = carried(&["--volume-size", "4M"]);
    let all = volumes(&home);
    let one = stick_of(&home, "one", &all[..4]);
    home.inside(&["take", &one], "").ends(Exit::Waiting);
    // The last volume of another bundle under this one's name.
    let foreign = home.path("two/handcarry/bundles");
    std::fs::create_dir_all(&foreign).expect("made");
    let last = std::fs::read(&all[4]).expect("reads");
    std::fs::write(foreign.join(all[4].file_name().expect("a name")), [&last[..], &last[..]].concat()).expect("writes");
    let said = home.inside(&["take", &home.word("two")], "");
    assert!(said.code == 21 || said.code == 22, "{said:?}");
    assert!(objects(&home).is_empty());
}

#[test]
fn what_recovery_volumes_restore_is_not_waited_for() {
    let home = carried(&["--volume-size", "4M", "--parity", "25"]);
    let all = volumes(&home);
    let (recovery, all): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|path| path.to_string_lossy().contains(".recovery."));
    assert_eq!((recovery.len(), all.len()), (25, 5));
    let with = |lacking: &[usize], recovery: &[std::path::PathBuf]| {
        let there = all.iter().enumerate().filter(|(at, _)| !lacking.contains(at)).map(|(_, path)| path.clone());
        there.chain(recovery.iter().cloned()).collect::<Vec<_>>()
    };
    // One of five is a little less than a quarter, wherever it is.
    for lacking in [0, 2, 4] {
        let home = again(&home);
        let stick = stick_of(&home, "one", &with(&[lacking], &recovery));
        let said = home.inside(&["--json", "take", &stick], "").ends(0);
        assert!(said.event("taken")["mended_blocks"].as_u64() > Some(0), "{said:?}");
        home.inside(&["store", "check"], "").ends(0);
        assert!(files(&home.path("home/inside/store/volumes")).is_empty(), "they are needed no more");
    }
    // Two are more than that, and with fewer recovery volumes one is: what is lacking is waited for, and comes.
    for (lacking, recovery) in [(&[0, 2][..], &recovery[..]), (&[2], &recovery[..15])] {
        let home = again(&home);
        let stick = stick_of(&home, "one", &with(lacking, recovery));
        home.inside(&["take", &stick], "").ends(Exit::Waiting);
        assert!(objects(&home).is_empty());
        let rest: Vec<_> = lacking.iter().map(|at| all[*at].clone()).collect();
        home.inside(&["take", &stick_of(&home, "two", &rest)], "").ends(0);
        home.inside(&["store", "check"], "").ends(0);
    }
    // What is restored is judged like any other: damage beside what is lacking is beyond them.
    let home = again(&home);
    let stick = stick_of(&home, "one", &with(&[1], &recovery));
    let third = home.path("one/handcarry/bundles").join(all[2].file_name().expect("a name"));
    std::fs::write(&third, vec![0; 4 << 20]).expect("written");
    home.inside(&["take", &stick], "").ends(Exit::Waiting);
    assert!(objects(&home).is_empty());
}
