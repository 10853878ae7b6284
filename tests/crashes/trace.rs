//! Runs a program under strace: every call that changes a file, and one of
//! them struck, by SIGKILL on its way in or by an error instead of its effect.

use super::person::{Answers, attended};
use crate::support::faketime;
use crate::support::said::Said;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every call by which a file, a name or a folder can change.
const CALLS: &str = "write,pwrite64,writev,pwritev,pwritev2,copy_file_range,sendfile,splice,fsync,fdatasync,\
    syncfs,sync_file_range,msync,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,\
    mkdir,mkdirat,mknod,mknodat,truncate,ftruncate,fallocate,chmod,fchmod,fchmodat,open,openat,openat2,creat";

/// How much faster time goes for a program that waits for an appliance.
pub const HASTE: &str = "+0 x8";

/// What a struck call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strike {
    Kill,
    Io,
    NoSpace,
    ReadOnly,
}

impl Strike {
    pub const ERRORS: [Strike; 3] = [Strike::Io, Strike::NoSpace, Strike::ReadOnly];

    fn injected(self) -> &'static str {
        match self {
            Strike::Kill => "signal=KILL",
            Strike::Io => "error=EIO",
            Strike::NoSpace => "error=ENOSPC",
            Strike::ReadOnly => "error=EROFS",
        }
    }
}

/// A call to strike: the `nth` of that name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    pub call: String,
    pub nth: usize,
    pub deed: Deed,
    /// What it does to which file, ids and numbers blotted out, and how many
    /// like it came before: the same in every run.
    pub label: String,
}

/// What one call did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Opened for writing, or made.
    Open {
        path: PathBuf,
        made: bool,
        emptied: bool,
    },
    Write {
        path: PathBuf,
        bytes: u64,
    },
    Cut {
        path: PathBuf,
        len: u64,
    },
    Sync {
        path: PathBuf,
    },
    SyncAll,
    MakeFolder {
        path: PathBuf,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Link {
        to: PathBuf,
    },
    Remove {
        path: PathBuf,
    },
    Mode {
        path: PathBuf,
    },
}

#[derive(Debug, Clone)]
pub struct Call {
    pub name: String,
    /// Which of its name it was, in its thread.
    pub nth: usize,
    pub deed: Deed,
    pub outcome: Outcome,
    pub main_thread: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Failed,
    /// The process was killed before it took effect.
    Never,
}

/// How a run ended and what it did to the files below its folder.
pub struct Run {
    pub said: Said,
    pub calls: Vec<Call>,
}

/// One command line and all that is around it.
pub struct Order<'a> {
    pub program: &'a str,
    pub args: &'a [String],
    pub answers: Answers<'a>,
    pub folder: &'a Path,
    /// Whether it waits, so that its time must go faster.
    pub hasty: bool,
}

impl Order<'_> {
    pub fn run(&self, strike: Option<(&Point, Strike)>) -> Run {
        let log = self.folder.join("trace");
        let mut command = Command::new("strace");
        command.args(["-f", "-y", "-s", "0", "-e", "signal=none", "-e"]).arg(format!("trace={CALLS}"));
        if !matches!(strike, Some((_, Strike::Kill))) {
            // Much faster, but signals are not delivered at the stops it makes.
            command.arg("--seccomp-bpf");
        }
        if let Some((point, strike)) = strike {
            command.arg("-e").arg(format!("inject={}:{}:when={}", point.call, strike.injected(), point.nth));
        }
        if self.hasty {
            let library = faketime::library();
            command.arg("-E").arg(format!("LD_PRELOAD={}", library.display()));
            command.arg("-E").arg(format!("FAKETIME={HASTE}"));
            command.args(["-E", "FAKETIME_DONT_FAKE_MONOTONIC=1"]);
            // Nothing is left in /dev/shm by a process that is killed.
            command.args(["-E", "FAKETIME_DISABLE_SHM=1"]);
        }
        command.arg("-o").arg(&log).arg(self.program).args(self.args);
        command.env("HANDCARRY_HOME", self.folder.join("home")).env("TMPDIR", self.folder.join("tmp"));
        command.env("NO_COLOR", "1").env("RUST_BACKTRACE", "0").current_dir(self.folder);
        let said = attended(&mut command, &self.answers);
        let calls = read(&std::fs::read_to_string(&log).expect("a trace"), self.folder);
        std::fs::remove_file(&log).expect("a trace");
        Run { said, calls }
    }
}

impl Deref for Run {
    type Target = Said;

