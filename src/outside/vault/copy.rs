//! One vault's packages and records in another: read, written, synced, and
//! read back past the cache. Nothing that is there is overwritten; records of
//! the same thing are joined, so that neither side loses a word.

use super::ledger::LIMITS;
use super::object::pour;
use super::{Event, IMPORT_PREFIX, RequestContext, StoredPackage, Vault, VaultError};
use crate::journal;
use crate::media::{self, Bypass, DurableFile, Mode};
use crate::model::{Id, Meter, Sha256Digest, text};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

/// What became of a record in the other vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// It was new there, or told something new.
    Written,
    /// It told nothing new.
    Known,
    /// Both say different things of it; the one there stays.
    Differs,
}

impl Vault {
    /// Copies a package's bytes into `to`, digested on the way there and once
    /// more when read back; says whether the read-back passed the cache.
    ///
    /// # Errors
    /// [`VaultError::ObjectMissing`], [`VaultError::ObjectDamaged`] where they
    /// are not as recorded here, [`VaultError::CopyLies`] where they come back
    /// differently there; then there is no copy.
    pub fn copy_object(&self, kept: &StoredPackage, to: &Vault, meter: &dyn Meter) -> Result<Bypass, VaultError> {
        let source = self.open_object(&kept.sha256, &kept.title)?;
        let incoming = to.below("partial").join(format!("{IMPORT_PREFIX}{}", Id::random()));
        media::create_dirs(&to.below("partial"), Mode::Private)?;
        let mut target = DurableFile::create(&incoming, Mode::Private, false)?;
        let digests = pour(source, &self.object_path(&kept.sha256), meter, |piece| {
            target.write_all(piece).map_err(|source| VaultError::Unwritable { path: incoming.clone(), source })
        })?;
        if digests.sha256 != kept.sha256 || digests.chunks != kept.chunks {
            let (found, recorded) = (digests.sha256, kept.sha256);
            return Err(VaultError::ObjectDamaged { title: kept.title.clone(), found, recorded });
        }
        // It has a name of its own until it was read back, because what lies in an object's place is believed.
        target.commit()?;
        let (file, bypass) = media::open_uncached(&incoming)?;
        let back = pour(file, &incoming, meter, |_| Ok(()));
        if !matches!(&back, Ok(back) if *back == digests) {
            let _ = std::fs::remove_file(&incoming);
            // An error of reading is told before the comparison: bytes
            // that could not be read are not bytes that differ.
            back?;
            return Err(VaultError::CopyLies { path: to.object_path(&kept.sha256) });
        }
        let place = to.object_path(&kept.sha256);
        media::create_dirs(place.parent().expect("an object's path has a folder"), Mode::Private)?;
        if place.exists() {
            let _ = std::fs::remove_file(&incoming);
            return Err(media::MediaError::Exists { path: place }.into());
        }
        media::move_durably(&incoming, &place)?;
        Ok(bypass)
    }

    /// Takes another vault's record of a package in.
    ///
    /// # Errors
    /// [`VaultError`] where one does not read or can't be made durable.
    pub fn join_record(&self, theirs: &StoredPackage) -> Result<Joined, VaultError> {
        let Some(ours) = self.packages()?.into_iter().find(|kept| kept.id == theirs.id) else {
            self.record(theirs)?;
            return Ok(Joined::Written);
        };
        let mut joined = ours.clone();
        // Only gaps are filled. Where both know something ours stays, and that they differ is told.
        if joined.identity.is_none() {
            joined.identity.clone_from(&theirs.identity);
        }
        // Requirements are taken only where ours could not be read. An empty list of ours may mean that there are none.
        if joined.requires.is_empty() && joined.requires_unread.is_some() {
            joined.requires.clone_from(&theirs.requires);
            joined.requires_unread.clone_from(&theirs.requires_unread);
        }
        // Marks are joined from both sides: each desk may have read receipts that the other has not.
        joined.installed.extend(theirs.installed.iter().filter(|mark| !ours.installed.contains(mark)).cloned());
        if joined != ours {
            self.record(&joined)?;
        }
        let same = joined.identity == theirs.identity && joined.requires == theirs.requires;
        Ok(match (same && joined.sha256 == theirs.sha256, joined == ours) {
            (false, _) => Joined::Differs,
            (true, true) => Joined::Known,
            (true, false) => Joined::Written,
        })
    }

