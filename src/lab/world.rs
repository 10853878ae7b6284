//! What is so in the lab at this moment, behind one lock.

use super::api::Gateway;
use super::fault::{Fault, Faults};
use super::labels::{self, PageTexts};
use super::migration::{self, InstalledCertificate, MoveWords};
use super::package::LabPackage;
use super::pair::labels::PairWords;
use super::pair::{self, Pair, Side, Troubles};
use super::sessions::{Realm, Sessions};
use super::tls::{self, TlsIdentity};
use super::{FIRST_PASSWORD, HOST, LabOptions, MODEL};
use crate::model::{PackageKind, Requirement, Sha256Digest, Timestamp, Version};
use serde::Serialize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};
use tokio_rustls::TlsAcceptor;

/// How slow the appliance's clock is with [`Fault::ClockSkew`], in seconds.
const SKEW_SECS: i64 = 20 * 60;

/// How many requests are taken down, so that a lab that runs for days stays small.
pub(super) const MAX_TRAIL: usize = 400;

/// After how long an install that hides does so.
const HIDES_AFTER: Duration = Duration::from_secs(1);

/// Where a hung install stops, in percent.
const HUNG_PERCENT: u8 = 42;

pub(super) type Shared = Arc<World>;

/// The lab, shared by every handler.
pub(super) struct World {
    pub(super) options: LabOptions,
    /// The appliance's serial number.
    pub(super) serial: String,
    /// The pair it is one of, and which one; `None` where it is alone.
    pub(super) pair: Option<(Arc<Pair>, Side)>,
    pub(super) catalogue: Vec<LabPackage>,
    /// The appliance's own certificate.
    own: TlsIdentity,
    /// What the appliance shows now.
    tls: Mutex<TlsAcceptor>,
    /// Told when the appliance must restart.
    pub(super) restart: Notify,
    /// Becomes true when the lab must stop.
    pub(super) stop: watch::Sender<bool>,
    state: Mutex<State>,
}

/// What changes.
pub(super) struct State {
    pub(super) offset_secs: i64,
    pub(super) faults: Faults,
    pub(super) machine: Machine,
    pub(super) shop: Shop,
    pub(super) seats: Sessions,
    pub(super) gateway: Gateway,
    pub(super) record: LabRecord,
}

/// The appliance.
pub(super) struct Machine {
    pub(super) base: Version,
    pub(super) site: Version,
    /// Whether it has site software: not after a factory reset, and not as
    /// new hardware, until a site package is on it.
    pub(super) has_site: bool,
    /// Whether its site has no settings yet, and so knows the first user only.
    pub(super) fresh_site: bool,
    pub(super) certificates: Vec<InstalledCertificate>,
    /// When the last site package was installed; `None` before the first.
    pub(super) site_since: Option<Timestamp>,
    pub(super) installed: Vec<InstalledPackage>,
    /// Whether someone has checked for updates since the last restart.
    pub(super) checked: bool,
    /// The package whose agreement waits to be accepted.
    pub(super) staged: Option<Staged>,
    pub(super) activity: Activity,
}

/// A package that is ready to install, and the file it came in.
pub(super) struct Staged {
    pub(super) package: LabPackage,
    pub(super) spool: Option<Spool>,
}

/// An uploaded file; it goes when nobody holds it any more.
pub(super) struct Spool(pub(super) PathBuf);

