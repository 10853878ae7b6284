//! Single signatures, ours and ssh-keygen's.

use crate::trust::stock::{Check, Context, line};
use handcarry::testing::trust::{Namespace, SignatureFault, verify};

const MESSAGE: &[u8] = b"the manifest\n";

#[test]
fn a_signature_of_ssh_keygen_holds_here() {
    let context = Context::new();
    let path = context.keygen("alice", "");
    for options in [&[][..], &["-O", "hashalg=sha256"], &["-O", "hashalg=sha512"]] {
        let signature = context.sign(&path, "handcarry-bundle", MESSAGE, options);
        verify(&signature, Namespace::Bundle, MESSAGE).unwrap_or_else(|fault| panic!("{options:?}: {fault}"));
    }
}

#[test]
fn an_empty_and_a_large_document_are_signed_alike() {
    let context = Context::new();
    let signer = context.signer("alice");
    for message in [Vec::new(), vec![0u8; 3 << 20]] {
        let ours = signer.sign(Namespace::Bundle, &message).expect("signs");
        assert!(context.verifies(&Check::new(&line("alice", signer.public()), &message, ours.as_bytes())));
        let theirs = context.sign(&context.path("alice"), "handcarry-bundle", &message, &[]);
        verify(&theirs, Namespace::Bundle, &message).expect("holds");
    }
}

#[test]
fn a_signature_for_one_kind_of_document_is_worth_nothing_for_another() {
    let context = Context::new();
    let signer = context.signer("alice");
    let signers = line("alice", signer.public());
    for &made_for in Namespace::ALL {
        let signature = signer.sign(made_for, MESSAGE).expect("signs");
        for &asked_for in Namespace::ALL {
            let there = Check { namespace: asked_for.as_str(), ..Check::new(&signers, MESSAGE, signature.as_bytes()) };
            assert_eq!(context.verifies(&there), made_for == asked_for, "{made_for} as {asked_for}");
            match verify(signature.as_bytes(), asked_for, MESSAGE) {
                Ok(_) => assert_eq!(made_for, asked_for),
                Err(fault) => assert_eq!(
                    fault,
                    SignatureFault::Namespace { found: made_for.as_str().to_owned(), expected: asked_for }
                ),
            }
        }
    }
}

#[test]
fn a_changed_document_or_another_key_is_a_mismatch() {
    let context = Context::new();
    let signature = context.signer("alice").sign(Namespace::Bundle, MESSAGE).expect("signs");
    let mut changed = MESSAGE.to_vec();
    changed[0] ^= 1;
    assert_eq!(verify(signature.as_bytes(), Namespace::Bundle, &changed), Err(SignatureFault::Mismatch));
}

#[test]
fn a_signature_by_a_type_of_key_that_does_not_count_is_named() {
    let context = Context::new();
    for (name, options, told) in [
        ("rsa", &["-t", "rsa", "-b", "2048"][..], "an RSA key of type ssh-rsa"),
        ("ec384", &["-t", "ecdsa", "-b", "384"][..], "a key of type ecdsa-sha2-nistp384"),
        ("ec521", &["-t", "ecdsa", "-b", "521"][..], "a key of type ecdsa-sha2-nistp521"),
    ] {
        let path = context.keygen_with(name, "", options);
        let signature = context.sign(&path, "handcarry-bundle", MESSAGE, &[]);
        let fault = verify(&signature, Namespace::Bundle, MESSAGE).expect_err("refused");
        assert!(matches!(&fault, SignatureFault::Key(why) if why.contains(told)), "{fault}");
    }
}

#[test]
fn no_bit_of_a_signature_can_be_changed() {
    let context = Context::new();
    let signature = context.signer("alice").sign(Namespace::Bundle, MESSAGE).expect("signs").into_bytes();
    for at in 0..signature.len() {
        for bit in [1u8, 2, 16] {
            let mut changed = signature.clone();
            changed[at] ^= bit;
            // White space between lines may change into other white space.
            let layout = |bytes: &[u8]| bytes.iter().filter(|b| !b" \t\r\n".contains(b)).copied().collect::<Vec<_>>();
            if layout(&changed) != layout(&signature) {
                let verdict = verify(&changed, Namespace::Bundle, MESSAGE);
                assert!(verdict.is_err(), "bit {bit} of byte {at}: {:?}", String::from_utf8_lossy(&changed));
            }
        }
    }
    for end in 0..signature.len() - 1 {
        assert!(verify(&signature[..end], Namespace::Bundle, MESSAGE).is_err(), "cut at {end}");
    }
}

#[test]
fn another_wrapping_is_accepted_as_by_ssh_keygen() {
    let context = Context::new();
    let signer = context.signer("alice");
    let signers = line("alice", signer.public());
    let signature = signer.sign(Namespace::Bundle, MESSAGE).expect("signs");
    let lines: Vec<&str> = signature.lines().collect();
    let (first, last) = (lines[0], lines[lines.len() - 1]);
    let base64 = lines[1..lines.len() - 1].concat();
    let wrapped = |columns: usize| {
        let body: Vec<String> = base64.as_bytes().chunks(columns).map(|c| String::from_utf8_lossy(c).into()).collect();
        format!("{first}\n{}\n{last}\n", body.join("\n"))
    };
    for other in [wrapped(64), wrapped(76), wrapped(10_000), signature.trim_end().to_owned()] {
        assert!(context.verifies(&Check::new(&signers, MESSAGE, other.as_bytes())), "{other}");
        verify(other.as_bytes(), Namespace::Bundle, MESSAGE).unwrap_or_else(|fault| panic!("{fault}: {other}"));
    }
}
