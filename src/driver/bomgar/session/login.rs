//! The login itself: whose it is, what answers it, and when it is sent again.
//!
//! A password that was refused is never sent a second time: accounts lock. But
//! a form whose session ended while it was filled in, by a restart or by time,
//! was not looked at; a fresh one is filled in, once.

use super::super::blocked::StepBlocked;
use super::super::login_page::{self, LoginReply};
use super::super::outside::is_login;
use super::super::reading;
use super::super::whose::{self, Door};
use super::Session;
use crate::console::Operator;
use crate::driver::Words;
use crate::driver::attempts::NEAR;
use crate::driver::question::{DriverPrompt, DriverQuestion};
use crate::driver::{DriverError, LoginBlocked};
use crate::model::{Failure, local_time, text};
use crate::web::{Form, Page};

/// Whether an account was refused before, since it was last let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Doubted(bool);

impl Session {
    /// Fills in the login page; the page that answers.
    pub(super) fn log_in(&mut self, page: Page) -> Result<Page, StepBlocked> {
        // Before anybody is asked: nobody types a password for a form that can't be filled in.
        login_form(&page, &self.words)?;
        let mut page = page;
        // A fresh site knows nobody of the inventory, and to send that account first would count as a refusal.
        if self.first {
            if let Some(behind) = self.log_in_first(&page)? {
                return Ok(behind);
            }
            let fresh = self.client.get(self.account.path)?;
            page = self.past_agreement(fresh)?;
        }
        self.refuse_once_kept_out()?;
        let doubted = self.know_account()?;
        let answer = self.send_login(&page)?;
        let before = page;
        let (page, says_so) = match answer {
            (LoginReply::In, page) => return Ok(self.let_in(page)),
            (LoginReply::Out(why), page) => return Err(self.kept_out(why, &before, &page).into()),
            (LoginReply::Factor, page) => return self.give_second_factor(page),
            (LoginReply::Elsewhere, page) => return self.ask_again(&before, page),
            (LoginReply::Stale, page) => (page, true),
            // Near a lock-out silence is no reason to try again.
            (LoginReply::Silent, page) if doubted == Doubted(true) => {
                return Err(self.kept_out(None, &before, &page).into());
            }
            (LoginReply::Silent, page) => (page, false),
        };
        let cookies = self.client.cookies();
        let fresh = self.client.get(self.account.path)?;
        if !says_so && self.client.cookies().replaced_since(&cookies) {
            // Its cookies change with every page, so they say nothing of this one.
            return Err(self.kept_out(None, &before, &page).into());
        }
        let fresh = self.past_agreement(fresh)?;
        if !is_login(&fresh, &self.words) {
            return Ok(fresh);
        }
        self.account.console.note("the login form was no longer valid, so nobody looked at it; filling in a fresh one");
        match self.send_login(&fresh)? {
            (LoginReply::In, page) => Ok(self.let_in(page)),
            (LoginReply::Out(why), page) => Err(self.kept_out(why, &fresh, &page).into()),
            (LoginReply::Factor, page) => self.give_second_factor(page),
            (LoginReply::Elsewhere, page) => self.ask_again(&fresh, page),
            (LoginReply::Stale | LoginReply::Silent, page) => {
                Err(DriverError::SessionLost { page: page.place() }.into())
            }
        }
    }

    /// Tells again what was told by an earlier attempt of this run.
    fn refuse_once_kept_out(&self) -> Result<(), DriverError> {
        if let (Some(user), Some((page, said))) = (&self.user, &self.refused) {
            let (user, page, said) = (user.clone(), page.clone(), said.clone());
            return Err(DriverError::LoginRefused { user, page, said });
        }
        if let Some((why, page, said)) = &self.shut {
            return Err(DriverError::Barred { why: *why, page: page.clone(), said: said.clone() });
        }
        Ok(())
    }

    /// Sees to it that user and password are known, and that they may be sent.
    fn know_account(&mut self) -> Result<Doubted, DriverError> {
        let user = match self.user.clone() {
            Some(user) => user,
            None => {
                self.asks.ask(&DriverPrompt::User { page: format!("{}{}", self.client.origin(), self.account.path) })?
            }
        };
        let doubted = self.warn_of_refusals(&user)?;
        if self.password.is_none() {
            let whom = format!("{} on {}{}", text::one_line(&user), self.client.origin(), self.account.path);
            let at = &self.account.credentials.password;
            // Kept before it is sent: a connection that breaks says nothing against it.
            self.password = Some(at.fetch(&self.account.base, &whom, &mut self.asks).map_err(DriverError::Password)?);
        }
        self.user = Some(user);
        Ok(doubted)
    }

