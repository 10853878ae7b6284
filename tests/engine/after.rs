//! The checklist after an upgrade: what the site's API confirms is ticked,
//! what it can't is said, both are journalled.

use crate::engine::soak::soaking;
use crate::engine::{OK, WAITING};
use crate::support::bench::{Bench, NAME};
use crate::support::said::{INSIDE, Said, run};
use handcarry::testing::model::{Exit, Timestamp};

fn after(bench: &Bench, args: &[&str]) -> Said {
    bench.inside(&[&["after", NAME], args].concat(), "").ends(OK)
}

/// The topics of the last checklist in the journal: confirmed, and open.
fn journalled(bench: &Bench) -> (Vec<String>, usize) {
    let journal = std::fs::read_to_string(bench.journal()).expect("journal");
    let record = journal.lines().rev().find(|line| line.contains("\"after-checked\"")).expect("a record");
    let record: serde_json::Value = serde_json::from_str(record).expect("JSON");
    let fields = &record["fields"];
    let confirmed = fields["confirmed"].as_array().expect("a list").iter().filter_map(|one| one.as_str());
    (confirmed.map(str::to_owned).collect(), fields["open"].as_array().map_or(0, Vec::len))
}

#[test]
fn what_the_api_confirms_is_ticked_in_both_languages() {
    for (language, ticked, open, nothing) in [
        ("en", "[x] Jump Clients (all 12 of shared groups have updated", "1 connected now", "tells nothing of it"),
        ("pt", "[x] Jump Clients (todos os 12 dos grupos", "1 conectados agora", "nada informa a respeito"),
    ] {
        let bench = soaking(&["--client-secs", "600", "--pages", language], "");
        let early = after(&bench, &["--language", language]);
        assert!(!early.out.contains("[x]"), "clients have not had their time: {}", early.out);
        assert_eq!(journalled(&bench), (Vec::new(), 10));
        bench.lab.control(&["advance", "20min"]);
        let page = bench.path("after.html").display().to_string();
        let list = after(&bench, &["--language", language, "--write", &page]);
        assert!(list.out.contains(ticked) && list.out.contains(open) && list.out.contains(nothing), "{}", list.out);
        assert!(list.out.contains("10.6.2 ("), "the version the site shows stands beside the one installed");
        assert_eq!(list.out.matches("[ ]").count(), 9, "the rest is left to a person: {}", list.out);
        assert!(std::fs::read_to_string(&page).expect("written").contains("type=\"checkbox\" checked"));
        assert_eq!(journalled(&bench), (vec!["jump-clients".to_owned()], 9));
        bench.inside(&["audit", NAME], "").ends(OK);
        // The count is evidence like any other, so the wait is over by it.
        bench.inside(&["soak", NAME], "").ends(OK);
    }
}

#[test]
fn one_client_behind_ticks_nothing_and_is_told() {
    let bench = soaking(&["--client-secs", "0", "--fault", "clients-lag", "--pages", "pt"], "");
    let list = after(&bench, &["--language", "en"]);
    assert!(!list.out.contains("[x]") && list.out.contains("not confirmed: 3 of 12"), "{}", list.out);
}

#[test]
fn without_an_api_nothing_is_ticked_and_the_reason_stands_there() {
    for (language, account, alone) in [
        ("en", "the inventory names no account", "the site was not asked"),
        ("pt", "o inventário não indica uma conta", "o site não foi consultado"),
    ] {
        let bench = Bench::new(&["--pages", language, "--api", "none"]);
        bench.push("y\n").ends(WAITING);
        let list = after(&bench, &["--language", language]);
        assert!(!list.out.contains("[x]") && list.out.contains(account), "{}", list.out);
        assert!(after(&bench, &["--language", language, "--offline"]).out.contains(alone));
        assert!(!std::fs::read_to_string(bench.journal()).expect("journal").contains("after-checked"));
    }
}

#[test]
fn an_api_that_can_not_be_asked_spoils_no_checklist() {
    let bench = soaking(&["--fault", "api-forbidden"], "");
    let list = after(&bench, &[]);
    assert!(!list.out.contains("[x]") && list.out.contains("[ ] Jump Clients"), "{}", list.out);
    drop(bench);

    let bench = Bench::new(&[]);
    bench.push("y\n").ends(WAITING);
    crate::engine::soak::append(&bench, "api_client_id = \"x\"\napi_secret_env = \"NO_SUCH_VARIABLE\"");
    let list = after(&bench, &[]);
    assert!(list.out.contains("could not be asked") && list.err.contains("NO_SUCH_VARIABLE"), "{list:?}");
    bench.inside(&["after", NAME, "--language", "xx"], "").ends(Exit::Usage.code());
}

#[test]
fn clients_dates_are_compared_strictly_by_the_clock_that_counts() {
    let bench = Bench::new(&["--api", "none"]);
    bench.lab.control(&["advance", "25h"]);
    bench.push("y\ny\n").ends(WAITING);
    let journal = std::fs::read_to_string(bench.journal()).expect("journal");
    let record = journal.lines().rev().find(|line| line.contains("\"install-confirmed\"")).expect("a record");
    let record: serde_json::Value = serde_json::from_str(record).expect("JSON");
    let clock = record["fields"]["shown"]["clock"].as_str().and_then(Timestamp::parse).expect("its clock");
    assert!(clock.secs_since(Timestamp::now()) > 20 * 3600, "it is ahead of ours");
    let moment = clock.up_to_minute();
    let (utc, tokyo) = (moment.human(), moment.plus_secs(9 * 3600).human().replace("UTC", "+09:00"));
    for (language, words) in [
        // The clock on this wall first, and UTC behind it.
        ("en", format!("{tokyo} ({utc}) by the appliance's clock.")),
        ("pt", format!("{tokyo} ({utc}) pelo relógio do aplicativo.")),
    ] {
        let mut there = bench.command(INSIDE, &["after", NAME, "--offline", "--language", language]);
        let list = run(there.env("TZ", "Asia/Tokyo"), "").ends(OK);
        assert!(list.out.contains(&words), "{words}: {}", list.out);
    }
}
