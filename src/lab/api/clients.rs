//! The Jump Clients of the site. After each site package all need an update;
//! they fetch it one by one, spread over the time that was chosen.

use crate::lab::fault::Fault;
use crate::lab::world::{State, World};
use crate::model::Timestamp;
use serde_json::{Value, json};

/// With [`Fault::ClientsLag`], each client of this many never updates.
const LAGGARDS: u32 = 4;

/// How many there are.
pub(super) fn count(world: &World) -> u32 {
    world.options.clients
}

/// One client, from 0, as the Configuration API tells it.
pub(super) fn told(world: &World, lab: &State, number: u32) -> Value {
    let updated = updated(world, lab, number);
    let stamp = |at: Option<Timestamp>| at.map_or(String::new(), |at| at.to_string().replace('Z', "+00:00"));
    json!({
        "id": number + 1,
        "name": format!("desk-{number:04}"),
        "hostname": format!("desk-{number:04}"),
        "fqdn": format!("desk-{number:04}.example.com"),
        "jump_group_id": 1,
        "jump_group_type": "shared",
        "connection_type": if number % 3 == 2 { "passive" } else { "active" },
        "operating_system": "Windows 10 (64 Bit)",
        "needs_update": updated.is_none(),
        "is_lost": false,
        "last_connect_timestamp": stamp(updated.flatten()),
        "last_disconnect_timestamp": "",
        "unavailable_reason": "none",
    })
}

/// When a client fetched the version of the site: `None` while it has not,
/// `Some(None)` where there never was anything to fetch.
fn updated(world: &World, lab: &State, number: u32) -> Option<Option<Timestamp>> {
    let Some(since) = lab.machine.site_since else { return Some(None) };
    if lab.faults.armed(Fault::ClientsLag) && number % LAGGARDS == LAGGARDS - 1 {
        return None;
    }
    let whole = world.options.client_update.as_secs_f64();
    let after = (whole * f64::from(number + 1) / f64::from(world.options.clients)).ceil() as i64;
    let at = since.plus_secs(after);
    (lab.now() >= at).then_some(Some(at))
}
