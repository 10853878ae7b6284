//! An install: it takes its time, then the appliance restarts.

use super::updates::failure;
use super::{Tab, page};
use crate::lab::fault::Fault;
use crate::lab::html::{self, HtmlPage, Markup, Notice};
use crate::lab::sessions::{Keeper, see_other};
use crate::lab::world::{self, Activity, Install, Shared, Staged, State as Lab};
use crate::model::PackageKind;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use std::time::{Duration, Instant};

/// Shortest install: its first page must be seen before the restart.
const SHORTEST: Duration = Duration::from_millis(200);

/// How often a hung install looks whether it may go on.
const LOOK: Duration = Duration::from_millis(100);

/// How far a package that the appliance fetches by itself is when it is there.
const DOWNLOADED_PERCENT: u8 = 30;

/// How the page reloads itself, in seconds.
const REFRESH_SECS: u32 = 2;

/// Starts an install and returns.
pub(super) fn begin(world: &Shared, staged: Staged) {
    let fate = {
        let mut lab = world.state();
        let base = staged.package.kind == PackageKind::Base;
        let fate = PlannedFault {
            fails: lab.faults.strikes(Fault::InstallFails) || (base && lab.faults.strikes(Fault::BaseInstallFails)),
            lies: lab.faults.strikes(Fault::Lie),
        };
        let hung = lab.faults.strikes(Fault::InstallHangs);
        let hides = lab.faults.strikes(Fault::InstallHides);
        let began = lab.now();
        lab.record.installs.push(Install {
            title: staged.package.title.clone(),
            began,
            ended: None,
            outcome: "running",
        });
        lab.machine.staged = None;
        lab.machine.activity = Activity::Installing {
            package: staged.package.clone(),
            since: Instant::now(),
            hung,
            hides,
            fetched: staged.spool.is_none(),
        };
        fate
    };
    tokio::spawn(perform(world.clone(), staged, fate));
}

/// What will become of an install.
struct PlannedFault {
    fails: bool,
    lies: bool,
}

async fn perform(world: Shared, staged: Staged, fate: PlannedFault) {
    let Staged { package, spool } = staged;
    let whole = world.options.install.max(SHORTEST);
    tokio::time::sleep(if fate.fails { whole.mul_f32(0.6) } else { whole }).await;
    while matches!(world.state().machine.activity, Activity::Installing { hung: true, .. }) {
        tokio::time::sleep(LOOK).await;
    }
    drop(spool);
    let mut lab = world.state();
    if fate.fails {
        end(&mut lab, "failed");
        lab.machine.activity = Activity::Failed { title: package.title.clone(), kind: package.kind };
        return;
    }
    if fate.lies {
        end(&mut lab, "lied");
    } else {
        let now = lab.now();
        lab.machine.take_in(&package, now);
        end(&mut lab, "installed");
    }
    lab.machine.activity = Activity::Restarting;
    drop(lab);
    world.restart.notify_one();
}

fn end(lab: &mut Lab, outcome: &'static str) {
    let now = lab.now();
    if let Some(install) = lab.record.installs.last_mut() {
        install.ended = Some(now);
        install.outcome = outcome;
    }
}

pub(super) async fn progress(State(world): State<Shared>, _: Keeper) -> Response {
    let words = world.words();
    if let Some(why) = failure(&world) {
        return page(&world, Tab::Updates, words.failed, Some(Notice::Error(&why)), Markup::default()).into_response();
    }
    let (title, percent, doing) = match &world.state().machine.activity {
        hidden if hidden.busy() && !hidden.shows() => return see_other("/appliance/updates"),
        Activity::Installing { package, since, hung, fetched, .. } => {
            let whole = world.options.install.max(SHORTEST);
            let percent = world::percent(since.elapsed(), whole, *hung);
            let downloads = *fetched && percent < DOWNLOADED_PERCENT;
            (package.title.clone(), percent, if downloads { words.downloading } else { words.installing })
        }
        Activity::Restarting => (String::new(), 100, words.installing),
        Activity::Idle | Activity::Failed { .. } | Activity::Resetting { .. } | Activity::Off => {
            return see_other("/appliance/updates");
        }
    };
    let line = format!("{doing} {title}: {percent} %");
    let body =
        html::section(doing, html::paragraph(&line) + html::progress(percent) + html::hint(words.installing_text));
    let page = page(&world, Tab::Updates, doing, None, body);
    HtmlPage { refresh_secs: Some(REFRESH_SECS), ..page }.into_response()
}
