//! Reading a package: nothing unverified gets out.

use super::BundleError;
use super::container::Container;
use super::damage::{Damage, Damages, Fault};
use crate::model::{CHUNK_BYTES, FileName, Package, Sha256Digest};
use std::io::{self, Read};
use std::sync::Arc;

/// Reads one package from its first byte to its last.
///
/// Each chunk of 4 MiB is read into memory, checked against its signed digest,
/// and only then given out: a medium that answers differently the second time
/// gains nothing. Holds one chunk.
#[derive(Debug)]
pub struct VerifiedReader {
    container: Arc<Container>,
    /// The package's place in the bundle.
    at: usize,
    file: FileName,
    size_bytes: u64,
    chunks: Vec<Sha256Digest>,
    /// The checked chunk, and how much of it was given out.
    chunk: Vec<u8>,
    given: usize,
    /// How many chunks were read.
    read: usize,
}

impl VerifiedReader {
    pub(super) fn new(container: Arc<Container>, at: usize, package: &Package) -> Self {
        VerifiedReader {
            container,
            at,
            file: package.file.clone(),
            size_bytes: package.size_bytes,
            chunks: package.chunks.clone(),
            chunk: Vec::new(),
            given: 0,
            read: 0,
        }
    }

    /// The package's file name.
    pub fn file(&self) -> &FileName {
        &self.file
    }

    /// Bytes of the whole package.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Reads and checks the next chunk into memory; none is left of one that fails.
    fn next_chunk(&mut self) -> Result<(), BundleError> {
        let first = self.read as u64 * CHUNK_BYTES;
        let length = CHUNK_BYTES.min(self.size_bytes - first);
        let offset = self.container.packages[self.at].1.data_offset() + first;
        self.given = 0;
        self.chunk.resize(length as usize, 0);
        let read = self.container.volumes.read(offset, &mut self.chunk);
        let differs = read.is_ok() && Sha256Digest::of(&self.chunk) != self.chunks[self.read];
        if read.is_err() || differs {
            self.chunk.clear();
        }
        read?;
        if differs {
            let spans = self.container.volumes.spans(offset, length);
            let last = first + length - 1;
            let damage = Damage { file: self.file.clone(), first, last, spans, fault: Fault::Differs };
            let damages = Damages { ranges: vec![damage], more: 0, read_back: false };
            return Err(BundleError::Damaged(Box::new(damages)));
        }
        self.read += 1;
        Ok(())
    }
}

impl Read for VerifiedReader {
    /// Gives out verified bytes.
    ///
    /// An error carries a [`BundleError`]: `error.get_ref()` can be downcast
    /// to it ([`BundleError::in_io`] does).
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.chunk.len() {
            if self.read == self.chunks.len() {
                return Ok(0);
            }
            self.next_chunk().map_err(io::Error::other)?;
        }
        let count = buffer.len().min(self.chunk.len() - self.given);
        buffer[..count].copy_from_slice(&self.chunk[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

impl BundleError {
    /// The bundle's error inside an `io::Error` that [`VerifiedReader`] returned.
    pub fn in_io(error: &io::Error) -> Option<&BundleError> {
        error.get_ref()?.downcast_ref()
    }
}
