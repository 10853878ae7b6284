//! What a site is moved by, as a driver works it: certificates, settings, and
//! the end of the old appliance.

use super::{BECAUSE, Simulated, gone};
use crate::driver::migration::{self, BackupToRestore, ListedCertificate, Migration};
use crate::driver::{ApplianceRefusal, Did, DriverError, Guide, Words};
use crate::model::{Meter, Secret, Sha256Digest, Timestamp};
use crate::simulator::certificates::{Certificate, Certificates};
use crate::simulator::clock::VirtualClock;
use crate::simulator::fault::Fault;
use crate::simulator::faults::Faults;
use std::cell::RefCell;
use std::io::{Read, Write};
use std::rc::Rc;

/// Bytes of a simulated backup: no text, and more than any message has.
const BACKUP_BYTES: usize = 4096;

/// The backup of the appliance with this serial number.
pub fn settings_of(serial: &str) -> Vec<u8> {
    let mut bytes = format!("settings of {serial}").into_bytes();
    bytes.resize(BACKUP_BYTES, 0);
    bytes
}

/// What is so of an appliance's site; shared with whoever watches it.
pub struct SimulatedSite {
    clock: Rc<VirtualClock>,
    /// Its certificates.
    pub certificates: RefCell<Certificates>,
    /// What will go wrong with them, with settings and with the end.
    pub faults: RefCell<Faults>,
    /// What was done, and when.
    pub events: RefCell<Vec<(Timestamp, &'static str)>>,
    /// Who answers at its address once its certificate was exported, by serial
    /// number; `None` where it does itself.
    pub successor: RefCell<Option<String>>,
    /// What comes as its next backups; `None` for its settings.
    pub backup: RefCell<Option<Vec<u8>>>,
    /// The bytes of each backup that was restored.
    pub restored: RefCell<Vec<Vec<u8>>>,
    address: String,
}

impl SimulatedSite {
    /// One with a certificate of its own that has `address`.
    pub fn new(clock: Rc<VirtualClock>, issued_to: &str, fingerprint: &str, address: &str) -> Rc<Self> {
        Rc::new(SimulatedSite {
            clock,
            certificates: RefCell::new(Certificates::new(issued_to, fingerprint, address)),
            faults: RefCell::default(),
            events: RefCell::default(),
            successor: RefCell::default(),
            backup: RefCell::default(),
            restored: RefCell::default(),
            address: address.to_owned(),
        })
    }

    /// What comes as the backup of the appliance with this serial number.
    pub(super) fn backup(&self, serial: &str) -> Vec<u8> {
        self.backup.borrow().clone().unwrap_or_else(|| settings_of(serial))
    }

    /// Puts right what lasts.
    pub fn mend(&self) {
        self.faults.borrow_mut().mend();
    }

    /// Names of what did not strike yet, or lasts.
    pub fn planned(&self) -> Vec<String> {
        self.faults.borrow().names().into_iter().map(str::to_owned).collect()
    }

    /// The serial number of who answers in its place; `None` where it does itself.
    pub(super) fn answers_instead(&self) -> Option<String> {
        let exported = self.events.borrow().iter().any(|(_, step)| *step == "export");
        self.successor.borrow().clone().filter(|_| exported)
    }

    fn strikes(&self, fault: Fault) -> bool {
        self.faults.borrow_mut().strikes(fault)
    }

