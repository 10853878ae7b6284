//! Refusals that are set aside on a person's word: flags, the question, the record.
//!
//! Each has a flag of its own, `--dangerous-…`, and all of them need a reason.
//! Only when a bundle is verified in every other way is its word asked for at
//! the keyboard, and the journal has it before anything goes on.

use crate::bundle::{Delivery, Override};
use crate::cli::Context;
use crate::console::{current_user, kind};
use crate::engine::{Entry, EntryLog, OverrideRequest, RunJournal};
use crate::model::{Exit, Failure, text};
use clap::Args;

/// Longest reason, in bytes: a sentence or two.
const MAX_REASON_BYTES: usize = 512;

/// What may be set aside, and why.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Dangerous, each asked for again and journalled")]
#[group(skip)]
pub struct DangerousArgs {
    /// Accept a bundle whose time is over
    #[arg(long, requires = "reason")]
    dangerous_expired: bool,
    /// Accept a bundle that was sealed later than this machine's clock says it is
    #[arg(long, requires = "reason")]
    dangerous_not_yet_valid: bool,
    /// Accept a bundle that is older than one already accepted
    #[arg(long, requires = "reason")]
    dangerous_rollback: bool,
    /// Accept a bundle that was used up, as after the appliance was restored
    #[arg(long, requires = "reason")]
    dangerous_replayed: bool,
    /// Accept a bundle that answers a request which was not made here
    #[arg(long, requires = "reason")]
    dangerous_wrong_request: bool,
    /// Go on without a clock: the latest trusted or signed time is taken for now
    #[arg(long, requires = "reason")]
    dangerous_clock: bool,
    /// Accept a bundle though the trust here was to be renewed by now
    #[arg(long, requires = "reason")]
    dangerous_overdue_trust: bool,
    /// Why a refusal is set aside; goes into the journal
    #[arg(long, value_name = "TEXT", value_parser = parse_reason)]
    reason: Option<String>,
}

impl DangerousArgs {
    /// Nothing of a bundle is set aside; a `reason` for what else may be.
    pub fn because(reason: Option<String>) -> Self {
        DangerousArgs { reason, ..DangerousArgs::default() }
    }

    /// The refusals that are to be set aside.
    pub fn accepted(&self) -> Vec<Override> {
        let flag = |danger: &Override| match danger {
            Override::Expired => self.dangerous_expired,
            Override::NotYetValid => self.dangerous_not_yet_valid,
            Override::Rollback => self.dangerous_rollback,
            Override::Replayed => self.dangerous_replayed,
            Override::WrongRequest => self.dangerous_wrong_request,
            Override::Clock => self.dangerous_clock,
            Override::OverdueTrust => self.dangerous_overdue_trust,
        };
        Override::ALL.iter().copied().filter(flag).collect()
    }

    /// Refuses to set anything aside for many appliances at once: each needs a
    /// person's word. `further` are flags beside these.
    ///
    /// # Errors
    /// [`Exit::Usage`].
    pub fn check_one_at_a_time(&self, further: bool) -> Result<(), Failure> {
        if self.accepted().is_empty() && !further {
            return Ok(());
        }
        Err(Failure::new(Exit::Usage, "a refusal is set aside for one appliance at a time")
            .hint("name the appliance instead of --all or --group"))
    }

    /// Why a refusal is set aside; `None` where none was given.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Asks once more for each refusal that `bundle` had and that was set
    /// aside, and writes it into `journal`. `bundle` must be verified in every
    /// other way by now.
    ///
    /// # Errors
    /// [`Exit::Declined`] where its word is not typed; a journal's failure.
    pub fn answer_for(
        &self,
        bundle: &Delivery,
        verb: &str,
        journal: Option<&mut EntryLog>,
        context: &mut Context,
    ) -> Result<(), Failure> {
        let refused = bundle.dangerously_accepted();
        for danger in self.accepted() {
            if !refused.iter().any(|error| Override::of(error) == Some(danger)) {
                context.console.note(format!("--dangerous-{} was not needed", danger.word()));
            }
        }
        let (Some(journal), Some(reason)) = (journal, &self.reason) else {
            // No flag, so nothing was set aside.
            return if refused.is_empty() { Ok(()) } else { Err(nowhere_to_write()) };
        };
        for error in refused {
            let Some(danger) = Override::of(error) else { continue };
            let (word, refusal) = (danger.word(), text::one_line(&error.to_string()));
            OverrideRequest { refused: &refusal, meaning: meaning(danger), reason, word, undone: "nothing was done" }
                .set_aside(&context.console, &mut context.operator)?;
            let entry = Entry::DangerousAccepted {
                bundle: bundle.consignment().bundle,
                what: word.to_owned(),
                refused: refusal.clone(),
                reason: reason.clone(),
                by: current_user(),
                verb: verb.to_owned(),
            };
            journal.append(context.now(), &entry)?;
            context.console.event(
                &kind::DANGEROUS_ACCEPTED,
                serde_json::json!({ "what": word, "refused": refusal, "reason": reason, "verb": verb }),
            );
        }
        Ok(())
    }
}

/// What a danger may cost, for who is about to type its word.
fn meaning(danger: Override) -> &'static str {
    match danger {
        Override::Expired => "a newer bundle may have been kept from this desk, with what it repairs",
        Override::NotYetValid => "one of the two clocks is wrong, and waits and expiry can't be relied on",
        Override::Rollback => "what a later bundle repaired may be undone",
        Override::Replayed => "what it holds was installed before and may be installed once more",
        Override::WrongRequest => "it was made for what another request told, not for the state asked about here",
        Override::Clock => {
            "expired bundles and signers can't be told; the latest trusted or signed time is taken for now"
        }
        Override::OverdueTrust => "a revocation may have been kept from this desk, of a key that signed this",
    }
}

/// Says that a set-aside refusal must be journalled somewhere.
pub(super) fn nowhere_to_write() -> Failure {
    Failure::new(Exit::Usage, "a refusal is set aside only where a journal takes it down")
        .hint("say which appliance it is for: --appliance NAME")
}

pub(super) fn parse_reason(text: &str) -> Result<String, String> {
    let reason = text::one_line(text).trim().to_owned();
    match reason.len() {
        0..=9 => Err("a reason has at least ten letters: who reads the journal must understand it".to_owned()),
        10..=MAX_REASON_BYTES => Ok(reason),
        _ => Err(format!("a reason has at most {MAX_REASON_BYTES} bytes")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_something() {
        assert!(parse_reason("because").is_err());
        assert!(parse_reason("          ").is_err());
        assert!(parse_reason(&"x".repeat(MAX_REASON_BYTES + 1)).is_err());
        assert_eq!(parse_reason(" change 4711, agreed by Rui "), Ok("change 4711, agreed by Rui".to_owned()));
    }
}
