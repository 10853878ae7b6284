//! An appliance of the lab: the simulator's, with real certificates and the
//! files it was sent, by a clock that can be set forward.

use super::options::LabOptions;
use super::record::LabRecord;
use super::sessions::Realm;
use super::tls::TlsIdentity;
use super::{ADDRESS, FIRST_PASSWORD, HOST, MODEL};
use crate::model::{ApplianceId, Sha256Digest, Status, Timestamp};
use crate::simulator::{Activity, Certificate, Certificates, Clients, Fault, Faults, Machine, Now, Times};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How slow the appliance's clock is with [`Fault::ClockSkew`], in seconds.
// Well beyond what two clocks may differ by, and no time zone's distance, for which it could be taken.
const SKEW_SECS: i64 = 20 * 60;

/// Shortest install: its first page must be seen before the restart.
const SHORTEST: Duration = Duration::from_millis(200);

/// A restart ends when the port listens again, however long that takes.
const UNTIL_TOLD: Duration = Duration::from_secs(100 * 366 * 86_400);

/// How long an install that hides is seen at first.
const HIDES_AFTER: Duration = Duration::from_secs(1);

/// How long the software that is there at the start has been there.
// Longer than any wait, so that a lab begins with nothing to be waited for.
const BEFORE_SECS: i64 = 90 * 86_400;

/// The password at `/appliance` after a reset that set another one.
const STRANGE_PASSWORD: &str = "lab-other-pass";

/// An uploaded file; it goes when nobody holds it any more.
pub(super) struct Spool(pub(super) PathBuf);

impl Drop for Spool {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// An appliance.
pub(super) struct Device {
    began: Instant,
    offset_secs: i64,
    pub(super) machine: Machine,
    pub(super) faults: Faults,
    pub(super) record: LabRecord,
    pub(super) certificates: Certificates,
    identities: Vec<TlsIdentity>,
    clients: (u32, Duration),
    /// What the package that waits or installs came in; `None` where the
    /// appliance fetched it.
    pub(super) spool: Option<Spool>,
}

/// What came to an end while nobody looked.
pub(super) struct Elapsed {
    /// Whether it restarts now.
    pub(super) restarts: bool,
    /// Whether it was reset.
    pub(super) is_reset: bool,
}

impl Device {
    /// As it is when a lab starts.
    pub(super) fn new(options: &LabOptions, serial: &str, own: &TlsIdentity) -> Self {
        let began = Timestamp::now();
        let status = Status {
            appliance: ApplianceId { serial: serial.to_owned(), model: MODEL.to_owned(), host: HOST.to_owned() },
            base_version: Some(options.base.clone()),
            site_version: (!options.no_site).then(|| options.site.clone()),
            site_build: None,
            clock: None,
            installed: None,
            offered: None,
            no_site: options.no_site,
            typed: false,
        };
        let times = Times {
            install: options.install.max(SHORTEST),
            restart: UNTIL_TOLD,
            of_kind: Vec::new(),
            reset: options.install,
            hides_after: HIDES_AFTER,
        };
        let mut machine = Machine::new(status, times);
        let since = began.plus_secs(-BEFORE_SECS);
        machine.listed.push((format!("Base {}", options.base), since));
        if !options.no_site {
            machine.listed.push((format!("Bomgar {}", options.site), since));
        }
        Device {
            began: Instant::now(),
            offset_secs: 0,
            machine,
            faults: Faults::from(&options.faults[..]),
            record: LabRecord::default(),
            certificates: Certificates::new(HOST, &own.fingerprint, ADDRESS),
            identities: vec![own.clone()],
            clients: (options.clients, options.client_update),
            spool: None,
        }
    }

    /// The lab's clock.
    pub(super) fn clock(&self) -> Timestamp {
        Timestamp::now().plus_secs(self.offset_secs)
    }

    /// Sets the lab's clock forward.
    pub(super) fn advance(&mut self, secs: i64) {
        self.offset_secs = self.offset_secs.saturating_add(secs);
    }

    pub(super) fn now(&self) -> Now {
        Now { clock: self.clock(), running: self.began.elapsed() }
    }

