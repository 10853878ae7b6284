//! What stock tools say about our bundles, each run for real. A tool that is
//! missing fails the test: see tests/run.

use crate::bundle::kit::*;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs a tool; returns what it printed, or panics with all of it.
fn run(folder: &Path, tool: &str, arguments: &[&str], stdin: Option<&Path>) -> String {
    let input = stdin.map_or_else(Stdio::null, |path| std::fs::File::open(path).unwrap().into());
    let done = Command::new(tool).args(arguments).current_dir(folder).stdin(input).output();
    let done = done.unwrap_or_else(|error| panic!("{tool} is needed ({error}): see tests/run"));
    let said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
    assert!(done.status.success(), "{tool} {arguments:?}: {said}");
    said
}

fn seven_zip() -> &'static str {
    let there = |tool: &str| Command::new(tool).stdout(Stdio::null()).status().is_ok();
    ["7zz", "7z"].into_iter().find(|tool| there(tool)).expect("7z is needed: see tests/run")
}

/// unzip, then ssh-keygen and sha256sum as README.txt tells.
fn check_unpacked(folder: &Path, contents: &[Vec<u8>]) {
    std::fs::write(folder.join("allowed_signers"), &KEY.line).unwrap();
    let principal = run(
        folder,
        "ssh-keygen",
        &["-Y", "find-principals", "-s", "manifest.json.1.sig", "-f", "allowed_signers"],
        None,
    );
    assert_eq!(principal.trim(), WHO);
    let verify =
        ["-Y", "verify", "-f", "allowed_signers", "-I", WHO, "-n", "handcarry-bundle", "-s", "manifest.json.1.sig"];
    let said = run(folder, "ssh-keygen", &verify, Some(&folder.join("manifest.json")));
    assert!(said.contains("Good \"handcarry-bundle\" signature"), "{said}");
    let said = run(folder, "sha256sum", &["--strict", "-c", "SHA256SUMS"], None);
    assert_eq!(said.matches(": OK").count(), contents.len() + 2, "{said}");
    for (n, content) in contents.iter().enumerate() {
        assert!(std::fs::read(folder.join(format!("packages/package-{n}.nss"))).unwrap() == *content);
    }
}

#[test]
fn unzip_ssh_keygen_and_sha256sum_agree() {
    let dir = tempfile::tempdir().unwrap();
    let contents = [bytes(1, 5 << 20), bytes(2, 100)];
    write(dir.path(), &contents, None);
    let said = run(dir.path(), "unzip", &["-t", "b.zip"], None);
    assert!(said.contains("No errors detected"), "{said}");
    run(dir.path(), "unzip", &["-q", "b.zip"], None);
    check_unpacked(dir.path(), &contents);

    // What README.txt tells to compare: the signed digests are those of SHA256SUMS.
    let signed = run(dir.path(), "grep", &["-E", "\"(file|sha256)\"", "manifest.json"], None);
    let sums = std::fs::read_to_string(dir.path().join("SHA256SUMS")).unwrap();
    for line in sums.lines().filter(|line| line.contains("packages/")) {
        assert!(signed.contains(&line[..64]), "{line}");
    }
    let readme = std::fs::read_to_string(dir.path().join("README.txt")).unwrap();
    assert!(
        readme.contains("1. Bomgar 10.0: packages/package-0.nss (5242880 bytes)\n      then wait 24 hours"),
        "{readme}"
    );
    assert!(readme.lines().all(|line| line.chars().count() <= 84), "{readme}");
}

#[test]
fn cat_and_7z_restore_a_bundle_in_volumes() {
    let dir = tempfile::tempdir().unwrap();
    let contents = [bytes(1, 5 << 20), bytes(2, 100)];
    let written = write(dir.path(), &contents, Some(1 << 20));
    assert_eq!(written.volumes.len(), 6);
    let said = run(dir.path(), seven_zip(), &["t", "b.zip.001"], None);
    assert!(said.contains("Everything is Ok") && said.contains("Volumes = 6"), "{said}");
    run(dir.path(), "sh", &["-c", "cat b.zip.* > joined.zip && unzip -q joined.zip"], None);
    check_unpacked(dir.path(), &contents);
}

#[test]
fn pythons_zipfile_and_the_zip_crate_agree() {
    let dir = tempfile::tempdir().unwrap();
    let contents = [bytes(1, 5 << 20), bytes(2, 100)];
    let written = write(dir.path(), &contents, None);
    let script = "import sys, zipfile\n\
                  z = zipfile.ZipFile(sys.argv[1])\n\
                  assert z.testzip() is None\n\
                  assert all(i.compress_type == 0 and i.extra == b'' and i.flag_bits == 0 for i in z.infolist())\n\
                  print(' '.join(z.namelist()))";
    let names = run(dir.path(), "python3", &["-c", script, "b.zip"], None);
    let expected =
        "manifest.json manifest.json.1.sig SHA256SUMS README.txt packages/package-0.nss packages/package-1.nss";
    assert_eq!(names.trim(), expected);

    let mut archive = zip::ZipArchive::new(std::fs::File::open(&written.volumes[0]).unwrap()).unwrap();
    assert_eq!(archive.file_names().map(|name| name.unwrap()).collect::<Vec<_>>().join(" "), expected);
    for (n, content) in contents.iter().enumerate() {
        let mut read = Vec::new();
        // Reading to the end compares the CRC-32 too.
        archive.by_name(&format!("packages/package-{n}.nss")).unwrap().read_to_end(&mut read).unwrap();
        assert!(read == *content);
    }
}

#[test]
fn the_manual_page_is_sound() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("man/handcarry-bundle.5");
    run(page.parent().unwrap(), "mandoc", &["-T", "lint", "-W", "warning,stop", page.to_str().unwrap()], None);
}
