//! A half as a program: its command line, and how it ends.

use super::{Context, Generate, Half, generate};
use crate::console::{self, Console, Globals};
use crate::media;
use crate::model::{Exit, Failure, Kind};
use clap::{Command, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::process::ExitCode;

/// The command line of either half; `V` is its verbs.
#[derive(Debug, Parser)]
#[command(version, propagate_version = false, max_term_width = 100)]
struct Cli<V: Subcommand> {
    #[command(flatten)]
    globals: Globals,
    /// Print the man page or a shell's completions
    #[arg(long, value_name = "WHAT", hide = true)]
    generate: Option<Generate>,
    #[command(subcommand)]
    verb: Option<V>,
}

/// Runs a half as it was called and returns its exit code. `about` is its
/// one-line description, `examples` ends its help; `perform` does the verb that
/// was typed.
pub fn run<V: Subcommand>(
    half: Half,
    about: &'static str,
    examples: &'static str,
    perform: impl FnOnce(&V, &mut Context) -> Result<(), Failure>,
) -> ExitCode {
    // Before anything is typed: a crash must not leave on the disk what was never to be there.
    media::no_dumps();
    let command = Cli::<V>::command().name(half.program()).about(about).after_help(examples);
    let parsed = command.clone().try_get_matches().and_then(|matches| Cli::<V>::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return console::mistyped(half.program(), &error),
    };
    let console = Console::new(half.program(), &cli.globals);
    let ended = answer(half, command, &cli, &console, perform);
    // Told last, because only now it is known how many files share one trouble, and one sentence does for all of them.
    for told in media::take_exposed() {
        console.warn(told);
    }
    let lost = console::unwritten();
    match (ended, lost) {
        (Ok(()), None) => ExitCode::SUCCESS,
        // What was done is done, but a result that nobody has is no success for a script.
        (Ok(()), Some(lost)) => ExitCode::from(console.fail(&lost)),
        (Err(failure), lost) => {
            // The failure keeps the exit code. That its words were lost
            // too is a warning, unless that is the failure itself.
            if let Some(lost) = lost.filter(|_| failure.kind != Kind::OutputLost) {
                console.warn(lost.message);
            }
            ExitCode::from(console.fail(&failure))
        }
    }
}

fn answer<V: Subcommand>(
    half: Half,
    mut command: Command,
    cli: &Cli<V>,
    console: &Console,
    perform: impl FnOnce(&V, &mut Context) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if let Some(what) = cli.generate {
        generate(what, command);
        return Ok(());
    }
    match &cli.verb {
        Some(verb) => {
            let mut context = Context::open(half, &cli.globals, console.clone())?;
            // Only now: before the verb is known there is no command to name as the one that goes on.
            console::on_interrupt(&context.console);
            context.settle_log();
            let done = perform(verb, &mut context);
            if let Err(failure) = &done {
                context.log_refusal(failure);
            }
            done
        }
        None => {
            console.note(command.render_help().to_string());
            Err(Failure::new(Exit::Usage, "no command was given").hint("name one of those listed by --help"))
        }
    }
}
