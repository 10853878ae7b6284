//! One bundle for a trip: several appliances, each package once, one signature.

use crate::outside::half::{Outside, appliance};
use crate::outside::receipts::{put, receipt};
use handcarry::testing::model::{Exit, Manifest, Outcome, Receipt, Sha256Digest};
use handcarry::testing::trust::Signer;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

/// The two packages that every appliance of the fleet wants.
const FLEET: [(&str, usize, &str); 2] =
    [("Base-3.4.0.nss", 700_000, "base=3.3.2"), ("Bomgar-10.6.2.nss", 900_000, "base=3.4.0")];

/// Each of these appliances asked, and the fleet's packages are in the vault for each.
fn asked(bench: &Outside, serials: &[&str]) -> Signer {
    bench.key();
    let inside = bench.insider();
    bench.lists("https://localhost:1");
    for serial in serials {
        let id = bench.request(&inside, "https://localhost:1", serial, Some("ABCDE"), 0).to_string();
        bench.run(&["fetch", &bench.stick(), "--request", &id[..8]]).ends(50);
        for (name, size, requires) in FLEET {
            let file = bench.package(name, size);
            bench.run(&["import", &file, "--by", "anna", "--request", &id[..8], "--requires", requires]).ends(0);
        }
    }
    inside
}

/// One more package for an appliance, at a file of its own.
fn also(bench: &Outside, serial: &str, name: &str, size: usize) {
    let file = bench.package(name, size);
    let title = ["--requires", "site=10.6.2"];
    bench.tell(&[&["import", &file, "--by", "anna", "--for", serial][..], &title].concat(), "y\n").ends(0);
}

fn drafted(sealed: &Value) -> (Manifest, Sha256Digest) {
    let folder = PathBuf::from(sealed["folder"].as_str().expect("a path"));
    let bytes = std::fs::read(folder.join("manifest.json")).expect("reads");
    (serde_json::from_slice(&bytes).expect("a manifest"), Sha256Digest::of(&bytes))
}

fn numbers(manifest: &Manifest) -> Vec<(&str, u64)> {
    manifest.appliances.iter().map(|own| (own.serial.as_str(), own.sequence)).collect()
}

#[test]
fn a_fleet_of_thirty_with_equal_packages_carries_them_once() {
    let bench = Outside::new();
    let serials: Vec<String> = (1..=30).map(|at| format!("FLEET-{at:02}")).collect();
    asked(&bench, &serials.iter().map(String::as_str).collect::<Vec<_>>());
    let said = bench.run(&["--json", "seal", "--all", "--from", "anna", "--write", &bench.stick()]).ends(0);
    let sealed = said.events("sealed");
    assert_eq!(sealed.len(), 1, "one ceremony");
    let (manifest, _) = drafted(&sealed[0]);
    assert_eq!((manifest.appliances.len(), manifest.packages.len()), (30, 2));
    assert!(manifest.appliances.iter().all(|own| own.sequence == 1 && own.packages.len() == 2));
    let requests: std::collections::BTreeSet<_> =
        manifest.appliances.iter().map(|own| own.request.as_ref().expect("each asked").id.to_string()).collect();
    assert_eq!(requests.len(), 30, "each is answered its own request");
    // What is signed is shown once: a line for each appliance, and each package's origin once.
    assert_eq!(said.err.matches("vouched for by").count(), 2, "{}", said.err);
    assert_eq!(said.err.matches("in install order:").count(), 30, "{}", said.err);
    assert_eq!(said.err.matches("Signed by").count() + said.out.matches("Signed by").count(), 1);
    let volumes = said.events("written")[0]["volumes"].as_array().expect("a list").clone();
    let name = volumes[0].as_str().expect("a path").to_owned();
    assert!(volumes.len() == 1 && name.contains("/trip-30-appliances-"), "{name}");
    let size = std::fs::metadata(&name).expect("there").len();
    assert!(size < 1_700_000, "thirty appliances take {size} bytes");
    let list = Command::new("unzip").args(["-Z1", &name]).output().expect("runs").stdout;
    assert_eq!(String::from_utf8_lossy(&list).matches("packages/").count(), 2);
    // A collector finds each appliance's serial number.
    let logged = bench.events("outside");
    assert_eq!(logged.iter().filter(|event| event["kind"] == "sealed").count(), 30);
}

