//! Bundles that are true but not for here, not for now, or not once more.

use crate::attacks::target::{NAME, Target};
use handcarry::testing::model::{Exit, Id, RequestRef, Sha256Digest};

#[test]
fn rollback_to_an_older_bundle() {
    let bench = Target::new();
    bench.remember(Some((5, Id::random())), None, &[], &[]);
    bench.seal(&bench.manifest(4, 1));
    bench.refused(Exit::Rollback, "its sequence is 4, and 5 or later is expected");
}

#[test]
fn another_bundle_under_a_sequence_that_is_taken() {
    let bench = Target::new();
    bench.remember(Some((5, Id::random())), None, &[], &[]);
    bench.seal(&bench.manifest(5, 1));
    bench.refused(Exit::Rollback, "has sequence 5, which bundle");
}

#[test]
fn freeze_with_a_bundle_whose_time_is_over() {
    let bench = Target::new();
    let mut manifest = bench.manifest(1, 1);
    manifest.expires = bench.now.plus_secs(-60);
    bench.seal(&manifest);
    bench.refused(Exit::Expired, "the bundle expired at");
}

#[test]
fn not_yet_valid() {
    let bench = Target::new();
    let mut manifest = bench.manifest(1, 1);
    manifest.created = bench.now.plus_secs(3600);
    bench.seal(&manifest);
    bench.refused(Exit::NotYetValid, "the bundle was sealed at");
}

#[test]
fn a_bundle_for_another_appliance() {
    let bench = Target::new();
    bench.remember(None, None, &[], &[]);
    let mut manifest = bench.manifest(1, 1);
    manifest.appliances[0].serial = "LAB-0002-BG".into();
    bench.seal(&manifest);
    bench.refused(Exit::WrongAppliance, "LAB-0002-BG");
}

#[test]
fn an_answer_to_a_request_that_was_not_made_here() {
    let bench = Target::new();
    bench.remember(None, None, &[], &[Id::random()]);
    let mut manifest = bench.manifest(1, 1);
    manifest.appliances[0].request = Some(RequestRef { id: Id::random(), sha256: Sha256Digest::of(b"") });
    bench.seal(&manifest);
    bench.refused(Exit::WrongRequest, "which was not made here");
    // Nor at a desk that never made one.
    bench.remember(None, None, &[], &[]);
    bench.refused(Exit::WrongRequest, "which was not made here");
}

#[test]
fn a_bundle_is_replayed_only_when_its_push_was_done() {
    let bench = Target::new();
    let manifest = bench.manifest(3, 3);
    bench.seal(&manifest);
    bench.push(&[], "y\ny\ny\ny\n").ends(Exit::Waiting);
    // It waits for a soak: nobody may call that used.
    for verb in &bench.verbs(&[])[..2] {
        bench.inside(&verb.iter().map(String::as_str).collect::<Vec<_>>(), "").ends(Exit::Ok);
    }
    bench.push(&[], "y\ny\ny\ny\n").ends(Exit::Waiting);
    bench.lab.advance(25);
    bench.push(&[], "y\ny\ny\ny\n").ends(Exit::Ok);
    assert_eq!(bench.journal("push-done").len(), 1);
    bench.refused(Exit::Replayed, "was used already");

    // Killed between the journal's last record and the marks, it is used all the same.
    bench.remember(Some((3, manifest.bundle)), None, &[], &[]);
    bench.refused(Exit::Replayed, "was used already");
    // What is known of one appliance says nothing where none was named.
    bench.inside(&["verify", &bench.stick()], "").ends(Exit::Ok);
}

#[test]
fn marks_do_not_move_for_a_bundle_that_fails_anywhere() {
    let bench = Target::new();
    let manifest = bench.manifest(7, 1);
    let path = bench.seal(&manifest);
    let mut bytes = std::fs::read(&path).expect("readable");
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(&path, &bytes).expect("written");
    // plan reads no package, so it has nothing to object to; verify and push do.
    for verb in [&bench.verbs(&[])[0], &bench.verbs(&[])[2]] {
        let args: Vec<&str> = verb.iter().map(String::as_str).collect();
        bench.inside(&args, "y\n").ends(Exit::DigestMismatch);
    }
    assert_eq!((bench.marks(), bench.uploads()), (None, vec![]));

    // verify and plan accept nothing, so they move nothing either; push does.
    bytes[at] ^= 1;
    std::fs::write(&path, &bytes).expect("written");
    for verb in &bench.verbs(&[])[..2] {
        bench.inside(&verb.iter().map(String::as_str).collect::<Vec<_>>(), "").ends(Exit::Ok);
    }
    assert_eq!(bench.marks(), None);
    bench.push(&[], "y\ny\n").ends(Exit::Ok);
    let marks: serde_json::Value = serde_json::from_slice(&bench.marks().expect("kept")).expect("JSON");
    assert_eq!((&marks["accepted"]["sequence"], &marks["used"][0]), (&7.into(), &manifest.bundle.to_string().into()));
    let left = std::fs::read_dir(bench.path("home/inside/marks")).expect("there").count();
    assert_eq!(left, 1, "no temporary file is left");
}

#[test]
fn marks_that_cannot_be_read_are_not_taken_for_none() {
    let bench = Target::new();
    bench.seal(&bench.manifest(1, 1));
    bench.remember(None, None, &[], &[]);
    std::fs::write(bench.marks_path(), "{").expect("written");
    bench.refused(Exit::Config, "does not read as marks");
}

#[test]
fn a_verdict_is_not_reused_under_other_trust() {
    let bench = Target::new();
    bench.seal(&bench.manifest(1, 3));
    bench.inside(&["verify", &bench.stick(), "--appliance", NAME], "").ends(Exit::Ok);
    bench.push(&[], "y\ny\ny\ny\n").ends(Exit::Waiting);
    let listed = bench.inside(&["trust", "list"], "").ends(Exit::Ok);
    let at = listed.out.find("SHA256:").expect("a fingerprint");
    let fingerprint: String = listed.out[at..].chars().take(50).collect();
    let policy = format!("revoked = [\"{fingerprint}\"]\n");
    std::fs::write(bench.path("home/inside/trust/policy.toml"), policy).expect("written");
    bench.lab.advance(25);
    let (marks, sent) = (bench.marks(), bench.uploads());
    for verb in bench.verbs(&[]) {
        let said = bench.inside(&verb.iter().map(String::as_str).collect::<Vec<_>>(), "y\ny\n");
        assert!(
            [i32::from(Exit::NoTrust.code()), i32::from(Exit::ThresholdNotMet.code())].contains(&said.code),
            "{said:?}"
        );
    }
    assert_eq!((bench.marks(), bench.uploads()), (marks, sent));
}
