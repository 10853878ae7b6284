//! Push through the real programs, against the lab: soak, agreement, faults,
//! kills, guided steps, audit, receipt.

mod after;
mod approve;
mod backups;
mod before;
mod beliefs;
mod cluster;
mod combined;
mod compared;
mod elsewhere;
mod evidence;
mod identity;
mod next;
mod night;
mod outcomes;
mod press;
mod rehearse;
mod restore;
mod soak;
mod support;
mod taken;
mod trouble;
mod typed;
mod unwritten;
mod update;
mod watched;
mod windows;

use crate::support::bench::{Bench, NAME};
use handcarry::testing::model::Exit;

const OK: u8 = Exit::Ok.code();
const WAITING: u8 = Exit::Waiting.code();

#[test]
fn a_chain_is_pushed_with_its_soak_and_told_in_a_receipt() {
    let bench = Bench::new(&[]);
    let stick = bench.stick();
    let plan = bench.inside(&["--json", "plan", &stick, NAME], "").ends(OK);
    let kinds: Vec<_> =
        plan.event("plan")["steps"].as_array().expect("steps").iter().map(|s| s["kind"].clone()).collect();
    #[rustfmt::skip]
    assert_eq!(kinds, [
        "check", "export-certificate", "backup", "install", "install", "soak", "export-certificate", "backup", "install",
    ]);
    assert!(plan.has("why: clients must have time"));
    let journal = std::fs::read_to_string(bench.journal()).expect("the request's look at it");
    assert_eq!((journal.lines().count(), journal.contains("status-read")), (1, true), "a plan changes nothing");
    bench.inside(&["after", NAME], "").ends(Exit::NothingToDo.code());

    let first = bench.push("y\ny\n").ends(WAITING);
    assert!(first.err.contains("waiting: clients need time to update to Bomgar 10.6.2"), "{}", first.err);
    let last = first.err.lines().last().expect("a line");
    assert!(last.contains(&format!("handcarry-inside push {stick} {NAME}")), "the next command comes last: {last}");
    assert!(first.has("END USER LICENSE AGREEMENT"), "the agreement is shown");
    bench.push("").ends(WAITING);
    bench.lab.control(&["advance", "23h"]);
    bench.push("").ends(WAITING);
    bench.lab.control(&["advance", "2h"]);
    bench.push("y\n").ends(OK);
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1"]);
    for folder in ["backups", "certificates"] {
        let kept = std::fs::read_dir(bench.path(&format!("home/inside/{folder}/lab-0001-bg"))).expect("kept").count();
        assert_eq!(kept, 2, "{folder}: one before the first install and one after the soak");
    }
    bench.push("").ends(Exit::Replayed.code());

    let receipt = bench.inside(&["--json", "receipt", NAME, &stick], "").ends(OK).event("receipt");
    bench.inside(&["receipt", NAME, &stick, "--bundle", "ffff"], "").ends(Exit::NotFound.code());
    let outcomes: Vec<_> = receipt["receipt"]["packages"].as_array().expect("packages").iter().collect();
    assert!(outcomes.iter().all(|fate| fate["outcome"] == "installed" && fate["evidence"] == "version"));
    assert!(receipt["receipt"]["backup_sha256"].is_string());
    bench.outside(&["receive", &stick], "").ends(OK);
    let audit = bench.inside(&["audit", NAME, "--receipt", &stick], "").ends(OK);
    assert!(audit.has("it goes on from where 1 receipt saw it"), "{audit:?}");
    // Whoever reads the journal alone sees where each package came from.
    let origin = format!("how=exchange origin={}", outcomes[0]["source"]["origin"].as_str().expect("an origin"));
    assert_eq!(audit.out.lines().filter(|line| line.contains("install-started") && line.contains(&origin)).count(), 3);
    let sources: Vec<_> = bench.noted("install-started").iter().map(|fields| fields["source"].clone()).collect();
    assert!(outcomes.iter().zip(&sources).all(|(fate, source)| fate["source"] == *source), "{sources:?}");
    // The next one links to it, so that outside finds a journal that was rewritten and grew.
    let next = bench.inside(&["--json", "receipt", NAME, &stick, "--offline"], "").ends(OK).event("receipt");
    assert_eq!(next["receipt"]["links"], serde_json::json!([receipt["receipt"]["journal"]]));
    evidence::is_checked_by_stock_tools_alone(&bench, &stick);
    let page = bench.path("receipts.html").display().to_string();
    bench.outside(&["receive", &stick, "--write", &page, "--language", "pt"], "").ends(OK);
    let page = std::fs::read_to_string(&page).expect("written");
    assert_eq!(page.matches("<strong>instalado e confirmado</strong>").count(), 6, "two receipts of three: {page}");
    assert!(page.contains("Aceitos: 2; recusados: 0.") && page.contains("SHA256:"), "{page}");
    let told = bench.outside(&["audit"], "").ends(OK);
    for seen in ["request", "exchange", "package", "bundle", "receipt", "speaks for it: SHA256:"] {
        assert!(told.out.contains(seen), "{seen}: {told:?}");
    }
}

#[test]
fn portuguese_pages_go_the_same_way() {
    let bench = Bench::new(&["--pages", "pt"]);
    bench.push("s\nsim\n").ends(WAITING);
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);

    let page = bench.path("after.html").display().to_string();
    let after = bench.inside(&["after", NAME, "--language", "pt", "--write", &page], "").ends(OK);
    assert!(after.has("Os clientes se atualizam para Bomgar 10.6.2") && after.has("[ ] Jump Clients"), "{}", after.out);
    assert!(std::fs::read_to_string(&page).expect("written").contains("<html lang=\"pt-BR\">"));
    bench.inside(&["after", NAME, "--write", &page], "").ends(Exit::Exists.code());
}

