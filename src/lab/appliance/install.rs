//! The page of an install that runs, or that failed.

use super::{Tab, page};
use crate::lab::device::Device;
use crate::lab::html::{self, HtmlPage, Markup, Notice};
use crate::lab::visitor::{Keeper, see_other};
use crate::lab::world::{Shared, World};
use crate::simulator::Activity;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

/// How far a package that the appliance fetches by itself is when it is there.
const DOWNLOADED_PERCENT: u8 = 30;

/// How the page reloads itself, in seconds.
const REFRESH_SECS: u32 = 2;

/// What pages say of an install that failed.
pub(super) fn failure(world: &World) -> Option<String> {
    let words = world.words();
    match world.device().machine.activity() {
        Activity::Failed { title, base } => {
            let advice = if *base { words.failed_base } else { words.failed_text };
            Some(format!("{}: {title}. {advice}", words.failed))
        }
        _ => None,
    }
}

/// Whether pages show that something goes on.
pub(super) fn is_shown(device: &Device) -> bool {
    device.machine.is_busy() && !device.machine.is_hiding(device.now())
}

pub(super) async fn progress(State(world): State<Shared>, _: Keeper) -> Response {
    let words = world.words();
    if let Some(why) = failure(&world) {
        return page(&world, Tab::Updates, words.failed, Some(Notice::Error(&why)), Markup::default()).into_response();
    }
    let (title, percent, doing) = {
        let device = world.device();
        if !is_shown(&device) {
            return see_other("/appliance/updates");
        }
        match (device.machine.activity(), device.machine.percent(device.now())) {
            (Activity::Installing(work), Some(percent)) => {
                // Without a file nobody has sent it, so the appliance fetched it.
                let downloads = device.spool.is_none() && percent < DOWNLOADED_PERCENT;
                (work.software.title.clone(), percent, if downloads { words.downloading } else { words.installing })
            }
            (Activity::Restarting { .. }, _) => (String::new(), 100, words.installing),
            _ => return see_other("/appliance/updates"),
        }
    };
    let line = format!("{doing} {title}: {percent} %");
    let body =
        html::section(doing, html::paragraph(&line) + html::progress(percent) + html::hint(words.installing_text));
    let page = page(&world, Tab::Updates, doing, None, body);
    HtmlPage { refresh_secs: Some(REFRESH_SECS), ..page }.into_response()
}
