//! The event log: what touched trust and custody on this machine, for an
//! auditor and for a collector of such events.
//!
//! `events.jsonl` in a half's folder is a chained log as [`crate::journal`]
//! has it. An event is written when what it tells is done, and then sent to a
//! syslog collector (RFC 5424) where one is named. A log or collector that
//! fails is told and ends no work: what was done counts more than its record.
//! Each message has the record's number and digest, so that a log which was
//! rewritten or cut differs from what the collector has.
//!
//! It knows no verb, and no person but by name. The kinds are one table in `kind.rs`.

mod error;
mod kind;
mod send;
mod syslog;
mod weight;

pub use error::EventLogError;
pub use kind::SecurityEvent;
pub use send::{SyslogAddress, host};
pub use syslog::message;

use crate::journal::{self, Chain, Journal, JournalError, LogRules, MAX_JOURNAL_BYTES, MAX_LINE_BYTES, Record};
use crate::media::{self, LockWait};
use crate::model::{Sha256Digest, Timestamp, text};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// The file's name in a half's folder.
const FILE: &str = "events.jsonl";

/// The members that every event has: who ran what, in which process.
const COMMON: [&str; 3] = ["by", "command", "pid"];

/// Longest text of a member, in bytes: a message names a file or two.
// A name on a stick may be as long as a filesystem allows, and a collector
// need not take a message beyond 8 KiB.
const MAX_TEXT_BYTES: usize = 1024;

/// What the log may hold. Many runs may write at once, so a turn is waited for.
const RULES: LogRules =
    LogRules { line_bytes: MAX_LINE_BYTES, bytes: MAX_JOURNAL_BYTES, lock: Some(LockWait::Turn), goes_on: false };

/// Who runs what.
#[derive(Debug, Clone)]
pub struct EventOrigin {
    /// The program's name.
    pub program: &'static str,
    /// The account.
    pub by: String,
    /// The command as it was typed, without a code.
    pub command: String,
}

/// Where a run's events go.
#[derive(Debug, Clone)]
pub struct EventLog {
    path: PathBuf,
    origin: EventOrigin,
    collector: Option<SyslogAddress>,
}

impl EventLog {
    /// The log in a half's folder; nothing is made before the first event.
    pub fn at(home: &Path, origin: EventOrigin, collector: Option<SyslogAddress>) -> Self {
        EventLog { path: home.join(FILE), origin, collector }
    }

    /// Writes events and sends them; returns what went wrong. One that can't be
    /// written is sent all the same. The log is opened and proved once for all of them.
    #[must_use]
    pub fn write(&self, at: Timestamp, events: &[SecurityEvent]) -> Vec<EventLogError> {
        let mut troubles: Vec<EventLogError> = Vec::new();
        if events.is_empty() {
            return troubles;
        }
        let opened = Journal::open_within(&self.path, at, &RULES);
        let mut journal = opened.map_err(|error| troubles.push(error.into())).ok();
        for event in events {
            let (kind, fields) = self.laid_out(event);
            let appended = journal.as_mut().map(|journal| journal.append(at, &kind, &fields).cloned());
            let written = appended.and_then(|appended| appended.map_err(|error| troubles.push(error.into())).ok());
            let Some(collector) = &self.collector else { continue };
            let chained = written.is_some();
            let record =
                written.unwrap_or_else(|| Record { seq: 0, time: at, kind, fields, sha256: Sha256Digest::of(b"") });
            let sent = collector.send(&message(&record, self.origin.program, &host(), chained));
            troubles.extend(sent.err().map(|source| EventLogError::Unsent { to: collector.to_string(), source }));
        }
        troubles
    }

    /// An event's kind and members, those that every event has among them.
    fn laid_out(&self, event: &SecurityEvent) -> (String, Map<String, Value>) {
        let (kind, mut fields) = journal::tagged(event);
        let common = [Value::from(&*self.origin.by), Value::from(&*self.origin.command), std::process::id().into()];
        fields.extend(COMMON.map(str::to_owned).into_iter().zip(common));
        fields.values_mut().for_each(bounded);
        (kind, fields)
    }

    /// Makes durable what an earlier run wrote and was killed over; makes nothing
    /// where there is none.
    ///
    /// # Errors
    /// What the disk says.
    pub fn settle(&self) -> Result<(), EventLogError> {
        // What can't be opened for writing is a log that no run of this account writes.
        let Ok(file) = std::fs::OpenOptions::new().append(true).open(&self.path) else { return Ok(()) };
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let folders = [Some(folder), folder.parent().filter(|above| !above.as_os_str().is_empty())];
        let settled = file
            .sync_all()
            .and_then(|()| folders.into_iter().flatten().try_for_each(|at| media::sync_dir(at).map_err(Into::into)));
        settled.map_err(|source| JournalError::Unwritable { path: self.path.clone(), source }.into())
    }

