//! What a trust update changes, in words for whoever signs or applies it.

use super::super::keygen::describe_line;
use crate::model::text;
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
    match (old.threshold, new.threshold) {
        (before, after) if before == after => told.push(format!("  needs    {after} distinct keys, as before")),
        (before, after) => told.push(format!("  needs    {after} distinct keys instead of {before}")),
    }
    if !new.note.is_empty() {
        told.push(format!("  note     {}", text::one_line(&new.note)));
    }
    // Said outright, since a signer who reads nothing might think that the listing failed.
    if told.len() == 2 && old.threshold == new.threshold {
        told.push("  changes nothing else".to_owned());
    }
    told
}

/// Tells all that `update` says, one line each.
pub fn whole(update: &TrustUpdate) -> Vec<String> {
    let mut told = vec![format!("Trust version {}, {} distinct keys must sign:", update.version, update.threshold)];
    told.extend(update.signers.iter().map(|line| format!("  trusts   {}", signer(line))));
    told.extend(update.revoked.iter().map(|key| format!("  revoked  {}", text::one_line(key))));
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
