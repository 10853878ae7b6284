//! `probe`: what it finds, and that it presses nothing.

use crate::inside_driver::driven::Driven;
use crate::support::said::Said;
use handcarry::testing::lab::{Fault, PageLanguage, control};

fn step<'a>(said: &'a Said, step: &str) -> &'a str {
    let line = said.out.lines().find_map(|line| line.strip_prefix(&format!("{step}: ")));
    line.unwrap_or_else(|| panic!("no step {step} in {}", said.out))
}

#[test]
fn every_control_is_found_in_both_languages_and_none_is_pressed() {
    for (language, given) in
        [(PageLanguage::English, "en"), (PageLanguage::Portuguese, "pt"), (PageLanguage::Portuguese, "auto")]
    {
        let bench = Driven::start(|options| options.language = language);
        bench.ready(&["--pages", given]);
        let said = bench.inside(&["probe", "hq"], "");
        assert_eq!(said.code, 0, "{}", said.err);
        for name in [
            "status",
            "reset",
            "request",
            "upload",
            "confirm",
            "backup",
            "restore",
            "failover",
            "shared-ip",
            "certificate",
        ] {
            assert_eq!(step(&said, name), "automatic", "{}", said.out);
        }
        assert!(said.out.ends_with("every step will be automatic\n"), "{}", said.out);
        let state = bench.lab.state();
        assert_eq!(state["codes"]["made"], 0);
        for list in ["uploads", "backups", "installs", "presses"] {
            assert_eq!(state[list].as_array().map(Vec::len), Some(0), "{list}");
        }
        let told = bench.inside(&["probe", "hq", "--json"], "").json();
        assert!(told.iter().filter(|event| event["event"] == "control").all(|e| e["finding"]["finding"] == "found"));
        let summary = told.iter().find(|event| event["guided"].is_array()).expect("a summary");
        assert_eq!(summary["guided"].as_array().map(Vec::len), Some(0));
    }
}

#[test]
fn a_pairs_page_offers_what_its_role_needs() {
    let bench = Driven::start(|options| options.pair = true);
    bench.ready(&[]);
    let said = bench.inside(&["probe", "hq"], "");
    assert_eq!((said.code, step(&said, "failover")), (0, "automatic"), "{}", said.err);
    for found in [
        "found      failover.primary: This is the Primary site instance for",
        "found      failover.break: Break Failover Relationships",
        "found      nav.ip: IP Configuration",
    ] {
        assert!(said.out.contains(found), "{found}: {}", said.out);
    }
    assert!(!said.out.contains("failover.sync"), "a primary has no such button: {}", said.out);
    assert!(bench.lab.state()["failover"]["events"].as_array().is_some_and(Vec::is_empty), "nothing was pressed");
}

#[test]
fn what_is_missing_or_twice_makes_its_step_a_guided_one() {
    let bench = Driven::start(|_| {});
    bench.ready(&[]);
    for (fault, guided, words) in [
        (Fault::NoKeyLink, "request", "missing    updates.key: no Appliance Download Key or"),
        (Fault::ByHandUpload, "upload", "missing    updates.upload: no Update Software or"),
        (Fault::DuplicateButton, "upload", "ambiguous  updates.upload: 2 on"),
    ] {
        bench.lab.arm(fault);
        let said = bench.inside(&["probe", "hq"], "");
        bench.lab.disarm(fault);
        assert_eq!(said.code, 0, "{}", said.err);
        for name in ["status", "request", "upload", "confirm", "backup"] {
            let expected = if name == guided { "guided" } else { "automatic" };
            assert_eq!(step(&said, name), expected, "{fault}: {}", said.out);
        }
        assert!(said.out.contains(words), "{fault}: {}", said.out);
        let key = words.split_whitespace().nth(1).expect("a key").trim_end_matches(':');
        let line = format!("[controls.\"{key}\"]");
        assert!(said.err.contains(&line), "{fault}: the lines for a profile are told: {}", said.err);
    }
}

