//! `/api/config/v1/jump-client`: a list in pages.

use super::{by_token, clients, denied, fields};
use crate::lab::world::Shared;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

/// Clients on a page at most.
const MAX_PER_PAGE: u32 = 100;

pub(super) async fn jump_clients(State(world): State<Shared>, uri: Uri, headers: HeaderMap) -> Response {
    if let Err(refused) = by_token(&world, &headers) {
        return *refused;
    }
    let asked = fields(&uri, &headers, &Bytes::new());
    // Version 1 answers an unknown field as if the caller were unknown.
    if asked.keys().any(|name| !matches!(name.as_str(), "per_page" | "current_page")) {
        return denied(StatusCode::UNAUTHORIZED);
    }
    let number = |name: &str, usual: u32| asked.get(name).map_or(Some(usual), |text| text.parse().ok());
    let (Some(per_page @ 1..=MAX_PER_PAGE), Some(page @ 1..)) =
        (number("per_page", MAX_PER_PAGE), number("current_page", 1))
    else {
        return (StatusCode::UNPROCESSABLE_ENTITY, "{\"message\":\"Invalid page.\"}").into_response();
    };
    let device = world.device();
    let total = device.clients().count;
    let last = total.div_ceil(per_page).max(1);
    let from = (page - 1).saturating_mul(per_page).min(total);
    let listed: Vec<_> = (from..(from + per_page).min(total)).map(|n| clients::told(&device, n)).collect();
    let link =
        |page: u32, rel: &str| format!("<{}?per_page={per_page}&current_page={page}>; rel=\"{rel}\"", uri.path());
    let headers = [
        ("link", [link(1, "first"), link(last, "last")].join(", ")),
        ("x-bt-pagination-current-page", page.to_string()),
        ("x-bt-pagination-last-page", last.to_string()),
        ("x-bt-pagination-per-page", per_page.to_string()),
        ("x-bt-pagination-total", total.to_string()),
    ];
    let headers = axum::response::AppendHeaders(headers);
    (headers, [(header::CONTENT_TYPE, "application/json")], serde_json::Value::from(listed).to_string()).into_response()
}
