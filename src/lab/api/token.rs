//! `/oauth2/token`: tokens for an hour, at most thirty at a time.

use super::{denied, fields};
use crate::lab::world::Shared;
use crate::lab::{API_CLIENT_ID, API_SECRET};
use crate::model::{Id, Timestamp};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64ct::{Base64, Encoding};

/// Life of a token, in seconds.
const LIFE_SECS: i64 = 3600;
/// The one after these ends the oldest.
const MAX_TOKENS: usize = 30;

/// The tokens that are good.
#[derive(Default)]
pub(super) struct Tokens {
    good: Vec<(String, Timestamp)>,
    restarts: u32,
}

impl Tokens {
    pub(super) fn clear(&mut self) {
        self.good.clear();
    }

    /// Whether `text` is one; a restart ends them all.
    pub(super) fn holds(&mut self, text: &str, now: Timestamp, restarts: u32) -> bool {
        if std::mem::replace(&mut self.restarts, restarts) != restarts {
            self.clear();
        }
        self.good.iter().any(|(token, made)| token == text && (0..LIFE_SECS).contains(&now.secs_since(*made)))
    }

    fn make(&mut self, now: Timestamp, restarts: u32) -> String {
        if std::mem::replace(&mut self.restarts, restarts) != restarts {
            self.clear();
        }
        if self.good.len() == MAX_TOKENS {
            self.good.remove(0);
        }
        let token = Id::random().to_string();
        self.good.push((token.clone(), now));
        token
    }
}

pub(super) async fn grant(State(world): State<Shared>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let wanted = format!("Basic {}", Base64::encode_string(format!("{API_CLIENT_ID}:{API_SECRET}").as_bytes()));
    let knows = headers.get(header::AUTHORIZATION).is_some_and(|value| value.as_bytes() == wanted.as_bytes());
    let asks = fields(&uri, &headers, &body);
    let mut guard = world.state();
    let lab = &mut *guard;
    if !knows || asks.get("grant_type").map(String::as_str) != Some("client_credentials") {
        lab.gateway.record.refused += 1;
        return denied(StatusCode::UNAUTHORIZED);
    }
    let token = lab.gateway.tokens.make(lab.now(), lab.record.restarts);
    lab.gateway.record.tokens += 1;
    let answer = serde_json::json!({ "access_token": token, "token_type": "Bearer", "expires_in": LIFE_SECS });
    let cookie = format!("ns_sl={}; path=/; httponly; samesite=strict", Id::random());
    ([(header::CONTENT_TYPE, "application/json"), (header::SET_COOKIE, &cookie)], answer.to_string()).into_response()
}
