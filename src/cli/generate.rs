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
    match shell {
        Some(clap_complete::Shell::Bash) => page = for_bash(&mut command, &name),
        Some(shell) => clap_complete::generate(shell, &mut command, name, &mut page),
        None => {}
    }
    console::printed(std::io::stdout().write_all(&page).and_then(|()| std::io::stdout().flush()));
}

/// The script for bash. In one for a name with a hyphen nothing completes after
/// the verb (clap-rs/clap#6421): it is made for a name without, and bound to the real one.
fn for_bash(command: &mut Command, name: &str) -> Vec<u8> {
    let plain = name.replace('-', "");
    let mut script = Vec::new();
    clap_complete::generate(clap_complete::Shell::Bash, command, plain.as_str(), &mut script);
    let script = String::from_utf8(script).expect("a script is text");
    let bound = |line: &str| match line.trim_start().strip_prefix("complete -F ").and(line.strip_suffix(&plain)) {
        Some(before) => format!("{before}{name}\n"),
        None => format!("{line}\n"),
    };
    script.lines().map(bound).collect::<String>().into_bytes()
}
