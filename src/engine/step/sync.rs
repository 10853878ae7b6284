//! A data sync from the primary to the backup, pulled and waited for.

use crate::console::going_on;
use crate::driver::{ApplianceRefusal, Did};
use crate::engine::EngineError;
use crate::engine::entry::{Entry, PairMark};
use crate::engine::question::PairQuestion;
use crate::engine::run::Run;
use crate::engine::wait::{Wait, unless_hopeless};
use crate::model::{Failover, FailoverRole, Failure, Timestamp, local_time, text};
use crate::plan::Part;

impl Run<'_> {
    /// Pulls a sync on `part`, and waits until the time it shows is past the press.
    pub(super) fn sync(&mut self, step: &str, part: Part) -> Result<(), Failure> {
        let name = self.name(part);
        let mark = match self.earlier_press(step) {
            Some(mark) => {
                let shown = self.failover(part)?;
                if mark.is_passed(shown.last_sync) {
                    return Ok(());
                }
                // One that is still at it was pressed by an earlier run, and is waited for.
                if !shown.syncing { self.press_sync(step, part)? } else { mark }
            }
            None => self.press_sync(step, part)?,
        };
        let _told = going_on(format!("the data sync to {name} goes on by itself, without this program"));
        let mut wait = Wait::long(self.time, self.teller, self.side(part).rules.wait_max_secs);
        loop {
            let shown = self.side_mut(part).appliance.failover();
            let seen = match shown {
                Ok(Did::Done(shown)) if mark.is_passed(shown.last_sync) => {
                    let at =
                        shown.last_sync.map_or_else(String::new, |at| format!(" (by its clock {})", local_time(at)));
                    self.teller.say(&format!("{name} has pulled a data sync{at}"));
                    return Ok(());
                }
                Ok(Did::Done(shown)) if shown.role != FailoverRole::Backup => {
                    let (wanted, found) = (FailoverRole::Backup, shown.role);
                    return Err(EngineError::OtherRole { name, wanted, found }.into());
                }
                Ok(Did::Done(shown)) if shown.syncing => "it says that a data sync is in progress".to_owned(),
                Ok(Did::Done(Failover { last_sync: Some(at), .. })) => {
                    format!("it shows the one of {}", local_time(at))
                }
                Ok(Did::Done(_)) => "it shows none yet".to_owned(),
                Ok(Did::ByHand(guide)) => {
                    self.guide(part, &guide)?;
                    let since = mark.pressed.map_or("the press".to_owned(), local_time);
                    return self.must_agree(&PairQuestion::HasSynced { on: name, since });
                }
                Err(error) => unless_hopeless(error).map_err(|failure| failure.about(&name))?,
            };
            wait.saw(format!("waiting for the data sync to {name}: {seen}"));
            if !wait.again() {
                // By its name: of a run's two syncs this one stands before the break.
                let together = step == "sync";
                let waited_secs = wait.secs() as i64;
                return Err(EngineError::SyncUnfinished { name, waited_secs, seen, together }.into());
            }
        }
    }

    fn earlier_press(&self, step: &str) -> Option<PairMark> {
        let (now, fresh_secs) = (self.time.now(), self.fresh_secs());
        let pressed = |part| {
            let open = self.side(part).ledger.past().open_pair().filter(|open| open.run == self.id)?;
            open.pressed(step, now, fresh_secs)
        };
        pressed(Part::A).or_else(|| pressed(Part::B))
    }

    fn press_sync(&mut self, step: &str, part: Part) -> Result<PairMark, Failure> {
        let name = self.name(part);
        let shown = self.failover(part)?;
        if shown.role != FailoverRole::Backup {
            let (wanted, found) = (FailoverRole::Backup, shown.role);
            return Err(EngineError::OtherRole { name, wanted, found }.into());
        }
        let looked = self.time.elapsed();
        let status = self.status(part)?;
        // By the appliance's own clock, which writes the time of the sync: what
        // it showed when the look began, so that no sync is taken for older than it is.
        let took = self.time.elapsed().saturating_sub(looked).as_secs() as i64 + 1;
        let pressed = status.clock.map(|clock| clock.plus_secs(-took));
        let mark = PairMark { before: shown.last_sync, pressed };
        self.note(&Entry::PairSyncPressed { run: self.id, step: step.to_owned(), mark })?;
        match self.side_mut(part).appliance.sync_now() {
            Ok(did) => self.pressed(part, did, |on| PairQuestion::IsSyncBegun { on })?,
            Err(error) if error.refuses(ApplianceRefusal::PairContact) => {
                let state = match step {
                    "sync" => "nothing was broken or installed, and the pair is as it was",
                    _ => "the relationship is established, and there is no data sync yet",
                };
                return Err(self.no_partner(part, &error.into(), state));
            }
            // Where the answer was lost the wait finds out what is so.
            Err(error) => self.unless_lost(part, error)?,
        }
        Ok(mark)
    }

    pub(super) fn no_partner(&self, part: Part, failure: &Failure, state: &str) -> Failure {
        EngineError::PartnerUnreachable {
            name: self.name(part),
            said: text::one_line(&failure.message),
            state: state.to_owned(),
        }
        .into()
    }
}

impl PairMark {
    /// Whether a sync that ended at `last` was pulled after the press. A time
    /// without seconds is that of a page that shows whole minutes.
    pub fn is_passed(&self, last: Option<Timestamp>) -> bool {
        let Some(last) = last else { return false };
        let minute = |time: Timestamp| time.unix().div_euclid(60);
        let in_minutes = last.unix() % 60 == 0;
        let late = self.pressed.is_none_or(|pressed| match in_minutes {
            true => minute(last) >= minute(pressed),
            false => last >= pressed,
        });
        late && self.before.is_none_or(|before| last > before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<Timestamp> {
        Some(Timestamp::parse(text).expect("a time"))
    }

    #[test]
    fn a_sync_counts_when_it_ended_after_the_press_by_the_appliances_clock() {
        let mark = PairMark { before: at("2026-03-04T05:00:00Z"), pressed: at("2026-03-04T05:40:18Z") };
        for (last, passed) in [
            ("2026-03-04T05:00:00Z", false),
            ("2026-03-04T05:40:17Z", false),
            ("2026-03-04T05:40:18Z", true),
            ("2026-03-04T05:39:00Z", false),
            ("2026-03-04T05:40:00Z", true),
            ("2026-03-04T05:41:00Z", true),
        ] {
            assert_eq!(mark.is_passed(at(last)), passed, "{last}");
        }
        assert!(!mark.is_passed(None));
        let same = PairMark { before: at("2026-03-04T05:40:00Z"), pressed: at("2026-03-04T05:40:18Z") };
        assert!(!same.is_passed(at("2026-03-04T05:40:00Z")), "what was there before is no sync of ours");
    }
}
