//! A member of a standing pair that is worked alone, and a pair that is worked
//! as one by what the inventory says.

use crate::pairs::pair::{A, B, Pair};
use crate::pairs::{ASYNC, OK, PACKAGES, SYNC};
use crate::support::said::{INSIDE, run};
use handcarry::testing::lab::SHARED_IP;
use handcarry::testing::model::Exit;

/// Why one is worked alone.
const BURNT: &str = "beta burnt down, change 4711";

const NONE: [&[&str]; 2] = [&[], &[]];

#[test]
fn a_member_of_a_standing_pair_is_neither_pushed_nor_updated_alone() {
    for language in ["en", "pt"] {
        let bench = Pair::new(&["--pages", language]);
        let stick = bench.stick();
        for name in [A, B] {
            let pushed = bench.inside(&["push", &stick, name], &"y\n".repeat(9)).ends(Exit::RoleUnexpected.code());
            assert!(pushed.has("of a standing failover pair"), "{}", pushed.err);
            let updated = bench.inside(&["update", name], &"y\n".repeat(9)).ends(Exit::RoleUnexpected.code());
            assert!(updated.has("of a standing failover pair"), "{}", updated.err);
            // Its run is not over, but alone it would be refused again.
            let both = format!("push {stick} alpha beta --topology failover-sync");
            let both = if name == A { both.replace("beta", "PARTNER") } else { both.replace("alpha", "PARTNER") };
            let media = bench.path("stick");
            let next = run(bench.command(INSIDE, &["--json", "next"]).env("HANDCARRY_MEDIA", media), "").ends(OK);
            assert!(
                next.events("standing")
                    .iter()
                    .any(|one| one["command"].as_str().is_some_and(|due| due.contains(&both))),
                "{next:?}"
            );
            assert!(bench.journal(name).contains(&"role-read".to_owned()));
        }
        assert_eq!(bench.lab.installs_of_both(), NONE);
        assert_eq!(bench.lab.roles(), ["primary", "backup"]);
        assert!(bench.lab.events().is_empty());
    }
}

#[test]
fn the_role_is_shown_by_status_and_plan_and_the_command_for_both_is_told() {
    let bench = Pair::new(&[]);
    let stick = bench.stick();
    assert!(
        bench.inside(&["status", A], "").ends(OK).has("role    primary of a failover pair for support.example.com")
    );
    assert!(bench.inside(&["status", B], "").ends(OK).has("role    backup of a failover pair"));
    let plan = bench.inside(&["plan", &stick, B], "").ends(OK);
    assert!(plan.has("beta is backup of a failover pair") && plan.has("push refuses it"), "{plan:?}");

    // By the inventory, the whole command is known, and works as it is printed.
    bench.pair("topology = \"failover-sync\"\n");
    let plan = bench.inside(&["plan", &stick, B], "").ends(OK);
    let next = format!("handcarry-inside push {stick} beta --pair");
    assert!(plan.err.contains(&format!("next: {next}\n")), "{}", plan.err);
    let refused = bench.inside(&["push", &stick, B], &"y\n".repeat(9)).ends(Exit::RoleUnexpected.code());
    assert!(refused.err.contains(&next), "{}", refused.err);
    let done = bench.inside(&["push", &stick, B, "--pair"], &"y\n".repeat(40)).ends(OK);
    assert!(done.has("done: alpha is primary and beta is backup"), "the primary is A, whoever is named: {done:?}");
    assert_eq!(bench.lab.installs_of_both(), [PACKAGES, PACKAGES]);
    assert!(bench.lab.events().contains(&"b:broken".to_owned()));
}

