//! The fixtures: each folder's verdict, here and by the real ssh-keygen.

use crate::trust::stock::{Check, Context};
use handcarry::testing::trust::{AllowedSigners, Namespace, TrustPolicy, verify};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/trust")
}

/// Every case of one kind and verdict: its folder and what is expected.
fn cases(kind: &str) -> Vec<(PathBuf, String)> {
    let folder = root().join(kind);
    let mut cases: Vec<(PathBuf, String)> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("a folder entry").path())
        .map(|case| {
            let expected = std::fs::read_to_string(case.join("expected")).expect("the expected verdict");
            (case, expected.trim_end_matches('\n').to_owned())
        })
        .collect();
    cases.sort();
    assert!(cases.len() > 3, "{} holds too few cases", folder.display());
    cases
}

fn read(case: &Path, name: &str) -> Vec<u8> {
    std::fs::read(case.join(name)).unwrap_or_else(|error| panic!("{}: {error}", case.display()))
}

#[test]
fn signatures_get_their_verdict_here_and_there() {
    let context = Context::new();
    let signers = String::from_utf8(read(&root().join("signature"), "allowed_signers")).expect("text");
    for kind in ["signature/accept", "signature/reject"] {
        for (case, expected) in cases(kind) {
            let (message, signature) = (read(&case, "message"), read(&case, "signature.sig"));
            let (ours, theirs) = expected.split_once('\n').expect("two lines");
            let here = match verify(&signature, Namespace::Bundle, &message) {
                Ok(_) => "accepts".to_owned(),
                Err(fault) => fault.to_string(),
            };
            assert_eq!(here, ours, "{}", case.display());
            assert_eq!(here == "accepts", kind.ends_with("accept"), "{}", case.display());
            let there = context.verifies(&Check::new(&signers, &message, &signature));
            match theirs {
                "accepts" => assert!(there, "{}", case.display()),
                "refuses" => assert!(!there, "{}", case.display()),
                other => assert_eq!(other, "either", "{}", case.display()),
            }
        }
    }
}

#[test]
fn allowed_signers_files_get_their_verdict() {
    for (case, expected) in cases("signers/accept") {
        let read = AllowedSigners::read(&case.join("allowed_signers"))
            .unwrap_or_else(|error| panic!("{}: {error}", case.display()));
        let told = format!("{} usable, {} unusable", read.entries().len(), read.unusable().len());
        assert_eq!(told, expected, "{}", case.display());
    }
    for (case, expected) in cases("signers/reject") {
        let file = case.join("allowed_signers");
        let error = AllowedSigners::read(&file).err().unwrap_or_else(|| panic!("{} is accepted", case.display()));
        assert_eq!(error.to_string(), format!("{}, {expected}", file.display()), "{}", case.display());
    }
}

#[test]
fn policies_get_their_verdict() {
    for (case, expected) in cases("policy/accept") {
        let policy =
            TrustPolicy::read(&case.join("policy.toml")).unwrap_or_else(|error| panic!("{}: {error}", case.display()));
        assert_eq!(format!("threshold {}, revoked {}", policy.threshold, policy.revoked.len()), expected);
    }
    for (case, expected) in cases("policy/reject") {
        let error = TrustPolicy::read(&case.join("policy.toml"))
            .err()
            .unwrap_or_else(|| panic!("{} is accepted", case.display()));
        assert!(error.to_string().contains(&expected), "{}: {error}", case.display());
        assert!(!error.to_string().contains('\n'), "{}: {error}", case.display());
    }
}

/// The committed files are what the script makes: nothing was changed by hand.
#[test]
fn the_script_makes_the_fixtures() {
    let context = Context::new();
    let script = context.write("make.py", read(&root(), "make.py"));
    let made = crate::trust::stock::tool("python3").arg(&script).output().expect("python3 runs");
    assert!(made.status.success(), "{}", crate::trust::stock::text(&made));
    let fresh = script.parent().expect("a folder");
    for kind in ["signature", "signers", "policy"] {
        assert_eq!(listing(&fresh.join(kind)), listing(&root().join(kind)), "{kind}");
    }
}

/// Every file below a folder, with its bytes.
fn listing(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<(PathBuf, Vec<u8>)> = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.expect("readable"))
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let name = entry.path().strip_prefix(folder).expect("below the folder").to_owned();
            (name, std::fs::read(entry.path()).expect("readable"))
        })
        .collect();
    files.sort();
    files
}
