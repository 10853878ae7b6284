//! Management > Failover and the pre-shared key on Management > Security.

use super::{LoginPlace, page as frame, stale_form};
use crate::lab::HOST;
use crate::lab::html::{self, Markup, Notice};
use crate::lab::pair::labels::{self, PairWords};
use crate::lab::pair::{No, Pair, PairRole, Side};
use crate::lab::sessions::Manager;
use crate::lab::world::{Shared, World};
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;

type Fields = Form<HashMap<String, String>>;

pub(super) async fn page(State(world): State<Shared>, manager: Manager) -> Response {
    show(&world, &manager, None)
}

pub(super) async fn sync(State(world): State<Shared>, manager: Manager, Form(fields): Fields) -> Response {
    pressed(&world, &manager, &fields, "sync", |pair, side| {
        let (now, troubles) = world.between();
        pair.relation(now, troubles).sync_now(side, now, troubles).map(|()| "")
    })
}

pub(super) async fn swap(State(world): State<Shared>, manager: Manager, Form(fields): Fields) -> Response {
    let sync_first = fields.contains_key("with_sync");
    let role =
        if fields.get("role").is_some_and(|role| role == "primary") { PairRole::Primary } else { PairRole::Backup };
    pressed(&world, &manager, &fields, "become", |pair, side| {
        let (now, troubles) = world.between();
        pair.relation(now, troubles).become_role(side, role, sync_first, now, troubles).map(|()| "")
    })
}

pub(super) async fn break_up(State(world): State<Shared>, manager: Manager, Form(fields): Fields) -> Response {
    pressed(&world, &manager, &fields, "break", |pair, side| {
        let (now, troubles) = world.between();
        pair.relation(now, troubles).break_up(side, now, troubles);
        Ok(world.pair_words().broken)
    })
}

pub(super) async fn establish(State(world): State<Shared>, manager: Manager, Form(fields): Fields) -> Response {
    pressed(&world, &manager, &fields, "establish", |pair, side| {
        let given = |name: &str| fields.get(name).map_or("", |value| value.trim());
        let (there, back) = ((given("host"), given("port")), (given("back_host"), given("back_port")));
        if [there.0, back.0].iter().any(|host| host.eq_ignore_ascii_case(HOST)) {
            return Err(No::SharedName);
        }
        let (now, troubles) = world.between();
        if troubles.unreachable {
            return Err(No::Unreachable);
        }
        if !leads_to(pair, side.other(), there) || !leads_to(pair, side, back) {
            return Err(No::BadAddress);
        }
        let software = |world: &World| {
            let state = world.state();
            (state.machine.site.clone(), state.machine.build())
        };
        let partner = pair.world(side.other()).ok_or(No::Unreachable)?;
        if software(&world) != software(&partner) {
            return Err(No::VersionDiffers);
        }
        pair.relation(now, troubles).establish(side, now, troubles).map(|()| world.pair_words().established)
    })
}

fn leads_to(pair: &Pair, side: Side, (host, port): (&str, &str)) -> bool {
    let right = pair.ports[usize::from(side == Side::B)];
    matches!(host, "localhost" | "127.0.0.1") && port.parse() == Ok(right)
}

/// Checks the form's token, does what was pressed and shows the page anew.
fn pressed(
    world: &Shared,
    manager: &Manager,
    fields: &HashMap<String, String>,
    form: &'static str,
    what: impl FnOnce(&Pair, Side) -> Result<&'static str, No>,
) -> Response {
    if !manager.spend(world, form, fields.get("form_token").map(String::as_str)) {
        return stale_form(world, LoginPlace::Failover);
    }
    let Some((pair, side)) = &world.pair else { return show(world, manager, None) };
    let words = world.pair_words();
    let notice = match what(pair, *side) {
        Ok("") => None,
        Ok(said) => Some(Notice::Good(said)),
        Err(no) => Some(Notice::Error(match no {
            No::Unreachable => words.unreachable,
            No::KeyDiffers => words.key_differs,
            No::VersionDiffers => words.version_differs,
            No::SharedName => words.shared_name,
            No::BadAddress => words.bad_address,
            No::NotNow => words.not_now,
        })),
    };
    show(world, manager, notice)
}

