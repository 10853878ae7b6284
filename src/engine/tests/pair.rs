//! Two appliances of a failover pair: both orders, each trouble with its way
//! back, kills at every record, and properties of the whole.

use super::pair_world::PairWorld;
use super::world::{CHAIN, KILLED, hint, nothing};
use crate::console::OperatorError;
use crate::driver::{Answer, Answered, Appliance, DriverError, LoginBlocked};
use crate::engine::Past;
use crate::engine::question::PairQuestion;
use crate::engine::{Entry, Word};
use crate::model::{Exit, FailoverRole, Timestamp};
use crate::plan::{Order, Switch, Topology};
use crate::simulator::{Fault, Faults};
use crate::web::WebError;
use proptest::prelude::*;

use FailoverRole::{Backup, None as Alone, Primary};

pub fn sync() -> PairWorld {
    PairWorld::new(Order::FailoverSync, &CHAIN[..2])
}

pub fn switched(switch: Switch) -> PairWorld {
    PairWorld::new(Order::FailoverAsync(switch), &CHAIN[..2])
}

#[track_caller]
pub fn stops(world: &mut PairWorld, exit: Exit) -> String {
    let failure = world.push().expect_err("it stops");
    assert_eq!(failure.exit, exit, "{failure:?}");
    let hint = hint(&failure);
    assert!(hint.contains("handcarry-inside push"), "the way back is told: {hint}");
    format!("{}; {hint}", failure.message)
}

/// Clients are led past no site version, and have a day for each: where they
/// are, which is the primary of a synchronous pair all the time, and the
/// backup of an asynchronous one from the switch on.
fn check_clients(world: &PairWorld) {
    let sites = |at: usize| -> Vec<Timestamp> {
        let begun = world.told[at].begun.borrow();
        begun.iter().filter(|(name, _)| name.starts_with("site")).map(|(_, when)| *when).collect()
    };
    match world.pair_rules.order {
        Order::FailoverSync => {
            let met = sites(0);
            assert!(met.windows(2).all(|two| two[1].secs_since(two[0]) >= 24 * 3600), "a soak was cut short");
        }
        _ => assert!(sites(0).len() <= 1 && sites(1).len() <= 1, "clients are led past a version"),
    }
}

/// Every rule that must hold at every moment, however often a run was killed.
pub fn check(world: &PairWorld) {
    let begun: Vec<Vec<(String, Timestamp)>> = world.told.iter().map(|told| told.begun.borrow().clone()).collect();
    for at in [0, 1] {
        assert_eq!(world.told[at].collisions.get(), 0, "a package was sent during an install");
        let mut names: Vec<&String> = begun[at].iter().map(|(name, _)| name).collect();
        names.sort();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all, "an install was repeated: {:?}", begun[at]);
    }
    check_clients(world);
    // An install takes 900 s: no other may begin within it, on either appliance.
    let mut all: Vec<Timestamp> = begun.iter().flatten().map(|(_, when)| *when).collect();
    all.sort();
    assert!(all.windows(2).all(|two| two[1].secs_since(two[0]) >= 900), "two installs at once");
    let events = world.pair.events();
    let first = |what: &str| events.iter().find(|(_, _, event)| *event == what).map(|(when, _, _)| *when);
    if let Some(broken) = first("broken") {
        let backup = world.told[0].backups.borrow().first().copied();
        assert!(backup.is_some_and(|backup| backup <= broken), "broken without a backup of A");
        let pulled = events.iter().any(|(when, at, event)| *event == "synced" && *at == 1 && *when <= broken);
        assert!(pulled, "broken before the sync was over");
        assert!(all.first().is_none_or(|install| *install >= broken), "installed before it was broken");
    } else {
        assert!(all.is_empty(), "installed while the relationship stood");
    }
    if let Some(established) = first("established") {
        assert!(all.last().is_none_or(|install| *install < established), "installed after it was established");
        // What one is offered and the other is brought has two titles.
        let plain = |at: usize| {
            world.done(at).iter().map(|title| title.to_lowercase().replace("bomgar", "site")).collect::<Vec<_>>()
        };
        assert_eq!(plain(0), plain(1), "established with different software");
    }
    assert_eq!(world.pair.both_enabled(), 0, "the shared address was enabled on both");
    for at in [0, 1] {
        let confirmed = world.entries(at).into_iter().filter(|entry| matches!(entry, Entry::InstallConfirmed { .. }));
        assert!(confirmed.count() <= world.done(at).len());
    }
}

