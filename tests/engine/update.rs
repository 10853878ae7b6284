//! An appliance that reaches its vendor installs what it is offered: the same
//! gates, the same journal, in both languages, with every way it can fail.

use super::{OK, WAITING};
use crate::support::bench::{Bench, NAME, read_until};
use crate::support::measured::measured;
use crate::support::said::{INSIDE, Said, run};
use handcarry::testing::model::Exit;
use std::io::{Read, Write};
use std::process::{Child, Stdio};
use std::time::Duration;

fn update(bench: &Bench, answers: &str) -> Said {
    bench.inside(&["update", NAME], answers)
}

fn begin(bench: &Bench) -> Child {
    bench
        .command(INSIDE, &["update", NAME])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started")
}

#[test]
fn offers_are_listed_planned_and_installed_in_both_languages() {
    for (language, locked, yes) in [("en", "Requires: Base 3.4.0", "y\ny\n"), ("pt", "Requer: Base 3.4.0", "s\nsim\n")]
    {
        let bench = Bench::new(&["--pages", language]);
        let looked = bench.inside(&["--json", "update", NAME, "--dry-run"], "").ends(OK);
        let steps = looked.event("plan")["steps"].clone();
        let kinds: Vec<_> = steps.as_array().expect("steps").iter().map(|step| step["kind"].clone()).collect();
        #[rustfmt::skip]
        assert_eq!(kinds, [
            "check", "export-certificate", "backup", "install", "install", "soak", "export-certificate", "backup", "install",
        ]);
        assert_eq!(looked.event("offers")["offers"][1]["locked"], locked);
        assert!(bench.lab.installs().is_empty() && bench.lab.state()["backups"] == serde_json::json!([]));
        let journal = std::fs::read_to_string(bench.journal()).expect("the request's look at it");
        assert_eq!(journal.lines().count(), 1, "another look writes nothing down: {journal}");

        // The list stands on the page now, so whoever looks at the appliance sees it.
        let greyed = format!("Bomgar 10.6.2 (greyed out: {locked})");
        assert!(bench.inside(&["status", NAME], "").ends(OK).has(&greyed));
        assert!(bench.inside(&["plan", &bench.stick(), NAME], "").ends(OK).has(&greyed));

        let first = update(&bench, yes).ends(WAITING);
        assert!(first.has("clients need time to update to Bomgar 10.6.2") && first.has("update box"), "{first:?}");
        update(&bench, "").ends(WAITING);
        bench.lab.control(&["advance", "25h"]);
        let last = update(&bench, "y\ny\n").ends(OK);
        assert!(last.has("none is offered any more"), "{last:?}");
        assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1"]);
        let nothing = update(&bench, "").ends(OK);
        assert!(nothing.has("the appliance offers nothing new"), "{nothing:?}");
        assert!(bench.inside(&["after", NAME], "").ends(OK).has("Bomgar 11.1.1"));
        let journal = std::fs::read_to_string(bench.journal()).expect("journal");
        assert!(journal.contains("update-done") && !journal.contains("push-begun"));
        let installed: Vec<&str> = journal.lines().filter(|line| line.contains("\"kind\":\"install-")).collect();
        assert!(installed.iter().all(|line| line.contains("\"key\":\"offered:")), "{installed:?}");
        assert!(!journal.contains("\"key\":\"sha256:"), "a digest of bytes that nobody here saw: {journal}");
        bench.inside(&["audit", NAME], "").ends(OK);
        assert_eq!(bench.lab.state()["presses"], serde_json::json!([]), "no restart, no reset");
    }
}

#[test]
fn clients_removed_before_an_update_are_said_once_and_waited_for_nowhere() {
    let bench = Bench::new(&[]);
    let removed = ["update", NAME, "--clients-removed", "--reason", "change 4711"];
    bench.inside(&removed[..3], "").ends(Exit::Usage.code());
    bench.inside(&removed, "n\n").ends(Exit::Declined.code());
    assert!(bench.lab.installs().is_empty());
    let done = bench.inside(&removed, "y\ny\ny\ny\n").ends(OK);
    assert_eq!(done.err.matches("Is all client software").count(), 1, "{}", done.err);
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1"]);
}

