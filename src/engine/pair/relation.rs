//! The steps between the two: roles, syncs, breaking and establishing.

use super::{PairEngine, PairError, Run};
use crate::console::going_on;
use crate::driver::{ApplianceRefusal, Did};
use crate::engine::entry::{Entry, PairMark, RoleBy};
use crate::engine::question::PairQuestion;
use crate::engine::team::open_pair;
use crate::model::{Failover, FailoverRole, Failure, Timestamp, text};
use crate::plan::{Part, software};
use std::time::Duration;

/// Seconds between two looks at first, and at most.
const LOOK_FIRST_SECS: u64 = 1;
const LOOK_LAST_SECS: u64 = 30;
/// Seconds an appliance is given to show that the relationship is broken: an
/// API may answer out of a cache for a minute.
const SETTLE_SECS: u64 = 90;

impl PairEngine<'_> {
    /// What B, or else A, shows late in a run; `None` where no page can be read now.
    pub(super) fn failover_if_readable(&mut self) -> Option<Failover> {
        [Part::B, Part::A].into_iter().find_map(|part| match self.team.member_mut(part).appliance.failover() {
            Ok(Did::Done(shown)) => Some(shown),
            _ => None,
        })
    }

    /// Pulls a sync on `part`, and waits until the time it shows is past the press.
    pub(super) fn sync(&mut self, run: &Run, step: &str, part: Part) -> Result<(), Failure> {
        let name = self.team.name(part);
        let mark = match self.earlier_press(run, step) {
            Some(mark) => {
                let shown = self.team.failover(part)?;
                if mark.is_passed(shown.last_sync) {
                    return Ok(());
                }
                if !shown.syncing { self.press_sync(run, step, part)? } else { mark }
            }
            None => self.press_sync(run, step, part)?,
        };
        let _told = going_on(format!("the data sync to {name} goes on by itself, without this program"));
        let begun = self.team.time.elapsed();
        let mut pause = LOOK_FIRST_SECS;
        let mut told = false;
        loop {
            let shown = self.team.member_mut(part).appliance.failover();
            let seen = match shown {
                Ok(Did::Done(shown)) if mark.is_passed(shown.last_sync) => {
                    let at = shown.last_sync.map_or_else(String::new, |at| format!(" (by its clock {})", at.human()));
                    self.team.teller.say(&format!("{name} has pulled a data sync{at}"));
                    return Ok(());
                }
                Ok(Did::Done(shown)) if shown.role != FailoverRole::Backup => {
                    let (wanted, found, again) = (FailoverRole::Backup, shown.role, self.team.again.clone());
                    return Err(PairError::Role { name, wanted, found, again }.into());
                }
                Ok(Did::Done(shown)) if shown.syncing => "it says that a data sync is in progress".to_owned(),
                Ok(Did::Done(Failover { last_sync: Some(at), .. })) => format!("it shows the one of {}", at.human()),
                Ok(Did::Done(_)) => "it shows none yet".to_owned(),
                Ok(Did::ByHand(guide)) => {
                    self.team.guide(part, &guide)?;
                    let since = mark.pressed.map_or("the press".to_owned(), |at| at.human());
                    return self.team.must_agree(&PairQuestion::HasSynced { on: name, since });
                }
                // Restarting or busy: the wait decides.
                Err(error) if error.is_hopeless() => return Err(Failure::from(error).about(name)),
                Err(error) => Failure::from(error).message,
            };
            if !told {
                self.team.teller.note(&format!("waiting for the data sync to {name}: {seen}"));
                told = true;
            }
            let waited = self.team.time.elapsed().saturating_sub(begun).as_secs();
            if waited >= self.rules.sync_max_secs {
                let together = step == "sync";
                let (waited_secs, again) = (waited as i64, self.team.again.clone());
                return Err(PairError::SyncUnfinished { name, waited_secs, seen, together, again }.into());
            }
            self.team.time.sleep(Duration::from_secs(pause));
            pause = (pause * 2).min(LOOK_LAST_SECS);
        }
    }

    fn earlier_press(&self, run: &Run, step: &str) -> Option<PairMark> {
        let (now, fresh_secs) = (self.team.time.now(), self.fresh_secs());
        let pressed = |part| {
            let open = open_pair(&self.team.member(part).ledger.entries()).filter(|open| open.run == run.id)?;
            open.pressed(step, now, fresh_secs)
        };
        pressed(Part::A).or_else(|| pressed(Part::B))
    }

    fn press_sync(&mut self, run: &Run, step: &str, part: Part) -> Result<PairMark, Failure> {
        let name = self.team.name(part);
        let shown = self.team.failover(part)?;
        if shown.role != FailoverRole::Backup {
            let (wanted, found, again) = (FailoverRole::Backup, shown.role, self.team.again.clone());
            return Err(PairError::Role { name, wanted, found, again }.into());
        }
        let looked = self.team.time.elapsed();
        let status =
            self.team.member_mut(part).appliance.status().map_err(|error| Failure::from(error).about(&name))?;
        // By the appliance's own clock, which writes the time of the sync: what
        // it showed when the look began, so that no sync is taken for older than it is.
        let took = self.team.time.elapsed().saturating_sub(looked).as_secs() as i64 + 1;
        let pressed = status.clock.map(|clock| clock.plus_secs(-took));
        let mark = PairMark { before: shown.last_sync, pressed };
        self.team.note(&Entry::PairSyncPressed { run: run.id, step: step.to_owned(), mark })?;
        let did = self.team.member_mut(part).appliance.sync_now();
        match did {
            Ok(did) => self.team.pressed(part, did, |on| PairQuestion::IsSyncBegun { on })?,
            Err(error) => {
                let (lost, alone) = (error.may_be_done(), error.refuses(ApplianceRefusal::PairContact));
                let failure = Failure::from(error);
                if alone {
                    let state = match step {
                        "sync" => "nothing was broken or installed, and the pair is as it was",
                        _ => "the relationship is established, and there is no data sync yet",
                    };
                    return Err(self.no_partner(part, &failure, state));
                }
                if !lost {
                    return Err(failure.about(name));
                }
                // The answer was lost: the wait finds out what is so.
                self.team.teller.warn(&format!("the answer was lost: {}; looking what is so", failure.message));
            }
        }
        Ok(mark)
    }

    fn no_partner(&self, part: Part, failure: &Failure, state: &str) -> Failure {
        PairError::Partner {
            name: self.team.name(part),
            said: text::one_line(&failure.message),
            state: state.to_owned(),
            again: self.team.again.clone(),
        }
        .into()
    }

    /// Breaks the relationship at `first`, and at the other where it still stands there.
    pub(super) fn break_up(&mut self, first: Part) -> Result<(), Failure> {
        for part in [first, first.other()] {
            if self.becomes(part, FailoverRole::None, 0)?.role == FailoverRole::None {
                continue;
            }
            let name = self.team.name(part);
            let did = self.team.member_mut(part).appliance.break_failover();
            match did {
                Ok(did) => self.team.pressed(part, did, |on| PairQuestion::IsBroken { on })?,
                Err(error) => {
                    let lost = error.may_be_done();
                    let failure = Failure::from(error);
                    if !lost {
                        return Err(failure.about(name));
                    }
                    self.team.teller.warn(&format!("the answer was lost: {}; looking what is so", failure.message));
                }
            }
            let shown = self.becomes(part, FailoverRole::None, SETTLE_SECS)?;
            self.must_be(part, FailoverRole::None, &shown)?;
        }
        Ok(())
    }

    /// Establishes the relationship with `primary`, once both show the same software.
    pub(super) fn establish(&mut self, primary: Part, run: &Run) -> Result<(), Failure> {
        let backup = primary.other();
        self.check_equal(primary)?;
        let wanted = [(primary, FailoverRole::Primary), (backup, FailoverRole::Backup)];
        if !self.are(&wanted, 0)? {
            let shown = self.team.failover(primary)?;
            if shown.role == FailoverRole::None {
                self.press_establish(primary)?;
            }
            if !self.are(&wanted, self.rules.roles_max_secs)? {
                for (part, role) in wanted {
                    let shown = self.team.failover(part)?;
                    self.must_be(part, role, &shown)?;
                }
            }
        }
        self.team.teller.say(&format!(
            "{} is primary, {} is backup{}",
            self.team.name(primary),
            self.team.name(backup),
            run.shared_host.as_ref().map_or_else(String::new, |host| format!(", for {}", text::one_line(host)))
        ));
        Ok(())
    }

    /// Nothing is pressed unless both show the same version and build.
    fn check_equal(&mut self, primary: Part) -> Result<(), Failure> {
        let mut shown = Vec::new();
        for part in [primary, primary.other()] {
            let name = self.team.name(part);
            let status =
                self.team.member_mut(part).appliance.status().map_err(|error| Failure::from(error).about(&name))?;
            shown.push((name, status));
        }
        let (b, b_status) = shown.pop().expect("two were looked at");
        let (a, a_status) = shown.pop().expect("two were looked at");
        let again = self.team.again.clone();
        if (&a_status.site_version, &a_status.site_build) != (&b_status.site_version, &b_status.site_build) {
            let (a_has, b_has) = (software(&a_status), software(&b_status));
            return Err(PairError::Software { a, a_has, b, b_has, again }.into());
        }
        if a_status.site_version.is_none() {
            self.team.must_agree(&PairQuestion::AreSame { a, b })?;
        }
        Ok(())
    }

    fn press_establish(&mut self, primary: Part) -> Result<(), Failure> {
        let (there, back) =
            (self.team.member(primary.other()).reached.clone(), self.team.member(primary).reached.clone());
        let name = self.team.name(primary);
        self.team.teller.note(&format!("{name} reaches its backup at {there}, and is reached at {back}"));
        let did = self.team.member_mut(primary).appliance.establish_failover(&there, &back);
        let error = match did {
            Ok(did) => return self.team.pressed(primary, did, |on| PairQuestion::IsEstablished { on }),
            Err(error) => error,
        };
        let (refused, lost) = (error.refusal(), error.may_be_done());
        let failure = Failure::from(error);
        match refused {
            Some(ApplianceRefusal::PairKey) => {
                let (said, again) = (text::one_line(&failure.message), self.team.again.clone());
                Err(PairError::Key { name, said, again }.into())
            }
            Some(ApplianceRefusal::PairContact) => Err(self.no_partner(
                primary,
                &failure,
                "both are upgraded, each stands alone, and there is no failover",
            )),
            _ if lost => {
                self.team.teller.warn(&format!("the answer was lost: {}; looking what is so", failure.message));
                Ok(())
            }
            _ => Err(failure.about(name)),
        }
    }

    /// Waits up to `secs` for an appliance to show a role; what it shows in the end.
    fn becomes(&mut self, part: Part, role: FailoverRole, secs: u64) -> Result<Failover, Failure> {
        let begun = self.team.time.elapsed();
        loop {
            let (shown, by) = self.team.failover_and_teller(part)?;
            let over = self.team.time.elapsed().saturating_sub(begun).as_secs() >= secs;
            // A person has looked, and is not asked again every second.
            if shown.role == role || over || by == RoleBy::Operator {
                return Ok(shown);
            }
            self.team.time.sleep(Duration::from_secs(LOOK_FIRST_SECS));
        }
    }

    /// Whether each shows its role within `secs`. Both may call themselves
    /// backup for a moment while roles change.
    fn are(&mut self, wanted: &[(Part, FailoverRole)], secs: u64) -> Result<bool, Failure> {
        for (part, role) in wanted {
            if self.becomes(*part, *role, secs)?.role != *role {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn must_be(&self, part: Part, wanted: FailoverRole, shown: &Failover) -> Result<(), Failure> {
        if shown.role == wanted {
            return Ok(());
        }
        let (name, found, again) = (self.team.name(part), shown.role, self.team.again.clone());
        Err(PairError::Role { name, wanted, found, again }.into())
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
