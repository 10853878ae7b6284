//! One question before the first press, for all appliances of a run: each
//! tells what it would do, then a person agrees once.

use super::agreed;
use super::run::{each, heard, program};
use crate::cli::Context;
use crate::console::{Operator, OperatorError, TypedCommand, kind};
use crate::engine::EngineError;
use crate::inside::question::InsideQuestion;
use crate::model::{AGAIN, Failure, Sha256Digest, text};
use crate::plan::Terms;
use serde_json::Value;
use std::path::Path;

/// What one of them would do.
enum Ahead {
    /// This, which is agreed to by its digest.
    Press { plan_sha256: Sha256Digest, presses: bool, line: String, advice: Option<String> },
    /// Nothing is left to do; `used` where the bundle's use is over, too.
    Nothing { used: bool },
    /// It can't be told now.
    Unknown(String),
}

/// What each of them would do, told.
pub(super) struct Told {
    /// The digest that each is agreed to by; `None` for one whose plan is not known.
    digests: Vec<Option<Sha256Digest>>,
    /// The digest that all of it is agreed to by.
    plan_sha256: Sha256Digest,
    /// Whether any of them would press something now.
    presses: bool,
    /// Whether each is done, so that no run need begin for it.
    done: Vec<bool>,
}

/// Has each tell what it would do. `commands` are names and the commands for them.
pub(super) fn tell(
    commands: &[(String, TypedCommand)],
    at_once: usize,
    context: &mut Context,
) -> Result<Told, Failure> {
    let program = program()?;
    let ahead = each(commands, at_once, |(_, command)| look(&program, command));
    let digests: Vec<Option<Sha256Digest>> = ahead.iter().map(Ahead::digest).collect();
    let known: Vec<Sha256Digest> = digests.iter().flatten().copied().collect();
    let plan_sha256 = Terms::many(&known).sha256();
    let presses = ahead.iter().any(|one| matches!(one, Ahead::Press { presses: true, .. }));
    let done = ahead.iter().map(|one| matches!(one, Ahead::Nothing { used: true })).collect();
    say(commands, &ahead, plan_sha256, context);
    Ok(Told { digests, plan_sha256, presses, done })
}

impl Told {
    /// Whether each is done.
    pub(super) fn done(&self) -> Vec<bool> {
        self.done.clone()
    }

    /// The digest by which what is left is agreed to: the one that was given
    /// `beforehand`, where that is of this too.
    pub(super) fn agreed_by(&self, beforehand: Option<Sha256Digest>, context: &Context) -> Sha256Digest {
        beforehand.filter(|given| agreed::covers(*given, &self.known(), context)).unwrap_or(self.plan_sha256)
    }

    fn known(&self) -> Vec<Sha256Digest> {
        self.digests.iter().flatten().copied().collect()
    }

    /// Asks once for all, where any of them would press something now, and
    /// returns the digest that each is handed; `None` for one whose plan is not
    /// known, which then presses nothing.
    ///
    /// # Errors
    /// [`EngineError::Declined`] where nobody agrees; [`EngineError::PlanChanged`] where something
    /// else was agreed to `beforehand`.
    pub(super) fn agree(
        self,
        beforehand: Option<Sha256Digest>,
        context: &mut Context,
    ) -> Result<Vec<Option<Sha256Digest>>, Failure> {
        let (known, by) = (self.known(), self.agreed_by(beforehand, context));
        match beforehand {
            // Where nothing is known that would be pressed, a word for yesterday's plan harms nobody.
            Some(given) if given == by || known.is_empty() => {}
            Some(given) => return Err(EngineError::PlanChanged { given, is: by }.into()),
            None if self.presses => confirm(known.len(), by, context)?,
            // What only waits needs no word. Should one come to a press all the same, it has none and stops.
            None => return Ok(vec![None; self.digests.len()]),
        }
        if by == self.plan_sha256 {
            agreed::keep(by, &known, context)?;
        }
        Ok(self.digests)
    }
}

impl Ahead {
    fn digest(&self) -> Option<Sha256Digest> {
        match self {
            Ahead::Press { plan_sha256, .. } => Some(*plan_sha256),
            Ahead::Nothing { .. } | Ahead::Unknown(_) => None,
        }
    }
}

/// Has one of them tell what it would do. Where a person is needed it is told as not known, and nothing is pressed there.
fn look(program: &Path, command: &TypedCommand) -> Ahead {
    let heard = match heard(program, &command.and(["--foresee"])) {
        Ok(heard) => heard,
        Err(why) => return Ahead::Unknown(why),
    };
    let words = |event: &Value, key: &str| event[key].as_str().map(text::one_line);
    if let Some(event) = heard.last(&kind::FIRST_PRESS)
        && let Some(plan_sha256) = words(event, "plan_sha256").and_then(|digest| Sha256Digest::from_hex(&digest))
    {
        let line = words(event, "line").unwrap_or_default();
        return Ahead::Press { plan_sha256, presses: event["presses"] == true, line, advice: words(event, "advice") };
    }
    // Only where it says so: one that tells neither is not known, whatever it ended with.
    match heard.last(&kind::NOTHING_LEFT) {
        Some(event) => Ahead::Nothing { used: event["used"] == true },
        None => Ahead::Unknown(heard.why()),
    }
}

fn say(commands: &[(String, TypedCommand)], ahead: &[Ahead], plan_sha256: Sha256Digest, context: &Context) {
    context
        .console
        .event(&kind::FIRST_PRESS_OF_ALL, serde_json::json!({ "plan_sha256": plan_sha256, "count": ahead.len() }));
    context.console.say("to be agreed to, before anything is pressed:");
    for ((name, _), one) in commands.iter().zip(ahead) {
        match one {
            Ahead::Press { line, advice, .. } => {
                context.console.say(format!("  {line}"));
                if let Some(advice) = advice {
                    context.console.warn(format!("{name}: {advice}"));
                }
            }
            Ahead::Nothing { .. } => context.console.say(format!("  {name}: nothing is left to install")),
            Ahead::Unknown(why) => {
                context.console.say(format!("  {name}: not known now, so nothing is pressed there: {why}"));
            }
        }
    }
    context.console.say(format!("  agreed to by the SHA-256 {plan_sha256}"));
}

fn confirm(count: usize, plan_sha256: Sha256Digest, context: &mut Context) -> Result<(), Failure> {
    let question = match count {
        1 => InsideQuestion::BeginOnOne,
        count => InsideQuestion::BeginOnAll { count },
    };
    match context.operator.confirm(&question) {
        Ok(true) => Ok(()),
        Ok(false) => Err(EngineError::Declined { question: question.to_string() }.into()),
        Err(error @ OperatorError::NoAnswer(_)) => {
            let digest = plan_sha256.to_string();
            let agree = ["--agree", &digest];
            let agreed = AGAIN.with(&agree);
            Err(Failure::from(error).hint(format!("run it at a terminal, or agree beforehand: {agreed}")))
        }
        Err(error) => Err(error.into()),
    }
}
