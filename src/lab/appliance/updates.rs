//! The Updates page: check, install, download key, manual installation, and
//! what is installed.

use super::install::{failure, is_shown};
use super::next::{KeptNotice, Next};
use super::{Tab, page as frame};
use crate::lab::device::{Device, Spool};
use crate::lab::html::{self, HtmlRow, Markup, Notice};
use crate::lab::package::LabPackage;
use crate::lab::vendor::requirement;
use crate::lab::visitor::{Keeper, see_other};
use crate::lab::world::{Shared, World};
use crate::model::{Timestamp, Version, text};
use crate::simulator::{Fault, PackageRefusal, Taken};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;

/// The first base version that makes download keys (guide, manual updates).
const FIRST_WITH_KEY: &str = "3.3.2";

type Fields = HashMap<String, String>;

pub(super) async fn page(State(world): State<Shared>, keeper: Keeper) -> Response {
    if is_shown(&world.device()) {
        return see_other("/appliance/updates/progress");
    }
    show(&world, &keeper, None)
}

pub(super) fn check(world: &World, keeper: &Keeper, fields: &Fields) -> Next {
    if !keeper.spend(world, "check", fields.get("form_token").map(String::as_str)) {
        return Next::StaleForm;
    }
    let away = {
        let mut device = world.device();
        device.record.checks += 1;
        let away = device.faults.armed(Fault::VendorAway);
        device.machine.checked = !away;
        away
    };
    match away {
        true => Next::Updates(KeptNotice::error(world.words().vendor_away)),
        false => Next::UpdatesAnew,
    }
}

/// Installs over the network: the automatic way of the guide.
pub(super) fn install(world: &Shared, keeper: &Keeper, fields: &Fields) -> Next {
    if !keeper.spend(world, "install", fields.get("form_token").map(String::as_str)) {
        return Next::StaleForm;
    }
    let words = world.words();
    let chosen = fields.get("package").and_then(|index| index.parse::<usize>().ok());
    let away = world.device().faults.armed(Fault::VendorAway);
    match chosen.and_then(|index| world.catalogue.get(index)) {
        Some(_) if away => Next::Updates(KeptNotice::error(words.vendor_away)),
        Some(package) => match take(world, package, None) {
            Ok(taken) => taken_next(taken),
            Err(why) => Next::Updates(KeptNotice::Error(refusal(world, package, &why))),
        },
        None => Next::Updates(KeptNotice::error(words.not_found)),
    }
}

/// Has the appliance take a package, in the file it came in where it was sent.
///
/// # Errors
/// [`PackageRefusal`].
pub(super) fn take(world: &Shared, package: &LabPackage, spool: Option<Spool>) -> Result<Taken, PackageRefusal> {
    let taken = {
        let mut device = world.device();
        let now = device.now();
        let device = &mut *device;
        let taken = device.machine.take(package.software(), now, &mut device.faults)?;
        // Its file goes once it is installed or declined.
        device.spool = spool;
        taken
    };
    world.watch();
    Ok(taken)
}

/// Where a package that was taken leads.
pub(super) fn taken_next(taken: Taken) -> Next {
    match taken {
        Taken::Agreement => Next::AgreementAnew,
        Taken::Installing => Next::Progress,
    }
}

/// The page with the download key: the same key until it is used or the
/// appliance is another than it was.
pub(super) async fn key(State(world): State<Shared>, _: Keeper) -> Response {
    let words = world.words();
    let (made, explained, unclear) = {
        let device = world.device();
        let made = if !makes_keys(&device) {
            Err(words.key_old)
        } else if device.faults.armed(Fault::ClockSkew) {
            Err(words.key_clock)
        } else {
            let status = &device.machine.status;
            Ok(world.shop().code(status.base_version.clone(), status.site_version.clone()))
        };
        (made, device.faults.armed(Fault::KeyExplained), device.faults.armed(Fault::KeyUnclear))
    };
    let (notice, body) = match &made {
        Ok(code) if explained => (None, html::section(words.key, html::hint(words.key_text) + html::hint(code))),
        Ok(code) => {
            let code = if unclear { code.replace('-', " ") } else { code.clone() };
            let shown = html::shown_code("download_key", words.key, &code) + html::hint(words.key_text);
            (None, html::section(words.updates, shown))
        }
        Err(why) => (Some(Notice::Error(why)), Markup::default()),
    };
    frame(&world, Tab::Updates, words.key, notice, body).into_response()
}