#[test]
fn a_vendor_that_cannot_be_reached_is_an_end_of_its_own() {
    for language in ["en", "pt"] {
        let bench = Bench::new(&["--pages", language, "--fault", "vendor-away"]);
        let away = update(&bench, "y\n").ends(Exit::VendorUnreachable.code());
        assert!(away.has("handcarry-inside request"), "the way without it is told: {away:?}");
        assert!(away.has("FAQ 377"), "and where the vendor tells more: {away:?}");

        // It goes away between the list and the press.
        bench.lab.control(&["fault", "vendor-away", "--clear"]);
        let mut child = begin(&bench);
        read_until(child.stderr.as_mut().expect("piped"), "to fetch and install these");
        bench.lab.control(&["fault", "vendor-away"]);
        child.stdin.take().expect("piped").write_all(b"y\n").expect("answered");
        let mut rest = String::new();
        child.stderr.take().expect("piped").read_to_string(&mut rest).expect("read");
        assert_eq!(child.wait().expect("over").code(), Some(i32::from(Exit::VendorUnreachable.code())), "{rest}");
        assert!(bench.lab.installs().is_empty());
        bench.lab.control(&["fault", "vendor-away", "--clear"]);
        update(&bench, "y\ny\n").ends(WAITING);
        assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
    }
}

#[test]
fn a_check_that_hangs_is_given_up_and_goes_on_when_it_answers() {
    for language in ["en", "pt"] {
        let bench = Bench::new(&["--pages", language, "--fault", "check-hangs"]);
        let hung = bench.inside(&["update", NAME, "--wait-max", "3s"], "").ends(Exit::CheckUnfinished.code());
        assert!(hung.has("did not end within 3 s") && hung.has("FAQ 377"), "{hung:?}");
        assert!(bench.lab.installs().is_empty());
        bench.lab.control(&["fault", "check-hangs", "--clear"]);
        bench.inside(&["update", NAME, "--dry-run"], "").ends(OK);
    }
}

#[test]
fn greyed_out_packages_without_a_reason_are_looked_at_again_before_they_are_pressed() {
    for language in ["en", "pt"] {
        let bench = Bench::new(&["--pages", language, "--fault", "silent-locks"]);
        let pushed = update(&bench, "y\ny\n").ends(WAITING);
        assert!(pushed.has("Bomgar 10.6.2 (greyed out; the page does not say why)"), "{pushed:?}");
        assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
    }
}

#[test]
fn nothing_goes_on_without_a_word_a_backup_or_an_accepted_agreement() {
    let bench = Bench::new(&["--fault", "backup-fails"]);
    update(&bench, "n\n").ends(Exit::Declined.code());
    update(&bench, "y\n").ends(Exit::BackupFailed.code());
    assert!(bench.lab.installs().is_empty());
    // Each run that presses something asks, though the packages were agreed to before.
    let refused = update(&bench, "y\nn\n").ends(Exit::EulaDeclined.code());
    assert_eq!(bench.lab.installs(), ["Base 3.4.0"]);
    let digest = refused.err.split("--accept-eula ").nth(1).expect("the hint names it").trim().to_owned();
    bench.inside(&["update", NAME, "--accept-eula", &digest], "y\n").ends(WAITING);
}

#[test]
fn a_base_update_in_trouble_leaves_the_appliance_alone() {
    let bench = Bench::new(&["--pages", "pt", "--fault", "base-install-fails"]);
    let trouble = update(&bench, "s\n").ends(Exit::BaseTrouble.code());
    assert!(trouble.has("DO NOT RESTART THE APPLIANCE") && trouble.has("fetched by itself"), "{trouble:?}");
    assert!(trouble.has(".zip"), "the support pack is named: {trouble:?}");
    update(&bench, "n\n").ends(Exit::BaseTrouble.code());
    update(&bench, "s\ns\ns\n").ends(WAITING);
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Base 3.4.0", "Bomgar 10.6.2"]);
}