    fn deref(&self) -> &Said {
        &self.said
    }
}

impl Run {
    /// The points at which this run can be struck: each change of a file below
    /// its folder, in turn.
    pub fn points(&self) -> Vec<Point> {
        points(&self.calls)
    }

    /// Which of its name the call with this label was; `None` where it never came. Of a run that was struck, threads
    /// may be told that a clean one does not show.
    pub fn nth(&self, label: &str) -> Option<usize> {
        let calls: Vec<Call> = self.calls.iter().filter(|call| call.main_thread).cloned().collect();
        points(&calls).into_iter().find(|point| point.label == label).map(|point| point.nth)
    }

    /// The label of the call at which it was killed or failed.
    pub fn struck(&self) -> Option<String> {
        let at = self.calls.iter().position(|call| call.outcome != Outcome::Done)?;
        points(&self.calls[..=at]).pop().map(|point| point.label)
    }
}

fn points(calls: &[Call]) -> Vec<Point> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut points = Vec::new();
    for call in calls {
        if matches!(call.deed, Deed::Open { made: false, emptied: false, .. }) {
            continue;
        }
        assert!(call.main_thread, "only the main thread changes files, else a call can't be counted: {call:?}");
        let what = format!("{} {}", call.name, what(&call.deed));
        let count = seen.entry(what.clone()).or_default();
        *count += 1;
        // How many pieces a download comes in is the network's to say, and how often a run says where it
        // stands the clock's.
        let of_network = what.starts_with("write ") && (what.contains("/partial/") || what.contains("/backups/"));
        let of_clock = what.starts_with("pwrite64 ") && what.ends_with(".run.json");
        if of_network || of_clock {
            *count = 1;
        }
        let label = format!("{what} #{count}");
        points.push(Point { call: call.name.clone(), nth: call.nth, deed: call.deed.clone(), label });
    }
    points
}

/// A deed's file, with ids, digests and times blotted out.
fn what(deed: &Deed) -> String {
    let path = match deed {
        Deed::Open { path, .. } | Deed::Write { path, .. } | Deed::Cut { path, .. } | Deed::Sync { path } => path,
        Deed::MakeFolder { path } | Deed::Remove { path } | Deed::Mode { path } => path,
        Deed::Rename { to, .. } | Deed::Link { to } => to,
        Deed::SyncAll => return "all".to_owned(),
    };
    let mut told = String::new();
    for word in path.to_string_lossy().split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let (body, end) = word.split_at(word.len() - usize::from(word.ends_with(|c: char| !c.is_ascii_alphanumeric())));
        let hex = body.len() >= 2 && body.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let time = body.len() == 16 && body.ends_with('z');
        told.push_str(if hex || time { "*" } else { body });
        told.push_str(end);
    }
    told
}

/// Reads strace's log: the calls that concern files below `folder`.
fn read(log: &str, folder: &Path) -> Vec<Call> {
    let mut unfinished: BTreeMap<&str, String> = BTreeMap::new();
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut calls = Vec::new();
    let main = log.split_whitespace().next().unwrap_or_default().to_owned();
    let mut take = |pid: &str, line: &str| {
        let Some((name, rest)) = line.split_once('(') else { return };
        let count = counts.entry((pid.to_owned(), name.to_owned())).or_default();
        *count += 1;
        let Some(deed) = deed(name, rest) else { return };
        let Some(deed) = below(deed, folder) else { return };
        let outcome = match rest.rsplit_once(" = ") {
            Some((_, result)) if result.starts_with('-') => Outcome::Failed,
            Some((_, result)) if result.starts_with(|c: char| c.is_ascii_digit()) => Outcome::Done,
            _ => Outcome::Never,
        };
        // A file that is looked for and not there is not changed.
        if outcome == Outcome::Failed && !rest.contains("(INJECTED)") {
            return;
        }
        calls.push(Call { name: name.to_owned(), nth: *count, deed, outcome, main_thread: pid == main });
    };
    for line in log.lines() {
        let Some((pid, text)) = line.split_once(' ') else { continue };
        let text = text.trim_start();
        if let Some(begun) = text.strip_suffix(" <unfinished ...>") {
            unfinished.insert(pid, begun.to_owned());
        } else if let Some(resumed) = text.strip_prefix("<... ") {
            let end = resumed.split_once(" resumed>").map_or("", |(_, end)| end);
            if let Some(begun) = unfinished.remove(pid) {
                take(pid, &format!("{begun}{end}"));
            }
        } else if !text.starts_with("+++") && !text.starts_with("---") {
            take(pid, text);
        }
    }
    for (pid, begun) in unfinished {
        take(pid, &begun);
    }
    calls
}

