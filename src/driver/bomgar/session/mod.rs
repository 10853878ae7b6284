//! A login on the appliance, kept, and the way from there to a page.

mod factor;
mod first;
mod login;
mod way;

use super::blocked::StepBlocked;
use super::code;
use super::login_page::{self, barred};
use super::outside::{
    is_agreement, is_login, is_outside, is_second_factor, is_understood, lacking_at_login, strange_door,
};
use super::reading;
use super::whose::Door;
use crate::console::Console;
use crate::driver::Words;
use crate::driver::attempts::Attempts;
use crate::driver::listener::Listener;
use crate::driver::{Agreed, DriverError, LoginBlocked, SeenPage};
use crate::inventory::Credentials;
use crate::model::{Secret, Sha256Digest, Time, text};
use crate::web::{Client, Page, Timeouts, TlsTrust, WebError};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// Silence allowed while a page is fetched: a restarting appliance takes
/// connections before it answers.
pub(super) const PAGE: Timeouts = Timeouts { connect: Duration::from_secs(15), idle: Duration::from_secs(60) };
/// Silence allowed while the appliance packs a backup or checks a package.
// It does both in silence. To give up on a package earlier would leave nobody knowing what became of it.
pub(super) const WORK: Timeouts = Timeouts { connect: Duration::from_secs(15), idle: Duration::from_secs(30 * 60) };
/// Most of a page that is kept for vendor support, in characters.
const MAX_SEEN_CHARS: usize = 64 * 1024;
/// Logins in one walk: the first, and one more where the session has ended.
const MAX_LOGINS: usize = 2;

/// A page that steps are done on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum StepPage {
    /// /appliance > Status > Basics.
    Status,
    /// /appliance > Updates.
    Updates,
    /// /login > Management > Software Management.
    Software,
    /// /login > Jump > Jump Clients.
    JumpClients,
    /// /login > Management > Failover.
    Failover,
    /// /appliance > Networking > IP Configuration.
    Network,
    /// /appliance > Security > Certificates.
    Certificates,
}

impl StepPage {
    /// The links that lead there, the last one first; any before it only
    /// where the last is not to be seen yet.
    pub(super) fn links(self) -> (&'static str, &'static str) {
        match self {
            StepPage::Status => ("nav.basics", "nav.status"),
            StepPage::Updates => ("nav.updates", "nav.support"),
            StepPage::Software => ("nav.software", "nav.management"),
            StepPage::JumpClients => ("nav.jump-clients", "nav.jump"),
            StepPage::Failover => ("nav.failover", "nav.management"),
            StepPage::Network => ("nav.ip", "nav.networking"),
            StepPage::Certificates => ("nav.certificates", "nav.security"),
        }
    }

    /// What vendor support knows it by; `None` for a page they don't ask for.
    pub(super) fn for_support(self) -> Option<&'static str> {
        match self {
            StepPage::Status => Some("status"),
            StepPage::Updates => Some("updates"),
            StepPage::Network
            | StepPage::Certificates
            | StepPage::Software
            | StepPage::Failover
            | StepPage::JumpClients => None,
        }
    }

    /// Whether `page` is it: it has something that only this page has.
    pub(super) fn is(self, page: &Page, words: &Words) -> bool {
        match self {
            StepPage::Status => page.value_of(&words.control("status.serial")).is_ok(),
            StepPage::Updates => {
                ["updates.manual", "updates.upload", "updates.check"].iter().any(|key| page.shows(&words.control(key)))
            }
            StepPage::JumpClients => page.shows(&words.control("jump.limit")),
            StepPage::Software => {
                ["backup.section", "backup.download"].iter().any(|key| page.shows(&words.control(key)))
            }
            StepPage::Failover => {
                let says = ["failover.primary", "failover.backup", "failover.alone"];
                says.iter().any(|key| page.has_text(&words.control(key)))
            }
            StepPage::Network => page.section(&words.control("nav.ip")).is_ok(),
            StepPage::Certificates => page.section(&words.control("cert.section")).is_ok(),
        }
    }
}

/// Everything a session is made of.
pub(super) struct Account {
    /// The appliance's address.
    pub url: String,
    /// `/appliance` or `/login`.
    pub path: &'static str,
    /// Why its certificate is believed.
    pub trust: TlsTrust,
    /// Who logs in.
    pub credentials: Credentials,
    /// What password files are relative to, and below which refused logins are remembered.
    pub base: PathBuf,
    /// Where what stands at the login is told.
    pub console: Console,
    /// What time it is.
    pub time: Rc<dyn Time>,
}

