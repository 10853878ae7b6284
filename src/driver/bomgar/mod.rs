//! The B Series appliance, through the web pages a person would use.
//!
//! Every control is found by its visible label. One that is missing, greyed
//! out or there twice turns the step into a guided one; nothing else is
//! pressed in its place. Each of `/appliance` and `/login` has its own
//! session; a refused password is never sent again. Where the inventory names
//! an account for the site's API, what that can do is done by it, and what it
//! lacks falls back to the pages.

mod api;
mod backup;
mod bare;
mod blocked;
mod client_list;
mod code;
mod copy;
mod failover;
mod finding;
mod installers;
mod login_page;
mod migration;
mod offers;
mod outside;
mod packages;
mod probe;
mod reading;
mod saved;
mod session;
#[cfg(test)]
mod testing;
mod value;
mod whose;

use super::guided::TypedStatus;
use super::listener::Listener;
use super::question::DriverQuestion;
use super::{
    Agreed, Answered, Appliance, BackupMade, BackupOptions, ClientCounts, Connected, ControlReport, Did, DriverError,
    Handover, Health, Listing, Observation, Offers, Reached, SeenPage, Uploaded, Words, guides, pair,
};
use crate::bundle::VerifiedReader;
use crate::cli::Context;
use crate::console::Operator;
use crate::driver::KeepFile;
use crate::inventory::ApplianceEntry;
use crate::model::{DownloadCode, Failover, FailoverRole, FileName, Meter, Package, PackageRef, Status, Time};
use crate::web::{Page, TlsTrust, WebError};
use api::Api;
use blocked::{StepBlocked, broken, by_hand, is_down, is_missing};
pub use client_list::ClientListWords;
pub(super) use client_list::client_list_words;
use finding::{Key, key_control};
use outside::is_outside;
use reading::InstallProgress;
pub use saved::{SavedPage, look_at_saved};
use session::{Account, Session, StepPage};
use std::collections::BTreeMap;
use std::io::Write;
use std::rc::Rc;
use std::time::Duration;
use value::Value;

/// One appliance and its two sessions.
pub(super) struct Bomgar {
    host: String,
    words: Rc<Words>,
    appliance: Session,
    login: Session,
    asks: Listener,
    time: Rc<dyn Time>,
    typed: TypedStatus,
    /// The site's interface for programs, where the inventory names an account.
    api: Option<Api>,
    /// The page with the agreement that the last upload was answered by.
    agreement: Option<Page>,
    /// Status and Updates as they were read last.
    seen: BTreeMap<StepPage, SeenPage>,
    /// The last answer that nobody here knows.
    answer: Option<SeenPage>,
    /// What nobody was told yet of what can't be read.
    notices: Vec<String>,
    /// Whether it was told that the clock can't be read.
    is_clock_told: bool,
}

impl Bomgar {
    /// Makes the driver; sends nothing and asks nobody yet.
    ///
    /// # Errors
    /// [`WebError`] where address, certificate or profile can't be used.
    pub(super) fn new(
        entry: &ApplianceEntry,
        trust: &TlsTrust,
        profile: Option<&str>,
        context: &Context,
    ) -> Result<Self, WebError> {
        let (base, time) = (context.home.root(), &context.time);
        let words = Rc::new(Words::new(profile, entry.language)?);
        let asks = Listener::new(context.operator.clone());
        let session = |path, credentials: &crate::inventory::Credentials| {
            let account = Account {
                url: entry.url.clone(),
                path,
                trust: trust.clone(),
                credentials: credentials.clone(),
                base: base.to_path_buf(),
                console: context.console.clone(),
                time: Rc::clone(time),
            };
            Session::new(account, Rc::clone(&words), asks.clone())
        };
        let api = |account| Api::new(&entry.url, trust, account, base.to_path_buf(), asks.clone(), Rc::clone(time));
        Ok(Bomgar {
            host: entry.host(),
            appliance: session("/appliance", &entry.appliance)?,
            login: session("/login", &entry.login)?,
            api: entry.api.as_ref().map(api).transpose()?,
            asks,
            time: Rc::clone(time),
            typed: TypedStatus::new(entry.host(), words.clock().clone()),
            words,
            agreement: None,
            seen: BTreeMap::new(),
            answer: None,
            notices: Vec::new(),
            is_clock_told: false,
        })
    }

    /// Asks the API, where there is one.
    fn by_api<T>(
        &mut self,
        ask: impl FnOnce(&mut Api) -> Result<Option<T>, DriverError>,
    ) -> Result<Option<T>, DriverError> {
        match &mut self.api {
            Some(api) => ask(api),
            None => Ok(None),
        }
    }

