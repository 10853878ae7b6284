//! What may befall any request to the appliance, whatever it asks for: the
//! network, a restart, the end of all sessions, a page nobody knows.

use super::PRODUCT;
use super::fault::Fault;
use super::html::{self, HtmlPage};
use super::serve::Scissors;
use super::world::{Activity, MAX_TRAIL, Shared, Struck, World};
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};

/// Puts all pages of the appliance behind it.
pub(super) fn around(pages: Router, world: &Shared) -> Router {
    pages.layer(middleware::from_fn_with_state(world.clone(), befall))
}

async fn befall(
    State(world): State<Shared>,
    Extension(scissors): Extension<Scissors>,
    request: Request,
    next: Next,
) -> Response {
    let struck = {
        let mut lab = world.state();
        let asked = format!("{} {}", request.method(), request.uri().path());
        let struck = lab.faults.befall(&asked);
        lab.record.requests += 1;
        if let Some(fault) = struck {
            lab.record.struck.push(Struck { fault: fault.name(), request: asked.clone() });
        }
        if lab.record.trail.len() < MAX_TRAIL {
            lab.record.trail.push(asked);
        }
        struck
    };
    match struck {
        Some(Fault::DropRequest) => scissors.cut().await,
        Some(Fault::DropAnswer) => {
            drop(next.run(request).await);
            scissors.cut().await
        }
        Some(Fault::RestartNow) => {
            {
                let mut lab = world.state();
                if matches!(lab.machine.activity, Activity::Idle) {
                    lab.machine.activity = Activity::Restarting;
                }
            }
            world.restart.notify_one();
            std::future::pending().await
        }
        Some(Fault::SessionEnds) => {
            world.state().seats.clear();
            next.run(request).await
        }
        Some(Fault::PageChanges) => {
            drop(next.run(request).await);
            unknown(&world)
        }
        _ => next.run(request).await,
    }
}

/// A page as after an update of its design: what it says is nowhere in the guide.
fn unknown(world: &World) -> Response {
    let words = world.words();
    let body = html::section("Fresh look", html::paragraph("Everything has moved. Take the guided walk first."));
    let page = HtmlPage {
        language: world.options.language,
        words,
        product: PRODUCT,
        brand: words.appliance_brand,
        title: "Fresh look",
        menu: Vec::new(),
        submenu: Vec::new(),
        logout: None,
        refresh_secs: None,
        notice: None,
        body,
    };
    page.into_response()
}
