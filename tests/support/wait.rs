//! Waiting for what a program does by itself.

use std::time::{Duration, Instant};

/// Longest wait: many programs at once on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until it is so; `what` says what never came.
#[track_caller]
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
