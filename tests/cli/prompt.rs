//! A prompt in an empty folder: runs a line of shell as a person would type
//! it, and hands back what came, without what differs from run to run.

use crate::support::events;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where the golden files lie.
pub fn golden(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli").join(below)
}

/// Whether golden files are to be written anew.
pub fn bless() -> bool {
    std::env::var_os("HANDCARRY_BLESS").is_some()
}

/// The days, as times begin with them.
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A person's folder, with a home below it and both programs in the path.
pub struct Prompt {
    folder: tempfile::TempDir,
}

/// What one line of shell gave.
pub struct Answer {
    /// Its exit code.
    pub code: Option<i32>,
    /// What it printed, standard error among standard output as it came.
    pub shown: String,
}

impl Prompt {
    pub fn new() -> Self {
        Prompt { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// Runs `line` with standard error going where standard output goes.
    pub fn run(&self, line: &str) -> Answer {
        self.start(line, "exec 2>&1")
    }

    /// Runs `line` and keeps standard output only.
    pub fn stdout(&self, line: &str) -> Answer {
        self.start(line, "exec 2>/dev/null")
    }

    fn start(&self, line: &str, redirection: &str) -> Answer {
        let programs = Path::new(env!("CARGO_BIN_EXE_handcarry-inside")).parent().expect("a folder");
        let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
        let output = Command::new("sh")
            .args(["-c", &format!("{redirection}; umask 022; {line}")])
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", path)
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC")
            .env("USER", "operator")
            .env("HANDCARRY_HOME", "home")
            // What is plugged into this machine is nothing of a session's.
            .env("HANDCARRY_MEDIA", "")
            .stdin(Stdio::null())
            .output()
            .expect("sh is there");
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        events::hold(&shown);
        Answer { code: output.status.code(), shown: self.constant(&shown) }
    }

    /// Puts a fixed text in the place of all that differs from run to run.
    fn constant(&self, shown: &str) -> String {
        let shown = shown.replace(&self.folder.path().display().to_string(), "/desk");
        // Whether the kernel lets go of its cache is up to what else the machine does.
        let cached = |line: &&str| line.starts_with("warning: read back and found right, but perhaps from memory");
        let shown: String = shown.split_inclusive('\n').filter(|line| !cached(line)).collect();
        let mut kept = String::new();
        let mut rest = shown.as_str();
        while !rest.is_empty() {
            let word: usize =
                rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+/=:.-_…".contains(c))).unwrap_or(rest.len());
            let (token, after) = rest.split_at(word.max(rest.chars().next().map_or(0, char::len_utf8)));
            kept.push_str(&constant_word(token));
            rest = after;
        }
        DAYS.iter().fold(kept, |kept, day| kept.replace(&format!("{day} DATE"), "DAY DATE"))
    }
}

/// One word without its randomness: keys, fingerprints, ids, times.
fn constant_word(word: &str) -> String {
    if word.starts_with("AAAAC3NzaC1lZDI1NTE5") {
        return "AAAA…".to_owned();
    }
    if let Some((before, after)) = word.split_once("SHA256:")
        && after.len() >= 43
    {
        return format!("{before}SHA256:…");
    }
    if is_like(word, "0000-00-00") || is_like(word, "0000-00-00T00:00:00Z") {
        return "DATE".to_owned();
    }
    if is_like(word, "00:00") {
        return "TIME".to_owned();
    }
    let name = |name: &str| name.split('-').map(constant_part).collect::<Vec<_>>().join("-");
    word.split('/').map(name).collect::<Vec<_>>().join("/")
}

/// Whether a word has digits where `form` has a 0, and is the same elsewhere.
fn is_like(word: &str, form: &str) -> bool {
    let fits = |(w, f): (u8, u8)| if f == b'0' { w.is_ascii_digit() } else { w == f };
    word.len() == form.len() && word.bytes().zip(form.bytes()).all(fits)
}

/// One part of a name: ids and digests are hex, and long enough to have a digit.
fn constant_part(part: &str) -> String {
    let (id, suffix) = part.split_at(part.find(['.', ':']).unwrap_or(part.len()));
    let hex = id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    match id.len() {
        8 | 12 | 32 if hex => format!("ID{suffix}"),
        64 if hex => format!("DIGEST{suffix}"),
        16 if is_like(id, "00000000t000000z") => format!("MOMENT{suffix}"),
        _ => part.to_owned(),
    }
}
