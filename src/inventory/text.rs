//! Between the inventory's text and its entries.

use super::entry::{ApiAccount, ApplianceEntry, Clock, Credentials, Driver, Language, PasswordAt, Trust};
use super::error::InventoryError;
use super::pair::{self, PairKeys, Reached};
use crate::model::{DEFAULT_VENDOR, FileName, TitleNames};
use crate::plan::{Switch, Topology, Windows};
use serde::Deserialize;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use toml_edit::{DocumentMut, Item, Table, value};

/// What a new inventory begins with, for the person who opens it.
pub(super) const HEADER: &str = "\
# The appliances this desk looks after. Edit it freely: comments are kept.
# Each [appliances.NAME] has: url, driver (bomgar, guided), language (auto, en, pt),
# serial (its number, written when it is first met: by it, not by NAME, it is remembered),
# certificate and check_host, or ca; user, password_file or password_env (for /appliance);
# login_user, login_password_file or login_password_env (for /login);
# api_client_id, api_secret_file or api_secret_env (an API account of the site), or for
# sites before 16.1 api_user, api_password_file or api_password_env;
# key_passphrase_file (the passphrase that exported private keys get);
# vendor, clock (host, appliance), profile, soak_hours, min_clients;
# titles (a list such as ['Appliance Firmware = base']), for offered packages with a name that is not known;
# windows (a list such as ['sat 22:00-04:00']) and time_zone, for when installs may run;
# groups (a list such as ['lisbon']), for push --group;
# pair, in both of a failover pair: the other one's NAME. How the two are upgraded as one, by
# push --pair, --all and --group: topology (failover-sync, failover-async), switch (shared-ip,
# dns, nat) and shared_ip; reach (HOST:PORT) is how the partner reaches it, address the IP
# address by which clients do.
# Passwords never stand here: without a file or variable they are asked for.
";

/// The keys of one appliance, in the order they are written.
const KEYS: &[&str] = &[
    "url",
    "serial",
    "driver",
    "language",
    "certificate",
    "check_host",
    "ca",
    "user",
    "password_file",
    "password_env",
    "login_user",
    "login_password_file",
    "login_password_env",
    "api_client_id",
    "api_secret_file",
    "api_secret_env",
    "api_user",
    "api_password_file",
    "api_password_env",
    "key_passphrase_file",
    "vendor",
    "clock",
    "profile",
    "soak_hours",
    "min_clients",
    "titles",
    "windows",
    "time_zone",
    "groups",
    "pair",
    "topology",
    "switch",
    "shared_ip",
    "reach",
    "address",
];

/// Says what is wrong with an appliance's address; `None` where nothing is.
pub fn url_complaint(text: &str) -> Option<&'static str> {
    let Ok(url) = url::Url::parse(text) else {
        return Some("is not an address such as https://support.example.com");
    };
    if url.scheme() != "https" {
        Some("does not begin with https://, and handcarry speaks nothing else")
    } else if url.host_str().is_none_or(str::is_empty) {
        Some("has no host name")
    } else if !url.username().is_empty() || url.password().is_some() {
        Some("has a user name in it; those go into user and login_user")
    } else if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        Some("has a path; only https://host or https://host:port is wanted")
    } else {
        None
    }
}

/// Fewest hours clients are given after a site package: the guide's, and no
/// file shortens them. A shorter wait is a person's word, with a reason.
const MIN_SOAK_HOURS: u32 = 24;

/// Longest serial number, in characters; real ones have some twenty.
const MAX_SERIAL_CHARS: usize = 100;

/// Says what is wrong with a serial number; `None` where nothing is.
pub fn serial_complaint(text: &str) -> Option<&'static str> {
    if text.trim().is_empty() {
        Some("is empty")
    } else if text.chars().count() > MAX_SERIAL_CHARS || text.chars().any(char::is_control) {
        Some("is longer than 100 characters or has control characters")
    } else {
        None
    }
}

/// Line number, from 1, of a byte offset.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|b| *b == b'\n').count() + 1
}

