//! Where many appliances stand, told without asking them; and the verbs that
//! read, of all of them, each under its own heading.

use super::labs::Fleet;
use super::{OK, PARTLY, WAITING};
use crate::support::said::Said;
use handcarry::testing::model::Exit;
use serde_json::Value;

/// The states of an overview, by name.
fn states(said: &Said) -> Vec<(String, Value)> {
    let name = |state: &Value| state["appliance"].as_str().expect("a name").to_owned();
    said.events("state").into_iter().map(|state| (name(&state), state)).collect()
}

fn named(said: &Said, name: &str) -> Value {
    states(said).into_iter().find(|(own, _)| own == name).unwrap_or_else(|| panic!("{name}: {said:?}")).1
}

#[test]
fn an_overview_tells_each_as_it_was_last_seen_and_asks_none_unless_told_to() {
    let fleet = Fleet::new(3);
    let overview = |more: &[&str]| fleet.inside(&[&["--json", "list", "--state"], more].concat()).0.ends(OK);
    let new = overview(&[]);
    assert_eq!(named(&new, "box00")["stands"], "unmet");
    assert_eq!((&named(&new, "box00")["base"], &named(&new, "box00")["backup"]), (&Value::Null, &Value::Null));
    assert!(named(&new, "box00")["certificate_until"].is_string(), "of the certificate that was enrolled");

    fleet.inside(&["request", &fleet.stick(), "--all"]).0.ends(OK);
    fleet.outside(&["fetch", &fleet.stick(), "--ca", &fleet.authorities()]).ends(OK);
    fleet.seal_all().ends(OK);
    let agreement = fleet.agreement("box00");
    let push = ["push", &fleet.stick(), "--group", "even", "--accept-eula", &agreement];
    let agreed = fleet.agreed(&push);
    fleet.inside(&[&push[..], &["--agree", &agreed]].concat()).0.ends(WAITING);
    fleet.inside(&["receipt", &fleet.stick(), "box02"]).0.ends(OK);

    // None of them can be asked any more, and nothing is missing for it.
    fleet.labs[1].stop();
    fleet.labs[2].stop();
    let seen = overview(&[]);
    let (first, odd, told) = (named(&seen, "box00"), named(&seen, "box01"), named(&seen, "box02"));
    assert_eq!((&first["base"], &first["site"]), (&"3.4.0".into(), &"10.6.2".into()), "as the journal saw it last");
    assert_eq!((&first["held_by"], &first["stands"]), (&"soak".into(), &"waiting".into()));
    assert!(first["next_install"].is_string() && first["seen"].is_string(), "{first}");
    // In haste the one clock is far ahead of the next run's: whether it is fresh is the plan's to test.
    assert!(first["backup"]["at"].is_string() && first["backup"]["fresh"].is_boolean(), "{first}");
    assert_eq!(first["receipt"], Value::Null);
    assert!(first["exported"]["at"].is_string(), "{first}");
    assert!(told["receipt"]["receipt"].is_string() && told["receipt"]["at"].is_string(), "{told}");
    let (asked, held) = (&odd["asked"], &odd["held_by"]);
    assert_eq!((&odd["stands"], asked, held), (&"carried".into(), &Value::Null, &Value::Null), "taken for all");
    assert_eq!(odd["command"], "handcarry-inside plan box01", "it lies in the store");

    let asked = overview(&["--ask", "--group", "even"]);
    assert_eq!(states(&asked).len(), 2, "of the group alone");
    let (first, away) = (named(&asked, "box00"), named(&asked, "box02"));
    assert_eq!((&first["asked"], &first["role"]), (&true.into(), &"none".into()));
    assert_eq!((&away["asked"], &away["site"]), (&false.into(), &"10.6.2".into()), "as it was last seen");
    assert!(away["unanswered"].as_str().is_some_and(|why| !why.is_empty()), "{away}");

    // A journal that was changed is told, and hides no other.
    let journal = fleet.journal("LAB-0001-FL");
    let text = std::fs::read_to_string(&journal).expect("a journal");
    std::fs::write(&journal, text.replacen("LAB-0001-FL", "LAB-0009-FL", 1)).expect("written");
    let damaged = overview(&[]);
    assert_eq!(named(&damaged, "box01")["stands"], "damaged");
    assert_eq!(named(&damaged, "box01")["command"], "handcarry-inside audit box01");
    assert_eq!(named(&damaged, "box00")["site"], "10.6.2");
    let table = fleet.inside(&["list", "--state"]).0.ends(OK).says("warning: box01: what is remembered of it");
    let heads = table.out.lines().next().expect("a line");
    assert!(heads.starts_with("APPLIANCE  BASE ") && heads.ends_with("CERTIFICATE UNTIL"), "{heads}");
    assert!(table.out.lines().any(|row| row.starts_with("box00      3.4.0  10.6.2")), "{}", table.out);
    // The one command that is due is about it, before all else.
    fleet.inside(&["next"]).0.ends(OK).says("next: handcarry-inside audit box01");
    fleet.inside(&["list", "--group", "porto"]).0.ends(Exit::NotFound);
}

