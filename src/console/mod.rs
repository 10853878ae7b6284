//! The person at the keyboard: what they asked for globally, what they are
//! told, what they are asked.
//!
//! Without `--json` people's text goes to stdout and troubles to stderr; with
//! it stdout carries one JSON object a line and people's text goes to stderr.
//! Text from outside must have passed [`crate::model::text`] before it gets here.
//! It knows no bundle, no appliance and no file of ours.

mod account;
mod command;
mod operator;
mod progress;
mod typed;

pub use account::account;
pub use command::{ONE_OF_MANY, Typed};
pub use operator::{Operator, OperatorError, Question, Scripted, Silent, Terminal};
pub use progress::Progress;
pub use typed::mistyped;

use crate::model::{Exit, Failure};
use clap::Args;
use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

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
}

impl Console {
    /// Makes the voice of `program` as the flags ask for it.
    pub fn new(program: &'static str, globals: &Globals) -> Self {
        let color = !globals.no_color
            && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
            && std::io::stderr().is_terminal();
        Console { program, json: globals.json, quiet: globals.quiet, color }
    }

    /// The program's name, for hints that name a command.
    pub fn program(&self) -> &'static str {
        self.program
    }

    /// Whether events go to stdout as JSON.
    pub fn json(&self) -> bool {
        self.json
    }

    /// Prints a result for people: stdout, or stderr with `--json`.
    pub fn say(&self, text: impl AsRef<str>) {
        if self.json {
            put(&mut std::io::stderr(), text.as_ref());
        } else {
            put(&mut std::io::stdout(), text.as_ref());
        }
    }

    /// Prints what is good to know, on stderr; nothing with `--quiet`.
    pub fn note(&self, text: impl AsRef<str>) {
        if !self.quiet {
            put(&mut std::io::stderr(), text.as_ref());
        }
    }

    /// Prints a warning on stderr, `--quiet` or not.
    pub fn warn(&self, text: impl AsRef<str>) {
        put(&mut std::io::stderr(), &format!("{}: {}", self.paint("33", "warning"), text.as_ref()));
    }

    /// Prints one JSON event on stdout, with `--json` only. `fields` must
    /// serialise as an object; its keys follow `"event"`.
    pub fn event(&self, event: &str, fields: impl Serialize) {
        if !self.json {
            return;
        }
        let mut line = serde_json::Map::new();
        line.insert("event".to_owned(), event.into());
        match serde_json::to_value(fields) {
            Ok(serde_json::Value::Object(object)) => line.extend(object),
            Ok(other) => drop(line.insert("value".to_owned(), other)),
            Err(error) => drop(line.insert("unprintable".to_owned(), error.to_string().into())),
        }
        put(&mut std::io::stdout(), &serde_json::Value::Object(line).to_string());
    }

    /// Starts a bar, plain lines or JSON events over `total_bytes` of work.
    pub fn progress(&self, label: &str, total_bytes: u64) -> Progress {
        Progress::start(label, total_bytes, self.json, self.quiet)
    }

    /// Tells a failure (`PROGRAM: error: …`, then `hint: …`) and returns its code.
    pub fn fail(&self, failure: &Failure) -> u8 {
        if failure.exit != Exit::Ok {
            self.event(
                if failure.exit == Exit::Waiting { "waiting" } else { "error" },
                serde_json::json!({
                    "code": failure.exit.name(),
                    "exit": failure.exit.code(),
                    "message": failure.message,
                    "hint": failure.hint,
                }),
            );
            // Stopping for a wait is no error, though it has a code of its own.
            let word = match failure.exit {
                Exit::Waiting => self.paint("33", "waiting"),
                _ => self.paint("31;1", "error"),
            };
            put(&mut std::io::stderr(), &format!("{}: {word}: {}", self.program, failure.message));
            if let Some(hint) = &failure.hint {
                put(&mut std::io::stderr(), &format!("{}: {hint}", self.paint("36", "hint")));
            }
        }
        failure.exit.code()
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Writes a line; a reader that went away (a broken pipe) is no error.
fn put(stream: &mut dyn Write, text: &str) {
    let _ = writeln!(stream, "{text}");
    let _ = stream.flush();
}
