//! The question before the first press, and the command that goes on: nothing
//! is touched at the appliance before a person agreed, and what is printed is
//! what was typed.

use super::{OK, WAITING};
use crate::support::bench::{Bench, NAME, read_until};
use crate::support::said::{INSIDE, Said, run};
use handcarry::testing::model::Exit;
use std::process::Stdio;

const DECLINED: u8 = Exit::Declined.code();

/// Nothing of the appliance was changed: no backup, no upload, no install.
#[track_caller]
fn untouched(bench: &Bench) {
    let state = bench.lab.state();
    let empty = serde_json::json!([]);
    assert_eq!((&state["installs"], &state["backups"], &state["uploads"]), (&empty, &empty, &empty));
}

/// What was answered before the first press, as the journal has it.
fn answers(bench: &Bench) -> Vec<serde_json::Value> {
    bench.noted("first-press")
}

fn push(bench: &Bench, options: &[&str], answers: &str) -> Said {
    let stick = bench.stick();
    bench.inside(&[&["push", &stick, NAME], options].concat(), answers)
}

#[test]
fn nothing_is_pressed_before_a_person_agrees() {
    for language in ["en", "pt"] {
        let bench = Bench::new(&["--pages", language]);
        for (options, answers) in [(&[][..], ""), (&["--yes"], ""), (&[], "n\n"), (&[], "\n"), (&["--yes"], "no\n")] {
            let said = push(&bench, options, answers).ends(DECLINED);
            assert!(said.has("Begin now on box, as told above? [y/N]"), "{said:?}");
            untouched(&bench);
        }
        let nobody = push(&bench, &[], "").ends(DECLINED);
        let beforehand =
            format!("agree beforehand: handcarry-inside push {} {NAME} --agree {}", bench.stick(), bench.agreed);
        assert!(nobody.err.trim_end().ends_with(&beforehand), "the other way is told: {}", nobody.err);
        let told = push(&bench, &[], "n\n").ends(DECLINED);
        for what in [
            "to be agreed to, before anything is pressed on box (serial LAB-0001-BG):",
            "  1. export the site's certificate, with its private key and chain\n  2. back up the site's settings\n  3. install \
             Base 3.4.0\n  4. install Bomgar 10.6.2\n  5. wait 24 h for clients",
            "all users are thrown out and all sessions end",
            "over between ",
            "begin in hours of low traffic",
            &bench.agreed,
        ] {
            assert!(told.out.contains(what), "{what}: {}", told.out);
        }
        push(&bench, &[], "y\ny\n").ends(WAITING);
        assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
        let given = answers(&bench);
        assert!(given.iter().all(|fields| fields["plan_sha256"] == *bench.agreed && fields["beforehand"] == false));
        assert_eq!(
            given.iter().map(|fields| fields["yes"] == true).collect::<Vec<_>>(),
            [false, false, false, false, true]
        );
        assert!(given.last().expect("one")["by"].as_str().is_some_and(|by| !by.is_empty()));
        bench.inside(&["audit", NAME], "").ends(OK);
    }
}

#[test]
fn a_pipe_that_says_yes_to_everything_begins_nothing_and_accepts_no_licence() {
    let bench = Bench::new(&[]);
    let yes = "y\n".repeat(5_000);
    let asked = push(&bench, &[], &yes).ends(DECLINED);
    assert!(asked.err.contains("that is no person's word"), "{}", asked.err);
    untouched(&bench);
    push(&bench, &["--agree", &bench.agreed], &yes).ends(Exit::EulaDeclined.code());
    assert_eq!(bench.lab.installs(), ["Base 3.4.0"], "which has no agreement");
}

#[test]
fn whose_sessions_end_is_told_with_their_number_where_the_site_has_an_api() {
    let bench = Bench::new(&["--clients", "14"]);
    super::soak::append(
        &bench,
        &format!(
            "api_client_id = \"{}\"\napi_secret_file = \"{}\"",
            bench.lab.fact("api_client_id"),
            bench.lab.fact("api_secret_file")
        ),
    );
    let told = push(&bench, &["--json"], "n\n").ends(DECLINED);
    assert!(told.has("0 technicians and 0 customers are connected now: all users are thrown out"), "{told:?}");
    let event = told.event("first-press");
    assert_eq!((&event["connected"]["pinned_client"], &event["presses"]), (&14.into(), &true.into()));
    assert_eq!(event["on"][0]["serial"], "LAB-0001-BG");
    // The plan tells the same before.
    let plan = bench.inside(&["--json", "plan", &bench.stick(), NAME], "").ends(OK);
    assert_eq!(plan.event("first-press")["connected"], event["connected"]);
    untouched(&bench);
}

#[test]
fn what_was_agreed_to_beforehand_stays_the_same_over_the_wait_and_no_other_counts() {
    let bench = Bench::new(&[]);
    let digest = |bench: &Bench| bench.inside(&["--json", "plan", &bench.stick(), NAME], "").ends(OK).agreed();
    assert_eq!(digest(&bench), bench.agreed);
    let other = "0".repeat(64);
    let refused = push(&bench, &["--agree", &other], "y\ny\n").ends(Exit::PlanChanged.code());
    assert!(refused.out.contains("3. install Base 3.4.0"), "the right plan is shown: {}", refused.out);
    let right = format!("handcarry-inside push {} {NAME} --agree {}", bench.stick(), bench.agreed);
    assert!(refused.err.trim_end().ends_with(&right), "{}", refused.err);
    untouched(&bench);
    push(&bench, &["--agree", "abc"], "y\n").ends(Exit::Usage.code());
    // Only the licence is asked about.
    push(&bench, &["--agree", &bench.agreed], "y\n").ends(WAITING);
    assert_eq!(digest(&bench), bench.agreed, "nor does what is done already change it");
    let waits = bench.inside(&["--json", "plan", &bench.stick(), NAME], "").ends(OK).event("first-press");
    assert_eq!(waits["presses"], false, "it would only wait now");
    push(&bench, &["--agree", &bench.agreed], "").ends(WAITING);
    bench.lab.control(&["advance", "25h"]);
    push(&bench, &[], "").ends(DECLINED);
    assert_eq!(bench.lab.installs().len(), 2, "each run asks anew");
    push(&bench, &["--agree", &bench.agreed], "y\n").ends(OK);
    assert_eq!(bench.lab.installs().len(), 3);
    assert!(answers(&bench).iter().filter(|fields| fields["beforehand"] == true).count() == 2);
}

