//! What happens in a run, in order: what is pressed on the appliances, what is
//! written into their journals, which files are kept.

use crate::bundle::VerifiedReader;
use crate::driver::migration::{BackupToRestore, ListedCertificate, Migration};
use crate::driver::{
    Answered, Appliance, BackupMade, BackupOptions, ClientCounts, ControlReport, Did, DriverError, Handover, Listing,
    Observation, Reached, Uploaded,
};
use crate::model::{DownloadCode, Failover, Meter, Package, PackageRef, Secret, Status, Timestamp};
use crate::simulator::{Simulated, VirtualClock};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// One thing that happened, as a line of `happened.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happened {
    pub at: Timestamp,
    pub on: Name,
    #[serde(flatten)]
    pub what: What,
}

/// The appliances by the names that the worlds give them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Name {
    Alpha,
    Beta,
}

impl Name {
    pub const BOTH: [Name; 2] = [Name::Alpha, Name::Beta];

    pub fn word(self) -> &'static str {
        match self {
            Name::Alpha => "alpha",
            Name::Beta => "beta",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A record of this kind went into the journal.
    Wrote(String),
    /// Something was pressed; its answer follows from the story's faults.
    Pressed(Button),
    /// A file is there that was not, below the folder of the run.
    Kept(String),
    /// The run ended this way, by the exit's name.
    Ended(String),
}

/// What changes an appliance, with what it needs to be pressed again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Button {
    Backup,
    Upload(String),
    Accept,
    Check,
    Fetch {
        file: String,
        title: String,
    },
    /// A person does by hand what was put ready.
    Hands,
    Sync,
    Break,
    Establish,
    SharedIp(bool),
    Export,
    Import(String),
    Assign {
        fingerprint: String,
        address: Option<String>,
    },
    Restore,
    Reset,
    ShutDown,
}

impl Button {
    /// In one word, and on what.
    pub fn told(&self) -> String {
        match self {
            Button::Upload(file) => format!("upload {file}"),
            Button::Fetch { title, .. } => format!("fetch {title}"),
            Button::SharedIp(true) => "enable".to_owned(),
            Button::SharedIp(false) => "disable".to_owned(),
            Button::Import(_) => "import".to_owned(),
            Button::Assign { .. } => "assign".to_owned(),
            Button::ShutDown => "shut down".to_owned(),
            press => format!("{press:?}").to_lowercase(),
        }
    }
}

/// All that happened so far.
#[derive(Debug, Default)]
pub struct Log {
    happened: RefCell<Vec<Happened>>,
    kept: RefCell<Option<KeptBelow>>,
}

/// A folder whose new files are told, and the files that are known.
#[derive(Debug)]
struct KeptBelow {
    root: PathBuf,
    known: BTreeSet<PathBuf>,
}

impl Log {
    /// Tells which files are kept below `root` from now on.
    pub fn watch(&self, root: &Path) {
        *self.kept.borrow_mut() = Some(KeptBelow { root: root.to_path_buf(), known: files(root).collect() });
    }

    pub fn add(&self, at: Timestamp, on: usize, what: What) {
        let mut happened = self.happened.borrow_mut();
        let mut tell = |what| happened.push(Happened { at, on: Name::BOTH[on], what });
        // Who writes that something is kept has kept it.
        if let (What::Wrote(_), Some(kept)) = (&what, &mut *self.kept.borrow_mut()) {
            for path in files(&kept.root).filter(|path| kept.known.insert(path.clone())).collect::<Vec<_>>() {
                let below = path.strip_prefix(&kept.root).expect("below it");
                tell(What::Kept(below.to_str().expect("our own names").to_owned()));
            }
        }
        tell(what);
    }

    pub fn take(&self) -> Vec<Happened> {
        self.happened.take()
    }
}

/// What runs keep for later runs, in order: no journals and their locks, nothing
/// that is half written, and no copies that are put ready for a person.
fn files(root: &Path) -> impl Iterator<Item = PathBuf> {
    let all = walkdir::WalkDir::new(root).sort_by_file_name().into_iter().map(|entry| entry.expect("it reads"));
    let kept = |path: &Path| {
        path.extension().is_none_or(|ending| !["jsonl", "lock", "part"].iter().any(|other| ending == *other))
            && path.parent().is_some_and(|folder| !folder.ends_with("staging"))
    };
    all.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path).filter(move |path| kept(path))
}

/// An appliance whose presses are written down. It hands on what the simulated
/// one does; the rest is as the trait has it.
pub struct Recorded<'a> {
    pub appliance: &'a mut Simulated,
    pub clock: Rc<VirtualClock>,
    pub log: Rc<Log>,
    pub on: usize,
}

impl Recorded<'_> {
    fn note(&self, press: Button) {
        self.hands();
        self.log.add(self.clock.now(), self.on, What::Pressed(press));
    }

    /// What a person does is seen at the next look: that takes it up, too.
    fn hands(&self) {
        if self.appliance.told.hands.get() {
            self.log.add(self.clock.now(), self.on, What::Pressed(Button::Hands));
        }
    }
}

