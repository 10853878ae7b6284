//! The verb `tour`: the whole round trip, by the two real programs, against
//! the lab, in a folder of its own.
//!
//! It does nothing that a person could not type: each step is a command, shown
//! as typed, run as a process, and judged by its exit code.

mod steps;

use crate::cli::{Context, Half};
use crate::console::kind;
use crate::language;
use crate::model::{Exit, Failure, Id, ShowPath};
use clap::{Args, ValueEnum};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long the lab may take to be ready.
const LAB_READY: Duration = Duration::from_secs(60);

/// Most of a step's output kept for later steps, in bytes.
const MAX_OUTPUT_BYTES: u64 = 16 << 20;

/// See the whole trip against a lab on this machine
///
/// Starts the lab, then runs handcarry-outside and handcarry-inside through
/// every step of an upgrade, printing each command as a person would type it
/// and what it says. Needs no network but loopback.
#[derive(Debug, Args)]
pub struct TourArgs {
    /// New folder for everything the tour makes [default: one in the temporary folder]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Language of the appliance's pages
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pages: Language,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Language {
    /// English
    En,
    /// Portuguese
    Pt,
}

/// Walks the whole trip.
///
/// # Errors
/// [`Exit::TourFailed`], naming the first step that did not end as it should.
pub fn run(args: &TourArgs, context: &mut Context) -> Result<(), Failure> {
    let dir = match &args.dir {
        Some(dir) => dir.clone(),
        None => std::env::temp_dir().join(format!("handcarry-tour-{}", Id::random().short())),
    };
    std::fs::create_dir(&dir).map_err(|error| {
        Failure::new(Exit::Exists, format!("can't make the tour's folder {}: {error}", dir.shown()))
            .hint("name a folder that does not exist yet with --dir DIR")
    })?;
    let inside = std::env::current_exe()
        .map_err(|error| Failure::new(Exit::Failure, format!("can't tell where this program lies: {error}")))?;
    let outside = inside.with_file_name(format!("{}{}", Half::Outside.program(), std::env::consts::EXE_SUFFIX));
    if !outside.is_file() {
        return Err(Failure::new(
            Exit::NotFound,
            format!("the other half is not beside this one: {}", outside.shown()),
        )
        .hint("build both: cargo build --release --locked"));
    }
    let mut guide = Guide { inside, outside, dir, lab: None, step: 0, context };
    steps::walk(
        &mut guide,
        match args.pages {
            Language::En => "en",
            Language::Pt => "pt",
        },
    )
}

/// Runs the steps and shows them.
struct Guide<'a> {
    inside: PathBuf,
    outside: PathBuf,
    dir: PathBuf,
    lab: Option<Child>,
    step: usize,
    context: &'a mut Context,
}

/// What a step said.
struct Said(String);

impl Said {
    /// The allowed_signers line in it; empty where there is none.
    fn signer_line(&self) -> &str {
        self.0.lines().find(|line| line.contains(" ssh-ed25519 ")).unwrap_or_default()
    }
}

