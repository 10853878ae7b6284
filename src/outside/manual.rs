//! What the outside tells of itself: its verbs in groups, and examples.

use crate::cli::Manual;

/// The outside's own.
pub(super) const MANUAL: Manual = Manual {
    about: "Exchange an appliance download code for packages, keep them, and sign them onto removable media",
    usual: USUAL,
    more: MORE,
    groups: &[
        ("Once", &["keygen", "trust", "vendor", "speaker"]),
        ("At any time", &["next", "vault", "audit", "log", "media"]),
        ("Each time", &["fetch", "import", "check", "seal", "write", "receive"]),
        ("With further signers", &["sign", "draft"]),
        ("In trouble", &["repair", "help"]),
    ],
};

/// The usual course, once the key is made and each half trusts the other's.
const USUAL: &str = "\
# see where everything stands, and what is due
handcarry-outside
# make the signing key, once
handcarry-outside keygen
# trust the other key, once
handcarry-outside trust add inside.pub
# exchange the code of the request on the stick
handcarry-outside fetch /media/stick
# name what is missing before it
handcarry-outside check
# sign a bundle and write it onto the stick
handcarry-outside seal --write /media/stick
# note what was installed
handcarry-outside receive /media/stick
# tell all that was seen of each appliance, proved again
handcarry-outside audit";

/// What is done now and then.
const MORE: &str = "\
# take packages from a folder that a browser filled
handcarry-outside import base.nss --kind base --version 3.4.0
# what is kept
handcarry-outside vault
# prove every byte that is kept
handcarry-outside vault check
# write a sealed bundle onto two sticks at once
handcarry-outside write /media/stick /media/second
# with recovery volumes for a tenth of it
handcarry-outside write /media/stick --parity 10
# restore a damaged bundle from its recovery volumes
handcarry-outside repair /media/stick
# carry a sealed manifest to a second signer
handcarry-outside draft export 6b4fe9e5 /media/stick
# take the signature that came back
handcarry-outside draft collect /media/stick
# sign what somebody else sealed
handcarry-outside sign /media/stick
# which vendors packages may come from
handcarry-outside vendor list
# whose requests count for an appliance
handcarry-outside speaker list
# read what touched trust and custody
handcarry-outside log
# what is plugged in
handcarry-outside media list";

#[cfg(test)]
mod tests {
    #[test]
    fn each_verb_has_its_group_and_an_example_that_can_be_typed() {
        crate::cli::check_manual::<crate::outside::Verb>(crate::cli::Half::Outside, &super::MANUAL);
    }
}
