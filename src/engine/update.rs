//! Has an appliance that reaches its vendor install what it offers, by the
//! rules of a push: the same plan, gates, journal and way back after a stop.

use super::{Engine, EngineError, Entry, Finished, Offered, PackageSource};
use crate::console::kind;
use crate::engine::question::InstallQuestion;
use crate::model::{Failure, Id, PackageKind, Requirement, Status, text};
use crate::plan::{PackageList, Part, Plan, SitePolicy, Terms};
use crate::report::{self, PressNotice};

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
        // One that waits for its clients keeps its id: about what was agreed to for it nobody is asked again.
        let mut run = self.open_run();
        if self.ledger.past().open_install().is_some() {
            self.resolve_open(serial)?;
        }
        let policy = self.policy(run.id, "update")?;
        let mut installed = Vec::new();
        for round in 0..MAX_ROUNDS {
            let offered = self.offered(serial, run.id, &policy)?;
            // In each round, since an install and a restart lie between two.
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
            self.foresee_offered(&mut run, &offered)?;
            self.tell_plan(&offered.plan)?;
            let goods = PackageSource::Offered(offered.list);
            let mut finished = self.follow(&goods, run.id, &offered.plan, (offered.status, policy.clone()))?;
            installed.append(&mut finished.installed);
        }
        let why = format!("after {MAX_ROUNDS} rounds the appliance still offers more");
        let package = "the rest".to_owned();
        Err(EngineError::Unconfirmed { package, why }.into())
    }

    /// In a run over two appliances: installs those of the titles that were
    /// agreed to which the appliance still offers. What it offers beyond them
    /// stays, since both must end with the same.
    ///
    /// # Errors
    /// As [`update`](Self::update); [`EngineError::NotOffered`] where one that
    /// was agreed to is neither offered nor there.
    pub(super) fn update_agreed(&mut self, list: &PackageList, titles: &[String]) -> Result<Finished, Failure> {
        let serial = &list.appliance().serial;
        self.resolve_open(serial)?;
        let windows = self.windows(list.id(), "update")?;
        let policy = SitePolicy { windows, serves: self.memory.serves, ..self.rules.policy.clone() };
        let mut installed = Vec::new();
        for _ in 0..MAX_ROUNDS {
            let offered = self.offered(serial, list.id(), &policy)?;
            self.check(&offered.list)?;
            self.write(Entry::UpdatesOffered { offers: offered.offers.clone() })?;
            let agreed = offered.list.clone().only(|package| titles.contains(&package.name));
            let offered = self.cut_to(offered, agreed, &policy)?;
            if offered.plan.steps.is_empty() {
                has_all(titles, &offered.status)?;
                return Ok(Finished { installed, status: offered.status });
            }
            self.tell_plan(&offered.plan)?;
            let goods = PackageSource::Offered(offered.list);
            let mut finished = self.follow(&goods, list.id(), &offered.plan, (offered.status, policy.clone()))?;
            installed.append(&mut finished.installed);
        }
        let why = format!("after {MAX_ROUNDS} rounds the appliance still offers what was agreed to");
        Err(EngineError::Unconfirmed { package: "the rest".to_owned(), why }.into())
    }

    /// Tells what is offered, and the plan for it.
    pub fn tell_offers(&self, offered: &Offered) {
        self.tell_list(offered);
        self.tell_left(offered, &installing(&offered.plan));
        if !offered.plan.steps.is_empty() {
            self.teller.say(&format!("\n{}\n", report::plan_text(&offered.plan)));
        }
    }

    /// Tells what is offered.
    pub(super) fn tell_list(&self, offered: &Offered) {
        self.teller.event(&kind::OFFERS, serde_json::json!({ "offers": offered.offers }));
        match offered.offers.len() {
            0 => self.teller.say("the appliance offers nothing new"),
            n => self.teller.say(&format!("the appliance offers {}:", text::counted(n, "package"))),
        }
        report::offers_text(&offered.offers).iter().for_each(|line| self.teller.say(line));
    }

    /// Tells what of it is left for another run: what is beyond the version that is wanted, and what of
    /// the `whole` was cut.
    pub(super) fn tell_left(&self, offered: &Offered, whole: &[String]) {
        let now = installing(&offered.plan);
        let beyond = offered.offers.iter().filter(|offer| self.is_beyond(offer)).map(|offer| &offer.title);
        let left: Vec<&str> =
            whole.iter().filter(|title| !now.contains(title)).chain(beyond).map(String::as_str).collect();
        if !left.is_empty() {
            self.teller.note(&format!("left for another run: {}", text::one_line(&left.join(", "))));
        }
    }

    /// Takes down what is about to be installed, and what of it was not agreed
    /// to in this run yet.
    fn foresee_offered(&mut self, run: &mut Run, offered: &Offered) -> Result<(), Failure> {
        let titles = run.with(&offered.plan);
        let terms = self.terms_of(run, &titles, offered);
        let list = text::one_line(&installing(&offered.plan).join(", "));
        let question = InstallQuestion::BeginOffered { on: self.rules.name.to_string(), titles: list };
        let is_new = titles != run.agreed;
        run.agreed = titles;
        let agreed = is_new.then(|| (Part::A, run.id, run.agreed.clone()));
        Ok(self.foresee(&offered.plan, &terms, question, agreed.into_iter().collect())?)
    }

    /// The run that was begun last, where it is not over; else a new one.
    fn open_run(&self) -> Run {
        let open = self.ledger.past().open_update();
        let (id, agreed) = open.map_or((Id::random(), Vec::new()), |(id, agreed)| (id, agreed.to_vec()));
        Run { id, agreed }
    }

    /// What is to come of what the appliance offers, with the digest that is
    /// agreed to; of the run that is open, where one is.
    pub fn ahead_of(&self, offered: &Offered) -> PressNotice {
        let run = self.open_run();
        let terms = self.terms_of(&run, &run.with(&offered.plan), offered);
        self.press_notice(&offered.plan, &terms)
    }

    /// What is agreed to where a run comes to install `titles`.
    fn terms_of(&self, run: &Run, titles: &[String], offered: &Offered) -> Terms {
        let removed = self.are_clients_removed(run.id);
        Terms::update(&offered.status.appliance.serial, titles)
            .without_clients(removed)
            .without_certificates(self.rules.no_certificate.is_some())
    }
}

impl Run {
    /// The titles that were agreed to, and behind them what `plan` has beyond them.
    fn with(&self, plan: &Plan) -> Vec<String> {
        let new = installing(plan).into_iter().filter(|title| !self.agreed.contains(title));
        self.agreed.iter().cloned().chain(new).collect()
    }
}

/// Lets no title pass that was agreed to and that the appliance neither offers
/// nor has.
fn has_all(titles: &[String], status: &Status) -> Result<(), EngineError> {
    let is_missing = |title: &&String| {
        let need = PackageKind::of_title(title).map(|(kind, version)| Requirement { kind, version });
        need.is_some_and(|need| status.meets(&need) == Some(false))
    };
    match titles.iter().find(is_missing) {
        None => Ok(()),
        Some(title) => Err(EngineError::NotOffered { package: text::one_line(title), locked: None }),
    }
}

/// The titles that a plan installs, in order.
pub(super) fn installing(plan: &Plan) -> Vec<String> {
    plan.installs().map(|package| package.name.clone()).collect()
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
