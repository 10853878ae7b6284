//! What a trust update changes, in words for whoever signs or applies it.

use super::super::keygen::{describe_line, may_do_both};
use crate::model::{local_time, text};
use crate::trust::{AllowedSigners, TrustUpdate};

/// Tells what `new` changes of `old`, one line each.
pub fn change(old: &TrustUpdate, new: &TrustUpdate) -> Vec<String> {
    let mut told = vec![format!("Trust version {} → {}", old.version, new.version)];
    // Compared as text: both lists are in canonical form, so the same line is the same bytes.
    let missing = |from: &[String], of: &[String]| -> Vec<String> {
        of.iter().filter(|entry| !from.contains(entry)).cloned().collect()
    };
    told.extend(missing(&old.signers, &new.signers).iter().map(|line| format!("  adds     {}", signer(line))));
    told.extend(missing(&new.signers, &old.signers).iter().map(|line| format!("  removes  {}", signer(line))));
    told.extend(missing(&old.revoked, &new.revoked).iter().map(|key| format!("  revokes  {}", text::one_line(key))));
    told.push(match (needed(old), needed(new)) {
        (before, after) if before == after => format!("  needs    {after}, as before"),
        (before, after) => format!("  needs    {after} instead of {before}"),
    });
    if !new.note.is_empty() {
        told.push(format!("  note     {}", text::one_line(&new.note)));
    }
    // Said outright, since a signer who reads nothing might think that the listing failed.
    if told.len() == 2 && needed(old) == needed(new) {
        told.push("  changes nothing else".to_owned());
    }
    told.extend(renewal(new));
    told
}

/// How many must sign.
fn needed(update: &TrustUpdate) -> String {
    match (update.threshold, update.trust_threshold) {
        (bundles, trust) if bundles == trust => format!("{bundles} distinct keys"),
        (bundles, trust) => format!("{bundles} distinct keys ({trust} for a change of trust)"),
    }
}

/// Until when it holds, and which of its keys may do both.
fn renewal(update: &TrustUpdate) -> Vec<String> {
    let mut told: Vec<String> = update.renew_by.iter().map(|by| format!("  renew by {}", local_time(*by))).collect();
    let read = update.signers.iter().filter_map(|line| AllowedSigners::parse(line).ok());
    let both: Vec<String> =
        read.flat_map(|read| read.entries().iter().filter_map(may_do_both).collect::<Vec<_>>()).collect();
    if !both.is_empty() {
        told.push(format!(
            "  warning  {} may sign bundles and change trust: one stolen key does both",
            both.join(", ")
        ));
    }
    told
}

/// Tells all that `update` says, one line each.
pub fn whole(update: &TrustUpdate) -> Vec<String> {
    let mut told = vec![format!("Trust version {}, {} must sign:", update.version, needed(update))];
    told.extend(update.signers.iter().map(|line| format!("  trusts   {}", signer(line))));
    told.extend(update.revoked.iter().map(|key| format!("  revoked  {}", text::one_line(key))));
    told.extend(renewal(update));
    told
}

/// A signer's line as `trust list` shows it, with its times.
fn signer(line: &str) -> String {
    let read = AllowedSigners::parse(line).ok();
    // A line that doesn't read is shown as it stands: whoever signs must see it all the same.
    let Some(entry) = read.as_ref().and_then(|signers| signers.entries().first()) else {
        return text::one_line(line);
    };
    describe_line(entry)
}
