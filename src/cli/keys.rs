//! The signing key.

use super::Context;
use crate::cli::question::CliPrompt;
use crate::console::Operator;
use crate::media::{MAX_SECRET_BYTES, secret_file};
use crate::model::{Exit, Failure, Secret, ShowPath};
use crate::trust::{Signer, TrustError};
use clap::Args;
use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

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
    /// The passphrase is the first line of standard input, by the run that began this one
    #[arg(long, hide = true)]
    pub passphrase_stdin: bool,
}

/// How often a passphrase is asked for.
// A slip, and one more. A key file has no lock-out, so the number only ends a loop that nobody watches.
pub(super) const PASSPHRASE_TRIES: usize = 3;

impl Context {
    /// Opens the key that signs; asks for its passphrase only where it has one.
    ///
    /// # Errors
    /// A [`Failure`] where there is no key, it can't be used, or the passphrase is wrong.
    pub fn signer(&mut self, args: &KeyArgs) -> Result<Signer, Failure> {
        if let Some(which) = &args.agent {
            return Ok(Signer::from_agent(which)?);
        }
        let path = self.key_path(args);
        // A key that was named must be there. Only the default one may
        // be missing, and then the person is told how to make it.
        if args.key.is_none() && !path.exists() {
            let program = self.console.program();
            return Err(Failure::new(Exit::KeyUnusable, format!("there is no signing key at {}", path.shown()))
                .hint(format!("make one with '{program} keygen', or name one with --key FILE or --agent KEY")));
        }
        let mut given = match args.passphrase_stdin {
            true => Some(passphrase_of_stdin()?),
            false => args.passphrase_file.as_deref().map(secret_file).transpose()?,
        };
        match given.is_some() {
            // A passphrase that was given is tried once: nobody is there to type another.
            true => Ok(Signer::from_file(&path, &mut || given.take())?),
            false => Ok(self.unlock(&path)?.0),
        }
    }

    /// Asks once for the passphrase of the key that many runs will sign with,
    /// and tries it; `None` where none is to be asked for.
    ///
    /// # Errors
    /// As [`signer`](Self::signer).
    pub fn passphrase_for_many(&mut self, args: &KeyArgs) -> Result<Option<Secret>, Failure> {
        let path = self.key_path(args);
        // What is wrong with the key itself, each run says for itself.
        match args.agent.is_some() || args.passphrase_file.is_some() || !path.exists() {
            true => Ok(None),
            false => Ok(self.unlock(&path)?.1),
        }
    }

    /// Where the key that signs lies.
    fn key_path(&self, args: &KeyArgs) -> PathBuf {
        args.key.clone().unwrap_or_else(|| self.home.signing_key())
    }

    /// Opens a key, asking for its passphrase where it has one, thrice at most.
    fn unlock(&mut self, path: &Path) -> Result<(Signer, Option<Secret>), Failure> {
        let prompt = CliPrompt::Passphrase { key: path.shown().to_string() };
        let mut wrong: Option<Failure> = None;
        let mut left = PASSPHRASE_TRIES;
        loop {
            let (mut trouble, mut typed) = (None, None);
            let operator = &mut self.operator;
            let signer = Signer::from_file(path, &mut || {
                let secret = operator.secret(&prompt).map_err(|error| trouble = Some(error)).ok()?;
                typed = Some(Secret::new(secret.reveal().to_owned()));
                Some(secret)
            });
            if let Some(error) = trouble {
                // Whoever typed a wrong one, and then nothing, is told that it was wrong.
                return Err(wrong.unwrap_or_else(|| error.into()));
            }
            let failure = match signer {
                Ok(signer) => return Ok((signer, typed)),
                Err(error @ TrustError::WrongPassphrase { .. }) => Failure::from(error),
                Err(error) => return Err(error.into()),
            };
            left -= 1;
            // Where nothing was typed, asking again would not help.
            if typed.is_none() || left == 0 {
                return Err(failure);
            }
            self.console.warn(&failure.message);
            wrong = Some(failure);
        }
    }
}

/// Reads the passphrase that the run for many hands on.
fn passphrase_of_stdin() -> Result<Secret, Failure> {
    let mut line = Zeroizing::new(String::new());
    let read = std::io::stdin().lock().take(MAX_SECRET_BYTES).read_line(&mut line);
    let line = line.trim_end_matches(['\n', '\r']);
    match read {
        Ok(_) if !line.is_empty() => Ok(Secret::new(line.to_owned())),
        _ => Err(Failure::new(Exit::WrongPassphrase, "no passphrase came on standard input")
            .hint("leave --passphrase-stdin away, and it is asked for")),
    }
}
