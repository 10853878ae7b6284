//! What an earlier run left open: the appliance is asked before anything else.

use super::evidence::is_readable;
use super::history::{InstallStage, Open};
use super::wait::unless_hopeless;
use super::watch::WatchOutcome;
use super::{Engine, EngineError};
use crate::engine::question::InstallQuestion;
use crate::model::{Evidence, Failure, Status, local_time, text};

/// What was decided about an install that nothing showed.
pub(super) enum Settled {
    /// It is there after all.
    Confirmed(Box<Status>),
    /// It left nothing behind; it may be sent again.
    Again,
}

impl Engine<'_> {
    /// Finds out what became of an install whose end is not in the journal, on
    /// the appliance `serial` and no other.
    ///
    /// Afterwards none is open: it is confirmed, or known to have left nothing
    /// behind, or the run has ended.
    pub(super) fn resolve_open(&mut self, serial: &str) -> Result<(), Failure> {
        let Some(open) = self.ledger.past().open_install().cloned() else { return Ok(()) };
        let name = text::one_line(&open.package.name);
        self.teller
            .note(&format!("an earlier run began to install {name} on {}; looking what is so", local_time(open.since)));
        self.check_serial(serial)?;
        match self.watch(&open, None)? {
            WatchOutcome::Confirmed(evidence, status) => {
                // Once more: what came back need not be what went down.
                right_serial(serial, &status)?;
                self.confirm(&open, evidence, &status)?;
                self.unstage(&open);
                Ok(())
            }
            WatchOutcome::Failed(said) => match &open.stage {
                // Old news: the page may go on saying so until the next attempt.
                InstallStage::Failed(_) => self.try_again(&open).map(drop),
                _ => self.failed(&open, said).map(drop),
            },
            WatchOutcome::Quiet(status) => {
                right_serial(serial, &status)?;
                self.resolve_quiet(&open, status).map(drop)
            }
            WatchOutcome::Untold(why) => self.unconfirmed(&open, why).map(drop),
            WatchOutcome::TimedOut(said) => self.timed_out(&open, said).map(drop),
        }
    }

    /// Decides about an install whose answer is not known and that nothing
    /// shows: it left nothing behind, or a person must look.
    pub(super) fn resolve_quiet(&mut self, open: &Open, status: Status) -> Result<Settled, Failure> {
        let readable = is_readable(&open.package, &status);
        let why = self.nothing_shows(open, &status);
        let name = text::one_line(&open.package.name);
        let again = match &open.stage {
            InstallStage::Failed(_) => return self.try_again(open),
            // Without an accepted agreement nothing is installed.
            InstallStage::Agreement => Some(format!("{why}; its agreement was not accepted")),
            // Not all of it was handed over, so that it can't be there.
            InstallStage::Sending => Some(format!("{why}; it was not sent to its end")),
            InstallStage::Unanswered | InstallStage::Accepting | InstallStage::SetOff => None,
        };
        if let Some(why) = again {
            self.abandon(open, why)?;
            return Ok(Settled::Again);
        }
        if !readable {
            let question = InstallQuestion::IsInstalled { package: name.clone(), why: why.clone() };
            match self.ask_whoever_is_there(&question)? {
                Some(true) => {
                    self.confirm(open, Evidence::Operator, &status)?;
                    self.unstage(open);
                    return Ok(Settled::Confirmed(Box::new(status)));
                }
                Some(false) => {}
                None => return self.late_or_unknown(open, why).map(|status| Settled::Confirmed(Box::new(status))),
            }
        }
        let question = InstallQuestion::MaySendAgain { package: name, why: why.clone() };
        if self.ask_whoever_is_there(&question)? == Some(true) {
            self.abandon(open, format!("{why}; the operator has looked"))?;
            return Ok(Settled::Again);
        }
        self.late_or_unknown(open, why).map(|status| Settled::Confirmed(Box::new(status)))
    }

    /// An install that failed is tried again by calling push again; a base
    /// update only when vendor support has agreed. Source: guide, preparations.
    fn try_again(&mut self, open: &Open) -> Result<Settled, Failure> {
        let InstallStage::Failed(said) = &open.stage else { unreachable!("only a failed install is tried again") };
        let name = text::one_line(&open.package.name);
        if open.package.changes_base() {
            let (package, at, said) = (name, local_time(open.since), said.clone());
            let question = InstallQuestion::MayTryBaseAgain { package, at, said: said.clone() };
            if !self.ask(&question)? {
                return Err(self.base_trouble(open, said));
            }
        } else {
            self.teller.note(&format!("{name} failed before ({said}); it is tried again"));
        }
        self.abandon(open, "it failed, and is tried again".to_owned())?;
        Ok(Settled::Again)
    }

    /// Nothing about an open install is believed of another appliance.
    fn check_serial(&mut self, serial: &str) -> Result<(), Failure> {
        match self.appliance.status() {
            Ok(status) => right_serial(serial, &status),
            // Down or installing: its serial is checked when it is back.
            Err(error) => unless_hopeless(error).map(drop),
        }
    }
}

fn right_serial(wanted: &str, status: &Status) -> Result<(), Failure> {
    let found = &status.appliance.serial;
    if wanted == found {
        return Ok(());
    }
    Err(EngineError::wrong_appliance(wanted, found).into())
}