#[test]
fn a_clock_apart_or_a_hung_site_package_has_its_usual_end() {
    let skewed = Bench::enrolled(&["--fault", "clock-skew"], "host");
    update(&skewed, "y\n").ends(Exit::ClockSkew.code());
    assert!(skewed.lab.installs().is_empty());
    let hung = Bench::new(&["--base", "3.4.0", "--fault", "install-hangs"]);
    hung.inside(&["update", NAME, "--wait-max", "4s"], "y\ny\n").ends(Exit::Unconfirmed.code());
    hung.lab.control(&["fault", "install-hangs", "--clear"]);
    update(&hung, "").ends(WAITING);
    assert_eq!(hung.lab.installs(), ["Bomgar 10.6.2"], "it is looked for, and not pressed again");
}

#[test]
fn a_check_button_of_another_name_becomes_a_step_by_hand() {
    let bench = Bench::new(&[]);
    std::fs::create_dir_all(bench.path("home/inside/profiles")).expect("a folder");
    let profile = "[controls.\"updates.check\"]\nen = [\"Ask the vendor\"]\npt = [\"Perguntar\"]\n";
    std::fs::write(bench.path("home/inside/profiles/mine.toml"), profile).expect("written");
    let inventory = bench.inventory();
    let known = std::fs::read_to_string(&inventory).expect("read");
    let second = bench.second_desk();
    std::fs::write(&inventory, known.replacen("url = ", "profile = \"profiles/mine.toml\"\nurl = ", 1))
        .expect("written");
    bench.inside(&["update", NAME, "--dry-run"], "n\n").ends(Exit::Declined.code());
    // The operator at the page: another desk, which the page suits.
    run(&mut bench.command_in(second, INSIDE, &["update", NAME, "--dry-run"]), "").ends(OK);
    let looked = bench.inside(&["update", NAME, "--dry-run"], "y\n").ends(OK);
    assert!(looked.has("By hand: have the appliance check for updates"), "{looked:?}");
}

#[test]
fn a_list_that_is_not_found_is_read_by_a_person() {
    for language in ["en", "pt"] {
        let bench = Bench::new(&["--pages", language]);
        std::fs::create_dir_all(bench.path("home/inside/profiles")).expect("a folder");
        let profile = "[controls.\"updates.available\"]\nen = [\"To be had\"]\npt = [\"Pronto\"]\n";
        std::fs::write(bench.path("home/inside/profiles/mine.toml"), profile).expect("written");
        let inventory = bench.inventory();
        let known = std::fs::read_to_string(&inventory).expect("read");
        std::fs::write(&inventory, known.replacen("url = ", "profile = \"profiles/mine.toml\"\nurl = ", 1))
            .expect("written");
        // Where nobody sees one either, the check did not end.
        let none = bench.inside(&["update", NAME, "--dry-run", "--wait-max", "30s"], "n\n");
        assert!(none.ends(Exit::CheckUnfinished.code()).has("No list is found on the Updates page of box"));
        let typed = "y\nBase 3.4.0\nn\nBomgar 10.6.2\ny\nRequires: Base 3.4.0\n\n";
        let looked = bench.inside(&["--json", "update", NAME, "--dry-run"], typed).ends(OK);
        assert_eq!(looked.event("offers")["offers"][1]["locked"], "Requires: Base 3.4.0");
        let kinds = looked.event("plan")["steps"].as_array().map(Vec::len);
        assert_eq!(kinds, Some(5), "check, export, backup and two installs");
    }
}

#[test]
fn an_update_that_is_killed_goes_on() {
    let bench = Bench::new(&["--install-secs", "2"]);
    measured(&bench.journal());
    for millis in [300, 700, 1200, 1800, 2500, 3500] {
        let mut child = begin(&bench);
        let _ = child.stdin.take().expect("piped").write_all(b"y\ny\ny\n");
        std::thread::sleep(Duration::from_millis(millis));
        child.kill().expect("killed");
        child.wait().expect("gone");
    }
    // A kill between two records may leave a question that only a person answers.
    update(&bench, "y\ny\ny\ny\n").ends(WAITING);
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
    bench.inside(&["audit", NAME], "").ends(OK);
}