#[test]
fn a_site_s_own_profile_heals_a_renamed_button() {
    let bench = Driven::with_faults(&[Fault::ByHandUpload]);
    bench.ready(&[]);
    std::fs::create_dir(bench.path("home/inside/profiles")).expect("made");
    bench.edit_inventory("driver = \"bomgar\"", "driver = \"bomgar\"\nprofile = \"profiles/hq.toml\"");
    let said = bench.inside(&["probe", "hq"], "");
    assert_eq!(said.code, 4, "{}", said.err);
    assert!(said.err.contains("profiles/hq.toml is not there\nhint: make it, or take the line"), "{}", said.err);
    let profile = bench.private("home/inside/profiles/hq.toml", "[controls.\"updates.upload\"]\nen = [\"Proceed\"]\n");
    let said = bench.inside(&["probe", "hq"], "");
    assert_eq!((said.code, step(&said, "upload")), (0, "automatic"), "{}", said.out);
    std::fs::write(profile, "[controls.\"updates.uplaod\"]\nen = [\"Proceed\"]\n").expect("written");
    let said = bench.inside(&["probe", "hq"], "");
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("profiles/hq.toml: ") && said.err.contains("updates.uplaod"), "{}", said.err);
    std::fs::write(bench.path("home/inside/profiles/hq.toml"), b"# \xff\n").expect("written");
    let said = bench.inside(&["probe", "hq"], "");
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("hq.toml is not UTF-8 text"), "{}", said.err);
}

#[test]
fn what_probe_guesses_is_not_pressed_and_no_logout_is_ever_a_guess() {
    let bench = Driven::start(|options| {
        options.language = PageLanguage::Portuguese;
        options.faults = vec![Fault::NoKeyLink];
    });
    bench.ready(&[]);
    let file = bench.path("begun.toml");
    let said = bench.inside(&["probe", "hq", "--write-profile", &file.to_string_lossy()], "");
    assert_eq!(said.code, 0, "{}", said.err);
    let begun = std::fs::read_to_string(&file).expect("written");
    assert!(begun.contains("# [controls.\"updates.key\"]"), "{begun}");
    let counts: Vec<&str> = begun.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(counts.is_empty() && !begun.contains("Sair"), "{begun}");
    std::fs::create_dir(bench.path("home/inside/profiles")).expect("made");
    bench.edit_inventory("driver = \"bomgar\"", "driver = \"bomgar\"\nprofile = \"profiles/hq.toml\"");
    bench.private("home/inside/profiles/hq.toml", &begun);
    assert_eq!(step(&bench.inside(&["probe", "hq"], ""), "request"), "guided");
    bench.private("home/inside/profiles/hq.toml", "[controls.\"updates.key\"]\npt = [\"Sair\"]\n");
    let said = bench.inside(&["request", "hq", "stick"], "");
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("\"Sair\" there, which logs out"), "{}", said.err);
}

#[test]
fn a_wrong_password_is_sent_once() {
    let bench = Driven::start(|_| {});
    let wrong = bench.private("wrong", "not the password\n");
    bench.ready(&["--password-file", &wrong]);
    for verb in [&["probe", "hq"][..], &["request", "hq", "stick"]] {
        let before = bench.lab.state()["failed_logins"].as_u64().expect("a number");
        let said = bench.inside(verb, "");
        assert_eq!(said.code, 55, "{}", said.err);
        assert!(said.err.contains("the appliance refused user \"admin\" at"), "{}", said.err);
        assert!(!said.err.contains("not the password"), "{}", said.err);
        assert_eq!(bench.lab.state()["failed_logins"], before + 1);
    }
    let mut driver = bench.driver();
    assert!(driver.status().is_err() && driver.status().is_err() && driver.download_code().is_err());
    assert_eq!(bench.lab.state()["failed_logins"], 3, "one driver tries once, however often it is asked");
}

/// The request that sends the first login form: the front page, the form, and it.
const FORM_SENT: u64 = 3;

#[test]
fn a_form_that_was_forgotten_meanwhile_is_filled_in_afresh_once() {
    for language in [PageLanguage::English, PageLanguage::Portuguese] {
        let bench = Driven::start(|options| options.language = language);
        bench.ready(&[]);
        // It says that the form is no longer valid; then it says nothing at all.
        for fault in [Fault::SessionEnds, Fault::FormForgotten] {
            let before = bench.lab.state();
            let passes = if fault == Fault::SessionEnds { FORM_SENT - 1 } else { 0 };
            control::fault_after(bench.lab.dir(), fault, passes).expect("set");
            let said = bench.inside(&["probe", "hq"], "");
            assert_eq!(said.code, 0, "{fault}: {}", said.err);
            assert!(said.err.contains("the login form was no longer valid"), "{fault}: {}", said.err);
            let after = bench.lab.state();
            assert_eq!(after["failed_logins"], 0);
            let logins = |state: &serde_json::Value| state["logins"].as_u64().expect("a number");
            assert_eq!(logins(&after), logins(&before) + 2, "/appliance and /login");
        }
        assert!(!bench.path("home/inside/logins").exists(), "nothing was refused");
    }
}

