//! When a run begins, and whether it goes on by itself after its waits.
//!
//! A wait ends a run: nothing is held meanwhile, and whatever happens to this
//! machine is survived. Whoever wants to leave it alone has it called again here
//! when its time has come, as a person or a timer would.

use super::{appliance_session, journals};
use crate::cli::Context;
use crate::console::{Remembering, SharedOperator};
use crate::engine::{Entry, Noted, Past};
use crate::model::{Exit, Failure, Kind, Sha256Digest, Timestamp, local_time, time_meant};
use clap::Args;
use std::cmp::Reverse;

/// Seconds after which a run is called again where nothing says when: an appliance is busy, a window was missed, or the
/// second window has not begun. As often as the timer of the package calls it.
const AGAIN_SECS: i64 = 900;

/// Least seconds between two calls: where the appliance's clock counts and is behind ours, its time comes later.
const LEAST_SECS: i64 = 60;

/// When it begins, and whether it goes on by itself.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Time")]
#[group(skip)]
pub struct TimingArgs {
    /// Sleep through waits and closed maintenance windows, and go on by itself
    #[arg(long, conflicts_with_all = ["all", "group"])]
    wait: bool,
    /// Begin at this time of this machine's zone, which was agreed to beforehand: 02:00 (the next), 2026-12-06 02:00,
    /// or with an offset as in RFC 3339
    #[arg(long, value_name = "TIME", value_parser = parse_when, requires = "agree", conflicts_with_all = ["all", "group"])]
    at: Option<String>,
}

fn parse_when(text: &str) -> Result<String, String> {
    let form = "a time is written 02:00, 2026-12-06 02:00 or 2026-12-06T02:00:00+01:00";
    time_meant(text, Timestamp::UNIX_EPOCH).map(|_| text.to_owned()).ok_or_else(|| form.to_owned())
}

impl TimingArgs {
    /// Calls `run` when it is to begin, and where it is to wait again after each wait, with what was agreed to beforehand
    /// or in an earlier call.
    ///
    /// # Errors
    /// As `run`; [`Exit::Usage`] where the time to begin is over.
    pub fn call(
        &self,
        agree: Option<Sha256Digest>,
        context: &mut Context,
        mut run: impl FnMut(Option<Sha256Digest>, &mut Context) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if let Some(at) = &self.at {
            begin_at(at, context)?;
        }
        if !self.wait {
            return run(agree, context);
        }
        let begun = context.now();
        let operator = Remembering::of(context.operator.clone());
        context.operator = SharedOperator::new(operator.clone());
        loop {
            let called = context.now();
            match run(agree.or_else(|| agreed(begun, context)), context) {
                Err(failure) if failure.kind == Kind::Waiting => {
                    let now = context.now();
                    let until = written(called, context).iter().find_map(|(_, entry)| entry.waits_until());
                    let until = until.unwrap_or_else(|| now.plus_secs(AGAIN_SECS)).max(now.plus_secs(LEAST_SECS));
                    context.console.say(format!("this run waits: {}", failure.message));
                    context.sleep_until(until, &failure.message);
                    operator.again();
                }
                ended => return ended,
            }
        }
    }
}

/// Sleeps until the time that was meant by `at`.
fn begin_at(at: &str, context: &Context) -> Result<(), Failure> {
    let now = context.now();
    let meant = time_meant(at, now).filter(|meant| *meant >= now).ok_or_else(|| {
        Failure::new(Exit::Usage, format!("the time to begin, {at}, is over"))
            .hint("give one that comes, such as 02:00")
    })?;
    context.console.say(format!("this run begins at {}", local_time(meant)));
    context.sleep_until(meant, "it is not time to begin");
    // Whoever goes on with it later is not to wait for that hour of the next day.
    context.console.goes_on_by(context.typed().without(&[], &["--at"]));
    Ok(())
}

/// What was written since then into the journals of the appliances that this run is about, the newest first.
fn written(since: Timestamp, context: &Context) -> Vec<Noted> {
    let past = |name: &String| journals::past_of(&appliance_session::entry(name, context).ok()?, context).ok();
    let of_one = |past: Past| past.entries().iter().filter(|(at, _)| *at >= since).cloned().collect::<Vec<_>>();
    let mut written: Vec<Noted> = context.console.about().iter().filter_map(past).flat_map(of_one).collect();
    written.sort_by_key(|(at, _)| Reverse(*at));
    written
}

/// The digest that a person agreed to since `begun`, so that no later call asks for the same.
fn agreed(begun: Timestamp, context: &Context) -> Option<Sha256Digest> {
    written(begun, context).into_iter().find_map(|(_, entry)| match entry {
        Entry::FirstPress { plan_sha256, yes: true, .. } => Some(plan_sha256),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Half;
    use crate::console::{Console, Globals};
    use crate::engine::EngineError;
    use crate::model::Time;
    use crate::simulator::VirtualClock;
    use std::rc::Rc;

    fn desk() -> (Context, Rc<VirtualClock>, tempfile::TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let home = Some(folder.path().to_path_buf());
        let globals = Globals { home, quiet: true, no_color: true, ..Globals::default() };
        let mut context = Context::open(Half::Inside, &globals, Console::new("test", &globals)).expect("a context");
        let clock = VirtualClock::new(Timestamp::parse("2026-03-04T22:00:00Z").expect("a time"));
        context.time = Rc::clone(&clock) as Rc<dyn Time>;
        (context, clock, folder)
    }

    fn waits() -> Failure {
        EngineError::WindowMissed { package: "Base 3.4.0".to_owned() }.into()
    }

    #[test]
    fn a_run_that_waits_is_called_again_until_it_ends_and_without_the_option_once() {
        let (mut context, clock, _folder) = desk();
        let mut calls = Vec::new();
        let mut run = |wait: bool, context: &mut Context| {
            calls.clear();
            let timing = TimingArgs { wait, at: None };
            let ended = timing.call(None, context, |_, context| {
                calls.push(context.now());
                if calls.len() < 3 {
                    Err(waits())
                } else {
                    Err(EngineError::Declined { question: "now?".to_owned() }.into())
                }
            });
            (calls.len(), ended.expect_err("it fails").exit)
        };
        assert_eq!(run(false, &mut context), (1, Exit::Waiting));
        assert_eq!(run(true, &mut context), (3, Exit::Declined), "what is no wait ends it");
        assert_eq!(clock.now().secs_since(Timestamp::parse("2026-03-04T22:00:00Z").expect("a time")), 2 * AGAIN_SECS);
    }

    #[test]
    fn a_run_begins_at_its_time_and_one_that_is_over_is_refused() {
        let (mut context, clock, _folder) = desk();
        let mut at = |at: &str| {
            let timing = TimingArgs { wait: false, at: Some(at.to_owned()) };
            let mut begun = None;
            let run = |_, context: &mut Context| {
                begun = Some(context.now().to_string());
                Ok(())
            };
            timing.call(None, &mut context, run).map(|()| begun)
        };
        assert_eq!(at("02:00").expect("it begins").as_deref(), Some("2026-03-05T02:00:00Z"));
        assert_eq!(at("2026-03-06T02:00:00+01:00").expect("it begins").as_deref(), Some("2026-03-06T01:00:00Z"));
        assert_eq!(at("2026-03-05 02:00").expect_err("it is over").exit, Exit::Usage);
        assert_eq!(clock.now().to_string(), "2026-03-06T01:00:00Z");
    }
}
