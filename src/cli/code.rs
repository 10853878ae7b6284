//! Download codes that come from a person's hand.

use super::Context;
use super::question::CliQuestion;
use crate::console::Operator;
use crate::model::{DownloadCode, Exit, Failure, Secret};
use std::io::IsTerminal;

/// How often a code is asked for before it counts as none: a typing error, and one more.
const TRIES: usize = 3;

/// Asks for a code until one is taken: each is shown back in groups, and one
/// that looks otherwise than the codes seen so far is asked about. `None` where
/// nothing is typed.
///
/// # Errors
/// A [`Failure`] where nobody answers, or what is typed is taken back each time.
pub fn ask_code(
    ask: &mut dyn FnMut(&mut Context) -> Result<Secret, Failure>,
    context: &mut Context,
) -> Result<Option<DownloadCode>, Failure> {
    // Only a code that was taken back is asked for again. One that can be none
    // at all ends the run at once, because the hint says where to copy it from.
    for _ in 0..TRIES {
        let typed = ask(context)?;
        if typed.is_empty() {
            // An empty line is an answer: there is no code. It must not be counted as a wrong try.
            return Ok(None);
        }
        let code = read_code(typed.reveal())?;
        if is_meant(&code, context)? {
            return Ok(Some(code));
        }
    }
    Err(Failure::new(Exit::Declined, format!("no code was taken in {TRIES} times"))
        .hint("copy it from the appliance's Updates page and run it again"))
}

/// Reads a code as it was typed or kept.
///
/// # Errors
/// A [`Failure`] where it can be none at all.
pub fn read_code(typed: &str) -> Result<DownloadCode, Failure> {
    DownloadCode::parse(typed).ok_or_else(|| {
        Failure::new(
            Exit::Usage,
            "that is no download code: it is empty, longer than 512 bytes, or has other characters than printable ASCII",
        )
        .hint("run it again and copy the code exactly, as the appliance's Updates page shows it")
    })
}

/// Shows a code back and has it confirmed where it looks odd.
///
/// # Errors
/// A [`Failure`] where nobody answers.
pub fn is_meant(code: &DownloadCode, context: &mut Context) -> Result<bool, Failure> {
    // In a log it has no place; at a terminal it stands before whoever typed it.
    let shown = match std::io::stdin().is_terminal() {
        true => code.in_groups(),
        false => code.0.redacted(),
    };
    let Some(why) = code.doubt_typed() else {
        if !context.console.json() {
            context.console.note(format!("code as it was taken: {shown}"));
        }
        return Ok(true);
    };
    Ok(context.operator.confirm(&CliQuestion::IsOddCode { shown, why })?)
}