    /// The appliance's own clock: the lab's, unless a fault makes it wrong.
    pub(super) fn appliance_clock(&self) -> Timestamp {
        let skew = if self.faults.armed(Fault::ClockSkew) { -SKEW_SECS } else { 0 };
        self.clock().plus_secs(skew)
    }

    /// Brings it to where it is by now.
    pub(super) fn catch_up(&mut self) -> Elapsed {
        let restarted = self.is_restarting();
        let resetting = matches!(self.machine.activity(), Activity::Resetting { .. });
        let now = self.now();
        self.machine.catch_up(now, &self.faults);
        let restarts = !restarted && self.is_restarting();
        let is_reset = resetting && restarts;
        if is_reset {
            self.certificates.forget_imported(ADDRESS);
            self.identities.truncate(1);
        }
        if !self.machine.is_busy() && self.machine.staged().is_none() {
            self.spool = None;
        }
        Elapsed { restarts, is_reset }
    }

    fn is_restarting(&self) -> bool {
        matches!(self.machine.activity(), Activity::Restarting { .. })
    }

    /// In how long it changes next by itself; `None` where it waits for somebody.
    pub(super) fn due_in(&self) -> Option<Duration> {
        self.machine.due(&self.faults).map(|due| due.saturating_sub(self.began.elapsed()))
    }

    /// The password that lets the user in now.
    pub(super) fn password(&self, realm: Realm) -> &'static str {
        match realm {
            Realm::Site if self.machine.fresh_site && !self.faults.armed(Fault::FirstPasswordChanged) => FIRST_PASSWORD,
            Realm::Appliance if self.machine.stranger && !self.machine.is_busy() => STRANGE_PASSWORD,
            Realm::Site | Realm::Appliance => realm.password(),
        }
    }

    /// The build of the site software: a number drawn from its version.
    pub(super) fn build(&self) -> Option<String> {
        let site = self.machine.status.site_version.as_ref()?;
        let digest = Sha256Digest::of(site.as_str().as_bytes());
        Some((40_000 + u32::from(u16::from_le_bytes([digest.0[0], digest.0[1]])) % 20_000).to_string())
    }

    /// The clients of its site.
    pub(super) fn clients(&self) -> Clients {
        let (count, update) = self.clients;
        Clients { count, update, lag: self.faults.armed(Fault::ClientsLag) }
    }

    /// A certificate with its key.
    pub(super) fn identity(&self, fingerprint: &str) -> Option<(Certificate, TlsIdentity)> {
        let certificate = self.certificates.find(fingerprint)?.clone();
        let identity = self.identities.iter().find(|own| own.fingerprint == fingerprint)?.clone();
        Some((certificate, identity))
    }

    /// Takes a certificate from another appliance.
    pub(super) fn import(&mut self, identity: TlsIdentity) {
        self.record.certificates.push("imported");
        self.certificates.import(HOST, &identity.fingerprint);
        self.identities.push(identity);
    }

    /// What the control port tells.
    pub(super) fn told(&self) -> Value {
        let machine = &self.machine;
        let row = |(title, at): &(String, Timestamp)| json!({ "title": title, "at": at });
        let mut told = json!({
            "serial": machine.status.appliance.serial,
            "clock": self.clock(),
            "appliance_clock": self.appliance_clock(),
            "model": MODEL,
            "host": HOST,
            "base": machine.status.base_version,
            "site": machine.status.site_version,
            "build": self.build(),
            "installed": machine.listed.iter().map(row).collect::<Vec<_>>(),
            "installs": machine.installs,
            "activity": word(machine.activity()),
            "has_site": !machine.status.no_site,
            "staged": machine.staged().map(|staged| &staged.title),
            "faults": self.faults.names(),
        });
        let record = serde_json::to_value(&self.record).expect("plain fields serialise");
        if let (Some(told), Value::Object(record)) = (told.as_object_mut(), record) {
            told.extend(record);
        }
        told
    }
}

fn word(activity: &Activity) -> &'static str {
    match activity {
        Activity::Idle => "idle",
        Activity::Installing(_) => "installing",
        Activity::Restarting { .. } => "restarting",
        Activity::Resetting { .. } => "resetting",
        Activity::Off => "off",
        Activity::Failed { .. } => "failed",
    }
}
