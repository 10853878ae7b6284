//! Every source under tests/ belongs to a program that cargo builds: with
//! `autotests` off, a file that nobody names would be no test at all.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The paths of the tests, benches and fuzz targets that a manifest names.
fn targets(manifest: &Path) -> Vec<PathBuf> {
    let text = std::fs::read_to_string(manifest).expect("a manifest");
    let table: toml::Table = text.parse().expect("TOML");
    let folder = manifest.parent().expect("a folder");
    let lists = ["test", "bench", "bin"].into_iter().filter_map(|kind| table.get(kind)?.as_array());
    let named = lists.flatten().filter_map(|target| target.get("path")?.as_str());
    named.map(|path| folder.join(path)).collect()
}

/// The files of the modules that a source declares.
fn modules(source: &Path, is_root: bool) -> Vec<PathBuf> {
    let text = std::fs::read_to_string(source).unwrap_or_else(|error| panic!("{source:?}: {error}"));
    let folder = source.parent().expect("a folder");
    let below = match is_root || source.ends_with("mod.rs") {
        true => folder.to_path_buf(),
        false => source.with_extension(""),
    };
    let mut elsewhere = None;
    let mut found = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(path) = line.strip_prefix("#[path = \"").and_then(|rest| rest.strip_suffix("\"]")) {
            elsewhere = Some(folder.join(path));
        }
        let name = line.strip_suffix(';').and_then(|line| line.rsplit_once("mod "));
        if let Some((_, name)) = name.filter(|(before, _)| before.is_empty() || before.starts_with("pub")) {
            let file = below.join(format!("{name}.rs"));
            let front = below.join(name).join("mod.rs");
            found.push(elsewhere.take().unwrap_or(if file.exists() { file } else { front }));
        }
    }
    found
}

#[test]
fn no_file_under_tests_is_forgotten() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let roots = [targets(&root.join("Cargo.toml")), targets(&root.join("tests/fuzz/Cargo.toml"))].concat();
    let mut open: Vec<(PathBuf, bool)> = roots.into_iter().map(|path| (path, true)).collect();
    let mut reached = BTreeSet::new();
    while let Some((source, is_root)) = open.pop() {
        let modules = modules(&source, is_root).into_iter().map(|module| (module, false));
        if reached.insert(source.canonicalize().expect("there")) {
            open.extend(modules);
        }
    }
    let sources =
        walkdir::WalkDir::new(root.join("tests")).into_iter().map(|entry| entry.expect("readable").into_path());
    let forgotten: Vec<PathBuf> = sources
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter(|path| !reached.contains(&path.canonicalize().expect("there")))
        .collect();
    assert!(forgotten.is_empty(), "no test program has: {forgotten:#?}");
    assert!(reached.len() > 100, "only {} sources are found", reached.len());
}
