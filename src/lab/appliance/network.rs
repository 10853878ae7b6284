//! Networking > IP Configuration: as much of it as the guide sends its reader to.

use super::{Tab, page, stale_form};
use crate::lab::ADDRESS;
use crate::lab::html::{self, HtmlRow, Notice};
use crate::lab::pair::SHARED_IP;
use crate::lab::visitor::{Keeper, see_other};
use crate::lab::world::{Shared, World};
use crate::simulator::Fault;
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;

const FORM: &str = "ip";
const SHARED_FORM: &str = "shared-ip";

pub(super) async fn ip(State(world): State<Shared>, keeper: Keeper) -> Response {
    let words = world.words();
    let token = keeper.token(&world, FORM);
    let rows = [(words.ip_address, html::text(ADDRESS)), (words.gateway, html::text("-"))];
    let ntp = html::form(
        "/appliance/networking/ip",
        &token,
        false,
        html::field("text", "ntp", words.ntp) + html::plain_button(words.save),
    );
    let mut body = html::section(words.ip, html::facts(&rows));
    let shared = world.relation().map(|pair| pair.has_shared_ip());
    if let Some(on) = shared {
        let words = world.pair_words();
        let state = html::text(if on { words.state_on } else { words.state_off });
        let cells = vec![html::link("/appliance/networking/ip/shared", SHARED_IP), state];
        let heads = [world.words().ip_address, words.enabled];
        body += html::section(words.addresses, html::list(&heads, &[HtmlRow { grey: false, cells }]));
    }
    body += html::section(words.ntp, ntp);
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
        world.device().faults.clear(Fault::ClockSkew);
    }
    see_other("/appliance/networking/ip")
}

/// The shared address, where it is enabled and disabled.
pub(super) async fn shared(State(world): State<Shared>, keeper: Keeper) -> Response {
    show_shared(&world, &keeper, None)
}

pub(super) async fn save_shared(
    State(world): State<Shared>,
    keeper: Keeper,
    Form(fields): Form<HashMap<String, String>>,
) -> Response {
    if !keeper.spend(&world, SHARED_FORM, fields.get("form_token").map(String::as_str)) {
        return stale_form(&world, Tab::Networking);
    }
    let set = world.relation().map(|mut pair| pair.set_shared_ip(fields.contains_key("enabled")));
    if set.is_none() {
        return see_other("/appliance/networking/ip");
    }
    show_shared(&world, &keeper, Some(Notice::Good(world.pair_words().saved)))
}

fn show_shared(world: &World, keeper: &Keeper, notice: Option<Notice<'_>>) -> Response {
    let on = world.relation().map(|pair| pair.has_shared_ip());
    let Some(on) = on else { return see_other("/appliance/networking/ip") };
    let form = html::form(
        "/appliance/networking/ip/shared",
        &keeper.token(world, SHARED_FORM),
        false,
        html::checkbox("enabled", world.pair_words().enabled, on) + html::plain_button(world.words().save),
    );
    let body = html::section(SHARED_IP, form);
    page(world, Tab::Networking, world.words().ip, notice, body).into_response()
}