#[test]
fn a_person_tells_the_role_where_no_page_is_read() {
    let bench = Pair::new(&[]);
    let stick = bench.stick();
    std::fs::remove_file(bench.inventory()).expect("removed");
    let url = bench.lab.fact("appliance").to_owned();
    bench.inside(&["enroll", "hand", "--url", &url, "--driver", "guided", "--clock", "appliance"], "").ends(OK);
    let status = "LAB-0001-BG\nB200\n3.3.2\n10.5.3\n\n";
    let told = |role: &str| bench.inside(&["push", &stick, "hand"], &format!("{status}{role}\n"));
    let refused = told("primary").ends(Exit::RoleUnexpected.code());
    assert!(refused.has("What does hand show: primary, backup or none?"), "{}", refused.err);
    assert!(refused.has("/login > Gerenciamento > Failover"), "in both languages: {}", refused.out);
    let journal = std::fs::read_to_string(bench.path("home/inside/journal/lab-0001-bg.jsonl")).expect("a journal");
    assert!(journal.contains(r#""by":"operator""#) && journal.contains(r#""role":"primary""#), "{journal}");
    // Where nobody tells it, nothing is taken for granted either.
    bench.inside(&["push", &stick, "hand"], status).ends(Exit::Declined.code());
    assert!(!bench.journal(A).iter().any(|record| record.starts_with("backup") || record.starts_with("install")));
    let single = told("none\nn");
    assert!(!single.has("standing failover pair"), "{single:?}");
    let journal = std::fs::read_to_string(bench.path("home/inside/journal/lab-0001-bg.jsonl")).expect("a journal");
    assert!(journal.contains(r#""role":"none""#), "{journal}");
}

#[test]
fn a_restore_by_hand_asks_for_the_role_and_takes_no_backup_out_of_its_pair_unasked() {
    let bench = Pair::new(&[]);
    bench.inside(&["backup", A], "").ends(OK);
    let made = bench.records("lab-0001-bg").into_iter().find(|record| record["kind"] == "backup-done");
    let file = made.expect("it was made")["fields"]["file"].as_str().expect("kept").to_owned();
    std::fs::remove_file(bench.inventory()).expect("removed");
    let url = bench.lab.fact("appliance").to_owned();
    bench.inside(&["enroll", "hand", "--url", &url, "--driver", "guided", "--clock", "appliance"], "").ends(OK);
    // A serial number, once; then what its pages show.
    let status = "LAB-0001-BG\nB200\n3.3.2\n10.5.3\n\n";
    bench.inside(&["status", "hand"], status).ends(OK);
    let restore =
        ["restore", "hand", "--backup", &file, "--dangerous-restore-on-backup", "--reason", "change 4711, ok"];
    let told = |options: &[&str], rest: &str| bench.inside(options, &format!("{status}{rest}"));
    let refused = told(&restore[..4], "backup\ny\ny\n").ends(Exit::RoleUnexpected.code());
    assert!(refused.has("What does hand show: primary, backup or none?"), "{}", refused.err);
    told(&restore, "backup\nno\n").ends(Exit::Declined.code());
    assert!(!bench.journal(A).contains(&"restore-begun".to_owned()));
    let done = told(&restore, "backup\nrestore-on-backup\ny\ny\n").ends(OK);
    assert!(done.has("its failover settings, and its pre-shared key"), "{}", done.out);
    assert!(
        bench.journal(A).contains(&"restored".to_owned())
            && bench.journal(A).contains(&"dangerous-accepted".to_owned())
    );
}

#[test]
fn one_that_stands_alone_is_pushed_alone_and_a_member_by_a_word_only() {
    let bench = Pair::new(&[]);
    let stick = bench.stick();
    let alone = ["push", &stick, A, "--dangerous-alone", "--reason", BURNT];
    bench.inside(&alone, "no\n").ends(Exit::Declined.code());
    assert_eq!(bench.lab.installs_of_both(), NONE);
    bench.inside(&alone[..4], "").ends(Exit::Usage.code());
    let fleet = ["push", &stick, "--all", "--dangerous-alone", "--reason", BURNT];
    bench.inside(&fleet, "").ends(Exit::Usage.code());
    bench.inside(&alone, &format!("alone\n{}", "y\n".repeat(9))).ends(OK);
    assert_eq!(bench.lab.installs_of_both(), [&PACKAGES[..], &[][..]]);
    assert!(bench.journal(A).contains(&"dangerous-accepted".to_owned()));

    // A pair run that is given up leaves each alone.
    let bench = Pair::new(&[]);
    let stick = bench.stick();
    let alone = ["push", &stick, A, "--dangerous-alone", "--reason", BURNT];
    bench.lab.control(&["fault", "key-differs"]);
    bench.push(&SYNC).ends(Exit::PairDiffers.code());
    assert_eq!(bench.lab.roles(), ["none", "none"]);
    let refused = bench.inside(&["push", &stick, A], &"y\n".repeat(9)).ends(Exit::PairOpen.code());
    assert!(refused.has("go on with it: handcarry-inside push "), "{}", refused.err);
    bench.inside(&alone, &"y\n".repeat(9)).ends(Exit::Declined.code());
    assert!(!bench.journal(A).contains(&"pair-left".to_owned()), "a yes is no word");
    bench.inside(&alone, &format!("alone\n{}", "y\n".repeat(9))).ends(Exit::Replayed.code());
    assert!(bench.journal(A).contains(&"pair-left".to_owned()), "on a word");
}

#[test]
fn a_pair_is_one_run_of_a_fleet_and_nothing_about_it_is_guessed() {
    let bench = Pair::new(&[]);
    let stick = bench.stick();
    let none = bench.inside(&["push", &stick, A, "--pair"], "").ends(Exit::Config.code());
    assert!(none.has("the inventory names no partner of alpha"), "{}", none.err);
    // Each by itself, as the inventory knows of no pair: refused, both.
    let all = |more: &[&str]| bench.inside(&[&["push", &stick, "--all"], more].concat(), "");
    let said = all(&[]).ends(Exit::Partly.code());
    assert_eq!(said.out.matches("role-unexpected").count(), 2, "{}", said.out);
    assert_eq!(said.out.matches("not known now, so nothing is pressed there").count(), 2, "{}", said.out);
    assert!(!said.has("nothing is left"), "{}", said.out);

    bench.pair("");
    let said = all(&[]).ends(Exit::Partly.code());
    assert!(said.has("alpha+beta  config") && said.has("in what order alpha and beta are upgraded"), "{said:?}");

    bench.pair("topology = \"failover-sync\"\ngroups = [\"lisbon\"]\n");
    let half = bench.inside(&["push", &stick, "--group", "lisbon"], "").ends(Exit::Usage.code());
    assert!(half.has("its partner beta is not"), "{}", half.err);
    assert_eq!(bench.lab.installs_of_both(), NONE);
    assert!(bench.lab.events().is_empty(), "nothing was pressed");

    let said = bench.inside(&["push", &stick, "--all"], "y\n").ends(Exit::Partly.code());
    assert!(said.has("alpha+beta  "), "one run for the two: {}", said.out);
    let [a, b] = bench.lab.installs_of_both();
    assert!(b.is_empty() && a.len() <= 2, "never both at once: {a:?} {b:?}");
    assert!(a.is_empty() || bench.lab.events().contains(&"b:broken".to_owned()), "as a pair");
}

#[test]
fn a_pair_of_the_inventory_goes_on_as_it_was_begun_and_says_the_same_in_both_entries() {
    let bench = Pair::new(&[]);
    let stick = bench.stick();
    bench.pair(&format!("topology = \"failover-async\"\nswitch = \"shared-ip\"\nshared_ip = \"{SHARED_IP}\"\n"));
    bench.lab.control(&["fault", "key-differs"]);
    let pair = |name| bench.inside(&["push", &stick, name, "--pair"], &"y\n".repeat(40));
    pair(A).ends(Exit::PairDiffers.code());
    bench.lab.control(&["fault", "key-differs", "--clear"]);
    pair(B).ends(OK);
    assert_eq!(bench.lab.installs_of_both(), [PACKAGES, PACKAGES]);
    assert_eq!(bench.lab.roles(), ["backup", "primary"]);
    assert!(bench.lab.events().contains(&"b:shared-ip-enabled".to_owned()));
    bench.push(&ASYNC).ends(Exit::Replayed.code());

    let wrong = |text: &str, words: &str| {
        std::fs::write(bench.inventory(), text).expect("written");
        let said = bench.inside(&["list"], "").ends(Exit::Config.code());
        assert!(said.has(words), "{words}: {}", said.err);
    };
    let text = std::fs::read_to_string(bench.inventory()).expect("read");
    wrong(&text.replace("pair = \"alpha\"\n", ""), "does not have pair = \"alpha\"");
    wrong(&text.replace("pair = \"beta\"\n", "pair = \"alpha\"\n"), "which is itself");
    wrong(&text.replace("switch = \"shared-ip\"\n", ""), "without switch");
    wrong(&text.replace("failover-async", "migrate"), "failover-sync or failover-async");
    wrong(&text.replace("pair = \"beta\"\n", ""), "without pair");
}

#[test]
fn enroll_names_the_two_to_each_other() {
    let bench = Pair::new(&[]);
    std::fs::remove_file(bench.inventory()).expect("removed");
    let enroll = |name: &'static str, url: &'static str, pair: &[&str]| {
        bench.inside(&[&bench.lab.enrolling(name, url, "appliance")[..], pair].concat(), "y\n")
    };
    enroll(A, "appliance", &["--pair", B]).ends(Exit::NotFound.code());
    enroll(A, "appliance", &[]).ends(OK);
    enroll(B, "partner", &["--pair", A]).ends(OK);
    let listed = bench.inside(&["list"], "").ends(OK);
    assert!(listed.has("pair: with beta") && listed.has("pair: with alpha"), "{}", listed.out);
    let third = enroll("gamma", "appliance", &["--pair", A]).ends(Exit::Config.code());
    assert!(third.has("an appliance has one partner"), "{}", third.err);
}
