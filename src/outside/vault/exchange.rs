//! What can happen in an exchange, and how far one is.

use super::StoredPackage;
use crate::model::{ApplianceId, Id, RequestRef, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One thing that happened in an exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "fields", rename_all = "kebab-case")]
pub enum Event {
    /// It began; nothing has been sent.
    Opened {
        /// The exchange's id.
        exchange: Id,
        /// The vendor's server.
        server: String,
        /// The last four characters of the code.
        code: String,
        /// The appliance it is for, where that is known.
        appliance: Option<ApplianceId>,
        /// The request that carried the code.
        request: Option<RequestRef>,
    },
    /// The code is about to be sent: from here on it may be spent.
    Spending,
    /// A person let what the server hands out come from another origin as well.
    Allowed {
        /// Its scheme, host and port.
        origin: String,
    },
    /// The server refused it, or had nothing for it.
    Refused {
        /// How.
        refusal: CodeRefusal,
    },
    /// The server answered with a list.
    Listed {
        /// What it offers.
        offers: Vec<ListedPackage>,
    },
    /// Something went wrong; what arrived is kept.
    Troubled {
        /// Which download; `None` for the exchange itself.
        number: Option<usize>,
        /// What went wrong.
        why: String,
    },
    /// A package is complete and about to be put in its place.
    Arrived {
        /// Which download.
        number: usize,
        /// The record it gets.
        kept: Box<StoredPackage>,
    },
    /// A package is in its place, its record too.
    Kept {
        /// Which download.
        number: usize,
    },
    /// Nothing more is expected of it.
    Closed {
        /// `None` where all arrived, else the person's reason to give it up.
        abandoned: Option<String>,
    },
}

/// A session's cookies and what belongs to them, as whoever runs exchanges
/// writes them; a secret, so its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionNote(pub serde_json::Value);

impl std::fmt::Debug for SessionNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionNote(…)")
    }
}

/// Why the server gave no list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodeRefusal {
    /// The code was used before.
    Spent,
    /// The server does not know the code.
    Unknown,
    /// The code is good, and there is nothing for it.
    Nothing,
}

/// One row of the vendor's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedPackage {
    /// Its place in the list, from 1.
    pub number: usize,
    /// Its title.
    pub title: String,
    /// What it says it requires, as written; `None` where it says nothing.
    pub requires: Option<String>,
    /// Its size as written.
    pub size: Option<String>,
    /// Where it is downloaded; `None` where the row has no link (another
    /// package must come first).
    pub link: Option<String>,
    /// Where its release notes stand; `None` where the row leads to none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

/// A trouble on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeTrouble {
    /// When.
    pub at: Timestamp,
    /// Which download; `None` for the exchange itself.
    pub number: Option<usize>,
    /// What went wrong.
    pub why: String,
}

/// An exchange as its record tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// Its id.
    pub id: Id,
    /// When it began.
    pub opened: Timestamp,
    /// The vendor's server.
    pub server: String,
    /// The last four characters of the code.
    pub code: String,
    /// The appliance it is for.
    pub appliance: Option<ApplianceId>,
    /// The request that carried the code.
    pub request: Option<RequestRef>,
    /// The session as it was last; `None` where there was none yet.
    pub session: Option<SessionNote>,
    /// When the code was first about to be sent; `None` where it never was.
    pub spending: Option<Timestamp>,
    /// When the list was read.
    pub listed: Option<Timestamp>,
    /// What the server offers.
    pub offers: Vec<ListedPackage>,
    /// What arrived, by number; in its place where `true`.
    pub arrived: BTreeMap<usize, (StoredPackage, bool)>,
    /// The other origins that a person let its downloads come from.
    pub allowed: Vec<String>,
    /// Why there was no list.
    pub refusal: Option<CodeRefusal>,
    /// What went wrong on the way.
    pub troubles: Vec<ExchangeTrouble>,
    /// Whether nothing more is expected of it.
    pub closed: bool,
}

impl Exchange {
    /// The offers with a link that are not in their place in the vault yet.
    pub fn missing(&self) -> Vec<&ListedPackage> {
        let kept = |offer: &ListedPackage| matches!(self.arrived.get(&offer.number), Some((_, true)));
        self.offers.iter().filter(|offer| offer.link.is_some() && !kept(offer)).collect()
    }

    /// The rows without a link: another package must be fetched or installed first.
    pub fn greyed(&self) -> Vec<&ListedPackage> {
        self.offers.iter().filter(|offer| offer.link.is_none()).collect()
    }

    /// Whether the code may be spent although no list was read.
    pub fn answer_lost(&self) -> bool {
        self.spending.is_some() && self.listed.is_none() && !self.closed
    }

    pub(super) fn begun(at: Timestamp, event: &Event) -> Option<Self> {
        let Event::Opened { exchange, server, code, appliance, request } = event else { return None };
        Some(Exchange {
            id: *exchange,
            opened: at,
            server: server.clone(),
            code: code.clone(),
            appliance: appliance.clone(),
            request: request.clone(),
            session: None,
            spending: None,
            listed: None,
            offers: Vec::new(),
            arrived: BTreeMap::new(),
            allowed: Vec::new(),
            refusal: None,
            troubles: Vec::new(),
            closed: false,
        })
    }

    pub(super) fn apply(&mut self, at: Timestamp, event: Event) {
        match event {
            Event::Opened { .. } => {}
            // The first time stays: vendor support asks when the code was used.
            Event::Spending => self.spending = self.spending.or(Some(at)),
            Event::Allowed { origin } => self.allowed.push(origin),
            // A refused code is over with: whatever is to come, comes under a new one.
            Event::Refused { refusal } => (self.refusal, self.closed) = (Some(refusal), true),
            Event::Listed { offers } => (self.listed, self.offers) = (Some(at), offers),
            Event::Troubled { number, why } => self.troubles.push(ExchangeTrouble { at, number, why }),
            Event::Arrived { number, kept } => drop(self.arrived.insert(number, (*kept, false))),
            Event::Kept { number } => {
                if let Some((_, in_place)) = self.arrived.get_mut(&number) {
                    *in_place = true;
                }
            }
            Event::Closed { .. } => self.closed = true,
        }
    }
}
