//! The bundles under fixtures/bundle, found by listing the folders: each is
//! refused, or accepted, exactly as its verdict.toml says.

use crate::bundle::kit::time;
use handcarry::testing::bundle::{self, BundleError, Expect, ExpectHere};
use handcarry::testing::model::*;
use handcarry::testing::trust::{AllowedSigners, TrustPolicy, TrustStore};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The verdict a bundle must get, and what the opener is told.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    pub exit: String,
    pub message: String,
    pub now: Option<String>,
    pub last_trusted: Option<String>,
    pub serial: Option<String>,
    pub used: Option<String>,
    pub lowest_sequence: Option<u64>,
    pub request: Option<String>,
    pub threshold: Option<usize>,
    pub trust: Option<String>,
}

impl Verdict {
    pub fn of(folder: &Path) -> Self {
        toml::from_str(&std::fs::read_to_string(folder.join("verdict.toml")).unwrap()).unwrap()
    }
}

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/bundle")
}

pub fn folders(parent: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(parent).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

fn judge(folder: &Path, verdict: &Verdict) -> Result<(), BundleError> {
    let signers = match &verdict.trust {
        Some(_) => String::new(),
        None => std::fs::read_to_string(fixtures().join("allowed_signers")).unwrap(),
    };
    let policy = TrustPolicy { threshold: verdict.threshold.unwrap_or(1), ..TrustPolicy::default() };
    let trust = TrustStore { signers: AllowedSigners::parse(&signers).unwrap(), policy };
    let appliance = ApplianceId {
        serial: verdict.serial.clone().unwrap_or("LAB-0001-BG".into()),
        model: "B200".into(),
        host: "support.example.com".into(),
    };
    let used: Vec<Id> = verdict.used.iter().map(|id| Id::from_hex(id).unwrap()).collect();
    let expect = Expect {
        last_trusted: verdict.last_trusted.as_deref().map(time),
        ..Expect::anything(time(verdict.now.as_deref().unwrap_or("2026-03-05T00:00:00Z")))
    };
    let here = ExpectHere {
        lowest_sequence: verdict.lowest_sequence,
        used: &used,
        request: verdict.request.as_ref().map(|id| Id::from_hex(id).unwrap()),
        ..ExpectHere::of(&appliance)
    };
    bundle::open_for(bundle::locate(folder)?, &trust, &expect, &here)?.verify_packages(&())
}

/// What is wrong with the verdicts of all bundles below `parent`.
fn complaints(parent: &Path) -> (Vec<String>, BTreeSet<String>) {
    let mut wrong = Vec::new();
    let mut exits = BTreeSet::new();
    for folder in folders(parent) {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let verdict = Verdict::of(&folder);
        let (exit, message) = match judge(&folder, &verdict) {
            Ok(()) => (Exit::Ok, String::new()),
            Err(error) => {
                let failure = Failure::from(error);
                if failure.hint.is_none() {
                    wrong.push(format!("{name}: has no hint: {}", failure.message));
                }
                (failure.exit, failure.message)
            }
        };
        if exit.name() != verdict.exit || !message.contains(&verdict.message) {
            wrong.push(format!(
                "{name}: {} expected ({:?}), got {}: {message}",
                verdict.exit,
                verdict.message,
                exit.name()
            ));
        }
        if message.contains(|c: char| c.is_control()) {
            wrong.push(format!("{name}: the message holds control characters: {message:?}"));
        }
        exits.insert(verdict.exit);
    }
    (wrong, exits)
}

#[test]
fn every_hostile_bundle_gets_its_verdict() {
    let (wrong, exits) = complaints(&fixtures().join("reject"));
    assert!(wrong.is_empty(), "{} verdicts differ:\n{}", wrong.len(), wrong.join("\n"));
    // Each exit that opening can end with has a fixture.
    let all = [
        "volumes-incomplete",
        "volumes-mixed",
        "container-malformed",
        "limit-exceeded",
        "clock-untrusted",
        "clock-went-back",
        "no-trust",
        "threshold-not-met",
        "manifest-invalid",
        "too-new",
        "wrong-appliance",
        "replayed",
        "rollback",
        "wrong-request",
        "not-yet-valid",
        "expired",
        "entries-mismatch",
        "digest-mismatch",
    ];
    assert_eq!(exits, all.iter().map(|exit| (*exit).to_owned()).collect());
}

#[test]
fn every_honest_bundle_is_accepted() {
    let (wrong, _) = complaints(&fixtures().join("accept"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_folder_without_a_bundle_says_so() {
    let error = bundle::locate(&fixtures().join("reject")).unwrap_err();
    assert_eq!(error.exit(), Exit::NoBundle);
}

/// Signatures are deterministic, so the script makes the very bytes that are committed.
#[test]
fn the_script_makes_the_committed_bundles() {
    let dir = tempfile::tempdir().unwrap();
    for file in ["make.py", "sealer", "second", "stranger"] {
        std::fs::copy(fixtures().join(file), dir.path().join(file)).unwrap();
    }
    make(dir.path(), &[]);
    for kind in ["accept", "reject"] {
        assert_eq!(contents(&dir.path().join(kind)), contents(&fixtures().join(kind)), "run fixtures/bundle/make.py");
    }
}

pub fn make(folder: &Path, arguments: &[&str]) {
    let done = Command::new("python3").arg(folder.join("make.py")).args(arguments).output();
    let done = done.expect("python3 is needed: see tests/run");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// Every file below a folder, by path and digest.
fn contents(folder: &Path) -> Vec<(PathBuf, Sha256Digest)> {
    let mut files: Vec<_> = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).unwrap().to_path_buf();
            (path, Sha256Digest::of(&std::fs::read(entry.path()).unwrap()))
        })
        .collect();
    files.sort();
    files
}
