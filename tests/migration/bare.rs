//! New hardware without any site software, as it comes: read as that, planned,
//! moved to, and pushed onto; and an old one that is dead.

use crate::migration::moving::{Migration, NEW, NEW_SERIAL, OLD, OLD_SERIAL, key};
use crate::migration::{OK, PACKAGES, all, moved};
use crate::support::said::Said;
use handcarry::testing::model::Exit;

const LANGUAGES: [&str; 2] = ["en", "pt"];

/// OLD with a site, NEW without any.
fn bench(language: &str, new: &[&str]) -> Migration {
    let common = ["--pages", language];
    let old = [&common[..], &["--base", "3.4.0", "--site", "10.6.2"]].concat();
    let bench =
        Migration::with(&old, &[&common[..], &["--serial", NEW_SERIAL, "--no-site"], new].concat(), "appliance");
    // The trip to the stick was made with an appliance that had a site; this one is new.
    std::fs::remove_file(bench.path(&format!("home/inside/journal/{}.jsonl", key(NEW)))).expect("removed");
    bench
}

fn failed_logins(bench: &Migration) -> u64 {
    bench.new.state()["failed_logins"].as_u64().expect("counted")
}

fn backups(bench: &Migration) -> usize {
    bench.new.state()["backups"].as_array().map_or(0, Vec::len)
}

#[test]
fn a_site_moves_to_hardware_without_any_site_software_in_both_languages() {
    for language in LANGUAGES {
        let bench = bench(language, &[]);
        let stick = bench.stick();
        let plan = bench.inside(&["plan", &stick, OLD, NEW, "--topology", "migrate"], "").ends(OK);
        assert!(plan.out.contains("[NEW] install the software on beta"), "{}", plan.out);
        let done = bench.push(&[], &all()).ends(OK);
        assert!(done.has("site none yet"), "{}", done.out);
        assert!(done.has("by the guide's first login, admin"), "{}", done.err);
        assert!(done.has("log in to /login of beta with a user of alpha from now on"), "{}", done.err);
        moved(&bench);
        assert_eq!((failed_logins(&bench), backups(&bench)), (0, 0), "no password on a guess, no backup of nothing");
    }
}

#[test]
fn a_site_moves_to_hardware_that_installs_what_it_is_offered_in_both_languages() {
    for language in LANGUAGES {
        let bench = bench(language, &[]);
        let file = bench.word("passphrase");
        let host = ["--site-host", "localhost"];
        let update = ["update", OLD, NEW, "--topology", "migrate", "--key-passphrase-file", &file, host[0], host[1]];
        let looked = bench.inside(&[&["--json"], &update[..], &["--dry-run"]].concat(), "").ends(OK);
        assert!(bench.new.list("installs", Some("title")).is_empty());
        let agreed = looked.agreed();
        let done = bench.inside(&[&update[..], &["--agree", &agreed]].concat(), &all()[2..]).ends(OK);
        assert!(done.has("left for another run: Bomgar 11.1.1"), "what OLD has not is not installed: {}", done.err);
        assert!(!done.err.contains("receipt"), "{}", done.err);
        moved(&bench);
    }
}

#[test]
fn no_site_software_is_a_state_that_every_verb_bears() {
    for language in LANGUAGES {
        let bench = bench(language, &[]);
        let stick = bench.stick();
        let status = bench.inside(&["--json", "status", NEW], "").ends(OK);
        assert_eq!(status.event("status")["status"]["no_site"], true);
        let status = bench.inside(&["status", NEW], "").ends(OK);
        assert!(status.out.contains("site    none yet"), "{}", status.out);
        let probe = bench.inside(&["probe", NEW], "").ends(OK);
        assert!(probe.out.contains("it has no site software yet"), "{}", probe.out);
        assert!(!probe.out.contains("guided"), "nothing of it is a fault of its pages: {}", probe.out);
        bench.inside(&["request", NEW, &stick], "").ends(OK);
        let plan = bench.inside(&["plan", &stick, NEW], "").ends(OK);
        assert!(plan.out.contains("it has no site software yet, so there is nothing to back up first"), "{}", plan.out);
        assert!(!plan.out.contains("back up the site"), "{}", plan.out);
        let refused = bench.inside(&["backup", NEW], "").ends(Exit::BackupFailed.code());
        assert!(refused.err.contains("no site software is installed"), "{}", refused.err);
        let refused = bench.inside(&["restore", NEW, "--backup", "/nowhere"], "").ends(Exit::NotFound.code());
        assert!(refused.err.contains("can't read the backup"), "{}", refused.err);
        assert_eq!(failed_logins(&bench), 0);
    }
}

