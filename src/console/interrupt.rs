//! Ctrl-C: whoever presses it in the middle of a run is told what goes on
//! without it, and how to go on. The run itself ends as if it were killed,
//! which every run survives.

use super::{Console, held, kind, live};
use std::sync::{Mutex, MutexGuard};

/// Exit code of a run that was interrupted: 128 and the signal's number, as shells have it.
const INTERRUPTED: i32 = 130;

/// What goes on without this program, the latest last.
// A stack, because long work holds other long work, and the innermost is what would go on now.
static GOING_ON: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn all_going_on() -> MutexGuard<'static, Vec<String>> {
    // A panic elsewhere may have poisoned the lock; whoever presses Ctrl-C is told all the same.
    held(&GOING_ON)
}

/// As long as this is held, whoever interrupts is told so.
#[must_use]
pub struct GoingOn(());

/// Has whoever interrupts this run be told `what`: what goes on all the same.
pub fn going_on(what: String) -> GoingOn {
    all_going_on().push(what);
    GoingOn(())
}

impl Drop for GoingOn {
    fn drop(&mut self) {
        all_going_on().pop();
    }
}

/// Answers Ctrl-C from now on. Where the system has no way to, it ends the
/// program in silence, as before.
pub fn on_interrupt(console: &Console) {
    let console = console.clone();
    let _ = ctrlc::set_handler(move || {
        live::clear();
        let again = console.typed().to_string();
        let going_on = all_going_on().last().cloned();
        console.event(&kind::INTERRUPTED, serde_json::json!({ "going_on": going_on, "again": again }));
        // Behind what the terminal shows of the key.
        console.note("");
        let told = going_on.unwrap_or_else(|| "interrupted; what was kept or journalled stays".to_owned());
        console.warn(format!("{told}; to go on: {again}"));
        // No unwinding and no cleaning up: a run survives being killed anywhere,
        // so there is no second way of ending that would need tests of its own.
        std::process::exit(INTERRUPTED);
    });
}
