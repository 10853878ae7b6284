//! All bytes in custody read again, on all cores, against their names and records.

use super::{StoredPackage, Vault, VaultError};
use crate::media;
use crate::model::{CHUNK_BYTES, Meter, Sha256Digest, on_all_cores};
use crate::objects::{Object, PIECE_BYTES};
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// What is wrong with one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObjectFault {
    /// A record tells of it, and it is not there.
    Missing,
    /// Its bytes are not those its name tells.
    Damaged {
        /// The first damaged bytes, begin and end, as far as chunks tell.
        range: Option<(u64, u64)>,
    },
    /// The disk does not give its bytes.
    Unreadable {
        /// What the operating system said.
        why: String,
    },
    /// No record tells of it.
    Foreign,
}

/// One object with something wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectFinding {
    /// Where it lies, or should.
    pub path: PathBuf,
    /// The titles of the packages it is needed for.
    pub titles: Vec<String>,
    /// What is wrong.
    pub fault: ObjectFault,
}

impl Vault {
    /// Lists the files below `objects/`, the largest first, so that all cores
    /// end together.
    ///
    /// # Errors
    /// [`VaultError::Unreadable`].
    pub fn objects(&self) -> Result<Vec<Object>, VaultError> {
        let objects = self.kept();
        objects.list().map_err(|source| VaultError::Unreadable { path: objects.root().to_owned(), source })
    }

    /// Reads every one of `objects` and returns what is wrong with them, and
    /// which are missing; what was removed on purpose is not missing.
    ///
    /// # Errors
    /// [`VaultError`] where a record does not read.
    pub fn survey(&self, objects: &[Object], meter: &dyn Meter) -> Result<Vec<ObjectFinding>, VaultError> {
        let mut records: BTreeMap<Sha256Digest, Vec<StoredPackage>> = BTreeMap::new();
        for kept in self.packages()? {
            records.entry(kept.sha256).or_default().push(kept);
        }
        let titles = |digest: &Sha256Digest| -> Vec<String> {
            records.get(digest).into_iter().flatten().map(|kept| kept.title.clone()).collect()
        };
        let finding = |object: &Object| {
            let known = object.named.and_then(|named| records.get(&named)).and_then(|kept| kept.first());
            let fault = judge(object, known, meter)?;
            let titles = object.named.map(|named| titles(&named)).unwrap_or_default();
            Some(ObjectFinding { path: object.path.clone(), titles, fault })
        };
        let mut findings: Vec<ObjectFinding> = on_all_cores(|| objects.par_iter().filter_map(finding).collect());
        let removed = self.removals()?;
        for digest in records.keys() {
            let there = objects.iter().any(|object| object.named == Some(*digest));
            if !there && !removed.iter().any(|removal| removal.sha256 == *digest) {
                findings.push(ObjectFinding {
                    path: self.object_path(digest),
                    titles: titles(digest),
                    fault: ObjectFault::Missing,
                });
            }
        }
        findings.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(findings)
    }
}

fn judge(object: &Object, known: Option<&StoredPackage>, meter: &dyn Meter) -> Option<ObjectFault> {
    let Some(named) = object.named else { return Some(ObjectFault::Foreign) };
    let damaged = match known {
        // Chunk by chunk, so that one large package keeps all cores busy.
        Some(kept) if kept.size_bytes == object.size_bytes => first_damage(&object.path, kept, meter),
        // A record of another size can't say which chunk is wrong, so the whole is held against its name.
        _ => whole(&object.path, meter).map(|found| (found != named).then_some(None)),
    };
    match damaged {
        Err(error) => Some(ObjectFault::Unreadable { why: error.to_string() }),
        Ok(Some(range)) => Some(ObjectFault::Damaged { range }),
        Ok(None) if known.is_none() => Some(ObjectFault::Foreign),
        Ok(None) => None,
    }
}

/// The first chunk that is not as recorded, begin and end.
fn first_damage(path: &Path, kept: &StoredPackage, meter: &dyn Meter) -> io::Result<Option<Option<(u64, u64)>>> {
    let wrong = kept.chunks.par_iter().enumerate().map(|(number, recorded)| {
        let begin = number as u64 * CHUNK_BYTES;
        let end = kept.size_bytes.min(begin + CHUNK_BYTES);
        // A handle for each chunk: one that cores share has one position.
        let mut file = media::open_regular(path)?;
        file.seek(SeekFrom::Start(begin))?;
        let found = digest(file.take(end - begin), meter)?;
        Ok((found != *recorded).then_some((begin, end)))
    });
    let first = wrong.collect::<io::Result<Vec<_>>>()?.into_iter().flatten().next();
    Ok(first.map(Some))
}

/// The digest of a whole file, on one core.
fn whole(path: &Path, meter: &dyn Meter) -> io::Result<Sha256Digest> {
    digest(media::open_regular(path)?, meter)
}

/// Reads to the end, in constant memory.
fn digest(mut from: impl Read, meter: &dyn Meter) -> io::Result<Sha256Digest> {
    let mut hasher = Sha256::new();
    let mut piece = vec![0u8; PIECE_BYTES];
    loop {
        match from.read(&mut piece) {
            Ok(0) => return Ok(Sha256Digest::finish(hasher)),
            Ok(count) => {
                hasher.update(&piece[..count]);
                meter.advance(count as u64);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
