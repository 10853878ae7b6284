//! The one live line of a terminal: what goes on, for how long, what is usual,
//! when it is over. Whatever else is told stands above it.

use super::streams::Stream;
use super::{held, spoken};
use crate::model::{Timestamp, duration_human, local_clock, text};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::io::IsTerminal;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How often it is drawn anew.
// Its seconds run: a line that stands still looks like a program that hangs.
const DRAW_EVERY: Duration = Duration::from_secs(1);

/// Columns of a terminal that does not say how many it has.
const USUAL_COLUMNS: usize = 80;

/// Long work, as the live line tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveWork {
    /// What goes on, with its per cent where they are known.
    pub what: String,
    /// For how long, in seconds.
    pub gone_secs: u64,
    /// How long it usually takes, in seconds: the shortest and the longest.
    pub usual_secs: Option<(u64, u64)>,
    /// When it is over by the longest that is usual.
    pub over: Option<Timestamp>,
}

/// What is drawn on the last line now, the innermost last.
static SHOWN: Mutex<Vec<ProgressBar>> = Mutex::new(Vec::new());

/// The live line of what is waited for, and what it tells.
static LIVE: Mutex<Option<(ProgressBar, Told)>> = Mutex::new(None);

/// What the line tells, and since when it is that.
type Told = Arc<Mutex<(LiveWork, Instant)>>;

/// Whether a line can be drawn over and over there.
pub(super) fn can_draw() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

fn columns() -> usize {
    Stream::Err.columns().unwrap_or(USUAL_COLUMNS)
}

/// Keeps what others write from being drawn over by `bar`, until it is over.
pub(super) fn shown(bar: &ProgressBar) {
    let mut bars = held(&SHOWN);
    bars.retain(|bar| !bar.is_finished());
    bars.push(bar.clone());
}

/// Writes to the terminal, with what is drawn out of the way meanwhile.
pub(super) fn beside<T>(write: impl FnOnce() -> T) -> T {
    let bar = held(&SHOWN).iter().rev().find(|bar| !bar.is_finished()).cloned();
    match bar {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

/// Takes away all that is drawn: a question is asked there, or the program ends.
pub(super) fn clear() {
    held(&SHOWN).drain(..).for_each(|bar| bar.finish_and_clear());
    *held(&LIVE) = None;
}

/// Shows what goes on, or with `None` nothing any more.
pub(super) fn tell(work: Option<LiveWork>) {
    let mut live = held(&LIVE);
    match (work, live.as_ref()) {
        (None, _) => live.take().into_iter().for_each(|(bar, _)| bar.finish_and_clear()),
        (Some(work), Some((bar, told))) => {
            *held(told) = (work, Instant::now());
            bar.tick();
        }
        (Some(work), None) => {
            let told: Told = Arc::new(Mutex::new((work, Instant::now())));
            let bar = bar(Arc::clone(&told));
            shown(&bar);
            bar.enable_steady_tick(DRAW_EVERY);
            *live = Some((bar, told));
        }
    }
}

/// Whether it is shown that something goes on.
pub(super) fn is_told() -> bool {
    held(&LIVE).is_some()
}

fn bar(told: Told) -> ProgressBar {
    let line = move |_: &ProgressState, w: &mut dyn std::fmt::Write| {
        let told = held(&told);
        // One column stays free: some terminals begin the next line when the last one is written.
        let _ = w.write_str(&told.0.line(told.1.elapsed().as_secs(), columns().saturating_sub(1)));
    };
    let style = ProgressStyle::with_template("{line}").expect("the template is constant and valid");
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.with_style(style.with_key("line", line))
}

impl LiveWork {
    /// The line, `more_secs` after it was told, with as much as `columns` have room for.
    fn line(&self, more_secs: u64, columns: usize) -> String {
        let gone_secs = self.gone_secs + more_secs;
        let told = |secs: u64| duration_human(i64::try_from(secs).unwrap_or(i64::MAX));
        let what = format!("{}, {}", self.what, told(gone_secs));
        let (usual, over) = match self.usual_secs {
            None => (String::new(), String::new()),
            // The end that was told is over by then.
            Some((_, longest)) if gone_secs > longest => {
                (format!("; longer than usual, which is {}", told(longest)), String::new())
            }
            Some((shortest, longest)) => (
                format!("; usually {} to {}", told(shortest), told(longest)),
                self.over.map_or_else(String::new, |over| format!("; over by {}", local_clock(over))),
            ),
        };
        let forms = [format!("{what}{usual}{over}"), format!("{what}{over}")];
        let fitting = forms.iter().map(|form| spoken(form).into_owned()).find(|form| form.chars().count() <= columns);
        fitting.unwrap_or_else(|| text::short_line(&spoken(&what), columns.saturating_sub(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_live_line_says_how_long_and_till_when_and_never_breaks() {
        let work = LiveWork {
            what: "alpha is installing (42 %)".to_owned(),
            gone_secs: 360,
            usual_secs: Some((900, 1080)),
            over: Timestamp::parse("2026-12-05T02:47:00Z"),
        };
        let line = |more_secs, columns| work.line(more_secs, columns);
        assert_eq!(line(0, 79), "alpha is installing (42 %), 6 min; usually 15 min to 18 min; over by 02:47");
        assert_eq!(line(60, 70), "alpha is installing (42 %), 7 min; over by 02:47");
        assert_eq!(line(721, 79), "alpha is installing (42 %), 19 min; longer than usual, which is 18 min");
        assert!(line(0, 20).chars().count() <= 20, "{}", line(0, 20));
        let unusual = LiveWork { usual_secs: None, ..work.clone() };
        assert_eq!(unusual.line(0, 79), "alpha is installing (42 %), 6 min");
    }
}