    /// Sends the form on `page`; what came back, and what it means.
    pub(super) fn send_login(&mut self, page: &Page) -> Result<(LoginReply, Page), StepBlocked> {
        let mut form = login_form(page, &self.words)?;
        form.fill(&self.words.control("login.user"), self.user.as_deref().unwrap_or_default())?;
        form.fill(
            &self.words.control("login.password"),
            self.password.as_ref().map_or("", |password| password.reveal()),
        )?;
        // Kept, so that a login page which comes later is known for this one and not for some portal's.
        self.door = Some(Door::of(page));
        let cookies = self.client.cookies();
        let answer = self.client.submit(&form)?;
        let moved = self.client.cookies().replaced_since(&cookies);
        Ok((login_page::reply(page, &answer, moved, &self.words), answer))
    }

    /// What came for the login on `before` shows nothing of the appliance's: a
    /// look at its own page tells whether it let us in all the same. That page
    /// may be in words nobody knows, too; something that answers with an error,
    /// or before another login page, stands in between.
    pub(super) fn ask_again(&mut self, before: &Page, answer: Page) -> Result<Page, StepBlocked> {
        let now = self.client.get(self.account.path)?;
        if reading::is_ordinary(&now, &self.words) {
            return Ok(self.let_in(now));
        }
        if !is_login(&now, &self.words) && !is_login(&answer, &self.words) && answer.status() < 400 {
            self.logins += 1;
            return Ok(answer);
        }
        // It may count as a refused one, but is none: the password stays good.
        let user = self.user.clone().unwrap_or_default();
        self.remember_outcome(self.attempts.add(self.account.path, &user, false, self.account.time.now()));
        Err(whose::in_between(Some(before), &answer).withholding(self.password.as_ref()).into())
    }

    pub(super) fn let_in(&mut self, page: Page) -> Page {
        self.logins += 1;
        let user = self.user.as_deref().unwrap_or_default();
        self.remember_outcome(self.attempts.clear(self.account.path, user));
        page
    }

    /// Takes down that nobody was let in, so that it is not tried again.
    pub(super) fn kept_out(&mut self, why: Option<LoginBlocked>, before: &Page, answer: &Page) -> DriverError {
        let withhold = |text: String| self.password.as_ref().map_or(text.clone(), |secret| secret.withhold(&text));
        let (said, page) = (withhold(reading::new_words(Some(before), answer)), withhold(answer.place()));
        let user = self.user.clone().unwrap_or_default();
        // Not sent again, and taken out of all that is told.
        self.spent = self.password.take();
        // An expired password was right, and where there is no room for a session it was not looked at.
        if !matches!(why, Some(LoginBlocked::PasswordExpired | LoginBlocked::SessionLimit)) {
            self.remember_outcome(self.attempts.add(self.account.path, &user, true, self.account.time.now()));
        }
        match why {
            Some(why) => {
                self.shut = Some((why, page.clone(), said.clone()));
                DriverError::Barred { why, page, said }
            }
            None => {
                self.refused = Some((page.clone(), said.clone()));
                DriverError::LoginRefused { user, page, said }
            }
        }
    }

    /// Tells what was refused in earlier runs before anything is asked or sent;
    /// near the lock-out only a person's yes lets another attempt be made.
    fn warn_of_refusals(&mut self, user: &str) -> Result<Doubted, DriverError> {
        let path = self.account.path;
        let refused = self.attempts.refused(path, user).map_err(DriverError::Password)?;
        let Some(refused) = refused else { return Ok(Doubted(false)) };
        let who = format!("{} on {}{path}", text::one_line(user), self.client.origin());
        let (times, told) = (refused.times, refused.told(&who));
        self.account.console.warn(format!(
            "{told} since the last success, the last on {}; appliances lock accounts",
            local_time(refused.last)
        ));
        if times >= NEAR && !self.asks.confirm(&DriverQuestion::SendPassword { refusals: told }).unwrap_or(false) {
            return Err(DriverError::LockoutNear { user: text::one_line(user), path, times });
        }
        Ok(Doubted(true))
    }

    /// A login counts as it came out, even where that can't be written down.
    pub(super) fn remember_outcome(&self, kept: Result<(), Failure>) {
        if let Err(failure) = kept {
            self.account.console.warn(format!("refused logins can't be remembered: {}", failure.message));
        }
    }
}

/// The form to log in by, if it is as it must be.
fn login_form(page: &Page, words: &Words) -> Result<Form, StepBlocked> {
    let form = page.form_with_button(&words.control("login.submit"))?;
    form.field(&words.control("login.user"))?;
    form.field(&words.control("login.password"))?;
    Ok(form)
}
