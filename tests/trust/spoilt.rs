//! allowed_signers that somebody spoilt, read here and by the real `ssh-keygen -Y verify`.

use crate::trust::agreement::{line_strategy, permits};
use crate::trust::stock::{Check, Context, at};
use crate::trust::token::one_of_each;
use handcarry::testing::trust::Namespace;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::Cell;

const MESSAGE: &[u8] = b"the manifest\n";

/// Each bit of each character of a key of each kind, its length fields among them.
#[test]
fn no_character_of_a_key_can_be_changed() {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let context = Context::new();
    let when = at("2026-03-04T05:06:07Z");
    for token in one_of_each() {
        let signature = token.sign(Namespace::Bundle, MESSAGE);
        let key = token.public();
        let (key_type, text) = (token.key_type(), key.openssh());
        let blob = text.split(' ').nth(1).expect("base64");
        let file = |blob: &str| format!("alice {key_type} {blob}\n");
        let here = |blob: &str| permits(&file(blob), "alice", &key, Namespace::Bundle, when);
        let there =
            |blob: &str| context.verifies(&Check { at: Some(when), ..Check::new(&file(blob), MESSAGE, &signature) });
        assert_eq!((here(blob), there(blob)), (Some(true), true));
        for place in 0..blob.len() {
            // The padding holds no bit.
            let digit = DIGITS.iter().position(|digit| *digit == blob.as_bytes()[place]);
            for (bit, digit) in (0..6).flat_map(|bit| digit.map(|digit| (bit, digit))) {
                let other = char::from(DIGITS[digit ^ 1 << bit]);
                let changed = format!("{}{other}{}", &blob[..place], &blob[place + 1..]);
                assert_ne!(here(&changed), Some(true), "counts with {other} at {place}: {changed}");
                // All are asked of ssh-keygen for the shortest key, and a bit in turn for the others.
                if key_type == "ssh-ed25519" || place % 6 == bit {
                    assert!(!there(&changed), "counts for ssh-keygen with {other} at {place}: {changed}");
                }
            }
        }
        for more in ["A", "AAAA", "=", "=="] {
            assert_ne!(here(&format!("{blob}{more}")), Some(true), "counts with {more} behind it");
        }
    }
}

/// Files of lines that somebody cut, doubled or wrote over: what ssh-keygen
/// refuses is refused here, and a file that is read here gets its verdict. The
/// one difference is on purpose: ssh-keygen skips a line it can't read or
/// rounds a day no month has, and here the whole file is refused.
#[test]
fn any_spoilt_file_gets_no_milder_verdict() {
    let context = Context::new();
    let signers = one_of_each();
    let keys: Vec<String> = signers.iter().map(|signer| signer.public().openssh()).collect();
    let when = at("2026-03-04T05:06:07Z");
    let signatures: Vec<Vec<u8>> = signers.iter().map(|signer| signer.sign(Namespace::Bundle, MESSAGE)).collect();
    let counts = [const { Cell::new(0u32) }; 4];
    let pieces = [
        "\"",
        ",",
        "!",
        "*",
        "?",
        " ",
        "\t",
        "\n",
        "\r",
        "#",
        "\\",
        "=",
        "\\\"",
        "alice",
        "ssh-ed25519",
        "ecdsa-sha2-nistp256",
        "sk-ssh-ed25519@openssh.com",
        "Z",
        "cert-authority",
        "namespaces=",
        "valid-after=",
        "valid-before=",
        "2026",
        "é",
        "\u{feff}",
    ];
    let spoil = (any::<prop::sample::Index>(), 0usize..12, proptest::sample::select(pieces.to_vec()), any::<bool>());
    let lines = proptest::collection::vec(line_strategy(), 1..3);
    let strategy = (lines, proptest::collection::vec(spoil, 1..3), any::<prop::sample::Index>());
    // Few of the files are still permitted: with half as many cases, a run now and then had too few of them.
    let mut runner = TestRunner::new(Config { cases: 800, failure_persistence: None, ..Config::default() });
    runner
        .run(&strategy, |(lines, spoils, who)| {
            let who = lines[who.index(lines.len())].key;
            let mut file: Vec<char> = lines.iter().map(|line| line.text(&keys)).collect::<String>().chars().collect();
            for (place, length, piece, instead) in spoils {
                let at = place.index(file.len() + 1);
                let end = if instead { (at + length).min(file.len()) } else { at };
                file.splice(at..end, piece.chars());
            }
            let file: String = file.into_iter().collect();
            let question = Check { at: Some(when), ..Check::new(&file, MESSAGE, &signatures[who]) };
            let there = context.verifies(&question);
            let here = permits(&file, "alice", &signers[who].public(), Namespace::Bundle, when);
            counts[usize::from(there) + 2 * usize::from(here.is_none())].update(|count| count + 1);
            if let Some(here) = here {
                prop_assert_eq!(here, there, "{:?}", file);
            }
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
    assert!(counts[..3].iter().all(|count| count.get() > 5), "every kind must be exercised: {counts:?}");
}
