//! The versions of trust that were in force here: kept, and listed.

use super::super::{Context, Signed, read_signed};
use super::change::{change, whole};
use crate::console::kind;
use crate::media::{self, Mode};
use crate::model::{Failure, Sha256Digest, Timestamp, local_time};
use crate::trust::{
    MAX_SIGNATURES, MAX_UPDATE_BYTES, Namespace, PublicKey, Succession, TrustUpdate, Trusted, read_update,
    signature_path, sound_keys, succeed, verify, version_path, versions,
};
use std::collections::BTreeSet;
use std::path::Path;

/// Keeps an update, approved as following `current`, as the version in force
/// from now on, in `folder`.
///
/// Everything that belongs to it is durable before its own file appears, and
/// that one rename is the switch: a run that is killed leaves the old version
/// in force or the new one. Two that apply at once can't both have it.
///
/// # Errors
/// A [`Failure`] where it can't be made durable, or that version is there already.
pub fn keep_version(
    folder: &Path,
    current: &Trusted,
    next: &Succession,
    signed: &Signed,
    at: Timestamp,
) -> Result<(), Failure> {
    let version = next.update.version;
    let path = version_path(folder, version);
    media::create_dirs(&folder.join("versions"), Mode::Private)?;
    // The hand-made trust is kept as version 0 before the first switch: each
    // version is proved from the one before, and the chain begins there.
    if current.update.version == 0 {
        media::write_durably(&version_path(folder, 0), &current.update.bytes(), Mode::Private)?;
    }
    let counted = counted(next, signed, current, at)?;
    // Every number is dealt with, not only those in use: an old signature
    // under a free number would be read as one of this version.
    for number in 1..=MAX_SIGNATURES {
        let beside = signature_path(&path, number);
        match counted.get(number - 1) {
            Some(signature) => media::write_durably(&beside, signature, Mode::Private)?,
            // What a run that was killed left belongs to no version.
            None if beside.exists() => drop(std::fs::remove_file(&beside)),
            None => {}
        }
    }
    media::write_durably_new(&path, &signed.bytes, Mode::Private)?;
    // The switch is done; this is for people with ssh-keygen only.
    copy_signers(folder, &next.update)
}

/// The signatures that counted, one a key: with these alone the version is
/// verified again whenever trust is read.
fn counted(next: &Succession, signed: &Signed, current: &Trusted, at: Timestamp) -> Result<Vec<Vec<u8>>, Failure> {
    let mut wanted: BTreeSet<&str> = next
        .by_old
        .approvers
        .iter()
        .chain(&next.by_new.approvers)
        .map(|approver| approver.fingerprint.as_str())
        .collect();
    let counts = |signature: &&Vec<u8>| {
        let key = verify(signature, Namespace::Trust, &signed.bytes);
        key.is_ok_and(|key| wanted.remove(key.fingerprint().as_str()))
    };
    let counted: Vec<Vec<u8>> = signed.signatures.iter().filter(counts).take(MAX_SIGNATURES).cloned().collect();
    // What is about to be kept has to be enough by itself; otherwise the next reading would refuse the trust in force.
    succeed(current, &signed.bytes, &counted, at)?;
    Ok(counted)
}

/// Brings the copy of a signed version's signers up to date, which a run that
/// was killed behind the switch left as it was.
///
/// # Errors
/// A [`Failure`] where it can't be made durable.
pub fn copy_signers(folder: &Path, update: &TrustUpdate) -> Result<(), Failure> {
    let version = update.version;
    // A run that was killed behind the switch may have left the version's name in memory only, and here it is acted on.
    media::keep_names(&folder.join("versions"))?;
    let path = folder.join("allowed_signers");
    let head = format!("# Trust version {version}. A copy for ssh-keygen: changes made here have no effect.\n");
    let copy = head + &update.signers_text();
    // Version 0 is the hand-made file itself: written over, its comments would be gone.
    if version == 0 || std::fs::read(&path).is_ok_and(|there| there == copy.as_bytes()) {
        return Ok(());
    }
    Ok(media::write_durably(&path, copy.as_bytes(), Mode::Private)?)
}

pub(super) fn run(context: &mut Context) -> Result<(), Failure> {
    let folder = context.home.trust();
    let numbers = versions(&folder)?;
    let Some(first) = numbers.first() else {
        context.console.say("Version 0: set up by hand; no signed update was applied yet");
        whole(&Trusted::read(&folder)?.update).iter().skip(1).for_each(|line| context.console.say(line));
        return Ok(());
    };
    // The version before the first may be of a time when none was kept; then all of the first is told.
    let mut before = read_update(&folder, first - 1).ok();
    for number in &numbers {
        let update = read_update(&folder, *number)?;
        let lines = before.as_ref().map_or_else(|| whole(&update), |before| change(before, &update));
        lines.iter().for_each(|line| context.console.say(line));
        let signers = signers(&folder, *number, &update.bytes())?;
        let created = update.created.map_or_else(String::new, |created| format!("{}, ", local_time(created)));
        context.console.say(format!("  signed   {created}by {}", signers.join(", ")));
        context.console.event(
            &kind::TRUST_VERSION,
            serde_json::json!({
                "version": number, "sha256": Sha256Digest::of(&update.bytes()), "created": update.created,
                "threshold": update.threshold, "trust_threshold": update.trust_threshold,
                "renew_by": update.renew_by, "signers": update.signers, "revoked": update.revoked,
                "note": update.note, "signed_by": signers,
            }),
        );
        before = Some(update);
    }
    // Reads it as whoever opens a bundle does, so that a broken chain is told here too.
    let version = Trusted::read(&folder)?.update.version;
    context.console.say(format!("In force: version {version}"));
    Ok(())
}

/// Fingerprints of the keys whose kept signatures are sound.
fn signers(folder: &Path, version: u64, bytes: &[u8]) -> Result<Vec<String>, Failure> {
    let signed = read_signed(&version_path(folder, version), MAX_UPDATE_BYTES, "a version of trust")?;
    let keys = sound_keys(&signed.signatures, Namespace::Trust, bytes);
    Ok(keys.iter().map(PublicKey::fingerprint).collect())
}
