//! Failover pairs through the real programs, against the lab's pair: both
//! orders, in English and Portuguese, each trouble with its way back, and runs
//! that are killed.

mod alone;
mod offers;
mod pair;
mod rehearsal;
mod trouble;

use crate::pairs::pair::{A, B, Pair, key};
use handcarry::testing::lab::SHARED_IP;
use handcarry::testing::model::Exit;

const OK: u8 = Exit::Ok.code();
const SYNC: [&str; 2] = ["--topology", "failover-sync"];
const ASYNC: [&str; 6] = ["--topology", "failover-async", "--switch", "shared-ip", "--shared-ip", SHARED_IP];
const PACKAGES: [&str; 2] = ["Base 3.4.0", "Bomgar 10.6.2"];

/// What each journal must tell of a whole run.
fn told(journal: &[String], what: &str) -> Vec<String> {
    let steps = journal.iter().filter_map(|record| record.strip_prefix(what)).map(|step| step.trim().to_owned());
    let mut once: Vec<String> = Vec::new();
    steps.for_each(|step| {
        if !once.contains(&step) {
            once.push(step);
        }
    });
    once
}

#[track_caller]
fn both_journals_tell(bench: &Pair, steps: &[&str]) {
    for name in [A, B] {
        let journal = bench.journal(name);
        assert_eq!(told(&journal, "pair-step-done"), steps, "{name}");
        assert_eq!(journal.iter().filter(|record| *record == "pair-done").count(), 1, "{name}");
        bench.inside(&["audit", name], "").ends(OK);
    }
}

#[test]
fn a_synchronous_pair_is_planned_and_upgraded_with_the_primary_first() {
    let bench = Pair::new(&[]);
    let stick = bench.stick();
    let plan = bench.inside(&[&["plan", &stick, A, B], &SYNC[..]].concat(), "").ends(OK);
    let at = |text: &str| plan.out.find(text).unwrap_or_else(|| panic!("no {text:?} in {}", plan.out));
    assert!(at("pull a data sync from alpha to beta") < at("break the failover relationship"));
    assert!(at("upgrade alpha") < at("maintenance window 2") && at("maintenance window 2") < at("upgrade beta"));
    assert!(at("upgrade beta") < at("alpha primary, beta backup"));
    assert!(plan.err.contains(&format!("next: handcarry-inside push {stick} alpha beta --topology failover-sync")));
    assert!(bench.lab.events().is_empty(), "a plan changes nothing");
    assert!(bench.journal(A).iter().all(|record| record == "status-read"), "a plan writes down what it saw, no more");

    // Nothing is pressed on either before somebody agreed to it, now or beforehand.
    for answers in ["", "n\n"] {
        let told = [&SYNC[..], &["--address-b", "127.0.0.1"]].concat();
        let said = bench.push_answering(&told, answers).ends(Exit::Declined.code());
        assert!(said.has("Begin now on alpha and beta, as told above?"), "{}", said.err);
        assert!(
            said.out.contains("beta (serial LAB-0002-BG)") && said.out.contains("break the failover"),
            "{}",
            said.out
        );
    }
    let planned =
        |order: &[&str]| bench.inside(&[&["--json", "plan", &stick, A, B], order].concat(), "").ends(OK).agreed();
    let (agreed, other) = (planned(&SYNC), planned(&ASYNC));
    let wrong = bench.push(&[&SYNC[..], &["--agree", &other]].concat()).ends(Exit::PlanChanged.code());
    assert!(wrong.has(&format!("--topology failover-sync --agree {agreed}")), "{}", wrong.err);
    assert!(bench.lab.events().is_empty() && bench.lab.state()["backups"] == serde_json::json!([]));
    assert_eq!(bench.lab.installs_of_both(), [&[][..], &[][..]] as [&[&str]; 2]);

    let done = bench.push(&[&SYNC[..], &["--agree", &agreed]].concat()).ends(OK);
    assert!(!done.has("Begin now"), "{}", done.err);
    for name in [A, B] {
        assert!(done.has(&format!("handcarry-inside after {name}")), "{}", done.err);
        assert_eq!(
            bench.journal(name).iter().filter(|record| *record == "first-press").count(),
            2,
            "the no and the word"
        );
    }
    assert!(done.has("done: alpha is primary and beta is backup"), "{done:?}");
    assert_eq!(bench.lab.installs_of_both(), [PACKAGES, PACKAGES]);
    assert_eq!(bench.lab.roles(), ["primary", "backup"]);
    let events = bench.lab.events();
    assert_eq!(events, ["b:sync-pressed", "b:synced", "b:broken", "a:established", "b:sync-pressed", "b:synced"]);
    assert!(done.has("127.0.0.1 support.example.com"), "the line for the hosts file: {}", done.out);
    assert!(done.has("on two machines or more"), "{}", done.out);
    let steps = [
        "export-certificate-a",
        "export-certificate-b",
        "backup",
        "compare",
        "sync",
        "break",
        "install-a",
        "verify-a",
        "window-2",
        "install-b",
        "verify-b",
        "establish",
        "first-sync",
    ];
    both_journals_tell(&bench, &steps);
    for name in [A, B] {
        let backups =
            std::fs::read_dir(bench.path(&format!("home/inside/backups/{}", key(name)))).expect("kept").count();
        assert_eq!(backups, 1, "{name} is backed up before its first install");
        bench.inside(&["receipt", name, &stick], "").ends(OK);
    }
    bench.push(&SYNC).ends(Exit::Replayed.code());
}