/// What the page says of a package that is not taken.
pub(super) fn refusal(world: &World, package: &LabPackage, why: &PackageRefusal) -> String {
    let words = world.words();
    match why {
        PackageRefusal::Busy => words.busy.to_owned(),
        PackageRefusal::Damaged => words.damaged.to_owned(),
        PackageRefusal::UnknownKind => words.unknown_kind.to_owned(),
        PackageRefusal::AlreadyInstalled => format!("{}: {}", package.title, words.already),
        PackageRefusal::Lacks(need) => {
            format!("{}: {} {} {}", package.title, words.lacking, words.requires, requirement(need))
        }
    }
}

/// The whole page.
pub(super) fn show(world: &World, keeper: &Keeper, said: Option<&KeptNotice>) -> Response {
    let words = world.words();
    let failure = failure(world);
    let notice = said.map(KeptNotice::notice).or(failure.as_deref().map(Notice::Error));
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

fn available(world: &World, keeper: &Keeper) -> Markup {
    let words = world.words();
    let device = world.device();
    let offered: Vec<(usize, &LabPackage)> =
        world.catalogue.iter().enumerate().filter(|(_, package)| !device.machine.has(&package.software())).collect();
    let lacking: Vec<Option<String>> =
        offered.iter().map(|(_, package)| device.machine.lacks(&package.requires).map(requirement)).collect();
    let key_link = makes_keys(&device) && !device.faults.armed(Fault::NoKeyLink);
    let checked = device.machine.checked;
    let (hangs, silent) = (device.faults.armed(Fault::CheckHangs), device.faults.armed(Fault::SilentLocks));
    drop(device);
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
    let list = if key_link { list + link } else { list };
    match checked {
        // Once it has asked the vendor it has the consoles of the next version.
        true => list + Markup::own("<p>") + html::link(INSTALLERS, words.installers) + Markup::own("</p>\n"),
        false => list,
    }
}

/// Where the consoles of the next version are.
const INSTALLERS: &str = "/appliance/updates/installers";
/// Their files.
const INSTALLER_FILES: [&str; 2] = ["rep-console-win32.msi", "rep-console-win64.msi"];

/// The page with the installers of consoles.
pub(super) async fn installers(State(world): State<Shared>, _: Keeper) -> Response {
    let words = world.words();
    let link =
        |file: &&str| Markup::own("<p>") + html::link(&format!("{INSTALLERS}/{file}"), file) + Markup::own("</p>\n");
    let list = INSTALLER_FILES.iter().map(link).fold(Markup::default(), |list, link| list + link);
    frame(&world, Tab::Updates, words.installers, None, html::section(words.installers, list)).into_response()
}

/// One of them.
pub(super) async fn installer(_: Keeper, Path(file): Path<String>) -> Response {
    if !INSTALLER_FILES.contains(&file.as_str()) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let headers = [(header::CONTENT_TYPE, "application/octet-stream")];
    (headers, format!("installer {file}")).into_response()
}

fn manual(world: &World, keeper: &Keeper) -> Markup {
    let words = world.words();
    let twice = world.device().faults.armed(Fault::DuplicateButton);
    let label = world.label(Fault::ByHandUpload, words.upload);
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
    let row =
        |(title, at): &(String, Timestamp)| HtmlRow { grey: false, cells: vec![html::text(title), html::moment(*at)] };
    let rows: Vec<HtmlRow> = world.device().machine.listed.iter().map(row).collect();
    html::list(&[words.package, words.installed_on], &rows)
}

fn makes_keys(device: &Device) -> bool {
    let base = device.machine.status.base_version.as_ref();
    Version::parse(FIRST_WITH_KEY).is_some_and(|first| base.is_some_and(|base| *base >= first))
}
