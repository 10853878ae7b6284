//! The licence agreement that some packages ask to be accepted first.

use super::install::begin;
use super::updates::show;
use super::{Tab, page as frame, stale_form};
use crate::lab::PageLanguage;
use crate::lab::fault::Fault;
use crate::lab::html::{self, Notice};
use crate::lab::sessions::{Keeper, see_other};
use crate::lab::world::{Shared, Staged, World};
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;

const ENGLISH: &str = include_str!("agreement.en.txt");
const PORTUGUESE: &str = include_str!("agreement.pt.txt");

type Fields = Form<HashMap<String, String>>;

/// Goes on with a package that may be installed: by its agreement, or at once.
pub(super) fn proceed(world: &Shared, staged: Staged) -> Response {
    if staged.package.eula {
        world.state().machine.staged = Some(staged);
        return see_other("/appliance/updates/agreement");
    }
    begin(world, staged);
    see_other("/appliance/updates/progress")
}

pub(super) async fn page(State(world): State<Shared>, keeper: Keeper) -> Response {
    agreement(&world, &keeper, None)
}

pub(super) async fn accept(State(world): State<Shared>, keeper: Keeper, Form(fields): Fields) -> Response {
    if !keeper.spend(&world, "agreement", fields.get("form_token").map(String::as_str)) {
        return stale_form(&world, Tab::Updates);
    }
    if !fields.contains_key("accept") {
        return agreement(&world, &keeper, Some(Notice::Error(world.words().must_accept)));
    }
    let staged = world.state().machine.staged.take();
    match staged {
        Some(staged) => {
            begin(&world, staged);
            see_other("/appliance/updates/progress")
        }
        None => see_other("/appliance/updates"),
    }
}

pub(super) async fn decline(State(world): State<Shared>, keeper: Keeper, Form(fields): Fields) -> Response {
    if !keeper.spend(&world, "decline", fields.get("form_token").map(String::as_str)) {
        return stale_form(&world, Tab::Updates);
    }
    world.state().machine.staged = None;
    show(&world, &keeper, Some(Notice::Good(world.words().declined)))
}

fn agreement(world: &World, keeper: &Keeper, notice: Option<Notice<'_>>) -> Response {
    let words = world.words();
    let (title, changed) = {
        let lab = world.state();
        let Some(staged) = &lab.machine.staged else { return see_other("/appliance/updates") };
        (staged.package.title.clone(), lab.faults.armed(Fault::EulaChanged))
    };
    let accept = html::form(
        "/appliance/updates/agreement/accept",
        &keeper.token(world, "agreement"),
        false,
        html::checkbox("accept", words.accept, false) + html::button(words.accept_submit),
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
    frame(world, Tab::Updates, words.eula, notice, html::section(&title, body)).into_response()
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
