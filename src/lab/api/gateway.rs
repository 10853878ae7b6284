//! What the interface for programs remembers: its tokens, and how often it was called.

use crate::model::{Id, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Instant;

/// What the interface remembers.
#[derive(Default)]
pub(in crate::lab) struct Gateway {
    pub(super) tokens: Tokens,
    /// The second that calls are counted in, and how many there were.
    window: Option<(Instant, u32)>,
    pub(in crate::lab) record: ApiRecord,
}

/// What tests want to know afterwards.
#[derive(Default, Serialize)]
pub(in crate::lab) struct ApiRecord {
    /// Calls, by what was asked.
    pub(super) calls: BTreeMap<String, u32>,
    /// Calls that did not say that the connection ends with them.
    pub(super) kept_open: u32,
    pub(super) tokens: u32,
    pub(super) refused: u32,
    pub(super) slowed: u32,
}

impl Gateway {
    /// Counts a call; how many there were in this second.
    pub(super) fn count(&mut self) -> u32 {
        match &mut self.window {
            Some((began, used)) if began.elapsed().as_secs() == 0 => {
                *used += 1;
                *used
            }
            window => window.insert((Instant::now(), 1)).1,
        }
    }
}

/// Life of a token, in seconds.
pub(super) const LIFE_SECS: i64 = 3600;
/// The one after these ends the oldest.
const MAX_TOKENS: usize = 30;

/// The tokens that are good.
#[derive(Default)]
pub(super) struct Tokens {
    good: Vec<(String, Timestamp)>,
    restarts: u32,
}

impl Tokens {
    pub(super) fn clear(&mut self) {
        self.good.clear();
    }

    /// Whether `text` is one; a restart ends them all.
    pub(super) fn holds(&mut self, text: &str, now: Timestamp, restarts: u32) -> bool {
        if std::mem::replace(&mut self.restarts, restarts) != restarts {
            self.clear();
        }
        self.good.iter().any(|(token, made)| token == text && (0..LIFE_SECS).contains(&now.secs_since(*made)))
    }

    pub(super) fn make(&mut self, now: Timestamp, restarts: u32) -> String {
        if std::mem::replace(&mut self.restarts, restarts) != restarts {
            self.clear();
        }
        if self.good.len() == MAX_TOKENS {
            self.good.remove(0);
        }
        let token = Id::random().to_string();
        self.good.push((token.clone(), now));
        token
    }
}
