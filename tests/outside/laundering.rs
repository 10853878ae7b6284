//! What a vault from elsewhere may say, and what only its own desk's signature makes it say.

use crate::outside::half::Outside;
use crate::support::home::copy;
use handcarry::testing::model::{Exit, Sha256Digest};
use serde_json::json;
use std::path::Path;

const EXCHANGE: &str = "2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e";

/// A folder that anybody can make: a file that says it was downloaded from the
/// vendor, in answer to a request, with a counter, an exchange that is not
/// over, and a receipt's mark.
fn forged(disk: &Path, counter: &str) {
    let bytes = b"malware ".repeat(100_000);
    let digest = Sha256Digest::of(&bytes).to_string();
    let write = |below: &str, bytes: &[u8]| {
        let path = disk.join(below);
        std::fs::create_dir_all(path.parent().expect("below")).expect("made");
        std::fs::write(path, bytes).expect("written");
    };
    let (at, id) = ("2026-03-04T05:06:07Z", "1f".repeat(16));
    let appliance = json!({ "serial": "LAB-0001-BG", "model": "B200", "host": "support.example.com" });
    let request = json!({ "id": "ab".repeat(16), "sha256": "cd".repeat(32) });
    let record = json!({
        "format": 1, "id": id, "title": "Base 9.9.9", "identity": { "kind": "base", "version": "9.9.9" }, "requires": [],
        "requires_unread": null, "file": "base-9.9.9.nss", "size_bytes": bytes.len(), "sha256": digest,
        "chunks": [digest], "eula": null, "appliance": appliance, "request": request,
        "source": { "how": "exchange", "origin": "https://update.bomgar.com", "allowed": [], "exchange": EXCHANGE, "at": at },
        "installed": [{ "serial": "LAB-0001-BG", "bundle": id, "receipt": id, "outcome": "installed", "evidence": "version", "at": at }],
    });
    let context = json!({
        "request": "ab".repeat(16), "sha256": "cd".repeat(32), "created": at, "vendor": "https://update.bomgar.com",
        "signed_by": ["rui"], "status": {
            "appliance": appliance, "base_version": "3.3.2", "site_version": "10.5.3", "site_build": null, "clock": null,
            "installed": null, "offered": null,
        },
    });
    let opened = json!({
        "at": at, "event": "opened", "exchange": EXCHANGE, "server": "https://127.0.0.1:9", "code": "…9999",
        "appliance": appliance, "request": null,
    });
    let spending = json!({ "at": at, "event": "spending" });
    write(&format!("vault/objects/sha256/{}/{digest}", &digest[..2]), &bytes);
    write(&format!("vault/packages/{id}.json"), record.to_string().as_bytes());
    write(&format!("vault/requests/{}.json", "ab".repeat(16)), context.to_string().as_bytes());
    write(&format!("vault/exchanges/{EXCHANGE}.jsonl"), format!("{opened}\n{spending}\n").as_bytes());
    write("drafts/sequences.json", counter.as_bytes());
    write("receipts/forged.json", b"{}");
}

fn below(bench: &Outside, folder: &str) -> usize {
    std::fs::read_dir(bench.path("home/outside").join(folder)).map_or(0, |entries| entries.flatten().count())
}

#[test]
fn what_nobody_signed_is_somebodys_import_and_no_more() {
    let bench = Outside::new();
    bench.key();
    forged(&bench.path("disk"), "{\"LAB-0001-BG\": 9007199254740991}");
    let import = ["--json", "vault", "import", &bench.word("disk")];
    // Nobody at a terminal, whatever a pipe says.
    bench.tell(&import, "y\nana\n").ends(Exit::Declined);
    bench.run(&[&import[..], &["--by", " "]].concat()).ends(Exit::Declined);
    assert_eq!(below(&bench, "vault/packages"), 0);
    bench.run(&[&import[..], &["--by", "bia"]].concat()).ends(Exit::Ok);

    let listed = bench.run(&["--json", "vault"]).ends(Exit::Ok);
    let package = &listed.events("package")[0];
    assert_eq!((&package["source"]["how"], &package["source"]["by"]), (&"imported".into(), &"bia".into()));
    assert_eq!(package["source"]["compared"], false);
    assert_eq!((&package["request"], &package["installed"]), (&json!(null), &json!([])));
    assert!(!listed.has("update.bomgar.com"), "{listed:?}");
    assert_eq!(listed.events("unfinished").len(), 0);
    for folder in ["vault/requests", "vault/exchanges", "receipts", "drafts"] {
        assert_eq!(below(&bench, folder), 0, "{folder}");
    }
    bench.run(&["fetch"]).ends(Exit::Usage);
    // What is sealed says whose it is; its number is the first.
    bench.run(&["seal", "--from", "https://update.bomgar.com"]).ends(Exit::Declined);
    let sealed = bench.run(&["--json", "seal", "--from", "bia"]).ends(Exit::Ok);
    assert_eq!(sealed.events("sealed")[0]["consignments"][0]["sequence"], 1);
    assert_eq!(sealed.events("sealed")[0]["consignments"][0]["request"], json!(null));
    // Again it brings nothing, and asks nobody.
    bench.run(&import).ends(Exit::Ok);
    assert_eq!(bench.run(&["--json", "vault"]).ends(Exit::Ok).events("package").len(), 1);
}

