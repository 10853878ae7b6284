//! The Updates page: check, install, download key, manual installation, and
//! what is installed.

use super::agreement::proceed;
use super::{Tab, page as frame, stale_form};
use crate::lab::fault::Fault;
use crate::lab::html::{self, HtmlRow, Markup, Notice};
use crate::lab::package::LabPackage;
use crate::lab::sessions::{Keeper, see_other};
use crate::lab::vendor::{new_code, requirement};
use crate::lab::world::{Activity, Shared, Staged, World};
use crate::model::{PackageKind, Version, text};
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;

/// The first base version that makes download keys (guide, manual updates).
const FIRST_WITH_KEY: &str = "3.3.2";

type Fields = Form<HashMap<String, String>>;

pub(super) async fn page(State(world): State<Shared>, keeper: Keeper) -> Response {
    if world.state().machine.activity.shows() {
        return see_other("/appliance/updates/progress");
    }
    show(&world, &keeper, None)
}

pub(super) async fn check(State(world): State<Shared>, keeper: Keeper, Form(fields): Fields) -> Response {
    if !keeper.spend(&world, "check", fields.get("form_token").map(String::as_str)) {
        return stale_form(&world, Tab::Updates);
    }
    let away = {
        let mut lab = world.state();
        lab.record.checks += 1;
        let away = lab.faults.armed(Fault::VendorAway);
        lab.machine.checked = !away;
        away
    };
    match away {
        true => show(&world, &keeper, Some(Notice::Error(world.words().vendor_away))),
        false => see_other("/appliance/updates"),
    }
}

/// Installs over the network: the automatic way of the guide.
pub(super) async fn install(State(world): State<Shared>, keeper: Keeper, Form(fields): Fields) -> Response {
    if !keeper.spend(&world, "install", fields.get("form_token").map(String::as_str)) {
        return stale_form(&world, Tab::Updates);
    }
    let chosen = fields.get("package").and_then(|index| index.parse::<usize>().ok());
    let away = world.state().faults.armed(Fault::VendorAway);
    match chosen.and_then(|index| world.catalogue.get(index)) {
        Some(_) if away => show(&world, &keeper, Some(Notice::Error(world.words().vendor_away))),
        Some(package) => match refusal(&world, package) {
            None => proceed(&world, Staged { package: package.clone(), spool: None }),
            Some((_, why)) => show(&world, &keeper, Some(Notice::Error(&why))),
        },
        None => show(&world, &keeper, Some(Notice::Error(world.words().not_found))),
    }
}

/// The page with the download key: the same key until it is used or the
/// appliance is another than it was.
pub(super) async fn key(State(world): State<Shared>, _: Keeper) -> Response {
    let words = world.words();
    let made = {
        let mut lab = world.state();
        if !makes_keys(&lab.machine.base) {
            Err(words.key_old)
        } else if lab.faults.armed(Fault::ClockSkew) {
            Err(words.key_clock)
        } else {
            let (base, site) = (&lab.machine.base, &lab.machine.site);
            let good = lab.shop.codes.last().filter(|code| !code.used && code.base == *base && code.site == *site);
            let known = good.map(|code| code.text.clone());
            Ok(known.unwrap_or_else(|| new_code(&mut lab)))
        }
    };
    let armed = |fault| world.state().faults.armed(fault);
    let (notice, body) = match &made {
        Ok(code) if armed(Fault::KeyExplained) => {
            (None, html::section(words.key, html::hint(words.key_text) + html::hint(code)))
        }
        Ok(code) => {
            let code = if armed(Fault::KeyUnclear) { code.replace('-', " ") } else { code.clone() };
            let shown = html::shown_code("download_key", words.key, &code) + html::hint(words.key_text);
            (None, html::section(words.updates, shown))
        }
        Err(why) => (Some(Notice::Error(why)), Markup::default()),
    };
    frame(&world, Tab::Updates, words.key, notice, body).into_response()
}

/// Why `package` can't be installed now: a short word for the record, and
/// what the page says.
pub(super) fn refusal(world: &World, package: &LabPackage) -> Option<(&'static str, String)> {
    let words = world.words();
    let lab = world.state();
    if lab.machine.activity.busy() {
        Some(("busy", words.busy.to_owned()))
    } else if lab.machine.has(package) {
        Some(("already-installed", format!("{}: {}", package.title, words.already)))
    } else {
        let need = lab.machine.lacks(package)?;
        let why = format!("{}: {} {} {}", package.title, words.lacking, words.requires, requirement(need));
        Some(("requires", why))
    }
}

