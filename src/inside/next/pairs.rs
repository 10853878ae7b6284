//! What an appliance's journal and the inventory know of its failover pair, as
//! far as a command must name both.

use crate::engine::{Entry, Noted, OpenPair, PairTold, Past};
use crate::inventory::{ApplianceEntry, Inventory};
use crate::model::{FailoverRole, FileName, Timestamp, text};
use crate::plan::{Order, Part, Topology};

/// The words that name both of a standing pair; `None` where the appliance is worked alone.
pub(super) fn words(entry: &ApplianceEntry, past: &Past, inventory: Option<&Inventory>) -> Option<String> {
    let role = match last_role(past.entries()) {
        Some((FailoverRole::None, _)) => return None,
        known => known.map(|(role, _)| role),
    };
    let pairing = inventory.and_then(|inventory| inventory.pairing(entry));
    // Nobody has looked, and nothing says that it is in a pair.
    if role.is_none() && pairing.is_none() {
        return None;
    }
    let planned = pairing.as_ref().is_some_and(|pair| pair.topology.is_some());
    let partner = pairing.map(|pair| pair.partner).or_else(|| last_partner(past));
    let told = PairTold { partner, planned, media: None };
    Some(told.words(entry.name.as_str(), role.unwrap_or(FailoverRole::Primary)))
}

/// The last known role in a failover pair: as it was read or told, or as a run over both left it.
pub(in crate::inside) fn last_role(entries: &[Noted]) -> Option<(FailoverRole, Timestamp)> {
    let (mut known, mut run) = (None, None);
    for (at, entry) in entries {
        match entry {
            Entry::RoleRead { role, .. } => known = Some((*role, *at)),
            Entry::PairBegun { topology, switch, part, .. } => run = Some((*topology, *switch, *part)),
            Entry::PairDone { .. } => {
                known = run.take().and_then(|(topology, switch, part)| {
                    let order = match topology {
                        Topology::FailoverSync => Order::FailoverSync,
                        Topology::FailoverAsync => Order::FailoverAsync(switch?),
                        // A site that moved away, or came, is in no pair by it.
                        Topology::Migrate => return None,
                    };
                    let is_primary = part == order.primary();
                    Some((if is_primary { FailoverRole::Primary } else { FailoverRole::Backup }, *at))
                });
            }
            _ => {}
        }
    }
    known
}

fn last_partner(past: &Past) -> Option<FileName> {
    past.entries().iter().rev().find_map(|(_, noted)| match noted {
        Entry::PairBegun { partner, topology, .. } if *topology != Topology::Migrate => Some(partner.clone()),
        _ => None,
    })
}

/// The partner that serves the clients; `None` where this one does.
pub(super) fn partner_that_serves(past: &Past) -> Option<FileName> {
    last_role(past.entries()).filter(|(role, _)| *role == FailoverRole::Backup).and_then(|_| last_partner(past))
}

/// Whether the appliance is one of a pair's run that serves no clients, so that none of its own has to update: the
/// backup, as long as the site's address was not led to it.
pub(super) fn serves_nobody(past: &Past) -> bool {
    let backup = |open: &OpenPair| open.topology != Topology::Migrate && open.part == Part::B;
    past.open_pair().is_some_and(|open| backup(open) && open.when("switch").is_none())
}

/// What the appliance offered last and nobody has installed since.
pub(super) fn left(past: &Past) -> Vec<String> {
    let entries = past.entries();
    let last = entries.iter().rposition(|(_, noted)| matches!(noted, Entry::UpdatesOffered { .. }));
    let Some((offered, since)) = last.map(|at| (&entries[at].1, &entries[at..])) else { return Vec::new() };
    let Entry::UpdatesOffered { offers } = offered else { return Vec::new() };
    let installed = |title: &str| {
        since.iter().any(|(_, noted)| matches!(noted, Entry::InstallConfirmed { package, .. } if package.name == title))
    };
    offers.iter().filter(|offer| !installed(&offer.title)).map(|offer| offer.title.clone()).collect()
}

/// The command of the last run over two that led the site to the other one, as it goes back: that one is primary now.
pub(super) fn reversed(past: &Past) -> Option<String> {
    let mut command = None;
    let mut between = None;
    for (_, noted) in past.entries() {
        match noted {
            Entry::PairBegun { topology: Topology::FailoverAsync, partner, command: typed, .. } => {
                (command, between) = (Some(typed), Some(partner));
            }
            Entry::PairBegun { .. } | Entry::PushBegun { .. } => (command, between) = (None, None),
            Entry::PairResumed { command: typed, .. } => command = command.and(Some(typed)),
            _ => {}
        }
    }
    turned(&text::printable(command?), between?.as_str())
}