/// Reads every appliance.
pub(super) fn entries(path: &Path, text: &str) -> Result<Vec<ApplianceEntry>, InventoryError> {
    // Unknown keys come first: serde would pass over them, or tell of one without its line.
    check_keys(path, text)?;
    let file: File = toml::from_str(text).map_err(|error| InventoryError::Malformed {
        path: path.to_path_buf(),
        line: error.span().map(|span| line_of(text, span.start)),
        what: crate::model::text::one_line(error.message()),
    })?;
    let wrong = |name, what| InventoryError::Entry { path: path.to_path_buf(), name, what };
    let entries = file.appliances.into_iter().map(|(name, raw)| {
        let shown = crate::model::text::one_line(&name);
        raw.entry(&name).map_err(|what| wrong(shown, what))
    });
    let entries: Vec<ApplianceEntry> = entries.collect::<Result<_, _>>()?;
    pair::check(&entries).map_err(|(name, what)| wrong(name, what))?;
    Ok(entries)
}

/// Adds one appliance's section at the end.
pub(super) fn append(document: &mut DocumentMut, entry: &ApplianceEntry) {
    let mut table = Table::new();
    let mut put = |key: &str, item: Option<toml_edit::Value>| {
        if let Some(item) = item {
            table.insert(key, value(item));
        }
    };
    put("url", Some(entry.url.as_str().into()));
    put("serial", entry.serial.as_deref().map(Into::into));
    put("driver", Some(word(&entry.driver).into()));
    put("language", Some(word(&entry.language).into()));
    match &entry.trust {
        Trust::Pinned { certificate, check_host } => {
            put("certificate", Some(text_of(certificate).into()));
            put("check_host", (!check_host).then(|| false.into()));
        }
        Trust::Ca(file) => put("ca", Some(text_of(file).into())),
        Trust::Nothing => {}
    }
    let mut secrets = vec![("password", &entry.appliance.password), ("login_password", &entry.login.password)];
    let mut users = vec![("user", entry.appliance.user.as_deref()), ("login_user", entry.login.user.as_deref())];
    match &entry.api {
        None => {}
        Some(ApiAccount::OAuth { client_id, secret }) => {
            users.push(("api_client_id", Some(client_id)));
            secrets.push(("api_secret", secret));
        }
        Some(ApiAccount::User(who)) => {
            users.push(("api_user", who.user.as_deref()));
            secrets.push(("api_password", &who.password));
        }
    }
    for ((key, user), (prefix, at)) in users.into_iter().zip(secrets) {
        put(key, user.map(Into::into));
        match at {
            PasswordAt::Prompt => {}
            PasswordAt::File(file) => put(&format!("{prefix}_file"), Some(text_of(file).into())),
            PasswordAt::Env(name) => put(&format!("{prefix}_env"), Some(name.as_str().into())),
        }
    }
    put("key_passphrase_file", entry.key_passphrase_file.as_deref().map(|file| text_of(file).into()));
    put("vendor", (entry.vendor != DEFAULT_VENDOR).then(|| entry.vendor.as_str().into()));
    put("clock", (entry.clock != Clock::Host).then(|| word(&entry.clock).into()));
    put("profile", entry.profile.as_deref().map(|file| text_of(file).into()));
    put("soak_hours", entry.soak_hours.map(|hours| i64::from(hours).into()));
    put("min_clients", entry.min_clients.map(|clients| i64::from(clients).into()));
    let titles = entry.titles.written().collect::<toml_edit::Array>();
    put("titles", (!entry.titles.is_empty()).then(|| titles.into()));
    let groups = entry.groups.iter().collect::<toml_edit::Array>();
    put("groups", (!entry.groups.is_empty()).then(|| groups.into()));
    if let Some(windows) = &entry.windows {
        put("windows", Some(windows.written().collect::<toml_edit::Array>().into()));
        put("time_zone", Some(windows.zone_name().into()));
    }

    put("pair", entry.pair.as_ref().map(|pair| pair.partner.as_str().into()));
    put("reach", entry.reach.as_ref().map(|reach| reach.to_string().into()));
    put("address", entry.address.map(|address| address.to_string().into()));

    // Comments at the end of the file stay before what is added after them.
    let end = document.trailing().as_str().unwrap_or_default().to_owned();
    document.set_trailing("");
    let new = document.as_table().is_empty() && end.is_empty();
    let appliances = document.entry("appliances").or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    if let Some(appliances) = appliances.as_table_like_mut() {
        let gap = if new || end.ends_with("\n\n") { "" } else { "\n" };
        table.decor_mut().set_prefix(format!("{end}{gap}"));
        appliances.insert(entry.name.as_str(), Item::Table(table));
    }
}

/// Writes the serial number into one appliance's section.
pub(super) fn bind(document: &mut DocumentMut, name: &FileName, serial: &str) {
    let appliances = document.get_mut("appliances").and_then(Item::as_table_like_mut);
    let section = appliances.and_then(|appliances| appliances.get_mut(name.as_str())).and_then(Item::as_table_like_mut);
    if let Some(section) = section {
        section.insert("serial", value(serial));
    }
}

