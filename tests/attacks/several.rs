//! A stick with several bundles: every one is judged, and what is current must be good.

use crate::attacks::target::{NAME, Target};
use crate::support::said::Said;
use handcarry::testing::model::{Exit, Manifest};
use handcarry::testing::trust::{LineOptions, Namespace};
use std::path::Path;

fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

/// A manifest for another appliance than the lab's.
fn foreign(bench: &Target, sequence: u64) -> Manifest {
    let mut manifest = bench.manifest(sequence, 2);
    let own = &mut manifest.appliances[0];
    (own.serial, own.model, own.host) = ("S-2".into(), "B200".into(), "other.example.com".into());
    manifest
}

fn damage(path: &Path) {
    let mut bytes = std::fs::read(path).expect("readable");
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(path, bytes).expect("written");
}

/// The line of the table about a bundle.
#[track_caller]
fn row(said: &Said, path: &Path) -> String {
    let line = said.out.lines().find(|line| line.starts_with(&name(path)));
    line.unwrap_or_else(|| panic!("{}: {}{}", name(path), said.out, said.err)).to_owned()
}

#[test]
fn every_bundle_on_a_stick_is_judged_and_all_that_are_current_must_be_good() {
    let bench = Target::new();
    let older = bench.seal(&bench.manifest(1, 1));
    let newer = bench.add(&bench.manifest(2, 2));
    let other = bench.add(&foreign(&bench, 1));
    let verify = || bench.inside(&["verify", &bench.stick()], "");
    let said = verify().ends(Exit::Ok);
    assert!(row(&said, &older).contains("  older  ") && row(&said, &older).contains(&name(&newer)), "{}", said.out);
    assert!(row(&said, &newer).contains("  good   for ") && row(&said, &newer).contains("sequence 2"), "{}", said.out);
    let line = row(&said, &other);
    assert!(line.contains("  good   for other.example.com (B200, serial S-2)"), "{line}");
    assert!(line.contains("signed by sealer"), "{line}");

    let events = bench.inside(&["--json", "verify", &bench.stick()], "").ends(Exit::Ok).json();
    let of = |event: &str| -> Vec<&serde_json::Value> { events.iter().filter(|line| line["event"] == event).collect() };
    let judged: Vec<(String, String)> = of("judged")
        .iter()
        .map(|event| (event["file"].as_str().expect("a name").to_owned(), event["verdict"].to_string()))
        .collect();
    assert_eq!(judged.len(), 3, "{judged:?}");
    assert!(judged.contains(&(name(&older), "\"older\"".to_owned())), "{judged:?}");
    assert_eq!(of("verified").len(), 2, "of each that is current all that an auditor asks for");

    // What is older spoils nothing; what is current does, whoever it is for.
    damage(&older);
    verify().ends(Exit::Ok);
    damage(&other);
    let said = verify().ends(Exit::DigestMismatch);
    assert!(
        row(&said, &newer).contains("  good  ") && row(&said, &other).contains("  digest-mismatch  "),
        "{}",
        said.out
    );
    assert!(said.err.contains(&format!("error: {}: ", name(&other))), "{}", said.err);
    // By file each is judged alone.
    bench.inside(&["verify", &newer.display().to_string()], "").ends(Exit::Ok);
    let json = bench.inside(&["--json", "verify", &bench.stick()], "").ends(Exit::DigestMismatch);
    let event = json.out.lines().find(|line| line.contains("digest-mismatch")).expect("an event");
    let event: serde_json::Value = serde_json::from_str(event).expect("JSON");
    assert_eq!((&event["file"], &event["exit"]), (&name(&other).into(), &34.into()), "{event}");
}

