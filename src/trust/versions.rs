//! The versions of trust that are kept in a folder, and which is in force.
//!
//! `versions/<n>.json` holds version n with its signatures beside it
//! (`<n>.json.<k>.sig`); the highest number is in force. A version is one
//! file that appears by one rename, so there is no moment between two. Each
//! version from the first on is verified again whenever trust is read. Where
//! there is none, the trust is what was set up by hand in `allowed_signers`
//! and `policy.toml`: version 0. Keys revoked in `policy.toml` never count,
//! whatever version is in force, so that whoever owns the machine can revoke
//! a key at once.

use super::approve::MAX_SIGNATURES;
use super::sshsig::{MAX_SIGNATURE_BYTES, signature_path};
use super::succession::succeeded;
use super::trusted::Trusted;
use super::update::MAX_UPDATE_BYTES;
use super::{AllowedSigners, TrustError, TrustPolicy, TrustStore, TrustUpdate, files};
use crate::model::ShowPath;
use std::io;
use std::path::{Path, PathBuf};

/// Most names looked at in the folder of versions: a change a day for decades.
const MAX_VERSION_FILES: usize = 100_000;

impl Trusted {
    /// Reads the trust in force in `folder`.
    ///
    /// # Errors
    /// [`TrustError::FileUnreadable`], [`TrustError::LimitExceeded`] and what
    /// reading the files finds; a faulty version is never passed over for an older one.
    pub fn read(folder: &Path) -> Result<Self, TrustError> {
        match versions(folder)?.last() {
            Some(last) => Self::read_chain(folder, *last),
            None => {
                let store = by_hand(folder)?;
                let update = TrustUpdate::bootstrap(&store)?;
                Ok(Trusted { sha256: update.sha256(), update, store })
            }
        }
    }

    /// Goes from what was set up by hand to `last`, and has each version
    /// approved again: whoever could write here could have changed any of them.
    fn read_chain(folder: &Path, last: u64) -> Result<Self, TrustError> {
        let mut trusted = Trusted::of(read_update(folder, 0)?)?;
        if trusted.update.version != 0 {
            return Err(broken(folder, 0, "it is of another version than its name says"));
        }
        for version in 1..=last {
            let update = read_update(folder, version)?;
            if update.version != version {
                return Err(broken(folder, version, "it is of another version than its name says"));
            }
            let signatures = kept_signatures(folder, version)?;
            succeeded(&trusted, &update, &signatures).map_err(|error| broken(folder, version, &error.to_string()))?;
            trusted = Trusted::of(update)?;
        }
        for key in TrustPolicy::read(&folder.join("policy.toml"))?.revoked {
            if !trusted.store.policy.revoked.contains(&key) {
                trusted.store.policy.revoked.push(key);
            }
        }
        Ok(trusted)
    }
}

fn broken(folder: &Path, version: u64, why: &str) -> TrustError {
    TrustError::VersionsBroken { path: version_path(folder, version), why: why.to_owned() }
}

/// The signatures beside a kept version.
fn kept_signatures(folder: &Path, version: u64) -> Result<Vec<Vec<u8>>, TrustError> {
    let path = version_path(folder, version);
    let mut signatures = Vec::new();
    for number in 1..=MAX_SIGNATURES {
        let beside = signature_path(&path, number);
        match files::read_text(&beside, MAX_SIGNATURE_BYTES as u64)? {
            Some(signature) => signatures.push(signature.into_bytes()),
            // Without a gap, as they were written. Where one is missing
            // the version fails, and no later file counts in its place.
            None => break,
        }
    }
    Ok(signatures)
}

/// Reads what was set up by hand. Where `allowed_signers` is missing nobody is
/// trusted; where `policy.toml` is, one signer suffices.
fn by_hand(folder: &Path) -> Result<TrustStore, TrustError> {
    Ok(TrustStore {
        signers: AllowedSigners::read(&folder.join("allowed_signers"))?,
        policy: TrustPolicy::read(&folder.join("policy.toml"))?,
    })
}

/// The numbers of the signed versions in `folder`, rising; none where trust
/// was only ever set up by hand.
///
/// # Errors
/// [`TrustError::FileUnreadable`], [`TrustError::LimitExceeded`].
pub fn versions(folder: &Path) -> Result<Vec<u64>, TrustError> {
    let folder = folder.join("versions");
    let unreadable = |source| TrustError::FileUnreadable { path: folder.clone(), source };
    let entries = match std::fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(unreadable)?,
    };
    let mut numbers = Vec::new();
    for (count, entry) in entries.enumerate() {
        if count == MAX_VERSION_FILES {
            let limit = format!("{MAX_VERSION_FILES} files");
            return Err(TrustError::LimitExceeded { what: folder.shown(), limit });
        }
        let name = entry.map_err(unreadable)?.file_name();
        // Version 0 is kept for the record only: it is in force through the files it was made from.
        numbers.extend(name.to_str().and_then(version_of).filter(|number| *number > 0));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Reads one version that is kept in `folder`.
///
/// # Errors
/// [`TrustError::FileUnreadable`] where it is not there, and those of [`TrustUpdate::parse`].
pub fn read_update(folder: &Path, version: u64) -> Result<TrustUpdate, TrustError> {
    let path = version_path(folder, version);
    let missing = || TrustError::FileUnreadable { path: path.clone(), source: io::ErrorKind::NotFound.into() };
    let text = files::read_text(&path, MAX_UPDATE_BYTES)?.ok_or_else(missing)?;
    TrustUpdate::parse(text.as_bytes()).map_err(|error| TrustError::VersionsBroken { path, why: error.to_string() })
}

/// Where version `version` is kept in `folder`.
pub fn version_path(folder: &Path, version: u64) -> PathBuf {
    folder.join("versions").join(format!("{version}.json"))
}

/// The number in `<n>.json`, written as [`version_path`] writes it.
fn version_of(name: &str) -> Option<u64> {
    let number = name.strip_suffix(".json")?;
    // `01.json` and `+1.json` would be further names of version 1.
    number.parse().ok().filter(|parsed: &u64| parsed.to_string() == number)
}
