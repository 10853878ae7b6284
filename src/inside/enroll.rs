//! The verb `enroll`: an appliance is looked at, confirmed, and remembered.

use super::{enroll_list, enroll_renew, next};
use crate::cli::{self, Context};
use crate::console::{Operator, kind};
use crate::events::SecurityEvent;
use crate::inside::question::InsideQuestion;
use crate::inventory::{
    ApiAccount, ApplianceEntry, Clock, Credentials, Driver, Identity, Inventory, InventoryError, Language, PairKeys,
    PasswordAt, Trust, certificate_of,
};
use crate::media::{self, Mode};
use crate::model::{DEFAULT_VENDOR, Exit, Failure, FileName, Sha256Digest, ShowPath, TitleNames, local_time, text};
use crate::plan::Windows;
use crate::web::{CertificateFacts, Timeouts, TlsTrust, WebError, authorities, check_certificate, fetch_certificate};
use clap::Args;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// Largest CA file, in bytes: a hundred certificates.
const MAX_CA_BYTES: u64 = 256 * 1024;

/// Most names of a certificate that are shown.
const MAX_NAMES: usize = 20;

/// Put an appliance into the inventory, its certificate looked at and confirmed
///
/// Only a TLS handshake is made: nothing is sent, nobody logs in. What is
/// stored is this very certificate, or the authority given with --ca, which
/// must vouch for it; a later connection that shows another one is refused.
#[derive(Debug, Args)]
pub struct EnrollArgs {
    /// What to call it here: a-z, 0-9, '.', '_', '-'
    #[arg(value_name = "NAME", value_parser = FileName::of_appliance, required_unless_present = "from")]
    pub(super) name: Option<FileName>,
    /// It is enrolled, and shows another certificate now: look at that one and believe it instead
    #[arg(long, conflicts_with_all = ["url", "from"])]
    renew: bool,
    /// Enrol each appliance of this list, a CSV file: its first row names the columns, name and url and any option of these
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "url"])]
    from: Option<PathBuf>,
    /// Its serial number, by which it is remembered [default: read when it is first met]
    #[arg(long, value_name = "NUMBER", value_parser = serial)]
    serial: Option<String>,
    /// Its address, https://HOST or https://HOST:PORT
    #[arg(long, value_name = "URL", value_parser = site, required_unless_present_any = ["renew", "from"])]
    pub(super) url: Option<String>,
    /// How it is worked
    #[arg(long, value_enum, default_value_t = Driver::Bomgar)]
    driver: Driver,
    /// The language of its pages
    #[arg(long, value_name = "LANGUAGE", value_enum, default_value_t = Language::Auto)]
    pages: Language,
    /// Believe certificates of the authorities in this PEM file instead of one certificate
    #[arg(long, value_name = "FILE", conflicts_with = "fingerprint")]
    pub(super) ca: Option<PathBuf>,
    /// SHA-256 fingerprint its certificate must have; answers the question beforehand
    #[arg(long, value_name = "SHA256:…", value_parser = fingerprint_digits)]
    fingerprint: Option<String>,
    /// Accept a certificate that does not name the host; answers the question beforehand
    #[arg(long, requires = "fingerprint")]
    any_host: bool,
    /// User on /appliance [default: asked for when needed]
    #[arg(long, value_name = "NAME")]
    pub(super) user: Option<String>,
    /// File whose first line is that user's password [default: asked for when needed]
    #[arg(long, value_name = "FILE", conflicts_with = "password_env")]
    password_file: Option<PathBuf>,
    /// Environment variable that will hold that user's password
    #[arg(long, value_name = "VARIABLE")]
    password_env: Option<String>,
    /// User on /login, for backups [default: asked for when needed]
    #[arg(long, value_name = "NAME")]
    login_user: Option<String>,
    /// File whose first line is that user's password [default: asked for when needed]
    #[arg(long, value_name = "FILE", conflicts_with = "login_password_env")]
    login_password_file: Option<PathBuf>,
    /// Environment variable that will hold that user's password
    #[arg(long, value_name = "VARIABLE")]
    login_password_env: Option<String>,
    /// OAuth client id of an API account of the site, for backups, health and clients' updates
    #[arg(long, value_name = "ID", conflicts_with = "api_user")]
    api_client_id: Option<String>,
    /// File whose first line is that account's client secret [default: asked for when needed]
    #[arg(long, value_name = "FILE", requires = "api_client_id", conflicts_with = "api_secret_env")]
    api_secret_file: Option<PathBuf>,
    /// Environment variable that will hold that account's client secret
    #[arg(long, value_name = "VARIABLE", requires = "api_client_id")]
    api_secret_env: Option<String>,
    /// User of the API, where the site is older than 16.1 and has no API accounts
    #[arg(long, value_name = "NAME")]
    api_user: Option<String>,
    /// File whose first line is that user's password [default: asked for when needed]
    #[arg(long, value_name = "FILE", requires = "api_user", conflicts_with = "api_password_env")]
    api_password_file: Option<PathBuf>,
    /// Environment variable that will hold that user's password
    #[arg(long, value_name = "VARIABLE", requires = "api_user")]
    api_password_env: Option<String>,
    /// File whose first line is the passphrase that exported private keys get [default: asked for when needed]
    #[arg(long, value_name = "FILE")]
    key_passphrase_file: Option<PathBuf>,
    /// The vendor's update page, for the outside
    #[arg(long, value_name = "URL", value_parser = address, default_value = DEFAULT_VENDOR)]
    vendor: String,
    /// Whose clock the waits are measured by; appliance where the two can't be made to agree
    #[arg(long, value_enum, default_value_t = Clock::Host)]
    clock: Clock,
    /// When installs may run, such as 'sat 22:00-04:00' or '2026-12-05 22:00 to 2026-12-06 04:00'; repeatable
    #[arg(long, value_name = "WINDOW", requires = "time_zone")]
    window: Vec<String>,
    /// The time zone of the windows, such as America/Sao_Paulo
    #[arg(long, value_name = "ZONE", requires = "window")]
    time_zone: Option<String>,
    /// A group it belongs to, for --group; repeatable
    #[arg(long, value_name = "GROUP")]
    pub(super) group: Vec<String>,
    /// Its partner in a failover pair, which must be enrolled; both are then upgraded as one
    #[arg(long, value_name = "NAME", value_parser = FileName::of_appliance)]
    pair: Option<FileName>,
    /// The IP address by which clients reach it, for hosts files and DNS while its pair is upgraded
    #[arg(long, value_name = "ADDRESS")]
    address: Option<IpAddr>,
    /// The site's own labels: a TOML file
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]: the name is taken, the appliance can't be reached, the
/// certificate was not confirmed or is not the one expected.
pub fn run(args: &EnrollArgs, context: &mut Context) -> Result<(), Failure> {
    if let Some(list) = &args.from {
        return enroll_list::run(list, context);
    }
    if args.renew {
        return enroll_renew::run(args.name(), args, context);
    }
    one(args, context)?;
    next::after([args.name().as_str()], None, context);
    Ok(())
}

