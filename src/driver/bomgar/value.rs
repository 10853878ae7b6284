//! What probe tells of a control beside its label: the value as it was read, or
//! why it can't be. Pure.

use super::{failover, offers, reading};
use crate::driver::{Words, read_version};
use crate::model::{local_time, text};
use crate::web::Page;

/// Longest value that is told, in characters.
const MAX_TOLD_CHARS: usize = 120;

/// What stands beside a control.
pub(super) enum Value {
    /// As it was read.
    Read(String),
    /// It can't be read.
    Unread { shown: String, why: String },
}

impl Value {
    /// It in a few words.
    pub(super) fn told(self) -> String {
        match self {
            Value::Read(told) | Value::Unread { shown: told, .. } => told,
        }
    }
}

/// What stands beside the control `key` on its page; `None` where nothing of it is read.
pub(super) fn of(key: &'static str, page: &Page, words: &Words) -> Option<Value> {
    let shown = || page.value_of(&words.control(key)).ok().map(|value| text::short_line(&value, MAX_TOLD_CHARS));
    let counted = |count: usize, what: &str| Some(Value::Read(format!("{count} {what}")));
    match key {
        "status.clock" => clock(shown()?, page, words),
        "status.base" | "status.site" => {
            let shown = shown()?;
            Some(match read_version(&shown) {
                Some(version) if version.to_string() == shown => Value::Read(shown),
                Some(version) => Value::Read(format!("{shown}, read as {version}")),
                None => Value::Unread { shown, why: "no version is read from it".to_owned() },
            })
        }
        "status.serial" | "status.model" | "status.host" | "status.build" | "jump.limit" => shown().map(Value::Read),
        "updates.installed" => counted(reading::installed(page, words)?.len(), "packages"),
        "updates.available" => match offers::offers(page, words) {
            Ok(Some(offers)) => counted(offers.len(), "offered"),
            Ok(None) => Some(Value::Read("no list, as before a check for updates".to_owned())),
            Err(error) => Some(Value::Unread { shown: "a list".to_owned(), why: text::one_line(&error.to_string()) }),
        },
        "failover.primary" | "failover.backup" => {
            let seen = failover::read(page, words).ok()?;
            let host = seen.shared_host.unwrap_or_else(|| "a host name that is not read".to_owned());
            let synced = seen.last_sync.map(|at| format!(", last data-sync {}", local_time(at))).unwrap_or_default();
            Some(Value::Read(format!("{host}{synced}")))
        }
        "cert.section" => counted(page.rows_under(&words.control(key)).ok()?.len(), "listed"),
        _ => None,
    }
}

/// The appliance's clock: as shown, and what it is read as.
fn clock(shown: String, page: &Page, words: &Words) -> Option<Value> {
    let machine = page.datetime_of(&words.control("status.clock")).ok().flatten();
    let machine = machine.and_then(|text| words.clock().read(&text).ok());
    match machine.map_or_else(|| words.clock().read(&shown), Ok) {
        Ok(at) => Some(Value::Read(format!("{shown}, read as {}", local_time(at)))),
        Err(doubt) => Some(Value::Unread { shown, why: doubt.to_string() }),
    }
}