#[test]
fn an_asynchronous_pair_moves_its_shared_address_in_between() {
    let bench = Pair::new(&[]);
    let done = bench.push(&ASYNC).ends(OK);
    assert!(done.has("done: beta is primary and alpha is backup"), "{done:?}");
    assert_eq!(bench.lab.installs_of_both(), [PACKAGES, PACKAGES]);
    assert_eq!(bench.lab.roles(), ["backup", "primary"]);
    #[rustfmt::skip]
    assert_eq!(bench.lab.events(), [
        "b:sync-pressed", "b:synced", "b:broken", "a:shared-ip-disabled", "b:shared-ip-enabled", "b:established",
        "a:sync-pressed", "a:synced",
    ]);
    let state = bench.lab.state();
    assert_eq!(state["failover"]["both_enabled"], 0);
    assert_eq!(state["failover"]["members"][1]["shared_ip"], true);
    let began = |of: &serde_json::Value| of["installs"][0]["began"].as_str().expect("a time").to_owned();
    assert!(began(&state["partner"]) < began(&state), "B before A");
    assert!(done.has("pulled all session data from alpha"), "the site is older than 10.6: {}", done.err);
    #[rustfmt::skip]
    both_journals_tell(&bench, &[
        "export-certificate-a", "export-certificate-b", "backup", "compare", "sync", "break", "install-b", "verify-b",
        "session-data", "switch", "integration-client", "window-2", "install-a", "verify-a", "establish", "first-sync",
    ]);
}

#[test]
fn a_synchronous_pair_on_portuguese_pages_is_sent_to_pages_by_their_own_words() {
    let bench = Pair::new(&["--pages", "pt"]);
    let inventory = bench.path("home/inside/inventory.toml");
    let known = std::fs::read_to_string(&inventory).expect("both are enrolled");
    std::fs::write(&inventory, known.replace("language = \"auto\"", "language = \"pt\"")).expect("written");
    let plan = bench.inside(&[&["plan", &bench.stick(), A, B], &SYNC[..]].concat(), "").ends(OK);
    for path in [
        "where: /login > Gerenciamento > Gerenciamento de Software",
        "where: /login > Gerenciamento > Segurança",
        "where: /login > Gerenciamento > Failover",
        "where: /appliance > Segurança > Certificados",
        "at /appliance > Atualizações",
        "Ajuda > Sobre",
    ] {
        assert!(plan.has(path), "{path}: {}", plan.out);
    }
    let done = bench.push(&SYNC).ends(OK);
    assert!(done.has("done: alpha is primary and beta is backup"), "{done:?}");
    assert!(done.err.contains("Open /login > Gerenciamento > Segurança on alpha"), "{}", done.err);
    for text in [&plan.out, &plan.err, &done.out, &done.err] {
        for english in ["> Management", "> Updates", "> Networking", "> Basics", "Help > About"] {
            assert!(!text.contains(english), "{english}: {text}");
        }
    }
    assert_eq!(bench.lab.installs_of_both(), [PACKAGES, PACKAGES]);
}