impl Guide<'_> {
    /// Shows a heading.
    fn chapter(&mut self, title: &str) {
        self.step += 1;
        self.context.console.say(format!("\n== {}. {title}", self.step));
        self.context.console.event(&kind::CHAPTER_BEGUN, serde_json::json!({ "number": self.step, "title": title }));
    }

    /// Shows text beneath it.
    fn tell(&self, text: &str) {
        self.context.console.say(text);
    }

    /// Runs one command that must end with `expected`.
    fn run(&mut self, half: Half, args: &[&str], answers: &str, expected: Exit) -> Result<Said, Failure> {
        let typed = typed(half, args);
        self.context.console.say_words(&format!("$ {typed}"));
        for answer in answers.lines() {
            self.context.console.say(format!("  (answering: {answer})"));
        }
        let trouble = |error| failed(&typed, &error);
        // One pipe for both streams, so that they are told in the order they came.
        let (reader, writer) = std::io::pipe().map_err(trouble)?;
        let mut command = self.command(half, args);
        command.stdin(Stdio::piped()).stdout(writer.try_clone().map_err(trouble)?).stderr(writer);
        let mut child = command.spawn().map_err(trouble)?;
        // The command holds the pipe's writing end, which must close for the reading to end.
        drop(command);
        let mut stdin = child.stdin.take().expect("stdin is piped");
        // A step that needs no answer may be gone before this is written.
        let _ = stdin.write_all(answers.as_bytes());
        drop(stdin);
        let said = echo(reader, &self.context.console);
        let status = child.wait().map_err(trouble)?;
        self.context.console.event(&kind::TOUR_STEP, serde_json::json!({ "command": typed, "exit": status.code() }));
        if status.code() != Some(i32::from(expected.code())) {
            return Err(Failure::new(
                Exit::TourFailed,
                format!("'{typed}' ended with {status}, not with exit code {}", expected.code()),
            )
            .hint(format!("everything it made lies in {}", self.dir.shown())));
        }
        Ok(Said(said))
    }

    /// Starts the lab beside this process and waits until it is ready.
    fn start_lab(&mut self, args: &[&str]) -> Result<serde_json::Value, Failure> {
        let typed = typed(Half::Inside, args);
        self.context.console.say_words(&format!("$ {typed} &"));
        let child = self
            .command(Half::Inside, args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| failed(&typed, &error))?;
        self.lab = Some(child);
        let facts = self.dir.join("lab/lab.json");
        let begun = Instant::now();
        while begun.elapsed() < LAB_READY {
            if let Ok(text) = std::fs::read_to_string(&facts)
                && let Ok(value) = serde_json::from_str(&text)
            {
                return Ok(value);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(Failure::new(Exit::TourFailed, "the lab did not start within a minute")
            .hint(format!("see what it says: {typed}")))
    }

    fn command(&self, half: Half, args: &[&str]) -> Command {
        let program = match half {
            Half::Inside => &self.inside,
            Half::Outside => &self.outside,
        };
        let mut command = Command::new(program);
        command.args(args).env("HANDCARRY_HOME", self.dir.join("home")).env("NO_COLOR", "1");
        command.env("HANDCARRY_LANGUAGE", language::spoken().code());
        command
    }

    fn path(&self, below: &str) -> String {
        self.dir.join(below).to_string_lossy().into_owned()
    }
}

impl Drop for Guide<'_> {
    fn drop(&mut self) {
        if let Some(mut lab) = self.lab.take() {
            let _ = lab.kill();
            let _ = lab.wait();
        }
    }
}

/// Shows a child's lines as they come, indented, and returns them.
fn echo(stream: impl Read, console: &crate::console::Console) -> String {
    let mut kept = String::new();
    let mut reader = BufReader::new(stream.take(MAX_OUTPUT_BYTES));
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&line);
        console.say_words(&format!("  {}", text.trim_end()));
        kept.push_str(&text);
        line.clear();
    }
    kept
}

/// The command as a person would type it.
fn typed(half: Half, args: &[&str]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/.-_=:@,%+".contains(c);
    let quoted = args.iter().map(|arg| match arg.chars().all(plain) && !arg.is_empty() {
        true => (*arg).to_owned(),
        false => format!("'{}'", arg.replace('\'', r"'\''")),
    });
    std::iter::once(half.program().to_owned()).chain(quoted).collect::<Vec<_>>().join(" ")
}

fn failed(typed: &str, error: &std::io::Error) -> Failure {
    Failure::new(Exit::TourFailed, format!("can't run '{typed}': {error}"))
}

/// Makes a folder of the tour.
fn make_folder(path: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(path)
        .map_err(|error| Failure::new(Exit::TourFailed, format!("can't make {}: {error}", path.shown())))
}