/// Names `partner` in the section of `name`, where it names none.
pub(super) fn name_partner(document: &mut DocumentMut, name: &FileName, partner: &FileName) {
    let section = document.get_mut("appliances").and_then(|all| all.get_mut(name.as_str()));
    if let Some(section) = section.and_then(Item::as_table_like_mut)
        && !section.contains_key("pair")
    {
        section.insert("pair", value(partner.as_str()));
    }
}

/// The file as TOML sees it; keys are checked before, so that the message is ours.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    appliances: std::collections::BTreeMap<String, Raw>,
}

#[derive(Deserialize)]
struct Raw {
    url: String,
    serial: Option<String>,
    driver: Driver,
    #[serde(default)]
    language: Language,
    certificate: Option<PathBuf>,
    check_host: Option<bool>,
    ca: Option<PathBuf>,
    user: Option<String>,
    password_file: Option<PathBuf>,
    password_env: Option<String>,
    login_user: Option<String>,
    login_password_file: Option<PathBuf>,
    login_password_env: Option<String>,
    api_client_id: Option<String>,
    api_secret_file: Option<PathBuf>,
    api_secret_env: Option<String>,
    api_user: Option<String>,
    api_password_file: Option<PathBuf>,
    api_password_env: Option<String>,
    key_passphrase_file: Option<PathBuf>,
    vendor: Option<String>,
    #[serde(default)]
    clock: Clock,
    profile: Option<PathBuf>,
    soak_hours: Option<u32>,
    min_clients: Option<u32>,
    #[serde(default)]
    titles: Vec<String>,
    windows: Option<Vec<String>>,
    time_zone: Option<String>,
    #[serde(default)]
    groups: Vec<String>,
    pair: Option<String>,
    topology: Option<Topology>,
    switch: Option<Switch>,
    shared_ip: Option<IpAddr>,
    reach: Option<String>,
    address: Option<IpAddr>,
}

impl Raw {
    fn entry(self, name: &str) -> Result<ApplianceEntry, String> {
        if let Some(complaint) = url_complaint(&self.url) {
            return Err(format!("url {complaint}"));
        }
        let vendor = self.vendor.unwrap_or_else(|| DEFAULT_VENDOR.to_owned());
        if let Some(complaint) = url_complaint(&vendor) {
            return Err(format!("vendor {complaint}"));
        }
        let trust = match (self.certificate, self.ca, self.check_host) {
            // Two ways to believe a certificate would mean that the weaker one holds.
            (Some(_), Some(_), _) => return Err("has both certificate and ca; one of them decides".to_owned()),
            (None, _, Some(_)) => return Err("has check_host without certificate".to_owned()),
            (Some(certificate), None, check_host) => {
                Trust::Pinned { certificate, check_host: check_host.unwrap_or(true) }
            }
            (None, Some(ca), None) => Trust::Ca(ca),
            (None, None, None) if self.driver == Driver::Guided => Trust::Nothing,
            // There is no "believe any": the first login would hand the password to whoever answers.
            (None, None, None) => {
                return Err("has neither certificate nor ca; nothing unverified is talked to".to_owned());
            }
        };
        if let Some(complaint) = self.serial.as_deref().and_then(serial_complaint) {
            return Err(format!("serial {complaint}"));
        }
        if let Some(hours) = self.soak_hours.filter(|hours| *hours < MIN_SOAK_HOURS) {
            return Err(format!(
                "soak_hours is {hours}, and clients need {MIN_SOAK_HOURS} h at least; to go on earlier once, with a reason: \
                 push --dangerous-skip-soak --reason TEXT"
            ));
        }
        Ok(ApplianceEntry {
            name: FileName::parse(name)?,
            serial: self.serial,
            // Paths are appended to it, and two slashes are another path on some servers.
            url: self.url.trim_end_matches('/').to_owned(),
            driver: self.driver,
            language: self.language,
            trust,
            appliance: credentials(self.user, self.password_file, self.password_env, "")?,
            login: credentials(self.login_user, self.login_password_file, self.login_password_env, "login_")?,
            api: api_account(
                (self.api_client_id, self.api_secret_file, self.api_secret_env),
                (self.api_user, self.api_password_file, self.api_password_env),
            )?,
            key_passphrase_file: self.key_passphrase_file,
            vendor: vendor.trim_end_matches('/').to_owned(),
            clock: self.clock,
            profile: self.profile,
            soak_hours: self.soak_hours,
            min_clients: self.min_clients,
            titles: TitleNames::parse(&self.titles)?,
            windows: windows(self.windows, self.time_zone)?,
            groups: self.groups,
            pair: PairKeys::of(self.pair, self.topology, self.switch, self.shared_ip)?,
            reach: self
                .reach
                .map(|reach| Reached::parse(&reach))
                .transpose()
                .map_err(|why| format!("has reach: {why}"))?,
            address: self.address,
        })
    }
}