impl Drop for Spool {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A row of the list of installed packages.
#[derive(Clone, Serialize)]
pub(super) struct InstalledPackage {
    pub(super) title: String,
    pub(super) at: Timestamp,
}

/// What the appliance is doing.
pub(super) enum Activity {
    Idle,
    Installing {
        package: LabPackage,
        since: Instant,
        hung: bool,
        fetched: bool,
        /// Whether its pages show nothing of it after its first second.
        hides: bool,
    },
    Restarting,
    /// Being reset to factory defaults.
    Resetting {
        hung: bool,
    },
    /// Switched off.
    Off,
    Failed {
        title: String,
        kind: PackageKind,
    },
}

/// The vendor.
#[derive(Default)]
pub(super) struct Shop {
    pub(super) codes: Vec<Code>,
    /// Sessions, each with the packages its code opened.
    pub(super) visits: Vec<Visit>,
    /// One a package of the catalogue.
    pub(super) served: Vec<ServedBytes>,
}

/// A download code and what the appliance was when it made it.
pub(super) struct Code {
    pub(super) text: String,
    pub(super) base: Version,
    pub(super) site: Version,
    pub(super) used: bool,
}

/// A session at the vendor's page.
pub(super) struct Visit {
    pub(super) cookie: String,
    pub(super) packages: Vec<usize>,
}

/// How much of a package was served.
#[derive(Default, Clone, Serialize)]
pub(super) struct ServedBytes {
    pub(super) title: String,
    pub(super) requests: u32,
    pub(super) served_to_bytes: u64,
    pub(super) complete: bool,
}

/// What tests and people want to know afterwards.
#[derive(Default, Serialize)]
pub(super) struct LabRecord {
    pub(super) presses: Vec<FatalPress>,
    pub(super) uploads: Vec<UploadedPackage>,
    pub(super) backups: Vec<Backup>,
    pub(super) restores: u32,
    /// The serial numbers that restored backups were made on.
    pub(super) restored_from: Vec<String>,
    /// What was done with certificates: `exported`, `imported`, `assigned`.
    pub(super) certificates: Vec<&'static str>,
    pub(super) installs: Vec<Install>,
    pub(super) restarts: u32,
    /// How often the appliance was told to check for updates.
    pub(super) checks: u32,
    pub(super) logins: u32,
    pub(super) failed_logins: u32,
    pub(super) logouts: u32,
    /// How often the agreement before the login was accepted.
    pub(super) login_agreements: u32,
    /// To the appliance.
    pub(super) requests: u64,
    /// What the first [`MAX_TRAIL`] of them asked for.
    pub(super) trail: Vec<String>,
    /// Where faults befell requests.
    pub(super) struck: Vec<Struck>,
}

/// A fault befell a request.
#[derive(Serialize)]
pub(super) struct Struck {
    pub(super) fault: &'static str,
    pub(super) request: String,
}

/// A button was pressed that ends an appliance.
#[derive(Serialize)]
pub(super) struct FatalPress {
    pub(super) button: String,
    pub(super) at: Timestamp,
}

/// A package was uploaded.
#[derive(Serialize)]
pub(super) struct UploadedPackage {
    pub(super) file: String,
    pub(super) size_bytes: u64,
    pub(super) sha256: Sha256Digest,
    pub(super) outcome: &'static str,
}

/// A backup was taken.
#[derive(Serialize)]
pub(super) struct Backup {
    pub(super) size_bytes: u64,
    pub(super) sha256: Sha256Digest,
    pub(super) password: bool,
    pub(super) history: bool,
    /// `page` or `api`.
    pub(super) by: &'static str,
    pub(super) at: Timestamp,
}

/// An install was begun.
#[derive(Serialize)]
pub(super) struct Install {
    pub(super) title: String,
    pub(super) began: Timestamp,
    pub(super) ended: Option<Timestamp>,
    pub(super) outcome: &'static str,
}

impl World {
    pub(super) fn new(
        options: LabOptions,
        serial: String,
        pair: Option<(Arc<Pair>, Side)>,
        catalogue: Vec<LabPackage>,
        (own, tls): (TlsIdentity, TlsAcceptor),
    ) -> Self {
        let state = fresh(&options, &catalogue, &own);
        let stop = watch::Sender::new(false);
        let (tls, state) = (Mutex::new(tls), Mutex::new(state));
        World { options, serial, pair, catalogue, own, tls, restart: Notify::new(), stop, state }
    }

    /// What is so when a lab starts.
    pub(super) fn fresh(&self) -> State {
        self.shows(&self.own);
        fresh(&self.options, &self.catalogue, &self.own)
    }

    /// What the appliance shows to whoever connects now.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.tls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn shows(&self, identity: &TlsIdentity) {
        // One that can't be used leaves the appliance with what it has.
        if let Ok(acceptor) = tls::acceptor_of(identity) {
            *self.tls.lock().unwrap_or_else(PoisonError::into_inner) = acceptor;
        }
    }

