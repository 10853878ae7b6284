//! The verb `log` of both halves: what the event log tells.

use super::Context;
use crate::console::{Console, kind};
use crate::events::{EventLogError, SecurityEvent, host, message, told};
use crate::model::{Exit, Failure, Kind, Sha256Digest, ShowPath, Timestamp, local_brief, parse_duration};
use crate::trust::Approval;
use clap::{Args, ValueEnum};

/// Print the event log, its chain proved: refusals, changes of trust, overrides, keys, seals, removals
///
/// Every event that touched trust or custody here, as it was written when it
/// happened. A line that was changed, removed, added or moved is found, and
/// nothing is printed then. That the log was cut at its end is seen by the
/// number and digest that are told last: a syslog collector (--syslog) has
/// those of every event.
#[derive(Debug, Args)]
#[command(after_long_help = SecurityEvent::table())]
pub struct LogArgs {
    /// Only what happened since then: 2026-03-04, 2026-03-04T05:06:07Z, or so long ago: 90m, 24h, 7d
    #[arg(long, value_name = "TIME", value_parser = Since::parse)]
    since: Option<Since>,
    /// How it is printed [default: lines for people]
    #[arg(long, value_name = "FORMAT", value_enum)]
    format: Option<LogFormat>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LogFormat {
    /// A syslog message a line (RFC 5424), with structured data
    Syslog,
    /// The records, byte for byte as they stand in the log
    Jsonl,
}

/// From when on, as it is typed.
#[derive(Debug, Clone, Copy)]
enum Since {
    At(Timestamp),
    SecsAgo(i64),
}

impl Since {
    fn parse(text: &str) -> Result<Self, String> {
        if let Some(at) = Timestamp::parse(text).or_else(|| Timestamp::parse(&format!("{text}T00:00:00Z"))) {
            return Ok(Since::At(at));
        }
        let ago = parse_duration(text).and_then(|secs| i64::try_from(secs).ok()).map(Since::SecsAgo);
        ago.ok_or_else(|| "give 2026-03-04, 2026-03-04T05:06:07Z, or 90m, 24h, 7d".to_owned())
    }
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`] where the log does not hold.
pub fn log(args: &LogArgs, context: &mut Context) -> Result<(), Failure> {
    let Some(chain) = context.events.read()? else {
        return Err(Failure::new(
            Exit::NotFound,
            format!("nothing was logged here yet: {}", context.events.path().shown()),
        )
        .hint("the log begins with the first refusal, change of trust, key, seal or import"));
    };
    let since = args.since.map(|since| match since {
        Since::At(at) => at,
        Since::SecsAgo(secs) => context.now().plus_secs(-secs),
    });
    let (console, host) = (&context.console, host());
    let mut prev = Sha256Digest::of(b"");
    for record in &chain.records {
        if since.is_none_or(|since| record.time >= since) {
            match args.format {
                Some(LogFormat::Syslog) => console.say(message(record, console.program(), &host, true)),
                Some(LogFormat::Jsonl) => console.say(record.line(prev)),
                None => console.say(format!("{}  {}", local_brief(record.time), told(record))),
            }
            console.event(&kind::LOGGED, record);
        }
        prev = record.sha256;
    }
    if chain.torn.is_some() {
        console.warn("the last line was torn by a crash; the next event sets it aside");
    }
    let head = chain.head();
    console.event(
        &kind::LOG,
        serde_json::json!({ "path": context.events.path(), "records": head.records, "sha256": head.sha256 }),
    );
    console.note(format!("{} events, the last with SHA-256 {}: the chain holds", head.records, head.sha256));
    Ok(())
}

/// Says that an event is not where it should be.
pub fn warn_unlogged(error: EventLogError, console: &Console) {
    let Failure { message, hint, .. } = Failure::from(error);
    let next = hint.map_or_else(String::new, |hint| format!("; {}", console.typed().tell(&hint)));
    console.warn(format!("this run is not logged as it should be: {message}{next}"));
}

impl Context {
    /// Logs an event that touched trust or custody. What was done is done: a
    /// log that fails is told, and ends nothing.
    pub fn log(&self, event: &SecurityEvent) {
        self.log_all(std::slice::from_ref(event));
    }

    /// The same for events that belong together, with the log opened once.
    pub fn log_all(&self, events: &[SecurityEvent]) {
        for error in self.events.write(self.now(), events) {
            warn_unlogged(error, &self.console);
        }
    }

    /// Makes durable what a run that was killed left of the event log.
    pub fn settle_log(&self) {
        if let Err(error) = self.events.settle() {
            warn_unlogged(error, &self.console);
        }
    }

    /// Logs a failure that refuses what was given, or is an alarm.
    pub fn log_refusal(&self, failure: &Failure) {
        let (code, message) = (failure.exit.name(), failure.message.clone());
        match failure.kind {
            Kind::Alarm => self.log(&SecurityEvent::Alarm { code, message }),
            kind if kind.is_refusal() => self.log(&SecurityEvent::Refused { code, message }),
            _ => {}
        }
    }

    /// Logs which signatures beside an approved document did not count.
    pub fn log_ignored(&self, document: &str, approval: &Approval) {
        let ignored =
            |why: &String| SecurityEvent::SignatureIgnored { document: document.to_owned(), why: why.clone() };
        self.log_all(&approval.not_counted.iter().map(ignored).collect::<Vec<_>>());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_is_a_time_or_so_long_ago() {
        let time = Timestamp::parse("2026-03-04T00:00:00Z").expect("a time");
        assert!(matches!(Since::parse("2026-03-04"), Ok(Since::At(at)) if at == time));
        assert!(matches!(Since::parse("2026-03-04T02:00:00+02:00"), Ok(Since::At(at)) if at == time));
        assert!(matches!(Since::parse("90m"), Ok(Since::SecsAgo(5400))));
        assert!(matches!(Since::parse("7d"), Ok(Since::SecsAgo(604_800))));
        for bad in ["", "d", "-1d", "7", "2026-13-01", "ä", "yesterday"] {
            assert!(Since::parse(bad).is_err(), "{bad}");
        }
    }
}
