//! A member of a standing failover pair that is worked alone.

use super::world::{CHAIN, World, hint};
use crate::engine::entry::RoleBy;
use crate::engine::{Alone, Entry, PairTold};
use crate::model::{Exit, FailoverRole, FileName};
use crate::simulator::SimulatedPair;
use std::rc::Rc;

use FailoverRole::{Backup, None as Single, Primary};

/// A push or an update of one appliance, which is `role` with its partner.
fn member(role: FailoverRole, other: FailoverRole) -> World {
    let mut world = World::new(&CHAIN[..2]);
    let pair = SimulatedPair::new(Rc::clone(&world.clock), 120);
    pair.set_roles([role, other]);
    world.appliance.pair = Some((pair, 0));
    world.appliance.vendor = vec![("Base 3.4.0".to_owned(), Vec::new())];
    world.rules.alone = Some(Alone {
        verb: "push",
        pair: PairTold {
            partner: Some(FileName::parse("beta").expect("a name")),
            planned: false,
            media: Some("/media/stick".to_owned()),
        },
        reason: None,
    });
    world
}

fn roles_read(world: &World) -> Vec<(FailoverRole, RoleBy)> {
    let read = |entry| match entry {
        Entry::RoleRead { role, by } => Some((role, by)),
        _ => None,
    };
    world.entries().into_iter().filter_map(read).collect()
}

#[test]
fn a_member_of_a_standing_pair_is_not_worked_alone() {
    for (role, other, both) in [(Primary, Backup, "box beta"), (Backup, Primary, "beta box")] {
        for verb in [World::push, World::update] {
            let mut world = member(role, other);
            let failure = verb(&mut world).expect_err("refused");
            assert_eq!(failure.exit, Exit::RoleUnexpected, "{failure:?}");
            let hint = hint(&failure);
            assert!(hint.contains(&format!("handcarry-inside push /media/stick {both} --topology")), "{hint}");
            assert!(world.told.begun.borrow().is_empty() && world.told.backups.borrow().is_empty());
            assert_eq!(roles_read(&world), [(role, RoleBy::Page)]);
        }
    }
}

#[test]
fn one_in_no_relationship_is_worked_alone() {
    let mut world = member(Single, Single);
    world.push().expect("done");
    assert_eq!(roles_read(&world), [(Single, RoleBy::Page)]);
}

#[test]
fn the_command_of_a_planned_pair_is_short_and_an_unknown_partner_is_said_to_be_so() {
    let mut told = PairTold { partner: FileName::parse("beta").ok(), planned: true, media: Some("/s".to_owned()) };
    assert_eq!(told.command("alpha", Backup), "handcarry-inside push /s alpha --pair");
    told = PairTold { partner: None, planned: false, media: None };
    let hint = told.hint("alpha", Backup);
    assert!(hint.contains("handcarry-inside update PARTNER alpha --topology") && hint.contains("pair = "), "{hint}");
    assert!(hint.contains("--media-a MEDIA or --media-b MEDIA"), "an update has no medium: {hint}");
    told.planned = true;
    assert_eq!(told.command("alpha", Backup), "handcarry-inside update alpha --pair");
}

#[test]
fn where_nobody_can_read_the_role_a_person_tells_it() {
    for (answer, exit) in [("none", None), ("primary", Some(Exit::RoleUnexpected)), ("what", Some(Exit::Declined))] {
        let mut world = member(Primary, Backup);
        world.appliance.hands = vec!["failover"];
        answer.clone_into(&mut world.operator.path);
        let outcome = world.push();
        assert_eq!(outcome.as_ref().err().map(|failure| failure.exit), exit, "{answer}: {outcome:?}");
        let told = roles_read(&world);
        match answer {
            "none" => assert_eq!(told, [(Single, RoleBy::Operator)]),
            "primary" => assert_eq!(told, [(Primary, RoleBy::Operator)]),
            _ => assert!(told.is_empty(), "nothing is guessed"),
        }
        assert_eq!(world.told.begun.borrow().is_empty(), exit.is_some());
    }
}

#[test]
fn a_member_goes_on_alone_by_a_word_and_a_reason_only() {
    let mut world = member(Backup, Primary);
    world.rules.alone.as_mut().expect("alone").reason = Some("its partner burnt down".to_owned());
    "yes".clone_into(&mut world.operator.path);
    assert_eq!(world.push().expect_err("another word").exit, Exit::Declined);
    assert!(world.told.begun.borrow().is_empty());
    "alone".clone_into(&mut world.operator.path);
    world.push().expect("set aside");
    let accepted = world.entries().into_iter().find_map(|entry| match entry {
        Entry::DangerousAccepted { what, reason, verb, .. } => Some((what, reason, verb)),
        _ => None,
    });
    let expected = ("alone".to_owned(), "its partner burnt down".to_owned(), "push".to_owned());
    assert_eq!(accepted, Some(expected));
}
