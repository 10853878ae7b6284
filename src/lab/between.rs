//! What stands between a visitor and the appliance, and answers in its place:
//! a filter, a portal, a front that takes little. And what a visitor's clock
//! has to do with an answer: cookies that end by the appliance's, slow pages.

use super::cut::Scissors;
use super::world::{Shared, World};
use crate::model::Timestamp;
use crate::simulator::Fault;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::{Extension, Router};
use hyper::body::Body;
use std::pin::Pin;
use std::time::Duration;

/// How long a session's cookie lives: less than the appliance's clock may be behind.
const COOKIE_SECS: i64 = 15 * 60;
/// What each page takes where pages are slow.
const SLOW: Duration = Duration::from_millis(2500);
/// Where a package is taken.
const UPLOAD: &str = "/appliance/updates/manual";
/// What answers any form in the appliance's place, the outermost first.
const OF_FORMS: &[Fault] = &[Fault::FrontBlocks, Fault::FrontPortal];
/// What answers a package.
const OF_UPLOADS: &[Fault] = &[Fault::FrontTooSmall, Fault::UploadVanishes, Fault::FrontKeeps, Fault::FrontTimesOut];

/// Puts all pages of the appliance behind it.
pub(super) fn before(pages: Router, world: &Shared) -> Router {
    pages.layer(middleware::from_fn_with_state(world.clone(), answer))
}

async fn answer(
    State(world): State<Shared>,
    Extension(scissors): Extension<Scissors>,
    request: Request,
    next: Next,
) -> Response {
    let (post, upload) = (*request.method() == Method::POST, request.uri().path() == UPLOAD);
    let armed = |fault| world.device().faults.armed(fault);
    if armed(Fault::SlowPages) {
        tokio::time::sleep(SLOW).await;
    }
    let struck = {
        let mut device = world.device();
        let of_uploads = OF_UPLOADS.iter().filter(|_| upload);
        OF_FORMS.iter().chain(of_uploads).copied().find(|fault| post && device.faults.strikes(*fault))
    };
    match struck {
        Some(Fault::FrontPortal) => swallowed(request, StatusCode::OK, "Please sign in to the network first").await,
        // Nothing of it is read: so do fronts, and hang up.
        Some(Fault::FrontTooSmall) => foreign(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
        Some(Fault::UploadVanishes) => {
            drop(swallowed(request, StatusCode::OK, "").await);
            scissors.cut().await
        }
        Some(Fault::FrontTimesOut) => {
            drop(next.run(request).await);
            foreign(StatusCode::GATEWAY_TIMEOUT, "The upstream server did not answer in time")
        }
        Some(_) => swallowed(request, StatusCode::FORBIDDEN, "Blocked by policy").await,
        None => {
            let response = next.run(request).await;
            if armed(Fault::CookiesExpire) { ending(&world, response) } else { response }
        }
    }
}

/// Takes a request to its end and answers it with something else.
async fn swallowed(request: Request, status: StatusCode, said: &'static str) -> Response {
    // To its end: what judges a form has read all of it.
    let mut body = request.into_body();
    while let Some(Ok(_)) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {}
    foreign(status, said)
}

/// A page that is nobody's here.
fn foreign(status: StatusCode, said: &'static str) -> Response {
    let page = format!(
        "<!DOCTYPE html><html><head><title>Gateway</title></head><body><h1>{said}</h1>\
         <p>Ask your network's help desk.</p><a href=\"/help\">Help</a></body></html>"
    );
    (status, Html(page)).into_response()
}

/// An answer whose time, and the end of whose cookies, are the appliance's own.
fn ending(world: &World, mut response: Response) -> Response {
    let now = world.device().appliance_clock();
    let headers = response.headers_mut();
    let cookies: Vec<HeaderValue> = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
    headers.remove(header::SET_COOKIE);
    for cookie in cookies {
        let line =
            format!("{}; Expires={}", cookie.to_str().unwrap_or_default(), http_date(now.plus_secs(COOKIE_SECS)));
        if let Ok(line) = HeaderValue::from_str(&line) {
            headers.append(header::SET_COOKIE, line);
        }
    }
    if let Ok(date) = HeaderValue::from_str(&http_date(now)) {
        headers.insert(header::DATE, date);
    }
    response
}

/// A time as HTTP writes it.
fn http_date(at: Timestamp) -> String {
    let at = time::OffsetDateTime::from_unix_timestamp(at.unix()).unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
    let (day, month) = (at.weekday().to_string(), at.month().to_string());
    format!(
        "{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
        &day[..3],
        at.day(),
        &month[..3],
        at.year(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_http_has_them() {
        let at = Timestamp::parse("1994-11-06T08:49:37Z").expect("a time");
        assert_eq!(http_date(at), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
