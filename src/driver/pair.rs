//! The steps between the two appliances of a failover pair, as a person does
//! them. Source: the upgrade guide, both failover chapters.

use super::guides::{MenuPath, guide};
use super::{Guide, Words};
use crate::inventory::Reached;

const FAILOVER: MenuPath = ("/login", &["nav.management", "nav.failover"]);
const NETWORK: MenuPath = ("/appliance", &["nav.networking", "nav.ip"]);

/// Looking what an appliance is in the relationship.
pub(crate) fn look(words: &Words, because: String) -> Guide {
    let instructions = vec![
        "log in on /login and open the page".to_owned(),
        "read there whether this is the primary or the backup site instance, or whether failover is not configured"
            .to_owned(),
        "on a backup, read too when the last data-sync was pulled, with its zone".to_owned(),
    ];
    guide(words, "look at the failover relationship", FAILOVER, instructions, because)
}

/// Pulling a data sync now.
pub(crate) fn sync(words: &Words, because: String) -> Guide {
    // The guide in Portuguese leaves out on which of the two. Its
    // picture is the backup's page, and so says the English text.
    let instructions = vec![
        "log in on /login of the backup appliance: the backup pulls the sync, the primary has no such button"
            .to_owned(),
        format!("open the page and press {}, once", words.told("failover.sync")),
        "the page can be left; the sync takes seconds to hours".to_owned(),
    ];
    guide(words, "pull a data sync from the primary", FAILOVER, instructions, because)
}

/// Breaking the relationship.
pub(crate) fn break_up(words: &Words, because: String) -> Guide {
    let instructions = vec![
        "log in on /login and open the page".to_owned(),
        format!("press {}, once", words.told("failover.break")),
        "nothing but the relationship is lost on either appliance".to_owned(),
    ];
    guide(words, "break the failover relationship", FAILOVER, instructions, because)
}

/// Establishing the relationship; on the appliance that is to be primary.
pub(crate) fn establish(words: &Words, backup: &Reached, primary: &Reached, because: String) -> Guide {
    let instructions = vec![
        "log in on /login of the appliance that is to be primary, and of the other one in a second tab".to_owned(),
        format!(
            "on both, {} must hold the same {}; compare it there, and write it nowhere",
            words.path("/login", &["nav.management", "nav.security"]),
            words.told("failover.key")
        ),
        format!(
            "on the page of the future primary, under {}: {} and port {}",
            words.told("failover.new_backup"),
            backup.host,
            backup.port
        ),
        format!("under {}: {} and port {}", words.told("failover.reverse"), primary.host, primary.port),
        format!("press {}, once", words.told("failover.establish")),
    ];
    guide(words, "establish the failover relationship", FAILOVER, instructions, because)
}

/// Moving the shared address; `address` where it is known.
pub(crate) fn move_shared_ip(words: &Words, address: Option<&str>, (from, to): (&str, &str), because: String) -> Guide {
    let which = address.map_or_else(|| "the shared IP address".to_owned(), str::to_owned);
    let (enabled, save) = (words.told("network.enabled"), words.told("network.save"));
    // Both pages first, as the guide advises: the site is away from the first press to the second.
    let instructions = vec![
        format!("log in on /appliance of {from}, open the page, and click {which} to edit it"),
        format!(
            "do the same on {to} in a second tab, before anything is changed: the site is away between the next two \
             steps"
        ),
        format!("on {from}, clear {enabled} and press {save}"),
        format!("at once, on {to}, tick {enabled} and press {save}"),
    ];
    guide(words, &format!("move the shared IP address from {from} to {to}"), NETWORK, instructions, because)
}

/// Enabling or disabling the shared address; `address` where it is known.
pub(crate) fn shared_ip(words: &Words, address: Option<&str>, enabled: bool, because: String) -> Guide {
    let which = address
        .map_or_else(|| "the shared IP address".to_owned(), |address| format!("the shared IP address {address}"));
    let tick = if enabled { "tick" } else { "clear" };
    let instructions = vec![
        "log in on /appliance and open the page".to_owned(),
        format!("click {which} to edit it"),
        format!("{tick} {}", words.told("network.enabled")),
        format!("press {}", words.told("network.save")),
    ];
    let title = if enabled { "enable the shared IP address" } else { "disable the shared IP address" };
    guide(words, title, NETWORK, instructions, because)
}
