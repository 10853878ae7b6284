//! What a run said last, kept while it is said.

use super::at_work::{self, SeenBar};
use crate::console::{Console, EventKind, LiveWork};
use crate::engine::{Bar, Reporter};
use crate::model::{Failure, Time, Timestamp, text};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::VecDeque;

/// Most lines that are kept; the oldest go.
// With a line a minute while it waits these are its last eight hours.
const MAX_LINES: usize = 500;

/// Longest line that is kept, in characters: a licence agreement is not.
const MAX_LINE_CHARS: usize = 1000;

/// The last lines of a run, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Transcript(VecDeque<String>);

impl Transcript {
    /// One text of all lines.
    pub(super) fn text(&self) -> String {
        self.0.iter().map(|line| format!("{line}\n")).collect()
    }

    /// Keeps one more line.
    fn add(&mut self, now: Timestamp, what: &str) {
        let line: String = text::short_line(what, MAX_LINE_CHARS);
        if self.0.len() == MAX_LINES {
            self.0.pop_front();
        }
        self.0.push_back(format!("{now}  {line}"));
    }
}

/// A console that keeps what it tells.
pub struct Recorder<'a> {
    console: &'a Console,
    time: &'a dyn Time,
    told: RefCell<Transcript>,
}

impl<'a> Recorder<'a> {
    /// Tells on `console`, and goes on from what was `told` before.
    pub fn new(console: &'a Console, time: &'a dyn Time, told: Transcript) -> Self {
        Recorder { console, time, told: RefCell::new(told) }
    }

    /// What was told.
    pub fn into_told(self) -> Transcript {
        self.told.into_inner()
    }

    fn keep(&self, what: &str) {
        self.told.borrow_mut().add(self.time.now(), what);
        at_work::say(what);
    }
}

impl Reporter for Recorder<'_> {
    fn say(&self, text: &str) {
        self.keep(text);
        Reporter::say(self.console, text);
    }

    fn show_agreement(&self, title: &str, text: &str) -> Result<(), Failure> {
        self.keep(&format!("{title}:\n{text}"));
        Reporter::show_agreement(self.console, title, text)
    }

    fn note(&self, text: &str) {
        self.keep(text);
        Reporter::note(self.console, text);
    }

    fn still(&self, text: &str) {
        self.keep(text);
        Reporter::still(self.console, text);
    }

    fn is_news(&self, what: &str, known: bool) -> bool {
        self.console.is_news(what, known)
    }

    fn live(&self, work: Option<LiveWork>) {
        Reporter::live(self.console, work);
    }

    fn warn(&self, text: &str) {
        self.keep(text);
        Reporter::warn(self.console, text);
    }

    fn event(&self, event: &'static EventKind, fields: Value) {
        if let Some(percent) = fields.get("percent").and_then(Value::as_u64) {
            at_work::percent(percent);
        }
        let number = |of: &str| fields.get(of).and_then(Value::as_u64);
        if let ("step" | "pair-step", Some(number), Some(of)) = (event.name(), number("number"), number("of")) {
            at_work::step(number, of);
        }
        Reporter::event(self.console, event, fields);
    }

    fn progress(&self, label: &str, total_bytes: u64) -> Box<dyn Bar> {
        Box::new(SeenBar::new(label, total_bytes, Reporter::progress(self.console, label, total_bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept_and_long_ones_cut() {
        let mut told = Transcript::default();
        let now = Timestamp::parse("2026-03-04T05:06:07Z").expect("a time");
        (0..MAX_LINES + 3).for_each(|n| told.add(now, &format!("line {n}")));
        told.add(now, &"x".repeat(MAX_LINE_CHARS * 2));
        let text = told.text();
        assert_eq!(text.lines().count(), MAX_LINES);
        assert_eq!(text.lines().next(), Some("2026-03-04T05:06:07Z  line 4"));
        assert!(text.lines().all(|line| line.chars().count() < MAX_LINE_CHARS + 40));
    }
}
