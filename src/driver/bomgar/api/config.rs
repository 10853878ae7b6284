//! The Configuration API's Jump Clients: every page of the list, counted.

use super::Lack;
use crate::driver::site::{ClientCounts, LateClient, MAX_LATE};
use crate::model::{Sha256Digest, text};
use crate::web::Reply;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Why an account by user name gets no list.
pub(super) const NEEDS_OAUTH: &str = "the Configuration API takes an API account only (api_client_id), no user";

/// Clients on a page: the most the site gives.
const PER_PAGE: usize = 100;
/// Most clients that are counted: more than any appliance carries.
const MAX_CLIENTS: usize = 200_000;
/// Most pages that are asked for.
const MAX_PAGES: u32 = (MAX_CLIENTS / PER_PAGE) as u32;

/// What stands in a client's `connection_type` when it is gone from its computer.
const UNINSTALLED: &str = "uninstalled";
/// What stands there when it waits to be asked.
const PASSIVE: &str = "passive";

/// One client, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub(super) struct JumpClient {
    id: u64,
    needs_update: Option<bool>,
    connection_type: Option<String>,
    name: Option<String>,
    hostname: Option<String>,
    jump_group_id: Option<u64>,
    last_connect_timestamp: Option<String>,
}

impl JumpClient {
    fn state(&self) -> ClientState {
        match (self.connection_type.as_deref(), self.needs_update) {
            // Gone from its computer, it never updates. A wait for it would not end.
            (Some(UNINSTALLED), _) => ClientState::Uninstalled,
            (_, Some(false)) => ClientState::Current,
            (_, Some(true)) => ClientState::Outdated,
            (_, None) => ClientState::Unknown,
        }
    }

    /// It, as one that has not updated.
    fn late(&self) -> LateClient {
        let names = [&self.name, &self.hostname].into_iter().flatten();
        let name = names.map(|name| text::one_line(name)).find(|name| !name.is_empty());
        let passive = self.connection_type.as_deref() == Some(PASSIVE);
        let name = name.unwrap_or_else(|| format!("number {}", self.id));
        // The interface names no group, but by its number.
        let group = self.jump_group_id.map(|number| format!("number {number}"));
        LateClient::new(&name, group.as_deref(), self.last_connect_timestamp.as_deref(), passive)
    }
}

/// What a client is, as far as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ClientState {
    Current,
    Outdated,
    /// Nothing tells whether it needs an update.
    Unknown,
    Uninstalled,
}

impl ClientState {
    /// Whether the wait goes on for such a one.
    fn is_late(self) -> bool {
        // Silence is no evidence: the soak ends by this count, and what is left behind must be installed by hand.
        matches!(self, ClientState::Outdated | ClientState::Unknown)
    }

    /// The word for it in the digest of the counts.
    fn word(self) -> &'static str {
        match self {
            ClientState::Current => "current",
            ClientState::Outdated => "outdated",
            ClientState::Unknown => "unknown",
            ClientState::Uninstalled => UNINSTALLED,
        }
    }
}

/// What the answer's header says of the whole list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Paging {
    last_page: Option<u32>,
    total: Option<u64>,
}

impl Paging {
    pub(super) fn of(reply: &Reply) -> Self {
        fn number<T: std::str::FromStr>(reply: &Reply, name: &str) -> Option<T> {
            reply.header(name).and_then(|text| text.trim().parse().ok())
        }
        Paging { last_page: number(reply, "x-bt-pagination-last-page"), total: number(reply, "x-bt-pagination-total") }
    }
}

/// One page of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ClientPage {
    clients: Vec<JumpClient>,
    paging: Paging,
}

/// The address of a page, from 1.
pub(super) fn path(page: u32) -> String {
    format!("/api/config/v1/jump-client?per_page={PER_PAGE}&current_page={page}")
}

/// Reads one page.
pub(super) fn read_page(body: &[u8], paging: Paging) -> Result<ClientPage, Lack> {
    let clients: Vec<JumpClient> =
        serde_json::from_slice(body).map_err(|_| Lack::Lacks("its list of Jump Clients can't be read".to_owned()))?;
    if clients.len() > PER_PAGE {
        return Err(Lack::Lacks(format!("a page holds more than the {PER_PAGE} clients asked for")));
    }
    Ok(ClientPage { clients, paging })
}