    /// Reads the log and proves its chain; `None` where nothing was logged yet.
    ///
    /// # Errors
    /// [`EventLogError::Changed`] with the line.
    pub fn read(&self) -> Result<Option<Chain>, EventLogError> {
        match journal::read_within(&self.path, &RULES) {
            Err(JournalError::Missing { .. }) => Ok(None),
            read => Ok(Some(read?)),
        }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A record in one line for people, without its time.
pub fn told(record: &Record) -> String {
    let (_, severity) = syslog::weight(record);
    let by = record.text("by").map_or_else(String::new, |by| format!("; by {}", text::one_line(by)));
    let command = record.text("command").map_or_else(String::new, |typed| format!(", {}", text::one_line(typed)));
    format!("{:8} {:18} {}{by}{command}", severity.word(), text::one_line(&record.kind), syslog::said(record))
}

/// Puts texts on one line, and says where one is cut.
fn bounded(value: &mut Value) {
    match value {
        Value::String(told) => {
            let line = text::one_line(told);
            *told = match line.len() {
                0..=MAX_TEXT_BYTES => line,
                bytes => {
                    let end = (0..=MAX_TEXT_BYTES).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
                    format!("{}… ({bytes} bytes)", &line[..end])
                }
            };
        }
        Value::Array(values) => values.iter_mut().for_each(bounded),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(home: &Path) -> EventLog {
        let origin = EventOrigin {
            program: "handcarry-inside",
            by: "ana".to_owned(),
            command: "handcarry-inside verify m".to_owned(),
        };
        EventLog::at(home, origin, None)
    }

    fn now() -> Timestamp {
        Timestamp::parse("2026-03-04T05:06:07Z").expect("a time")
    }

    fn refused(message: &str) -> SecurityEvent {
        SecurityEvent::Refused { code: "rollback", message: message.to_owned() }
    }

    #[test]
    fn events_are_chained_with_who_and_what() {
        let home = tempfile::tempdir().expect("a folder");
        let log = log(home.path());
        assert!(log.read().expect("none yet").is_none());
        assert!(log.write(now(), &[refused("a\nb")]).is_empty());
        assert!(log.write(now(), &[refused(&"ä".repeat(2000))]).is_empty());
        let chain = log.read().expect("holds").expect("there");
        assert_eq!(chain.records.len(), 2);
        let fields = &chain.records[0].fields;
        assert_eq!((&fields["message"], &fields["by"]), (&"a b".into(), &"ana".into()));
        assert!(fields["pid"].is_u64() && fields["command"] == "handcarry-inside verify m");
        let long = chain.records[1].text("message").expect("a text");
        assert!(long.ends_with("ä… (4000 bytes)") && long.len() < MAX_TEXT_BYTES + 32, "{long}");
        assert!(told(&chain.records[0]).starts_with("warning  refused "), "{}", told(&chain.records[0]));
    }

    #[test]
    fn a_changed_log_takes_nothing_more_and_says_where() {
        let home = tempfile::tempdir().expect("a folder");
        let log = log(home.path());
        for _ in 0..3 {
            assert!(log.write(now(), &[refused("x")]).is_empty());
        }
        let whole = std::fs::read_to_string(log.path()).expect("reads");
        let without: String =
            whole.lines().enumerate().filter(|(at, _)| *at != 1).map(|(_, l)| format!("{l}\n")).collect();
        std::fs::write(log.path(), &without).expect("writes");
        assert!(matches!(log.read(), Err(EventLogError::Changed { line: 2, .. })));
        assert!(matches!(log.write(now(), &[refused("y")])[..], [EventLogError::Changed { line: 2, .. }]));
        assert_eq!(std::fs::read_to_string(log.path()).expect("reads"), without, "nothing is put right");
    }

    #[test]
    fn many_runs_at_once_take_turns() {
        let home = tempfile::tempdir().expect("a folder");
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| assert!(log(home.path()).write(now(), &[refused("x")]).is_empty()));
            }
        });
        assert_eq!(log(home.path()).read().expect("holds").expect("there").records.len(), 16);
    }

    #[cfg(unix)]
    #[test]
    fn what_can_not_be_written_is_sent_all_the_same() {
        let home = tempfile::tempdir().expect("a folder");
        let at = home.path().join("log");
        let socket = std::os::unix::net::UnixDatagram::bind(&at).expect("a socket");
        // A file in the folder's place.
        std::fs::write(home.path().join("inside"), "").expect("written");
        let mut log = log(&home.path().join("inside"));
        log.collector = Some(SyslogAddress::Local(at));
        assert!(matches!(log.write(now(), &[refused("x")])[..], [EventLogError::Journal(_)]));
        let mut bytes = [0; 4096];
        let count = socket.recv(&mut bytes).expect("a message");
        let message = String::from_utf8_lossy(&bytes[..count]);
        assert!(message.contains("[handcarry@32473 by=\"ana\"") && !message.contains("seq="), "{message}");
    }
}
