//! What was measured, as it is printed.

use crate::gauge::{Run, median, times};
use crate::world::Load;
use std::fmt::Write;

/// The most memory a verb may hold, whatever it carries, in bytes.
pub const MOST_BYTES: u64 = 64 << 20;

/// One comparison.
#[derive(Debug, Clone)]
pub struct Row {
    pub what: &'static str,
    pub other: &'static str,
    pub load: Load,
    /// How many times as fast as the other it is to be.
    pub target: f64,
    /// What keeps it from being faster.
    pub limit: &'static str,
    pub secs: f64,
    pub other_secs: f64,
    /// How many times as fast as the other it is.
    pub times: f64,
    /// How many times as much processor time the other takes; NaN where that can't be told.
    pub cpu_times: f64,
}

impl Row {
    pub fn new(
        what: &'static str,
        other: &'static str,
        load: Load,
        target: f64,
        limit: &'static str,
        ours: &[Run],
        others: &[Run],
    ) -> Row {
        Row {
            what,
            other,
            load,
            target,
            limit,
            secs: median(ours, |run| run.secs),
            other_secs: median(others, |run| run.secs),
            times: times(ours, others, |run| run.secs),
            cpu_times: times(ours, others, |run| run.cpu_secs.max(0.01)),
        }
    }
}

/// The most memory a verb held.
#[derive(Debug, Clone)]
pub struct Peak {
    pub verb: &'static str,
    pub load: Load,
    pub bytes: u64,
}

impl Peak {
    pub fn of(verb: &'static str, load: Load, runs: &[Run]) -> Peak {
        Peak { verb, load, bytes: runs.iter().map(|run| run.peak_bytes).max().unwrap_or(0) }
    }
}

/// How often the medium was read.
#[derive(Debug, Clone)]
pub struct Passes {
    pub what: &'static str,
    /// Bytes that were read of it, for each byte of the bundle.
    pub times: f64,
    /// How often it is to be read at most.
    pub most: f64,
}

/// A cost that is no comparison.
#[derive(Debug, Clone)]
pub struct Cost {
    pub what: String,
    pub secs: f64,
    /// What must not be reached, where something is demanded.
    pub most_secs: Option<f64>,
    /// What it comes to for one.
    pub note: String,
}

/// Everything that was measured.
#[derive(Debug, Default)]
pub struct Table {
    pub rows: Vec<Row>,
    pub peaks: Vec<Peak>,
    pub passes: Vec<Passes>,
    pub costs: Vec<Cost>,
}

impl Table {
    pub fn row(&mut self, row: Row) {
        eprintln!("  {} against {}: {:.2} times as fast", row.what, row.other, row.times);
        self.rows.push(row);
    }

    pub fn peak(&mut self, peak: Peak) {
        self.peaks.push(peak);
    }

    pub fn passes(&mut self, passes: Passes) {
        eprintln!("  {}: the medium is read {:.2} times", passes.what, passes.times);
        self.passes.push(passes);
    }

    pub fn cost(&mut self, cost: Cost) {
        eprintln!("  {}: {:.3} s", cost.what, cost.secs);
        self.costs.push(cost);
    }

    /// Whether each demand is met.
    pub fn is_met(&self) -> bool {
        self.rows.iter().all(|row| row.times >= row.target)
            && self.peaks.iter().all(|peak| peak.bytes < MOST_BYTES)
            && self.passes.iter().all(|passes| passes.times <= passes.most)
            && self.costs.iter().all(|cost| cost.most_secs.is_none_or(|most| cost.secs < most))
    }

    pub fn render(&self) -> String {
        let mut text = String::new();
        let line = |text: &mut String, words: std::fmt::Arguments<'_>| writeln!(text, "{words}").expect("a string");
        if !self.rows.is_empty() {
            line(
                &mut text,
                format_args!(
                    "{:<8} {:<25} {:<30} {:>9} {:>9} {:>7} {:>7} {:>8}",
                    "carried", "handcarry", "against", "MiB/s", "MiB/s", "times", "CPU", "wanted"
                ),
            );
            for row in &self.rows {
                let rate = |secs: f64| row.load.bytes as f64 / f64::from(1 << 20) / secs;
                let cpu = if row.cpu_times.is_nan() { "-".to_owned() } else { format!("{:.2}", row.cpu_times) };
                let met = if row.times >= row.target { "met" } else { "NOT" };
                let wanted = format!("{:.2} {met}", row.target);
                line(
                    &mut text,
                    format_args!(
                        "{:<8} {:<25} {:<30} {:>9.0} {:>9.0} {:>7.2} {:>7} {:>8}",
                        row.load.name,
                        row.what,
                        row.other,
                        rate(row.secs),
                        rate(row.other_secs),
                        row.times,
                        cpu,
                        wanted
                    ),
                );
                line(&mut text, format_args!("{:<8}   limited by {}", "", row.limit));
            }
            self.growth(&mut text);
        }
        if !self.peaks.is_empty() {
            line(
                &mut text,
                format_args!(
                    "\n{:<8} {:<16} {:>14}   below {} MiB wanted",
                    "carried",
                    "verb",
                    "most memory",
                    MOST_BYTES >> 20
                ),
            );
            for peak in &self.peaks {
                line(
                    &mut text,
                    format_args!(
                        "{:<8} {:<16} {:>10.1} MiB",
                        peak.load.name,
                        peak.verb,
                        peak.bytes as f64 / f64::from(1 << 20)
                    ),
                );
            }
        }
        if !self.costs.is_empty() {
            line(&mut text, format_args!(""));
            self.costs.iter().for_each(|cost| {
                let wanted = cost.most_secs.map_or_else(String::new, |most| {
                    format!("below {} ms wanted: {}", most * 1e3, if cost.secs < most { "met" } else { "NOT" })
                });
                line(&mut text, format_args!("{:<44} {:>9.1} ms   {}{wanted}", cost.what, cost.secs * 1e3, cost.note))
            });
        }
        for passes in &self.passes {
            let Passes { what, times, most } = passes;
            let met = if times <= most { "met" } else { "NOT" };
            line(&mut text, format_args!("\n{what}: the medium is read {times:.2} times; {most:.1} wanted: {met}"));
        }
        text
    }

    /// How the time grows from the first load to the next.
    fn growth(&self, text: &mut String) {
        let first = self.rows.first().map(|row| row.load);
        let small = self.rows.iter().filter(|row| Some(row.load.bytes) == first.map(|load| load.bytes));
        for row in small {
            let larger = self
                .rows
                .iter()
                .find(|other| (other.what, other.other) == (row.what, row.other) && other.load.bytes > row.load.bytes);
            if let Some(larger) = larger {
                let bytes = larger.load.bytes as f64 / row.load.bytes as f64;
                let words = format!("{} (beside {})", row.what, row.other);
                writeln!(text, "{words:<52} {bytes:.1} times the bytes, {:.1} times the time", larger.secs / row.secs)
                    .expect("a string");
            }
        }
    }
}