/// What a call does, from its name and the text of its arguments.
fn deed(name: &str, rest: &str) -> Option<Deed> {
    let result = rest.rsplit_once(" = ").map_or("", |(_, result)| result);
    let number = |text: &str| text.trim().trim_end_matches(')').parse::<u64>().ok();
    // Each name in quotes, in the folder that stands before it where one does.
    let named = || {
        let parts: Vec<&str> = rest.split('"').collect();
        let place = |before: &str| Some(before.rsplit_once('<')?.1.split_once('>')?.0.to_owned());
        let name = |pair: &[&str]| PathBuf::from(place(pair[0]).unwrap_or_default()).join(pair[1]);
        parts.chunks(2).filter(|pair| pair.len() == 2).map(name).collect::<Vec<_>>()
    };
    let opened = |nth: usize| {
        let inner = rest.split('<').nth(nth + 1)?;
        let path = inner.split_once('>')?.0;
        path.starts_with('/').then(|| PathBuf::from(path))
    };
    Some(match name {
        "write" | "pwrite64" | "writev" | "pwritev" | "pwritev2" => {
            Deed::Write { path: opened(0)?, bytes: number(result.split(' ').next()?).unwrap_or(0) }
        }
        "copy_file_range" | "splice" => {
            Deed::Write { path: opened(1)?, bytes: number(result.split(' ').next()?).unwrap_or(0) }
        }
        "sendfile" => Deed::Write { path: opened(0)?, bytes: number(result.split(' ').next()?).unwrap_or(0) },
        "fsync" | "fdatasync" | "sync_file_range" | "msync" => Deed::Sync { path: opened(0)? },
        "syncfs" => Deed::SyncAll,
        "ftruncate" => {
            let len = rest.split(',').nth(1).and_then(|len| number(len.split(')').next()?))?;
            Deed::Cut { path: opened(0)?, len }
        }
        "fallocate" | "fchmod" => Deed::Mode { path: opened(0)? },
        "truncate" => Deed::Cut { path: named().into_iter().next()?, len: 0 },
        "mkdir" | "mkdirat" => Deed::MakeFolder { path: named().into_iter().next()? },
        "rename" | "renameat" | "renameat2" => {
            let mut names = named().into_iter();
            Deed::Rename { from: names.next()?, to: names.next()? }
        }
        "link" | "linkat" | "symlink" | "symlinkat" => Deed::Link { to: named().into_iter().nth(1)? },
        "unlink" | "unlinkat" | "rmdir" => Deed::Remove { path: named().into_iter().next()? },
        "chmod" | "fchmodat" | "mknod" | "mknodat" => Deed::Mode { path: named().into_iter().next()? },
        "open" | "openat" | "openat2" | "creat" => {
            let writes = ["O_WRONLY", "O_RDWR"].iter().any(|mode| rest.contains(mode)) || name == "creat";
            writes.then_some(())?;
            let path = named().into_iter().next()?;
            Deed::Open { path, made: rest.contains("O_CREAT"), emptied: rest.contains("O_TRUNC") }
        }
        _ => return None,
    })
}

/// The deed with paths below the folder; `None` where it concerns others.
fn below(deed: Deed, folder: &Path) -> Option<Deed> {
    let short = |path: PathBuf| -> Option<PathBuf> {
        let path = if path.is_absolute() { path } else { folder.join(path) };
        let short = path.strip_prefix(folder).ok()?;
        (!short.starts_with("trace")).then(|| short.to_path_buf())
    };
    Some(match deed {
        Deed::Open { path, made, emptied } => Deed::Open { path: short(path)?, made, emptied },
        Deed::Write { path, bytes } => Deed::Write { path: short(path)?, bytes },
        Deed::Cut { path, len } => Deed::Cut { path: short(path)?, len },
        Deed::Sync { path } => Deed::Sync { path: short(path)? },
        Deed::SyncAll => Deed::SyncAll,
        Deed::MakeFolder { path } => Deed::MakeFolder { path: short(path)? },
        Deed::Rename { from, to } => Deed::Rename { from: short(from)?, to: short(to)? },
        Deed::Link { to } => Deed::Link { to: short(to)? },
        Deed::Remove { path } => Deed::Remove { path: short(path)? },
        Deed::Mode { path } => Deed::Mode { path: short(path)? },
    })
}
