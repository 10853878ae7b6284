//! How each kind of appliance is worked: one trait, one folder or file a driver.
//!
//! A driver presses only the control it was asked to press. What it can't find
//! on the page, or finds twice, it hands back as a [`Guide`] for the operator,
//! with the reason; what the network broke is a [`DriverError`]. It decides no
//! order, waits for nothing, asks for no permission and writes no journal:
//! those are the engine's.

mod attempts;
mod backup;
mod bomgar;
pub mod by_hand;
mod calendar;
mod certainty;
mod clock;
mod connect;
mod error;
mod guided;
pub mod guides;
mod listener;
pub mod migration;
mod observation;
pub mod pair;
mod probed;
mod question;
mod refusal;
mod site;
mod versions;
mod words;

pub use backup::{BackupMade, BackupOptions};
pub use bomgar::{ClientListWords, SavedPage, look_at_saved};
pub use clock::{ClockWords, read_clock};
pub use connect::{client_list_words, connect, moved_certificate, words_of};
pub use error::DriverError;
pub use migration::{BackupToRestore, ListedCertificate, Migration};
pub use observation::{Handover, Observation};
pub use probed::{ControlReport, Makes, NO_SITE, ProbeFinding};
pub use refusal::{ApplianceRefusal, LoginBlocked, NotTaken};
pub use site::{ClientCounts, ClusterRole, Connected, Health, LateClient, Listing, MAX_LATE, Offers};
pub use versions::{read_installed, read_version};
pub use words::Words;

pub use crate::inventory::Reached;

use crate::bundle::VerifiedReader;
use crate::model::{DownloadCode, Failover, FileName, Meter, Package, PackageRef, Sha256Digest, Status, Timestamp};
use std::io::Write;

/// What became of a step.
#[derive(Debug)]
pub enum Did<T> {
    /// The driver did it.
    Done(T),
    /// A person must do it; nothing was pressed.
    ByHand(Guide),
}

/// A step for the operator: where to go, what to do, and why a person must.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Guide {
    /// The step in a few words.
    pub title: String,
    /// The way through the menus, in the appliance's language and in English.
    pub menu_path: String,
    /// What to type, choose and press, one line a step.
    pub instructions: Vec<String>,
    /// Why the driver did not do it.
    pub because: String,
}

/// What the appliance answered to a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uploaded {
    /// It wants this licence agreement accepted first.
    Eula {
        /// The agreement's text, printable.
        text: String,
    },
    /// It is installing.
    Installing,
}

/// A question that a driver asked, and what a person answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What was asked, without secrets.
    pub question: String,
    /// The answer.
    pub answer: Answer,
}

/// What a person told a driver, for the journal.
#[derive(Debug, Default)]
pub struct Heard {
    /// The questions and answers, in order.
    pub answered: Vec<Answered>,
    /// The agreements before a login that were accepted.
    pub agreed: Vec<Agreed>,
}

impl Heard {
    /// What was told since this was last called.
    pub fn by(appliance: &mut dyn Appliance) -> Self {
        Heard { answered: appliance.answered(), agreed: appliance.agreed() }
    }

    /// Whether that is nothing.
    pub fn is_empty(&self) -> bool {
        self.answered.is_empty() && self.agreed.is_empty()
    }
}

/// A person's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Yes or no.
    Yes(bool),
    /// What was typed, on one line.
    Text(String),
}

/// An agreement before a login, accepted by a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// The page it stood on.
    pub page: String,
    /// The digest of its text.
    pub sha256: Sha256Digest,
    /// Its text, printable.
    pub text: String,
    /// Whether it was accepted earlier in this run and came again.
    pub again: bool,
}

/// A page as it was read last, without what is secret on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenPage {
    /// What it is, in one word.
    pub name: &'static str,
    /// Its title and address without query.
    pub place: String,
    /// When it was read.
    pub at: Timestamp,
    /// Its text, printable.
    pub text: String,
}

/// Writes a file that comes over the network; how many bytes it has.
pub type FillFile<'f> = &'f mut dyn FnMut(&mut dyn Write) -> Result<u64, DriverError>;

