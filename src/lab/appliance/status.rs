//! Status > Basics, with the two buttons that end an appliance.

use super::{Tab, page, stale_form};
use crate::lab::cut::Scissors;
use crate::lab::html::{self, Markup, Notice};
use crate::lab::record::FatalPress;
use crate::lab::visitor::Keeper;
use crate::lab::world::{Shared, World};
use crate::lab::{HOST, MODEL};
use crate::model::Version;
use crate::simulator::{Activity, Fault};
use axum::Extension;
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
    Extension(scissors): Extension<Scissors>,
    Form(fields): Form<HashMap<String, String>>,
) -> Response {
    if !keeper.spend(&world, FORM, fields.get("form_token").map(String::as_str)) {
        return stale_form(&world, Tab::Status);
    }
    let reset = fields.get("what").is_some_and(|what| what == "reset");
    let (button, by_hand, lost) = match reset {
        true => ("reset", Fault::ByHandReset, Fault::ResetAnswerLost),
        false => ("shut-down", Fault::ByHandShutDown, Fault::ShutDownAnswerLost),
    };
    let (busy, is_lost) = {
        let mut device = world.device();
        let (at, now, busy) = (device.clock(), device.now(), device.machine.is_busy());
        // Whatever comes of it: tests look for presses that nobody ordered.
        device.record.presses.push(FatalPress { button: button.to_owned(), at });
        device.faults.strikes(by_hand);
        let device = &mut *device;
        match (busy, reset) {
            (true, _) => {}
            (false, true) => device.machine.reset(now, &mut device.faults),
            (false, false) => device.machine.shut_down(),
        }
        (busy, device.faults.strikes(lost))
    };
    if busy {
        return show(&world, &keeper, Some(Notice::Error(world.words().busy)));
    }
    match reset {
        true => world.watch(),
        // Off is a restart that does not come back.
        false => world.restart.notify_one(),
    }
    if is_lost {
        scissors.cut().await;
    }
    let words = world.migration_words();
    let said = if reset { words.resetting } else { words.shutting };
    page(&world, Tab::Status, world.words().basics, Some(Notice::Good(said)), Markup::default()).into_response()
}

fn show(world: &World, keeper: &Keeper, notice: Option<Notice<'_>>) -> Response {
    let words = world.words();
    let (status, build, clock, resetting, serial, explains) = {
        let device = world.device();
        let machine = &device.machine;
        let resetting = matches!(machine.activity(), Activity::Resetting { .. });
        let serial = if machine.labels_changed && !machine.is_busy() { words.serial_anew } else { words.serial };
        let explains = device.faults.armed(Fault::StatusExplains);
        (machine.status.clone(), device.build(), device.appliance_clock(), resetting, serial, explains)
    };
    let version = |version: &Option<Version>| html::text(version.as_ref().map_or("", Version::as_str));
    if resetting {
        let notice = Some(Notice::Good(world.migration_words().resetting));
        return page(world, Tab::Status, words.basics, notice, Markup::default()).into_response();
    }
    let mut rows = vec![
        (serial, html::text(&status.appliance.serial)),
        (words.model, html::text(MODEL)),
        (words.host, html::text(HOST)),
        (words.base, version(&status.base_version)),
        (words.site, version(&status.site_version)),
        (words.build, html::text(&build.unwrap_or_default())),
        (words.clock, html::moment(clock)),
    ];
    if status.no_site {
        rows.retain(|(label, _)| ![words.site, words.build].contains(label));
    }
    let power = power_form(world, keeper, "reset", world.label(Fault::ByHandReset, words.reset))
        + power_form(world, keeper, "off", world.label(Fault::ByHandShutDown, words.shut_down));
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
