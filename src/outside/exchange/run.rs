//! An exchange from the code to the last package, and on from wherever an
//! earlier run was cut.

use super::download::Downloader;
use super::{ExchangeError, Labels, VendorAnswer};
use crate::console::{Console, Operator};
use crate::media::Medium;
use crate::model::{ApplianceId, DownloadCode, Id, RequestRef, ShowPath, Time, text};
use crate::outside::question::OutsideQuestion;
use crate::outside::vault::{
    CodeRefusal, Event, Exchange, ExchangeLedger, ListedPackage, SessionNote, Vault, VaultError,
};
use crate::outside::way::Way;
use crate::web::{Client, Form, Page, SavedCookies, Timeouts, TlsTrust, WebError};
use serde::{Deserialize, Serialize};

use super::page::read_size;

/// Room that must be free beyond what is listed, in bytes: sizes on pages are
/// rounded, and records take some too.
const RESERVE_BYTES: u64 = 64 << 20;

/// Most other origins that one download is led to.
// Each is a question to a person, and more of them nobody answers with care.
const MAX_HOPS: usize = 3;

/// What is to be fetched.
pub struct FetchRequest {
    /// The vendor's page.
    pub server: String,
    /// The code.
    pub code: DownloadCode,
    /// The appliance it is for, where that is known.
    pub appliance: Option<ApplianceId>,
    /// The request that carried the code.
    pub request: Option<RequestRef>,
}

/// What a later run needs to go on in the same session.
#[derive(Default, Serialize, Deserialize)]
pub struct ExchangeSession {
    cookies: SavedCookies,
    /// Where the list was, after redirects.
    list_url: Option<String>,
    /// The authority that was given for the server, in PEM.
    ca: Option<String>,
}

/// How far an exchange came in this run.
pub struct FetchResult {
    /// Its state now.
    pub exchange: Exchange,
    /// What this run put into the vault: numbers of offers.
    pub fresh: Vec<usize>,
    /// Why it stopped; `None` where all that was listed is in custody.
    pub trouble: Option<ExchangeError>,
}

/// Runs exchanges.
pub struct Exchanger<'a> {
    /// Where packages go.
    pub vault: &'a Vault,
    /// Where progress is told.
    pub console: &'a Console,
    /// What time it is, and how it is waited.
    pub time: &'a dyn Time,
    /// What is looked for on the pages.
    pub labels: &'a Labels,
    /// The vendor's certificate authority in PEM; `None` for the public ones.
    pub ca: Option<String>,
    /// How long the vendor's server may be silent.
    pub timeouts: Timeouts,
    /// The way out.
    pub way: &'a Way,
    /// Other origins that what the vendor hands out may come from.
    pub allowed: &'a [String],
}

