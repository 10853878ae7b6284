//! The site's interface for programs, where it has one and the inventory
//! names an account for it.
//!
//! Each call goes on a connection of its own, within the rate the site allows.
//! A token is renewed once when the site no longer takes it; a refused secret
//! is never sent again. What a site lacks (an older version, a missing
//! permission) is [`Lack`]: the caller falls back to pages or to a person, and
//! [`Api::notices`] tells it once for each operation. A command that changes
//! something is sent once.

mod backup;
mod command;
mod config;
mod legacy;
mod oauth;
mod operation;
mod pace;
mod transport;
mod xml;

use super::session::{PAGE, WORK};
use crate::driver::attempts::Attempts;
use crate::driver::listener::Listener;
use crate::driver::site::{ApiOffer, ClientCounts, Connected, Health, Offers};
use crate::driver::{BackupOptions, DriverError};
use crate::inventory::ApiAccount;
use crate::model::{Meter, Secret, Time, Timestamp};
use crate::web::{Client, TlsTrust, WebError};
use legacy::Plain;
use oauth::Token;
use operation::Operation;
use pace::Pace;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::rc::Rc;
use transport::Ask;
use zeroize::Zeroizing;

/// Largest answer but a backup, in bytes: a page of a hundred clients is a tenth of it.
const MAX_ANSWER_BYTES: usize = 4 << 20;
const MAX_ANSWER: &str = "an answer of more than 4 MiB";

/// Why the interface gave nothing.
#[derive(Debug)]
pub(super) enum Lack {
    /// The site, or the account, does not have it; something else must do.
    Lacks(String),
    /// There is nothing at that address; another may have it.
    Missing(String),
    /// Nobody can do it now.
    Broken(DriverError),
}

impl From<DriverError> for Lack {
    fn from(error: DriverError) -> Self {
        Lack::Broken(error)
    }
}

impl From<WebError> for Lack {
    fn from(error: WebError) -> Self {
        Lack::Broken(error.into())
    }
}

/// One site's interface.
pub(super) struct Api {
    account: ApiAccount,
    asks: Listener,
    base: PathBuf,
    quick: Client,
    patient: Client,
    secret: Option<Secret>,
    token: Option<Token>,
    /// What follows the name of an endpoint, once that is known.
    suffix: Option<&'static str>,
    time: Rc<dyn Time>,
    pace: Pace,
    /// Why nothing is asked any more.
    refused: Option<String>,
    lacking: BTreeMap<Operation, String>,
    notices: Vec<String>,
    attempts: Attempts,
}

impl Api {
    /// Makes one; sends nothing.
    ///
    /// # Errors
    /// [`WebError::BadUrl`], [`WebError::BadCertificate`].
    pub(super) fn new(
        url: &str,
        trust: &TlsTrust,
        account: &ApiAccount,
        base: PathBuf,
        asks: Listener,
        time: Rc<dyn Time>,
    ) -> Result<Self, WebError> {
        Ok(Api {
            attempts: Attempts::of(&base, url),
            account: account.clone(),
            asks,
            base,
            // Two clients: a site that packs a backup is silent for as long as one that is dead.
            quick: Client::new(url, trust, PAGE)?,
            patient: Client::new(url, trust, WORK)?,
            secret: None,
            token: None,
            suffix: None,
            pace: Pace::new(Rc::clone(&time)),
            time,
            refused: None,
            lacking: BTreeMap::new(),
            notices: Vec::new(),
        })
    }

