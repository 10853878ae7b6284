//! The few things this room asks of the filesystem, each portable.

use super::TrustError;
use crate::media;
use crate::model::ShowPath;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use zeroize::Zeroizing;

/// Reads a regular file of at most `limit_bytes`; its memory is wiped when dropped.
pub(super) fn read_bounded(path: &Path, limit_bytes: u64) -> Result<Zeroizing<Vec<u8>>, TrustError> {
    let unreadable = |source| TrustError::KeyUnreadable { path: path.to_owned(), source };
    let file = open_regular(path).map_err(unreadable)?;
    read_open(file, path, limit_bytes, unreadable)
}

/// Like [`read_bounded`], for a file that only its owner may read.
pub(super) fn read_private(path: &Path, limit_bytes: u64) -> Result<Zeroizing<Vec<u8>>, TrustError> {
    let unreadable = |source| TrustError::KeyUnreadable { path: path.to_owned(), source };
    let file = open_regular(path).map_err(unreadable)?;
    // Asked of the open file, not of the path: another could be put there in between.
    // As ssh does: a private key that others can read or write is refused and not warned of.
    if let Some(how) = media::open_to_others(&file).map_err(unreadable)? {
        return Err(TrustError::KeyTooOpen { path: path.to_owned(), how });
    }
    read_open(file, path, limit_bytes, unreadable)
}

/// Reads a text file of ours; `None` where there is none.
pub(super) fn read_text(path: &Path, limit_bytes: u64) -> Result<Option<String>, TrustError> {
    let unreadable = |source| TrustError::FileUnreadable { path: path.to_owned(), source };
    let file = match open_regular(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(unreadable)?,
    };
    let bytes = read_open(file, path, limit_bytes, unreadable)?;
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Some(text.to_owned())),
        Err(_) => Err(unreadable(io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))),
    }
}

/// Opens for reading what is a regular file; a pipe or device would block or never end.
fn open_regular(path: &Path) -> io::Result<File> {
    let not_regular = || io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file");
    if !std::fs::metadata(path)?.is_file() {
        return Err(not_regular());
    }
    let file = File::open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(not_regular()) }
}

fn read_open(
    file: File,
    path: &Path,
    limit_bytes: u64,
    unreadable: impl Fn(io::Error) -> TrustError,
) -> Result<Zeroizing<Vec<u8>>, TrustError> {
    // Room for all of it from the start, so that no half-filled copy of a
    // secret is left behind by growing.
    let capacity = usize::try_from(limit_bytes + 1).unwrap_or(usize::MAX);
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
    file.take(limit_bytes + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > limit_bytes {
        let limit = crate::model::text::bytes(limit_bytes);
        return Err(TrustError::LimitExceeded { what: path.shown(), limit });
    }
    Ok(bytes)
}