/// One login, with cookies of its own.
pub(super) struct Session {
    account: Account,
    words: Rc<Words>,
    asks: Listener,
    client: Client,
    user: Option<String>,
    /// Kept to log in again after a restart, when nobody may be awake.
    password: Option<Secret>,
    /// The last one that was refused.
    spent: Option<Secret>,
    /// Whether the guide's first login is to be tried: the site is fresh.
    first: bool,
    /// Set once a login was refused: page and what it said.
    refused: Option<(String, String)>,
    /// Set once the appliance let nobody in, whatever the password.
    shut: Option<(LoginBlocked, String, String)>,
    /// The login agreement that was accepted, by its text.
    agreed: Option<Sha256Digest>,
    /// The acceptances that nobody has asked about yet.
    accepted: Vec<Agreed>,
    attempts: Attempts,
    /// How often it was let in.
    logins: u32,
    /// Logins of the walk that is under way: [`MAX_LOGINS`] at most.
    walked_in: usize,
    /// The login page that was filled in last.
    door: Option<Door>,
    /// Whether the page that was read last has the appliance's menu.
    ordinary: bool,
    /// The page that was read last, whatever it was.
    last: Option<SeenPage>,
    known: BTreeMap<StepPage, String>,
    /// Whether the page at the end of the last walk is a frame of another.
    framed: bool,
    /// What a login page lacked that is in words nobody knows.
    strange: Vec<WebError>,
}

impl Session {
    /// Makes one; sends nothing.
    ///
    /// # Errors
    /// [`WebError::BadUrl`], [`WebError::BadCertificate`].
    pub(super) fn new(account: Account, words: Rc<Words>, asks: Listener) -> Result<Self, WebError> {
        let client = Client::new(&account.url, &account.trust, PAGE)?;
        let user = account.credentials.user.clone();
        let attempts = Attempts::of(&account.base, &account.url);
        Ok(Session {
            account,
            words,
            asks,
            client,
            user,
            password: None,
            spent: None,
            first: false,
            refused: None,
            shut: None,
            agreed: None,
            accepted: Vec::new(),
            attempts,
            logins: 0,
            walked_in: 0,
            door: None,
            ordinary: false,
            last: None,
            known: BTreeMap::new(),
            framed: false,
            strange: Vec::new(),
        })
    }

    /// The client for pages.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// How often this run was let in: more than before means that the session had ended.
    pub(super) fn logins(&self) -> u32 {
        self.logins
    }

    /// The login page that was filled in last; `None` before the first.
    pub(super) fn door(&self) -> Option<&Door> {
        self.door.as_ref()
    }

    /// Whether the page that was read last has the appliance's menu.
    pub(super) fn is_ordinary(&self) -> bool {
        self.ordinary
    }

    /// Runs `work` with a client that waits long, in this session.
    pub(super) fn patiently<T>(&self, work: impl FnOnce(&Client) -> Result<T, WebError>) -> Result<T, WebError> {
        let patient = Client::new(&self.account.url, &self.account.trust, WORK)?;
        // The session is in the cookies. They come back as well, since an answer may have renewed them.
        patient.restore_cookies(&self.client.cookies());
        let outcome = work(&patient);
        self.client.restore_cookies(&patient.cookies());
        outcome
    }

    /// Goes to `place`, logging in where the login page stands in the way.
    pub(super) fn open(&mut self, place: StepPage) -> Result<Page, StepBlocked> {
        match self.find(place) {
            // A name of its own that it leads to, or a sign-on for the whole house: a browser follows, and
            // a person in it can do the step. Of a press this would be no reason: it may have been heard.
            Err(StepBlocked::Broken(DriverError::Web(error @ WebError::CrossOrigin { .. }))) => {
                Err(StepBlocked::Lost(error))
            }
            found => found,
        }
    }

    fn find(&mut self, place: StepPage) -> Result<Page, StepBlocked> {
        self.walked_in = 0;
        if let Some(address) = self.known.get(&place).cloned() {
            let page = self.client.get(&address)?;
            // An update may have moved the page; then it is looked for anew.
            if page.status() != 404 {
                let page = self.arrive(page)?;
                // The address alone is enough. A page there whose labels have
                // changed is told as that, and not looked for all over the menu.
                if page.url() == address || place.is(&page, &self.words) {
                    return Ok(page);
                }
            }
            self.known.remove(&place);
        }
        let let_in = self.logins;
        let mut walked = self.walk(place);
        let there = matches!(&walked, Ok(page) if place.is(page, &self.words));
        // A login in the middle of the way leads back to its beginning.
        if !there && self.logins > let_in && matches!(walked, Ok(_) | Err(StepBlocked::Lost(_))) {
            walked = self.walk(place);
        }
        Ok(self.remember(place, walked?))
    }

    /// Goes to an address where it was before, logging in where the login page
    /// stands in the way.
    pub(super) fn back_to(&mut self, address: &str) -> Result<Page, StepBlocked> {
        let let_in = self.logins;
        self.walked_in = 0;
        let page = self.arrive(self.client.get(address)?)?;
        if self.logins == let_in {
            return Ok(page);
        }
        self.arrive(self.client.get(address)?)
    }

