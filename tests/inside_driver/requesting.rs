//! `request`: the state and the code, signed, on the stick.

use crate::inside_driver::driven::Driven;
use handcarry::testing::lab::{self, Fault, PageLanguage};
use handcarry::testing::model::{DownloadCode, Version};
use serde_json::Value;
use std::path::PathBuf;

/// A code as the lab's appliances make them.
const TYPED: &str = "A7K2M-9QX4T-WB3NR-5HJ8P-C6DVE";

fn papers(bench: &Driven) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(bench.path("stick/handcarry/requests")) else { return Vec::new() };
    let mut papers: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    papers.sort();
    papers
}

fn paper(bench: &Driven) -> Value {
    let papers = papers(bench);
    let [json, signature] = &papers[..] else { panic!("{papers:?}") };
    assert_eq!(format!("{}.1.sig", json.display()), signature.display().to_string());
    serde_json::from_slice(&std::fs::read(json).expect("readable")).expect("JSON")
}

#[test]
fn state_and_code_are_signed_onto_the_stick_in_both_languages() {
    for (language, given) in [(PageLanguage::English, "auto"), (PageLanguage::Portuguese, "pt")] {
        let bench = Driven::start(|options| options.language = language);
        let vendor = bench.lab.facts.vendor.clone();
        bench.ready(&["--pages", given, "--vendor", &vendor]);
        let said = bench.inside(&["request", "hq", "stick"], "");
        assert_eq!(said.code, 0, "{}", said.err);
        let request = paper(&bench);
        let code = request["code"].as_str().expect("a code");
        assert!(said.out.contains(&format!("download code: {code} (good once)\n")), "{}", said.out);
        assert!(!said.err.contains(code), "{}", said.err);
        assert!(said.err.ends_with("next, outside: handcarry-outside fetch stick\n"), "{}", said.err);
        let status = &request["status"];
        assert_eq!(status["appliance"]["serial"], lab::SERIAL);
        assert_eq!(status["appliance"]["model"], lab::MODEL);
        assert_eq!(status["appliance"]["host"], lab::HOST);
        assert_eq!((status["base_version"].as_str(), status["site_version"].as_str()), (Some("3.3.2"), Some("10.5.3")));
        assert!(status["clock"].is_string() && status["site_build"].is_string(), "{status}");
        assert_eq!(status["installed"].as_array().map(Vec::len), Some(2));
        assert_eq!(request["vendor"].as_str(), Some(vendor.as_str()));
        let state = bench.lab.state();
        assert_eq!((&state["codes"]["made"], &state["logins"]), (&1.into(), &1.into()));
    }
}

#[test]
fn a_name_that_fits_no_file_is_found_out_before_a_code_is_made() {
    let bench = Driven::start(|_| {});
    bench.ready(&[]);
    // As long as a name may be: the file's name has the request's id behind it.
    let long = "n".repeat(120);
    bench.edit_inventory("[appliances.hq]", &format!("[appliances.{long}]"));
    let said = bench.inside(&["--json", "request", &long, "stick"], "");
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("enrol the appliance under a shorter name"), "{}", said.err);
    assert_eq!(bench.lab.state()["codes"]["made"], 0);
    assert!(papers(&bench).is_empty());
}

#[test]
fn the_signature_is_one_that_openssh_checks() {
    let bench = Driven::start(|_| {});
    bench.ready(&[]);
    assert_eq!(bench.inside(&["request", "hq", "stick"], "").code, 0);
    let papers = papers(&bench);
    let checked = std::process::Command::new("ssh-keygen")
        .args(["-Y", "check-novalidate", "-n", "handcarry-request", "-s"])
        .arg(&papers[1])
        .stdin(std::fs::File::open(&papers[0]).expect("is there"))
        .output()
        .expect("ssh-keygen is installed");
    assert!(checked.status.success(), "{checked:?}");
}

#[test]
fn a_code_can_stay_off_the_stick_and_is_in_the_result_event() {
    let bench = Driven::start(|_| {});
    bench.ready(&[]);
    let said = bench.inside(&["request", "hq", "stick", "--no-code-on-media", "--json"], "");
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(paper(&bench)["code"], Value::Null);
    let result = said.event("request");
    assert_eq!((said.events("request").len(), result["code_on_media"].as_bool()), (1, Some(false)));
    assert!(result["code"].as_str().is_some_and(|code| code.len() > 10), "{result}");
    assert!(said.err.contains("handcarry-outside fetch stick --code, and type"), "{}", said.err);
}

