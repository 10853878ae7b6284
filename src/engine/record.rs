//! Between an entry and the journal's record of it, and what an entry tells.

use super::entry::{Entry, Shown};
use crate::journal::Record;
use crate::model::{PackageKey, Status, Timestamp};
use crate::plan::{self, SoakEvidence};
use serde_json::{Map, Value, json};

/// An entry and when it was written.
pub type Noted = (Timestamp, Entry);

impl Entry {
    /// Until when a run waits that wrote it down, by the clock that counts; `None` where it is no wait.
    pub fn waits_until(&self) -> Option<Timestamp> {
        match self {
            Entry::Waiting { until, .. } | Entry::WindowClosed { until, .. } => Some(*until),
            _ => None,
        }
    }

    /// The record's kind and fields.
    pub fn parts(&self) -> (String, Map<String, Value>) {
        let Ok(Value::Object(mut whole)) = serde_json::to_value(self) else {
            unreachable!("an entry is an object with kind and fields");
        };
        let kind = whole.remove("kind").and_then(|kind| kind.as_str().map(str::to_owned));
        let fields = whole.remove("fields").and_then(|fields| fields.as_object().cloned());
        (kind.expect("every entry has a kind"), fields.unwrap_or_default())
    }

    /// What the appliance showed, where the record tells.
    pub fn shown(&self) -> Option<&Shown> {
        match self {
            Entry::StatusRead { shown, .. } | Entry::InstallConfirmed { shown, .. } => Some(shown),
            Entry::InstallStarted { before, .. } => Some(before),
            _ => None,
        }
    }

    /// What the record says of clients, and after which site package.
    pub fn soak_evidence(&self) -> Option<(&PackageKey, SoakEvidence)> {
        match self {
            Entry::ClientsCounted(count) => {
                Some((&count.after, SoakEvidence::Counted { seen: count.seen, outdated: count.outdated }))
            }
            Entry::ClientsRemoved { after, .. } => Some((after, SoakEvidence::Removed)),
            Entry::SoakSkipped(skip) => Some((&skip.after, SoakEvidence::Skipped)),
            _ => None,
        }
    }

    /// The record of a look at an appliance.
    pub fn seen(status: &Status, now: Timestamp) -> Entry {
        Entry::StatusRead {
            serial: status.appliance.serial.clone(),
            shown: status.into(),
            clock_ahead_secs: plan::clock_skew(status, now),
        }
    }

    /// Reads a record; `None` where it is of another kind than the engine's.
    pub fn of(record: &Record) -> Option<Entry> {
        serde_json::from_value(json!({ "kind": record.kind, "fields": record.fields })).ok()
    }
}
