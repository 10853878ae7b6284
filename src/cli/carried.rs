//! Public keys that travel on a medium, in `handcarry/keys/`: one
//! allowed_signers line a file. Whoever takes one compares its fingerprint with
//! its owner, as with any other.

use super::keygen::other;
use super::{Context, Half};
use crate::console::kind;
use crate::media::{self, Medium, Mode};
use crate::model::{Exit, Failure, FileName, Sha256Digest, ShowPath, text};
use std::path::Path;

/// How the names of such files end.
const ENDS: &str = ".signer";

/// Most keys that are taken from one medium.
// A person compares each with its owner.
const MAX_KEYS: usize = 20;

/// Longest such file, in bytes: a line has some 200.
const MAX_LINE_BYTES: u64 = 4096;

/// Writes the line of a key of `half` onto a medium, and tells what the other half does with it.
pub(super) fn write(media: &Path, line: &str, half: Half, context: &Context) -> Result<(), Failure> {
    let folder = Medium::at(media)?.keys();
    // By its digest, so that two keys of one person have two names, and writing one again changes nothing.
    let digest = Sha256Digest::of(line.as_bytes()).short();
    let name = FileName::from_foreign(&format!("{}-{digest}{ENDS}", half.folder()));
    let path = folder.join(name.as_str());
    media::create_dirs(&folder, Mode::Shared)?;
    media::write_durably(&path, format!("{line}\n").as_bytes(), Mode::Shared)?;
    context.console.event(&kind::KEY_WRITTEN, serde_json::json!({ "file": path }));
    context.console.say(format!("Written: {}", path.shown()));
    context.console.next(format!("{} trust add {}", other(half).program(), media.quoted()));
    Ok(())
}

/// The lines of the other half's keys on a medium, one after the other.
///
/// # Errors
/// [`Exit::NotFound`] where none lies there, [`Exit::LimitExceeded`] where far too many do.
pub(super) fn read(media: &Path, half: Half) -> Result<String, Failure> {
    let folder = Medium::at(media)?.keys();
    let begins = format!("{}-", other(half).folder());
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let ours = entries.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with(&begins) && name.ends_with(ENDS)
    });
    let mut paths: Vec<_> = ours.take(MAX_KEYS + 1).collect();
    paths.sort();
    if paths.len() > MAX_KEYS {
        return Err(Failure::new(Exit::LimitExceeded, format!("more than {MAX_KEYS} keys lie in {}", folder.shown()))
            .hint("name the file of the one that is meant"));
    }
    if paths.is_empty() {
        return Err(Failure::new(Exit::NotFound, format!("no key of the other half lies in {}", folder.shown()))
            .hint(format!("write it there: {} keygen --write MEDIA", other(half).program())));
    }
    let mut lines = String::new();
    for path in paths {
        let bytes = media::read_carried(&path, MAX_LINE_BYTES, "a public key")?;
        lines.push_str(text::decoded(&bytes).unwrap_or_default().trim_end());
        lines.push('\n');
    }
    Ok(lines)
}
