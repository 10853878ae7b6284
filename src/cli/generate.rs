//! Man pages and shell completions, made from the command tree.

use super::man;
use crate::console;
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
pub fn generate(what: Generate, mut command: Command) {
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
    console::printed(std::io::stdout().write_all(&page).and_then(|()| std::io::stdout().flush()));
}
