//! Who is logged in where: sessions, per-form tokens, lock-out.

use super::{APPLIANCE_PASSWORD, LOGIN_PASSWORD, USER};
use crate::model::{Id, Timestamp};
use std::collections::HashMap;

/// How long an idle session lasts, in seconds of the lab's clock.
// By the lab's clock, so that a day that is skipped ends them as a real one would.
const IDLE_SECS: i64 = 30 * 60;

/// How many requests a session lasts with the fault `session-expires`.
const FEW_REQUESTS: u32 = 6;

/// How many wrong passwords lock an account, and for how many seconds.
// What accounts usually bear. A driver asks a person well before.
const MAX_FAILURES: u32 = 5;
const LOCKED_SECS: i64 = 15 * 60;

/// How many sessions and, in each, unused form tokens are kept; the oldest go.
const MAX_SESSIONS: usize = 256;
const MAX_TOKENS: usize = 64;

/// One of the appliance's two separate logins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Realm {
    /// `/appliance`
    Appliance,
    /// `/login`
    Site,
}

impl Realm {
    pub(super) const fn path(self) -> &'static str {
        match self {
            Realm::Appliance => "/appliance",
            Realm::Site => "/login",
        }
    }

    pub(super) const fn cookie(self) -> &'static str {
        match self {
            Realm::Appliance => "appliance_session",
            Realm::Site => "login_session",
        }
    }

    pub(super) const fn password(self) -> &'static str {
        match self {
            Realm::Appliance => APPLIANCE_PASSWORD,
            Realm::Site => LOGIN_PASSWORD,
        }
    }
}

/// All sessions.
#[derive(Default)]
pub(super) struct Sessions {
    all: Vec<Session>,
    failures: HashMap<Realm, (u32, Timestamp)>,
}

struct Session {
    realm: Realm,
    id: String,
    logged_in: bool,
    /// Whether the agreement before the login was accepted.
    agreed: bool,
    seen: Timestamp,
    requests: u32,
    /// Form name and token, oldest first.
    tokens: Vec<(&'static str, String)>,
}

/// What became of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Login {
    /// Welcome; the new session's id.
    Welcome(String),
    /// Wrong user name or password.
    Wrong,
    /// Too many were wrong.
    Locked,
}

impl Sessions {
    /// Opens a session for a visitor who has not logged in yet.
    pub(super) fn open(&mut self, realm: Realm, now: Timestamp) -> String {
        let id = Id::random().to_string();
        if self.all.len() == MAX_SESSIONS {
            self.all.remove(0);
        }
        let tokens = Vec::new();
        self.all.push(Session {
            realm,
            id: id.clone(),
            logged_in: false,
            agreed: false,
            seen: now,
            requests: 0,
            tokens,
        });
        id
    }

    /// Checks a user name and password against its `own` one; a success gets a session of its own.
    pub(super) fn log_in(&mut self, realm: Realm, (user, password): (&str, &str), own: &str, now: Timestamp) -> Login {
        let (failures, last) = self.failures.get(&realm).copied().unwrap_or((0, now));
        // A right password is not looked at either while it is locked.
        if failures >= MAX_FAILURES && now.secs_since(last) < LOCKED_SECS {
            return Login::Locked;
        }
        if user != USER || password != own {
            let failures = if failures >= MAX_FAILURES { 1 } else { failures + 1 };
            self.failures.insert(realm, (failures, now));
            return if failures >= MAX_FAILURES { Login::Locked } else { Login::Wrong };
        }
        self.failures.remove(&realm);
        let id = self.open(realm, now);
        if let Some(session) = self.find(realm, &id) {
            session.logged_in = true;
        }
        Login::Welcome(id)
    }

    /// Takes down that the agreement before the login was accepted.
    pub(super) fn agree(&mut self, realm: Realm, id: &str) {
        if let Some(session) = self.find(realm, id) {
            session.agreed = true;
        }
    }

    /// Whether the agreement before the login was accepted.
    pub(super) fn has_agreed(&mut self, realm: Realm, id: &str) -> bool {
        self.find(realm, id).is_some_and(|session| session.agreed)
    }