fn windows(written: Option<Vec<String>>, zone: Option<String>) -> Result<Option<Windows>, String> {
    match (written, zone) {
        (None, None) => Ok(None),
        (Some(written), Some(zone)) => Windows::parse(&zone, &written).map(Some),
        (Some(_), None) => Err("has windows without time_zone; whose clocks they are by must stand there".to_owned()),
        (None, Some(_)) => Err("has time_zone without windows".to_owned()),
    }
}

fn credentials(
    user: Option<String>,
    file: Option<PathBuf>,
    env: Option<String>,
    prefix: &str,
) -> Result<Credentials, String> {
    Ok(Credentials { user, password: secret_at(file, env, &format!("{prefix}password"))? })
}

fn secret_at(file: Option<PathBuf>, env: Option<String>, key: &str) -> Result<PasswordAt, String> {
    match (file, env) {
        (Some(_), Some(_)) => Err(format!("has both {key}_file and {key}_env; one of them decides")),
        (Some(file), None) => Ok(PasswordAt::File(file)),
        (None, Some(name)) => Ok(PasswordAt::Env(name)),
        (None, None) => Ok(PasswordAt::Prompt),
    }
}

/// A name, a file and a variable.
type Written = (Option<String>, Option<PathBuf>, Option<String>);

fn api_account(oauth: Written, user: Written) -> Result<Option<ApiAccount>, String> {
    match (oauth, user) {
        ((Some(client_id), file, env), (None, None, None)) => {
            // HTTP Basic divides name and password at the first colon (RFC
            // 7617), so the rest of the id would be taken for the secret.
            if client_id.is_empty() || client_id.contains(':') || client_id.chars().any(char::is_control) {
                return Err("has an api_client_id that is empty or has a colon in it".to_owned());
            }
            Ok(Some(ApiAccount::OAuth { client_id, secret: secret_at(file, env, "api_secret")? }))
        }
        ((None, None, None), (Some(user), file, env)) => {
            let password = secret_at(file, env, "api_password")?;
            Ok(Some(ApiAccount::User(Credentials { user: Some(user), password })))
        }
        ((None, None, None), (None, None, None)) => Ok(None),
        ((Some(_), ..), _) => Err("has both api_client_id and keys of an api_user; one of them decides".to_owned()),
        ((None, ..), (None, ..)) => Err("has an api secret without api_client_id or api_user".to_owned()),
        ((None, ..), (Some(_), ..)) => Err("has an api_secret beside api_user; its key is api_password".to_owned()),
    }
}

/// Names the first key that has no meaning.
fn check_keys(path: &Path, text: &str) -> Result<(), InventoryError> {
    // What is not TOML at all is told by the reader proper.
    let Ok(document) = toml_edit::Document::parse(text) else { return Ok(()) };
    let unknown = |key: &toml_edit::Key, table: Option<String>, known| InventoryError::UnknownKey {
        path: path.to_path_buf(),
        line: line_of(text, key.span().map_or(0, |span| span.start)),
        key: crate::model::text::one_line(key.get()),
        table,
        known,
    };
    for (word, item) in document.as_table().iter() {
        if word != "appliances" {
            let key = document.as_table().key(word).expect("the key was just iterated");
            return Err(unknown(key, None, &["appliances"]));
        }
        let Some(appliances) = item.as_table_like() else { continue };
        for (name, section) in appliances.iter() {
            let Some(section) = section.as_table_like() else { continue };
            let odd = section.iter().find(|(word, _)| !KEYS.contains(word));
            if let Some(key) = odd.and_then(|(word, _)| section.key(word)) {
                let table = format!("appliances.{}", crate::model::text::one_line(name));
                return Err(unknown(key, Some(table), KEYS));
            }
        }
    }
    Ok(())
}

fn text_of(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The word that one of the inventory's enums is written as.
pub fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => unreachable!("the inventory's enums are plain words"),
    }
}
