//! A kept backup, put back on the appliance it is of.

use crate::engine::{OK, WAITING};
use crate::support::bench::{Bench, NAME};
use handcarry::testing::model::Exit;
use std::path::PathBuf;

/// The kept backups, oldest first.
fn kept(bench: &Bench) -> Vec<PathBuf> {
    let done = bench.noted("backup-done");
    done.iter().map(|made| bench.backups().join(made["file"].as_str().expect("a file"))).collect()
}

fn restores(bench: &Bench) -> u64 {
    bench.lab.state()["restores"].as_u64().expect("counted")
}

#[test]
fn the_newest_kept_backup_is_restored_once_it_is_agreed_to() {
    for language in ["en", "pt"] {
        let bench = Bench::new(&["--pages", language]);
        let none = bench.inside(&["restore", NAME], "y\n").ends(Exit::NotFound.code());
        assert!(none.err.contains("the journal here has no backup of box"), "{}", none.err);
        bench.inside(&["backup", NAME], "").ends(OK);
        let declined = bench.inside(&["restore", NAME], "n\n").ends(Exit::Declined.code());
        for said in ["made of box (serial LAB-0001-BG)", "with site 10.5.3", "with logged history", "overwrites on box"]
        {
            assert!(declined.out.contains(said), "{said}: {}", declined.out);
        }
        assert_eq!(restores(&bench), 0);
        let done = bench.inside(&["--json", "restore", NAME], "y\n").ends(OK);
        assert_eq!(done.event("restored")["guided"], false);
        assert_eq!((restores(&bench), bench.lab.state()["restored_from"][0].as_str()), (1, Some("LAB-0001-BG")));
        let journal = std::fs::read_to_string(bench.journal()).expect("a journal");
        assert!(journal.contains("\"restore-begun\"") && journal.contains("\"restored\""), "{journal}");
        bench.inside(&["audit", NAME], "").ends(OK);
        // Whoever looks for another one is told what lies there, and where.
        let file = kept(&bench)[0].file_name().expect("a name").to_string_lossy().into_owned();
        let nowhere = bench.inside(&["restore", NAME, "--backup", "nosuch.nsb"], "").ends(Exit::NotFound);
        nowhere
            .says("can't read the backup: no nosuch.nsb is there")
            .says(&bench.word("home/inside/backups"))
            .says(&file);
        std::fs::remove_file(bench.journal()).expect("lost");
        let lost = bench.inside(&["restore", NAME], "").ends(Exit::NotFound);
        lost.says("the journal here has no backup of box").says(&file);
    }
}

#[test]
fn a_backup_of_other_software_is_not_restored() {
    let bench = Bench::new(&[]);
    bench.inside(&["backup", NAME], "").ends(OK);
    let first = kept(&bench)[0].display().to_string();
    bench.push("y\n").ends(WAITING);
    let refused = bench.inside(&["restore", NAME, "--backup", &first], "y\ny\n").ends(Exit::RestoreRefused.code());
    assert!(refused.err.contains("the backup was made with site 10.5.3"), "{}", refused.err);
    assert!(refused.err.contains("box shows site 10.6.2"), "{}", refused.err);
    assert_eq!(restores(&bench), 0);
}

