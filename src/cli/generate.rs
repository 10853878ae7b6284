//! Man pages and shell completions, made from the command tree.

use super::{Half, complete, man};
use crate::console;
use clap::{Command, ValueEnum};
use std::io::Write;

/// What the hidden `--generate` can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Generate {
    /// The man page, in roff.
    Man,
    /// The man page of events, in roff.
    Events,
    /// The JSON Schema of events.
    EventSchema,
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

impl Generate {
    /// A shell's name; `None` for what is for no shell.
    const fn shell(self) -> Option<&'static str> {
        match self {
            Generate::Man | Generate::Events | Generate::EventSchema => None,
            Generate::Bash => Some("bash"),
            Generate::Elvish => Some("elvish"),
            Generate::Fish => Some("fish"),
            Generate::Powershell => Some("powershell"),
            Generate::Zsh => Some("zsh"),
        }
    }
}

/// Writes what was asked for to stdout.
pub fn generate(what: Generate, half: Half, command: Command) {
    let page = match (what.shell(), what) {
        (Some(shell), _) => complete::script(shell, half),
        (None, Generate::Events) => console::events_page().into_bytes(),
        (None, Generate::EventSchema) => format!("{:#}\n", console::event_schema()).into_bytes(),
        (None, _) => man::page(command).into_bytes(),
    };
    console::printed(std::io::stdout().write_all(&page).and_then(|()| std::io::stdout().flush()));
}
