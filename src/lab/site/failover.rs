//! Management > Failover and the pre-shared key on Management > Security.

use super::{LoginPlace, page as frame, stale_form};
use crate::lab::HOST;
use crate::lab::html::{self, Markup, Notice};
use crate::lab::pair::PairView;
use crate::lab::pair::labels::{self, PairWords};
use crate::lab::visitor::Manager;
use crate::lab::world::{Shared, World};
use crate::model::{FailoverRole, Timestamp};
use crate::simulator::{Fault, PressRefused};
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;

type Fields = Form<HashMap<String, String>>;

pub(super) async fn page(State(world): State<Shared>, manager: Manager) -> Response {
    show(&world, &manager, None)
}

pub(super) async fn sync(State(world): State<Shared>, manager: Manager, Form(fields): Fields) -> Response {
    pressed(&world, &manager, &fields, "sync", |pair| Ok(pair.sync_now().map(|()| "")?))
}

pub(super) async fn swap(State(world): State<Shared>, manager: Manager, Form(fields): Fields) -> Response {
    let sync_first = fields.contains_key("with_sync");
    let primary = fields.get("role").is_some_and(|role| role == "primary");
    let role = if primary { FailoverRole::Primary } else { FailoverRole::Backup };
    pressed(&world, &manager, &fields, "become", |pair| Ok(pair.become_role(role, sync_first).map(|()| "")?))
}

pub(super) async fn break_up(State(world): State<Shared>, manager: Manager, Form(fields): Fields) -> Response {
    pressed(&world, &manager, &fields, "break", |pair| {
        pair.break_up();
        Ok(world.pair_words().broken)
    })
}

pub(super) async fn establish(State(world): State<Shared>, manager: Manager, Form(fields): Fields) -> Response {
    let given = |name: &str| fields.get(name).map_or("", |value| value.trim());
    let (there, back) = ((given("host"), given("port")), (given("back_host"), given("back_port")));
    let shared = [there.0, back.0].iter().any(|host| host.eq_ignore_ascii_case(HOST));
    let reached = world.is_reached_at(there, true) && world.is_reached_at(back, false);
    let software = |world: &World| world.device().machine.status.site_version.clone();
    let same = world.partner().map(|partner| software(&partner) == software(&world));
    pressed(&world, &manager, &fields, "establish", |pair| {
        if shared {
            return Err(PairRefusal::SharedName);
        }
        if pair.troubles.unreachable {
            return Err(PairRefusal::Unreachable);
        }
        if !reached {
            return Err(PairRefusal::BadAddress);
        }
        match same {
            None => Err(PairRefusal::Unreachable),
            Some(false) => Err(PairRefusal::VersionDiffers),
            Some(true) => Ok(pair.establish().map(|()| world.pair_words().established)?),
        }
    })
}

/// Why a button of this page does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PairRefusal {
    Unreachable,
    KeyDiffers,
    VersionDiffers,
    SharedName,
    BadAddress,
    NotNow,
}

impl From<PressRefused> for PairRefusal {
    fn from(why: PressRefused) -> Self {
        match why {
            PressRefused::Unreachable => PairRefusal::Unreachable,
            PressRefused::KeyDiffers => PairRefusal::KeyDiffers,
            PressRefused::NotNow => PairRefusal::NotNow,
        }
    }
}

/// Checks the form's token, does what was pressed and shows the page anew.
fn pressed(
    world: &Shared,
    manager: &Manager,
    fields: &HashMap<String, String>,
    form: &'static str,
    what: impl FnOnce(&mut PairView<'_>) -> Result<&'static str, PairRefusal>,
) -> Response {
    if !manager.spend(world, form, fields.get("form_token").map(String::as_str)) {
        return stale_form(world, LoginPlace::Failover);
    }
    let pressed = world.relation().map(|mut pair| what(&mut pair));
    let Some(pressed) = pressed else { return show(world, manager, None) };
    world.device().faults.strikes(Fault::ByHandPress);
    let words = world.pair_words();
    let notice = match pressed {
        Ok("") => None,
        Ok(said) => Some(Notice::Good(said)),
        Err(no) => Some(Notice::Error(match no {
            PairRefusal::Unreachable => words.unreachable,
            PairRefusal::KeyDiffers => words.key_differs,
            PairRefusal::VersionDiffers => words.version_differs,
            PairRefusal::SharedName => words.shared_name,
            PairRefusal::BadAddress => words.bad_address,
            PairRefusal::NotNow => words.not_now,
        })),
    };
    show(world, manager, notice)
}

fn show(world: &World, manager: &Manager, notice: Option<Notice<'_>>) -> Response {
    let seen = world.relation().map(|pair| {
        let pulled = pair.relation.pulled(pair.side);
        PairStatus { role: pair.role(), is_pulling: pair.relation.is_pulling(pair.side), pulled }
    });
    let body = match seen {
        None => alone(world, manager),
        Some(seen) => status(world, manager, &seen),
    };
    frame(world, LoginPlace::Failover, notice, body).into_response()
}

/// What the page shows of a relationship.
struct PairStatus {
    role: FailoverRole,
    is_pulling: bool,
    pulled: Option<Timestamp>,
}

fn status(world: &World, manager: &Manager, seen: &PairStatus) -> Markup {
    let words = world.pair_words();
    if seen.role == FailoverRole::None {
        return alone(world, manager);
    }
    let label = |usual| world.label(Fault::ByHandPress, usual);
    let token = |form| manager.token(world, form);
    let post =
        |path: &str, form, body| html::form(&format!("/login/management/failover/{path}"), &token(form), false, body);
    let swap = |role: &str, name| {
        let box_label = html::checkbox("with_sync", words.with_sync, true);
        post("become", "become", html::hidden("role", role) + html::plain_button(name) + box_label)
    };
    let parting = post("break", "break", html::plain_button(label(words.break_up)) + html::hint(words.break_note));
    if seen.role == FailoverRole::Primary {
        let is = html::paragraph(&format!("{} {HOST}", words.is_primary));
        return html::section(words.primary_section, is + swap("backup", words.become_backup) + parting);
    }
    let is = html::paragraph(&format!("{} {HOST}", words.is_backup));
    let last = match (seen.is_pulling, seen.pulled) {
        (true, _) => html::paragraph(words.syncing),
        (false, None) => html::paragraph(words.never_synced),
        (false, Some(at)) => {
            let at = labels::moment(world.options.language, at);
            html::paragraph(&format!("{} {at}.", words.last_sync))
        }
    };
    let sync = post("sync", "sync", html::button(label(words.sync_now)));
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
        + html::button(world.label(Fault::ByHandPress, words.establish))
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
    if let (Some(mut pair), Some(key)) = (world.relation(), key) {
        pair.set_key(key);
    }
    keys(&world, &manager, Some(Notice::Good(world.pair_words().saved)))
}

fn keys(world: &World, manager: &Manager, notice: Option<Notice<'_>>) -> Response {
    let words = world.words();
    let options = match world.partner() {
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
