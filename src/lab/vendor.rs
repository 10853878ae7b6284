//! The vendor's update server: a code opens a list, each package on it is
//! served once.

use super::fault::Fault;
use super::html::{self, HtmlPage, HtmlRow, Markup, Notice};
use super::package::LabPackage;
use super::sessions::{cookie, see_other};
use super::transfer::{Mishap, PackageBody, RequestedRange, asked};
use super::world::{Code, Shared, State as Lab, Visit, World};
use crate::model::{CODE_ALPHABET, Id, PackageKind, Requirement, text};
use axum::Router;
use axum::body::Body;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::collections::HashMap;
use std::sync::Arc;

/// The session cookie.
const COOKIE: &str = "update_session";

/// When every package was made, as HTTP writes dates.
const LAST_MODIFIED: &str = "Mon, 05 Nov 2012 09:00:00 GMT";

/// The appliances that the vendor knows; never none.
pub(super) type Customers = Arc<Vec<Shared>>;

pub(super) fn pages(customers: Customers) -> Router {
    Router::new()
        .route("/", get(front))
        .route("/updates", get(offers).post(exchange))
        .route("/download/{index}/{file}", get(download))
        .fallback(lost)
        .with_state(customers)
}

/// Makes a code for the appliance as it is now.
pub(super) fn new_code(lab: &mut Lab) -> String {
    // 125 of an id's 128 random bits, five a letter.
    let random = u128::from_str_radix(&Id::random().to_string(), 16).expect("an id is hex");
    let letter = |at: u32| char::from(CODE_ALPHABET[(random >> (5 * at) & 31) as usize]);
    let letters: Vec<char> = (0..25).map(letter).collect();
    let text = letters.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-");
    let (base, site) = (lab.machine.base.clone(), lab.machine.site.clone());
    lab.shop.codes.push(Code { text: text.clone(), base, site, used: false });
    text
}

/// How the pages write a requirement: `Base 3.4.0`.
pub(super) fn requirement(need: &Requirement) -> String {
    let kind = match need.kind {
        PackageKind::Base => "Base",
        PackageKind::Site => "Bomgar",
        PackageKind::Patch => "",
        PackageKind::License => "License",
    };
    format!("{kind} {}", need.version).trim_start().to_owned()
}

async fn front(State(customers): State<Customers>) -> Response {
    front_page(&customers[0], None)
}

fn front_page(world: &World, error: Option<&str>) -> Response {
    let words = world.words();
    let entry = html::field("text", "key", words.key) + html::button(words.vendor_submit);
    let body = Markup::own("<form method=\"post\" action=\"/updates\" autocomplete=\"off\">\n")
        + html::paragraph(words.vendor_intro)
        + entry
        + Markup::own("</form>\n");
    page(world, words.vendor_brand, error.map(Notice::Error), html::section(words.updates, body)).into_response()
}

async fn exchange(State(customers): State<Customers>, Form(fields): Form<HashMap<String, String>>) -> Response {
    let given = fields.get("key").map_or("", String::as_str).trim().to_ascii_uppercase();
    let known = |world: &&Shared| world.state().shop.codes.iter().any(|code| code.text == given);
    let world = customers.iter().find(known).unwrap_or(&customers[0]);
    let words = world.words();
    let opened = {
        let mut lab = world.state();
        let spent = lab.faults.armed(Fault::SpentCode);
        match lab.shop.codes.iter_mut().find(|code| code.text == given) {
            None => Err(words.vendor_unknown),
            Some(code) if code.used || spent => Err(words.vendor_spent),
            Some(code) => {
                code.used = true;
                let newer = |package: &LabPackage| match package.kind {
                    PackageKind::Base => package.version > code.base,
                    _ => package.version > code.site,
                };
                let packages = (0..world.catalogue.len()).filter(|at| newer(&world.catalogue[*at])).collect();
                let cookie = Id::random().to_string();
                lab.shop.visits.push(Visit { cookie: cookie.clone(), packages });
                Ok(cookie)
            }
        }
    };
    match opened {
        Err(why) => front_page(world, Some(why)),
        Ok(id) => {
            let value = format!("{COOKIE}={id}; Path=/; Secure; HttpOnly; SameSite=Strict");
            ([(header::SET_COOKIE, value)], see_other("/updates")).into_response()
        }
    }
}

