//! `/api/command`: XML under status 200, errors too.

use super::{by_password, by_token, fields};
use crate::lab::HOST;
use crate::lab::pair::SHARED_IP;
use crate::lab::world::{Shared, World};
use crate::model::{FailoverRole, Sha256Digest};
use crate::simulator::{Fault, PairSide};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;

/// The namespace of older sites; newer ones have the vendor's new name in it.
const NAMESPACE: &str = "http://www.bomgar.com/namespaces/API/command";

pub(super) async fn modern(State(world): State<Shared>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    if let Err(refused) = by_token(&world, &headers) {
        return *refused;
    }
    answer(&world, &fields(&uri, &headers, &body))
}

pub(super) async fn legacy(State(world): State<Shared>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let fields = fields(&uri, &headers, &body);
    if let Err(refused) = by_password(&world, &fields) {
        return *refused;
    }
    answer(&world, &fields)
}

fn answer(world: &World, fields: &HashMap<String, String>) -> Response {
    let action = fields.get("action").map_or("", String::as_str);
    *world.gateway().record.calls.entry(action.to_owned()).or_default() += 1;
    let inner = match action {
        "check_health" => health(world),
        "get_api_info" => info(world),
        "get_connected_client_list" => connected(world),
        _ => error("Unknown action."),
    };
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\n{inner}\n");
    ([(header::CONTENT_TYPE, "text/xml; charset=UTF-8")], body).into_response()
}

fn error(said: &str) -> String {
    format!("<error xmlns=\"{NAMESPACE}\">{said}</error>")
}

fn health(world: &World) -> String {
    let failover = failover(world);
    let device = world.device();
    let site = device.machine.status.site_version.as_ref().map(ToString::to_string).unwrap_or_default();
    let build = device.build().unwrap_or_default();
    // As recorded: the version, then build and digest in brackets.
    let digest = Sha256Digest::of(site.as_bytes()).to_string();
    let id = &Sha256Digest::of(HOST.as_bytes()).to_string()[..32];
    let cluster = if device.faults.armed(Fault::ClusterNode) { "traffic" } else { "single" };
    format!(
        "<health_check xmlns=\"{NAMESPACE}\">\n\t<appliance id=\"{id}\">{HOST}</appliance>\n\
         \t<version>{site} ({build}-{})</version>\n\t<success>1</success>\n\
         \t<cluster_role>{cluster}</cluster_role>\n{failover}</health_check>",
        &digest[..40]
    )
}

/// The part in a pair; what does not apply is simply absent.
fn failover(world: &World) -> String {
    let Some(pair) = world.relation() else {
        return "\t\t<failover_role>none</failover_role>\n".to_owned();
    };
    let role = pair.role();
    let mut told = format!("\t\t<failover_role>{}</failover_role>\n", role.word());
    if pair.relation.has_shared_ip(pair.side) {
        told += &format!("\t\t<enabled_shared_ips><ip>{SHARED_IP}</ip></enabled_shared_ips>\n");
    }
    // The backup pulls; how that went is told by the primary alone.
    let pulled = PairSide::BOTH.into_iter().filter_map(|side| pair.relation.pulled(side)).max();
    if let Some(at) = pulled.filter(|_| role != FailoverRole::None) {
        let text = at.to_string().replace('Z', ".000+0000");
        told += &format!("\t\t<last_data_sync_time ts=\"{}\">{text}</last_data_sync_time>\n", at.unix());
        if role == FailoverRole::Primary {
            told += "\t\t<last_data_sync_status>success</last_data_sync_status>\n";
        }
    }
    told
}

fn info(world: &World) -> String {
    let device = world.device();
    let denied = device.faults.armed(Fault::ApiForbidden);
    let permission = |name: &str, value: &str| format!("<permission name=\"{name}\">{value}</permission>");
    // Levels in words and numbers side by side, as recorded.
    let permissions = [
        permission("perm_command", if denied { "deny" } else { "full_access" }),
        permission("perm_configuration", if denied { "0" } else { "1" }),
        permission("perm_backup", if denied { "0" } else { "1" }),
        permission("perm_vault_backup", "0"),
    ]
    .concat();
    format!(
        "<api_information xmlns=\"{NAMESPACE}\"><api_version>1.19.0</api_version><company_name>lab</company_name>\
         <timestamp>{}</timestamp><permissions>{permissions}</permissions></api_information>",
        device.appliance_clock().unix()
    )
}

fn connected(world: &World) -> String {
    let clients = world.device().clients().count;
    let id = &Sha256Digest::of(HOST.as_bytes()).to_string()[..32];
    format!(
        "<connected_client_list xmlns=\"{NAMESPACE}\"><connected_client_summary><appliance_summary id=\"{id}\">\
         <count type=\"representative\">0</count><count type=\"support_customer\">0</count>\
         <count type=\"push_agent\">1</count><count type=\"pinned_client\">{clients}</count>\
         </appliance_summary></connected_client_summary></connected_client_list>"
    )
}
