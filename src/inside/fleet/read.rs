//! Verbs that only read, of many appliances: what each says stands under its
//! own heading, in the order of the inventory, whoever is done first.

use super::output::Line;
use super::run::{Ended, hear, program, verdict};
use crate::cli::Context;
use crate::console::TypedCommand;
use crate::model::Failure;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

/// Most lines of a run that are held until its turn; then it waits for that itself.
// A plan has some thirty, a checklist a hundred. A journal of years has more, and is not kept in memory for each of five
// hundred appliances.
const MAX_HELD_LINES: usize = 4096;

/// Runs all of `runs`, `at_once` at a time, and tells what each says under its heading.
pub(super) fn all(runs: &[(String, TypedCommand)], at_once: usize, context: &Context) -> Result<(), Failure> {
    let program = program()?;
    let (senders, heard): (Vec<_>, Vec<_>) = runs.iter().map(|_| sync_channel(MAX_HELD_LINES)).unzip();
    let senders: Vec<Mutex<Option<SyncSender<Line>>>> = senders.into_iter().map(|one| Mutex::new(Some(one))).collect();
    let ended: Vec<Mutex<Option<Ended>>> = runs.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let held = "no work panics with it";
    thread::scope(|scope| {
        for _ in 0..at_once.min(runs.len()) {
            scope.spawn(|| {
                loop {
                    // In order, so that the one whose turn it is has always begun: none waits for one behind it.
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some((name, command)) = runs.get(at) else { break };
                    // Gone at the end of this, by which its reader knows that nothing more comes.
                    let Some(lines) = senders[at].lock().expect(held).take() else { break };
                    *ended[at].lock().expect(held) = Some(one(&program, name, command, &lines));
                }
            });
        }
        for ((name, _), lines) in runs.iter().zip(heard) {
            context.console.say(format!("== {name} =="));
            lines.into_iter().for_each(|line| line.pass_on(&context.console));
        }
    });
    let ended: Vec<Ended> = ended.into_iter().filter_map(|one| one.into_inner().expect(held)).collect();
    for ((name, _), end) in runs.iter().zip(&ended) {
        end.tell(name, &context.console);
    }
    let names: Vec<&str> = runs.iter().map(|(name, _)| name.as_str()).collect();
    verdict(&names, &ended, false, context)
}

fn one(program: &Path, name: &str, command: &TypedCommand, lines: &SyncSender<Line>) -> Ended {
    let people = |text| drop(lines.send(Line::People(text)));
    let events = |kind, event| drop(lines.send(Line::Event(kind, event)));
    hear((program, name), &command.as_one_of_many(), None, people, events)
}
