//! A roll-out: many appliances in waves. It stops on the first that ends
//! otherwise than well or waiting; what is under way goes on to its end, and
//! nothing new begins. The same command goes on: what is done is left out, and
//! the waves are the same.

use super::run::{self, Ended, Tally, Went, each_until, heard};
use super::wave;
use crate::cli::Context;
use crate::console::kind;
use crate::model::{AGAIN, Exit, Failure, Sha256Digest};
use std::ffi::OsString;

/// What is rolled out, agreed to.
pub(super) struct Rollout {
    /// Each appliance's or pair's name, and its run; `None` where nothing of it is left.
    pub runs: Vec<(String, Option<Vec<OsString>>)>,
    /// The canary.
    pub canary: Option<Canary>,
    /// How many a wave.
    pub size: Option<usize>,
    /// How many at once.
    pub at_once: usize,
    /// The digest by which the same is agreed to again.
    pub plan_sha256: Sha256Digest,
}

/// The one that is worked first, whole, with its last wait.
pub(super) struct Canary {
    /// Its place.
    pub at: usize,
    /// Its name; of a pair both.
    pub names: Vec<String>,
}

/// Why a roll-out does not go on beyond its canary.
pub(super) enum Holds {
    /// Its wait is not over.
    Waits(String),
    /// That can't be told.
    Unknown(String),
}

impl Canary {
    /// What of it holds the others, now that nothing of it is left to install: its last wait.
    ///
    /// # Errors
    /// Where this very program is not found.
    pub(super) fn holds(&self, context: &Context) -> Result<Option<Holds>, Failure> {
        let program = run::program()?;
        Ok(self.names.iter().find_map(|name| {
            // That verb counts the clients, by which a wait ends early.
            let soak = context.typed().for_other("soak").last(name.as_str());
            let unknown = |why| Some(Holds::Unknown(format!("whether {name} still waits can't be told: {why}")));
            match heard(&program, &soak) {
                Ok(heard) if heard.well() => None,
                Ok(heard) if heard.last(&kind::WAITING).is_some() => {
                    Some(Holds::Waits(format!("{name} waits: {}", heard.why())))
                }
                Ok(heard) => unknown(heard.why()),
                Err(why) => unknown(why),
            }
        }))
    }
}

impl Rollout {
    /// Works wave after wave, and tells how each ended.
    ///
    /// # Errors
    /// [`Exit::Waiting`] where some wait, or the canary's wait holds the others; [`Exit::Partly`] where one ended
    /// otherwise.
    pub(super) fn run(&self, context: &Context) -> Result<(), Failure> {
        let (program, console) = (run::program()?, &context.console);
        let waves = wave::waves(self.runs.len(), self.canary.as_ref().map(|canary| canary.at), self.size);
        let mut ended = self.at_first();
        let mut holds = None;
        for (number, wave) in waves.iter().enumerate() {
            let open: Vec<usize> = wave.iter().copied().filter(|at| ended[*at].is_none()).collect();
            // Of a canary that was done before it was looked whether it holds the others.
            if open.is_empty() {
                continue;
            }
            self.tell_wave(number + 1, waves.len(), &open, context);
            let work = |at: &usize| {
                let (name, run) = &self.runs[*at];
                run::to_its_end(&program, name, run.as_deref().unwrap_or_default(), None, console).told(name, console)
            };
            let came = each_until(&open, self.at_once, work, |end| end.went() == Went::Otherwise);
            for (at, end) in open.iter().zip(came) {
                ended[*at] = end;
            }
            let went: Vec<Went> = wave.iter().filter_map(|at| ended[*at].as_ref().map(Ended::went)).collect();
            if went.len() < wave.len() || !wave::goes_on(&went, self.is_canary(wave)) {
                break;
            }
            if let Some(canary) = self.canary.as_ref().filter(|canary| *wave == [canary.at])
                && ended.iter().any(Option::is_none)
            {
                holds = canary.holds(context)?;
            }
            if holds.is_some() {
                break;
            }
        }
        self.conclude(&ended, holds, context)
    }

    fn is_canary(&self, wave: &[usize]) -> bool {
        self.canary.as_ref().is_some_and(|canary| wave == [canary.at])
    }

    fn tell_wave(&self, number: usize, of: usize, open: &[usize], context: &Context) {
        let names: Vec<&str> = open.iter().map(|at| self.runs[*at].0.as_str()).collect();
        context.console.event(&kind::WAVE, serde_json::json!({ "wave": number, "of": of, "appliances": names }));
        context.console.note(format!("wave {number} of {of}: {}", names.join(", ")));
    }

    /// Tells that nothing was begun, because the canary `holds` the others.
    ///
    /// # Errors
    /// As [`run`](Self::run), always.
    pub(super) fn held(&self, holds: Holds, context: &Context) -> Result<(), Failure> {
        self.conclude(&self.at_first(), Some(holds), context)
    }

    /// How each has ended before anything begins: those of which nothing is left are done.
    fn at_first(&self) -> Vec<Option<Ended>> {
        self.runs.iter().map(|(_, run)| run.is_none().then(Ended::done)).collect()
    }

    fn conclude(&self, ended: &[Option<Ended>], holds: Option<Holds>, context: &Context) -> Result<(), Failure> {
        let named = |(run, end): (&(String, _), &Option<Ended>)| end.is_none().then(|| run.0.clone());
        let unbegun: Vec<String> = self.runs.iter().zip(ended).filter_map(named).collect();
        let (names, ended): (Vec<&str>, Vec<&Ended>) =
            self.runs.iter().zip(ended).filter_map(|((name, _), end)| Some((name.as_str(), end.as_ref()?))).unzip();
        run::table(&names, &ended, true, context);
        let digest = self.plan_sha256.to_string();
        let agree = ["--agree", &digest];
        let again = AGAIN.with(&agree);
        if !unbegun.is_empty() {
            let command = context.typed().without(&[], &["--agree"]).and(agree);
            let event = serde_json::json!({ "appliances": unbegun, "command": command.to_string() });
            context.console.event(&kind::NOT_BEGUN, event);
            context.console.say(format!("not begun: {}", unbegun.join(", ")));
        }
        let tally = Tally::of(ended);
        let mut of = format!("{}, {} were not begun", tally.text(self.runs.len()), unbegun.len());
        if let Some(Holds::Waits(why) | Holds::Unknown(why)) = &holds {
            of = format!("{of}: {why}");
        }
        let at_will = context.typed().without(&[], &["--canary", "--agree"]).and(agree);
        let (exit, hint) = match (tally.waiting, tally.other, unbegun.is_empty(), holds) {
            (0, 0, true, _) => return Ok(()),
            (_, 0, true, _) => (Exit::Waiting, format!("the same goes on: {again}")),
            // The canary's own run waits, or its last wait is not over.
            (_, 0, false, None | Some(Holds::Waits(_))) => (
                Exit::Waiting,
                format!(
                    "the others begin when the canary's wait is over: {again}\n\
                     or at will, without waiting for it: {at_will}"
                ),
            ),
            (_, 0, false, Some(Holds::Unknown(_))) => {
                (Exit::Partly, format!("see to the canary, then: {again}\nor at will, without it: {at_will}"))
            }
            _ => (
                Exit::Partly,
                format!(
                    "see to what is told above, then the same goes on: {again}\n\
                     without one of them: add --except NAME"
                ),
            ),
        };
        Err(Failure::new(exit, of).hint(hint))
    }
}
