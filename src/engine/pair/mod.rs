//! Looks at the two appliances of a failover pair, has their plan made, and has
//! the one loop follow it, with both journals; goes on after any stop.
//!
//! What it guarantees, beyond what each appliance's own [`Engine`](super::Engine)
//! and the [`Run`] over both do:
//!
//! 1. What an earlier run left open on either appliance is settled before
//!    anything else, and one appliance installs only while nothing is open on
//!    the other: there are never two installs at once.
//! 2. Before it presses anything it looks whether that is so already, and
//!    after it that it became so. A step that is not as the plan thought ends
//!    the run with what is so and the way back.
//! 3. The relationship is broken only after a backup of A and a data sync
//!    whose time is past the press, and established only with equal version
//!    and build. The pre-shared key is compared by the appliance; it is never
//!    read, shown or written down.
//!
//! No role is changed by the site's API, although a driver may have that: the
//! guide upgrades each appliance alone, so that at the switch of the address
//! there is no relationship whose roles could be swapped, and it establishes
//! the relationship with the right primary afterwards. The vendor warns, too,
//! of using the page and the API's command on one pair.

mod learn;

use super::run::{Run, Side};
use super::{Entry, OpenPair, look};
use crate::model::{Failover, FailoverRole, Failure, FileName, Status};
use crate::plan::{self, History, PackageList, PairFacts, Part, PartFacts, Plan, Terms};
use crate::report::PressNotice;

/// How a pair's run ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairFinished {
    /// Who is primary now.
    pub primary: FileName,
    /// Who is backup now.
    pub backup: FileName,
    /// Titles of the packages this run installed, on A and on B.
    pub installed: [Vec<String>; 2],
}

impl Run<'_> {
    /// Upgrades the pair, as far as the rules allow now.
    ///
    /// # Errors
    /// A [`Failure`] that says how it ended: [`EngineError`](super::EngineError)'s exits, the plan's,
    /// and all that the push of one appliance can end with.
    pub fn upgrade_pair(mut self) -> Result<PairFinished, Failure> {
        // Nothing else is done while what became of an install is not known.
        let known = self.known()?;
        for part in [Part::A, Part::B] {
            self.settle(part)?;
        }
        let PairAhead { survey, done, plan } = self.look_ahead(known.as_ref())?;
        self.gate_first(&plan, &survey)?;
        // No run is begun for nothing. One that is open goes on, if only to be ended in both journals.
        if plan.steps.is_empty() && known.is_none() {
            return Ok(self.pair_finished(survey.primary(), [Vec::new(), Vec::new()]));
        }
        let serials = survey.serials();
        let terms = self.pair_terms();
        self.foresee(&plan, &terms, [&serials[0], &serials[1]])?;
        self.begin(known, done, survey.shared_host(), serials)?;
        self.learn_addresses(&plan)?;
        self.follow(&plan)?;
        self.end_offers()?;
        self.note(&Entry::PairDone { run: self.id })?;
        let installed = std::mem::take(&mut self.installed);
        Ok(self.pair_finished(self.rules.order.primary(), installed))
    }

    /// Makes the plan that [`upgrade_pair`](Self::upgrade_pair) would follow
    /// now, and what it would ask about; nothing is pressed but a check for
    /// updates where packages are offered.
    ///
    /// # Errors
    /// As [`upgrade_pair`](Self::upgrade_pair).
    pub fn foresee_pair(mut self) -> Result<(Plan, PressNotice), Failure> {
        let known = self.known()?;
        let PairAhead { survey, plan, .. } = self.look_ahead(known.as_ref())?;
        let [serial_a, serial_b] = survey.serials();
        let press = self.notice(&plan, &self.pair_terms(), [&serial_a, &serial_b]);
        let press = if press.presses { look(press, self.side_mut(Part::A).appliance) } else { press };
        Ok((plan, press))
    }

    /// Looks at both and makes the plan for what is left to do.
    fn look_ahead(&mut self, known: Option<&OpenPair>) -> Result<PairAhead, Failure> {
        for part in [Part::A, Part::B] {
            // Each plan of its own asks again, and finds it said.
            let bundle = self.bundle(part);
            self.engine(part).exports_certificates(bundle)?;
        }
        let breaking = known.is_some_and(|open| open.bound);
        let done_if = |pair: &Self, stands| {
            let mut done = known.map(|open| open.done(stands, pair.time.now(), pair.fresh_secs())).unwrap_or_default();
            if stands && !pair.has_wanted_backup() {
                done.retain(|step| step != "backup");
            }
            done
        };
        // What is done depends on whether the relationship stands, which is seen only here;
        // and what is looked at, on what is done. So it is worked out before and after.
        let survey = self.survey(&done_if(self, !breaking), breaking)?;
        let done = done_if(self, !breaking || survey.stands());
        let plan = self.plan_pair(&survey, &done, breaking)?;
        Ok(PairAhead { survey, done, plan })
    }

    /// Whether the last backup of A has what is wanted of it now.
    fn has_wanted_backup(&self) -> bool {
        let last = self.side(Part::A).ledger.past().history().backup.as_ref();
        last.is_some_and(|backup| backup.is_as_wanted(&self.side(Part::A).rules.policy))
    }

    /// Seconds for which a backup and a sync count before the relationship is broken.
    pub(super) fn fresh_secs(&self) -> i64 {
        self.side(Part::A).rules.policy.backup_fresh_secs
    }

    /// The relationship is not broken before the first appliance's window is
    /// open for what is installed there.
    fn gate_first(&mut self, plan: &Plan, survey: &Survey) -> Result<(), Failure> {
        if plan.done.iter().any(|step| step == "break") {
            return Ok(());
        }
        let Some((part, own)) = plan.upgrades().next().filter(|(_, own)| !own.steps.is_empty()) else { return Ok(()) };
        let rules = self.side(part).rules;
        let windows = rules.policy.windows.as_ref().filter(|_| rules.outside_window.is_none());
        let status = match part {
            Part::A => &survey.a,
            Part::B => &survey.b,
        };
        let outcome = self.engine(part).gate_window(windows, &own.steps, 0, status);
        outcome.map_err(|failure| self.named(part, failure))
    }

    /// Looks at both appliances before anything is pressed; each must be the
    /// one its bundle is for, with a clock that can be relied on.
    fn survey(&mut self, done: &[String], breaking: bool) -> Result<Survey, Failure> {
        let mut seen = Vec::new();
        for part in [Part::A, Part::B] {
            seen.push(self.check(part)?);
        }
        self.read_offers_of_both(done, breaking)?;
        let roles = match done.iter().any(|step| step == "break") {
            // From here on each step looks for itself.
            true => [None, None],
            false => [Some(self.failover(Part::A)?), Some(self.failover(Part::B)?)],
        };
        let shared = match &roles {
            [None, None] => self.failover_if_readable(),
            _ => None,
        };
        let b = seen.pop().expect("two were looked at");
        let a = seen.pop().expect("two were looked at");
        Ok(Survey { a, b, roles, shared })
    }

    /// Reads what is offered to either, before the relationship is broken; of
    /// one that has it all by then there is nothing to read. Once breaking was
    /// begun what was agreed to stays as it is.
    fn read_offers_of_both(&mut self, done: &[String], breaking: bool) -> Result<(), Failure> {
        for (part, id) in [(Part::A, "install-a"), (Part::B, "install-b")] {
            match done.iter().any(|step| step == id) {
                true => self.recall_offers(part),
                false => self.read_offers(part, None, breaking)?,
            }
        }
        if !breaking {
            self.tell_offered_to_one();
        }
        Ok(())
    }

    fn plan_pair(&self, survey: &Survey, done: &[String], breaking: bool) -> Result<Plan, Failure> {
        let (history_a, history_b) =
            (self.side(Part::A).ledger.past().history(), self.side(Part::B).ledger.past().history());
        let [role_a, role_b] = &survey.roles;
        let shared = survey.shared.as_ref();
        let lists = [self.goods(Part::A).list(), self.goods(Part::B).list()];
        let facts = PairFacts {
            a: facts_of(self.side(Part::A), &lists[0], &survey.a, role_a.as_ref().or(shared), history_a),
            b: facts_of(self.side(Part::B), &lists[1], &survey.b, role_b.as_ref(), history_b),
            now: self.time.now(),
            done,
            breaking,
            shared_ip: self.shared_ip.as_deref().and_then(|shared| shared.parse().ok()),
        };
        Ok(plan::pair(self.rules.order, &facts)?)
    }

    /// What is agreed to before the first press.
    fn pair_terms(&self) -> Terms {
        let shared_ip = self.rules.shared_ip.as_deref();
        let removed = self.side(Part::A).ledger.past().history().removal(self.bundle(Part::A)).is_some();
        Terms::pair(
            self.rules.order.topology(),
            self.rules.order.switch(),
            shared_ip,
            [self.meant(Part::A), self.meant(Part::B)],
        )
        .without_clients(removed)
        .without_certificates(self.side(Part::A).rules.no_certificate.is_some())
    }

    fn pair_finished(&self, primary: Part, installed: [Vec<String>; 2]) -> PairFinished {
        let name = |part| self.side(part).rules.name.clone();
        PairFinished { primary: name(primary), backup: name(primary.other()), installed }
    }
}

