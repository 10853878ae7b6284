//! The pages below `/appliance`: status, network, certificates, updates.

mod agreement;
mod certificates;
mod install;
mod manual;
mod network;
mod next;
mod status;
mod updates;

use super::PRODUCT;
use super::cut::Scissors;
use super::html::{self, HtmlPage, Markup, MenuEntry, Notice};
use super::login;
use super::visitor::{Keeper, NotAdmitted, see_other};
use super::world::{Shared, World};
use axum::extract::{DefaultBodyLimit, Form, Multipart, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use next::Next;
use std::collections::HashMap;

pub(super) fn pages(world: Shared) -> Router {
    Router::new()
        .merge(login::pages())
        .route("/", get(portal))
        .route("/appliance/status/basics", get(status::basics))
        .route("/appliance/status/power", post(status::pressed))
        .route("/appliance/networking/ip", get(network::ip).post(network::save_ip))
        .route("/appliance/networking/ip/shared", get(network::shared).post(network::save_shared))
        .route("/appliance/security/certificates", get(certificates::list).post(certificates::act))
        .route("/appliance/security/certificates/export", post(certificates::export))
        .route("/appliance/security/certificates/import", get(certificates::import_page).post(certificates::import))
        .route("/appliance/security/certificates/assign", get(certificates::assign_page).post(certificates::assign))
        .route("/appliance/updates", get(updates::page))
        .route("/appliance/updates/check", post(check))
        .route("/appliance/updates/install", post(install_offered))
        .route("/appliance/updates/key", get(updates::key))
        .route("/appliance/updates/installers", get(updates::installers))
        .route("/appliance/updates/installers/{file}", get(updates::installer))
        // A package may be of any size: it is streamed, never held.
        .route("/appliance/updates/manual", post(upload).layer(DefaultBodyLimit::disable()))
        .route("/appliance/updates/agreement", get(agreement_page))
        .route("/appliance/updates/agreement/accept", post(accept))
        .route("/appliance/updates/agreement/decline", post(decline))
        .route("/appliance/updates/progress", get(install::progress))
        .fallback(lost)
        .with_state(world)
}

type Fields = Form<HashMap<String, String>>;

async fn check(State(world): State<Shared>, keeper: Keeper, Form(fields): Fields) -> Response {
    show(&world, &keeper, updates::check(&world, &keeper, &fields))
}

async fn install_offered(State(world): State<Shared>, keeper: Keeper, Form(fields): Fields) -> Response {
    show(&world, &keeper, updates::install(&world, &keeper, &fields))
}

async fn agreement_page(State(world): State<Shared>, keeper: Keeper) -> Response {
    agreement::show(&world, &keeper, None)
}

async fn accept(State(world): State<Shared>, keeper: Keeper, Form(fields): Fields) -> Response {
    show(&world, &keeper, agreement::accept(&world, &keeper, &fields))
}

async fn decline(State(world): State<Shared>, keeper: Keeper, Form(fields): Fields) -> Response {
    show(&world, &keeper, agreement::decline(&world, &keeper, &fields))
}

async fn upload(
    State(world): State<Shared>,
    keeper: Result<Keeper, NotAdmitted>,
    Extension(scissors): Extension<Scissors>,
    headers: HeaderMap,
    form: Multipart,
) -> Response {
    let arrival = manual::receive(&world, &headers, &scissors, form).await;
    match (arrival, keeper) {
        (Err(_), _) => StatusCode::BAD_REQUEST.into_response(),
        (Ok(_), Err(not_admitted)) => not_admitted.into_response(),
        (Ok(arrival), Ok(keeper)) => show(&world, &keeper, manual::upload(&world, &keeper, arrival)),
    }
}

/// Shows what comes after a form.
fn show(world: &World, keeper: &Keeper, next: Next) -> Response {
    match next {
        Next::Updates(said) => updates::show(world, keeper, Some(&said)),
        Next::UpdatesAnew => see_other("/appliance/updates"),
        Next::Agreement(said) => agreement::show(world, keeper, Some(&said)),
        Next::AgreementAnew => see_other("/appliance/updates/agreement"),
        Next::Progress => see_other("/appliance/updates/progress"),
        Next::StaleForm => stale_form(world, Tab::Updates),
    }
}

/// The tabs of `/appliance`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Status,
    Networking,
    Security,
    Updates,
}

/// A page of the appliance's, for someone who has logged in.
fn page<'a>(world: &World, tab: Tab, title: &'a str, notice: Option<Notice<'a>>, body: Markup) -> HtmlPage<'a> {
    let words = world.words();
    let entry = |of: Tab, label, path| MenuEntry { label, path, here: of == tab };
    let below = |label, path| vec![MenuEntry { label, path, here: true }];
    HtmlPage {
        language: world.options.language,
        words,
        product: PRODUCT,
        brand: words.appliance_brand,
        title,
        menu: vec![
            entry(Tab::Status, words.status, "/appliance/status/basics"),
            entry(Tab::Networking, words.networking, "/appliance/networking/ip"),
            entry(Tab::Security, words.security, "/appliance/security/certificates"),
            entry(Tab::Updates, words.updates, "/appliance/updates"),
        ],
        submenu: match tab {
            Tab::Status => below(words.basics, "/appliance/status/basics"),
            Tab::Networking => below(words.ip, "/appliance/networking/ip"),
            Tab::Security => below(words.certificates, "/appliance/security/certificates"),
            Tab::Updates => Vec::new(),
        },
        logout: Some("/appliance/logout"),
        refresh_secs: None,
        notice,
        body,
    }
}

/// A form came with a token that is not, or no longer, its own.
fn stale_form(world: &World, tab: Tab) -> Response {
    let words = world.words();
    let notice = Some(Notice::Error(words.form_expired));
    html::with_status(StatusCode::FORBIDDEN, page(world, tab, words.appliance_brand, notice, Markup::default()))
}

async fn portal(State(world): State<Shared>) -> Response {
    let words = world.words();
    let links = html::paragraph(words.portal_text)
        + Markup::own("<p>")
        + html::link("/login", words.site_brand)
        + Markup::own(" &nbsp; ")
        + html::link("/appliance", words.appliance_brand)
        + Markup::own("</p>\n");
    public_page(&world, words.portal, None, html::section(super::HOST, links)).into_response()
}

async fn lost(State(world): State<Shared>) -> Response {
    let words = world.words();
    let notice = Some(Notice::Error(words.not_found));
    html::with_status(StatusCode::NOT_FOUND, public_page(&world, words.portal, notice, Markup::default()))
}

fn public_page<'a>(world: &World, title: &'a str, notice: Option<Notice<'a>>, body: Markup) -> HtmlPage<'a> {
    let page = page(world, Tab::Status, title, notice, body);
    HtmlPage { brand: super::HOST, menu: Vec::new(), submenu: Vec::new(), logout: None, ..page }
}
