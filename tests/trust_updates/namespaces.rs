//! A signature for one kind of document never passes for another: every kind
//! of document, signed for every namespace by a key that is trusted for all of
//! them, and read by the program that would act on it.

use crate::support::said::Said;
use crate::trust_updates::people::{People, beside};
use handcarry::testing::model::{ApplianceId, Id, JournalHead, Receipt, Request, Sha256Digest, Status, Timestamp};
use handcarry::testing::trust::{Namespace, TrustUpdate};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Lets `eve`'s key sign anything, on both sides.
fn trust_eve(bench: &People) {
    bench.key("eve");
    let public = std::fs::read_to_string(bench.path("eve.pub")).expect("a public key");
    for half in ["inside", "outside"] {
        let folder = bench.path(&format!("home/{half}/trust"));
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("allowed_signers"), format!("eve {public}")).expect("writes");
    }
}

/// Signs `file` with eve's key for each namespace in turn; `read` must accept
/// the one for `right` alone, and end with `refusal` for the others.
fn only_its_own(
    bench: &People,
    file: &Path,
    signature: &Path,
    right: Namespace,
    refusal: i32,
    read: impl Fn() -> Said,
) {
    for namespace in Namespace::ALL.iter().map(|namespace| namespace.as_str()).chain(["file", "git"]) {
        bench.ssh_sign("eve", namespace, file, 1);
        let made = beside(file, "1.sig");
        if made != signature {
            std::fs::copy(made, signature).expect("copies");
        }
        let said = read();
        let refused = said.code == refusal && said.err.contains(&format!("it was made for {namespace}, not for"));
        assert_eq!(refused, namespace != right.as_str(), "{right} signed for {namespace}: {}\n{}", said.code, said.err);
    }
}

fn paper(bench: &People, folder: &str, value: &impl serde::Serialize) -> PathBuf {
    let folder = bench.path("stick/handcarry").join(folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("paper.json");
    std::fs::write(&file, serde_json::to_vec_pretty(value).expect("serialises")).expect("writes");
    file
}

fn appliance() -> ApplianceId {
    ApplianceId { serial: "S1".into(), model: "B200".into(), host: "h.example.com".into() }
}

#[test]
fn a_request_counts_only_when_signed_as_one() {
    let bench = People::new();
    trust_eve(&bench);
    let status = Status {
        appliance: appliance(),
        base_version: None,
        site_version: None,
        site_build: None,
        clock: None,
        installed: None,
        offered: None,
        no_site: false,
        typed: false,
    };
    let request = Request {
        format: 1,
        request: Id::random(),
        created: Timestamp::now(),
        status,
        // Nothing listens there: a request that is believed ends with another code.
        vendor: "https://127.0.0.1:9".into(),
        code: handcarry::testing::model::DownloadCode::parse("some-code"),
    };
    let file = paper(&bench, "requests", &request);
    let signature = beside(&file, "1.sig");
    only_its_own(&bench, &file, &signature, Namespace::Request, 42, || bench.outside(&["fetch", &bench.stick()], ""));
}

#[test]
fn a_receipt_counts_only_when_signed_as_one() {
    let bench = People::new();
    trust_eve(&bench);
    let receipt = Receipt {
        format: 1,
        receipt: Id::random(),
        created: Timestamp::now(),
        appliance: appliance(),
        bundle: Id::random(),
        sequence: 1,
        manifest_sha256: Sha256Digest::of(b""),
        packages: Vec::new(),
        status: None,
        backup_sha256: None,
        journal: JournalHead { records: 0, sha256: Sha256Digest::of(b"") },
        links: Vec::new(),
    };
    let file = paper(&bench, "receipts", &receipt);
    let signature = beside(&file, "1.sig");
    only_its_own(&bench, &file, &signature, Namespace::Receipt, 42, || bench.outside(&["receive", &bench.stick()], ""));
}

#[test]
fn a_trust_update_counts_only_when_signed_as_one() {
    let bench = People::new();
    trust_eve(&bench);
    let before: TrustUpdate = bench.in_force();
    let mut next = bench.next(&before, &["ana"], 1);
    next.signers.extend(before.signers);
    let file = bench.carry(&next, &[]);
    let signature = beside(&file, "1.sig");
    only_its_own(&bench, &file, &signature, Namespace::Trust, 42, || {
        bench.inside(&["trust", "apply", &bench.stick()], "n\n")
    });
}

/// The bundle's own signature is by a stranger; eve's lies beside it.
#[test]
fn a_bundle_counts_only_when_signed_as_one() {
    let bench = People::new();
    trust_eve(&bench);
    std::fs::write(bench.path("Base-3.4.0.nss"), vec![7; 5000]).expect("writes");
    bench.outside(&["import", "Base-3.4.0.nss", "--by", "ana", "--for", "S1"], "").ends(0);
    let key = bench.key_arg("stranger");
    let args = ["--appliance", "S1", "--model", "B200", "--host", "h.example.com", "--write", &bench.stick()];
    bench.outside(&[&["seal", "--from", "ana", "--key", &key], &args[..]].concat(), "").ends(0);
    let folder = std::fs::read_dir(bench.path("stick/handcarry/bundles")).expect("reads");
    let zip = folder.flatten().next().expect("a bundle").path();
    let unzip = Command::new("unzip").arg("-p").arg(&zip).arg("manifest.json").output().expect("runs");
    let manifest = bench.path("m.json");
    std::fs::write(&manifest, unzip.stdout).expect("writes");
    let signature = beside(&zip.with_extension(""), "manifest.json.1.sig");
    only_its_own(&bench, &manifest, &signature, Namespace::Bundle, 26, || {
        bench.inside(&["verify", &bench.stick()], "")
    });
}

/// A whole signed document of another kind, where a document of this kind is
/// looked for: right key, right signature, wrong place.
#[test]
fn a_signed_document_in_another_s_place_is_refused() {
    let bench = People::new();
    trust_eve(&bench);
    let before = bench.in_force();
    let update = bench.next(&before, &["ana"], 1);
    let file = bench.carry(&update, &["eve"]);
    for (folder, args) in [("requests", ["fetch"]), ("receipts", ["receive"])] {
        let target = paper(&bench, folder, &0);
        std::fs::copy(&file, &target).expect("copies");
        std::fs::copy(beside(&file, "1.sig"), beside(&target, "1.sig")).expect("copies");
        bench.outside(&[args[0], &bench.stick()], "").ends(42).says("it was made for handcarry-trust");
    }
}
