//! An appliance in memory, with its own virtual clock and named faults: what
//! a rehearsal and the engine's tests work on. Nothing of it is sent anywhere.

mod clock;
mod face;
mod faults;
pub mod migration;
pub mod pair;
mod told;

pub use clock::VirtualClock;
pub use faults::{Befalls, Moment, SimulatedFault};
pub use told::SimulatedHistory;

use crate::driver::{Answered, ApplianceRefusal, Did, DriverError, Uploaded};
use crate::model::{Installed, Offer, Package, PackageKind, Requirement, Status, Timestamp};
use crate::web::WebError;
use migration::{Availability, SimulatedSite};
use pair::SimulatedPair;
use std::rc::Rc;

/// An appliance in memory.
pub struct Simulated {
    clock: Rc<VirtualClock>,
    status: Status,
    /// Seconds its clock is ahead of the virtual one; `None` where it shows none.
    pub ahead_secs: Option<i64>,
    /// The licence agreement it shows before a base or site package.
    pub agreement: Option<String>,
    /// Seconds of installing, then of restarting.
    pub install_secs: (i64, i64),
    /// Seconds of installing and of restarting where a kind has its own.
    pub secs_of_kind: Vec<(PackageKind, (i64, i64))>,
    /// The steps that are always by hand: `backup`, `upload`, `agreement`.
    pub hands: Vec<&'static str>,
    /// Whether packages are read as they are sent, or only counted.
    pub reads: bool,
    /// What will go wrong, each at the first step that it can befall.
    pub faults: Vec<SimulatedFault>,
    /// What will go wrong at a chosen moment.
    pub faults_at: Vec<(Moment, SimulatedFault)>,
    /// What happened to it; shared with whoever plays the operator.
    pub told: Rc<SimulatedHistory>,
    /// How many clients its site has, and how many seconds after a site package
    /// the last of them has updated; `None` where its site has no interface that tells.
    pub clients: Option<(u64, i64)>,
    site_since: Option<Timestamp>,
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
    checked: bool,
    /// Its certificates, its settings and its end.
    pub estate: Rc<SimulatedSite>,
    waiting: Option<Package>,
    by_hand: Option<Package>,
    work: Option<Work>,
    failed: Option<String>,
    /// Whether its pages can't be read once it has installed what it installs.
    changes: bool,
    /// What its pages always say of installations, whatever goes on.
    pub explains: Option<String>,
    backups_over: usize,
}

/// Why a step is by hand.
pub(super) const BECAUSE: &str = "its control is not found on the page";

struct Work {
    package: Package,
    begun: Timestamp,
    ends: Ending,
    /// Whether its pages are ordinary ones meanwhile.
    hides: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Well,
    WithMessage,
    WithNothing,
    Never,
}

impl Simulated {
    /// An appliance that shows `status`; its clock is `clock`.
    pub fn new(status: Status, clock: Rc<VirtualClock>) -> Self {
        let address = &status.appliance.serial;
        Simulated {
            estate: SimulatedSite::new(Rc::clone(&clock), &status.appliance.host, &format!("own:{address}"), address),
            clock,
            status,
            ahead_secs: Some(0),
            agreement: None,
            install_secs: (600, 300),
            secs_of_kind: Vec::new(),
            hands: Vec::new(),
            reads: true,
            faults: Vec::new(),
            faults_at: Vec::new(),
            told: Rc::default(),
            clients: None,
            site_since: None,
            barred: None,
            asks: None,
            heard: Vec::new(),
            pair: None,
            vendor: Vec::new(),
            checked: false,
            waiting: None,
            by_hand: None,
            work: None,
            failed: None,
            changes: false,
            explains: None,
            backups_over: 0,
        }
    }

    /// In how many seconds the last client has updated; `None` where all have,
    /// or nobody can tell.
    pub fn clients_updated_in(&self) -> Option<i64> {
        let ((_, after_secs), since) = (self.clients?, self.site_since?);
        Some(after_secs - self.clock.now().secs_since(since)).filter(|secs| *secs > 0)
    }

    /// Whether it is installing or restarting now.
    pub fn is_busy(&mut self) -> bool {
        self.catch_up();
        self.work.is_some()
    }

    /// Whether `fault` strikes `here`; it is spent by that.
    fn take(&mut self, fault: &SimulatedFault, here: &Moment) -> bool {
        if let Some(at) = self.faults_at.iter().position(|(at, planned)| at == here && planned == fault) {
            self.faults_at.remove(at);
            return true;
        }
        let at = self.faults.iter().position(|planned| planned == fault);
        at.map(|at| self.faults.remove(at)).is_some()
    }

    fn shown(&self) -> Status {
        let clock = self.ahead_secs.map(|ahead| self.clock.now().plus_secs(ahead));
        let mut shown = Status { clock, ..self.status.clone() };
        if let Some(serial) = self.estate.answers_instead() {
            shown.appliance.serial = serial;
        }
        if self.estate.presence() == Availability::Empty {
            (shown.site_version, shown.site_build, shown.no_site) = (None, None, true);
        }
        shown
    }

    /// Whether a person brings the package, where it can be brought now.
    fn is_handed_over(&mut self, package: &Package, here: &Moment) -> Result<bool, DriverError> {
        self.catch_up();
        if self.work.is_some() {
            self.told.collisions.set(self.told.collisions.get() + 1);
            return Err(DriverError::Busy { said: "Installing".to_owned() });
        }
        let by_hand = self.is_by_hand("upload", here);
        if by_hand {
            self.by_hand = Some(package.clone());
        }
        Ok(by_hand)
    }