async fn offers(State(customers): State<Customers>, headers: HeaderMap) -> Response {
    let Some((world, packages)) = opened(&customers, &headers) else { return see_other("/") };
    let words = world.words();
    let left: Vec<usize> = {
        let lab = world.state();
        packages.into_iter().filter(|at| !lab.shop.served[*at].complete).collect()
    };
    let row = |at: &usize| {
        let package = &world.catalogue[*at];
        let needs: Vec<String> = package.requires.iter().map(requirement).collect();
        let needs = if needs.is_empty() { String::new() } else { format!("{} {}", words.requires, needs.join(", ")) };
        let path = format!("/download/{at}/{}", package.file_name());
        let cells = vec![
            html::text(&package.title),
            html::text(&text::bytes(package.size_bytes)),
            html::text(&needs),
            html::link(&path, words.download),
        ];
        HtmlRow { grey: false, cells }
    };
    // Newest first, as shops do: the order to install in is the reader's task.
    let rows: Vec<HtmlRow> = left.iter().rev().map(row).collect();
    let body = if rows.is_empty() {
        html::paragraph(words.vendor_none)
    } else {
        html::list(&[words.package, words.size, words.note, ""], &rows) + html::hint(words.vendor_once)
    };
    page(world, words.vendor_brand, None, html::section(words.available, body)).into_response()
}

async fn download(
    State(customers): State<Customers>,
    Path((index, _)): Path<(usize, String)>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let words = customers[0].words();
    let open = opened(&customers, &headers).filter(|(_, packages)| packages.contains(&index));
    let Some((world, package)) = open.and_then(|(world, _)| Some((world.clone(), world.catalogue.get(index)?.clone())))
    else {
        return gone(&customers[0], StatusCode::NOT_FOUND, words.not_found);
    };
    let mut lab = world.state();
    if lab.shop.served[index].complete {
        drop(lab);
        return gone(&world, StatusCode::GONE, words.vendor_gone);
    }
    let ranges = !lab.faults.armed(Fault::NoRange);
    let wanted = match headers.get(header::RANGE).and_then(|range| range.to_str().ok()) {
        Some(range) if ranges && unchanged(&headers, &package) => asked(range, package.size_bytes),
        _ => RequestedRange::Whole,
    };
    let (status, at, end) = match wanted {
        RequestedRange::Whole => (StatusCode::OK, 0, package.size_bytes),
        RequestedRange::Part(at, end) => (StatusCode::PARTIAL_CONTENT, at, end),
        RequestedRange::Unsatisfiable => {
            let range = format!("bytes */{}", package.size_bytes);
            return (StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, range)]).into_response();
        }
    };
    let mut mishap = Mishap::None;
    if method == Method::GET {
        let middle = at + (end - at) / 2;
        lab.shop.served[index].requests += 1;
        if lab.faults.strikes(Fault::Cut) {
            mishap = Mishap::CutAt(middle);
        } else if lab.faults.strikes(Fault::Stall) {
            mishap = Mishap::StallAt(middle);
        }
    }
    drop(lab);
    let body = PackageBody { world: world.clone(), index, reader: package.reader(at), at, end, mishap, pause: None };
    let disposition = format!("attachment; filename=\"{}\"", package.file_name());
    let mut answer = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(header::CONTENT_LENGTH, end - at)
        .header(header::CONTENT_DISPOSITION, disposition);
    if ranges {
        answer = answer
            .header(header::ACCEPT_RANGES, "bytes")
            .header(header::ETAG, package.etag())
            .header(header::LAST_MODIFIED, LAST_MODIFIED);
    }
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {at}-{}/{}", end - 1, package.size_bytes);
        answer = answer.header(header::CONTENT_RANGE, range);
    }
    answer.body(Body::new(body)).expect("every header is plain ASCII")
}

async fn lost(State(customers): State<Customers>) -> Response {
    let world = &customers[0];
    gone(world, StatusCode::NOT_FOUND, world.words().not_found)
}

/// Whose packages the visitor's code opened, and which.
fn opened<'a>(customers: &'a [Shared], headers: &HeaderMap) -> Option<(&'a Shared, Vec<usize>)> {
    let id = cookie(headers, COOKIE)?;
    let packages = |world: &Shared| {
        let state = world.state();
        state.shop.visits.iter().find(|visit| visit.cookie == id).map(|visit| visit.packages.clone())
    };
    customers.iter().find_map(|world| Some((world, packages(world)?)))
}

/// Whether the file is still the one that If-Range means; with none, any is.
fn unchanged(headers: &HeaderMap, package: &LabPackage) -> bool {
    let Some(validator) = headers.get(header::IF_RANGE) else { return true };
    validator.to_str().is_ok_and(|validator| validator == package.etag() || validator == LAST_MODIFIED)
}

fn gone(world: &World, status: StatusCode, why: &str) -> Response {
    html::with_status(status, page(world, world.words().vendor_brand, Some(Notice::Error(why)), Markup::default()))
}

fn page<'a>(world: &World, title: &'a str, notice: Option<Notice<'a>>, body: Markup) -> HtmlPage<'a> {
    let words = world.words();
    HtmlPage {
        language: world.options.language,
        words,
        product: "Lab vendor",
        brand: words.vendor_brand,
        title,
        menu: Vec::new(),
        submenu: Vec::new(),
        logout: None,
        refresh_secs: None,
        notice,
        body,
    }
}
