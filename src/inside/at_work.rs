//! What a run that is at work on an appliance says of itself, so that a second
//! terminal can see it: a small file beside the journal, written by whoever
//! holds the journal's lock, and believed only as long as somebody holds it.

use crate::cli::Context;
use crate::console::current_user;
use crate::engine::Bar;
use crate::inventory::{Identity, Inventory};
use crate::journal::{JournalError, lock_path};
use crate::media::{self, LockWait};
use crate::model::{Meter, Timestamp, local_time, text};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Largest such file, in bytes: a command and a line.
const MAX_BYTES: u64 = 64 * 1024;

/// Longest line that is shown to a second terminal, in characters.
const MAX_CHARS: usize = 300;

/// A run at work, as it says itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AtWork {
    /// The command, as it was typed.
    command: String,
    /// The account that runs it.
    by: String,
    /// Its number, as the system counts programs.
    pid: u32,
    since: Timestamp,
    /// Which of how many steps it is at; empty before the first.
    step: String,
    /// What it said last; empty where it has said nothing yet.
    last: String,
    /// How far it is with that, in per cent.
    percent: Option<u64>,
}

/// What it is filled up to with blanks, in bytes, so that a shorter note hides a longer one.
const PADDED_BYTES: usize = 8192;

/// How often it is written at most.
// Somebody reads it once a second, and a run may say much in one.
const WRITE_EVERY: Duration = Duration::from_secs(1);

/// What is said in the file of one appliance that this run holds.
struct Board {
    path: PathBuf,
    file: Option<File>,
    note: AtWork,
    written: Instant,
}

static BOARDS: Mutex<Vec<Board>> = Mutex::new(Vec::new());

fn boards() -> MutexGuard<'static, Vec<Board>> {
    // A panic elsewhere may have poisoned it; what is shown to a second terminal harms nobody.
    BOARDS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn path(journal: &Path) -> PathBuf {
    journal.with_extension("run.json")
}

/// Says that this run holds the journal from now on.
pub(super) fn begin(journal: &Path, context: &Context) {
    let note = AtWork {
        command: context.typed().to_string(),
        by: current_user(),
        pid: std::process::id(),
        since: context.now(),
        step: String::new(),
        last: String::new(),
        percent: None,
    };
    let path = path(journal);
    let file = open(&path).ok();
    write(file.as_ref(), &note);
    let mut boards = boards();
    boards.retain(|other| other.path != path);
    boards.push(Board { path, file, note, written: Instant::now() });
}

/// Says what this run said last.
pub(super) fn say(what: &str) {
    let what = text::short_line(what, MAX_CHARS);
    change(|note| (note.last, note.percent) = (what.clone(), None));
}

/// Says which step it is at.
pub(super) fn step(number: u64, of: u64) {
    change(|note| note.step = format!("{number}/{of}"));
}

/// Says how far it is with that.
pub(super) fn percent(percent: u64) {
    change(|note| note.percent = Some(percent));
}

fn change(change: impl Fn(&mut AtWork)) {
    for board in boards().iter_mut() {
        change(&mut board.note);
        if board.written.elapsed() >= WRITE_EVERY {
            board.written = Instant::now();
            write(board.file.as_ref(), &board.note);
        }
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    #[allow(unused_mut, reason = "only Unix has a mode to set")]
    let mut options = std::fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.write(true).create(true).truncate(false).open(path)
}

/// Writes it over what was there, as long as ever: nothing is cut, and no reader finds half of it behind.
fn write(file: Option<&File>, note: &AtWork) {
    let mut bytes = serde_json::to_vec(note).expect("plain data");
    bytes.resize(bytes.len().max(PADDED_BYTES), b' ');
    // Unsynced: it is worth nothing once the run is gone, and no reason to end one.
    if let Some(file) = file {
        let _ = write_at_start(file, &bytes);
    }
}

#[cfg(unix)]
fn write_at_start(file: &File, bytes: &[u8]) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, 0)
}

#[cfg(not(unix))]
fn write_at_start(mut file: &File, bytes: &[u8]) -> std::io::Result<()> {
    std::io::Seek::rewind(&mut file)?;
    std::io::Write::write_all(&mut file, bytes)
}

/// The other run that holds a journal now; `None` where none does, or this one.
/// What it does not say of itself is empty.
pub(super) fn now(journal: &Path, context: &Context) -> Option<AtWork> {
    let note = path(journal);
    if boards().iter().any(|board| board.path == note) {
        return None;
    }
    let lock = lock_path(journal);
    let held = lock.is_file() && media::lock(&lock, LockWait::No).is_ok_and(|free| free.is_none());
    held.then(|| read(journal).unwrap_or_else(|| unknown(context)))
}

fn read(journal: &Path) -> Option<AtWork> {
    let bytes = media::read_bounded(&path(journal), MAX_BYTES, "what a run says of itself").ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn unknown(context: &Context) -> AtWork {
    let command = "a command that is not known".to_owned();
    AtWork {
        command,
        by: String::new(),
        pid: 0,
        since: context.now(),
        step: String::new(),
        last: String::new(),
        percent: None,
    }
}

/// The same error, which names the run that holds the journal.
pub(super) fn named(error: JournalError, journal: &Path, who: &Identity, context: &Context) -> JournalError {
    let JournalError::Busy { lock, .. } = error else { return error };
    let run = now(journal, context).map(|run| run.told());
    let inventory = Inventory::read(&context.home).ok();
    let name = inventory.and_then(|inventory| inventory.of(who).next().map(|entry| entry.name.to_string()));
    JournalError::Busy { lock, run, name }
}

impl AtWork {
    /// Which run it is, by whom and since when.
    pub(super) fn told(&self) -> String {
        format!(
            "{} by {} (process {}) since {}",
            text::printable(&self.command),
            text::one_line(&self.by),
            self.pid,
            local_time(self.since)
        )
    }

    /// Where it stands; empty where it has said nothing yet.
    pub(super) fn stands(&self) -> String {
        let last = text::one_line(&self.last);
        // What begins a step names it.
        let at = match self.step.is_empty() || last.starts_with('[') {
            true => String::new(),
            false => format!("[{}] ", text::one_line(&self.step)),
        };
        match self.percent {
            Some(percent) => format!("{at}{last} ({percent} %)"),
            None => format!("{at}{last}"),
        }
    }

    /// For events.
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "command": self.command, "by": self.by, "pid": self.pid, "since": self.since, "step": self.step,
            "last": self.last, "percent": self.percent,
        })
    }
}

/// A bar whose progress a second terminal sees.
pub(super) struct SeenBar {
    inner: Box<dyn Bar>,
    total_bytes: u64,
    done_bytes: AtomicU64,
}

impl SeenBar {
    pub(super) fn new(label: &str, total_bytes: u64, inner: Box<dyn Bar>) -> Self {
        say(label);
        SeenBar { inner, total_bytes, done_bytes: AtomicU64::new(0) }
    }
}

impl Meter for SeenBar {
    fn advance(&self, bytes: u64) {
        self.inner.advance(bytes);
        let before = self.done_bytes.fetch_add(bytes, Ordering::Relaxed);
        let part = |done: u64| done.saturating_mul(100).checked_div(self.total_bytes);
        // Once a per cent: each is a file that is written.
        if let (Some(now), true) = (part(before + bytes), part(before) != part(before + bytes)) {
            percent(now.min(100));
        }
    }
}

impl Bar for SeenBar {
    fn finish(self: Box<Self>) {
        self.inner.finish();
    }
}
