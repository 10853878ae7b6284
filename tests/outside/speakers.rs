//! Which keys of the inside speak for which appliances, and what the outside
//! tells of one.

use crate::outside::half::Outside;
use crate::outside::receipts::{put, receipt, sealed};
use handcarry::testing::cli::generate_key;
use handcarry::testing::model::Outcome;
use handcarry::testing::trust::{AllowedSigners, LineOptions, Namespace, Signer};

/// Where nobody answers.
const NOWHERE: &str = "https://localhost:1";

/// A second desk that this outside trusts.
fn other_desk(bench: &Outside) -> Signer {
    let path = bench.path("other.key");
    let key = generate_key(&path, "olga", None).expect("a key");
    let scope = LineOptions::only_for(&[Namespace::Request, Namespace::Receipt]);
    let line = AllowedSigners::render_line("olga", &key, &scope).expect("a line");
    bench.run(&["trust", "add", &line, "--fingerprint", &key.fingerprint()]).ends(0);
    Signer::from_file(&path, &mut || None).expect("opens")
}

#[test]
fn the_key_of_one_desk_asks_for_no_appliance_of_another() {
    let bench = Outside::new();
    let (ines, olga) = (bench.insider(), other_desk(&bench));
    bench.run(&["speaker", "list"]).ends(65);
    bench.lists(NOWHERE);
    bench.request(&ines, NOWHERE, "S1", Some("ABCDE"), 60);
    let said = bench.run(&["fetch", &bench.stick()]).ends(50);
    assert!(
        said.err.contains(&format!("From now on ines ({}) speaks for S1", ines.public().fingerprint())),
        "{said:?}"
    );

    // A newer request by another trusted key hides nothing, and does not pass for the first.
    let hers = bench.request(&olga, NOWHERE, "S1", Some("FGHIJ"), 0);
    let said = bench.run(&["fetch", &bench.stick()]).ends(50);
    assert!(said.err.contains("it speaks for S1 by the key of olga"), "{said:?}");
    let said = bench.run(&["fetch", &bench.stick(), "--request", &hers.to_string()]).ends(48);
    let (key, known) = (olga.public().fingerprint(), ines.public().fingerprint());
    assert!(said.err.contains(&key) && said.err.contains(&known), "both keys are told: {}", said.err);
    let add = ["speaker", "add", "S1", &key];
    assert!(said.err.contains(&format!("handcarry-outside {}", add.join(" "))), "{}", said.err);
    // She may speak for what nobody spoke for yet.
    bench.request(&olga, NOWHERE, "S2", Some("KLMNO"), 0);
    bench.run(&["fetch", &bench.stick()]).ends(50);

    bench.run(&add).ends(0);
    assert!(bench.run(&add).ends(0).out.contains("spoke already"));
    bench.run(&["fetch", &bench.stick(), "--request", &hers.to_string()]).ends(50);
    bench.run(&["fetch", &bench.stick(), "--request", ""]).ends(4);
    let list = bench.run(&["speaker", "list"]).ends(0).out;
    assert!(list.contains("the first that did") && list.contains("by a person's word"), "{list}");
    bench.run(&["speaker", "remove", "S1", &known]).ends(0);
    bench.run(&["speaker", "remove", "S1", &known]).ends(4);
    let last = bench.run(&["speaker", "remove", "S1", &key]).ends(5);
    assert!(last.err.contains("no other key speaks for S1"), "{}", last.err);
    bench.run(&["speaker", "add", "S1", "SHA256:nobody"]).ends(40);
}

#[test]
fn a_receipt_by_another_desks_key_is_kept_and_marks_nothing() {
    let bench = Outside::new();
    let (ines, olga) = (bench.insider(), other_desk(&bench));
    let (manifest, sha256) = sealed(&bench);
    put(&bench, &receipt(&manifest, sha256, 3, Outcome::Pending), &ines);
    bench.run(&["receive", &bench.stick()]).ends(0);
    let hers = receipt(&manifest, sha256, 9, Outcome::Installed);
    put(&bench, &hers, &olga);
    let said = bench.run(&["--json", "receive", &bench.stick()]).ends(48);
    assert_eq!(said.events("alarm")[0]["code"], "other-speaker");
    assert!(bench.path("home/outside/alarms").join(format!("{}.json", hers.receipt)).exists());
    assert!(!bench.run(&["vault"]).ends(0).out.contains("installed on"));
    let told = bench.run(&["audit", "S1"]).ends(48);
    assert!(told.out.contains("refused") && told.out.contains("was not taken since"), "{told:?}");

    bench.run(&["speaker", "add", "S1", &olga.public().fingerprint()]).ends(0);
    bench.run(&["receive", &bench.stick()]).ends(0);
    assert!(bench.run(&["vault"]).ends(0).out.contains("installed on S1"));
    let told = bench.run(&["audit", "S1"]).ends(0);
    assert!(!told.out.contains("refused"), "it was taken since: {told:?}");
}

#[test]
fn an_audit_tells_what_was_seen_and_finds_what_was_changed() {
    let bench = Outside::new();
    let inside = bench.insider();
    bench.run(&["audit"]).ends(4);
    bench.run(&["audit", "S1"]).ends(4);
    let (manifest, sha256) = sealed(&bench);
    let installed = receipt(&manifest, sha256, 9, Outcome::Installed);
    put(&bench, &installed, &inside);
    bench.run(&["receive", &bench.stick()]).ends(0);
    let said = bench.run(&["--json", "audit"]).ends(0);
    let audit = said.event("audit");
    let kinds: Vec<&str> =
        audit["seen"].as_array().expect("a list").iter().filter_map(|seen| seen["kind"].as_str()).collect();
    for kind in ["package", "bundle", "receipt"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    let told = bench.run(&["audit", "S1"]).ends(0).out;
    for whole in [sha256.to_string(), manifest.packages[0].sha256.to_string(), inside.public().fingerprint()] {
        assert!(told.contains(&whole), "digests and keys are told in full: {told}");
    }

    // A receipt that was changed where it is kept, a bundle that was, and one that is gone.
    let kept = bench.path("home/outside/receipts").join(format!("{}.json", installed.receipt));
    let bytes = std::fs::read_to_string(&kept).expect("reads");
    std::fs::write(&kept, bytes.replace("\"records\": 9", "\"records\": 8")).expect("changed");
    let found = bench.run(&["audit"]).ends(42);
    assert!(found.err.contains("no signature beside it holds"), "{}", found.err);
    std::fs::write(&kept, "no receipt").expect("changed");
    let found = bench.run(&["audit"]).ends(3);
    assert!(found.err.contains("does not read as it should"), "{}", found.err);
    std::fs::write(&kept, bytes).expect("put back");
    let speakers = bench.path("home/outside/speakers.json");
    let known = std::fs::read(&speakers).expect("reads");
    std::fs::write(&speakers, "nobody").expect("changed");
    bench.run(&["receive", &bench.stick()]).ends(3);
    std::fs::write(&speakers, known).expect("put back");
    let draft = bench.path("home/outside/drafts").join(manifest.bundle.to_string());
    let away = bench.path("away");
    std::fs::rename(&draft, &away).expect("moved");
    let found = bench.run(&["audit"]).ends(67);
    assert!(found.err.contains("was never sealed here"), "{}", found.err);
    std::fs::rename(&away, &draft).expect("put back");
    bench.run(&["audit"]).ends(0);
}
