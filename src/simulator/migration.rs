//! What a site is moved by on a simulated appliance: its certificates, its
//! settings and its end, with faults of its own.

use super::{Simulated, VirtualClock};
use crate::driver::migration::{self, BackupToRestore, ListedCertificate, Migration};
use crate::driver::{ApplianceRefusal, Did, DriverError, Guide};
use crate::inventory::Language;
use crate::model::{Meter, Secret, Sha256Digest, Timestamp};
use crate::web::WebError;
use std::cell::{Cell, RefCell};
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

/// Seconds that a factory reset takes.
const RESET_SECS: i64 = 900;

/// What goes wrong while a site moves, once each but for the warning and the
/// refusals, which last until they are mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveFault {
    /// A step's control is not found, so that a person does it.
    ByHand(&'static str),
    /// A step is carried out and its answer lost.
    AnswerLost(&'static str),
    /// The passphrase of a certificate is taken for a wrong one.
    ImportRefused,
    /// The imported certificate has a warning.
    CertificateWarning,
    /// The backup is taken for one of another version.
    RestoreRefused,
    /// The factory reset never ends.
    ResetHangs,
    /// After the reset nobody is let in with the old password.
    ResetStranger,
}

impl MoveFault {
    /// Every fault there is.
    pub const ALL: &'static [MoveFault] = &[
        MoveFault::ByHand("export"),
        MoveFault::ByHand("import"),
        MoveFault::ByHand("assign"),
        MoveFault::ByHand("restore"),
        MoveFault::ByHand("reset"),
        MoveFault::ByHand("shut-down"),
        MoveFault::AnswerLost("import"),
        MoveFault::AnswerLost("assign"),
        MoveFault::AnswerLost("restore"),
        MoveFault::AnswerLost("reset"),
        MoveFault::AnswerLost("shut-down"),
        MoveFault::ImportRefused,
        MoveFault::CertificateWarning,
        MoveFault::RestoreRefused,
        MoveFault::ResetHangs,
        MoveFault::ResetStranger,
    ];

    /// Its name on the command line.
    pub fn name(self) -> String {
        match self {
            MoveFault::ByHand(step) => format!("by-hand-{step}"),
            MoveFault::AnswerLost(step) => format!("{step}-answer-lost"),
            MoveFault::ImportRefused => "import-refused".to_owned(),
            MoveFault::CertificateWarning => "certificate-warning".to_owned(),
            MoveFault::RestoreRefused => "restore-refused".to_owned(),
            MoveFault::ResetHangs => "reset-hangs".to_owned(),
            MoveFault::ResetStranger => "reset-stranger".to_owned(),
        }
    }

    /// One line for people.
    pub fn meaning(self) -> String {
        match self {
            MoveFault::ByHand(step) => format!("the step {step} must be done by hand"),
            MoveFault::AnswerLost(step) => format!("the step {step} is carried out, and the answer to it is lost"),
            MoveFault::ImportRefused => "the certificate's passphrase is taken for a wrong one".to_owned(),
            MoveFault::CertificateWarning => "the imported certificate has a warning".to_owned(),
            MoveFault::RestoreRefused => "the backup is taken for one of another software version".to_owned(),
            MoveFault::ResetHangs => "the factory reset never ends".to_owned(),
            MoveFault::ResetStranger => "after the reset the old password is refused".to_owned(),
        }
    }

    /// Whether it befalls the appliance that is migrated from.
    pub fn befalls_old(self) -> bool {
        match self {
            MoveFault::ByHand(step) | MoveFault::AnswerLost(step) => ["export", "reset", "shut-down"].contains(&step),
            MoveFault::ResetHangs | MoveFault::ResetStranger => true,
            MoveFault::ImportRefused | MoveFault::CertificateWarning | MoveFault::RestoreRefused => false,
        }
    }

    fn lasts(self) -> bool {
        matches!(
            self,
            MoveFault::ImportRefused
                | MoveFault::CertificateWarning
                | MoveFault::RestoreRefused
                | MoveFault::ResetHangs
        )
    }
}

/// What is so of an appliance's site; shared with whoever watches it.
pub struct SimulatedSite {
    clock: Rc<VirtualClock>,
    /// Its certificates.
    pub certificates: RefCell<Vec<ListedCertificate>>,
    /// What goes wrong.
    pub faults: RefCell<Vec<MoveFault>>,
    /// What was done, and when.
    pub events: RefCell<Vec<(Timestamp, &'static str)>>,
    /// Who answers at its address once its certificate was exported, by serial
    /// number; `None` where it does itself.
    pub successor: RefCell<Option<String>>,
    /// What comes as its next backups; `None` for its settings.
    pub backup: RefCell<Option<Vec<u8>>>,
    /// The bytes of each backup that was restored.
    pub restored: RefCell<Vec<Vec<u8>>>,
    reset: Cell<Option<Timestamp>>,
    off: Cell<bool>,
}

/// How an appliance is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Availability {
    /// As ever.
    Whole,
    /// Being reset.
    Resetting,
    /// Without its site.
    Empty,
    /// Without its site, and with another password.
    Stranger,
    /// Switched off.
    Off,
}

impl SimulatedSite {
    /// One with a certificate of its own that has `address`.
    pub fn new(clock: Rc<VirtualClock>, issued_to: &str, fingerprint: &str, address: &str) -> Rc<Self> {
        let own = ListedCertificate {
            issued_to: issued_to.to_owned(),
            fingerprint: Some(fingerprint.to_owned()),
            addresses: vec![address.to_owned()],
            warnings: Vec::new(),
        };
        Rc::new(SimulatedSite {
            clock,
            certificates: RefCell::new(vec![own]),
            faults: RefCell::default(),
            events: RefCell::default(),
            successor: RefCell::default(),
            backup: RefCell::default(),
            restored: RefCell::default(),
            reset: Cell::new(None),
            off: Cell::new(false),
        })
    }

