//! Second copies, checks over both, moving to another machine, pruning.

use super::receipts::{put, receipt, sealed};
use crate::outside::half::Outside;
use crate::support::said::Said;
use handcarry::testing::model::Outcome;
use std::path::{Path, PathBuf};

/// The objects of a vault.
fn objects(vault: &Path) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(vault.join("objects")).sort_by_file_name().into_iter().flatten();
    files.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path).collect()
}

fn folder(bench: &Outside, name: &str) -> String {
    std::fs::create_dir_all(bench.path(name)).expect("a folder");
    bench.path(name).display().to_string()
}

fn imported(bench: &Outside, names: &[&str]) {
    for (number, name) in names.iter().enumerate() {
        let file = bench.package(name, 5_000_000 + number);
        bench.run(&["import", &file, "--by", "anna", "--for", "S1"]).ends(0);
    }
}

fn flip(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).expect("reads");
    bytes[at] ^= 1;
    std::fs::write(path, bytes).expect("writes");
}

/// Every byte below a folder, by path.
fn tree(root: &Path) -> std::collections::BTreeMap<PathBuf, Vec<u8>> {
    let files = walkdir::WalkDir::new(root).into_iter().flatten().filter(|entry| entry.file_type().is_file());
    files.map(|entry| (entry.path().to_owned(), std::fs::read(entry.path()).expect("reads"))).collect()
}

fn faults(said: &Said) -> Vec<String> {
    let mut faults: Vec<String> =
        said.events("finding").iter().map(|event| event["fault"].as_str().expect("text").to_owned()).collect();
    faults.sort();
    faults
}

#[test]
fn a_check_reads_everything_and_names_what_is_wrong() {
    let bench = Outside::new();
    imported(&bench, &["Base-3.4.0.nss", "Bomgar-10.6.2.nss", "Bomgar-11.1.1.nss"]);
    let said = bench.run(&["--json", "vault", "check"]).ends(0);
    assert_eq!(said.events("vault-checked")[0]["files"], 3);
    assert!(said.err.contains("3 packages have one copy only"), "{}", said.err);

    let there = objects(&bench.vault());
    flip(&there[0], 4_500_000);
    std::fs::remove_file(&there[1]).expect("removes");
    std::fs::write(bench.vault().join("objects/sha256/notes.txt"), b"x").expect("writes");
    let said = bench.run(&["--json", "vault", "check"]).ends(64);
    assert_eq!(faults(&said), ["damaged", "foreign", "missing"]);
    let damaged = said.events("finding").into_iter().find(|f| f["fault"] == "damaged").expect("one");
    assert_eq!(damaged["range"][0], 4 << 20, "the damaged chunk is named");
    assert_eq!(damaged["titles"].as_array().map(Vec::len), Some(1));
    assert!(said.err.contains("vault import DIR"), "{}", said.err);
}

#[test]
fn a_second_copy_is_made_checked_and_mends_the_first() {
    let bench = Outside::new();
    bench.key();
    imported(&bench, &["Base-3.4.0.nss", "Bomgar-10.6.2.nss"]);
    let second = folder(&bench, "second");
    std::fs::write(bench.path("home/outside/vault.toml"), format!("second = {second:?}\n")).expect("writes");
    assert!(bench.run(&["vault"]).ends(0).err.contains("2 packages have one copy only"));
    let said = bench.run(&["--json", "vault", "export", &second]).ends(0);
    assert_eq!((&said.events("copied")[0]["copied"], &said.events("copied")[0]["known"]), (&2.into(), &0.into()));
    assert!(!bench.run(&["vault"]).ends(0).err.contains("one copy only"));
    let before = tree(&bench.path("second"));
    let again = bench.run(&["--json", "vault", "export", &second]).ends(0);
    assert_eq!((&again.events("copied")[0]["copied"], &again.events("copied")[0]["known"]), (&0.into(), &2.into()));
    assert!(tree(&bench.path("second")) == before, "nothing changed");

    // Damage there is found, and never overwritten.
    let there = objects(&bench.path("second/vault"));
    flip(&there[0], 10);
    let said = bench.run(&["--json", "vault", "check"]).ends(64);
    assert_eq!(faults(&said), ["damaged"]);
    bench.run(&["vault", "export", &second]).ends(64);
    assert!(std::fs::read(&there[0]).expect("reads") != before[&there[0]], "it is left as it is");
    // Moved aside, it is copied anew.
    std::fs::remove_file(&there[0]).expect("removes");
    bench.run(&["vault", "export", &second]).ends(0);
    bench.run(&["vault", "check"]).ends(0);
    // Lost here, it comes back from there.
    std::fs::remove_file(&objects(&bench.vault())[1]).expect("removes");
    bench.run(&["vault", "check"]).ends(64);
    bench.run(&["vault", "import", &second]).ends(0);
    bench.run(&["vault", "check"]).ends(0);
    // Damaged here, it is not copied on.
    flip(&objects(&bench.vault())[0], 99);
    let third = folder(&bench, "third");
    bench.run(&["vault", "export", &third]).ends(64);
    assert_eq!(objects(&bench.path("third/vault")).len(), 1);
    bench.run(&["vault", "export", &bench.path("home/outside").display().to_string()]).ends(2);
    bench.run(&["vault", "export", "/no/such/disk"]).ends(10);
    bench.run(&["vault", "import", &folder(&bench, "empty")]).ends(4);
    std::fs::write(bench.path("home/outside/vault.toml"), "third = 1").expect("writes");
    bench.run(&["vault"]).ends(3);
}

