//! The person at the keyboard: what they asked for globally, what they are
//! told, what they are asked.
//!
//! Without `--json` people's text goes to stdout and troubles to stderr; with
//! it stdout carries one JSON object a line and people's text goes to stderr.
//! What can't be written is remembered and ends the run with
//! [`Exit::OutputLost`]; a reader that went away spoils no listing, but neither
//! is a person asked after it, nor counts as told what exists nowhere else.
//! Text from outside must have passed [`crate::model::text`] before it gets here.
//! It knows no bundle, no appliance and no file of ours.

mod command;
mod current_user;
mod interrupt;
mod operator;
mod progress;
mod question;
mod streams;
mod typed;

pub use command::TypedCommand;
pub use current_user::current_user;
pub use interrupt::{going_on, on_interrupt};
#[cfg(test)]
pub use operator::Scripted;
pub use operator::{Operator, OperatorError, SharedOperator, Silent, Terminal};
pub use progress::Progress;
pub use question::Question;
pub use streams::unwritten;
pub use typed::mistyped;

use crate::model::{Exit, Failure, Kind};
use clap::Args;
use serde::Serialize;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use streams::Stream;

/// Heads the flags of every verb in help texts and man pages.
const GLOBAL: &str = "Global options";

/// The flags every verb takes.
#[derive(Debug, Clone, Args)]
pub struct Globals {
    /// Folder that holds keys, vault, inventory and journals [default: handcarry in the user's data folder]
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "DIR", env = "HANDCARRY_HOME", hide_env_values = true)]
    pub home: Option<PathBuf>,
    /// Print one JSON object a line on stdout; text for people goes to stderr
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub json: bool,
    /// Print results and errors only
    #[arg(long, short, global = true, help_heading = GLOBAL)]
    pub quiet: bool,
    /// Print without colour (NO_COLOR does the same)
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub no_color: bool,
    /// Send each event of the event log to a syslog collector as well: a socket such as /dev/log, or udp://HOST:PORT or
    /// tcp://HOST:PORT
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "SOCKET", env = "HANDCARRY_SYSLOG", hide_env_values = true)]
    pub syslog: Option<String>,
    /// Answer yes to harmless questions (never to a certificate, a licence or an install)
    #[arg(long, short, global = true, help_heading = GLOBAL)]
    pub yes: bool,
}

/// Where a run speaks.
#[derive(Debug, Clone)]
pub struct Console {
    program: &'static str,
    json: bool,
    quiet: bool,
    color: bool,
    /// The command of this run.
    typed: Arc<TypedCommand>,
    /// Names of the appliances that this run is about.
    about: Arc<Mutex<Vec<String>>>,
}

/// Version of the events of `--json`: it grows when a member changes or goes,
/// not when one is added.
const EVENTS_VERSION: u64 = 1;

impl Console {
    /// Makes the voice of `program` as the flags ask for it.
    pub fn new(program: &'static str, globals: &Globals) -> Self {
        // All four must agree. NO_COLOR counts only where it is not empty, as its
        // rules say, and colour goes to standard error alone, so that stream is asked.
        let color = !globals.no_color
            && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
            && std::io::stderr().is_terminal();
        let typed = Arc::new(TypedCommand::here(program));
        Console { program, json: globals.json, quiet: globals.quiet, color, typed, about: Arc::default() }
    }

    /// Has every event from now on name the appliance of that name, too.
    pub fn is_about(&self, appliance: &str) {
        let mut about = self.about.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !about.iter().any(|name| name == appliance) {
            about.push(appliance.to_owned());
        }
    }