#[test]
fn a_plain_push_goes_onto_an_appliance_without_a_site() {
    let bench = bench("pt", &[]);
    bench.inside(&["push", &bench.stick(), NEW], "y\ny\n").ends(OK);
    assert_eq!(bench.new.list("installs", Some("title")), PACKAGES);
    assert_eq!((failed_logins(&bench), backups(&bench)), (0, 0));
    // From now on it has a site, with settings worth a backup: made by the guide's first login.
    bench.inside(&["backup", NEW], "").ends(Exit::LoginRefused.code());
    assert_eq!(bench.new.state()["site"], "10.6.2");
}

#[test]
fn what_hides_login_is_not_taken_for_a_missing_site() {
    let bench = Migration::new("en");
    bench.new.control(&["fault", "login-hidden"]);
    let status = bench.inside(&["--json", "status", NEW], "").ends(OK);
    assert_eq!(status.event("status")["status"]["site_version"], "10.5.3");
    assert!(status.event("status")["status"]["no_site"].is_null());
    let said = bench.inside(&["push", &bench.stick(), NEW], "y\ny\n");
    assert_ne!(said.code, 0, "{said:?}");
    assert!(bench.new.list("installs", Some("title")).is_empty(), "nothing is installed without a backup");
}

#[test]
fn a_first_login_that_was_changed_is_tried_once_and_never_again() {
    let bench = bench("en", &["--fault", "first-password-changed"]);
    bench.new.control(&["fault", "restore-refused"]);
    let stopped = bench.push(&[], &all()).ends(Exit::RestoreRefused.code());
    assert!(stopped.has("does not take the guide's first login"), "{}", stopped.err);
    assert_eq!(failed_logins(&bench), 1);
    bench.new.control(&["fault", "restore-refused", "--clear"]);
    bench.push(&[], &format!("y\ny\ny\n{OLD_SERIAL}\n")).ends(OK);
    assert_eq!(failed_logins(&bench), 1, "it is remembered from run to run");
}

/// A backup of OLD, kept, and OLD dead; its file.
fn dead(bench: &mut Migration) -> String {
    bench.inside(&["backup", OLD], "").ends(OK);
    let folder = bench.path(&format!("home/inside/backups/{}", key(OLD)));
    let kept = std::fs::read_dir(folder).expect("kept").next().expect("one").expect("read").path();
    bench.old.die();
    kept.display().to_string()
}

#[test]
fn a_dead_appliances_kept_backup_gets_onto_the_new_one_once_its_serial_number_is_typed() {
    for language in LANGUAGES {
        let mut bench = bench(language, &[]);
        let stick = bench.stick();
        let file = dead(&mut bench);
        let migrate = ["push", &stick, OLD, NEW, "--topology", "migrate"];
        let refused = bench.inside(&[&migrate[..], &["--site-host", "localhost"]].concat(), &all());
        let refused = refused.ends(Exit::Unreachable.code());
        let next = format!("then: handcarry-inside restore beta --backup {file}");
        assert!(refused.err.contains("bring beta to site 10.6.2") && refused.err.contains(&next), "{}", refused.err);
        let restore = |answers: &str| bench.inside(&["restore", NEW, "--backup", &file], answers);
        restore(&format!("{NEW_SERIAL}\n")).ends(Exit::PrerequisiteMissing.code());
        bench.inside(&["push", &stick, NEW], "y\ny\n").ends(OK);
        for typed in ["y", OLD_SERIAL, ""] {
            let refused = restore(&format!("{typed}\n")).ends(Exit::Declined.code());
            assert!(refused.has("of another appliance, alpha (serial LAB-0001-BG)"), "{}", refused.err);
        }
        assert_eq!(bench.new.state()["restores"], 0);
        let done: Said = restore(&format!("{NEW_SERIAL}\n")).ends(OK);
        assert!(
            done.out.contains("made of alpha (serial LAB-0001-BG)") && done.out.contains("site 10.6.2"),
            "{done:?}"
        );
        assert_eq!(bench.new.list("restored_from", None), [OLD_SERIAL]);
        bench.inside(&["audit", NEW], "").ends(OK);
        assert_eq!(failed_logins(&bench), 0);
    }
}

#[test]
fn history_that_would_be_left_on_an_erased_appliance_alone_is_refused_at_once() {
    let bench = Migration::new("en");
    let refused = bench.push(&["--no-backup-history"], &all()).ends(Exit::Usage.code());
    assert!(refused.err.contains("--dangerous-lose-history --reason TEXT"), "{}", refused.err);
    assert!(!bench.path("home/inside/backups").exists() && bench.new.list("certificates", None).is_empty());
    let kept = bench.push(&["--no-backup-history", "--keep-old"], &all()).ends(OK);
    assert!(kept.has("logged history is not in it"), "{}", kept.err);
}