impl EnrollArgs {
    fn name(&self) -> &FileName {
        self.name.as_ref().expect("clap asks for it where there is no list")
    }
}

/// Enrols one appliance.
///
/// # Errors
/// As [`run`].
pub(super) fn one(args: &EnrollArgs, context: &mut Context) -> Result<(), Failure> {
    let (name, url) = (args.name(), args.url.clone().expect("clap asks for it"));
    media::keep_names(context.home.root())?;
    let mut inventory = Inventory::read(&context.home)?;
    // What can be wrong with names is said before anybody walks to an appliance to compare a fingerprint.
    inventory.check_free(name)?;
    let who = args.serial.as_deref().map(Identity::of);
    if let Some(twin) = who.as_ref().and_then(|who| inventory.twins(name, who).next()) {
        let (name, serial) = (twin.name.to_string(), args.serial.clone().unwrap_or_default());
        return Err(InventoryError::Known { name, serial }.into());
    }
    args.pair.as_ref().map(|partner| inventory.check_partner(partner)).transpose()?;
    let windows = args.time_zone.as_ref().map(|zone| Windows::parse(zone, &args.window)).transpose();
    let windows = windows.map_err(|why| Failure::new(Exit::Usage, why))?;
    let entry = ApplianceEntry {
        name: name.clone(),
        serial: args.serial.clone(),
        url: url.clone(),
        driver: args.driver,
        language: args.pages,
        trust: Trust::Nothing,
        appliance: credentials(&args.user, &args.password_file, &args.password_env)?,
        login: credentials(&args.login_user, &args.login_password_file, &args.login_password_env)?,
        api: match (&args.api_client_id, &args.api_user) {
            (Some(client_id), _) => Some(ApiAccount::OAuth {
                client_id: client_id.clone(),
                secret: secret_at(&args.api_secret_file, &args.api_secret_env)?,
            }),
            (None, Some(_)) => {
                Some(ApiAccount::User(credentials(&args.api_user, &args.api_password_file, &args.api_password_env)?))
            }
            (None, None) => None,
        },
        key_passphrase_file: match secret_at(&args.key_passphrase_file, &None)? {
            PasswordAt::File(file) => Some(file),
            PasswordAt::Prompt | PasswordAt::Env(_) => None,
        },
        vendor: args.vendor.clone(),
        clock: args.clock,
        profile: args.profile.as_deref().map(absolute),
        soak_hours: None,
        min_clients: None,
        titles: TitleNames::default(),
        windows,
        groups: args.group.clone(),
        pair: args.pair.clone().map(|partner| PairKeys { partner, topology: None, switch: None, shared_ip: None }),
        reach: None,
        address: args.address,
    };
    let kept = certificate_of(name);
    let (trust, pem, fingerprint) = match (args.driver, &args.ca) {
        (Driver::Guided, _) => (Trust::Nothing, None, None),
        (_, Some(file)) => {
            let pem = authority_of(&entry, file)?;
            let digest = Sha256Digest::of(&pem).to_string();
            (Trust::Ca(kept.clone()), Some(pem), Some(digest))
        }
        (_, None) => {
            let facts = fetch_certificate(&entry.url, Timeouts::default())?;
            let check_host = confirm(&facts, &entry, args, context)?;
            let trust = Trust::Pinned { certificate: kept.clone(), check_host };
            (trust, Some(facts.pem().into_bytes()), Some(facts.fingerprint()))
        }
    };
    // Before the inventory names it: killed in between, a file is
    // left that nobody reads, and not an entry that nobody can use.
    if let Some(pem) = pem {
        media::create_dirs(&context.home.join("certs"), Mode::Private)?;
        media::write_durably(&context.home.join(&kept), &pem, Mode::Private)?;
    }
    // Another run may have bound a name meanwhile.
    let turn = context.home.turn("inventory")?;
    inventory = Inventory::read(&context.home)?;
    // By the address, as long as nobody has read its serial number.
    let twin = inventory.entries().iter().find(|other| other.url == entry.url).map(|other| other.name.clone());
    inventory.add(ApplianceEntry { trust, ..entry })?;
    inventory.write()?;
    drop(turn);
    if let Some(twin) = twin {
        context.console.warn(format!(
            "{twin} has the same address: if it is the same appliance, its journal, marks, waits and lock are the same under both names"
        ));
    }
    context.log(&SecurityEvent::Pinned {
        appliance: name.to_string(),
        url: url.clone(),
        fingerprint: fingerprint.unwrap_or_default(),
        authority: args.ca.is_some(),
    });
    context.console.event(
        &kind::ENROLLED,
        serde_json::json!({
            "appliance": name, "url": url, "driver": args.driver, "inventory": inventory.path(), "renewed": false,
        }),
    );
    context.console.say(format!("{name} is enrolled in {}", inventory.path().shown()));
    if let Some(partner) = &args.pair {
        context.console.note(format!(
            "{name} and {partner} name each other as a pair in it; for push --pair, --all and --group it must say, too, in \
             what order they are upgraded: topology = \"failover-sync\", or \"failover-async\" with a switch"
        ));
    }
    Ok(())
}

