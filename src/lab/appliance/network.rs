//! Networking > IP Configuration and Security > Certificates: as much of
//! them as the guide sends its reader to.

use super::{Tab, page, stale_form};
use crate::lab::HOST;
use crate::lab::fault::Fault;
use crate::lab::html::{self, Row};
use crate::lab::seats::{Keeper, see_other};
use crate::lab::world::Shared;
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;

const FORM: &str = "ip";

pub(super) async fn ip(State(world): State<Shared>, keeper: Keeper) -> Response {
    let words = world.words();
    let token = keeper.token(&world, FORM);
    let rows = [(words.ip_address, html::text("127.0.0.1")), (words.gateway, html::text("-"))];
    let ntp = html::form(
        "/appliance/networking/ip",
        &token,
        false,
        html::field("text", "ntp", words.ntp) + html::plain_button(words.save),
    );
    let body = html::section(words.ip, html::facts(&rows)) + html::section(words.ntp, ntp);
    page(&world, Tab::Networking, words.ip, None, body).into_response()
}

/// A time server sets the clock right, whichever it is.
pub(super) async fn save_ip(
    State(world): State<Shared>,
    keeper: Keeper,
    Form(fields): Form<HashMap<String, String>>,
) -> Response {
    if !keeper.spend(&world, FORM, fields.get("form_token").map(String::as_str)) {
        return stale_form(&world, Tab::Networking);
    }
    if fields.get("ntp").is_some_and(|server| !server.trim().is_empty()) {
        world.state().faults.clear(Fault::ClockSkew);
    }
    see_other("/appliance/networking/ip")
}

pub(super) async fn certificates(State(world): State<Shared>, _: Keeper) -> Response {
    let words = world.words();
    let cells = vec![html::text(HOST), html::text(words.self_signed), html::text(&world.fingerprint)];
    let table = html::list(&[words.issued_to, words.issued_by, words.fingerprint], &[Row { grey: false, cells }]);
    let body = html::section(words.certificates, table);
    page(&world, Tab::Security, words.certificates, None, body).into_response()
}
