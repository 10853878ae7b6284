//! The login form before `/appliance` and `/login`, alike but separate.

use super::PRODUCT;
use super::html::{self, Notice, Page};
use super::seats::{Keeper, Login, Manager, Realm, before_login, see_other, with_cookie};
use super::world::{Shared, World};
use axum::Router;
use axum::extract::{Form, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::collections::HashMap;

/// The form's name, for its token.
const FORM: &str = "login";

pub(super) fn pages() -> Router<Shared> {
    Router::new()
        .route("/appliance", get(appliance_front))
        .route("/appliance/login", get(appliance_form).post(appliance_login))
        .route("/appliance/logout", get(appliance_logout))
        .route("/login", get(site_front))
        .route("/login/login", get(site_form).post(site_login))
        .route("/login/logout", get(site_logout))
}

fn home(realm: Realm) -> &'static str {
    match realm {
        Realm::Appliance => "/appliance/status/basics",
        Realm::Site => "/login/status/information",
    }
}

async fn appliance_front(_: Keeper) -> Response {
    see_other(home(Realm::Appliance))
}

async fn site_front(_: Manager) -> Response {
    see_other(home(Realm::Site))
}

async fn appliance_form(State(world): State<Shared>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    ask(&world, &headers, query.as_deref(), Realm::Appliance)
}

async fn site_form(State(world): State<Shared>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    ask(&world, &headers, query.as_deref(), Realm::Site)
}

fn ask(world: &World, headers: &HeaderMap, query: Option<&str>, realm: Realm) -> Response {
    let id = before_login(headers, world, realm);
    let expired = (query == Some("expired")).then_some(world.words().login_expired);
    login_page(world, realm, &id, expired, StatusCode::OK)
}

type Fields = Form<HashMap<String, String>>;

async fn appliance_login(State(world): State<Shared>, headers: HeaderMap, Form(fields): Fields) -> Response {
    enter(&world, &headers, &fields, Realm::Appliance)
}

async fn site_login(State(world): State<Shared>, headers: HeaderMap, Form(fields): Fields) -> Response {
    enter(&world, &headers, &fields, Realm::Site)
}

fn enter(world: &World, headers: &HeaderMap, fields: &HashMap<String, String>, realm: Realm) -> Response {
    let words = world.words();
    let id = before_login(headers, world, realm);
    let given = |name: &str| fields.get(name).map_or("", String::as_str);
    let outcome = {
        let mut state = world.state();
        if !state.seats.spend(realm, &id, FORM, given("form_token")) {
            drop(state);
            return login_page(world, realm, &id, Some(words.form_expired), StatusCode::FORBIDDEN);
        }
        let now = state.now();
        let outcome = state.seats.log_in(realm, given("username"), given("password"), now);
        match &outcome {
            Login::Welcome(_) => {
                state.seats.log_out(realm, &id);
                state.record.logins += 1;
            }
            Login::Wrong | Login::Locked => state.record.failed_logins += 1,
        }
        outcome
    };
    match outcome {
        Login::Welcome(fresh) => with_cookie(realm, &fresh, see_other(home(realm))),
        Login::Wrong => login_page(world, realm, &id, Some(words.login_wrong), StatusCode::OK),
        Login::Locked => login_page(world, realm, &id, Some(words.login_locked), StatusCode::OK),
    }
}

async fn appliance_logout(State(world): State<Shared>, visitor: Keeper) -> Response {
    world.state().seats.log_out(Realm::Appliance, &visitor.id);
    see_other("/appliance/login")
}

async fn site_logout(State(world): State<Shared>, visitor: Manager) -> Response {
    world.state().seats.log_out(Realm::Site, &visitor.id);
    see_other("/login/login")
}

fn login_page(world: &World, realm: Realm, id: &str, error: Option<&str>, status: StatusCode) -> Response {
    let words = world.words();
    let brand = match realm {
        Realm::Appliance => words.appliance_brand,
        Realm::Site => words.site_brand,
    };
    let token = world.state().seats.token(realm, id, FORM);
    let fields = html::field("text", "username", words.user)
        + html::field("password", "password", words.password)
        + html::button(words.login);
    let path = format!("{}/login", realm.path());
    let gate = html::section(brand, html::form(&path, &token, false, fields));
    let page = Page {
        language: world.options.language,
        words,
        product: PRODUCT,
        brand,
        title: words.login_title,
        menu: Vec::new(),
        submenu: Vec::new(),
        logout: None,
        refresh_secs: None,
        notice: error.map(Notice::Error),
        body: html::gate(gate),
    };
    with_cookie(realm, id, html::with_status(status, page).into_response())
}
