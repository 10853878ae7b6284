//! Status > Basics, with the two buttons that end an appliance.

use super::{Tab, page, stale_form};
use crate::lab::fault::Fault;
use crate::lab::html::{self, Markup, Notice};
use crate::lab::sessions::Keeper;
use crate::lab::world::{Activity, FatalPress, Shared, World};
use crate::lab::{HOST, MODEL, migration};
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;

const FORM: &str = "power";

pub(super) async fn basics(State(world): State<Shared>, keeper: Keeper) -> Response {
    show(&world, &keeper, None)
}

/// Begins the reset, or shuts down; an install under way is not ended by it.
pub(super) async fn pressed(
    State(world): State<Shared>,
    keeper: Keeper,
    Form(fields): Form<HashMap<String, String>>,
) -> Response {
    if !keeper.spend(&world, FORM, fields.get("form_token").map(String::as_str)) {
        return stale_form(&world, Tab::Status);
    }
    let reset = fields.get("what").is_some_and(|what| what == "reset");
    let busy = {
        let mut state = world.state();
        let at = state.now();
        let button = if reset { "reset" } else { "shut-down" };
        state.record.presses.push(FatalPress { button: button.to_owned(), at });
        state.machine.activity.busy()
    };
    let words = world.move_words();
    let said = match (busy, reset) {
        (true, _) => return show(&world, &keeper, Some(Notice::Error(world.words().busy))),
        (false, true) => {
            migration::reset(&world);
            words.resetting
        }
        (false, false) => {
            migration::shut_down(&world);
            words.shutting
        }
    };
    page(&world, Tab::Status, world.words().basics, Some(Notice::Good(said)), Markup::default()).into_response()
}

fn show(world: &World, keeper: &Keeper, notice: Option<Notice<'_>>) -> Response {
    let words = world.words();
    let (base, site, build, clock, has_site, resetting, serial, explains) = {
        let state = world.state();
        let machine = &state.machine;
        let resetting = matches!(machine.activity, Activity::Resetting { .. });
        let (base, site) = (machine.base.to_string(), machine.site.to_string());
        let anew = state.faults.armed(Fault::LabelsChange) && machine.base != world.options.base;
        let serial = if anew { words.serial_anew } else { words.serial };
        let explains = state.faults.armed(Fault::StatusExplains);
        (base, site, machine.build(), state.appliance_clock(), machine.has_site, resetting, serial, explains)
    };
    if resetting {
        let notice = Some(Notice::Good(world.move_words().resetting));
        return page(world, Tab::Status, words.basics, notice, Markup::default()).into_response();
    }
    let mut rows = vec![
        (serial, html::text(&world.serial)),
        (words.model, html::text(MODEL)),
        (words.host, html::text(HOST)),
        (words.base, html::text(&base)),
        (words.site, html::text(&site)),
        (words.build, html::text(&build)),
        (words.clock, html::moment(clock)),
    ];
    if !has_site {
        rows.retain(|(label, _)| ![words.site, words.build].contains(label));
    }
    let power = power_form(world, keeper, "reset", words.reset) + power_form(world, keeper, "off", words.shut_down);
    let explanation = if explains { html::paragraph(words.explains) } else { Markup::default() };
    let body = html::section(&format!("{} :: {}", words.status, words.basics), html::facts(&rows))
        + explanation
        + html::section(words.power, power);
    page(world, Tab::Status, words.basics, notice, body).into_response()
}

fn power_form(world: &World, keeper: &Keeper, what: &str, label: &str) -> Markup {
    let token = keeper.token(world, FORM);
    html::form("/appliance/status/power", &token, false, html::hidden("what", what) + html::plain_button(label))
}
