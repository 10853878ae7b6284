//! Making a key: a convenience, since `ssh-keygen -t ed25519` does the same.

use super::{PublicKey, TrustError, files};
use crate::model::{Secret, text};
use ssh_key::rand_core::OsRng;
use ssh_key::{Algorithm, LineEnding, PrivateKey};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Makes an ed25519 key at `path` (for its owner alone) and its public half at
/// `path` with `.pub` added, both durably.
///
/// Without a passphrase the private key is stored as it is; with one it is
/// encrypted as OpenSSH does by default (AES-256-CTR, bcrypt-pbkdf, 16 rounds).
/// Neither file is ever overwritten; where one can't be made, neither is left.
///
/// # Errors
/// [`TrustError::KeyExists`], [`TrustError::KeyUnwritten`], [`TrustError::KeyNotMade`].
pub fn generate_key(path: &Path, comment: &str, passphrase: Option<&Secret>) -> Result<PublicKey, TrustError> {
    let public_path = beside(path);
    for wanted in [path, &public_path] {
        // Asked before the work; what makes sure is `create_new` below.
        if wanted.symlink_metadata().is_ok() {
            return Err(TrustError::KeyExists { path: wanted.to_owned() });
        }
    }
    let not_made = |error: ssh_key::Error| TrustError::KeyNotMade { why: error.to_string() };
    let mut key = PrivateKey::random(&mut OsRng, Algorithm::Ed25519).map_err(not_made)?;
    key.set_comment(text::one_line(comment));
    let public = PublicKey::from_data(key.public_key().key_data(), key.comment())
        .map_err(|why| TrustError::KeyNotMade { why })?;
    if let Some(passphrase) = passphrase {
        key = key.encrypt(&mut OsRng, passphrase.reveal()).map_err(not_made)?;
    }
    let private_text = key.to_openssh(LineEnding::LF).map_err(not_made)?;

    let private = Made::write(path, true, private_text.as_bytes())?;
    let public_file = Made::write(&public_path, false, format!("{}\n", public.openssh()).as_bytes())?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    files::sync_folder(folder).map_err(|source| unwritten(path, source))?;
    private.keep();
    public_file.keep();
    Ok(public)
}

/// `path` with `.pub` added to its name, as ssh-keygen does.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    PathBuf::from(name)
}

fn unwritten(path: &Path, source: io::Error) -> TrustError {
    match source.kind() {
        io::ErrorKind::AlreadyExists => TrustError::KeyExists { path: path.to_owned() },
        _ => TrustError::KeyUnwritten { path: path.to_owned(), source },
    }
}

/// A file that is removed again unless it is kept.
struct Made<'a> {
    path: &'a Path,
    kept: bool,
}

impl<'a> Made<'a> {
    fn write(path: &'a Path, private: bool, bytes: &[u8]) -> Result<Self, TrustError> {
        let mut file = files::create_new(path, private).map_err(|source| unwritten(path, source))?;
        let made = Made { path, kept: false };
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|source| unwritten(path, source))?;
        Ok(made)
    }

    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Made<'_> {
    fn drop(&mut self) {
        if !self.kept {
            // The error that led here is the one to tell.
            let _ = std::fs::remove_file(self.path);
        }
    }
}