    /// Assigns the appliance's address to a certificate.
    pub(super) fn assign(&self, identity: &TlsIdentity) {
        for own in &mut self.state().machine.certificates {
            own.assigned = own.identity.fingerprint == identity.fingerprint;
        }
        self.state().record.certificates.push("assigned");
        self.shows(identity);
    }

    /// What a factory reset leaves: no site, no session, no certificate but its own.
    pub(super) fn forget_site(&self) {
        let mut state = self.state();
        (state.machine.has_site, state.machine.fresh_site, state.machine.site) = (false, true, none());
        state.machine.installed.clear();
        state.machine.certificates =
            vec![InstalledCertificate { identity: self.own.clone(), imported: false, assigned: true }];
        state.machine.activity = Activity::Restarting;
        drop(state);
        self.shows(&self.own);
    }

    /// The lock. A handler that panicked must not take the lab with it.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn words(&self) -> &'static PageTexts {
        labels::words(self.options.language)
    }

    pub(super) fn move_words(&self) -> &'static MoveWords {
        migration::words(self.options.language)
    }

    pub(super) fn pair_words(&self) -> &'static PairWords {
        pair::labels::words(self.options.language)
    }

    /// The appliance's clock, and the faults between the two of a pair.
    pub(super) fn between(&self) -> (Timestamp, Troubles) {
        let state = self.state();
        let armed = |fault| state.faults.armed(fault);
        let troubles = Troubles {
            unreachable: armed(Fault::PartnerUnreachable),
            endless: armed(Fault::SyncNeverEnds),
            swapped: armed(Fault::RoleSurprise),
            keys_differ: armed(Fault::KeyDiffers),
        };
        (state.appliance_clock(), troubles)
    }

    /// What the control port tells of this appliance.
    pub(super) fn told(&self) -> serde_json::Value {
        let mut told = self.state().told();
        if let Some(told) = told.as_object_mut() {
            told.insert("serial".to_owned(), self.serial.as_str().into());
        }
        told
    }
}

/// What is older than every site version.
fn none() -> Version {
    Version::parse("0").expect("a version")
}

fn fresh(options: &LabOptions, catalogue: &[LabPackage], own: &TlsIdentity) -> State {
    let began = Timestamp::now();
    let row = |title: String| InstalledPackage { title, at: began.plus_secs(-90 * 86_400) };
    let mut installed = vec![row(format!("Base {}", options.base)), row(format!("Bomgar {}", options.site))];
    installed.truncate(if options.no_site { 1 } else { 2 });
    let machine = Machine {
        base: options.base.clone(),
        site: if options.no_site { none() } else { options.site.clone() },
        has_site: !options.no_site,
        fresh_site: options.no_site,
        certificates: vec![InstalledCertificate { identity: own.clone(), imported: false, assigned: true }],
        site_since: None,
        installed,
        checked: false,
        staged: None,
        activity: Activity::Idle,
    };
    let served = catalogue.iter().map(|package| ServedBytes { title: package.title.clone(), ..ServedBytes::default() });
    State {
        offset_secs: 0,
        faults: Faults::new(&options.faults),
        machine,
        shop: Shop { served: served.collect(), ..Shop::default() },
        seats: Sessions::default(),
        gateway: Gateway::default(),
        record: LabRecord::default(),
    }
}

impl State {
    /// The lab's clock.
    pub(super) fn now(&self) -> Timestamp {
        Timestamp::now().plus_secs(self.offset_secs)
    }