#[test]
fn a_backup_is_restored_only_as_it_was_kept_and_with_its_password() {
    let bench = Bench::new(&[]);
    bench.inside(&["backup", NAME], "").ends(OK);
    bench.inside(&["backup", NAME, "--backup-password-prompt"], "hush\nhush\n").ends(OK);
    let all = kept(&bench);
    let good = std::fs::read(&all[1]).expect("read");
    let wrong = bench.inside(&["restore", NAME], "y\nhusch\n").ends(Exit::RestoreRefused.code());
    assert!(wrong.err.contains("a wrong password of the backup is refused, too"), "{}", wrong.err);
    bench.inside(&["restore", NAME], "y\nhush\n").ends(OK);
    let mut bad = good.clone();
    bad[1000] ^= 1;
    std::fs::write(&all[1], &bad).expect("changed");
    let refused = bench.inside(&["restore", NAME], "y\nhush\n").ends(Exit::MediaLies.code());
    let older = all[0].file_name().expect("a name").to_string_lossy().into_owned();
    assert!(refused.err.contains("its digest is another") && refused.err.contains(&older), "{}", refused.err);
    // The older one by its name alone; a page is none at all.
    bench.inside(&["restore", NAME, "--backup", &older], "y\n").ends(OK);
    let page = bench.path("page.nsb");
    std::fs::write(&page, "<html><body>Not found</body></html>").expect("written");
    let page = page.display().to_string();
    let refused = bench.inside(&["restore", NAME, "--backup", &page], "y\n").ends(Exit::RestoreRefused.code());
    assert!(refused.err.contains("is no backup: it is a web page"), "{}", refused.err);
    assert_eq!(restores(&bench), 2);
}

#[test]
fn a_file_that_no_journal_knows_needs_a_word_on_its_software_and_the_serial_number() {
    let bench = Bench::new(&[]);
    bench.inside(&["backup", NAME], "").ends(OK);
    let lost = bench.path("lost.nsb");
    std::fs::rename(&kept(&bench)[0], &lost).expect("moved");
    std::fs::remove_file(bench.journal()).expect("the journal is lost, too");
    let lost = lost.display().to_string();
    let restore = |answers: &str| bench.inside(&["restore", NAME, "--backup", &lost], answers);
    let refused = restore("n\n").ends(Exit::Declined.code());
    assert!(refused.err.contains("no journal here knows this file"), "{}", refused.err);
    restore("y\nLAB-0009-BG\n").ends(Exit::Declined.code());
    assert_eq!(restores(&bench), 0);
    restore("y\nLAB-0001-BG\n\n").ends(OK);
    assert_eq!(restores(&bench), 1);
}

#[test]
fn a_journal_that_cannot_be_believed_stops_all_but_a_restore_by_its_file_once_it_is_moved_away() {
    let bench = Bench::new(&[]);
    bench.inside(&["backup", NAME], "").ends(OK);
    let file = kept(&bench)[0].display().to_string();
    let whole = std::fs::read_to_string(bench.journal()).expect("a journal");
    let changed = whole.replacen("10.5.3", "10.5.4", 1);
    assert_ne!(changed, whole);
    std::fs::write(bench.journal(), &changed).expect("changed");
    for refused in
        [bench.push("y\ny\n"), bench.inside(&["restore", NAME], "y\n"), bench.inside(&["update", NAME], "y\n")]
    {
        let refused = refused.ends(Exit::JournalBroken.code());
        assert!(refused.err.contains("as it is, and find out who changed it"), "{}", refused.err);
    }
    assert!(restores(&bench) == 0 && bench.lab.installs().is_empty());
    assert_eq!(std::fs::read_to_string(bench.journal()).expect("still there"), changed, "it is evidence");
    std::fs::rename(bench.journal(), bench.path("evidence.jsonl")).expect("moved");
    let restored = bench.inside(&["restore", NAME, "--backup", &file], "y\nLAB-0001-BG\n\n").ends(OK);
    assert!(restored.err.contains("no journal here knows this file"), "{}", restored.err);
    assert_eq!(restores(&bench), 1);
    bench.inside(&["audit", NAME], "").ends(OK);
}

#[test]
fn a_site_package_that_failed_leaves_version_and_settings_and_is_pushed_again() {
    for language in ["en", "pt"] {
        let bench = Bench::new(&["--pages", language, "--base", "3.4.0", "--fault", "install-fails"]);
        bench.push("y\ny\n").ends(Exit::InstallFailed.code());
        let state = bench.lab.state();
        assert_eq!((state["site"].as_str(), restores(&bench)), (Some("10.5.3"), 0), "nothing is to be put back");
        bench.push("y\ny\n").ends(WAITING);
        assert_eq!(bench.lab.state()["site"], "10.6.2");
    }
}
