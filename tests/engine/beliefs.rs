//! What is believed: the appliance's own words, and nobody else's.

use super::{OK, WAITING};
use crate::support::bench::{Bench, NAME};
use crate::support::said::{INSIDE, run};
use handcarry::testing::model::Exit;

/// Where a package is sent.
const UPLOAD: &str = "POST /appliance/updates/manual";

/// Outcomes of the uploads that reached the appliance.
fn uploads(bench: &Bench) -> Vec<String> {
    let state = bench.lab.state();
    let log = state["uploads"].as_array().expect("a log").clone();
    log.iter().map(|upload| upload["outcome"].as_str().expect("a word").to_owned()).collect()
}

fn journal(bench: &Bench) -> String {
    std::fs::read_to_string(bench.journal()).expect("a journal")
}

#[test]
fn a_front_that_takes_no_package_is_not_the_appliances_verdict() {
    let bench = Bench::new(&["--fault", "front-too-small"]);
    let refused = bench.push("y\n").ends(Exit::InBetween.code());
    assert!(refused.has("HTTP status 413") && refused.has("Request Entity Too Large"), "{refused:?}");
    assert!(!refused.has("DO NOT RESTART") && !refused.has("the appliance says"), "{refused:?}");
    let last = refused.err.lines().last().expect("a hint");
    assert!(last.contains(&format!("handcarry-inside push {} {NAME}", bench.stick())), "{last}");
    assert!(uploads(&bench).is_empty() && journal(&bench).contains("install-abandoned"));
    // Once the front lets it through, the same command goes on, and asks nothing about it.
    bench.lab.control(&["fault", "front-too-small", "--clear"]);
    bench.push("y\n").ends(WAITING);
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
}

#[test]
fn a_package_that_a_front_did_not_answer_for_in_time_is_looked_for() {
    let bench = Bench::new(&["--fault", "front-times-out"]);
    let pushed = bench.push("y\n").ends(WAITING);
    assert!(pushed.has("something in between answered"), "{pushed:?}");
    assert_eq!(uploads(&bench), ["installing", "agreement"], "each was sent once");
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
}

#[test]
fn a_package_that_may_have_got_past_a_filter_is_not_sent_again() {
    let bench = Bench::new(&["--fault", "front-keeps"]);
    let blocked = bench.push("y\n").ends(Exit::InBetween.code());
    assert!(blocked.has("it is not known whether it reached the appliance"), "{blocked:?}");
    assert!(blocked.has("HTTP status 403, saying: Blocked by policy"), "{blocked:?}");
    let handed_over = journal(&bench).matches("upload-handed-over").count();
    assert_eq!((handed_over, uploads(&bench).len()), (1, 0), "the filter kept it");
}

#[test]
fn a_filter_and_a_portal_refuse_no_password() {
    for (fault, status) in [("front-blocks", 403), ("front-portal", 200)] {
        let bench = Bench::new(&["--fault", fault]);
        let look = || bench.inside(&["status", NAME], "").ends(Exit::InBetween.code());
        let first = look();
        assert!(first.has(&format!("HTTP status {status}")) && first.has("is not the appliance's"), "{first:?}");
        assert!(!first.has("refused user"), "{first:?}");
        // It may count at the appliance all the same, so that it is remembered as that.
        let second = look();
        assert!(second.has("1 of them answered by something in between"), "{second:?}");
        assert_eq!(bench.lab.state()["failed_logins"], 0);
        bench.lab.control(&["fault", fault, "--clear"]);
        bench.inside(&["status", NAME], "").ends(OK);
    }
}

#[test]
fn a_session_that_is_over_at_the_upload_is_seen_at_once() {
    let bench = Bench::new(&[]);
    bench.lab.control(&["fault", "session-ends", "--at", UPLOAD]);
    let pushed = bench.push("y\n").ends(WAITING);
    assert!(pushed.has("the package was not taken") && pushed.has("sending it again"), "{pushed:?}");
    assert!(!pushed.has("its answer was lost"), "the appliance's own words say so: {pushed:?}");
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
}

#[test]
fn a_session_that_ends_with_an_accepted_licence_leaves_nobody_to_ask() {
    let bench = Bench::new(&["--base", "3.4.0"]);
    bench.lab.control(&["fault", "session-ends", "--at", "GET /appliance/updates/progress"]);
    let pushed = bench.push("y\n").ends(WAITING);
    assert!(pushed.has("the answer was lost") && !pushed.has("By hand:"), "{pushed:?}");
    assert_eq!(bench.lab.installs(), ["Bomgar 10.6.2"], "what was accepted was accepted once");
}

#[test]
fn a_base_that_is_back_with_its_old_version_for_a_while_is_no_trouble() {
    // The program looks idle for 20 s of its own clock before it would believe that.
    let bench = Bench::new(&["--fault", "install-hides", "--install-secs", "8"]);
    let pushed = bench.push("y\n").ends(WAITING);
    assert!(pushed.has("does not show the package yet") && pushed.has("Base 3.4.0 is installed"), "{pushed:?}");
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
}

#[test]
fn a_base_that_lies_is_not_in_trouble_before_its_usual_time() {
    let bench = Bench::new(&["--fault", "install-vanishes"]);
    let push = ["push", &bench.stick(), NAME, "--agree", &bench.agreed, "--wait-max", "60s"];
    let unknown = bench.inside(&push, "").ends(Exit::Unconfirmed.code());
    assert!(unknown.has("what became of Base 3.4.0 is not known") && unknown.has("don't restart it"), "{unknown:?}");
    assert!(!unknown.has("DO NOT RESTART"), "{unknown:?}");
}

#[test]
fn a_sentence_about_installing_is_no_installation() {
    for language in ["en", "pt"] {
        let bench = Bench::new(&["--pages", language, "--fault", "status-explains"]);
        bench.push("y\n").ends(WAITING);
        assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"], "{language}");
    }
}

#[test]
fn pages_that_changed_with_a_base_are_asked_about_at_once() {
    let bench = Bench::new(&["--fault", "labels-change"]);
    let serial = bench.lab.state()["serial"].as_str().expect("a serial").to_owned();
    let clock = bench.lab.state()["appliance_clock"].as_str().expect("a time").to_owned();
    let told = format!("{serial}\nB200\n3.4.0\n10.5.3\n{clock}\n");
    let pushed = bench.push(&told);
    assert!(pushed.has("has no \"Serial Number\"") && pushed.has("Base 3.4.0 is installed"), "{pushed:?}");
    assert!(!pushed.has("DO NOT RESTART"), "{pushed:?}");
    assert_eq!(bench.lab.installs().first().map(String::as_str), Some("Base 3.4.0"));
}

#[test]
fn a_cookie_that_ends_by_the_appliances_clock_lets_us_in() {
    let bench = Bench::new(&["--fault", "cookies-expire", "--fault", "clock-skew"]);
    let status = bench.inside(&["status", NAME], "").ends(OK);
    assert!(status.has(" min behind ours"), "{status:?}");
}

#[test]
fn slow_pages_are_no_wrong_clock() {
    let bench = Bench::new(&["--fault", "slow-pages"]);
    // At the pace of everybody's clock: it is the difference of two that counts.
    let mut command = bench.unhurried(INSIDE, &["--json", "status", NAME]);
    let status = run(&mut command, "").ends(OK).event("status");
    let ahead = status["clock_ahead_secs"].as_i64().unwrap_or_else(|| panic!("no clock: {status}"));
    assert!((-1..=1).contains(&ahead), "{status}");
}
