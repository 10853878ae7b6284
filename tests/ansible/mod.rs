//! Many stations: the role and the playbooks, played by the real
//! ansible-playbook over homes and labs on this machine.

mod sites;

use crate::ansible::sites::{EXPORT_PASSPHRASE, NAME, Sites, playbooks, recap};
use crate::support::home::files;
use crate::support::said::{Said, run};
use handcarry::testing::model::Exit;
use std::process::Command;

/// What ansible-playbook ends with where a station failed.
const STATION_FAILED: i32 = 2;

/// Only looks, at one station: that it changes nothing shows there as well, and each run costs a second of a processor.
const CHECK: [&str; 3] = ["--check", "--limit", "lisbon"];

/// The digest of the agreement that a push told it was not given.
fn agreement(said: &Said) -> String {
    let text = said.text();
    let (_, digest) = text.rsplit_once("--accept-eula ").expect("the digest is told");
    digest.chars().take(64).collect()
}

#[test]
fn a_trip_of_three_sites_goes_by_one_inventory_and_nothing_is_done_twice() {
    let sites = Sites::new(&["lisbon", "porto", "faro"]);
    ask(&sites);
    sites.go_outside();
    take(&sites);
    let plans = agree(&sites);
    let accepted = stop_at_the_canary(&sites, &plans);
    wait_for_clients(&sites, &plans, &accepted);
    finish(&sites, &plans, &accepted);
    bring_proof(&sites);
    show_no_secret(&sites);
}

/// Requests: foretold, made and collected, and not made again.
fn ask(sites: &Sites) {
    assert_eq!(sites.changed("request", &CHECK), [1, 0, 0]);
    assert!(!sites.called().contains("request"), "a check presses nothing");
    assert_eq!(sites.changed("request", &[]), [2, 2, 2], "asked, and collected");
    let requests = sites.lies("stick", "requests");
    assert_eq!(requests.len(), 6, "three with their signatures: {requests:?}");
    assert_eq!(sites.changed("request", &[]), [0, 0, 0]);
    assert_eq!(sites.called().matches("request").count(), 3, "a code is good once");
}

/// Bundles: brought to each station, taken, and not brought again.
fn take(sites: &Sites) {
    assert_eq!(sites.changed("take", &CHECK), [1, 0, 0]);
    assert!(!sites.called().contains("take"), "a check takes nothing");
    assert_eq!(sites.changed("take", &[]), [2, 2, 2], "distributed, and taken");
    for name in &sites.names {
        assert!(sites.lies(&format!("{name}/spool"), "bundles").is_empty(), "{name} keeps one copy, in its store");
        sites.station(name, &["store", "check"], "").ends(0);
    }
    assert_eq!(sites.changed("take", &[]), [0, 0, 0]);
}

/// Plans: told, written down for a person, and nothing pressed without that word. Returns the option with it.
fn agree(sites: &Sites) -> [String; 2] {
    let planned = sites.play("plan", &[]).ends(0);
    assert_eq!(recap(&planned).values().map(|counts| counts["changed"]).sum::<u32>(), 1, "{}", planned.out);
    let told = std::fs::read_to_string(sites.path("plans.yml")).expect("the plans");
    for name in &sites.names {
        assert!(told.contains(&format!("\"{name}/{NAME}\": ")), "{told}");
    }
    assert_eq!(told.matches("install Bomgar 10.6.2").count(), 3, "{told}");
    assert_eq!(sites.changed("plan", &[]), [0, 0, 0], "the same plans are the same file");

    let plans = ["-e".to_owned(), "@plans.yml".to_owned()];
    let refused = sites.play("push", &[]).ends(STATION_FAILED);
    assert!(refused.out.contains("front: declined (exit 5)"), "{}", refused.out);
    let foretold = sites.play("push", &[&CHECK[..], &["--diff", &plans[0], &plans[1]]].concat()).ends(0);
    assert_eq!(foretold.out.matches("+install Bomgar 11.1.1").count(), 1, "{}", foretold.out);
    assert_eq!(recap(&foretold)["lisbon"]["changed"], 1, "{}", foretold.out);
    assert!(sites.installs().concat().is_empty(), "nobody agreed, and nobody pushed");
    plans
}

/// A station that fails stops the waves after its own. Returns the option that accepts the agreement it asked for.
fn stop_at_the_canary(sites: &Sites, plans: &[String; 2]) -> [String; 2] {
    // With all that Ansible ever says, its modules' arguments as well.
    let stopped = sites.play("push", &["-vvv", &plans[0], &plans[1]]).ends(STATION_FAILED);
    assert!(stopped.out.contains("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"), "{}", stopped.out);
    assert!(stopped.out.contains("front: eula-declined (exit 76)"), "{}", stopped.out);
    assert_eq!(recap(&stopped).keys().collect::<Vec<_>>(), ["lisbon"], "no further wave was begun");
    assert_eq!(sites.installs(), [vec!["Base 3.4.0".to_owned()], vec![], vec![]]);
    ["-e".to_owned(), format!("{{\"handcarry_accept_eula\": [\"{}\"]}}", agreement(&stopped))]
}

