//! OAuth2 client credentials: a token for an hour.

use crate::model::Secret;
use base64ct::{Base64, Encoding};
use std::time::Duration;
use url::form_urlencoded;
use zeroize::Zeroizing;

/// Longest token, in bytes; a real one has under a hundred.
const MAX_TOKEN_BYTES: usize = 4096;
/// Longest life that is believed, in seconds: a day.
// A longer one is rather a wrong number. What is believed too short costs
// one more call, and too long a 401, after which the token is renewed.
const MAX_LIFE_SECS: u64 = 86_400;
/// Life of a token whose answer does not tell it: the vendor's hour.
const USUAL_LIFE_SECS: u64 = 3600;
/// A token is renewed this long before its end.
// A call on the edge would arrive too late, and spend the one renewal that a 401 is granted.
const MARGIN: Duration = Duration::from_secs(30);

/// A token, and until when it is good.
pub(super) struct Token {
    header: Secret,
    /// By [`Time::elapsed`](crate::model::Time::elapsed).
    // A clock that is set meanwhile must not make an old token good again.
    until: Duration,
}

impl Token {
    /// The whole `Authorization` header.
    pub(super) fn header(&self) -> &Secret {
        &self.header
    }

    /// Whether it is good for a while yet.
    pub(super) fn is_fresh(&self, elapsed: Duration) -> bool {
        self.until > elapsed + MARGIN
    }
}

#[derive(serde::Deserialize)]
struct Granted {
    access_token: String,
    token_type: Option<String>,
    expires_in: Option<u64>,
}

/// Reads the answer to a request for a token. What it says is repeated
/// nowhere: it is, or may be, the secret itself.
pub(super) fn read_token(body: &[u8], elapsed: Duration) -> Result<Token, &'static str> {
    let Granted { access_token, token_type, expires_in } =
        serde_json::from_slice(body).map_err(|_| "not the JSON of a token")?;
    let token = Zeroizing::new(access_token);
    if token.is_empty() || token.len() > MAX_TOKEN_BYTES || !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err("it is empty, too long, or not printable");
    }
    if token_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err("it is not a bearer token");
    }
    let life = Duration::from_secs(expires_in.unwrap_or(USUAL_LIFE_SECS).min(MAX_LIFE_SECS));
    // One that lives shorter than the margin is used at least once.
    let until = elapsed + life.max(MARGIN + Duration::from_secs(1));
    Ok(Token { header: Secret::new(format!("Bearer {}", &*token)), until })
}

/// The header that asks for a token.
pub(super) fn basic(client_id: &str, secret: &Secret) -> Secret {
    let pair = Zeroizing::new(format!("{client_id}:{}", secret.reveal()));
    Secret::new(format!("Basic {}", &*Zeroizing::new(Base64::encode_string(pair.as_bytes()))))
}

/// Encodes a form's fields.
pub(super) fn form(fields: &[(&str, &str)]) -> Zeroizing<String> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    Zeroizing::new(form.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_recorded_answer_is_read_and_others_are_refused() {
        let got = Duration::from_secs(7);
        let token =
            read_token(br#"{"access_token":"ab12","token_type":"Bearer","expires_in":3600}"#, got).expect("reads");
        assert_eq!(token.header().reveal(), "Bearer ab12");
        let fresh = |secs: u64| token.is_fresh(got + Duration::from_secs(secs));
        assert!(fresh(0) && fresh(3569) && !fresh(3570), "it is renewed half a minute before its hour is over");
        for body in [
            &b"Document Not Found"[..],
            b"{}",
            br#"{"access_token":""}"#,
            br#"{"access_token":"a b"}"#,
            br#"{"access_token":"a\r\nX: y"}"#,
            br#"{"access_token":"ab","token_type":"mac"}"#,
            br#"{"error":"access_denied","message":"denied"}"#,
        ] {
            assert!(read_token(body, got).is_err());
        }
    }

    #[test]
    fn the_account_is_encoded_as_the_vendor_shows_it() {
        assert_eq!(basic("id", &Secret::new("secret".to_owned())).reveal(), "Basic aWQ6c2VjcmV0");
        assert_eq!(form(&[("action", "a b"), ("p", "ü&")]).as_str(), "action=a+b&p=%C3%BC%26");
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_fall_over(body in proptest::collection::vec(any::<u8>(), 0..512)) {
            let _ = read_token(&body, Duration::ZERO);
        }

        #[test]
        fn a_token_never_makes_a_second_header(token in "\\PC{1,40}", life in any::<u64>()) {
            let body = serde_json::json!({ "access_token": token, "expires_in": life }).to_string();
            if let Ok(token) = read_token(body.as_bytes(), Duration::ZERO) {
                prop_assert!(token.header().reveal().bytes().all(|b| (0x20..0x7f).contains(&b)));
            }
        }
    }
}
