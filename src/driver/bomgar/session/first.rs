//! The first login of a fresh site, before anybody's account is on it.
//! Source: guide, new hardware, step 6a.
//!
//! It is tried once; one that was refused is remembered from run to run, so
//! that it is never sent again to a site on which it was changed.

use super::super::blocked::StepBlocked;
use super::super::login_page::LoginReply;
use super::Session;
use crate::model::Secret;
use crate::web::{Page, WebError};

/// User and password of the guide's first login.
// The Portuguese guide translates the password, too, to `senha`. The appliance does not.
const FIRST: (&str, &str) = ("admin", "password");
/// What its refusal is remembered by: it is no account's of the inventory.
const FIRST_LOGIN: &str = "admin, by the guide's first login";

impl Session {
    /// Whether there is nothing at its address. Sends no login.
    ///
    /// # Errors
    /// [`WebError`] where nothing answers.
    pub(in super::super) fn is_missing(&self) -> Result<bool, WebError> {
        Ok(self.client.get(self.account.path)?.status() == 404)
    }

    /// Has the next login be the guide's first, unless one was refused before.
    pub(in super::super) fn expect_first_login(&mut self) {
        // What can't be read counts as refused: no login is sent on a guess.
        self.first = self.attempts.refused(self.account.path, FIRST_LOGIN).is_ok_and(|refused| refused.is_none());
    }

    /// A site that is put on bare hardware has its first login again.
    pub(in super::super) fn forget_first_refusal(&self) {
        self.remember_outcome(self.attempts.clear(self.account.path, FIRST_LOGIN));
    }

    /// Forgets who logged in: other users are on the site now.
    pub(in super::super) fn forget_account(&mut self) {
        self.first = false;
        self.user.clone_from(&self.account.credentials.user);
        self.password = None;
        (self.refused, self.shut) = (None, None);
    }

    /// Tries the guide's first login on a fresh site; the page behind it, or
    /// `None` where the account of the inventory is to be tried.
    pub(super) fn log_in_first(&mut self, page: &Page) -> Result<Option<Page>, StepBlocked> {
        if !std::mem::take(&mut self.first) {
            return Ok(None);
        }
        let account = (self.user.take(), self.password.take());
        (self.user, self.password) = (Some(FIRST.0.to_owned()), Some(Secret::new(FIRST.1.to_owned())));
        let (reply, answer) = self.send_login(page)?;
        match reply {
            LoginReply::In => {
                self.account.console.note("logged in to the fresh site by the guide's first login, admin");
                Ok(Some(self.let_in(answer)))
            }
            LoginReply::Factor => self.give_second_factor(answer).map(Some),
            LoginReply::Out(Some(why)) => Err(self.kept_out(Some(why), page, &answer).into()),
            LoginReply::Elsewhere => {
                (self.user, self.password) = account;
                self.ask_again(page, answer).map(Some)
            }
            LoginReply::Out(None) | LoginReply::Stale | LoginReply::Silent => {
                (self.user, self.password) = account;
                let refused = self.attempts.add(self.account.path, FIRST_LOGIN, true, self.account.time.now());
                self.remember_outcome(refused);
                self.account.console.note(
                    "the site does not take the guide's first login, admin; the account of the inventory is tried",
                );
                Ok(None)
            }
        }
    }
}
