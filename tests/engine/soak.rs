//! The wait after a site package, through the programs: what ends it early,
//! and that nothing else does.

use crate::engine::{OK, WAITING};
use crate::support::bench::{Bench, NAME};
use crate::support::said::Said;
use handcarry::testing::model::{Exit, Timestamp};
use std::io::Write;

/// A bench whose site has been updated once, with its API account in the inventory.
pub fn soaking(lab: &[&str], more: &str) -> Bench {
    let bench = Bench::new(lab);
    api(&bench, more);
    bench.push("y\n").ends(WAITING);
    bench
}

pub fn api(bench: &Bench, more: &str) {
    let (id, secret) = (bench.lab.fact("api_client_id"), bench.lab.fact("api_secret_file"));
    append(bench, &format!("api_client_id = \"{id}\"\napi_secret_file = \"{secret}\"\n{more}"));
}

pub fn append(bench: &Bench, lines: &str) {
    let inventory = bench.inventory();
    let mut file = std::fs::OpenOptions::new().append(true).open(inventory).expect("the inventory");
    writeln!(file, "{lines}").expect("written");
}

fn soak(bench: &Bench, args: &[&str], answers: &str) -> Said {
    bench.inside(&[&["soak", NAME], args].concat(), answers)
}

fn list(bench: &Bench, name: &str, head: &str, dates: &[Timestamp]) -> String {
    let rows: String =
        dates.iter().map(|at| format!("\n\"{}\";desk", at.to_string().replace(['T', 'Z'], " "))).collect();
    let path = bench.path(name);
    std::fs::write(&path, format!("{head};Nome{rows}\n")).expect("written");
    path.display().to_string()
}

fn audited(bench: &Bench, words: &[&str]) {
    let audit = bench.inside(&["audit", NAME], "").ends(OK);
    for word in words {
        assert!(audit.has(word), "no {word} in {}", audit.out);
    }
}

#[test]
fn a_soak_ends_when_the_api_says_that_every_client_has_updated() {
    for language in ["en", "pt"] {
        let bench = soaking(&["--client-secs", "3600", "--clients", "150", "--pages", language], "");
        let early = soak(&bench, &[], "").ends(WAITING);
        assert!(early.has("of 150 Jump Clients have not updated to Bomgar 10.6.2 yet"), "{}", early.out);
        bench.lab.control(&["advance", "2h"]);
        let over = soak(&bench, &["--json"], "").ends(OK);
        assert_eq!((&over.event("clients")["seen"], &over.event("clients")["outdated"]), (&150.into(), &0.into()));
        let plan = bench.inside(&["plan", &bench.stick(), NAME], "").ends(OK);
        assert!(!plan.out.contains("for clients"), "the plan has no wait any more: {}", plan.out);
        bench.push("y\n").ends(OK);
        assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1"]);
        audited(&bench, &["clients-counted"]);
    }
}

#[test]
fn push_asks_the_api_by_itself_and_goes_on() {
    let bench = soaking(&["--client-secs", "3600"], "");
    let waits = bench.push("").ends(WAITING);
    assert!(waits.has("Jump Clients have not updated"), "{waits:?}");
    bench.lab.control(&["advance", "90min"]);
    let done = bench.push("y\n").ends(OK);
    assert!(done.has("all 12 Jump Clients have updated to Bomgar 10.6.2"), "{done:?}");
    let backups = bench.lab.state()["backups"].as_array().map(Vec::len);
    assert_eq!(backups, Some(2), "one before the first install and one after the soak");
}

#[test]
fn one_client_left_behind_or_too_few_seen_end_nothing() {
    let bench = soaking(&["--client-secs", "0", "--fault", "clients-lag"], "");
    let lag = soak(&bench, &[], "").ends(WAITING);
    assert!(lag.has("3 of 12 Jump Clients have not updated"), "{}", lag.out);
    for (name, late) in [("desk-0003", true), ("desk-0007", true), ("desk-0011", true), ("desk-0000", false)] {
        assert_eq!(lag.has(name), late, "{name}: {}", lag.out);
    }
    assert!(
        lag.has("desk-0011, group number 1, no contact is shown, passive") && lag.has("may take longer than a day"),
        "{lag:?}"
    );
    let told = soak(&bench, &["--json"], "").ends(WAITING).event("clients");
    assert_eq!((&told["late"][0]["name"], &told["late"][0]["group"]), (&"desk-0003".into(), &"number 1".into()));
    bench.push("").ends(WAITING);
    assert_eq!(bench.lab.installs().len(), 2);
    for (clients, more, words) in [
        ("5", "min_clients = 10\n", "5 Jump Clients were seen, fewer than the 10"),
        ("0", "", "0 Jump Clients were seen"),
    ] {
        let bench = soaking(&["--client-secs", "0", "--clients", clients], more);
        let few = soak(&bench, &[], "").ends(WAITING);
        assert!(few.has(words), "{}", few.out);
        bench.push("").ends(WAITING);
        assert_eq!(bench.lab.installs().len(), 2);
    }
}

