//! What was removed from custody, by whom it was proven installed, and where
//! another copy lies: written down before the bytes go.

use super::{Vault, VaultError};
use crate::media;
use crate::model::{Id, Sha256Digest, Timestamp};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{ErrorKind, Write};

/// Largest record of removals that is read, in bytes: 100,000 of them.
const MAX_REMOVALS_BYTES: u64 = 64 << 20;

/// One object that was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removal {
    /// When.
    pub at: Timestamp,
    /// The digest of its bytes.
    pub sha256: Sha256Digest,
    /// How large it was.
    pub size_bytes: u64,
    /// The titles of the packages it was.
    pub titles: Vec<String>,
    /// The receipts that say it is installed.
    pub receipts: Vec<Id>,
    /// The vault that has another copy, which was read then.
    pub second: String,
}

impl Vault {
    /// Reads what was removed, oldest first; a last line that was cut while it
    /// was written announced a removal that never began.
    ///
    /// # Errors
    /// [`VaultError::RecordBroken`] where a line does not read.
    pub fn removals(&self) -> Result<Vec<Removal>, VaultError> {
        let path = self.below("removals.jsonl");
        if !path.exists() {
            return Ok(Vec::new());
        }
        let bytes = media::read_bounded(&path, MAX_REMOVALS_BYTES, "the record of removals")?;
        let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let lines = bytes[..whole].split(|b| *b == b'\n').filter(|line| !line.is_empty());
        lines
            .map(|line| {
                serde_json::from_slice(line)
                    .map_err(|error| VaultError::RecordBroken { path: path.clone(), why: error.to_string() })
            })
            .collect()
    }

    /// Writes the removal down, then removes the bytes. The package's record stays.
    ///
    /// # Errors
    /// [`VaultError::Unwritable`]; nothing is removed that is not written down.
    pub fn remove_object(&self, removal: &Removal) -> Result<(), VaultError> {
        let path = self.below("removals.jsonl");
        let unwritable = |source| VaultError::Unwritable { path: path.clone(), source };
        let mut bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                media::write_durably(&path, b"", media::Mode::Private)?;
                Vec::new()
            }
            Err(source) => return Err(unwritable(source)),
        };
        // Half a line of a killed run goes.
        bytes.truncate(bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1));
        let mut line = serde_json::to_vec(removal).expect("records of ours serialise");
        line.push(b'\n');
        let mut file = File::options().append(true).open(&path).map_err(unwritable)?;
        file.set_len(bytes.len() as u64).map_err(unwritable)?;
        if let Err(source) = file.write_all(&line).and_then(|()| file.sync_all()) {
            // Nothing was removed, so nothing must say so.
            let _ = file.set_len(bytes.len() as u64);
            return Err(unwritable(source));
        }

        let object = self.object_path(&removal.sha256);
        std::fs::remove_file(&object).map_err(|source| VaultError::Unwritable { path: object.clone(), source })?;
        // The whole filesystem: the name is gone from one folder, and the record lies in another.
        Ok(media::sync_filesystem(self.root())?)
    }
}
