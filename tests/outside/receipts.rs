//! Receipts that come back.

use crate::outside::half::{Outside, appliance};
use handcarry::testing::cli::write_paper;
use handcarry::testing::model::{
    Evidence, FileName, Id, JournalHead, Manifest, Outcome, PackageResult, Receipt, Sha256Digest, Timestamp,
};
use handcarry::testing::trust::{Namespace, Signer};

/// Seals one package for S1 and returns the manifest and its digest.
pub fn sealed(bench: &Outside) -> (Manifest, Sha256Digest) {
    bench.key();
    let file = bench.package("Base-3.4.0.nss", 9_000);
    bench.run(&["import", &file, "--by", "anna", "--for", "S1"]).ends(0);
    let args =
        ["--json", "seal", "--from", "anna", "--appliance", "S1", "--model", "B200", "--host", "support.example.com"];
    let said = bench.run(&args).ends(0);
    let folder = said.events("sealed")[0]["folder"].as_str().expect("a path").to_owned();
    let bytes = std::fs::read(std::path::Path::new(&folder).join("manifest.json")).expect("reads");
    (serde_json::from_slice(&bytes).expect("a manifest"), Sha256Digest::of(&bytes))
}

pub fn receipt(manifest: &Manifest, sha256: Sha256Digest, records: u64, outcome: Outcome) -> Receipt {
    let package = &manifest.packages[0];
    Receipt {
        format: 1,
        receipt: Id::random(),
        created: Timestamp::now().plus_secs(records as i64),
        appliance: appliance("S1"),
        bundle: manifest.bundle,
        sequence: manifest.appliances[0].sequence,
        manifest_sha256: sha256,
        packages: vec![PackageResult {
            file: package.file.clone(),
            name: package.name.clone(),
            sha256: package.sha256,
            source: (*package.source).clone(),
            outcome,
            evidence: (outcome == Outcome::Installed).then_some(Evidence::Version),
            at: Some(Timestamp::now()),
        }],
        status: None,
        backup_sha256: None,
        journal: head(records),
        links: (1..records).map(head).collect(),
    }
}

/// Where the journal of all these receipts stood.
fn head(records: u64) -> JournalHead {
    JournalHead { records, sha256: Sha256Digest::of(b"journal") }
}

pub fn put(bench: &Outside, receipt: &Receipt, signer: &Signer) {
    let stem = FileName::from_foreign(&format!("s1-{}", receipt.receipt.short()));
    write_paper(&bench.path("stick/handcarry/receipts"), &stem, receipt, Namespace::Receipt, signer).expect("writes");
}

#[test]
fn a_receipt_marks_what_is_installed_once() {
    let bench = Outside::new();
    let inside = bench.insider();
    let (manifest, sha256) = sealed(&bench);
    bench.run(&["receive", &bench.stick()]).ends(4);
    put(&bench, &receipt(&manifest, sha256, 3, Outcome::Pending), &inside);
    bench.run(&["receive", &bench.stick()]).ends(0);
    assert!(!bench.run(&["vault"]).ends(0).out.contains("installed on"));

    let installed = receipt(&manifest, sha256, 9, Outcome::Installed);
    put(&bench, &installed, &inside);
    let said = bench.run(&["receive", &bench.stick()]).ends(0);
    assert!(said.out.contains("installed at") && said.out.contains("shown by the version"), "{}", said.out);
    bench.run(&["receive", &bench.stick()]).ends(0);
    let vault = bench.run(&["vault"]).ends(0).out;
    assert_eq!(vault.matches("installed on S1").count(), 1, "{vault}");

    // The receipt itself is kept, and still checks with the stock tool.
    let kept = bench.path("home/outside/receipts").join(format!("{}.json", installed.receipt));
    let signature = format!("{}.1.sig", kept.display());
    let checked = std::process::Command::new("ssh-keygen")
        .args(["-Y", "check-novalidate", "-n", "handcarry-receipt", "-s", &signature])
        .stdin(std::fs::File::open(&kept).expect("kept"))
        .output();
    assert!(checked.expect("runs").status.success());
}

#[test]
fn what_a_receipt_says_counts_when_the_next_bundle_is_sealed() {
    let bench = Outside::new();
    let inside = bench.insider();
    // The request knows base 3.3.2; nothing answers it, but it is remembered.
    bench.lists("https://localhost:1");
    bench.request(&inside, "https://localhost:1", "S1", Some("ABCDE"), 0);
    bench.run(&["fetch", &bench.stick()]).ends(50);
    let (manifest, sha256) = sealed(&bench);
    let next = bench.package("Bomgar-10.6.2.nss", 9_001);
    bench.run(&["import", &next, "--by", "anna", "--for", "S1", "--requires", "base=3.4.0"]).ends(0);
    bench.run(&["seal", "--from", "anna"]).ends(70);
    put(&bench, &receipt(&manifest, sha256, 9, Outcome::Installed), &inside);
    bench.run(&["receive", &bench.stick()]).ends(0);
    let said = bench.run(&["seal", "--from", "anna"]).ends(0);
    assert!(said.out.contains("needs base 3.4.0 (on the appliance)"), "{}", said.out);
}

