//! The site's interface for programs, in the shapes that were recorded from
//! real ones: a token, the command API's XML, the Configuration API's JSON,
//! and the backup.
//!
//! It holds callers to the vendor's rules: at most 20 calls a second, each on
//! a connection of its own; what breaks them is counted or refused.

mod backup;
mod clients;
mod command;
mod config;
pub(super) mod gateway;
mod token;

use super::options::ApiLevel;
use super::world::{Shared, World};
use super::{LOGIN_PASSWORD, USER};
use crate::simulator::{Activity, Fault};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use std::collections::HashMap;

/// Calls an account may make in a second.
const RATE: u32 = 20;

pub(super) fn pages(world: Shared) -> Router {
    Router::new()
        .route("/oauth2/token", post(token::grant))
        .route("/api/command", any(command::modern))
        .route("/api/command.ns", any(command::legacy))
        .route("/api/backup", any(backup::modern))
        .route("/api/backup.ns", any(backup::legacy))
        .route("/api/config/v1/jump-client", get(config::jump_clients))
        .layer(from_fn_with_state(world.clone(), gate))
        .with_state(world)
}

/// What stands before every call.
async fn gate(State(world): State<Shared>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let level = world.options.api;
    let there = match path.as_str() {
        "/api/command.ns" | "/api/backup.ns" => level == ApiLevel::Legacy,
        "/api/config/v1/jump-client" => level >= ApiLevel::Full,
        _ => level >= ApiLevel::V1,
    };
    let closes = request.headers().get(header::CONNECTION).is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"close"));
    let (remaining, slow) = {
        let mut device = world.device();
        if matches!(device.machine.activity(), Activity::Installing(_)) {
            return (StatusCode::SERVICE_UNAVAILABLE, "The site is not available.").into_response();
        }
        if !there {
            return document_not_found(StatusCode::NOT_FOUND);
        }
        let mut gateway = world.gateway();
        gateway.record.kept_open += u32::from(!closes);
        *gateway.record.calls.entry(path).or_default() += 1;
        let used = gateway.count();
        let slow = used > RATE || device.faults.strikes(Fault::RateLimit);
        gateway.record.slowed += u32::from(slow);
        (RATE.saturating_sub(used), slow)
    };
    let mut answer = match slow {
        true => (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "1")]).into_response(),
        false => next.run(request).await,
    };
    let mut put = |name: &'static str, value: String| {
        answer.headers_mut().insert(name, HeaderValue::from_str(&value).expect("digits and words"));
    };
    put("x-ratelimit-limit", RATE.to_string());
    put("x-ratelimit-remaining", remaining.to_string());
    put("cache-control", "must-revalidate, no-cache, no-store".to_owned());
    // As recorded from a real site, whatever its caller says.
    put("connection", "close".to_owned());
    answer
}

/// The fields of a call, from its address and its form.
fn fields(uri: &Uri, headers: &HeaderMap, body: &Bytes) -> HashMap<String, String> {
    let query = uri.query().unwrap_or_default().as_bytes();
    let form = headers.get(header::CONTENT_TYPE).is_some_and(|t| t == "application/x-www-form-urlencoded");
    let body: &[u8] = if form { body } else { b"" };
    let pairs = url::form_urlencoded::parse(query).chain(url::form_urlencoded::parse(body));
    pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// Admits a call by its token.
fn by_token(world: &World, headers: &HeaderMap) -> Result<(), Box<Response>> {
    let mut device = world.device();
    let mut gateway = world.gateway();
    if device.faults.strikes(Fault::TokenExpires) {
        gateway.tokens.clear();
    }
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let (now, restarts) = (device.clock(), device.record.restarts);
    if !bearer.is_some_and(|text| gateway.tokens.holds(text, now, restarts)) {
        gateway.record.refused += 1;
        return Err(Box::new(denied(StatusCode::UNAUTHORIZED)));
    }
    match device.faults.armed(Fault::ApiForbidden) {
        true => Err(Box::new(denied(StatusCode::FORBIDDEN))),
        false => Ok(()),
    }
}

/// Admits a call by user name and password, as old sites do: what is wrong
/// comes as text under status 200.
fn by_password(world: &World, fields: &HashMap<String, String>) -> Result<(), Box<Response>> {
    let given = |name: &str| fields.get(name).map_or("", String::as_str);
    if given("username") != USER || given("password") != LOGIN_PASSWORD {
        world.gateway().record.refused += 1;
        return Err(Box::new("Invalid credentials\n".into_response()));
    }
    match world.device().faults.armed(Fault::ApiForbidden) {
        true => Err(Box::new(document_not_found(StatusCode::OK))),
        false => Ok(()),
    }
}

fn denied(status: StatusCode) -> Response {
    let body =
        r#"{"error":"access_denied","message":"The resource owner or authorization server denied the request."}"#;
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn document_not_found(status: StatusCode) -> Response {
    let body = "<html><head><title>Document Not Found</title></head><body><h1>Document Not Found</h1></body></html>";
    (status, [(header::CONTENT_TYPE, "text/html; charset=UTF-8")], body).into_response()
}
