//! Its software, its backups and its part in a pair, as a driver works them.

use super::pair::Press;
use super::{BECAUSE, Simulated};
use crate::bundle::VerifiedReader;
use crate::driver::{
    Answered, Appliance, ApplianceRefusal, BackupMade, BackupOptions, ClientCounts, ControlReport, Did, DriverError,
    Handover, Listing, Observation, Reached, Uploaded, Words, guides,
};
use crate::model::{DownloadCode, Failover, Meter, Package, PackageRef, Sha256Digest, Status};
use crate::simulator::activity::Activity;
use crate::simulator::fault::Fault;
use crate::simulator::faults::Moment;
use std::io::{Read, Write};

/// What it shows of an install that failed.
const FAILED: &str = "Installation failed: not enough space";

impl Appliance for Simulated {
    fn status(&mut self) -> Result<Status, DriverError> {
        self.catch_up();
        self.check_presence()?;
        if matches!(self.machine.activity(), Activity::Installing(_)) {
            // What can't be read a person tells.
            return if self.machine.is_hiding(self.clock.at()) { Ok(self.shown()) } else { Err(Self::busy()) };
        }
        match self.machine.labels_changed && self.told.nobody.get() {
            true => Err(DriverError::StatusUnreadable(Self::changed())),
            false => Ok(self.shown()),
        }
    }

    fn download_code(&mut self) -> Result<Did<DownloadCode>, DriverError> {
        let code = DownloadCode::parse("SIMULATED-CODE").expect("a printable code");
        Ok(Did::Done(code))
    }

    fn backup(
        &mut self,
        options: &BackupOptions<'_>,
        sink: &mut dyn Write,
        meter: &dyn Meter,
    ) -> Result<Did<BackupMade>, DriverError> {
        self.catch_up();
        if self.machine.status.no_site {
            return Err(Self::refused(ApplianceRefusal::Backup, "Not Found"));
        }
        let here = Moment::Backup(self.backups_over + 1);
        if self.faults.strikes_at(Fault::BackupEmpty, &here) {
            return Err(DriverError::EmptyBackup);
        }
        let by_hand = self.is_by_hand("backup", Fault::ByHandBackup, &here);
        self.backups_over += 1;
        if by_hand {
            return Ok(Did::ByHand(guides::backup(&Words::usual(), options, BECAUSE.to_owned())));
        }
        self.clock.advance(60);
        let bytes = self.site.backup(&self.machine.status.appliance.serial);
        sink.write_all(&bytes).map_err(DriverError::Sink)?;
        meter.advance(bytes.len() as u64);
        self.told.backups.borrow_mut().push(self.clock.now());
        Ok(Did::Done(BackupMade { size_bytes: bytes.len() as u64, history: options.include_history }))
    }

    fn upload(
        &mut self,
        package: &Package,
        mut source: VerifiedReader,
        meter: &dyn Meter,
        handover: Handover<'_>,
    ) -> Result<Did<Uploaded>, DriverError> {
        let (here, known) = (Moment::Package(package.file.clone()), PackageRef::from(package));
        if self.is_handed_over(&known, &here)? {
            return Ok(Did::ByHand(guides::upload(&Words::usual(), package, BECAUSE.to_owned())));
        }
        self.clock.advance(60);
        let cut = self.faults.strikes_at(Fault::UploadCut, &here);
        let wanted = if cut { package.size_bytes / 2 } else { package.size_bytes };
        let taken = match self.reads {
            true => std::io::copy(&mut (&mut source).take(wanted), &mut std::io::sink()).map_err(DriverError::Sink)?,
            false => wanted,
        };
        meter.advance(taken);
        // The handover comes before the last bytes, as in any driver: what is cut before that never arrived.
        if cut || handover().is_err() || self.faults.strikes_at(Fault::UploadVanishes, &here) {
            return Err(Self::lost());
        }
        self.take_in(&known, &here)
    }

    fn accept_eula(&mut self) -> Result<Did<()>, DriverError> {
        self.catch_up();
        let Some(staged) = self.machine.staged().cloned() else {
            return Err(Self::refused(ApplianceRefusal::Agreement, "There is no agreement to accept"));
        };
        // A package whose name makes no file name is no package of a bundle.
        let here = staged.file.clone().map_or(Moment::Backup(0), Moment::Package);
        if self.is_by_hand("agreement", Fault::ByHandAgreement, &here) {
            self.machine.decline();
            self.by_hand = Some(staged);
            return Ok(Did::ByHand(guides::eula(&Words::usual(), BECAUSE.to_owned())));
        }
        self.machine.accept(self.clock.at(), &mut self.faults);
        self.told.note(&self.machine.installs);
        match self.faults.strikes_at(Fault::AgreementAnswerLost, &here) {
            true => Err(Self::lost()),
            false => Ok(Did::Done(())),
        }
    }

