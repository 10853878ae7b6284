//! How a call is sent: authorized, at the site's pace, to the address that the
//! site has; and what its status means.

use super::oauth::{self, Token};
use super::pace::Pace;
use super::{Api, Lack, MAX_ANSWER, MAX_ANSWER_BYTES, Operation};
use crate::console::Operator;
use crate::driver::DriverError;
use crate::driver::attempts::NEAR;
use crate::driver::question::DriverQuestion;
use crate::inventory::{ApiAccount, Credentials, PasswordAt};
use crate::model::{Failure, Secret, local_time, text};
use crate::web::{Call, Client, Reply, WebError};
use zeroize::Zeroizing;

/// How often a call is sent again because the site asks to slow down.
// With pauses that double, half a minute has passed by then, and with it the site's shorter window many times.
const MAX_SLOWDOWNS: u32 = 4;

/// What a call is, before it is authorized.
pub(super) struct Ask<'a> {
    pub(super) operation: Operation,
    pub(super) path: String,
    pub(super) accept: &'static str,
    /// Form fields of a POST; with a user account, name and password join them.
    pub(super) fields: &'a [(&'a str, &'a str)],
    /// A JSON body instead of fields.
    pub(super) json: Option<Zeroizing<String>>,
    pub(super) patient: bool,
}

