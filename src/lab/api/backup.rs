//! `/api/backup`: the backup file, or a message that passes for one.

use super::{by_password, by_token, fields};
use crate::lab::record::Backup;
use crate::lab::site::backup::{self, BackupContents};
use crate::lab::world::{Shared, World};
use crate::model::Sha256Digest;
use crate::simulator::Fault;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

pub(super) async fn modern(State(world): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    if let Err(refused) = by_token(&world, &headers) {
        return *refused;
    }
    let json = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    let password = match (json, serde_json::from_slice::<serde_json::Value>(&body)) {
        (true, Ok(told)) => told["password"].as_str().unwrap_or_default().to_owned(),
        (true, Err(_)) => return StatusCode::BAD_REQUEST.into_response(),
        (false, _) => String::new(),
    };
    make(&world, &password)
}

pub(super) async fn legacy(State(world): State<Shared>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    match by_password(&world, &fields(&uri, &headers, &body)) {
        Ok(()) => make(&world, ""),
        Err(refused) => *refused,
    }
}

fn make(world: &World, password: &str) -> Response {
    let mut device = world.device();
    if device.faults.strikes(Fault::BackupError200) {
        return "The backup could not be created: no space left for temporary files.\n".into_response();
    }
    // There is no switch: logged data always goes along.
    let contents = BackupContents::of(&device.machine, true);
    let bytes = backup::spoilt(backup::write(&contents, password), &mut device.faults);
    let at = device.clock();
    device.record.backups.push(Backup {
        size_bytes: bytes.len() as u64,
        sha256: Sha256Digest::of(&bytes),
        password: !password.is_empty(),
        history: true,
        by: "api",
        at,
    });
    ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response()
}