#[test]
fn a_pair_on_portuguese_pages_goes_the_same_way() {
    let bench = Pair::new(&["--pages", "pt"]);
    bench.push(&ASYNC).ends(OK);
    assert_eq!(bench.lab.installs_of_both(), [PACKAGES, PACKAGES]);
    assert_eq!(bench.lab.roles(), ["backup", "primary"]);
    assert_eq!(bench.lab.state()["failover"]["both_enabled"], 0);
    drop(bench);
    let bench = Pair::new(&["--pages", "pt"]);
    bench.push(&SYNC).ends(OK);
    assert_eq!(bench.lab.installs_of_both(), [PACKAGES, PACKAGES]);
    assert_eq!(bench.lab.roles(), ["primary", "backup"]);
    let events = bench.lab.events();
    assert_eq!(events, ["b:sync-pressed", "b:synced", "b:broken", "a:established", "b:sync-pressed", "b:synced"]);
}

#[test]
fn dns_is_changed_by_a_person_and_the_second_window_is_waited_for() {
    let bench = Pair::new(&["--site", "10.6.0"]);
    #[rustfmt::skip]
    let options = [
        "--topology", "failover-async", "--switch", "dns", "--address-a", "203.0.113.4", "--address-b", "203.0.113.5",
    ];
    let plan = bench.inside(&[&["plan", &bench.stick(), A, B], &options[..]].concat(), "").ends(OK);
    let at = |text: &str| plan.out.find(text).unwrap_or_else(|| panic!("no {text:?} in {}", plan.out));
    let client = "see that the Integration Client can pull data from beta";
    assert!(at("lead the site's DNS entry to beta") < at(client) && at(client) < at("maintenance window 2"));
    assert!(plan.out.contains("one that is set to an IP address"), "{}", plan.out);
    // Its site version was installed elsewhere: its clients have their day from when it was first seen.
    bench.lab.control(&["advance", "25h"]);
    // The plan, the keys, one agreement of B's packages, then verified, switched and the client looked at, and no second window yet.
    let waits = bench
        .push_answering(&[&options[..], &["--quiet"]].concat(), "y\ny\ny\ny\ny\ny\nn\n")
        .ends(Exit::Waiting.code());
    assert!(waits.has("make it point to 203.0.113.5"), "{}", waits.out);
    assert!(waits.has("wait until the entry has spread, as its time to live says"), "{}", waits.out);
    assert!(waits.has("hosts file: 203.0.113.5 support.example.com"), "{}", waits.out);
    assert!(waits.has("Can the Integration Client, where one is used, pull data from beta"), "{}", waits.err);
    assert!(!waits.has("session data"), "from 10.6 on they are synced afterwards");
    assert!(waits.err.contains("go on in the second one, for alpha"), "{}", waits.err);
    assert_eq!(bench.lab.installs_of_both(), [&[][..], &PACKAGES[..]]);
    bench.push(&options).ends(OK);
    assert_eq!(bench.lab.installs_of_both(), [PACKAGES, PACKAGES]);
    assert_eq!(bench.lab.roles(), ["backup", "primary"]);
}

#[test]
fn clients_are_led_to_an_address_that_a_person_told() {
    let bench = Pair::new(&[]);
    // No to the address that this machine uses; then a typed one; then verified: no.
    let options = [&SYNC[..], &["--reach-b", "10.9.9.9:8443"]].concat();
    let answers = format!("n\nnone\n198.51.100.7\n{}n\n", "y\n".repeat(6));
    let stopped = bench.push_answering(&options, &answers).ends(Exit::Declined.code());
    assert!(stopped.has("Do clients reach beta at 127.0.0.1, as this machine does?"), "{}", stopped.err);
    assert!(stopped.has("hosts file: 198.51.100.7 support.example.com"), "{}", stopped.out);
    assert!(!stopped.has("10.9.9.9 support.example.com"), "how A reaches B is no address of clients: {}", stopped.out);
    assert!(bench.journal(B).contains(&"address-told".to_owned()));
}