    /// Remembers where a page is, so that the next look is one request.
    fn remember(&mut self, place: StepPage, page: Page) -> Page {
        // An address with a query may hold a token that ends with the session; a frame alone has no menu.
        let framed = std::mem::take(&mut self.framed);
        if !framed && place.is(&page, &self.words) && !page.url().contains(['?', '#', ';']) {
            self.known.insert(place, page.url().to_owned());
        }
        page
    }

    /// Takes a page for what it is: goes on where it leads by itself, and logs
    /// in where it, or a frame of it, asks for that.
    fn arrive(&mut self, page: Page) -> Result<Page, StepBlocked> {
        let words = Rc::clone(&self.words);
        let page = self.led_on(page, |page| is_understood(page, &words));
        self.refuse_leading_away(&page)?;
        let page = match reading::is_ordinary(&page, &self.words) {
            true => page,
            false => self.or_frame(page, |page| is_outside(page, &words))?.0,
        };
        let page = self.past_agreement(page)?;
        if is_second_factor(&page, &self.words) {
            let behind = self.give_second_factor(page)?;
            return self.enter(behind);
        }
        if !is_login(&page, &self.words) {
            self.refuse_strange_door(&page)?;
            return self.enter(page);
        }
        if self.walked_in == MAX_LOGINS {
            return Err(DriverError::SessionLost { page: page.place() }.into());
        }
        self.walked_in += 1;
        let page = self.log_in(page)?;
        let page = self.past_agreement(page)?;
        self.enter(page)
    }

    /// Lets no page pass that asks to log in, or to agree, in words nobody knows.
    fn refuse_strange_door(&mut self, page: &Page) -> Result<(), StepBlocked> {
        match strange_door(page, &self.words) {
            Some(error) => {
                self.strange = lacking_at_login(page, &self.words);
                self.last = Some(self.seen("last", page));
                Err(error.into())
            }
            None => Ok(()),
        }
    }

    /// Lets only a page of the appliance's own pass.
    fn enter(&mut self, page: Page) -> Result<Page, StepBlocked> {
        self.last = Some(self.seen("last", &page));
        self.ordinary = reading::is_ordinary(&page, &self.words);
        reading::refuse_busy(&page, &self.words)?;
        match barred(None, &page, &self.words) {
            Some(why) => {
                Err(DriverError::Barred { why, page: page.place(), said: reading::new_words(None, &page) }.into())
            }
            None => Ok(page.ok()?),
        }
    }

    /// A page as it may be shown to others.
    pub(super) fn seen(&self, name: &'static str, page: &Page) -> SeenPage {
        // These pages are made for vendor support, and a code is good for whoever reads it first.
        let codes = code::secrets(page, &self.words);
        let secrets = || self.password.iter().chain(&codes);
        let clean = |text: String| secrets().fold(text, |text, secret| secret.withhold(&text));
        let text: String = page.text().chars().take(MAX_SEEN_CHARS).collect();
        SeenPage { name, place: clean(page.place()), at: self.account.time.now(), text: text::printable(&clean(text)) }
    }

    /// The agreements that were accepted since this was last asked.
    pub(super) fn take_accepted(&mut self) -> Vec<Agreed> {
        std::mem::take(&mut self.accepted)
    }

    /// A text without the password, and without the last one that was refused.
    pub(super) fn withhold(&self, text: String) -> String {
        [&self.password, &self.spent].into_iter().flatten().fold(text, |text, password| password.withhold(&text))
    }

    /// What the last login page lacked, where that was in words nobody knows.
    pub(super) fn take_strange(&mut self) -> Vec<WebError> {
        std::mem::take(&mut self.strange)
    }

    /// The page that was read last.
    pub(super) fn last(&self) -> Option<&SeenPage> {
        self.last.as_ref()
    }

    /// Has the agreement before the login accepted, where there is one; the page behind it.
    fn past_agreement(&mut self, page: Page) -> Result<Page, StepBlocked> {
        if !is_agreement(&page, &self.words) {
            return Ok(page);
        }
        let mut page = page;
        // Once more where it comes again: the session may have ended meanwhile.
        for _ in 0..MAX_LOGINS {
            let accepted =
                login_page::have_accepted(&page, &mut self.agreed, &self.words, &self.account.console, &mut self.asks)?;
            self.accepted.push(accepted);
            let behind = self.client.submit(&page.form_with_button(&self.words.control("login.agree"))?)?;
            if !is_agreement(&behind, &self.words) {
                return Ok(behind);
            }
            page = behind;
        }
        Err(DriverError::SessionLost { page: page.place() }.into())
    }
}
