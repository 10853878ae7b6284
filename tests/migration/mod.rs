//! A site that moves to another appliance, through the real programs, against
//! two labs: the whole way in English and Portuguese, each trouble with its
//! way back, and a run that is killed.

mod bare;
mod moving;
mod rehearsal;

use crate::migration::moving::{Migration, NEW, NEW_SERIAL, OLD, OLD_SERIAL, PASSPHRASE};
use crate::support::said::INSIDE;
use crate::support::wait::wait_until;
use handcarry::testing::model::Exit;
use std::io::Write;
use std::process::Stdio;

const OK: u8 = Exit::Ok.code();
const PACKAGES: [&str; 2] = ["Base 3.4.0", "Bomgar 10.6.2"];
const STEPS: [&str; 10] = [
    "backup",
    "export-certificate",
    "import-certificate",
    "assign-address",
    "install",
    "restore",
    "dns",
    "confirm",
    "reset",
    "shut-down",
];

/// That it may begin, the licence, the settings that are overwritten, the test of the new one.
const YES: &str = "y\ny\ny\ny\n";

/// The same, and the typed word.
fn all() -> String {
    format!("{YES}{OLD_SERIAL}\n")
}

#[track_caller]
fn moved(bench: &Migration) {
    assert_eq!(bench.new.list("installs", Some("title")), PACKAGES);
    assert_eq!(bench.new.list("restored_from", None), [OLD_SERIAL]);
    assert_eq!(bench.new.list("certificates", None), ["imported", "assigned"]);
    assert_eq!(bench.new.state()["presses"].as_array().map(Vec::len), Some(0));
    assert!(bench.old.list("installs", Some("title")).is_empty());
    for name in [OLD, NEW] {
        assert_eq!(bench.done(name), STEPS, "{name}");
        bench.inside(&["audit", name], "").ends(OK);
    }
}

#[test]
fn a_site_is_planned_and_moved_and_the_old_appliance_erased() {
    let bench = Migration::new("en");
    let stick = bench.stick();
    let plan = bench.inside(&["plan", &stick, OLD, NEW, "--topology", "migrate"], "").ends(OK);
    let at = |text: &str| plan.out.find(text).unwrap_or_else(|| panic!("no {text:?} in {}", plan.out));
    assert!(at("[OLD] back up the site's settings on alpha") < at("[OLD] export the site's certificate"));
    assert!(at("[NEW] assign the IP address") < at("[NEW] install the software on beta"));
    assert!(at("[NEW] restore the settings of alpha on beta") < at("[NEW] lead the site's DNS entry to beta"));
    assert!(at("[NEW] confirm that beta serves") < at("[OLD] reset alpha to factory defaults"));
    assert!(plan.has("next: handcarry-inside push") && plan.has("alpha beta --topology migrate"), "{}", plan.err);
    let kinds = bench.journal(OLD).lines().filter(|line| !line.contains("\"kind\":\"status-read\"")).count();
    assert_eq!(kinds, 0, "a plan writes down what it saw, no more");

    // Nothing is pressed on either before somebody agreed, now or beforehand.
    let nobody = bench.push(&[], "").ends(Exit::Declined.code());
    assert!(nobody.has("Begin now on alpha and beta") && nobody.has("--agree "), "{}", nobody.err);
    let other = bench.push(&["--agree", &"0".repeat(64)], &all()).ends(Exit::PlanChanged.code());
    assert!(other.has("alpha: reset alpha to factory defaults"), "{}", other.out);
    assert!(bench.old.list("backups", Some("by")).is_empty() && bench.old.list("certificates", None).is_empty());
    let words = ["--json", "plan", &stick, OLD, NEW, "--topology", "migrate"];
    let agreed = bench.inside(&words, "").ends(OK).agreed();
    let kept = bench.inside(&[&words[..], &["--keep-old"]].concat(), "").ends(OK).agreed();
    assert_ne!(agreed, kept, "what becomes of the old one is agreed to");

    // It may begin, so only the rest of the questions is left.
    let done = bench.push(&["--agree", &agreed], all().strip_prefix("y\n").expect("a yes")).ends(OK);
    moved(&bench);
    assert!(done.has("localhost leads to beta already"), "the name is looked at: {}", done.out);
    assert!(done.has("its failover settings, and its pre-shared key"), "{}", done.out);
    let old = bench.old.state();
    assert_eq!((old["activity"].as_str(), old["has_site"].as_bool()), (Some("off"), Some(false)));
    assert_eq!(bench.old.list("presses", Some("button")), ["reset", "shut-down"]);
    assert_eq!(bench.old.list("certificates", None), ["exported"]);
    // The key is kept for its owner, told of to the end, and its passphrase is nowhere.
    let [file] = &bench.key_files()[..] else { panic!("one file: {:?}", bench.key_files()) };
    for words in [
        "the vendor's return label goes on the outside",
        "a carrier collects it",
        "ask vendor support (help.bomgar.com)",
    ] {
        assert!(done.has(words), "{words}: {}", done.out);
    }
    assert!(done.has(&format!("destroy this file now, it holds the site's private key: {}", file.display())));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(file).expect("there").permissions().mode() & 0o777, 0o600);
    }
    for text in [&done.out, &done.err, &bench.journal(OLD), &bench.journal(NEW)] {
        assert!(!text.contains(PASSPHRASE), "the passphrase is told: {text}");
    }
    // The new one shows the old one's certificate, and is believed all the same.
    bench.inside(&["receipt", NEW, &stick], "").ends(OK);
    bench.push(&[], &all()).ends(Exit::Replayed.code());
}