#[test]
fn receipts_that_do_not_hold_change_nothing() {
    let bench = Outside::new();
    let inside = bench.insider();
    let (manifest, sha256) = sealed(&bench);
    let good = || receipt(&manifest, sha256, 9, Outcome::Installed);
    let other_manifest = Receipt { manifest_sha256: Sha256Digest::of(b"other"), ..good() };
    let other_appliance = Receipt { appliance: appliance("S2"), ..good() };
    let other_number = Receipt { sequence: 7, ..good() };
    let mut other_package = good();
    other_package.packages[0].sha256 = Sha256Digest::of(b"other");
    let other_format = Receipt { format: 2, ..good() };
    let unknown = Receipt { bundle: Id::random(), ..good() };
    let cases = [
        (other_manifest, 67, "but not with this manifest"),
        (other_appliance, 67, "but not for this appliance"),
        (other_number, 67, "but not with this number"),
        (other_package, 67, "but not with these packages"),
        (unknown, 67, "was never sealed here"),
        (other_format, 3, "is not known here"),
    ];
    for (receipt, code, why) in cases {
        let _ = std::fs::remove_dir_all(bench.path("stick/handcarry"));
        put(&bench, &receipt, &inside);
        let said = bench.run(&["--quiet", "receive", &bench.stick()]).ends(code);
        assert!(said.err.contains(why), "{}", said.err);
        let kept = bench.path("home/outside/alarms").join(format!("{}.json", receipt.receipt));
        assert_eq!(kept.exists(), code == 67, "an alarm leaves its evidence");
        if code == 67 {
            assert!(said.err.contains(&inside.public().fingerprint()), "who signed it is told: {}", said.err);
            assert!(bench.path("home/outside/alarms").join(format!("{}.json.1.sig", receipt.receipt)).exists());
        }
    }
    assert!(!bench.path("home/outside/receipts").exists());
    // Signed by nobody trusted: no evidence of anything.
    let _ = std::fs::remove_dir_all(bench.path("stick/handcarry"));
    let path = bench.path("stranger");
    handcarry::testing::cli::generate_key(&path, "stranger", None).expect("a key");
    put(&bench, &good(), &Signer::from_file(&path, &mut || None).expect("opens"));
    bench.run(&["receive", &bench.stick()]).ends(42);
    assert!(!bench.run(&["vault"]).ends(0).out.contains("installed on"));
}

#[test]
fn a_journal_that_became_shorter_or_forked_is_an_alarm() {
    let bench = Outside::new();
    let inside = bench.insider();
    let (manifest, sha256) = sealed(&bench);
    put(&bench, &receipt(&manifest, sha256, 9, Outcome::Pending), &inside);
    bench.run(&["receive", &bench.stick()]).ends(0);
    let mut shorter = receipt(&manifest, sha256, 5, Outcome::Installed);
    shorter.created = Timestamp::now().plus_secs(900);
    let mut forked = receipt(&manifest, sha256, 9, Outcome::Installed);
    forked.journal.sha256 = Sha256Digest::of(b"another journal");
    let late = receipt(&manifest, sha256, 12, Outcome::Installed);
    let late = Receipt { created: Timestamp::now().plus_secs(-900), ..late };
    for (receipt, code, why) in
        [(shorter, 77, "has 5 records in receipt"), (forked, 68, "but receipt"), (late, 77, "has 9 records in receipt")]
    {
        let _ = std::fs::remove_dir_all(bench.path("stick/handcarry"));
        put(&bench, &receipt, &inside);
        // Each time it is shown, not the first time only; and what is sound beside it does not hide it.
        put(&bench, &Receipt { format: 2, receipt: Id::random(), ..receipt.clone() }, &inside);
        for _ in 0..2 {
            let said = bench.run(&["--json", "receive", &bench.stick()]).ends(code);
            assert!(said.err.contains(why), "{}", said.err);
            assert_eq!(said.events("alarm").len(), 1);
        }
        assert!(bench.path("home/outside/alarms").join(format!("{}.json", receipt.receipt)).exists());
        assert!(!bench.path("home/outside/receipts").join(format!("{}.json", receipt.receipt)).exists());
    }
    assert!(!bench.run(&["vault"]).ends(0).out.contains("installed on"));
}

#[test]
fn a_journal_that_was_rewritten_and_grew_is_an_alarm() {
    let bench = Outside::new();
    let inside = bench.insider();
    let (manifest, sha256) = sealed(&bench);
    put(&bench, &receipt(&manifest, sha256, 9, Outcome::Pending), &inside);
    bench.run(&["receive", &bench.stick()]).ends(0);
    let good = receipt(&manifest, sha256, 12, Outcome::Installed);
    let mut silent = good.clone();
    silent.links.clear();
    let mut other = good.clone();
    other.links[8].sha256 = Sha256Digest::of(b"another record");
    for rewritten in [silent, other] {
        let _ = std::fs::remove_dir_all(bench.path("stick/handcarry"));
        put(&bench, &rewritten, &inside);
        let said = bench.run(&["receive", &bench.stick()]).ends(68);
        assert!(said.err.contains("does not go on from record 9"), "{}", said.err);
        let _ = std::fs::remove_dir_all(bench.path("home/outside/alarms"));
    }
    let _ = std::fs::remove_dir_all(bench.path("stick/handcarry"));
    put(&bench, &good, &inside);
    bench.run(&["receive", &bench.stick()]).ends(0);
}
