//! Management > Software Management: backup and restore.

use super::backup::{self, BackupContents};
use super::{LoginPlace, page as frame, stale_form};
use crate::lab::HOST;
use crate::lab::html::{self, Notice};
use crate::lab::record::Backup;
use crate::lab::visitor::{Manager, NotAdmitted};
use crate::lab::world::{Shared, World};
use crate::model::Sha256Digest;
use crate::simulator::Fault;
use axum::extract::{Form, Multipart, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;

pub(super) async fn page(State(world): State<Shared>, manager: Manager) -> Response {
    show(&world, &manager, None)
}

pub(super) async fn backup(
    State(world): State<Shared>,
    manager: Manager,
    Form(fields): Form<HashMap<String, String>>,
) -> Response {
    let given = |name: &str| fields.get(name).map_or("", String::as_str);
    if !manager.spend(&world, "backup", Some(given("form_token"))) {
        return stale_form(&world, LoginPlace::Software);
    }
    let words = world.words();
    let password = given("backup_password");
    if password != given("confirm_password") {
        return show(&world, &manager, Some(Notice::Error(words.mismatch)));
    }
    let history = fields.contains_key("history");
    let made = {
        let mut device = world.device();
        device.faults.strikes(Fault::ByHandBackup);
        if device.faults.strikes(Fault::BackupFails) {
            None
        } else {
            let contents = BackupContents::of(&device.machine, history);
            let bytes = backup::spoilt(backup::write(&contents, password), &mut device.faults);
            let at = device.clock();
            device.record.backups.push(Backup {
                size_bytes: bytes.len() as u64,
                sha256: Sha256Digest::of(&bytes),
                password: !password.is_empty(),
                history,
                by: "page",
                at,
            });
            Some((bytes, device.appliance_clock()))
        }
    };
    let Some((bytes, clock)) = made else {
        return show(&world, &manager, Some(Notice::Error(words.backup_failed)));
    };
    let date = clock.compact();
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{HOST}-{}.nsb\"", &date[..8])),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, bytes).into_response()
}

pub(super) async fn restore(
    State(world): State<Shared>,
    manager: Result<Manager, NotAdmitted>,
    mut form: Multipart,
) -> Response {
    let (mut token, mut password, mut file) = (None, String::new(), Vec::new());
    loop {
        match form.next_field().await {
            Ok(Some(field)) => {
                let name = field.name().unwrap_or_default().to_owned();
                let Ok(bytes) = field.bytes().await else { return StatusCode::BAD_REQUEST.into_response() };
                match name.as_str() {
                    "form_token" => token = String::from_utf8(bytes.to_vec()).ok(),
                    "restore_password" => password = String::from_utf8_lossy(&bytes).into_owned(),
                    "backup_file" => file = bytes.to_vec(),
                    _ => {}
                }
            }
            Ok(None) => break,
            Err(_) => return StatusCode::BAD_REQUEST.into_response(),
        }
    }
    let manager = match manager {
        Ok(manager) => manager,
        Err(not_admitted) => return not_admitted.into_response(),
    };
    if !manager.spend(&world, "restore", token.as_deref()) {
        return stale_form(&world, LoginPlace::Software);
    }
    let words = world.words();
    let notice = match backup::read(&file, &password) {
        None => Notice::Error(words.restore_wrong),
        Some(contents) if !restored(&world, &contents) => Notice::Error(world.migration_words().restore_version),
        Some(_) => {
            // Failover settings and key come with the rest, so what was there is gone.
            if let Some(mut pair) = world.relation() {
                pair.take_over_settings();
            }
            Notice::Good(words.restored)
        }
    };
    show(&world, &manager, Some(notice))
}

/// Restores a backup; whether it was made with the software that is here now.
fn restored(world: &World, contents: &BackupContents) -> bool {
    let mut device = world.device();
    device.faults.strikes(Fault::ByHandRestore);
    let device = &mut *device;
    let fits = device.machine.restore(contents.site.as_ref(), &device.faults);
    if fits {
        device.record.restores += 1;
        device.record.restored_from.push(contents.serial.clone());
    }
    fits
}

fn show(world: &World, manager: &Manager, notice: Option<Notice<'_>>) -> Response {
    let words = world.words();
    let backup = html::form(
        "/login/management/software/backup",
        &manager.token(world, "backup"),
        false,
        html::field("password", "backup_password", words.backup_password)
            + html::field("password", "confirm_password", words.confirm)
            + html::checkbox("history", words.history, true)
            + html::hint(words.history_note)
            + html::button(world.label(Fault::ByHandBackup, words.backup)),
    );
    let restore = html::form(
        "/login/management/software/restore",
        &manager.token(world, "restore"),
        true,
        html::field("file", "backup_file", words.restore_file)
            + html::field("password", "restore_password", words.restore_password)
            + html::button(world.label(Fault::ByHandRestore, words.restore)),
    );
    let body = html::section(words.backup_section, html::paragraph(words.backup_note) + backup)
        + html::section(words.restore_section, restore);
    frame(world, LoginPlace::Software, notice, body).into_response()
}
