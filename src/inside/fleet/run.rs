//! The runs themselves: so many at once, each to its end, then the table.

use super::output::{self, Ending};
use crate::cli::Context;
use crate::console::{Console, EventKind, TypedCommand, kind, spoken};
use crate::language;
use crate::model::{Exit, Failure, Secret, text};
use serde_json::{Map, Value};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// How the run for one appliance ended.
pub(super) struct Ended {
    /// Its exit code; `None` where it was killed or never began.
    code: Option<u8>,
    said: Ending,
}

impl Ended {
    pub(super) fn of(status: ExitStatus, said: Ending) -> Self {
        Ended { code: status.code().and_then(|code| u8::try_from(code).ok()), said }
    }

    pub(super) fn unbegun(error: io::Error) -> Self {
        Ended { code: None, said: Ending { message: format!("its run could not be begun: {error}"), hint: None } }
    }

    /// Nothing was left to do, so that it was not begun.
    pub(super) fn done() -> Self {
        let message = "nothing was left to do".to_owned();
        Ended { code: Some(Exit::Ok.code()), said: Ending { message, hint: None } }
    }

    /// What it said at its end.
    pub(super) fn message(&self) -> &str {
        &self.said.message
    }

    /// How it went.
    pub(super) fn went(&self) -> Went {
        match self.code {
            Some(0) => Went::Well,
            Some(code) if code == Exit::Waiting.code() => Went::Waits,
            _ => Went::Otherwise,
        }
    }

    /// The same, told as an event.
    pub(super) fn told(self, name: &str, console: &Console) -> Self {
        self.tell(name, console);
        self
    }

    /// Tells it as an event.
    pub(super) fn tell(&self, name: &str, console: &Console) {
        console.event(
            &kind::ENDED,
            serde_json::json!({
                "appliance": name, "exit": self.code, "code": word(self.code),
                "message": self.said.message, "hint": self.said.hint,
            }),
        );
    }
}

/// How a run went; what needs somebody is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Went {
    /// All is done.
    Well,
    /// It stopped cleanly, and goes on later.
    Waits,
    /// Anything else.
    Otherwise,
}

/// Runs all of `runs`, each an appliance's name and its command, `None` where
/// nothing is left to do, `at_once` at a time, and tells how each ended. Each is
/// handed `passphrase` on its standard input.
pub(super) fn all(
    runs: &[(String, Option<Vec<OsString>>)],
    at_once: usize,
    passphrase: Option<&Secret>,
    context: &Context,
) -> Result<(), Failure> {
    let (program, console) = (program()?, &context.console);
    let ended = each(runs, at_once, |(name, run)| match run {
        Some(arguments) => to_its_end(&program, name, arguments, passphrase, console).told(name, console),
        None => Ended::done(),
    });
    verdict(&runs.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), &ended, true, context)
}

/// Where this very program lies.
pub(super) fn program() -> Result<PathBuf, Failure> {
    std::env::current_exe().map_err(|error| {
        Failure::new(Exit::Failure, format!("can't tell where this program lies: {error}"))
            .hint("call the verb for one appliance after the other")
    })
}

/// The events of a run that ended.
pub(super) struct Heard {
    events: Vec<Value>,
    well: bool,
}

/// Has a run tell something, as events; nobody is there to answer it.
pub(super) fn heard(program: &Path, command: &TypedCommand) -> Result<Heard, String> {
    let mut run = Command::new(program);
    run.arg("--json").args(command.as_one_of_many()).stdin(Stdio::null()).stderr(Stdio::null());
    let output = run.output().map_err(|error| format!("its run could not be begun: {error}"))?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let events = stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    Ok(Heard { events, well: output.status.success() })
}

impl Heard {
    /// The last event of a kind.
    pub(super) fn last(&self, kind: &EventKind) -> Option<&Value> {
        self.events.iter().rev().find(|event| event["event"] == kind.name())
    }

    /// The same; without it why the run ended.
    pub(super) fn event(&self, kind: &EventKind) -> Result<Value, String> {
        self.last(kind).cloned().ok_or_else(|| self.why())
    }

    /// Whether it ended well.
    pub(super) fn well(&self) -> bool {
        self.well
    }

    /// Why it did not tell what it was asked for.
    pub(super) fn why(&self) -> String {
        let told =
            self.last(&kind::ERROR).or_else(|| self.last(&kind::WAITING)).and_then(|event| event["message"].as_str());
        match (told, self.well) {
            (Some(message), _) => text::one_line(message),
            (None, true) => "its run told nothing of it".to_owned(),
            (None, false) => "its run was stopped".to_owned(),
        }
    }
}

/// Does `work` with each of `all`, `at_once` at a time; what came of each is in
/// their order.
pub(super) fn each<T: Sync, R: Send>(all: &[T], at_once: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    each_until(all, at_once, work, |_| false).into_iter().flatten().collect()
}