    /// What was found lacking since this was last asked, a line each.
    pub(super) fn notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }

    pub(super) fn health(&mut self) -> Result<Option<Health>, DriverError> {
        let answer = self.command(Operation::Health, "check_health", &[]);
        self.settle(Operation::Health, answer.and_then(|body| command::read_health(&body)))
    }

    /// The site's own clock, if it tells it.
    pub(super) fn clock(&mut self) -> Result<Option<Timestamp>, DriverError> {
        Ok(self.info()?.and_then(|info| info.clock))
    }

    fn info(&mut self) -> Result<Option<command::Info>, DriverError> {
        let answer = self.command(Operation::Info, "get_api_info", &[]);
        self.settle(Operation::Info, answer.and_then(|body| command::read_info(&body)))
    }

    pub(super) fn connected(&mut self) -> Result<Option<Connected>, DriverError> {
        let fields = [("type", "all"), ("summary_only", "1")];
        let answer = self.command(Operation::Connected, "get_connected_client_list", &fields);
        self.settle(Operation::Connected, answer.and_then(|body| command::read_connected(&body)))
    }

    pub(super) fn client_counts(&mut self) -> Result<Option<ClientCounts>, DriverError> {
        let taken = config::client_counts(|page| self.jump_clients(page));
        self.settle(Operation::Clients, taken)
    }

    /// Streams a backup into `sink`; `None` where the interface has none.
    pub(super) fn backup(
        &mut self,
        options: &BackupOptions<'_>,
        sink: &mut dyn Write,
        meter: &dyn Meter,
    ) -> Result<Option<u64>, DriverError> {
        let made = backup::download(self, options, sink, meter);
        self.settle(Operation::Backup, made)
    }

    /// What the account may do, and so which steps are done here.
    pub(super) fn offers(&mut self) -> Result<Offers, DriverError> {
        let info = self.info()?.unwrap_or_default();
        let old = matches!(self.account, ApiAccount::User(_));
        let steps = Operation::ALL.map(|operation| {
            let lacks = match (self.lacking.get(&operation), operation.permitted(&info.permissions)) {
                (Some(why), _) => Some(why.clone()),
                _ if self.lacking.contains_key(&Operation::Info) => Some("it tells nothing of itself".to_owned()),
                (None, _) if old && operation == Operation::Clients => Some(config::NEEDS_OAUTH.to_owned()),
                (None, Some(false)) => Some("the account lacks the permission".to_owned()),
                (None, Some(true)) => None,
                (None, None) => Some("it names no such permission".to_owned()),
            };
            ApiOffer { step: operation.name(), lacks }
        });
        Ok(Offers { version: info.version, clock: info.clock, permissions: info.permissions, steps: steps.into() })
    }

    /// Makes of a lack a note, told once, and `None`.
    fn settle<T>(&mut self, operation: Operation, outcome: Result<T, Lack>) -> Result<Option<T>, DriverError> {
        match outcome {
            Ok(done) => Ok(Some(done)),
            Err(Lack::Broken(error)) => Err(error),
            Err(Lack::Lacks(why) | Lack::Missing(why)) => {
                if let std::collections::btree_map::Entry::Vacant(first) = self.lacking.entry(operation) {
                    let (name, instead) = (operation.name(), operation.instead());
                    self.notices.push(format!("the site's API gives no {name} here: {why}; {instead}"));
                    first.insert(why);
                }
                Ok(None)
            }
        }
    }

    /// Asks for one command's XML.
    fn command(
        &mut self,
        operation: Operation,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Result<Zeroizing<Vec<u8>>, Lack> {
        let fields: Vec<(&str, &str)> = std::iter::once(("action", action)).chain(fields.iter().copied()).collect();
        let reply = self.endpoint("command", |path| Ask {
            operation,
            path,
            accept: "text/xml, application/xml",
            fields: &fields,
            json: None,
            patient: false,
        })?;
        // Noted before the body is read, which takes the reply.
        let (place, page) = (reply.place.clone(), transport::is_page(&reply));
        let body = self.quick.read_reply(reply, MAX_ANSWER_BYTES, MAX_ANSWER)?;
        match legacy::message(&body, true) {
            // The interface answers in XML. Pages for people come from
            // portals and filters, and are neither a yes nor a no.
            Some(Plain::Other(_)) if page => {
                Err(Lack::Lacks(format!("what answered at {place} is not the site but something in between")))
            }
            Some(Plain::NotThere(said)) => {
                Err(Lack::Lacks(format!("{place} says: {said}; the account may lack the permission")))
            }
            Some(Plain::Refused(said)) => Err(self.refuse(&place, &said)),
            // Only here is it sure that the site itself has read the account and let it in.
            Some(Plain::Other(_)) | None => {
                self.let_in();
                Ok(body)
            }
        }
    }

    /// One page of the Configuration API's Jump Clients.
    fn jump_clients(&mut self, page: u32) -> Result<config::ClientPage, Lack> {
        if matches!(self.account, ApiAccount::User(_)) {
            return Err(Lack::Lacks(config::NEEDS_OAUTH.to_owned()));
        }
        let ask = Ask {
            operation: Operation::Clients,
            path: config::path(page),
            accept: "application/json",
            fields: &[],
            json: None,
            patient: false,
        };
        let reply = self.send(&ask)?;
        let pages = config::Paging::of(&reply);
        let body = self.quick.read_reply(reply, MAX_ANSWER_BYTES, MAX_ANSWER)?;
        config::read_page(&body, pages)
    }
}
