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
mod token;

use super::fault::Fault;
use super::world::{Activity, Shared, State as Lab, World};
use super::{LOGIN_PASSWORD, USER};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use serde::Serialize;
use std::collections::HashMap;
use std::str::FromStr;
use std::time::Instant;

/// Calls an account may make in a second.
const RATE: u32 = 20;

/// How much of an interface the site has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ApiLevel {
    /// None.
    None,
    /// That of sites before 16.1: `/api/….ns`, user name and password in a form.
    Legacy,
    /// OAuth, the command API and the backup.
    V1,
    /// The Configuration API too.
    Full,
}

impl ApiLevel {
    /// Every level.
    pub const ALL: [ApiLevel; 4] = [ApiLevel::None, ApiLevel::Legacy, ApiLevel::V1, ApiLevel::Full];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            ApiLevel::None => "none",
            ApiLevel::Legacy => "legacy",
            ApiLevel::V1 => "v1",
            ApiLevel::Full => "full",
        }
    }
}

impl FromStr for ApiLevel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = ApiLevel::ALL.into_iter().find(|level| level.name() == text);
        known.ok_or_else(|| "the lab's API is none, legacy, v1 or full".to_owned())
    }
}

/// What the interface remembers.
#[derive(Default)]
pub(super) struct Gateway {
    tokens: token::Tokens,
    /// The second that calls are counted in, and how many there were.
    window: Option<(Instant, u32)>,
    pub(super) record: ApiRecord,
}

/// What tests want to know afterwards.
#[derive(Default, Serialize)]
pub(super) struct ApiRecord {
    /// Calls, by what was asked.
    calls: std::collections::BTreeMap<String, u32>,
    /// Calls that did not say that the connection ends with them.
    kept_open: u32,
    tokens: u32,
    refused: u32,
    slowed: u32,
}

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
        let mut lab = world.state();
        if matches!(lab.machine.activity, Activity::Installing { .. }) {
            return (StatusCode::SERVICE_UNAVAILABLE, "The site is not available.").into_response();
        }
        if !there {
            return document_not_found(StatusCode::NOT_FOUND);
        }
        let gateway = &mut lab.gateway;
        gateway.record.kept_open += u32::from(!closes);
        *gateway.record.calls.entry(path).or_default() += 1;
        let used = gateway.count();
        let slow = used > RATE || lab.faults.strikes(Fault::RateLimit);
        lab.gateway.record.slowed += u32::from(slow);
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
    put("connection", "close".to_owned());
    answer
}

impl Gateway {
    /// Counts a call; how many there were in this second.
    fn count(&mut self) -> u32 {
        match &mut self.window {
            Some((began, used)) if began.elapsed().as_secs() == 0 => {
                *used += 1;
                *used
            }
            window => window.insert((Instant::now(), 1)).1,
        }
    }
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
    let mut guard = world.state();
    let lab: &mut Lab = &mut guard;
    if lab.faults.strikes(Fault::TokenExpires) {
        lab.gateway.tokens.clear();
    }
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let (now, restarts) = (lab.now(), lab.record.restarts);
    if !bearer.is_some_and(|text| lab.gateway.tokens.holds(text, now, restarts)) {
        lab.gateway.record.refused += 1;
        return Err(Box::new(denied(StatusCode::UNAUTHORIZED)));
    }
    match lab.faults.armed(Fault::ApiForbidden) {
        true => Err(Box::new(denied(StatusCode::FORBIDDEN))),
        false => Ok(()),
    }
}

/// Admits a call by user name and password, as old sites do: what is wrong
/// comes as text under status 200.
fn by_password(world: &World, fields: &HashMap<String, String>) -> Result<(), Box<Response>> {
    let given = |name: &str| fields.get(name).map_or("", String::as_str);
    let mut lab = world.state();
    if given("username") != USER || given("password") != LOGIN_PASSWORD {
        lab.gateway.record.refused += 1;
        return Err(Box::new("Invalid credentials\n".into_response()));
    }
    match lab.faults.armed(Fault::ApiForbidden) {
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