    /// What comes as the backup of the appliance with this serial number.
    pub(super) fn backup(&self, serial: &str) -> Vec<u8> {
        self.backup.borrow().clone().unwrap_or_else(|| settings_of(serial))
    }

    /// Puts right what lasts.
    pub fn mend(&self) {
        self.faults.borrow_mut().retain(|fault| !fault.lasts());
    }

    /// Names of what did not strike yet, or lasts.
    pub fn planned(&self) -> Vec<String> {
        // After the reset it struck, and goes on for as long as the appliance is there.
        let left = |fault: &&MoveFault| **fault != MoveFault::ResetStranger || self.reset.get().is_none();
        self.faults.borrow().iter().filter(left).map(|fault| fault.name()).collect()
    }

    /// The serial number of who answers in its place; `None` where it does itself.
    pub(super) fn answers_instead(&self) -> Option<String> {
        let exported = self.events.borrow().iter().any(|(_, step)| *step == "export");
        self.successor.borrow().clone().filter(|_| exported)
    }

    /// How it is there by now.
    pub(super) fn presence(&self) -> Availability {
        if self.off.get() {
            return Availability::Off;
        }
        let Some(begun) = self.reset.get() else { return Availability::Whole };
        let over = self.clock.now().secs_since(begun) >= RESET_SECS && !self.is_planned(MoveFault::ResetHangs);
        match over {
            false => Availability::Resetting,
            true if self.is_planned(MoveFault::ResetStranger) => Availability::Stranger,
            true => Availability::Empty,
        }
    }

    fn is_planned(&self, fault: MoveFault) -> bool {
        self.faults.borrow().contains(&fault)
    }

    fn strikes(&self, fault: MoveFault) -> bool {
        let mut faults = self.faults.borrow_mut();
        let at = faults.iter().position(|planned| *planned == fault);
        at.map(|at| if fault.lasts() { faults[at] } else { faults.remove(at) }).is_some()
    }

    /// Notes a step that was done, and answers it.
    fn answer(
        &self,
        step: &'static str,
        guide: impl FnOnce(Language, String) -> Guide,
    ) -> Result<Did<()>, DriverError> {
        self.clock.advance(5);
        self.events.borrow_mut().push((self.clock.now(), step));
        if self.strikes(MoveFault::ByHand(step)) {
            // The person who is guided does it before answering.
            return Ok(Did::ByHand(guide(Language::Auto, "the control is not on the page".to_owned())));
        }
        match self.strikes(MoveFault::AnswerLost(step)) {
            true => {
                Err(WebError::Unreachable { origin: "https://simulated".to_owned(), why: "lost".to_owned() }.into())
            }
            false => Ok(Did::Done(())),
        }
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
        let warned = self.estate.is_planned(MoveFault::CertificateWarning);
        let mut all = self.estate.certificates.borrow().clone();
        // The first is its own, which nobody imported.
        all.iter_mut()
            .skip(1)
            .filter(|_| warned)
            .for_each(|own| own.warnings.push("the chain is incomplete".to_owned()));
        Ok(Did::Done(all))
    }

    fn export_certificate(
        &mut self,
        which: &ListedCertificate,
        passphrase: &Secret,
        sink: &mut dyn Write,
    ) -> Result<Did<u64>, DriverError> {
        if let Did::ByHand(guide) = self.estate.answer("export", migration::export)? {
            return Ok(Did::ByHand(guide));
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
        if *locked != lock(passphrase) || self.estate.strikes(MoveFault::ImportRefused) {
            return Err(refused(ApplianceRefusal::CertificateKey, "the password is wrong"));
        }
        let listed = ListedCertificate {
            issued_to: (*issued_to).to_owned(),
            fingerprint: Some((*fingerprint).to_owned()),
            addresses: Vec::new(),
            warnings: Vec::new(),
        };
        {
            let mut all = self.estate.certificates.borrow_mut();
            if !all.iter().any(|own| own.is(&listed)) {
                all.push(listed);
            }
        }
        self.estate.answer("import", migration::import)
    }

    fn assign_address(&mut self, which: &ListedCertificate, address: Option<&str>) -> Result<Did<()>, DriverError> {
        for own in self.estate.certificates.borrow_mut().iter_mut() {
            own.addresses = if own.is(which) { address.iter().map(ToString::to_string).collect() } else { Vec::new() };
        }
        self.estate.answer("assign", migration::assign)
    }

    fn restore(&mut self, backup: BackupToRestore<'_>, meter: &dyn Meter) -> Result<Did<()>, DriverError> {
        let mut bytes = Vec::new();
        backup.source.take(backup.size_bytes).read_to_end(&mut bytes).map_err(DriverError::Sink)?;
        meter.advance(bytes.len() as u64);
        if self.estate.strikes(MoveFault::RestoreRefused) {
            return Err(refused(ApplianceRefusal::Restore, "it was made with another version"));
        }
        self.estate.restored.borrow_mut().push(bytes);
        self.estate.answer("restore", migration::restore)
    }

    fn factory_reset(&mut self) -> Result<Did<()>, DriverError> {
        self.estate.reset.set(Some(self.estate.clock.now()));
        self.estate.answer("reset", migration::reset)
    }

    fn shut_down(&mut self) -> Result<Did<()>, DriverError> {
        if self.estate.presence() == Availability::Stranger {
            let (user, page, said) = ("admin".to_owned(), "Login".to_owned(), String::new());
            return Err(DriverError::LoginRefused { user, page, said });
        }
        self.estate.off.set(true);
        self.estate.answer("shut-down", migration::shut_down)
    }
}
