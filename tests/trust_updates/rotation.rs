//! The root rotations of tuf-conformance (test_updater_key_rotations.py), each
//! under its name there: keys, threshold and signers of one version after the
//! other. A last version marked as refused must leave the one before in force.

use crate::trust_updates::people::People;

/// Keys by number, threshold, and who signs.
type Version = (&'static [usize], usize, &'static [usize]);

const K: [&str; 10] = ["k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9"];

fn named(numbers: &[usize]) -> Vec<&'static str> {
    numbers.iter().map(|number| K[*number]).collect()
}

/// Sets up the first version by hand, applies the others, and expects all of
/// them to hold, or all but the last.
fn rotate(versions: &[Version], last_is_refused: bool) {
    let bench = People::new();
    bench.bootstrap(&named(versions[0].0), versions[0].1);
    let mut before = bench.in_force();
    for (at, (keys, threshold, sigs)) in versions.iter().enumerate().skip(1) {
        let next = bench.next(&before, &named(keys), *threshold);
        bench.carry(&next, &named(sigs));
        let refused = last_is_refused && at == versions.len() - 1;
        bench.apply().ends(if refused { 42 } else { 0 });
        let now = bench.in_force();
        assert_eq!(now, if refused { before } else { next });
        before = now;
    }
    bench.inside(&["trust", "history"], "").ends(0).says(&match before.version {
        0 => "Version 0".to_owned(),
        version => format!("In force: version {version}"),
    });
}

macro_rules! rotations {
    ($($name:ident, $refused:expr, $versions:expr;)*) => {
        $(#[test] fn $name() { rotate(&$versions, $refused); })*
    };
}

const FIVE: &[usize] = &[0, 1, 2, 3, 4];
const ROTATED: &[usize] = &[0, 1, 3, 4, 5];
const OTHERS: &[usize] = &[5, 6, 7, 8, 9];
const THREE: &[usize] = &[1, 2, 3];

rotations! {
    n1_of_1_key_rotation, false,
        [(&[1], 1, &[1]), (&[2], 1, &[2, 1]), (&[2], 1, &[2])];
    n1_of_1_key_rotation_unused_signatures, false,
        [(&[1], 1, &[3, 1, 4]), (&[2], 1, &[3, 2, 1, 4]), (&[2], 1, &[3, 2, 4])];
    n3_of_5_sign_with_different_keycombos, false,
        [(FIVE, 3, &[0, 2, 4]), (FIVE, 3, &[0, 4, 1]), (FIVE, 3, &[0, 1, 3]), (FIVE, 3, &[0, 1, 3])];
    n3_of_5_one_key_rotated, false,
        [(FIVE, 3, &[0, 2, 4]), (ROTATED, 3, &[0, 4, 1])];
    n3_of_5_one_key_rotated_with_intermediate_step, false,
        [(FIVE, 3, &[0, 2, 4]), (ROTATED, 3, &[0, 2, 4, 5]), (ROTATED, 3, &[0, 4, 5])];
    n3_of_5_all_keys_rotated_with_intermediate_step, false,
        [(FIVE, 3, &[0, 2, 4]), (OTHERS, 3, &[0, 2, 4, 5, 6, 7]), (OTHERS, 3, &[5, 6, 7])];
    n1_of_3_threshold_increase_to_2_of_3, false,
        [(THREE, 1, &[1]), (THREE, 2, &[1, 2])];
    n2_of_3_threshold_decrease_to_1_of_3, false,
        [(THREE, 2, &[1, 2]), (THREE, 1, &[1, 2]), (THREE, 1, &[1])];
    n1_of_2_threshold_increase_to_2_of_2, false,
        [(&[1], 1, &[1]), (&[1, 2], 2, &[1, 2])];
    n1_of_1_key_rotation_fail_not_signed_with_old_key, true,
        [(&[1], 1, &[1]), (&[2], 1, &[2, 3, 4])];
    n1_of_1_key_rotation_fail_not_signed_with_new_key, true,
        [(&[1], 1, &[1]), (&[2], 1, &[1, 3, 4])];
    n3_of_5_one_key_rotate_fails_not_signed_with_3_new_keys, true,
        [(FIVE, 3, &[0, 2, 4]), (ROTATED, 3, &[0, 2, 4])];
    n3_of_5_one_key_rotate_fails_not_signed_with_3_old_keys, true,
        [(FIVE, 3, &[0, 2, 4]), (ROTATED, 3, &[0, 4, 5])];
    n1_of_3_threshold_bump_to_2_of_3_fails_new_threshold_not_reached, true,
        [(THREE, 1, &[1]), (THREE, 2, &[2])];
    n2_of_3_threshold_decr_to_1_of_3_fails_old_threshold_not_reached, true,
        [(THREE, 2, &[1, 2]), (THREE, 1, &[1])];
}

/// tuf-conformance's test_duplicate_keys and test_duplicate_sig_keyids.
#[test]
fn one_key_under_two_names_or_signing_twice_counts_once() {
    let bench = People::new();
    bench.bootstrap(&["k1", "k2"], 2);
    let mut next = bench.next(&bench.in_force(), &["k1", "k2"], 2);
    next.signers.push(bench.line("k1").replacen("k1 ", "twin ", 1));
    bench.carry(&next, &["k1", "k1"]);
    bench.apply().ends(42).says("has signed already and counts once");
    bench.carry(&next, &["k1", "k1", "k2"]);
    bench.apply().ends(0);
}

/// tuf-conformance's test_invalid_sig_in_valid_metadata: what does not count spoils nothing.
#[test]
fn a_damaged_signature_among_enough_good_ones_spoils_nothing() {
    let bench = People::new();
    bench.bootstrap(&["k1"], 1);
    let next = bench.next(&bench.in_force(), &["k1", "k2"], 1);
    let file = bench.carry(&next, &["k2", "k1"]);
    std::fs::write(crate::trust_updates::people::beside(&file, "1.sig"), "no signature at all").expect("writes");
    bench.apply().ends(0);
}
