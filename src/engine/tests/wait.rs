//! One wait: how often it looks, when it ends, what it tells.

use super::Said;
use crate::engine::wait::Wait;
use crate::model::{Time, Timestamp};
use crate::simulator::VirtualClock;

fn clock() -> std::rc::Rc<VirtualClock> {
    VirtualClock::new(Timestamp::parse("2026-03-04T05:06:07Z").expect("a time"))
}

#[test]
fn it_looks_less_and_less_often_and_again_often_after_a_change() {
    let (clock, teller) = (clock(), Said::default());
    let mut wait = Wait::long(&*clock, &teller, 3600);
    let mut pauses = Vec::new();
    for look in 0..8 {
        wait.saw(if look < 7 { "it installs (1 %)" } else { "it restarts" }.to_owned());
        let before = clock.elapsed();
        assert!(wait.again());
        pauses.push((clock.elapsed() - before).as_secs());
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30, 1]);
}

#[test]
fn it_ends_after_the_longest_wait_with_a_look() {
    let (clock, teller) = (clock(), Said::default());
    let mut wait = Wait::short(&*clock, &teller, 7);
    let mut looks = 1;
    while wait.again() {
        looks += 1;
    }
    assert_eq!((looks, wait.secs()), (5, 7));
    assert!(!Wait::short(&*clock, &teller, 0).again(), "no wait is one look");
}

#[test]
fn a_change_is_told_at_once_and_what_stays_once_a_minute() {
    let (clock, teller) = (clock(), Said::default());
    let mut wait = Wait::long(&*clock, &teller, 3600);
    for percent in 0..20 {
        wait.saw(format!("it installs ({percent} %)"));
        clock.advance(10);
    }
    wait.saw("it restarts".to_owned());
    drop(wait);
    let told = teller.0.into_inner();
    assert_eq!(told.len(), 5, "{told:?}");
    assert!(told[0].contains("it installs (0 %)") && told[4].contains("it restarts"), "{told:?}");
    assert!(told[1].contains("it installs (6 %), for 60 s now"), "{told:?}");
}
