//! A manifest's bytes as they were read, in pieces.

use super::volumes::PIECE_BYTES;
use crate::media::{self, MediaError};
use crate::model::Sha256Digest;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::path::Path;

/// Bytes that lie in pieces, in their order.
///
/// The largest manifest is a quarter of the memory that a run may hold, and what is parsed of it as much again; so its
/// bytes are let go of, piece by piece, while they are parsed.
#[derive(Debug, Default)]
pub struct Pieces(Vec<Vec<u8>>);

impl Pieces {
    /// Reads a whole file of this machine, as [`media::read_bounded`] does.
    ///
    /// # Errors
    /// As that.
    pub fn read_bounded(path: &Path, limit_bytes: u64, what: &'static str) -> Result<Self, MediaError> {
        let mut file = media::open_regular(path)?.take(limit_bytes.saturating_add(1));
        let mut pieces = Pieces::default();
        loop {
            let mut piece = Vec::new();
            let read = file.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut piece);
            read.map_err(|source| MediaError::of("read", path, source))?;
            if piece.is_empty() {
                break;
            }
            pieces.push(piece);
        }
        match pieces.size_bytes() > limit_bytes {
            true => Err(MediaError::TooLarge { path: path.to_path_buf(), what, limit_bytes }),
            false => Ok(pieces),
        }
    }

    /// Adds the next piece.
    pub(super) fn push(&mut self, piece: Vec<u8>) {
        self.0.push(piece);
    }

    /// The pieces.
    pub fn slices(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(Vec::as_slice)
    }

    /// Bytes of all of them.
    pub(super) fn size_bytes(&self) -> u64 {
        self.slices().map(|piece| piece.len() as u64).sum()
    }

    /// SHA-256 of all of them.
    pub fn sha256(&self) -> Sha256Digest {
        Sha256Digest::of_all(self.slices())
    }

    /// All of them as one.
    pub fn joined(&self) -> Vec<u8> {
        self.0.concat()
    }

    /// Reads them, and leaves them as they are.
    pub(super) fn reader(&self) -> impl Read {
        Reader { left: self.slices().collect::<VecDeque<_>>(), read: 0 }
    }

    /// Reads them, and lets go of each that was read.
    pub(super) fn into_reader(self) -> impl Read {
        Reader { left: VecDeque::from(self.0), read: 0 }
    }
}

/// What is left to read, the first of it up to `read` already.
struct Reader<P> {
    left: VecDeque<P>,
    read: usize,
}

impl<P: AsRef<[u8]>> Read for Reader<P> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(piece) = self.left.front() {
            let mut rest = &piece.as_ref()[self.read..];
            if !rest.is_empty() {
                let count = rest.read(buffer)?;
                self.read += count;
                return Ok(count);
            }
            self.left.pop_front();
            self.read = 0;
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_read_is_what_the_pieces_are_together(
            pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..9), 0..9),
            step in 1_usize..12,
        ) {
            let pieces = Pieces(pieces);
            let joined = pieces.joined();
            prop_assert_eq!(pieces.size_bytes(), joined.len() as u64);
            prop_assert_eq!(in_steps(pieces.reader(), step), &joined[..]);
            prop_assert_eq!(in_steps(pieces.into_reader(), step), joined);
        }
    }

    fn in_steps(mut reader: impl Read, step: usize) -> Vec<u8> {
        let (mut all, mut buffer) = (Vec::new(), vec![0; step]);
        while let count @ 1.. = reader.read(&mut buffer).expect("memory reads") {
            all.extend(&buffer[..count]);
        }
        all
    }
}
