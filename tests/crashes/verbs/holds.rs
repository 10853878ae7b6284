//! What must be so, whatever struck.

use super::super::bench::{INSIDE, NAME, OUTSIDE, OwnLab, Scene};
use crate::support::said::Code;
use handcarry::testing::model::{Exit, Sha256Digest};

/// Every record whole, every byte in its place, and as many packages as there should be.
pub fn vault_holds(scene: &Scene, vault: &str, packages: usize) {
    let home = scene.path(vault);
    let records = scene.files(vault, |path| path.contains("/packages/"));
    assert_eq!(records.len(), packages, "one record a package: {records:?}");
    assert!(records.iter().all(|path| path.extension().is_some_and(|e| e == "json")), "{records:?}");
    let home = home.parent().expect("in a folder").display().to_string();
    let said = match vault.starts_with("home") {
        true => scene.run(OUTSIDE, &["vault", "check"], ""),
        // A copy is looked at as the vault of another machine is.
        false => scene.run(OUTSIDE, &["vault", "check", "--also", &home], ""),
    };
    said.ends(0);
    let objects = scene.files(vault, |path| path.contains("/objects/"));
    assert_eq!(objects.len(), packages, "nothing is there twice: {objects:?}");
}

/// A bundle that can be seen is one: whole, or so plainly cut that it is refused.
pub fn no_false_bundle(scene: &Scene) {
    let named = scene.files("stick", |path| path.contains("/bundles/") && !path.contains("/.handcarry-"));
    let said = scene.run(INSIDE, &["verify", "stick"], "");
    let first =
        named.iter().any(|path| path.to_string_lossy().ends_with(".zip") || path.to_string_lossy().ends_with(".001"));
    match first {
        true => drop(said.ends(0)),
        false => {
            let refused = [Exit::NoBundle, Exit::VolumesIncomplete, Exit::MediaMissing].map(Code::number);
            assert!(refused.contains(&said.code), "{named:?}: {said:?}");
        }
    }
}

pub fn bundle_is_whole(scene: &Scene, _: Option<&OwnLab>) {
    scene.must(0, INSIDE, &["verify", "stick"], "");
    let strangers = scene.files("stick", |path| path.contains("/bundles/") && !path.contains(".zip"));
    assert!(strangers.is_empty(), "nothing else lies there: {strangers:?}");
}

pub fn papers_are_signed(scene: &Scene, folder: &str) {
    for paper in scene.files(folder, |path| path.ends_with(".json")) {
        // What was set up by hand is nobody's update, and has no signature.
        if paper.ends_with("0.json") {
            continue;
        }
        let text = std::fs::read(&paper).expect("reads");
        assert!(serde_json::from_slice::<serde_json::Value>(&text).is_ok(), "{} is whole", paper.display());
        let mut signature = paper.clone().into_os_string();
        signature.push(".1.sig");
        let signature = std::fs::read_to_string(&signature).expect("a paper that is there has a signature");
        assert!(signature.trim_end().ends_with("-----END SSH SIGNATURE-----"), "{signature}");
    }
}

pub fn journal_holds_if_begun(scene: &Scene) {
    if scene.path("home/inside/journal/lab-0001-bg.jsonl").exists() {
        journal_holds(scene);
    }
}

pub fn journal_holds(scene: &Scene) {
    scene.must(0, INSIDE, &["audit", NAME], "");
}

/// Every backup that the journal calls done is there, whole.
pub fn backups_are_whole(scene: &Scene) {
    let journal = std::fs::read_to_string(scene.path("home/inside/journal/lab-0001-bg.jsonl")).expect("a journal");
    let mut done = 0;
    for line in journal.lines() {
        let record: serde_json::Value = serde_json::from_str(line).expect("JSON");
        if record["kind"] == "backup-done" {
            let file =
                scene.path("home/inside/backups/lab-0001-bg").join(record["fields"]["file"].as_str().expect("a file"));
            let bytes = std::fs::read(&file).expect("kept");
            assert_eq!(record["fields"]["sha256"], Sha256Digest::of(&bytes).to_string());
            done += 1;
        }
    }
    assert!(done > 0, "a backup was made: {journal}");
}

pub fn nowhere(scene: &Scene, below: &str, secret: &str) {
    for path in scene.files(below, |_| true) {
        let bytes = std::fs::read(&path).expect("reads");
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "it is in {}", path.display());
    }
}
