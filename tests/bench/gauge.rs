//! Runs programs and says what they cost.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// GNU time: what a run's memory and processor time were is told by its parent alone.
const TIME: &str = "/usr/bin/time";

/// What one run cost.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// By the clock on the wall.
    pub secs: f64,
    /// Processor time of all threads, user and system.
    pub cpu_secs: f64,
    /// The most memory it ever held.
    pub peak_bytes: u64,
    /// Its standard output.
    pub out: String,
}

impl Run {
    /// The last event of that name, of a program run with `--json`.
    pub fn event(&self, name: &str, what: &str) -> serde_json::Value {
        let events = self.out.lines().rev().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let mut events = events.filter(|event| event["event"] == name && (what.is_empty() || event["what"] == what));
        events.next().unwrap_or_else(|| panic!("no event {name} {what}: {}", self.out))
    }

    /// How long a phase took that has a progress bar.
    pub fn phase_secs(&self, what: &str) -> f64 {
        self.event("progress", what)["elapsed_secs"].as_f64().expect("a number of seconds")
    }
}

/// Runs `command` and measures it; it must end with one of `codes`.
pub fn gauge(command: &Command, codes: &[i32], scratch: &Path) -> Run {
    let told = scratch.join("time");
    let mut timed = Command::new(TIME);
    timed.args(["--quiet", "--format", "%U %S %M", "--output"]).arg(&told).arg(command.get_program());
    timed.args(command.get_args());
    for (name, value) in command.get_envs() {
        timed.env(name, value.unwrap_or_default());
    }
    if let Some(folder) = command.get_current_dir() {
        timed.current_dir(folder);
    }
    let began = Instant::now();
    let output = timed.stdin(Stdio::null()).output().expect("GNU time is installed");
    let secs = began.elapsed().as_secs_f64();
    let err = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().unwrap_or(-1);
    assert!(codes.contains(&code), "{command:?} ended with {code}:\n{err}");
    let text = std::fs::read_to_string(&told).expect("GNU time tells");
    let numbers: Vec<f64> = text.split_whitespace().map(|word| word.parse().expect("a number")).collect();
    let [user, system, peak_kib] = numbers[..] else { panic!("three numbers, not {text:?}") };
    let peak_bytes = peak_kib as u64 * 1024;
    Run { secs, cpu_secs: user + system, peak_bytes, out: String::from_utf8_lossy(&output.stdout).into_owned() }
}

/// One side of a comparison: prepares, runs, clears up.
pub type Side<'a> = Box<dyn FnMut() -> Run + 'a>;

/// Runs all sides `rounds` times, one after the other, each round beginning
/// with the next side, so that a busy minute hits all of them; what comes
/// first only warms up. Returns each side's runs.
pub fn in_turn(rounds: usize, warm_up: bool, sides: &mut [Side<'_>]) -> Vec<Vec<Run>> {
    let mut runs: Vec<Vec<Run>> = vec![Vec::new(); sides.len()];
    if warm_up {
        sides.iter_mut().for_each(|side| drop(side()));
    }
    for round in 0..rounds {
        for step in 0..sides.len() {
            let at = (round + step) % sides.len();
            let run = sides[at]();
            runs[at].push(run);
        }
    }
    runs
}

/// The middle of what `of` makes of each.
pub fn median<T>(items: &[T], of: impl Fn(&T) -> f64) -> f64 {
    let mut numbers: Vec<f64> = items.iter().map(of).collect();
    numbers.sort_by(f64::total_cmp);
    match numbers.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => numbers[n / 2],
        n => (numbers[n / 2 - 1] + numbers[n / 2]) / 2.0,
    }
}

/// The middle of the ratios of runs that stood side by side: how many times
/// as much of `of` the others took.
pub fn times(ours: &[Run], others: &[Run], of: impl Fn(&Run) -> f64) -> f64 {
    let pairs: Vec<(&Run, &Run)> = ours.iter().zip(others).collect();
    median(&pairs, |(ours, other)| of(other) / of(ours))
}
