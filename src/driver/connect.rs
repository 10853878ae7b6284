//! From an entry of the inventory to the driver that works it.

use super::{Appliance, Words, bomgar, guided};
use crate::cli::Context;
use crate::inventory::{ApplianceEntry, Driver, Identity, Language, Trust};
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

/// The words of the pages that `entry` has, or those of `profile` in its place.
///
/// # Errors
/// A [`Failure`] where the profile can't be used.
pub fn words_of(
    entry: Option<&ApplianceEntry>,
    site: Option<&Path>,
    language: Option<Language>,
    context: &Context,
) -> Result<Words, Failure> {
    let language = language.or(entry.map(|entry| entry.language)).unwrap_or_default();
    let path = site
        .map(Path::to_path_buf)
        .or(entry.and_then(|entry| entry.profile.as_deref()).map(|file| context.home.join(file)));
    let text =
        path.as_deref().map(|path| media::read_bounded(path, MAX_FILE_BYTES, "a profile").map_err(Failure::from));
    let text = text.transpose()?.map(|bytes| in_utf8(&bytes, path.as_deref().unwrap_or(Path::new("")))).transpose()?;
    Words::new(text.as_deref(), language).map_err(|error| match &path {
        Some(path) => Failure::from(error).about(path.shown()),
        None => error.into(),
    })
}

/// Makes the driver that `entry` names. Nothing is sent and nobody is asked
/// until a login is needed.
///
/// # Errors
/// A [`Failure`] where certificate, profile or driver can't be used.
pub fn connect(entry: &ApplianceEntry, context: &Context) -> Result<Box<dyn Appliance>, Failure> {
    let read = |path: &Path, what| media::read_bounded(&context.home.join(path), MAX_FILE_BYTES, what);
    let profile = entry.profile.as_deref().map(|file| profile(entry, &context.home.join(file))).transpose()?;
    let own = match (&entry.trust, entry.driver) {
        // Nothing is connected, so there is no certificate to believe.
        (_, Driver::Guided) => {
            let guided = guided::Guided::new(entry, profile.as_deref(), context.operator.clone());
            return Ok(Box::new(guided.map_err(|error| unusable(error, entry, context))?));
        }
        (Trust::Nothing, _) => return Err(Failure::new(Exit::Config, "nothing says which certificate to believe")),
        (Trust::Ca(file), _) => TlsTrust::CaFile(read(file, "a CA file")?),
        (Trust::Pinned { certificate, check_host }, _) => {
            let pem = read(certificate, "a certificate")?;
            TlsTrust::Pinned { der: CertificateFacts::from_pem(&pem)?.der, check_host: *check_host }
        }
    };
    // A site takes its certificate along when it moves. The appliance shows
    // that one from when its address is assigned, and its own until then.
    let moved = entry.identity().map(|who| context.home.join(moved_certificate(&who)));
    let trust = match moved.filter(|moved| moved.exists()) {
        Some(moved) => {
            let pem = media::read_bounded(&moved, MAX_FILE_BYTES, "a certificate")?;
            TlsTrust::Moved { own: Box::new(own), der: CertificateFacts::from_pem(&pem)?.der }
        }
        None => own,
    };
    let driver = bomgar::Bomgar::new(entry, &trust, profile.as_deref(), context);
    Ok(Box::new(driver.map_err(|error| unusable(error, entry, context))?))
}

/// What a driver can't be made of: the site's profile, or what the inventory has.
fn unusable(error: WebError, entry: &ApplianceEntry, context: &Context) -> Failure {
    match (&error, &entry.profile) {
        (WebError::BadProfile { .. }, Some(file)) => Failure::from(error).about(context.home.join(file).shown()),
        _ => Failure::from(error).about(&entry.name),
    }
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
    in_utf8(&bytes, path)
}

/// A profile's bytes as text.
fn in_utf8(bytes: &[u8], path: &Path) -> Result<String, Failure> {
    text::decoded(bytes).ok_or_else(|| {
        Failure::new(Exit::Config, format!("the profile {} is not UTF-8 text", path.shown()))
            .hint("save it again as UTF-8 with an editor")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Half;
    use crate::console::{Console, Globals, Scripted, SharedOperator};
    use crate::inventory::Inventory;

    #[test]
    fn a_driver_asks_whoever_answers_the_verb() {
        let folder = tempfile::tempdir().expect("a folder");
        let home = Some(folder.path().to_path_buf());
        let globals = Globals { home, quiet: true, no_color: true, ..Globals::default() };
        let answers = ["SER-1", "B200", "3.4.0", "10.6.2", ""];
        let mut context = Context::open(Half::Inside, &globals, Console::new("test", &globals)).expect("a context");
        context.operator = SharedOperator::new(Scripted::new(answers));
        let inventory = "[appliances.box]\nurl = \"https://box.example.com\"\ndriver = \"guided\"\n";
        std::fs::create_dir_all(context.home.root()).expect("made");
        std::fs::write(context.home.join("inventory.toml"), inventory).expect("written");
        let entry = Inventory::read(&context.home).expect("reads").appliance("box").expect("it is there").clone();
        let mut appliance = connect(&entry, &context).expect("connects");
        assert_eq!(appliance.status().expect("it was typed").appliance.serial, "SER-1");
        assert_eq!(appliance.answered().len(), answers.len(), "what was typed is there to be written down");
    }
}