/// Each journal tells the whole run, and ends it.
pub fn check_journals(world: &PairWorld, steps: &[&str]) {
    for at in [0, 1] {
        let entries = world.entries(at);
        let mut told: Vec<String> = Vec::new();
        for entry in &entries {
            if let Entry::PairStepDone { step, .. } = entry
                && !told.contains(step)
            {
                told.push(step.clone());
            }
        }
        assert_eq!(told, steps, "journal {at}");
        assert!(entries.iter().any(|entry| matches!(entry, Entry::PairDone { .. })), "journal {at}");
        let past: Past = entries.into_iter().map(|entry| (super::world::start(), entry)).collect();
        assert_eq!(past.open_pair(), None, "journal {at}");
    }
}

pub const SYNC: [&str; 11] = [
    "backup",
    "compare",
    "sync",
    "break",
    "install-a",
    "verify-a",
    "window-2",
    "install-b",
    "verify-b",
    "establish",
    "first-sync",
];
pub const ASYNC: [&str; 14] = [
    "backup",
    "compare",
    "sync",
    "break",
    "install-b",
    "verify-b",
    "session-data",
    "switch",
    "integration-client",
    "window-2",
    "install-a",
    "verify-a",
    "establish",
    "first-sync",
];

#[test]
fn synchronous_the_primary_first_and_it_stays_primary() {
    let mut world = sync();
    let finished = world.push().expect("done");
    assert_eq!((finished.primary.as_str(), finished.backup.as_str()), ("alpha", "beta"));
    assert_eq!(world.pair.roles(), [Primary, Backup]);
    assert_eq!(world.done(0), ["base 3.4.0", "site 10.6.2"]);
    assert_eq!(world.done(0), world.done(1));
    check(&world);
    check_journals(&world, &SYNC);
    assert!(world.told[0].begun.borrow()[0].1 < world.told[1].begun.borrow()[0].1, "A before B");
    assert!(world.teller.has("10.0.0.2 support.example.com"), "the hosts line for B");
    let first_sync = world.pair.events().iter().rposition(|(_, at, what)| *what == "synced" && *at == 1);
    assert_eq!(first_sync, Some(world.pair.events().len() - 1), "the first sync is waited for");
}

#[test]
fn asynchronous_the_backup_first_and_it_becomes_primary() {
    for switch in [Switch::SharedIp, Switch::Dns, Switch::Nat] {
        let mut world = switched(switch);
        let finished = world.push().expect("done");
        assert_eq!((finished.primary.as_str(), finished.backup.as_str()), ("beta", "alpha"));
        assert_eq!(world.pair.roles(), [Backup, Primary]);
        check(&world);
        check_journals(&world, &ASYNC);
        assert!(world.told[1].begun.borrow()[0].1 < world.told[0].begun.borrow()[0].1, "B before A");
        let moved = world
            .pair
            .events()
            .iter()
            .filter(|(_, _, what)| matches!(*what, "shared-ip-enabled" | "shared-ip-disabled"))
            .count();
        match switch {
            Switch::SharedIp => assert_eq!((world.pair.shared_ips(), moved), ([false, true], 2)),
            Switch::Dns | Switch::Nat => {
                assert_eq!(moved, 0);
                assert!(
                    world.operator.asked.iter().any(|asked| asked.contains("support.example.com point to 10.0.0.2"))
                );
            }
        }
        assert!(world.operator.asked.iter().any(|asked| asked.contains("pulled all session data from alpha")));
    }
}

#[test]
fn what_a_driver_is_told_to_the_very_end_is_in_the_journal_of_its_appliance() {
    for (mut world, at) in [(sync(), 0), (sync(), 1), (switched(Switch::Dns), 0), (switched(Switch::Dns), 1)] {
        let question = "User name for the appliance:".to_owned();
        let answer = Answer::Text("admin".to_owned());
        world.appliances[at].asks = Some(Answered { question: question.clone(), answer });
        world.push().expect("done");
        assert_eq!(world.appliances[at].answered(), [], "journal {at} has all of it");
        let word = Entry::Answered(Word { question, answer: "admin".to_owned() });
        assert!(world.entries(at).contains(&word));
        assert!(!world.entries(1 - at).contains(&word), "the other one's driver asked nothing");
    }
}