    fn check_updates(&mut self) -> Result<Did<()>, DriverError> {
        self.catch_up();
        if self.machine.is_busy() {
            return Err(Self::busy());
        }
        self.clock.advance(5);
        self.machine.checked = true;
        Ok(Did::Done(()))
    }

    fn listing(&mut self) -> Result<Did<Listing>, DriverError> {
        self.catch_up();
        match (self.machine.is_busy(), self.machine.checked) {
            (true, _) => Err(Self::busy()),
            (false, false) => Ok(Did::Done(Listing::Nothing)),
            (false, true) => Ok(Did::Done(Listing::Offers(self.listed()))),
        }
    }

    fn install_offered(&mut self, package: &PackageRef) -> Result<Did<Uploaded>, DriverError> {
        let here = Moment::Package(package.file.clone());
        if self.is_handed_over(package, &here)? {
            return Ok(Did::ByHand(guides::install_offered(&Words::usual(), &package.name, BECAUSE.to_owned())));
        }
        self.take_in(package, &here)
    }

    fn observe(&mut self) -> Result<Observation, DriverError> {
        self.catch_up();
        let installing =
            |percent, text: &str, beside| Ok(Observation::Installing { percent, text: text.to_owned(), beside });
        let now = self.clock.at();
        match self.machine.activity() {
            Activity::Off | Activity::Restarting { .. } => return Ok(Observation::Down),
            Activity::Resetting { .. } => return installing(None, "it is being reset", None),
            Activity::Idle | Activity::Installing(_) | Activity::Failed { .. } => self.check_presence()?,
        }
        let beside = || Some(Box::new(self.shown()));
        match (self.machine.activity(), &self.explains) {
            (Activity::Installing(_), _) if !self.machine.is_hiding(now) => {
                installing(self.machine.percent(now), "Installing", None)
            }
            (Activity::Failed { .. }, _) => Ok(Observation::Failed { text: FAILED.to_owned(), beside: None }),
            (Activity::Idle, _) if self.machine.labels_changed => {
                Ok(Observation::Unreadable { why: Self::changed().to_string(), ordinary: true })
            }
            (_, Some(text)) => installing(None, text, beside()),
            (_, None) => Ok(Observation::Ready(self.shown())),
        }
    }

    fn failover(&mut self) -> Result<Did<Failover>, DriverError> {
        self.heard.extend(self.asks.clone());
        self.failover_page()
    }

    fn answered(&mut self) -> Vec<Answered> {
        std::mem::take(&mut self.heard)
    }

    fn sync_now(&mut self) -> Result<Did<()>, DriverError> {
        self.press(Press::Sync)
    }

    fn break_failover(&mut self) -> Result<Did<()>, DriverError> {
        self.press(Press::Break)
    }

    fn establish_failover(&mut self, _backup: &Reached, _primary: &Reached) -> Result<Did<()>, DriverError> {
        self.press(Press::Establish)
    }

    fn shared_ip(&mut self, _address: Option<&str>) -> Result<Option<bool>, DriverError> {
        let readable = !self.hands.contains(&"shared-ip");
        Ok(self.pair.as_ref().filter(|_| readable).map(|(pair, at)| pair.shared_ip(*at)))
    }

    fn set_shared_ip(&mut self, _address: Option<&str>, enabled: bool) -> Result<Did<()>, DriverError> {
        // Also where its page can be read all the same.
        if self.hands.contains(&"shared-ip") || self.hands.contains(&"shared-ip-press") {
            return Ok(Did::ByHand(crate::driver::pair::shared_ip(&Words::usual(), None, enabled, BECAUSE.to_owned())));
        }
        self.press(if enabled { Press::Enable } else { Press::Disable })
    }

    fn client_counts(&mut self) -> Result<Option<ClientCounts>, DriverError> {
        Ok(self.clients_now().map(|(seen, outdated)| {
            let (seen, outdated) = (u64::from(seen), u64::from(outdated));
            let sha256 = Sha256Digest::of(format!("{outdated} of {seen}").as_bytes());
            ClientCounts { seen, outdated, uninstalled: 0, sha256, late: Vec::new() }
        }))
    }

    fn probe(&mut self) -> Result<Vec<ControlReport>, DriverError> {
        Ok(Vec::new())
    }
}
