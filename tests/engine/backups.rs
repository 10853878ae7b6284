//! The backup before a push: what is in it, what passes for one, its password.

use crate::engine::{OK, WAITING};
use crate::support::bench::{Bench, NAME};
use crate::support::said::Said;
use handcarry::testing::model::Exit;

const FAILED: u8 = Exit::BackupFailed.code();

/// Of each backup that the lab's appliance made: protected, with history.
fn made(bench: &Bench) -> Vec<(bool, bool)> {
    let state = bench.lab.state();
    let all = state["backups"].as_array().expect("a list").clone();
    let is = |backup: &serde_json::Value, what: &str| backup[what].as_bool().expect("told");
    all.iter().map(|backup| (is(backup, "password"), is(backup, "history"))).collect()
}

/// What the journal says of each: protected, with history.
fn journalled(bench: &Bench) -> Vec<(bool, bool)> {
    let done = bench.noted("backup-done");
    done.iter().map(|made| (made["protected"] == true, made["history"] == true)).collect()
}

fn kept(bench: &Bench) -> usize {
    std::fs::read_dir(bench.backups()).map_or(0, Iterator::count)
}

/// A file with a password, closed to others.
fn secret(bench: &Bench, password: &str) -> String {
    bench.private("secret", &format!("{password}\n"))
}

fn alone(bench: &Bench, args: &[&str], answers: &str) -> Said {
    bench.inside(&[&["backup", NAME], args].concat(), answers)
}

#[test]
fn logged_history_is_in_a_backup_unless_it_is_left_out_by_a_word_and_every_gap_is_said() {
    for language in ["en", "pt"] {
        let bench = Bench::new(&["--pages", language]);
        let said = alone(&bench, &["--quiet"], "").ends(OK);
        for gap in ["recordings are not in it", "no more than 50 of them", "encryption key", "settings of /appliance"] {
            assert!(said.has(gap), "{gap}: {said:?}");
        }
        assert!(!said.has("history"), "it is no gap: {said:?}");
        let said = alone(&bench, &["--quiet", "--no-backup-history"], "").ends(OK);
        assert!(said.err.contains("logged history is not in it, because --no-backup-history was said"), "{}", said.err);
        assert_eq!(made(&bench), [(false, true), (false, false)]);
        assert_eq!(journalled(&bench), made(&bench));
    }
}

#[test]
fn the_journal_says_what_is_in_a_backup_by_the_api_whatever_was_asked_for() {
    let bench = Bench::new(&[]);
    let (id, file) = (bench.lab.fact("api_client_id").to_owned(), bench.lab.fact("api_secret_file").to_owned());
    let inventory = bench.inventory();
    let api = format!("api_client_id = \"{id}\"\napi_secret_file = \"{file}\"\n");
    let text = std::fs::read_to_string(&inventory).expect("read");
    std::fs::write(&inventory, with_api(&text, &api)).expect("written");
    let said = alone(&bench, &["--no-backup-history"], "").ends(OK);
    assert!(said.has("logged history is in it all the same"), "{said:?}");
    assert_eq!((made(&bench), journalled(&bench)), (vec![(false, true)], vec![(false, true)]));
}

/// The inventory with an API account for its one appliance.
fn with_api(text: &str, api: &str) -> String {
    let head = text.find("[appliances.box]").expect("enrolled");
    let line = text[head..].find('\n').expect("a line") + head + 1;
    format!("{}{api}{}", &text[..line], &text[line..])
}

#[test]
fn a_backup_without_history_does_not_stand_for_one_with_it() {
    let bench = Bench::new(&[]);
    alone(&bench, &["--no-backup-history"], "").ends(OK);
    bench.push("y\n").ends(WAITING);
    assert_eq!(made(&bench), [(false, false), (false, true)], "a fresh one without it does not count");
}

#[test]
fn backups_are_made_alone_and_count_and_a_lost_password_is_told_of_before_and_after() {
    let bench = Bench::new(&[]);
    let file = secret(&bench, "correct horse");
    let said = bench.inside(&["--json", "backup", NAME, "--backup-password-file", &file], "").ends(OK);
    assert!(said.err.contains("whoever loses the password of a backup can't restore it"), "{}", said.err);
    let name = said.event("backup")["file"].as_str().expect("a file").to_owned();
    let path = bench.backups().join(name);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).expect("kept").permissions().mode() & 0o777, 0o600);
    }
    assert!(!std::fs::read_to_string(bench.journal()).expect("journal").contains("correct horse"));
    bench.push("y\n").ends(WAITING);
    assert_eq!((kept(&bench), journalled(&bench)), (1, vec![(true, true)]), "it counts for the push");

    let differ = alone(&bench, &["--backup-password-prompt"], "one\ntwo\n").ends(Exit::WrongPassphrase.code());
    let (warned, asked) = ("whoever loses the password", "Password for the backup:");
    let at = |text: &str| differ.err.find(text).unwrap_or_else(|| panic!("no {text:?} in {}", differ.err));
    assert!(at(warned) < at(asked), "it is said before one is thought of: {}", differ.err);
}

#[test]
fn a_run_that_began_with_a_password_makes_no_backup_without_one() {
    for language in ["en", "pt"] {
        let bench = Bench::new(&["--pages", language]);
        let file = secret(&bench, "correct horse");
        let (stick, protected) = (bench.stick(), ["--backup-password-file", &file]);
        bench.inside(&[&["push", &stick, NAME][..], &protected].concat(), "y\ny\n").ends(WAITING);
        bench.lab.control(&["advance", "25h"]);
        let refused = bench.push("").ends(FAILED);
        assert!(refused.err.contains("an earlier one of this run is protected by a password"), "{}", refused.err);
        assert!(refused.err.contains("--backup-password-file FILE"), "{}", refused.err);
        alone(&bench, &[], "").ends(FAILED);
        assert_eq!(made(&bench), [(true, true)]);
        bench.push("battery\nbattery\ny\ny\n").ends(OK);
        assert_eq!(made(&bench), [(true, true), (true, true)]);
        // The run is over: whoever wants one without a password has it.
        alone(&bench, &[], "").ends(OK);
        assert_eq!(journalled(&bench).last(), Some(&(false, true)));
    }
}

#[test]
fn an_error_page_sent_as_a_file_is_no_backup() {
    for (fault, seen) in
        [("backup-text", "it is a text: Error: the backup"), ("backup-page", "it is a web page: The backup")]
    {
        let bench = Bench::new(&["--fault", fault]);
        let refused = bench.push("").ends(FAILED);
        assert!(refused.err.contains(seen), "{}", refused.err);
        assert_eq!((kept(&bench), bench.lab.installs().len(), journalled(&bench).len()), (0, 0, 0));
        bench.push("y\n").ends(WAITING);
        assert_eq!(kept(&bench), 1);
    }
}

#[test]
fn a_backup_of_a_tenth_of_the_last_ones_size_is_asked_about() {
    let bench = Bench::new(&[]);
    alone(&bench, &[], "").ends(OK);
    bench.lab.control(&["fault", "backup-short"]);
    let refused = alone(&bench, &[], "n\n").ends(FAILED);
    assert!(refused.err.contains("Is it whole all the same?"), "{}", refused.err);
    assert_eq!(kept(&bench), 1);
    bench.lab.control(&["fault", "backup-short"]);
    alone(&bench, &[], "y\n").ends(OK);
    assert_eq!(kept(&bench), 2);
}
