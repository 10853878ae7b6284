//! What is said of a command line that can't be understood.

use super::{Console, Globals};
use crate::model::{Exit, Failure};
use std::process::ExitCode;

/// Tells what clap says of a command line, and returns the code to end with:
/// 0 after a help text or a version, that of [`Exit::Usage`] where the line
/// can't be understood, which is told like any other failure.
pub fn mistyped(program: &'static str, error: &clap::Error) -> ExitCode {
    // Help and version that were asked for are results, so they go to
    // standard output, and a full disk there is a failure.
    if !error.use_stderr() {
        super::printed(error.print());
        return match super::unwritten() {
            Some(failure) => ExitCode::from(console(program).fail(&failure)),
            None => ExitCode::SUCCESS,
        };
    }
    ExitCode::from(console(program).fail(&failure(&error.render().to_string())))
}

/// The voice of a program whose command line was not parsed.
fn console(program: &'static str) -> Console {
    // Nothing was parsed, so how to speak must be seen in the raw words.
    let asked = |flag: &str| std::env::args_os().skip(1).take_while(|arg| arg != "--").any(|arg| arg == flag);
    let globals = Globals {
        home: None,
        syslog: None,
        json: asked("--json"),
        quiet: false,
        no_color: asked("--no-color"),
        yes: false,
    };
    Console::new(program, &globals)
}

/// Makes a failure of clap's text: its first paragraph, then its tip or where
/// to read more.
fn failure(text: &str) -> Failure {
    // clap folds its text to the terminal's width, so line ends in it mean nothing.
    let mut paragraphs = text.split("\n\n").map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
    let first = paragraphs.next().unwrap_or_default();
    let message = first.strip_prefix("error: ").unwrap_or(&first);
    let rest: Vec<String> = paragraphs.collect();
    let after = |word: &str| rest.iter().find_map(|paragraph| paragraph.strip_prefix(word).map(str::to_owned));
    // What is missing is seen best beside the whole of it.
    let usage = after("Usage: ").filter(|_| message.contains("not provided"));
    // A home that the environment names was not typed.
    let usage = usage.map(|usage| format!("it is typed so: {}; --help tells more", usage.replace(" --home <DIR>", "")));
    let tip = after("tip: ").or(usage);
    Failure::new(Exit::Usage, message)
        .hint(tip.unwrap_or_else(|| "the same with --help tells what it takes".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let said = failure("error: invalid value\n\nFor more, try '--help'.\n");
        assert_eq!(said.hint, Some("the same with --help tells what it takes".into()));
    }
}
