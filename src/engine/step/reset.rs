//! The end of OLD: reset to factory defaults, then shut down. Source: guide,
//! new hardware, the steps to return the old appliance.

use super::{NEW, OLD};
use crate::console::current_user;
use crate::driver::Observation;
use crate::engine::question::{EnginePrompt, MigrateQuestion};
use crate::engine::run::Run;
use crate::engine::wait::{LEAVING_MAX_SECS, Wait, unless_hopeless};
use crate::engine::{EngineError, Entry, OverrideRequest};
use crate::model::{Failure, Status, text};

/// What OLD looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Look {
    /// It shows its site as before.
    Untouched,
    /// It shows no site any more.
    Empty,
    /// It answers, and knows neither our login nor its certificate any more.
    Stranger(String),
    /// It is at work, or away.
    Busy(String),
    /// It does not answer at all.
    Gone,
}

impl Run<'_> {
    /// Resets OLD, once its serial number is typed, and waits for the end.
    pub(super) fn reset(&mut self) -> Result<(), Failure> {
        // Behind all other guards: no mistake of a planner may erase
        // an appliance whose successor nobody has seen at work.
        assert!(
            self.done.iter().any(|step| step == "confirm"),
            "the plan resets only what was confirmed to be replaced"
        );
        if self.state().reset_ordered {
            self.teller.note("an earlier run ordered the reset; looking what is so");
            match self.look_at_leaving()? {
                // It was ordered, and never came to it: it is asked for again.
                Look::Untouched => {}
                Look::Empty => return Ok(()),
                Look::Stranger(_) | Look::Busy(_) | Look::Gone => return self.await_reset(),
            }
        }
        let old = self.name(OLD);
        let status = self.status(OLD)?;
        self.must_be_old(&status)?;
        self.must_have_history()?;
        let serial = status.appliance.serial.clone();
        self.teller.warn(&format!(
            "{old} ({}) will be erased: its settings, recordings, logs and certificates are gone for good",
            text::one_line(&status.appliance.to_string())
        ));
        let typed = self.operator.ask(&EnginePrompt::Erase { old: old.clone() })?;
        let agreed = typed == serial && !serial.is_empty();
        self.note(&Entry::Asked { question: format!("erase {old}, whose serial number is {serial}"), yes: agreed })?;
        if !agreed {
            return Err(EngineError::NotErased { old, new: self.name(NEW) }.into());
        }
        let host = self.shared_host.clone().unwrap_or_default();
        // Before the press. Afterwards OLD may never again tell who it was.
        self.note(&Entry::ResetOrdered { run: self.id, serial, host })?;
        match self.side_mut(OLD).appliance.factory_reset() {
            Ok(did) => self.pressed(OLD, did, |on| MigrateQuestion::IsResetOrdered { on })?,
            Err(error) => self.unless_lost(OLD, error)?,
        }
        self.await_reset()
    }

    /// Does not erase the only copy of the logged history, but on a person's
    /// word, which is journalled.
    fn must_have_history(&mut self) -> Result<(), Failure> {
        const WORD: &str = "lose-history";
        if self.state().moved_history() {
            return Ok(());
        }
        let (old, new) = (self.name(OLD), self.name(NEW));
        let Some(reason) = self.rules.lose_history.clone() else {
            return Err(EngineError::HistoryLost { old, new }.into());
        };
        let refused = format!("the backup that {new} was restored from has no logged history of {old} in it");
        let meaning = "reports of all sessions until now are gone for good once it is erased";
        OverrideRequest { refused: &refused, meaning, reason: &reason, word: WORD, undone: "nothing was erased" }
            .set_aside(self.teller, self.operator)?;
        let (bundle, by) = (self.bundle(OLD), current_user());
        let (what, verb) = (WORD.to_owned(), self.rules.verb.to_owned());
        self.note(&Entry::DangerousAccepted { bundle, what, refused, reason, by, verb })
    }

    /// Waits until OLD is as it came from the factory.
    fn await_reset(&mut self) -> Result<(), Failure> {
        let old = self.name(OLD);
        let mut wait = Wait::long(self.time, self.teller, self.side(OLD).rules.wait_max_secs);
        let mut asked = None;
        loop {
            let look = self.look_at_leaving()?;
            let unmoved = look == Look::Untouched && wait.secs() >= LEAVING_MAX_SECS;
            let seen = match look {
                Look::Empty => {
                    self.teller.say(&format!("{old} is reset: it shows no site any more"));
                    return Ok(());
                }
                // Nobody but a person tells a fresh appliance from one in trouble.
                Look::Stranger(why) => {
                    // What got a no is asked about again only when it looks otherwise.
                    if asked.as_ref() != Some(&why) {
                        self.teller.say(&format!("{old} answers, and is a stranger: {why}"));
                        if self.ask(&MigrateQuestion::IsResetOver { old: old.clone() })? {
                            return Ok(());
                        }
                        asked = Some(why.clone());
                    }
                    why
                }
                Look::Untouched if unmoved => "it shows its site as before".to_owned(),
                Look::Untouched => "it shows its site still".to_owned(),
                Look::Busy(why) => why,
                Look::Gone => "it does not answer".to_owned(),
            };
            wait.saw(format!("waiting for the reset of {old}: {seen}"));
            if unmoved || !wait.again() {
                let waited_secs = wait.secs() as i64;
                return Err(EngineError::ResetUnfinished { name: old, waited_secs, seen }.into());
            }
        }
    }

    /// Lets nothing be erased but the appliance that the run was begun with:
    /// NEW has OLD's certificate and users by now, so that it lets us in
    /// wherever OLD's name should lead to it.
    fn must_be_old(&self, status: &Status) -> Result<(), Failure> {
        self.must_not_be_new(status)?;
        let (wanted, found) = (self.begun_with().unwrap_or_default(), &status.appliance.serial);
        if wanted == *found && !found.is_empty() {
            return Ok(());
        }
        Err(self.named(OLD, EngineError::wrong_appliance(&wanted, found).into()))
    }

    fn must_not_be_new(&self, status: &Status) -> Result<(), Failure> {
        if status.appliance.serial != self.goods(NEW).list().appliance().serial {
            return Ok(());
        }
        let (old, new) = (self.name(OLD), self.name(NEW));
        Err(EngineError::LeadsToNew { old, new }.into())
    }

    /// Looks once at OLD.
    pub(super) fn look_at_leaving(&mut self) -> Result<Look, Failure> {
        let seen = self.side_mut(OLD).appliance.observe();
        if let Ok(Observation::Ready(status)) = &seen {
            self.must_not_be_new(status)?;
        }
        let seen = match seen {
            Ok(Observation::Ready(status)) if status.site_version.is_some() => Look::Untouched,
            Ok(Observation::Ready(_)) => Look::Empty,
            Ok(
                Observation::Installing { text, .. }
                | Observation::Failed { text, .. }
                | Observation::Unreadable { why: text, .. },
            ) => Look::Busy(text),
            Ok(Observation::Down) => Look::Gone,
            Err(error) if error.is_of_a_stranger() => Look::Stranger(Failure::from(error).message),
            Err(error) => Look::Busy(unless_hopeless(error).map_err(|failure| self.named(OLD, failure))?),
        };
        Ok(seen)
    }
}