/// What the plan is made from, of one appliance.
fn facts_of<'f>(
    side: &'f Side<'_>,
    list: &'f PackageList,
    status: &'f Status,
    failover: Option<&'f Failover>,
    history: &'f History,
) -> PartFacts<'f> {
    PartFacts {
        name: &side.rules.name,
        reached_by: side.reached.as_ref().map_or("", |reached| &reached.host),
        status,
        failover,
        list,
        history,
        policy: &side.rules.policy,
    }
}

/// What is to come of a pair's run.
struct PairAhead {
    survey: Survey,
    /// Ids of the steps that need not be done again.
    done: Vec<String>,
    plan: Plan,
}

/// What both appliances show.
struct Survey {
    a: Status,
    b: Status,
    roles: [Option<Failover>; 2],
    /// What could be read of the shared host name later on.
    shared: Option<Failover>,
}

impl Survey {
    /// Whether the relationship is seen to stand.
    fn stands(&self) -> bool {
        let role = |at: usize| self.roles[at].as_ref().map(|failover| failover.role);
        (role(0), role(1)) == (Some(FailoverRole::Primary), Some(FailoverRole::Backup))
    }

    /// The serial numbers of A and B.
    fn serials(&self) -> [String; 2] {
        [&self.a, &self.b].map(|status| status.appliance.serial.clone())
    }

    /// Who is seen to be primary; A where nobody is.
    fn primary(&self) -> Part {
        let is_primary = |failover: &Failover| failover.role == FailoverRole::Primary;
        if self.roles[1].as_ref().is_some_and(is_primary) { Part::B } else { Part::A }
    }

    fn shared_host(&self) -> Option<String> {
        let all = self.roles.iter().flatten().chain(&self.shared);
        all.filter_map(|failover| failover.shared_host.clone()).next()
    }
}