#[test]
fn the_worst_bundle_of_a_stick_decides_how_verify_ends() {
    let bench = Target::new();
    bench.seal(&bench.manifest(1, 1));
    let mut expired = foreign(&bench, 1);
    expired.created = bench.now.plus_secs(-7200);
    expired.expires = bench.now.plus_secs(-3600);
    let expired = bench.add(&expired);
    let verify = || bench.inside(&["verify", &bench.stick()], "");
    let said = verify().ends(Exit::Expired);
    assert!(row(&said, &expired).contains("  expired  "), "{}", said.out);

    // A signature that nobody here trusts is worse than an old one.
    let (stranger, _) = bench.key("stranger", &LineOptions::only_for(&[Namespace::Bundle]));
    let unsigned = bench.add_by(&stranger, Namespace::Bundle, &bench.manifest(9, 1));
    let said = verify().ends(Exit::ThresholdNotMet);
    assert!(
        said.err.contains(&format!("2 of 3 bundles are not good; the worst is {}", name(&unsigned))),
        "{}",
        said.err
    );
    std::fs::remove_file(unsigned).expect("removed");

    // Once a newer one is there, the expired one is only older.
    bench.add(&foreign(&bench, 2));
    let said = verify().ends(Exit::Ok);
    assert!(row(&said, &expired).contains("  older  "), "{}", said.out);
}

#[test]
fn bundles_for_others_are_never_called_older() {
    let bench = Target::new();
    bench.seal(&bench.manifest(1, 1));
    let other = bench.add(&foreign(&bench, 5));
    let said = bench.inside(&["verify", &bench.stick(), "--appliance", NAME], "");
    assert!(!said.err.contains("older"), "{}", said.err);
    assert!(!said.err.contains("not for  ("), "{}", said.err);
    if said.code != 0 {
        // Nothing was read of this appliance yet: its serial number is not known.
        assert!(said.err.contains("bundles for several appliances lie there"), "{}", said.err);
    }
    bench.push(&[], "y\ny\ny\n");
    let said = bench.inside(&["verify", &other.display().to_string(), "--appliance", NAME], "");
    let said = said.ends(Exit::WrongAppliance);
    assert!(said.err.contains(&format!("not for {NAME} (serial ")), "{}", said.err);
}

#[test]
fn of_several_that_are_refused_each_is_told_and_what_is_done_comes_before_what_is_old() {
    let bench = Target::new();
    let used = bench.manifest(5, 1);
    bench.remember(Some((5, used.bundle)), None, &[used.bundle], &[]);
    let old = bench.seal(&bench.manifest(4, 1));
    let (done, other) = (bench.add(&used), bench.add(&foreign(&bench, 9)));
    let refused = |exit: Exit, ends: &Path, others: &[(&Path, &str)]| {
        for verb in bench.verbs(&[]) {
            let said = bench.inside(&verb.iter().map(String::as_str).collect::<Vec<_>>(), "y\ny\n").ends(exit);
            assert!(said.err.contains(&format!("error: {}: ", name(ends))), "{}", said.err);
            for (path, why) in others {
                let line = said.err.lines().find(|line| line.contains(&format!("not taken: {}: ", name(path))));
                assert!(line.is_some_and(|line| line.contains(why)), "{}: {}", name(path), said.err);
            }
            assert_eq!(said.err.matches("not taken: ").count(), others.len(), "{}", said.err);
            assert_eq!(said.err.matches("hint: ").count(), 1, "one thing to do: {}", said.err);
        }
    };
    let old_one = (old.as_path(), "its sequence is 4, and 5 or later is expected");
    let foreign = (other.as_path(), "the bundle is for other.example.com");
    // Not the old one's hint, to take a newer: the newest lies there, and is done.
    refused(Exit::Replayed, &done, &[old_one, foreign]);

    // What can be mended comes before all of them.
    let newest = bench.add(&bench.manifest(6, 1));
    let bytes = std::fs::read(&newest).expect("readable");
    std::fs::write(&newest, &bytes[..bytes.len() - 9]).expect("written");
    refused(Exit::VolumesIncomplete, &newest, &[old_one, foreign, (done.as_path(), "was used already")]);
}
