//! What was removed from custody, by whom it was proven installed, and where
//! another copy lies: written down before the bytes go.

use super::{Vault, VaultError};
use crate::journal::{self, JournalError, Log, LogEvent, LogRules, MAX_LINE_BYTES, Record};
use crate::media;
use crate::model::{Id, Sha256Digest, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What the record of removals may hold: 100,000 of them. The vault's lock
/// keeps two runs apart.
const LIMITS: LogRules = LogRules { line_bytes: MAX_LINE_BYTES, bytes: 64 << 20, lock: None, goes_on: false };

/// The kind of its records.
const KIND: &str = "removed";

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

impl LogEvent for Removal {
    type Past = Vec<Removal>;

    fn parts(&self) -> (String, Map<String, Value>) {
        let Ok(Value::Object(mut fields)) = serde_json::to_value(self) else {
            unreachable!("a removal is an object");
        };
        // The record has its time already.
        fields.remove("at");
        (KIND.to_owned(), fields)
    }

    fn of(record: &Record) -> Result<Option<Self>, String> {
        if record.kind != KIND {
            return Ok(None);
        }
        let mut fields = record.fields.clone();
        fields.insert("at".to_owned(), Value::from(record.time.to_string()));
        serde_json::from_value(Value::Object(fields)).map(Some).map_err(|error| error.to_string())
    }

    fn apply(self, _: Timestamp, past: &mut Vec<Removal>) {
        past.push(self);
    }
}

impl Vault {
    /// Reads what was removed, oldest first; a last line that was cut while it
    /// was written announced a removal that never began.
    ///
    /// # Errors
    /// [`VaultError::RecordChanged`] where a line is not what was written.
    pub fn removals(&self) -> Result<Vec<Removal>, VaultError> {
        match journal::read_log::<Removal>(&self.below("removals.jsonl"), &LIMITS) {
            Err(JournalError::Missing { .. }) => Ok(Vec::new()),
            read => Ok(read?),
        }
    }

    /// Writes the removal down, then removes the bytes. The package's record stays.
    ///
    /// # Errors
    /// [`VaultError::Unwritable`]; nothing is removed that is not written down.
    pub fn remove_object(&self, removal: &Removal) -> Result<(), VaultError> {
        let path = self.below("removals.jsonl");
        Log::open(&path, removal.at, &LIMITS)?.append(removal.at, removal.clone())?;
        let object = self.object_path(&removal.sha256);
        std::fs::remove_file(&object).map_err(|source| VaultError::Unwritable { path: object.clone(), source })?;
        // The whole filesystem: the name is gone from one folder, and the record lies in another.
        Ok(media::sync_filesystem(self.root())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_unix(1_790_000_000 + secs).expect("in range")
    }

    #[test]
    fn removals_are_chained_and_read_back() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let vault = Vault::open(home.path()).expect("opens");
        assert_eq!(vault.removals().expect("none yet"), []);
        let removed = [b"x", b"y"].map(|bytes| Removal {
            at: at(i64::from(bytes[0])),
            sha256: Sha256Digest::of(bytes),
            size_bytes: 1,
            titles: vec!["Base 3.4.0".to_owned()],
            receipts: vec![Id::random()],
            second: "/mnt/second".to_owned(),
        });
        for removal in &removed {
            let object = vault.object_path(&removal.sha256);
            std::fs::create_dir_all(object.parent().expect("below the vault")).expect("made");
            std::fs::write(&object, b"x").expect("written");
            vault.remove_object(removal).expect("removed");
            assert!(!object.exists());
        }
        assert_eq!(vault.removals().expect("reads"), removed);
        let path = vault.below("removals.jsonl");
        let told = std::fs::read_to_string(&path).expect("reads");
        std::fs::write(&path, told.lines().skip(1).map(|line| format!("{line}\n")).collect::<String>())
            .expect("writes");
        assert!(matches!(vault.removals(), Err(VaultError::RecordChanged { line: 1, .. })), "its first line is gone");
        assert_eq!(vault.broken_records().expect("reads").len(), 1);
    }
}