    /// The password that lets the user in now.
    pub(super) fn password(&self, realm: Realm) -> &'static str {
        match realm {
            Realm::Site if self.machine.fresh_site && !self.faults.armed(Fault::FirstPasswordChanged) => FIRST_PASSWORD,
            Realm::Site | Realm::Appliance => realm.password(),
        }
    }

    /// The appliance's own clock: the lab's, unless a fault makes it wrong.
    pub(super) fn appliance_clock(&self) -> Timestamp {
        let skew = if self.faults.armed(Fault::ClockSkew) { -SKEW_SECS } else { 0 };
        self.now().plus_secs(skew)
    }

    /// What the control port tells, but for the serial number.
    fn told(&self) -> serde_json::Value {
        let machine = &self.machine;
        let mut told = serde_json::json!({
            "clock": self.now(),
            "appliance_clock": self.appliance_clock(),
            "model": MODEL,
            "host": HOST,
            "base": machine.base,
            "site": machine.has_site.then_some(&machine.site),
            "build": machine.has_site.then(|| machine.build()),
            "installed": machine.installed,
            "activity": machine.activity.name(),
            "has_site": machine.has_site,
            "staged": machine.staged.as_ref().map(|staged| &staged.package.title),
            "codes": {
                "made": self.shop.codes.len(),
                "used": self.shop.codes.iter().filter(|code| code.used).count(),
            },
            "downloads": self.shop.served,
            "faults": self.faults.names(),
            "api": self.gateway.record,
        });
        let record = serde_json::to_value(&self.record).expect("plain fields serialise");
        if let (Some(told), serde_json::Value::Object(record)) = (told.as_object_mut(), record) {
            told.extend(record);
        }
        told
    }
}

impl Machine {
    /// The build of the site software: a number drawn from its version.
    pub(super) fn build(&self) -> String {
        build_of(&self.site)
    }

    /// The first requirement of `package` that is not met.
    pub(super) fn lacks<'p>(&self, package: &'p LabPackage) -> Option<&'p Requirement> {
        package.requires.iter().find(|need| match need.kind {
            PackageKind::Base => !need.is_met_by(PackageKind::Base, &self.base),
            PackageKind::Site => !need.is_met_by(PackageKind::Site, &self.site),
            PackageKind::Patch | PackageKind::License => !self.installed.iter().any(|row| {
                PackageKind::of_title(&row.title).is_some_and(|(kind, version)| need.is_met_by(kind, &version))
            }),
        })
    }

    /// Whether `package`, or a later one of its kind, is installed already.
    pub(super) fn has(&self, package: &LabPackage) -> bool {
        match package.kind {
            PackageKind::Base => self.base >= package.version,
            PackageKind::Site => self.site >= package.version,
            PackageKind::Patch | PackageKind::License => self.installed.iter().any(|row| row.title == package.title),
        }
    }

    /// Makes `package` part of the appliance.
    pub(super) fn take_in(&mut self, package: &LabPackage, at: Timestamp) {
        match package.kind {
            PackageKind::Base => self.base = package.version.clone(),
            PackageKind::Site => {
                self.site = package.version.clone();
                self.has_site = true;
                self.site_since = Some(at);
            }
            PackageKind::Patch | PackageKind::License => {}
        }
        self.installed.push(InstalledPackage { title: package.title.clone(), at });
    }
}

fn build_of(site: &Version) -> String {
    let digest = Sha256Digest::of(site.as_str().as_bytes());
    (40_000 + u32::from(u16::from_le_bytes([digest.0[0], digest.0[1]])) % 20_000).to_string()
}

impl Activity {
    pub(super) fn busy(&self) -> bool {
        matches!(self, Activity::Installing { .. } | Activity::Restarting | Activity::Resetting { .. })
    }

    /// Whether its pages show that something is going on.
    pub(super) fn shows(&self) -> bool {
        let hidden = matches!(self, Activity::Installing { hides: true, since, .. } if since.elapsed() > HIDES_AFTER);
        self.busy() && !hidden
    }

    fn name(&self) -> &'static str {
        match self {
            Activity::Idle => "idle",
            Activity::Installing { .. } => "installing",
            Activity::Restarting => "restarting",
            Activity::Resetting { .. } => "resetting",
            Activity::Off => "off",
            Activity::Failed { .. } => "failed",
        }
    }
}

/// How far an install of `whole` length is after `elapsed`, in percent.
pub(super) fn percent(elapsed: Duration, whole: Duration, hung: bool) -> u8 {
    let share = if whole.is_zero() { 1.0 } else { (elapsed.as_secs_f64() / whole.as_secs_f64()).min(1.0) };
    let percent = (share * 99.0) as u8;
    if hung { percent.min(HUNG_PERCENT) } else { percent }
}
