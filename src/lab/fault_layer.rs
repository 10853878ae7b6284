//! What may befall any request to the appliance, whatever it asks for: the
//! network, a restart, the end of all sessions, a page nobody knows.

use super::PRODUCT;
use super::cut::Scissors;
use super::html::{self, HtmlPage};
use super::world::{Shared, World};
use crate::simulator::{Fault, Faults};
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};

/// Those that may befall any request, whatever it asks for.
pub(super) const OF_REQUESTS: &[Fault] =
    &[Fault::DropRequest, Fault::DropAnswer, Fault::RestartNow, Fault::SessionEnds, Fault::PageUnknown];

/// What is carried out and not answered, by the requests that ask for it.
const LOST_ANSWERS: &[(Fault, &[&str])] = &[
    (Fault::UploadAnswerLost, &["POST /appliance/updates/manual", "POST /appliance/updates/install"]),
    (Fault::AgreementAnswerLost, &["POST /appliance/updates/agreement/accept"]),
    (
        Fault::PressAnswerLost,
        &[
            "POST /login/management/failover/sync",
            "POST /login/management/failover/break",
            "POST /login/management/failover/establish",
            "POST /appliance/networking/ip/shared",
        ],
    ),
    (Fault::ExportAnswerLost, &["POST /appliance/security/certificates/export"]),
    (Fault::ImportAnswerLost, &["POST /appliance/security/certificates/import"]),
    (Fault::AssignAnswerLost, &["POST /appliance/security/certificates/assign"]),
    (Fault::RestoreAnswerLost, &["POST /login/management/software/restore"]),
];

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
        let mut device = world.device();
        let asked = format!("{} {}", request.method(), request.uri().path());
        let struck = device.faults.befall(&asked, OF_REQUESTS);
        let struck = struck.or_else(|| loses_answer(&mut device.faults, &asked));
        device.record.note(asked, struck.map(Fault::name));
        struck
    };
    match struck {
        Some(Fault::DropRequest) => scissors.cut().await,
        Some(Fault::RestartNow) => {
            {
                let mut device = world.device();
                let now = device.now();
                device.machine.restart(now);
            }
            world.restart.notify_one();
            // Never answered: the restart closes the connection under it.
            std::future::pending().await
        }
        Some(Fault::SessionEnds) => {
            world.sessions().clear();
            next.run(request).await
        }
        // It is carried out all the same, since a page that nobody understands says nothing of what was done.
        Some(Fault::PageUnknown) => {
            drop(next.run(request).await);
            unknown(&world)
        }
        Some(_) => {
            drop(next.run(request).await);
            scissors.cut().await
        }
        None => next.run(request).await,
    }
}

/// The fault that loses the answer to this request.
fn loses_answer(faults: &mut Faults, asked: &str) -> Option<Fault> {
    let here = LOST_ANSWERS.iter().filter(|(_, requests)| requests.contains(&asked));
    here.map(|(fault, _)| *fault).find(|fault| faults.strikes(*fault))
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
