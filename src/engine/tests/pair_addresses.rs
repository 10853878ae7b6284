//! Addresses of a pair: the one that both share, moved and read back, and the
//! one by which clients reach each.

use super::pair::{check, stops, switched};
use super::pair_world::PairWorld;
use super::world::nothing;
use crate::engine::question::{EnginePrompt, PairQuestion};
use crate::model::Exit;
use crate::plan::Switch;
use std::rc::Rc;

#[test]
fn a_shared_address_that_is_moved_by_hand_is_read_back_and_never_believed() {
    let by_hand = || {
        let mut world = switched(Switch::SharedIp);
        world.appliances[0].hands = vec!["shared-ip"];
        world
    };
    // A yes alone moves nothing: B's page says otherwise, and so does what is read off A's.
    let mut world = by_hand();
    world.operator.types = vec![(asks!(EnginePrompt::IsEnabled { on, .. } if on == "alpha"), "enabled")];
    let told = stops(&mut world, Exit::Unconfirmed);
    assert!(told.contains("still enabled on alpha"), "{told}");
    assert_eq!(world.done(0).len(), 0);
    let guide = world.teller.0.borrow().iter().find(|said| said.contains("second tab")).cloned().expect("a guide");
    let at = |words: &str| guide.find(words).unwrap_or_else(|| panic!("{words}: {guide}"));
    assert!(at("do the same on beta in a second tab") < at("on alpha, clear Enabled"), "{guide}");
    assert!(at("on alpha, clear Enabled") < at("at once, on beta, tick Enabled"), "{guide}");
    assert!(guide.contains("Ativado") && guide.contains("Salvar Alterações"), "{guide}");

    let mut world = by_hand();
    let pair = Rc::clone(&world.pair);
    world.operator.types = vec![(asks!(EnginePrompt::IsEnabled { on, .. } if on == "alpha"), "disabled")];
    world.operator.does =
        Some((asks!(PairQuestion::HasAddressMoved { .. }), Box::new(move || pair.set_shared_ips([false, true]))));
    world.push().expect("done");
    assert_eq!(world.pair.shared_ips(), [false, true]);

    // Half of it was done: B's page can be worked, and the site is away until it is.
    let mut world = by_hand();
    let pair = Rc::clone(&world.pair);
    world.operator.types = vec![(asks!(EnginePrompt::IsEnabled { on, .. } if on == "alpha"), "disabled")];
    world.operator.does =
        Some((asks!(PairQuestion::HasAddressMoved { .. }), Box::new(move || pair.set_shared_ips([false, false]))));
    world.push().expect("enabled at once");
    assert_eq!(world.pair.shared_ips(), [false, true]);

    // Where neither can be read, it is told of each page by itself.
    let mut world = by_hand();
    world.appliances[1].hands = vec!["shared-ip"];
    world.operator.types = vec![
        (asks!(EnginePrompt::IsEnabled { on, .. } if on == "alpha"), "disabled"),
        (asks!(EnginePrompt::IsEnabled { on, .. } if on == "beta"), "disabled"),
    ];
    stops(&mut world, Exit::SwitchHalf);
}

#[test]
fn an_address_that_a_person_enables_is_read_back_before_it_counts() {
    let by_hand = || {
        let mut world = switched(Switch::SharedIp);
        world.appliances[1].hands = vec!["shared-ip-press"];
        world
    };
    let mut world = by_hand();
    let failure = world.push().expect_err("a yes alone enables nothing");
    assert_eq!(failure.exit, Exit::Unconfirmed, "{failure:?}");
    assert!(failure.message.contains("beta does not show the shared IP address as enabled"), "{}", failure.message);

    let mut world = by_hand();
    let pair = Rc::clone(&world.pair);
    world.operator.does = Some((
        asks!(PairQuestion::IsAddress { on, .. } if on == "beta"),
        Box::new(move || pair.set_shared_ips([false, true])),
    ));
    world.push().expect("done");
    assert_eq!(world.pair.shared_ips(), [false, true]);
}

