//! The signing key, and secrets kept in files.

use super::Desk;
use crate::media;
use crate::model::{Exit, Failure, Secret, ShowPath, text};
use crate::trust::Signer;
use clap::Args;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Longest secret file, in bytes; a passphrase or password is one line.
const MAX_SECRET_BYTES: u64 = 8 * 1024;

/// Which key signs.
#[derive(Debug, Clone, Args)]
pub struct KeyArgs {
    /// Private key to sign with, in OpenSSH's format [default: keys/signing in the home folder]
    #[arg(long, value_name = "FILE", conflicts_with = "agent")]
    pub key: Option<PathBuf>,
    /// Sign with a key that ssh-agent holds: its fingerprint (SHA256:…) or its public key file
    #[arg(long, value_name = "KEY")]
    pub agent: Option<String>,
    /// File whose first line is the key's passphrase [default: asked for]
    #[arg(long, value_name = "FILE", conflicts_with = "agent")]
    pub passphrase_file: Option<PathBuf>,
}

impl Desk {
    /// Opens the key that signs; asks for its passphrase only where it has one.
    ///
    /// # Errors
    /// A [`Failure`] where there is no key, it can't be used, or the passphrase is wrong.
    pub fn signer(&mut self, args: &KeyArgs) -> Result<Signer, Failure> {
        if let Some(which) = &args.agent {
            return Ok(Signer::from_agent(which)?);
        }
        let default = self.home.signing_key();
        let path = args.key.as_deref().unwrap_or(&default);
        if args.key.is_none() && !path.exists() {
            let program = self.console.program();
            return Err(Failure::new(Exit::KeyUnusable, format!("there is no signing key at {}", path.shown()))
                .hint(format!("make one with '{program} keygen', or name one with --key FILE or --agent KEY")));
        }
        let given = args.passphrase_file.as_deref().map(secret_file).transpose()?;
        let mut given = given;
        let operator = &mut self.operator;
        let prompt = format!("Passphrase for {}:", path.shown());
        let mut trouble = None;
        let signer = Signer::from_file(path, &mut || match given.take() {
            Some(secret) => Some(secret),
            None => operator.secret(&prompt).map_err(|error| trouble = Some(error)).ok(),
        });
        match trouble {
            Some(error) => Err(error.into()),
            None => Ok(signer?),
        }
    }
}

/// Reads the first line of a file that holds a secret, without the marks and
/// blanks that an editor put around it: a secret that really begins or ends with
/// a blank is typed at its question.
///
/// # Errors
/// A [`Failure`] where it can't be read, is larger than 8 KiB, empty, not
/// UTF-8, or (on Unix) readable by other users.
pub fn secret_file(path: &Path) -> Result<Secret, Failure> {
    if media::others_may_read(path) {
        return Err(Failure::new(Exit::KeyUnusable, format!("{} can be read by other users", path.shown()))
            .hint(format!("close it: chmod 600 {}", path.quoted())));
    }
    let bytes = Zeroizing::new(media::read_any(path, MAX_SECRET_BYTES, "a file with a secret")?);
    let decoded = text::decoded(&bytes).map(Zeroizing::new).ok_or_else(|| {
        Failure::new(Exit::Config, format!("{} is not UTF-8 text", path.shown()))
            .hint("put the secret on the file's first line, as plain text")
    })?;
    let line = text::trimmed(decoded.lines().next().unwrap_or_default());
    if line.is_empty() {
        return Err(Failure::new(Exit::Config, format!("the first line of {} is empty", path.shown()))
            .hint("put the secret on the file's first line"));
    }
    Ok(Secret::new(line.to_owned()))
}