#[test]
fn an_exported_list_ends_it_where_every_date_is_later() {
    let bench = Bench::new(&[]);
    bench.push_unhurried("y\n").ends(WAITING);
    let nothing = soak(&bench, &[], "").ends(WAITING);
    assert!(nothing.has("--client-list"), "{nothing:?}");
    let now = Timestamp::now();
    let (old, new) = (now.plus_secs(-7 * 86_400), now.plus_secs(30));
    let utc = ["--offset", "+00:00"];
    let read = |file: &str, more: &[&str]| soak(&bench, &[&["--client-list", file], more].concat(), "");
    let behind = read(&list(&bench, "behind.csv", "Status Details", &[new, old]), &utc).ends(WAITING);
    assert!(behind.has("1 of 2 Jump Clients have not updated"), "{behind:?}");
    let wrong = read(&list(&bench, "wrong.csv", "Zuletzt", &[new]), &utc).ends(Exit::ListUnread.code());
    assert!(wrong.has("no column \"Status Details\" or") && wrong.has("\"Zuletzt\""), "{wrong:?}");
    let file = list(&bench, "good.csv", "Detalhes de Status", &[new, new, new]);
    read(&file, &[]).ends(WAITING);
    read(&list(&bench, "future.csv", "Status Details", &[now.plus_secs(90_000)]), &utc).ends(Exit::ListUnread.code());
    read(&file, &utc).ends(OK);
    append(&bench, "min_clients = 4");
    assert!(read(&file, &utc).ends(WAITING).has("fewer than the 4"));
    append_replaced(&bench, "min_clients = 4", "min_clients = 3");
    bench.push("y\n").ends(OK);
    audited(&bench, &["clients-counted", "good.csv"]);
}

fn append_replaced(bench: &Bench, from: &str, to: &str) {
    let inventory = bench.inventory();
    let text = std::fs::read_to_string(&inventory).expect("read");
    std::fs::write(&inventory, text.replace(from, to)).expect("written");
}

#[test]
fn a_column_of_another_name_is_told_by_the_profile() {
    let bench = Bench::new(&[]);
    bench.push_unhurried("y\n").ends(WAITING);
    std::fs::create_dir(bench.path("home/inside/profiles")).expect("made");
    let profile = "[controls.\"clients.status\"]\nen = [\"Zuletzt\"]\n";
    std::fs::write(bench.path("home/inside/profiles/box.toml"), profile).expect("written");
    append(&bench, "profile = \"profiles/box.toml\"");
    let file = list(&bench, "list.csv", "Zuletzt", &[Timestamp::now().plus_secs(30)]);
    soak(&bench, &["--client-list", &file, "--offset", "+00:00"], "").ends(OK);
}

#[test]
fn clients_removed_first_are_a_persons_word_with_a_reason() {
    let bench = Bench::new(&[]);
    bench.push("y\n").ends(WAITING);
    soak(&bench, &["--clients-removed"], "y\n").ends(Exit::Usage.code());
    let reason = ["--clients-removed", "--reason", "change 4711, clients are deployed anew on Monday"];
    soak(&bench, &reason, "n\n").ends(Exit::Declined.code());
    bench.push("").ends(WAITING);
    soak(&bench, &reason, "").ends(Exit::Declined.code());
    soak(&bench, &reason, "y\n").ends(OK);
    bench.push("y\n").ends(OK);
    audited(&bench, &["clients-removed", "change 4711"]);
}

const REASON: [&str; 3] = ["--clients-removed", "--reason", "change 4711, clients are deployed anew on Monday"];

#[test]
fn clients_removed_before_the_first_install_is_said_once_for_the_whole_bundle() {
    let bench = Bench::new(&[]);
    let stick = bench.stick();
    let foretold = bench.inside(&[&["--json", "plan", &stick, NAME][..], &REASON[..]].concat(), "").ends(OK);
    let with = |digest: &str, answers: &str| {
        bench.inside(&[&["push", &stick, NAME, "--agree", digest][..], &REASON[..]].concat(), answers)
    };
    let push = |answers: &str| with(&foretold.agreed(), answers);
    // There is no wait yet that the word could end, so it is refused with the way, not lost.
    let early = soak(&bench, &REASON, "y\n").ends(Exit::NothingToDo.code());
    assert!(early.err.contains(&format!("handcarry-inside push MEDIA {NAME} --clients-removed --reason")), "{early:?}");
    let bare = bench.inside(&["plan", &stick, NAME], "").ends(OK);
    assert!(bare.has("wait 24 h for clients") && !bare.has("client software was removed"), "{}", bare.out);
    let plan = bench.inside(&[&["plan", &stick, NAME][..], &REASON[..]].concat(), "").ends(OK);
    assert!(!plan.has("for clients") && plan.has("removed first (change 4711"), "{}", plan.out);
    assert!(plan.has("installed anew after the last"), "{}", plan.out);
    bench.inside(&["push", &stick, NAME, REASON[0]], "").ends(Exit::Usage.code());
    push("n\n").ends(Exit::Declined.code());
    assert!(bench.lab.installs().is_empty());
    // Said, then stopped, as the digest is that of a plan with waits, and again at
    // the agreement of the first site package: it stands.
    with(&bench.agreed, "y\n").ends(Exit::PlanChanged.code());
    push("n\n").ends(Exit::EulaDeclined.code());
    assert_eq!(bench.lab.installs(), ["Base 3.4.0"]);
    let done = push("y\ny\n").ends(OK);
    assert!(!done.has("Is all client software") && done.has("handcarry-inside after"), "{done:?}");
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1"]);
    audited(&bench, &["clients-removed-first", "change 4711"]);
    for (language, anew) in
        [("en", "install each Jump Client anew by hand"), ("pt", "instale cada Jump Client de novo")]
    {
        let after = bench.inside(&["after", NAME, "--language", language, "--offline"], "").ends(OK);
        assert!(after.has(anew) && !after.has("They update") && !after.has("Eles se atualizam"), "{}", after.out);
    }
}