/// The same, until what came of one `stops` it: what is under way ends, nothing
/// new begins, and of that there is `None`.
pub(super) fn each_until<T: Sync, R: Send>(
    all: &[T],
    at_once: usize,
    work: impl Fn(&T) -> R + Sync,
    stops: impl Fn(&R) -> bool + Sync,
) -> Vec<Option<R>> {
    // One queue and no shares: a run that takes hours holds up its own place alone.
    let next = AtomicUsize::new(0);
    let stopped = AtomicBool::new(false);
    let done: Vec<Mutex<Option<R>>> = all.iter().map(|_| Mutex::new(None)).collect();
    thread::scope(|scope| {
        for _ in 0..at_once.min(all.len()) {
            scope.spawn(|| {
                while !stopped.load(Ordering::Relaxed) {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(one) = all.get(at) else { break };
                    let came = work(one);
                    if stops(&came) {
                        stopped.store(true, Ordering::Relaxed);
                    }
                    *done[at].lock().expect("no work panics with it") = Some(came);
                }
            });
        }
    });
    done.into_iter().map(|came| came.into_inner().expect("no work panics with it")).collect()
}

/// Begins a run, with events on one stream and words for people on the other, so that each goes on to where it belongs.
fn spawn(program: &Path, arguments: &[OsString], passphrase: Option<&Secret>) -> io::Result<Child> {
    let mut child = Command::new(program)
        .args(["--json", "--language", language::spoken().code()])
        .args(arguments)
        // Never ours: of several runs that ask, whichever reads first would get the answer.
        .stdin(if passphrase.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let (Some(passphrase), Some(mut stdin)) = (passphrase, child.stdin.take()) {
        // One that ended before it signs takes none.
        let _ = stdin.write_all(passphrase.reveal().as_bytes()).and_then(|()| stdin.write_all(b"\n"));
    }
    Ok(child)
}

/// Runs one to its end, and passes on what it says, each line with its name.
pub(super) fn to_its_end(
    program: &Path,
    name: &str,
    arguments: &[OsString],
    passphrase: Option<&Secret>,
    console: &Console,
) -> Ended {
    let people = |line| console.note_words(&format!("{name}: {line}"));
    hear((program, name), arguments, passphrase, people, |kind, event| console.pass_on(&kind, event))
}

/// The same, where `people` takes each line for people and `events` each event.
pub(super) fn hear(
    (program, name): (&Path, &str),
    arguments: &[OsString],
    passphrase: Option<&Secret>,
    people: impl FnMut(String) + Send,
    events: impl FnMut(String, Map<String, Value>),
) -> Ended {
    let run = move || {
        let mut child = spawn(program, arguments, passphrase)?;
        let (out, err) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
        // Both at once: a run that fills a pipe while nobody reads it stands still.
        let said = thread::scope(|scope| {
            scope.spawn(|| output::people(err, people));
            output::events(name, out, events)
        });
        Ok(Ended::of(child.wait()?, said))
    };
    run().unwrap_or_else(Ended::unbegun)
}

/// The name of an exit code, for people and events.
fn word(code: Option<u8>) -> &'static str {
    let known = code.and_then(|code| Exit::ALL.iter().find(|exit| exit.code() == code));
    known.map_or("stopped", |exit| exit.name())
}

/// Tells how each ended, those that need somebody last, and what it comes to;
/// of those that went well only with `also_well`.
///
/// # Errors
/// [`Exit::Waiting`] where some wait and the others went well; [`Exit::Partly`] where some ended otherwise.
pub(super) fn verdict(names: &[&str], ended: &[Ended], also_well: bool, context: &Context) -> Result<(), Failure> {
    table(names, &ended.iter().collect::<Vec<_>>(), also_well, context);
    let tally = Tally::of(ended);
    let of = tally.text(names.len());
    match (tally.waiting, tally.other) {
        (0, 0) => Ok(()),
        (_, 0) => Err(Failure::new(Exit::Waiting, of).hint("the same command goes on; the times stand above")),
        _ => Err(Failure::new(Exit::Partly, of)
            .hint("each is told above with what to do; the same command goes on with those that are not done")),
    }
}

/// How many went how.
pub(super) struct Tally {
    done: usize,
    pub waiting: usize,
    pub other: usize,
}

impl Tally {
    pub(super) fn of<'e>(ended: impl IntoIterator<Item = &'e Ended> + Clone) -> Self {
        let count = |wanted: Went| ended.clone().into_iter().filter(|end| end.went() == wanted).count();
        Tally { done: count(Went::Well), waiting: count(Went::Waits), other: count(Went::Otherwise) }
    }

    /// In words, of so many.
    pub(super) fn text(&self, all: usize) -> String {
        let Tally { done, waiting, other } = self;
        format!("{done} of {all} appliances are done, {waiting} wait, {other} ended otherwise")
    }
}

/// A row for each, those that need somebody last.
pub(super) fn table(names: &[&str], ended: &[&Ended], also_well: bool, context: &Context) {
    let width = names.iter().map(|name| name.len()).max().unwrap_or(0);
    let mut rows: Vec<(&&str, &&Ended)> = names.iter().zip(ended).collect();
    rows.retain(|(_, end)| also_well || end.went() != Went::Well);
    rows.sort_by_key(|(_, end)| end.went());
    for (name, end) in &rows {
        let said = if end.said.message.is_empty() { String::new() } else { format!("  {}", spoken(&end.said.message)) };
        context.console.say_words(&format!("{name:width$}  {}{said}", word(end.code)));
        if let Some(hint) = &end.said.hint {
            context.console.say_words(&format!("{:width$}  {}: {}", "", spoken("hint"), spoken(hint)));
        }
    }
}
