//! The pages below `/login`: the site's own administration.

pub(super) mod backup;
mod failover;
mod software;

use super::html::{self, HtmlPage, Markup, MenuEntry, Notice};
use super::visitor::Manager;
use super::world::{Shared, World};
use super::{HOST, PRODUCT};
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

/// Longest backup file taken, in bytes: a hundred times what the lab makes.
const MAX_BACKUP_BYTES: usize = 64 << 20;

/// How many Jump Clients may update at once, as the page shows it.
// Far above what is advised for a site of the lab's size, so that there is something to lower.
const UPGRADES_AT_ONCE: u32 = 100;

pub(super) fn pages(world: Shared) -> Router {
    Router::new()
        .route("/login/status/information", get(information))
        .route("/login/jump/clients", get(jump_clients))
        .route("/login/management/software", get(software::page))
        .route("/login/management/software/backup", post(software::backup))
        .route(
            "/login/management/software/restore",
            post(software::restore).layer(DefaultBodyLimit::max(MAX_BACKUP_BYTES)),
        )
        .route("/login/management/security", get(failover::security).post(failover::save_key))
        .route("/login/management/failover", get(failover::page))
        .route("/login/management/failover/sync", post(failover::sync))
        .route("/login/management/failover/become", post(failover::swap))
        .route("/login/management/failover/break", post(failover::break_up))
        .route("/login/management/failover/establish", post(failover::establish))
        .with_state(world)
}

/// The pages of `/login`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LoginPlace {
    Information,
    JumpClients,
    Software,
    Security,
    Failover,
}

/// A page of the site's, for someone who has logged in.
fn page<'a>(world: &World, place: LoginPlace, notice: Option<Notice<'a>>, body: Markup) -> HtmlPage<'a> {
    let words = world.words();
    let entry = |of: LoginPlace, label, path| MenuEntry { label, path, here: of == place };
    let managing = !matches!(place, LoginPlace::Information | LoginPlace::JumpClients);
    HtmlPage {
        language: world.options.language,
        words,
        product: PRODUCT,
        brand: words.site_brand,
        title: match place {
            LoginPlace::Information => words.information,
            LoginPlace::JumpClients => words.jump_clients,
            LoginPlace::Software => words.software,
            LoginPlace::Security => words.security,
            LoginPlace::Failover => words.failover,
        },
        menu: vec![
            MenuEntry {
                label: words.status,
                path: "/login/status/information",
                here: place == LoginPlace::Information,
            },
            MenuEntry { label: words.jump, path: "/login/jump/clients", here: place == LoginPlace::JumpClients },
            MenuEntry { label: words.management, path: "/login/management/software", here: managing },
        ],
        submenu: if managing {
            vec![
                entry(LoginPlace::Software, words.software, "/login/management/software"),
                entry(LoginPlace::Security, words.security, "/login/management/security"),
                entry(LoginPlace::Failover, words.failover, "/login/management/failover"),
            ]
        } else if place == LoginPlace::JumpClients {
            vec![entry(LoginPlace::JumpClients, words.jump_clients, "/login/jump/clients")]
        } else {
            vec![entry(LoginPlace::Information, words.information, "/login/status/information")]
        },
        logout: Some("/login/logout"),
        refresh_secs: None,
        notice,
        body,
    }
}

/// A form came with a token that is not, or no longer, its own.
fn stale_form(world: &World, place: LoginPlace) -> Response {
    let notice = Some(Notice::Error(world.words().form_expired));
    html::with_status(StatusCode::FORBIDDEN, page(world, place, notice, Markup::default()))
}

async fn jump_clients(State(world): State<Shared>, _: Manager) -> Response {
    let words = world.words();
    let field = html::number("max_upgrades", words.jump_limit, UPGRADES_AT_ONCE);
    page(&world, LoginPlace::JumpClients, None, html::section(words.jump_section, field)).into_response()
}

async fn information(State(world): State<Shared>, _: Manager) -> Response {
    let words = world.words();
    let (site, build) = {
        let device = world.device();
        let site = device.machine.status.site_version.as_ref().map(ToString::to_string);
        (site.unwrap_or_default(), device.build().unwrap_or_default())
    };
    let rows = [(words.host, html::text(HOST)), (words.site, html::text(&site)), (words.build, html::text(&build))];
    let body = html::section(words.site_status, html::facts(&rows) + html::hint(words.restricted));
    page(&world, LoginPlace::Information, None, body).into_response()
}
