//! Why there is no plan for several appliances.

use super::Part;
use crate::model::{AGAIN, FailoverRole, Version, explained, text};
use crate::plan::PlanError;
use macro_rules_attribute::apply;

/// Why no plan can be made.
#[apply(explained!)]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TopologyError {
    /// Both names lead to the same appliance.
    #[error("both names lead to the appliance with serial {serial}; a pair has two")]
    #[hint("enroll each appliance by an address of its own, not by the site's; handcarry-inside list shows them")]
    #[exit(WrongAppliance)]
    SameAppliance {
        /// Its serial number.
        serial: String,
    },
    /// An appliance has another role than the plan thought.
    #[error("{name} should be {wanted}, and is {found}; nothing was changed")]
    #[hint(if *swapped {
        "the first name is the primary (A), the second the backup (B): name them the other way round, \
         or change the roles back under /login > Management > Failover first"
    } else {
        "look at /login > Management > Failover on both; when the relationship stands as it should, \
         run the same command again"
    })]
    #[exit(RoleUnexpected)]
    RoleUnexpected {
        /// Its name in the inventory.
        name: String,
        /// What the plan needs.
        wanted: FailoverRole,
        /// What it shows.
        found: FailoverRole,
        /// Whether the two names are the wrong way round.
        swapped: bool,
    },
    /// The two do not have the same software while they are in a relationship.
    #[error("the two appliances differ before anything is done: {a} has {a_has}, {b} has {b_has}")]
    #[hint("a pair in a relationship has the same version and build; ask vendor support before anything is upgraded")]
    #[exit(PairDiffers)]
    SoftwareDiffers {
        /// A's name.
        a: String,
        /// What it has.
        a_has: String,
        /// B's name.
        b: String,
        /// What it has.
        b_has: String,
    },
    /// The two would not end with the same software.
    #[error("the two appliances would end with different software: {a} with {a_ends}, {b} with {b_ends}")]
    #[hint(match offered.as_deref() {
        None => "a relationship needs the same version and build on both: seal one bundle for the two with the same \
                 packages".to_owned(),
        Some((part, version)) => {
            let media = format!("--media-{}", part.to_string().to_lowercase());
            let stop = version.as_ref().map_or_else(String::new, |version| {
                format!("; or have neither go beyond: {}", AGAIN.with(&["--up-to", &version.to_string()]))
            });
            format!(
                "a relationship needs the same version and build on both: what the one is not offered can be carried \
                 to it: {}{stop}",
                AGAIN.with(&[&media, "MEDIA"])
            )
        }
    })]
    #[exit(PairDiffers)]
    EndsDiffer {
        /// A's name.
        a: String,
        /// What it would end with.
        a_ends: String,
        /// B's name.
        b: String,
        /// What it would end with.
        b_ends: String,
        /// Where packages are offered: which one would end with the older
        /// version, and that.
        offered: Option<Box<(Part, Option<Version>)>>,
    },
    /// Clients would be carried past a site version.
    #[error(
        "clients are led to {name} once, and it would have {} by then, too: they would have no time for the version before",
        text::one_line(&past.join(", "))
    )]
    #[hint(
        "nothing was done; seal one site version a trip, the vault has the packages still: {}; the rest goes in a day \
         after the switch, the other way round; with --topology failover-sync clients have their time at the primary, \
         and all of it goes in one run",
        sealed_first(first_trip)
    )]
    #[exit(ClientsLeftBehind)]
    Chain {
        /// B's name.
        name: String,
        /// Each appliance's serial number, and the titles as far as the first site version.
        first_trip: Vec<(String, Vec<String>)>,
        /// The site packages behind that.
        past: Vec<String>,
    },
    /// An appliance is to be reached by the host name that the pair shares.
    #[error(
        "appliance {part} would be reached by {host}, the host name that both share; each needs a name or address of its own"
    )]
    #[hint("say how its partner reaches it, best by IP address: --reach-{} HOST:PORT", part.to_string().to_lowercase())]
    #[exit(PairDiffers)]
    SharedName {
        /// Which one.
        part: Part,
        /// The name.
        host: String,
    },
    /// An appliance is to be reached by the IP address that moves between the two.
    #[error(
        "appliance {part} would be reached by {host}, the shared IP address, which is at one of the two only; each needs an address of its own"
    )]
    #[hint("say how its partner reaches it, best by IP address: --reach-{} HOST:PORT", part.to_string().to_lowercase())]
    #[exit(PairDiffers)]
    SharedAddress {
        /// Which one.
        part: Part,
        /// The address, or the name that leads to it.
        host: String,
    },
    /// A site would be migrated from an appliance that does not serve it.
    #[error("{name} is the backup of a failover pair, and serves no site that could be migrated")]
    #[hint("name its primary first; or set the new one up as the pair's backup, which needs no migration")]
    #[exit(RoleUnexpected)]
    OldIsBackup {
        /// Its name in the inventory.
        name: String,
    },
    /// The appliance that is to be erased is reached by a name that leads to its successor then.
    #[error("{old} is reached by {host}, the site's own name, which leads to {new} before {old} is erased")]
    #[hint(
        "give {old} a url in inventory.toml that stays its own, best with its IP address (its certificate is pinned \
         already); to leave it as it is in the end: --keep-old; where the site's name is another: --site-host HOST"
    )]
    #[exit(PairDiffers)]
    OldBySiteName {
        /// OLD's name in the inventory.
        old: String,
        /// The site's host name.
        host: String,
        /// NEW's name in the inventory.
        new: String,
    },
    /// Settings would be restored on an appliance that is one of a pair.
    #[error(
        "{name} is {role} of a failover pair; restoring would overwrite its failover settings and its pre-shared key"
    )]
    #[hint(match role {
        FailoverRole::Backup => {
            "break the relationship under /login > Management > Failover first; to have it overwritten instead: \
             --dangerous-restore-on-backup --reason TEXT"
        }
        _ => "it serves a site of its own: name an appliance that serves none",
    })]
    #[exit(RoleUnexpected)]
    NewIsPaired {
        /// Its name in the inventory.
        name: String,
        /// What it is.
        role: FailoverRole,
    },
    /// Settings would be restored on other software than they are from.
    #[error(
        "{new} would end with {new_ends}, and {old} has {old_has}; a backup is restored on the version it was made with"
    )]
    #[hint("seal a bundle for {new} that ends with the version of {old}, or upgrade {old} first")]
    #[exit(PairDiffers)]
    RestoreDiffers {
        /// Where they are from.
        old: String,
        /// What it has.
        old_has: String,
        /// Where they are to go.
        new: String,
        /// What it would end with.
        new_ends: String,
    },
    /// The plan of one of the appliances can't be made.
    #[error("{name}: {error}")]
    #[hint(error.hint())]
    #[exit(error.exit())]
    Part {
        /// Its name in the inventory.
        name: String,
        /// Why not.
        error: PlanError,
    },
}

/// The commands that seal what goes in first, one an appliance.
fn sealed_first(first_trip: &[(String, Vec<String>)]) -> String {
    let seal = |(serial, titles): &(String, Vec<String>)| {
        let (serial, titles) = (text::one_line(serial), text::one_line(&titles.join(",")));
        format!("handcarry-outside seal --appliance {serial} --packages \"{titles}\" --write MEDIA")
    };
    let sealed: Vec<String> = first_trip.iter().filter(|(_, titles)| !titles.is_empty()).map(seal).collect();
    sealed.join("; ")
}
