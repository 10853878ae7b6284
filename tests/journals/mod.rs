//! Journals of runs that stopped, looked at through the programs: after each
//! record of the stories in `fixtures/journals`, `next`, `plan` and `status`
//! read them, and tell what is due.
//!
//! `told.txt` beside a story has it: after which record, by `next` the command
//! that is due, by `plan` what is done and what is still to do. The appliances
//! are worked by hand here, and show what the journal saw last.
//! `HANDCARRY_BLESS=1` writes it anew; `HANDCARRY_JOURNALS=all` looks at every
//! record, and not only at some of them.

mod desk;
mod pages;

use crate::support::said::Said;
use desk::{Desk, STICK, Story};
use handcarry::testing::model::Exit;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// One in how many records is looked at: each takes three runs.
const RECORDS_SHARE: usize = 12;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/journals")
}

fn is_blessed() -> bool {
    std::env::var_os("HANDCARRY_BLESS").is_some()
}

/// How a run ended, in a word, and what it said where it did not end well.
fn end(said: &Said) -> String {
    let exit = Exit::ALL.iter().find(|exit| i32::from(exit.code()) == said.code);
    let name = exit.unwrap_or_else(|| panic!("no such end: {said:?}")).name();
    let why = said.events("error").pop().map(|event| event["message"].as_str().unwrap_or_default().to_owned());
    why.map_or(name.to_owned(), |why| format!("{name}: {why}"))
}

/// What is due by `next`, a line an appliance.
fn due(desk: &Desk) -> String {
    let said = desk.run(&["--json", "next", STICK], "");
    assert_eq!(said.code, 0, "{said:?}");
    let line = |event: &serde_json::Value| {
        let text = |key: &str| event[key].as_str().unwrap_or("nothing").to_owned();
        let until = event["until"].as_str().map(|until| format!(" until {until}")).unwrap_or_default();
        format!("  {}: {}{until}: {}", text("appliance"), text("stands"), text("command"))
    };
    said.events("standing").iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What is done and what is to do, by `plan`.
fn planned(desk: &Desk, story: &Story) -> String {
    let said = desk.run(&story.plan(), &desk.typed(story, true));
    let plans = ["plan", "pair-plan"].into_iter().flat_map(|kind| said.events(kind));
    let Some(plan) = plans.last() else { return format!("  plan: {}", end(&said)) };
    let words = |key: &str, of: &str| -> Vec<String> {
        let list = plan[key].as_array().cloned().unwrap_or_default();
        list.iter().map(|one| one.as_str().or(one[of].as_str()).unwrap_or("?").to_owned()).collect()
    };
    let (done, steps) = (words("done", "id"), words("steps", "id"));
    let done = if done.is_empty() { String::new() } else { format!("done {}; ", done.join(" ")) };
    let steps = if steps.is_empty() { "nothing is left".to_owned() } else { format!("then {}", steps.join(" ")) };
    let first = said.err.lines().find_map(|line| line.split_once("push first finds out ").map(|(_, what)| what));
    let first = first.map(|what| format!("\n    first finds out {what}")).unwrap_or_default();
    format!("  plan: {}: {done}{steps}{first}", end(&said))
}

/// What `status` says, told where it is not well.
fn status(desk: &Desk, story: &Story) -> String {
    let said = desk.run(&["--json", "status", story.names()[0]], &desk.typed(story, false));
    let shown = said.events("status").pop().map(|event| event["status"]["base_version"].clone());
    format!("  status: {}, base {}", end(&said), shown.unwrap_or_default())
}

/// What is told, once for all places after one another of which it is told.
fn text(told: &[(String, String)]) -> String {
    let next = told.iter().skip(1).map(|(_, one)| Some(one)).chain([None]);
    let place = |((place, one), next): (&(String, String), Option<&String>)| match next == Some(one) {
        true => format!("{place}\n"),
        false => format!("{place}\n{one}"),
    };
    told.iter().zip(next).map(place).collect()
}

/// What `text` made, by place.
fn known(text: &str) -> BTreeMap<String, String> {
    let (mut known, mut places, mut one) = (BTreeMap::new(), Vec::new(), String::new());
    for line in text.lines().chain(["after all"]) {
        if line.starts_with("after ") && !one.is_empty() {
            known.extend(places.drain(..).map(|place| (place, one.clone())));
            one.clear();
        }
        match line.strip_prefix("  ") {
            Some(_) => one += &format!("{line}\n"),
            None => places.push(line.to_owned()),
        }
    }
    known
}

#[test]
fn wherever_a_run_stopped_its_journal_is_read_and_what_is_due_is_told() {
    let mut stale = Vec::new();
    let mut folders: Vec<_> = fs::read_dir(fixtures()).expect("stories").flatten().map(|entry| entry.path()).collect();
    folders.sort();
    let thorough = is_blessed() || std::env::var("HANDCARRY_JOURNALS").is_ok_and(|how| how == "all");
    let tell = |folder: &PathBuf| {
        let story = Story::read(folder);
        let desk = Desk::of(&story);
        let records = story.records();
        let meant = (1..=records).filter(|at| thorough || at % RECORDS_SHARE == records % RECORDS_SHARE);
        let told = meant.map(|at| {
            let (name, kind) = desk.stop_after(&story, at);
            let (due, planned) = (due(&desk), planned(&desk, &story));
            desk.stop_after(&story, at);
            let told = format!("{due}\n{planned}\n{}\n", status(&desk, &story));
            (format!("after record {at}, {kind} of {name}"), told)
        });
        told.collect::<Vec<_>>()
    };
    let told: Vec<Vec<(String, String)>> = std::thread::scope(|scope| {
        let runs: Vec<_> = folders.iter().map(|folder| scope.spawn(|| tell(folder))).collect();
        runs.into_iter().map(|run| run.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    for (folder, told) in folders.iter().zip(told) {
        let path = folder.join("told.txt");
        if is_blessed() {
            fs::write(&path, text(&told)).expect("written");
            continue;
        }
        let known = known(&fs::read_to_string(&path).unwrap_or_default());
        let new = told.iter().filter(|(place, one)| known.get(place) != Some(one));
        stale.extend(new.map(|(place, one)| format!("{}:\n{place}\n{one}", folder.display())));
    }
    assert!(folders.len() > 10, "there are stories");
    assert!(stale.is_empty(), "told otherwise than told.txt has it:\n{}", stale.join("\n"));
}