impl Api {
    /// Sends to `/api/NAME`, and where that is not there to `/api/NAME.ns`.
    pub(super) fn endpoint<'a>(&mut self, name: &str, ask: impl Fn(String) -> Ask<'a>) -> Result<Reply, Lack> {
        // API accounts are of versions whose addresses have no `.ns`; a user's
        // account is mostly of one that has. It is only which is tried first.
        let order: &[&'static str] = match (self.suffix, &self.account) {
            (Some(""), _) => &[""],
            (Some(_), _) => &[".ns"],
            (None, ApiAccount::OAuth { .. }) => &["", ".ns"],
            (None, ApiAccount::User(_)) => &[".ns", ""],
        };
        let mut missing = None;
        for suffix in order {
            match self.send(&ask(format!("/api/{name}{suffix}"))) {
                Err(Lack::Missing(why)) => _ = missing.get_or_insert(why),
                Err(other) => return Err(other),
                Ok(reply) => {
                    self.suffix = Some(suffix);
                    return Ok(reply);
                }
            }
        }
        Err(Lack::Missing(missing.expect("at least one address was tried")))
    }

    /// Sends one call, authorized and paced; whatever is no answer to it is
    /// a lack or an error.
    pub(super) fn send(&mut self, ask: &Ask<'_>) -> Result<Reply, Lack> {
        if let Some(why) = self.lacking.get(&ask.operation).or(self.refused.as_ref()) {
            return Err(Lack::Lacks(why.clone()));
        }
        let mut renewed = false;
        loop {
            let reply = self.send_authorized(ask)?;
            match reply.status {
                200..=299 => return Ok(reply),
                401 | 403 if is_page(&reply) => return Err(Lack::Lacks(of_something_else(&reply))),
                // A site keeps thirty tokens of an account. Another program with the same account
                // may have pushed out ours, and a new secret ends them all. Neither is a refusal.
                401 if matches!(self.account, ApiAccount::OAuth { .. }) && !renewed => {
                    renewed = true;
                    self.token = None;
                }
                401 if renewed => {
                    return Err(Lack::Lacks("it does not take the token that it has just given".to_owned()));
                }
                401 => return Err(self.refuse(&reply.place, "HTTP status 401")),
                // The account was let in; it is no refusal that would count towards a lock.
                403 => return Err(Lack::Lacks("the account lacks the permission (HTTP status 403)".to_owned())),
                status @ (300..=399 | 404 | 405 | 410 | 501) => {
                    return Err(Lack::Missing(format!("{} is not there (HTTP status {status})", reply.place)));
                }
                status => {
                    let error =
                        WebError::Status { page: reply.place, status, retry_after_secs: reply.retry_after_secs };
                    return Err(error.into());
                }
            }
        }
    }

    fn send_authorized(&mut self, ask: &Ask<'_>) -> Result<Reply, Lack> {
        let form: Zeroizing<String>;
        let body = match &self.account.clone() {
            ApiAccount::OAuth { .. } => {
                self.hold_token()?;
                form = oauth::form(ask.fields);
                match &ask.json {
                    Some(json) => Some(("application/json", json.as_bytes())),
                    None if ask.fields.is_empty() => None,
                    None => Some(("application/x-www-form-urlencoded", form.as_bytes())),
                }
            }
            ApiAccount::User(credentials) => {
                let (user, secret) = self.user_and_secret(credentials)?;
                let mut fields = vec![("username", user.as_str()), ("password", secret.reveal())];
                fields.extend_from_slice(ask.fields);
                form = oauth::form(&fields);
                Some(("application/x-www-form-urlencoded", form.as_bytes()))
            }
        };
        let authorization = self.token.as_ref().map(Token::header);
        let call = Call { path: &ask.path, accept: ask.accept, authorization, body };
        let client = if ask.patient { &self.patient } else { &self.quick };
        paced(&mut self.pace, client, &call)
    }

    /// Makes sure that there is a token that is still good for a while.
    fn hold_token(&mut self) -> Result<(), Lack> {
        if self.token.as_ref().is_some_and(|token| token.is_fresh(self.time.elapsed())) {
            return Ok(());
        }
        self.token = None;
        let ApiAccount::OAuth { client_id, secret } = self.account.clone() else { return Ok(()) };
        let held = self.held(&client_id, &secret)?;
        let basic = oauth::basic(&client_id, held);
        let call = Call {
            path: "/oauth2/token",
            accept: "application/json",
            authorization: Some(&basic),
            body: Some(("application/x-www-form-urlencoded", b"grant_type=client_credentials")),
        };
        let reply = paced(&mut self.pace, &self.quick, &call)?;
        match reply.status {
            200..=299 => {}
            // RFC 6749, 5.2: a client that is not known gets 400 or 401, as JSON. A page is some filter's.
            400 | 401 | 403 if is_page(&reply) => return Err(self.doubt(of_something_else(&reply))),
            400 | 401 | 403 => {
                let status = reply.status;
                return Err(self.refuse(&reply.place, &format!("HTTP status {status}")));
            }
            status @ (300..=399 | 404 | 405 | 410 | 501) => {
                // Without tokens there is no interface for such an account.
                // To ask again for each operation would tell nothing new.
                let why = format!("{} is not there (HTTP status {status})", reply.place);
                self.refused = Some(why.clone());
                return Err(Lack::Lacks(why));
            }
            status => {
                let error = WebError::Status { page: reply.place, status, retry_after_secs: reply.retry_after_secs };
                return Err(error.into());
            }
        }
        let place = reply.place.clone();
        let body = self.quick.read_reply(reply, MAX_ANSWER_BYTES, MAX_ANSWER)?;
        match oauth::read_token(&body, self.time.elapsed()) {
            Ok(token) => {
                self.token = Some(token);
                self.let_in();
            }
            Err(why) => {
                let why = format!("{place} answered with no token: {why}");
                self.refused = Some(why.clone());
                return Err(Lack::Lacks(why));
            }
        }
        Ok(())
    }

    fn user_and_secret(&mut self, credentials: &Credentials) -> Result<(String, &Secret), Lack> {
        let user = credentials.user.clone().unwrap_or_default();
        let secret = self.held(&user, &credentials.password)?;
        Ok((user, secret))
    }

    /// The account's secret, fetched once.
    fn held(&mut self, whom: &str, at: &PasswordAt) -> Result<&Secret, Lack> {
        if self.secret.is_none() {
            // Before it is fetched, which may mean that somebody types it.
            self.warn_of_refusals(whom)?;
            let whom = format!("API account {} on {}", text::one_line(whom), self.quick.origin());
            let secret = at.fetch(&self.base, &whom, &mut self.asks);
            self.secret = Some(secret.map_err(|failure| Lack::Broken(DriverError::Password(failure)))?);
        }
        Ok(self.secret.as_ref().expect("it was just put there"))
    }

    /// Where and as whom refusals of the account are counted: an old site's
    /// user is locked out of /login by them.
    fn known_as(&self) -> (&'static str, String) {
        match &self.account {
            ApiAccount::OAuth { client_id, .. } => ("/api", client_id.clone()),
            ApiAccount::User(credentials) => ("/login", credentials.user.clone().unwrap_or_default()),
        }
    }

    /// Tells what was refused in earlier runs before the secret is sent; near
    /// the lock-out only a person's yes lets another attempt be made.
    fn warn_of_refusals(&mut self, whom: &str) -> Result<(), Lack> {
        let (at, user) = self.known_as();
        let refused =
            self.attempts.refused(at, &user).map_err(|failure| Lack::Broken(DriverError::Password(failure)))?;
        let Some(refused) = refused else { return Ok(()) };
        let who = format!("the API account {}", text::one_line(whom));
        let (times, told) = (refused.times, refused.told(&who));
        self.notices.push(format!(
            "{told} since it was last let in, the last on {}; sites lock accounts",
            local_time(refused.last)
        ));
        if times >= NEAR && !self.asks.confirm(&DriverQuestion::SendSecret { refusals: told }).unwrap_or(false) {
            let why = format!("{who} was refused {times} times before, and one more may lock it; it was not tried");
            self.refused = Some(why.clone());
            return Err(Lack::Lacks(why));
        }
        Ok(())
    }

    /// Forgets the refusals of the account: it was let in.
    pub(super) fn let_in(&mut self) {
        let (at, user) = self.known_as();
        let kept = self.attempts.clear(at, &user);
        self.remembered(kept);
    }

    fn remembered(&mut self, kept: Result<(), Failure>) {
        if let Err(failure) = kept {
            self.notices.push(format!("refusals of the API account can't be remembered: {}", failure.message));
        }
    }

    /// A server's words without what was sent to it.
    pub(in crate::driver::bomgar) fn withhold(&self, said: &str) -> String {
        self.secret.as_ref().map_or_else(|| said.to_owned(), |secret| secret.withhold(said))
    }

    /// Remembers that what answered the account was not the site: nothing is
    /// sent again, and it may count as a refusal.
    fn doubt(&mut self, why: String) -> Lack {
        let (at, user) = self.known_as();
        let kept = self.attempts.add(at, &user, false, self.time.now());
        self.remembered(kept);
        self.token = None;
        self.refused = Some(why.clone());
        Lack::Lacks(why)
    }

    /// Remembers that the account was refused, so that nothing is sent again.
    pub(super) fn refuse(&mut self, place: &str, said: &str) -> Lack {
        let (place, said) = (self.withhold(place), self.withhold(said));
        let why = format!("{place} refused the account ({said}); it was tried once and not again");
        let (at, user) = self.known_as();
        let kept = self.attempts.add(at, &user, true, self.time.now());
        self.remembered(kept);
        // The secret stays, so that it can be taken out of what is told.
        self.token = None;
        self.refused = Some(why.clone());
        Lack::Lacks(why)
    }
}

/// Whether a reply is a page for people, which the site's interface never
/// refuses an account by: a proxy or a filter on the way does.
pub(super) fn is_page(reply: &Reply) -> bool {
    reply.header("content-type").is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"))
}

fn of_something_else(reply: &Reply) -> String {
    format!("what answered at {} is not the site but something in between (HTTP status {})", reply.place, reply.status)
}

/// Sends within the rate the site allows, and again where it asks to slow down.
fn paced(pace: &mut Pace, client: &Client, call: &Call<'_>) -> Result<Reply, Lack> {
    let mut slowdowns = 0;
    loop {
        pace.wait();
        let reply = client.call(call)?;
        pace.note(&reply);
        if reply.status != 429 {
            return Ok(reply);
        }
        slowdowns += 1;
        if slowdowns > MAX_SLOWDOWNS || !pace.slow_down(slowdowns, reply.retry_after_secs) {
            let error = WebError::Status { page: reply.place, status: 429, retry_after_secs: reply.retry_after_secs };
            return Err(error.into());
        }
    }
}