/// The authorities in `file`, which vouch for what the appliance shows now.
///
/// # Errors
/// A [`Failure`] where the file can't be read, or they don't.
pub(super) fn authority_of(entry: &ApplianceEntry, file: &Path) -> Result<Vec<u8>, Failure> {
    let given = media::read_bounded(file, MAX_CA_BYTES, "a CA file")?;
    let pem = authorities(&given, file).map_err(|error| Failure::from(error).about(file.shown()))?.into_bytes();
    check_authority(entry, file, &pem)?;
    Ok(pem)
}

/// Sees now, and not in the night of the update, that the authorities in `file`
/// vouch for what the appliance shows.
fn check_authority(entry: &ApplianceEntry, file: &Path, pem: &[u8]) -> Result<(), Failure> {
    let trust = TlsTrust::CaFile(pem.to_vec());
    check_certificate(&entry.url, &trust, Timeouts::default()).map_err(|error| match error {
        WebError::BadCertificate { .. } => Failure::from(error).about(file.shown()),
        WebError::TlsUntrusted { .. } => Failure::from(error).hint(format!(
            "{} is not the authority of this appliance's certificate: give the right file, or enrol the certificate itself, without --ca",
            file.shown()
        )),
        other => other.into(),
    })
}

/// Shows a certificate and has a person confirm it; whether its names must
/// cover the host from now on.
pub(super) fn confirm(
    facts: &CertificateFacts,
    entry: &ApplianceEntry,
    args: &EnrollArgs,
    context: &mut Context,
) -> Result<bool, Failure> {
    let names: Vec<String> = facts.names.iter().take(MAX_NAMES).map(|name| text::one_line(name)).collect();
    context.console.event(
        &kind::CERTIFICATE,
        serde_json::json!({
            "subject": text::one_line(&facts.subject), "issuer": text::one_line(&facts.issuer), "names": names,
            "not_before": facts.not_before, "not_after": facts.not_after, "is_ca": facts.is_ca,
            "sha256_fingerprint": facts.fingerprint(),
        }),
    );
    context.console.say(format!("{} shows this certificate:", entry.url));
    context.console.say(format!("  subject:      {}", text::one_line(&facts.subject)));
    context.console.say(format!("  issuer:       {}", text::one_line(&facts.issuer)));
    context
        .console
        .say(format!("  names:        {}", if names.is_empty() { "none".to_owned() } else { names.join(", ") }));
    context.console.say(format!("  valid:        {} to {}", local_time(facts.not_before), local_time(facts.not_after)));
    context.console.say(format!("  fingerprint:  SHA256:{}", facts.fingerprint()));
    if let Some(warning) = facts.validity_warning(context.now()) {
        context.console.warn(warning);
    }
    match &args.fingerprint {
        Some(wanted) if *wanted == digits(&facts.fingerprint()) => {
            context.console.note("the fingerprint is the one given with --fingerprint");
        }
        Some(_) => {
            return Err(Failure::new(Exit::TlsUntrusted, "the certificate has another fingerprint than the one given")
                .hint("someone may stand between you and the appliance; compare at the appliance itself"));
        }
        None => {
            if !context.operator.confirm(&InsideQuestion::IsFingerprintShown)? {
                return Err(Failure::new(Exit::Declined, "the certificate was not confirmed; nothing was stored")
                    .hint("compare it at the appliance, then enrol again, or give it with --fingerprint"));
            }
        }
    }
    let host = entry.host();
    if facts.covers(&host) {
        return Ok(true);
    }
    context.console.warn(format!("the certificate does not name {host}"));
    if args.any_host || context.operator.confirm(&InsideQuestion::AcceptForHost { host: host.clone() })? {
        return Ok(false);
    }
    Err(Failure::new(Exit::Declined, format!("the certificate does not name {host}; nothing was stored"))
        .hint("enrol it under one of the names that it carries"))
}