#[test]
fn a_wrong_clock_ends_it_before_a_code_is_made() {
    let bench = Driven::with_faults(&[Fault::ClockSkew]);
    bench.ready(&[]);
    let said = bench.inside(&["request", "hq", "stick"], "");
    assert_eq!(said.code, 71, "{}", said.err);
    // A slow machine reads it some seconds late.
    let behind = |minutes: u32| said.err.contains(&format!("the appliance's clock is {minutes} min behind ours"));
    assert!(behind(20) || behind(21), "{}", said.err);
    assert!(said.err.contains("Networking > IP Configuration"), "{}", said.err);
    assert_eq!((papers(&bench).len(), &bench.lab.state()["codes"]["made"]), (0, &0.into()));

    bench.edit_inventory("driver = \"bomgar\"", "driver = \"bomgar\"\nclock = \"appliance\"");
    bench.lab.disarm(Fault::ClockSkew);
    // Half a minute more, so that a slow machine still says 25 h.
    handcarry::testing::lab::control::advance(bench.lab.dir(), 25 * 3600 + 30).expect("moved on");
    let said = bench.inside(&["request", "hq", "stick"], "");
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("warning: the appliance's clock is 25 h ahead of ours"), "{}", said.err);
}

#[test]
fn a_page_without_the_link_is_worked_by_hand() {
    let bench = Driven::start(|options| {
        options.faults = vec![Fault::NoKeyLink];
        options.language = PageLanguage::Portuguese;
    });
    bench.ready(&["--pages", "pt"]);
    let said = bench.inside(&["request", "hq", "stick"], &format!("{TYPED}\n"));
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("/appliance > Atualizações (in English: /appliance > Updates)"), "{}", said.out);
    assert!(said.out.contains("because the page \"Atualizações"), "{}", said.out);
    assert_eq!(paper(&bench)["code"], TYPED);
    assert_eq!(bench.lab.state()["codes"]["made"], 0);
}

#[test]
fn a_code_behind_a_sentence_is_read_and_the_sentence_is_not() {
    for language in [PageLanguage::English, PageLanguage::Portuguese] {
        let bench = Driven::start(|options| {
            options.language = language;
            options.faults = vec![Fault::KeyExplained];
        });
        bench.ready(&[]);
        let said = bench.inside(&["request", "hq", "stick"], "");
        assert_eq!(said.code, 0, "{}", said.err);
        let request = paper(&bench);
        let code = request["code"].as_str().and_then(DownloadCode::parse).expect("a code");
        assert_eq!((code.doubt_typed(), &bench.lab.state()["codes"]["made"]), (None, &1.into()));
    }
}

#[test]
fn a_doubtful_code_is_shown_and_asked_about_and_never_made_again() {
    let bench = Driven::with_faults(&[Fault::KeyUnclear]);
    bench.ready(&[]);
    let question = "where the code should stand (it has blanks in it). Is that the whole code";
    let asked = bench.inside(&["request", "hq", "stick"], "y\n");
    assert_eq!(asked.code, 0, "{}", asked.err);
    let shown = paper(&bench)["code"].as_str().expect("a code").to_owned();
    assert_eq!(shown.split(' ').map(str::len).collect::<Vec<_>>(), [5; 5]);
    assert!(asked.err.contains(question) && asked.err.contains(&shown), "{}", asked.err);

    // A no: what stands there is told, and whoever reads it types the code.
    std::fs::remove_dir_all(bench.path("stick/handcarry")).expect("removed");
    let typed = shown.replace(' ', "-");
    let by_hand = bench.inside(&["request", "hq", "stick"], &format!("n\n{typed}\n"));
    assert_eq!(by_hand.code, 0, "{}", by_hand.err);
    assert!(by_hand.out.contains(&format!("the page says: {shown}")), "{}", by_hand.out);
    assert!(by_hand.out.contains("do not press it again where a code was made"), "{}", by_hand.out);
    assert_eq!(paper(&bench)["code"], typed.as_str());

    // Nobody there: nothing is signed.
    std::fs::remove_dir_all(bench.path("stick/handcarry")).expect("removed");
    assert_eq!(bench.inside(&["request", "hq", "stick"], "").code, 5);
    assert_eq!((papers(&bench).len(), &bench.lab.state()["codes"]["made"]), (0, &1.into()));
}