    /// The clock by the API, where the page's can't be read. That the API is
    /// silent then changes nothing.
    fn clock_by_api(&mut self, status: &mut Status) {
        if status.clock.is_none() {
            status.clock = self.by_api(Api::clock).ok().flatten();
        }
    }

    fn open(&mut self, place: StepPage) -> Result<Page, StepBlocked> {
        let opened = self.session(place).open(place);
        let page = match opened {
            Err(blocked) if is_missing(&blocked) && self.is_cloud() => {
                return Err(DriverError::Cloud { origin: self.appliance.client().origin() }.into());
            }
            page => page?,
        };
        if let Some(name) = place.for_support() {
            let seen = self.session(place).seen(name, &page);
            self.seen.insert(place, seen);
        }
        Ok(page)
    }

    fn session(&mut self, place: StepPage) -> &mut Session {
        match place {
            StepPage::Status | StepPage::Updates | StepPage::Network | StepPage::Certificates => &mut self.appliance,
            StepPage::Software | StepPage::Failover | StepPage::JumpClients => &mut self.login,
        }
    }

    /// Whether nothing is below /appliance, and a site below /login.
    fn is_cloud(&self) -> bool {
        // What can't be had now tells nothing of it.
        matches!((self.appliance.is_missing(), self.login.is_missing()), (Ok(true), Ok(false)))
    }

    /// What the last login page lacked, where that was in words nobody knows.
    fn take_strange(&mut self) -> Vec<WebError> {
        [self.appliance.take_strange(), self.login.take_strange()].into_iter().flatten().collect()
    }

    /// Reads the status off the pages, the list of packages included.
    fn read_status(&mut self) -> Result<Status, StepBlocked> {
        let page = self.open(StepPage::Status)?;
        let read = self.time.elapsed();
        let mut status = reading::status(&page, &self.words, &self.host)?;
        match self.open(StepPage::Updates) {
            Ok(page) => {
                status.installed = reading::installed(&page, &self.words);
                status.offered = offers::offers(&page, &self.words).ok().flatten();
            }
            // Without a list the versions on Status still tell what is installed.
            Err(StepBlocked::Lost(_)) => {}
            Err(blocked) => return Err(blocked),
        }
        go_on(&mut status, self.time.elapsed().saturating_sub(read));
        self.clock_by_api(&mut status);
        if status.clock.is_none()
            && !std::mem::replace(&mut self.is_clock_told, true)
            && let Some(Value::Unread { shown, why }) = value::of("status.clock", &page, &self.words)
        {
            self.notices.push(format!("its clock shows {shown:?}, but {why}"));
        }
        status.no_site = self.has_no_site(&status)?;
        Ok(status)
    }

    /// Everything up to the press that makes a code.
    fn code_page(&mut self) -> Result<Page, StepBlocked> {
        let page = self.open(StepPage::Updates)?;
        let answer = self.press_key(&page)?;
        if !is_outside(&answer, &self.words) {
            return Ok(answer.ok()?);
        }
        // The session had ended, so nothing was made: log in and press again, once.
        let page = self.open(StepPage::Updates)?;
        let answer = self.press_key(&page)?;
        match is_outside(&answer, &self.words) {
            true => Err(DriverError::SessionLost { page: answer.place() }.into()),
            false => Ok(answer.ok()?),
        }
    }

    /// The code that a page shows after the press that made it. Where that is
    /// doubtful a person is asked, with the page's words; nothing is pressed again.
    fn code_on(&mut self, page: &Page) -> Did<DownloadCode> {
        let doubtful = match code::read(page, &self.words) {
            code::ShownCode::Code(code) => return Did::Done(code),
            code::ShownCode::Doubtful(doubtful) => doubtful,
        };
        for code in doubtful {
            let why = code.doubt().unwrap_or_else(|| "more than one text looks like a code".to_owned());
            let (place, shown) = (page.place(), code.0.reveal().to_owned());
            match self.asks.confirm(&DriverQuestion::IsCode { place, shown, why }) {
                Ok(true) => return Did::Done(code),
                Ok(false) => {}
                // Nobody answers one, so nobody answers the next.
                Err(_) => break,
            }
        }
        Did::ByHand(guides::code_made(&self.words, &page.place(), &code::told(page, &self.words)))
    }

    fn press_key(&self, page: &Page) -> Result<Page, WebError> {
        match key_control(page, &self.words)? {
            Key::Link(link) => self.appliance.client().press(&link),
            Key::Button(form) => self.appliance.client().submit(&form),
        }
    }