#[test]
fn an_agreement_not_accepted_stops_it_and_its_digest_accepts_it() {
    let bench = Bench::new(&[]);
    let refused = bench.push("n\n").ends(Exit::EulaDeclined.code());
    assert_eq!(bench.lab.installs(), ["Base 3.4.0"], "only what has no agreement");
    let digest = refused.err.split("--accept-eula ").nth(1).expect("the hint names it").trim();
    bench.inside(&["push", &bench.stick(), NAME, "--accept-eula", digest], "y\n").ends(WAITING);
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
    let kept = bench.path(&format!("home/inside/licences/lab-0001-bg/{digest}.txt"));
    assert!(std::fs::read_to_string(kept).expect("kept").contains("LICENSE AGREEMENT"));
}

#[test]
fn verify_tells_who_signed_for_whom_and_what() {
    let bench = Bench::new(&[]);
    let verified = bench.inside(&["--json", "verify", &bench.stick(), "--appliance", NAME], "").ends(OK);
    let event = verified.event("verified");
    assert_eq!(event["signers"][0]["principal"], "ana@outside");
    assert_eq!(event["consignments"][0]["serial"], "LAB-0001-BG");
    assert_eq!(event["packages"].as_array().map(Vec::len), Some(3));
    let empty = bench.path("empty");
    std::fs::create_dir(&empty).expect("made");
    bench.inside(&["verify", &empty.display().to_string()], "").ends(Exit::NoBundle.code());
    bench.inside(&["verify", &bench.stick(), "--appliance", "nobody"], "").ends(Exit::NotFound.code());
}

#[test]
fn of_two_bundles_the_newer_is_taken_and_the_older_refused_afterwards() {
    let bench = Bench::new(&[]);
    let stick = bench.stick();
    let one = std::fs::read_dir(bench.path("stick/handcarry/bundles")).expect("listed").next();
    let first = one.expect("a bundle").expect("readable").path();
    let seal = ["seal", "--appliance", "LAB-0001-BG", "--packages", "Base 3.4.0", "--write", &stick];
    let from = bench.agreeing();
    let seal: Vec<&str> = seal.into_iter().chain(from.iter().map(String::as_str)).collect();
    bench.outside(&seal, "").ends(OK);
    let other = bench.push("").ends(Exit::PlanChanged.code());
    assert!(other.has("2. back up the site's settings") && other.has("what was agreed to beforehand"), "{other:?}");
    assert!(bench.lab.installs().is_empty() && bench.lab.state()["backups"] == serde_json::json!([]));
    let pushed = bench.inside(&["push", &stick, NAME], "y\n").ends(OK);
    assert!(pushed.has("of several bundles this one is taken"), "{pushed:?}");
    assert_eq!(bench.lab.installs(), ["Base 3.4.0"]);
    let older = first.display().to_string();
    bench.inside(&["push", &older, NAME], "y\n").ends(Exit::Rollback.code());
}

#[test]
fn an_audit_finds_what_was_changed_and_what_was_cut() {
    let bench = Bench::new(&[]);
    let stick = bench.stick();
    bench.push("y\n").ends(WAITING);
    bench.inside(&["receipt", NAME, &stick, "--offline"], "").ends(OK);
    let good = std::fs::read_to_string(bench.journal()).expect("read");
    let json = bench.inside(&["--json", "audit", NAME], "").ends(OK);
    let records = json.event("journal")["records"].as_array().expect("records").len();
    assert_eq!(records, good.lines().count());

    std::fs::write(bench.journal(), good.replacen("\"protected\":false", "\"protected\":true ", 1)).expect("changed");
    let changed = bench.inside(&["audit", NAME], "").ends(Exit::JournalBroken.code());
    let line = good.lines().position(|line| line.contains("\"protected\":false")).expect("a backup") + 1;
    assert!(changed.err.contains(&format!("line {line}:")), "{}", changed.err);
    bench.push("").ends(Exit::JournalBroken.code());

    let cut: String = good.lines().take(6).map(|line| format!("{line}\n")).collect();
    std::fs::write(bench.journal(), cut).expect("cut");
    bench.inside(&["audit", NAME], "").ends(OK);
    let found = bench.inside(&["audit", NAME, "--receipt", &stick], "").ends(Exit::JournalBroken.code());
    assert!(found.err.contains("here are 6"), "{}", found.err);
}

#[test]
fn a_receipt_needs_a_push() {
    let bench = Bench::new(&[]);
    bench.inside(&["receipt", NAME, &bench.stick()], "").ends(Exit::NotFound.code());
    bench.inside(&["audit", NAME], "").ends(Exit::NotFound.code());
}

#[test]
fn every_event_has_a_version_and_names_the_appliance() {
    let bench = Bench::new(&[]);
    let stick = bench.stick();
    let verbs: [&[&str]; 3] =
        [&["status", NAME], &["plan", &stick, NAME], &["push", &stick, NAME, "--agree", &bench.agreed]];
    for verb in verbs {
        let said = bench.inside(&[&["--json"], verb].concat(), "y\n");
        assert!(!said.out.is_empty(), "{said:?}");
        let run = said.json()[0]["run"].clone();
        for line in said.out.lines() {
            let event: serde_json::Value = serde_json::from_str(line).expect("an event");
            assert_eq!(event["v"], 1, "{line}");
            assert_eq!(event["appliance"], NAME, "{line}");
            assert_eq!((&event["program"], &event["run"]), (&"handcarry-inside".into(), &run), "{line}");
        }
    }
}
