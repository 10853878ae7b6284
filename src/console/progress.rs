//! How far long work is: a bar on a terminal, plain lines otherwise, JSON
//! events with `--json`.

use super::streams::Stream;
use super::{Console, kind, live, spoken};
use crate::language;
use crate::model::{Meter, text};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Seconds between two plain lines or JSON events.
// Plain lines go to logs, where each second's would bury what matters; longer silence looks like a hang.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// One piece of long work, shared by all cores that do it. A total of 0 is an
/// unknown one.
pub struct Progress {
    label: String,
    total_bytes: u64,
    done_bytes: AtomicU64,
    began: Instant,
    face: Face,
}

enum Face {
    Bar(indicatif::ProgressBar),
    /// JSON events where there is a console to print them.
    Lines {
        json: Option<Console>,
        last: Mutex<Instant>,
    },
    None,
}

impl Progress {
    pub(super) fn start(label: &str, total_bytes: u64, json: Option<Console>, quiet: bool) -> Self {
        let face = if json.is_some() {
            Face::Lines { json, last: Mutex::new(Instant::now()) }
        } else if quiet {
            Face::None
        } else if live::can_draw() {
            Face::Bar(bar(&language::told(label), total_bytes))
        } else {
            Face::Lines { json: None, last: Mutex::new(Instant::now()) }
        };
        Progress { label: label.to_owned(), total_bytes, done_bytes: AtomicU64::new(0), began: Instant::now(), face }
    }

    /// Ends it, to be called once; tells the whole where lines are printed.
    pub fn finish(&self) {
        match &self.face {
            Face::Bar(bar) => bar.finish_and_clear(),
            Face::Lines { json, .. } => self.tell(json.as_ref(), self.done_bytes.load(Ordering::Relaxed)),
            Face::None => {}
        }
    }

    fn tell(&self, json: Option<&Console>, done: u64) {
        if let Some(console) = json {
            // To the millisecond: how fast it went is one division.
            let elapsed_secs = self.began.elapsed().as_millis() as f64 / 1e3;
            let event = serde_json::json!({
                "what": self.label, "done_bytes": done, "total_bytes": self.total_bytes, "elapsed_secs": elapsed_secs,
            });
            console.event(&kind::PROGRESS, event);
        } else {
            let of = match self.total_bytes {
                0 => String::new(),
                total => format!(" of {}", text::bytes(total)),
            };
            Stream::Err.mention(&spoken(&format!("{}: {}{of}", self.label, text::bytes(done))));
        }
    }
}

impl Meter for Progress {
    fn advance(&self, bytes: u64) {
        // `Relaxed` is enough: it is a number for people, and nothing is decided by it.
        let done = self.done_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        match &self.face {
            Face::Bar(bar) => bar.set_position(done),
            Face::Lines { json, last } => {
                // A core that works must not wait for the one that prints:
                // then this line is left out, and the next one tells more.
                let Ok(mut last) = last.try_lock() else { return };
                if last.elapsed() >= LINE_EVERY {
                    *last = Instant::now();
                    self.tell(json.as_ref(), done);
                }
            }
            Face::None => {}
        }
    }
}

fn bar(label: &str, total_bytes: u64) -> indicatif::ProgressBar {
    let template = match total_bytes {
        0 => "{msg} {spinner} {binary_bytes} {binary_bytes_per_sec}",
        _ => "{msg} {wide_bar} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta}",
    };
    let style = indicatif::ProgressStyle::with_template(template).expect("the templates are constant and valid");
    let bar = match total_bytes {
        0 => indicatif::ProgressBar::new_spinner(),
        total => indicatif::ProgressBar::new(total),
    };
    let bar = bar.with_style(style);
    bar.set_message(label.to_owned());
    live::shown(&bar);
    bar
}