    /// The program's name, for hints that name a command.
    pub fn program(&self) -> &'static str {
        self.program
    }

    /// The command that was typed: the one that goes on after a stop.
    pub fn typed(&self) -> &TypedCommand {
        &self.typed
    }

    /// Whether events go to stdout as JSON.
    pub fn json(&self) -> bool {
        self.json
    }

    /// Prints a result for people: stdout, or stderr with `--json`.
    pub fn say(&self, text: impl AsRef<str>) {
        self.people().put(text.as_ref());
    }

    /// Prints what a person must have read before they agree to it: where they
    /// read, and where they are asked if that is another place.
    ///
    /// # Errors
    /// [`Exit::OutputLost`] where nobody can have read it.
    pub fn show(&self, text: impl AsRef<str>) -> Result<(), Failure> {
        let here = self.people();
        let mut places = vec![here];
        // The question is asked on standard error. Where standard output is
        // a file, whoever answers would agree to what they have not seen.
        if here == Stream::Out && Stream::Err.is_terminal() && !here.is_terminal() || here.is_thrown_away() {
            places.push(Stream::Err);
        }
        places.dedup();
        // Nobody can have read it, so there must be no question: an answer would be about nothing.
        if places.iter().all(|place| place.is_closed()) {
            return Err(Failure::new(Exit::OutputLost, "what must be read before it is agreed to can't be shown here")
                .hint("run it where its output is seen: at a terminal, or with standard output or error open"));
        }
        for place in places {
            place.put(text.as_ref());
        }
        self.heard()
    }

    /// Whether a result that exists nowhere else, such as a code that is good
    /// once, would reach somebody, and all that was said so far was written.
    ///
    /// # Errors
    /// [`Exit::OutputLost`].
    pub fn deliverable(&self) -> Result<(), Failure> {
        self.heard()?;
        // Under --json results are events, so it is their stream that must lead somewhere.
        let results = if self.json { Stream::Out } else { self.people() };
        if results.is_thrown_away() {
            return Err(Failure::new(
                Exit::OutputLost,
                "what this run would print exists nowhere else, and is thrown away",
            )
            .hint("have its output go where it is read or kept"));
        }
        Ok(())
    }

    /// Whether all that was said so far went out to a reader.
    ///
    /// # Errors
    /// [`Exit::OutputLost`].
    pub fn heard(&self) -> Result<(), Failure> {
        streams::unheard().map_or(Ok(()), Err)
    }

    /// Where people's text goes.
    fn people(&self) -> Stream {
        if self.json { Stream::Err } else { Stream::Out }
    }

    /// Prints what is good to know, on stderr; nothing with `--quiet`.
    pub fn note(&self, text: impl AsRef<str>) {
        // A note is passed over where it can't be written: nothing depends on it, and a run must not fail for it.
        if !self.quiet {
            Stream::Err.mention(text.as_ref());
        }
    }

    /// Prints a warning on stderr, `--quiet` or not.
    pub fn warn(&self, text: impl AsRef<str>) {
        Stream::Err.put(&format!("{}: {}", self.paint("33", "warning"), text.as_ref()));
    }

    /// Prints one JSON event on stdout, with `--json` only. `fields` must
    /// serialise as an object; its keys follow `"event"`.
    pub fn event(&self, event: &str, fields: impl Serialize) {
        if !self.json {
            return;
        }
        Stream::Out.put(&serde_json::Value::Object(self.line(event, fields)).to_string());
    }

    /// An event as it is printed: its kind, the version of events, its own
    /// members, and whom it is about.
    fn line(&self, event: &str, fields: impl Serialize) -> serde_json::Map<String, serde_json::Value> {
        let mut line = serde_json::Map::new();
        line.insert("event".to_owned(), event.into());
        line.insert("v".to_owned(), EVENTS_VERSION.into());
        match serde_json::to_value(fields) {
            Ok(serde_json::Value::Object(object)) => line.extend(object),
            Ok(other) => drop(line.insert("value".to_owned(), other)),
            // An event that can't be put into words is still an event; silence would hide that the step took place.
            Err(error) => drop(line.insert("unprintable".to_owned(), error.to_string().into())),
        }
        let about = self.about.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match &about[..] {
            [] => {}
            [one] => {
                // Some events tell what the appliance itself says who it is.
                let key = if line.contains_key("appliance") { "name" } else { "appliance" };
                line.entry(key).or_insert_with(|| one.as_str().into());
            }
            several => drop(line.entry("appliances").or_insert_with(|| several.into())),
        }
        line
    }

    /// Starts a bar, plain lines or JSON events over `total_bytes` of work.
    pub fn progress(&self, label: &str, total_bytes: u64) -> Progress {
        Progress::start(label, total_bytes, self.json.then(|| self.clone()), self.quiet)
    }

    /// Tells a failure (`PROGRAM: error: …`, then `hint: …`) and returns its code.
    pub fn fail(&self, failure: &Failure) -> u8 {
        // Stopping for a wait is no error, though it has a code of its own.
        let (word, color) = match failure.kind {
            Kind::Waiting => ("waiting", "33"),
            _ => ("error", "31;1"),
        };
        let hint = failure.hint.as_ref().map(|hint| self.typed.tell(hint));
        self.event(
            word,
            serde_json::json!({
                "code": failure.exit.name(),
                "exit": failure.exit.code(),
                "message": failure.message,
                "hint": hint,
            }),
        );
        Stream::Err.mention(&format!("{}: {}: {}", self.program, self.paint(color, word), failure.message));
        if let Some(hint) = hint {
            Stream::Err.mention(&format!("{}: {hint}", self.paint("36", "hint")));
        }
        failure.exit.code()
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Takes down how text that was printed otherwise went to standard output.
pub fn printed(written: io::Result<()>) {
    Stream::Out.remember(written);
}
