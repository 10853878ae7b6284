//! Completion at a shell: verbs and options by the command line's own tree, and what is known here, such as names of
//! appliances and media, by asking the home folder as it is then.

use super::{Half, Home};
use crate::console;
use crate::media;
use clap::Command;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter};
use clap_complete::env::{CompleteEnv, Shells};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// The variable by which a shell's script asks for completions; its value names the shell.
const ASKED_BY: &str = "HANDCARRY_COMPLETE";

/// What may be typed where an argument stands: each word, and what it is.
pub type Known = Vec<(String, String)>;

/// How that is found.
pub type Finder = fn(&Home) -> Known;

/// How a half finds what may be typed for an argument, by the verb (`store export`) and the argument's id; `None` where
/// it knows nothing beyond the command line itself.
pub type Finders = fn(&str, &str) -> Option<Finder>;

/// The script by which a shell asks the program that is in its path.
pub fn script(shell: &str, half: Half) -> Vec<u8> {
    let shells = Shells::builtins();
    let shell = shells.completer(shell).expect("each shell that can be asked for is known");
    let mut script = Vec::new();
    let name = half.program();
    shell.write_registration(ASKED_BY, name, name, name, &mut script).expect("memory takes all");
    script
}

/// Answers a shell that asks for completions; returns whether one did.
pub(super) fn answer(command: &Command, half: Half, finders: Finders) -> bool {
    let words = || std::env::args_os();
    let asked = CompleteEnv::with_factory(|| taught(command.clone(), "", &home_of(words()), half, finders));
    let here = std::env::current_dir().ok();
    // A shell that is told nothing offers nothing: an error in the midst of a line helps nobody.
    asked.var(ASKED_BY).try_complete(words(), here.as_deref()).unwrap_or_else(|error| {
        console::printed(error.print());
        true
    })
}

/// What `--home` says on the line that is being typed.
fn home_of(words: impl Iterator<Item = OsString>) -> Option<PathBuf> {
    let mut words = words.skip_while(|word| word != "--").skip(1);
    while let Some(word) = words.next() {
        if word == "--home" {
            return words.next().map(PathBuf::from);
        }
        if let Some(home) = word.to_str().and_then(|word| word.strip_prefix("--home=")) {
            return Some(PathBuf::from(home));
        }
    }
    std::env::var_os("HANDCARRY_HOME").filter(|home| !home.is_empty()).map(PathBuf::from)
}

/// The command line with what is known here at each argument that can have it.
fn taught(mut command: Command, verb: &str, home: &Option<PathBuf>, half: Half, finders: Finders) -> Command {
    let ids: Vec<String> = command.get_arguments().map(|arg| arg.get_id().to_string()).collect();
    for id in ids {
        let finder = finders(verb, &id);
        // One id in both halves for where a medium is mounted.
        let is_medium = id == "media";
        if finder.is_some() || is_medium {
            let home = home.clone();
            let offers = move |typed: &OsStr| {
                offers(typed, is_medium, || Some(finder?(&Home::find(home.as_deref(), half).ok()?)))
            };
            command = command.mut_arg(id, |arg| arg.add(ArgValueCompleter::new(offers)));
        }
    }
    command.mut_subcommands(|below| {
        let path = [verb, below.get_name()].join(" ");
        taught(below, path.trim_start(), home, half, finders)
    })
}

/// What begins as typed: of what is known, of the media that are plugged in, and of the files where a medium is meant.
fn offers(typed: &OsStr, is_medium: bool, known: impl Fn() -> Option<Known>) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy();
    let mut words = known().unwrap_or_default();
    if is_medium {
        let roots = media::mounted().into_iter().filter_map(|medium| medium.root.to_str().map(str::to_owned));
        words.extend(roots.map(|root| (root, "plugged in".to_owned())));
    }
    let begins = words.into_iter().filter(|(word, _)| word.starts_with(&*typed));
    let mut offers: Vec<CompletionCandidate> =
        begins.map(|(word, what)| CompletionCandidate::new(word).help(Some(what.into()))).collect();
    if is_medium {
        offers.extend(PathCompleter::any().complete(OsStr::new(&*typed)));
    }
    offers
}