    /// The digests of all exchange records here, by name.
    ///
    /// # Errors
    /// [`VaultError`] where one does not read.
    pub fn exchange_digests(&self) -> Result<BTreeMap<String, Sha256Digest>, VaultError> {
        let mut digests = BTreeMap::new();
        for path in self.names("exchanges", ".jsonl")? {
            digests.insert(name_of(&path), Sha256Digest::of(&whole_lines(&path)?));
        }
        Ok(digests)
    }

    /// Takes another vault's exchange records in, without their sessions: a
    /// session is a secret, and belongs to one machine. Only those are looked
    /// at whose digest is the one `stated`. Returns how many told something
    /// new, and the names of those that differ.
    ///
    /// # Errors
    /// [`VaultError`] where one does not read or can't be made durable.
    pub fn join_exchanges(
        &self,
        from: &Vault,
        stated: &BTreeMap<String, Sha256Digest>,
    ) -> Result<(usize, Vec<String>), VaultError> {
        let (mut written, mut differ) = (0, Vec::new());
        for path in from.names("exchanges", ".jsonl")? {
            let name = name_of(&path);
            let Some(digest) = stated.get(&name) else { continue };
            let theirs = whole_lines(&path)?;
            if Sha256Digest::of(&theirs) != *digest {
                continue;
            }
            let place = self.below("exchanges").join(&name);
            let ours = if place.exists() { whole_lines(&place)? } else { Vec::new() };
            // A record only grows. Of two that begin alike the longer is
            // the newer; of two that went on differently nobody knows.
            if theirs.len() > ours.len() && theirs.starts_with(&ours) {
                media::create_dirs(&self.below("exchanges"), Mode::Private)?;
                media::write_durably(&place, &theirs, Mode::Private)?;
                written += 1;
            } else if !ours.starts_with(&theirs) {
                differ.push(name);
            }
        }
        Ok((written, differ))
    }

    /// Takes in what another vault's requests said.
    ///
    /// # Errors
    /// [`VaultError`] where one does not read or can't be made durable.
    pub fn join_contexts(&self, theirs: &[RequestContext]) -> Result<(), VaultError> {
        let known = self.contexts()?;
        // A context never changes, so one that is known is not looked at again.
        let new = theirs.iter().filter(|context| !known.iter().any(|ours| ours.request == context.request));
        new.into_iter().try_for_each(|context| self.remember(context))
    }

    /// Reads the package records of a vault that comes from elsewhere, and that
    /// nobody vouches for.
    ///
    /// # Errors
    /// [`VaultError::RecordBroken`] for one that does not read, or holds what
    /// can't be shown: it is not to speak in escape sequences.
    pub fn foreign_packages(&self) -> Result<Vec<StoredPackage>, VaultError> {
        let packages = self.packages()?;
        for kept in &packages {
            let path = self.root().join(format!("{}.json", kept.id));
            refuse_unprintable(kept, &path)?;
        }
        Ok(packages)
    }
}

/// Refuses what holds a text that can't be shown as it is; such a record was
/// not made by this program, so nothing of that vault is taken.
///
/// # Errors
/// [`VaultError::RecordBroken`] naming `path`.
pub fn refuse_unprintable(record: &impl serde::Serialize, path: &Path) -> Result<(), VaultError> {
    match printable(&serde_json::to_value(record).expect("records of ours serialise")) {
        true => Ok(()),
        false => {
            let why = "it holds characters that can't be shown".to_owned();
            Err(VaultError::RecordBroken { path: path.to_owned(), why })
        }
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn printable(value: &serde_json::Value) -> bool {
    match value {
        // Nor on a line of its own, which would pass for one of ours.
        serde_json::Value::String(words) => text::printable(words) == *words && !words.contains(['\n', '\t']),
        serde_json::Value::Array(values) => values.iter().all(printable),
        serde_json::Value::Object(fields) => fields.values().all(printable),
        _ => true,
    }
}

/// An exchange record's whole lines, once its chain is proved.
fn whole_lines(path: &Path) -> Result<Vec<u8>, VaultError> {
    let proved = journal::read_log::<Event>(path, &LIMITS)?;
    let mut bytes = media::read_bounded(path, LIMITS.bytes, "an exchange record")?;
    bytes.truncate(bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1));
    // What a kill left empty is of an exchange that never began.
    Ok(if proved.is_some() { bytes } else { Vec::new() })
}
