//! What a shell may offer for an argument: names and groups of the inventory, faults, bundles in the store.

use crate::cli::{Finder, Home, Known};
use crate::inventory::{ApplianceEntry, Inventory};
use crate::simulator::{Face, Fault};
use crate::store::Store;

/// How what may be typed is found, by the verb and the argument's id.
pub(super) fn finder(verb: &str, id: &str) -> Option<Finder> {
    Some(match (verb, id) {
        ("rehearse", "fault") => |_| faults(Face::Rehearsal),
        #[cfg(feature = "lab")]
        ("lab", "fault") | ("lab fault", "name") => |_| faults(Face::Lab),
        ("store export" | "receipt", "which" | "bundle") => bundles,
        // Left out, what was taken is meant, so that a name may come first.
        ("plan" | "push" | "rehearse", "media") => appliances,
        (_, "name" | "partner" | "canary" | "except" | "appliance" | "pair" | "old") => appliances,
        (_, "group") => groups,
        _ => return None,
    })
}

/// Of an inventory that can't be read nothing is offered; the verb says why it can't.
fn entries(home: &Home) -> Vec<ApplianceEntry> {
    Inventory::read(home).map(|inventory| inventory.entries().to_vec()).unwrap_or_default()
}

fn appliances(home: &Home) -> Known {
    entries(home).into_iter().map(|entry| (entry.name.to_string(), entry.host())).collect()
}

fn groups(home: &Home) -> Known {
    let entries = entries(home);
    let groups: std::collections::BTreeSet<String> = entries.into_iter().flat_map(|entry| entry.groups).collect();
    groups.into_iter().map(|group| (group, "a group of the inventory".to_owned())).collect()
}

fn faults(face: Face) -> Known {
    Fault::of(face).map(|fault| (fault.name().to_owned(), fault.meaning().to_owned())).collect()
}

fn bundles(home: &Home) -> Known {
    let store = Store::look(home.root());
    let kept = store.sets().unwrap_or_default();
    let ids = kept.iter().filter_map(|set| Some((store.manifest(set).ok()?.bundle.short(), set.name().to_owned())));
    ids.collect()
}