#[test]
fn verbs_that_read_tell_all_of_a_fleet_and_one_that_fails_stops_no_other() {
    let fleet = Fleet::new(3);
    let headed = |said: &Said, names: &[&str]| {
        let heads: Vec<&str> = said.out.lines().filter(|line| line.starts_with("== ")).collect();
        assert_eq!(heads, names.iter().map(|name| format!("== {name} ==")).collect::<Vec<_>>(), "{said:?}");
    };
    let all = ["box00", "box01", "box02"];
    let none = fleet.inside(&["audit", "--all"]).0.ends(OK);
    assert_eq!(none.out.matches("it has no journal yet").count(), 3, "{}", none.out);
    let status = fleet.inside(&["status", "--all"]).0.ends(OK);
    headed(&status, &all);
    let own = status.out.split("== box01 ==").nth(1).and_then(|rest| rest.split("== box02 ==").next());
    assert!(own.is_some_and(|own| own.contains("LAB-0001-FL") && !own.contains("LAB-0002-FL")), "{}", status.out);

    fleet.labs[0].stop();
    let partly = fleet.inside(&["--json", "status", "--all", "--at-once", "1"]).0.ends(PARTLY);
    let told: Vec<Value> = partly.events("status").iter().map(|event| event["appliance"].clone()).collect();
    assert_eq!(told, ["box01", "box02"], "the first is away, and the others are told");
    let ended: Vec<Value> = partly.events("ended").iter().map(|event| event["code"].clone()).collect();
    assert_eq!(ended, ["unreachable", "ok", "ok"]);
    let partly = fleet.inside(&["status", "--all"]).0.ends(PARTLY);
    headed(&partly, &all);
    assert!(partly.err.contains("2 of 3 appliances are done, 0 wait, 1 ended otherwise"), "{}", partly.err);

    fleet.inside(&["request", &fleet.stick(), "--all"]).0.ends(PARTLY);
    fleet.outside(&["fetch", &fleet.stick(), "--ca", &fleet.authorities()]).ends(OK);
    fleet.seal_all().ends(OK);
    let planned = fleet.inside(&["plan", &fleet.stick(), "--group", "odd"]).0.ends(OK);
    headed(&planned, &["box01"]);
    planned.says("install Base 3.4.0");
    for verb in [&["before", "--all", "--offline"][..], &["after", "--all", "--offline"], &["audit", "--all"]] {
        let said = fleet.inside(verb).0.ends(OK);
        headed(&said, &all);
    }
    fleet.inside(&["audit", "--all"]).0.ends(OK).says("the chain holds: ");
    for verb in ["probe", "soak"] {
        let said = fleet.inside(&[verb, "--all"]).0.ends(PARTLY);
        headed(&said, &all);
    }
    // What is for one alone is not taken for many.
    for wrong in [
        &["status", "--all", "--save", "x"][..],
        &["status"],
        &["status", "box00", "--all"],
        &["soak", "--all", "--client-list", "x"],
        &["plan", "--all", "--dangerous-expired", "--reason", "change 4711, agreed"],
    ] {
        fleet.inside(wrong).0.ends(Exit::Usage);
    }
}