/// A command with its two appliances in the other order, and what is said of each, too. What was agreed to is not what
/// is agreed to next.
fn turned(command: &str, partner: &str) -> Option<String> {
    const SIDES: [(&str, &str); 3] =
        [("--address-a", "--address-b"), ("--reach-a", "--reach-b"), ("--media-a", "--media-b")];
    let words: Vec<&str> = command.split(' ').collect();
    // The two stand side by side, whichever of them this journal is of.
    let at = words.iter().position(|word| *word == partner)?;
    let verb_and_both = words.iter().take_while(|word| !word.starts_with("--")).count();
    let first = if at + 1 < verb_and_both { at } else { at.checked_sub(1)? };
    let mut turned: Vec<String> = Vec::new();
    let mut rest = words.iter().enumerate();
    while let Some((at, word)) = rest.next() {
        if *word == "--agree" {
            rest.next();
            continue;
        }
        let (name, value) = word.split_once('=').map_or((*word, ""), |(name, _)| (name, &word[name.len()..]));
        let other = SIDES.iter().find_map(|(a, b)| match name {
            name if name == *a => Some(*b),
            name if name == *b => Some(*a),
            _ => None,
        });
        turned.push(match other {
            _ if at == first => words[first + 1].to_owned(),
            _ if at == first + 1 => words[first].to_owned(),
            Some(other) => format!("{other}{value}"),
            None if name == "--agree" => continue,
            None => (*word).to_owned(),
        });
    }
    Some(turned.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Id;
    use crate::plan::Switch;

    fn at(secs: i64) -> Timestamp {
        Timestamp::parse("2026-03-04T22:00:00Z").expect("a time").plus_secs(secs)
    }

    fn begun(topology: Topology, part: Part) -> Entry {
        Entry::PairBegun {
            run: Id::random(),
            topology,
            switch: (topology == Topology::FailoverAsync).then_some(Switch::Dns),
            part,
            partner: FileName::parse("beta").expect("a name"),
            partner_serial: "S2".to_owned(),
            bundle: Id::random(),
            offered: false,
            command: String::new(),
        }
    }

    #[test]
    fn a_role_is_the_last_that_was_read_or_that_a_run_over_both_left() {
        let written = serde_json::json!({ "kind": "role-read", "fields": { "role": "backup", "by": "page" } });
        let read: Entry = serde_json::from_value(written).expect("an entry");
        let done = || Entry::PairDone { run: Id::random() };
        let after = |entries: Vec<Entry>| {
            last_role(&entries.into_iter().enumerate().map(|(n, entry)| (at(n as i64), entry)).collect::<Vec<_>>())
        };
        assert_eq!(after(vec![]), None);
        assert_eq!(after(vec![read.clone()]), Some((FailoverRole::Backup, at(0))));
        let sync = |part| begun(Topology::FailoverSync, part);
        assert_eq!(after(vec![read.clone(), sync(Part::A)]), Some((FailoverRole::Backup, at(0))), "not over yet");
        assert_eq!(after(vec![read.clone(), sync(Part::A), done()]), Some((FailoverRole::Primary, at(2))));
        let swapped = begun(Topology::FailoverAsync, Part::A);
        assert_eq!(after(vec![swapped, done()]), Some((FailoverRole::Backup, at(1))), "B took the site over");
        let moved = begun(Topology::Migrate, Part::A);
        assert_eq!(after(vec![read, moved, done()]), None, "a site that moved away has no role");
    }

    #[test]
    fn a_turned_command_names_the_other_first_and_agrees_to_nothing() {
        let began = "handcarry-inside update alpha beta --topology failover-async --switch shared-ip --address-a \
                     10.0.0.1 --agree 5f --reach-b=b:443";
        let turns = "handcarry-inside update beta alpha --topology failover-async --switch shared-ip --address-b \
                     10.0.0.1 --reach-a=b:443";
        assert_eq!(turned(began, "beta").as_deref(), Some(turns), "by the journal of alpha");
        assert_eq!(turned(began, "alpha").as_deref(), Some(turns), "by that of beta");
        assert_eq!(turned("handcarry-inside update alpha --pair", "beta"), None, "--pair looks for itself");
    }
}