/// Counts the clients of every page that `page` fetches.
///
/// A list that changes while it is read proves nothing: a client counted
/// twice, or a total that is not reached, is a [`Lack`].
pub(super) fn client_counts(mut page: impl FnMut(u32) -> Result<ClientPage, Lack>) -> Result<ClientCounts, Lack> {
    let changed = || Lack::Lacks("the list changed while it was read; ask again".to_owned());
    let mut states: BTreeMap<u64, ClientState> = BTreeMap::new();
    let mut late: BTreeMap<u64, LateClient> = BTreeMap::new();
    let mut total = None;
    for number in 1..=MAX_PAGES {
        let ClientPage { clients: listed, paging } = page(number)?;
        // The list is cut into pages anew for each call. A client that comes or goes
        // in between moves another across the cut, and that one is in neither page.
        if number > 1 && paging.total != total {
            return Err(changed());
        }
        total = paging.total;
        let full = listed.len() == PER_PAGE;
        for client in listed {
            let state = client.state();
            if states.insert(client.id, state).is_some() {
                return Err(changed());
            }
            if state.is_late() {
                late.insert(client.id, client.late());
            }
            // The lowest numbers stay, so that two counts of the same clients name the same ones.
            if late.len() > MAX_LATE {
                late.pop_last();
            }
        }
        if !paging.last_page.map_or(full, |last| number < last) {
            if total.is_some_and(|total| total != states.len() as u64) {
                return Err(changed());
            }
            return Ok(counted(&states, late.into_values().collect()));
        }
    }
    Err(Lack::Lacks(format!("it lists more than {MAX_CLIENTS} Jump Clients")))
}

fn counted(states: &BTreeMap<u64, ClientState>, late: Vec<LateClient>) -> ClientCounts {
    let mut digest = Sha256::new();
    // In order of numbers: the same clients give the same digest, in whatever order the site listed them.
    for (id, state) in states {
        digest.update(format!("{id} {}\n", state.word()));
    }
    let count = |wanted: fn(ClientState) -> bool| states.values().filter(|state| wanted(**state)).count() as u64;
    ClientCounts {
        seen: count(|state| state != ClientState::Uninstalled),
        outdated: count(ClientState::is_late),
        uninstalled: count(|state| state == ClientState::Uninstalled),
        sha256: Sha256Digest::finish(digest),
        late,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn client(id: u64, needs_update: Option<bool>) -> JumpClient {
        let (connection_type, name) = (Some("active".to_owned()), Some(format!("desk-{id}\n")));
        JumpClient {
            id,
            needs_update,
            connection_type,
            name,
            hostname: None,
            jump_group_id: None,
            last_connect_timestamp: None,
        }
    }

    /// Serves a list page by page, with or without the headers.
    fn serve(all: &[JumpClient], headers: bool) -> impl FnMut(u32) -> Result<ClientPage, Lack> {
        move |page| {
            let at = (page as usize - 1) * PER_PAGE;
            let clients = all.iter().skip(at).take(PER_PAGE).cloned().collect();
            let last = u32::try_from(all.len().div_ceil(PER_PAGE).max(1)).expect("few");
            let paging = Paging { last_page: Some(last), total: Some(all.len() as u64) };
            Ok(ClientPage { clients, paging: if headers { paging } else { Paging::default() } })
        }
    }

    #[test]
    fn a_page_is_read_by_the_fields_that_matter() {
        let body = br#"[{"id":7,"name":"desk","needs_update":false,"connection_type":"active","tag":null},
                       {"id":8,"needs_update":true,"jump_group_id":3,"connection_type":"passive"},{"id":9,"connection_type":"uninstalled"}]"#;
        let listed = read_page(body, Paging::default()).expect("reads");
        let client_counts = client_counts(|_| Ok(listed.clone())).expect("counts");
        assert_eq!((client_counts.seen, client_counts.outdated, client_counts.uninstalled), (2, 1, 1));
        let late: Vec<String> = client_counts.late.iter().map(LateClient::told).collect();
        assert_eq!(late, ["number 8, group number 3, no contact is shown, passive"]);
        for bad in [&b"{}"[..], b"Document Not Found", b"[{\"id\":\"x\"}]", b"[{}]", b""] {
            assert!(read_page(bad, Paging::default()).is_err());
        }
    }

    #[test]
    fn a_list_that_changes_meanwhile_proves_nothing() {
        let all: Vec<_> = (0..150).map(|id| client(id, Some(false))).collect();
        assert!(client_counts(serve(&all, true)).is_ok());
        let mut twice = all.clone();
        twice[120] = client(3, Some(false));
        assert!(client_counts(serve(&twice, true)).is_err(), "a client twice");
        let short = client_counts(|page| {
            let mut listed = serve(&all, true)(page)?;
            listed.clients.truncate(40);
            Ok(listed)
        });
        assert!(short.is_err(), "fewer than the total");
    }

    proptest! {
        #[test]
        fn every_client_is_counted_once_whatever_the_pages(states in proptest::collection::vec(proptest::option::of(any::<bool>()), 0..450), headers in any::<bool>()) {
            let all: Vec<_> = states.iter().enumerate().map(|(id, state)| client(id as u64, *state)).collect();
            let client_counts = client_counts(serve(&all, headers)).expect("counts");
            prop_assert_eq!(client_counts.seen, all.len() as u64);
            prop_assert_eq!(client_counts.outdated, states.iter().filter(|s| **s != Some(false)).count() as u64);
        }

        #[test]
        fn no_page_makes_it_fall_over(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read_page(&body, Paging::default());
        }
    }
}
