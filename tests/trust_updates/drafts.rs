//! A bundle that two people must sign: in one vault, on two machines, by
//! ssh-keygen alone, and after it was written.

use crate::support::said::Said;
use crate::trust_updates::people::{People, beside};
use handcarry::testing::trust::{LineOptions, Namespace};
use std::path::PathBuf;
use std::process::Command;

/// An outside that knows the inside's trust (ana, bia and caio, two of whom
/// must sign) and has sealed one package with ana's key; returns the bundle's id.
fn sealed(bench: &People) -> String {
    bench.bootstrap(&["ana", "bia", "caio"], 2);
    bench.in_force();
    bench.outside(&["--yes", "trust", "follow", &bench.stick()], "").ends(0);
    std::fs::write(bench.path("Base-3.4.0.nss"), vec![7; 5000]).expect("writes");
    bench.outside(&["import", "Base-3.4.0.nss", "--by", "ana", "--for", "S1"], "").ends(0);
    let (key, args) = (bench.key_arg("ana"), ["--appliance", "S1", "--model", "B200", "--host", "h.example.com"]);
    let said = bench.outside(&[&["--json", "seal", "--from", "ana", "--key", &key], &args[..]].concat(), "").ends(0);
    assert!(said.err.contains("1 of the 2 needed: 1 still owed"), "{}", said.err);
    said.events("sealed")[0]["bundle"].as_str().expect("an id")[..8].to_owned()
}

fn verify(bench: &People) -> Said {
    bench.inside(&["verify", &bench.stick()], "")
}

fn written(bench: &People) -> PathBuf {
    let folder = std::fs::read_dir(bench.path("stick/handcarry/bundles")).expect("reads");
    let mut names = folder.flatten().map(|entry| entry.path());
    names.find(|path| path.extension().is_some_and(|suffix| suffix == "zip")).expect("a bundle")
}

#[test]
fn a_second_person_signs_in_the_same_vault() {
    let bench = People::new();
    let id = sealed(&bench);
    let bia = bench.key_arg("bia");
    bench.outside(&["--yes", "sign", &id, "--key", &bia], "").ends(5);
    bench.outside(&["sign", &id, "--key", &bench.key_arg("ana")], "y\n").ends(7).says("has a signature by");
    let shown = bench.outside(&["sign", &id, "--key", &bia], "y\n").ends(0);
    for told in ["for       h.example.com", "S1", "Base 3.4.0", "SHA-256 ", "expires ", "number 1", "none is owed"] {
        assert!(shown.out.contains(told), "{told:?} is not in {}", shown.out);
    }
    let said = bench.outside(&["write", &bench.stick()], "").ends(0);
    assert!(!said.err.contains("owed"), "{}", said.err);
    verify(&bench).ends(0).says("signatures 2 that count, 2 needed");
}

#[test]
fn a_stranger_s_signature_is_owed_still() {
    let bench = People::new();
    let id = sealed(&bench);
    bench
        .outside(&["sign", &id, "--key", &bench.key_arg("mallory")], "y\n")
        .ends(0)
        .says("1 still owed")
        .says("is not among the trusted signers");
    bench.outside(&["write", &bench.stick()], "").ends(0).says("warning: signatures that count inside: 1 of the 2");
    verify(&bench).ends(26);
}

/// A key that is over, or not yet to count, signs all the same; whoever signs
/// hears at once that the signature is owed still, and why.
#[test]
fn a_signature_that_does_not_count_now_is_told_when_it_is_made() {
    let bench = People::new();
    let id = sealed(&bench);
    let before = bench.in_force();
    let mut next = bench.next(&before, &["ana", "bia", "caio"], 2);
    for (at, option) in [(1, "valid-before=\"20260101000000Z\""), (2, "valid-after=\"20990101000000Z\"")] {
        next.signers[at] = next.signers[at].replace(" ssh-ed25519", &format!(",{option} ssh-ed25519"));
    }
    // The outside's copy of the inside's trust, from which it counts what is owed.
    bench.carry(&next, &[]);
    std::fs::remove_file(bench.path("stick/handcarry/trust/in-force.json")).expect("removed");
    bench.outside(&["--yes", "trust", "follow", &bench.stick()], "").ends(0);
    for (name, why) in [("bia", "let it count only until 2026-01-01"), ("caio", "lets it count only from 2099-01-01")] {
        let said = bench.outside(&["sign", &id, "--key", &bench.key_arg(name)], "y\n").ends(0);
        said.says("1 of the 2 needed: 1 still owed").says(why);
    }
}

#[test]
fn only_the_draft_travels_to_the_second_machine_and_back() {
    let bench = People::new();
    let id = sealed(&bench);
    bench.outside(&["draft", "export", &id, &bench.stick()], "").ends(0);
    bench.outside(&["draft", "export", &id, &bench.stick()], "").ends(7);
    let folder = bench.path(&format!("stick/handcarry-draft-{id}"));
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .expect("a folder")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["manifest.json", "manifest.json.1.sig"]);

    // The second machine has no vault and knows nothing of the inside.
    let bia = bench.key_arg("bia");
    bench
        .tell_in("home2", "outside", &["sign", &bench.stick(), "--key", &bia], "y\n")
        .ends(0)
        .says(&format!("signed by {}", bench.fingerprint("ana")))
        .says("is not known here");
    let collected = bench.outside(&["--json", "draft", "collect", &bench.stick()], "").ends(0);
    let event = &collected.events("draft-collected")[0];
    assert_eq!((&event["taken"], &event["owed"]), (&1.into(), &0.into()), "{event}");
    bench.outside(&["draft", "collect", &bench.stick()], "").ends(0).says("No new signature");
    bench.outside(&["write", &bench.stick()], "").ends(0);
    verify(&bench).ends(0);
}

