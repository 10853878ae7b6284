//! The licence agreement that some packages ask to be accepted first.

use super::next::{KeptNotice, Next};
use super::{Tab, page as frame};
use crate::lab::PageLanguage;
use crate::lab::html;
use crate::lab::visitor::{Keeper, see_other};
use crate::lab::world::{Shared, World};
use crate::simulator::Fault;
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;

const ENGLISH: &str = include_str!("agreement.en.txt");
const PORTUGUESE: &str = include_str!("agreement.pt.txt");

pub(super) fn accept(world: &Shared, keeper: &Keeper, fields: &HashMap<String, String>) -> Next {
    if !keeper.spend(world, "agreement", fields.get("form_token").map(String::as_str)) {
        return Next::StaleForm;
    }
    if !fields.contains_key("accept") {
        return Next::Agreement(KeptNotice::error(world.words().must_accept));
    }
    let accepted = {
        let mut device = world.device();
        device.faults.strikes(Fault::ByHandAgreement);
        let now = device.now();
        let device = &mut *device;
        device.machine.accept(now, &mut device.faults)
    };
    match accepted {
        true => {
            world.watch();
            Next::Progress
        }
        false => Next::UpdatesAnew,
    }
}

pub(super) fn decline(world: &World, keeper: &Keeper, fields: &HashMap<String, String>) -> Next {
    if !keeper.spend(world, "decline", fields.get("form_token").map(String::as_str)) {
        return Next::StaleForm;
    }
    world.device().machine.decline();
    Next::Updates(KeptNotice::Good(world.words().declined.to_owned()))
}

pub(super) fn show(world: &World, keeper: &Keeper, said: Option<&KeptNotice>) -> Response {
    let words = world.words();
    let (title, changed) = {
        let device = world.device();
        let Some(staged) = device.machine.staged() else { return see_other("/appliance/updates") };
        (staged.title.clone(), device.faults.armed(Fault::EulaChanged))
    };
    let accept = html::form(
        "/appliance/updates/agreement/accept",
        &keeper.token(world, "agreement"),
        false,
        html::checkbox("accept", words.accept, false)
            + html::button(world.label(Fault::ByHandAgreement, words.accept_submit)),
    );
    let decline = html::form(
        "/appliance/updates/agreement/decline",
        &keeper.token(world, "decline"),
        false,
        html::plain_button(words.decline),
    );
    let body = html::paragraph(words.eula_for)
        + html::long_text(&wording(world.options.language, &title, changed))
        + accept
        + decline;
    frame(world, Tab::Updates, words.eula, said.map(KeptNotice::notice), html::section(&title, body)).into_response()
}

/// The agreement's text for one package.
fn wording(language: PageLanguage, title: &str, changed: bool) -> String {
    let (text, clause) = match language {
        PageLanguage::English => (ENGLISH, "6. This clause was not here before."),
        PageLanguage::Portuguese => (PORTUGUESE, "6. Esta cláusula não existia antes."),
    };
    let text = text.replace("{package}", title);
    if changed { format!("{}\n\n{clause}\n", text.trim_end()) } else { text }
}
