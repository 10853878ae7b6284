//! Has an appliance that reaches its vendor install what it offers, by the
//! rules of a push: the same plan, gates, journal and way back after a stop.

use super::{Engine, EngineError, Entry, Finished, Goods, Noted, Offered, open_install};
use crate::model::{ApplianceId, Failure, Id, text};
use crate::plan::{self, Action, Plan, Policy};
use crate::report;

/// Checks in one run at most: each finds what the installs before it have opened.
const MAX_ROUNDS: usize = 16;

/// A run that was begun and is not over.
struct Run {
    id: Id,
    /// The titles that a person agreed to.
    agreed: Vec<String>,
}

impl Engine<'_> {
    /// Installs what the appliance offers, as far as the rules allow now.
    /// `serial` is the number it is known by.
    ///
    /// # Errors
    /// As [`push`](Self::push), and those of [`offered`](Self::offered);
    /// [`EngineError::StillLocked`] and [`EngineError::UnknownOffers`] where
    /// all else is installed.
    pub fn update(&mut self, serial: &str) -> Result<Finished, Failure> {
        let entries = self.ledger.entries();
        if open_install(&entries).is_some() {
            let who = ApplianceId { serial: serial.to_owned(), model: String::new(), host: String::new() };
            self.resolve_open(&plan::offered_list(Id::random(), who, Vec::new(), self.time.now()))?;
        }
        let mut run = open_run(&entries).unwrap_or(Run { id: Id::random(), agreed: Vec::new() });
        let windows = self.windows(run.id, "update")?;
        let policy = Policy { windows, ..self.rules.policy.clone() };
        let mut installed = Vec::new();
        for round in 0..MAX_ROUNDS {
            let offered = self.offered(serial, run.id, &policy)?;
            self.check(&offered.list)?;
            if round == 0 {
                self.gate_alone(run.id)?;
            }
            self.write(Entry::UpdatesOffered { offers: offered.offers.clone() })?;
            self.tell_offers(&offered);
            if offered.plan.steps.is_empty() {
                if !run.agreed.is_empty() {
                    self.write(Entry::UpdateDone { run: run.id })?;
                }
                left_over(&offered)?;
                return Ok(Finished { installed, status: offered.status });
            }
            self.agree_to(&mut run, &offered.plan)?;
            self.tell_plan(&offered.plan)?;
            let mut finished = Finished { installed: Vec::new(), status: offered.status };
            self.follow(Goods::Offered(&offered.list), &offered.plan, &policy, &mut finished)?;
            installed.append(&mut finished.installed);
        }
        let why = format!("after {MAX_ROUNDS} rounds the appliance still offers more");
        let (package, again) = ("the rest".to_owned(), self.rules.again.clone());
        Err(EngineError::Unconfirmed { package, why, again }.into())
    }

    /// Tells what is offered, and the plan for it.
    pub fn tell_offers(&self, offered: &Offered) {
        self.teller.event("offers", serde_json::json!({ "offers": offered.offers }));
        match offered.offers.len() {
            0 => self.teller.say("the appliance offers nothing new"),
            1 => self.teller.say("the appliance offers 1 package:"),
            n => self.teller.say(&format!("the appliance offers {n} packages:")),
        }
        report::offers_text(&offered.offers).iter().for_each(|line| self.teller.say(line));
        if !offered.plan.steps.is_empty() {
            self.teller.say(&format!("\n{}\n", report::plan_text(&offered.plan)));
        }
    }

    /// Has a person agree to what will be installed; once for each package.
    fn agree_to(&mut self, run: &mut Run, plan: &Plan) -> Result<(), Failure> {
        let titles = plan.steps.iter().filter_map(|step| match &step.action {
            Action::Install { package, .. } => Some(package.name.clone()),
            _ => None,
        });
        let titles: Vec<String> = titles.collect();
        if titles.iter().all(|title| run.agreed.contains(title)) {
            return Ok(());
        }
        let list = text::one_line(&titles.join(", "));
        self.must_agree(format!("Is {} to fetch and install these, in this order: {list}?", self.rules.name))?;
        run.agreed.extend(titles.into_iter().filter(|title| !run.agreed.contains(title)).collect::<Vec<_>>());
        self.write(Entry::UpdateBegun { run: run.id, packages: run.agreed.clone() })
    }
}

/// Refuses to call it done where offers are left that can't be installed.
///
/// # Errors
/// [`EngineError::StillLocked`], [`EngineError::UnknownOffers`].
pub fn left_over(offered: &Offered) -> Result<(), EngineError> {
    let sorted = &offered.sorted;
    if !sorted.locked.is_empty() {
        let packages =
            report::offers_text(&sorted.locked).iter().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
        return Err(EngineError::StillLocked { packages: packages.join("; ") });
    }
    if !sorted.unknown.is_empty() {
        return Err(EngineError::UnknownOffers { titles: text::one_line(&sorted.unknown.join("; ")) });
    }
    Ok(())
}

/// The run that was begun last, where it is not over.
fn open_run(entries: &[Noted]) -> Option<Run> {
    let mut open = None;
    for (_, entry) in entries {
        match entry {
            Entry::UpdateBegun { run, packages } => open = Some(Run { id: *run, agreed: packages.clone() }),
            Entry::UpdateDone { run } if open.as_ref().is_some_and(|open: &Run| open.id == *run) => open = None,
            _ => {}
        }
    }
    open
}
