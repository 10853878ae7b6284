//! A run seen from a second terminal: which it is, by whom, since when, how
//! far; and how another is turned away.

use crate::support::bench::{Bench, NAME};
use crate::support::said::{INSIDE, Said};
use handcarry::testing::model::Exit;
use std::time::{Duration, Instant};

#[test]
fn a_second_terminal_sees_the_run_and_a_second_run_is_turned_away_by_its_name() {
    let bench = Bench::new(&["--install-secs", "40"]);
    let stick = bench.stick();
    let push = format!("handcarry-inside push {stick} {NAME} --agree {}", bench.agreed);
    let run = bench.command(INSIDE, &["push", &stick, NAME, "--agree", &bench.agreed]).spawn().expect("starts");
    let pid = run.id();
    let until = Instant::now() + Duration::from_secs(60);
    let says = |said: Said| {
        let last = said.events("at-work").pop().and_then(|event| event["last"].as_str().map(str::to_owned));
        last.is_some_and(|last| last.contains("installing"))
    };
    let second = || bench.inside(&["--json", "status", NAME], "");
    while !says(second()) {
        assert!(Instant::now() < until, "{:?}", second());
        std::thread::sleep(Duration::from_millis(100));
    }
    let watch = bench.command(INSIDE, &["watch", NAME]).spawn().expect("starts");
    let seen = second();
    let at_work = seen.event("at-work");
    assert_eq!((at_work["command"].as_str(), at_work["pid"].as_u64()), (Some(&*push), Some(pid.into())), "{seen:?}");
    assert!(at_work["percent"].as_u64().is_some_and(|percent| percent < 100), "{seen:?}");
    let step = at_work["step"].as_str().and_then(|step| step.split_once('/'));
    assert!(step.is_some_and(|(number, of)| number.parse::<u8>().ok() < of.parse::<u8>().ok()), "{seen:?}");
    assert!(seen.has(&format!("(process {pid}) since ")), "{seen:?}");

    let turned = bench.inside(&["push", &stick, NAME, "--agree", &bench.agreed], "").ends(Exit::Busy);
    assert!(turned.has(&format!("another run is at work on this appliance: {push} by ")), "{turned:?}");
    assert!(turned.has(&format!("handcarry-inside watch {NAME}")), "{turned:?}");
    let next = bench.inside(&["--json", "next"], "").ends(0);
    assert_eq!(next.event("standing")["stands"], "running", "{next:?}");
    assert_eq!(next.event("next")["command"], format!("handcarry-inside watch {NAME}"));

    let mut run = run;
    run.kill().expect("killed");
    run.wait().expect("ended");
    let watched: Said = watch.wait_with_output().expect("it ends with the run").into();
    let watched = watched.ends(0);
    for told in
        [&*format!("{push} by "), "the appliance is installing (", "the run has ended", "Base 3.4.0 may be installing"]
    {
        assert!(watched.has(told), "{told}: {watched:?}");
    }
    let undecided = bench.inside(&["remove", NAME], "y\n").ends(Exit::Unconfirmed);
    assert!(undecided.has(&format!("what became of Base 3.4.0 on {NAME} is not known yet")), "{undecided:?}");
    let after = bench.inside(&["watch", NAME], "").ends(0);
    assert!(after.has(&format!("no run is at work on {NAME} now")) && after.events("at-work").is_empty(), "{after:?}");
}