    /// Looks at both pages of /appliance: first what they show, then what they
    /// say of an installation.
    fn look(&mut self) -> Result<Observation, StepBlocked> {
        let page = self.open(StepPage::Status)?;
        let read = self.time.elapsed();
        let mut status = reading::status(&page, &self.words, &self.host)?;
        let updates = match self.open(StepPage::Updates) {
            Ok(updates) => Some(updates),
            Err(StepBlocked::Lost(_)) => None,
            // It shows nothing else there; what Status shows is known all the same.
            Err(StepBlocked::Installing { percent, text }) => {
                return Ok(Observation::Installing { percent, text, beside: None });
            }
            Err(blocked) => return Err(blocked),
        };
        status.installed = updates.as_ref().and_then(|page| reading::installed(page, &self.words));
        status.offered = updates.as_ref().and_then(|page| offers::offers(page, &self.words).ok().flatten());
        go_on(&mut status, self.time.elapsed().saturating_sub(read));
        self.clock_by_api(&mut status);
        for page in [Some(&page), updates.as_ref()].into_iter().flatten() {
            let beside = || Some(Box::new(status.clone()));
            match reading::progress(page, &self.words) {
                InstallProgress::Running { percent, text } => {
                    return Ok(Observation::Installing { percent, text, beside: beside() });
                }
                InstallProgress::Failed { text } => return Ok(Observation::Failed { text, beside: beside() }),
                InstallProgress::Silent => {}
            }
        }
        // Only where nothing is being installed: while a site package goes in
        // /login may be away, which would pass for hardware that never had a site.
        status.no_site = self.has_no_site(&status)?;
        Ok(Observation::Ready(status))
    }
}

/// Moves the clock that a page showed on by the time that has passed since it
/// was read: the next pages may have taken long.
fn go_on(status: &mut Status, passed: Duration) {
    let passed = i64::try_from(passed.as_millis()).unwrap_or(0);
    status.clock = status.clock.map(|clock| clock.plus_secs((passed + 500) / 1000));
}

impl Appliance for Bomgar {
    fn status(&mut self) -> Result<Status, DriverError> {
        match self.read_status() {
            Ok(status) => Ok(status),
            Err(StepBlocked::Lost(error)) => {
                let unread = self.typed.status(&mut self.asks, &error.to_string());
                unread.map_err(|_| DriverError::StatusUnreadable(error))
            }
            Err(blocked) => Err(broken(blocked)),
        }
    }

    fn download_code(&mut self) -> Result<Did<DownloadCode>, DriverError> {
        match by_hand(self.code_page(), |because| guides::code(&self.words, because))? {
            Did::Done(page) => Ok(self.code_on(&page)),
            Did::ByHand(guide) => Ok(Did::ByHand(guide)),
        }
    }

    fn backup(
        &mut self,
        options: &BackupOptions<'_>,
        sink: &mut dyn Write,
        meter: &dyn Meter,
    ) -> Result<Did<BackupMade>, DriverError> {
        if let Some(api) = &mut self.api
            && let Some(size_bytes) = api.backup(options, sink, meter)?
        {
            // The interface has no word to leave it out. Source: vendor, backup API.
            return Ok(Did::Done(BackupMade { size_bytes, history: true }));
        }
        self.backup_by_page(options, sink, meter)
    }

    fn upload(
        &mut self,
        package: &Package,
        source: VerifiedReader,
        meter: &dyn Meter,
        handover: Handover<'_>,
    ) -> Result<Did<Uploaded>, DriverError> {
        self.send_package(package, source, meter, handover)
    }

    fn accept_eula(&mut self) -> Result<Did<()>, DriverError> {
        self.accept_agreement()
    }

    fn installers(&mut self, keep: KeepFile<'_>) -> Result<Did<Vec<FileName>>, DriverError> {
        self.fetch_installers(keep)
    }

    fn check_updates(&mut self) -> Result<Did<()>, DriverError> {
        let checked = self.press_check();
        by_hand(checked, |because| guides::check(&self.words, because))
    }

    fn listing(&mut self) -> Result<Did<Listing>, DriverError> {
        let listing = self.read_listing();
        by_hand(listing, |because| guides::listing(&self.words, because))
    }

    fn install_offered(&mut self, package: &PackageRef) -> Result<Did<Uploaded>, DriverError> {
        self.press_install(package)
    }

    fn observe(&mut self) -> Result<Observation, DriverError> {
        match self.look() {
            Ok(seen) => Ok(seen),
            Err(StepBlocked::Installing { percent, text }) => {
                Ok(Observation::Installing { percent, text, beside: None })
            }
            Err(StepBlocked::Failed { text, .. }) => Ok(Observation::Failed { text, beside: None }),
            // No error here: most installs end in a restart.
            Err(StepBlocked::Broken(DriverError::Web(error))) if is_down(&error) => Ok(Observation::Down),
            // Pages that were never readable: the operator is asked, as for the status.
            Err(StepBlocked::Lost(error)) if self.typed.is_in_use() => {
                self.typed.forget_versions();
                let typed = self.typed.status(&mut self.asks, &error.to_string());
                typed.map(Observation::Ready).map_err(|_| DriverError::StatusUnreadable(error))
            }
            // Pages that were readable before are not back yet, or have changed.
            Err(StepBlocked::Lost(error)) => {
                let ordinary = self.appliance.is_ordinary();
                Ok(Observation::Unreadable { why: error.to_string(), ordinary })
            }
            Err(blocked) => Err(broken(blocked)),
        }
    }

