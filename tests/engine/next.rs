//! What is due, told by the home and the stick alone: at each point of a trip
//! the command that is printed is the one that goes on, and works as it is pasted.

use crate::engine::{OK, WAITING};
use crate::support::bench::{Bench, NAME};
use crate::support::said::{INSIDE, OUTSIDE, Said, run};
use handcarry::testing::model::Exit;

/// A bare call, with the stick plugged in.
fn bare(bench: &Bench, program: &str) -> Said {
    let mut command = bench.command(program, &["--json"]);
    run(command.env("HANDCARRY_MEDIA", bench.path("stick")), "").ends(OK)
}

/// The command that is due, run as it is pasted with `answers`.
fn pasted(bench: &Bench, due: &str, answers: &str) -> Said {
    let words: Vec<&str> = due.split(' ').collect();
    match words[0] {
        "handcarry-inside" => bench.inside(&words[1..], answers),
        "handcarry-outside" => bench.outside(&words[1..], answers),
        other => panic!("{other} is no program"),
    }
}

fn due(said: &Said) -> String {
    said.event("next")["command"].as_str().expect("a command").to_owned()
}

#[test]
fn at_each_point_of_a_trip_the_due_command_is_told_and_works() {
    let bench = Bench::new(&[]);
    let stick = bench.stick();
    let now = |stands: &str, command: &str| {
        let said = bare(&bench, INSIDE);
        assert_eq!(
            (said.event("standing")["stands"].as_str(), due(&said).as_str()),
            (Some(stands), command),
            "{said:?}"
        );
        assert_eq!(said.event("lying")["verdict"], "signed");
        due(&said)
    };
    pasted(&bench, &now("unmet", &format!("handcarry-inside probe {NAME}")), "").ends(OK);
    let plan = now("carried", &format!("handcarry-inside plan {stick} {NAME}"));
    pasted(&bench, &plan, "").ends(OK);
    bench.push("y\ny\n").ends(WAITING);
    let soak = now("waiting", &format!("handcarry-inside soak {NAME}"));
    pasted(&bench, &soak, "").ends(WAITING);
    bench.lab.control(&["advance", "25h"]);
    bench.push("y\n").ends(OK);
    let receipt = now("installed", &format!("handcarry-inside receipt {NAME} {stick}"));
    pasted(&bench, &receipt, "").ends(OK);
    let receive = now("told", &format!("handcarry-outside receive {stick}"));
    let outside = bare(&bench, OUTSIDE);
    assert_eq!(due(&outside), receive, "the outside sees it, too");
    pasted(&bench, &receive, "").ends(OK);
    assert!(!due(&bare(&bench, OUTSIDE)).contains("receive"), "and not twice");
    let standing = || bare(&bench, INSIDE).event("standing");
    assert_eq!(standing()["request"], serde_json::Value::Null);
    let asked = bench.inside(&["--json", "request", NAME, &stick], "").ends(OK).event("request")["request"].clone();
    // The receipt lies there still, and matters more to a person.
    assert_eq!((&standing()["stands"], &standing()["request"]), (&"told".into(), &asked));
}

#[test]
fn a_run_that_another_holds_and_one_that_was_left_are_told() {
    let bench = Bench::new(&[]);
    bench.push("n\n").ends(Exit::EulaDeclined.code());
    let left = bare(&bench, INSIDE);
    assert_eq!(left.event("standing")["stands"], "open", "{left:?}");
    let agreed = &bench.agreed;
    assert_eq!(due(&left), format!("handcarry-inside push {} {NAME} --agree {agreed}", bench.stick()));
    let lock = std::fs::File::open(bench.journal().with_extension("jsonl.lock")).expect("the lock");
    lock.lock().expect("held");
    assert_eq!(bare(&bench, INSIDE).event("standing")["stands"], "running");
}

#[test]
fn words_are_taken_in_either_order() {
    let bench = Bench::new(&[]);
    let stick = bench.stick();
    for (args, code) in [
        (["plan", NAME, &stick], OK),
        (["plan", &stick, NAME], OK),
        (["push", NAME, &stick], Exit::Declined.code()),
        (["request", &stick, NAME], OK),
    ] {
        bench.inside(&args, "n\n").ends(code);
    }
    // What can't be a medium is told as one that is missing, and not as an appliance.
    bench.inside(&["plan", NAME, "nowhere"], "").ends(Exit::MediaMissing.code()).says("nowhere");
}

/// What a verb ended with, the stick plugged in.
fn ended(bench: &Bench, args: &[&str]) -> String {
    let said = run(bench.command(INSIDE, args).env("HANDCARRY_MEDIA", bench.path("stick")), "").ends(OK);
    let next = said.err.lines().rev().find_map(|line| Some(line.strip_prefix("next")?.split_once(": ")?.1.to_owned()));
    next.unwrap_or_else(|| panic!("nothing is next after {args:?}: {said:?}"))
}

#[test]
fn what_a_verb_ends_with_is_what_a_bare_call_says() {
    let bench = Bench::new(&[]);
    let stick = bench.stick();
    let list = ["list", NAME];
    let verbs: [&[&str]; 8] = [
        &["probe", NAME],
        &["verify", &stick],
        &["before", NAME],
        &["status", NAME],
        &["rehearse", &stick, NAME],
        &list[..1],
        &["take", &stick],
        &["store", "list"],
    ];
    for verb in verbs {
        let told = ended(&bench, verb);
        assert_eq!(told, due(&bare(&bench, INSIDE)), "{verb:?}");
        assert!(told.starts_with("handcarry-inside plan ") && told.ends_with(NAME), "{verb:?}: {told}");
    }
    // Where no second person is trusted whose signature would be asked for, no bundle is of any use.
    bench.inside(&["trust", "threshold", "2"], "y\n").ends(OK);
    assert_eq!(due(&bare(&bench, INSIDE)), "handcarry-inside trust add FILE");
}

