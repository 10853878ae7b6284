//! The vendor's update server: a code opens a list, each package on it is
//! served once.

use super::html::{self, HtmlPage, HtmlRow, Markup, Notice};
use super::package::LabPackage;
use super::shop::CodeRefused;
use super::transfer::{Mishap, PackageBody, RequestedRange, asked};
use super::visitor::{cookie, see_other};
use super::world::{Shared, World};
use crate::model::{PackageKind, Requirement, text};
use crate::simulator::Fault;
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
        .route("/notes/{index}", get(notes))
        .fallback(lost)
        .with_state(customers)
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
    // People type codes in small letters, and with a blank behind them.
    let given = fields.get("key").map_or("", String::as_str).trim().to_ascii_uppercase();
    let known = |world: &&Shared| world.shop().knows(&given);
    let world = customers.iter().find(known).unwrap_or(&customers[0]);
    let words = world.words();
    let spent = world.device().faults.armed(Fault::SpentCode);
    let opened = world.shop().exchange(&given, spent, &world.catalogue);
    match opened {
        Err(CodeRefused::Unknown) => front_page(world, Some(words.vendor_unknown)),
        Err(CodeRefused::Spent) => front_page(world, Some(words.vendor_spent)),
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
        let shop = world.shop();
        packages.into_iter().filter(|at| !shop.is_gone(*at)).collect()
    };
    let row = |at: &usize| {
        let package = &world.catalogue[*at];
        let needs: Vec<String> = package.requires.iter().map(requirement).collect();
        let needs = if needs.is_empty() { String::new() } else { format!("{} {}", words.requires, needs.join(", ")) };
        let path = format!("/download/{at}/{}", package.file_name());
        let led = match world.options.release_notes {
            true => html::text(" ") + html::link(&format!("/notes/{at}"), words.vendor_notes),
            false => Markup::default(),
        };
        let cells = vec![
            html::text(&package.title),
            html::text(&text::bytes(package.size_bytes)),
            html::text(&needs) + led,
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
    if world.shop().is_gone(index) {
        return gone(&world, StatusCode::GONE, words.vendor_gone);
    }
    let ranges = !world.device().faults.armed(Fault::NoRange);
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
    // A HEAD fetches nothing, so it spends neither the package nor a fault.
    if method == Method::GET {
        let middle = at + (end - at) / 2;
        world.shop().count(index);
        let mut device = world.device();
        if device.faults.strikes(Fault::DownloadCut) {
            mishap = Mishap::CutAt(middle);
        } else if device.faults.strikes(Fault::DownloadStalls) {
            mishap = Mishap::StallAt(middle);
        }
    }
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

/// What is new in a package. That of site software is at another server, as a vendor's may be.
async fn notes(State(customers): State<Customers>, Path(index): Path<usize>, headers: HeaderMap) -> Response {
    let words = customers[0].words();
    let open = opened(&customers, &headers).filter(|(world, _)| world.options.release_notes);
    let Some(package) = open.and_then(|(world, _)| world.catalogue.get(index).cloned()) else {
        return gone(&customers[0], StatusCode::NOT_FOUND, words.not_found);
    };
    if package.kind == PackageKind::Site {
        return see_other("https://notes.example.com/site?session=not-to-be-told");
    }
    let told = format!("{} {}", words.vendor_new, package.title);
    page(&customers[0], words.vendor_notes, None, html::section(&told, html::paragraph("It restarts sooner.")))
        .into_response()
}

async fn lost(State(customers): State<Customers>) -> Response {
    let world = &customers[0];
    gone(world, StatusCode::NOT_FOUND, world.words().not_found)
}

/// Whose packages the visitor's code opened, and which.
fn opened<'a>(customers: &'a [Shared], headers: &HeaderMap) -> Option<(&'a Shared, Vec<usize>)> {
    let id = cookie(headers, COOKIE)?;
    customers.iter().find_map(|world| Some((world, world.shop().opened(&id)?)))
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
