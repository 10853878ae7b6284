//! The control port: plain HTTP on loopback, for the lab's own verbs and for
//! tests. It moves the lab's clock, arms faults, plays the vendor's support
//! and tells what happened. It obeys who can read the lab's folder: whoever
//! else works on this machine, and any page in a browser on it, is refused.

use super::LabError;
use super::facts::LabFacts;
use super::fault;
use super::fault_layer::OF_REQUESTS;
use super::world::Shared;
use crate::model::Sha256Digest;
use crate::simulator::{Fault, PairSide};
use axum::Router;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longest wait for the control port's answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Longest answer read, in bytes.
const MAX_ANSWER_BYTES: u64 = 4 << 20;

/// Furthest the clock moves at once: ten years.
const MAX_ADVANCE_SECS: i64 = 10 * 366 * 86_400;

/// Moves the clock of the lab in `dir` on by `secs`; returns its new time as
/// the lab tells it.
///
/// # Errors
/// [`LabError`] where no lab answers or it refuses.
pub fn advance(dir: &Path, secs: u64) -> Result<Value, LabError> {
    ask(dir, "POST", &format!("/advance?secs={secs}"))
}

/// When and where a fault strikes; at once and everywhere where nothing is said.
#[derive(Debug, Clone, Copy, Default)]
pub struct Aim<'a> {
    /// How many requests to the appliance pass first.
    pub after: u64,
    /// The only requests that count, such as `POST /appliance/login`.
    pub at: Option<&'a str>,
    /// Of a pair, the only appliance: `a` or `b`.
    pub on: Option<&'a str>,
}

/// Arms a fault, or clears it; of a pair on both appliances.
///
/// # Errors
/// [`LabError`] where no lab answers or it refuses.
pub fn fault(dir: &Path, fault: Fault, armed: bool) -> Result<Value, LabError> {
    fault_on(dir, fault, armed, &Aim::default())
}

/// As [`fault()`], aimed.
///
/// # Errors
/// As there.
pub fn fault_on(dir: &Path, fault: Fault, armed: bool, aim: &Aim<'_>) -> Result<Value, LabError> {
    let clear = if armed { "" } else { "&clear=1" };
    let on = aim.on.map_or_else(String::new, |side| format!("&on={side}"));
    let at = match aim.at {
        Some(at) if at.bytes().all(|b| b.is_ascii_alphanumeric() || b" /-._".contains(&b)) => {
            format!("&at={}", at.replace(' ', "+"))
        }
        Some(at) => return Err(LabError::Refused(format!("{at:?} is no method and path"))),
        None => String::new(),
    };
    ask(dir, "POST", &format!("/fault?name={fault}&after={}{clear}{on}{at}", aim.after))
}

/// Arms a fault that lets `after` requests to the appliance pass first.
///
/// # Errors
/// [`LabError`] where no lab answers or it refuses.
pub fn fault_after(dir: &Path, fault: Fault, after: u64) -> Result<Value, LabError> {
    fault_on(dir, fault, true, &Aim { after, ..Aim::default() })
}

/// Puts everything back as it was when the lab started: the appliance, the
/// vendor, the clock, the faults, the record.
///
/// # Errors
/// [`LabError`] where no lab answers, or while the appliance installs or restarts.
pub fn reset(dir: &Path) -> Result<Value, LabError> {
    ask(dir, "POST", "/reset")
}

/// Tells everything that is and was so.
///
/// # Errors
/// [`LabError`] where no lab answers.
pub fn state(dir: &Path) -> Result<Value, LabError> {
    ask(dir, "GET", "/state")
}

/// Asks the vendor's support to put downloaded packages back on the list.
///
/// # Errors
/// [`LabError`] where no lab answers.
pub fn restore(dir: &Path) -> Result<Value, LabError> {
    ask(dir, "POST", "/restore")
}