impl Appliance for Recorded<'_> {
    fn status(&mut self) -> Result<Status, DriverError> {
        self.hands();
        self.appliance.status()
    }

    fn download_code(&mut self) -> Result<Did<DownloadCode>, DriverError> {
        self.appliance.download_code()
    }

    fn backup(
        &mut self,
        options: &BackupOptions<'_>,
        sink: &mut dyn Write,
        meter: &dyn Meter,
    ) -> Result<Did<BackupMade>, DriverError> {
        self.note(Button::Backup);
        self.appliance.backup(options, sink, meter)
    }

    fn upload(
        &mut self,
        package: &Package,
        source: VerifiedReader,
        meter: &dyn Meter,
        handover: Handover<'_>,
    ) -> Result<Did<Uploaded>, DriverError> {
        // Not there before its last bytes are: what is written meanwhile comes first.
        let begun = self.clock.now();
        let answer = self.appliance.upload(package, source, meter, handover);
        self.log.add(begun, self.on, What::Pressed(Button::Upload(package.file.to_string())));
        answer
    }

    fn accept_eula(&mut self) -> Result<Did<()>, DriverError> {
        self.note(Button::Accept);
        self.appliance.accept_eula()
    }

    fn check_updates(&mut self) -> Result<Did<()>, DriverError> {
        self.note(Button::Check);
        self.appliance.check_updates()
    }

    fn listing(&mut self) -> Result<Did<Listing>, DriverError> {
        self.hands();
        self.appliance.listing()
    }

    fn install_offered(&mut self, package: &PackageRef) -> Result<Did<Uploaded>, DriverError> {
        self.note(Button::Fetch { file: package.file.to_string(), title: package.name.clone() });
        self.appliance.install_offered(package)
    }

    fn observe(&mut self) -> Result<Observation, DriverError> {
        self.hands();
        self.appliance.observe()
    }

    fn failover(&mut self) -> Result<Did<Failover>, DriverError> {
        self.appliance.failover()
    }

    fn answered(&mut self) -> Vec<Answered> {
        self.appliance.answered()
    }

    fn sync_now(&mut self) -> Result<Did<()>, DriverError> {
        self.note(Button::Sync);
        self.appliance.sync_now()
    }

    fn break_failover(&mut self) -> Result<Did<()>, DriverError> {
        self.note(Button::Break);
        self.appliance.break_failover()
    }

    fn establish_failover(&mut self, backup: &Reached, primary: &Reached) -> Result<Did<()>, DriverError> {
        self.note(Button::Establish);
        self.appliance.establish_failover(backup, primary)
    }

    fn shared_ip(&mut self, address: Option<&str>) -> Result<Option<bool>, DriverError> {
        self.appliance.shared_ip(address)
    }

    fn set_shared_ip(&mut self, address: Option<&str>, enabled: bool) -> Result<Did<()>, DriverError> {
        self.note(Button::SharedIp(enabled));
        self.appliance.set_shared_ip(address, enabled)
    }

    fn client_counts(&mut self) -> Result<Option<ClientCounts>, DriverError> {
        self.appliance.client_counts()
    }

    fn probe(&mut self) -> Result<Vec<ControlReport>, DriverError> {
        self.appliance.probe()
    }
}

impl Migration for Recorded<'_> {
    fn certificates(&mut self) -> Result<Did<Vec<ListedCertificate>>, DriverError> {
        self.appliance.certificates()
    }

    fn export_certificate(
        &mut self,
        which: &ListedCertificate,
        passphrase: &Secret,
        sink: &mut dyn Write,
    ) -> Result<Did<u64>, DriverError> {
        self.note(Button::Export);
        self.appliance.export_certificate(which, passphrase, sink)
    }

    fn import_certificate(&mut self, name: &str, bytes: &[u8], passphrase: &Secret) -> Result<Did<()>, DriverError> {
        self.note(Button::Import(String::from_utf8_lossy(bytes).into_owned()));
        self.appliance.import_certificate(name, bytes, passphrase)
    }

    fn assign_address(&mut self, which: &ListedCertificate, address: Option<&str>) -> Result<Did<()>, DriverError> {
        let fingerprint = which.fingerprint.clone().unwrap_or_default();
        self.note(Button::Assign { fingerprint, address: address.map(str::to_owned) });
        self.appliance.assign_address(which, address)
    }

    fn restore(&mut self, backup: BackupToRestore<'_>, meter: &dyn Meter) -> Result<Did<()>, DriverError> {
        self.note(Button::Restore);
        self.appliance.restore(backup, meter)
    }

    fn first_login(&mut self) {
        self.appliance.first_login();
    }

    fn factory_reset(&mut self) -> Result<Did<()>, DriverError> {
        self.note(Button::Reset);
        self.appliance.factory_reset()
    }

    fn shut_down(&mut self) -> Result<Did<()>, DriverError> {
        self.note(Button::ShutDown);
        self.appliance.shut_down()
    }
}
