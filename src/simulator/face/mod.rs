//! The face it shows to an engine: a driver's appliance, with a virtual clock.

mod appliance;
mod history;
mod migration;
mod pair;

pub use history::SimulatedHistory;
pub use migration::SimulatedSite;
#[cfg(test)]
pub use migration::settings_of;
pub use pair::SimulatedPair;

use super::activity::{Activity, Times};
use super::clients::Clients;
use super::clock::VirtualClock;
use super::fault::Fault;
use super::faults::{Faults, Moment};
use super::machine::Machine;
use super::software::{PackageRefusal, Software, Taken};
use crate::driver::{self, Answered, ApplianceRefusal, Did, DriverError, Uploaded};
use crate::model::{Offer, PackageKind, PackageRef, Requirement, Status};
use crate::web::WebError;
use std::rc::Rc;
use std::time::Duration;

/// A factory reset: a quarter of an hour, of which nobody knows more than that
/// it takes long.
const RESET: Duration = Duration::from_secs(900);

/// How long an install that hides is seen at first.
const HIDES_AFTER: Duration = Duration::from_secs(1);

/// An appliance in memory.
pub struct Simulated {
    clock: Rc<VirtualClock>,
    machine: Machine,
    /// Seconds its clock is ahead of the virtual one; `None` where it shows none.
    pub ahead_secs: Option<i64>,
    /// The licence agreement it shows before a base or site package.
    pub agreement: Option<String>,
    /// The steps that are always by hand: `backup`, `upload`, `agreement`.
    pub hands: Vec<&'static str>,
    /// Whether packages are read as they are sent, or only counted.
    pub reads: bool,
    /// What will go wrong with backups and installs.
    pub faults: Faults,
    /// What happened to it; shared with whoever plays the operator.
    pub told: Rc<SimulatedHistory>,
    /// How many clients its site has, and how many seconds after a site package
    /// the last of them has updated; `None` where its site has no interface that tells.
    pub clients: Option<(u32, i64)>,
    /// What a look at its failover page ends with while it pulls a sync; `None` for none.
    pub barred: Option<fn() -> DriverError>,
    /// What its driver asks at each look at its failover page, and is answered; `None` for nothing.
    pub asks: Option<Answered>,
    heard: Vec<Answered>,
    /// The pair it is one of, and which of the two; `None` where it is alone.
    pub pair: Option<(Rc<SimulatedPair>, usize)>,
    /// What its vendor has for it: titles, and what each needs; nothing is
    /// listed before a check, nor after a restart.
    pub vendor: Vec<(String, Vec<Requirement>)>,
    /// Title of the package from which on it is offered the last of these, too.
    pub more_from: Option<String>,
    /// Its certificates, its settings and what goes wrong with them.
    pub site: Rc<SimulatedSite>,
    /// A package that somebody was asked to bring.
    by_hand: Option<Software>,
    /// What its pages always say of installations, whatever goes on.
    pub explains: Option<String>,
    backups_over: usize,
}

/// Why a step is by hand.
const BECAUSE: &str = "its control is not found on the page";

/// A connection that came to nothing.
fn gone(why: &str) -> DriverError {
    WebError::Unreachable { origin: "https://simulated".to_owned(), why: why.to_owned() }.into()
}

fn secs(secs: i64) -> Duration {
    Duration::from_secs(secs.max(0) as u64)
}

impl Simulated {
    /// An appliance that shows `status`; its clock is `clock`.
    pub fn new(status: Status, clock: Rc<VirtualClock>) -> Self {
        let address = status.appliance.serial.clone();
        let site = SimulatedSite::new(Rc::clone(&clock), &status.appliance.host, &format!("own:{address}"), &address);
        let times = Times {
            install: secs(600),
            restart: secs(300),
            of_kind: Vec::new(),
            reset: RESET,
            hides_after: HIDES_AFTER,
        };
        Simulated {
            site,
            clock,
            machine: Machine::new(status, times),
            ahead_secs: Some(0),
            agreement: None,
            hands: Vec::new(),
            reads: true,
            faults: Faults::default(),
            told: Rc::default(),
            clients: None,
            barred: None,
            asks: None,
            heard: Vec::new(),
            pair: None,
            vendor: Vec::new(),
            more_from: None,
            by_hand: None,
            explains: None,
            backups_over: 0,
        }
    }

    /// Sets how many seconds an install takes, and the restart after it.
    pub fn set_times(&mut self, (install, restart): (i64, i64)) {
        (self.machine.times.install, self.machine.times.restart) = (secs(install), secs(restart));
    }

    /// The same for a kind that has its own.
    pub fn set_times_of(&mut self, kind: PackageKind, (install, restart): (i64, i64)) {
        self.machine.times.of_kind.push((kind, (secs(install), secs(restart))));
    }

    /// In how many seconds the last client has updated; `None` where all have,
    /// or nobody can tell.
    pub fn clients_updated_in(&self) -> Option<i64> {
        let ((_, after_secs), since) = (self.clients?, self.machine.site_since?);
        Some(after_secs - self.clock.now().secs_since(since)).filter(|secs| *secs > 0)
    }

    /// How many clients there are, and how many of them are outdated.
    fn clients_now(&self) -> Option<(u32, u32)> {
        let (count, after_secs) = self.clients?;
        let clients = Clients { count, update: secs(after_secs), lag: false };
        let outdated = self.machine.site_since.map_or(0, |since| clients.outdated(since, self.clock.at()));
        Some((count, outdated))
    }