#[test]
fn portuguese_pages_go_the_same_way_with_a_passphrase_that_is_typed() {
    let bench = Migration::new("pt").without_passphrase();
    let stick = bench.stick();
    let answers = format!("y\n{PASSPHRASE}\n{PASSPHRASE}\ny\ny\ny\ny\n{OLD_SERIAL}\n");
    let done = bench.inside(&["push", &stick, OLD, NEW, "--topology", "migrate"], &answers).ends(OK);
    moved(&bench);
    assert!(done.has("lead support.example.com to beta") && done.has("make it point to 127.0.0.1"), "{}", done.out);
    assert!(done.has("does not resolve on this machine"), "{}", done.err);
    assert_eq!(bench.old.state()["activity"], "off");
}

#[test]
fn a_refused_import_and_a_warning_stop_before_anything_is_installed() {
    for language in ["en", "pt"] {
        let bench = Migration::new(language);
        bench.new.control(&["fault", "import-refused"]);
        let stopped = bench.push(&[], "y\n").ends(Exit::WrongPassphrase.code());
        assert!(stopped.has("beta did not import the certificate, because the passphrase is wrong"), "{}", stopped.err);
        bench.new.control(&["fault", "import-refused", "--clear"]);
        bench.new.control(&["fault", "certificate-warning"]);
        let stopped = bench.push(&[], "y\n").ends(Exit::CertificateWarning.code());
        assert!(stopped.has("beta warns of the certificate support.example.com"), "{}", stopped.err);
        assert!(stopped.has("FAQ 755"), "{}", stopped.err);
        assert_eq!(bench.new.list("certificates", None), ["imported"], "nothing is assigned before");
        assert_eq!(bench.old.list("certificates", None), ["exported", "exported"], "exported anew");
        assert!(bench.new.list("installs", Some("title")).is_empty());
        assert_eq!(bench.done(OLD), ["backup", "export-certificate", "import-certificate"]);
    }
}

#[test]
fn a_refused_restore_and_a_reset_that_hangs_have_their_way_back() {
    for language in ["en", "pt"] {
        restore_and_reset(&Migration::new(language), language);
    }
}

fn restore_and_reset(bench: &Migration, language: &str) {
    bench.new.control(&["fault", "restore-refused"]);
    let stopped = bench.push(&[], YES).ends(Exit::RestoreRefused.code());
    let words = if language == "en" { "made with another software version" } else { "com outra versão do software" };
    assert!(stopped.has(words), "{}", stopped.err);
    assert!(stopped.has("the old appliance serves as before"), "{}", stopped.err);
    assert!(bench.old.list("presses", Some("button")).is_empty());
    bench.new.control(&["fault", "restore-refused", "--clear"]);
    // Everything but the typed word: the old one is left as it is.
    let stopped = bench.push(&[], "y\ny\ny\nLAB-9999-XX\n").ends(Exit::Declined.code());
    assert!(stopped.has("beta serves the site, and alpha was left as it is"), "{}", stopped.err);
    assert!(bench.old.list("presses", Some("button")).is_empty());
    bench.old.control(&["fault", "reset-hangs"]);
    let stopped = bench.push(&["--wait-max", "4s"], &format!("y\n{OLD_SERIAL}\n")).ends(Exit::ResetUnfinished.code());
    assert!(stopped.has("the reset of alpha is not over"), "{}", stopped.err);
    bench.old.control(&["fault", "reset-hangs", "--clear"]);
    bench.push(&[], "y\n").ends(OK);
    assert_eq!(bench.old.list("presses", Some("button")), ["reset", "shut-down"], "ordered once");
    moved(bench);
}