#[test]
fn an_install_under_way_is_watched_without_a_question_and_the_next_press_asks() {
    let bench = Bench::new(&["--install-secs", "3"]);
    let stick = bench.stick();
    let mut child = bench
        .command(INSIDE, &["push", &stick, NAME, "--agree", &bench.agreed])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    read_until(child.stderr.as_mut().expect("piped"), "the appliance is installing");
    child.kill().expect("killed");
    child.wait().expect("gone");
    let watched = push(&bench, &[], "").ends(DECLINED);
    assert!(watched.has("Base 3.4.0 is installed"), "it was watched to its end: {watched:?}");
    assert!(watched.has("  1. install Bomgar 10.6.2"), "what is left is told: {watched:?}");
    assert_eq!(bench.lab.installs(), ["Base 3.4.0"], "nothing further was pressed");
    push(&bench, &[], "y\ny\n").ends(WAITING);
}

#[test]
fn the_limit_of_clients_is_told_before_the_first_press_without_an_api() {
    for language in ["en", "pt"] {
        let bench = Bench::new(&["--clients", "400", "--pages", language]);
        let told = push(&bench, &[], "n\n").ends(DECLINED);
        assert!(told.has("lets 100 Jump Clients update at once (/login > Jump > Jump Clients)"), "{told:?}");
        assert!(told.has("lower that number now, and raise it again"), "{told:?}");
        untouched(&bench);
    }
}

#[test]
fn what_an_appliance_offers_is_agreed_to_by_its_titles() {
    let bench = Bench::new(&[]);
    let looked = bench.inside(&["--json", "update", NAME, "--dry-run"], "").ends(OK);
    let agreed = looked.agreed();
    assert!(
        looked.err.trim_end().ends_with(&format!("handcarry-inside update {NAME} --json --agree {agreed}")),
        "{}",
        looked.err
    );
    let update = |digest: &str, answers: &str| bench.inside(&["update", NAME, "--agree", digest], answers);
    update(&"0".repeat(64), "y\ny\n").ends(Exit::PlanChanged.code());
    let nobody = bench.inside(&["--yes", "update", NAME], "").ends(DECLINED);
    assert!(nobody.has("to fetch and install these now, in this order: Base 3.4.0, Bomgar 10.6.2, Bomgar 11.1.1?"));
    untouched(&bench);
    update(&agreed, "y\n").ends(WAITING);
    assert_eq!(
        bench.inside(&["--json", "update", NAME, "--dry-run"], "").ends(OK).agreed(),
        agreed,
        "it is the same run"
    );
    bench.lab.control(&["advance", "25h"]);
    update(&agreed, "y\n").ends(OK);
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1"]);
}

/// The last command that a run printed, as a shell runs it here.
fn pasted(bench: &Bench, said: &Said, answers: &str) -> Said {
    let line = said.err.lines().last().expect("a line");
    let command = &line[line.find("handcarry-inside ").expect("a command")..];
    let programs = std::path::Path::new(INSIDE).parent().expect("a folder").display();
    let script = format!("PATH='{programs}':$PATH\n{command}");
    run(&mut bench.command("sh", &["-c", &script]), answers)
}

#[test]
fn the_printed_command_is_the_one_that_was_typed_with_all_its_options() {
    let bench = Bench::new(&[]);
    let file = bench.private("Rui's  pass word", "correct horse\n");
    let home = bench.path("home").display().to_string();
    let stick = bench.stick();
    let typed = [
        "--home",
        &home,
        "push",
        &stick,
        NAME,
        "--backup-password-file",
        &file,
        "--wait-max",
        "90m",
        "--no-backup-history",
    ];
    let waits = bench.inside(&typed, "y\ny\n").ends(WAITING);
    let quoted = format!(
        "--backup-password-file '{}' --wait-max 90m --no-backup-history --home {home}",
        file.replace('\'', r"'\''")
    );
    assert!(waits.err.trim_end().ends_with(&format!("handcarry-inside push {stick} {NAME} {quoted}")), "{}", waits.err);
    assert!(waits.has(&format!("handcarry-inside after {NAME}")), "what clients need is named: {}", waits.err);
    bench.lab.control(&["advance", "25h"]);
    let done = pasted(&bench, &waits, "y\ny\n").ends(OK);
    assert!(done.has(&format!("handcarry-inside after {NAME}")), "{}", done.err);
    let backups = bench.lab.state()["backups"].clone();
    let kept: Vec<_> = backups.as_array().expect("backups").iter().map(|one| one["password"] == true).collect();
    assert_eq!(kept, [true, true], "the second is protected as the first: {backups}");
}

#[test]
fn what_stops_with_a_licence_goes_on_by_the_command_that_is_printed() {
    let bench = Bench::new(&[]);
    let refused = push(&bench, &["--agree", &bench.agreed], "n\n").ends(Exit::EulaDeclined.code());
    pasted(&bench, &refused, "").ends(WAITING);
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
}
