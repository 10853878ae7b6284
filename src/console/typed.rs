//! What is said of a command line that can't be understood.

use super::{Console, Globals};
use crate::language::Tongue;
use crate::model::{Exit, Failure, text};
use clap::ValueEnum;
use std::process::ExitCode;

/// Tells what clap says of a command line, and returns the code to end with:
/// 0 after a help text or a version, that of [`Exit::Usage`] where the line
/// can't be understood, which is told like any other failure.
pub fn mistyped(program: &'static str, other: &OtherHalf, error: &clap::Error) -> ExitCode {
    // Help and version that were asked for are results, so they go to
    // standard output, and a full disk there is a failure.
    if !error.use_stderr() {
        super::printed(error.print());
        return match super::unwritten() {
            Some(failure) => ExitCode::from(console(program).fail(&failure)),
            None => ExitCode::SUCCESS,
        };
    }
    ExitCode::from(console(program).fail(&failure(&error.render().to_string(), other)))
}

/// The voice of a program whose command line was not parsed.
fn console(program: &'static str) -> Console {
    // Nothing was parsed, so how to speak must be seen in the raw words.
    let words = || std::env::args_os().skip(1).take_while(|arg| arg != "--");
    let language = words().skip_while(|word| word != "--language").nth(1);
    let language = language.and_then(|code| Tongue::from_str(code.to_str()?, true).ok());
    let asked = |flag: &str| words().any(|word| word == flag);
    let globals = Globals { language, json: asked("--json"), no_color: asked("--no-color"), ..Globals::default() };
    Console::new(program, &globals)
}

/// The other program: what is typed here may be a verb of that one.
pub struct OtherHalf {
    /// Its name.
    pub program: &'static str,
    /// The verbs that it alone has.
    pub verbs: &'static [&'static str],
}

/// Makes a failure of what clap said: its first paragraph, then its tip or where
/// to read more.
fn failure(said: &str, other: &OtherHalf) -> Failure {
    // clap folds its text to the terminal's width, so line ends in it mean nothing.
    let mut paragraphs = said.split("\n\n").map(text::one_line);
    let first = paragraphs.next().unwrap_or_default();
    let message = first.strip_prefix("error: ").unwrap_or(&first);
    let rest: Vec<String> = paragraphs.collect();
    let after = |word: &str| rest.iter().find_map(|paragraph| paragraph.strip_prefix(word).map(str::to_owned));
    // What is missing is seen best beside the whole of it.
    let usage = after("Usage: ").filter(|_| message.contains("not provided"));
    // A home that the environment names was not typed.
    let usage = usage.map(|usage| format!("it is typed so: {}; --help tells more", usage.replace(" --home <DIR>", "")));
    // That an unknown option could be a value is true of any, and helps nobody.
    let tip = elsewhere(message, other).or(meant(message));
    let tip = tip.or(after("tip: ").filter(|tip| !tip.starts_with("to pass '"))).or(usage);
    Failure::new(Exit::Usage, message)
        .hint(tip.unwrap_or_else(|| "the same with --help tells what it takes".to_owned()))
}

/// That a verb is one of the other program: the likest name here would only lead astray.
fn elsewhere(message: &str, other: &OtherHalf) -> Option<String> {
    let verb = message.strip_prefix("unrecognized subcommand '")?.strip_suffix('\'')?;
    let told = |verb| format!("{verb} is a verb of the other program: {} {verb}", other.program);
    other.verbs.iter().find(|own| **own == verb).map(told)
}

/// The verb that does what an option was thought to do, and what an option takes that another one needs.
fn meant(message: &str) -> Option<String> {
    let told = match message {
        "unexpected argument '--dry-run' found" => "plan tells what push would do, and rehearse plays it through",
        "unexpected argument '--all' found" => "it is for one at a time; --help tells which verbs take --all",
        "the following required arguments were not provided: --topology <ORDER>" => {
            "two appliances were named: say how they are worked, --topology failover-sync, failover-async or migrate"
        }
        "the following required arguments were not provided: --reason <TEXT>" => {
            "say why, for the journal, in ten letters or more: --reason TEXT"
        }
        _ => return None,
    };
    Some(told.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OTHER: OtherHalf = OtherHalf { program: "handcarry-outside", verbs: &["fetch"] };

    fn failure(text: &str) -> Failure {
        super::failure(text, &OTHER)
    }

    #[test]
    fn a_verb_of_the_other_program_is_named_as_that() {
        let tip = "  tip: a similar subcommand exists: 'watch'";
        let said = failure(&format!("error: unrecognized subcommand 'fetch'\n\n{tip}\n\nUsage: x\n"));
        assert_eq!(said.hint, Some("fetch is a verb of the other program: handcarry-outside fetch".into()));
        let said = failure(&format!("error: unrecognized subcommand 'fech'\n\n{tip}\n\nUsage: x\n"));
        assert_eq!(said.hint, Some("a similar subcommand exists: 'watch'".into()));
    }

    #[test]
    fn a_tip_becomes_the_hint() {
        let said = failure(
            "error: unexpected argument '--sign' found\n\n  tip: a similar argument exists: '--cosign'\n\nUsage: x\n",
        );
        assert_eq!(said.message, "unexpected argument '--sign' found");
        assert_eq!(said.hint, Some("a similar argument exists: '--cosign'".into()));
        let said =
            failure("error: these were not provided:\n  <FILE>...\n\nUsage: x <FILE>...\n\nFor more, try '--help'.\n");
        assert_eq!(said.message, "these were not provided: <FILE>...");
        assert_eq!(said.hint, Some("it is typed so: x <FILE>...; --help tells more".into()));
        for (option, hint) in [("--dry-run", "plan tells"), ("--nonsense", "the same with --help")] {
            let tip = format!("  tip: to pass '{option}' as a value, use '-- {option}'");
            let said = failure(&format!("error: unexpected argument '{option}' found\n\n{tip}\n\nUsage: x\n"));
            assert!(said.hint.is_some_and(|said| said.as_part().starts_with(hint)), "{option}");
        }
        let said = failure("error: invalid value\n\nFor more, try '--help'.\n");
        assert_eq!(said.hint, Some("the same with --help tells what it takes".into()));
    }
}