#[test]
fn a_copy_that_nobody_signed_mends_what_is_known_here() {
    let bench = Outside::new();
    let lab = bench.lab(&[]);
    std::fs::create_dir(bench.path("second")).expect("made");
    let second = bench.word("second");
    let args = ["fetch", "--code", "--server", lab.fact("vendor"), "--ca", lab.fact("ca"), "--also", &second];
    bench.tell(&args, &lab.code()).ends(Exit::Ok);
    std::fs::remove_dir_all(bench.vault().join("objects")).expect("lost");
    bench.run(&["vault", "check"]).ends(Exit::VaultDamaged);
    // Its records say where it came from: nobody is asked, and nothing of the disk is believed but bytes.
    bench.run(&["vault", "import", &second]).ends(Exit::Ok);
    bench.run(&["vault", "check"]).ends(Exit::Ok);
    let packages = bench.run(&["--json", "vault"]).ends(Exit::Ok).events("package");
    assert!(
        packages.len() == 3 && packages.iter().all(|package| package["source"]["how"] == "exchange"),
        "{packages:?}"
    );
}

#[test]
fn a_foreign_title_forges_no_line() {
    let bench = Outside::new();
    forged(&bench.path("disk"), "{}");
    let record = std::fs::read_dir(bench.path("disk/vault/packages")).expect("reads").flatten().next().expect("one");
    let text = std::fs::read_to_string(record.path()).expect("reads");
    let forged = text.replace("Base 9.9.9", "Base 9.9.9\\n    from https://update.bomgar.com at noon");
    std::fs::write(record.path(), forged).expect("written");
    bench.run(&["vault", "import", &bench.word("disk"), "--by", "bia"]).ends(Exit::Config);
}

#[test]
fn a_counter_at_its_end_is_told_and_never_wraps() {
    for counter in ["18446744073709551615", "9007199254740991"] {
        let bench = Outside::new();
        bench.key();
        let file = bench.package("Base-3.4.0.nss", 9_000);
        bench.run(&["import", &file, "--by", "ana", "--for", "S1"]).ends(Exit::Ok);
        std::fs::create_dir_all(bench.path("home/outside/drafts")).expect("made");
        let path = bench.path("home/outside/drafts/sequences.json");
        std::fs::write(&path, format!("{{\"S1\": {counter}}}")).expect("written");
        let seal = ["seal", "--from", "ana", "--appliance", "S1", "--model", "B200", "--host", "h.example.com"];
        bench.run(&seal).ends(Exit::LimitExceeded).says("sequences.json");
    }
}

/// A desk with a lab's packages, a sealed bundle, and its vault on a disk.
fn exported() -> (Outside, String) {
    let bench = Outside::new();
    let lab = bench.lab(&[]);
    bench.key();
    let inside = bench.insider();
    bench.request(&inside, lab.fact("vendor"), "LAB-0001-BG", Some(&lab.code()), 0);
    bench.run(&["fetch", &bench.stick(), "--ca", lab.fact("ca")]).ends(Exit::Ok);
    bench.run(&["seal", "--from", lab.fact("vendor")]).ends(Exit::Ok);
    std::fs::create_dir(bench.path("disk")).expect("made");
    let disk = bench.word("disk");
    bench.run(&["vault", "export", &disk]).ends(Exit::Ok);
    (bench, lab.fact("vendor").to_owned())
}

/// Another desk, which trusts the first one's key where it is told to.
fn other(bench: &Outside, is_trusting: bool) -> Outside {
    let other = Outside::new();
    copy(&bench.path("disk"), &other.path("disk"));
    if is_trusting {
        other.trusts_vaults_of(bench);
    }
    other
}

