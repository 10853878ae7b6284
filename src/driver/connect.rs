//! From an entry of the inventory to the driver that works it.

use super::{Appliance, bomgar, guided};
use crate::cli::Context;
use crate::console::Terminal;
use crate::inventory::{ApplianceEntry, Driver, Identity, Trust};
use crate::media::{self, MediaError};
use crate::model::{Exit, Failure, ShowPath, text};
use crate::web::{CertificateFacts, TlsTrust, WebError};
use std::path::{Path, PathBuf};

/// Largest profile or certificate file, in bytes.
const MAX_FILE_BYTES: u64 = 256 * 1024;

/// The words by which a list of `entry`'s clients is read.
///
/// # Errors
/// A [`Failure`] where the site's profile can't be used.
pub fn client_list_words(entry: &ApplianceEntry, context: &Context) -> Result<bomgar::ClientListWords, Failure> {
    let profile = entry.profile.as_deref().map(|file| profile(entry, &context.home.join(file))).transpose()?;
    Ok(bomgar::client_list_words(profile.as_deref(), entry.language)?)
}

/// Makes the driver that `entry` names. Nothing is sent and nobody is asked
/// until a login is needed.
///
/// # Errors
/// A [`Failure`] where certificate, profile or driver can't be used.
pub fn connect(entry: &ApplianceEntry, context: &mut Context) -> Result<Box<dyn Appliance>, Failure> {
    // The driver outlives this borrow of the desk; a terminal has no state.
    let asks = Box::new(Terminal::new(false));
    let read = |path: &Path, what| media::read_bounded(&context.home.join(path), MAX_FILE_BYTES, what);
    let own = match (&entry.trust, entry.driver) {
        (_, Driver::Guided) => return Ok(Box::new(guided::Guided::new(entry, asks))),
        (Trust::Nothing, _) => return Err(Failure::new(Exit::Config, "nothing says which certificate to believe")),
        (Trust::Ca(file), _) => TlsTrust::CaFile(read(file, "a CA file")?),
        (Trust::Pinned { certificate, check_host }, _) => {
            let pem = read(certificate, "a certificate")?;
            TlsTrust::Pinned { der: CertificateFacts::from_pem(&pem)?.der, check_host: *check_host }
        }
    };
    let moved = entry.identity().map(|who| context.home.join(moved_certificate(&who)));
    let trust = match moved.filter(|moved| moved.exists()) {
        Some(moved) => {
            let pem = media::read_bounded(&moved, MAX_FILE_BYTES, "a certificate")?;
            TlsTrust::Moved { own: Box::new(own), der: CertificateFacts::from_pem(&pem)?.der }
        }
        None => own,
    };
    let profile = entry.profile.as_deref().map(|file| profile(entry, &context.home.join(file))).transpose()?;
    let base = context.home.root();
    let driver = bomgar::Bomgar::new(entry, base, &trust, profile.as_deref(), asks, &context.console);
    Ok(Box::new(driver.map_err(|error| match (&error, &entry.profile) {
        (WebError::BadProfile { .. }, Some(file)) => Failure::from(error).about(context.home.join(file).shown()),
        _ => Failure::from(error).about(&entry.name),
    })?))
}

/// Where below the home folder a certificate lies that this appliance may show
/// beside the enrolled one, because a site moved to it with its certificate. It
/// is the appliance's and no name's, in a folder where no pin of a name lies.
pub fn moved_certificate(who: &Identity) -> PathBuf {
    PathBuf::from(format!("certs/moved/{}.pem", who.key()))
}

/// Reads the site's own labels.
fn profile(entry: &ApplianceEntry, path: &Path) -> Result<String, Failure> {
    let bytes = media::read_bounded(path, MAX_FILE_BYTES, "a profile").map_err(|error| match error {
        MediaError::Missing { .. } => Failure::new(Exit::NotFound, error.to_string())
            .hint(format!("make it, or take the line profile = … out of [appliances.{}] in the inventory", entry.name)),
        other => other.into(),
    })?;
    text::decoded(&bytes).ok_or_else(|| {
        Failure::new(Exit::Config, format!("the profile {} is not UTF-8 text", path.shown()))
            .hint("save it again as UTF-8 with an editor")
    })
}
