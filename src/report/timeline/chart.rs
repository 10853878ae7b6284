//! The line of time of each appliance.

use super::steps::Numbered;
use crate::model::{Timestamp, local_hours};
use crate::plan::{Op, Part, Plan};
use crate::report::page::{Drawing, LABEL_PERCENT, Markup};
use crate::report::wording::PageWords;

/// Hours between two marks of the axis; the first that needs no more marks than fit is taken.
const MARKS_HOURS: [i64; 10] = [1, 2, 3, 6, 12, 24, 48, 96, 168, 336];

/// Most marks that fit beside each other on the narrowest page.
const MAX_MARKS: usize = 7;

/// What a bar is of, which is how it is shaded.
const INSTALL: &str = "install";
const WAIT: &str = "soak";
const WORK: &str = "work";
const WINDOW: &str = "window";

/// One bar: when it begins, when it ends by the shortest and by the longest estimate.
struct Bar {
    on: Part,
    number: String,
    from: Timestamp,
    until: Timestamp,
    latest: Timestamp,
    class: &'static str,
}

/// Each appliance's line of time, the first above, over one axis.
pub(super) fn drawn(plan: &Plan, names: &[&str], words: &PageWords) -> Markup {
    let mut bars = Vec::new();
    let mut windows = Vec::new();
    for one in super::steps::numbered(plan) {
        add(one, &mut bars, &mut windows);
    }
    let begin = plan.made;
    let ends = bars.iter().map(|bar| bar.latest).chain(windows.iter().map(|(_, _, until)| *until));
    let end = ends.chain([plan.earliest_end, begin.plus_secs(3600)]).max().unwrap_or(begin);
    let whole = end.secs_since(begin).max(1) as f64;
    let place = |at: Timestamp| 100.0 * at.secs_since(begin) as f64 / whole;
    let marks = MARKS_HOURS.iter().map(|hours| local_hours(begin, end, *hours, MAX_MARKS + 1));
    let marks = marks.into_iter().find(|marks| marks.len() <= MAX_MARKS).unwrap_or_default();
    let mut drawing = Markup::default();
    let parts: &[Part] = if names.len() > 1 { &[Part::A, Part::B] } else { &[Part::A] };
    for (part, name) in parts.iter().zip(names) {
        let called = match plan.procedure.topology() {
            Some(topology) => format!("{}: {name}", topology.calls(*part)),
            None => (*name).to_owned(),
        };
        let mut lane = Drawing::default();
        for (_, from, until) in windows.iter().filter(|(on, ..)| on == part) {
            lane.bar((place(*from), place(*until)), (0, 44), WINDOW);
        }
        for (at, _) in &marks {
            lane.mark(place(*at));
        }
        let own = || bars.iter().filter(|bar| bar.on == *part);
        for bar in own() {
            lane.bar((place(bar.from), place(bar.latest)), (24, 8), bar.class);
            lane.bar((place(bar.from), place(bar.until)), (18, 20), bar.class);
        }
        for (at, label) in labels(own().map(|bar| (place(bar.from), bar.number.as_str()))) {
            lane.label(at, 13, &label);
        }
        drawing.push(Markup::el("h3", called.as_str()).and(lane.done("lane", &called)));
    }
    let mut axis = Drawing::default();
    for (at, told) in &marks {
        axis.label(place(*at), 14, told);
    }
    drawing.push(axis.done("axis", words.plan_axis));
    drawing.and(legend(words))
}

/// A step's bar, or those of the plan that it holds, and the windows they are in.
fn add(
    Numbered { number, on, step }: Numbered<'_>,
    bars: &mut Vec<Bar>,
    windows: &mut Vec<(Part, Timestamp, Timestamp)>,
) {
    if let Some(window) = &step.window {
        let one = (on, window.from, window.until);
        if !windows.contains(&one) {
            windows.push(one);
        }
    }
    let class = match step.op {
        // Its own steps are drawn in its place.
        Op::Upgrade { .. } => return,
        Op::Install { .. } => INSTALL,
        Op::Soak { .. } | Op::Window => WAIT,
        _ => WORK,
    };
    let from = step.not_before;
    let until = from.plus_secs(step.cost.min_secs);
    // Of an install alone: how long a person takes, or a network, would cover all that follows.
    let latest = if class == INSTALL { from.plus_secs(step.cost.max_secs) } else { until };
    bars.push(Bar { on, number, from, until, latest, class });
}

/// Numbers of bars; those that begin so near to each other that they would overlap are told as one: `1–4`.
fn labels<'a>(bars: impl Iterator<Item = (f64, &'a str)>) -> Vec<(f64, String)> {
    let mut told: Vec<(f64, String, Option<String>)> = Vec::new();
    for (at, number) in bars {
        match told.last_mut() {
            Some((first, _, last)) if at - *first < LABEL_PERCENT => *last = Some(number.to_owned()),
            _ => told.push((at, number.to_owned(), None)),
        }
    }
    let one = |(at, first, last): (f64, String, Option<String>)| match last {
        Some(last) => (at, format!("{first}–{last}")),
        None => (at, first),
    };
    told.into_iter().map(one).collect()
}

/// What is shaded how.
fn legend(words: &PageWords) -> Markup {
    let kinds = [
        (INSTALL, words.legend_install),
        (WAIT, words.legend_soak),
        (WORK, words.legend_work),
        (WINDOW, words.legend_window),
    ];
    let one = |(class, name): (&'static str, &'static str)| {
        let mut swatch = Drawing::default();
        swatch.bar((0.0, 100.0), (0, 20), class);
        Markup::inline("span", swatch.done("swatch", name).and(" ").and(name)).and(" ")
    };
    let all: Markup = kinds.into_iter().map(one).collect();
    Markup::class("p", "legend", all.and(words.legend_longest))
}