impl Exchanger<'_> {
    /// Begins an exchange. A server that can't be reached, or whose page has no
    /// field for a code, leaves no record: the code was not sent.
    ///
    /// # Errors
    /// [`ExchangeError`] before the code was sent; after that the trouble is
    /// in the [`FetchResult`].
    pub fn begin(&self, errand: &FetchRequest, asks: &mut dyn Operator) -> Result<FetchResult, ExchangeError> {
        // Before anything is sent: what has no room to land would be lost together with the code.
        self.need_room(0)?;
        let client = self.client(&errand.server, None, self.allowed)?;
        let page = client.get(&errand.server)?.ok()?;
        let form = self.labels.fill_code(&page, errand.code.0.reveal())?;
        let (appliance, request) = (errand.appliance.clone(), errand.request.clone());
        let mut ledger =
            self.vault.begin(self.time.now(), &errand.server, &errand.code.0.redacted(), appliance, request)?;
        for origin in self.allowed {
            self.note(&mut ledger, Event::Allowed { origin: origin.clone() })?;
        }
        self.note_session(&client, &mut ledger, None)?;
        // From here on nothing is an error of the run: whatever happened to the code is told in the result.
        let spent = self.spend(&client, &mut ledger, &form, &errand.code);
        let listed = spent.or_else(|error| self.list_elsewhere(&client, &mut ledger, error, Some(&errand.code), asks));
        Ok(self.carry(client, ledger, listed, asks))
    }

    /// Goes on with an exchange that was cut; `code` is needed only where the
    /// list was never read.
    ///
    /// # Errors
    /// As [`Exchanger::begin`].
    pub fn go_on(
        &self,
        id: Id,
        code: Option<&DownloadCode>,
        asks: &mut dyn Operator,
    ) -> Result<FetchResult, ExchangeError> {
        let mut ledger = self.vault.carry_on(id, self.time.now())?;
        let session = session_of(&ledger.exchange);
        // What a person allows is in the record, so the next run does not ask again.
        for origin in self.allowed.iter().filter(|origin| !ledger.exchange.allowed.contains(origin)).collect::<Vec<_>>()
        {
            self.note(&mut ledger, Event::Allowed { origin: origin.clone() })?;
        }
        let client = self.client(&ledger.exchange.server, session.ca.as_deref(), &ledger.exchange.allowed)?;
        client.restore_cookies(&session.cookies);
        // The list is looked for only where it was never read: to send
        // the code again proves it spent, and nothing else.
        let listed = match ledger.exchange.answer_lost() {
            true => self
                .recover_list(&client, &mut ledger, &session, code)
                .or_else(|error| self.list_elsewhere(&client, &mut ledger, error, code, asks)),
            false => Ok(()),
        };
        Ok(self.carry(client, ledger, listed, asks))
    }

    fn carry(
        &self,
        client: Client,
        mut ledger: ExchangeLedger,
        listed: Result<(), ExchangeError>,
        asks: &mut dyn Operator,
    ) -> FetchResult {
        let mut fresh = Vec::new();
        let trouble = listed.and_then(|()| self.download_all(&client, &mut ledger, &mut fresh, asks)).err();
        let server = ledger.exchange.server.clone();
        let trouble = trouble.map(|trouble| match trouble {
            ExchangeError::Web(WebError::CrossOrigin { to: origin, .. }) => ExchangeError::Elsewhere { server, origin },
            other => other,
        });
        if let (Some(trouble), false) = (&trouble, ledger.exchange.closed) {
            // The record of the trouble is for support; failing to write it must not hide it.
            let _ = self.note(&mut ledger, Event::Troubled { number: None, why: trouble.to_string() });
        }
        if !ledger.exchange.closed {
            let _ = self.note_session(&client, &mut ledger, None);
        }
        FetchResult { exchange: ledger.exchange, fresh, trouble }
    }

    /// Sends the code, noting first that it is about to be spent.
    fn spend(
        &self,
        client: &Client,
        ledger: &mut ExchangeLedger,
        form: &Form,
        code: &DownloadCode,
    ) -> Result<(), ExchangeError> {
        // Asked before it is noted: only an earlier run's sending makes a refused code one that we lost.
        let by_us = ledger.exchange.spending.is_some();
        self.note(ledger, Event::Spending)?;
        // Noted before a redirect is followed or the list read: killed from
        // there on, the next run looks where this session would show it. An
        // address that holds the code itself is not kept: the code can be given
        // again. What can't be noted is no reason not to read the answer.
        let list_url = |url: &str| (code.0.withhold(url) == url).then(|| url.to_owned());
        let answer = client.submit_noting(form, &mut |url| {
            let _ = self.note_session(client, ledger, list_url(url).as_deref());
        })?;
        self.note_session(client, ledger, list_url(answer.url()).as_deref())?;
        self.read_list(ledger, &answer, by_us, code)
    }

    fn read_list(
        &self,
        ledger: &mut ExchangeLedger,
        answer: &Page,
        by_us: bool,
        sent: &DownloadCode,
    ) -> Result<(), ExchangeError> {
        match self.labels.read_answer(answer) {
            Ok(VendorAnswer::Offers(offers)) => Ok(self.note(ledger, Event::Listed { offers })?),
            Ok(VendorAnswer::Refused { refusal, says }) => {
                self.note(ledger, Event::Refused { refusal })?;
                let (server, code) = (ledger.exchange.server.clone(), ledger.exchange.code.clone());
                Err(match refusal {
                    CodeRefusal::Spent => ExchangeError::CodeSpent { server, code, by_us },
                    CodeRefusal::Unknown => ExchangeError::CodeUnknown { server, code, says: sent.0.withhold(&says) },
                    CodeRefusal::Nothing => ExchangeError::NothingListed { server, code },
                })
            }
            Err(error) => {
                // Without the code, since whoever helps gets to see this file.
                let path = self.vault.keep_answer(ledger.exchange.id, &sent.0.withhold(&answer.text()))?;
                self.console.note(format!("What the page says is kept in {}", path.shown()));
                Err(match error {
                    ExchangeError::AnswerUnread { page, status, retry_after_secs, says } => {
                        let (page, says) = (sent.0.withhold(&page), sent.0.withhold(&says));
                        ExchangeError::AnswerUnread { page, status, retry_after_secs, says }
                    }
                    other => other,
                })
            }
        }
    }

    /// Reads the list at another origin where the answer to the code led there
    /// and a person lets it; any other error passes.
    fn list_elsewhere(
        &self,
        client: &Client,
        ledger: &mut ExchangeLedger,
        error: ExchangeError,
        code: Option<&DownloadCode>,
        asks: &mut dyn Operator,
    ) -> Result<(), ExchangeError> {
        if !self.let_elsewhere(client, ledger, &error, asks)? {
            return Err(error);
        }
        let session = session_of(&ledger.exchange);
        self.recover_list(client, ledger, &session, code)
    }

    /// Whether an error means that the server leads on to another origin, and a
    /// person lets it. What was let is in the exchange's record, so the next run
    /// knows it too.
    fn let_elsewhere(
        &self,
        client: &Client,
        ledger: &mut ExchangeLedger,
        error: &ExchangeError,
        asks: &mut dyn Operator,
    ) -> Result<bool, ExchangeError> {
        let ExchangeError::Web(WebError::CrossOrigin { to, .. }) = error else { return Ok(false) };
        // Never down to plain HTTP, and never asked twice.
        if !to.starts_with("https://") || ledger.exchange.allowed.contains(to) {
            return Ok(false);
        }
        let server = text::one_line(&ledger.exchange.server);
        let question = OutsideQuestion::MayComeFrom { server, to: to.clone() };
        let allowed = self.allowed.contains(to) || asks.confirm(&question).unwrap_or(false);
        if allowed {
            self.note(ledger, Event::Allowed { origin: to.clone() })?;
            let trust = self.trust(session_of(&ledger.exchange).ca.as_deref());
            client.also_from(to, &trust, self.way.to(to))?;
            self.console.note(format!("Going on at {to}"));
        }
        Ok(allowed)
    }

    /// Looks for the list that never arrived: first where this session would
    /// show it, then by sending the code again, which either gives the list or
    /// proves that it is spent.
    fn recover_list(
        &self,
        client: &Client,
        ledger: &mut ExchangeLedger,
        session: &ExchangeSession,
        code: Option<&DownloadCode>,
    ) -> Result<(), ExchangeError> {
        let server = ledger.exchange.server.clone();
        let page = client.get(session.list_url.as_deref().unwrap_or(&server))?;
        if let Ok(VendorAnswer::Offers(offers)) = self.labels.read_answer(&page) {
            return Ok(self.note(ledger, Event::Listed { offers })?);
        }
        let Some(code) = code else {
            let (exchange, code) = (ledger.exchange.id.short(), ledger.exchange.code.clone());
            return Err(ExchangeError::CodeNeeded { exchange, code });
        };
        let form = match self.labels.fill_code(&page, code.0.reveal()) {
            Ok(form) => form,
            Err(_) => self.labels.fill_code(&client.get(&server)?.ok()?, code.0.reveal())?,
        };
        self.spend(client, ledger, &form, code)
    }

    fn download_all(
        &self,
        client: &Client,
        ledger: &mut ExchangeLedger,
        fresh: &mut Vec<usize>,
        asks: &mut dyn Operator,
    ) -> Result<(), ExchangeError> {
        let courier = Downloader { vault: self.vault, console: self.console, time: self.time, client };
        let mut first: Option<ExchangeError> = None;
        loop {
            let missing: Vec<ListedPackage> = ledger.exchange.missing().into_iter().cloned().collect();
            self.need_room(self.bytes_to_come(ledger.exchange.id, &missing))?;
            for offer in &missing {
                // A package that fails does not end the others: the session may be over by the next run.
                let mut got = courier.bring(ledger, offer);
                for _ in 0..MAX_HOPS {
                    match &got {
                        Err(error) if self.let_elsewhere(client, ledger, error, asks)? => {
                            got = courier.bring(ledger, offer);
                        }
                        _ => break,
                    }
                }
                if matches!(&got, Err(error) if courier.is_stale(error)) {
                    // The link may have been good for one session only; the list gives a new one.
                    if let Some(renewed) = self.renewed(client, ledger, offer) {
                        got = courier.bring(ledger, &renewed);
                    }
                }
                match got {
                    Ok(()) => fresh.push(offer.number),
                    Err(error) => {
                        let why = error.to_string();
                        self.note(ledger, Event::Troubled { number: Some(offer.number), why })?;
                        self.console.warn(format!("{}: {error}", offer.title));
                        // What no further package can do either.
                        let full = matches!(
                            &error,
                            ExchangeError::Vault(_) | ExchangeError::Web(WebError::CrossOrigin { .. })
                        );
                        first.get_or_insert(error);
                        if full {
                            break;
                        }
                    }
                }
            }
            if first.is_some() || !self.more_offered(client, ledger)? {
                break;
            }
        }
        let (missing, listed) = (ledger.exchange.missing().len(), ledger.exchange.offers.len());
        match first {
            // The word that it is over may have come without its line feed.
            None if ledger.exchange.closed => Ok(()),
            None => {
                if let Err(error) = self.keep_notes(client, ledger) {
                    self.console.warn(format!("release notes can't be kept: {error}"));
                }
                Ok(self.note(ledger, Event::Closed { abandoned: None })?)
            }
            Some(
                error @ (ExchangeError::Vault(_)
                | ExchangeError::Changed { .. }
                | ExchangeError::Web(WebError::CrossOrigin { .. } | WebError::Proxy { .. })),
            ) => Err(error),
            Some(error) => {
                let gone = courier.is_stale(&error);
                let retry_after_secs = match &error {
                    ExchangeError::Web(WebError::Status { retry_after_secs, .. }) => *retry_after_secs,
                    _ => None,
                };
                Err(ExchangeError::Incomplete { missing, listed, why: error.to_string(), gone, retry_after_secs })
            }
        }
    }

    /// Reads the list again when it has greyed-out rows: what was fetched may
    /// have opened them. Returns whether something new is offered.
    fn more_offered(&self, client: &Client, ledger: &mut ExchangeLedger) -> Result<bool, ExchangeError> {
        if ledger.exchange.greyed().is_empty() {
            return Ok(false);
        }
        let Some(now) = self.list_now(client, ledger) else { return Ok(false) };
        let mut offers = ledger.exchange.offers.clone();
        let mut more = false;
        for offer in offers.iter_mut().filter(|offer| offer.link.is_none()) {
            let opened = now.iter().find(|other| other.title == offer.title && other.link.is_some());
            if let Some(opened) = opened {
                offer.link.clone_from(&opened.link);
                more = true;
            }
        }
        if more {
            self.note(ledger, Event::Listed { offers })?;
        }
        Ok(more)
    }

    fn renewed(&self, client: &Client, ledger: &ExchangeLedger, offer: &ListedPackage) -> Option<ListedPackage> {
        let now = self.list_now(client, ledger)?;
        let same = now.into_iter().find(|other| other.title == offer.title && other.link.is_some())?;
        // The same link would fail the same way.
        (same.link != offer.link).then(|| ListedPackage { link: same.link, ..offer.clone() })
    }

    fn list_now(&self, client: &Client, ledger: &ExchangeLedger) -> Option<Vec<ListedPackage>> {
        let url = session_of(&ledger.exchange).list_url?;
        match self.labels.read_answer(&client.get(&url).ok()?) {
            Ok(VendorAnswer::Offers(offers)) => Some(offers),
            _ => None,
        }
    }

    // The certificate that was given with the first run is kept for the
    // others: without it a proxy that opens TLS would end them.
    fn client(&self, server: &str, kept_ca: Option<&str>, allowed: &[String]) -> Result<Client, ExchangeError> {
        let trust = self.trust(kept_ca);
        let client = Client::through(server, &trust, self.timeouts, self.way.to(server))?;
        for origin in allowed {
            client.also_from(origin, &trust, self.way.to(origin))?;
        }
        Ok(client)
    }

    fn trust(&self, kept_ca: Option<&str>) -> TlsTrust {
        match self.ca.as_deref().or(kept_ca) {
            Some(pem) => TlsTrust::CaFile(pem.as_bytes().to_vec()),
            None => TlsTrust::WebPki,
        }
    }

    fn note_session(
        &self,
        client: &Client,
        ledger: &mut ExchangeLedger,
        list_url: Option<&str>,
    ) -> Result<(), VaultError> {
        let before = session_of(&ledger.exchange);
        let session = ExchangeSession {
            cookies: client.cookies(),
            list_url: list_url.map(str::to_owned).or(before.list_url),
            ca: self.ca.clone().or(before.ca),
        };
        let session = SessionNote(serde_json::to_value(session).expect("cookies are text"));
        // The same session is not written twice, or the record would grow with every look.
        if ledger.exchange.session.as_ref() == Some(&session) {
            return Ok(());
        }
        ledger.keep_session(session)
    }

    fn note(&self, ledger: &mut ExchangeLedger, event: Event) -> Result<(), VaultError> {
        ledger.write(self.time.now(), event)
    }

    fn bytes_to_come(&self, id: Id, missing: &[ListedPackage]) -> u64 {
        let to_come = |offer: &ListedPackage| {
            let size = offer.size.as_deref().and_then(read_size).unwrap_or(0);
            size.saturating_sub(self.vault.partial_bytes(id, offer.number))
        };
        missing.iter().map(to_come).fold(0, u64::saturating_add)
    }

    // Looked at before each round: a disk that fills up in the middle may cost a session that does not come again.
    fn need_room(&self, bytes: u64) -> Result<(), ExchangeError> {
        let folder = self.vault.root();
        let facts = Medium { root: folder.to_owned() }.facts().map_err(VaultError::from)?;
        let needed_bytes = bytes.saturating_add(RESERVE_BYTES);
        if facts.free_bytes >= needed_bytes {
            return Ok(());
        }
        let folder = folder.shown();
        Err(ExchangeError::NoRoom { needed_bytes, free_bytes: facts.free_bytes, folder })
    }
}

/// The session as the record has it; an empty one where it has none that reads.
fn session_of(exchange: &Exchange) -> ExchangeSession {
    let note = exchange.session.clone();
    note.and_then(|note| serde_json::from_value(note.0).ok()).unwrap_or_default()
}