#[test]
fn each_appliance_has_its_number_and_its_packages_in_its_order() {
    let bench = Outside::new();
    let inside = asked(&bench, &["S1", "S2", "S3"]);
    bench.run(&["seal", "--from", "anna", "--appliance", "S2"]).ends(0);
    // The same file name with other bytes, for S1 and for S3.
    also(&bench, "S1", "Bomgar-11.1.1.nss", 30_000);
    also(&bench, "S3", "Bomgar-11.1.1.nss", 31_000);
    let license = bench.package("License-25.nss", 5000);
    bench.tell(&["import", &license, "--by", "anna", "--for", "S2"], "y\n").ends(0);
    let seal = ["--json", "seal", "--from", "anna", "--appliance", "S3", "--appliance", "S1", "--appliance", "S2"];
    let said = bench.run(&seal).ends(0);
    let (manifest, sha256) = drafted(&said.events("sealed")[0]);
    assert_eq!(numbers(&manifest), [("S1", 1), ("S2", 2), ("S3", 1)]);
    let names = |serial: &str| -> Vec<String> {
        let own = manifest.consignment(serial).expect("it is for it");
        own.packages.iter().map(|package| package.name.clone()).collect()
    };
    assert_eq!(names("S1"), ["Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1"]);
    assert_eq!(names("S2"), ["License 25"], "the others were sealed before");
    assert_eq!(names("S3"), ["Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1"]);
    let files: Vec<&str> = manifest.packages.iter().map(|package| package.file.as_str()).collect();
    assert_eq!(files[..3], ["base-3.4.0.nss", "bomgar-10.6.2.nss", "bomgar-11.1.1.nss"]);
    assert!(files[4].ends_with("-bomgar-11.1.1.nss") && files.len() == 5, "{files:?}");
    assert_ne!(manifest.packages[2].sha256, manifest.packages[4].sha256);
    // The numbers go on from here, each by itself.
    let again = ["--json", "seal", "--from", "anna", "--appliance", "S3", "--packages", "Base 3.4.0"];
    let (next, _) = drafted(&bench.run(&again).ends(0).events("sealed")[0]);
    assert_eq!(numbers(&next), [("S3", 2)]);
    assert_eq!(bench.run(&["seal", "--all"]).ends(65).out, "", "nothing waits any more");

    // A further person sees all of it, once, and signs all of it.
    let id = manifest.bundle.to_string();
    let key = bench.path("second").display().to_string();
    bench.run(&["keygen", "--no-passphrase", "--principal", "berta", "--out", &key]).ends(0);
    let signed = bench.run(&["sign", &id[..8], "--from", "anna", "--key", &key]).ends(0);
    assert_eq!(signed.text().matches("vouched for by").count(), 5, "{}", signed.text());
    assert!(signed.has("S2), number 2") && signed.has("installs 4, in this order; answers"), "{}", signed.text());

    // A receipt is of one appliance: of its number and its packages alone.
    let told = |serial: &str, at: usize| Receipt {
        appliance: appliance(serial),
        sequence: manifest.consignee(serial).map_or(1, |own| own.sequence),
        ..receipt(
            &Manifest { packages: vec![manifest.packages[at].clone()], ..manifest.clone() },
            sha256,
            9,
            Outcome::Installed,
        )
    };
    let wrong = [
        (told("S4", 0), "but not for this appliance"),
        (Receipt { sequence: 1, ..told("S2", 3) }, "but not with this number"),
        (told("S2", 0), "but not with these packages"),
        (told("S1", 4), "but not with these packages"),
    ];
    for (receipt, why) in wrong {
        let _ = std::fs::remove_dir_all(bench.path("stick/handcarry"));
        put(&bench, &receipt, &inside);
        bench.run(&["receive", &bench.stick()]).ends(67).says(why);
    }
    let _ = std::fs::remove_dir_all(bench.path("stick/handcarry"));
    put(&bench, &told("S2", 3), &inside);
    put(&bench, &told("S1", 2), &inside);
    bench.run(&["receive", &bench.stick()]).ends(0);
    // Each appliance's own record is marked, and the others' are not.
    let vault = bench.run(&["vault"]).ends(0).out;
    assert_eq!((vault.matches("installed on S2").count(), vault.matches("installed on S1").count()), (1, 1), "{vault}");
    assert_eq!(vault.matches("installed on S3").count(), 0, "{vault}");
    // What was refused before is kept as evidence, and told each time.
    let audit = bench.run(&["audit", "S2"]).ends(67).out;
    assert!(audit.contains("with number 2") && audit.contains("carries License 25;"), "{audit}");
    assert!(!audit.contains("11.1.1"), "what others install is not told of it: {audit}");
}