/// Keeps a file by its name.
pub type KeepFile<'k> = &'k mut dyn FnMut(&FileName, FillFile<'_>) -> Result<(), DriverError>;

/// An appliance that can be worked.
// What has no body here no upgrade can do without. All else falls to a person where
// a driver lacks it, so that a driver for another kind of appliance may begin small.
pub trait Appliance: Migration {
    /// Reads who it is, its versions and its clock; logs in where needed, and
    /// once more where the session has ended.
    ///
    /// # Errors
    /// [`DriverError`] where the page can't be reached or read.
    fn status(&mut self) -> Result<Status, DriverError>;

    /// Obtains a fresh download code. Pressed once, never repeated.
    ///
    /// # Errors
    /// [`DriverError`] where the network or the login fails.
    fn download_code(&mut self) -> Result<Did<DownloadCode>, DriverError>;

    /// Makes a backup and streams it into `sink`; what came.
    ///
    /// # Errors
    /// [`DriverError`] where the network or `sink` fails, or the appliance
    /// answers with a page instead of a file.
    fn backup(
        &mut self,
        options: &BackupOptions<'_>,
        sink: &mut dyn Write,
        meter: &dyn Meter,
    ) -> Result<Did<BackupMade>, DriverError>;

    /// Sends one package. Sent once, never repeated. `handover` is called
    /// before its last bytes go.
    ///
    /// # Errors
    /// [`DriverError`] where the network fails, a chunk does not hold, or the
    /// appliance refuses the package.
    fn upload(
        &mut self,
        package: &Package,
        source: VerifiedReader,
        meter: &dyn Meter,
        handover: Handover<'_>,
    ) -> Result<Did<Uploaded>, DriverError>;

    /// Accepts the licence agreement that [`upload`](Self::upload) showed.
    ///
    /// # Errors
    /// [`DriverError`] where the network fails.
    fn accept_eula(&mut self) -> Result<Did<()>, DriverError>;

    /// Has the appliance ask its vendor what there is for it. Pressed once; it
    /// does not wait for the answer.
    ///
    /// # Errors
    /// [`DriverError::VendorAway`] where it says that it can't; else
    /// [`DriverError`] where the network fails.
    fn check_updates(&mut self) -> Result<Did<()>, DriverError> {
        Ok(Did::ByHand(guides::check(&self.words(), NOT_HERE.to_owned())))
    }

    /// Fetches the installers of consoles that the site gives ahead of an
    /// update, and has each kept by `keep`; their names.
    ///
    /// # Errors
    /// [`DriverError`] where the network or `keep` fails.
    fn installers(&mut self, _keep: KeepFile<'_>) -> Result<Did<Vec<FileName>>, DriverError> {
        Ok(Did::ByHand(guides::installers(&self.words(), NOT_HERE.to_owned())))
    }

    /// Reads what the page with available updates shows. Presses nothing.
    ///
    /// # Errors
    /// As [`check_updates`](Self::check_updates).
    fn listing(&mut self) -> Result<Did<Listing>, DriverError> {
        Ok(Did::ByHand(guides::listing(&self.words(), NOT_HERE.to_owned())))
    }

    /// Has the appliance fetch and install a package it offers, known by its
    /// title. Pressed once, never repeated.
    ///
    /// # Errors
    /// [`DriverError`] where the network fails, or the appliance refuses.
    fn install_offered(&mut self, package: &PackageRef) -> Result<Did<Uploaded>, DriverError> {
        Ok(Did::ByHand(guides::install_offered(&self.words(), &package.name, NOT_HERE.to_owned())))
    }

    /// Looks once at what the appliance does now; never waits.
    ///
    /// # Errors
    /// [`DriverError`] where it answers, but with nothing that can be
    /// understood; one that does not answer is [`Observation::Down`].
    fn observe(&mut self) -> Result<Observation, DriverError>;

    /// Reads what it is in a failover relationship. Reads only.
    ///
    /// # Errors
    /// [`DriverError`] where the page can't be reached.
    fn failover(&mut self) -> Result<Did<Failover>, DriverError> {
        Ok(Did::ByHand(pair::look(&self.words(), NOT_HERE.to_owned())))
    }

    /// Starts a data sync from its partner; only a backup can. It does not
    /// wait for it. Pressed once.
    ///
    /// # Errors
    /// [`DriverError`] where the network fails or the appliance refuses.
    fn sync_now(&mut self) -> Result<Did<()>, DriverError> {
        Ok(Did::ByHand(pair::sync(&self.words(), NOT_HERE.to_owned())))
    }

    /// Breaks its failover relationship. Pressed once.
    ///
    /// # Errors
    /// [`DriverError`] where the network fails or the appliance refuses.
    fn break_failover(&mut self) -> Result<Did<()>, DriverError> {
        Ok(Did::ByHand(pair::break_up(&self.words(), NOT_HERE.to_owned())))
    }

    /// Establishes a relationship with itself as primary: `backup` is where
    /// the partner is reached, `primary` where the partner reaches it. Pressed once.
    ///
    /// # Errors
    /// [`DriverError`] where the network fails or the appliance refuses.
    fn establish_failover(&mut self, backup: &Reached, primary: &Reached) -> Result<Did<()>, DriverError> {
        Ok(Did::ByHand(pair::establish(&self.words(), backup, primary, NOT_HERE.to_owned())))
    }

    /// Whether the shared IP address is enabled; `None` where nobody but a
    /// person can tell. Reads only.
    ///
    /// # Errors
    /// [`DriverError`] where the page can't be reached.
    fn shared_ip(&mut self, _address: Option<&str>) -> Result<Option<bool>, DriverError> {
        Ok(None)
    }

    /// Enables or disables the shared IP address.
    ///
    /// # Errors
    /// [`DriverError`] where the network fails or the appliance refuses.
    fn set_shared_ip(&mut self, address: Option<&str>, enabled: bool) -> Result<Did<()>, DriverError> {
        Ok(Did::ByHand(pair::shared_ip(&self.words(), address, enabled, NOT_HERE.to_owned())))
    }

    /// Looks at every page without pressing anything and lists each control.
    ///
    /// # Errors
    /// [`DriverError`] where the login fails.
    fn probe(&mut self) -> Result<Vec<ControlReport>, DriverError>;

    /// Asks the site how it does: version and build, failover role, last
    /// synchronisation. `None` where it has no interface that tells.
    ///
    /// # Errors
    /// [`DriverError`] where the network fails.
    fn health(&mut self) -> Result<Option<Health>, DriverError> {
        Ok(None)
    }

    /// Counts the Jump Clients of shared groups, and those that still need an
    /// update. `None` where the site has no interface that tells.
    ///
    /// # Errors
    /// [`DriverError`] where the network fails.
    fn client_counts(&mut self) -> Result<Option<ClientCounts>, DriverError> {
        Ok(None)
    }

    /// How many Jump Clients may update at once, as the site's page shows it;
    /// changes nothing. `None` where that can't be read.
    ///
    /// # Errors
    /// [`DriverError`] where the network or the login fails.
    fn update_limit(&mut self) -> Result<Option<u64>, DriverError> {
        Ok(None)
    }

    /// Counts what is connected to the site now. `None` where the site has no
    /// interface that tells.
    ///
    /// # Errors
    /// [`DriverError`] where the network fails.
    fn connected(&mut self) -> Result<Option<Connected>, DriverError> {
        Ok(None)
    }

    /// What the site's API offers to our account. `None` where there is no
    /// account.
    ///
    /// # Errors
    /// [`DriverError`] where the network fails.
    fn offers(&mut self) -> Result<Option<Offers>, DriverError> {
        Ok(None)
    }

    /// What turned out not to be possible the usual way since this was last
    /// asked, and what is done instead: a line each, told once.
    fn notices(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// The agreements before a login that a person accepted since this was
    /// last asked, for the journal.
    fn agreed(&mut self) -> Vec<Agreed> {
        Vec::new()
    }

    /// What a person answered the driver since this was last asked, but no
    /// secret, for the journal.
    fn answered(&mut self) -> Vec<Answered> {
        Vec::new()
    }

    /// A text without the passwords and secrets of this run's logins, typed
    /// ones too.
    fn withhold(&self, text: String) -> String {
        text
    }

    /// The pages that were read last, for vendor support; reads none now.
    /// Empty where a driver reads no pages.
    fn pages(&self) -> Vec<SeenPage> {
        Vec::new()
    }
}

/// Why a step is by hand where a driver does not have it.
const NOT_HERE: &str = "this driver leaves it to a person";
