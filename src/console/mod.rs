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
mod event;
mod interrupt;
mod live;
mod operator;
mod progress;
mod question;
mod remembering;
mod streams;
mod typed;
mod wrap;

pub use command::{TypedCommand, is_one_of_many};
pub use current_user::current_user;
pub use event::{EventKind, kind, page as events_page, schema as event_schema};
pub use interrupt::{going_on, on_interrupt};
pub use live::LiveWork;
#[cfg(test)]
pub use operator::Scripted;
pub use operator::{Operator, OperatorError, SharedOperator, Silent, Terminal, settled};
pub use progress::Progress;
pub use question::Question;
pub use remembering::Remembering;
pub use streams::unwritten;
pub use typed::{OtherHalf, mistyped};

use crate::language::{self, Tongue};
use crate::model::{Exit, Failure, HostTime, Id, Kind, Menus, Time, Timestamp};
use clap::Args;
use event::EVENTS_VERSION;
use serde::Serialize;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use streams::Stream;

/// Heads the flags of every verb in help texts and man pages.
const GLOBAL: &str = "Global options";

/// The flags every verb takes.
#[derive(Debug, Clone, Default, Args)]
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
    /// Tell all of it, what an earlier call of the same run told as well
    #[arg(long, short, global = true, help_heading = GLOBAL, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Print without colour (NO_COLOR does the same)
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub no_color: bool,
    /// Send each event of the event log to a syslog collector as well: a socket such as /dev/log, or udp://HOST:PORT or
    /// tcp://HOST:PORT
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "SOCKET", env = "HANDCARRY_SYSLOG", hide_env_values = true)]
    pub syslog: Option<String>,
    /// The language to speak: en or pt [default: the machine's]
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "LANGUAGE", value_enum, env = "HANDCARRY_LANGUAGE", hide_env_values = true, hide_possible_values = true)]
    pub language: Option<Tongue>,
    /// Answer yes to harmless questions (never to a certificate, a licence or an install)
    #[arg(long, short, global = true, help_heading = GLOBAL)]
    pub yes: bool,
}

/// Where a run speaks.
#[derive(Debug, Clone)]
pub struct Console {
    program: &'static str,
    /// This run, in each of its events.
    run: Id,
    json: bool,
    quiet: bool,
    verbose: bool,
    color: bool,
    /// What was told that is told once.
    told: Arc<Mutex<BTreeSet<String>>>,
    /// The command of this run.
    typed: Arc<TypedCommand>,
    /// The one that goes on after a stop, where that is another.
    goes_on: Arc<Mutex<Option<TypedCommand>>>,
    /// Names of the appliances that this run is about.
    about: Arc<Mutex<Vec<String>>>,
    /// Whether what is next was told.
    told_next: Arc<AtomicBool>,
}

/// Whether the terminal takes the sequences that colours are told by: one of Windows is asked to.
fn understands_colours() -> bool {
    #[cfg(windows)]
    return anstyle_query::windows::enable_ansi_colors().unwrap_or(false);
    #[cfg(not(windows))]
    true
}

/// What a lock guards. A panic elsewhere may have poisoned it; what is told and drawn is whole all the same.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A text with the menus of a person's pages.
fn in_menus(text: &str) -> Cow<'_, str> {
    Menus::default().told(text, language::spoken() == Tongue::Pt)
}

/// An agreement word for word, under its title.
pub fn agreement(title: &str, text: &str) -> String {
    let (title, end) = (language::told(title), language::told("end of the agreement"));
    format!("\n----- {title} -----\n{text}\n----- {end} -----\n")
}

/// A text as a person reads it: in their language, with the menus of their pages.
pub fn spoken(text: &str) -> Cow<'_, str> {
    spoken_after(text, &mut Menus::default())
}

/// The same behind other lines of its text.
fn spoken_after<'t>(text: &'t str, menus: &mut Menus) -> Cow<'t, str> {
    let portuguese = language::spoken() == Tongue::Pt;
    match language::told(text) {
        Cow::Borrowed(text) => menus.told(text, portuguese),
        Cow::Owned(text) => Cow::Owned(menus.told(&text, portuguese).into_owned()),
    }
}

impl Console {
    /// Makes the voice of `program` as the flags ask for it.
    pub fn new(program: &'static str, globals: &Globals) -> Self {
        language::speak(globals.language);
        // All four must agree. NO_COLOR counts only where it is not empty, as its
        // rules say, and colour goes to standard error alone, so that stream is asked.
        let color = !globals.no_color
            && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
            && std::io::stderr().is_terminal()
            && understands_colours();
        let typed = Arc::new(TypedCommand::here(program));
        Console {
            program,
            run: Id::random(),
            json: globals.json,
            quiet: globals.quiet,
            verbose: globals.verbose,
            color,
            told: Arc::default(),
            typed,
            goes_on: Arc::default(),
            about: Arc::default(),
            told_next: Arc::default(),
        }
    }

