//! The pages below `/appliance`: status, network, certificates, updates.

mod agreement;
mod certificates;
mod install;
mod manual;
mod network;
mod status;
mod updates;

use super::PRODUCT;
use super::html::{self, HtmlPage, Markup, MenuEntry, Notice};
use super::login;
use super::world::{Shared, World};
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

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
        .route("/appliance/updates/check", post(updates::check))
        .route("/appliance/updates/install", post(updates::install))
        .route("/appliance/updates/key", get(updates::key))
        // A package may be of any size: it is streamed, never held.
        .route("/appliance/updates/manual", post(manual::upload).layer(DefaultBodyLimit::disable()))
        .route("/appliance/updates/agreement", get(agreement::page))
        .route("/appliance/updates/agreement/accept", post(agreement::accept))
        .route("/appliance/updates/agreement/decline", post(agreement::decline))
        .route("/appliance/updates/progress", get(install::progress))
        .fallback(lost)
        .with_state(world)
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
