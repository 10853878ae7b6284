//! `lab.json`: where a running lab is found.

use super::LabError;
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Longest `lab.json`, in bytes; a real one is under 2 KiB.
const MAX_RECORD_BYTES: u64 = 64 * 1024;

/// Where a lab is found and how to get in. Its file appears last, whole, when
/// the lab is ready, and goes when the lab stops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabFacts {
    /// The vendor's update server.
    pub vendor: String,
    /// The appliance; its pages are at `/appliance` and `/login`.
    pub appliance: String,
    /// The second appliance of a pair; `None` where there is one only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// The authority that the vendor's certificate is from.
    pub ca: PathBuf,
    /// The appliance's own self-signed certificate.
    pub appliance_certificate: PathBuf,
    /// That certificate's fingerprint, `SHA256:36:20:…`.
    pub appliance_fingerprint: String,
    /// User at `/appliance`.
    pub appliance_user: String,
    /// File with the password at `/appliance`.
    pub appliance_password_file: PathBuf,
    /// User at `/login`.
    pub login_user: String,
    /// File with the password at `/login`.
    pub login_password_file: PathBuf,
    /// A file with the passphrase for exported private keys.
    pub key_passphrase_file: PathBuf,
    /// OAuth client id of the API account.
    pub api_client_id: String,
    /// File with that account's client secret.
    pub api_secret_file: PathBuf,
    /// The control port, plain HTTP on loopback.
    pub control: String,
    /// File with the token that the control port asks for.
    pub control_token_file: PathBuf,
    /// The lab's process.
    pub pid: u32,
}

impl LabFacts {
    /// Where a lab in `dir` records itself.
    pub fn path(dir: &Path) -> PathBuf {
        dir.join("lab.json")
    }

    /// Reads the record of the lab in `dir`.
    ///
    /// # Errors
    /// [`LabError::NotRunning`] where there is none, [`LabError::Record`]
    /// where it does not read as one.
    pub fn read(dir: &Path) -> Result<Self, LabError> {
        let path = Self::path(dir);
        let text = match read_small(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(LabError::NotRunning(dir.to_path_buf()));
            }
            other => other.map_err(|error| LabError::File(path.clone(), error))?,
        };
        serde_json::from_str(&text).map_err(|error| LabError::Record { path, why: error.to_string() })
    }

    /// Reads the token that the control port asks for.
    pub(super) fn control_token(&self) -> std::io::Result<String> {
        Ok(read_small(&self.control_token_file)?.trim().to_owned())
    }

    /// Writes the record whole or not at all.
    pub(super) fn write(&self, dir: &Path) -> Result<(), LabError> {
        let text = serde_json::to_string_pretty(self).expect("strings and paths in UTF-8 serialise") + "\n";
        let path = Self::path(dir);
        // Whoever starts a lab looks for this file again and again, and must never read half of it.
        let draft = dir.join("lab.json.new");
        write_private(&draft, text.as_bytes())?;
        std::fs::rename(&draft, &path).map_err(|error| LabError::File(path, error))
    }

    /// Takes the record away: this lab is no more.
    pub(super) fn remove(dir: &Path) {
        let _ = std::fs::remove_file(Self::path(dir));
    }
}

fn read_small(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(MAX_RECORD_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

/// Writes a file that only its owner may read; an older one is replaced.
pub(super) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), LabError> {
    let fail = |error| LabError::File(path.to_path_buf(), error);
    // A file that is there would keep the mode it had.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(fail(error)),
        _ => {}
    }
    let mut file = owner_only(std::fs::OpenOptions::new().write(true).create_new(true)).open(path).map_err(fail)?;
    file.write_all(bytes).map_err(fail)
}

#[cfg(unix)]
fn owner_only(options: &mut std::fs::OpenOptions) -> &mut std::fs::OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn owner_only(options: &mut std::fs::OpenOptions) -> &mut std::fs::OpenOptions {
    options
}