    fn shown(&self) -> Status {
        let clock = self.ahead_secs.map(|ahead| self.clock.now().plus_secs(ahead));
        let mut shown = Status { clock, ..self.machine.status.clone() };
        if let Some(serial) = self.site.answers_instead() {
            shown.appliance.serial = serial;
        }
        shown
    }

    /// Whether a person brings the package, where it can be brought now.
    fn is_handed_over(&mut self, package: &PackageRef, here: &Moment) -> Result<bool, DriverError> {
        self.catch_up();
        if self.machine.is_busy() {
            self.told.collisions.set(self.told.collisions.get() + 1);
            return Err(Self::busy());
        }
        let by_hand = self.is_by_hand("upload", Fault::ByHandUpload, here);
        if by_hand {
            self.by_hand = Some(self.software(package));
        }
        Ok(by_hand)
    }

    fn software(&self, package: &PackageRef) -> Software {
        let software = matches!(package.kind, PackageKind::Base | PackageKind::Site);
        Software::of(package, software && self.agreement.is_some())
    }

    /// Brings the appliance to where it is by now.
    fn catch_up(&mut self) {
        if self.told.hands.take()
            && let Some(software) = self.by_hand.take()
        {
            self.machine.begin(software, self.clock.at(), &mut self.faults);
        }
        self.machine.catch_up(self.clock.at(), &self.site.faults.borrow());
        self.told.note(&self.machine.installs);
    }

    /// What it lists for itself.
    fn listed(&self) -> Vec<Offer> {
        let offer = |(title, needs): &(String, Vec<Requirement>)| {
            let locked = self.machine.lacks(needs).map(|need| {
                let name = if need.kind == PackageKind::Base { "Base" } else { "Bomgar" };
                format!("Requires: {name} {}", need.version)
            });
            Offer { title: title.clone(), locked }
        };
        let hidden = self.more_from.as_ref().is_some_and(|from| !self.told.has(from));
        let known = self.vendor.len() - usize::from(hidden);
        let listed = self.vendor.iter().take(known).filter(|(title, _)| !self.told.has(title));
        listed.map(offer).collect()
    }

    /// Takes a package that came, or that it fetched.
    fn take_in(&mut self, package: &PackageRef, here: &Moment) -> Result<Did<Uploaded>, DriverError> {
        let software = self.software(package);
        let taken = self.machine.take(software, self.clock.at(), &mut self.faults);
        self.told.note(&self.machine.installs);
        let taken = taken.map_err(|not| self.not_taken(&not))?;
        if self.faults.strikes_at(Fault::UploadAnswerLost, here) {
            return Err(Self::lost());
        }
        Ok(Did::Done(match (taken, &self.agreement) {
            (Taken::Agreement, Some(text)) => Uploaded::Eula { text: text.clone() },
            (Taken::Agreement | Taken::Installing, _) => Uploaded::Installing,
        }))
    }

    fn not_taken(&self, not: &PackageRefusal) -> DriverError {
        let why = match not {
            PackageRefusal::Busy => return Self::busy(),
            PackageRefusal::Lacks(_) => {
                return Self::refused(ApplianceRefusal::Package, "This package requires another one first");
            }
            PackageRefusal::Damaged => driver::NotTaken::Rejected,
            PackageRefusal::UnknownKind => driver::NotTaken::UnknownKind,
            PackageRefusal::AlreadyInstalled => {
                self.told.collisions.set(self.told.collisions.get() + 1);
                driver::NotTaken::AlreadyThere
            }
        };
        DriverError::NotTaken {
            why,
            page: "Updates".to_owned(),
            said: "This package is not for this appliance".to_owned(),
        }
    }

    fn is_by_hand(&mut self, step: &'static str, fault: Fault, here: &Moment) -> bool {
        self.hands.contains(&step) || self.faults.strikes_at(fault, here)
    }

    fn press(&mut self, what: pair::Press) -> Result<Did<()>, DriverError> {
        match &self.pair {
            Some((pair, at)) => pair.press(*at, what),
            None => Err(Self::refused(ApplianceRefusal::Pair, "Failover is currently not configured.")),
        }
    }

    /// Lets nobody in who could not get in.
    fn check_presence(&self) -> Result<(), DriverError> {
        match self.machine.activity() {
            Activity::Resetting { .. } => Err(gone("it is being reset")),
            Activity::Restarting { .. } => Err(gone("it restarts")),
            Activity::Off => Err(gone("it is switched off")),
            Activity::Idle | Activity::Installing(_) | Activity::Failed { .. } if self.machine.stranger => {
                let (user, page, said) = ("admin".to_owned(), "Login".to_owned(), "no such user".to_owned());
                Err(DriverError::LoginRefused { user, page, said })
            }
            Activity::Idle | Activity::Installing(_) | Activity::Failed { .. } => Ok(()),
        }
    }

    fn busy() -> DriverError {
        DriverError::Busy { said: "Installing".to_owned() }
    }

    fn refused(what: ApplianceRefusal, said: &str) -> DriverError {
        DriverError::Refused { what, page: "Updates".to_owned(), said: said.to_owned() }
    }

    /// What is amiss with pages that have changed.
    fn changed() -> WebError {
        let (key, page) = ("status.serial".to_owned(), "the page \"Basics\"".to_owned());
        WebError::ControlMissing {
            key,
            page,
            looked_for: vec!["Serial Number".to_owned()],
            there: vec!["Appliance Serial".to_owned()],
        }
    }

    /// An answer that is lost on its way.
    fn lost() -> DriverError {
        DriverError::AnswerLost { page: "Updates".to_owned() }
    }
}