    /// Notes a step that was done, and answers it.
    fn answer(&self, step: &Step, guide: impl FnOnce(&Words, String) -> Guide) -> Result<Did<()>, DriverError> {
        self.clock.advance(5);
        self.events.borrow_mut().push((self.clock.now(), step.name));
        if self.strikes(step.by_hand) {
            // The person who is guided does it before answering.
            return Ok(Did::ByHand(guide(&Words::usual(), BECAUSE.to_owned())));
        }
        match self.strikes(step.lost) {
            true => Err(gone("lost")),
            false => Ok(Did::Done(())),
        }
    }
}

/// A step of a move, and what can befall it.
struct Step {
    name: &'static str,
    by_hand: Fault,
    lost: Fault,
}

const EXPORT: Step = Step { name: "export", by_hand: Fault::ByHandExport, lost: Fault::ExportAnswerLost };
const IMPORT: Step = Step { name: "import", by_hand: Fault::ByHandImport, lost: Fault::ImportAnswerLost };
const ASSIGN: Step = Step { name: "assign", by_hand: Fault::ByHandAssign, lost: Fault::AssignAnswerLost };
const RESTORE: Step = Step { name: "restore", by_hand: Fault::ByHandRestore, lost: Fault::RestoreAnswerLost };
const RESET: Step = Step { name: "reset", by_hand: Fault::ByHandReset, lost: Fault::ResetAnswerLost };
const SHUT_DOWN: Step = Step { name: "shut-down", by_hand: Fault::ByHandShutDown, lost: Fault::ShutDownAnswerLost };

/// A certificate as its page lists it.
fn listed(own: &Certificate, faults: &Faults) -> ListedCertificate {
    let warned = Certificates::is_warned_of(own, faults);
    ListedCertificate {
        issued_to: own.issued_to.clone(),
        fingerprint: Some(own.fingerprint.clone()),
        addresses: own.addresses.clone(),
        warnings: warned.then(|| "the chain is incomplete".to_owned()).into_iter().collect(),
    }
}

fn refused(what: ApplianceRefusal, said: &str) -> DriverError {
    DriverError::Refused { what, page: "Certificates".to_owned(), said: said.to_owned() }
}

/// The exported file tells its passphrase by a digest: nothing here is secret.
fn lock(passphrase: &Secret) -> String {
    Sha256Digest::of(passphrase.reveal().as_bytes()).to_string()
}

impl Migration for Simulated {
    fn certificates(&mut self) -> Result<Did<Vec<ListedCertificate>>, DriverError> {
        let (all, faults) = (self.site.certificates.borrow(), self.site.faults.borrow());
        Ok(Did::Done(all.all().iter().map(|own| listed(own, &faults)).collect()))
    }

    fn export_certificate(
        &mut self,
        which: &ListedCertificate,
        passphrase: &Secret,
        sink: &mut dyn Write,
    ) -> Result<Did<u64>, DriverError> {
        if let Did::ByHand(guide) = self.site.answer(&EXPORT, migration::export)? {
            return Ok(Did::ByHand(guide));
        }
        if self.site.strikes(Fault::CertificateEmpty) {
            return Ok(Did::Done(0));
        }
        let fingerprint = which.fingerprint.clone().unwrap_or_default();
        let file = format!("{}\n{fingerprint}\n{}", which.issued_to, lock(passphrase));
        sink.write_all(file.as_bytes()).map_err(DriverError::Sink)?;
        Ok(Did::Done(file.len() as u64))
    }

    fn import_certificate(
        &mut self,
        _file_name: &str,
        bytes: &[u8],
        passphrase: &Secret,
    ) -> Result<Did<()>, DriverError> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let parts: Vec<&str> = text.split('\n').collect();
        let [issued_to, fingerprint, locked] = parts.as_slice() else {
            return Err(refused(ApplianceRefusal::Certificate, "it is not a certificate"));
        };
        if *locked != lock(passphrase) || self.site.strikes(Fault::ImportRefused) {
            return Err(refused(ApplianceRefusal::CertificateKey, "the password is wrong"));
        }
        self.site.certificates.borrow_mut().import(issued_to, fingerprint);
        self.site.answer(&IMPORT, migration::import)
    }

    fn assign_address(&mut self, which: &ListedCertificate, address: Option<&str>) -> Result<Did<()>, DriverError> {
        let fingerprint = which.fingerprint.as_deref().unwrap_or_default();
        let address = address.unwrap_or(&self.site.address);
        self.site.certificates.borrow_mut().assign(fingerprint, address);
        self.site.answer(&ASSIGN, migration::assign)
    }

    fn restore(&mut self, backup: BackupToRestore<'_>, meter: &dyn Meter) -> Result<Did<()>, DriverError> {
        let mut bytes = Vec::new();
        backup.source.take(backup.size_bytes).read_to_end(&mut bytes).map_err(DriverError::Sink)?;
        meter.advance(bytes.len() as u64);
        if !self.machine.restore(None, &self.site.faults.borrow()) {
            return Err(refused(ApplianceRefusal::Restore, "it was made with another version"));
        }
        self.site.restored.borrow_mut().push(bytes);
        self.site.answer(&RESTORE, migration::restore)
    }

    fn factory_reset(&mut self) -> Result<Did<()>, DriverError> {
        self.catch_up();
        self.machine.reset(self.clock.at(), &mut self.site.faults.borrow_mut());
        self.site.answer(&RESET, migration::reset)
    }

    fn shut_down(&mut self) -> Result<Did<()>, DriverError> {
        self.catch_up();
        self.check_presence()?;
        self.machine.shut_down();
        self.site.answer(&SHUT_DOWN, migration::shut_down)
    }
}