    fn begin(&mut self, package: Package) {
        let here = Moment::Package(package.file.clone());
        let ends = if self.take(&SimulatedFault::InstallFails, &here) {
            Ending::WithMessage
        } else if self.take(&SimulatedFault::InstallVanishes, &here) {
            Ending::WithNothing
        } else if self.take(&SimulatedFault::InstallHangs, &here) {
            Ending::Never
        } else {
            Ending::Well
        };
        let hides = self.take(&SimulatedFault::InstallHides, &here);
        self.changes = self.take(&SimulatedFault::PagesChange, &here);
        self.told.begun.borrow_mut().push((package.name.clone(), self.clock.now()));
        self.failed = None;
        self.work = Some(Work { package, begun: self.clock.now(), ends, hides });
    }

    /// Brings the appliance to where it is by now.
    fn catch_up(&mut self) {
        if self.told.hands.take()
            && let Some(package) = self.by_hand.take()
        {
            self.begin(package);
        }
        let now = self.clock.now();
        let Some((install_secs, restart_secs)) = self.work.as_ref().map(|work| self.secs_of(work.package.kind)) else {
            return;
        };
        let over =
            |work: &mut Work| work.ends != Ending::Never && now.secs_since(work.begun) >= install_secs + restart_secs;
        let Some(work) = self.work.take_if(over) else { return };
        match work.ends {
            Ending::Well => self.finish(work.package),
            Ending::WithMessage => self.failed = Some("Installation failed: not enough space".to_owned()),
            Ending::WithNothing | Ending::Never => {}
        }
    }

    fn secs_of(&self, kind: PackageKind) -> (i64, i64) {
        let own = self.secs_of_kind.iter().find(|(of, _)| *of == kind);
        own.map_or(self.install_secs, |(_, secs)| *secs)
    }

    fn finish(&mut self, package: Package) {
        let version = Some(package.version.clone());
        match package.kind {
            PackageKind::Base if self.status.base_version.is_some() => self.status.base_version = version,
            PackageKind::Site if self.status.site_version.is_some() || self.status.no_site => {
                (self.status.site_version, self.status.no_site) = (version, false);
                // Nobody knows a build before it is installed.
                self.status.site_build = None;
            }
            _ => {}
        }
        if let Some(list) = &mut self.status.installed {
            let kind = Some(package.kind);
            list.push(Installed { name: package.name.clone(), kind, version: Some(package.version.clone()) });
        }
        if package.kind == PackageKind::Site {
            self.site_since = Some(self.clock.now());
        }
        self.told.done.borrow_mut().push(package.name);
        self.checked = false;
    }

    /// What it lists for itself.
    fn listed(&self) -> Vec<Offer> {
        let lacks = |need: &&Requirement| self.status.meets(need) == Some(false);
        let offer = |(title, needs): &(String, Vec<Requirement>)| {
            let locked = needs.iter().find(lacks).map(|need| {
                let name = if need.kind == PackageKind::Base { "Base" } else { "Bomgar" };
                format!("Requires: {name} {}", need.version)
            });
            Offer { title: title.clone(), locked }
        };
        let listed = self.vendor.iter().filter(|(title, _)| !self.told.has(title));
        listed.map(offer).collect()
    }

    /// Takes a package that came, or that it fetched.
    fn take_in(&mut self, package: &Package, here: &Moment) -> Result<Did<Uploaded>, DriverError> {
        if self.take(&SimulatedFault::PackageRefused, here) {
            return Err(Self::refused(ApplianceRefusal::Package, "This package is not for this appliance"));
        }
        let lacks = |need: &&Requirement| self.status.meets(need) == Some(false);
        if package.requires.iter().any(|need| lacks(&need)) {
            return Err(Self::refused(ApplianceRefusal::Package, "This package requires another one first"));
        }
        let software = matches!(package.kind, PackageKind::Base | PackageKind::Site);
        let lost = self.take(&SimulatedFault::AnswerLost, here);
        match self.agreement.clone().filter(|_| software) {
            Some(_) if lost => Err(Self::lost()),
            Some(text) => {
                self.waiting = Some(package.clone());
                Ok(Did::Done(Uploaded::Eula { text }))
            }
            None => {
                self.begin(package.clone());
                if lost { Err(Self::lost()) } else { Ok(Did::Done(Uploaded::Installing)) }
            }
        }
    }

    fn is_by_hand(&mut self, step: &'static str, here: &Moment) -> bool {
        self.hands.contains(&step) || self.take(&SimulatedFault::ByHand(step), here)
    }

    fn press(&mut self, what: &'static str) -> Result<Did<()>, DriverError> {
        match &self.pair {
            Some((pair, at)) => pair.press(*at, what),
            None => Err(Self::refused(ApplianceRefusal::Pair, "Failover is currently not configured.")),
        }
    }

    /// Lets nobody in who could not get in.
    fn check_presence(&self) -> Result<(), DriverError> {
        let gone = |why: &str| WebError::Unreachable { origin: "https://simulated".to_owned(), why: why.to_owned() };
        match self.estate.presence() {
            Availability::Whole | Availability::Empty => Ok(()),
            Availability::Resetting => Err(gone("it is being reset").into()),
            Availability::Off => Err(gone("it is switched off").into()),
            Availability::Stranger => {
                let (user, page, said) = ("admin".to_owned(), "Login".to_owned(), "no such user".to_owned());
                Err(DriverError::LoginRefused { user, page, said })
            }
        }
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