    /// Has every event from now on name the appliance of that name, too.
    pub fn is_about(&self, appliance: &str) {
        let mut about = held(&self.about);
        if !about.iter().any(|name| name == appliance) {
            about.push(appliance.to_owned());
        }
    }

    /// The appliances that events name.
    pub fn about(&self) -> Vec<String> {
        held(&self.about).clone()
    }

    /// The program's name, for hints that name a command.
    pub fn program(&self) -> &'static str {
        self.program
    }

    /// Says that another command goes on after a stop, because what was typed is done in part.
    pub fn goes_on_by(&self, typed: TypedCommand) {
        *held(&self.goes_on) = Some(typed);
    }

    /// The command that was typed: the one that goes on after a stop.
    pub fn typed(&self) -> TypedCommand {
        let goes_on = held(&self.goes_on).clone();
        goes_on.unwrap_or_else(|| TypedCommand::clone(&self.typed))
    }

    /// Whether events go to stdout as JSON.
    pub fn json(&self) -> bool {
        self.json
    }

    /// Prints a result for people: stdout, or stderr with `--json`.
    pub fn say(&self, text: impl AsRef<str>) {
        self.say_words(&spoken(text.as_ref()));
    }

    /// Prints a text line by line, of which not all need be there at once.
    pub fn say_lines(&self, lines: impl IntoIterator<Item = String>) {
        let mut menus = Menus::default();
        for line in lines {
            self.say_words(&spoken_after(&line, &mut menus));
        }
    }

    /// The same of words that are a person's own already: what was typed, and what another run said.
    pub fn say_words(&self, words: &str) {
        let place = self.people();
        place.put(&place.fitted(words));
    }

    /// Prints what a person must have read before they agree to it: where they
    /// read, and where they are asked if that is another place.
    ///
    /// # Errors
    /// [`Exit::OutputLost`] where nobody can have read it.
    pub fn show(&self, text: impl AsRef<str>) -> Result<(), Failure> {
        self.show_words(&spoken(text.as_ref()))
    }

    /// Prints an agreement that a person must have read before they agree to it, word for word, under its title.
    ///
    /// # Errors
    /// As [`Console::show`].
    pub fn show_agreement(&self, title: &str, text: &str) -> Result<(), Failure> {
        self.show_words(&agreement(title, text))
    }

    /// The same of words that are a person's own already.
    ///
    /// # Errors
    /// As [`Console::show`].
    pub fn show_words(&self, text: &str) -> Result<(), Failure> {
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
            place.put(&place.fitted(text));
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
        self.note_words(&spoken(text.as_ref()));
    }

    /// The same of words that are a person's own already.
    pub fn note_words(&self, words: &str) {
        if !self.quiet {
            Stream::Err.mention(&Stream::Err.fitted(words));
        }
    }

    /// Tells what is to be done next, last of all: a command as it is pasted, or
    /// a few words. One of the other program says where it is typed.
    pub fn next(&self, what: impl AsRef<str>) {
        let what = what.as_ref();
        let place = match what.split(' ').next() {
            Some(program) if program == self.program => "",
            Some("handcarry-outside") => ", outside",
            Some("handcarry-inside") => ", inside",
            _ => "",
        };
        self.told_next.store(true, Ordering::Relaxed);
        self.event(&kind::NEXT, serde_json::json!({ "command": what }));
        self.note(format!("next{place}: {what}"));
    }

    /// Whether it was told what is next.
    pub fn has_told_next(&self) -> bool {
        self.told_next.load(Ordering::Relaxed)
    }

    /// Whether all of it is to be told, with `--verbose`.
    pub fn tells_all(&self) -> bool {
        self.verbose
    }

    /// Prints a warning on stderr, `--quiet` or not.
    pub fn warn(&self, text: impl AsRef<str>) {
        Stream::Err.put(&self.headed("", ("33", "warning"), &spoken(text.as_ref())));
    }

    /// Prints one JSON event on stdout, with `--json` only. `fields` must
    /// serialise as an object of the kind's own members.
    pub fn event(&self, kind: &'static EventKind, fields: impl Serialize) {
        self.tell_event(kind, fields, None);
    }

    /// The same, its fields made where anybody reads them alone: those of the largest bundle are many.
    pub fn event_of(&self, kind: &'static EventKind, fields: impl FnOnce() -> Value) {
        if self.tells_events() {
            self.event(kind, fields());
        }
    }

    /// Whether events are looked at: a build with assertions holds each against the table, whether anybody reads it or
    /// not.
    fn tells_events(&self) -> bool {
        self.json || cfg!(debug_assertions)
    }

    /// The same of a rehearsal, where it would be at `when`.
    pub fn rehearsed(&self, kind: &'static EventKind, when: Timestamp, fields: impl Serialize) {
        self.tell_event(kind, fields, Some(when));
    }

    /// Prints an event of a run that this one began, as one of its own.
    pub fn pass_on(&self, kind: &str, mut event: Map<String, Value>) {
        if self.json {
            event.insert("event".to_owned(), kind.into());
            event.insert("run".to_owned(), self.run.to_string().into());
            Stream::Out.put(&Value::Object(event).to_string());
        }
    }

    fn tell_event(&self, kind: &'static EventKind, fields: impl Serialize, when: Option<Timestamp>) {
        if !self.tells_events() {
            return;
        }
        let told = match serde_json::to_value(fields) {
            Ok(Value::Object(own)) => Ok(own),
            Ok(_) => Err("it is no object".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        // An event that can't be put into words is still one; silence would hide that the step took place.
        let (kind, own) = told.map_or_else(
            |why| {
                let told = [("kind", kind.name()), ("why", why.as_str())];
                (&kind::UNPRINTABLE, told.map(|(key, value)| (key.to_owned(), value.into())).into_iter().collect())
            },
            |own| (kind, own),
        );
        debug_assert_eq!(kind.misfit(&own), None);
        if self.json {
            Stream::Out.put(&Value::Object(self.line(kind, own, when)).to_string());
        }
    }

    /// An event as it is printed: what every event has, and its own members.
    fn line(&self, kind: &EventKind, own: Map<String, Value>, when: Option<Timestamp>) -> Map<String, Value> {
        let mut line = own;
        let mut every = |key: &str, value: Value| drop(line.insert(key.to_owned(), value));
        every("event", kind.name().into());
        every("v", EVENTS_VERSION.into());
        // The machine's time, in a rehearsal as well: it tells when this line was printed.
        every("at", HostTime::begin().now().to_string().into());
        every("program", self.program.into());
        every("run", self.run.to_string().into());
        if let Some(when) = when {
            every("rehearsed_at", when.to_string().into());
        }
        let about = held(&self.about);
        match &about[..] {
            [] => {}
            [one] => drop(line.entry("appliance").or_insert_with(|| one.as_str().into())),
            several => drop(line.entry("appliances").or_insert_with(|| several.into())),
        }
        line
    }

    /// Starts a bar, plain lines or JSON events over `total_bytes` of work.
    pub fn progress(&self, label: &str, total_bytes: u64) -> Progress {
        Progress::start(label, total_bytes, self.json.then(|| self.clone()), self.quiet)
    }

    /// Whether `what` is to be told: a run that goes on says once what it carries and what its backups lack. `known` is
    /// whether an earlier call of the same run told it.
    pub fn is_news(&self, what: &str, known: bool) -> bool {
        let first = held(&self.told).insert(what.to_owned());
        self.verbose || first && !known
    }

    /// Shows on a terminal's last line what goes on, or with `None` nothing any more; elsewhere nothing at all.
    pub fn live(&self, work: Option<LiveWork>) {
        if work.is_none() || (!self.json && !self.quiet && live::can_draw()) {
            live::tell(work);
        }
    }

    /// Whether a terminal shows what goes on.
    pub fn is_live(&self) -> bool {
        live::is_told()
    }

    /// Tells a failure (`PROGRAM: error: …`, then `hint: …`) and returns its code.
    pub fn fail(&self, failure: &Failure) -> u8 {
        // Stopping for a wait is no error, though it has a code of its own.
        let (word, color) = match failure.kind {
            Kind::Waiting => ("waiting", "33"),
            _ => ("error", "31;1"),
        };
        let message = in_menus(&failure.message);
        let hint = failure.hint.as_ref().map(|hint| self.typed().tell(hint));
        self.event(
            if failure.kind == Kind::Waiting { &kind::WAITING } else { &kind::ERROR },
            serde_json::json!({
                "code": failure.exit.name(),
                "exit": failure.exit.code(),
                "message": message,
                "hint": hint.as_deref().map(in_menus),
            }),
        );
        // What went wrong may be told in English where it has no phrase; that it only waits may not.
        let message = match failure.kind {
            Kind::Waiting => language::told(&message),
            _ => language::told_whole(&message),
        };
        Stream::Err.mention(&self.headed(&format!("{}: ", self.program), (color, word), &message));
        if let Some(hint) = hint {
            Stream::Err.mention(&self.headed("", ("36", "hint"), &spoken(&hint)));
        }
        failure.exit.code()
    }

    /// Text behind its word, which has a colour where there are any.
    fn headed(&self, before: &str, (code, word): (&str, &str), text: &str) -> String {
        let word = &*language::told(word);
        let plain = format!("{before}{word}: {text}");
        // A colour takes no room, so it comes when the lines are made.
        Stream::Err.fitted(&plain).replacen(word, &self.paint(code, word), 1)
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Takes down how text that was printed otherwise went to standard output.
pub fn printed(written: io::Result<()>) {
    Stream::Out.remember(written);
}