#[test]
fn the_second_person_needs_nothing_but_ssh_keygen() {
    let bench = People::new();
    let id = sealed(&bench);
    bench.outside(&["draft", "export", &id, &bench.stick()], "").ends(0);
    let manifest = bench.path(&format!("stick/handcarry-draft-{id}/manifest.json"));
    bench.ssh_sign("bia", "handcarry-bundle", &manifest, 7);
    std::fs::rename(beside(&manifest, "7.sig"), beside(&manifest, "sig")).expect("renames");
    bench.outside(&["draft", "collect", &bench.stick()], "").ends(0).says("none is owed");
    bench.outside(&["write", &bench.stick()], "").ends(0);
    verify(&bench).ends(0);
}

#[test]
fn a_draft_that_was_changed_on_its_way_brings_nothing_home() {
    let bench = People::new();
    let id = sealed(&bench);
    bench.outside(&["draft", "export", &id, &bench.stick()], "").ends(0);
    let manifest = bench.path(&format!("stick/handcarry-draft-{id}/manifest.json"));
    let text = std::fs::read_to_string(&manifest).expect("reads");
    std::fs::write(&manifest, text.replacen("\"serial\": \"S1\"", "\"serial\": \"S2\"", 1)).expect("writes");
    bench.ssh_sign("bia", "handcarry-bundle", &manifest, 2);
    bench.outside(&["draft", "collect", &bench.stick()], "").ends(42).says("another manifest than the one sealed");
    std::fs::write(&manifest, text).expect("writes");
    let collected = bench.outside(&["draft", "collect", &bench.stick()], "").ends(0);
    collected.says("signature 2 is left: it does not match").says("1 still owed");
}

#[test]
fn a_signature_beside_the_bundle_counts_as_one_inside() {
    let bench = People::new();
    let id = sealed(&bench);
    bench.outside(&["write", &bench.stick()], "").ends(0).says("1 still owed");
    verify(&bench).ends(26);
    // By the program, which reads the manifest out of the bundle on the stick.
    bench.outside(&["sign", &bench.stick(), "--key", &bench.key_arg("ana")], "y\n").ends(7);
    bench.outside(&["sign", &bench.stick(), "--key", &bench.key_arg("bia")], "y\n").ends(0);
    let detached = beside(&written(&bench).with_extension(""), "manifest.json.1.sig");
    assert!(detached.is_file());
    let joined = format!("{}.", written(&bench).display());
    assert!(!detached.display().to_string().starts_with(&joined), "`cat NAME.zip.*` joins volumes only");
    verify(&bench).ends(0).says("signatures 2 that count, 2 needed");

    // By stock tools alone.
    std::fs::remove_file(&detached).expect("removes");
    verify(&bench).ends(26);
    let unzip = Command::new("unzip").arg("-p").arg(written(&bench)).arg("manifest.json").output().expect("runs");
    let manifest = bench.path("m.json");
    std::fs::write(&manifest, unzip.stdout).expect("writes");
    bench.ssh_sign("caio", "handcarry-bundle", &manifest, 1);
    // A gap in the numbers is no harm, nor is a signature of no use before it.
    std::fs::copy(beside(&manifest, "1.sig"), beside(&written(&bench).with_extension(""), "manifest.json.5.sig"))
        .expect("copies");
    std::fs::write(&detached, "nothing of use").expect("writes");
    verify(&bench).ends(0);

    // A signature for something else, and one that is too large.
    bench.ssh_sign("bia", "handcarry-trust", &manifest, 1);
    std::fs::copy(beside(&manifest, "1.sig"), beside(&written(&bench).with_extension(""), "manifest.json.5.sig"))
        .expect("copies");
    verify(&bench).ends(26);
    std::fs::write(&detached, vec![b'A'; (16 << 10) + 1]).expect("writes");
    verify(&bench).ends(26).says("larger than the limit");
    assert_eq!(id.len(), 8);
}

#[test]
fn a_bundle_in_volumes_takes_a_signature_beside_it_too() {
    let bench = People::new();
    sealed(&bench);
    bench.outside(&["write", &bench.stick(), "--volume-size", "2K"], "").ends(0);
    verify(&bench).ends(26);
    bench.outside(&["sign", &bench.stick(), "--key", &bench.key_arg("bia")], "y\n").ends(0);
    verify(&bench).ends(0);
}

/// One person with one key and two names is still one.
#[test]
fn the_threshold_counts_keys() {
    let bench = People::new();
    sealed(&bench);
    let key = handcarry::testing::trust::PublicKey::read(&bench.path("ana.pub")).expect("a key");
    let scope = LineOptions::only_for(&[Namespace::Bundle]);
    let twin = handcarry::testing::trust::AllowedSigners::render_line("twin", &key, &scope).expect("a line");
    let file = bench.path("home/inside/trust/allowed_signers");
    let text = std::fs::read_to_string(&file).expect("reads");
    std::fs::write(&file, text + &twin + "\n").expect("writes");
    bench.outside(&["write", &bench.stick()], "").ends(0);
    let zip = written(&bench);
    let unzip = Command::new("unzip").arg("-p").arg(&zip).arg("manifest.json").output().expect("runs");
    let manifest = bench.path("m.json");
    std::fs::write(&manifest, unzip.stdout).expect("writes");
    bench.ssh_sign("ana", "handcarry-bundle", &manifest, 1);
    std::fs::copy(beside(&manifest, "1.sig"), beside(&zip.with_extension(""), "manifest.json.1.sig")).expect("copies");
    verify(&bench).ends(26).says("has signed already and counts once");
}
