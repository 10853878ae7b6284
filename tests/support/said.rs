//! What a program said, and how it ended.

use super::events;
use handcarry::testing::model::Exit;
use serde_json::Value;
use std::io::Write;
use std::process::{Child, Command, Output, Stdio};

pub const INSIDE: &str = env!("CARGO_BIN_EXE_handcarry-inside");
pub const OUTSIDE: &str = env!("CARGO_BIN_EXE_handcarry-outside");

/// A program that has ended.
#[derive(Debug)]
pub struct Said {
    /// Its exit code; -1 where a signal ended it.
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// An exit code, by number or by name.
pub trait Code {
    fn number(self) -> i32;
}

impl Code for i32 {
    fn number(self) -> i32 {
        self
    }
}

impl Code for u8 {
    fn number(self) -> i32 {
        i32::from(self)
    }
}

impl Code for Exit {
    fn number(self) -> i32 {
        i32::from(self.code())
    }
}

impl Said {
    /// Asserts the exit code, showing all that was said where it differs.
    #[track_caller]
    pub fn ends(self, code: impl Code) -> Self {
        assert_eq!(self.code, code.number(), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Asserts that it was said, on either stream.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.has(text), "{text:?} is missing in\nstdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    pub fn has(&self, text: &str) -> bool {
        self.out.contains(text) || self.err.contains(text)
    }

    /// All that it said, on both streams.
    pub fn text(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// What it said with `--json`, a value a line.
    #[track_caller]
    pub fn json(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }

    /// The JSON events of one kind, among lines that are none.
    pub fn events(&self, kind: &str) -> Vec<Value> {
        let lines = self.out.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|event| event["event"] == kind).collect()
    }

    /// The last of them.
    #[track_caller]
    pub fn event(&self, kind: &str) -> Value {
        self.events(kind).pop().unwrap_or_else(|| panic!("no event {kind}: {self:?}"))
    }

    /// The digest by which what it told can be agreed to, before anything is pressed.
    #[track_caller]
    pub fn agreed(&self) -> String {
        let of_all = self.events("first-press-of-all").pop();
        let press = of_all.unwrap_or_else(|| self.event("first-press"));
        let digest = press["plan_sha256"].as_str().map(str::to_owned);
        digest.expect("the digest of a plan")
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| match output.status.code() {
            Some(_) => String::from_utf8(bytes).expect("UTF-8"),
            // A signal may have cut a letter in two.
            None => String::from_utf8_lossy(&bytes).into_owned(),
        };
        let out = text(output.stdout);
        // A signal may have cut the last of them.
        if output.status.code().is_some() {
            events::hold(&out);
        }
        Said { code: output.status.code().unwrap_or(-1), out, err: text(output.stderr) }
    }
}

/// Runs a program to its end; `answers` are typed one a line.
pub fn run(command: &mut Command, answers: &str) -> Said {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    finish(piped.spawn().expect("the program starts"), answers)
}

/// Types into a program that was started with pipes, and waits for its end.
pub fn finish(mut child: Child, answers: &str) -> Said {
    // A run that needs no answer may be gone by now.
    let _ = child.stdin.take().expect("piped").write_all(answers.as_bytes());
    child.wait_with_output().expect("it ends").into()
}
