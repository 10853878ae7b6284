//! Maintenance windows, through the programs and by the lab's clock.

use crate::support::bench::{Bench, NAME};
use handcarry::testing::model::{Exit, Timestamp};
use std::io::Write;

/// A bench whose appliance has one window a day: from `from` to `to` hours from now.
fn with_window(from: i64, to: i64) -> Bench {
    let bench = Bench::new(&[]);
    let at = |hours: i64| {
        let time = Timestamp::now().plus_secs(hours * 3600).datetime();
        format!("{:02}:{:02}", time.hour(), time.minute())
    };
    let inventory = bench.inventory();
    let mut file = std::fs::OpenOptions::new().append(true).open(inventory).expect("the inventory");
    writeln!(file, "windows = [\"daily {}-{}\"]\ntime_zone = \"UTC\"", at(from), at(to)).expect("written");
    bench
}

#[test]
fn push_waits_for_the_window_and_goes_on_in_it() {
    let bench = with_window(2, 6);
    let plan = bench.inside(&["plan", &bench.stick(), NAME], "").ends(Exit::Ok.code());
    assert!(plan.has("in the window: "), "{}", plan.out);
    let closed = bench.push("").ends(Exit::Waiting.code());
    assert!(closed.has("outside the maintenance windows"), "{}", closed.err);
    assert!(!bench.path("home/inside/backups").exists(), "no backup so long before");
    assert!(bench.lab.installs().is_empty());
    bench.lab.control(&["advance", "3h"]);
    let soak = bench.push("y\n").ends(Exit::Waiting.code());
    assert!(soak.has("clients need time to update to Bomgar 10.6.2"), "{}", soak.err);
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
}

#[test]
fn a_word_and_a_reason_install_outside_it() {
    let bench = with_window(2, 6);
    let stick = bench.stick();
    let args = ["push", &stick, NAME, "--dangerous-outside-window", "--reason", "change 4711, agreed by Rui"];
    bench.inside(&args[..4], "").ends(Exit::Usage.code());
    bench.inside(&args, "yes\n").ends(Exit::Declined.code());
    assert!(bench.lab.installs().is_empty());
    bench.inside(&args, "outside-window\ny\ny\n").ends(Exit::Waiting.code());
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
    let audit = bench.inside(&["audit", NAME], "").ends(Exit::Ok.code());
    assert!(
        audit.has("dangerous-accepted") && audit.has("outside-window") && audit.has("change 4711"),
        "{}",
        audit.out
    );
}

#[test]
fn a_window_too_short_is_said_before_anything_is_done() {
    let bench = Bench::new(&[]);
    let inventory = bench.inventory();
    let text = std::fs::read_to_string(&inventory).expect("read");
    let with = |lines: &str| std::fs::write(&inventory, format!("{text}{lines}\n")).expect("written");
    let args = ["enroll", "b", "--url", "https://b.example.com", "--window", "sat 22-04", "--time-zone", "UTC"];
    let said = bench.inside(&args, "").ends(Exit::Usage.code());
    assert!(said.has("a time is written as 22:00"), "{}", said.err);
    with("windows = [\"daily 01:00-01:30\"]\ntime_zone = \"Europe/Lisbon\"");
    let short = bench.push("").ends(Exit::Config.code());
    assert!(short.has("the longest is 30 min"), "{}", short.err);
    assert!(short.has("long enough to install Base 3.4.0"), "what needs it is named: {}", short.err);
    with("windows = [\"caturday 01:00-01:30\"]\ntime_zone = \"Europe/Lisbon\"");
    let wrong = bench.push("").ends(Exit::Config.code());
    assert!(wrong.has("days are daily, mon"), "{}", wrong.err);
    with("windows = [\"daily 01:00-05:00\"]");
    bench.push("").ends(Exit::Config.code());
    assert!(bench.lab.installs().is_empty());
}