    pub(super) fn log_out(&mut self, realm: Realm, id: &str) {
        self.all.retain(|session| session.realm != realm || session.id != id);
    }

    /// A restart closes every session.
    pub(super) fn clear(&mut self) {
        self.all.clear();
    }

    /// Makes a token for one form on a page.
    pub(super) fn token(&mut self, realm: Realm, id: &str, form: &'static str) -> String {
        let token = Id::random().to_string();
        if let Some(session) = self.find(realm, id) {
            if session.tokens.len() == MAX_TOKENS {
                session.tokens.remove(0);
            }
            session.tokens.push((form, token.clone()));
        }
        token
    }

    /// Whether `token` was made for `form` and not used yet; uses it up.
    pub(super) fn spend(&mut self, realm: Realm, id: &str, form: &str, token: &str) -> bool {
        let Some(session) = self.find(realm, id) else { return false };
        let known = session.tokens.iter().position(|(name, text)| *name == form && text == token);
        known.map(|at| session.tokens.remove(at)).is_some()
    }

    fn find(&mut self, realm: Realm, id: &str) -> Option<&mut Session> {
        self.all.iter_mut().find(|session| session.realm == realm && session.id == id)
    }

    /// Whether the session is there and logged in; counts the request.
    pub(super) fn admits(&mut self, realm: Realm, id: &str, now: Timestamp, few: bool) -> bool {
        let Some(session) = self.find(realm, id).filter(|session| session.logged_in) else { return false };
        session.requests += 1;
        let over = now.secs_since(session.seen) > IDLE_SECS || (few && session.requests > FEW_REQUESTS);
        session.seen = now;
        if over {
            self.log_out(realm, id);
        }
        !over
    }

    pub(super) fn knows(&mut self, realm: Realm, id: &str) -> bool {
        self.find(realm, id).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_unix(1_700_000_000 + secs).expect("in range")
    }

    #[test]
    fn five_wrong_passwords_lock_one_realm_for_a_while() {
        let mut sessions = Sessions::default();
        for _ in 0..4 {
            assert_eq!(
                sessions.log_in(Realm::Appliance, (USER, "x"), Realm::Appliance.password(), at(0)),
                Login::Wrong
            );
        }
        assert_eq!(sessions.log_in(Realm::Appliance, (USER, "x"), Realm::Appliance.password(), at(0)), Login::Locked);
        assert_eq!(
            sessions.log_in(Realm::Appliance, (USER, APPLIANCE_PASSWORD), Realm::Appliance.password(), at(1)),
            Login::Locked
        );
        assert!(matches!(
            sessions.log_in(Realm::Site, (USER, LOGIN_PASSWORD), Realm::Site.password(), at(1)),
            Login::Welcome(_)
        ));
        let later = at(LOCKED_SECS + 1);
        assert!(matches!(
            sessions.log_in(Realm::Appliance, (USER, APPLIANCE_PASSWORD), Realm::Appliance.password(), later),
            Login::Welcome(_)
        ));
    }

    #[test]
    fn a_token_serves_one_form_once() {
        let mut sessions = Sessions::default();
        let id = sessions.open(Realm::Site, at(0));
        let token = sessions.token(Realm::Site, &id, "backup");
        assert!(!sessions.spend(Realm::Site, &id, "restore", &token));
        assert!(sessions.spend(Realm::Site, &id, "backup", &token));
        assert!(!sessions.spend(Realm::Site, &id, "backup", &token));
    }

    #[test]
    fn sessions_end_when_idle_or_when_told_to() {
        let mut sessions = Sessions::default();
        let Login::Welcome(id) = sessions.log_in(Realm::Site, (USER, LOGIN_PASSWORD), Realm::Site.password(), at(0))
        else {
            panic!("refused")
        };
        assert!(!sessions.admits(Realm::Appliance, &id, at(1), false));
        for _ in 0..FEW_REQUESTS {
            assert!(sessions.admits(Realm::Site, &id, at(1), true));
        }
        assert!(sessions.admits(Realm::Site, &id, at(1 + IDLE_SECS), false));
        assert!(!sessions.admits(Realm::Site, &id, at(2 + 2 * IDLE_SECS), false));
        assert!(!sessions.admits(Realm::Site, &id, at(2), false));
    }
}
