//! Status > Basics, with the two buttons nobody should press.

use super::{Tab, page, stale_form};
use crate::lab::html::{self, Markup, Notice};
use crate::lab::seats::Keeper;
use crate::lab::world::{Press, Shared, World};
use crate::lab::{HOST, MODEL};
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;

const FORM: &str = "power";

pub(super) async fn basics(State(world): State<Shared>, keeper: Keeper) -> Response {
    show(&world, &keeper, None)
}

/// Records the press and does nothing else: the lab is for learning.
pub(super) async fn pressed(
    State(world): State<Shared>,
    keeper: Keeper,
    Form(fields): Form<HashMap<String, String>>,
) -> Response {
    if !keeper.spend(&world, FORM, fields.get("form_token").map(String::as_str)) {
        return stale_form(&world, Tab::Status);
    }
    {
        let mut state = world.state();
        let at = state.now();
        let button = if fields.get("what").is_some_and(|what| what == "reset") { "reset" } else { "shut-down" };
        state.record.presses.push(Press { button: button.to_owned(), at });
    }
    show(&world, &keeper, Some(Notice::Error(world.words().pressed)))
}

fn show(world: &World, keeper: &Keeper, notice: Option<Notice<'_>>) -> Response {
    let words = world.words();
    let (base, site, build, clock) = {
        let state = world.state();
        let machine = &state.machine;
        (machine.base.to_string(), machine.site.to_string(), machine.build(), state.appliance_clock())
    };
    let rows = [
        (words.serial, html::text(&world.serial)),
        (words.model, html::text(MODEL)),
        (words.host, html::text(HOST)),
        (words.base, html::text(&base)),
        (words.site, html::text(&site)),
        (words.build, html::text(&build)),
        (words.clock, html::moment(clock)),
    ];
    let power = power_form(world, keeper, "reset", words.reset) + power_form(world, keeper, "off", words.shut_down);
    let body = html::section(&format!("{} :: {}", words.status, words.basics), html::facts(&rows))
        + html::section(words.power, power);
    page(world, Tab::Status, words.basics, notice, body).into_response()
}

fn power_form(world: &World, keeper: &Keeper, what: &str, label: &str) -> Markup {
    let token = keeper.token(world, FORM);
    html::form("/appliance/status/power", &token, false, html::hidden("what", what) + html::plain_button(label))
}