#[test]
fn asynchronously_two_site_versions_are_refused_with_the_commands_for_one_a_trip() {
    let bench = Pair::carrying("Base 3.4.0,Bomgar 10.6.2,Bomgar 11.1.1");
    let stick = bench.stick();
    let refused = bench.push(&ASYNC).ends(Exit::ClientsLeftBehind.code());
    assert!(refused.has("it would have Bomgar 11.1.1 by then"), "{}", refused.err);
    assert!(bench.lab.events().is_empty());
    assert_eq!(bench.lab.installs_of_both(), [&[][..], &[][..]] as [&[&str]; 2]);
    // The commands are those that work.
    for (name, serial) in [(A, "LAB-0001-BG"), (B, "LAB-0002-BG")] {
        let command = format!(
            "handcarry-outside seal --appliance {serial} --packages \"Base 3.4.0,Bomgar 10.6.2\" --write MEDIA"
        );
        assert!(refused.err.contains(&command), "{}", refused.err);
        let seal = ["seal", "--appliance", serial, "--packages", "Base 3.4.0,Bomgar 10.6.2", "--write", &stick];
        let from = bench.agreeing();
        let seal: Vec<&str> = seal.into_iter().chain(from.iter().map(String::as_str)).collect();
        crate::support::said::run(&mut bench.command(crate::support::said::OUTSIDE, &seal), "").ends(OK);
        bench.inside(&["plan", &stick, name], "").ends(OK);
    }
    bench.push(&ASYNC).ends(OK);
    assert_eq!(bench.lab.installs_of_both(), [PACKAGES, PACKAGES]);
}

#[test]
fn clients_removed_first_are_said_once_for_both_and_waited_for_nowhere() {
    let three = ["Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1"];
    let bench = Pair::carrying(&three.join(","));
    let options = [&ASYNC[..], &["--clients-removed", "--reason", "change 4711"]].concat();
    let plan = bench.inside(&[&["plan", &bench.stick(), A, B], &options[..]].concat(), "").ends(OK);
    assert!(!plan.has("for clients"), "{}", plan.out);
    bench.push_answering(&options, "n\n").ends(Exit::Declined.code());
    assert!(bench.lab.events().is_empty());
    let done = bench.push(&options).ends(OK);
    assert_eq!(done.err.matches("Is all client software").count(), 1, "{}", done.err);
    assert_eq!(bench.lab.installs_of_both(), [three, three]);
    for name in [A, B] {
        assert!(bench.journal(name).contains(&"clients-removed-first".to_owned()), "{name}");
    }
}

#[test]
fn a_shared_address_is_asked_for_moved_and_read_back() {
    let bench = Pair::new(&[]);
    let options = ["--topology", "failover-async", "--switch", "shared-ip"];
    let done = bench.push_answering(&options, &format!("y\ny\nwhat\n{SHARED_IP}\n{}", "y\n".repeat(30))).ends(OK);
    assert!(done.has("Which IP address do alpha and beta share"), "{}", done.err);
    let members = bench.lab.state()["failover"]["members"].clone();
    assert_eq!((&members[0]["shared_ip"], &members[1]["shared_ip"]), (&false.into(), &true.into()));
}

#[test]
fn what_does_not_belong_together_is_refused_at_once() {
    let bench = Pair::new(&[]);
    let refused = |options: &[&str]| bench.push(options).ends(Exit::Usage.code());
    assert!(refused(&["--topology", "failover-async"]).has("--switch shared-ip, dns or nat"));
    refused(&["--topology", "failover-sync", "--switch", "dns"]);
    refused(&["--topology", "failover-async", "--switch", "dns", "--shared-ip", SHARED_IP]);
    refused(&[]);
    let stick = bench.stick();
    bench.inside(&["push", &stick, A, A, "--topology", "failover-sync"], "").ends(Exit::Usage.code());
    for host in ["support.example.com", "support.example.com.", "SUPPORT.example.com:8443"] {
        let reach = [&SYNC[..], &["--reach-b", host]].concat();
        let shared = bench.push(&reach).ends(Exit::PairDiffers.code());
        assert!(shared.has("the host name that both share"), "{host}: {shared:?}");
    }
    let shared = bench.push(&[&ASYNC[..], &["--reach-a", SHARED_IP]].concat()).ends(Exit::PairDiffers.code());
    assert!(shared.has("the shared IP address"), "{shared:?}");
    assert_eq!(bench.lab.installs_of_both(), [&[][..], &[][..]] as [&[&str]; 2]);
    assert!(bench.lab.events().is_empty());
}