/// The waves go on where they stopped; a wait is no failure, and no change when it is met again.
fn wait_for_clients(sites: &Sites, plans: &[String; 2], accepted: &[String; 2]) {
    let push: Vec<&str> = plans.iter().chain(accepted).map(String::as_str).collect();
    sites.labs[1].control(&["fault", "session-limit"]);
    let two = [&push[..], &["-e", "{\"handcarry_waves\": [2, 1]}"]].concat();
    let stopped = sites.play("push", &two).ends(STATION_FAILED);
    assert!(stopped.out.contains("front: session-limit (exit 57)"), "{}", stopped.out);
    let counts = recap(&stopped);
    assert_eq!((counts["lisbon"]["changed"], counts["lisbon"]["failed"]), (1, 0), "{}", stopped.out);
    assert_eq!((counts["porto"]["failed"], counts.contains_key("faro")), (1, false), "{}", stopped.out);
    let told = stopped.out.find("front: waits, until 2").expect("until when it waits is told");
    assert!(told < stopped.out.rfind("fatal: [porto]").expect("who failed"), "and who failed, last: {}", stopped.out);

    sites.labs[1].control(&["fault", "session-limit", "--clear"]);
    assert_eq!(sites.changed("push", &push), [0, 1, 1], "the canary waits, and the others are brought there");
    assert!(sites.installs().iter().all(|titles| titles == &["Base 3.4.0", "Bomgar 10.6.2"]));
    let waiting = sites.play("push", &push).ends(0);
    assert!(recap(&waiting).values().all(|counts| counts["changed"] == 0), "{}", waiting.out);
    assert_eq!(waiting.out.matches("front: waits, until 2").count(), 3, "{}", waiting.out);
    let foretold = sites.play("push", &[&CHECK[..], &push].concat()).ends(0);
    assert_eq!(foretold.out.matches("front: would wait, until 2").count(), 1, "{}", foretold.out);
}

/// After the wait the same word holds; then nothing is left.
fn finish(sites: &Sites, plans: &[String; 2], accepted: &[String; 2]) {
    for lab in &sites.labs {
        lab.control(&["advance", "25h"]);
    }
    let told = std::fs::read_to_string(sites.path("plans.yml")).expect("the plans");
    let (_, agreed) = told.split_once("\"lisbon/front\": ").expect("a plan");
    let agreed = agreed.trim_matches('"').split('"').next().expect("a digest");
    // The second agreement's digest, as a person on the station finds it.
    let passphrase = sites.private("export-passphrase", EXPORT_PASSPHRASE);
    let push = ["push", NAME, "--agree", agreed, "--key-passphrase-file", &passphrase];
    let second = agreement(&sites.station("lisbon", &push, "").ends(Exit::EulaDeclined));
    std::fs::remove_file(passphrase).expect("removed");
    let both = accepted[1].replace("\"]", &format!("\", \"{second}\"]"));
    let push = [&plans[0], &plans[1], "-e", &both];
    assert_eq!(sites.changed("push", &push), [1, 1, 1]);
    assert!(sites.installs().iter().all(|titles| titles == &["Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1"]));
    let called = sites.called();
    assert_eq!(sites.changed("push", &push), [0, 0, 0]);
    let since = sites.called().split_off(called.len());
    assert!(!since.contains("push"), "whoever is done is not even asked: {since}");
}

/// Receipts: written and collected, and not written again.
fn bring_proof(sites: &Sites) {
    assert_eq!(sites.changed("receipts", &CHECK), [1, 0, 0]);
    assert_eq!(sites.changed("receipts", &[]), [2, 2, 2]);
    assert_eq!(sites.changed("receipts", &[]), [0, 0, 0]);
    assert_eq!(sites.lies("stick", "receipts").len(), 6);
    let received = sites.outside(&["receive", &sites.stick()], "").ends(0);
    assert_eq!(received.out.matches("Bomgar 11.1.1: installed").count(), 3, "{}", received.out);
}

/// What the vault holds shows in no argument, in nothing that Ansible says, and in no file but the vault and the labs' own.
fn show_no_secret(sites: &Sites) {
    let labs: Vec<_> = sites.labs.iter().map(|lab| lab.dir().to_path_buf()).collect();
    let is_own =
        |path: &std::path::Path| labs.iter().any(|lab| path.starts_with(lab)) || path.ends_with("vault-password");
    let written = files(sites.root()).into_iter().filter(|path| !is_own(path));
    let all: Vec<_> = written.map(|path| (std::fs::read(&path).expect("readable"), path)).collect();
    for name in ["called", "log"] {
        assert!(all.iter().any(|(_, path)| path.ends_with(name)), "{name}");
    }
    for secret in sites.secrets() {
        for (bytes, path) in &all {
            assert!(
                !bytes.windows(secret.len()).any(|part| part == secret.as_bytes()),
                "{secret} in {}",
                path.display()
            );
        }
    }
}

#[test]
fn playbooks_and_role_are_well_formed() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("ansible.cfg");
    std::fs::write(&config, "").expect("written");
    let ansible = |program: &str, args: &[&str]| {
        let mut command = Command::new(program);
        command.args(args).current_dir(playbooks()).env("ANSIBLE_HOME", folder.path()).env("ANSIBLE_CONFIG", &config);
        run(command.env("PYTHONDONTWRITEBYTECODE", "1").env("ANSIBLE_NOCOLOR", "1"), "").ends(0)
    };
    let plays = ["request.yml", "take.yml", "plan.yml", "push.yml", "receipts.yml"];
    let there = std::fs::read_dir(playbooks()).expect("a folder").flatten().filter(|entry| entry.path().is_file());
    assert_eq!(there.count(), plays.len() + 1, "each playbook is looked at, and the example of an inventory");
    ansible("ansible-playbook", &[&["--syntax-check", "-i", "inventory.example.yml"], &plays[..]].concat());
    let told = ansible("ansible-doc", &["-t", "module", "-M", "roles/handcarry/library", "handcarry"]);
    assert!(told.out.contains("is no failure"), "{}", told.out);
}