/// The whole page.
pub(super) fn show(world: &World, keeper: &Keeper, notice: Option<Notice<'_>>) -> Response {
    let words = world.words();
    let failure = failure(world);
    let notice = notice.or(failure.as_deref().map(Notice::Error));
    let check = html::form(
        "/appliance/updates/check",
        &keeper.token(world, "check"),
        false,
        html::paragraph(words.check_text) + html::button(words.check),
    );
    let body = html::section(words.check_section, check)
        + html::section(words.available, available(world, keeper))
        + html::section(words.manual, manual(world, keeper))
        + html::section(words.installed, installed(world));
    frame(world, Tab::Updates, words.updates, notice, body).into_response()
}

/// What the page says of an install that failed.
pub(super) fn failure(world: &World) -> Option<String> {
    let words = world.words();
    match &world.state().machine.activity {
        Activity::Failed { title, kind } => {
            let advice = if *kind == PackageKind::Base { words.failed_base } else { words.failed_text };
            Some(format!("{}: {title}. {advice}", words.failed))
        }
        _ => None,
    }
}

fn available(world: &World, keeper: &Keeper) -> Markup {
    let words = world.words();
    let lab = world.state();
    let offered: Vec<(usize, &LabPackage)> =
        world.catalogue.iter().enumerate().filter(|(_, package)| !lab.machine.has(package)).collect();
    let lacking: Vec<Option<String>> =
        offered.iter().map(|(_, package)| lab.machine.lacks(package).map(requirement)).collect();
    let (checked, key_link) =
        (lab.machine.checked, makes_keys(&lab.machine.base) && !lab.faults.armed(Fault::NoKeyLink));
    let (hangs, silent) = (lab.faults.armed(Fault::CheckHangs), lab.faults.armed(Fault::SilentLocks));
    drop(lab);
    let row = |((index, package), lacks): (&(usize, &LabPackage), &Option<String>)| {
        let note = lacks.as_ref().filter(|_| !silent);
        let note = note.map_or_else(String::new, |need| format!("{} {need}", words.requires));
        let action = if lacks.is_some() {
            html::disabled_button(words.install)
        } else {
            let chosen = html::hidden("package", &index.to_string()) + html::button(words.install);
            html::form("/appliance/updates/install", &keeper.token(world, "install"), false, chosen)
        };
        let size = html::text(&text::bytes(package.size_bytes));
        HtmlRow { grey: lacks.is_some(), cells: vec![html::text(&package.title), size, html::text(&note), action] }
    };
    let rows: Vec<HtmlRow> = offered.iter().zip(&lacking).map(row).collect();
    let list = match (checked, rows.is_empty()) {
        (false, _) => html::hint(words.unchecked),
        (true, _) if hangs => html::paragraph(words.checking),
        (true, true) => html::paragraph(words.none_available),
        (true, false) => html::list(&[words.package, words.size, words.note, ""], &rows),
    };
    let link = Markup::own("<p>") + html::link("/appliance/updates/key", words.key) + Markup::own("</p>\n");
    if key_link { list + link } else { list }
}

fn manual(world: &World, keeper: &Keeper) -> Markup {
    let words = world.words();
    let (renamed, twice) = {
        let lab = world.state();
        (lab.faults.armed(Fault::RenamedButton), lab.faults.armed(Fault::DuplicateButton))
    };
    let label = if renamed { words.upload_renamed } else { words.upload };
    let form = |field: &str| {
        let token = keeper.token(world, "manual");
        let fields = html::field("file", field, words.file) + html::button(label);
        html::form("/appliance/updates/manual", &token, true, fields)
    };
    let second = if twice { form("package_2") } else { Markup::default() };
    html::paragraph(words.manual_text) + form("package") + second
}

fn installed(world: &World) -> Markup {
    let words = world.words();
    let rows: Vec<HtmlRow> = world
        .state()
        .machine
        .installed
        .iter()
        .map(|row| HtmlRow { grey: false, cells: vec![html::text(&row.title), html::moment(row.at)] })
        .collect();
    html::list(&[words.package, words.installed_on], &rows)
}

fn makes_keys(base: &Version) -> bool {
    Version::parse(FIRST_WITH_KEY).is_some_and(|first| *base >= first)
}
