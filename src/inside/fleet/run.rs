//! The runs themselves: so many at once, each to its end, then the table.

use super::output::{self, Ending};
use crate::cli::Context;
use crate::console::Console;
use crate::model::{Exit, Failure, Secret};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// How the run for one appliance ended.
struct Ended {
    /// Its exit code; `None` where it was killed or never began.
    code: Option<u8>,
    said: Ending,
}

/// Runs all of `runs`, each an appliance's name and its command, `at_once` at a
/// time, and tells how each ended. Each is handed `passphrase` on its standard input.
pub(super) fn all(
    runs: &[(String, Vec<OsString>)],
    at_once: usize,
    passphrase: Option<&Secret>,
    context: &Context,
) -> Result<(), Failure> {
    let (program, console) = (program()?, &context.console);
    let ended = each(runs, at_once, |(name, arguments)| {
        let end = one(&program, name, arguments, passphrase, console).unwrap_or_else(|error| Ended {
            code: None,
            said: Ending { message: format!("its run could not be begun: {error}"), hint: None },
        });
        tell(name, &end, console);
        end
    });
    verdict(&runs.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), &ended, context)
}

/// Where this very program lies.
pub(super) fn program() -> Result<PathBuf, Failure> {
    std::env::current_exe().map_err(|error| {
        Failure::new(Exit::Failure, format!("can't tell where this program lies: {error}"))
            .hint("call the verb for one appliance after the other")
    })
}

/// Does `work` with each of `all`, `at_once` at a time; what came of each is in
/// their order.
pub(super) fn each<T: Sync, R: Send>(all: &[T], at_once: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    // One queue and no shares: a run that takes hours holds up its own place alone.
    let next = AtomicUsize::new(0);
    let done: Vec<Mutex<Option<R>>> = all.iter().map(|_| Mutex::new(None)).collect();
    thread::scope(|scope| {
        for _ in 0..at_once.min(all.len()) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(one) = all.get(at) else { break };
                    let came = work(one);
                    *done[at].lock().expect("no work panics with it") = Some(came);
                }
            });
        }
    });
    done.into_iter().filter_map(|came| came.into_inner().expect("no work panics with it")).collect()
}

fn one(
    program: &Path,
    name: &str,
    arguments: &[OsString],
    passphrase: Option<&Secret>,
    console: &Console,
) -> io::Result<Ended> {
    let mut child = Command::new(program)
        // Events on one stream and words for people on the other, so that each goes on to where it belongs.
        .arg("--json")
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
    let (out, err) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
    // Both at once: a run that fills a pipe while nobody reads it stands still.
    let said = thread::scope(|scope| {
        scope.spawn(|| output::people(name, err, console));
        output::events(name, out, console)
    });
    let status = child.wait()?;
    Ok(Ended { code: status.code().and_then(|code| u8::try_from(code).ok()), said })
}

/// The name of an exit code, for people and events.
fn word(code: Option<u8>) -> &'static str {
    let known = code.and_then(|code| Exit::ALL.iter().find(|exit| exit.code() == code));
    known.map_or("stopped", |exit| exit.name())
}

fn tell(name: &str, end: &Ended, console: &Console) {
    console.event(
        "ended",
        serde_json::json!({
            "appliance": name, "exit": end.code, "code": word(end.code),
            "message": end.said.message, "hint": end.said.hint,
        }),
    );
}

/// Tells how each ended, those that need somebody last, and what it comes to.
fn verdict(names: &[String], ended: &[Ended], context: &Context) -> Result<(), Failure> {
    let rank = |end: &Ended| match end.code {
        Some(0) => 0,
        Some(code) if code == Exit::Waiting.code() => 1,
        _ => 2,
    };
    let width = names.iter().map(String::len).max().unwrap_or(0);
    let mut rows: Vec<(&String, &Ended)> = names.iter().zip(ended).collect();
    rows.sort_by_key(|(_, end)| rank(end));
    for (name, end) in &rows {
        let said = if end.said.message.is_empty() { String::new() } else { format!("  {}", end.said.message) };
        context.console.say(format!("{name:width$}  {}{said}", word(end.code)));
        if let Some(hint) = &end.said.hint {
            context.console.say(format!("{:width$}  hint: {hint}", ""));
        }
    }
    let count = |wanted: u8| rows.iter().filter(|(_, end)| rank(end) == wanted).count();
    let (done, waiting, other) = (count(0), count(1), count(2));
    let of = format!("{done} of {} appliances are done, {waiting} wait, {other} ended otherwise", names.len());
    match (waiting, other) {
        (0, 0) => Ok(()),
        (_, 0) => Err(Failure::new(Exit::Waiting, of).hint("the same command goes on; the times stand above")),
        _ => Err(Failure::new(Exit::Partly, of)
            .hint("each is told above with what to do; the same command goes on with those that are not done")),
    }
}
