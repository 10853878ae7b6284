//! The second copy: a vault of the same shape on another disk. A package is
//! safe when two disks have it.

use super::vault::{Joined, StoredPackage, Vault, VaultError};
use crate::cli::Context;
use crate::console::kind;
use crate::media::{self, Bypass, Medium};
use crate::model::{Exit, Failure, ShowPath, text};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Largest settings file, in bytes.
const MAX_SETTINGS_BYTES: u64 = 64 << 10;
/// Room that must stay free on the disk of a copy, in bytes: records take some.
const RESERVE_BYTES: u64 = 16 << 20;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    second: Option<PathBuf>,
}

/// The folder of the second copy: as given, else as vault.toml has it.
///
/// # Errors
/// A [`Failure`] where the settings do not read.
pub fn folder(given: Option<&Path>, context: &Context) -> Result<Option<PathBuf>, Failure> {
    if let Some(given) = given {
        return Ok(Some(given.to_owned()));
    }
    let path = context.home.join("vault.toml");
    if !path.exists() {
        return Ok(None);
    }
    let bytes = media::read_bounded(&path, MAX_SETTINGS_BYTES, "the vault's settings")?;
    let read = String::from_utf8(bytes)
        .map_err(|error| error.to_string())
        .and_then(|words| toml::from_str::<Settings>(&words).map_err(|error| error.to_string()));
    let settings = read.map_err(|why| {
        Failure::new(Exit::Config, format!("{} does not read as it should: {}", path.shown(), text::one_line(&why)))
            .hint("it holds one line: second = \"DIR\"")
    })?;
    Ok(settings.second)
}

/// Brings the second copy up to date with what it lacks; warns where there is none.
///
/// # Errors
/// A [`Failure`] where a copy that was asked for can't be made; the vault
/// itself is untouched.
pub fn keep(vault: &Vault, given: Option<&Path>, context: &Context) -> Result<(), Failure> {
    let Some(folder) = folder(given, context)? else { return warn_lacking(vault, None, context) };
    there(&folder)?;
    let second = open(vault, &folder)?;
    let one_disk = media::same_filesystem(vault.root(), second.root());
    // Warned of and not refused: a copy on the same disk still helps against a slip of the hand.
    if one_disk == Some(true) {
        context.console.warn(format!(
            "the second copy in {} lies on the same filesystem as the vault: what destroys that disk takes both; name a folder on another",
            second.root().shown()
        ));
    }
    let lacking = lacking(vault, &second)?;
    let bytes = copy(vault, &second, &lacking, context)?;
    for kept in &lacking {
        if second.join_record(kept)? == Joined::Differs {
            context
                .console
                .warn(format!("the second copy says something else of {:?}; its record there stays", kept.title));
        }
    }
    second.join_contexts(&vault.contexts()?)?;
    second.join_exchanges(vault, &vault.exchange_digests()?)?;
    if !lacking.is_empty() {
        context.console.say(format!(
            "Second copy of {} packages ({}) in {}, read back",
            lacking.len(),
            text::bytes(bytes),
            second.root().shown()
        ));
    }
    let event = serde_json::json!({ "vault": second.root(), "packages": lacking.len(), "same_filesystem": one_disk });
    context.console.event(&kind::SECOND_COPY, event);
    Ok(())
}

/// Warns of packages that have one copy only.
///
/// # Errors
/// A [`Failure`] where records do not read.
pub fn warn_lacking(vault: &Vault, folder: Option<&Path>, context: &Context) -> Result<(), Failure> {
    let lacking = match folder {
        Some(folder) => lacking(vault, &Vault::look(folder))?,
        None => present(vault)?,
    };
    if !lacking.is_empty() {
        let which = match lacking.len() {
            1 => "a package has one copy only".to_owned(),
            count => format!("{count} packages have one copy only"),
        };
        context.console.warn(format!(
            "{which}; make a second on another disk with 'handcarry-outside vault export DIR', or with each fetch by --also DIR"
        ));
    }
    Ok(())
}

/// That a folder for copies is there: a disk that is not plugged in must not
/// become a folder on another one.
///
/// # Errors
/// A [`Failure`] ([`Exit::MediaMissing`]).
pub fn there(folder: &Path) -> Result<(), Failure> {
    if folder.is_dir() {
        return Ok(());
    }
    Err(Failure::new(Exit::MediaMissing, format!("the folder for the second copy is not there: {}", folder.shown()))
        .hint("plug its disk in, or make the folder; what is in the vault stays there"))
}

/// Opens the vault below `folder` to change it.
///
/// # Errors
/// A [`Failure`] where it is the very same vault, or another run is at work on it.
pub fn open(vault: &Vault, folder: &Path) -> Result<Vault, Failure> {
    // Compared by where they lead: a second path to the same folder would make the vault its own copy.
    let canonical = |path: &Path| path.canonicalize().ok();
    let theirs = canonical(&folder.join("vault"));
    if theirs.is_some() && theirs == canonical(vault.root()) {
        return Err(Failure::new(Exit::Usage, format!("{} holds this very vault", folder.shown()))
            .hint("name a folder on another disk"));
    }
    Ok(Vault::open(folder)?)
}

/// Copies the bytes of `packages` from one vault to another where they are not
/// yet; returns how many bytes were copied.
///
/// # Errors
/// A [`Failure`] before anything is written where there is no room, else of
/// the first that can't be copied.
pub fn copy(from: &Vault, to: &Vault, packages: &[StoredPackage], context: &Context) -> Result<u64, Failure> {
    // Digests are counted once: several records may share the same bytes.
    let mut digests = std::collections::BTreeSet::new();
    let wanted = |kept: &&StoredPackage| !to.object_path(&kept.sha256).exists() && digests.insert(kept.sha256);
    let to_copy: Vec<&StoredPackage> = packages.iter().filter(wanted).collect();
    let total = to_copy.iter().map(|kept| kept.size_bytes).fold(0, u64::saturating_add);
    let free = Medium { root: to.root().to_owned() }.facts().map_err(VaultError::from)?.free_bytes;
    if !to_copy.is_empty() && free < total.saturating_add(RESERVE_BYTES) {
        let needed = text::bytes(total.saturating_add(RESERVE_BYTES));
        return Err(Failure::new(
            Exit::NoSpace,
            format!("no room for the copy: {needed} needed, {} free below {}", text::bytes(free), to.root().shown()),
        )
        .hint("make room there, or name a folder on a larger disk"));
    }
    for kept in to_copy {
        let progress = context.console.progress(&format!("Copying {}", kept.title), kept.size_bytes.saturating_mul(2));
        let bypass = from.copy_object(kept, to, &progress);
        progress.finish();
        if let Bypass::Cached { why } = bypass? {
            context.console.note(format!("{}: the read-back may have come from memory ({why})", kept.title));
        }
    }
    Ok(total)
}

/// The packages whose bytes are here.
fn present(vault: &Vault) -> Result<Vec<StoredPackage>, VaultError> {
    let mut packages = vault.packages()?;
    packages.retain(|kept| vault.has_object(&kept.sha256, kept.size_bytes));
    Ok(packages)
}

fn lacking(vault: &Vault, second: &Vault) -> Result<Vec<StoredPackage>, VaultError> {
    let mut packages = present(vault)?;
    // Bytes and record: a copy without its record would be of no use to anybody.
    packages.retain(|kept| !second.has_object(&kept.sha256, kept.size_bytes) || !second.has_record(kept.id));
    Ok(packages)
}
