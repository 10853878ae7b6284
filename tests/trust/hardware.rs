//! Keys of cards, HSMs and security keys, read and judged here and by the real ssh-keygen.

use crate::trust::stock::{Check, Context, at, line, store};
use crate::trust::token::{Added, Curve, RECOGNISED, TOUCHED, Token, one_of_each, string};
use handcarry::testing::trust::{Namespace, PublicKey, SignatureFault, TrustError, approve, verify};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::Cell;

const MESSAGE: &[u8] = b"the manifest\n";

/// What is done to a signature after it was made.
#[derive(Debug, Clone, Copy)]
enum Harm {
    None,
    AnotherMessage,
    AnotherKey,
    AnotherApplication,
    AnotherType,
    Bit(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    More(u8),
}

fn harms() -> impl Strategy<Value = Harm> {
    prop_oneof![
        6 => Just(Harm::None),
        1 => Just(Harm::AnotherMessage),
        1 => Just(Harm::AnotherKey),
        1 => Just(Harm::AnotherApplication),
        1 => Just(Harm::AnotherType),
        3 => (any::<prop::sample::Index>(), 0u8..8).prop_map(|(at, bit)| Harm::Bit(at, bit)),
        1 => any::<prop::sample::Index>().prop_map(Harm::Cut),
        1 => any::<u8>().prop_map(Harm::More),
    ]
}

/// Any signature by any key gets one verdict from both, but for what is
/// stricter here on purpose: a security key was touched for it, and numbers are
/// written in one way.
#[test]
fn any_signature_by_any_key_gets_the_same_verdict() {
    let context = Context::new();
    let counts = [const { Cell::new(0u32) }; 3];
    let flags = prop_oneof![1 => Just(0u8), 4 => Just(TOUCHED), 1 => Just(RECOGNISED), 1 => Just(TOUCHED | RECOGNISED), 1 => any::<u8>()];
    let curve = prop_oneof![Just(Curve::Ed25519), Just(Curve::P256)];
    let application = prop_oneof![Just(None), Just(Some("ssh:")), Just(Some("")), Just(Some("ssh:signing é"))];
    let strategy = (curve, 1u8..6, application, flags, any::<u32>(), harms());
    let mut runner = TestRunner::new(Config { cases: 500, failure_persistence: None, ..Config::default() });
    runner
        .run(&strategy, |(curve, number, application, flags, counter, harm)| {
            let token = Token::new(curve, number, application);
            let added = Added { flags, counter };
            let to_sign = to_sign(MESSAGE);
            let mut raw = token.raw(&to_sign, added);
            let mut names = Token::new(curve, number, application);
            match harm {
                Harm::None | Harm::AnotherMessage => {}
                Harm::AnotherKey => names = Token::new(curve, number + 1, application),
                Harm::AnotherApplication => names = Token::new(curve, number, application.xor(Some("ssh:else"))),
                Harm::AnotherType => {
                    let other = if curve == Curve::P256 { Curve::Ed25519 } else { Curve::P256 };
                    names = Token::new(other, number, application);
                }
                Harm::Bit(at, bit) => {
                    let at = at.index(raw.len());
                    raw[at] ^= 1 << bit;
                }
                Harm::Cut(at) => raw.truncate(at.index(raw.len())),
                Harm::More(byte) => raw.push(byte),
            }
            let signature = names.armored(Namespace::Bundle, &raw);
            let message = if matches!(harm, Harm::AnotherMessage) { &b"another\n"[..] } else { MESSAGE };
            let here = verify(&signature, Namespace::Bundle, message);
            let there = context.verifies(&Check::new(&names.line("alice"), message, &signature));
            let untouched = here == Err(SignatureFault::Untouched);
            counts[if untouched { 2 } else { usize::from(there) }].update(|count| count + 1);
            prop_assert_eq!(here.is_ok() || untouched, there, "{:?} {:?}", here, harm);
            if let Ok(key) = here {
                prop_assert_eq!(key, names.public());
                prop_assert!(names.public().application().is_none() || flags & TOUCHED != 0);
            }
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
    assert!(counts.iter().all(|count| count.get() > 20), "every verdict must be exercised: {counts:?}");
}

/// What SSHSIG has a key sign.
fn to_sign(message: &[u8]) -> Vec<u8> {
    use sha2::{Digest, Sha512};
    let digest = Sha512::digest(message);
    let parts: [&[u8]; 4] = [Namespace::Bundle.as_str().as_bytes(), b"", b"sha512", &digest];
    [b"SSHSIG".to_vec(), parts.map(string).concat()].concat()
}

#[test]
fn a_security_key_that_nobody_touched_does_not_count() {
    let context = Context::new();
    for token in [Token::new(Curve::Ed25519, 3, Some("ssh:")), Token::new(Curve::P256, 4, Some("ssh:"))] {
        let store = store(&token.line("alice"), "");
        let now = at("2026-03-04T05:06:07Z");
        for (flags, counts) in [(TOUCHED, true), (TOUCHED | RECOGNISED, true), (0, false), (RECOGNISED, false)] {
            let signature = token.sign_with(Namespace::Bundle, MESSAGE, Added { flags, counter: 0 });
            // ssh-keygen takes it either way, which is why it is asked for here.
            assert!(context.verifies(&Check::new(&token.line("alice"), MESSAGE, &signature)));
            match approve(&store, Namespace::Bundle, MESSAGE, &[signature], now) {
                Ok(_) => assert!(counts, "flags {flags}"),
                Err(TrustError::ThresholdNotMet { why, .. }) => {
                    assert!(!counts && why[0].contains("nobody touched the security key"), "flags {flags}: {why:?}");
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
}

#[test]
fn keys_of_ssh_keygen_and_their_signatures_hold_here() {
    let context = Context::new();
    let path = context.keygen_with("card", "", &["-t", "ecdsa", "-b", "256"]);
    let public = PublicKey::read(&path.with_extension("pub")).expect("reads");
    assert_eq!((public.key_type(), public.application()), ("ecdsa-sha2-nistp256", None));
    // Each is another: ECDSA has randomness, and numbers of other lengths.
    for _ in 0..40 {
        let signature = context.sign(&path, "handcarry-bundle", MESSAGE, &[]);
        assert_eq!(verify(&signature, Namespace::Bundle, MESSAGE).expect("holds"), public);
    }
    assert!(context.verifies(&Check::new(
        &line("alice", &public),
        MESSAGE,
        &context.sign(&path, "handcarry-bundle", MESSAGE, &[])
    )));
}

/// One secret is one signer, under whatever types and applications it is trusted.
#[test]
fn one_secret_counts_once_whatever_it_is_carried_as() {
    let shapes = [None, Some("ssh:"), Some("ssh:signing")];
    for curve in [Curve::Ed25519, Curve::P256] {
        let tokens = shapes.map(|application| Token::new(curve, 9, application));
        let lines: String = tokens.iter().map(|token| token.line("alice")).collect();
        let signatures: Vec<Vec<u8>> = tokens.iter().map(|token| token.sign(Namespace::Bundle, MESSAGE)).collect();
        let now = at("2026-03-04T05:06:07Z");
        approve(&store(&lines, ""), Namespace::Bundle, MESSAGE, &signatures, now).expect("one suffices");
        let refused = approve(&store(&lines, "threshold = 2"), Namespace::Bundle, MESSAGE, &signatures, now);
        let Err(TrustError::ThresholdNotMet { got: 1, why, .. }) = refused else { panic!("{refused:?}") };
        assert!(why.iter().any(|why| why.contains("only 1 distinct keys are trusted here")), "{why:?}");
        let first = tokens[0].public().fingerprint();
        assert!(why.iter().any(|why| why.contains(&format!("has signed already, as {first}"))), "{why:?}");
    }
}

#[test]
fn four_kinds_of_keys_make_up_one_threshold() {
    let tokens = one_of_each();
    let names = ["ana", "bruno", "carla", "davi"];
    let lines: String = tokens.iter().zip(names).map(|(token, name)| token.line(name)).collect();
    let signatures: Vec<Vec<u8>> = tokens.iter().map(|token| token.sign(Namespace::Trust, MESSAGE)).collect();
    let now = at("2026-03-04T05:06:07Z");
    let store = store(&lines, "threshold = 4");
    let approval = approve(&store, Namespace::Trust, MESSAGE, &signatures, now).expect("approved");
    assert_eq!(approval.approvers.iter().map(|approver| approver.principal.as_str()).collect::<Vec<_>>(), names);
    approve(&store, Namespace::Trust, MESSAGE, &signatures[1..], now).expect_err("one is missing");
    approve(&store, Namespace::Bundle, MESSAGE, &signatures, now).expect_err("they were made for another document");
}

#[test]
fn a_revoked_card_or_security_key_counts_no_more() {
    for token in one_of_each() {
        let policy = format!("revoked = [\"{}\"]", token.public().fingerprint());
        let (store, now) = (store(&token.line("alice"), &policy), at("2026-03-04T05:06:07Z"));
        let signature = token.sign(Namespace::Bundle, MESSAGE);
        assert!(matches!(
            approve(&store, Namespace::Bundle, MESSAGE, &[signature], now),
            Err(TrustError::NoTrust { .. })
        ));
    }
}

#[test]
fn no_bit_of_a_signature_by_hardware_can_be_changed() {
    for token in &one_of_each()[1..] {
        let signature = String::from_utf8(token.sign(Namespace::Bundle, MESSAGE)).expect("text");
        let body = signature.lines().nth(1).expect("base64");
        let at = signature.find(body).expect("within");
        verify(signature.as_bytes(), Namespace::Bundle, MESSAGE).expect("holds");
        for place in at..at + body.len() {
            for bit in [1u8, 2, 16] {
                let mut changed = signature.clone().into_bytes();
                changed[place] ^= bit;
                let verdict = verify(&changed, Namespace::Bundle, MESSAGE);
                assert!(verdict.is_err(), "{}: bit {bit} of byte {place}", token.key_type());
            }
        }
    }
}
