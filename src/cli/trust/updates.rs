//! Trust updates on a medium: `handcarry/trust/trust-<n>.json`, signatures beside them.

use crate::media::{MediaError, Medium};
use crate::model::{Exit, Failure, ShowPath};
use std::path::{Path, PathBuf};

/// The inside's own copy of the trust in force, for whoever proposes the next version.
pub const IN_FORCE_FILE: &str = "in-force.json";

/// Most names looked at in a medium's folder of trust updates.
const MAX_NAMES: usize = 10_000;

/// The name that the proposal of version `version` has on a medium.
pub fn proposal_file(version: u64) -> String {
    format!("trust-{version}.json")
}

/// Finds trust updates: `path` itself where it is a file, else those on the
/// medium, by rising number. A name's number is only where to look first;
/// what counts is the number inside.
///
/// # Errors
/// A [`Failure`] where nothing is there, or the folder can't be read.
pub fn find_updates(path: &Path) -> Result<Vec<(Option<u64>, PathBuf)>, Failure> {
    if path.is_file() {
        return Ok(vec![(None, path.to_path_buf())]);
    }
    let folder = Medium::at(path)?.trust();
    let unreadable = |error: std::io::Error| MediaError::of("read", &folder, error);
    let entries = match std::fs::read_dir(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        other => Some(other.map_err(unreadable)?),
    };
    let mut found = Vec::new();
    for (count, entry) in entries.into_iter().flatten().enumerate() {
        if count == MAX_NAMES {
            return Err(Failure::new(
                Exit::LimitExceeded,
                format!("{} holds more than {MAX_NAMES} files", folder.shown()),
            )
            .hint("move away what is not handcarry's"));
        }
        let entry = entry.map_err(unreadable)?;
        if let Some(number) = entry.file_name().to_str().and_then(number_of) {
            found.push((Some(number), entry.path()));
        }
    }
    if found.is_empty() {
        return Err(Failure::new(Exit::NotFound, format!("no trust update lies in {}", folder.shown()))
            .hint("propose one outside with 'handcarry-outside trust propose MEDIA'"));
    }
    found.sort();
    Ok(found)
}

fn number_of(name: &str) -> Option<u64> {
    let number: u64 = name.strip_prefix("trust-")?.strip_suffix(".json")?.parse().ok()?;
    // Only the one way of writing the number counts: trust-01.json would be the same version under a second name.
    (proposal_file(number) == name).then_some(number)
}