#[test]
fn an_old_appliance_may_be_kept() {
    let bench = Migration::new("pt");
    let done = bench.push(&["--keep-old"], YES).ends(OK);
    assert!(done.has("beta serves the site, and alpha was left as it is"), "{}", done.out);
    assert!(bench.old.list("presses", Some("button")).is_empty());
    assert_eq!(bench.done(NEW), STEPS[..8]);
}

/// A run that is killed while NEW installs goes on, and does nothing twice.
#[test]
fn a_migration_killed_during_an_install_goes_on() {
    let old = ["--base", "3.4.0", "--site", "10.6.2"];
    let bench = Migration::with(&old, &["--serial", NEW_SERIAL, "--install-secs", "3"], "appliance");
    let words = bench.words(&["--site-host", "localhost"]);
    let mut child = bench
        .command(INSIDE, &words.iter().map(String::as_str).collect::<Vec<_>>())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    child.stdin.take().expect("piped").write_all(all().as_bytes()).expect("answered");
    wait_until("the new one installs within a minute", || bench.new.state()["activity"] == "installing");
    child.kill().expect("killed");
    child.wait().expect("gone");
    // What is asked depends on which of the two was under way.
    let went_on = bench.push(&["--keep-old"], &"y\n".repeat(7)).ends(OK);
    assert!(went_on.has("going on with the pair run"), "{}", went_on.err);
    assert_eq!(bench.new.list("installs", Some("title")), PACKAGES);
    assert_eq!(bench.new.list("restored_from", None), [OLD_SERIAL]);
    assert_eq!(bench.old.list("certificates", None), ["exported"]);
}

#[test]
fn what_would_not_fit_is_refused_before_anything_is_done() {
    // The old one has an older site than the new one would end with.
    let bench = Migration::with(&[], &["--serial", NEW_SERIAL], "appliance");
    let stick = bench.stick();
    let plan = ["plan", &stick, OLD, NEW, "--topology", "migrate"];
    let stopped = bench.inside(&plan, "").ends(Exit::PairDiffers.code());
    assert!(stopped.has("beta would end with site 10.6.2, and alpha has site 10.5.3"), "{}", stopped.err);
    bench.push(&[], &all()).ends(Exit::PairDiffers.code());
    assert!(bench.old.list("backups", Some("by")).is_empty() && bench.new.list("uploads", Some("file")).is_empty());

    let push = |more: &[&str]| bench.inside(&[&["push", &stick, OLD, NEW], more].concat(), "");
    let usage = Exit::Usage.code();
    assert!(push(&["--topology", "migrate", "--switch", "dns"]).ends(usage).has("belong to a failover pair"));
    assert!(push(&["--topology", "failover-sync", "--keep-old"]).ends(usage).has("an option of a migration"));
    let twice = bench.inside(&["push", &stick, OLD, OLD, "--topology", "migrate"], "").ends(usage);
    assert!(twice.has("alpha is named twice"), "{}", twice.err);
    let without =
        push(&["--topology", "migrate", "--no-certificate-export", "--reason", "kept in the safe"]).ends(usage);
    assert!(without.has("a migration takes the site's certificate along"), "{}", without.err);
    let other = bench.inside(&["push", &stick, NEW, OLD, "--topology", "migrate"], "");
    let other = other.ends(Exit::WrongAppliance.code());
    assert!(other.has("a migration needs a bundle for the new appliance"), "{}", other.err);
}

#[test]
fn a_pairs_backup_is_overwritten_only_by_a_flag_and_a_word() {
    let old = ["--base", "3.4.0", "--site", "10.6.2"];
    let bench = Migration::with(&old, &["--pair"], "partner");
    let stopped = bench.push(&[], &all()).ends(Exit::RoleUnexpected.code());
    assert!(stopped.has("beta is backup of a failover pair"), "{}", stopped.err);
    assert!(stopped.has("--dangerous-restore-on-backup --reason TEXT"), "{}", stopped.err);
    let flags = ["--dangerous-restore-on-backup", "--reason", "its pair is scrapped", "--keep-old"];
    let declined = bench.push(&flags, "y\ny\nno\n").ends(Exit::Declined.code());
    assert!(declined.has("it was not set aside, nothing was restored"), "{}", declined.err);
    bench.push(&flags, "y\nrestore-on-backup\ny\ny\n").ends(OK);
    let journal = bench.journal(NEW);
    assert!(journal.contains("restore-on-backup") && journal.contains("its pair is scrapped"), "{journal}");
    assert_eq!(bench.new.state()["failover"]["members"][1]["role"], "none", "as was said");
}