fn show(world: &World, manager: &Manager, notice: Option<Notice<'_>>) -> Response {
    let body = match &world.pair {
        None => alone(world, manager),
        Some((pair, side)) => status(world, manager, pair, *side),
    };
    frame(world, LoginPlace::Failover, notice, body).into_response()
}

fn status(world: &World, manager: &Manager, pair: &Pair, side: Side) -> Markup {
    let words = world.pair_words();
    let (now, troubles) = world.between();
    let (role, pulling, pulled) = {
        let relation = pair.relation(now, troubles);
        (relation.role(side, troubles), relation.is_pulling(side), relation.pulled(side))
    };
    if role == PairRole::None {
        return alone(world, manager);
    }
    let token = |form| manager.token(world, form);
    let post =
        |path: &str, form, body| html::form(&format!("/login/management/failover/{path}"), &token(form), false, body);
    let swap = |role: &str, label| {
        let box_label = html::checkbox("with_sync", words.with_sync, true);
        post("become", "become", html::hidden("role", role) + html::plain_button(label) + box_label)
    };
    let parting = post("break", "break", html::plain_button(words.break_up) + html::hint(words.break_note));
    if role == PairRole::Primary {
        let is = html::paragraph(&format!("{} {HOST}", words.is_primary));
        return html::section(words.primary_section, is + swap("backup", words.become_backup) + parting);
    }
    let is = html::paragraph(&format!("{} {HOST}", words.is_backup));
    let last = match (pulling, pulled) {
        (true, _) => html::paragraph(words.syncing),
        (false, None) => html::paragraph(words.never_synced),
        (false, Some(at)) => {
            let at = labels::moment(world.options.language, at);
            html::paragraph(&format!("{} {at}.", words.last_sync))
        }
    };
    let sync = post("sync", "sync", html::button(words.sync_now));
    html::section(words.backup_section, is + sync + last + swap("primary", words.become_primary) + parting)
}

/// In no relationship, with what sets one up.
fn alone(world: &World, manager: &Manager) -> Markup {
    let words = world.pair_words();
    let intro = html::paragraph(world.words().failover_none) + html::paragraph(words.setup);
    html::section(world.words().failover_section, intro + setup(world, manager, words))
}

fn setup(world: &World, manager: &Manager, words: &PairWords) -> Markup {
    let group = |heading: &str, host: &str, port: &str| {
        let fields = html::field("text", host, words.host) + html::field("text", port, words.port);
        Markup::own("<fieldset>\n<legend>")
            + html::text(heading)
            + Markup::own("</legend>\n")
            + fields
            + Markup::own("</fieldset>\n")
    };
    let body = group(words.new_backup, "host", "port")
        + group(words.reverse, "back_host", "back_port")
        + html::button(words.establish)
        + html::hint(&words.establish_note.replace("SHARED", HOST));
    html::form("/login/management/failover/establish", &manager.token(world, "establish"), false, body)
}

pub(super) async fn security(State(world): State<Shared>, manager: Manager) -> Response {
    keys(&world, &manager, None)
}

/// Sets the pre-shared key, which is never shown again.
pub(super) async fn save_key(State(world): State<Shared>, manager: Manager, Form(fields): Fields) -> Response {
    if !manager.spend(&world, "key", fields.get("form_token").map(String::as_str)) {
        return stale_form(&world, LoginPlace::Security);
    }
    let key = fields.get("key").filter(|key| !key.is_empty());
    if let (Some((pair, side)), Some(key)) = (&world.pair, key) {
        let (now, troubles) = world.between();
        pair.relation(now, troubles).set_key(*side, key, now);
    }
    keys(&world, &manager, Some(Notice::Good(world.pair_words().saved)))
}

fn keys(world: &World, manager: &Manager, notice: Option<Notice<'_>>) -> Response {
    let words = world.words();
    let options = match &world.pair {
        None => html::facts(&[(words.shared_key, html::text("••••••••"))]),
        Some(_) => html::form(
            "/login/management/security",
            &manager.token(world, "key"),
            false,
            html::field("password", "key", words.shared_key) + html::plain_button(words.save),
        ),
    };
    frame(world, LoginPlace::Security, notice, html::section(words.security_section, options)).into_response()
}
