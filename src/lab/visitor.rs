//! Who comes with a request: its session's cookie, and what it opens.

use super::sessions::Realm;
use super::world::{Shared, World};
use crate::simulator::Fault;
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, StatusCode, header, request::Parts};
use axum::response::{IntoResponse, Response};

/// Someone who has logged in to the realm `R` (0 appliance, 1 site).
pub(super) struct Visitor<const R: u8> {
    pub(super) id: String,
}

/// Someone who has logged in at `/appliance`.
pub(super) type Keeper = Visitor<0>;
/// Someone who has logged in at `/login`.
pub(super) type Manager = Visitor<1>;

impl<const R: u8> Visitor<R> {
    pub(super) const REALM: Realm = if R == 0 { Realm::Appliance } else { Realm::Site };

    /// Makes a token for one form.
    pub(super) fn token(&self, world: &World, form: &'static str) -> String {
        world.sessions().token(Self::REALM, &self.id, form)
    }

    /// Uses up a form's token.
    pub(super) fn spend(&self, world: &World, form: &str, token: Option<&str>) -> bool {
        token.is_some_and(|token| world.sessions().spend(Self::REALM, &self.id, form, token))
    }
}

/// Why nobody is admitted: no session, or one that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotAdmitted {
    realm: Realm,
    expired: bool,
}

impl IntoResponse for NotAdmitted {
    fn into_response(self) -> Response {
        let query = if self.expired { "?expired" } else { "" };
        see_other(&format!("{}/login{query}", self.realm.path()))
    }
}

impl<const R: u8> FromRequestParts<Shared> for Visitor<R> {
    type Rejection = NotAdmitted;

    async fn from_request_parts(parts: &mut Parts, world: &Shared) -> Result<Self, NotAdmitted> {
        admit(&parts.headers, world)
    }
}

/// Admits a request by its cookie.
pub(super) fn admit<const R: u8>(headers: &HeaderMap, world: &World) -> Result<Visitor<R>, NotAdmitted> {
    let realm = Visitor::<R>::REALM;
    let (now, few) = {
        let device = world.device();
        (device.clock(), device.faults.armed(Fault::SessionExpires))
    };
    match cookie(headers, realm.cookie()) {
        Some(id) if world.sessions().admits(realm, &id, now, few) => Ok(Visitor { id }),
        Some(_) => Err(NotAdmitted { realm, expired: true }),
        None => Err(NotAdmitted { realm, expired: false }),
    }
}

/// The session of a visitor at the login form, old or new.
pub(super) fn before_login(headers: &HeaderMap, world: &World, realm: Realm) -> String {
    let (now, mut sessions) = (world.device().clock(), world.sessions());
    match cookie(headers, realm.cookie()) {
        Some(id) if sessions.knows(realm, &id) => id,
        _ => sessions.open(realm, now),
    }
}

/// The value of one cookie.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// Adds the realm's session cookie to an answer.
pub(super) fn with_cookie(realm: Realm, id: &str, answer: impl IntoResponse) -> Response {
    // Each below its own path, so that one login is none for the other.
    let value = format!("{}={id}; Path={}; Secure; HttpOnly; SameSite=Strict", realm.cookie(), realm.path());
    ([(header::SET_COOKIE, value)], answer).into_response()
}

/// Sends the visitor on with a GET.
pub(super) fn see_other(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path.to_owned())]).into_response()
}
