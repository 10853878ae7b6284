//! The whole trip through the real binaries, and what it leaves behind.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Runs the tour into a fresh folder; returns the folder's guard and path.
fn tour(language: &str) -> (tempfile::TempDir, PathBuf, Output) {
    let guard = tempfile::tempdir().expect("a temporary folder");
    let dir = guard.path().join("tour");
    let output = Command::new(env!("CARGO_BIN_EXE_handcarry-inside"))
        .args(["tour", "--language", language, "--pages", language, "--dir"])
        .arg(&dir)
        .env("HANDCARRY_LACKING_PHRASES", guard.path().join("lacking"))
        .output()
        .expect("the tour starts");
    (guard, dir, output)
}

fn files_below(dir: &Path) -> Vec<PathBuf> {
    walkdir::WalkDir::new(dir)
        .into_iter()
        .map(|entry| entry.expect("readable"))
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| entry.path().to_path_buf())
        .collect()
}

fn contains(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
}

fn stick_request_code(dir: &Path) -> String {
    let request = files_below(&dir.join("stick/handcarry/requests"))
        .into_iter()
        .find(|path| path.extension().is_some_and(|extension| extension == "json"))
        .expect("a request lies on the stick");
    let value: serde_json::Value = serde_json::from_slice(&std::fs::read(request).expect("readable")).expect("JSON");
    value["code"].as_str().expect("the request carries the code").to_owned()
}

fn walk(language: &str) {
    let (_guard, dir, output) = tour(language);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));

    // Both programs spoke the language, in all of it: what has no phrase is taken down.
    let lacking = std::fs::read_to_string(dir.with_file_name("lacking")).unwrap_or_default();
    assert_eq!(lacking, "", "these were told in English alone");
    let chapter = if language == "pt" { "== 3. O aplicativo" } else { "== 3. The appliance" };
    assert!(said.contains(chapter), "{said}");
    for verb in [
        "keygen",
        "trust add",
        "enroll",
        "probe",
        "request",
        "fetch",
        "vault",
        "seal",
        "verify",
        "plan",
        "push",
        "receipt",
        "receive",
        "audit",
    ] {
        assert!(said.lines().any(|line| line.starts_with("$ handcarry-") && line.contains(verb)), "no {verb}");
    }

    // The bundle opens with a stock tool alone.
    let bundle = files_below(&dir.join("stick/handcarry/bundles")).pop().expect("a bundle lies on the stick");
    let listed = Command::new("unzip").arg("-l").arg(&bundle).output().expect("unzip is installed");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains("manifest.json") && listed.matches("packages/").count() == 3, "{listed}");

    // Nothing but the request on the stick (which exists to carry it) and the
    // lab's own folder knows a secret.
    let code = stick_request_code(&dir);
    let mut secrets = vec![("download code", code)];
    for file in files_below(&dir.join("lab")) {
        if file.to_string_lossy().contains("password") {
            let text = std::fs::read_to_string(&file).expect("text");
            secrets.push(("password", text.trim().to_owned()));
        }
    }
    assert!(secrets.len() >= 3, "the lab names no password files");
    let left = files_below(&dir.join("home")).into_iter().chain(files_below(&dir.join("stick/handcarry/bundles")));
    for file in left.chain(files_below(&dir.join("stick/handcarry/receipts"))) {
        let bytes = std::fs::read(&file).expect("readable");
        for (what, secret) in &secrets {
            assert!(!contains(&bytes, secret), "{} holds a {what}", file.display());
        }
    }
    for (what, secret) in secrets.iter().skip(1) {
        assert!(!said.contains(secret.as_str()), "the tour printed a {what}");
    }
}

#[test]
fn the_whole_trip_in_english() {
    walk("en");
}

#[test]
fn the_whole_trip_in_portuguese() {
    walk("pt");
}

#[test]
fn a_tour_never_uses_a_folder_that_exists() {
    let guard = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new(env!("CARGO_BIN_EXE_handcarry-inside"))
        .args(["tour", "--dir"])
        .arg(guard.path())
        .output()
        .expect("starts");
    assert_eq!(output.status.code(), Some(7), "{output:?}");
}

/// A folder with this half alone, and what its tour into `tour` below it ends with.
fn tour_beside(other: Option<(&str, u32)>) -> (tempfile::TempDir, Option<i32>, String) {
    use std::os::unix::fs::PermissionsExt;
    let guard = tempfile::tempdir().expect("a temporary folder");
    let inside = guard.path().join("handcarry-inside");
    std::fs::copy(env!("CARGO_BIN_EXE_handcarry-inside"), &inside).expect("copied");
    if let Some((script, mode)) = other {
        let outside = guard.path().join("handcarry-outside");
        std::fs::write(&outside, script).expect("written");
        std::fs::set_permissions(&outside, std::fs::Permissions::from_mode(mode)).expect("set");
    }
    // A program that another thread starts at this moment holds the copy open for a while.
    let output = loop {
        match Command::new(&inside).args(["tour", "--dir"]).arg(guard.path().join("tour")).output() {
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            output => break output.expect("the tour starts"),
        }
    };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (guard, output.status.code(), said)
}

/// Whether the lab that a tour started still runs.
fn lab_runs(dir: &Path) -> bool {
    let facts = std::fs::read(dir.join("tour/lab/lab.json")).expect("the lab was ready");
    let facts: serde_json::Value = serde_json::from_slice(&facts).expect("JSON");
    Path::new(&format!("/proc/{}", facts["pid"])).exists()
}

#[test]
fn a_tour_needs_the_other_half_beside_it() {
    let (_guard, code, said) = tour_beside(None);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("the other half is not beside this one") && said.contains("hint: build both"), "{said}");
}

#[test]
fn a_tour_ends_with_its_first_step_that_fails_and_takes_the_lab_along() {
    let (guard, code, said) = tour_beside(Some(("#!/bin/sh\necho 'no key today' >&2; exit 9\n", 0o755)));
    assert_eq!(code, Some(78), "{said}");
    let step = "'handcarry-outside keygen --principal ana@outside --no-passphrase'";
    assert!(said.contains(&format!("error: {step} ended with exit status: 9, not with exit code 0")), "{said}");
    assert!(said.contains("hint: everything it made lies in"), "{said}");
    assert!(!lab_runs(guard.path()));

    let (guard, code, said) = tour_beside(Some(("", 0o644)));
    assert_eq!(code, Some(78), "{said}");
    assert!(said.contains(&format!("error: can't run {step}: Permission denied")), "{said}");
    assert!(!lab_runs(guard.path()));
}
