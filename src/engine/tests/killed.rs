//! A run killed anywhere goes on, installs nothing twice and skips nothing.

use super::world::{CHAIN, KILLED, World};
use crate::engine::Entry;
use crate::model::{Exit, Installed, PackageKind};
use crate::simulator::Fault;
use proptest::prelude::*;

/// Every rule that must hold however often a run was killed.
pub(super) fn check(world: &World) {
    let begun = world.told.begun.borrow();
    let done = world.done();
    for name in &done {
        assert_eq!(done.iter().filter(|other| *other == name).count(), 1, "{name} was installed twice");
    }
    assert_eq!(world.told.collisions.get(), 0, "a package was sent while another was being installed");
    let entries = world.entries();
    let first = entries.iter().position(|entry| matches!(entry, Entry::InstallStarted { .. }));
    let backup = entries.iter().position(|entry| matches!(entry, Entry::BackupDone { .. }));
    assert!(first.is_none_or(|first| backup.is_some_and(|backup| backup < first)), "installed without a backup");
    let confirmed = entries.into_iter().filter_map(|entry| match entry {
        Entry::InstallConfirmed { package, .. } => Some(package.name),
        _ => None,
    });
    let confirmed: Vec<String> = confirmed.collect();
    for name in &confirmed {
        assert!(done.contains(name), "{name} was confirmed and is not there");
        assert_eq!(confirmed.iter().filter(|other| *other == name).count(), 1, "{name} was confirmed twice");
    }
    let mut finished_site = None;
    // A patch leaves clients as they are and waits for nobody.
    for (name, at) in begun.iter().filter(|(name, _)| !name.starts_with("patch")) {
        if let Some(before) = finished_site {
            let apart: i64 = at.secs_since(before);
            assert!(apart >= 24 * 3600, "{name} only {apart} s after a site package");
        }
        finished_site = (name.starts_with("site") && done.contains(name)).then_some(*at).or(finished_site);
    }
}

#[test]
fn killed_at_every_record_it_goes_on() {
    for agreement in [None, Some("Agree.".to_owned())] {
        for kept in [false, true] {
            for at in 1.. {
                let mut world = World::new(&CHAIN);
                world.appliance.agreement.clone_from(&agreement);
                world.kill = Some((at, kept));
                // The whole chain takes two runs; the kill may fall into either.
                let mut first = world.push();
                if first.as_ref().is_err_and(|failure| failure.exit == Exit::Waiting) {
                    world.clock.advance(24 * 3600);
                    world.kill = Some((at - world.appends, kept));
                    first = world.push();
                }
                let was_killed = first.as_ref().is_err_and(|failure| failure.message.contains(KILLED));
                world.kill = None;
                let end = world.push_to_the_end();
                assert!(end.is_ok(), "killed at {at}, {kept}: {end:?}");
                assert_eq!(world.done(), ["base 3.4.0", "site 10.6.2", "site 11.1.1"], "killed at {at}, {kept}");
                assert_eq!(world.told.begun.borrow().len(), 3, "killed at {at}, {kept}");
                check(&world);
                if !was_killed {
                    assert!(at > 24, "every record of both runs was a place to die, not only {at}");
                    break;
                }
            }
        }
    }
}

fn any_fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::UploadCut),
        Just(Fault::UploadAnswerLost),
        Just(Fault::PackageRefused),
        Just(Fault::InstallFails),
        Just(Fault::InstallVanishes),
        Just(Fault::AgreementAnswerLost),
        Just(Fault::BackupEmpty),
        Just(Fault::ByHandBackup),
        Just(Fault::ByHandUpload),
        Just(Fault::ByHandAgreement),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_goes_wrong_and_whenever_it_dies_the_rules_hold(
        faults in prop::collection::vec(any_fault(), 0..4),
        kills in prop::collection::vec((1usize..25, any::<bool>()), 0..4),
        agreement in any::<bool>(),
        listed in any::<bool>(),
        patch in any::<bool>(),
    ) {
        let mut packages = CHAIN.to_vec();
        if patch {
            packages.push((PackageKind::Patch, "BT24-10", &[(PackageKind::Site, "11.1.1")]));
        }
        let mut world = World::faulty(&packages, &faults);
        world.appliance.agreement = agreement.then(|| "Agree.".to_owned());
        if listed {
            let mut status = super::world::status();
            status.installed = Some(vec![Installed::of_title("Base 3.3.2")]);
            let faults = world.appliance.faults.clone();
            let agreement = world.appliance.agreement.clone();
            let told = std::rc::Rc::clone(&world.told);
            world.appliance = crate::simulator::Simulated::new(status, std::rc::Rc::clone(&world.clock));
            (world.appliance.faults, world.appliance.agreement, world.appliance.told) = (faults, agreement, told);
        }
        let mut kills = kills.into_iter();
        let mut runs = 0;
        loop {
            runs += 1;
            prop_assert!(runs < 80, "it comes to an end: {:?}", world.teller.0.borrow().iter().rev().take(30).collect::<Vec<_>>());
            world.kill = kills.next();
            match world.push() {
                Ok(_) => break,
                Err(failure) if failure.exit == Exit::Waiting => world.clock.advance(5 * 3600),
                Err(_) => world.clock.advance(60),
            }
            check(&world);
        }
        check(&world);
        prop_assert_eq!(world.done().len(), packages.len(), "none skipped");
    }
}
