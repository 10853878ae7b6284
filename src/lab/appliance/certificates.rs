//! Security > Certificates: export, import, and which one the address shows.

use super::{Tab, page, stale_form};
use crate::lab::html::{self, HtmlRow, Markup, Notice};
use crate::lab::migration;
use crate::lab::tls::TlsIdentity;
use crate::lab::visitor::{Keeper, NotAdmitted};
use crate::lab::world::{Shared, World};
use crate::lab::{ADDRESS, HOST};
use crate::simulator::{Certificate, Certificates, Fault};
use axum::extract::multipart::Multipart;
use axum::extract::{Form, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;

const FORM: &str = "certificate";
const ROOT: &str = "/appliance/security/certificates";

type Fields = HashMap<String, String>;

pub(super) async fn list(State(world): State<Shared>, keeper: Keeper) -> Response {
    show(&world, &keeper, None)
}

/// What was chosen for the ticked certificates.
pub(super) async fn act(
    State(world): State<Shared>,
    keeper: Keeper,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let given = |name: &str| fields.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_str()).collect();
    let (token, ticked, action): (Vec<&str>, Vec<&str>, Vec<&str>) =
        (given("form_token"), given("cert"), given("action"));
    if !keeper.spend(&world, FORM, token.first().copied()) {
        return stale_form(&world, Tab::Security);
    }
    let words = world.migration_words();
    let one = (ticked.len() == 1 && action == ["export"]).then(|| find(&world, ticked[0])).flatten();
    let Some((certificate, _)) = one else { return show(&world, &keeper, Some(Notice::Error(words.choose_one))) };
    let body = html::hidden("cert", &certificate.fingerprint)
        + html::checkbox("with_certificate", words.certificate, true)
        + html::checkbox("with_key", words.private_key, false)
        + html::checkbox("with_chain", words.chain, false)
        + html::field("password", "passphrase", words.passphrase)
        + html::button(world.label(Fault::ByHandExport, words.export));
    let form = html::form(&format!("{ROOT}/export"), &keeper.token(&world, FORM), false, body);
    framed(&world, words.export_section, None, form)
}

pub(super) async fn export(State(world): State<Shared>, keeper: Keeper, Form(fields): Form<Fields>) -> Response {
    if !keeper.spend(&world, FORM, fields.get("form_token").map(String::as_str)) {
        return stale_form(&world, Tab::Security);
    }
    let words = world.migration_words();
    let whole = ["with_certificate", "with_key", "with_chain"].iter().all(|part| fields.contains_key(*part));
    let certificate = fields.get("cert").and_then(|fingerprint| find(&world, fingerprint)).filter(|_| whole);
    let Some((_, identity)) = certificate else { return show(&world, &keeper, Some(Notice::Error(words.choose_one))) };
    let passphrase = fields.get("passphrase").map_or("", String::as_str);
    let is_empty = {
        let mut device = world.device();
        // Whoever found the button under its other name has pressed it by hand. From now on it has its usual one.
        device.faults.strikes(Fault::ByHandExport);
        device.record.certificates.push("exported");
        device.faults.strikes(Fault::CertificateEmpty)
    };
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{HOST}.pem\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    let exported = if is_empty { Vec::new() } else { migration::export(&identity, passphrase) };
    (headers, exported).into_response()
}

pub(super) async fn import_page(State(world): State<Shared>, keeper: Keeper) -> Response {
    show_import(&world, &keeper, None)
}

pub(super) async fn import(
    State(world): State<Shared>,
    keeper: Result<Keeper, NotAdmitted>,
    mut form: Multipart,
) -> Response {
    let (mut token, mut password, mut file) = (None, String::new(), Vec::new());
    while let Ok(Some(field)) = form.next_field().await {
        let name = field.name().unwrap_or_default().to_owned();
        let Ok(bytes) = field.bytes().await else { return StatusCode::BAD_REQUEST.into_response() };
        match name.as_str() {
            "form_token" => token = String::from_utf8(bytes.to_vec()).ok(),
            "certificate_password" => password = String::from_utf8_lossy(&bytes).into_owned(),
            "certificate_file" => file = bytes.to_vec(),
            _ => {}
        }
    }
    let keeper = match keeper {
        Ok(keeper) => keeper,
        Err(not_admitted) => return not_admitted.into_response(),
    };
    if !keeper.spend(&world, FORM, token.as_deref()) {
        return stale_form(&world, Tab::Security);
    }
    let words = world.migration_words();
    let refused = {
        let mut device = world.device();
        device.faults.strikes(Fault::ByHandImport);
        device.faults.armed(Fault::ImportRefused)
    };
    let Some(identity) = migration::import(&file, &password).filter(|_| !refused) else {
        return show_import(&world, &keeper, Some(Notice::Error(words.wrong_password)));
    };
    world.device().import(identity);
    show(&world, &keeper, Some(Notice::Good(words.imported)))
}

