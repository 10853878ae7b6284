//! The face it shows to whoever works it: that of a driver.

use super::migration::Availability;
use super::{BECAUSE, Ending, Moment, Simulated, SimulatedFault};
use crate::bundle::VerifiedReader;
use crate::driver::{
    Answered, Appliance, ApplianceRefusal, BackupMade, BackupOptions, ClientCounts, ControlReport, Did, DriverError,
    Handover, Listing, Observation, Reached, Uploaded, guides,
};
use crate::inventory::Language;
use crate::model::{DownloadCode, Failover, Meter, Package, Sha256Digest, Status};
use std::io::{Read, Write};

impl Appliance for Simulated {
    fn status(&mut self) -> Result<Status, DriverError> {
        self.catch_up();
        self.check_presence()?;
        match &self.work {
            Some(work) if !work.hides => Err(DriverError::Busy { said: "Installing".to_owned() }),
            None if self.changes && self.told.nobody.get() => Err(DriverError::StatusUnreadable(Self::changed())),
            // What can't be read a person tells.
            _ => Ok(self.shown()),
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
        if self.status.no_site {
            return Err(Self::refused(ApplianceRefusal::Backup, "Not Found"));
        }
        let here = Moment::Backup(self.backups_over + 1);
        if self.take(&SimulatedFault::BackupEmpty, &here) {
            return Err(DriverError::EmptyBackup);
        }
        let by_hand = self.is_by_hand("backup", &here);
        self.backups_over += 1;
        if by_hand {
            return Ok(Did::ByHand(guides::backup(Language::Auto, options, BECAUSE.to_owned())));
        }
        self.clock.advance(60);
        let bytes = self.estate.backup(&self.status.appliance.serial);
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
        let here = Moment::Package(package.file.clone());
        if self.is_handed_over(package, &here)? {
            return Ok(Did::ByHand(guides::upload(Language::Auto, package, BECAUSE.to_owned())));
        }
        self.clock.advance(60);
        let cut = self.take(&SimulatedFault::UploadCut, &here);
        let wanted = if cut { package.size_bytes / 2 } else { package.size_bytes };
        let taken = match self.reads {
            true => std::io::copy(&mut (&mut source).take(wanted), &mut std::io::sink()).map_err(DriverError::Sink)?,
            false => wanted,
        };
        meter.advance(taken);
        if cut || handover().is_err() || self.take(&SimulatedFault::UploadVanishes, &here) {
            return Err(Self::lost());
        }
        self.take_in(package, &here)
    }

    fn accept_eula(&mut self) -> Result<Did<()>, DriverError> {
        let Some(package) = self.waiting.take() else {
            return Err(Self::refused(ApplianceRefusal::Agreement, "There is no agreement to accept"));
        };
        let here = Moment::Package(package.file.clone());
        if self.is_by_hand("agreement", &here) {
            self.by_hand = Some(package);
            return Ok(Did::ByHand(guides::eula(Language::Auto, BECAUSE.to_owned())));
        }
        self.begin(package);
        if self.take(&SimulatedFault::AcceptanceLost, &here) { Err(Self::lost()) } else { Ok(Did::Done(())) }
    }

    fn check_updates(&mut self) -> Result<Did<()>, DriverError> {
        self.catch_up();
        if self.work.is_some() {
            return Err(DriverError::Busy { said: "Installing".to_owned() });
        }
        self.clock.advance(5);
        self.checked = true;
        Ok(Did::Done(()))
    }

    fn listing(&mut self) -> Result<Did<Listing>, DriverError> {
        self.catch_up();
        match (&self.work, self.checked) {
            (Some(_), _) => Err(DriverError::Busy { said: "Installing".to_owned() }),
            (None, false) => Ok(Did::Done(Listing::Nothing)),
            (None, true) => Ok(Did::Done(Listing::Offers(self.listed()))),
        }
    }

    fn install_offered(&mut self, package: &Package) -> Result<Did<Uploaded>, DriverError> {
        let here = Moment::Package(package.file.clone());
        if self.is_handed_over(package, &here)? {
            return Ok(Did::ByHand(guides::install_offered(Language::Auto, package, BECAUSE.to_owned())));
        }
        self.take_in(package, &here)
    }

    fn observe(&mut self) -> Result<Observation, DriverError> {
        self.catch_up();
        match self.estate.presence() {
            Availability::Off => return Ok(Observation::Down),
            Availability::Resetting => {
                return Ok(Observation::Installing {
                    percent: None,
                    text: "it is being reset".to_owned(),
                    beside: None,
                });
            }
            Availability::Whole | Availability::Empty | Availability::Stranger => self.check_presence()?,
        }
        let beside = Some(Box::new(self.shown()));
        let Some(work) = self.work.as_ref().filter(|work| !work.hides) else {
            return Ok(match (&self.failed, &self.explains) {
                (Some(text), _) => Observation::Failed { text: text.clone(), beside: None },
                (None, _) if self.changes && self.work.is_none() => {
                    Observation::Unreadable { why: Self::changed().to_string(), ordinary: true }
                }
                (None, Some(text)) => Observation::Installing { percent: None, text: text.clone(), beside },
                (None, None) => Observation::Ready(self.shown()),
            });
        };
        let (install_secs, _) = self.secs_of(work.package.kind);
        let gone = self.clock.now().secs_since(work.begun);
        if gone >= install_secs && work.ends != Ending::Never {
            return Ok(Observation::Down);
        }
        let percent = u8::try_from(gone * 100 / install_secs.max(1)).ok().filter(|percent| *percent <= 100);
        Ok(Observation::Installing { percent, text: "Installing".to_owned(), beside: None })
    }

    fn failover(&mut self) -> Result<Did<Failover>, DriverError> {
        self.heard.extend(self.asks.clone());
        self.failover_page()
    }

    fn answered(&mut self) -> Vec<Answered> {
        std::mem::take(&mut self.heard)
    }

    fn sync_now(&mut self) -> Result<Did<()>, DriverError> {
        self.press("sync")
    }

    fn break_failover(&mut self) -> Result<Did<()>, DriverError> {
        self.press("break")
    }

    fn establish_failover(&mut self, _backup: &Reached, _primary: &Reached) -> Result<Did<()>, DriverError> {
        self.press("establish")
    }

    fn shared_ip(&mut self, _address: Option<&str>) -> Result<Option<bool>, DriverError> {
        let readable = !self.hands.contains(&"shared-ip");
        Ok(self.pair.as_ref().filter(|_| readable).map(|(pair, at)| pair.shared_ip(*at)))
    }

    fn set_shared_ip(&mut self, _address: Option<&str>, enabled: bool) -> Result<Did<()>, DriverError> {
        if self.hands.contains(&"shared-ip") {
            return Ok(Did::ByHand(crate::driver::pair::shared_ip(Language::Auto, None, enabled, BECAUSE.to_owned())));
        }
        self.press(if enabled { "enable" } else { "disable" })
    }

    fn client_counts(&mut self) -> Result<Option<ClientCounts>, DriverError> {
        let outdated = self.clients_updated_in().is_some();
        Ok(self.clients.map(|(seen, _)| {
            let outdated = if outdated { seen } else { 0 };
            let sha256 = Sha256Digest::of(format!("{outdated} of {seen}").as_bytes());
            ClientCounts { seen, outdated, uninstalled: 0, sha256, late: Vec::new() }
        }))
    }

    fn probe(&mut self) -> Result<Vec<ControlReport>, DriverError> {
        Ok(Vec::new())
    }
}
