//! handcarry itself goes onto a medium: `write --with-handcarry`.

use crate::cli::Context;
use crate::console::kind;
use crate::events::SecurityEvent;
use crate::kit::{Kit, KitError, README, SUMS, readme};
use crate::media::{self, Bypass, DurableSet, MediaError, Medium, Mode};
use crate::model::{Failure, Sha256Digest, ShowPath, text};
use std::io::{Read, Write};
use std::path::Path;

/// Room taken on the medium beside the kit's own bytes: folders, and the last cluster of each file.
const RESERVE_BYTES: u64 = 4 << 20;

/// A file that is to lie on the medium.
type KitFile = (String, Vec<u8>);

/// Copies the kit in `dir` onto a medium, and reads it back. What is not signed
/// by keys that are trusted here is not carried.
///
/// # Errors
/// A [`Failure`]; then no list of it lies on the medium, so that it is none.
pub fn carry(dir: &Path, medium: &Medium, context: &mut Context) -> Result<(), Failure> {
    let (store, now) = (context.trust_store()?, context.now());
    let kit = Kit::open(dir, &store, now)?;
    let folder = medium.kits().join(kit.version.as_str());
    context.log_ignored(&dir.shown(), &kit.approval);
    // A run that was killed may have given names that a loss of power would still take.
    media::keep_names(&folder)?;
    for left in media::remove_leftovers(&folder) {
        context.console.note(format!("Removed what an interrupted run left: {}", left.shown()));
    }
    if is_there(&folder, &kit)? {
        context.console.say(format!("handcarry {} lies at {} already", kit.version.as_str(), folder.shown()));
        return Ok(());
    }
    let files = files(&kit)?;
    need_room(&files, medium)?;
    media::create_dirs(&folder, Mode::Shared)?;
    // What a run left that was killed before it named the list: no kit, and in the way.
    for (name, _) in &files {
        match std::fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(MediaError::of("remove", &folder.join(name), error).into());
            }
            _ => {}
        }
    }
    let how = write(&folder, &files, medium)?;
    media::sync_filesystem(&medium.root)?;
    let signers: Vec<String> = kit.approval.approvers.iter().map(ToString::to_string).collect();
    let (version, place) = (kit.version.as_str(), folder.shown());
    context.console.say(format!("Written: handcarry {version} at {place}, signed by {}", signers.join(", ")));
    if let Bypass::Cached { why } = how {
        context
            .console
            .warn(format!("read back and found right, but perhaps from memory and not from the device: {why}"));
    }
    context.console.event(&kind::KIT_WRITTEN, serde_json::json!({ "version": kit.version, "folder": folder }));
    context.log(&SecurityEvent::KitWritten {
        version: version.to_owned(),
        sha256: Sha256Digest::of(&kit.signed.bytes).to_string(),
        file: place,
        signers: kit.approval.approvers.iter().map(|by| by.fingerprint.clone()).collect(),
    });
    Ok(())
}

/// Whether this very kit lies there; another one of its version is refused.
fn is_there(folder: &Path, kit: &Kit) -> Result<bool, Failure> {
    let list = folder.join(SUMS);
    if !media::is_carried(&list) {
        return Ok(false);
    }
    let there = media::read_head(&list, kit.signed.bytes.len() as u64 + 1)?;
    if there != kit.signed.bytes {
        return Err(KitError::Taken { path: folder.to_path_buf() }.into());
    }
    let copy = kit.at(folder);
    for name in kit.files() {
        copy.read(name)?;
    }
    Ok(true)
}

/// All that is to lie there: the list first, so that it is named last.
fn files(kit: &Kit) -> Result<Vec<KitFile>, Failure> {
    let mut files = vec![(SUMS.to_owned(), kit.signed.bytes.clone())];
    for (number, signature) in (1..).zip(&kit.signed.signatures) {
        files.push((format!("{SUMS}.{number}.sig"), signature.clone()));
    }
    files.push((README.to_owned(), readme(kit).into_bytes()));
    for name in kit.files() {
        files.push((name.to_string(), kit.read(name)?));
    }
    Ok(files)
}

fn need_room(files: &[KitFile], medium: &Medium) -> Result<(), Failure> {
    let facts = medium.facts()?;
    let needed = files.iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>() + RESERVE_BYTES;
    match facts.read_only {
        true => Err(MediaError::ReadOnly { path: medium.root.clone() }.into()),
        false if facts.free_bytes < needed => {
            let (needed, free) = (text::bytes(needed), text::bytes(facts.free_bytes));
            Err(KitError::NoRoom { path: medium.root.clone(), needed, free }.into())
        }
        false => Ok(()),
    }
}

fn write(folder: &Path, files: &[KitFile], medium: &Medium) -> Result<Bypass, Failure> {
    let mut set = DurableSet::new(folder, Mode::Shared);
    for (name, bytes) in files {
        let path = folder.join(name);
        set.create(name)?.write_all(bytes).map_err(|source| MediaError::of("write", &path, source))?;
    }
    let mut how = Bypass::Bypassed;
    set.commit_checked(|written| {
        // The cache keeps what is not on the device yet, and the read-back would come from there.
        media::sync_filesystem(&medium.root)?;
        for ((temporary, target), (_, bytes)) in written.iter().zip(files) {
            if let cached @ Bypass::Cached { .. } = read_back(temporary, target, bytes)? {
                how = cached;
            }
        }
        Ok::<(), Failure>(())
    })?;
    Ok(how)
}

fn read_back(temporary: &Path, target: &Path, bytes: &[u8]) -> Result<Bypass, Failure> {
    let (file, how) = media::open_uncached(temporary)?;
    let mut there = Vec::new();
    let read = file.take(bytes.len() as u64 + 1).read_to_end(&mut there);
    read.map_err(|source| MediaError::of("read back", target, source))?;
    match there == bytes {
        true => Ok(how),
        false => Err(KitError::ReadBack { path: target.to_path_buf() }.into()),
    }
}
