//! A bundle for several appliances: each takes its own part, is refused for its
//! own reasons, and knows nothing of the others'.

use crate::attacks::target::{NAME, Target};
use crate::support::carried::PACKAGE_BYTES;
use handcarry::testing::lab::{self, package_bytes};
use handcarry::testing::model::{ApplianceId, Consignment, Exit, Id, Manifest, RequestRef, Sha256Digest};

/// A trip to the lab's appliance, with the first package, and to another one,
/// with the first two; their numbers, and the request of each.
fn trip(bench: &Target, numbers: [u64; 2], requests: [Option<Id>; 2]) -> Manifest {
    let whole = bench.manifest(1, 2);
    let request = |at: usize| requests[at].map(|id| RequestRef { id, sha256: Sha256Digest::of(b"") });
    let own = whole.consignment(lab::SERIAL).expect("it is for the lab's");
    let mine =
        Consignment { sequence: numbers[0], request: request(0), packages: own.packages[..1].to_vec(), ..own.clone() };
    let appliance = ApplianceId { serial: "S-2".into(), model: "B200".into(), host: "other.example.com".into() };
    let other = Consignment { appliance, sequence: numbers[1], request: request(1), ..own };
    Manifest::of(vec![other, mine], whole.expires, "sealer".into())
}

fn first() -> Sha256Digest {
    Sha256Digest::of(&package_bytes(&lab::catalogue(PACKAGE_BYTES)[0]))
}

#[test]
fn an_appliance_takes_its_own_part_and_no_other_package() {
    let bench = Target::new();
    let manifest = trip(&bench, [1, 9], [None, None]);
    bench.seal(&manifest);
    let told = bench.inside(&["verify", &bench.stick()], "").ends(Exit::Ok);
    for part in [
        "for 2 appliances".to_owned(),
        format!("{}), here {NAME}, sequence 1", lab::SERIAL),
        "serial S-2), not enrolled here, sequence 9".to_owned(),
        "installs 1, 2, in this order".to_owned(),
        "all 2 packages are what was signed for".to_owned(),
        format!("handcarry-inside plan {} {NAME}", bench.stick()),
    ] {
        assert!(told.has(&part), "{part}: {}", told.text());
    }
    let told = bench.inside(&["verify", &bench.stick(), "--appliance", NAME], "").ends(Exit::Ok);
    assert!(told.has("sequence 1") && told.has("also for   1 other appliance"), "{}", told.text());
    assert!(told.has(&format!("its one package for {NAME} is what was signed for")), "{}", told.text());
    assert!(!told.has("Bomgar 10.6.2"), "{}", told.text());

    bench.push(&[], "y\ny\ny\n").ends(Exit::Ok);
    assert_eq!(bench.uploads(), [first().to_string()], "the other's package stayed on the stick");
    let marks: serde_json::Value = serde_json::from_slice(&bench.marks().expect("marks")).expect("JSON");
    assert_eq!(marks["accepted"]["sequence"], 1);
    assert_eq!(std::fs::read_dir(bench.path("home/inside/marks")).expect("a folder").count(), 1, "its own alone");
    bench.refused(Exit::Replayed, "was used already");
    // The receipt is of its own part, from the manifest that push kept.
    bench.inside(&["keygen", "--no-passphrase", "--principal", "ines"], "").ends(Exit::Ok);
    let event = bench.inside(&["--json", "receipt", NAME, &bench.stick()], "").ends(Exit::Ok).event("receipt");
    let receipt = &event["receipt"];
    assert_eq!((&receipt["sequence"], &receipt["appliance"]["serial"]), (&1.into(), &lab::SERIAL.into()));
    assert_eq!(receipt["packages"].as_array().map(Vec::len), Some(1), "{receipt}");
}

#[test]
fn what_is_old_for_one_appliance_is_new_for_another() {
    let bench = Target::new();
    bench.remember(Some((5, Id::random())), None, &[], &[]);
    bench.seal(&trip(&bench, [4, 9], [None, None]));
    bench.refused(Exit::Rollback, "its sequence is 4, and 5 or later is expected here");
    bench.inside(&["verify", &bench.stick()], "").ends(Exit::Ok);
    // The other's number is the lower one now, and is no matter here.
    bench.seal(&trip(&bench, [6, 1], [None, None]));
    bench.push(&[], "y\ny\ny\n").ends(Exit::Ok);
    assert_eq!(bench.uploads(), [first().to_string()]);
}

#[test]
fn each_appliance_is_answered_its_own_request() {
    let bench = Target::new();
    let (made, others) = (Id::random(), Id::random());
    bench.remember(None, None, &[], &[made]);
    bench.seal(&trip(&bench, [1, 1], [Some(others), Some(made)]));
    bench.refused(Exit::WrongRequest, "which was not made here");
    bench.seal(&trip(&bench, [1, 1], [Some(made), Some(others)]));
    bench.push(&[], "y\ny\ny\n").ends(Exit::Ok);
}

#[test]
fn a_trip_to_others_only_is_for_others() {
    let bench = Target::new();
    let mut manifest = trip(&bench, [1, 1], [None, None]);
    manifest.appliances.iter_mut().filter(|own| own.serial == lab::SERIAL).for_each(|own| own.serial = "A-1".into());
    bench.seal(&manifest);
    bench.refused(Exit::WrongAppliance, "serial A-1) and other.example.com (B200, serial S-2), not for ");
}

#[test]
fn damage_of_what_others_install_holds_up_nobody_else() {
    let bench = Target::new();
    let path = bench.seal(&trip(&bench, [1, 1], [None, None]));
    let second = package_bytes(&lab::catalogue(PACKAGE_BYTES)[1]);
    let mut bytes = std::fs::read(&path).expect("readable");
    let at = bytes.windows(64).position(|window| window == &second[..64]).expect("it is stored as it is");
    bytes[at + 1000] ^= 1;
    std::fs::write(&path, bytes).expect("written");
    bench.inside(&["verify", &bench.stick()], "").ends(Exit::DigestMismatch);
    bench.inside(&["verify", &bench.stick(), "--appliance", NAME], "").ends(Exit::Ok);
    bench.inside(&["verify", &bench.stick(), "--appliance", NAME, "--repeat"], "").ends(Exit::Ok);
    bench.push(&[], "y\ny\ny\n").ends(Exit::Ok);
    assert_eq!(bench.uploads(), [first().to_string()]);
}

#[test]
fn a_trip_is_older_only_where_it_is_for_each_of_its_appliances() {
    let bench = Target::new();
    let trip = bench.seal(&trip(&bench, [1, 1], [None, None]));
    let newer = bench.add(&bench.manifest(2, 2));
    let name = |path: &std::path::Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    let row = |said: &crate::support::said::Said| {
        said.out.lines().find(|line| line.starts_with(&name(&trip))).expect("a row").to_owned()
    };
    let said = bench.inside(&["verify", &bench.stick()], "").ends(Exit::Ok);
    let line = row(&said);
    assert!(line.contains("  good") && line.contains("for 2 appliances"), "{line}");
    assert!(line.contains(&format!("for {} {} is newer", lab::SERIAL, name(&newer))), "{line}");
    let taken = bench.inside(&["verify", &bench.stick(), "--appliance", NAME], "").ends(Exit::Ok);
    assert!(taken.has(&format!("this one is taken: {}", name(&newer))), "{}", taken.text());
    let mut other = bench.manifest(3, 2);
    other.appliances[0].serial = "S-2".into();
    bench.add(&other);
    let line = row(&bench.inside(&["verify", &bench.stick()], "").ends(Exit::Ok));
    assert!(line.contains("  older"), "{line}");
}