#[test]
fn the_second_window_is_waited_for() {
    let mut world = sync();
    world.operator.refuses = asks!(PairQuestion::HasSecondWindowBegun { .. });
    let told = stops(&mut world, Exit::Waiting);
    assert!(told.contains("there is no failover"), "{told}");
    assert_eq!((world.done(0).len(), world.done(1).len()), (2, 0));
    assert_eq!(world.pair.roles(), [Alone, Alone]);
    world.clock.advance(24 * 3600);
    world.operator.refuses = nothing;
    world.push().expect("done");
    check_journals(&world, &SYNC);
}

#[test]
fn a_version_that_is_not_verified_goes_no_further() {
    let mut world = switched(Switch::SharedIp);
    world.operator.refuses = asks!(PairQuestion::IsVerified { on, .. } if on == "beta");
    let told = stops(&mut world, Exit::Declined);
    assert!(told.contains("alpha serves with the old version as before") && told.contains("support beta"), "{told}");
    assert_eq!(world.pair.shared_ips(), [true, false], "the site stays where it is");
    for step in [
        "on two machines or more that reach beta, add this line to the hosts file: 10.0.0.2 support.example.com",
        "start a console on one of them and have it connect to support.example.com, which is beta there",
        "Help > About shows 10.6.2",
        "make a session with a remote computer",
    ] {
        assert!(world.teller.has(step), "{step}");
    }
    world.operator.refuses = nothing;
    world.push().expect("done");

    let mut world = sync();
    world.operator.refuses = asks!(PairQuestion::IsVerified { on, .. } if on == "alpha");
    let told = stops(&mut world, Exit::Declined);
    assert!(
        told.contains("beta still has the old version") && told.contains("lead the site's address there"),
        "{told}"
    );
    assert!(world.told[1].begun.borrow().is_empty(), "what is not tested on A is not installed on B");
    assert!(
        world.teller.has("start a console on any machine") && !world.teller.has("hosts file"),
        "the name leads to A"
    );
    world.operator.refuses = nothing;
    world.push().expect("done");
}

#[test]
fn a_role_that_is_not_as_thought_changes_nothing() {
    let mut world = sync();
    world.pair.set_roles([Backup, Primary]);
    let failure = world.push().expect_err("stopped");
    assert_eq!(failure.exit, Exit::RoleUnexpected);
    assert!(hint(&failure).contains("the other way round"));
    world.pair.set_roles([Alone, Alone]);
    assert_eq!(world.push().expect_err("stopped").exit, Exit::RoleUnexpected);
    assert!(world.pair.events().is_empty() && world.told[0].backups.borrow().is_empty());
    world.pair.set_roles([Primary, Backup]);
    world.push().expect("done");
    check(&world);
}

#[test]
fn a_sync_that_never_ends_breaks_nothing_and_goes_on() {
    let mut world = sync();
    world.pair.set_faults(&[Fault::SyncNeverEnds]);
    let told = stops(&mut world, Exit::SyncUnfinished);
    assert!(told.contains("nothing was broken or installed"), "{told}");
    assert_eq!(world.pair.roles(), [Primary, Backup]);
    world.pair.set_faults(&[]);
    world.push().expect("done");
    check(&world);
    let presses = world.pair.events().iter().filter(|(_, _, what)| *what == "sync-pressed").count();
    assert_eq!(presses, 2, "the sync that was under way is waited for, not pressed again");
}

fn declined() -> DriverError {
    DriverError::LoginAgreement { page: "/login".to_owned() }
}

fn locked() -> DriverError {
    DriverError::Barred { why: LoginBlocked::Locked, page: "/login".to_owned(), said: String::new() }
}

fn nobody() -> DriverError {
    OperatorError::NoAnswer("Password of rui on /login".to_owned()).into()
}

fn away() -> DriverError {
    WebError::Unreachable { origin: "https://beta".to_owned(), why: "it restarts".to_owned() }.into()
}

