//! The Jump Clients of the site, as the Configuration API tells of them.

use crate::lab::device::Device;
use crate::model::Timestamp;
use serde_json::{Value, json};

/// One client, from 0, as the Configuration API tells it.
pub(super) fn told(device: &Device, number: u32) -> Value {
    let updated = updated(device, number);
    // By the vendor's description its times end so, and never in `Z`.
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
fn updated(device: &Device, number: u32) -> Option<Option<Timestamp>> {
    let Some(since) = device.machine.site_since else { return Some(None) };
    device.clients().updated(number, since, device.now()).map(Some)
}