#[test]
fn a_typed_code_that_looks_odd_is_not_signed_without_a_word() {
    let bench = Driven::with_faults(&[Fault::NoKeyLink]);
    bench.ready(&[]);
    let slips = [
        ("XXXX", "it is only 4 letters and digits long"),
        (&TYPED[..23], "it is 4 groups of 5"),
        (&TYPED[..28], "5, 5, 5, 5 and 4"),
        ("O7K2M-9QX4T-WB3NR-5HJ8P-C6DVE", "it has a 'O'"),
    ];
    for (slip, why) in slips {
        let said = bench.inside(&["request", "hq", "stick"], &format!("{slip}\n"));
        assert_eq!((said.code, papers(&bench).len()), (5, 0), "{slip}: {}", said.err);
        assert!(said.err.contains(why) && !said.err.contains(slip), "piped, it is in no log: {}", said.err);
        // Taken back, and typed again as it is.
        let said = bench.inside(&["request", "hq", "stick"], &format!("{slip}\nn\n\u{feff} {TYPED}\u{a0}\n"));
        assert_eq!((said.code, paper(&bench)["code"].as_str()), (0, Some(TYPED)), "{slip}: {}", said.err);
        std::fs::remove_dir_all(bench.path("stick/handcarry")).expect("removed");
    }
    let taken_back = bench.inside(&["request", "hq", "stick"], &"XXXX\nn\n".repeat(3));
    assert_eq!((taken_back.code, papers(&bench).len()), (5, 0), "{}", taken_back.err);
    assert!(taken_back.err.contains("no code was taken in 3 times"), "{}", taken_back.err);
}

#[test]
fn an_old_base_is_sent_to_vendor_support() {
    let bench = Driven::start(|options| options.base = Version::parse("3.3.1").expect("valid"));
    bench.ready(&[]);
    let said = bench.inside(&["request", "hq", "stick"], "");
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("ask vendor support for it (help.bomgar.com, with the serial number LAB-0001-BG)"));
    assert!(said.err.contains("type the code from vendor support"), "{}", said.err);
    assert_eq!(paper(&bench)["code"], Value::Null);
}

#[test]
fn a_session_that_ends_early_is_taken_up_again() {
    let bench = Driven::with_faults(&[Fault::SessionExpires]);
    bench.ready(&[]);
    let said = bench.inside(&["request", "hq", "stick"], "");
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(bench.inside(&["probe", "hq"], "").code, 0);
    assert_eq!(bench.lab.state()["failed_logins"], 0);
}

#[test]
fn no_code_is_spent_when_the_request_could_not_be_kept() {
    let bench = Driven::start(|_| {});
    assert_eq!(bench.enroll(&[]).code, 0);
    let said = bench.inside(&["request", "hq", "stick"], "");
    assert_eq!(said.code, 40, "no key: {}", said.err);
    assert_eq!(bench.inside(&["keygen", "--no-passphrase"], "").code, 0);
    assert_eq!(bench.inside(&["request", "hq", "no-such-stick"], "").code, 10);
    assert_eq!((&bench.lab.state()["codes"]["made"], &bench.lab.state()["logins"]), (&0.into(), &0.into()));
}

#[test]
fn an_appliance_worked_by_hand_is_asked_about() {
    let bench = Driven::start(|_| {});
    let args = ["enroll", "hq", "--url", "https://support.example.com", "--driver", "guided"];
    assert_eq!(bench.inside(&args, "").code, 0);
    assert_eq!(bench.inside(&["keygen", "--no-passphrase"], "").code, 0);
    let now = handcarry::testing::model::Timestamp::now();
    let typed = format!("SER-9\nB300\n3.3.2\n10.5.3\n{now}\nCODE-9\ny\n");
    let said = bench.inside(&["request", "hq", "stick"], &typed);
    assert_eq!(said.code, 0, "{}", said.err);
    let request = paper(&bench);
    assert_eq!(
        (request["status"]["appliance"]["serial"].as_str(), request["code"].as_str()),
        (Some("SER-9"), Some("CODE-9"))
    );
    assert_eq!(request["status"]["typed"], true, "whose word it is goes along, signed");
    assert!(said.err.contains("are as a person typed them"), "{}", said.err);
    let journal = bench.inside(&["audit", "hq"], "").out;
    assert!(journal.contains("typed=true"), "{journal}");
    assert!(bench.inside(&["probe", "hq"], "").out.contains("every step is guided"));
    let before = std::fs::read_dir(bench.path("stick/handcarry/requests")).expect("there").count();
    let said = bench.inside(&["request", "hq", "stick"], &typed.replace("CODE-9\ny", "código"));
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(
        said.err.contains("that is no download code") && said.err.contains("copy the code exactly"),
        "{}",
        said.err
    );
    assert_eq!(std::fs::read_dir(bench.path("stick/handcarry/requests")).expect("there").count(), before);
}