#[test]
fn the_wait_for_a_sync_stops_at_what_is_hopeless_and_asks_nothing_twice() {
    for (barred, exit) in
        [(declined as fn() -> _, Exit::LoginAgreement), (locked, Exit::AccountLocked), (nobody, Exit::Declined)]
    {
        let mut world = sync();
        world.pair.set_faults(&[Fault::SyncNeverEnds]);
        world.appliances[1].barred = Some(barred);
        let failure = world.push().expect_err("it stops");
        assert_eq!(failure.exit, exit, "{failure:?}");
        assert_eq!(world.told[1].looks.get(), 1, "one look, one answer");
        assert_eq!(world.pair.roles(), [Primary, Backup], "nothing was broken");
    }
    // What passes is waited for.
    let mut world = sync();
    world.appliances[1].barred = Some(away);
    world.push().expect("done");
    assert!(world.told[1].looks.get() > 2);
}

#[test]
fn partners_that_do_not_reach_each_other_stop_before_anything_is_broken() {
    let mut world = sync();
    world.pair.set_faults(&[Fault::PartnerUnreachable]);
    let told = stops(&mut world, Exit::PartnerUnreachable);
    assert!(told.contains("the pair is as it was"), "{told}");
    assert_eq!(world.pair.roles(), [Primary, Backup]);
    world.pair.set_faults(&[]);
    world.push().expect("done");
    check(&world);
}

#[test]
fn keys_that_differ_are_found_by_the_appliance_and_mended() {
    let mut world = sync();
    world.pair.set_faults(&[Fault::KeyDiffers]);
    let told = stops(&mut world, Exit::PairDiffers);
    assert!(told.contains("Management > Security") && told.contains("write it nowhere"), "{told}");
    assert_eq!(world.pair.roles(), [Alone, Alone]);
    assert_eq!(world.done(0), world.done(1), "both are upgraded by then");
    world.pair.set_faults(&[]);
    world.push().expect("done");
    assert_eq!(world.told[0].begun.borrow().len(), 2, "nothing is installed again");
    check_journals(&world, &SYNC);
}

#[test]
fn a_relationship_of_which_nothing_comes_is_waited_for_then_named_and_pressed_again() {
    let mut world = sync();
    world.pair.set_faults(&[Fault::EstablishVanishes]);
    let told = stops(&mut world, Exit::RoleUnexpected);
    assert!(told.contains("alpha should be primary by now, and is in no failover relationship"), "{told}");
    assert_eq!(world.pair.roles(), [Alone, Alone]);
    world.pair.set_faults(&[]);
    world.push().expect("done");
    check(&world);
}

#[test]
fn an_address_that_can_not_be_enabled_is_tried_again_or_led_back() {
    let mut world = switched(Switch::SharedIp);
    world.pair.set_faults(&[Fault::EnableFails]);
    world.push().expect("tried again at once");

    let mut world = switched(Switch::SharedIp);
    world.pair.set_faults(&[Fault::EnableFails; 3]);
    let failure = world.push().expect_err("led back");
    assert_eq!(failure.exit, Exit::PairRefused);
    assert_eq!(world.pair.shared_ips(), [true, false], "the site is back on A");
    world.push().expect("done");

    let mut world = switched(Switch::SharedIp);
    world.operator.refuses = asks!(PairQuestion::EnableAgain { .. });
    world.pair.set_faults(&[Fault::EnableFails; 3]);
    let told = stops(&mut world, Exit::SwitchHalf);
    assert!(told.contains("the site is not reachable") && told.contains("on beta to go on"), "{told}");
    world.push().expect("done");
    check(&world);
}

#[test]
fn a_backup_and_a_sync_that_grew_old_are_made_again() {
    let mut world = sync();
    world.pair.set_faults(&[Fault::SyncNeverEnds]);
    stops(&mut world, Exit::SyncUnfinished);
    world.pair.set_faults(&[]);
    world.clock.advance(3 * 24 * 3600);
    world.push().expect("done");
    assert_eq!(world.told[0].backups.borrow().len(), 2, "the old one does not count");
    let presses = world.pair.events().iter().filter(|(_, at, what)| *what == "sync-pressed" && *at == 1).count();
    assert_eq!(presses, 3, "one that was pressed three days ago does not count either");
    check(&world);
}

#[test]
fn before_anything_is_broken_another_order_may_be_chosen() {
    let mut world = sync();
    world.pair.set_faults(&[Fault::SyncNeverEnds]);
    stops(&mut world, Exit::SyncUnfinished);
    world.pair.set_faults(&[]);
    world.pair_rules.order = Order::FailoverAsync(Switch::Dns);
    world.push().expect("done");
    assert_eq!(world.pair.roles(), [Backup, Primary]);
    check(&world);
}