#[test]
fn the_shared_address_is_asked_for_before_anything_is_broken_and_reaches_neither() {
    let mut world = switched(Switch::SharedIp);
    world.pair_rules.shared_ip = None;
    for at in [0, 1] {
        world.appliances[at].hands = vec!["shared-ip"];
    }
    assert_eq!(world.push().expect_err("nobody tells it").exit, Exit::Declined);
    world.operator.types = vec![(asks!(EnginePrompt::SharedAddress { .. }), "10.0.0.2")];
    let failure = world.push().expect_err("refused");
    assert_eq!(failure.exit, Exit::PairDiffers, "{failure:?}");
    assert!(failure.message.contains("10.0.0.2, the shared IP address"), "{}", failure.message);
    assert!(world.pair.events().is_empty(), "before anything is broken");

    // A name that leads to it is no better.
    let mut world = switched(Switch::SharedIp);
    (world.reach_b, world.names.0) = ("support-b.example.com", vec!["192.0.2.10".to_owned()]);
    let failure = world.push().expect_err("refused");
    assert!(failure.message.contains("support-b.example.com, the shared IP address"), "{}", failure.message);
    assert!(world.pair.events().is_empty());
}

#[test]
fn clients_are_led_by_the_address_that_was_told_and_not_by_the_partners_way() {
    let hosts = |world: &PairWorld, line: &str| world.teller.has(&format!("hosts file: {line} support.example.com"));
    // As this machine reaches it, where a person says that clients do, too.
    let mut world = switched(Switch::Dns);
    (world.addressed, world.reach_b) = (false, "172.16.0.9");
    world.push().expect("done");
    assert!(hosts(&world, "10.0.0.2") && !world.teller.has("172.16.0.9 support"), "not by --reach-b");
    assert!(world.operator.asked.iter().any(|asked| asked.contains("Do clients reach beta at 10.0.0.2")));
    assert!(world.operator.asked.iter().any(|asked| asked.contains("point to 10.0.0.2 (beta)")));

    // Otherwise it is typed, once for the run.
    let mut world = switched(Switch::Dns);
    (world.addressed, world.operator.refuses) = (false, asks!(PairQuestion::IsReachedAt { .. }));
    world.operator.types = vec![
        (asks!(EnginePrompt::Address { on } if on == "beta"), "203.0.113.5"),
        (asks!(EnginePrompt::Address { on } if on == "alpha"), "203.0.113.4"),
    ];
    world.push().expect("done");
    assert!(hosts(&world, "203.0.113.5") && hosts(&world, "203.0.113.4"));
    assert!(world.operator.asked.iter().any(|asked| asked.contains("point to 203.0.113.5 (beta)")));
    let asked = world.operator.asked.iter().filter(|asked| asked.contains("By which IP address")).count();
    assert_eq!(asked, 2, "one for each");
}

#[test]
fn an_address_that_was_told_is_not_asked_for_again_in_the_run() {
    let mut world = switched(Switch::Dns);
    world.addressed = false;
    world.operator.refuses = asks!(PairQuestion::HasSecondWindowBegun { .. });
    stops(&mut world, Exit::Waiting);
    let asked = world.operator.asked.len();
    world.operator.refuses = nothing;
    world.push().expect("done");
    assert!(!world.operator.asked[asked..].iter().any(|asked| asked.contains("clients reach")));
}

#[test]
fn a_dns_entry_is_looked_at_before_and_after_it_is_changed() {
    let mut world = switched(Switch::Dns);
    world.names.0 = vec!["10.0.0.1".to_owned()];
    world.operator.refuses = asks!(PairQuestion::IsOwnDoing { .. });
    let told = stops(&mut world, Exit::Unconfirmed);
    assert!(told.contains("leads to 10.0.0.1, and not to 10.0.0.2 (beta)"), "{told}");
    world.names.0 = vec!["10.0.0.2".to_owned()];
    let asked = world.operator.asked.len();
    world.push().expect("done");
    assert!(!world.operator.asked[asked..].iter().any(|asked| asked.contains("DNS entry")), "it leads there already");
    check(&world);
}
