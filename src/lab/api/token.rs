//! `/oauth2/token`: tokens for an hour, at most thirty at a time.

use super::gateway::LIFE_SECS;
use super::{denied, fields};
use crate::lab::world::Shared;
use crate::lab::{API_CLIENT_ID, API_SECRET};
use crate::model::Id;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64ct::{Base64, Encoding};

pub(super) async fn grant(State(world): State<Shared>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let wanted = format!("Basic {}", Base64::encode_string(format!("{API_CLIENT_ID}:{API_SECRET}").as_bytes()));
    let knows = headers.get(header::AUTHORIZATION).is_some_and(|value| value.as_bytes() == wanted.as_bytes());
    let asks = fields(&uri, &headers, &body);
    let (now, restarts) = {
        let device = world.device();
        (device.clock(), device.record.restarts)
    };
    let mut gateway = world.gateway();
    if !knows || asks.get("grant_type").map(String::as_str) != Some("client_credentials") {
        gateway.record.refused += 1;
        return denied(StatusCode::UNAUTHORIZED);
    }
    let token = gateway.tokens.make(now, restarts);
    gateway.record.tokens += 1;
    let answer = serde_json::json!({ "access_token": token, "token_type": "Bearer", "expires_in": LIFE_SECS });
    // A real site sets it with each token, though no program needs it.
    let cookie = format!("ns_sl={}; path=/; httponly; samesite=strict", Id::random());
    ([(header::CONTENT_TYPE, "application/json"), (header::SET_COOKIE, &cookie)], answer.to_string()).into_response()
}