#[test]
fn a_forgotten_form_is_no_excuse_for_a_second_refusal() {
    let bench = Driven::start(|_| {});
    let wrong = bench.private("wrong", "not the password\n");
    bench.ready(&["--password-file", &wrong]);
    for (fault, passes) in [(Fault::SessionEnds, FORM_SENT - 1), (Fault::FormForgotten, 0)] {
        let before = bench.lab.state()["failed_logins"].as_u64().expect("a number");
        control::fault_after(bench.lab.dir(), fault, passes).expect("set");
        let said = bench.inside(&["probe", "hq"], "");
        assert_eq!(said.code, 55, "{fault}: {}", said.err);
        let refused = bench.lab.state()["failed_logins"].as_u64().expect("a number") - before;
        // Where a login was refused before, a form that is answered by silence counts as refused too.
        assert_eq!(refused, if fault == Fault::SessionEnds { 1 } else { 0 }, "{fault}");
        let kept = std::fs::read_to_string(bench.path(&refused_logins(&bench))).expect("kept");
        assert!(kept.contains(&format!("\"times\": {}", if fault == Fault::SessionEnds { 1 } else { 2 })), "{kept}");
    }
}

/// Where refused logins of the lab's appliance are counted.
fn refused_logins(bench: &Driven) -> String {
    format!("home/inside/logins/{}.json", bench.lab.facts.appliance.trim_start_matches("https://").replace(':', "-"))
}

#[test]
fn forms_that_are_forgotten_always_are_no_refused_password() {
    let bench = Driven::start(|_| {});
    bench.ready(&[]);
    control::fault_after(bench.lab.dir(), Fault::FormForgotten, 0).expect("set");
    // The first form is forgotten in silence, the fresh one because its session ends.
    control::fault_after(bench.lab.dir(), Fault::SessionEnds, FORM_SENT + 2).expect("set");
    let said = bench.inside(&["status", "hq"], "");
    assert_eq!(said.code, 53, "{}", said.err);
    assert!(said.err.contains("does not keep the session") && said.err.contains("hint: "), "{}", said.err);
    assert_eq!(bench.lab.state()["failed_logins"], 0);
    assert_eq!(bench.inside(&["status", "hq"], "").code, 0, "and nothing is held against it");
}

#[test]
fn another_certificate_than_the_enrolled_one_is_refused() {
    let (bench, other) = (Driven::start(|_| {}), Driven::start(|_| {}));
    bench.ready(&[]);
    std::fs::copy(&other.lab.facts.appliance_certificate, bench.path("home/inside/certs/hq.pem")).expect("replaced");
    let said = bench.inside(&["probe", "hq"], "");
    assert_eq!(said.code, 51, "{}", said.err);
    assert_eq!(bench.lab.state()["failed_logins"].as_u64().zip(bench.lab.state()["logins"].as_u64()), Some((0, 0)));
}

#[test]
fn passwords_come_from_a_variable_or_a_prompt() {
    let bench = Driven::start(|_| {});
    bench.ready(&["--password-env", "LAB_PASSWORD"]);
    assert_eq!(bench.inside(&["probe", "hq"], "").code, 0);
    bench.edit_inventory("password_env = \"LAB_PASSWORD\"", "");
    bench.edit_inventory("\nuser = \"admin\"", "");
    let typed = format!("{}\n{}\n", handcarry::testing::lab::USER, handcarry::testing::lab::APPLIANCE_PASSWORD);
    let said = bench.inside(&["request", "hq", "stick"], &typed);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("user name on https://localhost"), "{}", said.err);
    assert!(said.err.contains("password of admin on https://localhost"), "{}", said.err);
    assert_eq!(bench.inside(&["request", "hq", "stick"], "").code, 5, "nobody there to type it");
}
