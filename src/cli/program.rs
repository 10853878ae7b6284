//! A half as a program: its command line, and how it ends.

use super::complete::{self, Finders};
use super::help::{self, Manual};
use super::{Context, Generate, Half, generate};
use crate::console::{self, Console, Globals};
use crate::media;
use crate::model::{Failure, Kind};
use clap::{Command, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::ffi::{OsStr, OsString};
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

/// A half as a program.
pub struct Program<V> {
    /// Which half.
    pub half: Half,
    /// What its help adds.
    pub manual: Manual,
    /// The verb that a call without any is.
    pub bare: fn() -> V,
    /// How what may be typed is found, for a shell that completes it.
    pub finders: Finders,
    /// What is due by the home folder, where a verb that went well named nothing.
    pub due: fn(&Context) -> Option<String>,
}

/// On Windows a drive's letter alone means the folder one was in there: here it is the whole drive, as people mean it.
fn whole_drive(typed: OsString) -> OsString {
    match typed.as_encoded_bytes() {
        [letter, b':'] if cfg!(windows) && letter.is_ascii_alphabetic() => {
            [&typed, OsStr::new(r"\")].into_iter().collect()
        }
        _ => typed,
    }
}

/// Runs a half as it was called and returns its exit code; `perform` does the
/// verb that was typed.
pub fn run<V: Subcommand>(
    program: Program<V>,
    perform: impl FnOnce(&mut V, &mut Context) -> Result<(), Failure>,
) -> ExitCode {
    let Program { half, manual, .. } = program;
    // Before anything is typed: a crash must not leave on the disk what was never to be there.
    media::no_dumps();
    let command = Cli::<V>::command().name(half.program()).about(manual.about);
    if complete::answer(&command, half, program.finders) {
        return ExitCode::SUCCESS;
    }
    let shown = if help::is_asked() { help::dress(command.clone(), &manual) } else { command.clone() };
    let parsed = shown
        .try_get_matches_from(std::env::args_os().map(whole_drive))
        .and_then(|matches| Cli::<V>::from_arg_matches(&matches));
    let mut cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return console::mistyped(half.program(), &half.other(), &error),
    };
    let console = Console::new(half.program(), &cli.globals);
    let ended = answer(&program, command, &mut cli, &console, perform);
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
    program: &Program<V>,
    command: Command,
    cli: &mut Cli<V>,
    console: &Console,
    perform: impl FnOnce(&mut V, &mut Context) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if let Some(what) = cli.generate {
        generate(what, program.half, command.after_help(program.manual.all_examples()));
        return Ok(());
    }
    let mut context = Context::open(program.half, &cli.globals, console.clone())?;
    // Only now: before the verb is known there is no command to name as the one that goes on.
    console::on_interrupt(&context.console);
    context.settle_log();
    let verb = cli.verb.get_or_insert_with(program.bare);
    let done = perform(verb, &mut context);
    match &done {
        Err(failure) => context.log_refusal(failure),
        // One of many tells nobody what is next: the run that began it does. A program that reads events knows.
        Ok(()) if console.has_told_next() || console.json() || console::is_one_of_many() => {}
        Ok(()) => (program.due)(&context).iter().for_each(|due| console.next(due)),
    }
    done
}

/// Asserts that each verb stands in one group and has an example, and that each example can be typed.
#[cfg(test)]
pub fn check_manual<V: Subcommand>(half: Half, manual: &Manual) {
    let command = Cli::<V>::command().name(half.program());
    let mut verbs: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
    let mut grouped: Vec<&str> = manual.groups.iter().flat_map(|(_, verbs)| verbs.iter().copied()).collect();
    grouped.retain(|verb| *verb != "help");
    for verb in &verbs {
        let path = format!("{} {verb}", half.program());
        // One that needs nothing said is an example by itself.
        let is_bare = *verb == "next";
        assert!(is_bare || manual.examples_of(&path).is_some(), "{path} has no example");
    }
    verbs.sort_unstable();
    grouped.sort_unstable();
    assert_eq!(verbs, grouped);
    for (what, line) in manual.examples() {
        assert!(what.starts_with("# "), "{what}");
        let line = line.replace("SHA256", &"a".repeat(64));
        let typed = command.clone().try_get_matches_from(line.split(' '));
        assert!(typed.is_ok(), "{line}: {}", typed.expect_err("checked"));
    }
}