#[test]
fn another_order_does_not_end_what_one_has_begun() {
    let mut world = sync();
    world.operator.refuses = asks!(PairQuestion::IsVerified { on, .. } if on == "alpha");
    stops(&mut world, Exit::Declined);
    world.pair_rules.order = Order::FailoverAsync(Switch::Dns);
    world.pair_rules.command = "handcarry-inside push /media/stick alpha beta --topology failover-async".to_owned();
    let told = stops(&mut world, Exit::PairOpen);
    assert!(told.ends_with("handcarry-inside push /media/stick alpha beta"), "as it was begun: {told}");
}

#[test]
fn an_install_that_fails_on_one_leaves_the_other_alone() {
    let mut world = sync();
    world.appliances[0].faults = Faults::from(&[Fault::InstallFails][..]);
    let failure = world.push().expect_err("the base update fails");
    assert_eq!(failure.exit, Exit::BaseTrouble);
    assert!(failure.message.starts_with("alpha: "), "{}", failure.message);
    assert!(world.told[1].begun.borrow().is_empty());
}

#[test]
fn killed_at_every_record_a_pair_goes_on() {
    // Each record is a place to die, before or after the disk has it; the other
    // way round in the other order.
    for (order, steps) in [(Order::FailoverSync, &SYNC[..]), (Order::FailoverAsync(Switch::SharedIp), &ASYNC[..])] {
        let topology = order.topology();
        for from in [1, 2] {
            let kept = (from == 1) == (topology == Topology::FailoverSync);
            for at in (from..).step_by(2) {
                let mut world = PairWorld::new(order, &CHAIN[..2]);
                world.kill = Some((at, kept));
                let was_killed = world.push().is_err_and(|failure| failure.message.ends_with(KILLED));
                check(&world);
                let end = world.push_to_the_end();
                assert!(end.is_ok(), "{topology} killed at {at}, {kept}: {end:?}");
                assert_eq!([world.done(0).len(), world.done(1).len()], [2, 2], "{topology} killed at {at}, {kept}");
                check(&world);
                check_journals(&world, steps);
                if !was_killed {
                    assert!(at > 60, "every record was a place to die, not only {at}");
                    break;
                }
            }
        }
    }
}

fn any_pair_fault() -> impl Strategy<Value = Fault> {
    prop_oneof![Just(Fault::PressAnswerLost), Just(Fault::ByHandPress), Just(Fault::EnableFails)]
}

fn any_fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::UploadCut),
        Just(Fault::UploadAnswerLost),
        Just(Fault::PackageRefused),
        Just(Fault::AgreementAnswerLost),
        Just(Fault::BackupEmpty),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_goes_wrong_between_two_the_rules_hold(
        asynchronous in any::<bool>(),
        by in 0usize..3,
        between in prop::collection::vec(any_pair_fault(), 0..4),
        on_a in prop::collection::vec(any_fault(), 0..3),
        on_b in prop::collection::vec(any_fault(), 0..3),
        kills in prop::collection::vec((1usize..90, any::<bool>()), 0..4),
        soaks in any::<bool>(),
    ) {
        let switch = [Switch::SharedIp, Switch::Dns, Switch::Nat][by];
        let order = if asynchronous { Order::FailoverAsync(switch) } else { Order::FailoverSync };
        // Asynchronously a chain of two site versions is refused.
        let packages = if soaks && !asynchronous { &CHAIN[..] } else { &CHAIN[..2] };
        let mut world = PairWorld::new(order, packages);
        world.pair.set_faults(&between);
        (world.appliances[0].faults, world.appliances[1].faults) = (Faults::from(&on_a[..]), Faults::from(&on_b[..]));
        let mut kills = kills.into_iter();
        let mut runs = 0;
        loop {
            runs += 1;
            prop_assert!(runs < 120, "it comes to an end: {:?}", world.teller.0.borrow().iter().rev().take(30).collect::<Vec<_>>());
            world.kill = kills.next();
            let outcome = world.push();
            check(&world);
            match outcome {
                Ok(_) => break,
                Err(failure) if failure.exit == Exit::Waiting => world.clock.advance(5 * 3600),
                Err(_) => world.clock.advance(60),
            }
        }
        prop_assert_eq!([world.done(0).len(), world.done(1).len()], [packages.len(); 2]);
        check_journals(&world, if asynchronous { &ASYNC } else { &SYNC });
    }
}
