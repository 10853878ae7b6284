//! Man pages and shell completions, made from the command tree.

use super::man;
use crate::model::{Exit, Failure};
use clap::{Command, ValueEnum};
use std::io::Write;

/// What the hidden `--generate` can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Generate {
    /// The man page, in roff.
    Man,
    /// Completions for bash.
    Bash,
    /// Completions for elvish.
    Elvish,
    /// Completions for fish.
    Fish,
    /// Completions for PowerShell.
    Powershell,
    /// Completions for zsh.
    Zsh,
}

/// Writes what was asked for to stdout.
///
/// # Errors
/// A [`Failure`] where stdout can't be written.
pub fn generate(what: Generate, mut command: Command) -> Result<(), Failure> {
    let name = command.get_name().to_owned();
    let mut page = Vec::new();
    let shell = match what {
        Generate::Man => {
            page = man::page(command.clone()).into_bytes();
            None
        }
        Generate::Bash => Some(clap_complete::Shell::Bash),
        Generate::Elvish => Some(clap_complete::Shell::Elvish),
        Generate::Fish => Some(clap_complete::Shell::Fish),
        Generate::Powershell => Some(clap_complete::Shell::PowerShell),
        Generate::Zsh => Some(clap_complete::Shell::Zsh),
    };
    if let Some(shell) = shell {
        clap_complete::generate(shell, &mut command, name, &mut page);
    }
    match std::io::stdout().write_all(&page) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(unwritable(error)),
        _ => Ok(()),
    }
}

fn unwritable(error: std::io::Error) -> Failure {
    Failure::new(Exit::Failure, format!("can't write to standard output: {error}"))
}