    fn failover(&mut self) -> Result<Did<Failover>, DriverError> {
        let mut shown = self.failover_page();
        if matches!(&shown, Err(blocked) if is_missing(blocked)) && self.is_bare().map_err(broken)? {
            return Ok(Did::Done(Failover::alone()));
        }
        // The page first: the API answers out of a cache for a minute, and tells less.
        let gap = match &shown {
            Ok(shown) => shown.role == FailoverRole::Backup && shown.last_sync.is_none(),
            Err(blocked) => matches!(blocked, StepBlocked::Lost(_)),
        };
        let health = if gap { self.health()? } else { None };
        if let Some(Health { role: Some(role), synced, .. }) = health {
            match &mut shown {
                // Where they disagree the page stays: it is what is pressed on, and the answer may be a minute old.
                Ok(shown) if shown.role == role => shown.last_sync = synced,
                Ok(_) => {}
                Err(_) => shown = Ok(Failover { role, shared_host: None, last_sync: synced, syncing: false }),
            }
        }
        by_hand(shown, |because| pair::look(&self.words, because))
    }

    fn sync_now(&mut self) -> Result<Did<()>, DriverError> {
        let pressed = self.press_failover("failover.sync", |_, _, _| Ok(()));
        by_hand(pressed, |because| pair::sync(&self.words, because))
    }

    fn break_failover(&mut self) -> Result<Did<()>, DriverError> {
        let pressed = self.press_failover("failover.break", |_, _, _| Ok(()));
        by_hand(pressed, |because| pair::break_up(&self.words, because))
    }

    fn establish_failover(&mut self, backup: &Reached, primary: &Reached) -> Result<Did<()>, DriverError> {
        let pressed = self.establish_page(backup, primary);
        by_hand(pressed, |because| pair::establish(&self.words, backup, primary, because))
    }

    fn shared_ip(&mut self, address: Option<&str>) -> Result<Option<bool>, DriverError> {
        match self.read_shared_ip(address) {
            Ok(enabled) => Ok(Some(enabled)),
            Err(StepBlocked::Lost(_)) => Ok(None),
            Err(blocked) => Err(broken(blocked)),
        }
    }

    fn set_shared_ip(&mut self, address: Option<&str>, enabled: bool) -> Result<Did<()>, DriverError> {
        let saved = self.save_shared_ip(address, enabled);
        by_hand(saved, |because| pair::shared_ip(&self.words, address, enabled, because))
    }

    fn probe(&mut self) -> Result<Vec<ControlReport>, DriverError> {
        probe::probe(self)
    }

    fn health(&mut self) -> Result<Option<Health>, DriverError> {
        self.by_api(Api::health)
    }

    fn client_counts(&mut self) -> Result<Option<ClientCounts>, DriverError> {
        self.by_api(Api::client_counts)
    }

    fn update_limit(&mut self) -> Result<Option<u64>, DriverError> {
        match self.open(StepPage::JumpClients) {
            Ok(page) => {
                let shown = page.value_of(&self.words.control("jump.limit")).ok();
                Ok(shown.and_then(|text| text.trim().parse().ok()))
            }
            Err(StepBlocked::Lost(_)) => Ok(None),
            Err(blocked) => Err(broken(blocked)),
        }
    }

    fn connected(&mut self) -> Result<Option<Connected>, DriverError> {
        self.by_api(Api::connected)
    }

    fn offers(&mut self) -> Result<Option<Offers>, DriverError> {
        self.by_api(|api| api.offers().map(Some))
    }

    fn notices(&mut self) -> Vec<String> {
        let own = std::mem::take(&mut self.notices);
        [own, self.api.as_mut().map(Api::notices).unwrap_or_default()].concat()
    }

    fn agreed(&mut self) -> Vec<Agreed> {
        [self.appliance.take_accepted(), self.login.take_accepted()].concat()
    }

    fn answered(&mut self) -> Vec<Answered> {
        self.asks.take()
    }

    fn withhold(&self, text: String) -> String {
        let text = self.login.withhold(self.appliance.withhold(text));
        self.api.as_ref().map_or(text.clone(), |api| api.withhold(&text))
    }

    fn pages(&self) -> Vec<SeenPage> {
        self.seen.values().chain(&self.answer).chain(self.appliance.last()).cloned().collect()
    }
}