/// Asks the vendor's support for a download code, as before Base 3.3.2.
///
/// # Errors
/// [`LabError`] where no lab answers.
pub fn support_code(dir: &Path) -> Result<Value, LabError> {
    support_code_on(dir, None)
}

/// As [`support_code`], of a pair for the appliance `on`: `a` or `b`.
///
/// # Errors
/// As there.
pub fn support_code_on(dir: &Path, on: Option<&str>) -> Result<Value, LabError> {
    ask(dir, "POST", &format!("/code{}", on.map_or_else(String::new, |side| format!("?on={side}"))))
}

/// Stops the lab in `dir` and waits until it is gone.
///
/// # Errors
/// [`LabError`] where no lab answers or it does not stop.
pub fn stop(dir: &Path) -> Result<(), LabError> {
    ask(dir, "POST", "/stop")?;
    let began = Instant::now();
    while LabFacts::path(dir).exists() {
        if began.elapsed() > PATIENCE {
            return Err(LabError::Refused("it was told to stop and is still there".into()));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Whether a lab answers in `dir`.
pub(super) fn answers(dir: &Path) -> bool {
    ask(dir, "GET", "/state").is_ok()
}

fn ask(dir: &Path, method: &str, path: &str) -> Result<Value, LabError> {
    let facts = LabFacts::read(dir)?;
    let gone = || LabError::NotRunning(dir.to_path_buf());
    let address: SocketAddr =
        facts.control.strip_prefix("http://").and_then(|address| address.parse().ok()).ok_or_else(gone)?;
    let exchange = || -> std::io::Result<String> {
        let token = facts.control_token()?;
        // Not by the client of `web`: that is what the lab is there to test.
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nContent-Length: 0\r\n\
             Connection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.take(MAX_ANSWER_BYTES).read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = exchange().map_err(|_| gone())?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(gone)?;
    let told: Value = serde_json::from_str(body).map_err(|error| LabError::Refused(error.to_string()))?;
    if head.starts_with("HTTP/1.1 200") {
        return Ok(told);
    }
    Err(LabError::Refused(crate::model::text::one_line(told["error"].as_str().unwrap_or("no reason given"))))
}

pub(super) fn pages(world: Shared, gate: ControlGuard) -> Router {
    Router::new()
        .route("/state", get(tell))
        .route("/advance", post(move_clock))
        .route("/fault", post(arm))
        .route("/restore", post(put_back))
        .route("/reset", post(begin_anew))
        .route("/code", post(give_code))
        .route("/stop", post(end))
        .with_state(world)
        .layer(axum::middleware::from_fn_with_state(Arc::new(gate), admit))
}

/// Who may speak to the control port.
pub(super) struct ControlGuard {
    host: String,
    bearer: String,
}

impl ControlGuard {
    /// As the lab's record says, which only its owner can read.
    pub fn of(facts: &LabFacts, dir: &Path) -> Result<Self, LabError> {
        let token = facts.control_token().map_err(|error| LabError::File(dir.join("control.token"), error))?;
        Ok(ControlGuard {
            host: facts.control.trim_start_matches("http://").to_owned(),
            bearer: format!("Bearer {token}"),
        })
    }

    /// Whether a request is from a program that has the token. A browser adds
    /// an Origin to what another page sends, and another name of this machine as Host.
    fn admits(&self, headers: &HeaderMap) -> bool {
        let is = |name, wanted: &str| headers.get(name).is_some_and(|value| value.as_bytes() == wanted.as_bytes());
        is(header::HOST, &self.host)
            && !headers.contains_key(header::ORIGIN)
            // By digests, so that the time it takes tells nothing.
            && headers.get(header::AUTHORIZATION).is_some_and(|value| {
                Sha256Digest::of(value.as_bytes()) == Sha256Digest::of(self.bearer.as_bytes())
            })
    }
}

async fn admit(State(gate): State<Arc<ControlGuard>>, request: Request, next: Next) -> Response {
    if gate.admits(request.headers()) {
        return next.run(request).await;
    }
    let why = "the control port asks for the token of the lab's folder, and for no Origin";
    (StatusCode::FORBIDDEN, told(json!({ "error": why }))).into_response()
}

type Fields = Query<HashMap<String, String>>;

async fn tell(State(world): State<Shared>) -> Response {
    let mut all = world.told();
    if let (Some(all), Some(pair)) = (all.as_object_mut(), world.relation()) {
        let relation = serde_json::to_value(&*pair.relation).unwrap_or_default();
        drop(pair);
        all.insert("failover".to_owned(), relation);
        all.insert("partner".to_owned(), world.partner().map(|partner| partner.told()).unwrap_or_default());
    }
    told(all)
}

async fn move_clock(State(world): State<Shared>, Query(fields): Fields) -> Response {
    let secs = fields.get("secs").and_then(|secs| secs.parse::<i64>().ok());
    // Forward only. What was written down by the later time would lie in the future.
    let Some(secs) = secs.filter(|secs| (0..=MAX_ADVANCE_SECS).contains(secs)) else {
        return refused("secs must be a number of seconds, at most ten years");
    };
    // Both of a pair, whose clocks would else differ by more than is allowed.
    for each in meant(&world, None) {
        each.device().advance(secs);
    }
    let clock = world.device().clock();
    told(json!({ "clock": clock }))
}

async fn arm(State(world): State<Shared>, Query(fields): Fields) -> Response {
    let fault = match fault::named_fault(fields.get("name").map_or("", String::as_str)) {
        Ok(fault) => fault,
        Err(error) => return refused(&format!("{error}; known: {}", fault::names())),
    };
    let after = match fields.get("after").map_or(Ok(0), |after| after.parse::<u64>()) {
        Ok(after) => after,
        Err(_) => return refused("after must be a number of requests"),
    };
    if fields.contains_key("at") && !OF_REQUESTS.contains(&fault) {
        return refused("a request is named only for what can befall any request");
    }
    let mut names = Vec::new();
    for each in meant(&world, fields.get("on").map(String::as_str)) {
        let mut device = each.device();
        if fields.contains_key("clear") {
            device.faults.clear(fault);
            if fault == Fault::InstallHangs {
                device.machine.let_go_on();
            }
        } else {
            device.faults.arm(fault, after, fields.get("at").cloned());
        }
        names.extend(device.faults.names().into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>());
    }
    told(json!({ "faults": names }))
}

async fn put_back(State(world): State<Shared>) -> Response {
    for each in meant(&world, None) {
        each.shop().restore();
    }
    told(json!({ "restored": true }))
}

async fn begin_anew(State(world): State<Shared>) -> Response {
    let all = meant(&world, None);
    if all.iter().any(|each| each.device().machine.is_busy()) {
        return refused("the appliance is at work; wait until it is idle");
    }
    for each in all {
        each.begin_anew();
    }
    tell(State(world)).await
}

async fn give_code(State(world): State<Shared>, Query(fields): Fields) -> Response {
    let one = meant(&world, Some(fields.get("on").map_or("a", String::as_str)));
    let code = one.first().map(|world| {
        let status = world.device().machine.status.clone();
        world.shop().new_code(status.base_version, status.site_version)
    });
    told(json!({ "code": code }))
}

/// The appliances that are meant: of a pair the one on the side named, or both.
fn meant(world: &Shared, on: Option<&str>) -> Vec<Shared> {
    let Some(partner) = world.partner() else { return vec![world.clone()] };
    let both = [world.clone(), partner];
    match on {
        Some("a") => vec![both[PairSide::A.index()].clone()],
        Some("b") => vec![both[PairSide::B.index()].clone()],
        _ => both.to_vec(),
    }
}

async fn end(State(world): State<Shared>) -> Response {
    world.stop.send_modify(|stop| *stop = true);
    told(json!({ "stopping": true }))
}

fn told(value: Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

fn refused(why: &str) -> Response {
    (StatusCode::BAD_REQUEST, told(json!({ "error": why }))).into_response()
}
