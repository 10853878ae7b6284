//! How a lab is set up.

use super::SERIAL;
use crate::model::Version;
use crate::simulator::Fault;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// Everything that can be chosen about a lab.
#[derive(Debug, Clone)]
pub struct LabOptions {
    /// Folder for certificates, password files, uploads and `lab.json`; made
    /// where it is missing.
    pub dir: PathBuf,
    /// The pages' language.
    pub language: PageLanguage,
    /// The appliance's port; 0 takes a free one.
    pub port: u16,
    /// The vendor's port; 0 takes a free one.
    pub vendor_port: u16,
    /// Starts a second appliance, in a failover relationship with the first.
    pub pair: bool,
    /// The second appliance's port; 0 takes a free one.
    pub partner_port: u16,
    /// How long a data sync between the two takes.
    pub sync: Duration,
    /// Size of a package in bytes, near enough: each differs by a little.
    pub package_bytes: u64,
    /// How long an install takes.
    pub install: Duration,
    /// How long the restart after it takes.
    pub restart: Duration,
    /// How much of an interface for programs the site has.
    pub api: ApiLevel,
    /// How many Jump Clients the site has.
    pub clients: u32,
    /// How long after a site package the last of them has updated.
    pub client_update: Duration,
    /// Faults armed from the start.
    pub faults: Vec<Fault>,
    /// The appliance's serial number.
    pub serial: String,
    /// The base software's version at the start.
    pub base: Version,
    /// The site software's version at the start.
    pub site: Version,
    /// Whether it starts without site software, as new hardware does.
    pub no_site: bool,
    /// Whether the vendor's list leads to release notes.
    pub release_notes: bool,
}

impl LabOptions {
    /// The default lab: English, free ports, packages of 6 MiB, installs of
    /// 5 s with a restart of 3 s, Base 3.3.2 and site 10.5.3.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        let version = |text| Version::parse(text).expect("a version of the lab's own is valid");
        LabOptions {
            dir: dir.into(),
            language: PageLanguage::English,
            port: 0,
            vendor_port: 0,
            pair: false,
            partner_port: 0,
            sync: Duration::from_secs(3),
            // A chunk of a bundle and a half, so that the last chunk is not a full one.
            package_bytes: 6 << 20,
            install: Duration::from_secs(5),
            restart: Duration::from_secs(3),
            api: ApiLevel::Full,
            clients: 12,
            client_update: Duration::from_secs(30),
            faults: Vec::new(),
            serial: SERIAL.to_owned(),
            base: version("3.3.2"),
            site: version("10.5.3"),
            no_site: false,
            release_notes: false,
        }
    }
}

/// The pages' language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageLanguage {
    /// English.
    English,
    /// Portuguese of Brazil, as in the guide.
    Portuguese,
}

impl PageLanguage {
    /// Its code in HTML and on the command line.
    pub const fn code(self) -> &'static str {
        match self {
            PageLanguage::English => "en",
            PageLanguage::Portuguese => "pt",
        }
    }
}

impl FromStr for PageLanguage {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "en" => Ok(PageLanguage::English),
            "pt" => Ok(PageLanguage::Portuguese),
            _ => Err("the lab speaks en and pt".into()),
        }
    }
}

/// How much of an interface the site has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ApiLevel {
    /// None.
    None,
    /// That of sites before 16.1: `/api/….ns`, user name and password in a form.
    Legacy,
    /// OAuth, the command API and the backup.
    V1,
    /// The Configuration API too.
    Full,
}

impl ApiLevel {
    /// Every level.
    pub const ALL: [ApiLevel; 4] = [ApiLevel::None, ApiLevel::Legacy, ApiLevel::V1, ApiLevel::Full];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            ApiLevel::None => "none",
            ApiLevel::Legacy => "legacy",
            ApiLevel::V1 => "v1",
            ApiLevel::Full => "full",
        }
    }
}

impl FromStr for ApiLevel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = ApiLevel::ALL.into_iter().find(|level| level.name() == text);
        known.ok_or_else(|| "the lab's API is none, legacy, v1 or full".to_owned())
    }
}
