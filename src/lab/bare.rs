//! An appliance without site software: below `/login`, and where programs
//! call, there is nothing.

use super::world::Shared;
use crate::simulator::Fault;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};

/// Where a site answers.
const OF_A_SITE: [&str; 3] = ["/login", "/api", "/oauth2"];

/// Puts it around the pages of an appliance.
pub(super) fn around(pages: Router, world: &Shared) -> Router {
    pages.layer(from_fn_with_state(world.clone(), gate))
}

async fn gate(State(world): State<Shared>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let of_site = OF_A_SITE
        .iter()
        .any(|root| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    let there = {
        let device = world.device();
        !device.machine.status.no_site && !device.faults.armed(Fault::LoginHidden)
    };
    if !of_site || there {
        return next.run(request).await;
    }
    let body = "<html><head><title>Not Found</title></head><body><h1>Not Found</h1></body></html>";
    (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response()
}