pub(super) async fn assign_page(State(world): State<Shared>, keeper: Keeper, Query(fields): Query<Fields>) -> Response {
    let words = world.migration_words();
    let certificate = fields.get("cert").and_then(|fingerprint| find(&world, fingerprint));
    let Some((certificate, _)) = certificate else {
        return show(&world, &keeper, Some(Notice::Error(words.choose_one)));
    };
    let rows = [
        (world.words().issued_to, html::text(HOST)),
        (world.words().fingerprint, html::text(&certificate.fingerprint)),
    ];
    let body = html::facts(&rows)
        + html::hidden("cert", &certificate.fingerprint)
        + html::checkbox("address", ADDRESS, !certificate.addresses.is_empty())
        + html::button(world.label(Fault::ByHandAssign, words.save));
    let form = html::form(&format!("{ROOT}/assign"), &keeper.token(&world, FORM), false, body);
    framed(&world, words.assign_section, None, form)
}

pub(super) async fn assign(State(world): State<Shared>, keeper: Keeper, Form(fields): Form<Fields>) -> Response {
    if !keeper.spend(&world, FORM, fields.get("form_token").map(String::as_str)) {
        return stale_form(&world, Tab::Security);
    }
    let words = world.migration_words();
    let certificate = fields.get("cert").and_then(|fingerprint| find(&world, fingerprint));
    let Some((certificate, identity)) = certificate.filter(|_| fields.contains_key("address")) else {
        return show(&world, &keeper, Some(Notice::Error(words.choose_one)));
    };
    {
        let mut device = world.device();
        device.faults.strikes(Fault::ByHandAssign);
        device.record.certificates.push("assigned");
        device.certificates.assign(&certificate.fingerprint, ADDRESS);
    }
    world.shows(&identity);
    show(&world, &keeper, Some(Notice::Good(words.saved)))
}

fn find(world: &World, fingerprint: &str) -> Option<(Certificate, TlsIdentity)> {
    world.device().identity(fingerprint)
}

fn show_import(world: &World, keeper: &Keeper, notice: Option<Notice<'_>>) -> Response {
    let words = world.migration_words();
    let body = html::field("file", "certificate_file", words.file)
        + html::field("password", "certificate_password", words.password)
        + html::button(world.label(Fault::ByHandImport, words.upload));
    let form = html::form(&format!("{ROOT}/import"), &keeper.token(world, FORM), true, body);
    framed(world, words.import_section, notice, form)
}

fn show(world: &World, keeper: &Keeper, notice: Option<Notice<'_>>) -> Response {
    let all: Vec<(Certificate, bool)> = {
        let device = world.device();
        let all = device.certificates.all().iter();
        all.map(|own| (own.clone(), Certificates::is_warned_of(own, &device.faults))).collect()
    };
    let (words, texts) = (world.words(), world.migration_words());
    let row = |(own, warned): &(Certificate, bool)| {
        let fingerprint = &own.fingerprint;
        let warning = if *warned { texts.incomplete } else { "" };
        let cells = vec![
            Markup::own(format!("<input type=\"checkbox\" name=\"cert\" value=\"{}\">", html::text(fingerprint))),
            html::text(HOST),
            html::text(words.self_signed),
            html::text(fingerprint),
            html::text(warning),
            html::text(own.addresses.first().map_or("-", String::as_str)),
            html::link(&format!("{ROOT}/assign?cert={}", fingerprint.replace(':', "%3A")), texts.assign),
        ];
        HtmlRow { grey: false, cells }
    };
    let rows: Vec<HtmlRow> = all.iter().map(row).collect();
    let heads = ["", words.issued_to, words.issued_by, words.fingerprint, texts.warnings, texts.addresses, ""];
    let choice = Markup::own(format!(
        "<div class=\"field\"><label for=\"action\">{}</label> <select id=\"action\" name=\"action\">\
         <option value=\"\"></option><option value=\"export\">{}</option></select></div>\n",
        html::text(texts.action),
        html::text(texts.export)
    ));
    let body = choice + html::plain_button(texts.go) + html::list(&heads, &rows);
    let form = html::form(ROOT, &keeper.token(world, FORM), false, body);
    let import = Markup::own("<p>") + html::link(&format!("{ROOT}/import"), texts.import) + Markup::own("</p>\n");
    let sections = html::section(texts.install_section, import) + html::section(texts.section, form);
    page(world, Tab::Security, words.certificates, notice, sections).into_response()
}

fn framed(world: &World, section: &str, notice: Option<Notice<'_>>, form: Markup) -> Response {
    page(world, Tab::Security, world.words().certificates, notice, html::section(section, form)).into_response()
}