#[test]
fn a_vault_moves_to_another_machine_without_its_sessions() {
    let bench = Outside::new();
    bench.key();
    let lab = bench.lab(&[]);
    let disk = folder(&bench, "disk");
    let args = ["--json", "fetch", "--code", "--server", lab.fact("vendor"), "--ca", lab.fact("ca"), "--also", &disk];
    let said = bench.tell(&args, &lab.code()).ends(0);
    assert_eq!(said.events("second-copy")[0]["packages"], 3);
    // Two copies on one disk are told for what they are.
    assert_eq!(said.events("second-copy")[0]["same_filesystem"], true);
    assert!(said.err.contains("lies on the same filesystem as the vault"), "{}", said.err);
    assert!(!said.err.contains("one copy only"), "{}", said.err);
    assert_eq!(objects(&bench.path("disk/vault")), {
        let mut there = objects(&bench.vault());
        there.iter_mut().for_each(|path| {
            *path = bench.path("disk/vault").join(path.strip_prefix(bench.vault()).expect("below"));
        });
        there
    });
    bench.run(&["vault", "export", &disk]).ends(0);
    let ours = tree(&bench.vault().join("exchanges"));
    let is_session = |path: &Path| path.to_string_lossy().ends_with(".session.json");
    let session = ours.iter().find(|(path, _)| is_session(path)).expect("a session is kept").1;
    let session: serde_json::Value = serde_json::from_slice(session).expect("JSON");
    let cookies = session["cookies"].to_string();
    assert!(cookies.len() > 20, "{cookies}");
    for (path, bytes) in tree(&bench.path("disk")) {
        assert!(!is_session(&path), "{}", path.display());
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains(&cookies) && !text.contains("\"cookies\""), "{}", path.display());
    }

    let other = Outside::new();
    other.trusts_vaults_of(&bench);
    other.run(&["vault", "import", &disk]).ends(0);
    let once = tree(&other.vault());
    other.run(&["vault", "import", &disk]).ends(0);
    assert!(tree(&other.vault()) == once, "again changes nothing");
    let listed = |bench: &Outside| {
        let events = bench.run(&["--json", "vault"]).ends(0).events("package");
        events.into_iter().map(|event| (event["id"].clone(), event["sha256"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(listed(&other), listed(&bench));
    other.run(&["vault", "check", "--also", &disk]).ends(0);

    // What one machine learns later, the other takes in; its own words stay.
    let digest = listed(&other)[0].1.as_str().expect("text")[..12].to_owned();
    other.run(&["vault", "describe", &digest, "--kind", "patch", "--version", "9"]).ends(0);
    assert!(other.run(&["vault", "import", &disk]).ends(0).err.contains("say different things"));
    assert!(other.run(&["vault"]).ends(0).out.contains("[patch 9]"));
}

#[test]
fn a_vault_that_lies_is_not_taken_in() {
    let bench = Outside::new();
    bench.key();
    imported(&bench, &["Base-3.4.0.nss"]);
    let disk = folder(&bench, "disk");
    bench.run(&["vault", "export", &disk]).ends(0);
    let other = Outside::new();
    other.trusts_vaults_of(&bench);
    flip(&objects(&bench.path("disk/vault"))[0], 0);
    other.run(&["vault", "import", &disk]).ends(64);
    assert_eq!(objects(&other.vault()).len(), 0);
    assert!(other.run(&["vault"]).ends(0).out.contains("The vault is empty"));
    let record = std::fs::read_dir(bench.path("disk/vault/packages")).expect("reads").flatten().next().expect("one");
    let text = std::fs::read_to_string(record.path()).expect("reads");
    std::fs::write(record.path(), text.replace("Base 3.4.0", "Base \\u001b[31m3.4.0")).expect("writes");
    std::fs::remove_dir_all(bench.path("disk/vault/exports")).expect("removes");
    let said = other.run(&["vault", "import", &disk, "--by", "anna"]).ends(3);
    assert!(said.err.contains("can't be shown"), "{}", said.err);
}

#[test]
fn only_what_is_installed_and_has_a_second_copy_is_pruned() {
    let bench = Outside::new();
    let inside = bench.insider();
    let (manifest, sha256) = sealed(&bench);
    bench.run(&["import", &bench.package("Bomgar-10.6.2.nss", 9_200), "--by", "anna", "--for", "S1"]).ends(0);
    let disk = folder(&bench, "disk");
    let prune = ["--json", "vault", "prune", "--also", &disk];
    bench.run(&["vault", "export", &disk]).ends(0);
    assert!(bench.run(&prune).ends(65).err.contains("no signed receipt says"));
    put(&bench, &receipt(&manifest, sha256, 9, Outcome::Installed), &inside);
    bench.run(&["receive", &bench.stick()]).ends(0);
    bench.run(&["vault", "prune"]).ends(65);

    // A copy that is not whole is no copy.
    let object = manifest.packages[0].sha256.to_string();
    let copy = bench.path("disk/vault/objects/sha256").join(&object[..2]).join(&object);
    let whole = std::fs::read(&copy).expect("reads");
    flip(&copy, 5);
    assert!(bench.run(&prune).ends(65).err.contains("not whole"));
    std::fs::write(&copy, whole).expect("writes");

    // Asked first; yes to all is no answer here.
    let asked = bench.tell(&[&["--yes"], &prune[..]].concat(), "n\n").ends(5);
    assert_eq!(asked.events("removal")[0]["removal"]["sha256"], object.as_str());
    bench.run(&prune).ends(5);
    assert_eq!(objects(&bench.vault()).len(), 2);
    bench.run(&[&prune[..], &["--yes-remove", "000000"]].concat()).ends(4);
    bench.run(&[&prune[..], &["--yes-remove", &object[..4]]].concat()).ends(4);
    let said = bench.tell(&prune, "y\n").ends(0);
    assert!(said.err.contains("Removed 1 files"), "{}", said.err);
    assert_eq!(objects(&bench.vault()).len(), 1);
    let journal = std::fs::read_to_string(bench.vault().join("removals.jsonl")).expect("a record");
    assert!(journal.contains(&object) && journal.lines().count() == 1, "{journal}");
    let logged = std::fs::read_to_string(bench.vault().with_file_name("events.jsonl")).expect("an event log");
    assert!(logged.lines().any(|line| line.contains("\"kind\":\"removed\"") && line.contains(&object)), "{logged}");

    // It is known as removed, not as lost; and comes back where it is wanted.
    bench.run(&["vault", "check", "--also", &disk]).ends(0);
    let listed = bench.run(&["vault"]).ends(0);
    assert!(listed.out.contains("removed at") && !listed.err.contains("is gone"), "{}{}", listed.out, listed.err);
    bench.run(&["vault", "import", &disk]).ends(0);
    bench.run(&[&prune[..], &["--yes-remove", &object[..12]]].concat()).ends(0);
    // A receipt that nobody trusts any more proves nothing.
    bench.run(&["vault", "import", &disk]).ends(0);
    std::fs::remove_file(bench.path("home/outside/trust/allowed_signers")).expect("removes");
    bench.run(&prune).ends(65);
}
