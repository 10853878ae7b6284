//! The verb `approve`: a second person's word for what will be pressed, and
//! what push and update ask of it.
//!
//! It is asked for where the trust in force has a line for approvals alone
//! (`namespaces="handcarry-approval"`): who works the appliance can't take that
//! away by themselves, since trust changes only by signed updates.

use super::appliance_session::parse_digest;
use crate::cli::{Context, KeyArgs, list_kept_papers, read_paper, write_paper};
use crate::console::{Operator, kind};
use crate::engine::{Approvals, Approved, FirstPress};
use crate::events::SecurityEvent;
use crate::inside::question::InsideQuestion;
use crate::model::{Exit, Failure, FileName, Sha256Digest, ShowPath, Timestamp};
use crate::trust::{Namespace, TrustStore};
use clap::Args;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Longest name of an option that sets a refusal aside, in bytes: twice our longest.
const MAX_WORD_BYTES: usize = 48;

/// Approve, as a second person, what push or update will do
///
/// Where trust has a key for approvals (its line has namespaces="handcarry-approval"), nothing is pressed without
/// one. Look at the plan yourself before, with 'plan' or 'update --dry-run': its SHA-256 is of the whole procedure, and
/// stays the same over its waits. The same is: ssh-keygen -Y sign -n handcarry-approval
#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// The SHA-256 of the procedure, as the plan shows it
    #[arg(value_name = "SHA256", value_parser = parse_digest)]
    plan: Sha256Digest,
    /// Also that this refusal is set aside: what follows --dangerous- in its option; repeatable
    #[arg(long, value_name = "WORD", value_parser = parse_word)]
    set_aside: Vec<String>,
    #[command(flatten)]
    key: KeyArgs,
}

/// The paper that is signed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanApproval {
    /// Always 1.
    format: u32,
    /// SHA-256 of the procedure: appliances, bundles and packages in their order.
    plan_sha256: Sha256Digest,
    /// The refusals that may be set aside with it.
    set_aside: Vec<String>,
    created: Timestamp,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]; then nothing was signed.
pub fn run(args: &ApproveArgs, context: &mut Context) -> Result<(), Failure> {
    let Some(store) = approvers(context)? else {
        return Err(Failure::new(
            Exit::NothingToDo,
            "nothing was signed: trust has no key for approvals, so none is asked for",
        )
        .hint(
            "a line with namespaces=\"handcarry-approval\" asks for one: handcarry-inside trust add, or a trust update",
        ));
    };
    let question = InsideQuestion::ApprovePlan { plan: args.plan, set_aside: also(&args.set_aside) };
    if !context.operator.confirm(&question)? {
        return Err(
            Failure::new(Exit::Declined, "nothing was signed").hint("look at the plan first: handcarry-inside plan")
        );
    }
    let signer = context.signer(&args.key)?;
    let (now, mine) = (context.now(), signer.public().fingerprint());
    let may = |line: &crate::trust::AllowedSigner| {
        line.key == *signer.public() && line.permits(Namespace::Approval, now).is_ok()
    };
    if store.policy.revokes(signer.public()) || !store.signers.entries().iter().any(may) {
        return Err(Failure::new(
            Exit::KeyUnusable,
            format!("nothing was signed: the key {mine} may not approve here"),
        )
        .hint("sign with a key that trust has for approvals: --key FILE or --agent KEY; handcarry-inside trust list"));
    }
    let paper = PlanApproval { format: 1, plan_sha256: args.plan, set_aside: args.set_aside.clone(), created: now };
    let stem = FileName::from_foreign(&format!("{}-{}", args.plan.short(), now.compact()));
    let path = write_paper(&folder(context), &stem, &paper, Namespace::Approval, &signer)?;
    context.log(&SecurityEvent::Approved {
        plan_sha256: args.plan.to_string(),
        set_aside: args.set_aside.clone(),
        fingerprint: mine.clone(),
    });
    context.console.event(
        &kind::APPROVED,
        serde_json::json!({ "plan_sha256": args.plan, "set_aside": args.set_aside, "key": mine, "file": path }),
    );
    context.console.say(format!("approved by {mine}: {}", path.shown()));
    Ok(())
}

