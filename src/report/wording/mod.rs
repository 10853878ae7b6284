//! All words of reports, by language: of the checklist here, of pages in
//! `pages.rs` and the files of each language. Menus and buttons are named as
//! the appliance shows them in that language.

mod english;
mod english_events;
mod english_evidence;
mod english_pages;
mod pages;
mod portuguese;
mod portuguese_events;
mod portuguese_evidence;
mod portuguese_pages;

pub(super) use english::English;
pub(super) use pages::PageWords;
pub(super) use portuguese::Portuguese;

use super::topic::{Topic, Unasked};
use crate::language::Tongue;
use crate::model::{Timestamp, local_time_in};

/// The README of an evidence pack in a language.
pub(super) const fn readme_of(language: Tongue) -> &'static str {
    match language {
        Tongue::En => english_evidence::README,
        Tongue::Pt => portuguese_evidence::README,
    }
}

/// What pages say in a language.
pub(super) const fn words_of(language: Tongue) -> &'static PageWords {
    match language {
        Tongue::En => &english_pages::ENGLISH,
        Tongue::Pt => &portuguese_pages::PORTUGUESE,
    }
}

/// A time as a text tells it in a language: local first, UTC behind it.
pub(super) fn time_in(language: Tongue, at: Timestamp) -> String {
    local_time_in(at, words_of(language).days)
}

/// One language's words.
pub(super) trait Wording {
    fn title(&self, name: &str) -> String;
    /// Nothing that was installed touches clients.
    fn untouched(&self, installed: &[String]) -> String;
    fn touched(&self, installed: &[String], site: &str, at: &str) -> String;
    /// A moment as it is compared with the dates of clients; `own` where it is
    /// by the appliance's clock.
    fn moment(&self, at: &str, own: bool) -> String;
    /// All client software was removed first, so that none updates by itself.
    fn removed(&self, installed: &[String], site: &str, at: &str) -> String;
    /// A topic's name and what to do about it.
    fn topic(&self, topic: Topic, site: &str, at: &str) -> (String, String);
    /// The same where all client software was removed first.
    fn anew(&self, topic: Topic, site: &str, at: &str) -> (String, String);
    /// Every Jump Client that was seen has updated.
    fn updated(&self, seen: u64) -> String;
    /// Some have not, or too few were seen.
    fn behind(&self, seen: u64, outdated: u64, wanted: u64) -> String;
    /// More are connected than were counted.
    fn personal(&self, seen: u64, connected: u64) -> String;
    /// So many clients of a kind are connected.
    fn connected(&self, count: u64) -> String;
    /// So many Jump Clients may update at once.
    fn limit(&self, limit: u64) -> String;
    /// The version the site shows beside the one that was installed.
    fn version(&self, version: &str, site: &str, sound: Option<bool>) -> String;
    /// The API tells nothing of it.
    fn nothing(&self) -> String;
    /// Why nothing at all was asked.
    fn unasked(&self, why: &Unasked) -> String;
}
