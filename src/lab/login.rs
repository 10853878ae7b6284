//! The login form before `/appliance` and `/login`, alike but separate.

use super::html::{self, HtmlPage, Markup, Notice};
use super::sessions::{Login, Realm};
use super::visitor::{Keeper, Manager, before_login, see_other, with_cookie};
use super::world::{Shared, World};
use super::{PRODUCT, USER};
use crate::simulator::{Fault, Faults};
use axum::Router;
use axum::extract::{Form, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use std::collections::HashMap;

/// The forms' names, for their tokens.
const FORM: &str = "login";
const AGREEMENT: &str = "login-agreement";

pub(super) fn pages() -> Router<Shared> {
    Router::new()
        .route("/appliance", get(appliance_front))
        .route("/appliance/login", get(appliance_form).post(appliance_login))
        .route("/appliance/agreement", post(appliance_agreement))
        .route("/appliance/logout", get(appliance_logout))
        .route("/login", get(site_front))
        .route("/login/login", get(site_form).post(site_login))
        .route("/login/agreement", post(site_agreement))
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
    if must_agree(world, realm, &id) {
        return agreement_page(world, realm, &id);
    }
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
    if must_agree(world, realm, &id) {
        return agreement_page(world, realm, &id);
    }
    let outcome = {
        let (mut device, mut sessions) = (world.device(), world.sessions());
        let (own, now) = (device.password(realm), device.clock());
        let right = given("username") == USER && given("password") == own;
        // As after a restart: the session of the form is not known any more, and another comes without a word.
        if device.faults.strikes(Fault::FormForgotten) {
            sessions.log_out(realm, &id);
            let fresh = sessions.open(realm, now);
            drop((device, sessions));
            return login_page(world, realm, &fresh, None, StatusCode::OK);
        }
        if !sessions.spend(realm, &id, FORM, given("form_token")) {
            drop((device, sessions));
            return login_page(world, realm, &id, Some(words.form_expired), StatusCode::FORBIDDEN);
        }
        // Only with the right password: a stranger is told no more than that it is wrong.
        let closed = Door::of(&device.faults).filter(|_| right);
        if let Some(door) = closed {
            drop((device, sessions));
            return door.page(world, realm, &id);
        }
        let outcome = sessions.log_in(realm, (given("username"), given("password")), own, now);
        match &outcome {
            // What was handed out before the login must not be worth more after it.
            Login::Welcome(_) => {
                sessions.log_out(realm, &id);
                device.record.logins += 1;
            }
            Login::Wrong | Login::Locked => device.record.failed_logins += 1,
        }
        outcome
    };
    match outcome {
        Login::Welcome(fresh) => with_cookie(realm, &fresh, see_other(home(realm))),
        // Under status 200, as many products do: that it was refused only the words tell.
        Login::Wrong => login_page(world, realm, &id, Some(words.login_wrong), StatusCode::OK),
        Login::Locked => login_page(world, realm, &id, Some(words.login_locked), StatusCode::OK),
    }
}

/// What keeps a visitor with the right password out.
enum Door {
    Full,
    Expired,
}

impl Door {
    fn of(faults: &Faults) -> Option<Self> {
        match (faults.armed(Fault::SessionLimit), faults.armed(Fault::PasswordExpired)) {
            (true, _) => Some(Door::Full),
            (false, true) => Some(Door::Expired),
            (false, false) => None,
        }
    }

    fn page(self, world: &World, realm: Realm, id: &str) -> Response {
        let words = world.words();
        if matches!(self, Door::Full) {
            return login_page(world, realm, id, Some(words.login_full), StatusCode::OK);
        }
        let token = world.sessions().token(realm, id, FORM);
        let fields = html::field("password", "password", words.password)
            + html::field("password", "password_new", words.password_new)
            + html::field("password", "password_confirm", words.confirm)
            + html::button(words.save);
        let form = html::form(&format!("{}/login", realm.path()), &token, false, fields);
        gate(world, realm, id, Some(words.password_over), form, StatusCode::OK)
    }
}

fn must_agree(world: &World, realm: Realm, id: &str) -> bool {
    world.device().faults.armed(Fault::LoginAgreement) && !world.sessions().has_agreed(realm, id)
}

fn agreement_page(world: &World, realm: Realm, id: &str) -> Response {
    let words = world.words();
    let token = world.sessions().token(realm, id, AGREEMENT);
    let form = html::form(&format!("{}/agreement", realm.path()), &token, false, html::button(words.agree));
    let body = html::section(words.login_agreement, html::long_text(words.login_agreement_text) + form);
    gate(world, realm, id, None, body, StatusCode::OK)
}

async fn appliance_agreement(State(world): State<Shared>, headers: HeaderMap, Form(fields): Fields) -> Response {
    agree(&world, &headers, &fields, Realm::Appliance)
}

async fn site_agreement(State(world): State<Shared>, headers: HeaderMap, Form(fields): Fields) -> Response {
    agree(&world, &headers, &fields, Realm::Site)
}

fn agree(world: &World, headers: &HeaderMap, fields: &HashMap<String, String>, realm: Realm) -> Response {
    let id = before_login(headers, world, realm);
    let token = fields.get("form_token").map_or("", String::as_str);
    let spent = world.sessions().spend(realm, &id, AGREEMENT, token);
    if spent {
        world.sessions().agree(realm, &id);
        world.device().record.login_agreements += 1;
    }
    see_other(&format!("{}/login", realm.path()))
}

async fn appliance_logout(State(world): State<Shared>, visitor: Keeper) -> Response {
    world.sessions().log_out(Realm::Appliance, &visitor.id);
    world.device().record.logouts += 1;
    see_other("/appliance/login")
}

async fn site_logout(State(world): State<Shared>, visitor: Manager) -> Response {
    world.sessions().log_out(Realm::Site, &visitor.id);
    world.device().record.logouts += 1;
    see_other("/login/login")
}

fn login_page(world: &World, realm: Realm, id: &str, error: Option<&str>, status: StatusCode) -> Response {
    let words = world.words();
    let token = world.sessions().token(realm, id, FORM);
    let fields = html::field("text", "username", words.user)
        + html::field("password", "password", words.password)
        + html::button(words.login);
    let path = format!("{}/login", realm.path());
    gate(world, realm, id, error, html::form(&path, &token, false, fields), status)
}

/// A page before the login.
fn gate(world: &World, realm: Realm, id: &str, error: Option<&str>, body: Markup, status: StatusCode) -> Response {
    let words = world.words();
    let brand = match realm {
        Realm::Appliance => words.appliance_brand,
        Realm::Site => words.site_brand,
    };
    let page = HtmlPage {
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
        body: html::gate(html::section(brand, body)),
    };
    with_cookie(realm, id, html::with_status(status, page).into_response())
}
