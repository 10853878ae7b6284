//! What is compared before a pair is broken, and who answers behind a NAT.

use super::pair::{stops, switched, sync};
use super::world::nothing;
use crate::engine::question::PairQuestion;
use crate::model::Exit;
use crate::model::FailoverRole::{Backup, Primary};
use crate::plan::Switch;

#[test]
fn keys_and_ports_are_compared_while_the_relationship_still_stands() {
    let mut world = sync();
    world.names.1 = vec![("10.0.0.1", "of alpha")];
    world.operator.refuses = asks!(PairQuestion::AreKeysSame { .. });
    let told = stops(&mut world, Exit::PairDiffers);
    assert!(told.contains("nothing was broken") && told.contains("/login > Management > Security"), "{told}");
    assert_eq!((world.pair.roles(), world.pair.events().len()), ([Primary, Backup], 0));
    assert!(world.teller.has("alpha is to be reached by beta at 10.0.0.1:443; it answers there"));
    assert!(world.teller.has("beta is to be reached by alpha at 10.0.0.2:443, where nothing answers this machine"));
    let asked = world.operator.asked.iter().find(|asked| asked.contains("Pre-shared Key")).cloned().expect("asked");
    assert!(
        asked.contains("alpha reach beta at 10.0.0.2:443") && asked.contains("beta reach alpha at 10.0.0.1:443"),
        "{asked}"
    );
    world.operator.refuses = nothing;
    world.push().expect("done");
}

#[test]
fn a_nat_entry_is_looked_at_by_who_answers_where_that_can_be_seen() {
    let (site, a, b) = ("support.example.com", "10.0.0.1", "10.0.0.2");
    let mut world = switched(Switch::Nat);
    world.names.1 = vec![(site, "of alpha"), (a, "of alpha"), (b, "of beta")];
    world.operator.refuses = asks!(PairQuestion::IsOwnNat { .. });
    let told = stops(&mut world, Exit::Unconfirmed);
    assert!(told.contains("still answered by alpha") && told.contains("look at the NAT entry"), "{told}");
    assert_eq!(world.done(0).len(), 0, "A keeps the old version");
    world.operator.refuses = nothing;
    world.names.1[0].1 = "of beta";
    world.push().expect("done");
    assert!(world.teller.has("shows the certificate of beta here, too"));

    // One certificate on both, as a site's own is, or nothing that answers, tells nothing.
    for shown in [vec![(site, "one"), (a, "one"), (b, "one")], vec![(a, "of alpha"), (b, "of beta")]] {
        let mut world = switched(Switch::Nat);
        world.names.1 = shown;
        world.push().expect("done");
        assert!(world.teller.has("can't be told from this machine, so it is believed as it was told"));
    }
}