#[test]
fn what_its_desk_signed_keeps_its_origin() {
    let (bench, vendor) = exported();
    let other = other(&bench, true);
    other.key();
    other.run(&["vault", "import", &other.word("disk")]).ends(Exit::Ok);
    let listed = other.run(&["--json", "vault"]).ends(Exit::Ok);
    let packages = listed.events("package");
    assert_eq!(packages.len(), 3);
    assert!(packages.iter().all(|package| package["source"]["origin"] == vendor.as_str()), "{packages:?}");
    for folder in ["vault/requests", "vault/exchanges"] {
        assert_eq!(below(&other, folder), 1, "{folder}");
    }
    // What was sealed is sealed, and the next number is the next.
    other.run(&["seal", "--from", &vendor]).ends(Exit::NothingToDo);
    let more = ["--json", "seal", "--from", &vendor, "--appliance", "LAB-0001-BG", "--packages", "Base 3.4.0"];
    assert_eq!(other.run(&more).ends(Exit::Ok).events("sealed")[0]["consignments"][0]["sequence"], 2);
    // A home that holds its own key needs nobody's word for what it exported itself.
    std::fs::remove_dir_all(bench.path("home/outside/vault")).expect("gone");
    bench.run(&["vault", "import", &bench.word("disk")]).ends(Exit::Ok);
    assert_eq!(bench.run(&["--json", "vault"]).ends(Exit::Ok).events("package").len(), 3);
}

#[test]
fn a_signature_that_counts_for_nobody_here_is_none() {
    let (bench, vendor) = exported();
    let stranger = other(&bench, false);
    let import = ["vault", "import", &stranger.word("disk")];
    stranger.run(&import).ends(Exit::Declined).says("is as if it were not there");
    stranger.run(&[&import[..], &["--by", "bia"]].concat()).ends(Exit::Ok);
    assert!(!stranger.run(&["vault"]).ends(Exit::Ok).has(&vendor));
    assert_eq!(below(&stranger, "vault/exchanges") + below(&stranger, "drafts"), 0);

    // Whatever was changed since it was signed is nobody's.
    let changed = other(&bench, true);
    let exports = std::fs::read_dir(changed.path("disk/vault/exports")).expect("reads").flatten();
    let statement = exports.map(|entry| entry.path()).find(|path| path.extension() == Some("json".as_ref()));
    let statement = statement.expect("a statement");
    let text = std::fs::read_to_string(&statement).expect("reads");
    std::fs::write(&statement, text.replace("Base 3.4.0", "Base 3.4.9")).expect("written");
    changed.run(&["vault", "import", &changed.word("disk")]).ends(Exit::Declined);
    std::fs::write(&statement, text).expect("written");
    // A record that was changed beside it is not looked at: what was signed counts.
    for entry in std::fs::read_dir(changed.path("disk/vault/packages")).expect("reads").flatten() {
        let text = std::fs::read_to_string(entry.path()).expect("reads");
        std::fs::write(entry.path(), text.replace("Base 3.4.0", "Base 3.4.9")).expect("written");
    }
    changed.run(&["vault", "import", &changed.word("disk")]).ends(Exit::Ok);
    assert!(!changed.run(&["vault"]).ends(Exit::Ok).has("3.4.9"));
}

#[test]
fn papers_beside_a_vault_are_those_that_were_signed_for() {
    let (bench, _) = exported();
    let other = other(&bench, true);
    let draft = walkdir::WalkDir::new(other.path("disk/drafts")).into_iter().flatten();
    let manifest = draft.map(walkdir::DirEntry::into_path).find(|path| path.ends_with("manifest.json"));
    let manifest = manifest.expect("a draft");
    let text = std::fs::read_to_string(&manifest).expect("reads");
    std::fs::write(&manifest, text.replace("B200", "B300")).expect("written");
    let import = ["vault", "import", &other.word("disk")];
    other.run(&import).ends(Exit::DocumentUntrusted).says("is not what was exported");
    std::fs::write(&manifest, text).expect("written");
    // A draft that nobody signed for stays where it is.
    copy(manifest.parent().expect("a folder"), &other.path("disk/drafts").join("ab".repeat(16)));
    other.run(&import).ends(Exit::Ok);
    assert!(!other.path("home/outside/drafts").join("ab".repeat(16)).exists());
}
