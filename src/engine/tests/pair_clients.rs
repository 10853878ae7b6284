//! Clients of a pair: their day for each version, where they are, and what is
//! asked for them around the switch.

use super::pair::{ASYNC, SYNC, check, check_journals, stops, switched, sync};
use super::pair_world::PairWorld;
use super::world::{CHAIN, hint, nothing};
use crate::engine::question::PairQuestion;
use crate::model::{Exit, FailoverRole};
use crate::plan::{Order, Switch};

use FailoverRole::{Backup, Primary};

#[test]
fn the_soak_is_where_the_clients_are_and_nowhere_else() {
    let mut world = PairWorld::new(Order::FailoverSync, &CHAIN);
    let mut waits = 0;
    let finished = loop {
        match world.push() {
            Ok(finished) => break finished,
            Err(failure) if failure.exit == Exit::Waiting => waits += 1,
            Err(failure) => panic!("{failure:?}"),
        }
        world.clock.advance(24 * 3600);
    };
    assert_eq!((waits, finished.primary.as_str()), (1, "alpha"), "one soak, at the primary");
    let sites = |at: usize| {
        let begun = world.told[at].begun.borrow();
        let when = |name: &str| begun.iter().find(|(began, _)| began == name).expect("begun").1;
        when("site 11.1.1").secs_since(when("site 10.6.2"))
    };
    assert!(sites(0) >= 24 * 3600, "clients have their day at alpha: {}", sites(0));
    assert!(sites(1) < 3600, "no client is at beta, so nobody waits there: {}", sites(1));
    check(&world);
    check_journals(&world, &SYNC);
}

#[test]
fn asynchronously_no_client_is_led_past_a_site_version() {
    let mut world = PairWorld::new(Order::FailoverAsync(Switch::SharedIp), &CHAIN);
    let failure = world.push().expect_err("refused");
    assert_eq!(failure.exit, Exit::ClientsLeftBehind, "{failure:?}");
    assert!(failure.message.contains("site 11.1.1"), "{}", failure.message);
    let hint = hint(&failure);
    for serial in ["S1", "S2"] {
        let seal =
            format!("handcarry-outside seal --appliance {serial} --packages \"base 3.4.0,site 10.6.2\" --write MEDIA");
        assert!(hint.contains(&seal), "{hint}");
    }
    assert!(world.pair.events().is_empty() && world.told[0].backups.borrow().is_empty(), "nothing was touched");
    assert_eq!(world.pair.roles(), [Primary, Backup]);
}

#[test]
fn clients_that_were_just_led_over_have_their_day_before_anything_is_broken() {
    let mut world = switched(Switch::Dns);
    world.operator.refuses = asks!(PairQuestion::DoesEntryPoint { .. });
    stops(&mut world, Exit::Declined);
    // B has its version for three days when clients come to it.
    world.clock.advance(3 * 24 * 3600);
    world.operator.refuses = nothing;
    world.push().expect("done");
    let broken = world.pair.events().len();
    world.other_way_round(&CHAIN[2..]);
    world.pair_rules.order = Order::FailoverSync;
    let told = stops(&mut world, Exit::Waiting);
    assert!(told.contains("site 10.6.2"), "{told}");
    assert_eq!(world.pair.events().len(), broken, "the relationship stands meanwhile");
    world.clock.advance(24 * 3600);
    world.push().expect("done");
    assert_eq!(world.done(0), ["base 3.4.0", "site 10.6.2", "site 11.1.1"]);
}

#[test]
fn session_data_is_pulled_again_unless_the_switch_followed_at_once() {
    let mut world = switched(Switch::Dns);
    world.operator.refuses = asks!(PairQuestion::DoesEntryPoint { .. });
    stops(&mut world, Exit::Declined);
    world.operator.refuses = nothing;
    let asked = world.operator.asked.len();
    world.clock.advance(3 * 24 * 3600);
    world.push().expect("done");
    let again: Vec<&String> = world.operator.asked[asked..].iter().collect();
    let at = |words: &str| {
        again.iter().position(|asked| asked.contains(words)).unwrap_or_else(|| panic!("{words}: {again:?}"))
    };
    assert_eq!(at("pulled all session data") + 1, at("Does the DNS entry"), "immediately before: {again:?}");

    // Once the switch is made, nobody is asked for what is on A any more.
    let mut world = switched(Switch::Dns);
    world.operator.refuses = asks!(PairQuestion::HasSecondWindowBegun { .. });
    stops(&mut world, Exit::Waiting);
    world.operator.refuses = nothing;
    let asked = world.operator.asked.len();
    world.push().expect("done");
    assert!(!world.operator.asked[asked..].iter().any(|asked| asked.contains("session data")));
}

#[test]
fn the_integration_client_is_asked_about_after_the_switch() {
    let mut world = switched(Switch::SharedIp);
    world.operator.refuses = asks!(PairQuestion::CanDataBePulled { .. });
    stops(&mut world, Exit::Declined);
    assert_eq!((world.pair.shared_ips(), world.done(0).len()), ([false, true], 0));
    world.operator.refuses = nothing;
    world.push().expect("done");
    check_journals(&world, &ASYNC);
    assert!(!world.operator.asked.is_empty() && sync().push().is_ok(), "and only where the address moved");
}
