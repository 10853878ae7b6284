//! What a site tells of itself through its API, in words of our own.

use crate::model::{FailoverRole, Offer as OfferedPackage, Sha256Digest, Timestamp, Version, text};
use std::collections::BTreeMap;

/// Which node of an Atlas cluster an appliance is. Source: the health of the
/// command interface's second version, `cluster_role`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ClusterRole {
    /// The node with the site.
    Primary,
    /// A node that clients connect through.
    Traffic,
}

impl ClusterRole {
    /// Reads the site's word; `None` where it stands alone, or says nothing that is known.
    pub fn of_word(word: &str) -> Option<Self> {
        match word.to_lowercase().as_str() {
            "primary" => Some(ClusterRole::Primary),
            "traffic" => Some(ClusterRole::Traffic),
            _ => None,
        }
    }
}

impl std::fmt::Display for ClusterRole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ClusterRole::Primary => "the primary node",
            ClusterRole::Traffic => "a traffic node",
        })
    }
}

/// How a site does. What it does not tell is `None`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Health {
    /// The host name it knows itself by.
    pub appliance: String,
    /// Its identifier, 32 hex digits.
    pub appliance_id: Option<String>,
    /// Version of the site software.
    pub version: Option<Version>,
    /// Build of the site software, all that stands in the brackets behind the version.
    pub build: Option<String>,
    /// Whether it thinks itself sound.
    pub sound: bool,
    /// Why not, in one printable line.
    pub complaint: Option<String>,
    /// Its part in a pair.
    pub role: Option<FailoverRole>,
    /// Its part in an Atlas cluster; `None` where it stands alone.
    pub cluster: Option<ClusterRole>,
    /// Shared addresses that are enabled on it.
    pub shared_ips: Vec<String>,
    /// When data was last synchronised.
    pub synced: Option<Timestamp>,
    /// How that went, as it says it; many sites tell it on the primary only.
    pub sync_status: Option<String>,
}

/// What the page with available updates shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listing {
    /// It is still asking the vendor; what it says.
    Checking(String),
    /// The packages it offers; empty where there is nothing new.
    Offers(Vec<OfferedPackage>),
    /// It shows no list, as before a check.
    Nothing,
}

/// The Jump Clients of shared groups, counted. Those of one person's own list
/// are in no interface and are missed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ClientCounts {
    /// Clients that were seen, without those that were removed from their computers.
    pub seen: u64,
    /// Of these, the ones that need an update, or of which that is not told.
    pub outdated: u64,
    /// Clients still listed that were removed from their computers.
    pub uninstalled: u64,
    /// Over each client's number and state, in order of numbers.
    pub sha256: Sha256Digest,
    /// The first of the outdated ones, by their numbers.
    pub late: Vec<LateClient>,
}

/// Most clients that are named of those that have not updated.
// They are named for somebody who goes and sees to them one by one. With more the wait is what helps.
pub const MAX_LATE: usize = 200;

/// How much of a client's name or of its last contact is shown, in characters.
const MAX_LATE_CHARS: usize = 80;

/// A Jump Client that has not updated.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LateClient {
    /// Its name, on one line.
    pub name: String,
    /// The group it belongs to, on one line; `None` where nothing is shown.
    pub group: Option<String>,
    /// What is shown of its last contact, on one line; `None` where nothing is.
    pub last_contact: Option<String>,
    /// Whether it waits to be asked: such a one may take longer than a day.
    pub passive: bool,
}

impl LateClient {
    /// One, by what is shown of it.
    pub fn new(name: &str, group: Option<&str>, last_contact: Option<&str>, passive: bool) -> Self {
        let shown = |text: &str| text::short_line(text, MAX_LATE_CHARS);
        let there = |text: Option<&str>| text.map(shown).filter(|text| !text.is_empty());
        LateClient { name: shown(name), group: there(group), last_contact: there(last_contact), passive }
    }

    /// It, in a few words.
    pub fn told(&self) -> String {
        let group = self.group.as_ref().map(|group| format!(", group {group}"));
        let contact = self.last_contact.as_ref().map(|at| format!(", last contact {at}"));
        let passive = if self.passive { ", passive" } else { "" };
        let contact = contact.unwrap_or_else(|| ", no contact is shown".to_owned());
        format!("{}{}{contact}{passive}", self.name, group.unwrap_or_default())
    }
}

/// What is connected to a site now, by type of client.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Connected {
    /// How many, by the type's name, over all appliances of the site.
    pub counts: BTreeMap<String, u64>,
}

impl Connected {
    /// Jump Clients, whoever they belong to; `None` where they are not counted.
    pub fn jump_clients(&self) -> Option<u64> {
        // That is what the interface calls a Jump Client, in this list alone.
        self.counts.get("pinned_client").copied()
    }
}

/// What a site's API offers to the account in the inventory.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Offers {
    /// The API's version.
    pub version: Option<String>,
    /// Its clock.
    pub clock: Option<Timestamp>,
    /// What the account may do, as the API words it.
    pub permissions: BTreeMap<String, String>,
    /// Each step that an API could do.
    pub steps: Vec<ApiOffer>,
}

impl Offers {
    /// The steps that are done by the API.
    pub fn able(&self) -> impl Iterator<Item = &'static str> {
        self.steps.iter().filter(|offer| offer.lacks.is_none()).map(|offer| offer.step)
    }
}

/// Whether one step is done by the API.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ApiOffer {
    /// The step.
    pub step: &'static str,
    /// Why it is not done by the API; `None` where it is.
    pub lacks: Option<String>,
}
