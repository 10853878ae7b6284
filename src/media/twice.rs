//! Does a medium give the same bytes twice? Needs no knowledge of what they are.

use super::{Bypass, open_uncached};
use crate::model::{Meter, Sha256Digest};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Compared at once, in bytes; a range that is told is as long.
const PIECE_BYTES: usize = 4 << 20;

/// A range of a file that was not the same twice, or could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlike {
    /// The file.
    pub path: PathBuf,
    /// Its first byte.
    pub first: u64,
    /// Its last byte.
    pub last: u64,
    /// What the operating system said where it could not be read.
    pub unreadable: Option<String>,
}

/// Reads all `files` past the cache, then all of them again; returns what was
/// not the same, and whether the cache was passed. `meter` advances by all
/// bytes twice.
pub fn read_twice(files: &[PathBuf], meter: &dyn Meter) -> (Vec<Unlike>, Bypass) {
    let mut bypass = Bypass::Bypassed;
    let mut pass = || -> Vec<Vec<Result<(u64, Sha256Digest), String>>> {
        files.iter().map(|path| pieces(path, &mut bypass, meter)).collect()
    };
    // All files before any is read again: a reader or a stick keeps what
    // it gave last in memory of its own, which nothing here can drop.
    let (one, two) = (pass(), pass());
    let mut unlike = Vec::new();
    for (path, (one, two)) in files.iter().zip(one.iter().zip(&two)) {
        for number in 0..one.len().max(two.len()) {
            let first = number as u64 * PIECE_BYTES as u64;
            let (then, now) = (one.get(number), two.get(number));
            let length = [then, now].into_iter().flatten().flatten().map(|(length, _)| *length).max();
            let unreadable = [then, now].into_iter().flatten().find_map(|piece| piece.as_ref().err().cloned());
            if then != now || unreadable.is_some() {
                let last = first + length.unwrap_or(PIECE_BYTES as u64).max(1) - 1;
                unlike.push(Unlike { path: path.clone(), first, last, unreadable });
            }
        }
    }
    (unlike, bypass)
}

/// Length and digest of each piece; ends with the first that can't be read.
fn pieces(path: &Path, bypass: &mut Bypass, meter: &dyn Meter) -> Vec<Result<(u64, Sha256Digest), String>> {
    let mut file = match open_uncached(path) {
        Ok((file, passed)) => {
            // One file that came from memory spoils the answer for all.
            if passed != Bypass::Bypassed {
                *bypass = passed;
            }
            file
        }
        Err(error) => return vec![Err(error.to_string())],
    };
    let mut pieces = Vec::new();
    let mut piece = Vec::new();
    loop {
        piece.clear();
        match (&mut file).take(PIECE_BYTES as u64).read_to_end(&mut piece) {
            Ok(0) => return pieces,
            Ok(count) => {
                pieces.push(Ok((count as u64, Sha256Digest::of(&piece))));
                meter.advance(count as u64);
            }
            Err(error) => {
                pieces.push(Err(error.to_string()));
                return pieces;
            }
        }
    }
}