fn credentials(user: &Option<String>, file: &Option<PathBuf>, env: &Option<String>) -> Result<Credentials, Failure> {
    Ok(Credentials { user: user.clone(), password: secret_at(file, env)? })
}

fn secret_at(file: &Option<PathBuf>, env: &Option<String>) -> Result<PasswordAt, Failure> {
    Ok(match (file, env) {
        (Some(file), _) => {
            // Read now, so that a wrong path or open permissions show before the night of the update.
            cli::secret_file(file)?;
            PasswordAt::File(absolute(file))
        }
        (None, Some(name)) => PasswordAt::Env(name.clone()),
        (None, None) => PasswordAt::Prompt,
    })
}

fn absolute(path: &Path) -> PathBuf {
    // It is read by later runs, which begin in other folders.
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

fn serial(text: &str) -> Result<String, String> {
    match crate::inventory::serial_complaint(text) {
        Some(complaint) => Err(format!("it {complaint}")),
        None => Ok(text.trim().to_owned()),
    }
}

fn address(text: &str) -> Result<String, String> {
    match crate::inventory::url_complaint(text) {
        Some(complaint) => Err(format!("it {complaint}")),
        None => Ok(text.trim_end_matches('/').to_owned()),
    }
}

/// The appliance's address, as browsers show it on one of its pages.
fn site(text: &str) -> Result<String, String> {
    let of_page =
        |page: &str| text.find(page).filter(|at| matches!(text.as_bytes().get(at + page.len()), None | Some(b'/')));
    let bare = ["/appliance", "/login"].iter().find_map(|page| of_page(page)).map_or(text, |at| &text[..at]);
    address(bare)
}

/// Takes a fingerprint as browsers, openssl or this verb show it.
fn fingerprint_digits(text: &str) -> Result<String, String> {
    let lower = text.trim().to_ascii_lowercase();
    // `openssl x509 -fingerprint` puts the name of the digest and a `=` before it.
    let bare = lower.rsplit_once('=').map_or(lower.as_str(), |(_, after)| after);
    let digits = digits(bare.strip_prefix("sha256:").unwrap_or(bare));
    let fits = digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    if fits { Ok(digits) } else { Err("a SHA-256 fingerprint has 64 hex digits".to_owned()) }
}

fn digits(fingerprint: &str) -> String {
    fingerprint.chars().filter(|c| !matches!(c, ':' | ' ')).collect::<String>().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_as_browsers_show_it() {
        for shown in [
            "https://a.example.com",
            "https://a.example.com/",
            "https://a.example.com/appliance",
            "https://a.example.com/login/status.ns",
        ] {
            assert_eq!(site(shown).as_deref(), Ok("https://a.example.com"), "{shown}");
        }
        for bad in ["https://a.example.com/elsewhere", "https://a.example.com/appliances", "http://a.example.com/login"]
        {
            assert!(site(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_fingerprint_is_taken_in_every_usual_form() {
        let hex = "ab".repeat(32);
        let colons = vec!["AB"; 32].join(":");
        for form in [hex.clone(), colons.clone(), format!("SHA256:{colons}"), format!("sha256 Fingerprint={colons}")] {
            assert_eq!(fingerprint_digits(&form).as_ref(), Ok(&hex), "{form}");
        }
        for form in ["", "SHA256:", "ab:cd", &format!("{hex}00"), &"zz".repeat(32)] {
            assert!(fingerprint_digits(form).is_err(), "{form}");
        }
    }
}
