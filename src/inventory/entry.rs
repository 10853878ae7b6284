//! One appliance of the inventory.

use super::pair::{PairKeys, Reached};
use crate::inventory::Identity;
use crate::model::{FileName, TitleNames};
use crate::plan::Windows;
use std::net::IpAddr;
use std::path::PathBuf;

/// One appliance: where it is, how it is worked, by whose clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplianceEntry {
    /// What it is called here: a handle, and nothing that is remembered hangs on it.
    pub name: FileName,
    /// Its serial number, by which it is remembered; `None` until it was met.
    pub serial: Option<String>,
    /// Its address, `https://host` or `https://host:port`.
    pub url: String,
    /// Which driver works it.
    pub driver: Driver,
    /// The language of its pages.
    pub language: Language,
    /// Why its certificate is believed.
    pub trust: Trust,
    /// Who logs in on /appliance.
    pub appliance: Credentials,
    /// Who logs in on /login.
    pub login: Credentials,
    /// Who asks the site's API; `None` where it is not to be used.
    pub api: Option<ApiAccount>,
    /// The vendor's update page, for the request.
    pub vendor: String,
    /// Whose clock its waits are measured by.
    pub clock: Clock,
    /// A file with the passphrase that exported private keys get; `None` where it is asked for.
    pub key_passphrase_file: Option<PathBuf>,
    /// The site's own labels, a file below the inside's folder.
    pub profile: Option<PathBuf>,
    /// Hours to wait after a site package; `None` for the guide's 24.
    pub soak_hours: Option<u32>,
    /// Clients that must be seen before a count ends such a wait early; `None` for one.
    pub min_clients: Option<u32>,
    /// What packages it offers are called besides the names that are known.
    pub titles: TitleNames,
    /// The groups it belongs to, for `--group`.
    pub groups: Vec<String>,
    /// When installs may run; `None` for at any time.
    pub windows: Option<Windows>,
    /// The failover pair it belongs to; `None` where it is in none.
    pub pair: Option<PairKeys>,
    /// How its partner reaches it; `None` for as in `url`.
    pub reach: Option<Reached>,
    /// The IP address by which clients reach it; `None` where nobody has said it.
    pub address: Option<IpAddr>,
}

impl ApplianceEntry {
    /// Who it is; `None` until it was met.
    pub fn identity(&self) -> Option<Identity> {
        self.serial.as_deref().map(Identity::of)
    }

    /// What of the rules for waits and windows differs from another name of
    /// the same appliance; `None` where nothing does.
    pub fn differs_from(&self, twin: &ApplianceEntry) -> Option<&'static str> {
        // These decide when the next install may run. With different rules for one
        // appliance, whoever takes the looser name would shorten the wait of the other.
        let differs = [
            ("clock", self.clock != twin.clock),
            ("soak_hours", self.soak_hours != twin.soak_hours),
            ("min_clients", self.min_clients != twin.min_clients),
            ("windows", self.windows != twin.windows),
            ("titles", self.titles != twin.titles),
        ];
        differs.into_iter().find(|(_, differs)| *differs).map(|(key, _)| key)
    }

    /// The host name in its address.
    pub fn host(&self) -> String {
        let url = url::Url::parse(&self.url).ok();
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// Which driver works an appliance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Driver {
    /// A B Series appliance, through its web pages.
    Bomgar,
    /// A person does every step; handcarry verifies, orders and journals.
    Guided,
}

/// The language of an appliance's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English or Portuguese, whichever is there
    #[default]
    Auto,
    /// English
    En,
    /// Portuguese
    Pt,
    /// German, by labels that nobody has compared with such pages
    De,
    /// Spanish, by such labels
    Es,
    /// French, by such labels
    Fr,
}

/// Whose clock the waits are measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Clock {
    /// This machine's; the appliance's must agree with it.
    #[default]
    Host,
    /// The appliance's own, where it can't be made to agree with ours.
    Appliance,
}

/// Why the certificate of an appliance is believed. Paths lie below the
/// inside's folder unless absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Its very certificate was enrolled.
    Pinned {
        /// The certificate, PEM.
        certificate: PathBuf,
        /// Whether the host name must be in it.
        check_host: bool,
    },
    /// An authority of the site signs for it.
    Ca(PathBuf),
    /// Nothing is sent to it: a person works it.
    Nothing,
}

/// Who logs in; never the password itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Credentials {
    /// The user name; asked for when needed where `None`.
    pub user: Option<String>,
    /// Where the password is to be found.
    pub password: PasswordAt,
}

/// Who asks a site's API; never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiAccount {
    /// An API account, made under /login > Management > API Configuration.
    OAuth {
        /// Its OAuth client id.
        client_id: String,
        /// Where its client secret is to be found.
        secret: PasswordAt,
    },
    /// A user of /login, as sites before 16.1 want it.
    User(Credentials),
}

/// Where a password is to be found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum PasswordAt {
    /// Asked for when it is needed.
    #[default]
    Prompt,
    /// In the first line of a file that only its owner may read.
    File(PathBuf),
    /// In this environment variable.
    Env(String),
}
