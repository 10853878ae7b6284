//! TABLE.md names only tests that exist.

use crate::support::functions;
use std::collections::BTreeSet;
use std::path::Path;

/// The test functions, and the rotations: those are a table of a macro,
/// `name, refused,` on a line each.
fn functions() -> BTreeSet<String> {
    let mut names: BTreeSet<String> = functions::tested().into_keys().collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = walkdir::WalkDir::new(root.join("tests")).into_iter().map(|entry| entry.expect("readable").into_path());
    for path in files.filter(|path| path.extension() == Some("rs".as_ref())) {
        let text = std::fs::read_to_string(path).expect("text");
        if text.contains("rotations! {") {
            let rows = text.lines().filter_map(|line| line.trim().split_once(", "));
            names.extend(rows.map(|(name, _)| name.to_owned()).filter(|name| name.starts_with('n')));
        }
    }
    names
}

#[test]
fn every_test_named_in_the_table_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = std::fs::read_to_string(root.join("tests/attacks/TABLE.md")).expect("the table");
    let functions = functions();
    let (mut missing, mut named, mut rows) = (Vec::new(), 0, 0);
    for line in table
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| Case") && !line.starts_with("| --- "))
    {
        rows += 1;
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 2, "two cells: {line}");
        let names: Vec<&str> = cells[1].split('`').skip(1).step_by(2).collect();
        for name in &names {
            named += 1;
            let there = match name.strip_prefix("fixtures/") {
                Some(_) => root.join(name).exists(),
                None => functions.contains(*name),
            };
            if !there {
                missing.push((*name).to_owned());
            }
        }
        assert!(!names.is_empty() || cells[1].starts_with("does not apply: "), "neither a test nor a reason: {line}");
    }
    assert!(missing.is_empty(), "named but not there: {missing:?}");
    assert!(rows >= 60 && named >= 60, "the table shrank: {rows} rows, {named} tests");
    let absent: Vec<&str> = CASES.split_whitespace().filter(|case| !table.contains(case)).collect();
    assert!(absent.is_empty(), "cases of others without a row: {absent:?}");
}

/// The items of a list of handcarry(7) between two headings.
fn items(page: &str, from: &str, to: &str) -> Vec<String> {
    let (_, after) = page.split_once(from).expect("the heading is there");
    let (list, _) = after.split_once(to).expect("so is the next one");
    list.lines().filter_map(|line| line.strip_prefix(".It Sy ")).map(str::to_owned).collect()
}

#[test]
fn every_threat_of_the_manual_has_its_row_and_every_row_its_threat() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect("text");
    let page = read("man/handcarry.7");
    let threats = items(&page, ".Ss Threats, what stops them, what does not", ".Ss Setting a refusal aside");
    let table = read("tests/attacks/TABLE.md");
    let (_, section) = table.split_once("## handcarry(7): threats").expect("the section is there");
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
    let rows: Vec<&str> = rows.map(|(threat, _)| threat).filter(|threat| !matches!(*threat, "Case" | "---")).collect();
    assert_eq!(rows, threats, "the table and handcarry(7) name the same, in one order");
    assert!(threats.len() >= 19, "threats were taken out of the page: {threats:?}");
}

/// The cases of others that have names, each of which must have a row.
const CASES: &str = "
    test_snapshot_does_not_meet_threshold test_snapshot_has_too_few_keys test_duplicate_keys
    test_duplicate_sig_keyids test_invalid_sig_in_valid_metadata test_keytype_and_scheme
    1-of-1-key-rotation 1-of-1-key-rotation-unused-signatures 3-of-5-sign-with-different-keycombos
    3-of-5-one-key-rotated 3-of-5-one-key-rotated-with-intermediate-step
    3-of-5-all-keys-rotated-with-intermediate-step 1-of-3-threshold-increase-to-2-of-3
    2-of-3-threshold-decrease-to-1-of-3 1-of-2-threshold-increase-to-2-of-2
    1-of-1-key-rotation-fail-not-signed-with-old-key 1-of-1-key-rotation-fail-not-signed-with-new-key
    3-of-5-one-key-rotate-fails-not-signed-with-3-new-keys 3-of-5-one-key-rotate-fails-not-signed-with-3-old-keys
    1-of-3-threshold-bump-to-2-of-3-fails-new-threshold-not-reached
    2-of-3-threshold-decr-to-1-of-3-fails-old-threshold-not-reached
    root_expired timestamp_expired snapshot_expired targets_expired expired_local_root expired_local_timestamp
    new_timestamp_version_rollback snapshot_rollback targets_rollback targets_role_removal fast_forward_recovery
    repository_substitutes_target_file multiple_changes_to_target targets_hash_mismatch snapshot_hash_mismatch
    download_with_unknown_hash_algorithm incorrect_metadata_type url_and_metadata_version_mismatch
    timestamp_content_changes metadata_bytes_match custom_fields unusual_role_name
    test_cached_role_is_verified_against_current_delegator
    /bundle/check/empty /bundle/check/invalid create_mount_with_pre_check_corrupt verify_revoked
    verify_no_crl_warn wrong_capath purpose/* signature_too_large append_partial image_filename_with_slash
    image_digest_not_hex missing_image_size save/writefail invalid_data min-bundle-version
    no-space-left resign_extend_expired_no_verify *_output_exists test_sign fuzz/bundle.c fuzz/manifest.c
    qemu-test CVE-2020-25860 CVE-2026-34155
";

/// A test that is ignored is one that nobody runs.
#[test]
fn no_test_is_ignored() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mark = concat!("#[", "ignore");
    let files = ["tests", "src"].into_iter().flat_map(|below| walkdir::WalkDir::new(root.join(below)));
    let rust =
        files.map(|entry| entry.expect("readable").into_path()).filter(|path| path.extension() == Some("rs".as_ref()));
    let ignored: Vec<_> = rust
        .filter(|path| std::fs::read_to_string(path).expect("text").lines().any(|line| line.trim().starts_with(mark)))
        .collect();
    assert!(ignored.is_empty(), "{ignored:?}");
}