#[test]
fn clients_removed_is_said_too_late_once_a_site_package_is_in() {
    let bench = Bench::new(&[]);
    bench.push("y\n").ends(WAITING);
    for verb in ["plan", "push"] {
        let late = bench.inside(&[&[verb, &bench.stick(), NAME][..], &REASON[..]].concat(), "y\ny\n");
        let late = late.ends(Exit::Usage.code());
        assert!(late.err.contains(&format!("handcarry-inside soak {NAME} --clients-removed")), "{late:?}");
    }
    assert_eq!(bench.lab.installs().len(), 2);
    bench.push("").ends(WAITING);
}

#[test]
fn a_wait_is_set_aside_by_a_word_and_a_reason_only() {
    let bench = Bench::new(&[]);
    bench.push("y\n").ends(WAITING);
    let stick = bench.stick();
    let args = ["push", &stick, NAME, "--dangerous-skip-soak", "--reason", "change 4711, agreed by Rui"];
    bench.inside(&args[..4], "").ends(Exit::Usage.code());
    bench.inside(&args, "yes\n").ends(Exit::Declined.code());
    assert_eq!(bench.lab.installs().len(), 2);
    bench.inside(&args, "skip-soak\ny\ny\n").ends(OK);
    assert_eq!(bench.lab.installs().len(), 3);
    audited(&bench, &["soak-skipped", "change 4711"]);
}

#[test]
fn a_clock_set_forward_ends_no_soak() {
    // Ours counts with the appliance's: a day ahead there is refused, not believed.
    let bench = Bench::enrolled(&["--client-secs", "3600"], "host");
    api(&bench, "");
    bench.push("y\n").ends(WAITING);
    bench.lab.control(&["advance", "25h"]);
    bench.push("y\n").ends(Exit::ClockSkew.code());
    assert_eq!(bench.lab.installs().len(), 2);
    // Ours set forward alone: the appliance's has not passed, and the two differ.
    let bench = Bench::enrolled(&["--client-secs", "86400"], "host");
    bench.push("y\n").ends(WAITING);
    let stick = bench.stick();
    let mut command = crate::support::faketime::under("+25h", crate::support::said::INSIDE);
    command.args(["push", &stick, NAME]);
    command.env("HANDCARRY_HOME", bench.path("home")).env("NO_COLOR", "1");
    let skewed = crate::support::said::run(&mut command, "y\n");
    assert_ne!(skewed.code, i32::from(OK), "{skewed:?}");
    assert_eq!(bench.lab.installs().len(), 2);
    // And it is not remembered: with the right time again, the wait goes on.
    bench.push("").ends(WAITING);
}

#[test]
fn many_clients_updating_at_once_are_warned_of() {
    for language in ["en", "pt"] {
        let bench = Bench::new(&["--clients", "400", "--client-secs", "3600", "--pages", language]);
        api(&bench, "");
        let pushed = bench.push("y\n").ends(WAITING);
        assert!(pushed.has("lets 100 of 400 Jump Clients update at once"), "{pushed:?}");
        assert!(pushed.has("/login > Jump > Jump Clients"), "{pushed:?}");
    }
    let bench = Bench::new(&["--clients", "12"]);
    api(&bench, "");
    assert!(!bench.push("y\n").ends(WAITING).has("update at once"), "they are few");
}

#[test]
fn no_number_in_a_file_makes_the_wait_shorter_than_a_day() {
    let bench = Bench::new(&["--api", "none"]);
    let inventory = bench.inventory();
    let before = std::fs::read_to_string(&inventory).expect("the inventory");
    for hours in [0, 1, 23] {
        std::fs::write(&inventory, format!("{before}soak_hours = {hours}\n")).expect("written");
        let refused = bench.push("y\ny\n").ends(Exit::Config.code());
        assert!(refused.err.contains(&format!("soak_hours is {hours}")), "{}", refused.err);
        assert!(refused.err.contains("--dangerous-skip-soak --reason TEXT"), "the way on: {}", refused.err);
    }
    assert!(bench.lab.installs().is_empty());
    std::fs::write(&inventory, format!("{before}soak_hours = 30\n")).expect("written");
    let waits = bench.push("y\ny\n").ends(WAITING);
    assert!(waits.err.contains("(in 29 h 5") || waits.err.contains("(in 30 h"), "{}", waits.err);
}
