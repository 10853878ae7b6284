//! The verb `trust apply`: signed updates from a medium become the trust in force.

use super::super::high_water::sound_time;
use crate::cli::{Context, change, copy_signers, find_updates, keep_version, read_signed};
use crate::console::{Operator, kind};
use crate::events::SecurityEvent;
use crate::inside::question::InsideQuestion;
use crate::model::{Exit, Failure, ShowPath, text};
use crate::trust::{Approval, MAX_UPDATE_BYTES, Succession, Trusted, succeed};
use clap::Args;
use std::path::{Path, PathBuf};

/// Apply signed trust updates from a medium, one version after the other
///
/// Each must follow the version in force by exactly one, be approved by the
/// old threshold and by the new one, and is shown before it is applied.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// Where the medium is mounted, or one update's file
    #[arg(value_name = "MEDIA|FILE")]
    from: PathBuf,
}

pub(super) fn run(args: &ApplyArgs, context: &mut Context) -> Result<(), Failure> {
    sound_time(context)?;
    // Of two that apply at once each would keep its own signatures.
    let _turn = context.home.turn("trust")?;
    let folder = context.home.trust();
    let in_force = Trusted::read(&folder)?.update;
    copy_signers(&folder, &in_force)?;
    let version = in_force.version;
    // Each is judged by the one before it, which may have been applied a moment ago.
    for path in in_turn(find_updates(&args.from)?, version) {
        apply(&path, &folder, context)?;
    }
    Ok(())
}

/// Chooses what to look at: all that follow the version in force one by one;
/// where none does, the nearest, so that it is told why it can't be applied.
fn in_turn(found: Vec<(Option<u64>, PathBuf)>, version: u64) -> Vec<PathBuf> {
    let mut next = version + 1;
    let mut turn = Vec::new();
    for (number, path) in &found {
        if number.is_none_or(|number| number == next) {
            turn.push(path.clone());
            next += 1;
        }
    }
    if turn.is_empty() {
        let later = found.iter().find(|(number, _)| number.is_some_and(|number| number > version));
        turn.extend(later.or(found.last()).map(|(_, path)| path.clone()));
    }
    turn
}

fn apply(path: &Path, folder: &Path, context: &mut Context) -> Result<(), Failure> {
    let current = Trusted::read(folder)?;
    // Signers have times, and a version was made at one: a clock that stands
    // before that can judge neither.
    let now = sound_time(context)?;
    let signed = read_signed(path, MAX_UPDATE_BYTES, "a trust update")?;
    let next = succeed(&current, &signed.bytes, &signed.signatures, now)
        .map_err(|error| Failure::from(error).about(path.shown()))?;

    change(&current.update, &next.update).iter().for_each(|line| context.console.say(line));
    context.console.say(format!("  approved by the old trust: {}", names(&next.by_old)));
    context.console.say(format!("  approved by the new trust: {}", names(&next.by_new)));
    if !context.operator.confirm(&InsideQuestion::ApplyTrust)? {
        return Err(Failure::new(Exit::Declined, format!("trust stays at version {}", current.update.version)));
    }
    keep_version(folder, &current, &next, &signed, now)?;
    context.console.event(&kind::TRUST_APPLIED, event(&next));
    context.log_all(&logged(&current, &next));
    context.log_ignored(&path.shown(), &next.by_old);
    context.console.say(format!("Trust is at version {} now", next.update.version));
    Ok(())
}

/// What the event log keeps of it.
fn logged(current: &Trusted, next: &Succession) -> Vec<SecurityEvent> {
    let (version, update) = (next.update.version, &next.update);
    let mut events = vec![SecurityEvent::TrustApplied {
        version,
        sha256: next.sha256.to_string(),
        threshold: update.threshold,
        by_old: keys(&next.by_old),
        by_new: keys(&next.by_new),
    }];
    let new = update.revoked.iter().filter(|key| !current.update.revoked.contains(key));
    events.extend(new.map(|key| SecurityEvent::KeyRevoked { fingerprint: key.clone(), version }));
    events
}

fn keys(approval: &Approval) -> Vec<String> {
    approval.approvers.iter().map(|approver| approver.fingerprint.clone()).collect()
}

fn names(approval: &Approval) -> String {
    let all: Vec<String> = approval.approvers.iter().map(ToString::to_string).collect();
    text::one_line(&format!("{}, of {} needed", all.join(", "), approval.threshold))
}

fn event(next: &Succession) -> serde_json::Value {
    serde_json::json!({
        "version": next.update.version, "sha256": next.sha256, "threshold": next.update.threshold,
        "trust_threshold": next.update.trust_threshold, "renew_by": next.update.renew_by,
        "signers": next.update.signers, "revoked": next.update.revoked,
        "by_old": keys(&next.by_old), "by_new": keys(&next.by_new),
    })
}
