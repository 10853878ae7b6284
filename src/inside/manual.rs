//! What the inside tells of itself: its verbs in groups, and examples.

use crate::cli::Manual;

/// The inside's own.
pub(super) const MANUAL: Manual = Manual {
    about: "Verify a carried bundle and push its packages, in order, to the appliance",
    usual: USUAL,
    more: MORE,
    groups: &[
        ("Once", &["keygen", "trust", "enroll", "rename", "remove"]),
        ("At any time", &["next", "list", "status", "watch", "probe", "audit", "log", "media"]),
        (
            "Each time",
            &[
                "request", "verify", "take", "store", "before", "plan", "rehearse", "approve", "push", "update",
                "soak", "receipt", "after",
            ],
        ),
        ("In trouble", &["backup", "restore", "repair", "support"]),
        ("handcarry itself", &["self", "lab", "tour", "help"]),
    ],
};

/// The usual course, once the key is made and each half trusts the other's.
const USUAL: &str = "\
# see where everything stands, and what is due
handcarry-inside
# make the signing key, once
handcarry-inside keygen
# trust the other key, once
handcarry-inside trust add outside.pub
# remember an appliance, once
handcarry-inside enroll branch --url https://support.example.com
# ask for packages
handcarry-inside request branch /media/stick
# check what came back
handcarry-inside verify /media/stick
# take it into the store, so that the stick may go
handcarry-inside take /media/stick
# what is kept there, and what became of it
handcarry-inside store list
# what must be done before it
handcarry-inside before branch
# see the steps and the waits
handcarry-inside plan branch
# play it through, with nothing changed
handcarry-inside rehearse branch
# agree to it as a second person, where trust asks for one
handcarry-inside approve SHA256 --key second.key
# back up, then install in order
handcarry-inside push branch
# all of this from a stick that stays in
handcarry-inside push /media/stick branch
# the same where it reaches the vendor itself
handcarry-inside update branch
# tell the outside what was done
handcarry-inside receipt branch /media/stick
# put the last backup back
handcarry-inside restore branch
# what is left to look at
handcarry-inside after branch
# pack what vendor support asks for
handcarry-inside support branch
# take a newer handcarry from the medium
handcarry-inside self apply /media/stick";

/// What is done now and then.
const MORE: &str = "\
# call it otherwise, everywhere
handcarry-inside rename branch porto
# take it out of the inventory
handcarry-inside remove branch
# where each stands, as it was last seen
handcarry-inside list --state
# look at its pages, days before, with nothing pressed
handcarry-inside probe branch
# what it runs now
handcarry-inside status branch
# follow a run from a second terminal
handcarry-inside watch branch
# prove the journal's chain and read it
handcarry-inside audit branch
# read what touched trust and custody
handcarry-inside log
# what is plugged in
handcarry-inside media list
# try whether a stick keeps what it is given
handcarry-inside media check /media/stick
# restore a damaged bundle from its recovery volumes
handcarry-inside repair /media/stick
# who of the clients has updated
handcarry-inside soak branch
# all of a fleet, four at once, one of them first
handcarry-inside push --all --canary branch
# a failover pair, the primary first
handcarry-inside push alpha beta --topology failover-sync
# have a fault strike in a rehearsal
handcarry-inside rehearse branch --fault package-refused
# keep a backup now
handcarry-inside backup branch
# a vendor and an appliance to practise on
handcarry-inside lab
# see the whole trip on this machine
handcarry-inside tour";

#[cfg(all(test, feature = "lab"))]
mod tests {
    #[test]
    fn each_verb_has_its_group_and_an_example_that_can_be_typed() {
        crate::cli::check_manual::<crate::inside::Verb>(crate::cli::Half::Inside, &super::MANUAL);
    }
}
