//! What several runs say, passed on line by line, each with its name.

use crate::console::Console;
use crate::model::text;
use serde_json::{Map, Value};
use std::io::{BufRead, BufReader, Read};

/// Longest line of a run that is passed on, in bytes: an agreement's text is
/// the longest thing one says.
const MAX_LINE_BYTES: u64 = 1 << 20;

/// How a run said that it ended.
#[derive(Debug, Default)]
pub(super) struct Ending {
    pub message: String,
    pub hint: Option<String>,
}

/// A line of a run.
pub(super) enum Line {
    /// What it tells people.
    People(String),
    /// An event: its kind and its members.
    Event(String, Map<String, Value>),
}

impl Line {
    /// Tells it as this run's own.
    pub(super) fn pass_on(self, console: &Console) {
        match self {
            Line::People(text) => console.say_words(&text),
            Line::Event(kind, event) => console.pass_on(&kind, event),
        }
    }
}

/// Reads what a run tells people.
pub(super) fn people(stream: impl Read, mut each: impl FnMut(String)) {
    lines(stream, |line| each(text::one_line(line)));
}

/// Reads a run's events, with the appliance's name in them; returns how it said
/// that it ended.
pub(super) fn events(name: &str, stream: impl Read, mut each: impl FnMut(String, Map<String, Value>)) -> Ending {
    let mut ending = Ending::default();
    lines(stream, |line| {
        let Ok(Value::Object(mut event)) = serde_json::from_str::<Value>(line) else { return };
        let Some(Value::String(kind)) = event.remove("event") else { return };
        if kind == "error" || kind == "waiting" {
            let words = |key: &str| event.get(key).and_then(Value::as_str).map(text::one_line);
            ending = Ending { message: words("message").unwrap_or_default(), hint: words("hint") };
        }
        if !event.contains_key("appliance") && !event.contains_key("appliances") {
            event.insert("appliance".to_owned(), name.into());
        }
        each(kind, event);
    });
    ending
}

fn lines(stream: impl Read, mut each: impl FnMut(&str)) {
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    loop {
        line.clear();
        match stream.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line) {
            Ok(1..) => each(String::from_utf8_lossy(&line).trim_end()),
            // The run's end, or a pipe that broke with it: its exit code says the rest.
            Ok(0) | Err(_) => return,
        }
    }
}