#[test]
fn shared_bytes_stay_in_the_vault_until_each_appliance_has_them() {
    let bench = Outside::new();
    let inside = asked(&bench, &["S1", "S2"]);
    let said = bench.run(&["--json", "seal", "--all", "--from", "anna"]).ends(0);
    let (manifest, sha256) = drafted(&said.events("sealed")[0]);
    std::fs::create_dir(bench.path("copy")).expect("made");
    let copy = bench.path("copy").display().to_string();
    bench.run(&["vault", "export", &copy]).ends(0);
    let base = manifest.packages[0].sha256.to_string();
    let prune = ["vault", "prune", "--also", &copy, "--yes-remove", &base[..8]];
    for (serial, code) in [("S1", Exit::NotFound.code()), ("S2", 0)] {
        put(
            &bench,
            &Receipt { appliance: appliance(serial), ..receipt(&manifest, sha256, 9, Outcome::Installed) },
            &inside,
        );
        bench.run(&["receive", &bench.stick()]).ends(0);
        let pruned = bench.run(&prune).ends(code);
        assert!(code == 0 || pruned.has("no signed receipt says it is installed on S2"), "{}", pruned.text());
    }
}

#[test]
fn the_word_for_it_is_asked_once_and_of_every_package() {
    let bench = Outside::new();
    asked(&bench, &["S1", "S2"]);
    let file = bench.package("License-25.nss", 5000);
    bench.tell(&["import", &file, "--by", "eve", "--for", "S2"], "y\n").ends(0);
    // Of what somebody else brought for one of them nothing is signed for either.
    let refused = bench.run(&["seal", "--all", "--from", "anna"]).ends(Exit::Declined.code());
    assert!(refused.err.contains("License 25"), "{}", refused.err);
    let asked = bench.tell(&["seal", "--all"], "y\n").ends(Exit::Declined.code());
    assert_eq!(asked.err.matches("do you sign for it?").count(), 1, "{}", asked.err);
    bench.run(&["seal", "--all", "--from", "anna", "--from", "eve"]).ends(0);
}

#[test]
fn a_passphrase_is_typed_once_for_all_and_the_stick_may_go_once() {
    let bench = Outside::new();
    asked(&bench, &["S1", "S2", "S3"]);
    let key = bench.word("home/outside/keys/signing");
    let lock = ["-q", "-p", "-P", "", "-N", "open sesame 7", "-f", &key];
    assert!(Command::new("ssh-keygen").args(lock).status().expect("runs").success());
    let said = bench.tell(&["seal", "--all", "--from", "anna", "--write", &bench.stick()], "open sesame 7\n").ends(0);
    assert_eq!(said.err.matches("Passphrase for").count(), 1, "{}", said.err);
    assert_eq!(said.text().matches("is a folder on this machine and no medium").count(), 1, "{}", said.text());
    assert_eq!(std::fs::read_dir(bench.path("stick/handcarry/bundles")).expect("reads").count(), 1);
}

#[test]
fn what_makes_no_bundle_is_refused_before_the_key_is_asked_for() {
    let bench = Outside::new();
    asked(&bench, &["S1", "S2"]);
    let key = ["--key", "/no/such/key"];
    for (args, code, why) in [
        (&["--appliance", "S1", "--appliance", "s1"][..], 65, "nothing to seal"),
        (&["--appliance", "S1", "--appliance", "S1"], 2, "the appliance S1 is meant twice"),
        (&["--appliance", "S1", "--appliance", "S2", "--model", "B300"], 2, "--model and --host are of one appliance"),
        (&["--appliance", "S1", "--appliance", "S9"], 65, "nothing to seal"),
        (&[], 2, "S1, S2"),
    ] {
        bench.run(&[&["seal", "--from", "anna"], args, &key].concat()).ends(code).says(why);
    }
    // What one of them lacks is told of that one.
    also(&bench, "S2", "Bomgar-12.1.nss", 4000);
    bench.run(&["vault", "describe", "Bomgar 12.1", "--requires", "site=11.1.1"]).ends(0);
    let said = bench.run(&[&["seal", "--all", "--from", "anna"], &key[..]].concat()).ends(70);
    assert!(said.err.contains("serial S2): Bomgar 12.1 needs site 11.1.1"), "{}", said.err);
    // Two words on the same bytes are one too many.
    let bench = Outside::new();
    asked(&bench, &["S1", "S2"]);
    let file = bench.package("Bomgar-11.1.1.nss", 30_000);
    for (serial, requires) in [("S1", "site=10.6.2"), ("S2", "site=10.5.3")] {
        bench.run(&["import", &file, "--by", "anna", "--for", serial, "--requires", requires]).ends(0);
    }
    let said = bench.run(&[&["seal", "--all", "--from", "anna"], &key[..]].concat()).ends(2);
    assert!(said.err.contains("say different things of the same bytes"), "{}", said.err);
}
