//! The oldest compiler that Cargo.toml names is old enough for no dependency
//! and new enough for all. What is used of the standard library, clippy looks
//! at: `incompatible_msrv`.

use serde_json::Value;
use std::process::Command;

/// A version's numbers, `1.89` as `1.89.0`.
fn numbers(version: &str) -> Vec<u32> {
    let mut numbers: Vec<u32> = version.split('.').map(|part| part.parse().expect("a number")).collect();
    numbers.resize(3, 0);
    numbers
}

/// The packages that are built on this machine.
fn packages() -> Vec<Value> {
    let rustc = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let told = String::from_utf8(rustc.stdout).expect("UTF-8");
    let host = told.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host");
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--offline", "--filter-platform", host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let read: Value = serde_json::from_slice(&metadata.stdout).expect("JSON");
    read["packages"].as_array().expect("a list").clone()
}

#[test]
fn no_dependency_asks_for_a_newer_compiler_than_we_say() {
    let packages = packages();
    let asked: Vec<(&str, &str)> = packages
        .iter()
        .filter_map(|package| Some((package["name"].as_str()?, package["rust_version"].as_str()?)))
        .collect();
    let (_, ours) = asked.iter().find(|(name, _)| *name == "handcarry").expect("this package is among them");
    let newer: Vec<String> = asked
        .iter()
        .filter(|(_, asked)| numbers(asked) > numbers(ours))
        .map(|(name, asked)| format!("{name} asks for Rust {asked}"))
        .collect();
    assert!(newer.is_empty(), "rust-version is {ours}, and yet: {}", newer.join(", "));
}