#[test]
fn what_goes_on_has_the_options_that_it_was_begun_with_in_any_folder() {
    let bench = Bench::new(&[]);
    let options = ["--wait-max", "3h", "--by-hand-dir", "hand", "--agree", &bench.agreed];
    bench.inside(&[&["push", &bench.stick(), NAME], &options[..]].concat(), "y\ny\n").ends(WAITING);
    let goes_on = format!(
        "handcarry-inside push {} {NAME} --wait-max 3h --by-hand-dir {} --agree {}",
        bench.stick(),
        bench.word("hand"),
        bench.agreed
    );
    let plugged = |args: &[&str]| run(bench.command(INSIDE, args).env("HANDCARRY_MEDIA", bench.path("stick")), "");
    // The wait is told with what follows it, and that is not the look at the wait.
    plugged(&["soak", NAME]).ends(WAITING).says(&format!("then: {goes_on}\n"));
    bench.lab.control(&["advance", "25h"]);
    assert_eq!(ended(&bench, &["soak", NAME]), goes_on);
    // From the store it goes on without the stick.
    bench.inside(&["take", &bench.stick()], "").ends(OK);
    let stored = goes_on.replace(&format!("{} ", bench.stick()), "");
    assert_eq!(bench.inside(&["soak", NAME], "").ends(OK).err.lines().last(), Some(&*format!("next: {stored}")));
    pasted(&bench, &stored, "y\n").ends(OK);
}

#[test]
fn a_run_whose_bundle_has_expired_is_sealed_again_outside() {
    let bench = Bench::new(&[]);
    bench.push("n\n").ends(Exit::EulaDeclined.code());
    let stick = bench.stick();
    let plugged = |program: &str, args: &[&str]| {
        run(bench.at("+100d", program, args).env("HANDCARRY_MEDIA", bench.path("stick")), "").ends(OK)
    };
    let next = plugged(INSIDE, &["--json", "next"]);
    let seal = format!("handcarry-outside seal --appliance {} --write {stick}", handcarry::testing::lab::SERIAL);
    assert_eq!((next.event("standing")["stands"].as_str(), due(&next)), (Some("expired"), seal), "{next:?}");
    let outside = plugged(OUTSIDE, &["--json", "next"]);
    assert_eq!(due(&outside), format!("handcarry-outside seal --write {stick}"));
    let from = bench.agreeing();
    let words = ["seal".to_owned(), "--write".to_owned(), stick.clone()].into_iter().chain(from).collect::<Vec<_>>();
    plugged(OUTSIDE, &words.iter().map(String::as_str).collect::<Vec<_>>());
    let next = plugged(INSIDE, &["--json", "next"]);
    assert_eq!(due(&next), format!("handcarry-inside push {stick} {NAME} --agree {}", bench.agreed));
}

#[test]
fn an_appliance_that_installs_what_it_offers_needs_no_signer_and_goes_on_by_update() {
    let bench = Bench::new(&[]);
    std::fs::remove_file(bench.path("home/inside/trust/allowed_signers")).expect("nobody is trusted any more");
    std::fs::remove_dir_all(bench.path("home/inside/marks")).expect("nothing was asked for");
    bench.inside(&["update", NAME], "y\ny\n").ends(WAITING);
    let next = || due(&run(&mut bench.command(INSIDE, &["--json", "next"]), "").ends(OK));
    assert_eq!(next(), format!("handcarry-inside soak {NAME}"));
    bench.lab.control(&["advance", "25h"]);
    let done = bench.inside(&["update", NAME], "y\ny\n").ends(OK);
    done.says(&format!("handcarry-inside after {NAME}\n")).says(&format!("next: handcarry-inside update {NAME}\n"));
    assert_eq!(next(), format!("handcarry-inside update {NAME}"));
    // No bundle was carried, so there is nothing that a receipt could tell the outside.
    let receipt = bench.inside(&["receipt", NAME, &bench.stick()], "").ends(Exit::NotFound);
    receipt.says("no bundle was carried").says(&format!("handcarry-inside audit {NAME}"));
}

#[test]
fn the_outside_counts_the_newest_request_of_an_appliance_and_names_the_server_that_is_not_listed() {
    let bench = Bench::new(&[]);
    let stick = bench.stick();
    let vendor = bench.lab.fact("vendor").to_owned();
    // Of the trip that was made once for every test.
    for entry in std::fs::read_dir(bench.path("stick/handcarry/requests")).expect("requests").flatten() {
        std::fs::remove_file(entry.path()).expect("removed");
    }
    for _ in 0..2 {
        bench.inside(&["request", NAME, &stick], "").ends(OK);
        bench.lab.control(&["advance", "1m"]);
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    let told = bare(&bench, OUTSIDE);
    assert!(
        told.events("due").iter().any(|one| one["told"].as_str().is_some_and(|told| told.starts_with("1 request on")))
    );
    bench.outside(&["vendor", "remove", &vendor, "--by", "ana"], "").ends(OK);
    assert_eq!(due(&bare(&bench, OUTSIDE)), format!("handcarry-outside vendor add {vendor}"));
    bench.lists(&vendor);
    bench.outside(&["fetch", &stick, "--ca", bench.lab.fact("ca")], "").ends(OK);
    assert!(!bare(&bench, OUTSIDE).out.contains("outside fetch"), "and none is to be taken");
}
