//! A pair whose members reach their vendor: by what both offer, by what is
//! offered to one and carried to the other, as one run of a fleet.

use crate::pairs::pair::{A, B, Pair};
use crate::pairs::{ASYNC, OK, PACKAGES, SYNC, both_journals_tell};
use crate::support::said::Said;
use handcarry::testing::model::Exit;

/// Both stop at this version; the lab's vendor has one more.
const UP_TO: [&str; 2] = ["--up-to", "10.6.2"];

fn update(bench: &Pair, options: &[&str], answers: &str) -> Said {
    bench.inside(&[&["update", A, B], options].concat(), answers)
}

fn yes() -> String {
    "y\n".repeat(40)
}

#[test]
fn a_pair_installs_what_both_are_offered_in_both_languages() {
    for language in ["en", "pt"] {
        let bench = Pair::new(&["--pages", language]);
        let looked = update(&bench, &[&["--json", "--dry-run"], &SYNC[..], &UP_TO].concat(), "").ends(OK);
        let agreed = looked.agreed();
        let steps = looked.event("pair-plan")["steps"].clone();
        assert_eq!(steps.as_array().map(Vec::len), Some(13), "{steps}");
        assert!(bench.lab.events().is_empty(), "both lists are read before anything is broken");
        let told = update(&bench, &[&["--dry-run"], &SYNC[..], &UP_TO].concat(), "").ends(OK);
        assert!(!told.has("push"), "it is update that goes on: {} {}", told.out, told.err);
        let next = format!("update alpha beta --topology failover-sync --up-to 10.6.2 --agree {agreed}");
        assert!(told.err.contains(&next), "{}", told.err);

        // Another list than was agreed to presses nothing, and is shown.
        let changed = update(&bench, &[&SYNC[..], &["--agree", &agreed]].concat(), "").ends(Exit::PlanChanged.code());
        assert!(changed.has("Bomgar 11.1.1") && bench.lab.events().is_empty(), "{}", changed.out);

        let done = update(&bench, &[&SYNC[..], &UP_TO, &["--agree", &agreed]].concat(), &yes()).ends(OK);
        assert!(!done.has("Begin now"), "{}", done.err);
        assert!(done.has("done: alpha is primary and beta is backup"), "{done:?}");
        assert!(done.err.contains("handcarry-inside after alpha") && !done.err.contains("receipt"), "{}", done.err);
        assert_eq!(bench.lab.installs_of_both(), [PACKAGES, PACKAGES]);
        assert_eq!(bench.lab.roles(), ["primary", "backup"]);
        #[rustfmt::skip]
        both_journals_tell(&bench, &[
            "export-certificate-a", "export-certificate-b", "backup", "compare", "sync", "break", "install-a", "verify-a",
            "window-2", "install-b", "verify-b", "establish", "first-sync",
        ]);
    }
}

#[test]
fn asynchronously_what_is_offered_is_installed_as_far_as_one_site_version() {
    for language in ["en", "pt"] {
        let bench = Pair::new(&["--pages", language]);
        let done = update(&bench, &ASYNC, &yes()).ends(OK);
        assert!(done.has("left for another run: Bomgar 11.1.1"), "{}", done.err);
        assert!(done.has("done: beta is primary and alpha is backup"), "{done:?}");
        assert_eq!(bench.lab.installs_of_both(), [PACKAGES, PACKAGES]);
        assert_eq!(bench.lab.roles(), ["backup", "primary"]);
        // What is left waits for the clients of the new primary, and then goes the other way round.
        let due = done.err.lines().find_map(|line| line.strip_prefix("next: ")).expect("what is next");
        assert_eq!(due, "handcarry-inside soak beta", "{}", done.err);
        let back = ["update beta alpha ", &ASYNC.join(" ")].concat();
        bench.inside(&["soak", B], "").ends(Exit::Waiting.code()).says(&format!("then: handcarry-inside {back}"));
        bench.lab.advance(25);
        bench.inside(&["soak", B], "").ends(OK).says(&format!("next: handcarry-inside {back}"));
    }
}

#[test]
fn what_one_is_not_offered_is_carried_to_it() {
    for (at, option) in ["--media-a", "--media-b"].into_iter().enumerate() {
        let bench = Pair::new(&[]);
        let stick = bench.stick();
        let mixed = [&SYNC[..], &[option, &stick]].concat();
        // One would end with 11.1.1, the other with what the stick carries.
        let differ = update(&bench, &mixed, &yes()).ends(Exit::PairDiffers.code());
        assert!(differ.has("site 11.1.1") && differ.has("site 10.6.2"), "{}", differ.err);
        assert!(differ.has(&format!("{option} {stick} --up-to 10.6.2")), "{}", differ.err);
        assert!(bench.lab.events().is_empty());
        let done = update(&bench, &[&mixed[..], &UP_TO].concat(), &yes()).ends(OK);
        assert_eq!(bench.lab.installs_of_both(), [PACKAGES, PACKAGES]);
        let carried = [A, B][at];
        assert!(done.err.contains(&format!("receipt {carried} {stick}")), "{}", done.err);
        assert!(bench.journal(carried).contains(&"push-begun".to_owned()));
        assert!(bench.journal([B, A][at]).contains(&"update-begun".to_owned()));
    }
    let bench = Pair::new(&[]);
    let stick = bench.stick();
    let all = update(&bench, &[&SYNC[..], &["--media-a", &stick, "--media-b", &stick]].concat(), "");
    assert!(all.ends(Exit::Usage.code()).has("handcarry-inside push MEDIA"));
}

#[test]
fn a_pair_is_updated_as_one_run_of_a_fleet_and_its_command_is_told() {
    let bench = Pair::new(&[]);
    // Each by itself, as the inventory knows of no pair: refused, and not told as done.
    let alone = bench.inside(&["update", "--all", "--dry-run"], "").ends(OK);
    assert_eq!(alone.out.matches("not known now, so nothing is pressed there").count(), 2, "{}", alone.out);
    let refused = bench.inside(&["update", A], &yes()).ends(Exit::RoleUnexpected.code());
    assert!(refused.err.contains("handcarry-inside update alpha PARTNER --topology failover-sync"), "{}", refused.err);
    bench.pair("topology = \"failover-async\"\nswitch = \"dns\"\naddress = \"192.0.2.4\"\n");
    let refused = bench.inside(&["update", A], &yes()).ends(Exit::RoleUnexpected.code());
    assert!(refused.err.contains("handcarry-inside update alpha --pair"), "{}", refused.err);
    let told = bench.inside(&["update", "--all", "--dry-run"], "").ends(OK);
    assert!(told.out.contains("alpha (serial LAB-0001-BG) and beta (serial LAB-0002-BG): "), "{}", told.out);
    assert!(bench.lab.events().is_empty());
    let done = bench.inside(&["update", B, "--pair"], &format!("y\ny\n{}", yes())).ends(OK);
    assert!(done.has("done: beta is primary and alpha is backup"), "{done:?}");
    assert_eq!(bench.lab.installs_of_both(), [PACKAGES, PACKAGES]);
}