/// A run's first press, with what was agreed to and approved beforehand.
///
/// # Errors
/// A [`Failure`] where trust or the approvals can't be read.
pub(super) fn first_press(agree: Option<Sha256Digest>, context: &Context) -> Result<FirstPress, Failure> {
    let first_press = FirstPress::new(agree);
    Ok(match approvals(context)? {
        Some(approvals) => first_press.with_approvals(approvals),
        None => first_press,
    })
}

/// Refuses a run that sets something aside which nobody approved for any
/// procedure, before anything is asked or written down.
///
/// # Errors
/// As [`Approvals::must_be_approved`].
pub(super) fn check_set_aside(context: &Context) -> Result<(), Failure> {
    if context.typed().dangerous().is_empty() {
        return Ok(());
    }
    match approvals(context)? {
        Some(approvals) => Ok(approvals.must_be_approved(None).map(drop)?),
        None => Ok(()),
    }
}

/// What was approved, and what this run sets aside; `None` where no approval is asked for.
fn approvals(context: &Context) -> Result<Option<Approvals>, Failure> {
    let Some(store) = approvers(context)? else { return Ok(None) };
    let mut given = Vec::new();
    for path in list_kept_papers(&folder(context))? {
        match read_paper::<PlanApproval>(&path, Namespace::Approval, &store, context.now()) {
            Ok(paper) if paper.value.format != 1 => {
                context.console.warn(format!("an approval of another format does not count: {}", path.shown()));
            }
            Ok(paper) => {
                let by: Vec<String> = paper.approval.approvers.iter().map(ToString::to_string).collect();
                let PlanApproval { plan_sha256, set_aside, .. } = paper.value;
                given.push(Approved { plan_sha256, set_aside, by: by.join(", ") });
            }
            Err(failure) => context.console.warn(format!("an approval does not count: {}", failure.message)),
        }
    }
    Ok(Some(Approvals { given, set_aside: context.typed().dangerous() }))
}

/// Who may approve: the trust in force, by which one key is enough. `None`
/// where no line is for approvals.
fn approvers(context: &Context) -> Result<Option<TrustStore>, Failure> {
    let mut store = context.trust_store()?;
    // By its own name and no pattern: `handcarry-*` was written to let a key sign, not to ask for a second person.
    let own = Namespace::Approval.as_str();
    let is_named = |names: &Vec<String>| names.iter().any(|name| name == own);
    // Revoked or over by now, too: the last approver's key gone must not mean that nobody is asked.
    let asked = store.signers.entries().iter().any(|line| line.namespaces.as_ref().is_some_and(is_named));
    // The first person is who presses.
    store.policy.threshold = 1;
    Ok(asked.then_some(store))
}

/// Where approvals are kept.
fn folder(context: &Context) -> PathBuf {
    context.home.join("approvals")
}

fn also(set_aside: &[String]) -> String {
    match set_aside {
        [] => String::new(),
        words => format!(", and these refusals set aside: {}", words.join(", ")),
    }
}

fn parse_word(text: &str) -> Result<String, String> {
    let word = text.strip_prefix("--").unwrap_or(text).trim_start_matches("dangerous-");
    let sound = |c: char| c.is_ascii_lowercase() || c == '-';
    match !word.is_empty() && word.len() <= MAX_WORD_BYTES && word.chars().all(sound) {
        true => Ok(word.to_owned()),
        false => Err("it is a word such as expired or skip-soak".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_named_as_its_option_is() {
        for written in ["skip-soak", "dangerous-skip-soak", "--dangerous-skip-soak"] {
            assert_eq!(parse_word(written), Ok("skip-soak".to_owned()));
        }
        for bad in ["", "--", "Skip", "a b", "x;y"] {
            assert!(parse_word(bad).is_err(), "{bad:?}");
        }
    }
}
